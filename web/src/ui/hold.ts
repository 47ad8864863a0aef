/* What buying and holding would have brought: the market's stored closes, scaled. */
import { get } from '../api'
import { millis } from '../lib/format'
import { holdInterval } from '../lib/market'
import { holdCurve } from '../lib/report'
import type { Point } from '../lib/report'
import type { Stats } from '../lib/stats'
import type { Candle } from '../lib/types'
import { useLoad } from './load'

/* What one request may ask for. */
const CANDLES = 5000

interface Traded {
	id: string
	symbol: string
	interval: string
}

/* Over the run's time; none when they cannot be had: the curve can do without. */
async function closesOf(run: Traded, stats: Stats): Promise<Point[]> {
	const [start, end] = [millis(stats['start']), millis(stats['end'])]
	if (start === null || end === null || stats['buy_hold_return_pct'] === null) return []
	const query = new URLSearchParams({
		symbol: run.symbol, interval: holdInterval(run.interval, end - start, CANDLES), limit: String(CANDLES),
		from: new Date(start).toISOString(), to: new Date(end + 1).toISOString(),
	})
	const page = await get<{ data: Candle[] }>(`market/candles?${query}`).catch(() => null)
	return page?.data.map(({ t, c }): Point => [Date.parse(t), Number(c)]) ?? []
}

/* null while it loads; empty when there is none. */
export function useHold(run: Traded, stats: Stats, cash: number): Point[] | null {
	return useLoad(async () => holdCurve(await closesOf(run, stats), cash, stats['buy_hold_return_pct']), [run.id]).data.value
}
