/* A new sweep or walk-forward test: the same form, but for its last panel. */
import { useSignal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { id as encode, post } from '../api'
import type { Problem } from '../http'
import { isDecimal } from '../lib/format'
import { href } from '../lib/route'
import { axisFault, axisOf, metrics, paramsBody } from '../lib/search'
import type { Axis } from '../lib/search'
import type { SearchRequest, SearchRow } from '../lib/types'
import { Axes, Points } from '../ui/axes'
import { SelectField, TextField, faultOf, onSubmit } from '../ui/field'
import { useAction, useLoad } from '../ui/load'
import { Market, Money, loadChoice, nothingToRun, shownPointers, useRunForm } from '../ui/run_form'
import type { Choice } from '../ui/run_form'
import { Panel, Title } from '../ui/shell'
import { Empty, ProblemBox, Ready } from '../ui/states'

export type Texts = Record<string, string>
export interface OwnPart {
	texts: Signal<Texts>
	problem: Problem | null
}
export interface Kind {
	path: 'sweeps' | 'walk-forward'
	title: string
	back: string
	action: string
	/* the texts of its own fields, from a request to begin with */
	begin: (again: SearchRequest | null) => Texts
	/* what these send; null when something is wrong */
	body: (texts: Texts) => Partial<SearchRequest> | null
	times?: string
	own: (part: OwnPart) => ComponentChildren
}

const limits: { name: string; label: string; hint: string }[] = [
	{ name: 'min_trades', label: 'Trades, at least', hint: 'Few trades say little.' },
	{ name: 'max_drawdown_pct', label: 'Drawdown at most, %', hint: '' },
	{ name: 'min_win_rate_pct', label: 'Win rate at least, %', hint: '' },
	{ name: 'min_profit_factor', label: 'Profit factor, at least', hint: '' },
]

export const beginCommon = (again: SearchRequest | null): Texts => {
	const asked = Object.entries(again?.constraints ?? {}).filter(([, value]) => value !== null && value !== 0)
	return {
		metric: again?.metric ?? 'sharpe', method: again?.method ?? 'grid', samples: again?.samples ? String(again.samples) : '100',
		seed: String(again?.seed ?? 0), ...Object.fromEntries(asked.map(([name, value]) => [name, String(value)])),
	}
}

const whole = (text: string | undefined): boolean => /^\d+$/.test(text?.trim() ?? '')

/* Constraints are decimals as text, but for the number of trades. */
function constraintsOf(texts: Texts): Record<string, string | number> {
	const given = limits.filter(({ name }) => texts[name]?.trim())
	return Object.fromEntries(given.map(({ name }) => [name, name === 'min_trades' ? Number(texts[name]) : texts[name]!.trim().replace(',', '.')]))
}
const constraintFault = (name: string, text: string): string => {
	if (!text.trim()) return ''
	return (name === 'min_trades' ? whole(text) : isDecimal(text)) ? '' : 'Give a number.'
}

export function bodyCommon(texts: Texts): Partial<SearchRequest> | null {
	if (limits.some(({ name }) => constraintFault(name, texts[name] ?? ''))) return null
	const out: Partial<SearchRequest> = { metric: texts['metric'] ?? 'sharpe' }
	const constraints = constraintsOf(texts)
	if (Object.keys(constraints).length) out.constraints = constraints
	if (texts['method'] !== 'random') return out
	if (!whole(texts['samples']) || !whole(texts['seed'])) return null
	return { ...out, method: 'random', samples: Number(texts['samples']), seed: Number(texts['seed']) }
}

const Best = ({ texts, problem }: OwnPart) => {
	const put = (name: string) => (value: string) => (texts.value = { ...texts.value, [name]: value })
	const of = texts.value
	const random = of['method'] === 'random'
	const field = (name: string, label: string, hint: string, fault: string) => (
		<TextField key={name} label={label} hint={hint} inputMode="decimal" autocomplete="off" value={of[name] ?? ''} onValue={put(name)}
			fault={faultOf(problem, `/constraints/${name}`) || faultOf(problem, `/${name}`) || fault} />
	)
	return (
		<>
			<div class="fields">
				<SelectField label="Best is the highest" value={of['metric'] ?? 'sharpe'} onValue={put('metric')} fault={faultOf(problem, '/metric')}
					options={metrics.map(({ name, label }) => ({ value: name, label }))} />
				<SelectField label="Points" value={of['method'] ?? 'grid'} onValue={put('method')}
					options={[{ value: 'grid', label: 'Every combination' }, { value: 'random', label: 'Some, drawn by chance' }]} />
				{random && field('samples', 'How many', 'None twice.', whole(of['samples']) ? '' : 'Give a whole number.')}
				{random && field('seed', 'Seed', 'The same seed draws the same points.', whole(of['seed']) ? '' : 'Give a whole number.')}
			</div>
			<h3 class="apart">Only points that keep this count as best</h3>
			<div class="fields tight">
				{limits.map(({ name, label, hint }) => field(name, label, hint, constraintFault(name, of[name] ?? '')))}
			</div>
		</>
	)
}

function Form({ kind, ...choice }: Choice<SearchRequest> & { kind: Kind }) {
	const form = useRunForm(choice)
	const typed = useSignal<Record<string, Axis>>({})
	const texts = useSignal<Texts>(kind.begin(choice.again))
	const { busy, problem, run } = useAction()
	const asked = (form.strategy.id === choice.again?.strategy_id && choice.again.params) || {}
	const axes = form.params.map((param) => typed.value[param.name] ?? axisOf(param, asked[param.name]))
	const submit = (): void => {
		const body = form.body()
		const own = kind.body(texts.value)
		if (!body || !own || form.params.some((param, index) => axisFault(axes[index]!, param))) return
		void run(async () => {
			const made = await post<SearchRow>(`backtests/${kind.path}`, { ...body, params: paramsBody(axes), ...own })
			location.hash = href(['backtests', kind.path, made.id])
		})
	}
	const samples = texts.value['method'] === 'random' && whole(texts.value['samples']) ? Number(texts.value['samples']) : null
	const part = { texts, problem: problem.value }
	const points = <Points axes={axes} samples={samples} {...(kind.times ? { times: kind.times } : {})} />
	return (
		<form onSubmit={onSubmit(submit)}>
			<div class="panels two">
				<div class="panels">
					<Market form={form} problem={problem.value} changed={() => (typed.value = {})} />
					<Money form={form} problem={problem.value} />
				</div>
				<div class="panels">
					<Panel title="What is varied">
						{form.params.length ? (
							<>
								<Axes params={form.params} axes={axes} fault={(name) => faultOf(problem.value, `/params/${name}`)}
									onAxis={(axis) => (typed.value = { ...typed.value, [axis.name]: axis })} />
								{points}
							</>
						) : <Empty title="These rules have no parameters."><p>Give them some in the strategy: then they can be varied.</p></Empty>}
					</Panel>
					<Panel title="What is best">{kind.own(part)}<Best {...part} /></Panel>
				</div>
			</div>
			{problem.value && <ProblemBox problem={problem.value} shown={shownPointers} retry={submit} />}
			<p class="submit">
				<button type="submit" class="button primary large" disabled={busy.value}>{busy.value ? 'Asking…' : kind.action}</button>
			</p>
		</form>
	)
}

export function SearchNew({ kind, query }: { kind: Kind; query: URLSearchParams }) {
	const like = query.get('like')
	const loaded = useLoad(() => loadChoice<SearchRequest>(query, like && `backtests/${kind.path}/${encode(like)}`), [])
	return (
		<>
			<Title title={kind.title} back={{ href: `#/backtests/${kind.path}`, label: kind.back }} />
			<Ready of={loaded}>{(choice) => nothingToRun(choice) ?? <Form {...choice} kind={kind} />}</Ready>
		</>
	)
}
