/* All orders with what became of them, or all fills; both as CSV. */
import { useSignal } from '@preact/signals'
import { fills, orders, ordersCsv, tradesCsv } from '../desk'
import type { OrderFilter } from '../desk'
import { isBad, orderName, orderTerms, sideWord, stateWord } from '../lib/desk'
import { orderStates } from '../lib/desk_types'
import type { Fill, Order } from '../lib/desk_types'
import { amount, moment, number, tone } from '../lib/format'
import { reasonOf } from '../lib/reasons'
import { timeZone } from '../theme'
import { CsvButton } from '../ui/csv_button'
import { SelectField, SwitchField, TextField } from '../ui/field'
import { usePages } from '../ui/load'
import type { Pages } from '../ui/load'
import { Panel, Scroll } from '../ui/shell'
import { Ready } from '../ui/states'
import { useChanged } from '../ui/use_changed'
import type { Desk } from '../ui/use_desk'
import { OrderLog } from './order_dialogs'

const OrderTable = ({ rows, log }: { rows: Order[]; log: (order: Order) => void }) => (
	<Scroll label="Order history">
		<table>
			<thead><tr>
				<th scope="col">Order</th><th scope="col">State</th><th scope="col" class="num">Filled</th><th scope="col" class="num">at</th>
				<th scope="col" class="num">Fees</th><th scope="col">Given</th><th scope="col"><span class="unseen">Actions</span></th>
			</tr></thead>
			<tbody>
				{rows.map((order) => (
					<tr key={order.id}>
						<th scope="row"><span class={`nowrap ${order.side === 'buy' ? 'side-long' : 'side-short'}`}>{orderName(order)}</span><p class="quiet">{orderTerms(order)}</p></th>
						<td class="reason"><span class={isBad(order.state) ? 'badge bad' : ''}>{stateWord(order.state)}</span>{order.reason && <p class="quiet">{reasonOf(order.reason).means}</p>}</td>
						<td class="num">{amount(order.filled)}</td>
						<td class="num">{amount(order.average_price)}</td>
						<td class="num">{number(order.fees)}</td>
						<td class="nowrap quiet">{moment(order.created_at, timeZone.value)}</td>
						<td class="num"><button type="button" class="button small plain" aria-label={`Log: ${orderName(order)}, ${stateWord(order.state)}`} onClick={() => log(order)}>Log</button></td>
					</tr>
				))}
			</tbody>
		</table>
	</Scroll>
)

const FillTable = ({ rows }: { rows: Fill[] }) => (
	<Scroll label="Trades">
		<table>
			<thead><tr>
				<th scope="col">When</th><th scope="col">Trade</th><th scope="col" class="num">Price</th><th scope="col" class="num">Value</th>
				<th scope="col" class="num">Fee</th><th scope="col" class="num">Realised</th><th scope="col">As</th>
			</tr></thead>
			<tbody>
				{rows.map((fill) => (
					<tr key={fill.id}>
						<th scope="row" class="nowrap">{moment(fill.time, timeZone.value)}</th>
						<td class={`nowrap ${fill.side === 'buy' ? 'side-long' : 'side-short'}`}>{sideWord(fill.side)} {amount(fill.quantity)} {fill.symbol}</td>
						<td class="num">{amount(fill.price)}</td>
						<td class="num">{number(fill.value)}</td>
						<td class="num">{number(fill.fee)}</td>
						<td class={`num ${tone(fill.realised)}`}>{number(fill.realised)}</td>
						<td>{fill.maker ? 'maker' : 'taker'}</td>
					</tr>
				))}
			</tbody>
		</table>
	</Scroll>
)

/* Asked for again when orders have moved; what is shown stays until then. */
function useTraced<T>(pages: Pages<T>, trace: string): Pages<T> {
	useChanged(trace, pages.reload)
	return pages
}

const More = ({ more }: { more: (() => void) | null }) =>
	more && <p class="submit"><button type="button" class="button" onClick={more}>Show older ones</button></p>

function Orders({ desk }: { desk: Desk }) {
	const filter = useSignal<OrderFilter>({ state: '', symbol: '' })
	const logged = useSignal<Order | null>(null)
	const { state, symbol } = filter.value
	const pages = useTraced(usePages((cursor) => orders({ state, symbol }, cursor), [state, symbol]), desk.trace)
	return (
		<>
			<div class="fields">
				<SelectField label="State" value={state} onValue={(value) => (filter.value = { state: value, symbol })}
					options={[{ value: '', label: 'All' }, ...orderStates.map((value) => ({ value, label: stateWord(value) }))]} />
				<TextField label="Only this symbol" autocomplete="off" maxLength={32} value={symbol} onValue={(value) => (filter.value = { state, symbol: value.trim().toUpperCase() })} />
			</div>
			<Ready of={pages}>
				{(rows) => rows.length ? <OrderTable rows={rows} log={(order) => (logged.value = order)} />
					: <p class="quiet empty">{state || symbol ? 'No such order.' : 'No order was given yet.'}</p>}
			</Ready>
			<More more={pages.more} />
			{logged.value && <OrderLog key={logged.value.id} order={logged.value} close={() => (logged.value = null)} />}
		</>
	)
}

function Trades({ desk }: { desk: Desk }) {
	const pages = useTraced(usePages(fills), desk.trace)
	return (
		<>
			<Ready of={pages}>{(rows) => (rows.length ? <FillTable rows={rows} /> : <p class="quiet">Nothing was traded yet.</p>)}</Ready>
			<More more={pages.more} />
		</>
	)
}

export function OrderHistory({ desk }: { desk: Desk }) {
	const shown = useSignal('orders')
	const file = shown.value === 'orders' ? <CsvButton key="orders" what="orders" fetcher={ordersCsv} /> : <CsvButton key="trades" what="trades" fetcher={tradesCsv} />
	return (
		<Panel title="History" note={file} wide>
			<SwitchField label="Show" value={shown.value} onValue={(value) => (shown.value = value)}
				options={[{ value: 'orders', label: 'Orders' }, { value: 'trades', label: 'Trades' }]} />
			{shown.value === 'orders' ? <Orders desk={desk} /> : <Trades desk={desk} />}
		</Panel>
	)
}
