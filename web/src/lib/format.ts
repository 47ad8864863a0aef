/*
 * Numbers and times as people read them. Pure; null and NaN become an en
 * dash. Decimal strings of the API are never turned into floats for sums,
 * only for display.
 */
export type Maybe = number | string | null | undefined
export const NONE = '–'
const MINUS = '−'

const isNone = (value: Maybe): boolean =>
	value === null || value === undefined || value === '' || !Number.isFinite(Number(value))

const signed = (text: string): string => text.replace('-', MINUS)

export function number(value: Maybe, digits = 2): string {
	if (isNone(value)) return NONE
	const rounded = Number(Number(value).toFixed(digits)) + 0 || 0 /* no "-0" */
	return signed(
		rounded.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }),
	)
}

/* As many digits as it has, at least `least`: prices and quantities. */
export function amount(value: Maybe, least = 0): string {
	if (isNone(value)) return NONE
	return signed(Number(value).toLocaleString('en', { minimumFractionDigits: least, maximumFractionDigits: 8 }))
}

export const percent = (value: Maybe, digits = 2): string =>
	isNone(value) ? NONE : `${number(value, digits)} %`

/* With a sign also when it is a gain, so that colour is never alone. */
export const change = (value: Maybe, digits = 2): string => {
	const text = percent(value, digits)
	return Number(value) > 0 && text !== NONE ? `+${text}` : text
}

export const tone = (value: Maybe): string =>
	isNone(value) || Number(value) === 0 ? '' : Number(value) > 0 ? 'gain' : 'loss'

/* RFC 3339 or milliseconds. */
export function millis(value: Maybe): number | null {
	if (value === null || value === undefined || value === '') return null
	const ms = typeof value === 'number' ? value : Date.parse(value)
	return Number.isFinite(ms) ? ms : null
}

export function date(value: Maybe): string {
	const ms = millis(value)
	if (ms === null) return NONE
	return new Intl.DateTimeFormat('en-GB', {
		day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC',
	}).format(ms)
}

export function moment(value: Maybe, timeZone = 'UTC'): string {
	const ms = millis(value)
	if (ms === null) return NONE
	const options: Intl.DateTimeFormatOptions = {
		day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', timeZone,
	}
	try {
		return new Intl.DateTimeFormat('en-GB', options).format(ms)
	} catch {
		return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }).format(ms)
	}
}

/* The time of day, with seconds. */
export function clock(ms: number, timeZone = 'UTC'): string {
	const options: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone }
	try {
		return new Intl.DateTimeFormat('en-GB', options).format(ms)
	} catch {
		return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }).format(ms)
	}
}

/* The time of a candle: the day alone when it opens at midnight. */
export function candleTime(value: Maybe): string {
	const ms = millis(value)
	return ms !== null && ms % 86_400_000 === 0 ? date(ms) : moment(ms)
}

export function duration(ms: Maybe): string {
	if (isNone(ms)) return NONE
	const minutes = Math.round(Number(ms) / 60_000)
	const days = Math.floor(minutes / 1440)
	const hours = Math.floor((minutes % 1440) / 60)
	if (days >= 1) return hours ? `${plural(days, 'day')} ${hours} h` : plural(days, 'day')
	return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min`
}

export const plural = (count: number, noun: string): string =>
	`${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`

export function age(seconds: number): string {
	if (seconds < 90) return 'just now'
	const minutes = Math.round(seconds / 60)
	if (minutes < 90) return `${minutes} minutes ago`
	const hours = Math.round(minutes / 60)
	if (hours < 36) return `${hours} hours ago`
	const days = Math.round(hours / 24)
	return days < 730 ? `${days} days ago` : `${Math.round(days / 365.25)} years ago`
}

const DECIMAL = /^(\d+)(?:[.,](\d+))?$/

/* "0.1" percent -> "0.001": moves the point in the text, exact. */
export function percentToFraction(text: string): string | null {
	const match = DECIMAL.exec(text.trim())
	if (!match) return null
	const whole = match[1]!.padStart(3, '0')
	const digits = whole.slice(-2) + (match[2] ?? '')
	const front = whole.slice(0, -2).replace(/^0+(?=\d)/, '')
	const back = digits.replace(/0+$/, '')
	return back ? `${front}.${back}` : front
}

export function fractionToPercent(text: string): string | null {
	const match = DECIMAL.exec(text.trim())
	if (!match) return null
	const back = (match[2] ?? '').padEnd(2, '0')
	const front = (match[1]! + back.slice(0, 2)).replace(/^0+(?=\d)/, '')
	const rest = back.slice(2).replace(/0+$/, '')
	return rest ? `${front}.${rest}` : front
}

export const isDecimal = (text: string): boolean => DECIMAL.test(text.trim())

/* How long one has to wait, rounded up. */
export const waiting = (seconds: number): string => (seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`)

export function bytes(value: number): string {
	const units = ['B', 'KiB', 'MiB', 'GiB']
	const power = value < 1024 ? 0 : Math.min(Math.floor(Math.log2(value) / 10), units.length - 1)
	return `${number(value / 1024 ** power, power ? 1 : 0)} ${units[power]}`
}
