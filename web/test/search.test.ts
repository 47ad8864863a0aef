import assert from 'node:assert/strict'
import test from 'node:test'
import { axisFault, axisOf, columnsOf, combinations, efficiencyWords, heatLevels, heatOf, paramsBody, paramsOfRow, pointRows, pointWords, showFigure, valuesOf } from '../src/lib/search'

const fast = { name: 'fast', value: 10, min: 5, max: 30, step: 5 }
const still = { name: 'still', value: 3 }

test('a parameter with bounds is varied at first, another is not', () => {
	assert.deepEqual(valuesOf(axisOf(fast)), [5, 10, 15, 20, 25, 30])
	assert.deepEqual(valuesOf(axisOf(still)), [3])
	assert.deepEqual(paramsBody([axisOf(fast), axisOf(still)]), { fast: { from: 5, to: 30, step: 5 }, still: 3 })
})
test('what was asked before comes back', () => {
	assert.deepEqual(valuesOf(axisOf(fast, { from: 5, to: 15 })).length, 11)
	assert.deepEqual(paramsBody([axisOf(fast, { values: [7, 9] })]), { fast: { values: [7, 9] } })
	assert.deepEqual(paramsBody([axisOf(fast, 12)]), { fast: 12 })
})
test('values are rounded as the server rounds them', () => {
	assert.deepEqual(valuesOf({ ...axisOf(still), how: 'range', from: '0.1', to: '0.3', step: '0.1' }), [0.1, 0.2, 0.3])
})
test('what cannot be is said before it is sent', () => {
	const axis = axisOf(fast)
	assert.equal(axisFault(axis, fast), '')
	assert.match(axisFault({ ...axis, step: '0' }, fast), /step above 0/)
	assert.match(axisFault({ ...axis, to: '' }, fast), /beginning/)
	assert.match(axisFault({ ...axis, to: '40' }, fast), /At most 30/)
	assert.match(axisFault({ ...axis, step: '0.001' }, fast), /1000 values/)
	assert.match(axisFault({ ...axis, how: 'values', values: '5, x' }, fast), /not all numbers/)
	assert.match(axisFault({ ...axis, how: 'values', values: '5 5' }, fast), /twice/)
	assert.match(axisFault({ ...axis, how: 'values', values: ' ' }, fast), /10, 20, 50/)
	assert.match(axisFault({ ...axis, how: 'fixed', fixed: '2' }, fast), /At least 5/)
})
test('points are counted', () => {
	const axes = [axisOf(fast), axisOf({ ...fast, name: 'slow', min: 20, max: 100, step: 10 }), axisOf(still)]
	assert.equal(combinations(axes), 54)
	assert.equal(pointWords(axes, null), '6 × 9 = 54 points')
	assert.equal(pointWords(axes, 20), '20 of 6 × 9 = 54 points')
	assert.equal(pointWords(axes, 200), '6 × 9 = 54 points')
	assert.equal(pointWords([axisOf(still)], null), '1 point')
})

const scores = ['metric', 'return_pct', 'sharpe', 'max_drawdown_pct', 'trades', 'win_rate_pct', 'profit_factor']
const row = (a: number, b: number, c: number, metric: number | null) => [a, b, c, metric, 1, metric, -5, 9, 50, 1.5]
/* a parameter may have the name of a figure */
const table = { columns: ['fast', 'sharpe', 'still', ...scores], rows: [row(5, 20, 3, 0.5), row(5, 30, 3, 0.7), row(10, 20, 3, null), row(10, 30, 3, 0.9)] }

test('a table keeps parameters and figures apart', () => {
	assert.deepEqual(columnsOf(table, 'sharpe').map(({ label }) => label), ['fast', 'sharpe', 'still', 'Return', 'Sharpe', 'Max. drawdown', 'Trades', 'Win rate', 'Profit factor'])
	assert.equal(columnsOf(table, 'sqn')[3]!.label, 'SQN')
	const rows = pointRows(table)
	assert.deepEqual([rows[1]!['p1'], rows[1]!['sharpe']], [30, 0.7])
	assert.deepEqual(paramsOfRow(table, rows[1]!), { fast: 5, sharpe: 30, still: 3 })
})
test('two varied parameters make a picture', () => {
	const heat = heatOf(table, 'metric', false)!
	assert.deepEqual([heat.names, heat.rows, heat.columns, heat.cells, heat.best], [['fast', 'sharpe'], [5, 10], [20, 30], [[0.5, 0.7], [null, 0.9]], 0.9])
	const level = heatLevels(heat, false)
	assert.deepEqual([0.5, 0.9, null].map(level), [1, 5, 0])
	assert.equal(heatOf(table, 'metric', true)!.best, 0.5)
	assert.equal(heatLevels(heat, true)(0.5), 5)
	assert.equal(heatOf({ ...table, rows: table.rows.slice(0, 2) }, 'metric', false), null)
})
test('figures are written by their kind', () => {
	assert.equal(showFigure('metric', 'cagr_pct', 3.456), '3.46 %')
	assert.equal(showFigure('metric', 'sqn', null), '–')
	assert.equal(showFigure('trades', 'sqn', 66), '66')
})
test('efficiency says what it means', () => {
	assert.match(efficiencyWords(0.344, 'sharpe'), /34 % of the Sharpe ratio.*Less than half/)
	assert.match(efficiencyWords(-0.2, 'sharpe'), /Nothing of it/)
	assert.match(efficiencyWords(null, 'sqn'), /no ratio.*SQN/)
	assert.match(efficiencyWords(1.5, 'sqn'), /luck/)
})
