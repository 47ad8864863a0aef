/* Hooks: addresses that take orders from alerts, their bounds and their calls.
   An address and its key are shown when they are made, and never again. */
import { useSignal } from '@preact/signals'
import { api, get, id, list, post, remove } from '../api'
import { moment } from '../lib/format'
import { boundsOf, messagesOf, outcomeOf, sideOptions, wordsOf } from '../lib/hooks'
import type { Hook, HookCall } from '../lib/types'
import { timeZone } from '../theme'
import { confirm } from '../ui/dialog'
import { CheckField, SelectField, TextField, faultOf, onSubmit } from '../ui/field'
import { useAction, useLoad, usePages } from '../ui/load'
import { Panel, Scroll, Title } from '../ui/shell'
import { Empty, ProblemBox, Ready } from '../ui/states'
import { copyText, toast } from '../ui/toast'

const shown = ['/name', '/symbols', '/sides', '/max_value', '/orders_per_hour', '/addresses']

function HookForm({ made, close }: { made: (hook: Hook) => void; close: () => void }) {
	const draft = useSignal({ name: '', symbols: '', sides: 'both', max_value: '', orders_per_hour: '20', addresses: '' })
	const signed = useSignal(false)
	const { busy, problem, run } = useAction()
	const set = (name: keyof typeof draft.value) => (value: string): void => void (draft.value = { ...draft.value, [name]: value })
	const field = (name: keyof typeof draft.value, label: string, hint = '') => (
		<TextField label={label} hint={hint} name={name} autocomplete="off" value={draft.value[name]} onValue={set(name)} fault={faultOf(problem.value, `/${name}`)} />
	)
	const submit = (): void => void run(async () => {
		const { name, symbols, sides, max_value, orders_per_hour, addresses } = draft.value
		made(await post<Hook>('hooks', {
			name: name.trim(), symbols: wordsOf(symbols).map((one) => one.toUpperCase()), sides, addresses: wordsOf(addresses),
			max_value: max_value.trim().replace(',', '.') || null, orders_per_hour: Number(orders_per_hour), needs_signature: signed.value,
		}))
	})
	return (
		<form class="sub-form" onSubmit={onSubmit(submit)} noValidate>
			<div class="fields">
				{field('name', 'Name of the hook', 'What it is for.')}
				{field('symbols', 'Symbols', 'With blanks between. Empty: every symbol.')}
				<SelectField label="It may" value={draft.value.sides} options={sideOptions} onValue={set('sides')} hint="Closing a position is always allowed." fault={faultOf(problem.value, '/sides')} />
				{field('max_value', 'At most, an order', 'In money. Empty: only your risk limits.')}
				{field('orders_per_hour', 'Orders an hour')}
				{field('addresses', 'Called from', 'Addresses and networks. TradingView publishes its own. Empty: from anywhere.')}
			</div>
			<CheckField label="Calls must be signed" hint="With a key that is shown once. TradingView cannot sign." checked={signed.value} onValue={(value) => (signed.value = value)} />
			{problem.value && <ProblemBox problem={problem.value} shown={shown} />}
			<div class="row">
				<button type="submit" class="button primary" disabled={busy.value}>Make the hook</button>
				<button type="button" class="button plain" onClick={close}>Cancel</button>
			</div>
		</form>
	)
}

const Messages = ({ symbols }: { symbols: string[] }) => (
	<>
		{messagesOf(symbols).map(({ title, text }) => (
			<div key={title}>
				<p><strong>{title}</strong></p>
				<pre class="message">{text}</pre>
				<button type="button" class="button small" aria-label={`Copy the message: ${title}`} onClick={() => void copyText(text, 'Message copied')}>Copy</button>
			</div>
		))}
	</>
)

const Once = ({ hook, done }: { hook: Hook; done: () => void }) => (
	<div class="once" role="status">
		<p><strong>The address of “{hook.name}”.</strong> Whoever has it can ask for orders within the hook’s bounds; it is shown this once.</p>
		<p><code class="secret-text">{hook.url}</code></p>
		{hook.needs_signature && <><p>The key that calls are signed with, once as well:</p><p><code class="secret-text">{hook.key}</code></p></>}
		<div class="row">
			<button type="button" class="button primary" onClick={() => void copyText(hook.url ?? '', 'Address copied')}>Copy the address</button>
			{hook.needs_signature && <button type="button" class="button" onClick={() => void copyText(hook.key ?? '', 'Key copied')}>Copy the key</button>}
			<button type="button" class="button plain" onClick={done}>I have it</button>
		</div>
		<p>In TradingView it is the alert’s webhook URL, under Notifications; one of these is its message.</p>
		<Messages symbols={hook.symbols} />
	</div>
)

interface RowProps {
	hook: Hook
	open: boolean
	show: () => void
	changed: () => void
	renewed: (hook: Hook) => void
}

function HookRow({ hook, open, show, changed, renewed }: RowProps) {
	const { busy, problem, run } = useAction()
	const path = `hooks/${id(hook.id)}`
	const turn = (): void => void run(async () => {
		await api('PATCH', path, { enabled: !hook.enabled })
		changed()
	})
	const rotate = (): void => void run(async () => {
		if (!(await confirm(`A new address for “${hook.name}”?`, 'The old one and its key are dead at once.', 'Make a new address'))) return
		renewed(await post<Hook>(`${path}/rotate`))
	})
	const drop = (): void => void run(async () => {
		if (!(await confirm(`Delete “${hook.name}”?`, 'Its address is dead at once, and its calls go with it. Its orders stay.', 'Delete the hook'))) return
		await remove(path)
		toast(`“${hook.name}” deleted`)
		changed()
	})
	const act = (label: string, does: () => void, also = {}) => (
		<button type="button" class="button small plain" aria-label={`${label}: ${hook.name}`} disabled={busy.value} onClick={does} {...also}>{label}</button>
	)
	return (
		<tr>
			<th scope="row">{hook.name}{hook.enabled ? '' : ' (paused)'}<p class="quiet">{boundsOf(hook)}</p></th>
			<td class="nowrap">…{hook.hint}</td>
			<td class="nowrap">{hook.called_at ? moment(hook.called_at, timeZone.value) : 'never'}</td>
			<td>
				{problem.value && <ProblemBox problem={problem.value} />}
				<div class="row end">
					{act('Calls', show, { 'aria-expanded': open })}
					{act(hook.enabled ? 'Pause' : 'Resume', turn)}
					{act('New address', rotate)}
					{act('Delete', drop)}
				</div>
			</td>
		</tr>
	)
}

function Calls({ hook }: { hook: Hook }) {
	const calls = usePages((cursor) => list<HookCall>(`hooks/${id(hook.id)}/deliveries`, 25, cursor), [hook.id])
	return (
		<Panel title={`Calls of ${hook.name}`} note={<button type="button" class="button small" onClick={calls.reload}>Look again</button>} wide>
			<Ready of={calls}>
				{(data) => data.length === 0 ? <Empty title="No calls yet." /> : (
					<Scroll label="Calls">
						<table>
							<thead><tr>
								<th scope="col">When</th><th scope="col">From</th><th scope="col">Asked</th><th scope="col">What came of it</th>
							</tr></thead>
							<tbody>
								{data.map((call) => (
									<tr key={call.id}>
										<td class="nowrap">{moment(call.at, timeZone.value)}</td>
										<td>{call.address}</td>
										<td>{[call.action, call.symbol].filter(Boolean).join(' ')}</td>
										<td>{outcomeOf(call)}</td>
									</tr>
								))}
							</tbody>
						</table>
					</Scroll>
				)}
			</Ready>
			{calls.more && <button type="button" class="button" onClick={calls.more}>Show older ones</button>}
			<details>
				<summary>Messages for TradingView</summary>
				<Messages symbols={hook.symbols} />
			</details>
		</Panel>
	)
}

export function HooksPage() {
	const hooks = useLoad(() => get<{ data: Hook[] }>('hooks'))
	const making = useSignal(false)
	const once = useSignal<Hook | null>(null)
	const opened = useSignal('')
	const made = (hook: Hook): void => {
		once.value = hook
		making.value = false
		hooks.reload()
	}
	const open = <button type="button" class="button small" aria-expanded={making.value} onClick={() => (making.value = !making.value)}>New hook</button>
	const chosen = hooks.data.value?.data.find((hook) => hook.id === opened.value)
	return (
		<>
			<Title title="Hooks" sub="Addresses that take orders from alerts, such as TradingView’s. They trade on paper, and pass your risk limits." back={{ href: '#/strategies', label: 'Strategies' }} />
			<div class="panels">
				<Panel title="Hooks" note={open} wide>
					{once.value && <Once hook={once.value} done={() => (once.value = null)} />}
					{making.value && <HookForm made={made} close={() => (making.value = false)} />}
					<Ready of={hooks}>
						{({ data }) => data.length === 0 ? <Empty title="No hooks."><p>One takes the alerts of a chart, and makes orders of them.</p></Empty> : (
							<Scroll label="Hooks">
								<table>
									<thead><tr>
										<th scope="col">Hook</th><th scope="col">Address</th><th scope="col">Last call</th>
										<th scope="col"><span class="unseen">Actions</span></th>
									</tr></thead>
									<tbody>
										{data.map((hook) => (
											<HookRow key={hook.id} hook={hook} open={hook.id === opened.value} changed={hooks.reload} renewed={made}
												show={() => (opened.value = hook.id === opened.value ? '' : hook.id)} />
										))}
									</tbody>
								</table>
							</Scroll>
						)}
					</Ready>
				</Panel>
				{chosen && <Calls key={chosen.id} hook={chosen} />}
			</div>
		</>
	)
}
