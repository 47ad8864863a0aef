/* The lists of sweeps and of walk-forward tests. */
import { all, id, list, remove } from '../api'
import { age } from '../lib/format'
import { href } from '../lib/route'
import { isOpen, statusWord } from '../lib/runs'
import type { Page, SearchRow, Strategy } from '../lib/types'
import { confirm } from '../ui/dialog'
import { useWatch } from '../ui/follow'
import { Kinds } from '../ui/kinds'
import { useAction } from '../ui/load'
import { Bar } from '../ui/progress'
import { Scroll, Title } from '../ui/shell'
import { Empty, ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'
import { strategyName } from './backtest_table'

interface ListKind {
	path: 'sweeps' | 'walk-forward'
	title: string
	sub: string
	one: string
	none: string
}
const sweeps: ListKind = {
	path: 'sweeps', title: 'Sweeps', one: 'sweep', none: 'No sweep has been run yet.',
	sub: 'One strategy with many values of its parameters. The best of many is always partly luck.',
}
const walks: ListKind = {
	path: 'walk-forward', title: 'Walk-forward tests', one: 'walk-forward test', none: 'No walk-forward test has been run yet.',
	sub: 'Choose the settings in one window, try them in the next: how much of a sweep’s result holds on unseen data.',
}

const State = ({ row, name }: { row: SearchRow; name: string }) => isOpen(row.status)
	? <><Bar run={row} label={`Progress of ${name} on ${row.symbol}`} /> <span class="tabular quiet">{row.status === 'queued' ? 'waiting' : `${row.progress} %`}</span></>
	: <span class={row.status === 'failed' ? 'loss' : 'quiet'}>{statusWord(row.status)}</span>

interface RowsProps {
	kind: ListKind
	rows: SearchRow[]
	strategies: Strategy[]
	onRemove: (row: SearchRow) => void
}

const Rows = ({ kind, rows, strategies, onRemove }: RowsProps) => (
	<Scroll label={kind.title}>
		<table>
			<thead>
				<tr>
					<th scope="col">Strategy</th><th scope="col">Market</th><th scope="col" class="num">Points</th><th scope="col">State</th>
					<th scope="col">Asked for</th><th scope="col"><span class="unseen">Actions</span></th>
				</tr>
			</thead>
			<tbody>
				{rows.map((row) => {
					const name = strategyName(row, strategies)
					const word = isOpen(row.status) ? 'Cancel' : 'Delete'
					return (
						<tr key={row.id}>
							<th scope="row"><a href={href(['backtests', kind.path, row.id])}>{name}</a></th>
							<td class="nowrap">{row.symbol} <span class="quiet">{row.interval}</span></td>
							<td class="num">{row.points.toLocaleString('en')}</td>
							<td class="nowrap"><State row={row} name={name} /></td>
							<td class="nowrap quiet">{age((Date.now() - Date.parse(row.created_at)) / 1000)}</td>
							<td class="num">
								<button type="button" class="button small plain" aria-label={`${word} the ${kind.one} of ${name} on ${row.symbol}`}
									onClick={() => onRemove(row)}>{word}</button>
							</td>
						</tr>
					)
				})}
			</tbody>
		</table>
	</Scroll>
)

const LIMIT = 100

function Searches({ kind }: { kind: ListKind }) {
	const loaded = useWatch<{ page: Page<SearchRow>; strategies: Strategy[] }>(async () => {
		const [page, strategies] = await Promise.all([list<SearchRow>(`backtests/${kind.path}`, LIMIT), all<Strategy>('strategies')])
		return { page, strategies }
	}, ({ page }) => page.data.some((row) => isOpen(row.status)), [kind.path])
	const { problem, run } = useAction()
	const onRemove = (row: SearchRow): void => void run(async () => {
		const open = isOpen(row.status)
		const yes = open || await confirm(`Delete this ${kind.one}?`, 'Its result is gone then.', `Delete the ${kind.one}`)
		if (!yes) return
		await remove(`backtests/${kind.path}/${id(row.id)}`)
		toast(open ? `The ${kind.one} is cancelled` : `The ${kind.one} is deleted`)
		loaded.reload()
	})
	const fresh = `#/backtests/${kind.path}/new`
	return (
		<>
			<Title title={kind.title} sub={kind.sub}><a class="button primary" href={fresh}>New {kind.one}</a></Title>
			<Kinds at={kind.title} />
			{problem.value && <ProblemBox problem={problem.value} />}
			<Ready of={loaded}>
				{({ page, strategies }) => page.data.length === 0 ? (
					<Empty title={kind.none}><p><a class="button" href={fresh}>New {kind.one}</a></p></Empty>
				) : (
					<section class="panel wide" aria-label="History">
						<Rows kind={kind} rows={page.data} strategies={strategies} onRemove={onRemove} />
						{page.next_cursor && <p class="foot">The newest {LIMIT} are shown.</p>}
					</section>
				)}
			</Ready>
		</>
	)
}

export const Sweeps = () => <Searches kind={sweeps} />
export const Walks = () => <Searches kind={walks} />
