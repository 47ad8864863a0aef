/* Where one stands: first steps, latest backtests, market data. */
import { all, get, list } from '../api'
import { age, date, plural } from '../lib/format'
import type { Total } from '../lib/desk_types'
import type { BacktestRow, MarketSymbol, Settings, Strategy } from '../lib/types'
import { me } from '../session'
import { useLoad } from '../ui/load'
import { Panel, Scroll, Title } from '../ui/shell'
import { Empty, Ready } from '../ui/states'
import { Totals } from '../ui/totals'
import { BacktestTable } from './backtest_table'

interface Step {
	done: boolean
	title: string
	why: string
	href: string
	action: string
}

const steps = (settings: Settings, strategies: Strategy[], backtests: BacktestRow[]): Step[] => [
	{
		done: settings.binance_api_key.set && settings.binance_secret.set,
		title: 'Store your exchange keys',
		why: 'Sealed at once; nobody reads them back, you included. Backtests run without them.',
		href: '#/settings', action: 'Store keys',
	},
	{
		done: strategies.length > 0,
		title: 'Make a strategy',
		why: 'Begin with a template and turn its numbers.',
		href: '#/strategies/new', action: 'Choose a template',
	},
	{
		done: backtests.length > 0,
		title: 'Run a backtest',
		why: 'See what the rules would have earned, and what they would have cost you on the way.',
		href: '#/backtests/new', action: 'Run a backtest',
	},
]

const Checklist = ({ items }: { items: Step[] }) => (
	<ol class="steps">
		{items.map((step) => (
			<li key={step.title} class={step.done ? 'done' : ''}>
				<span class="tick" aria-hidden="true">{step.done ? '✓' : ''}</span>
				<div>
					<p class="step-title">{step.title} <span class="unseen">{step.done ? '(done)' : '(to do)'}</span></p>
					<p class="quiet">{step.why}</p>
				</div>
				{!step.done && <a class="button small" href={step.href}>{step.action}</a>}
			</li>
		))}
	</ol>
)

const Markets = ({ symbols }: { symbols: MarketSymbol[] }) => {
	if (!symbols.length)
		return <Empty title="No candles yet."><p>The operator imports them with <code>kontor import</code>.</p></Empty>
	return (
		<Scroll label="Market data">
			<table>
				<thead><tr>
					<th scope="col">Symbol</th><th scope="col">Interval</th><th scope="col" class="num">Candles</th>
					<th scope="col">From</th><th scope="col">To</th><th scope="col">Source</th><th scope="col">Newest</th>
				</tr></thead>
				<tbody>
					{symbols.flatMap((one) => one.series.map((series) => (
						<tr key={one.symbol + series.interval}>
							<th scope="row">{one.symbol}</th>
							<td>{series.interval}</td>
							<td class="num">{series.candles.toLocaleString('en')}</td>
							<td class="nowrap">{date(series.first)}</td>
							<td class="nowrap">{date(series.last)}</td>
							<td>{one.source}</td>
							<td class="quiet nowrap">{age(one.age_s)}</td>
						</tr>
					)))}
				</tbody>
			</table>
		</Scroll>
	)
}

export function Overview() {
	const loaded = useLoad(async () => {
		const [settings, strategies, backtests, symbols, page] = await Promise.all([
			get<Settings>('settings'),
			all<Strategy>('strategies'),
			list<BacktestRow>('backtests', 6),
			get<{ data: MarketSymbol[] }>('market/symbols'),
			get<{ desk: { totals: Total[] } }>('dashboard/overview'),
		])
		return { settings, strategies, backtests: backtests.data, symbols: symbols.data, totals: page.desk.totals }
	})
	return (
		<>
			<Title title="Overview" sub={`Good to see you, ${me.value?.username}.`} />
			<Ready of={loaded} what="Opening the books">
				{({ settings, strategies, backtests, symbols, totals }) => {
					const items = steps(settings, strategies, backtests)
					const left = items.filter((step) => !step.done).length
					return (
						<div class="panels">
							{left > 0 && <Panel title="First steps" note={`${plural(left, 'step')} to go`}><Checklist items={items} /></Panel>}
							<Totals totals={totals} />
							<Panel title="Latest backtests" note={backtests.length > 0 && <a href="#/backtests">All backtests</a>} wide>
								{backtests.length ? <BacktestTable rows={backtests} strategies={strategies} /> : (
									<Empty title="Nothing has been run yet.">
										<p><a class="button primary" href={strategies.length ? '#/backtests/new' : '#/strategies/new'}>
											{strategies.length ? 'Run a backtest' : 'Make a strategy first'}
										</a></p>
									</Empty>
								)}
							</Panel>
							<Panel title="Market data" note={plural(symbols.length, 'symbol')} wide><Markets symbols={symbols} /></Panel>
						</div>
					)
				}}
			</Ready>
		</>
	)
}
