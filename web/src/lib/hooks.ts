/* Words for hooks: what one may do, what came of its calls, what an alert says. */
import type { Hook, HookCall } from './types'

const sideWords: Record<string, string> = { both: 'buys and sells', buy: 'buys', sell: 'sells' }
export const sideOptions = Object.entries({ both: 'Buy and sell', buy: 'Buy', sell: 'Sell' }).map(([value, label]) => ({ value, label }))

export function boundsOf(hook: Pick<Hook, 'sides' | 'symbols' | 'max_value' | 'orders_per_hour' | 'addresses' | 'needs_signature'>): string {
	const parts = [`${sideWords[hook.sides] ?? hook.sides} ${hook.symbols.length ? hook.symbols.join(', ') : 'every symbol'}`]
	if (hook.max_value !== null) parts.push(`at most ${hook.max_value} an order`)
	parts.push(`${hook.orders_per_hour} orders an hour`)
	if (hook.addresses.length) parts.push(`called from ${hook.addresses.join(', ')}`)
	if (hook.needs_signature) parts.push('signed calls alone')
	return parts.join('; ')
}

const reasonWords: Record<string, string> = {
	signature: 'its signature is wrong', address: 'it came from an address that is not allowed', time: 'its time is too far from now',
	symbol: 'the hook may not trade the symbol', side: 'the hook may not take this side', max_value: 'the order is worth more than the hook may ask for',
	orders_per_hour: 'the hook has had its orders of this hour', bad_input: 'the message could not be understood',
}
const stateWords: Record<string, string> = { received: 'cut short', placed: 'order placed', nothing: 'there was nothing to close', refused: 'refused' }

export function outcomeOf(call: Pick<HookCall, 'state' | 'reason' | 'order_state'>): string {
	const said = stateWords[call.state] ?? call.state
	if (call.reason) return `${said}: ${reasonWords[call.reason] ?? call.reason}`
	return call.order_state ? `${said}: ${call.order_state.replace(/_/g, ' ')}` : said
}

/* What TradingView is to send: of an alert on a strategy, and of any other. */
export function messagesOf(symbols: string[]): { title: string; text: string }[] {
	const symbol = symbols.length === 1 ? symbols[0] : '{{ticker}}'
	const strategy = {
		action: '{{strategy.order.action}}', symbol, quantity: '{{strategy.order.contracts}}', time: '{{timenow}}',
		id: '{{strategy.order.id}}-{{timenow}}',
	}
	return [
		{ title: 'An alert on a strategy', text: JSON.stringify(strategy, null, 2) },
		{ title: 'Any other alert', text: JSON.stringify({ action: 'buy', symbol, quote: '100', time: '{{timenow}}' }, null, 2) },
	]
}

export const wordsOf = (text: string): string[] => text.split(/[\s,;]+/).filter(Boolean)
