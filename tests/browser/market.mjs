/*
 * Fresh candles for the desk: DESK by the minute, up to now. Needs
 * KONTOR_STACK (tests/e2e/serve.mjs).
 */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const MINUTE = 60_000
const stack = process.env.KONTOR_STACK && JSON.parse(process.env.KONTOR_STACK)

/* Of the newest candle that has closed. */
const newest = () => Math.floor(Date.now() / MINUTE) * MINUTE - MINUTE

/* The last minutes at a price. */
export function bring(price, minutes = 3) {
	const rows = Array.from({ length: minutes }, (_, i) =>
		`${newest() - (minutes - 1 - i) * MINUTE},${price},${(price * 1.0011).toFixed(2)},${(price * 0.9989).toFixed(2)},${price},100000`)
	const file = join(stack.folder, 'desk.csv')
	writeFileSync(file, `time,open,high,low,close,volume\n${rows.join('\n')}\n`)
	const [program, ...words] = stack.command
	execFileSync(program, [...words, 'import', file, '--symbol', 'DESK', '--interval', '1m'], { env: stack.environment, stdio: 'pipe', timeout: 60_000 })
}

/* One closed candle, of a minute that began after this moment: what rests
   since then is tried on it. Waits for it when it is too early. */
export async function bringAfter(moment, price) {
	const wait = Math.ceil(moment / MINUTE) * MINUTE + MINUTE - Date.now()
	if (wait >= 0) await new Promise((done) => setTimeout(done, wait + 100))
	bring(price, 1)
}
