import assert from 'node:assert/strict'
import test from 'node:test'
import { passwordFits, usernameFits } from '../src/lib/password'

const cases: [string, string, boolean][] = [
	['Sh0rt!a', 'nobody', false],
	['Abcdef1!', 'nobody', true],
	['abcdefgh', 'nobody', false],
	['a long plain sentence', 'nobody', true],
	['a long kontor sentence', 'nobody', false],
	['a sentence by Hanna here', 'hanna', false],
	['ÄÖÜäöü1!', 'nobody', true],
	['', 'nobody', false],
]
for (const [password, username, fits] of cases)
	test(`the password “${password}” ${fits ? 'fits' : 'does not fit'}`, () =>
		assert.equal(passwordFits(password, username), fits))

test('the local part of the e-mail address does not belong into a password', () =>
	assert.equal(passwordFits('long words of merchant', 'nobody', 'merchant@example.org'), false))
test('user names', () => {
	for (const good of ['admin', 'a.b-c_1', 'ABC']) assert.equal(usernameFits(good), true, good)
	for (const bad of ['ab', 'with space', 'ümlaut', 'x'.repeat(33)]) assert.equal(usernameFits(bad), false, bad)
})
