/* Intervals and days of stored candles. Pure. */
import { millis } from './format'
import type { Maybe } from './format'
import type { MarketSymbol } from './types'

const lengths: Record<string, number> = {
	'1m': 1, '5m': 5, '15m': 15, '30m': 30, '1h': 60, '4h': 240, '1d': 1440, '1w': 10080,
}

export const intervalMs = (interval: string): number => (lengths[interval] ?? 1440) * 60_000

/* The stored ones, and the larger ones that the server builds from them. */
export function usableIntervals(symbol: MarketSymbol): string[] {
	const stored = symbol.series.map((one) => lengths[one.interval] ?? Infinity)
	return Object.entries(lengths)
		.filter(([, minutes]) => stored.some((least) => minutes >= least && minutes % least === 0))
		.map(([name]) => name)
}

/* "2004-08-19"; empty when there is none. */
export function dayOf(time: Maybe): string {
	const ms = millis(time)
	return ms === null ? '' : new Date(ms).toISOString().slice(0, 10)
}

/* The instant at which a day has ended, as the API's exclusive bound. */
export function dayAfter(day: string): string {
	return new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().replace('.000', '')
}

const names: Record<string, string> = { '1h': 'Hourly', '4h': '4-hour', '1d': 'Daily', '1w': 'Weekly' }
export const intervalName = (interval: string): string => names[interval] ?? interval.replace(/m$/, '-minute')

/* Stored candles may be finer than a run's: what may be looked at inside its candles. */
export function finerIntervals(symbol: MarketSymbol, interval: string): string[] {
	const minutes = lengths[interval] ?? 0
	return usableIntervals(symbol).filter((name) => lengths[name]! < minutes && minutes % lengths[name]! === 0)
}

/* The run's own candles if so many may be fetched, else the next larger that may. */
export function holdInterval(interval: string, span: number, most: number): string {
	const own = lengths[interval] ?? 1440
	const fits = (minutes: number): boolean => minutes >= own && minutes % own === 0 && span / (minutes * 60_000) < most
	return Object.entries(lengths).find(([, minutes]) => fits(minutes))?.[0] ?? '1w'
}
