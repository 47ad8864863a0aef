/* One walk-forward test: on its way, or its windows. */
import { useSignal } from '@preact/signals'
import { get, id as encode, remove } from '../api'
import { change, date, number, percent, plural, tone } from '../lib/format'
import { intervalName } from '../lib/market'
import { href } from '../lib/route'
import { optionWords } from '../lib/run_options'
import { isOpen } from '../lib/runs'
import { efficiencyWords, metricLabel, showFigure } from '../lib/search'
import { headline, statGroups } from '../lib/stats'
import type { Walk, WalkWindow } from '../lib/types'
import { currency } from '../theme'
import { Curve } from '../ui/curve'
import { confirm } from '../ui/dialog'
import { Headline, Ledger } from '../ui/figures'
import { useFollow } from '../ui/follow'
import { useHold } from '../ui/hold'
import { useAction } from '../ui/load'
import { Ended, UnderWay } from '../ui/progress'
import { Panel, Scroll, Title } from '../ui/shell'
import { ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'
import { strategyNameOf } from './backtest'
import { rangeWords } from './sweep'

const BACK = { href: '#/backtests/walk-forward', label: 'Walk-forward tests' }
type Result = NonNullable<Walk['result']>

const Efficiency = ({ result }: { result: Result }) => (
	<Panel title="Efficiency" wide>
		<p class="verdict-figure">{result.efficiency === null ? 'No ratio' : percent(result.efficiency * 100, 0)}</p>
		<p>{efficiencyWords(result.efficiency, result.metric)}</p>
	</Panel>
)

const Line = ({ window, index, metric, names }: { window: WalkWindow; index: number; metric: string; names: string[] }) => (
	<tr>
		<th scope="row" class="num">{index + 1}</th>
		<td class="nowrap">{date(window.in_first)} – {date(window.in_last)}</td>
		<td class="nowrap">{date(window.out_first)} – {date(window.out_last)}</td>
		{names.map((name) => <td key={name} class="num">{window.params?.[name] ?? '–'}</td>)}
		<td class="num">{showFigure('metric', metric, window.in_sample?.['metric'])}</td>
		<td class="num">{showFigure('metric', metric, window.out_of_sample?.['metric'])}</td>
		<td class="num">{number(window.ratio)}</td>
		<td class={`num ${tone(window.out_of_sample?.['return_pct'])}`}>{change(window.out_of_sample?.['return_pct'])}</td>
		<td class="num">{number(window.out_of_sample?.['trades'], 0)}</td>
	</tr>
)

function Windows({ result }: { result: Result }) {
	const names = [...new Set(result.windows.flatMap(({ params }) => Object.keys(params ?? {})))]
	const metric = metricLabel(result.metric)
	return (
		<Panel title="Windows" note="Chosen in sample, tried out of sample" wide>
			<Scroll label="Windows">
				<table class="dense">
					<thead>
						<tr>
							<th scope="col" class="num">No.</th><th scope="col">In sample</th><th scope="col">Out of sample</th>
							{names.map((name) => <th key={name} scope="col" class="num">{name}</th>)}
							<th scope="col" class="num">{metric}, in</th><th scope="col" class="num">{metric}, out</th><th scope="col" class="num">Ratio</th>
							<th scope="col" class="num">Return, out</th><th scope="col" class="num">Trades, out</th>
						</tr>
					</thead>
					<tbody>{result.windows.map((window, index) => <Line key={index} window={window} index={index} metric={result.metric} names={names} />)}</tbody>
				</table>
			</Scroll>
		</Panel>
	)
}

function Outcome({ walk, result }: { walk: Walk; result: Result }) {
	const cash = Number(walk.request.cash ?? 10000)
	const hold = useHold(walk, result.stats, cash)
	return (
		<>
			<Headline items={headline} stats={result.stats} />
			<div class="panels">
				<Efficiency result={result} />
				<Curve points={result.equity} hold={hold} stats={result.stats} cash={cash} currency={currency.value} />
				<Windows result={result} />
				<Panel title="Statistics" note="Of all stretches out of sample, as one run" wide>
					<div class="ledgers packed">{statGroups.map((group) => <Ledger key={group.title} title={group.title} items={group.stats} stats={result.stats} explain={false} />)}</div>
				</Panel>
			</div>
		</>
	)
}

function One({ walk, name, reload }: { walk: Walk; name: string; reload: () => void }) {
	const { busy, problem, run } = useAction()
	const path = `backtests/walk-forward/${encode(walk.id)}`
	const again = href(['backtests', 'walk-forward', 'new'], { like: walk.id })
	const removeIt = (): void => void run(async () => {
		if (!(await confirm('Delete this walk-forward test?', 'Its result is gone then.', 'Delete the walk-forward test'))) return
		await remove(path)
		location.hash = BACK.href
		toast('The walk-forward test is deleted')
	})
	const { request, result } = walk
	const words = [
		`${intervalName(walk.interval)} candles, ${rangeWords(request)}`, plural(walk.points, 'point'),
		`${request.in_sample} chosen, ${request.out_of_sample} tried${request.anchored ? ', anchored' : ''}`, ...optionWords(request),
	].join(' · ')
	return (
		<>
			<Title title={`Walk-forward test of ${name} on ${walk.symbol}`} back={BACK} sub={words}>
				{!isOpen(walk.status) && <a class="button" href={again}>Ask again</a>}
				{!isOpen(walk.status) && <button type="button" class="button plain" disabled={busy.value} onClick={removeIt}>Delete</button>}
			</Title>
			{problem.value && <ProblemBox problem={problem.value} />}
			{isOpen(walk.status) ? <UnderWay run={walk} path={path} what="walk-forward test" changed={reload} />
				: result ? <Outcome walk={walk} result={result} />
				: <Ended status={walk.status} error={walk.error} what="walk-forward test" again={again} />}
		</>
	)
}

export function WalkPage({ id }: { id: string }) {
	const name = useSignal('')
	const loaded = useFollow(async () => {
		const walk = await get<Walk>(`backtests/walk-forward/${encode(id)}`)
		name.value ||= await strategyNameOf(walk)
		return walk
	}, [id])
	if (loaded.problem.value)
		return <><Title title="Walk-forward test" back={BACK} /><ProblemBox problem={loaded.problem.value} retry={loaded.reload} /></>
	return <Ready of={loaded}>{(walk) => <One walk={walk} name={name.value} reload={loaded.reload} />}</Ready>
}
