/*
 * Sweeps and walk-forward tests: what is varied, how many points that makes,
 * and their tables. Counts as the server does (docs/queue.md). Pure.
 */
import { number, percent } from './format'
import type { Maybe } from './format'
import type { Param } from './definition'

export interface Axis {
	name: string
	how: 'range' | 'values' | 'fixed'
	from: string
	to: string
	step: string
	values: string
	fixed: string
}
export type AxisSpec = number | { from: number; to: number; step: number } | { values: number[] }

const MOST_VALUES = 1000

/* Parameters with bounds are varied at first, all others are not. */
export function axisOf(param: Param, asked?: unknown): Axis {
	const { name, value, min, max, step } = param
	const bounded = min !== undefined && max !== undefined
	const axis: Axis = {
		name, how: bounded ? 'range' : 'fixed', from: String(min ?? value), to: String(max ?? value),
		step: String(step ?? 1), values: '', fixed: String(value),
	}
	if (typeof asked === 'number') return { ...axis, how: 'fixed', fixed: String(asked) }
	if (typeof asked !== 'object' || asked === null) return axis
	const spec = asked as Record<string, unknown>
	if (Array.isArray(spec['values'])) return { ...axis, how: 'values', values: spec['values'].join(', ') }
	return { ...axis, how: 'range', from: String(spec['from']), to: String(spec['to']), step: String(spec['step'] ?? 1) }
}

const parse = (text: string): number => (text.trim() === '' ? NaN : Number(text.trim()))

export function valuesOf(axis: Axis): number[] {
	if (axis.how === 'fixed') return [parse(axis.fixed)]
	if (axis.how === 'values') return axis.values.split(/[\s,;]+/).filter(Boolean).map(Number)
	const [from, to, step] = [parse(axis.from), parse(axis.to), parse(axis.step)]
	if (![from, to, step].every(Number.isFinite) || step <= 0 || from > to) return []
	const count = Math.floor((to - from) / step + 1e-9) + 1
	return Array.from({ length: Math.min(count, MOST_VALUES + 1) }, (_, index) => Number((from + index * step).toFixed(9)))
}

export function axisFault(axis: Axis, param: Param): string {
	const values = valuesOf(axis)
	if (!values.length) return axis.how === 'values' ? 'Give numbers such as 10, 20, 50.' : 'Give a beginning, an end that is not smaller, and a step above 0.'
	if (!values.every(Number.isFinite)) return 'These are not all numbers.'
	if (values.length > MOST_VALUES) return `At most ${MOST_VALUES} values.`
	if (new Set(values).size < values.length) return 'A value stands there twice.'
	if (param.min !== undefined && values.some((value) => value < param.min!)) return `At least ${param.min}.`
	if (param.max !== undefined && values.some((value) => value > param.max!)) return `At most ${param.max}.`
	return ''
}

export const combinations = (axes: Axis[]): number => axes.reduce((product, axis) => product * valuesOf(axis).length, 1)

export const paramsBody = (axes: Axis[]): Record<string, AxisSpec> =>
	Object.fromEntries(axes.map((axis) => {
		if (axis.how === 'fixed') return [axis.name, parse(axis.fixed)]
		if (axis.how === 'values') return [axis.name, { values: valuesOf(axis) }]
		return [axis.name, { from: parse(axis.from), to: parse(axis.to), step: parse(axis.step) }]
	}))

/* "6 × 9 = 54 points". */
export function pointWords(axes: Axis[], samples: number | null): string {
	const counts = axes.map((axis) => valuesOf(axis).length).filter((count) => count !== 1)
	const all = combinations(axes)
	const total = `${all.toLocaleString('en')} ${all === 1 ? 'point' : 'points'}`
	const grid = counts.length > 1 ? `${counts.join(' × ')} = ${total}` : total
	return samples !== null && samples < all ? `${samples.toLocaleString('en')} of ${grid}` : grid
}

/* ---- metrics and tables -------------------------------------------------- */

export const metrics: { name: string; label: string }[] = [
	{ name: 'sharpe', label: 'Sharpe ratio' },
	{ name: 'sortino', label: 'Sortino ratio' },
	{ name: 'calmar', label: 'Calmar ratio' },
	{ name: 'return_pct', label: 'Return' },
	{ name: 'return_ann_pct', label: 'Return a year' },
	{ name: 'cagr_pct', label: 'CAGR' },
	{ name: 'max_drawdown_pct', label: 'Max. drawdown' },
	{ name: 'volatility_ann_pct', label: 'Volatility a year (lower is better)' },
	{ name: 'alpha_pct', label: 'Alpha' },
	{ name: 'win_rate_pct', label: 'Win rate' },
	{ name: 'profit_factor', label: 'Profit factor' },
	{ name: 'expectancy_pct', label: 'Expectancy' },
	{ name: 'sqn', label: 'SQN' },
	{ name: 'kelly', label: 'Kelly criterion' },
]
export const metricLabel = (name: string | null | undefined): string =>
	(metrics.find((one) => one.name === (name ?? 'sharpe'))?.label ?? String(name)).replace(/ \(.*/, '')
export const lowerIsBetter = (metric: string): boolean => metric === 'volatility_ann_pct'

const columnLabels: Record<string, string> = {
	return_pct: 'Return', sharpe: 'Sharpe', max_drawdown_pct: 'Max. drawdown', trades: 'Trades', win_rate_pct: 'Win rate', profit_factor: 'Profit factor',
}
const scoreColumns = ['metric', ...Object.keys(columnLabels)]

export interface SearchTable {
	columns: string[]
	rows: (number | null)[][]
}
export interface Column {
	key: string
	label: string
	param: boolean
}

/* Parameters come first; a metric that has a column of its own is not shown twice. */
export function columnsOf(table: SearchTable, metric: string): Column[] {
	const params = table.columns.length - scoreColumns.length
	return table.columns.flatMap((key, index) => {
		const param = index < params
		if (!param && key === 'metric' && metric in columnLabels) return []
		const label = param ? key : key === 'metric' ? metricLabel(metric) : columnLabels[key] ?? key
		return [{ key: param ? `p${index}` : key, label, param }]
	})
}
export type PointRow = Record<string, number | null> & { index: number }
export function pointRows(table: SearchTable): PointRow[] {
	const params = table.columns.length - scoreColumns.length
	return table.rows.map((row, index) => {
		const pairs = table.columns.map((key, at) => [at < params ? `p${at}` : key, row[at] ?? null] as const)
		return { ...Object.fromEntries(pairs), index } as PointRow
	})
}
export const paramsOfRow = (table: SearchTable, row: PointRow): Record<string, number> => {
	const params = table.columns.length - scoreColumns.length
	return Object.fromEntries(table.columns.slice(0, params).map((name, at) => [name, row[`p${at}`] as number]))
}

/* A figure as it is written in tables. */
export function showFigure(key: string, metric: string, value: Maybe): string {
	const name = key === 'metric' ? metric : key
	if (name === 'trades') return number(value, 0)
	return name.endsWith('_pct') ? percent(value) : number(value)
}

export interface Heat {
	rows: number[]
	columns: number[]
	/* by row, then column; null: there is no such point, or nothing defined */
	cells: (number | null)[][]
	best: number | null
	names: [string, string]
}
/* A picture of two parameters; null unless exactly two of them vary. */
export function heatOf(table: SearchTable, key: string, lower: boolean): Heat | null {
	const params = table.columns.length - scoreColumns.length
	const varied = Array.from({ length: params }, (_, at) => at).filter((at) => new Set(table.rows.map((row) => row[at])).size > 1)
	const [down, across] = varied
	if (varied.length !== 2 || down === undefined || across === undefined) return null
	const at = table.columns.lastIndexOf(key)
	const axis = (index: number): number[] => [...new Set(table.rows.map((row) => row[index]!))].sort((a, b) => a - b)
	const [rows, columns] = [axis(down), axis(across)]
	const cells: (number | null)[][] = rows.map(() => columns.map(() => null))
	for (const row of table.rows) cells[rows.indexOf(row[down]!)]![columns.indexOf(row[across]!)] = row[at] ?? null
	const known = cells.flat().filter((value): value is number => value !== null)
	const best = known.length ? known.reduce((a, b) => (lower === b < a ? b : a)) : null
	return { rows, columns, cells, best, names: [table.columns[down]!, table.columns[across]!] }
}

/* 1 (worst) to 5 (best), a fifth of the points each; 0: nothing to compare. */
export function heatLevels(heat: Heat, lower: boolean): (value: number | null) => number {
	const known = heat.cells.flat().filter((value): value is number => value !== null).sort((a, b) => (lower ? b - a : a - b))
	return (value) => (value === null || known.length < 2 ? 0 : 1 + Math.min(4, Math.floor((known.indexOf(value) / (known.length - 1)) * 5)))
}

/* ---- walk-forward -------------------------------------------------------- */

/* What the efficiency says, with what it does not. */
export function efficiencyWords(efficiency: Maybe, metric: string): string {
	const name = metricLabel(metric)
	if (efficiency === null || efficiency === undefined)
		return `There is no ratio: in the windows that chose, the mean ${name} was not above 0, so there was nothing worth carrying over.`
	const share = Math.round(Number(efficiency) * 100)
	const meaning = `On data that it had not seen, the chosen settings reached ${share} % of the ${name} that they had in the windows in which they were chosen.`
	if (share <= 0) return `${meaning} Nothing of it carried over: that is what fitting to the past looks like.`
	if (share < 50) return `${meaning} Less than half carried over, so expect much less than the best point of a sweep shows.`
	if (share <= 110) return `${meaning} Most of it carried over.`
	return `${meaning} More than all of it: the later stretches were kinder, which is luck as well.`
}
