/* A new account, where the operator allows it. */
import { useSignal } from '@preact/signals'
import { send } from '../http'
import { passwordFits, usernameFits } from '../lib/password'
import { signIn } from '../session'
import { TextField, faultOf, onSubmit } from '../ui/field'
import { Front, Rules } from '../ui/front'
import { useAction } from '../ui/load'
import { ProblemBox } from '../ui/states'

export function Register() {
	const username = useSignal('')
	const email = useSignal('')
	const password = useSignal('')
	const tried = useSignal(false)
	const { busy, problem, run } = useAction()
	const fits = (): boolean => usernameFits(username.value) && passwordFits(password.value, username.value, email.value)

	const submit = (): void => {
		tried.value = true
		if (!fits()) return
		void run(async () => {
			const account = { username: username.value, password: password.value }
			await send('POST', 'auth/register', { body: email.value ? { ...account, email: email.value } : account })
			await signIn(account.username, account.password)
			location.hash = '#/'
		})
	}

	const nameFault = faultOf(problem.value, '/username')
		|| (tried.value && !usernameFits(username.value) ? '3 to 32 letters, digits, dots, dashes or underscores.' : '')
	const passwordFault = faultOf(problem.value, '/password')
		|| (tried.value && !passwordFits(password.value, username.value, email.value) ? 'Not all rules are met yet.' : '')

	return (
		<Front title="Register" lead={<p>An account of your own: your strategies, keys and results are visible to nobody else.</p>}>
			<form onSubmit={onSubmit(submit)}>
				<TextField label="User name" name="username" autocomplete="username" autocapitalize="none" spellcheck={false} required
					maxLength={32} fault={nameFault} value={username.value} onValue={(value) => (username.value = value)} />
				<TextField label="E-mail (optional)" name="email" type="email" autocomplete="email"
					fault={faultOf(problem.value, '/email')} value={email.value} onValue={(value) => (email.value = value)} />
				<TextField label="Password" name="password" type="password" autocomplete="new-password" required
					fault={passwordFault} value={password.value} onValue={(value) => (password.value = value)} />
				<Rules password={password.value} username={username.value} email={email.value} />
				{problem.value && <ProblemBox problem={problem.value} shown={['/username', '/email', '/password']} />}
				<button type="submit" class="button primary large" disabled={busy.value}>
					{busy.value ? 'Registering…' : 'Register'}
				</button>
			</form>
			<p>Have an account? <a href="#/">Sign in</a></p>
		</Front>
	)
}
