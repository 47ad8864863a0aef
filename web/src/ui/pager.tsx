/* A long table in pages that are all here already. */
import { useSignal } from '@preact/signals'

export interface Paging<T> {
	shown: T[]
	page: number
	pages: number
	first: number
	total: number
	turn: (page: number) => void
}

export function usePaging<T>(rows: T[], size: number): Paging<T> {
	const wanted = useSignal(0)
	const pages = Math.max(1, Math.ceil(rows.length / size))
	const page = Math.min(wanted.value, pages - 1)
	const first = page * size
	return { shown: rows.slice(first, first + size), page, pages, first, total: rows.length, turn: (to) => (wanted.value = to) }
}

export function Pager<T>({ of, what }: { of: Paging<T>; what: string }) {
	const { page, pages, first, total, shown, turn } = of
	if (pages <= 1) return null
	const line = (number: number): string => number.toLocaleString('en')
	return (
		<nav class="pager" aria-label={`Pages of ${what}`}>
			<button type="button" class="button small" disabled={page === 0} onClick={() => turn(page - 1)}>Previous</button>
			<span class="tabular" role="status">{line(first + 1)} to {line(first + shown.length)} of {line(total)}</span>
			<button type="button" class="button small" disabled={page >= pages - 1} onClick={() => turn(page + 1)}>Next</button>
		</nav>
	)
}
