/*
 * An order as it is being typed: which fields its type has, what is wrong
 * with them, what is sent. The server decides; this spares it the obvious.
 * Pure; amounts stay texts, numbers are only for words.
 */
import { amount, isDecimal, number, plural } from './format'
import type { Force, NewOrder, Order, OrderType, Portfolio, Side, Venue } from './desk_types'

export type PriceField = 'price' | 'stop_price' | 'trail'
export type TicketField = 'symbol' | 'quantity' | PriceField | 'stop' | 'target'

export interface Ticket {
	venue: Venue
	symbol: string
	side: Side
	type: OrderType
	quantity: string
	price: string
	stop_price: string
	trail: string
	force: Force
	post_only: boolean
	reduce_only: boolean
	/* a stop and a target behind an entry that fills at once */
	protect: boolean
	stop: string
	target: string
}

export const emptyTicket = (symbol: string, venue: Venue): Ticket => ({
	venue, symbol, side: 'buy', type: 'market', quantity: '', price: '', stop_price: '', trail: '', force: 'gtc',
	post_only: false, reduce_only: false, protect: false, stop: '', target: '',
})

interface TypeRow {
	label: string
	hint: string
	fields: { name: PriceField; label: string; hint: string; optional?: true }[]
}
const limit = { name: 'price', label: 'Limit price', hint: 'Never worse than this.' } as const
export const typeRows: Record<OrderType, TypeRow> = {
	market: { label: 'Market', hint: 'At the best price there is, now.', fields: [] },
	limit: { label: 'Limit', hint: 'At this price or better; rests until then.', fields: [limit] },
	stop: {
		label: 'Stop', hint: 'Becomes a market order when the price goes against you and reaches the trigger.',
		fields: [{ name: 'stop_price', label: 'Trigger price', hint: 'Sell below the market, buy above it.' }],
	},
	stop_limit: {
		label: 'Stop limit', hint: 'Becomes a limit order at the trigger. May stay unfilled in a fast market.',
		fields: [{ name: 'stop_price', label: 'Trigger price', hint: 'Sell below the market, buy above it.' }, limit],
	},
	take_profit: {
		label: 'Take profit', hint: 'Acts when the price goes your way and reaches the trigger.',
		fields: [
			{ name: 'stop_price', label: 'Trigger price', hint: 'Sell above the market, buy below it.' },
			{ ...limit, hint: 'Empty: at the market then.', optional: true },
		],
	},
	trailing_stop: {
		label: 'Trailing stop', hint: 'A stop that follows the price at a distance, and never goes back.',
		fields: [{ name: 'trail', label: 'Distance', hint: 'In price, not in percent.' }],
	},
}

export const mayForce = (type: OrderType): boolean => type === 'market' || type === 'limit'
export const mayPost = ({ type, force }: Ticket): boolean => type === 'limit' && force === 'gtc'
/* Only what fills at once, or never, can have a pair behind it at once. */
export const mayProtect = ({ type, force, reduce_only }: Ticket): boolean =>
	!reduce_only && (type === 'market' || (type === 'limit' && force !== 'gtc'))

const plain = (text: string): string => text.trim().replace(',', '.')
const digitsOf = (text: string): number => plain(text).split('.')[1]?.length ?? 0

function amountFault(text: string, digits: number): string {
	if (!text.trim()) return 'Give an amount.'
	if (!isDecimal(text) || Number(plain(text)) <= 0) return 'Give an amount above 0, such as 1.5.'
	return digitsOf(text) > digits ? `At most ${plural(digits, 'digit')} behind the point.` : ''
}

export type Faults = Partial<Record<TicketField, string>>

/* What stands on the wrong side of the price would act at once. */
function pairFaults({ side, stop, target }: Ticket, scale: number, last: number | null): Faults {
	const faults: Faults = { stop: amountFault(stop, scale), target: amountFault(target, scale) }
	if (last === null) return faults
	const sign = side === 'buy' ? 1 : -1
	const [below, above] = sign > 0 ? ['below', 'above'] : ['above', 'below']
	if (!faults.stop && (Number(plain(stop)) - last) * sign >= 0) faults.stop = `It must lie ${below} the last price, ${amount(last)}.`
	if (!faults.target && (Number(plain(target)) - last) * sign <= 0) faults.target = `It must lie ${above} the last price, ${amount(last)}.`
	return faults
}

export function ticketFaults(ticket: Ticket, scale: number, last: number | null): Faults {
	const faults: Faults = { quantity: amountFault(ticket.quantity, 8) }
	for (const { name, optional } of typeRows[ticket.type].fields)
		if (!(optional && !ticket[name].trim())) faults[name] = amountFault(ticket[name], scale)
	if (mayProtect(ticket) && ticket.protect) Object.assign(faults, pairFaults(ticket, scale, last))
	return Object.fromEntries(Object.entries(faults).filter(([, fault]) => fault))
}

export function ticketBody(ticket: Ticket): NewOrder {
	const { venue, symbol, side, type, force } = ticket
	const body: NewOrder = { symbol, side, type, quantity: plain(ticket.quantity), venue }
	for (const { name } of typeRows[type].fields) if (ticket[name].trim()) body[name] = plain(ticket[name])
	if (mayForce(type)) body.time_in_force = force
	if (mayPost(ticket) && ticket.post_only) body.post_only = true
	if (ticket.reduce_only) body.reduce_only = true
	return body
}

export interface Pair {
	symbol: string
	side: Side
	quantity: string
	stop: string
	target: string
	venue: Venue
}
/* A stop and a target of which one cancels the other; the stop is first, so
   that what may be lost is bounded first. */
export function pairBodies({ symbol, side, quantity, stop, target, venue }: Pair, oco: string): [NewOrder, NewOrder] {
	const both = { symbol, side, quantity, reduce_only: true, oco, venue } as const
	return [
		{ ...both, type: 'stop', stop_price: plain(stop) },
		{ ...both, type: 'limit', price: plain(target), time_in_force: 'gtc' },
	]
}
/* Of the position behind an entry: the side that closes it. */
export const against = (side: Side): Side => (side === 'buy' ? 'sell' : 'buy')

/* Faults of a pair for a position that is there. */
export const pairTyped = (pair: Pair, scale: number, last: number | null): Faults =>
	Object.fromEntries(Object.entries({
		quantity: amountFault(pair.quantity, 8),
		...pairFaults({ ...emptyTicket(pair.symbol, pair.venue), side: against(pair.side), stop: pair.stop, target: pair.target }, scale, last),
	}).filter(([, fault]) => fault))

/* Money that neither positions nor open orders hold; about, as risk reckons dearer. */
export function freeMoney(portfolio: Portfolio, open: Order[]): number {
	const bound = open
		.filter((order) => order.account === portfolio.account && order.side === 'buy' && !order.reduce_only)
		.reduce((sum, order) => sum + (Number(order.quantity) - Number(order.filled)) * Number(order.price ?? order.stop_price ?? 0), 0)
	return Math.max(0, Number(portfolio.equity) - Number(portfolio.exposure) - bound)
}

/* What the quantity is worth at its own price, else at the last one. */
export function ticketValue(ticket: Ticket, last: number | null): number | null {
	const quantity = Number(plain(ticket.quantity))
	const own = typeRows[ticket.type].fields.find(({ name }) => name !== 'trail' && isDecimal(ticket[name]))
	const price = own ? Number(plain(ticket[own.name])) : last
	return quantity > 0 && price !== null && price > 0 ? quantity * price : null
}

export function costWords(ticket: Ticket, last: number | null, free: number | null, held: string | null): string {
	const value = ticketValue(ticket, last)
	const worth = value === null ? '' : `About ${number(value)}, without fees`
	if (ticket.side === 'sell') return [worth, held ? `you hold ${amount(held)}` : 'you hold none'].filter(Boolean).join('; ') + '.'
	if (free === null) return worth && `${worth}.`
	if (value === null) return `${number(free)} free.`
	return free - value < 0 ? `${worth}: more than the ${number(free)} that are free.` : `${worth}; ${number(free - value)} of ${number(free)} would be left.`
}

/* What needs more than the exchange. */
const watchedHere = 'Binance has no such order: Kontor watches the price here and sells or buys at the market when the level is reached. '
	+ 'That needs “kontor work” running, and fresh prices.'

/* What one may not have meant. Never a reason not to send. */
export function ticketNote(ticket: Ticket, last: number | null): string {
	if (ticket.venue === 'binance' && ticket.type === 'trailing_stop') return watchedHere
	if (last === null) return ''
	const sign = ticket.side === 'buy' ? 1 : -1
	const off = (text: string): number => (isDecimal(text) ? (Number(plain(text)) - last) * sign : NaN)
	if (ticket.type === 'limit' && off(ticket.price) >= 0) return 'This price lies beyond the last one: the order fills at once.'
	if (['stop', 'stop_limit'].includes(ticket.type) && off(ticket.stop_price) <= 0) return 'The trigger is reached already: the order acts at once.'
	if (ticket.type === 'take_profit' && off(ticket.stop_price) >= 0) return 'The trigger is reached already: the order acts at once.'
	return ''
}
