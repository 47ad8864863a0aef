/* The audit log, newest first. Nothing here can change it. */
import { useSignal } from '@preact/signals'
import { list } from '../api'
import { moment } from '../lib/format'
import type { AuditEntry } from '../lib/types'
import { timeZone } from '../theme'
import { SelectField } from '../ui/field'
import { usePages } from '../ui/load'
import { Panel, Scroll } from '../ui/shell'
import { Empty, Ready } from '../ui/states'

const PAGE = 50
/* With a dot at the end: all events that begin so. */
const events = [
	{ value: '', label: 'Everything' },
	{ value: 'auth.login.', label: 'Sign-ins' },
	{ value: 'auth.', label: 'Accounts and sessions' },
	{ value: 'auth.user.', label: 'Users' },
	{ value: 'settings.', label: 'Settings and exchange keys' },
	{ value: 'hook.', label: 'Hooks' },
	{ value: 'channel.', label: 'Notification channels' },
	{ value: 'admin.', label: 'System settings' },
	{ value: 'scheduler.', label: 'Background jobs' },
]
const results = [
	{ value: '', label: 'Any' },
	{ value: 'ok', label: 'Done' },
	{ value: 'denied', label: 'Denied' },
	{ value: 'failed', label: 'Failed' },
]
const said: Record<AuditEntry['result'], string> = { ok: 'done', denied: 'denied', failed: 'failed' }

const Row = ({ entry }: { entry: AuditEntry }) => (
	<tr>
		<td class="num quiet">{entry.seq}</td>
		<td class="nowrap">{moment(entry.at, timeZone.value)}</td>
		<td class="nowrap">{entry.event}</td>
		<td class={entry.result === 'ok' ? '' : 'loss'}>{said[entry.result] ?? entry.result}</td>
		<td class="nowrap">{entry.actor && <code>{entry.actor}</code>}{entry.object && entry.object !== entry.actor && <> → <code>{entry.object}</code></>}</td>
		<td class="nowrap">{entry.address ?? ''}</td>
		<td>{entry.detail ?? ''}</td>
	</tr>
)

export function AuditLog() {
	const event = useSignal('')
	const result = useSignal('')
	const loaded = usePages<AuditEntry>(
		(cursor) => list('admin/audit', PAGE, cursor, { event: event.value, result: result.value }), [event.value, result.value])
	return (
		<Panel title="Audit log" note={<button type="button" class="button small" onClick={loaded.reload}>Look again</button>} wide>
			<div class="fields filter">
				<SelectField label="What" value={event.value} options={events} onValue={(value) => (event.value = value)} />
				<SelectField label="How it ended" value={result.value} options={results} onValue={(value) => (result.value = value)} />
			</div>
			<Ready of={loaded}>
				{(entries) => entries.length === 0 ? <Empty title="Nothing of that kind." /> : (
					<Scroll label="Audit log">
						<table class="dense">
							<thead><tr>
								<th scope="col" class="num">No.</th><th scope="col">When</th><th scope="col">What</th><th scope="col">Ended</th>
								<th scope="col">Who, to whom</th><th scope="col">From</th><th scope="col">Detail</th>
							</tr></thead>
							<tbody>{entries.map((entry) => <Row key={entry.seq} entry={entry} />)}</tbody>
						</table>
					</Scroll>
				)}
			</Ready>
			{loaded.more && <p><button type="button" class="button" onClick={loaded.more}>Show more entries</button></p>}
		</Panel>
	)
}
