import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { accountChoice, accountName, ageWords, curveOf, equityWords, limitBody, limitFault, limitTexts, lookDelay, orderTerms, orderTrace, outcome } from '../src/lib/desk'
import type { Account, Order, Portfolio, Risk } from '../src/lib/desk_types'
import { isUnsure, onceKeys } from '../src/lib/once'
import { knownReasons, reasonInFault, reasonOf } from '../src/lib/reasons'
import { costWords, emptyTicket, freeMoney, mayProtect, pairBodies, pairTyped, ticketBody, ticketFaults, ticketNote, ticketValue } from '../src/lib/ticket'
import type { Ticket } from '../src/lib/ticket'
import { rateWords } from '../src/lib/totals'

const ticket = (some: Partial<Ticket>): Ticket => ({ ...emptyTicket('DESK', 'paper'), quantity: '10', ...some })
const order = (some: Partial<Order>): Order => ({
	id: 'a', client_order_id: 'a', account: 1, symbol: 'DESK', side: 'buy', type: 'limit', venue: 'paper', time_in_force: 'gtc', state: 'accepted',
	reason: null, source: 'manual', run_id: null, oco: null, quantity: '10', filled: '0', fees: '0', price: '90', stop_price: null, trail: null,
	level: null, watched: null, average_price: null, post_only: false, reduce_only: false, triggered: false, version: 2, created_at: '', updated_at: '', ...some,
})

test('every reason of the desk is explained', () => {
	const text = readFileSync('../docs/desk.md', 'utf8')
	const table = text.slice(text.indexOf('| reason | when |')).split('\n\n')[0]!
	const codes = [...table.matchAll(/`([a-z_]+)`/g)].map((match) => match[1]!).filter((code) => code === code.toLowerCase() && code !== 'symbols')
	assert(codes.length >= 17, `only ${codes.length} reasons`)
	assert.deepEqual(codes.filter((code) => !knownReasons.includes(code)), [])
	assert.equal(reasonOf('some_new_one').means, 'some new one')
	assert.equal(reasonInFault('risk refuses the change: order_rate'), reasonOf('order_rate'))
	assert.equal(reasonInFault('changes nothing'), null)
})

test('a type has its own fields, and sends no others', () => {
	const all = { price: '1', stop_price: '2', trail: '3' }
	assert.deepEqual(ticketBody(ticket({ ...all })), { symbol: 'DESK', side: 'buy', type: 'market', quantity: '10', venue: 'paper', time_in_force: 'gtc' })
	assert.deepEqual(ticketBody(ticket({ ...all, type: 'trailing_stop', post_only: true, reduce_only: true })),
		{ symbol: 'DESK', side: 'buy', type: 'trailing_stop', quantity: '10', venue: 'paper', trail: '3', reduce_only: true })
	assert.deepEqual(ticketBody(ticket({ ...all, type: 'take_profit', price: ' ', quantity: '1,5' })),
		{ symbol: 'DESK', side: 'buy', type: 'take_profit', quantity: '1.5', venue: 'paper', stop_price: '2' })
	assert.equal(ticketBody(ticket({ type: 'limit', price: '1', force: 'ioc', post_only: true })).post_only, undefined)
	assert.equal(ticketBody(ticket({ type: 'limit', price: '1', post_only: true })).post_only, true)
})
test('what is wrong with a ticket', () => {
	assert.deepEqual(ticketFaults(ticket({}), 2, 100), {})
	assert.deepEqual(Object.keys(ticketFaults(ticket({ type: 'stop_limit', quantity: '' }), 2, null)).sort(), ['price', 'quantity', 'stop_price'])
	assert.deepEqual(ticketFaults(ticket({ type: 'take_profit', stop_price: '1' }), 2, null), {})
	assert.match(ticketFaults(ticket({ type: 'limit', price: '1.234' }), 2, null).price ?? '', /2 digits/)
	assert.match(ticketFaults(ticket({ quantity: '0' }), 2, null).quantity ?? '', /above 0/)
	assert.match(ticketFaults(ticket({ quantity: '0.000000001' }), 2, null).quantity ?? '', /8 digits/)
})
test('a stop and a target lie on their sides of the price', () => {
	const both = { protect: true, stop: '95', target: '120' }
	assert.deepEqual(ticketFaults(ticket(both), 2, 100), {})
	assert.deepEqual(Object.keys(ticketFaults(ticket({ ...both, side: 'sell' }), 2, 100)).sort(), ['stop', 'target'])
	assert.equal(mayProtect(ticket({ type: 'limit' })), false)
	assert.equal(mayProtect(ticket({ type: 'limit', force: 'fok' })), true)
	assert.deepEqual(pairBodies({ symbol: 'DESK', side: 'sell', quantity: '3', stop: '95', target: '120,5', venue: 'paper' }, 'p'), [
		{ symbol: 'DESK', side: 'sell', quantity: '3', reduce_only: true, oco: 'p', venue: 'paper', type: 'stop', stop_price: '95' },
		{ symbol: 'DESK', side: 'sell', quantity: '3', reduce_only: true, oco: 'p', venue: 'paper', type: 'limit', price: '120.5', time_in_force: 'gtc' },
	])
	const pair = { symbol: 'DESK', side: 'sell' as const, quantity: '3', stop: '101', target: '120', venue: 'paper' as const }
	assert.deepEqual(Object.keys(pairTyped(pair, 2, 100)), ['stop'])
})
test('a rate is told with its source, its age, and whether it is stale', () => {
	const leg = { symbol: 'USDT-EUR', source: 'coingecko', price: '0.87', inverse: false, at: '2026-01-01T00:00:00Z', stale: false }
	const sums = { books: 1, equity: '1', cash: '1', realised: '0', unrealised: '0' }
	const asset = { ...sums, asset: 'USDT', rate: '0.8700000000000001', rate_at: leg.at, stale: false, legs: [leg] }
	const now = Date.parse(leg.at) + 40_000
	assert.equal(rateWords(asset, 'EUR', now), '1 USDT = 0.87 EUR: USDT-EUR of coingecko, 40 s old')
	assert.deepEqual([99, 100, 17_900, 18_000, 400_000].map((seconds) => ageWords(seconds * 1000)), ['99 s', '2 min', '298 min', '5 h', '5 d'])
	assert.match(rateWords({ ...asset, stale: true }, 'EUR', now), /40 s old, stale$/)
	assert.equal(rateWords({ ...asset, rate: null, rate_at: null, legs: [] }, 'EUR', now), 'no rate from USDT to EUR')
	assert.equal(rateWords({ ...asset, asset: null, rate: null, rate_at: null, legs: [] }, 'EUR', now), 'no rate: of several assets')
	assert.equal(rateWords({ ...asset, asset: 'EUR', rate: '1', rate_at: null, legs: [] }, 'EUR', now), '')
	const set = { ...leg, symbol: 'USDT-USD', source: 'setting', price: '1', at: null }
	assert.equal(rateWords({ ...asset, rate: '1', rate_at: null, legs: [set] }, 'USD', now), '1 USDT = 1 USD: USDT-USD by the operator’s setting')
})
test('cost, money that is free, and what one may not have meant', () => {
	const portfolio = { account: 1, equity: '1000', exposure: '300' } as Portfolio
	assert.equal(freeMoney(portfolio, [order({ quantity: '2', filled: '1' }), order({ side: 'sell' }), order({ account: 2 }), order({ reduce_only: true })]), 610)
	assert.equal(ticketValue(ticket({ type: 'limit', price: '9' }), 100), 90)
	assert.equal(ticketValue(ticket({ quantity: 'x' }), 100), null)
	assert.equal(costWords(ticket({}), 100, 400, null), 'About 1,000.00, without fees: more than the 400.00 that are free.')
	assert.equal(costWords(ticket({ side: 'sell' }), null, 400, '7'), 'you hold 7.')
	assert.match(ticketNote(ticket({ type: 'limit', price: '101' }), 100), /at once/)
	assert.match(ticketNote(ticket({ type: 'stop', side: 'sell', stop_price: '101' }), 100), /reached already/)
	assert.equal(ticketNote(ticket({ type: 'stop', side: 'sell', stop_price: '99' }), 100), '')
	assert.match(ticketNote(ticket({ type: 'take_profit', side: 'sell', stop_price: '99' }), 100), /reached already/)
	assert.match(ticketNote(ticket({ venue: 'binance', type: 'trailing_stop', side: 'sell', trail: '5' }), null), /watches .*needs “kontor work” running/)
	assert.equal(ticketNote(ticket({ type: 'trailing_stop', side: 'sell', trail: '5' }), 100), '')
})
test('the same again has the same key until it was answered', () => {
	let made = 0
	const keys = onceKeys(() => `k${made++}`)
	assert.equal(keys.keyOf('a'), 'k0')
	assert.equal(keys.keyOf('a'), 'k0')
	assert.equal(keys.keyOf('b'), 'k1')
	keys.over()
	assert.equal(keys.keyOf('b'), 'k2')
	assert(isUnsure(0) && isUnsure(502) && !isUnsure(422))
})
test('looks become rarer while nothing comes, and wait as long as the server says', () => {
	assert.equal(lookDelay(0, 0), 10_000)
	assert.equal(lookDelay(9, 0), 60_000)
	assert.equal(lookDelay(1, 90), 90_000)
	assert.equal(ageWords(45_400), '45 s')
	assert.equal(ageWords(600_000), '10 min')
})
test('orders in words', () => {
	assert.equal(orderTerms(order({ type: 'stop_limit', stop_price: '91', reduce_only: true, oco: 'x' })), 'Stop limit, trigger 91, limit 90, reduce only, one of a pair')
	assert.equal(orderTerms(order({ venue: 'binance' })), 'LIVE, Limit, limit 90')
	assert.equal(orderTerms(order({ venue: 'binance', type: 'trailing_stop', price: null, trail: '5', level: '95', watched: 'here' })),
		'LIVE, Trailing stop, distance 5, level now 95, watched here, not at Binance')
	assert.equal(orderTerms(order({ venue: 'binance', reason: 'amending' })), 'LIVE, Limit, limit 90, being changed')
	assert.match(reasonOf('amend_too_late').means, /Nothing more was sent/)
	assert.equal(outcome(order({ state: 'filled', average_price: '89.5', fees: '0.9' })), 'Filled: Buy 10 DESK at 89.5, fees 0.90.')
	assert.equal(outcome(order({ state: 'cancelled', filled: '4', average_price: '90' })), '4 of Buy 10 DESK filled at 90; the rest was cancelled.')
	assert.equal(outcome(order({})), 'Open: Buy 10 DESK. Limit, limit 90.')
	assert.match(outcome(order({ state: 'unknown' })), /not sent again/)
	const trace = orderTrace({ account: 1, cash: '5', fees: '0', equity: '9' } as Portfolio, [order({})])
	assert.equal(orderTrace({ account: 1, cash: '5', fees: '0', equity: '8' } as Portfolio, [order({})]), trace)
	assert(orderTrace({ account: 1, cash: '5', fees: '0', equity: '9' } as Portfolio, [order({ version: 3 })]) !== trace)
})
test('limits go back as they came, and null is no limit', () => {
	const risk = {
		max_order_value: '400', max_symbol_value: null, max_account_value: null, max_open_orders: 5, max_positions: 20, orders_per_minute: 30,
		max_daily_loss: null, max_drawdown_pct: '20', price_collar_pct: '10', symbols: ['DESK'], allow_short: true,
	} as unknown as Risk
	assert.deepEqual(limitBody(limitTexts(risk), risk.allow_short), {
		max_order_value: '400', max_open_orders: 5, max_positions: 20, orders_per_minute: 30, max_drawdown_pct: '20', price_collar_pct: '10',
		symbols: ['DESK'], allow_short: true,
	})
	assert.deepEqual(limitBody({ ...limitTexts(risk), symbols: 'btc-usd, goog' }, false)['symbols'], ['BTC-USD', 'GOOG'])
	assert.equal(limitFault('count', '2.5') !== '' && limitFault('amount', '2,5') === '' && limitFault('amount', '0') !== '', true)
})
test('the curve begins with the account, and ends now', () => {
	const portfolio = { opened_at: '2026-01-01T00:00:00Z', start_balance: '100', equity: '110' }
	const begun = Date.parse(portfolio.opened_at)
	const points = curveOf(portfolio, [[begun + 5, 99]], 5000, begun + 9)
	assert.deepEqual(points, [[begun, 100], [begun + 5, 99], [begun + 9, 110]])
	assert.equal(curveOf(portfolio, [[begun + 5, 99]], 1, begun + 9).length, 2)
	assert.match(equityWords(points), /it was 100.00 first and is 110.00 now, \+10.00 %/)
})

test('accounts have names, and orders are given by hand in open ones alone', () => {
	const hand: Account = { account: 1, venue: 'paper', run_id: null, strategy_name: null, symbol: null, state: 'closed', closed_at: '2026-01-02T00:00:00Z' }
	const live: Account = { ...hand, account: 2, venue: 'binance', state: 'open', closed_at: null }
	const run: Account = { ...live, account: 3, venue: 'paper', run_id: 'r', strategy_name: 'SMA cross', symbol: 'GOOG' }
	assert.equal(accountName(hand), 'By hand, paper (number 1, closed 2 Jan 2026)')
	assert.equal(accountName(live), 'By hand, LIVE, Binance (number 2)')
	assert.equal(accountName(run), 'SMA cross on GOOG, paper (number 3)')
	assert.deepEqual(accountChoice([hand, live, run], true), [live])
	assert.equal(accountChoice([hand, live, run], false).length, 3)
})
