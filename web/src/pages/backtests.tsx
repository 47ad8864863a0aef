/* The history of backtests. */
import { useSignal } from '@preact/signals'
import { all, id, list, remove } from '../api'
import type { BacktestRow, Strategy } from '../lib/types'
import { confirm } from '../ui/dialog'
import { Kinds } from '../ui/kinds'
import { useAction, useLoad } from '../ui/load'
import { Title } from '../ui/shell'
import { Empty, ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'
import { BacktestTable, strategyName } from './backtest_table'

const PAGE = 50

export function Backtests() {
	const next = useSignal<string | null>(null)
	const loaded = useLoad(async () => {
		const [page, strategies] = await Promise.all([list<BacktestRow>('backtests', PAGE), all<Strategy>('strategies')])
		next.value = page.next_cursor
		return { rows: page.data, strategies }
	})
	const { busy, problem, run } = useAction()
	const more = (): void => void run(async () => {
		const page = await list<BacktestRow>('backtests', PAGE, next.value)
		const { rows, strategies } = loaded.data.value!
		loaded.data.value = { rows: [...rows, ...page.data], strategies }
		next.value = page.next_cursor
	})
	const onDelete = (row: BacktestRow): void => void run(async () => {
		const { rows, strategies } = loaded.data.value!
		const yes = await confirm('Delete this backtest?', `${strategyName(row, strategies)} on ${row.symbol}. Its result is gone then.`, 'Delete the backtest')
		if (!yes) return
		await remove(`backtests/${id(row.id)}`)
		loaded.data.value = { rows: rows.filter((one) => one.id !== row.id), strategies }
		toast('Backtest deleted')
	})
	return (
		<>
			<Title title="Backtests" sub="What was run, newest first.">
				<a class="button primary" href="#/backtests/new">New backtest</a>
			</Title>
			<Kinds at="Backtests" />
			{problem.value && <ProblemBox problem={problem.value} />}
			<Ready of={loaded}>
				{({ rows, strategies }) => rows.length === 0 ? (
					<Empty title="Nothing has been run yet.">
						<p><a class="button primary" href={strategies.length ? '#/backtests/new' : '#/strategies/new'}>
							{strategies.length ? 'Run a backtest' : 'Make a strategy first'}
						</a></p>
					</Empty>
				) : (
					<section class="panel wide" aria-label="History">
						<BacktestTable rows={rows} strategies={strategies} onDelete={onDelete} />
						{next.value && <p><button type="button" class="button" disabled={busy.value} onClick={more}>Show more</button></p>}
					</section>
				)}
			</Ready>
		</>
	)
}
