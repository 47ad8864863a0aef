import assert from 'node:assert/strict'
import test from 'node:test'
import { channelLabel } from '../src/lib/notifications'

test('a channel is called by its kind and place', () => {
	assert.equal(channelLabel({ kind: 'telegram', address: null }), 'Telegram')
	assert.equal(channelLabel({ kind: 'email', address: 'a@example.org' }), 'E-mail a@example.org')
	assert.equal(channelLabel({ kind: 'webhook', address: 'https://example.org' }), 'Webhook example.org')
})
