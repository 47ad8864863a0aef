/* One backtest: on its way, or its result. */
import { useSignal } from '@preact/signals'
import { get, id as encode, remove } from '../api'
import { Problem } from '../http'
import { nameOf } from '../lib/definition'
import { amount, candleTime, fractionToPercent, moment } from '../lib/format'
import { intervalName } from '../lib/market'
import type { Point } from '../lib/report'
import { href } from '../lib/route'
import { optionWords } from '../lib/run_options'
import { isOpen } from '../lib/runs'
import { headline } from '../lib/stats'
import type { Backtest, Strategy } from '../lib/types'
import { currency, timeZone } from '../theme'
import { Curve } from '../ui/curve'
import { confirm } from '../ui/dialog'
import { download } from '../ui/download'
import { Headline } from '../ui/figures'
import { useFollow } from '../ui/follow'
import { useHold } from '../ui/hold'
import { useAction } from '../ui/load'
import { Ended, UnderWay } from '../ui/progress'
import { Title } from '../ui/shell'
import { ProblemBox, Ready } from '../ui/states'
import { copyText, toast } from '../ui/toast'
import { Trades } from '../ui/trades'
import { ReportSections, Statistics, Warnings, dataUpTo } from './backtest_report'

const BACK = { href: '#/backtests', label: 'Backtests' }

/* What was asked, in one line. */
function terms(run: Backtest): string {
	const asked = run.request
	const parts = [`${amount(asked?.cash ?? '10000')} ${currency.value} cash`.replace('  ', ' ')]
	const fee = fractionToPercent(asked?.fee ?? '0')
	if (fee && fee !== '0') parts.push(`${fee} % fee a side`)
	else if (!asked?.fee_maker && !asked?.fee_taker && !asked?.fee_fixed) parts.push('no fees')
	parts.push(asked?.whole_units ? 'whole units' : 'fractional units')
	parts.push(asked?.fill_on_close ? 'filled on the same close' : 'filled on the next open')
	parts.push(...optionWords(asked))
	for (const [name, value] of Object.entries(asked?.params ?? {})) parts.push(`${name} ${String(value)}`)
	return parts.join(' · ')
}

/* A deleted strategy still has its runs. */
export async function strategyNameOf(run: { strategy_id: string | null; request: { definition?: unknown } | null }): Promise<string> {
	if (!run.strategy_id) return nameOf(run.request?.definition) || 'Unsaved rules'
	try {
		return (await get<Strategy>(`strategies/${encode(run.strategy_id)}`)).name
	} catch (problem) {
		if (problem instanceof Problem && problem.status === 404) return 'Deleted strategy'
		throw problem
	}
}

const save = (run: Backtest): void =>
	download(`backtest-${run.symbol}-${run.id}.json`, JSON.stringify(run, null, 2), 'application/json')

const Fingerprint = ({ text }: { text: string }) => (
	<p class="fingerprint">
		Fingerprint of trades and figures <code>{text}</code>
		<button type="button" class="button small plain" onClick={() => void copyText(text, 'Fingerprint copied')}>Copy the fingerprint</button>
	</p>
)

export function Result({ run, name }: { run: Backtest; name: string }) {
	const stats = run.stats ?? {}
	const report = run.report ?? null
	const cash = Number(run.request?.cash ?? 10000)
	const hold = useHold(run, stats, cash)
	const fingerprint = run.fingerprint ?? report?.fingerprint
	const warnings = report?.warnings ?? []
	return (
		<>
			{warnings.length > 0 && <Warnings of={warnings} />}
			<Headline items={headline} stats={stats} />
			<div class="panels">
				<Curve points={run.equity ?? none} hold={hold} stats={stats} cash={cash} currency={currency.value} />
				<Statistics stats={stats} report={report} />
				{report && <ReportSections report={report} />}
				<Trades trades={run.trades ?? []} />
			</div>
			<p class="foot">
				Run {moment(run.created_at, timeZone.value)}
				{run.strategy_id && <> with <a href={href(['strategies', run.strategy_id])}>{name}</a>, version {run.strategy_version}</>}.
				Past results promise nothing. {dataUpTo(stats)}
			</p>
			{fingerprint && <Fingerprint text={fingerprint} />}
		</>
	)
}
const none: Point[] = []

function One({ run, name, reload }: { run: Backtest; name: string; reload: () => void }) {
	const { busy, problem, run: act } = useAction()
	const path = `backtests/${encode(run.id)}`
	const again = href(['backtests', 'new'], { like: run.id })
	const removeIt = (): void => void act(async () => {
		if (!(await confirm('Delete this backtest?', 'Its result is gone then.', 'Delete the backtest'))) return
		await remove(path)
		location.hash = BACK.href
		toast('Backtest deleted')
	})
	const time = run.stats && <>, {candleTime(run.stats['start'])} to {candleTime(run.stats['end'])}</>
	const done = run.status === 'done'
	return (
		<>
			<Title title={`${name} on ${run.symbol}`} back={BACK} sub={<>{intervalName(run.interval)} candles{time} · {terms(run)}</>}>
				{done && <button type="button" class="button" onClick={() => save(run)}>Download as JSON</button>}
				{run.strategy_id && <a class="button" href={again}>Run again</a>}
				{!isOpen(run.status) && <button type="button" class="button plain" disabled={busy.value} onClick={removeIt}>Delete</button>}
			</Title>
			{problem.value && <ProblemBox problem={problem.value} />}
			{done ? <Result run={run} name={name} />
				: isOpen(run.status) ? <UnderWay run={run} path={path} what="backtest" changed={reload} />
				: <Ended status={run.status} error={run.error} what="backtest" again={again} />}
		</>
	)
}

export function BacktestPage({ id }: { id: string }) {
	const name = useSignal('')
	const loaded = useFollow(async () => {
		const run = await get<Backtest>(`backtests/${encode(id)}`)
		name.value ||= await strategyNameOf(run)
		return run
	}, [id])
	if (loaded.problem.value)
		return <><Title title="Backtest" back={BACK} /><ProblemBox problem={loaded.problem.value} retry={loaded.reload} /></>
	return <Ready of={loaded} what="Reckoning">{(run) => <One run={run} name={name.value} reload={loaded.reload} />}</Ready>
}
