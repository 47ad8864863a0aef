/* A strategy at work: on which symbols it runs, starting it, stopping it. */
import { useSignal } from '@preact/signals'
import { get, id as encode, list, post } from '../api'
import { intervalOf } from '../lib/definition'
import { amount, moment, number, plural } from '../lib/format'
import { usableIntervals } from '../lib/market'
import type { MarketSymbol, Page, RunPosition, Strategy, StrategyRun } from '../lib/types'
import { preferences } from '../session'
import { timeZone } from '../theme'
import { SelectField, TextField, faultOf, onSubmit } from '../ui/field'
import { useAction, useLoad } from '../ui/load'
import { Panel } from '../ui/shell'
import { ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'

export const stopRun = async (run: StrategyRun): Promise<void> => {
	await post<Page<StrategyRun>>(`strategies/${encode(run.strategy_id)}/stop`, { symbol: run.symbol })
	toast(`${run.strategy_name} stopped on ${run.symbol}`)
}

/* Which version runs, and that there is a newer one. */
export const versionWords = (run: StrategyRun): string =>
	run.newest_version > run.strategy_version ? `version ${run.strategy_version}, newest ${run.newest_version}` : `version ${run.strategy_version}`

const MODES = [{ value: 'signal', label: 'Signals only' }, { value: 'paper', label: 'Trade on paper' }]

interface StartProps {
	strategy: Strategy
	symbols: MarketSymbol[]
	started: () => void
}

function Start({ strategy, symbols, started }: StartProps) {
	const usual = preferences.value?.default_symbol
	const name = useSignal((symbols.find((one) => one.symbol === usual) ?? symbols[0]!).symbol)
	const interval = useSignal(intervalOf(strategy.definition) ?? '')
	const mode = useSignal('signal')
	const cash = useSignal('')
	const { busy, problem, run } = useAction()
	const symbol = symbols.find((one) => one.symbol === name.value)!
	const intervals = usableIntervals(symbol)
	const chosen = intervals.includes(interval.value) ? interval.value : intervals[0] ?? ''
	const start = (): void => void run(async () => {
		await post<StrategyRun>(`strategies/${encode(strategy.id)}/start`, {
			mode: mode.value, symbol: symbol.symbol, interval: chosen, ...(mode.value === 'paper' && cash.value ? { cash: cash.value.trim() } : {}),
		})
		toast(`Version ${strategy.version} runs on ${symbol.symbol}`)
		started()
	})
	return (
		<form onSubmit={onSubmit(start)}>
			<div class="fields">
				<SelectField label="Run on" value={symbol.symbol} fault={faultOf(problem.value, '/symbol')} onValue={(value) => (name.value = value)}
					options={symbols.map((one) => ({ value: one.symbol, label: one.symbol }))} />
				<SelectField label="Candles" value={chosen} fault={faultOf(problem.value, '/interval')} onValue={(value) => (interval.value = value)}
					options={intervals.map((value) => ({ value, label: value }))} />
				<SelectField label="What it does" value={mode.value} fault={faultOf(problem.value, '/mode')} onValue={(value) => (mode.value = value)} options={MODES} />
				{mode.value === 'paper' && <TextField label="Cash" hint="Play money. Empty: the usual sum." inputMode="decimal" value={cash.value}
					fault={faultOf(problem.value, '/cash')} onValue={(value) => (cash.value = value)} />}
			</div>
			{problem.value && <ProblemBox problem={problem.value} shown={['/symbol', '/interval', '/mode', '/cash']} />}
			<p class="submit"><button type="submit" class="button" disabled={busy.value}>Start version {strategy.version}</button></p>
		</form>
	)
}

const levels = ({ stop, target }: RunPosition): string =>
	[stop && `stop ${amount(stop)}`, target && `target ${amount(target)}`].filter(Boolean).join(', ')

/* What a run that trades has and holds. */
const Book = ({ run }: { run: StrategyRun }) => (
	<>
		<p><strong>Paper:</strong> equity {number(run.equity)} of {number(run.cash)}, {plural(run.trades, 'trade')}{run.denied > 0 && `, ${run.denied} denied by risk`}</p>
		{run.positions.map((one) => (
			<p key={one.entry_time}>{one.side} {amount(one.quantity)} at {amount(one.entry_price)}{levels(one) && `, ${levels(one)}`}</p>
		))}
	</>
)

const RunItem = ({ run, onStop }: { run: StrategyRun; onStop: () => void }) => (
	<li>
		<div class="secret-head">
			<strong>{run.symbol}</strong> <span class="quiet">{run.interval}, {versionWords(run)}</span>
			<div class="row"><button type="button" class="button small plain" aria-label={`Stop on ${run.symbol}`} onClick={onStop}>Stop</button></div>
		</div>
		{run.mode === 'paper' && <Book run={run} />}
		<p class="quiet">Since {moment(run.started_at, timeZone.value)}. <a href="#/signals">What it says</a></p>
	</li>
)

export function AtWork({ strategy }: { strategy: Strategy }) {
	const loaded = useLoad(async () => {
		const [runs, symbols] = await Promise.all([
			list<StrategyRun>(`strategies/${encode(strategy.id)}/runs`, 100),
			get<{ data: MarketSymbol[] }>('market/symbols'),
		])
		return {
			runs: runs.data.filter((run) => run.state === 'running'),
			symbols: symbols.data.filter((one) => one.series.length > 0),
		}
	}, [strategy.id])
	const { problem, run } = useAction()
	const stop = (one: StrategyRun) => (): void => void run(async () => {
		await stopRun(one)
		loaded.reload()
	})
	return (
		<Panel title="At work" note="Signals, or trades on paper; stopping closes what is held">
			{problem.value && <ProblemBox problem={problem.value} />}
			<Ready of={loaded}>
				{({ runs, symbols }) => (
					<>
						{runs.length > 0 && <ul class="secrets">{runs.map((one) => <RunItem key={one.id} run={one} onStop={stop(one)} />)}</ul>}
						{symbols.length > 0 ? <Start strategy={strategy} symbols={symbols} started={loaded.reload} /> : <p class="quiet">There are no candles to run on.</p>}
					</>
				)}
			</Ready>
		</Panel>
	)
}
