/*
 * Calls of a signed-in user. Renews the token once on 401, and asks for the
 * password once when the server wants it fresh.
 */
import { Problem, send } from './http'
import type { Page } from './lib/types'
import { accessToken, forget, refresh } from './session'

let askPassword: () => Promise<boolean> = async () => false
/* The dialog is a matter of the user interface; it registers itself. */
export const onReauthentication = (ask: () => Promise<boolean>): void => {
	askPassword = ask
}

async function signedIn<T>(method: string, path: string, body: unknown): Promise<T> {
	const token = accessToken()
	try {
		return await send<T>(method, path, { body, token })
	} catch (problem) {
		if (!(problem instanceof Problem) || problem.status !== 401 || problem.code === 'bad_credentials') throw problem
		if (token === accessToken() && !(await refresh())) throw problem
		return await send<T>(method, path, { body, token: accessToken() }).catch((again) => {
			if (again instanceof Problem && again.status === 401 && again.code !== 'bad_credentials')
				forget('Your session has ended. Please sign in again.')
			throw again
		})
	}
}

export async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
	try {
		return await signedIn<T>(method, path, body)
	} catch (problem) {
		if (!(problem instanceof Problem) || problem.code !== 'reauth_required') throw problem
		if (!(await askPassword())) throw problem
		return await signedIn<T>(method, path, body)
	}
}

export const get = <T>(path: string): Promise<T> => api<T>('GET', path)
export const post = <T>(path: string, body: unknown = undefined): Promise<T> => api<T>('POST', path, body)
export const remove = (path: string): Promise<unknown> => api('DELETE', path)

export const list = <T>(path: string, limit: number, cursor: string | null = null): Promise<Page<T>> => {
	const query = new URLSearchParams({ limit: String(limit) })
	if (cursor) query.set('cursor', cursor)
	return get<Page<T>>(`${path}?${query}`)
}

/* Every page of a list that is small by its nature. */
export async function all<T>(path: string): Promise<T[]> {
	const rows: T[] = []
	let cursor: string | null = null
	do {
		const page: Page<T> = await list<T>(path, 500, cursor)
		rows.push(...page.data)
		cursor = page.next_cursor
	} while (cursor && rows.length < 5000)
	return rows
}

export const id = encodeURIComponent
