/*
 * Who is signed in. The session lives in cookies that no script can read; this
 * module holds the CSRF token of the session that the page was opened for, so
 * that a page of one user cannot write for another one who signed in meanwhile
 * in another tab. Nothing is written to the browser's storage.
 */
import { signal } from '@preact/signals'
import { Problem, send } from './http'
import type { Extra } from './http'
import { csrfOf, noCsrf } from './lib/cookie'
import { renewal } from './lib/renewal'
import type { BrowserSession, Me, Settings } from './lib/types'

export const me = signal<Me | null>(null)
export const preferences = signal<Settings | null>(null)
/* Said on the sign-in page: why one is there. */
export const farewell = signal('')
/* Until the first look at the session is over; and what went wrong with it. */
export const starting = signal(true)
export const trouble = signal<Problem | null>(null)

const ENDED = 'Your session has ended. Please sign in again.'
let csrf = ''
const cookie = (): string => csrfOf(document.cookie)

/* What one tab tells the others: in, out. */
const tabs = new BroadcastChannel('kontor-session')
tabs.onmessage = ({ data }: MessageEvent<'in' | 'out'>) => {
	if (data === 'in') void resume()
	else if (me.value) leave('You are signed out.')
}

function leave(reason: string): void {
	csrf = ''
	me.value = null
	preferences.value = null
	farewell.value = reason
}

/* The session is over on the server: in this tab, and so in all. */
export function forget(reason: string): void {
	leave(reason)
	document.cookie = noCsrf
	tabs.postMessage('out')
}

const isRefusal = (error: unknown, ...statuses: number[]): error is Problem =>
	error instanceof Problem && statuses.includes(error.status)

const renew = renewal({
	lock: (work) => navigator.locks.request('kontor-renewal', work),
	cookie,
	ask: async () => {
		try {
			csrf = (await send<BrowserSession>('POST', 'auth/refresh', { body: {}, csrf })).csrf_token
			return true
		} catch (problem) {
			/* A full house (429, 503) is no end, and the cookies of another
			   session (403) are another matter: whoever called sees to it. */
			if (!isRefusal(problem, 400, 401)) throw problem
			return false
		}
	},
})

/* Another session stands in the cookies than the one that this page is of.
   True when it is the same user's, so that the call may be repeated. */
async function meet(): Promise<boolean> {
	const before = me.value?.id
	if (csrf === cookie()) forget(ENDED)
	else await resume()
	return before !== undefined && me.value?.id === before
}

/* May the call that was refused be repeated? */
async function mend(problem: unknown, seen: string): Promise<boolean> {
	let said = problem
	if (isRefusal(problem, 401) && problem.code !== 'bad_credentials')
		try {
			if (await renew(seen)) return true
			forget(ENDED)
		} catch (refused) {
			said = refused
		}
	if (isRefusal(said, 403) && said.code === 'csrf_failed') return meet()
	if (said !== problem) throw said
	return false
}

/* A call of the one who is signed in: renews the session unseen, once. */
export async function call<T>(method: string, path: string, body?: unknown, extra: Extra = {}): Promise<T> {
	const seen = cookie()
	try {
		return await send<T>(method, path, { ...extra, body, csrf })
	} catch (problem) {
		if (!(await mend(problem, seen))) throw problem
	}
	try {
		return await send<T>(method, path, { ...extra, body, csrf })
	} catch (problem) {
		if (isRefusal(problem, 401) && problem.code !== 'bad_credentials') forget(ENDED)
		throw problem
	}
}

async function enter(): Promise<void> {
	const [who, settings] = await Promise.all([
		call<Me>('GET', 'auth/me'),
		call<Settings>('GET', 'settings').catch(() => null),
	])
	farewell.value = ''
	preferences.value = settings
	me.value = who
}

/* The session that the browser's cookies hold, if there is one. */
export async function resume(): Promise<void> {
	csrf = cookie()
	trouble.value = null
	try {
		if (csrf) await enter()
		else leave(farewell.value)
	} catch (problem) {
		if (!isRefusal(problem, 401)) {
			me.value = null
			trouble.value = problem as Problem
		}
	}
	starting.value = false
}

export async function signIn(username: string, password: string): Promise<void> {
	csrf = (await send<BrowserSession>('POST', 'auth/login', { body: { username, password, cookie: true }, csrf: cookie() })).csrf_token
	await enter()
	tabs.postMessage('in')
}

export async function signOut(everywhere = false): Promise<void> {
	try {
		await call('POST', everywhere ? 'auth/logout-all' : 'auth/logout')
	} catch (problem) {
		/* Already ended there is as good; anything else the user must know. */
		if (!isRefusal(problem, 401)) throw problem
	}
	forget(everywhere ? 'You are signed out on every device.' : 'You are signed out.')
}

/* A page that the browser had kept frozen has heard nothing. */
addEventListener('pageshow', (event) => {
	if (event.persisted) void resume()
})
