/*
 * Calls of a signed-in user, and the password again, once, when the server
 * wants it fresh.
 */
import { Problem } from './http'
import type { Extra } from './http'
import type { Page } from './lib/types'
import { call } from './session'

let askPassword: () => Promise<boolean> = async () => false
/* The dialog is a matter of the user interface; it registers itself. */
export const onReauthentication = (ask: () => Promise<boolean>): void => {
	askPassword = ask
}

export async function api<T>(method: string, path: string, body?: unknown, extra: Extra = {}): Promise<T> {
	try {
		return await call<T>(method, path, body, extra)
	} catch (problem) {
		if (!(problem instanceof Problem) || problem.code !== 'reauth_required') throw problem
		if (!(await askPassword())) throw problem
		return await call<T>(method, path, body, extra)
	}
}

export const get = <T>(path: string): Promise<T> => api<T>('GET', path)
export const post = <T>(path: string, body: unknown = undefined): Promise<T> => api<T>('POST', path, body)
export const remove = (path: string): Promise<unknown> => api('DELETE', path)

/* Makes something that must be made once, however often it is asked for. */
export const postOnce = <T>(path: string, key: string, body?: unknown): Promise<T> =>
	api<T>('POST', path, body, { headers: { 'Idempotency-Key': key }, read: (answer) => answer.json() })

export interface Kept<T> {
	etag: string
	data: T
}
/* Asks again for what is here already; the same object when nothing changed. */
export const renewed = <T>(path: string, known: Kept<T> | undefined): Promise<Kept<T>> =>
	api<Kept<T>>('GET', path, undefined, {
		headers: known?.etag ? { 'If-None-Match': known.etag } : {},
		read: async (answer) => answer.status === 304 && known ? known
			: { etag: answer.headers.get('ETag') ?? '', data: (await answer.json()) as T },
	})

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

const ROWS_MOST = 50_000
/* A list as one table of comma-separated values, all its pages. */
export async function csv(path: string): Promise<string> {
	const read = async (answer: Response) => ({ text: await answer.text(), next: answer.headers.get('X-Next-Cursor') })
	let whole = ''
	let cursor: string | null = null
	for (let rows = 0; rows < ROWS_MOST && (cursor || !whole); rows += 500) {
		const query = new URLSearchParams(cursor ? { limit: '500', cursor } : { limit: '500' })
		const page: Awaited<ReturnType<typeof read>> = await api('GET', `${path}?${query}`, undefined, { headers: { Accept: 'text/csv' }, read })
		whole += whole ? page.text.slice(page.text.indexOf('\n') + 1) : page.text
		cursor = page.next
	}
	return whole
}

export const id = encodeURIComponent
