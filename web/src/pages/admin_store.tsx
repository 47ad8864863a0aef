/* The shared store: how the cache does, which limits hold, who must wait. */
import { get, id, remove } from '../api'
import { bytes, moment, percent, waiting } from '../lib/format'
import type { CacheState, Limits } from '../lib/types'
import { timeZone } from '../theme'
import { confirm } from '../ui/dialog'
import { useAction, useLoad } from '../ui/load'
import { Panel, Scroll } from '../ui/shell'
import { Empty, ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'

const count = (value: number): string => value.toLocaleString('en')

const Figures = ({ cache }: { cache: CacheState }) => (
	<>
		{cache.degraded && <p class="loss">Redis does not answer; every machine counts and keeps for itself until it does.</p>}
		<table class="ledger figures">
			<caption>Since the store began</caption>
			<tbody>
				<tr><th scope="row">Where</th><td class="num">{cache.backend}</td></tr>
				<tr><th scope="row">Hits</th><td class="num">{count(cache.hits)}</td></tr>
				<tr><th scope="row">Misses</th><td class="num">{count(cache.misses)}</td></tr>
				<tr><th scope="row">Hit rate</th><td class="num">{cache.hit_rate === null ? '–' : percent(cache.hit_rate * 100, 1)}</td></tr>
				<tr><th scope="row">Entries</th><td class="num">{count(cache.entries)}</td></tr>
				<tr><th scope="row">Room taken</th><td class="num">{cache.capacity > 0 ? `${bytes(cache.bytes)} of ${bytes(cache.capacity)}` : bytes(cache.bytes)}</td></tr>
				<tr><th scope="row">Dropped for want of room</th><td class="num">{count(cache.evictions)}</td></tr>
			</tbody>
		</table>
		<p class="foot">Kept for: {cache.classes.map(({ name, ttl_s }) => `${name} ${ttl_s ? waiting(ttl_s) : 'not at all'}`).join(', ')}.</p>
	</>
)

export function Cache() {
	const loaded = useLoad(() => get<CacheState>('admin/cache'))
	const { busy, problem, run } = useAction()
	const flush = (): void => void run(async () => {
		if (!(await confirm('Drop all kept answers?', 'Nothing is lost: the next question of each kind is answered from the database.', 'Drop them'))) return
		await remove('admin/cache')
		toast('Cache emptied')
		loaded.reload()
	})
	const button = <button type="button" class="button small" disabled={busy.value} onClick={flush}>Empty the cache</button>
	return (
		<Panel title="Cache" note={button}>
			{problem.value && <ProblemBox problem={problem.value} />}
			<Ready of={loaded}>{(cache) => <Figures cache={cache} />}</Ready>
		</Panel>
	)
}

/* "a:192.0.2.1" and the like, in words. */
const kinds: Record<string, string> = { a: 'address', u: 'user', k: 'API key' }
const subject = (text: string): string => {
	const [kind = '', rest = ''] = [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)]
	return kinds[kind] ? `${kinds[kind]} ${rest}` : `account ${text.slice(0, 12)}…`
}

const Rules = ({ rules }: { rules: Limits['rules'] }) => (
	<details>
		<summary>The rules in force</summary>
		<Scroll label="Rules">
			<table class="dense">
				<thead><tr><th scope="col">Rule</th><th scope="col">Counts</th><th scope="col" class="num">Limit</th><th scope="col" class="num">In</th></tr></thead>
				<tbody>
					{rules.map((rule) => (
						<tr key={rule.name}>
							<th scope="row">{rule.name}</th><td>{rule.subject}</td>
							<td class="num">{rule.limit ? count(rule.limit) : 'off'}</td><td class="num">{waiting(rule.window_s)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</Scroll>
	</details>
)

export function LimitsPanel() {
	const loaded = useLoad(() => get<Limits>('admin/limits'))
	const { busy, problem, run } = useAction()
	const forgive = (who: string) => (): void => void run(async () => {
		await remove(`admin/limits/${id(who)}`)
		toast(`Forgiven: ${subject(who)}`)
		loaded.reload()
	})
	return (
		<Panel title="Who must wait" note={<button type="button" class="button small" onClick={loaded.reload}>Look again</button>}>
			{problem.value && <ProblemBox problem={problem.value} />}
			<Ready of={loaded}>
				{({ blocked, rules }) => (
					<>
						{blocked.length === 0 ? <Empty title="Nobody is in a cool-down." /> : (
							<Scroll label="Who must wait">
								<table class="dense">
									<thead><tr>
										<th scope="col">Who</th><th scope="col">Rule</th><th scope="col" class="num">Refused</th>
										<th scope="col">Until</th><th scope="col"><span class="unseen">Actions</span></th>
									</tr></thead>
									<tbody>
										{blocked.map((one) => (
											<tr key={one.subject + one.rule}>
												<th scope="row">{subject(one.subject)}</th><td>{one.rule}</td><td class="num">{count(one.refusals)}</td>
												<td class="nowrap">{moment(one.until, timeZone.value)}</td>
												<td class="num"><button type="button" class="button small plain" disabled={busy.value}
													aria-label={`Forgive ${subject(one.subject)}`} onClick={forgive(one.subject)}>Forgive</button></td>
											</tr>
										))}
									</tbody>
								</table>
							</Scroll>
						)}
						<Rules rules={rules} />
					</>
				)}
			</Ready>
		</Panel>
	)
}
