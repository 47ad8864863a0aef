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
	/* in plain words */
	hint: string
}
export interface StatGroup {
	title: string
	stats: Stat[]
}

const stat = (key: string, label: string, form: Form, hint = ''): Stat => ({ key, label, form, hint })

export const statGroups: StatGroup[] = [
	{
		title: 'Return',
		stats: [
			stat('return_pct', 'Return', 'change', 'What the cash became, after all costs.'),
			stat('buy_hold_return_pct', 'Buy and hold', 'change', 'What the market itself brought in the same time.'),
			stat('return_ann_pct', 'Return a year', 'change', 'Mean growth by day, compounded to a year.'),
			stat('cagr_pct', 'CAGR', 'change', 'The steady growth a year that leads to the same end.'),
			stat('equity_final', 'Final equity', 'money', 'Money at the last candle, open positions at their price.'),
			stat('equity_peak', 'Equity peak', 'money', 'The most that it ever was.'),
			stat('commissions', 'Commissions', 'money', 'Fees of all fills.'),
		],
	},
	{
		title: 'Risk',
		stats: [
			stat('sharpe', 'Sharpe ratio', 'number', 'Return a year for each unit of volatility. Above 1 is good, above 2 is rare.'),
			stat('sortino', 'Sortino ratio', 'number', 'The same, but only losses count as risk.'),
			stat('calmar', 'Calmar ratio', 'number', 'Return a year for each percent of the deepest drawdown.'),
			stat('volatility_ann_pct', 'Volatility a year', 'percent', 'How widely the return of a year spreads.'),
			stat('max_drawdown_pct', 'Max. drawdown', 'percent', 'The deepest fall from a peak.'),
			stat('avg_drawdown_pct', 'Average drawdown', 'percent', 'The mean of all falls from a peak.'),
			stat('max_drawdown_duration_ms', 'Longest drawdown', 'duration', 'The longest time below a former peak.'),
			stat('avg_drawdown_duration_ms', 'Average drawdown length', 'duration', 'The mean time below a former peak.'),
			stat('alpha_pct', 'Alpha', 'percent', 'Return beyond what following the market explains.'),
			stat('beta', 'Beta', 'number', 'How much it moves when the market moves by 1.'),
		],
	},
	{
		title: 'Trades',
		stats: [
			stat('trades', 'Trades', 'count', 'Closed ones.'),
			stat('win_rate_pct', 'Win rate', 'percent', 'Share of trades with a profit.'),
			stat('best_trade_pct', 'Best trade', 'change', 'Highest return of one trade.'),
			stat('worst_trade_pct', 'Worst trade', 'change', 'Lowest return of one trade.'),
			stat('avg_trade_pct', 'Average trade', 'change', 'Geometric mean of the trades’ returns.'),
			stat('max_trade_duration_ms', 'Longest trade', 'duration', 'From entry to exit.'),
			stat('avg_trade_duration_ms', 'Average trade length', 'duration', 'From entry to exit, the mean.'),
			stat('profit_factor', 'Profit factor', 'number', 'Sum of gains for each unit of losses. Below 1 it loses.'),
			stat('expectancy_pct', 'Expectancy', 'percent', 'Mean return of a trade.'),
			stat('sqn', 'SQN', 'number', 'Mean profit by its spread, grown with the number of trades. Above 2 is good.'),
			stat('kelly', 'Kelly criterion', 'number', 'Share of the money that Kelly’s formula would put at risk.'),
		],
	},
	{
		title: 'Period',
		stats: [
			stat('start', 'First candle', 'time', 'Its open, UTC.'),
			stat('end', 'Last candle', 'time', 'Its open, UTC.'),
			stat('duration_ms', 'Length', 'duration', 'From the first candle to the last.'),
			stat('exposure_pct', 'Time in the market', 'percent', 'Share of candles with an open position.'),
		],
	},
]

/* Groups of a report; their figures are the members of its parts. */
export const reportGroups: { part: 'ratios' | 'trades' | 'benchmark'; title: string; stats: Stat[] }[] = [
	{
		part: 'ratios',
		title: 'More about risk',
		stats: [
			stat('omega', 'Omega', 'number', 'Gains of days for each unit of losses of days. Above 1 it gains.'),
			stat('ulcer_index_pct', 'Ulcer index', 'percent', 'How deep and how long it lay below its peaks.'),
			stat('cvar_5_pct', 'Worst days (CVaR 5 %)', 'percent', 'Mean of the worst twentieth of days.'),
			stat('skew', 'Skew', 'number', 'Above 0: few large gains. Below 0: few large losses.'),
			stat('kurtosis', 'Kurtosis', 'number', 'Above 0: extreme days are more frequent than in a normal distribution.'),
			stat('recovery_factor', 'Recovery factor', 'number', 'Profit for each unit of the deepest fall in money.'),
			stat('time_in_market_pct', 'Time with a position', 'percent', 'Share of the time, not of the candles.'),
			stat('turnover', 'Turnover', 'number', 'How many times the mean equity was traded.'),
			stat('turnover_ann', 'Turnover a year', 'number', 'The same, by years.'),
		],
	},
	{
		part: 'trades',
		title: 'Trades in money',
		stats: [
			stat('net_profit', 'Net profit', 'money', 'Of closed trades, after costs.'),
			stat('gross_profit', 'Gross profit', 'money', 'Sum of the trades that gained.'),
			stat('gross_loss', 'Gross loss', 'money', 'Sum of the trades that lost.'),
			stat('fees', 'Fees', 'money', 'Of both sides.'),
			stat('wins', 'Wins', 'count', 'Trades with a profit.'),
			stat('losses', 'Losses', 'count', 'Trades with a loss.'),
			stat('longest_win_streak', 'Longest row of wins', 'count', 'One behind the other.'),
			stat('longest_loss_streak', 'Longest row of losses', 'count', 'One behind the other.'),
			stat('average_win', 'Average win', 'money', 'Gross profit by wins.'),
			stat('average_loss', 'Average loss', 'money', 'Gross loss by losses.'),
			stat('payoff', 'Payoff', 'number', 'Average win for each unit of average loss.'),
			stat('expectancy', 'Expectancy', 'money', 'Mean profit of a trade.'),
			stat('best', 'Best', 'money', 'Highest profit of one trade.'),
			stat('worst', 'Worst', 'money', 'Lowest profit of one trade.'),
			stat('average_win_ms', 'Wins held', 'duration', 'Mean time.'),
			stat('average_loss_ms', 'Losses held', 'duration', 'Mean time.'),
		],
	},
	{
		part: 'benchmark',
		title: 'The market: buy and hold',
		stats: [
			stat('return_pct', 'Return', 'change', 'One buys on the first bar that could decide, and holds.'),
			stat('cagr_pct', 'CAGR', 'change', 'Steady growth a year.'),
			stat('max_drawdown_pct', 'Max. drawdown', 'percent', 'The market’s deepest fall.'),
			stat('sharpe', 'Sharpe ratio', 'number', 'By daily returns.'),
			stat('alpha_ann_pct', 'Alpha a year', 'percent', 'Return beyond what following the market explains.'),
			stat('beta', 'Beta', 'number', 'How much it moves when the market moves by 1, by day.'),
			stat('correlation', 'Correlation', 'number', 'From −1, always against the market, to 1, always with it.'),
			stat('tracking_error_ann_pct', 'Tracking error', 'percent', 'How far it strays from the market in a year.'),
			stat('information_ratio', 'Information ratio', 'number', 'What straying brought, for each unit of straying.'),
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
