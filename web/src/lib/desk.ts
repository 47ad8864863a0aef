/* Orders, positions and risk in words. Pure. */
import { amount, change, date, number } from './format'
import type { Account, Order, OrderState, OrderType, Portfolio, Risk, RiskState, Side } from './desk_types'
import { typeRows } from './ticket'
import { venueWord } from './totals'

export { ageWords, venueWord } from './totals'

/* ---- looking again ---- */

/* A user has 100 requests a minute for everything; three a look leave most of them. */
const LOOK_MS = 10_000
const LOOK_MOST_MS = 60_000
export const STALE_MS = 3 * LOOK_MS

/* Less often while nothing comes; never before the server says one may. */
export const lookDelay = (failures: number, retryAfter: number): number =>
	Math.max(Math.min(LOOK_MS * 2 ** failures, LOOK_MOST_MS), retryAfter * 1000)

/* ---- orders ---- */

const states: Record<OrderState, string> = {
	new: 'new', accepted: 'open', partially_filled: 'partly filled', filled: 'filled', cancelled: 'cancelled',
	rejected: 'rejected', expired: 'expired', denied: 'denied', unknown: 'not known yet',
}
export const stateWord = (state: OrderState): string => states[state] ?? state
export const isBad = (state: OrderState): boolean => state === 'denied' || state === 'rejected' || state === 'unknown'
export const isOver = (state: OrderState): boolean => ['filled', 'cancelled', 'rejected', 'expired', 'denied'].includes(state)

const causes: Record<string, string> = {
	submit: 'given', risk: 'risk limits', venue: 'taken by the venue', fill: 'a fill', trigger: 'its trigger was reached',
	cancel: 'cancelled', amend: 'changed', expire: 'its time was over', oco: 'the other of its pair', reset: 'the account was begun anew',
}
export const causeWord = (cause: string): string => causes[cause] ?? cause

const sources: Record<string, string> = { manual: 'by hand', key: 'by an API key', strategy: 'by a strategy', system: 'by Kontor', hook: 'by an alert' }
export const sourceWord = (source: string): string => sources[source] ?? source

export const sideWord = (side: Side): string => (side === 'buy' ? 'Buy' : 'Sell')
export const typeWord = (type: OrderType): string => typeRows[type]?.label ?? type

/* "Buy 10 GOOG" */
export const orderName = (order: Pick<Order, 'side' | 'quantity' | 'symbol'>): string =>
	`${sideWord(order.side)} ${amount(order.quantity)} ${order.symbol}`

/* "Stop limit, trigger 90, limit 89.5, post only" */
export function orderTerms(order: Order): string {
	const parts = order.venue === 'paper' ? [typeWord(order.type)] : ['LIVE', typeWord(order.type)]
	if (order.stop_price) parts.push(`trigger ${amount(order.stop_price)}`)
	if (order.trail) parts.push(`distance ${amount(order.trail)}`)
	if (order.level && !order.triggered) parts.push(`level now ${amount(order.level)}`)
	if (order.price) parts.push(`limit ${amount(order.price)}`)
	if (order.time_in_force !== 'gtc') parts.push(order.time_in_force === 'ioc' ? 'at once or not' : 'all at once or not')
	if (order.post_only) parts.push('post only')
	if (order.reduce_only) parts.push('reduce only')
	if (order.oco) parts.push('one of a pair')
	if (order.triggered) parts.push('triggered')
	if (order.watched) parts.push('watched here, not at Binance')
	if (order.reason === 'amending') parts.push('being changed')
	if (order.reason === 'cancelling') parts.push('being cancelled')
	return parts.join(', ')
}

/* What came of an order that was just given. */
export function outcome(order: Order): string {
	const name = orderName(order)
	const at = order.average_price ? ` at ${amount(order.average_price)}` : ''
	switch (order.state) {
		case 'filled': return `Filled: ${name}${at}, fees ${amount(order.fees, 2)}.`
		case 'partially_filled': return `Partly filled: ${amount(order.filled)} of ${name}${at}; the rest is open.`
		case 'denied': return `Denied: ${name}.`
		case 'rejected': return `Rejected: ${name}.`
		case 'expired': case 'cancelled':
			return Number(order.filled) > 0 ? `${amount(order.filled)} of ${name} filled${at}; the rest was cancelled.` : `Nothing filled: ${name} is over.`
		case 'unknown': return `Not known yet: the venue has not answered. Kontor asks it; ${name} is not sent again.`
		default: return `Open: ${name}. ${orderTerms(order)}.`
	}
}

/* Changes when an order was given, filled or ended, not when prices move. */
export const orderTrace = (portfolio: Portfolio | null, open: Order[] | null): string =>
	[portfolio?.account, portfolio?.cash, portfolio?.fees, ...(open ?? []).map(({ id, version }) => `${id}.${version}`)].join(' ')

/* ---- accounts ---- */

export function accountName({ account, venue, run_id, strategy_name, symbol, closed_at }: Account): string {
	const whose = run_id === null ? 'By hand' : `${strategy_name ?? 'A strategy'}${symbol ? ` on ${symbol}` : ''}`
	return `${whose}, ${venueWord(venue)} (number ${account}${closed_at ? `, closed ${date(closed_at)}` : ''})`
}

/* Where orders can be given by hand, or all that can be looked at. */
export const accountChoice = (accounts: Account[], trading: boolean): Account[] =>
	accounts.filter(({ run_id, state }) => !trading || (run_id === null && state === 'open'))

/* ---- risk ---- */

export const riskStates: { state: RiskState; label: string; means: string }[] = [
	{ state: 'active', label: 'Active', means: 'Orders are taken within the limits below.' },
	{ state: 'reducing', label: 'Reducing', means: 'Only orders that shrink a position are taken. What is open stays, but nothing of it opens more.' },
	{ state: 'halted', label: 'Halted', means: 'No order is taken. Positions stay, and so do stops and targets that protect them.' },
]
export const riskWord = (risk: Risk): string =>
	risk.trading_halted ? 'Halted for everybody' : riskStates.find(({ state }) => state === risk.state)?.label ?? risk.state

type LimitName =
	| 'max_order_value' | 'max_symbol_value' | 'max_account_value' | 'max_open_orders' | 'max_positions'
	| 'orders_per_minute' | 'max_daily_loss' | 'max_drawdown_pct' | 'price_collar_pct'
interface LimitRow {
	name: LimitName
	label: string
	hint: string
	kind: 'amount' | 'count'
	unit: 'money' | '%' | ''
	/* how much of it is used now, in the limit's unit */
	use?: (risk: Risk) => number
}
export const limitRows: LimitRow[] = [
	{ name: 'max_order_value', label: 'One order', hint: 'What one order may be worth.', kind: 'amount', unit: 'money' },
	{ name: 'max_symbol_value', label: 'One symbol', hint: 'Position and open orders of it.', kind: 'amount', unit: 'money' },
	{ name: 'max_account_value', label: 'All symbols', hint: 'All positions and open orders.', kind: 'amount', unit: 'money', use: (risk) => Number(risk.exposure) },
	{ name: 'max_open_orders', label: 'Open orders', hint: 'At one time.', kind: 'count', unit: '', use: (risk) => risk.open_orders },
	{ name: 'max_positions', label: 'Positions', hint: 'Symbols at one time.', kind: 'count', unit: '', use: (risk) => risk.open_positions },
	{ name: 'orders_per_minute', label: 'Orders a minute', hint: 'Denied ones count too.', kind: 'count', unit: '' },
	{ name: 'max_daily_loss', label: 'Loss of a day', hint: 'Of the equity, since midnight UTC. Then only orders that shrink are taken.', kind: 'amount', unit: 'money', use: (risk) => Math.max(0, -Number(risk.day_change)) },
	{ name: 'max_drawdown_pct', label: 'Drawdown, %', hint: 'From the highest equity. Then only orders that shrink are taken.', kind: 'amount', unit: '%', use: (risk) => Number(risk.drawdown_pct) },
	{ name: 'price_collar_pct', label: 'Price collar, %', hint: 'How far a limit may be on the wrong side of the last price.', kind: 'amount', unit: '%' },
]
export type LimitTexts = Record<LimitName, string> & { symbols: string }

/* null: no limit, which is an empty field. */
export const limitText = (value: string | number | null): string => (value === null ? '' : String(value))

export const limitTexts = (risk: Risk): LimitTexts => ({
	...(Object.fromEntries(limitRows.map(({ name }) => [name, limitText(risk[name])])) as Record<LimitName, string>),
	symbols: risk.symbols.join(' '),
})

/* All of it: PUT replaces the limits as one, and leaves the state. */
export function limitBody(texts: LimitTexts, allowShort: boolean): Record<string, unknown> {
	const body: Record<string, unknown> = { allow_short: allowShort, symbols: texts.symbols.split(/[\s,;]+/).filter(Boolean).map((one) => one.toUpperCase()) }
	for (const { name, kind } of limitRows) {
		const text = texts[name].trim().replace(',', '.')
		if (text) body[name] = kind === 'count' ? Number(text) : text
	}
	return body
}

export function limitFault(kind: 'amount' | 'count', text: string): string {
	if (!text.trim()) return ''
	if (kind === 'count') return /^[1-9]\d{0,5}$/.test(text.trim()) ? '' : 'Give a whole number above 0.'
	return /^\d+([.,]\d{1,8})?$/.test(text.trim()) && Number(text.replace(',', '.')) > 0 ? '' : 'Give an amount above 0, such as 2.5.'
}

/* ---- the equity curve ---- */

/* From the account's beginning, unless older points were left off, until now. */
export function curveOf(portfolio: Pick<Portfolio, 'opened_at' | 'start_balance' | 'equity'>, points: [number, number][], most: number, now: number): [number, number][] {
	const begin: [number, number][] = points.length < most ? [[Date.parse(portfolio.opened_at), Number(portfolio.start_balance)]] : []
	return [...begin, ...points, [now, Number(portfolio.equity)]]
}

export function equityWords(points: [number, number][]): string {
	const [first, last] = [points[0], points.at(-1)]
	if (!first || !last) return 'No equity was recorded yet.'
	const gain = first[1] > 0 ? change((last[1] / first[1] - 1) * 100) : ''
	return `Equity from ${date(first[0])} to ${date(last[0])}: it was ${number(first[1])} first and is ${number(last[1])} now${gain && `, ${gain}`}.`
}
