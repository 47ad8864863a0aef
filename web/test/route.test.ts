import assert from 'node:assert/strict'
import test from 'node:test'
import { href, parseHash } from '../src/lib/route'

for (const [hash, parts, query] of [
	['', [], ''],
	['#/', [], ''],
	['#/setup/a-b_C', ['setup', 'a-b_C'], ''],
	['#/backtests/new?strategy=x%2Fy', ['backtests', 'new'], 'strategy=x%2Fy'],
	['#/strategies/%zz', ['strategies', '%zz'], ''],
] as const)
	test(`route “${hash}”`, () => {
		const route = parseHash(hash)
		assert.deepEqual(route.parts, parts)
		assert.equal(String(route.query), query)
	})

test('addresses are escaped and empty queries left out', () => {
	assert.equal(href(['strategies', 'a/b']), '#/strategies/a%2Fb')
	assert.equal(href(['backtests', 'new'], { strategy: 'x', like: undefined }), '#/backtests/new?strategy=x')
	assert.deepEqual(parseHash(href(['a b'])).parts, ['a b'])
})
