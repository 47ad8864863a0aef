import assert from 'node:assert/strict'
import test from 'node:test'
import { finerIntervals, holdInterval } from '../src/lib/market'
import { flagsOf, optionFault, optionWords, optionsBody, optionsFaulty, requestOfPoint, textsOf } from '../src/lib/run_options'
import { isOpen, pollDelay, progressWords } from '../src/lib/runs'

const usual = flagsOf(null)

test('what is left empty is not sent', () => {
	assert.deepEqual(optionsBody({ fee: '0.1', spread: ' ', tick: '' }, usual), { fee: '0.001' })
	assert.deepEqual(optionsBody({ fee: '' }, usual), {})
	assert.deepEqual(optionsBody({ fee: '0', tick: '0,05' }, { ...usual, long_only: true, finalize: false }), { fee: '0', tick: '0.05', long_only: true, finalize: false })
})
test('the fee a side stands in for a maker’s or taker’s that is not given', () => {
	assert.deepEqual(optionsBody({ fee: '0.1', fee_maker: '0.02' }, usual), { fee: '0.001', fee_maker: '0.0002', fee_taker: '0.001' })
})
test('a request fills the form and comes out the same', () => {
	const request = { symbol: 'GOOG', fee: '0.001', slippage: '0.0005', lot: '0.01', touch_fills: true, finalize: true }
	const { symbol: _, finalize: __, ...options } = request
	assert.deepEqual(optionsBody(textsOf(request), flagsOf(request)), options)
})
test('faults of options', () => {
	assert.equal(optionFault({ name: 'tick', kind: 'amount' }, ''), '')
	assert.match(optionFault({ name: 'tick', kind: 'amount' }, 'x'), /amount/)
	assert.equal(optionsFaulty({ fee: '-1' }), true)
})
test('unusual options are told', () => {
	assert.deepEqual(optionWords({ symbol: 'X', fee: '0.1', spread: '0.001', lot: '0.5', long_only: true }), ['spread 0.1 %', 'quantity step 0.5', 'long only'])
	assert.deepEqual(optionWords(null), [])
})
test('a point of a sweep is a backtest with its parameters', () => {
	const sweep = { strategy_id: 'a', definition: {}, symbol: 'GOOG', fee: '0', tick: null, finalize: true, params: { fast: { from: 1 }, still: 3 }, metric: 'sqn', best: 10 }
	assert.deepEqual(requestOfPoint(sweep, { fast: 5 }), { strategy_id: 'a', symbol: 'GOOG', fee: '0', finalize: true, params: { still: 3, fast: 5 } })
	assert.deepEqual(requestOfPoint({ ...sweep, strategy_id: null }, {}).definition, {})
})
test('looks come less and less often', () => {
	assert.equal(pollDelay(0), 500)
	assert.equal(pollDelay(40), 10_000)
	assert(isOpen('queued') && isOpen('running') && !isOpen('failed'))
	assert.equal(progressWords({ status: 'queued', progress: 0 }), 'Waiting for its turn')
	assert.equal(progressWords({ status: 'running', progress: 41, points: 1200, points_done: 492 }), '41 %: 492 of 1,200 points')
})
test('candles for the picture and for looking inside', () => {
	const day = 86_400_000
	assert.equal(holdInterval('1d', 3000 * day, 5000), '1d')
	assert.equal(holdInterval('1m', 30 * day, 5000), '15m')
	assert.equal(holdInterval('1m', 99_999 * day, 5000), '1w')
	const symbol = { symbol: 'X', source: '', price_scale: 2, volume_scale: 2, age_s: 0, series: [{ interval: '1h', candles: 1, first: '', last: '' }] }
	assert.deepEqual(finerIntervals(symbol, '1d'), ['1h', '4h'])
	assert.deepEqual(finerIntervals(symbol, '1h'), [])
})
