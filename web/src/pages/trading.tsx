/* Orders: the ticket, what is open, what is held, what was. */
import { symbols } from '../desk'
import { useLoad } from '../ui/load'
import { Panel } from '../ui/shell'
import { Ready } from '../ui/states'
import type { Desk } from '../ui/use_desk'
import { OpenOrders } from './open_orders'
import { OrderHistory } from './order_history'
import { Positions } from './positions'
import { OrderTicket } from './ticket'

export function TradingPage({ desk }: { desk: Desk }) {
	const loaded = useLoad(symbols)
	return (
		<div class="panels desk">
			<Panel title="New order">
				<Ready of={desk.portfolio}>
					{({ venue }) => <Ready of={loaded}>{(list) => <OrderTicket key={venue} desk={desk} venue={venue} symbols={list} />}</Ready>}
				</Ready>
			</Panel>
			<div class="panels">
				<OpenOrders desk={desk} />
				<Positions desk={desk} symbols={loaded.data.value ?? []} brief />
			</div>
			<OrderHistory desk={desk} />
		</div>
	)
}
