/*
 * Where a JSON pointer stands in a JSON text, so that a fault of the server
 * can be shown at its place, and one number changed without touching the
 * rest. The text must be valid JSON: JSON.parse it first.
 */
export interface Span {
	start: number
	end: number
}

const unescape = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~')

export const pointerTokens = (pointer: string): string[] =>
	pointer === '' ? [] : pointer.split('/').slice(1).map(unescape)

const SPACE = /[ \t\r\n]*/y
const STRING = /"(?:[^"\\]|\\.)*"/y
const SCALAR = /[^\s,\]}]+/y

class Scanner {
	at = 0
	constructor(readonly text: string) {}

	take(pattern: RegExp): string {
		pattern.lastIndex = this.at
		const found = pattern.exec(this.text)?.[0] ?? ''
		this.at += found.length
		return found
	}
	skip(): string {
		this.take(SPACE)
		return this.text[this.at] ?? ''
	}
	/* Steps over one value. */
	value(): void {
		const first = this.skip()
		if (first === '"') this.take(STRING)
		else if (first === '{' || first === '[') this.members(() => false)
		else this.take(SCALAR)
	}
	/* Walks an object or array; true when `wanted` took a member. */
	members(wanted: (name: string) => boolean): boolean {
		const object = this.text[this.at++] === '{'
		for (let index = 0; ; index++) {
			const next = this.skip()
			if (next === ']' || next === '}' || next === '') break
			let name = String(index)
			if (object) {
				name = JSON.parse(this.take(STRING)) as string
				this.skip()
				this.at++
			}
			this.skip()
			if (wanted(name)) return true
			this.value()
			if (this.skip() === ',') this.at++
		}
		this.at++
		return false
	}
}

/* The span of the value; of its nearest parent when it is not there. */
export function locate(text: string, pointer: string): Span {
	const scanner = new Scanner(text)
	scanner.skip()
	for (const token of pointerTokens(pointer)) {
		const before = scanner.at
		const first = text[before]
		const found = (first === '{' || first === '[') && scanner.members((name) => name === token)
		if (!found) {
			scanner.at = before
			break
		}
	}
	const start = scanner.at
	scanner.value()
	return { start, end: scanner.at }
}

export function replaceAt(text: string, pointer: string, value: string): string {
	const { start, end } = locate(text, pointer)
	return text.slice(0, start) + value + text.slice(end)
}

export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split('\n').length
