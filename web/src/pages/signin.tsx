/* Sign in. Shown at any address while nobody is, so that the address stays. */
import { useSignal } from '@preact/signals'
import { farewell, signIn } from '../session'
import { TextField, faultOf, onSubmit } from '../ui/field'
import { Front } from '../ui/front'
import { useAction } from '../ui/load'
import { ProblemBox } from '../ui/states'

export function SignIn() {
	const username = useSignal('')
	const password = useSignal('')
	const { busy, problem, run } = useAction()
	const submit = (): void => void run(() => signIn(username.value.trim(), password.value))
	return (
		<Front title="Sign in" lead={farewell.value && <p role="status">{farewell.value}</p>}>
			<form onSubmit={onSubmit(submit)}>
				<TextField label="User name" name="username" autocomplete="username" autocapitalize="none" spellcheck={false} required
					fault={faultOf(problem.value, '/username')} value={username.value} onValue={(value) => (username.value = value)} />
				<TextField label="Password" name="password" type="password" autocomplete="current-password" required
					fault={faultOf(problem.value, '/password')} value={password.value} onValue={(value) => (password.value = value)} />
				{problem.value && <ProblemBox problem={problem.value} shown={['/username', '/password']} />}
				<button type="submit" class="button primary large" disabled={busy.value}>
					{busy.value ? 'Signing in…' : 'Sign in'}
				</button>
			</form>
			<p class="quiet">
				You stay signed in on this device for up to a week, or until you sign out. The key to it is in cookies
				that no script can read.
			</p>
			<p>No account yet? <a href="#/register">Register</a></p>
		</Front>
	)
}
