/*
 * The equity curve on a canvas, what buying and holding would have brought
 * beside it, the drawdown below; the only user of lightweight-charts, loaded
 * when first needed. The canvas knows no CSS, so colours are read from the
 * page and set again when the theme changes.
 */
import { AreaSeries, ColorType, LineSeries, LineStyle, createChart } from 'lightweight-charts'
import type { IChartApi, UTCTimestamp } from 'lightweight-charts'
import type { Point } from '../lib/report'

export interface EquityChart {
	recolour: () => void
	remove: () => void
}
export interface Curves {
	equity: Point[]
	hold: Point[]
	drawdown: Point[]
	cash: number
}

function colours(host: HTMLElement) {
	const probe = document.createElement('span')
	host.append(probe)
	const read = (name: string): string => {
		probe.style.color = `var(--${name})`
		return getComputedStyle(probe).color
	}
	const found = {
		text: read('quiet'), grid: read('hairline'), line: read('curve'),
		top: read('curve-top'), bottom: read('curve-bottom'), mark: read('brass'),
		fall: read('loss'), fallTop: read('fall-top'), fallBottom: read('fall-bottom'),
	}
	probe.remove()
	return found
}

/* Seconds, strictly ascending, as the chart wants them. */
function series(points: Point[]) {
	const data: { time: UTCTimestamp; value: number }[] = []
	for (const [ms, value] of points) {
		const time = Math.floor(ms / 1000) as UTCTimestamp
		if (data.length && data.at(-1)!.time >= time) data.pop()
		data.push({ time, value })
	}
	return data
}

const SHORT_MS = 10 * 86_400_000
/* Of a few days the hours are told too. */
const isShort = (points: Point[]): boolean => (points.at(-1)?.[0] ?? 0) - (points[0]?.[0] ?? 0) < SHORT_MS

const begin = (host: HTMLElement, timeVisible: boolean): IChartApi => createChart(host, {
	autoSize: true,
	layout: { attributionLogo: false, fontFamily: getComputedStyle(host).fontFamily, fontSize: 12, panes: { enableResize: false } },
	rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.08, bottom: 0.06 } },
	timeScale: { timeVisible, secondsVisible: false, borderVisible: false, fixLeftEdge: true, fixRightEdge: true },
	handleScroll: { vertTouchDrag: false },
	localization: { locale: 'en-GB' },
})

export function drawEquity(host: HTMLElement, { equity, hold, drawdown, cash }: Curves): EquityChart {
	const chart = begin(host, isShort(equity))
	const written = (unit: string, digits = 0) => ({
		type: 'custom' as const,
		minMove: 10 ** -digits,
		formatter: (value: number) => value.toLocaleString('en', { maximumFractionDigits: digits }).replace('-', '−') + unit,
	})
	const flat = { priceLineVisible: false, crosshairMarkerVisible: false } as const
	const area = chart.addSeries(AreaSeries, { lineWidth: 2, priceLineVisible: false, priceFormat: written('') })
	area.setData(series(equity))
	const market = hold.length ? chart.addSeries(LineSeries, { ...flat, lineWidth: 1, lastValueVisible: false, priceFormat: written('') }) : null
	market?.setData(series(hold))
	const start = area.createPriceLine({ price: cash, lineWidth: 1, lineStyle: LineStyle.Dashed, axisLabelVisible: false, title: '' })
	const fall = chart.addSeries(AreaSeries, {
		...flat, lineWidth: 1, invertFilledArea: true, lastValueVisible: false, priceFormat: written(' %', drawdown.some(([, value]) => value < -5) ? 0 : 2),
	}, 1)
	fall.setData(series(drawdown))
	fall.priceScale().applyOptions({ scaleMargins: { top: 0.12, bottom: 0.14 } })
	chart.panes()[0]?.setStretchFactor(3)
	chart.panes()[1]?.setStretchFactor(1)
	const recolour = (): void => {
		/* off the page there are no colours to read */
		if (!host.isConnected) return
		const c = colours(host)
		chart.applyOptions({
			layout: { background: { type: ColorType.Solid, color: 'transparent' }, textColor: c.text, panes: { separatorColor: c.grid } },
			grid: { vertLines: { visible: false }, horzLines: { color: c.grid } },
		})
		area.applyOptions({ lineColor: c.line, topColor: c.top, bottomColor: c.bottom })
		market?.applyOptions({ color: c.mark })
		fall.applyOptions({ lineColor: c.fall, topColor: c.fallBottom, bottomColor: c.fallTop })
		start.applyOptions({ color: c.text })
	}
	recolour()
	const fit = (): void => chart.timeScale().fitContent()
	chart.timeScale().subscribeSizeChange(fit)
	fit()
	return { recolour, remove: () => chart.remove() }
}
