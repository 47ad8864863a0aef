/*
 * Rules as text: where a fault stands, where a rule goes in a definition,
 * and the language's schema as rows of a help panel. Pure.
 */
export interface Place {
	value: string
	label: string
	path: [string, string]
}
export const places: Place[] = [
	{ value: 'entry.long', label: 'Enter long', path: ['entry', 'long'] },
	{ value: 'entry.short', label: 'Enter short', path: ['entry', 'short'] },
	{ value: 'exit.long', label: 'Leave long', path: ['exit', 'long'] },
	{ value: 'exit.short', label: 'Leave short', path: ['exit', 'short'] },
]

/* "character 41: expected ..." -> 41; null when it does not say. */
export function faultCharacter(message: string): number | null {
	const found = /^character (\d+):/.exec(message)
	return found ? Number(found[1]) : null
}

/* The server counts characters from 1, a text field UTF-16 units from 0. */
export const offsetOf = (text: string, character: number): number =>
	[...text].slice(0, character - 1).join('').length

/* So much of a line is shown before and behind a fault. */
const BEFORE = 24
const BEHIND = 10

/* The line of the fault, cut to its surroundings, and a caret under it. */
export function caretLines(text: string, character: number): string {
	const at = Math.min(offsetOf(text, character), text.length)
	const start = text.lastIndexOf('\n', at - 1) + 1
	const end = text.indexOf('\n', at)
	const line = text.slice(start, end < 0 ? undefined : end)
	const from = at - start > BEFORE ? at - start - BEFORE : 0
	const before = (from ? '…' : '') + line.slice(from, at - start)
	const rest = line.slice(at - start)
	const behind = rest.length > BEHIND ? `${rest.slice(0, BEHIND)}…` : rest
	return `${before}${behind}\n${before.replace(/[^\t]/g, ' ')}^`
}

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

export function ruleAt(definition: unknown, place: Place): unknown {
	const part = isObject(definition) ? definition[place.path[0]] : undefined
	return isObject(part) ? part[place.path[1]] : undefined
}

/* A copy with the rule at its place; all else as it was. */
export function withRule(definition: unknown, place: Place, rule: unknown): Json {
	const whole = isObject(definition) ? definition : {}
	const part = whole[place.path[0]]
	return { ...whole, [place.path[0]]: { ...(isObject(part) ? part : {}), [place.path[1]]: rule } }
}

/* ---- the schema ---------------------------------------------------------- */

export interface HelpParam {
	name: string
	text: string
}
export interface HelpIndicator {
	name: string
	summary: string
	params: HelpParam[]
	outputs: string[]
	call: string
}

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])
const notParams = ['fn', 'interval', 'output', 'source', 'candles']

function paramText(spec: Json): string {
	const bounds = asList(spec['anyOf']).find((one): one is Json => isObject(one) && 'minimum' in one) ?? {}
	const whole = bounds['type'] === 'integer' ? 'whole, ' : ''
	const usual = spec['default'] === undefined ? 'must be given' : `${String(spec['default'])} unless given`
	return `${whole}${String(bounds['minimum'])} to ${String(bounds['maximum'])}, ${usual}`
}

function indicatorOf(schema: unknown): HelpIndicator[] {
	if (!isObject(schema) || !isObject(schema['properties'])) return []
	const properties = schema['properties']
	const name = String(schema['title'])
	const own = Object.entries(properties).filter((pair): pair is [string, Json] => !notParams.includes(pair[0]) && isObject(pair[1]))
	const output = isObject(properties['output']) ? properties['output'] : {}
	const outputs = asList(output['enum']).map(String)
	const words = own.map(([key, spec]) => (spec['default'] === undefined ? key : String(spec['default'])))
	const call = `${name}(${['source' in properties ? 'close' : '', ...words].filter(Boolean).join(', ')})`
	return [{
		name, summary: String(schema['description'] ?? ''), outputs, call,
		params: own.map(([key, spec]) => ({ name: key, text: paramText(spec) })),
	}]
}

export interface Help {
	indicators: HelpIndicator[]
	operators: string[]
}
export function helpOf(schema: unknown): Help {
	const defs = isObject(schema) && isObject(schema['$defs']) ? schema['$defs'] : {}
	const indicator = isObject(defs['indicator']) ? defs['indicator'] : {}
	const expression = isObject(defs['expression']) ? defs['expression'] : {}
	const operators = asList(expression['anyOf']).flatMap((one) => (isObject(one) && isObject(one['properties']) ? Object.keys(one['properties']) : []))
	return { indicators: asList(indicator['oneOf']).flatMap(indicatorOf), operators }
}
