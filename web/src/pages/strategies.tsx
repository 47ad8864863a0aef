/* The user's strategies. */
import { all, id, remove } from '../api'
import { moment, plural } from '../lib/format'
import { intervalOf, outline } from '../lib/definition'
import { href } from '../lib/route'
import type { Strategy } from '../lib/types'
import { timeZone } from '../theme'
import { confirm } from '../ui/dialog'
import { useAction, useLoad } from '../ui/load'
import { Scroll, Title } from '../ui/shell'
import { Empty, ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'

interface RowProps {
	strategy: Strategy
	onDelete: () => void
}

const Row = ({ strategy, onDelete }: RowProps) => (
	<tr>
		<th scope="row">
			<a href={href(['strategies', strategy.id])}>{strategy.name}</a>
			<p class="quiet">{outline(strategy.definition)}</p>
		</th>
		<td>{intervalOf(strategy.definition)}</td>
		<td class="num">{strategy.version}</td>
		<td class="nowrap quiet">{moment(strategy.updated_at, timeZone.value)}</td>
		<td>
			<div class="row end">
				<a class="button small" href={href(['backtests', 'new'], { strategy: strategy.id })} aria-label={`Backtest ${strategy.name}`}>Backtest</a>
				<button type="button" class="button small plain" aria-label={`Delete ${strategy.name}`} onClick={onDelete}>Delete</button>
			</div>
		</td>
	</tr>
)

export function Strategies() {
	const loaded = useLoad(() => all<Strategy>('strategies'))
	const { problem, run } = useAction()
	const onDelete = (strategy: Strategy) => (): void => void run(async () => {
		const yes = await confirm(`Delete “${strategy.name}”?`, 'It leaves the list for good and stops running. Its backtests stay.', 'Delete the strategy')
		if (!yes) return
		await remove(`strategies/${id(strategy.id)}`)
		loaded.data.value = (loaded.data.value ?? []).filter((one) => one.id !== strategy.id)
		toast(`“${strategy.name}” deleted`)
	})
	return (
		<>
			<Title title="Strategies" sub="Rules, written down. Every save is a version.">
				<a class="button plain" href="#/hooks">Hooks</a>
				<a class="button primary" href="#/strategies/new">New strategy</a>
			</Title>
			{problem.value && <ProblemBox problem={problem.value} />}
			<Ready of={loaded}>
				{(strategies) => strategies.length === 0 ? (
					<Empty title="No strategy yet.">
						<p>A template is the quickest beginning.</p>
						<p><a class="button primary" href="#/strategies/new">Choose a template</a></p>
					</Empty>
				) : (
					<section class="panel wide" aria-label="Strategies">
						<Scroll label="List of strategies">
							<table>
								<thead><tr>
									<th scope="col">Name</th><th scope="col">Interval</th><th scope="col" class="num">Version</th>
									<th scope="col">Saved</th><th scope="col"><span class="unseen">Actions</span></th>
								</tr></thead>
								<tbody>{strategies.map((one) => <Row key={one.id} strategy={one} onDelete={onDelete(one)} />)}</tbody>
							</table>
						</Scroll>
						<p class="foot">{plural(strategies.length, 'strategy').replace('strategys', 'strategies')}</p>
					</section>
				)}
			</Ready>
		</>
	)
}
