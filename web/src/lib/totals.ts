/* Totals and their rates in words: small, since the first page shows them. Pure. */
import type { TotalAsset, Venue } from './desk_types'
import { amount } from './format'

export const venueWord = (venue: Venue): string => (venue === 'paper' ? 'paper' : 'LIVE, Binance')

export function ageWords(ms: number): string {
	const seconds = Math.max(0, Math.round(ms / 1000))
	if (seconds < 100) return `${seconds} s`
	const minutes = Math.round(seconds / 60)
	return minutes < 300 ? `${minutes} min` : minutes < 5760 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`
}

export const assetWord = (asset: string | null): string => asset ?? 'several assets'

/* "1 USDT = 0.87 EUR: USDT-EUR of coingecko, 40 s old"; nothing for the currency itself. */
export function rateWords({ asset, rate, rate_at, stale, legs }: TotalAsset, currency: string, now: number): string {
	if (rate === null) return asset === null ? 'no rate: of several assets' : `no rate from ${asset} to ${currency}`
	if (!legs.length) return ''
	const from = legs.map(({ symbol, source }) => (source === 'setting' ? `${symbol} by the operator’s setting` : `${symbol} of ${source}`)).join(', ')
	const old = rate_at === null ? '' : `, ${ageWords(now - Date.parse(rate_at))} old`
	return `1 ${asset} = ${amount(Number(rate).toPrecision(6))} ${currency}: ${from}${old}${stale ? ', stale' : ''}`
}
