import assert from 'node:assert/strict'
import test from 'node:test'
import { intervalOf, outline, paramFault, paramHint, paramsOf, parseDefinition } from '../src/lib/definition'

const cross = {
	name: 'SMA cross', interval: '1d',
	params: { fast: { default: 10, min: 5, max: 30, step: 5 }, slow: { default: '30' }, bad: { min: 1 } },
	indicators: { f: {}, s: {} },
	entry: { long: {}, short: {} },
	stops: { stop_loss_pct: '5' },
}

test('parameters with their bounds, what is no number left out', () =>
	assert.deepEqual(paramsOf(cross), [{ name: 'fast', value: 10, min: 5, max: 30, step: 5 }, { name: 'slow', value: 30 }]))
test('nothing is made of what is no definition', () => {
	for (const odd of [null, 1, 'x', [], { params: [] }, { params: null }]) assert.deepEqual(paramsOf(odd), [])
	assert.equal(intervalOf([]), null)
	assert.equal(outline(null), '')
})
test('faults of a parameter', () => {
	const fast = paramsOf(cross)[0]!
	assert.equal(paramFault(fast, '10'), null)
	assert.equal(paramFault(fast, '4'), 'At least 5.')
	assert.equal(paramFault(fast, '31'), 'At most 30.')
	assert.equal(paramFault(fast, ''), 'Give a number.')
	assert.equal(paramHint(fast), '5 to 30, steps of 5')
})
test('the outline says what the rules are', () =>
	assert.equal(outline(cross), '2 indicators · long and short · stop-loss 5 %'))
test('parsing tells the fault', () => {
	assert.deepEqual(parseDefinition('{"a":1}'), { value: { a: 1 } })
	assert('fault' in parseDefinition('{'))
})
