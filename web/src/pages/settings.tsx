/* Preferences, and the exchange keys that go in but never come out. */
import { useSignal } from '@preact/signals'
import { api, get } from '../api'
import { date, moment } from '../lib/format'
import { keyWords } from '../lib/keys'
import type { KeyState, MarketSymbol, Preferences, SecretName, SecretView, Settings } from '../lib/types'
import { preferences } from '../session'
import { themes, timeZone } from '../theme'
import { confirm } from '../ui/dialog'
import { CheckField, SelectField, TextField, faultOf, onSubmit } from '../ui/field'
import { useAction, useLoad } from '../ui/load'
import { Panel, Title } from '../ui/shell'
import { ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'

const secrets: { name: SecretName; label: string; hint: string }[] = [
	{ name: 'binance_api_key', label: 'Binance API key', hint: 'Allow trading if you must, withdrawals never.' },
	{ name: 'binance_secret', label: 'Binance secret', hint: 'The other half of the key above.' },
	{ name: 'coingecko_api_key', label: 'CoinGecko API key', hint: 'For prices beyond the exchange.' },
	{ name: 'telegram_token', label: 'Telegram bot token', hint: 'The bot that writes to you.' },
	{ name: 'telegram_chat_id', label: 'Telegram chat id', hint: 'Where it writes.' },
]

const save = async (patch: Record<string, string | null>): Promise<Settings> => {
	const settings = await api<Settings>('PATCH', 'settings', patch)
	preferences.value = settings
	return settings
}

/* Beside the second half of the pair: what the exchange says of both. */
function KeyLine({ keys }: { keys: KeyState }) {
	const { head, text, bad } = keyWords(keys)
	if (!head) return null
	return (
		<p class="hint" data-keys={keys.state}>
			<span class={bad ? 'badge bad' : 'badge'}>{head}</span> {text}
			{keys.checked_at !== null && <> <span class="nowrap">Checked {moment(keys.checked_at, timeZone.value)}.</span></>}
		</p>
	)
}

interface SecretProps {
	name: SecretName
	label: string
	hint: string
	view: SecretView
	keys: KeyState | null
	saved: (settings: Settings) => void
}

function SecretRow({ name, label, hint, view, keys, saved }: SecretProps) {
	const typed = useSignal('')
	const open = useSignal(!view.set)
	const { busy, problem, run } = useAction()
	const store = (): void => void run(async () => {
		const settings = await save({ [name]: typed.value.trim() })
		typed.value = ''
		open.value = false
		saved(settings)
		toast(`${label} stored`)
	})
	const removeIt = (): void => void run(async () => {
		if (!(await confirm(`Remove the ${label}?`, 'It cannot be shown or restored; you would paste it again.', 'Remove'))) return
		saved(await save({ [name]: null }))
		open.value = true
		toast(`${label} removed`)
	})
	return (
		<li class="secret">
			<div class="secret-head">
				<h3>{label}</h3>
				<p class={view.set ? 'seal' : 'quiet'}>
					{view.set ? <>set{view.hint && <> <code>{view.hint}</code></>}, <span class="nowrap">{date(view.updated_at)}</span></> : 'not set'}
				</p>
				{view.set && (
					<div class="row">
						<button type="button" class="button small" aria-expanded={open.value} aria-label={`Replace the ${label}`}
							onClick={() => (open.value = !open.value)}>Replace</button>
						<button type="button" class="button small plain" aria-label={`Remove the ${label}`} disabled={busy.value}
							onClick={removeIt}>Remove</button>
					</div>
				)}
			</div>
			{keys && <KeyLine keys={keys} />}
			{open.value && (
				<form class="inline-form" onSubmit={onSubmit(store)}>
					<TextField label={view.set ? `New ${label}` : label} hint={hint} name={name} type="password" autocomplete="off" required maxLength={512}
						spellcheck={false} fault={faultOf(problem.value, `/${name}`)} value={typed.value} onValue={(value) => (typed.value = value)} />
					<button type="submit" class="button" disabled={busy.value} aria-label={`Store the ${label}`}>Store</button>
				</form>
			)}
			{problem.value && <ProblemBox problem={problem.value} shown={[`/${name}`]} />}
		</li>
	)
}

const zones = (): string[] => ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')]
const currencies = ['USD', 'EUR', 'GBP', 'CHF', 'JPY', 'AUD', 'CAD', 'BTC', 'ETH']
const choices = (values: readonly string[], current: string) =>
	(values.includes(current) || !current ? values : [current, ...values]).map((value) => ({ value, label: value }))
const themeLabels: Record<string, string> = { system: 'As the system', light: 'Light', dark: 'Dark' }

type Draft = { [K in keyof Preferences]: string }
const draftOf = (from: Settings): Draft => ({
	currency: from.currency || 'USD',
	timezone: from.timezone || 'UTC',
	summary_time: from.summary_time || '08:00',
	theme: from.theme || 'system',
	default_symbol: from.default_symbol ?? '',
	notifications: String(from.notifications),
})

function PreferencesForm({ settings, symbols, saved }: { settings: Settings; symbols: string[]; saved: (settings: Settings) => void }) {
	const draft = useSignal<Draft>(draftOf(settings))
	const { busy, problem, run } = useAction()
	const set = (key: keyof Draft) => (value: string): void => void (draft.value = { ...draft.value, [key]: value })
	const fault = (key: keyof Draft): string => faultOf(problem.value, `/${key}`)
	const store = (): void => void run(async () => {
		/* Only what changed; an empty text goes back to the default. */
		const before = draftOf(settings)
		const changed = Object.entries(draft.value).filter(([key, value]) => before[key as keyof Draft] !== value)
		if (changed.length) saved(await save(Object.fromEntries(changed.map(([key, value]) => [key, value || null]))))
		toast('Preferences saved')
	})
	return (
		<form onSubmit={onSubmit(store)}>
			<div class="fields">
				<SelectField label="Theme" value={draft.value.theme} fault={fault('theme')} onValue={set('theme')}
					options={themes.map((value) => ({ value, label: themeLabels[value] ?? value }))} />
				<SelectField label="Time zone" value={draft.value.timezone} fault={fault('timezone')} onValue={set('timezone')}
					options={choices(zones(), draft.value.timezone)} />
				<TextField label="Daily summary at" hint="Of that time zone, such as 08:00." maxLength={5} value={draft.value.summary_time} fault={fault('summary_time')}
					onValue={set('summary_time')} />
				<SelectField label="Currency" hint="Totals are shown in it." value={draft.value.currency} fault={fault('currency')}
					onValue={set('currency')} options={choices(currencies, draft.value.currency)} />
				<SelectField label="Usual symbol" hint="Chosen first in new backtests." value={draft.value.default_symbol} fault={fault('default_symbol')}
					onValue={set('default_symbol')} options={[{ value: '', label: 'None' }, ...choices(symbols, draft.value.default_symbol)]} />
			</div>
			<CheckField label="Notify me when something needs me" checked={draft.value.notifications === 'true'}
				onValue={(checked) => set('notifications')(String(checked))} />
			{problem.value && <ProblemBox problem={problem.value} shown={Object.keys(draft.value).map((key) => `/${key}`)} />}
			<button type="submit" class="button primary" disabled={busy.value}>Save preferences</button>
		</form>
	)
}

export function SettingsPage() {
	const loaded = useLoad(async () => {
		const [settings, symbols] = await Promise.all([
			get<Settings>('settings'),
			get<{ data: MarketSymbol[] }>('market/symbols'),
		])
		return { settings, symbols: symbols.data.map((one) => one.symbol) }
	})
	return (
		<>
			<Title title="Settings" sub="Yours alone; other users have their own.">
				<a class="button" href="#/notifications">Notifications</a>
			</Title>
			<Ready of={loaded}>
				{({ settings, symbols }) => {
					const saved = (next: Settings): void => void (loaded.data.value = { settings: next, symbols })
					return (
						<div class="panels two">
							<Panel title="Exchange and service keys" note="Sealed on arrival; shown by their last four signs">
								<ul class="secrets">
									{secrets.map((secret) => <SecretRow key={secret.name} {...secret} view={settings[secret.name]} saved={saved}
										keys={secret.name === 'binance_secret' ? settings.exchange_keys : null} />)}
								</ul>
							</Panel>
							<Panel title="Preferences">
								<PreferencesForm settings={settings} symbols={symbols} saved={saved} />
							</Panel>
						</div>
					)
				}}
			</Ready>
		</>
	)
}
