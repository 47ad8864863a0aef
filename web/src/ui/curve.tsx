/* The equity curve: a picture with a summary in words, or a table. */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { candleTime, number } from '../lib/format'
import { equitySummary } from '../lib/stats'
import type { Stats } from '../lib/stats'
import { theme } from '../theme'
import type { EquityChart } from './equity'
import { Panel, Scroll } from './shell'

interface CurveProps {
	points: [number, number][]
	stats: Stats
	cash: number
	currency: string
}

/* Enough rows to read, first and last among them. */
const ROWS = 60
function thin(points: [number, number][]): [number, number][] {
	if (points.length <= ROWS) return points
	const step = (points.length - 1) / (ROWS - 1)
	return Array.from({ length: ROWS }, (_, row) => points[Math.round(row * step)]!)
}

function Canvas({ points, cash, summary }: { points: [number, number][]; cash: number; summary: string }) {
	const host = useRef<HTMLDivElement>(null)
	const failed = useSignal(false)
	useEffect(() => {
		let chart: EquityChart | null = null
		let gone = false
		const recolour = (): void => void requestAnimationFrame(() => chart?.recolour())
		const dark = matchMedia('(prefers-color-scheme: dark)')
		import('./equity').then(
			({ drawEquity }) => {
				if (!gone && host.current) chart = drawEquity(host.current, points, cash)
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
		}
	}, [points, cash])
	if (failed.value) return <p class="fault">The chart could not be loaded. The table shows the same.</p>
	return <div class="chart" role="img" aria-label={summary}><div class="chart-host" ref={host} aria-hidden="true" /></div>
}

export function Curve({ points, stats, cash, currency }: CurveProps) {
	const asTable = useSignal(false)
	const summary = equitySummary(points, stats)
	const toggle = (
		<button type="button" class="button small" aria-pressed={asTable.value} onClick={() => (asTable.value = !asTable.value)}>
			Show as table
		</button>
	)
	return (
		<Panel title="Equity" note={toggle} wide>
			{asTable.value ? (
				<Scroll label="Equity over time">
					<table>
						<thead><tr><th scope="col">Time (UTC)</th><th scope="col" class="num">Equity{currency && `, ${currency}`}</th></tr></thead>
						<tbody>
							{thin(points).map(([ms, value]) => (
								<tr key={ms}><td>{candleTime(ms)}</td><td class="num">{number(value)}</td></tr>
							))}
						</tbody>
					</table>
				</Scroll>
			) : (
				<Canvas points={points} cash={cash} summary={summary} />
			)}
			<p class="foot">
				Dashed: the cash at the start. Chart by{' '}
				<a href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer">TradingView Lightweight Charts™</a>,
				© TradingView, Inc.
			</p>
		</Panel>
	)
}
