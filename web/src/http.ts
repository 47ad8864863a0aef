/*
 * One request to the API and one way to fail: a Problem, also when nobody
 * answers. Knows nothing of sessions: the browser adds their cookies.
 */
export interface Fault {
	pointer: string
	message: string
}

export class Problem extends Error {
	constructor(
		readonly status: number,
		readonly code: string,
		readonly title: string,
		readonly detail: string,
		readonly requestId: string | null,
		readonly faults: Fault[],
		readonly retryAfter: number,
	) {
		super(detail || title)
	}
}

export const BASE = '/api/v1/'
const TIMEOUT_MS = 60_000

export interface Extra {
	headers?: Record<string, string>
	/* what becomes of a good answer, or a 304; absent: its JSON */
	read?: (answer: Response) => Promise<unknown>
}
export interface Sending extends Extra {
	body?: unknown
	csrf?: string
}

function unreachable(error: unknown): Problem {
	const late = error instanceof DOMException && error.name === 'TimeoutError'
	return new Problem(
		0, late ? 'timeout' : 'unreachable',
		late ? 'Kontor took too long' : 'Kontor cannot be reached',
		'Check the connection and try again. Nothing that you typed is lost.', null, [], 0,
	)
}

async function problemOf(answer: Response): Promise<Problem> {
	const said = (await answer.json().catch(() => ({}))) as Record<string, unknown>
	const text = (key: string): string => (typeof said[key] === 'string' ? said[key] : '')
	const faults = Array.isArray(said['errors']) ? (said['errors'] as Fault[]) : []
	const title = text('title') || (answer.status >= 500 ? 'Kontor has a problem' : 'That did not work')
	return new Problem(
		answer.status, text('code') || `http_${answer.status}`, title, text('detail'),
		text('request_id') || answer.headers.get('X-Request-Id'), faults,
		Math.max(0, Math.ceil(Number(answer.headers.get('Retry-After')) || 0)),
	)
}

export async function send<T>(method: string, path: string, sending: Sending = {}): Promise<T> {
	const headers: Record<string, string> = { Accept: 'application/json' }
	if (sending.body !== undefined) headers['Content-Type'] = 'application/json'
	Object.assign(headers, sending.headers)
	if (sending.csrf && method !== 'GET') headers['X-CSRF-Token'] = sending.csrf
	let answer: Response
	try {
		answer = await fetch(BASE + path, {
			method,
			headers,
			body: sending.body === undefined ? null : JSON.stringify(sending.body),
			credentials: 'same-origin',
			cache: 'no-store',
			redirect: 'error',
			signal: AbortSignal.timeout(TIMEOUT_MS),
		})
	} catch (error) {
		throw unreachable(error)
	}
	if (!answer.ok && answer.status !== 304) throw await problemOf(answer)
	/* An answer that breaks off is none: nobody knows what it was to say. */
	if (sending.read) return (await sending.read(answer).catch((error) => { throw unreachable(error) })) as T
	if (answer.status === 204) return undefined as T
	return (await answer.json().catch(() => undefined)) as T
}
