import assert from 'node:assert/strict'
import test from 'node:test'
import { csrfOf } from '../src/lib/cookie'
import { renewal } from '../src/lib/renewal'

for (const [cookies, value] of [
	['', ''],
	['__Host-kontor-csrf=abc-_9', 'abc-_9'],
	['a=1; __Host-kontor-csrf=abc; b=2', 'abc'],
	['__Host-kontor-csrf-old=x; x__Host-kontor-csrf=y; kontor-csrf=z', ''],
	['__Host-kontor-csrf=', ''],
	['__Host-kontor-csrf', ''],
	['__Host-kontor-csrf=a=b', 'a=b'],
] as const)
	test(`the CSRF token in “${cookies}”`, () => assert.equal(csrfOf(cookies), value))

const tick = (): Promise<void> => new Promise((done) => setTimeout(done, 1))

/* Tabs of one browser: one jar of cookies, one lock, one server. */
function browser({ lives = true, fails = false } = {}) {
	let before: Promise<unknown> = Promise.resolve()
	const state = { cookie: 'c0', asked: 0 }
	const lock = (work: () => Promise<boolean>): Promise<boolean> => {
		const mine = before.then(work, work)
		before = mine.catch(() => {})
		return mine
	}
	const ask = async (): Promise<boolean> => {
		state.asked++
		await tick()
		if (fails) throw new Error('429')
		if (lives) state.cookie = `c${state.asked}`
		return lives
	}
	return { state, tab: () => renewal({ lock, cookie: () => state.cookie, ask }) }
}

test('two tabs with an expired token ask the server once, and both go on', async () => {
	const { state, tab } = browser()
	const [one, two] = [tab(), tab()]
	assert.deepEqual(await Promise.all([one('c0'), two('c0')]), [true, true])
	assert.equal(state.asked, 1)
})
test('ten calls of one tab ask once', async () => {
	const { state, tab } = browser()
	const renew = tab()
	const results = await Promise.all(Array.from({ length: 10 }, () => renew('c0')))
	assert.deepEqual(new Set(results), new Set([true]))
	assert.equal(state.asked, 1)
})
test('a call that was refused before the renewal is only repeated', async () => {
	const { state, tab } = browser()
	const renew = tab()
	assert.equal(await renew('c0'), true)
	assert.equal(await renew('c0'), true)
	assert.equal(state.asked, 1)
	assert.equal(await renew('c1'), true)
	assert.equal(state.asked, 2)
})
test('a session that has ended is told to every tab', async () => {
	const { tab } = browser({ lives: false })
	const [one, two] = [tab(), tab()]
	assert.deepEqual(await Promise.all([one('c0'), two('c0')]), [false, false])
})
test('a renewal that fails is not the end: the next one asks again', async () => {
	const { state, tab } = browser({ fails: true })
	const renew = tab()
	for (const _ of [1, 2]) assert.equal(await renew('c0').catch((error: Error) => error.message), '429')
	assert.equal(state.asked, 2)
})
test('a cookie that is gone is no renewal', async () => {
	const { state, tab } = browser({ lives: false })
	state.cookie = ''
	assert.equal(await tab()('c0'), false)
	assert.equal(state.asked, 1)
})
