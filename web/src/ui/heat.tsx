/* A metric by two parameters: a real table, shaded, the best one marked. */
import { heatLevels, showFigure } from '../lib/search'
import type { Heat } from '../lib/search'
import { Scroll } from './shell'

export function HeatTable({ heat, metric, lower, label }: { heat: Heat; metric: string; lower: boolean; label: string }) {
	const level = heatLevels(heat, lower)
	const [down, across] = heat.names
	return (
		<Scroll label={`${label} by ${down} and ${across}`}>
			<table class="heat">
				<thead>
					<tr><td /><th scope="colgroup" colSpan={heat.columns.length}>{across}</th></tr>
					<tr><th scope="col">{down}</th>{heat.columns.map((value) => <th key={value} scope="col" class="num">{value}</th>)}</tr>
				</thead>
				<tbody>
					{heat.rows.map((value, row) => (
						<tr key={value}>
							<th scope="row">{value}</th>
							{heat.columns.map((column, at) => {
								const cell = heat.cells[row]![at]!
								const best = cell !== null && cell === heat.best
								return (
									<td key={column} class={`num heat-${level(cell)}${best ? ' best' : ''}`}>
										{best && <><span aria-hidden="true">★ </span><span class="unseen">best: </span></>}
										{showFigure(metric, metric, cell).replace(' %', '')}
									</td>
								)
							})}
						</tr>
					))}
				</tbody>
			</table>
		</Scroll>
	)
}
