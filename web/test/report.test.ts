import assert from 'node:assert/strict'
import test from 'node:test'
import { binName, groupName, holdCurve, innerBins, luckWords, reasonName, underwater, variantName, warningText } from '../src/lib/report'
import type { Significance } from '../src/lib/report'
import { reportGroups } from '../src/lib/stats'

test('what is not known here is still readable', () => {
	assert.equal(warningText({ slug: 'new_doubt', text: '' }), 'new doubt')
	assert.equal(warningText({ slug: 'few_trades', text: 'Fewer than 30 trades.' }), 'Fewer than 30 trades.')
	assert.equal(variantName('other'), 'other')
	assert.equal(reasonName('some_new_stop'), 'Some new stop')
	assert.equal(groupName('symbol', 'GOOG'), 'GOOG')
})
test('groups are named', () => {
	assert.equal(groupName('hour', 7), '07:00')
	assert.equal(groupName('weekday', 'mon'), 'Monday')
	assert.equal(groupName('month', 12), 'Dec')
	assert.equal(groupName('exit_reason', 'trailing_stop'), 'Trailing stop')
})
test('bins are named, and empty ones at the ends are left out', () => {
	assert.equal(binName({ from: null, to: -50, trades: 0 }, 'return_pct'), 'below −50 %')
	assert.equal(binName({ from: -0.5, to: 0, trades: 0 }, 'return_pct'), '−0.5 to 0 %')
	assert.equal(binName({ from: 50, to: null, trades: 0 }, 'return_pct'), '50 % and more')
	assert.equal(binName({ from: 900_000, to: 3_600_000, trades: 0 }, 'held_ms'), '15 min to 1 h')
	const bins = [0, 2, 0, 3, 0].map((trades, at) => ({ from: at, to: at + 1, trades }))
	assert.deepEqual(innerBins(bins).map(({ trades }) => trades), [2, 0, 3])
	assert.deepEqual(innerBins([]), [])
})
test('every figure of a report has a hint, and stands once in its part', () => {
	for (const { stats } of reportGroups) {
		assert(stats.every(({ hint }) => hint.endsWith('.')))
		assert.equal(new Set(stats.map(({ key }) => key)).size, stats.length)
	}
})
test('the drawdown is measured from the highest so far, the cash included', () => {
	assert.deepEqual(underwater([[1, 90], [2, 120], [3, 60]], 100).map(([, value]) => Math.round(value)), [-10, 0, -50])
})
test('buy and hold begins at the bar whose close is its base', () => {
	const closes: [number, number][] = [[1, 40], [2, 50], [3, 75], [4, 100]]
	assert.deepEqual(holdCurve(closes, 1000, 100), [[1, 1000], [2, 1000], [3, 1500], [4, 2000]])
	/* candles larger than the run's: only the scale is known */
	assert.deepEqual(holdCurve([[1, 40], [4, 100]], 1000, 100), [[1, 800], [4, 2000]])
	assert.deepEqual(holdCurve(closes, 1000, null), [])
	assert.deepEqual(holdCurve([], 1000, 100), [])
})
test('luck is told in words, also when little is known', () => {
	const spread = { p5: 24.3, p50: 34.34, p95: 50 }
	const luck: Significance = {
		rounds: 1000, order_drawdown_pct: spread, drawn_drawdown_pct: spread, drawn_equity: { p5: 17282, p50: 75923, p95: 380605 },
		drawn_loss_share: 0.012, drawn_ruin_share: 0, trade: { mean_pct: 2.8, low_pct: 0.7, high_pct: 4.9, p_value: 0.007 }, daily: null,
	}
	const words = luckWords(luck).join(' ')
	for (const part of ['In 1,000 reshuffles', '34.3 %', '50.0 %', '17,282', '380,605', '1.2 %', 'one time in 143', 'p = 0.007'])
		assert(words.includes(part), `${part} in ${words}`)
	assert(!words.includes('at nothing'))
	const bare = { ...luck, order_drawdown_pct: null, drawn_drawdown_pct: null, drawn_equity: null, trade: null }
	assert.deepEqual(luckWords(bare), [])
})
