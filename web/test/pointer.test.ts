import assert from 'node:assert/strict'
import test from 'node:test'
import { lineOf, locate, pointerTokens, replaceAt } from '../src/lib/pointer'

const text = `{
  "name": "a \\"quoted\\" {brace}",
  "params": { "fast": { "default": 10, "min": 5 } },
  "list": [1, [2, 3], {"x/y": true, "m~n": null}]
}`
const at = (pointer: string): string => {
	const { start, end } = locate(text, pointer)
	return text.slice(start, end)
}

for (const [pointer, expected] of [
	['/params/fast/default', '10'],
	['/params/fast', '{ "default": 10, "min": 5 }'],
	['/list/1/0', '2'],
	['/list/2/x~1y', 'true'],
	['/list/2/m~0n', 'null'],
	['/name', '"a \\"quoted\\" {brace}"'],
	['/params/slow/default', '{ "fast": { "default": 10, "min": 5 } }'],
	['/list/9', '[1, [2, 3], {"x/y": true, "m~n": null}]'],
	['', text],
] as const)
	test(`locates “${pointer}”`, () => assert.equal(at(pointer), expected))

test('replaces one value and leaves the rest', () => {
	const next = replaceAt(text, '/params/fast/default', '12')
	assert.equal(next, text.replace('10', '12'))
})
test('tokens are unescaped', () => assert.deepEqual(pointerTokens('/a~1b/c~0d/0'), ['a/b', 'c~d', '0']))
test('lines count from one', () => {
	assert.equal(lineOf(text, 0), 1)
	assert.equal(lineOf(text, locate(text, '/params').start), 3)
})
