/* What the API says, member for member. Decimals and times are strings. */
import type { Report } from './report'
import type { SearchTable } from './search'
import type { Stats } from './stats'

export interface Page<T> {
	data: T[]
	next_cursor: string | null
}
export interface BrowserSession {
	csrf_token: string
	expires_in: number
	refresh_expires_in: number
}
export interface Me {
	id: string
	username: string
	role: 'admin' | 'user'
	email: string | null
	scopes: string[]
	session_id: string | null
	created_at: string
}
export interface Session {
	id: string
	address: string
	user_agent: string | null
	created_at: string
	last_seen_at: string
	expires_at: string
	current: boolean
}
export interface ApiKey {
	id: string
	name: string
	hint: string
	scopes: string[]
	created_at: string
	expires_at: string | null
	last_used_at: string | null
}
export interface Channel {
	id: string
	kind: string
	address: string | null
	events: string[]
	enabled: boolean
	failures: number
	last_error: string | null
	sent_at: string | null
	created_at: string
	updated_at: string
	/* Of a new webhook only. */
	key?: string | null
}
export interface Hook {
	id: string
	name: string
	hint: string
	enabled: boolean
	needs_signature: boolean
	addresses: string[]
	symbols: string[]
	sides: string
	max_value: string | null
	orders_per_hour: number
	called_at: string | null
	/* Of a new or renewed one only. */
	url?: string
	key?: string
}
export interface HookCall {
	id: string
	at: string
	address: string
	action: string | null
	symbol: string | null
	state: string
	reason: string | null
	order_state: string | null
}
export interface Notice {
	id: string
	channel_id: string
	channel_kind: string
	kind: string
	text: string
	state: string
	attempts: number
	error: string | null
	created_at: string
	next_at: string | null
	ended_at: string | null
}
export interface Errand {
	id: string
	kind: string
	state: string
	error: string | null
}
export interface SecretView {
	set: boolean
	hint: string | null
	updated_at: string | null
}
export const secretNames = [
	'binance_api_key', 'binance_secret', 'coingecko_api_key', 'telegram_token', 'telegram_chat_id',
] as const
export type SecretName = (typeof secretNames)[number]
export interface Preferences {
	currency: string | null
	timezone: string | null
	summary_time: string | null
	theme: string | null
	default_symbol: string | null
	notifications: boolean
}
/* What the exchange said of the two of Binance. */
export interface KeyState {
	state: 'missing' | 'unchecked' | 'usable' | 'refused'
	reason: string | null
	detail: string | null
	rights_known: boolean
	can_trade: boolean
	can_withdraw: boolean
	bound_to_address: boolean
	checked_at: string | null
}
export type Settings = Preferences & Record<SecretName, SecretView> & { exchange_keys: KeyState }
export interface Series {
	interval: string
	candles: number
	first: string
	last: string
}
export interface MarketSymbol {
	symbol: string
	source: string
	price_scale: number
	volume_scale: number
	series: Series[]
	age_s: number
}
export interface Strategy {
	id: string
	name: string
	version: number
	definition: unknown
	created_at: string
	updated_at: string
}
export interface StrategyVersion {
	version: number
	definition: unknown
	created_at: string
}
export interface StrategyCheck {
	valid: boolean
	name: string | null
	interval: string | null
	warmup: number
}
export interface StrategyTemplate {
	slug: string
	name: string
	description: string
	definition: unknown
}
export interface BacktestRequest {
	strategy_id?: string | null
	definition?: unknown
	params?: Record<string, unknown> | null
	symbol: string
	interval?: string | null
	from?: string | null
	to?: string | null
	cash?: string | null
	fee?: string | null
	fee_maker?: string | null
	fee_taker?: string | null
	fee_fixed?: string | null
	spread?: string | null
	slippage?: string | null
	tick?: string | null
	lot?: string | null
	min_notional?: string | null
	margin?: string | null
	long_only?: boolean
	touch_fills?: boolean
	whole_units?: boolean
	fill_on_close?: boolean
	finalize?: boolean
	detail_interval?: string | null
	keep?: boolean
	report?: boolean
}
export interface BacktestRow {
	id: string
	strategy_id: string | null
	strategy_version: number
	symbol: string
	interval: string
	status: string
	progress: number
	created_at: string
	stats: Stats | null
}
export interface Trade {
	size: string
	entry_time: string | number
	exit_time: string | number
	entry_price: string
	exit_price: string
	commission: string
	pnl: string
	return_pct: number
	exit_reason: string
}
export interface Backtest extends BacktestRow {
	error: string | null
	request: BacktestRequest | null
	report?: Report | null
	fingerprint?: string | null
	equity: [number, number][] | null
	trades: Trade[] | null
}
/* Sweeps and walk-forward tests. */
export interface SearchRequest extends BacktestRequest {
	method?: 'grid' | 'random' | null
	samples?: number
	seed?: number
	metric?: string | null
	constraints?: Record<string, string | number | null> | null
	best?: number
	in_sample?: string
	out_of_sample?: string
	step?: string | null
	anchored?: boolean
}
export interface SearchRow {
	id: string
	strategy_id: string | null
	strategy_version: number
	symbol: string
	interval: string
	status: string
	progress: number
	points: number
	points_done: number
	created_at: string
}
interface SearchView extends SearchRow {
	error: string | null
	started_at: string | null
	ended_at: string | null
	request: SearchRequest
}
export type Score = Record<string, number | null>
export interface BestPoint extends Record<string, number | null | Record<string, number>> {
	params: Record<string, number>
}
export interface Sweep extends SearchView {
	result: { metric: string; failed: number; best: BestPoint[]; table: SearchTable } | null
}
export interface WalkWindow {
	in_first: string
	in_last: string
	out_first: string
	out_last: string
	params: Record<string, number> | null
	in_sample: Score | null
	out_of_sample: Score | null
	ratio: number | null
}
export interface Walk extends SearchView {
	result: { metric: string; efficiency: number | null; windows: WalkWindow[]; stats: Stats; equity: [number, number][] } | null
}
export interface Candle {
	t: string
	c: string
}
export interface Expression {
	text: string
	tree: unknown
}
export interface WarmUp {
	bars: number[]
	rows: { indicator: string; value: number | null; moved_pct: (number | null)[] }[]
}
/* One entry that a run holds. */
export interface RunPosition {
	side: 'long' | 'short'
	quantity: string
	entry_price: string
	entry_time: string
	stop: string | null
	stop_reason: string | null
	target: string | null
}
export interface StrategyRun {
	id: string
	strategy_id: string
	strategy_name: string
	strategy_version: number
	newest_version: number
	symbol: string
	interval: string
	params: Record<string, number> | null
	mode: 'signal' | 'paper' | 'live'
	state: 'running' | 'stopped' | 'failed'
	started_at: string
	stopped_at: string | null
	error: string | null
	last_candle: string | null
	evaluated_at: string | null
	account: number
	cash: string | null
	equity: string | null
	positions: RunPosition[]
	trades: number
	refused: number
	blocked: number
	denied: number
}
export type SignalKind = 'entry_long' | 'entry_short' | 'exit_long' | 'exit_short' | 'none'
export interface SignalCondition {
	text: string
	held: boolean
	left: number | null
	right: number | null
}
export interface FiredSignal {
	id: string
	run_id: string
	strategy_id: string
	strategy_name: string
	strategy_version: number
	symbol: string
	interval: string
	candle_time: string
	price: string
	kind: SignalKind
	fired: SignalKind[]
	strength: number
	reason: { rule: string; conditions: SignalCondition[] }
	evaluated_at: string
}
export interface Signal extends FiredSignal {
	age_s: number
	stale: boolean
}
export interface SignalsPage {
	runs: StrategyRun[]
	signals: Signal[]
	fired: FiredSignal[]
}
/* What administrators see. */
export interface AdminUser {
	id: string
	username: string
	role: 'admin' | 'user'
	email: string | null
	disabled: boolean
	created_at: string
	last_login_at: string | null
	sessions: number
}
export interface Job {
	name: string
	summary: string
	state: 'waiting' | 'running' | 'paused' | 'off'
	interval_s: number
	run_now: boolean
	next_at: string | null
	started_at: string | null
	finished_at: string | null
	duration_ms: number
	last_result: 'ok' | 'failed' | 'lost' | null
	last_error: string | null
	failures: number
	runs: number
}
export interface AuditEntry {
	seq: number
	at: string
	event: string
	result: 'ok' | 'denied' | 'failed'
	actor: string | null
	object: string | null
	address: string | null
	request_id: string | null
	detail: string | null
}
export interface CacheState {
	backend: string
	degraded: boolean
	entries: number
	bytes: number
	capacity: number
	evictions: number
	hits: number
	misses: number
	hit_rate: number | null
	classes: { name: string; ttl_s: number }[]
}
export interface Limits {
	rules: { name: string; subject: string; limit: number; window_s: number }[]
	blocked: { rule: string; subject: string; until: string; refusals: number }[]
}
