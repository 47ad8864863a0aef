/*
 * The order ticket. Each type shows its own fields; what is sent counts once,
 * however often the button is pressed; real money is asked about first.
 */
import { useSignal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import { lastPrice, place } from '../desk'
import { ageWords, orderName, sideWord } from '../lib/desk'
import { orderTypes } from '../lib/desk_types'
import type { Force, LastPrice, NewOrder, Order, OrderType, Side, Venue } from '../lib/desk_types'
import { amount, isDecimal } from '../lib/format'
import {
	against, costWords, emptyTicket, freeMoney, mayForce, mayPost, mayProtect, ticketBody, ticketFaults, ticketNote, typeRows,
} from '../lib/ticket'
import type { Faults, Ticket, TicketField } from '../lib/ticket'
import type { MarketSymbol } from '../lib/types'
import { preferences } from '../session'
import { confirm } from '../ui/dialog'
import { CheckField, SelectField, SwitchField, TextField, faultOf, onSubmit } from '../ui/field'
import { useLoad } from '../ui/load'
import { Empty, ProblemBox } from '../ui/states'
import { Outcome } from '../ui/told'
import type { Desk } from '../ui/use_desk'
import { useChanged } from '../ui/use_changed'
import { useOnce } from '../ui/use_once'
import type { Once } from '../ui/use_once'
import { PairState, usePair } from '../ui/use_pair'

/* The pair's fields are those of orders that the page makes: named otherwise. */
const pointers: Partial<Record<TicketField, string>> = { symbol: '/symbol', quantity: '/quantity', price: '/price', stop_price: '/stop_price', trail: '/trail' }
const shown = [...Object.values(pointers), '/time_in_force', '/post_only', '/reduce_only']

const forces: { value: Force; label: string }[] = [
	{ value: 'gtc', label: 'Until it is cancelled' },
	{ value: 'ioc', label: 'At once; cancel the rest (IOC)' },
	{ value: 'fok', label: 'All at once or nothing (FOK)' },
]

/* Where its price is asked for again: when the account was looked at. */
export function useLast(symbol: MarketSymbol | undefined, at: number): LastPrice | null {
	const loaded = useLoad(async () => ({ last: symbol ? await lastPrice(symbol) : null }), [symbol?.symbol])
	useChanged(Math.floor(at / 60_000), loaded.reload)
	return loaded.data.value?.last ?? null
}

const Last = ({ last }: { last: LastPrice | null }) => (
	<p class="tabular last-price">
		{last ? <>Last price <strong>{amount(last.price)}</strong>, <span class="quiet">{ageWords(Date.now() - last.closed)} old</span></> : <span class="quiet">No price yet.</span>}
		{last && Date.now() > last.fresh && <> <span class="badge bad">old price</span></>}
	</p>
)

interface PartProps {
	ticket: Signal<Ticket>
	fault: (name: TicketField) => string
	once: Once
}
const setter = (ticket: Signal<Ticket>) => <K extends keyof Ticket>(name: K) => (value: Ticket[K]): void =>
	void (ticket.value = { ...ticket.value, [name]: value })

function Prices({ ticket, fault }: PartProps) {
	const set = setter(ticket)
	return (
		<>
			{typeRows[ticket.value.type].fields.map(({ name, label, hint }) => (
				<TextField key={name} label={label} name={name} inputMode="decimal" autocomplete="off" hint={hint} fault={fault(name)}
					value={ticket.value[name]} onValue={set(name)} />
			))}
		</>
	)
}

function Conditions({ ticket, once }: PartProps) {
	const set = setter(ticket)
	const value = ticket.value
	return (
		<>
			{mayForce(value.type) && (
				<SelectField label="Valid" value={value.force} options={forces} fault={faultOf(once.problem.value, '/time_in_force')}
					onValue={(force) => set('force')(force as Force)} />
			)}
			{mayPost(value) && <CheckField label="Post only" hint="Rejected rather than filled at once." checked={value.post_only} onValue={set('post_only')} />}
			<CheckField label="Reduce only" hint="Shrinks a position, never opens one." checked={value.reduce_only} onValue={set('reduce_only')} />
		</>
	)
}

function Protection({ ticket, fault }: PartProps) {
	const set = setter(ticket)
	if (!mayProtect(ticket.value)) return null
	return (
		<>
			<CheckField label="With stop and target" hint="Two more orders for what is filled; when one fills, the other is cancelled."
				checked={ticket.value.protect} onValue={set('protect')} />
			{ticket.value.protect && (
				<div class="fields tight">
					<TextField label="Stop at" name="stop" inputMode="decimal" autocomplete="off" fault={fault('stop')} value={ticket.value.stop} onValue={set('stop')} />
					<TextField label="Target at" name="target" inputMode="decimal" autocomplete="off" fault={fault('target')} value={ticket.value.target} onValue={set('target')} />
				</div>
			)}
		</>
	)
}

const live = (venue: Venue): boolean => venue !== 'paper'

/* True at once on paper; real money is asked about. */
export const agreed = async (bodies: Pick<NewOrder, 'venue' | 'side' | 'quantity' | 'symbol'>[]): Promise<boolean> =>
	!bodies.some(({ venue }) => live(venue)) ||
	confirm('LIVE: real money', `${bodies.map(orderName).join('; ')}. This goes to the exchange and cannot be taken back.`, 'Send the LIVE order', 'live')

export function Unsure({ once }: { once: Once }) {
	if (!once.unsure) return null
	return <p class="fault">No answer came, so it is not known whether the order was placed. Sending the same again is safe: it counts once.</p>
}

function useTicket(desk: Desk, symbol: MarketSymbol, ticket: Signal<Ticket>, last: LastPrice | null) {
	const once = useOnce()
	const tried = useSignal(false)
	const made = useSignal<Order | null>(null)
	const pair = usePair(desk)
	const faults: Faults = ticketFaults(ticket.value, symbol.price_scale, last ? Number(last.price) : null)
	const fault = (name: TicketField): string =>
		(pointers[name] && faultOf(once.problem.value, pointers[name])) ||
		(tried.value || (name !== 'symbol' && ticket.value[name].trim()) ? faults[name] ?? '' : '')
	const finish = async (order: Order, sent: Ticket): Promise<void> => {
		made.value = order
		tried.value = false
		ticket.value = { ...emptyTicket(sent.symbol, sent.venue), side: sent.side, type: sent.type }
		desk.refresh()
		if (sent.protect && mayProtect(sent) && Number(order.filled) > 0)
			await pair.begin({ symbol: sent.symbol, side: against(order.side), quantity: order.filled, stop: sent.stop, target: sent.target, venue: sent.venue })
	}
	const submit = async (): Promise<void> => {
		tried.value = true
		if (Object.keys(faults).length) return
		const sent = ticket.value
		const body = ticketBody(sent)
		if (!(await agreed([body]))) return
		made.value = null
		pair.clear()
		await once.send(body, (key) => place(body, key), (order) => finish(order, sent))
		desk.refresh()
	}
	return { once, fault, made, pair, submit }
}

function Form({ desk, symbol, names, ticket }: { desk: Desk; symbol: MarketSymbol; names: string[]; ticket: Signal<Ticket> }) {
	const set = setter(ticket)
	const value = ticket.value
	const last = useLast(symbol, desk.at.value)
	const price = last ? Number(last.price) : null
	const { once, fault, made, pair, submit } = useTicket(desk, symbol, ticket, last)
	const portfolio = desk.portfolio.data.value
	const free = portfolio && freeMoney(portfolio, desk.open.data.value?.data ?? [])
	const held = portfolio?.positions.find((one) => one.symbol === value.symbol)?.quantity ?? null
	const note = ticketNote(value, price)
	const parts = { ticket, fault, once }
	const row = typeRows[value.type]
	const size = isDecimal(value.quantity) ? `${amount(value.quantity.replace(',', '.'))} ` : ''
	return (
		<form class="ticket" onSubmit={onSubmit(() => void submit())} noValidate>
			<SelectField label="Symbol" value={value.symbol} fault={fault('symbol')} onValue={set('symbol')}
				options={names.map((name) => ({ value: name, label: name }))} />
			<Last last={last} />
			<SwitchField label="Side" value={value.side} onValue={(side) => set('side')(side as Side)}
				options={[{ value: 'buy', label: 'Buy' }, { value: 'sell', label: 'Sell' }]} />
			<SelectField label="Type" value={value.type} hint={row.hint} onValue={(type) => set('type')(type as OrderType)}
				options={orderTypes.map((type) => ({ value: type, label: typeRows[type].label }))} />
			<TextField label="Quantity" name="quantity" inputMode="decimal" autocomplete="off" hint={costWords(value, price, free, held)} fault={fault('quantity')}
				value={value.quantity} onValue={set('quantity')} />
			<Prices {...parts} />
			{note && <p class="hint note">{note}</p>}
			<Conditions {...parts} />
			<Protection {...parts} />
			{once.problem.value && <ProblemBox problem={once.problem.value} shown={shown} />}
			<Unsure once={once} />
			<button type="submit" class={`button primary large ${live(value.venue) ? 'live' : ''}`} disabled={once.busy.value}>
				{once.again(ticketBody(value)) ? 'Send again' : `${sideWord(value.side)} ${size}${value.symbol} ${live(value.venue) ? 'LIVE' : 'on paper'}`}
			</button>
			{made.value && <Outcome order={made.value} />}
			<PairState pair={pair} />
		</form>
	)
}

export function OrderTicket({ desk, venue, symbols }: { desk: Desk; venue: Venue; symbols: MarketSymbol[] }) {
	const known = symbols.filter(({ series }) => series.length > 0)
	const usual = known.find(({ symbol }) => symbol === preferences.value?.default_symbol) ?? known[0]
	const ticket = useSignal(emptyTicket(usual?.symbol ?? '', venue))
	const symbol = known.find((one) => one.symbol === ticket.value.symbol) ?? usual
	if (!symbol) return <Empty title="There is nothing to trade."><p>The operator imports candles with <code>kontor import</code>.</p></Empty>
	return <Form desk={desk} symbol={symbol} names={known.map((one) => one.symbol)} ticket={ticket} />
}
