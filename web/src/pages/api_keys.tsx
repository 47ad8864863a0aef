/* API keys: made with scopes and an end, shown once, revoked at any time. */
import { useSignal } from '@preact/signals'
import { get, id, post, remove } from '../api'
import { date } from '../lib/format'
import { permissionLabel } from '../lib/permissions'
import type { ApiKey } from '../lib/types'
import { me } from '../session'
import { confirm } from '../ui/dialog'
import { CheckField, SelectField, TextField, faultOf, onSubmit } from '../ui/field'
import { useAction, useLoad } from '../ui/load'
import { Panel, Scroll } from '../ui/shell'
import { Empty, ProblemBox, Ready } from '../ui/states'
import { copyText, toast } from '../ui/toast'

const lives = [
	{ value: '30', label: '30 days' },
	{ value: '90', label: '90 days' },
	{ value: '365', label: 'One year' },
	{ value: '', label: 'Until revoked' },
]
const after = (days: string): string => new Date(Date.now() + Number(days) * 86_400_000).toISOString().replace(/\.\d+/, '')

function KeyForm({ made, close }: { made: (secret: string) => void; close: () => void }) {
	const name = useSignal('')
	const days = useSignal('90')
	const scopes = useSignal<string[]>([])
	const tried = useSignal(false)
	const { busy, problem, run } = useAction()
	const turn = (scope: string) => (on: boolean): void =>
		void (scopes.value = on ? [...scopes.value, scope] : scopes.value.filter((one) => one !== scope))
	const submit = (): void => {
		tried.value = true
		if (!scopes.value.length) return
		void run(async () => {
			const body = { name: name.value.trim(), scopes: scopes.value }
			const created = await post<{ secret: string }>('keys', days.value ? { ...body, expires_at: after(days.value) } : body)
			made(created.secret)
		})
	}
	const scopeFault = faultOf(problem.value, '/scopes') || (tried.value && !scopes.value.length ? 'Choose at least one.' : '')
	return (
		<form class="sub-form" onSubmit={onSubmit(submit)}>
			<div class="fields">
				<TextField label="Name of the key" hint="What will use it, such as “reports”." required maxLength={100} fault={faultOf(problem.value, '/name')}
					value={name.value} onValue={(value) => (name.value = value)} />
				<SelectField label="Valid for" value={days.value} options={lives} fault={faultOf(problem.value, '/expires_at')} onValue={(value) => (days.value = value)} />
			</div>
			<fieldset>
				<legend>It may</legend>
				<div class="fields tight">
					{me.value?.scopes.map((scope) => (
						<CheckField key={scope} name={scope} label={permissionLabel(scope)} checked={scopes.value.includes(scope)} onValue={turn(scope)} />
					))}
				</div>
				{scopeFault && <p class="fault">{scopeFault}</p>}
			</fieldset>
			{problem.value && <ProblemBox problem={problem.value} shown={['/name', '/scopes', '/expires_at']} />}
			<div class="row">
				<button type="submit" class="button primary" disabled={busy.value}>Make the key</button>
				<button type="button" class="button plain" onClick={close}>Cancel</button>
			</div>
		</form>
	)
}

const Secret = ({ secret, done }: { secret: string; done: () => void }) => (
	<div class="once" role="status">
		<p><strong>Your new key.</strong> It is shown this once; put it where it belongs now.</p>
		<p><code class="secret-text">{secret}</code></p>
		<div class="row">
			<button type="button" class="button primary" onClick={() => void copyText(secret, 'Key copied')}>Copy</button>
			<button type="button" class="button plain" onClick={done}>I have it</button>
		</div>
	</div>
)

const KeyTable = ({ keys, revoke }: { keys: ApiKey[]; revoke: (key: ApiKey) => void }) => (
	<Scroll label="API keys">
		<table>
			<thead><tr>
				<th scope="col">Name</th><th scope="col">May</th><th scope="col">Ends</th>
				<th scope="col">Last used</th><th scope="col"><span class="unseen">Actions</span></th>
			</tr></thead>
			<tbody>
				{keys.map((key) => (
					<tr key={key.id}>
						<th scope="row">{key.name} <code class="quiet">{key.hint}</code></th>
						<td>{key.scopes.join(', ')}</td>
						<td class="nowrap">{key.expires_at ? date(key.expires_at) : 'never'}</td>
						<td class="nowrap">{key.last_used_at ? date(key.last_used_at) : 'never'}</td>
						<td class="num"><button type="button" class="button small plain" aria-label={`Revoke ${key.name}`} onClick={() => revoke(key)}>Revoke</button></td>
					</tr>
				))}
			</tbody>
		</table>
	</Scroll>
)

export function ApiKeys() {
	const loaded = useLoad(() => get<{ data: ApiKey[] }>('keys'))
	const making = useSignal(false)
	const secret = useSignal('')
	const { problem, run } = useAction()
	const revoke = (key: ApiKey): void => void run(async () => {
		if (!(await confirm(`Revoke “${key.name}”?`, 'Whatever uses it stops working at once.', 'Revoke the key'))) return
		await remove(`keys/${id(key.id)}`)
		toast(`“${key.name}” revoked`)
		loaded.reload()
	})
	const made = (text: string): void => {
		secret.value = text
		making.value = false
		loaded.reload()
	}
	const open = <button type="button" class="button small" aria-expanded={making.value} onClick={() => (making.value = !making.value)}>New key</button>
	return (
		<Panel title="API keys" note={open} wide>
			{secret.value && <Secret secret={secret.value} done={() => (secret.value = '')} />}
			{making.value && <KeyForm made={made} close={() => (making.value = false)} />}
			{problem.value && <ProblemBox problem={problem.value} />}
			<Ready of={loaded}>
				{({ data }) => (data.length ? <KeyTable keys={data} revoke={revoke} /> : <Empty title="No API keys."><p>Scripts use them instead of your password.</p></Empty>)}
			</Ready>
			<p class="foot"><a href="/api/docs">What the API can do</a></p>
		</Panel>
	)
}
