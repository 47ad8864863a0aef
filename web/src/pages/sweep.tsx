/* One sweep: on its way, or its points. */
import { useSignal } from '@preact/signals'
import { get, id as encode, post, remove } from '../api'
import { date, plural } from '../lib/format'
import { intervalName } from '../lib/market'
import { href } from '../lib/route'
import { optionWords, requestOfPoint } from '../lib/run_options'
import { isOpen } from '../lib/runs'
import { columnsOf, heatOf, lowerIsBetter, metricLabel, paramsOfRow, pointRows, showFigure } from '../lib/search'
import type { Column } from '../lib/search'
import { nextOrder, sortRows } from '../lib/sort'
import type { Order } from '../lib/sort'
import type { Backtest, SearchRequest, Sweep } from '../lib/types'
import { confirm } from '../ui/dialog'
import { SelectField } from '../ui/field'
import { useFollow } from '../ui/follow'
import { HeatTable } from '../ui/heat'
import { useAction } from '../ui/load'
import { Pager, usePaging } from '../ui/pager'
import { Ended, UnderWay } from '../ui/progress'
import { Panel, Scroll, Title } from '../ui/shell'
import { SortHeads } from '../ui/sort_head'
import { Empty, ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'
import { strategyNameOf } from './backtest'

const BACK = { href: '#/backtests/sweeps', label: 'Sweeps' }
const PAGE = 100
type Result = NonNullable<Sweep['result']>

const pointName = (params: Record<string, number>): string => Object.entries(params).map(([name, value]) => `${name} ${value}`).join(', ')

export const rangeWords = (request: SearchRequest): string =>
	`${date(request.from)} to ${date(request.to ? Date.parse(request.to) - 1 : null)}`

function BestPoints({ result, tryIt, busy }: { result: Result; tryIt: (params: Record<string, number>) => void; busy: boolean }) {
	const columns = columnsOf(result.table, result.metric)
	const names = Object.keys(result.best[0]?.params ?? {})
	const scores = columns.filter(({ param }) => !param)
	if (!result.best.length) return <Panel title="Best points" wide><Empty title="No point keeps the conditions." /></Panel>
	return (
		<Panel title="Best points" note={`By ${metricLabel(result.metric)}. Of many tries the best is always partly luck`} wide>
			<Scroll label="Best points">
				<table class="dense">
					<thead>
						<tr>
							<th scope="col" class="num">Rank</th>
							{names.map((name) => <th key={name} scope="col" class="num">{name}</th>)}
							{scores.map(({ key, label }) => <th key={key} scope="col" class="num">{label}</th>)}
							<th scope="col"><span class="unseen">Actions</span></th>
						</tr>
					</thead>
					<tbody>
						{result.best.map((point, index) => (
							<tr key={index}>
								<th scope="row" class="num">{index + 1}</th>
								{names.map((name) => <td key={name} class="num">{point.params[name]}</td>)}
								{scores.map(({ key }) => <td key={key} class="num">{showFigure(key, result.metric, point[key] as number | null)}</td>)}
								<td class="num">
									<button type="button" class="button small" disabled={busy} aria-label={`Backtest with ${pointName(point.params)}`}
										onClick={() => tryIt(point.params)}>Backtest</button>
								</td>
							</tr>
						))}
					</tbody>
				</table>
			</Scroll>
		</Panel>
	)
}

function HeatPanel({ result }: { result: Result }) {
	const scores = columnsOf(result.table, result.metric).filter(({ param }) => !param)
	const usual = scores.find(({ key }) => key === 'metric' || key === result.metric)?.key ?? 'sharpe'
	const key = useSignal(usual)
	const metric = key.value === 'metric' ? result.metric : key.value
	const lower = lowerIsBetter(metric)
	const heat = heatOf(result.table, key.value, lower)
	if (!heat) return null
	const label = scores.find((one) => one.key === key.value)?.label ?? metric
	return (
		<Panel title="By both parameters" note="Good neighbours count for more than one good point" wide>
			<div class="inline-form filter">
				<SelectField label="Figure" value={key.value} onValue={(value) => (key.value = value)}
					options={scores.map((one) => ({ value: one.key, label: one.label }))} />
			</div>
			<HeatTable heat={heat} metric={metric} lower={lower} label={label} />
			<p class="foot">★ is the best, the strongest shade the best fifth.{metric.endsWith('_pct') && ' Percent.'}</p>
		</Panel>
	)
}

function AllPoints({ result, tryIt, busy }: { result: Result; tryIt: (params: Record<string, number>) => void; busy: boolean }) {
	const columns: Column[] = columnsOf(result.table, result.metric)
	const order = useSignal<Order>({ key: columns.find(({ param }) => !param)?.key ?? 'sharpe', down: !lowerIsBetter(result.metric) })
	const paging = usePaging(sortRows(pointRows(result.table), order.value), PAGE)
	const sort = (key: string): void => {
		order.value = nextOrder(order.value, key)
		paging.turn(0)
	}
	return (
		<Panel title="All points" note={plural(result.table.rows.length, 'point')} wide>
			<Scroll label="All points">
				<table class="dense">
					<thead>
						<tr>
							<SortHeads columns={columns.map((column) => ({ ...column, num: true }))} order={order.value} sort={sort} />
							<th scope="col"><span class="unseen">Actions</span></th>
						</tr>
					</thead>
					<tbody>
						{paging.shown.map((row) => {
							const params = paramsOfRow(result.table, row)
							return (
								<tr key={row.index}>
									{columns.map(({ key, param }) => <td key={key} class="num">{param ? row[key] : showFigure(key, result.metric, row[key])}</td>)}
									<td class="num">
										<button type="button" class="button small plain" disabled={busy} aria-label={`Backtest of the point ${pointName(params)}`}
											onClick={() => tryIt(params)}>Backtest</button>
									</td>
								</tr>
							)
						})}
					</tbody>
				</table>
			</Scroll>
			<Pager of={paging} what="points" />
		</Panel>
	)
}

function One({ sweep, name, reload }: { sweep: Sweep; name: string; reload: () => void }) {
	const { busy, problem, run } = useAction()
	const path = `backtests/sweeps/${encode(sweep.id)}`
	const again = href(['backtests', 'sweeps', 'new'], { like: sweep.id })
	const removeIt = (): void => void run(async () => {
		if (!(await confirm('Delete this sweep?', 'Its points are gone then.', 'Delete the sweep'))) return
		await remove(path)
		location.hash = BACK.href
		toast('The sweep is deleted')
	})
	const tryIt = (params: Record<string, number>): void => void run(async () => {
		const made = await post<Backtest>('backtests', requestOfPoint(sweep.request, params))
		location.hash = href(['backtests', made.id])
	})
	const result = sweep.result
	const words = [
		`${intervalName(sweep.interval)} candles, ${rangeWords(sweep.request)}`, plural(sweep.points, 'point'), ...optionWords(sweep.request),
		result?.failed ? `${result.failed} could not be run` : '',
	].filter(Boolean).join(' · ')
	return (
		<>
			<Title title={`Sweep of ${name} on ${sweep.symbol}`} back={BACK} sub={words}>
				{!isOpen(sweep.status) && <a class="button" href={again}>Ask again</a>}
				{!isOpen(sweep.status) && <button type="button" class="button plain" disabled={busy.value} onClick={removeIt}>Delete</button>}
			</Title>
			{problem.value && <ProblemBox problem={problem.value} />}
			{isOpen(sweep.status) ? <UnderWay run={sweep} path={path} what="sweep" changed={reload} />
				: !result ? <Ended status={sweep.status} error={sweep.error} what="sweep" again={again} />
				: (
					<div class="panels">
						<BestPoints result={result} tryIt={tryIt} busy={busy.value} />
						<HeatPanel result={result} />
						<AllPoints result={result} tryIt={tryIt} busy={busy.value} />
					</div>
				)}
		</>
	)
}

export function SweepPage({ id }: { id: string }) {
	const name = useSignal('')
	const loaded = useFollow(async () => {
		const sweep = await get<Sweep>(`backtests/sweeps/${encode(id)}`)
		name.value ||= await strategyNameOf(sweep)
		return sweep
	}, [id])
	if (loaded.problem.value)
		return <><Title title="Sweep" back={BACK} /><ProblemBox problem={loaded.problem.value} retry={loaded.reload} /></>
	return <Ready of={loaded}>{(sweep) => <One sweep={sweep} name={name.value} reload={loaded.reload} />}</Ready>
}
