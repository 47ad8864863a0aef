import assert from 'node:assert/strict'
import test from 'node:test'
import { keyWords } from '../src/lib/keys'
import type { KeyState } from '../src/lib/types'

const keys = (some: Partial<KeyState>): KeyState => ({
	state: 'usable', reason: null, detail: null, rights_known: true, can_trade: true, can_withdraw: false, bound_to_address: false,
	checked_at: '2026-01-01T00:00:00Z', ...some,
})

test('keys are told in words, and why they are refused', () => {
	assert.equal(keyWords(keys({ state: 'missing' })).head, '')
	assert.match(keyWords(keys({ state: 'unchecked', checked_at: null })).text, /live trading/)
	assert.equal(keyWords(keys({})).text, 'They may trade, and may not withdraw.')
	assert.match(keyWords(keys({ bound_to_address: true })).text, /addresses alone/)
	assert.match(keyWords(keys({ rights_known: false })).text, /does not say/)
	const refused = keyWords(keys({ state: 'refused', reason: 'key_can_withdraw', detail: 'The key may withdraw.', can_withdraw: true }))
	assert.deepEqual([refused.head, refused.bad], ['refused', true])
	assert.match(refused.text, /^The key may withdraw. Make a key without that right/)
	assert.match(keyWords(keys({ state: 'refused', reason: 'keys_refused' })).text, /^keys_refused No order leaves/)
})
