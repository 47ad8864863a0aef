import assert from 'node:assert/strict'
import test from 'node:test'
import { dayAfter, dayOf, intervalName, usableIntervals } from '../src/lib/market'
import type { MarketSymbol } from '../src/lib/types'

const symbol = (...intervals: string[]): MarketSymbol => ({
	symbol: 'X', source: '', price_scale: 2, volume_scale: 0, age_s: 0,
	series: intervals.map((interval) => ({ interval, candles: 1, first: '', last: '' })),
})

test('larger intervals are built from smaller ones', () => {
	assert.deepEqual(usableIntervals(symbol('1d')), ['1d', '1w'])
	assert.deepEqual(usableIntervals(symbol('30m')), ['30m', '1h', '4h', '1d', '1w'])
	assert.deepEqual(usableIntervals(symbol('1m')).length, 8)
	assert.deepEqual(usableIntervals(symbol()), [])
})
test('days', () => {
	assert.equal(dayOf('2004-08-19T13:00:00Z'), '2004-08-19')
	assert.equal(dayOf(null), '')
	assert.equal(dayAfter('2013-02-28'), '2013-03-01T00:00:00Z')
})
test('intervals have names', () =>
	assert.deepEqual(['1m', '30m', '1h', '1d'].map(intervalName), ['1-minute', '30-minute', 'Hourly', 'Daily']))
