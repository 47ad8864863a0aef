/* A list of backtests, on the overview and in the history. */
import { age, change, number, percent, tone } from '../lib/format'
import { href } from '../lib/route'
import { statusWord } from '../lib/runs'
import type { Stats } from '../lib/stats'
import type { BacktestRow, Strategy } from '../lib/types'
import { Scroll } from '../ui/shell'

export function strategyName(row: { strategy_id: string | null }, strategies: Strategy[]): string {
	if (!row.strategy_id) return 'Unsaved rules'
	return strategies.find((one) => one.id === row.strategy_id)?.name ?? 'Deleted strategy'
}

const Figures = ({ stats }: { stats: Stats }) => (
	<>
		<td class={`num ${tone(stats['return_pct'])}`}>{change(stats['return_pct'])}</td>
		<td class="num">{number(stats['sharpe'])}</td>
		<td class="num">{percent(stats['max_drawdown_pct'])}</td>
		<td class="num">{number(stats['trades'], 0)}</td>
	</>
)

/* What has no result yet says how far it is. */
const State = ({ row }: { row: BacktestRow }) => (
	<td class="quiet" colSpan={4}>{statusWord(row.status)}{row.status === 'running' && `, ${row.progress} %`}</td>
)

interface TableProps {
	rows: BacktestRow[]
	strategies: Strategy[]
	onDelete?: (row: BacktestRow) => void
}

export const BacktestTable = ({ rows, strategies, onDelete }: TableProps) => (
	<Scroll label="Backtests">
		<table>
			<thead>
				<tr>
					<th scope="col">Strategy</th>
					<th scope="col">Market</th>
					<th scope="col" class="num">Return</th>
					<th scope="col" class="num">Sharpe</th>
					<th scope="col" class="num">Max. drawdown</th>
					<th scope="col" class="num">Trades</th>
					<th scope="col">Run</th>
					{onDelete && <th scope="col"><span class="unseen">Actions</span></th>}
				</tr>
			</thead>
			<tbody>
				{rows.map((row) => {
					const name = strategyName(row, strategies)
					return (
						<tr key={row.id}>
							<th scope="row"><a href={href(['backtests', row.id])}>{name}</a></th>
							<td class="nowrap">{row.symbol} <span class="quiet">{row.interval}</span></td>
							{row.status === 'done' ? <Figures stats={row.stats ?? {}} /> : <State row={row} />}
							<td class="nowrap quiet">{age((Date.now() - Date.parse(row.created_at)) / 1000)}</td>
							{onDelete && (
								<td class="num">
									<button type="button" class="button small plain" aria-label={`Delete the run of ${name} on ${row.symbol}`}
										onClick={() => onDelete(row)}>Delete</button>
								</td>
							)}
						</tr>
					)
				})}
			</tbody>
		</table>
	</Scroll>
)
