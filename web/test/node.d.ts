/* The little of Node that the tests use, so that its types need no package. */
declare module 'node:test' {
	export default function test(name: string, run: () => void | Promise<void>): void
}
declare module 'node:assert/strict' {
	const assert: {
		(value: unknown, message?: string): void
		equal(actual: unknown, expected: unknown, message?: string): void
		deepEqual(actual: unknown, expected: unknown, message?: string): void
		match(actual: string, pattern: RegExp): void
	}
	export default assert
}
declare module 'node:fs' {
	export function readFileSync(path: string, encoding: 'utf8'): string
}
