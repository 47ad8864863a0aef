import assert from 'node:assert/strict'
import test from 'node:test'
import * as format from '../src/lib/format'

const table = <A extends unknown[]>(name: string, act: (...args: A) => unknown, cases: [A, unknown][]) =>
	cases.forEach(([args, expected]) =>
		test(`${name}(${JSON.stringify(args).slice(1, -1)})`, () => assert.equal(act(...args), expected)))

table('number', format.number, [
	[[1234.5], '1,234.50'], [[-0.001], '0.00'], [[-12.345, 1], '−12.3'], [[null], '–'], [[NaN], '–'],
	[[undefined], '–'], [['0.5806232244485349'], '0.58'], [[''], '–'],
])
table('amount', format.amount, [[['100.50000000'], '100.5'], [['100', 2], '100.00'], [['-3'], '−3'], [[null], '–']])
table('change', format.change, [[[414.2298999], '+414.23 %'], [[-5], '−5.00 %'], [[0], '0.00 %'], [[null], '–']])
table('tone', format.tone, [[[1], 'gain'], [['-1'], 'loss'], [[0], ''], [[null], '']])
table('date', format.date, [[[1092873600000], '19 Aug 2004'], [['2013-03-01T00:00:00Z'], '1 Mar 2013'], [['nonsense'], '–']])
table('candleTime', format.candleTime, [[[1092873600000], '19 Aug 2004'], [['2024-01-02T03:04:00Z'], '2 Jan 2024, 03:04']])
table('moment', format.moment, [
	[['2024-07-01T12:00:00Z', 'Europe/Berlin'], '1 Jul 2024, 14:00'],
	[['2024-07-01T12:00:00Z', 'No/Where'], '1 Jul 2024, 12:00'],
])
table('duration', format.duration, [
	[[269222400000], '3,116 days'], [[90000000], '1 day 1 h'], [[5400000], '1 h 30 min'], [[60000], '1 min'], [[null], '–'],
])
table('age', format.age, [[[5], 'just now'], [[3600], '60 minutes ago'], [[86400 * 3], '3 days ago'], [[86400 * 3653], '10 years ago']])
table('waiting', format.waiting, [[[1], '1 s'], [[99], '99 s'], [[100], '2 min'], [[3600], '60 min']])
table('bytes', format.bytes, [[[0], '0 B'], [[1023], '1,023 B'], [[1024], '1.0 KiB'], [[67108864], '64.0 MiB'], [[1536 * 1024 ** 3], '1,536.0 GiB']])
table('percentToFraction', format.percentToFraction, [
	[['0.1'], '0.001'], [['0'], '0'], [['100'], '1'], [['12,5'], '0.125'], [['5'], '0.05'], [['0.075'], '0.00075'], [['-1'], null], [['x'], null], [[''], null],
])
table('fractionToPercent', format.fractionToPercent, [
	[['0.001'], '0.1'], [['0'], '0'], [['1'], '100'], [['0.125'], '12.5'], [['0.00100000'], '0.1'], [['x'], null],
])
test('percent and fraction are each other’s inverse', () => {
	for (const text of ['0.1', '0.25', '3', '0.0001', '9.99'])
		assert.equal(format.fractionToPercent(format.percentToFraction(text)!), text)
})
