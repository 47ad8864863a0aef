import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { boundsOf, messagesOf, outcomeOf, wordsOf } from '../src/lib/hooks'

const hook = { sides: 'both', symbols: [] as string[], max_value: null, orders_per_hour: 20, addresses: [] as string[], needs_signature: false }

test('what a hook may is told in words', () => {
	assert.equal(boundsOf(hook), 'buys and sells every symbol; 20 orders an hour')
	assert.equal(
		boundsOf({ sides: 'buy', symbols: ['BTC-USD', 'GOOG'], max_value: '500', orders_per_hour: 3, addresses: ['192.0.2.0/24'], needs_signature: true }),
		'buys BTC-USD, GOOG; at most 500 an order; 3 orders an hour; called from 192.0.2.0/24; signed calls alone')
})
test('what came of a call, too, and every reason has words', () => {
	assert.equal(outcomeOf({ state: 'placed', reason: null, order_state: 'partially_filled' }), 'order placed: partially filled')
	assert.equal(outcomeOf({ state: 'nothing', reason: null, order_state: null }), 'there was nothing to close')
	for (const reason of ['signature', 'address', 'time', 'symbol', 'side', 'max_value', 'orders_per_hour', 'bad_input'])
		assert.match(outcomeOf({ state: 'refused', reason, order_state: null }), /^refused: [a-z ]{15,}$/)
})
test('messages are JSON, and those of the manual', () => {
	for (const { text } of messagesOf([])) {
		const message = JSON.parse(text) as Record<string, string>
		assert.equal(message['symbol'], '{{ticker}}')
		assert.equal(message['time'], '{{timenow}}')
	}
	assert.equal((JSON.parse(messagesOf(['BTC-USD'])[0]!.text) as Record<string, string>)['symbol'], 'BTC-USD')
	const manual = readFileSync('../docs/hooks.md', 'utf8').replace(/\s+/g, ' ')
	for (const { text } of messagesOf([]))
		for (const [name, value] of Object.entries(JSON.parse(text) as Record<string, string>)) assert.equal(manual.includes(`"${name}": "${value}"`), true, `${name}: ${value}`)
})
test('lists are written with blanks or commas', () => {
	assert.deepEqual(wordsOf(' btc-usd, goog;x\n'), ['btc-usd', 'goog', 'x'])
})
