/*
 * The bar of every page on which orders can be given: whether the money is
 * real, whether trading is halted, how old what is shown is, and HALT, which
 * needs nothing that was loaded.
 */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { halt, setState } from '../desk'
import { STALE_MS, ageWords, riskWord } from '../lib/desk'
import type { Venue } from '../lib/desk_types'
import { clock } from '../lib/format'
import { timeZone } from '../theme'
import { confirm } from './dialog'
import { useAction } from './load'
import { ProblemBox } from './states'
import { toast } from './toast'
import type { Desk } from './use_desk'

const HALT = 'Every order that may open or grow a position is cancelled at once, your strategies stop, and no order is taken until you resume. Positions stay, and so do the stops and targets that protect them.'

function Age({ desk }: { desk: Desk }) {
	const now = useSignal(Date.now())
	useEffect(() => {
		const timer = setInterval(() => (now.value = Date.now()), 5000)
		return () => clearInterval(timer)
	}, [])
	const at = desk.at.value
	if (!at) return <span>{desk.trouble.value ? 'Nothing could be loaded' : 'Loading'}</span>
	const old = Math.max(now.value, at) - at
	return (
		<span class="tabular">
			As of {clock(at, timeZone.value)}
			{old > STALE_MS && <> <span class="badge bad">stale: {ageWords(old)} old</span></>}
		</span>
	)
}

const venues: Record<Venue, { name: string; words: string }> = {
	paper: { name: 'PAPER', words: 'Play money. Nothing here reaches an exchange.' },
	binance: { name: 'LIVE', words: 'Real money. Orders go to Binance.' },
}

/* venue null: not known yet, and nothing is claimed of it. */
export function DeskBar({ desk, venue }: { desk: Desk; venue: Venue | null }) {
	const { busy, problem, run } = useAction()
	const risk = desk.risk.data.value
	const halted = risk !== null && risk.state === 'halted'
	const stop = (): void => void run(async () => {
		if (!(await confirm('Halt all your trading?', HALT, 'HALT now'))) return
		desk.risk.data.value = await halt()
		toast('Trading is halted')
		desk.refresh()
	})
	const resume = (): void => void run(async () => {
		if (!(await confirm('Resume trading?', 'Orders are taken again within your limits. What was cancelled stays cancelled, and strategies stay stopped.', 'Resume'))) return
		desk.risk.data.value = await setState('active')
		toast('Trading is resumed')
		desk.refresh()
	})
	return (
		<section class={`desk-bar ${venue === 'binance' ? 'live' : 'paper'} ${halted ? 'halted' : ''}`} aria-label="Account at work">
			<div class="desk-line">
				{venue && <p class="venue"><strong class="venue-name">{venues[venue].name}</strong> <span>{venues[venue].words}</span></p>}
				<p class="desk-state">
					{risk && <span class={risk.state === 'active' && !risk.trading_halted ? 'badge' : 'badge bad'}>{riskWord(risk)}</span>}{' '}
					<Age desk={desk} />
				</p>
				<div class="row">
					<button type="button" class="button small" onClick={desk.refresh}>Look again</button>
					{halted && <button type="button" class="button small" disabled={busy.value} onClick={resume}>Resume</button>}
					{!halted && <button type="button" class="button danger halt" disabled={busy.value} onClick={stop}>HALT</button>}
				</div>
			</div>
			{problem.value && <ProblemBox problem={problem.value} />}
			{desk.trouble.value && desk.at.value > 0 && (
				<p class="fault" role="status">{desk.trouble.value.title}. What is shown is older; Kontor is asked again.</p>
			)}
		</section>
	)
}
