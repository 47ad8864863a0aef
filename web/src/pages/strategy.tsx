/* One strategy: its rules as JSON, its numbers as a form, its versions. */
import { useSignal } from '@preact/signals'
import { all, api, get, id as encode, post, remove } from '../api'
import { Problem } from '../http'
import type { Fault } from '../http'
import { paramFault, paramsOf, parseDefinition } from '../lib/definition'
import { moment, plural } from '../lib/format'
import { replaceAt } from '../lib/pointer'
import { href } from '../lib/route'
import type { Strategy, StrategyCheck, StrategyVersion } from '../lib/types'
import { timeZone } from '../theme'
import { confirm } from '../ui/dialog'
import { Editor } from '../ui/editor'
import { useAction, useLoad } from '../ui/load'
import { Params } from '../ui/params'
import { RuleWriter } from '../ui/rule_writer'
import { Panel, Scroll, Title } from '../ui/shell'
import { ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'
import { WarmUpPanel } from '../ui/warm_up'
import { AtWork } from './strategy_runs'

const ROOT = '/definition'
const pretty = (definition: unknown): string => `${JSON.stringify(definition, null, 2)}\n`
const escape = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

interface VersionsProps {
	versions: StrategyVersion[]
	current: number
	take: (version: StrategyVersion) => void
}

const Versions = ({ versions, current, take }: VersionsProps) => (
	<Scroll label="Versions">
		<table>
			<thead><tr><th scope="col" class="num">Version</th><th scope="col">Saved</th><th scope="col"><span class="unseen">Actions</span></th></tr></thead>
			<tbody>
				{versions.map((version) => (
					<tr key={version.version}>
						<th scope="row" class="num">{version.version}</th>
						<td class="nowrap">{moment(version.created_at, timeZone.value)}</td>
						<td class="num">
							{version.version === current ? <span class="quiet">current</span> : (
								<button type="button" class="button small plain" aria-label={`Load version ${version.version} into the editor`}
									onClick={() => take(version)}>Load</button>
							)}
						</td>
					</tr>
				))}
			</tbody>
		</table>
	</Scroll>
)

interface Opened {
	strategy: Strategy
	versions: StrategyVersion[]
}

function Workbench({ opened, saved }: { opened: Opened; saved: () => void }) {
	const { strategy, versions } = opened
	const stored = pretty(strategy.definition)
	const text = useSignal(stored)
	const numbers = useSignal<Record<string, string>>({})
	const faults = useSignal<Fault[]>([])
	const verdict = useSignal('')
	const { busy, problem, run } = useAction()
	const parsed = parseDefinition(text.value)
	const syntax = 'fault' in parsed ? parsed.fault : null
	const params = 'value' in parsed ? paramsOf(parsed.value) : []

	const write = (next: string): void => {
		text.value = next
		faults.value = []
		verdict.value = ''
	}
	const turn = (name: string, typed: string): void => {
		numbers.value = { ...numbers.value, [name]: typed }
		const param = params.find((one) => one.name === name)
		if (!param || paramFault(param, typed)) return
		const spec = (parsed as { value: { params: Record<string, unknown> } }).value.params[name]
		const place = `/params/${escape(name)}${typeof spec === 'object' ? '/default' : ''}`
		write(replaceAt(text.value, place, String(Number(typed))))
	}
	/* Faults of the definition go to the editor, all else to the box. */
	const checked = (act: (definition: unknown) => Promise<void>): void => void run(async () => {
		if ('fault' in parsed) return
		faults.value = []
		verdict.value = ''
		try {
			await act(parsed.value)
		} catch (error) {
			if (!(error instanceof Problem) || !error.faults.length) throw error
			faults.value = error.faults
		}
	})
	const validate = (): void => checked(async (definition) => {
		const found = await post<StrategyCheck>('strategies/validate', { definition })
		verdict.value = `Valid. It needs ${plural(found.warmup, 'candle')} before its first decision.`
	})
	const save = (): void => checked(async (definition) => {
		const next = await api<Strategy>('PUT', `strategies/${encode(strategy.id)}`, { definition })
		toast(`Saved as version ${next.version}`)
		saved()
	})
	const take = (version: StrategyVersion): void => {
		numbers.value = {}
		write(pretty(version.definition))
		toast(`Version ${version.version} is in the editor. Save it to make it current.`)
	}
	const removeIt = (): void => void run(async () => {
		const yes = await confirm(`Delete “${strategy.name}”?`, 'It leaves the list for good and stops running. Its backtests stay.', 'Delete the strategy')
		if (!yes) return
		await remove(`strategies/${encode(strategy.id)}`)
		location.hash = '#/strategies'
		toast(`“${strategy.name}” deleted`)
	})

	return (
		<>
			<Title title={strategy.name} sub={`Version ${strategy.version}, saved ${moment(strategy.updated_at, timeZone.value)}`}
				back={{ href: '#/strategies', label: 'Strategies' }}>
				<a class="button" href={href(['backtests', 'new'], { strategy: strategy.id })}>Backtest</a>
				<a class="button" href={href(['backtests', 'sweeps', 'new'], { strategy: strategy.id })}>Sweep</a>
				<a class="button" href={href(['backtests', 'walk-forward', 'new'], { strategy: strategy.id })}>Walk forward</a>
				<button type="button" class="button plain" onClick={removeIt}>Delete</button>
			</Title>
			<div class="panels bench">
				<Panel title="Rules" note={text.value !== stored && 'Not saved yet'}>
					<Editor label="Definition (JSON)" text={text.value} onText={(next) => { numbers.value = {}; write(next) }}
						faults={faults.value} root={ROOT} syntax={syntax} />
					<p role="status" class="verdict">{verdict.value}</p>
					{problem.value && <ProblemBox problem={problem.value} />}
					<div class="row">
						<button type="button" class="button primary" disabled={busy.value || Boolean(syntax)} onClick={save}>Save as a new version</button>
						<button type="button" class="button" disabled={busy.value || Boolean(syntax)} onClick={validate}>Check</button>
						<button type="button" class="button plain" disabled={Boolean(syntax)}
							onClick={() => 'value' in parsed && write(pretty(parsed.value))}>Tidy up</button>
					</div>
				</Panel>
				<div class="panels">
					<Panel title="Numbers">
						{params.length ? <Params params={params} texts={numbers.value} onText={turn} /> : (
							<p class="quiet">{syntax ? 'They show again once the text is valid JSON.' : 'These rules have no parameters.'}</p>
						)}
					</Panel>
					<RuleWriter definition={'value' in parsed ? parsed.value : null}
						onDefinition={(next) => { numbers.value = {}; write(pretty(next)) }} />
					<WarmUpPanel definition={'value' in parsed ? parsed.value : null} />
					<AtWork strategy={strategy} />
					<Panel title="Versions"><Versions versions={versions} current={strategy.version} take={take} /></Panel>
				</div>
			</div>
		</>
	)
}

export function StrategyPage({ id }: { id: string }) {
	const loaded = useLoad(async () => {
		const [strategy, versions] = await Promise.all([
			get<Strategy>(`strategies/${encode(id)}`),
			all<StrategyVersion>(`strategies/${encode(id)}/versions`),
		])
		return { strategy, versions: versions.sort((a, b) => b.version - a.version) }
	}, [id])
	if (loaded.problem.value) return <><Title title="Strategy" back={{ href: '#/strategies', label: 'Strategies' }} /><ProblemBox problem={loaded.problem.value} retry={loaded.reload} /></>
	return <Ready of={loaded}>{(opened) => <Workbench key={opened.strategy.version} opened={opened} saved={loaded.reload} />}</Ready>
}
