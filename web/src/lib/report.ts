/*
 * The report of a backtest (docs/statistics.md) in words. Older answers have
 * none, so every part may be missing. Pure.
 */
import { number, percent } from './format'
import type { Maybe } from './format'

export interface Spread {
	p5: number | null
	p50: number | null
	p95: number | null
}
export interface Mean {
	mean_pct: number | null
	low_pct: number | null
	high_pct: number | null
	p_value: number | null
}
export interface Significance {
	rounds: number
	order_drawdown_pct: Spread | null
	drawn_drawdown_pct: Spread | null
	drawn_equity: Spread | null
	drawn_loss_share: number | null
	drawn_ruin_share: number | null
	trade: Mean | null
	daily: Mean | null
}
export interface Group {
	key: string | number
	trades: number
	win_rate_pct: number | null
	profit: number | null
	avg_return_pct: number | null
}
export interface Bin {
	from: number | null
	to: number | null
	trades: number
}
export interface YearRow {
	year: number
	year_pct: number | null
	months_pct: (number | null)[]
}
export interface Drawdown {
	depth_pct: number
	from: string
	bottom: string
	to: string | null
	duration_ms: number
	recovery_ms: number | null
}
type Figures = Record<string, Maybe>
export interface Warning {
	slug: string
	text: string
}
export interface Report {
	fingerprint?: string
	warnings?: Warning[]
	variants?: Record<string, Figures>
	ratios?: Figures
	trades?: Figures
	benchmark?: Figures
	monthly?: YearRow[]
	drawdowns?: Drawdown[]
	distribution?: { return_pct?: Bin[]; held_ms?: Bin[] }
	breakdowns?: Record<string, Group[]>
	significance?: Significance
}

/* ---- warnings ------------------------------------------------------------ */

/* The server's own words. */
export const warningText = ({ slug, text }: Warning): string => text || slug.replaceAll('_', ' ')

/* ---- variants ------------------------------------------------------------ */

const variants: Record<string, string> = {
	daily: 'Kontor, daily returns', backtesting_py: 'backtesting.py', freqtrade: 'freqtrade', jesse: 'Jesse', vectorbt: 'vectorbt', nautilus: 'NautilusTrader',
}
export const variantName = (slug: string): string => variants[slug] ?? slug

/* ---- breakdowns ---------------------------------------------------------- */

const reasons: Record<string, string> = {
	signal: 'Signal', stop_loss: 'Stop-loss', take_profit: 'Take-profit', trailing_stop: 'Trailing stop', break_even: 'Break-even stop', time: 'Time limit',
	roi: 'Profit after a time', margin: 'Margin call', drawdown: 'Drawdown limit', end: 'End of data', ruin: 'Ruin', other: 'Other',
}
export const reasonName = (reason: string): string => reasons[reason] ?? reason.replaceAll('_', ' ').replace(/^./, (sign) => sign.toUpperCase())

const days: Record<string, string> = { mon: 'Monday', tue: 'Tuesday', wed: 'Wednesday', thu: 'Thursday', fri: 'Friday', sat: 'Saturday', sun: 'Sunday' }
export const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

export const breakdowns: { key: string; title: string; column: string }[] = [
	{ key: 'side', title: 'By side', column: 'Side' },
	{ key: 'exit_reason', title: 'By reason of the exit', column: 'Reason' },
	{ key: 'weekday', title: 'By weekday of the entry', column: 'Weekday' },
	{ key: 'hour', title: 'By hour of the entry, UTC', column: 'Hour' },
	{ key: 'month', title: 'By month of the entry', column: 'Month' },
	{ key: 'symbol', title: 'By symbol', column: 'Symbol' },
]
export function groupName(kind: string, key: string | number): string {
	if (kind === 'exit_reason') return reasonName(String(key))
	if (kind === 'weekday') return days[key] ?? String(key)
	if (kind === 'hour') return `${String(key).padStart(2, '0')}:00`
	if (kind === 'month') return months[Number(key) - 1] ?? String(key)
	return String(key)
}

/* ---- distribution -------------------------------------------------------- */

const edge = (value: number): string => number(value, Number.isInteger(value) ? 0 : 1)
const UNITS: [number, string][] = [[86_400_000, 'd'], [3_600_000, 'h'], [60_000, 'min']]
const short = (ms: number): string => {
	const [size, unit] = UNITS.find(([one]) => ms >= one) ?? UNITS[2]!
	return `${Math.round(ms / size)} ${unit}`
}

export function binName(bin: Bin, kind: 'return_pct' | 'held_ms'): string {
	const one = kind === 'held_ms' ? short : (value: number) => `${edge(value)} %`
	if (bin.from === null) return `below ${one(bin.to ?? 0)}`
	if (bin.to === null) return `${one(bin.from)} and more`
	return kind === 'held_ms' ? `${one(bin.from)} to ${one(bin.to)}` : `${edge(bin.from)} to ${one(bin.to)}`
}

/* Without the empty bins at both ends. */
export function innerBins(bins: Bin[]): Bin[] {
	const first = bins.findIndex((bin) => bin.trades > 0)
	return first < 0 ? [] : bins.slice(first, bins.findLastIndex((bin) => bin.trades > 0) + 1)
}

/* ---- luck ---------------------------------------------------------------- */

const oneIn = (p: number): string => (p <= 0.5 ? `about one time in ${Math.round(1 / p).toLocaleString('en')}` : 'more often than not')

function edgeWords(mean: Mean | null, what: string): string[] {
	if (!mean || mean.mean_pct === null || mean.p_value === null) return []
	return [
		`The mean ${what} was ${percent(mean.mean_pct)}; drawn anew from the same ones, the middle 95 % of means lie between ${percent(mean.low_pct)} and ${percent(mean.high_pct)}.`
		+ ` Without any edge it would look as good ${oneIn(mean.p_value)} (p = ${number(mean.p_value, 3)}).`,
	]
}

export function luckWords(luck: Significance): string[] {
	const said: string[] = []
	const rounds = luck.rounds.toLocaleString('en')
	const { order_drawdown_pct: order, drawn_drawdown_pct: drawn, drawn_equity: equity } = luck
	if (order && order.p50 !== null)
		said.push(`In ${rounds} reshuffles of the same trades the deepest drawdown was ${percent(order.p50, 1)} in the middle case, and above ${percent(order.p95, 1)} in one of twenty.`)
	if (drawn && drawn.p50 !== null && equity)
		said.push(
			`In ${rounds} runs of as many trades, each drawn from all of them, the equity ended between ${number(equity.p5, 0)} and ${number(equity.p95, 0)} in nine of ten,`
			+ ` with a deepest drawdown of ${percent(drawn.p50, 1)} in the middle case. ${percent((luck.drawn_loss_share ?? 0) * 100, 1)} ended with a loss`
			+ `${luck.drawn_ruin_share ? `, ${percent(luck.drawn_ruin_share * 100, 1)} at nothing` : ''}.`,
		)
	said.push(...edgeWords(luck.trade, 'return of a trade'), ...edgeWords(luck.daily, 'return of a day'))
	return said
}

/* ---- curves -------------------------------------------------------------- */

export type Point = [number, number]

/* How far under its peak the equity is, in percent, 0 or below. */
export function underwater(points: Point[], cash: number): Point[] {
	let peak = cash
	return points.map(([ms, value]) => {
		peak = Math.max(peak, value)
		return [ms, peak > 0 ? (value / peak - 1) * 100 : 0]
	})
}

/*
 * What the cash would have become in the market. The first bar on which the
 * rules could decide is not told, but its close is: by what buying and
 * holding brought. Before the bar with that close the line is the cash.
 */
export function holdCurve(closes: Point[], cash: number, returnPct: Maybe): Point[] {
	const last = closes.at(-1)
	const growth = 1 + Number(returnPct) / 100
	if (!last || returnPct === null || returnPct === undefined || !(growth > 0)) return []
	const base = last[1] / growth
	const begin = closes.findIndex(([, close]) => Math.abs(close / base - 1) < 1e-9)
	return closes.map(([ms, close], index) => [ms, index < begin ? cash : (cash * close) / base])
}
