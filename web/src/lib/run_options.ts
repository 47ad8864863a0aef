/*
 * The options of a simulated run, as rows: what a form shows, what it sends.
 * Percentages are typed as percent and sent as fractions, exact. What was
 * left empty is never sent.
 */
import { fractionToPercent, isDecimal, percentToFraction } from './format'
import type { BacktestRequest } from './types'

export type OptionName =
	| 'fee' | 'fee_maker' | 'fee_taker' | 'fee_fixed' | 'spread' | 'slippage' | 'tick' | 'lot' | 'min_notional' | 'margin'
export type FlagName = 'whole_units' | 'long_only' | 'fill_on_close' | 'touch_fills' | 'finalize'

interface OptionRow {
	name: OptionName
	label: string
	kind: 'percent' | 'amount'
	hint: string
}
export const costOptions: OptionRow[] = [
	{ name: 'fee_maker', label: 'Maker fee, %', kind: 'percent', hint: 'Of fills at a resting target, instead of the fee a side.' },
	{ name: 'fee_taker', label: 'Taker fee, %', kind: 'percent', hint: 'Of all other fills, instead of the fee a side.' },
	{ name: 'fee_fixed', label: 'Fixed fee a fill', kind: 'amount', hint: 'Money, besides.' },
	{ name: 'spread', label: 'Spread, %', kind: 'percent', hint: 'Between bid and ask. Half of it is against you.' },
	{ name: 'slippage', label: 'Slippage, %', kind: 'percent', hint: 'How much worse a fill is. Not at targets.' },
	{ name: 'tick', label: 'Price step', kind: 'amount', hint: 'Fills are rounded to it, against you.' },
	{ name: 'lot', label: 'Quantity step', kind: 'amount', hint: 'Quantities are rounded down to it.' },
	{ name: 'min_notional', label: 'Least order value', kind: 'amount', hint: 'Smaller entries are refused.' },
]
export const advancedOptions: OptionRow[] = [
	{ name: 'margin', label: 'Margin, %', kind: 'percent', hint: 'Share of a position’s value that is held for it. Empty: all of it.' },
]
export const feeOption: OptionRow = { name: 'fee', label: 'Fee a side, %', kind: 'percent', hint: '' }
const everyOption = [feeOption, ...costOptions, ...advancedOptions]

export const costFlags: { name: FlagName; label: string; hint: string }[] = [
	{ name: 'long_only', label: 'Long only', hint: 'A short entry only closes what is long.' },
]
export const advancedFlags: { name: FlagName; label: string; hint: string }[] = [
	{ name: 'touch_fills', label: 'Fill at the stop’s own price', hint: 'As freqtrade does inside a candle. Kinder than the usual way.' },
]
/* What holds when nothing is said. */
const usual: Record<FlagName, boolean> = {
	whole_units: false, long_only: false, fill_on_close: false, touch_fills: false, finalize: true,
}

export type OptionTexts = Partial<Record<OptionName, string>>
export type Flags = Record<FlagName, boolean>

export const optionFault = (row: Pick<OptionRow, 'name' | 'kind'>, text: string): string => {
	if (!text.trim()) return ''
	if (row.kind === 'percent') return percentToFraction(text) === null ? 'Give a percentage such as 0.1.' : ''
	return isDecimal(text) ? '' : 'Give an amount such as 0.01.'
}
export const optionsFaulty = (texts: OptionTexts): boolean =>
	everyOption.some((row) => optionFault(row, texts[row.name] ?? '') !== '')

export const textsOf = (request: BacktestRequest | null): OptionTexts => {
	const texts: OptionTexts = { fee: '0' }
	for (const { name, kind } of everyOption) {
		const value = request?.[name]
		if (value !== null && value !== undefined) texts[name] = kind === 'percent' ? fractionToPercent(value) ?? '' : value
	}
	return texts
}
export const flagsOf = (request: BacktestRequest | null): Flags => {
	const flags = { ...usual }
	for (const name of Object.keys(usual) as FlagName[]) flags[name] = request?.[name] ?? usual[name]
	return flags
}

/* With a maker's or a taker's fee the server takes 0 for the other: here it is the fee a side. */
function withBothFees(out: Partial<BacktestRequest>): Partial<BacktestRequest> {
	if (out.fee_maker === undefined && out.fee_taker === undefined) return out
	const fee = out.fee ?? '0'
	return { ...out, fee_maker: out.fee_maker ?? fee, fee_taker: out.fee_taker ?? fee }
}

export function optionsBody(texts: OptionTexts, flags: Flags): Partial<BacktestRequest> {
	const out: Partial<BacktestRequest> = {}
	for (const { name, kind } of everyOption) {
		const text = (texts[name] ?? '').trim()
		const value = text && (kind === 'percent' ? percentToFraction(text) : text.replace(',', '.'))
		if (value) out[name] = value
	}
	for (const name of Object.keys(usual) as FlagName[]) if (flags[name] !== usual[name]) out[name] = flags[name]
	return withBothFees(out)
}

/* Options that are not the usual, in words; the fee a side not among them. */
export function optionWords(request: BacktestRequest | null): string[] {
	const rows = [...costOptions, ...advancedOptions]
	const said = rows.flatMap(({ name, label, kind }) => {
		const value = request?.[name]
		if (value === null || value === undefined) return []
		const short = label.replace(/, %$/, '').toLowerCase()
		return [kind === 'percent' ? `${short} ${fractionToPercent(value) ?? value} %` : `${short} ${value}`]
	})
	if (request?.long_only) said.push('long only')
	if (request?.touch_fills) said.push('filled at the stop’s own price')
	if (request?.detail_interval) said.push(`looked into with ${request.detail_interval} candles`)
	return said
}

const carried = [
	'strategy_id', 'symbol', 'interval', 'from', 'to', 'cash', 'detail_interval',
	...everyOption.map(({ name }) => name), ...(Object.keys(usual) as FlagName[]),
] as const

/* A search's request as that of one backtest with these parameters. */
export function requestOfPoint(request: BacktestRequest, params: Record<string, number>): BacktestRequest {
	const out: Record<string, unknown> = { params: { ...fixedParams(request), ...params } }
	for (const name of carried) {
		const value = request[name]
		if (value !== null && value !== undefined) out[name] = value
	}
	if (!request.strategy_id) out['definition'] = request.definition
	return out as unknown as BacktestRequest
}

/* Of a search: parameters that are one number, not varied. */
function fixedParams(request: BacktestRequest): Record<string, number> {
	const pairs = Object.entries(request.params ?? {}).filter((pair): pair is [string, number] => typeof pair[1] === 'number')
	return Object.fromEntries(pairs)
}
