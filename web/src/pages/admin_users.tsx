/* Everybody's accounts: role, disabled or not, sessions. */
import { useSignal } from '@preact/signals'
import { api, id, list, remove } from '../api'
import { date, plural } from '../lib/format'
import type { AdminUser } from '../lib/types'
import { me } from '../session'
import { confirm } from '../ui/dialog'
import { TextField, onSubmit } from '../ui/field'
import { useAction, usePages } from '../ui/load'
import { Panel, Scroll } from '../ui/shell'
import { Empty, ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'

const PAGE = 50

interface Act {
	label: string
	title: string
	body: string
	done: string
	run: (user: AdminUser) => Promise<unknown>
}
const change = (body: object) => (user: AdminUser): Promise<unknown> => api('PATCH', `admin/users/${id(user.id)}`, body)
const ENDS = 'All sessions and API keys of the account end at once.'

const acts = {
	disable: { label: 'Disable', title: 'Disable', body: `${ENDS} Nothing is deleted.`, done: 'disabled', run: change({ disabled: true }) },
	enable: { label: 'Enable', title: 'Enable', body: 'The account may sign in again.', done: 'enabled', run: change({ disabled: false }) },
	raise: { label: 'Make admin', title: 'Make an administrator of', body: `An administrator may do everything on this page. ${ENDS}`, done: 'is an administrator now', run: change({ role: 'admin' }) },
	lower: { label: 'Make user', title: 'Take the administration from', body: ENDS, done: 'is a user now', run: change({ role: 'user' }) },
	end: { label: 'End sessions', title: 'End the sessions of', body: ENDS, done: 'is signed out', run: (user) => remove(`admin/users/${id(user.id)}/sessions`) },
} satisfies Record<string, Act>

/* An administrator can neither disable nor lower himself. */
const actsFor = (user: AdminUser): Act[] => [
	...(user.sessions > 0 ? [acts.end] : []),
	...(user.id === me.value?.id ? [] : [user.role === 'admin' ? acts.lower : acts.raise, user.disabled ? acts.enable : acts.disable]),
]

const Row = ({ user, busy, act }: { user: AdminUser; busy: boolean; act: (user: AdminUser, one: Act) => void }) => (
	<tr>
		<th scope="row">
			{user.username}{' '}
			{user.role === 'admin' && <span class="badge">administrator</span>}{' '}
			{user.disabled && <span class="badge bad">disabled</span>}{' '}
			{user.id === me.value?.id && <span class="quiet">you</span>}
			{user.email && <p class="quiet">{user.email}</p>}
		</th>
		<td class="num">{user.sessions}</td>
		<td class="nowrap">{user.last_login_at ? date(user.last_login_at) : 'never'}</td>
		<td class="nowrap">{date(user.created_at)}</td>
		<td>
			<div class="row end">
				{actsFor(user).map((one) => (
					<button key={one.label} type="button" class="button small plain" disabled={busy}
						aria-label={`${one.label}: ${user.username}`} onClick={() => act(user, one)}>{one.label}</button>
				))}
			</div>
		</td>
	</tr>
)

export function Users() {
	const typed = useSignal('')
	const name = useSignal('')
	const loaded = usePages<AdminUser>((cursor) => list('admin/users', PAGE, cursor, { name: name.value }), [name.value])
	const { busy, problem, run } = useAction()
	const act = (user: AdminUser, one: Act): void => void run(async () => {
		if (!(await confirm(`${one.title} ${user.username}?`, one.body, one.label))) return
		await one.run(user)
		toast(`${user.username} ${one.done}`)
		loaded.reload()
	})
	return (
		<Panel title="Users" note={loaded.data.value && !loaded.more && !name.value ? plural(loaded.data.value.length, 'account') : null} wide>
			<form class="inline-form filter" role="search" aria-label="Users" onSubmit={onSubmit(() => (name.value = typed.value.trim()))}>
				<TextField label="User name begins with" name="name" hint="What the name begins with." maxLength={64} autocapitalize="none" spellcheck={false} autocomplete="off"
					value={typed.value} onValue={(value) => (typed.value = value)} />
				<button type="submit" class="button">Find</button>
			</form>
			{problem.value && <ProblemBox problem={problem.value} />}
			<Ready of={loaded}>
				{(users) => users.length === 0 ? <Empty title="Nobody of that name." /> : (
					<Scroll label="Users">
						<table>
							<thead><tr>
								<th scope="col">Name</th><th scope="col" class="num">Sessions</th><th scope="col">Last sign-in</th>
								<th scope="col">Since</th><th scope="col"><span class="unseen">Actions</span></th>
							</tr></thead>
							<tbody>{users.map((user) => <Row key={user.id} user={user} busy={busy.value} act={act} />)}</tbody>
						</table>
					</Scroll>
				)}
			</Ready>
			{loaded.more && <p><button type="button" class="button" onClick={loaded.more}>Show more users</button></p>}
		</Panel>
	)
}
