/* The sections that a report adds to a result. Each shows only when it is there. */
import { useSignal } from '@preact/signals'
import { candleTime, change, date, duration, number, percent, tone } from '../lib/format'
import { binName, breakdowns, groupName, innerBins, luckWords, months, variantName, warningText } from '../lib/report'
import type { Bin, Drawdown, Group, Report, Warning, YearRow } from '../lib/report'
import { reportGroups, statGroups } from '../lib/stats'
import type { Stats } from '../lib/stats'
import { Bars } from '../ui/bars'
import { Ledger } from '../ui/figures'
import { Panel, Scroll } from '../ui/shell'

export const Warnings = ({ of }: { of: Warning[] }) => (
	<section class="doubts" aria-labelledby="doubts">
		<h2 id="doubts">Reasons to doubt this result</h2>
		<ul>{of.map((warning) => <li key={warning.slug}>{warningText(warning)}</li>)}</ul>
	</section>
)

export function Statistics({ stats, report }: { stats: Stats; report: Report | null }) {
	const explain = useSignal(false)
	const toggle = (
		<button type="button" class="button small" aria-pressed={explain.value} onClick={() => (explain.value = !explain.value)}>
			Explain the figures
		</button>
	)
	return (
		<Panel title="Statistics" note={toggle} wide>
			<div class="ledgers packed">
				{statGroups.map((group) => <Ledger key={group.title} title={group.title} items={group.stats} stats={stats} explain={explain.value} />)}
				{reportGroups.map(({ part, title, stats: items }) => {
					const figures = report?.[part]
					return figures && <Ledger key={part} title={title} items={items} stats={figures} explain={explain.value} />
				})}
			</div>
		</Panel>
	)
}

/* Colour and sign; large ones are bold besides. */
const Month = ({ value }: { value: number | null | undefined }) => {
	const strong = value !== null && value !== undefined && Math.abs(value) >= 10
	return <td class={`num ${tone(value)} ${strong ? 'strong' : ''}`}>{change(value, 1).replace(' %', '')}</td>
}

const Monthly = ({ rows }: { rows: YearRow[] }) => (
	<Panel title="Monthly returns" note="Percent. Bold: 10 and more" wide>
		<Scroll label="Monthly returns">
			<table class="dense months">
				<thead>
					<tr><th scope="col">Year</th>{months.map((month) => <th key={month} scope="col" class="num">{month}</th>)}<th scope="col" class="num">Whole year</th></tr>
				</thead>
				<tbody>
					{rows.map((row) => (
						<tr key={row.year}>
							<th scope="row">{row.year}</th>
							{months.map((month, index) => <Month key={month} value={row.months_pct[index]} />)}
							<Month value={row.year_pct} />
						</tr>
					))}
				</tbody>
			</table>
		</Scroll>
	</Panel>
)

const Drawdowns = ({ rows }: { rows: Drawdown[] }) => (
	<Panel title="Deepest drawdowns" note="From one peak to the next that is higher" wide>
		<Scroll label="Deepest drawdowns">
			<table class="dense">
				<thead>
					<tr>
						<th scope="col" class="num">Depth</th><th scope="col">Peak</th><th scope="col">Bottom</th><th scope="col">Made good</th>
						<th scope="col" class="num">Length</th><th scope="col" class="num">From the bottom</th>
					</tr>
				</thead>
				<tbody>
					{rows.map((row) => (
						<tr key={row.from}>
							<th scope="row" class="num">{percent(row.depth_pct)}</th>
							<td class="nowrap">{candleTime(row.from)}</td>
							<td class="nowrap">{candleTime(row.bottom)}</td>
							<td class="nowrap">{row.to ? candleTime(row.to) : 'not yet'}</td>
							<td class="num">{duration(row.duration_ms)}</td>
							<td class="num">{row.to ? duration(row.recovery_ms) : ''}</td>
						</tr>
					))}
				</tbody>
			</table>
		</Scroll>
	</Panel>
)

const binRows = (bins: Bin[], kind: 'return_pct' | 'held_ms') => innerBins(bins).map((bin) => ({
	key: String(bin.from), label: binName(bin, kind), value: bin.trades,
	tone: kind === 'held_ms' ? 'plain' : (bin.to ?? 1) <= 0 ? 'loss' : 'gain',
}))

const Distribution = ({ returns, held }: { returns: Bin[]; held: Bin[] }) => (
	<Panel title="How the trades are spread" wide>
		<div class="ledgers halves">
			<Bars caption="Trades by return" head="Return" rows={binRows(returns, 'return_pct')} />
			<Bars caption="Trades by time held" head="Time held" rows={binRows(held, 'held_ms')} />
		</div>
	</Panel>
)

const Breakdown = ({ kind, title, column, groups }: { kind: string; title: string; column: string; groups: Group[] }) => (
	<table class="ledger groups">
		<caption>{title}</caption>
		<thead>
			<tr>
				<th scope="col">{column}</th><th scope="col" class="num">Trades</th><th scope="col" class="num">Won</th>
				<th scope="col" class="num">Mean</th><th scope="col" class="num">Profit</th>
			</tr>
		</thead>
		<tbody>
			{groups.map((group) => (
				<tr key={group.key}>
					<th scope="row">{groupName(kind, group.key)}</th>
					<td class="num">{number(group.trades, 0)}</td>
					<td class="num">{percent(group.win_rate_pct, 0)}</td>
					<td class={`num ${tone(group.avg_return_pct)}`}>{change(group.avg_return_pct)}</td>
					<td class={`num ${tone(group.profit)}`}>{number(group.profit, 0)}</td>
				</tr>
			))}
		</tbody>
	</table>
)

const Breakdowns = ({ of }: { of: Record<string, Group[]> }) => (
	<Panel title="Where the profit came from" wide>
		<div class="ledgers packed broad">
			{breakdowns.filter(({ key }) => of[key]?.length).map(({ key, title, column }) => (
				<Breakdown key={key} kind={key} title={title} column={column} groups={of[key]!} />
			))}
		</div>
	</Panel>
)

const Variants = ({ of }: { of: NonNullable<Report['variants']> }) => (
	<Panel title="The same by other definitions" note="One name, many formulas: compare like with like" wide>
		<Scroll label="The same by other definitions">
			<table class="dense">
				<thead>
					<tr>
						<th scope="col">As reckoned by</th><th scope="col" class="num">Sharpe</th><th scope="col" class="num">Sortino</th>
						<th scope="col" class="num">Calmar</th><th scope="col" class="num">CAGR</th><th scope="col" class="num">Max. drawdown</th>
					</tr>
				</thead>
				<tbody>
					{Object.entries(of).map(([slug, figures]) => (
						<tr key={slug}>
							<th scope="row" class="nowrap">{variantName(slug)}</th>
							<td class="num">{number(figures['sharpe'])}</td>
							<td class="num">{number(figures['sortino'])}</td>
							<td class="num">{number(figures['calmar'])}</td>
							<td class="num">{change(figures['cagr_pct'])}</td>
							<td class="num">{percent(figures['max_drawdown_pct'])}</td>
						</tr>
					))}
				</tbody>
			</table>
		</Scroll>
	</Panel>
)

const Luck = ({ of }: { of: NonNullable<Report['significance']> }) => (
	<Panel title="Skill or luck" wide>
		<ul class="words">{luckWords(of).map((words) => <li key={words}>{words}</li>)}</ul>
		<p class="foot">None of this corrects for having tried many settings: of twenty without any edge, one looks as if it had one.</p>
	</Panel>
)

export function ReportSections({ report }: { report: Report }) {
	const { monthly, drawdowns, distribution, breakdowns: groups, variants, significance } = report
	const returns = distribution?.return_pct ?? []
	const traded = returns.some((bin) => bin.trades > 0)
	return (
		<>
			{monthly && monthly.length > 0 && <Monthly rows={monthly} />}
			{drawdowns && drawdowns.length > 0 && <Drawdowns rows={drawdowns} />}
			{traded && <Distribution returns={returns} held={distribution?.held_ms ?? []} />}
			{groups && traded && <Breakdowns of={groups} />}
			{significance && traded && <Luck of={significance} />}
			{variants && <Variants of={variants} />}
		</>
	)
}

export const dataUpTo = (stats: Stats): string => `Data up to ${date(stats['end'])}.`
