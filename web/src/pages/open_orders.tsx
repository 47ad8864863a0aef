/* What can still fill: changed, cancelled, one or all. */
import { useSignal } from '@preact/signals'
import { cancel, cancelAll } from '../desk'
import { orderName, orderTerms, stateWord } from '../lib/desk'
import type { Order } from '../lib/desk_types'
import { amount, moment, plural } from '../lib/format'
import { timeZone } from '../theme'
import { confirm } from '../ui/dialog'
import { useAction } from '../ui/load'
import { Panel, Scroll } from '../ui/shell'
import { ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'
import type { Desk } from '../ui/use_desk'
import { ChangeOrder, OrderLog } from './order_dialogs'

interface Acts {
	busy: boolean
	change: (order: Order) => void
	log: (order: Order) => void
	stop: (order: Order) => void
}

const Line = ({ order, acts }: { order: Order; acts: Acts }) => (
	<tr>
		<th scope="row">
			<span class={`nowrap ${order.side === 'buy' ? 'side-long' : 'side-short'}`}>{orderName(order)}</span>
			<p class="quiet">{orderTerms(order)}{order.run_id && ', of a strategy'}</p>
		</th>
		<td class="nowrap">{stateWord(order.state)}</td>
		<td class="num">{amount(order.filled)}</td>
		<td class="nowrap quiet">{moment(order.created_at, timeZone.value)}</td>
		<td>
			<div class="row end">
				<button type="button" class="button small plain" aria-label={`Log: ${orderName(order)}`} onClick={() => acts.log(order)}>Log</button>
				<button type="button" class="button small" aria-label={`Change: ${orderName(order)}`} onClick={() => acts.change(order)}>Change</button>
				<button type="button" class="button small" disabled={acts.busy} aria-label={`Cancel: ${orderName(order)}`} onClick={() => acts.stop(order)}>Cancel</button>
			</div>
		</td>
	</tr>
)

const Table = ({ orders, acts }: { orders: Order[]; acts: Acts }) => (
	<Scroll label="Open orders">
		<table>
			<thead><tr>
				<th scope="col">Order</th><th scope="col">State</th><th scope="col" class="num">Filled</th>
				<th scope="col">Given</th><th scope="col"><span class="unseen">Actions</span></th>
			</tr></thead>
			<tbody>{orders.map((order) => <Line key={order.id} order={order} acts={acts} />)}</tbody>
		</table>
	</Scroll>
)

export function OpenOrders({ desk }: { desk: Desk }) {
	const { busy, problem, run } = useAction()
	const changing = useSignal<Order | null>(null)
	const logged = useSignal<Order | null>(null)
	const orders = desk.open.data.value?.data ?? []
	/* Whatever came of it, what stands there is looked at again. */
	const act = (work: () => Promise<void>): void => void run(() => work().finally(desk.refresh))
	const stop = (order: Order): void => act(async () => {
		await cancel(order)
		toast(`Cancelled: ${orderName(order)}`)
	})
	const stopAll = (): void => act(async () => {
		if (!(await confirm('Cancel all open orders?', 'Stops and targets too. Positions stay as they are.', 'Cancel all'))) return
		toast(`${plural((await cancelAll()).cancelled, 'order')} cancelled`)
	})
	const acts: Acts = { busy: busy.value, stop, change: (order) => (changing.value = order), log: (order) => (logged.value = order) }
	const all = orders.length > 0 && <button type="button" class="button small" disabled={busy.value} onClick={stopAll}>Cancel all</button>
	return (
		<Panel title="Open orders" note={all}>
			{problem.value && <ProblemBox problem={problem.value} />}
			<Ready of={desk.open}>
				{({ data, next_cursor }) => data.length ? (
					<>
						<Table orders={data} acts={acts} />
						{next_cursor && <p class="foot">The newest {data.length} are shown.</p>}
					</>
				) : <p class="quiet">No order is open.</p>}
			</Ready>
			{changing.value && <ChangeOrder key={changing.value.id} order={changing.value} close={() => (changing.value = null)} changed={desk.refresh} />}
			{logged.value && <OrderLog key={logged.value.id} order={logged.value} close={() => (logged.value = null)} />}
		</Panel>
	)
}
