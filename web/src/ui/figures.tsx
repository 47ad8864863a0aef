/* Statistics as ledgers, each with a plain-words hint that one can show. */
import { showStat, statTone } from '../lib/stats'
import type { Stat, Stats } from '../lib/stats'

interface LedgerProps {
	title: string
	items: Stat[]
	stats: Stats
	explain: boolean
}

export const Ledger = ({ title, items, stats, explain }: LedgerProps) => (
	<table class="ledger">
		<caption>{title}</caption>
		<tbody>
			{items.map((item) => (
				<tr key={item.key}>
					<th scope="row" title={item.hint}>
						{item.label}
						{explain && item.hint && <p class="hint">{item.hint}</p>}
					</th>
					<td class={`num ${statTone(item, stats)}`}>{showStat(item, stats)}</td>
				</tr>
			))}
		</tbody>
	</table>
)
export const Headline = ({ items, stats }: { items: Stat[]; stats: Stats }) => (
	<dl class="headline">
		{items.map((item) => (
			<div key={item.key} data-stat={item.key}>
				<dt>{item.label}</dt>
				<dd class={statTone(item, stats)}>{showStat(item, stats)}</dd>
			</div>
		))}
	</dl>
)
