/* First set-up: the one-time link makes the first administrator. */
import { useSignal } from '@preact/signals'
import { send } from '../http'
import { passwordFits, usernameFits } from '../lib/password'
import { forget, me, signIn, signOut } from '../session'
import { TextField, faultOf, onSubmit } from '../ui/field'
import { Front, Rules } from '../ui/front'
import { useAction } from '../ui/load'
import { ProblemBox } from '../ui/states'

export function Setup({ token }: { token: string }) {
	const username = useSignal('admin')
	const password = useSignal('')
	const again = useSignal('')
	const tried = useSignal(false)
	const { busy, problem, run } = useAction()
	const differs = again.value !== password.value

	const submit = (): void => {
		tried.value = true
		if (differs || !passwordFits(password.value, username.value)) return
		void run(async () => {
			const body = { token, username: username.value, password: password.value }
			await send('POST', 'auth/setup', { body })
			history.replaceState(null, '', '#/')
			if (me.value) await signOut().catch(() => forget(''))
			await signIn(username.value, password.value).catch(() => forget('Your account is ready. Please sign in.'))
			dispatchEvent(new HashChangeEvent('hashchange'))
		})
	}

	const nameFault = faultOf(problem.value, '/username')
		|| (tried.value && !usernameFits(username.value) ? '3 to 32 letters, digits, dots, dashes or underscores.' : '')
	const passwordFault = faultOf(problem.value, '/password')
		|| (tried.value && !passwordFits(password.value, username.value) ? 'Not all rules are met yet.' : '')

	return (
		<Front title="Set up Kontor" lead={<p>You hold the key to a new house. Choose the administrator’s name and password; this link works once.</p>}>
			<form onSubmit={onSubmit(submit)}>
				<TextField label="User name" name="username" autocomplete="username" autocapitalize="none" spellcheck={false} required
					minLength={3} maxLength={32} fault={nameFault} value={username.value} onValue={(value) => (username.value = value)} />
				<TextField label="Password" name="password" type="password" autocomplete="new-password" required
					fault={passwordFault} value={password.value} onValue={(value) => (password.value = value)} />
				<Rules password={password.value} username={username.value} />
				<TextField label="Password, again" name="again" type="password" autocomplete="new-password" required
					fault={tried.value && differs ? 'The two passwords differ.' : ''} value={again.value} onValue={(value) => (again.value = value)} />
				{problem.value && <ProblemBox problem={problem.value} shown={['/username', '/password']} />}
				<button type="submit" class="button primary large" disabled={busy.value}>
					{busy.value ? 'Setting up…' : 'Create the administrator'}
				</button>
			</form>
		</Front>
	)
}
