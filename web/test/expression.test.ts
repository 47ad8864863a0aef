import assert from 'node:assert/strict'
import test from 'node:test'
import { caretLines, faultCharacter, helpOf, offsetOf, places, ruleAt, withRule } from '../src/lib/expression'

test('a fault says its character', () => {
	assert.equal(faultCharacter('character 41: expected an operator'), 41)
	assert.equal(faultCharacter('is nested too deeply'), null)
	assert.equal(offsetOf('€ > 1', 3), 2)
	assert.equal(offsetOf('😀 > 1', 3), 3)
	assert.equal(caretLines('close >\nrsi(14) <> 70', 17), 'rsi(14) <> 70\n        ^')
	assert.equal(caretLines('close >', 8), 'close >\n       ^')
	assert.equal(caretLines('crosses_above(ema(close, 10), ema(close 30)) or 12 > 3', 41), `…a(close, 10), ema(close 30)) or 12…\n${' '.repeat(25)}^`)
})
test('a rule goes to its place and leaves the rest', () => {
	const [long, short] = [places[0]!, places[1]!]
	const before = { name: 'x', entry: { long: 'close > 1' } }
	assert.equal(ruleAt(before, long), 'close > 1')
	assert.equal(ruleAt(before, short), undefined)
	assert.equal(ruleAt(null, long), undefined)
	assert.deepEqual(withRule(before, short, { gt: ['close', 2] }), { name: 'x', entry: { long: 'close > 1', short: { gt: ['close', 2] } } })
	assert.deepEqual(withRule({}, places[2]!, 'a'), { exit: { long: 'a' } })
	assert.deepEqual(before, { name: 'x', entry: { long: 'close > 1' } })
})
test('the schema becomes help; a strange one becomes none', () => {
	const period = { anyOf: [{ type: 'integer', minimum: 1, maximum: 1000 }, { $ref: '#/$defs/param' }] }
	const macd = {
		title: 'macd', description: 'Two averages apart', properties: { fn: { const: 'macd' }, fast: { ...period, default: 12 }, period, output: { enum: ['value', 'signal'] }, source: {} },
	}
	const help = helpOf({ $defs: { indicator: { oneOf: [macd, 3] }, expression: { anyOf: [{}, { properties: { gt: {}, rising: {} } }] } } })
	assert.deepEqual(help, {
		operators: ['gt', 'rising'],
		indicators: [{
			name: 'macd', summary: 'Two averages apart', outputs: ['value', 'signal'], call: 'macd(close, 12, period)',
			params: [{ name: 'fast', text: 'whole, 1 to 1000, 12 unless given' }, { name: 'period', text: 'whole, 1 to 1000, must be given' }],
		}],
	})
	assert.deepEqual(helpOf(null), { indicators: [], operators: [] })
})
