/* The account's state, its limits with what is used of them, and their change. */
import { useSignal } from '@preact/signals'
import { setLimits, setState } from '../desk'
import { limitBody, limitFault, limitRows, limitTexts, riskStates } from '../lib/desk'
import type { LimitTexts } from '../lib/desk'
import type { Risk } from '../lib/desk_types'
import { number } from '../lib/format'
import { CheckField, TextField, faultOf, onSubmit } from '../ui/field'
import { confirm } from '../ui/dialog'
import { useAction } from '../ui/load'
import { Panel, Scroll } from '../ui/shell'
import { ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'
import type { Desk } from '../ui/use_desk'

function States({ desk, risk }: { desk: Desk; risk: Risk }) {
	const { busy, problem, run } = useAction()
	const set = (state: 'active' | 'reducing', label: string): void => void run(async () => {
		const resumes = risk.state === 'halted'
		if (resumes && !(await confirm('Take orders again?', 'What was cancelled stays cancelled, and strategies stay stopped.', `Set to ${label.toLowerCase()}`))) return
		desk.risk.data.value = await setState(state)
		toast(`State: ${label.toLowerCase()}`)
		desk.refresh()
	})
	return (
		<Panel title="State">
			{risk.trading_halted && <p class="problem problem-title">An administrator has stopped trading for everybody. Your own state holds again after that.</p>}
			<ul class="steps states">
				{riskStates.map(({ state, label, means }) => (
					<li key={state} aria-current={state === risk.state ? 'true' : undefined}>
						<div>
							<p class="step-title">{label} {state === risk.state && <span class={state === 'active' ? 'badge' : 'badge bad'}>now</span>}</p>
							<p class="quiet">{means}</p>
						</div>
						{state !== risk.state && state !== 'halted' && (
							<button type="button" class="button small" disabled={busy.value} onClick={() => set(state, label)}>Set to {label.toLowerCase()}</button>
						)}
					</li>
				))}
			</ul>
			<p class="foot">To halt, press HALT above.</p>
			{problem.value && <ProblemBox problem={problem.value} />}
		</Panel>
	)
}

const shownNumber = (value: number, unit: string): string => (unit === '' ? number(value, 0) : number(value) + (unit === '%' ? ' %' : ''))

const Limits = ({ risk }: { risk: Risk }) => (
	<Panel title="Limits and their use">
		<Scroll label="Limits">
			<table>
				<thead><tr><th scope="col">Limit</th><th scope="col" class="num">At most</th><th scope="col" class="num">Now</th><th scope="col">Used</th></tr></thead>
				<tbody>
					{limitRows.map(({ name, label, hint, unit, use }) => {
						const most = Number(risk[name] ?? 0)
						const now = use?.(risk)
						const share = most > 0 && now !== undefined ? Math.round((now / most) * 100) : null
						return (
							<tr key={name}>
								<th scope="row">{label.replace(/, %$/, '')}<p class="quiet">{hint}</p></th>
								<td class="num">{most > 0 ? shownNumber(most, unit) : 'no limit'}</td>
								<td class="num">{now === undefined ? '' : shownNumber(now, unit)}</td>
								<td class="nowrap">{share !== null && <><progress class="bar" max={100} value={Math.min(100, share)} aria-label={`${label}, used`} /> <span class={share >= 100 ? 'loss strong' : 'quiet'}>{share} %</span></>}</td>
							</tr>
						)
					})}
					<tr><th scope="row">Symbols</th><td colSpan={3}>{risk.symbols.length ? risk.symbols.join(', ') : 'all'}</td></tr>
					<tr><th scope="row">Short positions</th><td colSpan={3}>{risk.allow_short ? 'allowed' : 'not allowed'}</td></tr>
				</tbody>
			</table>
		</Scroll>
	</Panel>
)

function Edit({ desk, risk }: { desk: Desk; risk: Risk }) {
	const texts = useSignal<LimitTexts>(limitTexts(risk))
	const short = useSignal(risk.allow_short)
	const { busy, problem, run } = useAction()
	const set = (name: keyof LimitTexts) => (value: string): void => void (texts.value = { ...texts.value, [name]: value })
	const wrong = limitRows.some(({ name, kind }) => limitFault(kind, texts.value[name]))
	const save = (): void => void (!wrong && run(async () => {
		const saved = await setLimits(limitBody(texts.value, short.value))
		desk.risk.data.value = saved
		texts.value = limitTexts(saved)
		toast('Limits saved')
		desk.refresh()
	}))
	return (
		<Panel title="Change the limits" note="Empty: the server’s default or ceiling">
			<form onSubmit={onSubmit(save)} noValidate>
				<div class="fields tight">
					{limitRows.map(({ name, label, kind }) => (
						<TextField key={name} label={label} name={name} inputMode="decimal" autocomplete="off"
							fault={faultOf(problem.value, `/${name}`) || limitFault(kind, texts.value[name])} value={texts.value[name]} onValue={set(name)} />
					))}
					<TextField label="Allowed symbols" name="symbols" hint="With blanks between. Empty: all." autocomplete="off" fault={faultOf(problem.value, '/symbols')}
						value={texts.value.symbols} onValue={set('symbols')} />
				</div>
				<CheckField label="Allow short positions" hint="A sale may open a position." checked={short.value} onValue={(value) => (short.value = value)} />
				{problem.value && <ProblemBox problem={problem.value} shown={[...limitRows.map(({ name }) => `/${name}`), '/symbols']} />}
				<button type="submit" class="button primary" disabled={busy.value || wrong}>Save the limits</button>
			</form>
		</Panel>
	)
}

export function RiskPage({ desk }: { desk: Desk }) {
	return (
		<Ready of={desk.risk}>
			{(risk) => (
				<div class="panels risk">
					<States desk={desk} risk={risk} />
					<Limits risk={risk} />
					<Edit desk={desk} risk={risk} />
				</div>
			)}
		</Ready>
	)
}
