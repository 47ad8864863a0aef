/* Hash routes: "#/backtests/new?strategy=ID" -> path parts and a query. */
export interface Route {
	parts: string[]
	query: URLSearchParams
}

export function parseHash(hash: string): Route {
	const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
	return { parts: path.split('/').filter(Boolean).map(decode), query: new URLSearchParams(query) }
}

function decode(part: string): string {
	try {
		return decodeURIComponent(part)
	} catch {
		return part
	}
}

export function href(parts: string[], query: Record<string, string | undefined> = {}): string {
	const given = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]))
	const tail = given.length ? `?${new URLSearchParams(given)}` : ''
	return `#/${parts.map(encodeURIComponent).join('/')}${tail}`
}
