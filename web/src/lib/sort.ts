/* Sorting of table rows by one column; stable; nothing sorts last. */
export interface Order {
	key: string
	down: boolean
}

type Cell = string | number | null | undefined

const weigh = (value: Cell): number | string | null => {
	if (value === null || value === undefined || value === '') return null
	const numeric = Number(value)
	return Number.isNaN(numeric) ? String(value) : numeric
}

export function sortRows<T>(rows: readonly T[], order: Order): T[] {
	const of = (row: T) => weigh((row as Record<string, Cell>)[order.key])
	return [...rows].sort((left, right) => {
		const a = of(left)
		const b = of(right)
		if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
		const sign = typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b))
		return order.down ? -sign : sign
	})
}

export const nextOrder = (order: Order, key: string): Order =>
	order.key === key ? { key, down: !order.down } : { key, down: false }
