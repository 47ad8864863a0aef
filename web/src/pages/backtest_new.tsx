/* A new backtest: what, on which market, over which time, with how much. */
import { useSignal } from '@preact/signals'
import { id as encode, post } from '../api'
import { paramFault } from '../lib/definition'
import { href } from '../lib/route'
import type { Backtest } from '../lib/types'
import { CheckField, faultOf, onSubmit } from '../ui/field'
import { useAction, useLoad } from '../ui/load'
import { Params } from '../ui/params'
import { Market, Money, loadChoice, nothingToRun, shownPointers, useRunForm } from '../ui/run_form'
import type { Choice } from '../ui/run_form'
import { Panel, Title } from '../ui/shell'
import { ProblemBox, Ready } from '../ui/states'
import { Result } from './backtest'

function Form(choice: Choice) {
	const form = useRunForm(choice)
	const numbers = useSignal<Record<string, string>>(
		Object.fromEntries(Object.entries(choice.again?.params ?? {}).map(([name, value]) => [name, String(value)])),
	)
	const forget = useSignal(false)
	const tried = useSignal<Backtest | null>(null)
	const { busy, problem, run } = useAction()
	const submit = (): void => {
		const body = form.body()
		const turned = form.params.filter((param) => Number(numbers.value[param.name] ?? param.value) !== param.value)
		if (!body || turned.some((param) => paramFault(param, numbers.value[param.name]!))) return
		if (turned.length) body.params = Object.fromEntries(turned.map((param) => [param.name, Number(numbers.value[param.name])]))
		/* What is not kept has no page of its own: its report comes with the answer. */
		const sent = forget.value ? { ...body, keep: false, report: true } : body
		void run(async () => {
			tried.value = null
			const made = await post<Backtest>('backtests', sent)
			if (made.id) location.hash = href(['backtests', made.id])
			else tried.value = made
		})
	}
	return (
		<>
			<form onSubmit={onSubmit(submit)}>
				<div class="panels two">
					<div class="panels">
						<Market form={form} problem={problem.value} changed={() => (numbers.value = {})} />
						{form.params.length > 0 && (
							<Panel title="Numbers for this run" note="The strategy itself stays as it is">
								<Params params={form.params} texts={numbers.value} onText={(name, text) => (numbers.value = { ...numbers.value, [name]: text })} />
							</Panel>
						)}
					</div>
					<div class="panels">
						<Money form={form} problem={problem.value}>
							<CheckField label="Do not keep the result" hint="It shows below and is gone with the page. For short runs." checked={forget.value} onValue={(value) => (forget.value = value)} />
							{faultOf(problem.value, '/keep') && <p class="fault">{faultOf(problem.value, '/keep')}</p>}
						</Money>
					</div>
				</div>
				{problem.value && <ProblemBox problem={problem.value} shown={[...shownPointers, '/keep']} retry={submit} />}
				<p class="submit">
					<button type="submit" class="button primary large" disabled={busy.value}>{busy.value ? 'Running…' : 'Run the backtest'}</button>
				</p>
			</form>
			{tried.value && <section class="tried" aria-label="Result"><Result run={tried.value} name={form.strategy.name} /></section>}
		</>
	)
}

export function BacktestNew({ query }: { query: URLSearchParams }) {
	const like = query.get('like')
	const loaded = useLoad(() => loadChoice(query, like && `backtests/${encode(like)}`), [])
	return (
		<>
			<Title title="New backtest" back={{ href: '#/backtests', label: 'Backtests' }} />
			<Ready of={loaded}>{(choice) => nothingToRun(choice) ?? <Form {...choice} />}</Ready>
		</>
	)
}
