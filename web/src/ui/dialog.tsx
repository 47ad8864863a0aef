/* Native modal dialogs: confirm(), and the password again. */
import { signal, useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { onReauthentication } from '../api'
import { call, me } from '../session'
import { TextField, onSubmit } from './field'
import { useAction } from './load'
import { ProblemBox } from './states'

interface ModalProps {
	title: string
	close: () => void
	/* more of the look: wide, live */
	look?: 'wide' | 'live' | undefined
	children: ComponentChildren
}

export function Modal({ title, close, look, children }: ModalProps) {
	const ref = useRef<HTMLDialogElement>(null)
	useLayoutEffect(() => {
		const before = document.activeElement
		ref.current?.showModal()
		return () => before instanceof HTMLElement && before.isConnected && before.focus()
	}, [])
	return (
		<dialog ref={ref} class={look} aria-labelledby="dialog-title" onCancel={close} onClose={close}>
			<h2 id="dialog-title">{title}</h2>
			{children}
		</dialog>
	)
}

interface Question {
	title: string
	body: string
	action: string
	look?: 'live' | undefined
	answer: (yes: boolean) => void
}
const question = signal<Question | null>(null)

export const confirm = (title: string, body: string, action: string, look?: 'live'): Promise<boolean> =>
	new Promise((resolve) => {
		const answer = (yes: boolean): void => {
			question.value = null
			resolve(yes)
		}
		question.value = { title, body, action, look, answer }
	})

const password = signal<((given: boolean) => void) | null>(null)
let asking: Promise<boolean> | null = null

/* Two requests that both want the password get one dialog. */
onReauthentication(() => {
	asking ??= new Promise<boolean>((resolve) => {
		password.value = (given) => {
			password.value = null
			asking = null
			resolve(given)
		}
	})
	return asking
})

function PasswordDialog({ done }: { done: (given: boolean) => void }) {
	const typed = useSignal('')
	const { busy, problem, run } = useAction()
	const submit = (): void =>
		void run(async () => {
			await call('POST', 'auth/reauthenticate', { password: typed.value })
			done(true)
		})
	return (
		<Modal title="Your password, once more" close={() => done(false)}>
			<p>This changes something sensitive. Kontor asks again after a while, so that an unattended screen is not enough.</p>
			<form onSubmit={onSubmit(submit)}>
				<input type="text" class="unseen" autocomplete="username" value={me.value?.username ?? ''} readOnly tabIndex={-1} aria-hidden="true" />
				<TextField label="Password" type="password" autocomplete="current-password" required autofocus
					value={typed.value} onValue={(value) => (typed.value = value)} />
				{problem.value && <ProblemBox problem={problem.value} />}
				<div class="row end">
					<button type="button" class="button plain" onClick={() => done(false)}>Cancel</button>
					<button type="submit" class="button primary" disabled={busy.value}>Continue</button>
				</div>
			</form>
		</Modal>
	)
}

export function Dialogs() {
	const asked = question.value
	return (
		<>
			{asked && (
				<Modal title={asked.title} look={asked.look} close={() => asked.answer(false)}>
					<p>{asked.body}</p>
					<div class="row end">
						<button type="button" class="button plain" onClick={() => asked.answer(false)}>Cancel</button>
						<button type="button" class="button danger" onClick={() => asked.answer(true)}>{asked.action}</button>
					</div>
				</Modal>
			)}
			{password.value && <PasswordDialog done={password.value} />}
		</>
	)
}
