/* One order in a dialog: each step of its life, or a change of it. */
import { useSignal } from '@preact/signals'
import { amend, order as load } from '../desk'
import { causeWord, isOver, orderName, orderTerms, outcome, sourceWord, stateWord } from '../lib/desk'
import type { Fill, FullOrder, Order, OrderChange } from '../lib/desk_types'
import { amount, isDecimal, moment } from '../lib/format'
import { reasonInFault } from '../lib/reasons'
import { timeZone } from '../theme'
import { Modal } from '../ui/dialog'
import { TextField, faultOf, onSubmit } from '../ui/field'
import { useAction, useLoad } from '../ui/load'
import { Scroll } from '../ui/shell'
import { ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'
import { Why } from '../ui/told'

const Steps = ({ order }: { order: FullOrder }) => (
	<Scroll label="Steps">
		<table class="dense">
			<thead><tr><th scope="col">When</th><th scope="col">State</th><th scope="col">By</th><th scope="col" class="num">Filled</th></tr></thead>
			<tbody>
				{order.log.map((step, index) => (
					<tr key={index}>
						<td class="nowrap">{moment(step.at, timeZone.value)}</td>
						<td class="nowrap">{stateWord(step.to)}</td>
						<td>{causeWord(step.cause)}{step.reason && <span class="quiet"> ({step.reason.replaceAll('_', ' ')})</span>}</td>
						<td class="num">{amount(step.filled)}</td>
					</tr>
				))}
			</tbody>
		</table>
	</Scroll>
)

const Fills = ({ fills }: { fills: Fill[] }) => (
	<Scroll label="Fills">
		<table class="dense">
			<thead><tr><th scope="col">When</th><th scope="col" class="num">Quantity</th><th scope="col" class="num">Price</th><th scope="col" class="num">Fee</th></tr></thead>
			<tbody>
				{fills.map((fill) => (
					<tr key={fill.id}>
						<td class="nowrap">{moment(fill.time, timeZone.value)}</td>
						<td class="num">{amount(fill.quantity)}</td><td class="num">{amount(fill.price)}</td><td class="num">{amount(fill.fee, 2)}</td>
					</tr>
				))}
			</tbody>
		</table>
	</Scroll>
)

export function OrderLog({ order: { id, ...known }, close }: { order: Order; close: () => void }) {
	const loaded = useLoad(() => load(id), [id])
	return (
		<Modal title={orderName(known)} close={close} look="wide">
			<Ready of={loaded}>
				{({ order, fills }) => (
					<>
						<p>{outcome(order)}</p>
						{order.reason && <Why code={order.reason} />}
						<p class="quiet">{orderTerms(order)}. Given {sourceWord(order.source)}, order <code>{order.id}</code></p>
						<Steps order={order} />
						{fills.length > 0 && <Fills fills={fills} />}
					</>
				)}
			</Ready>
			<div class="row end"><button type="button" class="button" onClick={close}>Close</button></div>
		</Modal>
	)
}

type Changed = keyof OrderChange
const fields: { name: Changed; label: string; hint: string }[] = [
	{ name: 'quantity', label: 'Quantity', hint: 'All of it, what is filled included.' },
	{ name: 'price', label: 'Limit price', hint: '' },
	{ name: 'stop_price', label: 'Trigger price', hint: '' },
	{ name: 'trail', label: 'Distance', hint: 'In price, from the best one so far.' },
]
const mayChange = (order: Order, name: Changed): boolean => order[name] !== null && !((name === 'stop_price' || name === 'trail') && order.triggered)

/* What rests at an exchange is changed when that has cancelled it. */
const changeWords = (after: Order): string =>
	after.reason === 'amending' ? `Asked for: ${orderName(after)} changes when the exchange has cancelled it.` : `Changed: ${orderName(after)}`

export function ChangeOrder({ order, close, changed }: { order: Order; close: () => void; changed: () => void }) {
	const texts = useSignal<Record<Changed, string>>({ quantity: order.quantity, price: order.price ?? '', stop_price: order.stop_price ?? '', trail: order.trail ?? '' })
	const { busy, problem, run } = useAction()
	const live = order.venue !== 'paper'
	const rows = fields.filter(({ name }) => mayChange(order, name))
	const fault = (name: Changed): string =>
		faultOf(problem.value, `/${name}`) || (isDecimal(texts.value[name]) && Number(texts.value[name].replace(',', '.')) > 0 ? '' : 'Give an amount above 0.')
	const next = (): OrderChange => Object.fromEntries(rows
		.map(({ name }) => [name, texts.value[name].trim().replace(',', '.')] as const)
		.filter(([name, text]) => text !== order[name]))
	const submit = (): void => {
		const change = next()
		if (!Object.keys(change).length) return close()
		void run(async () => {
			try {
				const after = await amend(order, change)
				toast(isOver(after.state) ? outcome(after) : changeWords(after))
				close()
			} finally {
				changed()
			}
		})
	}
	const refused = problem.value?.faults.map(({ message }) => reasonInFault(message)).find((reason) => reason !== null)
	return (
		<Modal title={`Change${live ? ' LIVE, real money' : ''}: ${orderName(order)}`} close={close} look={live ? 'live' : undefined}>
			<form onSubmit={onSubmit(submit)} noValidate>
				<p class="quiet">
					{orderTerms(order)}. The change passes your risk limits again.
					{live && !order.watched && ' The exchange cancels the order first, and what is left is given again: its place in the queue is lost.'}
				</p>
				<div class="fields tight">
					{rows.map(({ name, label, hint }) => (
						<TextField key={name} label={label} name={name} hint={hint} inputMode="decimal" autocomplete="off" fault={fault(name)}
							value={texts.value[name]} onValue={(value) => (texts.value = { ...texts.value, [name]: value })} />
					))}
				</div>
				{refused && <p class="fault">{refused.means} {refused.todo}</p>}
				{problem.value?.status === 412 && <p class="fault">The order changed meanwhile. Close this, look at it, and change it again.</p>}
				{problem.value && <ProblemBox problem={problem.value} shown={rows.map(({ name }) => `/${name}`)} />}
				<div class="row end">
					<button type="button" class="button plain" onClick={close}>Leave it</button>
					<button type="submit" class={`button primary ${live ? 'live' : ''}`} disabled={busy.value}>{live ? 'Change the LIVE order' : 'Change the order'}</button>
				</div>
			</form>
		</Modal>
	)
}
