/*
 * The equity curve on a canvas; the only user of lightweight-charts, loaded
 * when first needed. The canvas knows no CSS, so colours are read from the
 * page and set again when the theme changes.
 */
import { AreaSeries, ColorType, LineStyle, createChart } from 'lightweight-charts'
import type { UTCTimestamp } from 'lightweight-charts'

export interface EquityChart {
	recolour: () => void
	remove: () => void
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
	}
	probe.remove()
	return found
}

/* Seconds, strictly ascending, as the chart wants them. */
function series(points: [number, number][]) {
	const data: { time: UTCTimestamp; value: number }[] = []
	for (const [ms, value] of points) {
		const time = Math.floor(ms / 1000) as UTCTimestamp
		if (data.length && data.at(-1)!.time >= time) data.pop()
		data.push({ time, value })
	}
	return data
}

export function drawEquity(host: HTMLElement, points: [number, number][], cash: number): EquityChart {
	const chart = createChart(host, {
		autoSize: true,
		layout: { attributionLogo: false, fontFamily: getComputedStyle(host).fontFamily, fontSize: 12 },
		rightPriceScale: { borderVisible: false, scaleMargins: { top: 0.08, bottom: 0.06 } },
		timeScale: { borderVisible: false, fixLeftEdge: true, fixRightEdge: true },
		handleScroll: { vertTouchDrag: false },
		localization: {
			locale: 'en-GB',
			priceFormatter: (value: number) => value.toLocaleString('en', { maximumFractionDigits: 0 }),
		},
	})
	const area = chart.addSeries(AreaSeries, { lineWidth: 2, priceLineVisible: false })
	area.setData(series(points))
	const start = area.createPriceLine({ price: cash, lineWidth: 1, lineStyle: LineStyle.Dashed, axisLabelVisible: false, title: '' })
	const recolour = (): void => {
		const c = colours(host)
		chart.applyOptions({
			layout: { background: { type: ColorType.Solid, color: 'transparent' }, textColor: c.text },
			grid: { vertLines: { visible: false }, horzLines: { color: c.grid } },
		})
		area.applyOptions({ lineColor: c.line, topColor: c.top, bottomColor: c.bottom })
		start.applyOptions({ color: c.mark })
	}
	recolour()
	const fit = (): void => chart.timeScale().fitContent()
	chart.timeScale().subscribeSizeChange(fit)
	fit()
	return { recolour, remove: () => chart.remove() }
}
