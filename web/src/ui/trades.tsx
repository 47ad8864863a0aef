/* The trades of a backtest: sortable, in pages. */
import { useSignal } from '@preact/signals'
import { amount, candleTime, change, duration, millis, number, plural, tone } from '../lib/format'
import { reasonName } from '../lib/report'
import { nextOrder, sortRows } from '../lib/sort'
import type { Order } from '../lib/sort'
import type { Trade } from '../lib/types'
import { Pager, usePaging } from './pager'
import { Panel, Scroll } from './shell'
import { SortHeads } from './sort_head'
import type { SortColumn } from './sort_head'
import { Empty } from './states'

const PAGE = 100

type Row = Trade & { number: number; side: string; held: number }
const rowsOf = (trades: Trade[]): Row[] => trades.map((trade, index) => ({
	...trade,
	number: index + 1,
	side: trade.size.startsWith('-') ? 'short' : 'long',
	held: (millis(trade.exit_time) ?? 0) - (millis(trade.entry_time) ?? 0),
}))

const columns: (SortColumn & { key: keyof Row })[] = [
	{ key: 'number', label: 'No.', num: true },
	{ key: 'side', label: 'Side' },
	{ key: 'size', label: 'Quantity', num: true },
	{ key: 'entry_time', label: 'Entry' },
	{ key: 'entry_price', label: 'at', num: true, spoken: 'Entry price' },
	{ key: 'exit_time', label: 'Exit' },
	{ key: 'exit_price', label: 'at', num: true, spoken: 'Exit price' },
	{ key: 'held', label: 'Held', num: true },
	{ key: 'return_pct', label: 'Return', num: true },
	{ key: 'pnl', label: 'Profit', num: true },
	{ key: 'exit_reason', label: 'Reason' },
]

const Line = ({ row }: { row: Row }) => (
	<tr>
		<td class="num quiet">{row.number}</td>
		<td class="nowrap"><span class={`side-${row.side}`}>{row.side}</span></td>
		<td class="num">{amount(row.size.replace('-', ''))}</td>
		<td class="nowrap">{candleTime(row.entry_time)}</td>
		<td class="num">{amount(row.entry_price, 2)}</td>
		<td class="nowrap">{candleTime(row.exit_time)}</td>
		<td class="num">{amount(row.exit_price, 2)}</td>
		<td class="num nowrap">{duration(row.held)}</td>
		<td class={`num ${tone(row.return_pct)}`}>{change(row.return_pct)}</td>
		<td class={`num ${tone(row.pnl)}`}>{number(row.pnl)}</td>
		<td class="nowrap">{reasonName(row.exit_reason)}</td>
	</tr>
)

export function Trades({ trades }: { trades: Trade[] }) {
	const order = useSignal<Order>({ key: 'number', down: false })
	const paging = usePaging(sortRows(rowsOf(trades), order.value), PAGE)
	if (!trades.length)
		return <Panel title="Trades" wide><Empty title="The rules never traded in this time." /></Panel>
	const sort = (key: string): void => {
		order.value = nextOrder(order.value, key)
		paging.turn(0)
	}
	return (
		<Panel title="Trades" note={plural(trades.length, 'trade')} wide>
			<Scroll label="Trades">
				<table class="dense">
					<thead><tr><SortHeads columns={columns} order={order.value} sort={sort} /></tr></thead>
					<tbody>{paging.shown.map((row) => <Line key={row.number} row={row} />)}</tbody>
				</table>
			</Scroll>
			<Pager of={paging} what="trades" />
		</Panel>
	)
}
