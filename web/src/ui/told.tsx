/* What came of an order, and why: in words, with what one can do. */
import { outcome } from '../lib/desk'
import type { Order } from '../lib/desk_types'
import { reasonOf } from '../lib/reasons'

export const Why = ({ code }: { code: string }) => {
	const { means, todo } = reasonOf(code)
	return <p>{means} {todo && <span class="quiet">{todo}</span>}</p>
}

/* What was denied or rejected interrupts; the rest is said when there is time. */
export function Outcome({ order }: { order: Order }) {
	const bad = order.state === 'denied' || order.state === 'rejected'
	return (
		<div class={bad ? 'problem' : 'done-note'} role={bad ? 'alert' : 'status'}>
			<p class={bad ? 'problem-title' : 'strong'}>{outcome(order)}</p>
			{order.reason && <Why code={order.reason} />}
		</div>
	)
}
