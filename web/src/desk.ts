/*
 * What the pages of the desk ask of the server, all of it: where a call
 * changes, it changes here. Knows no page. Nothing that moves money is sent
 * without a key or a version that makes it count once.
 */
import { api, csv, get, id, list, post, postOnce, renewed } from './api'
import type { Kept } from './api'
import type {
	Account, EquityPoint, Fill, FullOrder, LastPrice, NewOrder, Order, OrderChange, Portfolio, Position, Risk,
} from './lib/desk_types'
import { intervalMs } from './lib/market'
import type { MarketSymbol, Page } from './lib/types'

/* ---- what is looked at again and again ---- */

/* The ceiling of open orders is 1000; who has more than 500 sees the newest. */
const OPEN_MOST = 500

export interface Parts {
	portfolio: Portfolio
	risk: Risk
	open: Page<Order>
}
/* account 0: the one by hand. */
const of = (path: string, account: number): string => (account ? `${path}${path.includes('?') ? '&' : '?'}account=${account}` : path)
export const partPaths: Record<keyof Parts, (account: number) => string> = {
	portfolio: (account) => of('portfolio', account),
	risk: () => 'risk',
	/* of all accounts: what is open anywhere spends the same limits */
	open: () => `orders?state=open&limit=${OPEN_MOST}`,
}
export const look = <K extends keyof Parts>(part: K, account: number, known: Kept<Parts[K]> | undefined): Promise<Kept<Parts[K]>> =>
	renewed<Parts[K]>(partPaths[part](account), known)

/* ---- read when asked for ---- */

export const symbols = (): Promise<MarketSymbol[]> => get<{ data: MarketSymbol[] }>('market/symbols').then(({ data }) => data)

export const accounts = (): Promise<Account[]> => list<Account>('portfolio/accounts', 200).then(({ data }) => data)

export interface OrderFilter extends Record<string, string> {
	state: string
	symbol: string
}
export const orders = (filter: OrderFilter, cursor: string | null): Promise<Page<Order>> => list<Order>('orders', 50, cursor, filter)
export const fills = (cursor: string | null): Promise<Page<Fill>> => list<Fill>('trades', 50, cursor)
export const tradesCsv = (): Promise<string> => csv('trades')
export const ordersCsv = (): Promise<string> => csv('orders')

export async function order(orderId: string): Promise<{ order: FullOrder; fills: Fill[] }> {
	const [whole, filled] = await Promise.all([
		get<FullOrder>(`orders/${id(orderId)}`), list<Fill>('trades', 500, null, { order_id: orderId }),
	])
	return { order: whole, fills: filled.data }
}

export const EQUITY_MOST = 5000
export const equity = (account: number): Promise<[number, number][]> =>
	get<{ data: EquityPoint[] }>(of(`portfolio/history?limit=${EQUITY_MOST}`, account)).then(({ data }) =>
		data.map(({ at, equity: value }) => [Date.parse(at), Number(value)]))

/* As the server reckons it: the newest candle of the series that reaches
   furthest; fresh until the next but one ought to have come, and a minute. */
export async function lastPrice({ symbol, series }: MarketSymbol): Promise<LastPrice | null> {
	const end = (one: { last: string; interval: string }): number => Date.parse(one.last) + intervalMs(one.interval)
	const best = series.reduce<(typeof series)[number] | null>((far, one) => (!far || end(one) > end(far) ? one : far), null)
	if (!best) return null
	const { data } = await get<{ data: { t: string; c: string }[] }>(`market/candles?${new URLSearchParams({ symbol, interval: best.interval, limit: '1' })}`)
	const candle = data.at(-1)
	if (!candle) return null
	const opened = Date.parse(candle.t)
	const length = intervalMs(best.interval)
	return { price: candle.c, closed: opened + length, fresh: opened + 2 * length + 60_000 }
}

/* ---- what changes something ---- */

export const place = (body: NewOrder, key: string): Promise<Order> => postOnce<Order>('orders', key, body)
export const closePosition = (position: Position, account: number, key: string): Promise<Order> =>
	postOnce<Order>(of(`portfolio/positions/${id(position.symbol)}/close`, account), key)
export const amend = ({ id: orderId, version }: Order, change: OrderChange): Promise<Order> =>
	api<Order>('PATCH', `orders/${id(orderId)}`, change, { headers: { 'If-Match': `"v${version}"` } })
export const cancel = ({ id: orderId }: Order): Promise<Order> => api<Order>('DELETE', `orders/${id(orderId)}`)
export const cancelAll = (): Promise<{ cancelled: number }> => api('DELETE', 'orders')
export const reset = (balance: string): Promise<Portfolio> => post<Portfolio>('portfolio/reset', balance ? { balance } : {})
export const halt = (): Promise<Risk> => post<Risk>('risk/halt')
export const setLimits = (body: Record<string, unknown>): Promise<Risk> => api<Risk>('PUT', 'risk', body)

/* The limits stay as they are. */
export const setState = (state: 'active' | 'reducing'): Promise<Risk> => api<Risk>('PATCH', 'risk', { state })
