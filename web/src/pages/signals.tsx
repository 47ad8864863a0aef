/* What running strategies say: the last word of each, what runs, what fired. */
import { useSignal } from '@preact/signals'
import { get, list } from '../api'
import { age, amount, candleTime, moment, percent } from '../lib/format'
import { href } from '../lib/route'
import { compared, holding, kindName, kindSide, ruleName } from '../lib/signals'
import type { FiredSignal, Signal, SignalCondition, SignalsPage as Shown, StrategyRun } from '../lib/types'
import { timeZone } from '../theme'
import { useAction, useLoad } from '../ui/load'
import { Panel, Scroll, Title } from '../ui/shell'
import { Empty, ProblemBox, Ready } from '../ui/states'
import { stopRun, versionWords } from './strategy_runs'

const strategyHref = (one: { strategy_id: string }): string => href(['strategies', one.strategy_id])

const Conditions = ({ conditions }: { conditions: SignalCondition[] }) => (
	<ul class="conditions">
		{conditions.map((one, index) => (
			<li key={index} class={one.held ? 'held' : ''}>
				<span class="sign" aria-hidden="true">{one.held ? '✓' : '✗'}</span>
				<div>
					<code>{one.text || 'a condition'}</code> <span class="unseen">{one.held ? 'holds' : 'does not hold'}</span>
					{compared(one) && <p class="quiet tabular">{compared(one)}</p>}
				</div>
			</li>
		))}
	</ul>
)

const Card = ({ signal }: { signal: Signal }) => (
	<li class="panel">
		<div class="panel-head">
			<h2><a href={strategyHref(signal)}>{signal.strategy_name}</a></h2>
			<span class="quiet">{signal.symbol} {signal.interval}</span>
		</div>
		<p><strong class={kindSide(signal.kind)}>{kindName(signal.kind)}</strong> <span class="quiet">at {amount(signal.price)}</span></p>
		<p>{ruleName(signal.reason.rule)}: {holding(signal.reason.conditions)} <span class="quiet">({percent(signal.strength * 100, 0)})</span></p>
		<Conditions conditions={signal.reason.conditions} />
		<p class="quiet">
			Candle of {candleTime(signal.candle_time)}, closed {age(signal.age_s)}
			{signal.stale && <> <span class="badge bad">no newer candle</span></>}
		</p>
	</li>
)

const Running = ({ runs, onStop }: { runs: StrategyRun[]; onStop: (run: StrategyRun) => void }) => (
	<Scroll label="Runs">
		<table>
			<thead><tr>
				<th scope="col">Strategy</th><th scope="col">Market</th><th scope="col">State</th>
				<th scope="col">Since</th><th scope="col">Last candle</th><th scope="col"><span class="unseen">Actions</span></th>
			</tr></thead>
			<tbody>
				{runs.map((run) => (
					<tr key={run.id}>
						<th scope="row"><a href={strategyHref(run)}>{run.strategy_name}</a><p class="quiet">{versionWords(run)}</p></th>
						<td class="nowrap">{run.symbol} <span class="quiet">{run.interval}</span></td>
						<td><span class={run.state === 'failed' ? 'badge bad' : 'badge'}>{run.state}</span>{run.error && <p>{run.error}</p>}</td>
						<td class="nowrap quiet">{moment(run.started_at, timeZone.value)}</td>
						<td class="nowrap">{candleTime(run.last_candle)}</td>
						<td class="num">
							{run.state === 'running' && (
								<button type="button" class="button small plain" aria-label={`Stop ${run.strategy_name} on ${run.symbol}`}
									onClick={() => onStop(run)}>Stop</button>
							)}
						</td>
					</tr>
				))}
			</tbody>
		</table>
	</Scroll>
)

const FiredTable = ({ fired }: { fired: FiredSignal[] }) => (
	<Scroll label="Signals that fired">
		<table>
			<thead><tr>
				<th scope="col">Candle</th><th scope="col">Strategy</th><th scope="col">Market</th>
				<th scope="col">Signal</th><th scope="col" class="num">Price</th><th scope="col">Why</th>
			</tr></thead>
			<tbody>
				{fired.map((one) => (
					<tr key={one.id}>
						<th scope="row" class="nowrap">{candleTime(one.candle_time)}</th>
						<td><a href={strategyHref(one)}>{one.strategy_name}</a></td>
						<td class="nowrap">{one.symbol} <span class="quiet">{one.interval}</span></td>
						<td class={`nowrap ${kindSide(one.kind)}`}>{kindName(one.kind)}</td>
						<td class="num">{amount(one.price)}</td>
						<td><code>{one.reason.conditions.filter((condition) => condition.held).map((condition) => condition.text).join(', ')}</code></td>
					</tr>
				))}
			</tbody>
		</table>
	</Scroll>
)

/* What the page was given, and older ones when they are asked for. */
function Fired({ newest }: { newest: FiredSignal[] }) {
	const rows = useSignal(newest)
	const next = useSignal<string | null>(null)
	const all = useSignal(newest.length < 20)
	const { busy, problem, run } = useAction()
	const more = (): void => void run(async () => {
		const page = await list<FiredSignal>('signals/history', 100, next.value)
		rows.value = next.value ? [...rows.value, ...page.data] : page.data
		next.value = page.next_cursor
		all.value = !page.next_cursor
	})
	if (!rows.value.length) return <p class="quiet">No rule has fired yet.</p>
	return (
		<>
			<FiredTable fired={rows.value} />
			{problem.value && <ProblemBox problem={problem.value} />}
			{!all.value && <p class="submit"><button type="button" class="button" disabled={busy.value} onClick={more}>Show older ones</button></p>}
		</>
	)
}

export function SignalsPage() {
	const loaded = useLoad(() => get<Shown>('dashboard/signals'))
	const { problem, run } = useAction()
	const stop = (one: StrategyRun): void => void run(async () => {
		await stopRun(one)
		loaded.reload()
	})
	return (
		<>
			<Title title="Signals" sub="What your running strategies say about each candle that closes.">
				<button type="button" class="button" onClick={loaded.reload}>Look again</button>
			</Title>
			{problem.value && <ProblemBox problem={problem.value} />}
			<Ready of={loaded}>
				{({ runs, signals, fired }) => runs.length === 0 && fired.length === 0 ? (
					<Empty title="No strategy is at work.">
						<p>Open a strategy and start it on a symbol.</p>
						<p><a class="button primary" href="#/strategies">Choose a strategy</a></p>
					</Empty>
				) : (
					<div class="panels">
						{signals.length > 0
							? <ul class="cards" aria-label="Last signals">{signals.map((one) => <Card key={one.run_id} signal={one} />)}</ul>
							: runs.some((one) => one.state === 'running') && <p class="quiet">The first evaluation is a few seconds away.</p>}
						<Panel title="Runs" wide>
							{runs.length ? <Running runs={runs} onStop={stop} /> : <p class="quiet">Nothing runs.</p>}
						</Panel>
						<Panel title="What fired" wide><Fired key={fired[0]?.id} newest={fired} /></Panel>
					</div>
				)}
			</Ready>
		</>
	)
}
