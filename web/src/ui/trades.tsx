/* The trades of a backtest: sortable, the first 200 until one wants all. */
import { useSignal } from '@preact/signals'
import { amount, candleTime, change, duration, millis, number, plural, tone } from '../lib/format'
import { nextOrder, sortRows } from '../lib/sort'
import type { Order } from '../lib/sort'
import type { Trade } from '../lib/types'
import { Panel, Scroll } from './shell'
import { Empty } from './states'

const FIRST = 200
const reasons: Record<string, string> = {
	signal: 'Signal', stop_loss: 'Stop-loss', take_profit: 'Take-profit', trailing: 'Trailing stop', end: 'End of data', ruin: 'Ruin',
}

type Row = Trade & { number: number; side: string; held: number }
const rowsOf = (trades: Trade[]): Row[] => trades.map((trade, index) => ({
	...trade,
	number: index + 1,
	side: trade.size.startsWith('-') ? 'short' : 'long',
	held: (millis(trade.exit_time) ?? 0) - (millis(trade.entry_time) ?? 0),
}))

const columns: { key: keyof Row; label: string; num?: boolean }[] = [
	{ key: 'number', label: 'No.', num: true },
	{ key: 'side', label: 'Side' },
	{ key: 'size', label: 'Quantity', num: true },
	{ key: 'entry_time', label: 'Entry' },
	{ key: 'entry_price', label: 'at', num: true },
	{ key: 'exit_time', label: 'Exit' },
	{ key: 'exit_price', label: 'at', num: true },
	{ key: 'held', label: 'Held', num: true },
	{ key: 'return_pct', label: 'Return', num: true },
	{ key: 'pnl', label: 'Profit', num: true },
	{ key: 'exit_reason', label: 'Reason' },
]

interface HeadProps {
	order: Order
	sort: (key: string) => void
}

const Head = ({ order, sort }: HeadProps) => (
	<tr>
		{columns.map(({ key, label, num }) => {
			const active = order.key === key
			return (
				<th key={key} scope="col" class={num ? 'num' : ''} aria-sort={active ? (order.down ? 'descending' : 'ascending') : undefined}>
					<button type="button" class="sort" onClick={() => sort(key)}>
						{key === 'entry_price' ? <><span class="unseen">Entry price</span><span aria-hidden="true">{label}</span></>
							: key === 'exit_price' ? <><span class="unseen">Exit price</span><span aria-hidden="true">{label}</span></> : label}
						<span class="arrow" aria-hidden="true">{active ? (order.down ? '▼' : '▲') : ''}</span>
					</button>
				</th>
			)
		})}
	</tr>
)

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
		<td class="nowrap">{reasons[row.exit_reason] ?? row.exit_reason}</td>
	</tr>
)

export function Trades({ trades }: { trades: Trade[] }) {
	const order = useSignal<Order>({ key: 'number', down: false })
	const everything = useSignal(false)
	if (!trades.length)
		return <Panel title="Trades" wide><Empty title="The rules never traded in this time." /></Panel>
	const sorted = sortRows(rowsOf(trades), order.value)
	const shown = everything.value ? sorted : sorted.slice(0, FIRST)
	return (
		<Panel title="Trades" note={plural(trades.length, 'trade')} wide>
			<Scroll label="Trades">
				<table class="dense">
					<thead><Head order={order.value} sort={(key) => (order.value = nextOrder(order.value, key))} /></thead>
					<tbody>{shown.map((row) => <Line key={row.number} row={row} />)}</tbody>
				</table>
			</Scroll>
			{shown.length < sorted.length && (
				<p><button type="button" class="button" onClick={() => (everything.value = true)}>Show all {trades.length.toLocaleString('en')}</button></p>
			)}
		</Panel>
	)
}
