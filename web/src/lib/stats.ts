/*
 * The statistics of a backtest: which, in what order, under what name, and
 * how each is written. The names are the members of the API's "stats".
 */
import { candleTime, change, date, duration, number, percent, plural, tone } from './format'
import type { Maybe } from './format'

export type Stats = Record<string, Maybe>
type Form = 'change' | 'percent' | 'number' | 'money' | 'count' | 'duration' | 'time'
export interface Stat {
	key: string
	label: string
	form: Form
}
export interface StatGroup {
	title: string
	stats: Stat[]
}

const stat = (key: string, label: string, form: Form): Stat => ({ key, label, form })

export const statGroups: StatGroup[] = [
	{
		title: 'Return',
		stats: [
			stat('return_pct', 'Return', 'change'),
			stat('buy_hold_return_pct', 'Buy and hold', 'change'),
			stat('return_ann_pct', 'Return a year', 'change'),
			stat('cagr_pct', 'CAGR', 'change'),
			stat('equity_final', 'Final equity', 'money'),
			stat('equity_peak', 'Equity peak', 'money'),
			stat('commissions', 'Commissions', 'money'),
		],
	},
	{
		title: 'Risk',
		stats: [
			stat('sharpe', 'Sharpe ratio', 'number'),
			stat('sortino', 'Sortino ratio', 'number'),
			stat('calmar', 'Calmar ratio', 'number'),
			stat('volatility_ann_pct', 'Volatility a year', 'percent'),
			stat('max_drawdown_pct', 'Max. drawdown', 'percent'),
			stat('avg_drawdown_pct', 'Average drawdown', 'percent'),
			stat('max_drawdown_duration_ms', 'Longest drawdown', 'duration'),
			stat('avg_drawdown_duration_ms', 'Average drawdown length', 'duration'),
			stat('alpha_pct', 'Alpha', 'percent'),
			stat('beta', 'Beta', 'number'),
		],
	},
	{
		title: 'Trades',
		stats: [
			stat('trades', 'Trades', 'count'),
			stat('win_rate_pct', 'Win rate', 'percent'),
			stat('best_trade_pct', 'Best trade', 'change'),
			stat('worst_trade_pct', 'Worst trade', 'change'),
			stat('avg_trade_pct', 'Average trade', 'change'),
			stat('max_trade_duration_ms', 'Longest trade', 'duration'),
			stat('avg_trade_duration_ms', 'Average trade length', 'duration'),
			stat('profit_factor', 'Profit factor', 'number'),
			stat('expectancy_pct', 'Expectancy', 'percent'),
			stat('sqn', 'SQN', 'number'),
			stat('kelly', 'Kelly criterion', 'number'),
		],
	},
	{
		title: 'Period',
		stats: [
			stat('start', 'First candle', 'time'),
			stat('end', 'Last candle', 'time'),
			stat('duration_ms', 'Length', 'duration'),
			stat('exposure_pct', 'Time in the market', 'percent'),
		],
	},
]

export const headline: Stat[] = [
	stat('return_pct', 'Return', 'change'),
	stat('buy_hold_return_pct', 'Buy and hold', 'change'),
	stat('cagr_pct', 'CAGR', 'change'),
	stat('sharpe', 'Sharpe', 'number'),
	stat('max_drawdown_pct', 'Max. drawdown', 'percent'),
	stat('win_rate_pct', 'Win rate', 'percent'),
	stat('trades', 'Trades', 'count'),
]

export function showStat(item: Stat, stats: Stats): string {
	const value = stats[item.key]
	switch (item.form) {
		case 'change': return change(value)
		case 'percent': return percent(value)
		case 'number': return number(value)
		case 'money': return number(value)
		case 'count': return number(value, 0)
		case 'duration': return duration(value)
		case 'time': return candleTime(value)
	}
}

export const statTone = (item: Stat, stats: Stats): string =>
	item.form === 'change' ? tone(stats[item.key]) : ''

/* What the chart shows, in words. */
export function equitySummary(points: [number, number][], stats: Stats): string {
	const first = points[0]
	const last = points.at(-1)
	if (!first || !last) return 'No equity was recorded.'
	const peak = points.reduce((best, point) => (point[1] > best[1] ? point : best), first)
	const low = points.reduce((worst, point) => (point[1] < worst[1] ? point : worst), first)
	return [
		`Equity from ${date(first[0])} to ${date(last[0])}: it began at ${number(first[1])}`,
		`and ended at ${number(last[1])}, a return of ${change(stats['return_pct'])}.`,
		`Highest ${number(peak[1])} on ${date(peak[0])}, lowest ${number(low[1])} on ${date(low[0])};`,
		`largest drawdown ${percent(stats['max_drawdown_pct'])}`,
		`over ${plural(Number(stats['trades'] ?? 0), 'trade')}.`,
	].join(' ')
}
