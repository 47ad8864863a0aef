/* The account: who I am, my devices, my password, my API keys. */
import { useSignal } from '@preact/signals'
import { get, id, post, remove } from '../api'
import { passwordFits } from '../lib/password'
import { date, moment } from '../lib/format'
import type { Session } from '../lib/types'
import { forget, me, signOut } from '../session'
import { timeZone } from '../theme'
import { confirm } from '../ui/dialog'
import { TextField, faultOf, onSubmit } from '../ui/field'
import { Rules } from '../ui/front'
import { useAction, useLoad } from '../ui/load'
import { Panel, Scroll, Title } from '../ui/shell'
import { ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'
import { ApiKeys } from './api_keys'

/* "Chrome on Linux" out of a user agent; the whole when unknown. */
function device(agent: string | null): string {
	if (!agent) return 'Unknown'
	const browser = /(Firefox|Edg|OPR|Chrome|Safari|curl)\//.exec(agent)?.[1]
	const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(agent)?.[1]
	const name = ({ Edg: 'Edge', OPR: 'Opera' } as Record<string, string>)[browser ?? ''] ?? browser
	return name ? (system ? `${name} on ${system}` : name) : agent.slice(0, 40)
}

function Sessions() {
	const loaded = useLoad(() => get<{ data: Session[] }>('auth/sessions'))
	const { busy, problem, run } = useAction()
	const end = (session: Session): void => void run(async () => {
		const yes = await confirm('End this session?', `${device(session.user_agent)} at ${session.address} is signed out at once.`, 'End the session')
		if (!yes) return
		await remove(`auth/sessions/${id(session.id)}`)
		if (session.current) return forget('You are signed out.')
		toast('Session ended')
		loaded.reload()
	})
	return (
		<Panel title="Devices" wide>
			{problem.value && <ProblemBox problem={problem.value} />}
			<Ready of={loaded}>
				{({ data }) => (
					<Scroll label="Devices">
						<table>
							<thead><tr>
								<th scope="col">Device</th><th scope="col">Address</th><th scope="col">Signed in</th>
								<th scope="col">Last seen</th><th scope="col"><span class="unseen">Actions</span></th>
							</tr></thead>
							<tbody>
								{data.map((session) => (
									<tr key={session.id}>
										<th scope="row">{device(session.user_agent)} {session.current && <span class="badge">this device</span>}</th>
										<td>{session.address}</td>
										<td class="nowrap">{moment(session.created_at, timeZone.value)}</td>
										<td class="nowrap">{moment(session.last_seen_at, timeZone.value)}</td>
										<td class="num">
											<button type="button" class="button small plain" disabled={busy.value}
												aria-label={`End the session on ${device(session.user_agent)}, ${session.address}`} onClick={() => end(session)}>End</button>
										</td>
									</tr>
								))}
							</tbody>
						</table>
					</Scroll>
				)}
			</Ready>
		</Panel>
	)
}

function PasswordForm() {
	const current = useSignal('')
	const next = useSignal('')
	const again = useSignal('')
	const tried = useSignal(false)
	const { busy, problem, run } = useAction()
	const name = me.value?.username ?? ''
	const email = me.value?.email ?? ''
	const fits = (): boolean => passwordFits(next.value, name, email)
	const submit = (): void => {
		tried.value = true
		if (!fits() || next.value !== again.value) return
		void run(async () => {
			await post('auth/change-password', { current_password: current.value, new_password: next.value })
			current.value = next.value = again.value = ''
			tried.value = false
			toast('Password changed. Your other devices are signed out.')
		})
	}
	return (
		<Panel title="Password">
			<form onSubmit={onSubmit(submit)}>
				<input type="text" class="unseen" autocomplete="username" value={name} readOnly tabIndex={-1} aria-hidden="true" />
				<TextField label="Password now" type="password" autocomplete="current-password" required fault={faultOf(problem.value, '/current_password')}
					value={current.value} onValue={(value) => (current.value = value)} />
				<TextField label="New password" type="password" autocomplete="new-password" required
					fault={faultOf(problem.value, '/new_password') || (tried.value && !fits() ? 'Not all rules are met yet.' : '')}
					value={next.value} onValue={(value) => (next.value = value)} />
				<Rules password={next.value} username={name} email={email} />
				<TextField label="New password, again" type="password" autocomplete="new-password" required
					fault={tried.value && next.value !== again.value ? 'The two passwords differ.' : ''}
					value={again.value} onValue={(value) => (again.value = value)} />
				{problem.value && <ProblemBox problem={problem.value} shown={['/current_password', '/new_password']} />}
				<button type="submit" class="button" disabled={busy.value}>Change the password</button>
			</form>
		</Panel>
	)
}

function Leave() {
	const { busy, problem, run } = useAction()
	const everywhere = (): void => void run(async () => {
		const yes = await confirm('Sign out everywhere?', 'Every device of yours is signed out at once, this one too. API keys stay.', 'Sign out everywhere')
		if (yes) await signOut(true)
	})
	return (
		<>
			<button type="button" class="button" disabled={busy.value} onClick={() => void run(() => signOut())}>Sign out</button>
			<button type="button" class="button plain" disabled={busy.value} onClick={everywhere}>Sign out everywhere</button>
			{problem.value && <ProblemBox problem={problem.value} />}
		</>
	)
}

export function Account() {
	const who = me.value!
	return (
		<>
			<Title title="Account" sub={`${who.username}, ${who.role === 'admin' ? 'administrator' : 'user'} since ${date(who.created_at)}${who.email ? `, ${who.email}` : ''}`}>
				<Leave />
			</Title>
			<div class="panels two">
				<Sessions />
				<ApiKeys />
				<PasswordForm />
			</div>
			<p class="foot">
				<a href="licenses.txt" target="_blank" rel="noopener">Licences of the parts that this page is made of</a>
			</p>
		</>
	)
}
