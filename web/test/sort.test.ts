import assert from 'node:assert/strict'
import test from 'node:test'
import { nextOrder, sortRows } from '../src/lib/sort'

const rows = [{ a: '10', b: 'x' }, { a: '9', b: null }, { a: '-1', b: 'b' }]
const column = (key: 'a' | 'b', down: boolean) => sortRows(rows, { key, down }).map((row) => row[key])

test('decimal strings sort as numbers', () => assert.deepEqual(column('a', false), ['-1', '9', '10']))
test('downwards', () => assert.deepEqual(column('a', true), ['10', '9', '-1']))
test('nothing comes last either way', () => {
	assert.deepEqual(column('b', false), ['b', 'x', null])
	assert.deepEqual(column('b', true), ['x', 'b', null])
})
test('the rows given stay as they are', () => assert.equal(rows[0]!.a, '10'))
test('a second click turns the order', () => {
	assert.deepEqual(nextOrder({ key: 'a', down: false }, 'a'), { key: 'a', down: true })
	assert.deepEqual(nextOrder({ key: 'a', down: true }, 'b'), { key: 'b', down: false })
})
