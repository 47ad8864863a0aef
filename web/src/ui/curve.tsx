/* The equity curve and its drawdown: a picture with a summary in words, or a table. */
import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { candleTime, number, percent } from '../lib/format'
import { underwater } from '../lib/report'
import type { Point } from '../lib/report'
import { equitySummary } from '../lib/stats'
import type { Stats } from '../lib/stats'
import { theme } from '../theme'
import type { Curves, EquityChart } from './equity'
import { Panel, Scroll } from './shell'

interface CurveProps {
	points: Point[]
	/* what buying and holding would have brought; empty when not known, null while it loads */
	hold?: Point[] | null
	stats?: Stats
	/* in words, where it is no run's result */
	summary?: string
	cash: number
	currency: string
}

/* Enough rows to read, first and last among them. */
const ROWS = 60
function thin(points: Point[]): number[] {
	if (points.length <= ROWS) return points.map((_, row) => row)
	const step = (points.length - 1) / (ROWS - 1)
	return Array.from({ length: ROWS }, (_, row) => Math.round(row * step))
}

function Canvas({ curves, summary, wait }: { curves: Curves; summary: string; wait: boolean }) {
	const host = useRef<HTMLDivElement>(null)
	const failed = useSignal(false)
	useEffect(() => {
		if (wait) return
		let chart: EquityChart | null = null
		let gone = false
		const recolour = (): void => void requestAnimationFrame(() => chart?.recolour())
		const dark = matchMedia('(prefers-color-scheme: dark)')
		import('./equity').then(
			({ drawEquity }) => {
				if (!gone && host.current) chart = drawEquity(host.current, curves)
			},
			() => (failed.value = true),
		)
		dark.addEventListener('change', recolour)
		const unsubscribe = theme.subscribe(recolour)
		return () => {
			gone = true
			dark.removeEventListener('change', recolour)
			unsubscribe()
			chart?.remove()
			chart = null /* a frame that was asked for may still come */
		}
	}, [curves, wait])
	if (failed.value) return <p class="fault">The chart could not be loaded. The table shows the same.</p>
	return <div class="chart" role="img" aria-label={summary}><div class="chart-host" ref={host} aria-hidden="true" /></div>
}

const CurveTable = ({ curves, currency }: { curves: Curves; currency: string }) => (
	<Scroll label="Equity over time">
		<table>
			<thead>
				<tr>
					<th scope="col">Time (UTC)</th>
					<th scope="col" class="num">Equity{currency && `, ${currency}`}</th>
					<th scope="col" class="num">Below its peak</th>
				</tr>
			</thead>
			<tbody>
				{thin(curves.equity).map((row) => {
					const [ms, value] = curves.equity[row]!
					return (
						<tr key={ms}>
							<td>{candleTime(ms)}</td>
							<td class="num">{number(value)}</td>
							<td class="num">{percent(curves.drawdown[row]?.[1], 1)}</td>
						</tr>
					)
				})}
			</tbody>
		</table>
	</Scroll>
)

const none: Point[] = []

export function Curve({ points, hold = none, stats = {}, summary, cash, currency }: CurveProps) {
	const asTable = useSignal(false)
	const curves = useMemo(() => ({ equity: points, hold: hold ?? none, drawdown: underwater(points, cash), cash }), [points, hold, cash])
	const toggle = (
		<button type="button" class="button small" aria-pressed={asTable.value} onClick={() => (asTable.value = !asTable.value)}>
			Show as table
		</button>
	)
	return (
		<Panel title="Equity" note={toggle} wide>
			<ul class="legend">
				<li class="key-equity">Equity</li>
				{(!hold || hold.length > 0) && <li class="key-hold">Buy and hold</li>}
				<li class="key-cash">Cash at the start</li>
				<li class="key-fall">Below its peak, percent</li>
			</ul>
			{asTable.value ? <CurveTable curves={curves} currency={currency} /> : <Canvas curves={curves} summary={summary ?? equitySummary(points, stats)} wait={!hold} />}
			<p class="foot">
				Chart by{' '}
				<a href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer">TradingView Lightweight Charts™</a>,
				© TradingView, Inc.
			</p>
		</Panel>
	)
}
