/* Notifications: where one is told of what, a test of each, and what was told. */
import { useSignal } from '@preact/signals'
import { api, get, id, list, post, remove } from '../api'
import { date } from '../lib/format'
import { channelLabel, eventLabels, kindLabels, stateLabels } from '../lib/notifications'
import type { Channel, Errand, Notice } from '../lib/types'
import { confirm } from '../ui/dialog'
import { CheckField, SelectField, TextField, faultOf, onSubmit } from '../ui/field'
import { useAction, useLoad, usePages } from '../ui/load'
import { Panel, Scroll, Title } from '../ui/shell'
import { Empty, ProblemBox, Ready } from '../ui/states'
import { copyText, toast } from '../ui/toast'

const events = Object.keys(eventLabels)
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/* What the background process says of a test; it takes about a second. */
async function outcome(errand: Errand): Promise<Errand> {
	let now = errand
	for (let looks = 0; looks < 30 && (now.state === 'queued' || now.state === 'running'); looks++) {
		await pause(1000)
		now = await get<Errand>(`errands/${id(errand.id)}`)
	}
	return now
}

function ChannelForm({ made, close }: { made: (channel: Channel) => void; close: () => void }) {
	const kind = useSignal('telegram')
	const place = useSignal('')
	const wanted = useSignal<string[]>(events)
	const { busy, problem, run } = useAction()
	const turn = (event: string) => (on: boolean): void =>
		void (wanted.value = events.filter((one) => (one === event ? on : wanted.value.includes(one))))
	const submit = (): void => void run(async () => {
		const body = { kind: kind.value, events: wanted.value }
		if (kind.value === 'email') made(await post<Channel>('notifications/channels', { ...body, address: place.value.trim() }))
		else if (kind.value === 'webhook') made(await post<Channel>('notifications/channels', { ...body, url: place.value.trim() }))
		else made(await post<Channel>('notifications/channels', body))
	})
	return (
		<form class="sub-form" onSubmit={onSubmit(submit)}>
			<div class="fields">
				<SelectField label="Tell me by" value={kind.value} onValue={(value) => (kind.value = value)} fault={faultOf(problem.value, '/kind')}
					hint={kind.value === 'telegram' ? 'Uses the bot token and chat id of your settings.' : ''}
					options={Object.entries(kindLabels).map(([value, label]) => ({ value, label }))} />
				{kind.value === 'email' && (
					<TextField label="E-mail address" type="email" required maxLength={254} value={place.value} onValue={(value) => (place.value = value)}
						fault={faultOf(problem.value, '/address')} />
				)}
				{kind.value === 'webhook' && (
					<TextField label="Address" hint="https://…; only its host is shown again." required maxLength={1024} value={place.value}
						onValue={(value) => (place.value = value)} fault={faultOf(problem.value, '/url')} />
				)}
			</div>
			<fieldset>
				<legend>Of</legend>
				<div class="fields tight">
					{events.map((event) => <CheckField key={event} name={event} label={eventLabels[event]!} checked={wanted.value.includes(event)} onValue={turn(event)} />)}
				</div>
			</fieldset>
			{problem.value && <ProblemBox problem={problem.value} shown={['/kind', '/address', '/url']} />}
			<div class="row">
				<button type="submit" class="button primary" disabled={busy.value || wanted.value.length === 0}>Add the channel</button>
				<button type="button" class="button plain" onClick={close}>Cancel</button>
			</div>
		</form>
	)
}

const KeyOnce = ({ secret, done }: { secret: string; done: () => void }) => (
	<div class="once" role="status">
		<p><strong>The webhook's key.</strong> Its messages are signed with it; it is shown this once.</p>
		<p><code class="secret-text">{secret}</code></p>
		<div class="row">
			<button type="button" class="button primary" onClick={() => void copyText(secret, 'Key copied')}>Copy</button>
			<button type="button" class="button plain" onClick={done}>I have it</button>
		</div>
	</div>
)

function ChannelRow({ channel, changed }: { channel: Channel; changed: () => void }) {
	const { busy, problem, run } = useAction()
	const name = channelLabel(channel)
	const path = `notifications/channels/${id(channel.id)}`
	const test = (): void => void run(async () => {
		const errand = await outcome(await post<Errand>(`${path}/test`))
		toast(errand.state === 'done' ? `A test went to ${name}` : `The test failed: ${errand.error ?? 'no answer yet'}`)
		changed()
	})
	const turn = (): void => void run(async () => {
		await api('PATCH', path, { enabled: !channel.enabled })
		changed()
	})
	const drop = (): void => void run(async () => {
		if (!(await confirm(`Remove ${name}?`, 'Its messages go with it.', 'Remove the channel'))) return
		await remove(path)
		toast('Channel removed')
		changed()
	})
	return (
		<tr>
			<th scope="row">{name}{channel.enabled ? '' : ' (off)'}</th>
			<td>{channel.events.length === events.length ? 'everything' : channel.events.map((event) => eventLabels[event] ?? event).join(', ')}</td>
			<td>{channel.last_error ?? (channel.sent_at ? `last sent ${date(channel.sent_at)}` : 'nothing sent yet')}</td>
			<td class="num">
				{problem.value && <ProblemBox problem={problem.value} />}
				<button type="button" class="button small" aria-label={`Test ${name}`} disabled={busy.value} onClick={test}>Test</button>{' '}
				<button type="button" class="button small plain" aria-label={`Switch ${channel.enabled ? 'off' : 'on'} ${name}`} disabled={busy.value} onClick={turn}>
					{channel.enabled ? 'Switch off' : 'Switch on'}
				</button>{' '}
				<button type="button" class="button small plain" aria-label={`Remove ${name}`} disabled={busy.value} onClick={drop}>Remove</button>
			</td>
		</tr>
	)
}

const Channels = ({ channels, changed }: { channels: Channel[]; changed: () => void }) => (
	<Scroll label="Channels">
		<table>
			<thead><tr>
				<th scope="col">Channel</th><th scope="col">Tells of</th><th scope="col">How it goes</th>
				<th scope="col"><span class="unseen">Actions</span></th>
			</tr></thead>
			<tbody>{channels.map((channel) => <ChannelRow key={channel.id} channel={channel} changed={changed} />)}</tbody>
		</table>
	</Scroll>
)

const Messages = ({ notices }: { notices: Notice[] }) => (
	<Scroll label="Messages">
		<table>
			<thead><tr>
				<th scope="col">When</th><th scope="col">By</th><th scope="col">What</th><th scope="col">State</th>
			</tr></thead>
			<tbody>
				{notices.map((notice) => (
					<tr key={notice.id}>
						<td class="nowrap">{date(notice.created_at)}</td>
						<td class="nowrap">{kindLabels[notice.channel_kind]}</td>
						<td>{notice.text}</td>
						<td>{stateLabels[notice.state]}{notice.error ? `: ${notice.error}` : ''}</td>
					</tr>
				))}
			</tbody>
		</table>
	</Scroll>
)

export function NotificationsPage() {
	const channels = useLoad(() => get<{ data: Channel[] }>('notifications/channels'))
	const notices = usePages((cursor) => list<Notice>('notifications', 25, cursor))
	const making = useSignal(false)
	const secret = useSignal('')
	const changed = (): void => {
		channels.reload()
		notices.reload()
	}
	const made = (channel: Channel): void => {
		secret.value = channel.key ?? ''
		making.value = false
		changed()
	}
	const open = <button type="button" class="button small" aria-expanded={making.value} onClick={() => (making.value = !making.value)}>New channel</button>
	return (
		<>
			<Title title="Notifications" sub="Where you are told of fills, stops, refusals and failures." back={{ href: '#/settings', label: 'Settings' }} />
			<div class="panels">
				<Panel title="Channels" note={open} wide>
					{secret.value && <KeyOnce secret={secret.value} done={() => (secret.value = '')} />}
					{making.value && <ChannelForm made={made} close={() => (making.value = false)} />}
					<Ready of={channels}>
						{({ data }) => data.length ? <Channels channels={data} changed={changed} />
							: <Empty title="No channels."><p>Without one you are told nothing.</p></Empty>}
					</Ready>
				</Panel>
				<Panel title="Messages" wide>
					<Ready of={notices}>
						{(data) => data.length ? <Messages notices={data} /> : <Empty title="No messages yet." />}
					</Ready>
					{notices.more && <button type="button" class="button" onClick={notices.more}>Show older ones</button>}
				</Panel>
			</div>
		</>
	)
}
