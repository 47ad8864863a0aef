/* Signals in words. Pure. */
import { NONE, amount, number } from './format'
import type { SignalCondition, SignalKind } from './types'

const kinds: Record<SignalKind, string> = {
	entry_long: 'Enter long', entry_short: 'Enter short',
	exit_long: 'Exit long', exit_short: 'Exit short', none: 'No signal',
}
export const kindName = (kind: SignalKind): string => kinds[kind]

/* Entries into a rising market, and the end of a bet against it, are good
   news for it; the arrow says so without colour. */
export const kindSide = (kind: SignalKind): string =>
	kind === 'none' ? '' : kind === 'entry_long' || kind === 'exit_short' ? 'side-long' : 'side-short'

const rules: Record<string, string> = {
	entry_long: 'To enter long', entry_short: 'To enter short',
	exit_long: 'To exit long', exit_short: 'To exit short',
}
export const ruleName = (rule: string): string => rules[rule] ?? rule

const side = (value: number | null): string =>
	value === null ? NONE : Math.abs(value) >= 1000 ? number(value, 2) : amount(Number(value.toPrecision(6)))

/* What was compared; empty where there is nothing to show. */
export const compared = ({ left, right }: SignalCondition): string =>
	left === null && right === null ? '' : right === null ? side(left) : `${side(left)} against ${side(right)}`

/* "2 of 3 conditions hold" */
export function holding(conditions: SignalCondition[]): string {
	const held = conditions.filter((one) => one.held).length
	if (!conditions.length) return 'It has no conditions of its own.'
	return `${held} of ${conditions.length} ${conditions.length === 1 ? 'condition holds' : 'conditions hold'}`
}
