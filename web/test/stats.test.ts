import assert from 'node:assert/strict'
import test from 'node:test'
import { equitySummary, headline, showStat, statGroups, statTone } from '../src/lib/stats'

const every = statGroups.flatMap((group) => group.stats)

test('every statistic of the API is shown once', () => {
	const keys = every.map((item) => item.key)
	assert.equal(new Set(keys).size, keys.length)
	assert.equal(keys.length, 32)
})
test('what is not defined is a dash, for each of them', () => {
	for (const item of every) assert.equal(showStat(item, { [item.key]: null }), '–', item.key)
})
test('headline figures', () => {
	const stats = { return_pct: 414.2299, sharpe: 0.58062, max_drawdown_pct: -47.98, trades: 66, win_rate_pct: 46.97 }
	const shown = Object.fromEntries(headline.map((item) => [item.key, showStat(item, stats)]))
	assert.equal(shown['return_pct'], '+414.23 %')
	assert.equal(shown['sharpe'], '0.58')
	assert.equal(shown['max_drawdown_pct'], '−47.98 %')
	assert.equal(shown['trades'], '66')
	assert.equal(shown['cagr_pct'], '–')
	assert.equal(statTone(headline[0]!, stats), 'gain')
})
test('times come as text or as milliseconds', () => {
	const start = every.find((item) => item.key === 'start')!
	assert.equal(showStat(start, { start: 1092873600000 }), '19 Aug 2004')
	assert.equal(showStat(start, { start: '2004-08-19T00:00:00Z' }), '19 Aug 2004')
})
test('the summary tells the curve in words', () => {
	const points: [number, number][] = [[1092873600000, 10000], [1200000000000, 8000], [1362096000000, 51422.99]]
	const text = equitySummary(points, { return_pct: 414.2299, max_drawdown_pct: -20, trades: 66 })
	for (const part of ['19 Aug 2004', '1 Mar 2013', '10,000.00', '51,422.99', '+414.23 %', '8,000.00', '66 trades'])
		assert(text.includes(part), `${part} in ${text}`)
	assert.equal(equitySummary([], {}), 'No equity was recorded.')
})
