/*
 * Who is signed in. Both tokens live in this module's memory only, never in
 * storage or a cookie: closing or reloading the page signs out, here and on
 * the server.
 */
import { signal } from '@preact/signals'
import { Problem, send } from './http'
import type { Me, Settings, TokenPair } from './lib/types'

export const me = signal<Me | null>(null)
export const preferences = signal<Settings | null>(null)
/* Said on the sign-in page: why one is there. */
export const farewell = signal('')

let tokens: TokenPair | null = null
let timer = 0
let refreshing: Promise<boolean> | null = null
const AHEAD_S = 60

function keep(pair: TokenPair): void {
	tokens = pair
	clearTimeout(timer)
	const wait = Math.max(pair.expires_in - AHEAD_S, pair.expires_in / 2)
	timer = window.setTimeout(() => void refresh(), wait * 1000)
}

export function forget(reason: string): void {
	clearTimeout(timer)
	tokens = null
	me.value = null
	preferences.value = null
	farewell.value = reason
}

export const accessToken = (): string | undefined => tokens?.access_token

export async function signIn(username: string, password: string): Promise<void> {
	keep(await send<TokenPair>('POST', 'auth/login', { body: { username, password } }))
	const token = accessToken()
	const [who, settings] = await Promise.all([
		send<Me>('GET', 'auth/me', { token }),
		send<Settings>('GET', 'settings', { token }).catch(() => null),
	])
	farewell.value = ''
	preferences.value = settings
	me.value = who
}

/* One at a time; everybody who asks meanwhile waits for the same answer. */
export function refresh(): Promise<boolean> {
	refreshing ??= renew().finally(() => (refreshing = null))
	return refreshing
}

async function renew(): Promise<boolean> {
	const old = tokens
	if (!old) return false
	try {
		const pair = await send<TokenPair>('POST', 'auth/refresh', { body: { refresh_token: old.refresh_token } })
		if (tokens !== old) return false /* signed out meanwhile */
		keep(pair)
		return true
	} catch (problem) {
		const refused = problem instanceof Problem && (problem.status === 401 || problem.status === 400)
		if (refused) forget('Your session has ended. Please sign in again.')
		else if (tokens === old) timer = window.setTimeout(() => void refresh(), 15_000)
		return false
	}
}

export async function signOut(everywhere = false): Promise<void> {
	const token = accessToken()
	try {
		await send('POST', everywhere ? 'auth/logout-all' : 'auth/logout', { token })
	} catch (problem) {
		/* Already ended there is as good; anything else the user must know. */
		if (!(problem instanceof Problem) || problem.status !== 401) throw problem
	}
	forget(everywhere ? 'You are signed out on every device.' : 'You are signed out.')
}

addEventListener('pagehide', (event) => {
	const token = accessToken()
	if (token && !event.persisted) void send('POST', 'auth/logout', { token, keepalive: true }).catch(() => {})
})
