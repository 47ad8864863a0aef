/* What is held: closed after a question, or given a stop and a target. */
import { useSignal } from '@preact/signals'
import { closePosition } from '../desk'
import type { Pair, Faults, TicketField } from '../lib/ticket'
import { against, pairTyped } from '../lib/ticket'
import type { Order, Position, Venue } from '../lib/desk_types'
import { amount, number, tone } from '../lib/format'
import type { MarketSymbol } from '../lib/types'
import { confirm, Modal } from '../ui/dialog'
import { TextField, onSubmit } from '../ui/field'
import { Panel, Scroll } from '../ui/shell'
import { ProblemBox, Ready } from '../ui/states'
import { Outcome } from '../ui/told'
import type { Desk } from '../ui/use_desk'
import { useOnce } from '../ui/use_once'
import { PairState, usePair } from '../ui/use_pair'
import { agreed } from './ticket'

const size = (position: Position): string => position.quantity.replace('-', '')

interface LineProps {
	position: Position
	brief: boolean
	busy: boolean
	/* a strategy's position is its own to protect; a closed account's is history */
	hand: boolean
	closed: boolean
	close: () => void
	protect: () => void
}
const Line = ({ position, brief, busy, hand, closed, close, protect }: LineProps) => (
	<tr>
		<th scope="row">{position.symbol}</th>
		<td class="nowrap"><span class={`side-${position.side}`}>{position.side}</span> {amount(size(position))}</td>
		<td class="num">{amount(position.average_price, 2)}</td>
		<td class="num">{amount(position.last_price, 2)}{position.stale && <> <span class="badge bad">old price</span></>}</td>
		{!brief && <td class="num">{number(position.value)}</td>}
		<td class={`num ${tone(position.unrealised)}`}>{number(position.unrealised)}</td>
		{!brief && <td class={`num ${tone(position.realised)}`}>{number(position.realised)}</td>}
		{!brief && <td class="num">{number(position.fees)}</td>}
		<td>
			<div class="row end">
				{hand && !closed && <button type="button" class="button small" aria-label={`Protect ${position.symbol}`} onClick={protect}>Protect</button>}
				{!closed && <button type="button" class="button small" aria-label={`Close ${position.symbol}`} disabled={busy} onClick={close}>Close</button>}
			</div>
		</td>
	</tr>
)

interface ProtectProps {
	desk: Desk
	position: Position
	venue: Venue
	scale: number
	close: () => void
}
function Protect({ desk, position, venue, scale, close }: ProtectProps) {
	const texts = useSignal({ quantity: size(position), stop: '', target: '' })
	const tried = useSignal(false)
	const work = usePair(desk)
	const side = position.side === 'long' ? 'sell' : 'buy'
	const pair: Pair = { symbol: position.symbol, side, venue, ...texts.value }
	const faults: Faults = pairTyped(pair, scale, position.last_price === null ? null : Number(position.last_price))
	const fault = (name: TicketField & keyof typeof texts.value): string => (tried.value || texts.value[name] ? faults[name] ?? '' : '')
	const set = (name: keyof typeof texts.value) => (value: string): void => void (texts.value = { ...texts.value, [name]: value })
	const submit = async (): Promise<void> => {
		tried.value = true
		if (Object.keys(faults).length || !(await agreed([pair]))) return
		await work.begin({ ...pair, quantity: pair.quantity.trim().replace(',', '.') })
	}
	const given = work.steps.value.length > 0
	return (
		<Modal title={`Protect ${position.symbol}`} close={close}>
			<form onSubmit={onSubmit(() => void submit())} noValidate>
				<p>A stop and a target for what you are {position.side}. When one fills, the other is cancelled.</p>
				{!given && (
					<div class="fields tight">
						<TextField label="Quantity" inputMode="decimal" autocomplete="off" fault={fault('quantity')} value={texts.value.quantity} onValue={set('quantity')} />
						<TextField label="Stop at" inputMode="decimal" autocomplete="off" fault={fault('stop')} value={texts.value.stop} onValue={set('stop')} />
						<TextField label="Target at" inputMode="decimal" autocomplete="off" fault={fault('target')} value={texts.value.target} onValue={set('target')} />
					</div>
				)}
				<PairState pair={work} />
				<div class="row end">
					<button type="button" class="button plain" onClick={close}>Close</button>
					{!given && <button type="submit" class="button primary" disabled={work.busy.value}>Place stop and target</button>}
				</div>
			</form>
		</Modal>
	)
}

const heads = ['Average', 'Last', 'Value', 'Unrealised', 'Realised', 'Fees']
const briefHeads = ['Average', 'Last', 'Unrealised']

export function Positions({ desk, symbols, brief = false }: { desk: Desk; symbols: MarketSymbol[]; brief?: boolean }) {
	const { busy, problem, send } = useOnce()
	const protecting = useSignal<Position | null>(null)
	const made = useSignal<Order | null>(null)
	const venue = desk.portfolio.data.value?.venue ?? 'paper'
	const account = desk.portfolio.data.value?.account ?? 0
	const close = async (position: Position): Promise<void> => {
		const body = { venue, symbol: position.symbol, side: against(position.side === 'long' ? 'buy' : 'sell'), quantity: size(position) }
		const words = `All of it, ${amount(size(position))}, is ${position.side === 'long' ? 'sold' : 'bought back'} at the market.`
		if (!(venue === 'paper' ? await confirm(`Close ${position.symbol}?`, words, 'Close the position') : await agreed([body]))) return
		made.value = null
		await send([account, position.symbol, position.quantity], (key) => closePosition(position, account, key), (order) => void (made.value = order))
		desk.refresh()
	}
	return (
		<Panel title="Positions">
			{problem.value && <ProblemBox problem={problem.value} />}
			{made.value && <Outcome order={made.value} />}
			<Ready of={desk.portfolio}>
				{({ positions, run_id, closed }) => positions.length ? (
					<Scroll label="Positions">
						<table class="dense">
							<thead><tr>
								<th scope="col">Symbol</th><th scope="col">Held</th>
								{(brief ? briefHeads : heads).map((head) => <th key={head} scope="col" class="num">{head}</th>)}
								<th scope="col"><span class="unseen">Actions</span></th>
							</tr></thead>
							<tbody>
								{positions.map((position) => (
									<Line key={position.symbol} position={position} brief={brief} busy={busy.value} hand={run_id === null} closed={closed} close={() => void close(position)}
										protect={() => (protecting.value = position)} />
								))}
							</tbody>
						</table>
					</Scroll>
				) : <p class="quiet">Nothing is held.</p>}
			</Ready>
			{protecting.value && (
				<Protect key={protecting.value.symbol} desk={desk} position={protecting.value} venue={venue} close={() => (protecting.value = null)}
					scale={symbols.find(({ symbol }) => symbol === protecting.value?.symbol)?.price_scale ?? 8} />
			)}
		</Panel>
	)
}
