/* A strategy at work: on which symbols it runs, starting it, stopping it. */
import { useSignal } from '@preact/signals'
import { get, id as encode, list, post } from '../api'
import { intervalOf } from '../lib/definition'
import type { Account } from '../lib/desk_types'
import { amount, moment, number, plural } from '../lib/format'
import { usableIntervals } from '../lib/market'
import type { MarketSymbol, Page, RunPosition, Strategy, StrategyRun } from '../lib/types'
import { preferences } from '../session'
import { timeZone } from '../theme'
import { confirm } from '../ui/dialog'
import { SelectField, TextField, faultOf, onSubmit } from '../ui/field'
import { useAction, useLoad } from '../ui/load'
import { Panel } from '../ui/shell'
import { ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'

export const stopRun = async (run: StrategyRun): Promise<void> => {
	if (run.mode === 'live' && !(await confirm('LIVE: real money',
		`${run.strategy_name} stops, and what it holds of ${run.symbol} is sold at the market.`, 'Stop the LIVE strategy', 'live'))) return
	await post<Page<StrategyRun>>(`strategies/${encode(run.strategy_id)}/stop`, { symbol: run.symbol })
	toast(`${run.strategy_name} stopped on ${run.symbol}`)
}

/* Which version runs, and that there is a newer one. */
export const versionWords = (run: StrategyRun): string =>
	run.newest_version > run.strategy_version ? `version ${run.strategy_version}, newest ${run.newest_version}` : `version ${run.strategy_version}`

const MODES = [{ value: 'signal', label: 'Signals only' }, { value: 'paper', label: 'Trade on paper' }]
const LIVE = { value: 'live', label: 'Trade live, real money' }

/* Real money is asked about. */
const agreed = async (mode: string, strategy: Strategy, symbol: string, cash: string): Promise<boolean> =>
	mode !== 'live' ||
	confirm('LIVE: real money', `${strategy.name} buys and sells ${symbol} at Binance by itself, with ${cash || 'no money yet'} of your account, until it is stopped.`,
		'Start the LIVE strategy', 'live')

interface StartProps {
	strategy: Strategy
	symbols: MarketSymbol[]
	live: boolean /* there is an account at the exchange */
	started: () => void
}

function Start({ strategy, symbols, live, started }: StartProps) {
	const usual = preferences.value?.default_symbol
	const name = useSignal((symbols.find((one) => one.symbol === usual) ?? symbols[0]!).symbol)
	const interval = useSignal(intervalOf(strategy.definition) ?? '')
	const mode = useSignal('signal')
	const cash = useSignal('')
	const { busy, problem, run } = useAction()
	const symbol = symbols.find((one) => one.symbol === name.value)!
	const intervals = usableIntervals(symbol)
	const chosen = intervals.includes(interval.value) ? interval.value : intervals[0] ?? ''
	const trades = mode.value !== 'signal'
	const start = (): void => void run(async () => {
		const money = cash.value.trim()
		if (!(await agreed(mode.value, strategy, symbol.symbol, money))) return
		await post<StrategyRun>(`strategies/${encode(strategy.id)}/start`, {
			mode: mode.value, symbol: symbol.symbol, interval: chosen, ...(trades && money ? { cash: money } : {}),
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
				<SelectField label="What it does" value={mode.value} fault={faultOf(problem.value, '/mode')} onValue={(value) => (mode.value = value)} options={live ? [...MODES, LIVE] : MODES} />
				{trades && <TextField label="Cash" hint={mode.value === 'live' ? 'Real money: what of your account at Binance it may use.' : 'Play money. Empty: the usual sum.'} inputMode="decimal" value={cash.value}
					fault={faultOf(problem.value, '/cash')} onValue={(value) => (cash.value = value)} />}
			</div>
			{problem.value && <ProblemBox problem={problem.value} shown={['/symbol', '/interval', '/mode', '/cash']} />}
			<p class="submit"><button type="submit" class={`button ${mode.value === 'live' ? 'primary live' : ''}`} disabled={busy.value}>
				Start version {strategy.version}{mode.value === 'live' && ' LIVE'}</button></p>
		</form>
	)
}

const levels = ({ stop, target }: RunPosition): string =>
	[stop && `stop ${amount(stop)}`, target && `target ${amount(target)}`].filter(Boolean).join(', ')

/* What a run that trades has and holds. */
const Book = ({ run }: { run: StrategyRun }) => (
	<>
		<p><strong>{run.mode === 'live' ? 'LIVE, Binance:' : 'Paper:'}</strong> equity {number(run.equity)} of {number(run.cash)}, {plural(run.trades, 'trade')}{run.denied > 0 && `, ${run.denied} denied by risk`}</p>
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
		{run.mode !== 'signal' && <Book run={run} />}
		<p class="quiet">Since {moment(run.started_at, timeZone.value)}. <a href="#/signals">What it says</a></p>
	</li>
)

export function AtWork({ strategy }: { strategy: Strategy }) {
	const loaded = useLoad(async () => {
		const [runs, symbols, books] = await Promise.all([
			list<StrategyRun>(`strategies/${encode(strategy.id)}/runs`, 100),
			get<{ data: MarketSymbol[] }>('market/symbols'),
			list<Account>('portfolio/accounts', 200),
		])
		return {
			runs: runs.data.filter((run) => run.state === 'running'),
			symbols: symbols.data.filter((one) => one.series.length > 0),
			live: books.data.some((one) => one.venue === 'binance' && one.run_id === null),
		}
	}, [strategy.id])
	const { problem, run } = useAction()
	const stop = (one: StrategyRun) => (): void => void run(async () => {
		await stopRun(one)
		loaded.reload()
	})
	return (
		<Panel title="At work" note="Signals, or trades; stopping closes what is held">
			{problem.value && <ProblemBox problem={problem.value} />}
			<Ready of={loaded}>
				{({ runs, symbols, live }) => (
					<>
						{runs.length > 0 && <ul class="secrets">{runs.map((one) => <RunItem key={one.id} run={one} onStop={stop(one)} />)}</ul>}
						{symbols.length > 0 ? <Start strategy={strategy} symbols={symbols} live={live} started={loaded.reload} /> : <p class="quiet">There are no candles to run on.</p>}
					</>
				)}
			</Ready>
		</Panel>
	)
}
