/* What the API says of orders, account and risk, member for member. */
export type Venue = 'paper' | 'binance'
export type Side = 'buy' | 'sell'
export const orderTypes = ['market', 'limit', 'stop', 'stop_limit', 'take_profit', 'trailing_stop'] as const
export type OrderType = (typeof orderTypes)[number]
export type Force = 'gtc' | 'ioc' | 'fok'
export const orderStates = [
	'new', 'accepted', 'partially_filled', 'filled', 'cancelled', 'rejected', 'expired', 'denied', 'unknown',
] as const
export type OrderState = (typeof orderStates)[number]

export interface NewOrder {
	symbol: string
	side: Side
	type: OrderType
	quantity: string
	price?: string
	stop_price?: string
	trail?: string
	time_in_force?: Force
	post_only?: true
	reduce_only?: true
	oco?: string
	venue: Venue
}
export interface OrderChange {
	quantity?: string
	price?: string
	stop_price?: string
	trail?: string
}
export interface Order {
	id: string
	client_order_id: string
	account: number
	symbol: string
	side: Side
	type: OrderType
	venue: Venue
	time_in_force: Force
	state: OrderState
	reason: string | null
	source: string
	run_id: string | null
	oco: string | null
	quantity: string
	filled: string
	fees: string
	price: string | null
	stop_price: string | null
	trail: string | null
	/* of a trailing stop, now */
	level: string | null
	/* its exchange does not have it */
	watched: 'here' | null
	average_price: string | null
	post_only: boolean
	reduce_only: boolean
	triggered: boolean
	version: number
	created_at: string
	updated_at: string
}
export interface OrderEvent {
	at: string
	from: OrderState | null
	to: OrderState
	cause: string
	reason: string | null
	filled: string
}
export interface FullOrder extends Order {
	log: OrderEvent[]
}
export interface Fill {
	id: string
	order_id: string
	symbol: string
	side: Side
	quantity: string
	price: string
	value: string
	fee: string
	realised: string
	maker: boolean
	time: string
}
export interface Position {
	symbol: string
	side: 'long' | 'short'
	quantity: string
	average_price: string
	cost: string
	last_price: string | null
	value: string
	unrealised: string
	realised: string
	fees: string
	stale: boolean
}
export interface Portfolio {
	venue: Venue
	account: number
	/* of the strategy that trades in it; null: by hand */
	run_id: string | null
	closed: boolean
	opened_at: string
	start_balance: string
	cash: string
	exposure: string
	equity: string
	realised: string
	unrealised: string
	fees: string
	day_change: string
	positions: Position[]
	/* in which its money is; null: its symbols are priced in several */
	asset: string | null
	totals: Total[]
}
/* All open accounts of a venue in the user's currency; null with a reason. */
export interface Total {
	venue: Venue
	currency: string
	books: number
	equity: string | null
	cash: string | null
	realised: string | null
	unrealised: string | null
	reason: 'no_rate' | 'mixed_assets' | 'no_room' | null
	detail: string | null
	stale: boolean
	assets: TotalAsset[]
}
export interface TotalAsset {
	asset: string | null
	books: number
	equity: string
	cash: string
	realised: string
	unrealised: string
	rate: string | null
	rate_at: string | null
	stale: boolean
	legs: { symbol: string; source: string; price: string; inverse: boolean; at: string | null; stale: boolean }[]
}
/* One of the books: by hand, or of a strategy that trades. */
export interface Account {
	account: number
	venue: Venue
	run_id: string | null
	strategy_name: string | null
	symbol: string | null
	state: 'open' | 'closed'
	closed_at: string | null
}
export interface EquityPoint {
	at: string
	equity: string
}
export type RiskState = 'active' | 'reducing' | 'halted'
export interface Risk {
	state: RiskState
	trading_halted: boolean
	allow_short: boolean
	/* null: no limit */
	max_order_value: string | null
	max_symbol_value: string | null
	max_account_value: string | null
	max_open_orders: number
	max_positions: number
	orders_per_minute: number
	max_daily_loss: string | null
	max_drawdown_pct: string | null
	price_collar_pct: string
	symbols: string[]
	equity: string
	exposure: string
	day_change: string
	drawdown_pct: string
	open_orders: number
	open_positions: number
}
/* What a symbol cost last, and when that was. */
export interface LastPrice {
	price: string
	/* milliseconds: until when the candle ran, and until when its price is fresh */
	closed: number
	fresh: number
}
