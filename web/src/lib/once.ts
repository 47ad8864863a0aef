/*
 * Idempotency-Keys of one form. What is sent again while nobody knows what
 * became of it has the key of the first time; whatever was answered is over,
 * and the same again is a new one. Pure but for the maker of keys.
 */
export interface OnceKeys {
	keyOf: (text: string) => string
	over: () => void
}

export function onceKeys(make: () => string = () => crypto.randomUUID()): OnceKeys {
	let open: { text: string; key: string } | null = null
	return {
		keyOf: (text) => {
			if (open?.text !== text) open = { text, key: make() }
			return open.key
		},
		over: () => void (open = null),
	}
}

/* Did the server perhaps act without our hearing of it? */
export const isUnsure = (status: number): boolean => status === 0 || status >= 500
