/* What the dashboard needs to know about a strategy's definition. Pure. */
import { number, plural } from './format'

export interface Param {
	name: string
	value: number
	min?: number
	max?: number
	step?: number
}

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json =>
	typeof value === 'object' && value !== null && !Array.isArray(value)
const asNumber = (value: unknown): number | undefined => {
	const parsed = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
	return typeof parsed === 'number' && Number.isFinite(parsed) ? parsed : undefined
}

/* The numbers one may turn: {"fast":{"default":10,"min":5,...}}. */
export function paramsOf(definition: unknown): Param[] {
	if (!isObject(definition) || !isObject(definition['params'])) return []
	return Object.entries(definition['params']).flatMap(([name, spec]) => {
		const value = asNumber(isObject(spec) ? spec['default'] : spec)
		if (value === undefined) return []
		const param: Param = { name, value }
		for (const key of ['min', 'max', 'step'] as const) {
			const bound = isObject(spec) ? asNumber(spec[key]) : undefined
			if (bound !== undefined) param[key] = bound
		}
		return [param]
	})
}

export function paramFault(param: Param, text: string): string | null {
	const value = asNumber(text)
	if (value === undefined) return 'Give a number.'
	if (param.min !== undefined && value < param.min) return `At least ${param.min}.`
	if (param.max !== undefined && value > param.max) return `At most ${param.max}.`
	return null
}

export const paramHint = (param: Param): string =>
	[
		param.min !== undefined && param.max !== undefined ? `${param.min} to ${param.max}` : '',
		param.step !== undefined ? `steps of ${param.step}` : '',
	].filter(Boolean).join(', ')

export const intervalOf = (definition: unknown): string | null =>
	isObject(definition) && typeof definition['interval'] === 'string' ? definition['interval'] : null

export const nameOf = (definition: unknown): string =>
	isObject(definition) && typeof definition['name'] === 'string' ? definition['name'] : ''

/* One line for lists: "2 indicators · long and short · stop-loss 5 %". */
export function outline(definition: unknown): string {
	if (!isObject(definition)) return ''
	const parts: string[] = []
	const indicators = isObject(definition['indicators']) ? Object.keys(definition['indicators']).length : 0
	if (indicators) parts.push(plural(indicators, 'indicator'))
	const entry = isObject(definition['entry']) ? definition['entry'] : {}
	const sides = ['long', 'short'].filter((side) => entry[side])
	if (sides.length) parts.push(sides.join(' and '))
	const stops = isObject(definition['stops']) ? definition['stops'] : {}
	const stop = asNumber(stops['stop_loss_pct'])
	if (stop !== undefined) parts.push(`stop-loss ${number(stop, Number.isInteger(stop) ? 0 : 2)} %`)
	return parts.join(' · ')
}

/* JSON.parse, or the message and where in the text it went wrong. */
export function parseDefinition(text: string): { value: unknown } | { fault: string } {
	try {
		return { value: JSON.parse(text) as unknown }
	} catch (error) {
		return { fault: error instanceof Error ? error.message : 'Not valid JSON.' }
	}
}
