/*
 * Calls of a signed-in user, and the password again, once, when the server
 * wants it fresh.
 */
import { Problem } from './http'
import type { Page } from './lib/types'
import { call } from './session'

let askPassword: () => Promise<boolean> = async () => false
/* The dialog is a matter of the user interface; it registers itself. */
export const onReauthentication = (ask: () => Promise<boolean>): void => {
	askPassword = ask
}

export async function api<T>(method: string, path: string, body?: unknown): Promise<T> {
	try {
		return await call<T>(method, path, body)
	} catch (problem) {
		if (!(problem instanceof Problem) || problem.code !== 'reauth_required') throw problem
		if (!(await askPassword())) throw problem
		return await call<T>(method, path, body)
	}
}

export const get = <T>(path: string): Promise<T> => api<T>('GET', path)
export const post = <T>(path: string, body: unknown = undefined): Promise<T> => api<T>('POST', path, body)
export const remove = (path: string): Promise<unknown> => api('DELETE', path)

/* Empty texts in the filter count as none. */
export const list = <T>(path: string, limit: number, cursor: string | null = null, filter: Record<string, string> = {}): Promise<Page<T>> => {
	const query = new URLSearchParams({ limit: String(limit) })
	for (const [name, value] of Object.entries(filter)) if (value) query.set(name, value)
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
