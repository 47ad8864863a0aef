/* The result of one backtest. */
import { useSignal } from '@preact/signals'
import { get, id as encode, remove } from '../api'
import { Problem } from '../http'
import { nameOf } from '../lib/definition'
import { amount, candleTime, date, fractionToPercent, moment } from '../lib/format'
import { intervalName } from '../lib/market'
import { href } from '../lib/route'
import { headline, showStat, statGroups, statTone } from '../lib/stats'
import type { Stats } from '../lib/stats'
import type { Backtest, Strategy } from '../lib/types'
import { currency, timeZone } from '../theme'
import { Curve } from '../ui/curve'
import { confirm } from '../ui/dialog'
import { useAction, useLoad } from '../ui/load'
import { Panel, Title } from '../ui/shell'
import { ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'
import { Trades } from '../ui/trades'

const Headline = ({ stats }: { stats: Stats }) => (
	<dl class="headline">
		{headline.map((item) => (
			<div key={item.key} data-stat={item.key}>
				<dt>{item.label}</dt>
				<dd class={statTone(item, stats)}>{showStat(item, stats)}</dd>
			</div>
		))}
	</dl>
)

const Statistics = ({ stats }: { stats: Stats }) => (
	<Panel title="Statistics" note="A year has 252 trading days" wide>
		<div class="ledgers">
			{statGroups.map((group) => (
				<table key={group.title} class="ledger">
					<caption>{group.title}</caption>
					<tbody>
						{group.stats.map((item) => (
							<tr key={item.key}>
								<th scope="row">{item.label}</th>
								<td class={`num ${statTone(item, stats)}`}>{showStat(item, stats)}</td>
							</tr>
						))}
					</tbody>
				</table>
			))}
		</div>
	</Panel>
)

/* What was asked, in one line. */
function terms(run: Backtest): string {
	const asked = run.request
	const parts = [`${amount(asked?.cash ?? '10000')} ${currency.value} cash`.replace('  ', ' ')]
	const fee = fractionToPercent(asked?.fee ?? '0')
	parts.push(fee && fee !== '0' ? `${fee} % fee a side` : 'no fees')
	parts.push(asked?.whole_units ? 'whole units' : 'fractional units')
	parts.push(asked?.fill_on_close ? 'filled on the same close' : 'filled on the next open')
	for (const [name, value] of Object.entries(asked?.params ?? {})) parts.push(`${name} ${value}`)
	return parts.join(' · ')
}

/* A deleted strategy still has its runs. */
async function nameFor(run: Backtest): Promise<string> {
	if (!run.strategy_id) return nameOf(run.request?.definition) || 'Unsaved rules'
	try {
		return (await get<Strategy>(`strategies/${encode(run.strategy_id)}`)).name
	} catch (problem) {
		if (problem instanceof Problem && problem.status === 404) return 'Deleted strategy'
		throw problem
	}
}

function Result({ run, name }: { run: Backtest; name: string }) {
	const { busy, problem, run: act } = useAction()
	const stats = run.stats ?? {}
	const removeIt = (): void => void act(async () => {
		if (!(await confirm('Delete this backtest?', 'Its result is gone then.', 'Delete the backtest'))) return
		await remove(`backtests/${encode(run.id)}`)
		location.hash = '#/backtests'
		toast('Backtest deleted')
	})
	const points = run.equity ?? []
	return (
		<>
			<Title title={`${name} on ${run.symbol}`} back={{ href: '#/backtests', label: 'Backtests' }}
				sub={<>{intervalName(run.interval)} candles, {candleTime(stats['start'])} to {candleTime(stats['end'])} · {terms(run)}</>}>
				{run.strategy_id && <a class="button" href={href(['backtests', 'new'], { like: run.id })}>Run again</a>}
				<button type="button" class="button plain" disabled={busy.value} onClick={removeIt}>Delete</button>
			</Title>
			{problem.value && <ProblemBox problem={problem.value} />}
			<Headline stats={stats} />
			<div class="panels">
				<Curve points={points} stats={stats} cash={Number(run.request?.cash ?? 10000)} currency={currency.value} />
				<Statistics stats={stats} />
				<Trades trades={run.trades ?? []} />
			</div>
			<p class="foot">
				Run {moment(run.created_at, timeZone.value)}
				{run.strategy_id && <> with <a href={href(['strategies', run.strategy_id])}>{name}</a>, version {run.strategy_version}</>}.
				Past results promise nothing. Data up to {date(stats['end'])}.
			</p>
		</>
	)
}

export function BacktestPage({ id }: { id: string }) {
	const name = useSignal('')
	const loaded = useLoad(async () => {
		const run = await get<Backtest>(`backtests/${encode(id)}`)
		name.value = await nameFor(run)
		return run
	}, [id])
	if (loaded.problem.value)
		return <><Title title="Backtest" back={{ href: '#/backtests', label: 'Backtests' }} /><ProblemBox problem={loaded.problem.value} retry={loaded.reload} /></>
	return <Ready of={loaded} what="Reckoning">{(run) => <Result run={run} name={name.value} />}</Ready>
}
