/*
 * Portfolio, risk and open orders, looked at again and again for all pages of
 * the desk: gently, with ETags, not while the page is hidden. A look that
 * fails takes nothing away; how old things are is shown instead.
 */
import { useSignal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { Kept } from '../api'
import { look, partPaths } from '../desk'
import type { Parts } from '../desk'
import type { Problem } from '../http'
import { lookDelay, orderTrace } from '../lib/desk'
import { asProblem } from './load'
import type { Loaded } from './load'

type Known = { [K in keyof Parts]?: Kept<Parts[K]> }

export interface Desk {
	portfolio: Loaded<Parts['portfolio']>
	risk: Loaded<Parts['risk']>
	open: Loaded<Parts['open']>
	/* of the last look at which all was answered; 0: none was yet */
	at: Signal<number>
	/* what went wrong with the last look */
	trouble: Signal<Problem | null>
	/* empty at first; changes when orders do, and when one looks again: what else is shown of them is asked for anew */
	trace: string
	/* at once; after each act, whatever came of it */
	refresh: () => void
}

function usePart<T>(refresh: () => void): Loaded<T> {
	return { data: useSignal<T | null>(null), problem: useSignal<Problem | null>(null), reload: refresh }
}

export function useDesk(account: number): Desk {
	const known = useRef<Known>({})
	const work = useRef({ timer: 0, failures: 0, turn: 0 })
	const at = useSignal(0)
	const trouble = useSignal<Problem | null>(null)
	const acts = useSignal(0)
	const again = useRef<() => void>(() => {})
	const refresh = useMemo(() => () => again.current(), [])
	const portfolio = usePart<Parts['portfolio']>(refresh)
	const risk = usePart<Parts['risk']>(refresh)
	const open = usePart<Parts['open']>(refresh)

	useEffect(() => {
		const state = work.current
		const parts: { [K in keyof Parts]: Loaded<Parts[K]> } = { portfolio, risk, open }
		/* An answer that a later look has overtaken is not shown. */
		const one = async <K extends keyof Parts>(name: K, turn: number): Promise<Problem | null> => {
			try {
				const kept: Kept<Parts[K]> = await look(name, account, known.current[name] as Kept<Parts[K]> | undefined)
				if (turn !== state.turn) return null
				;(known.current as Record<string, unknown>)[name] = kept
				parts[name].data.value = kept.data
				parts[name].problem.value = null
				return null
			} catch (error) {
				const problem = asProblem(error)
				if (turn === state.turn && parts[name].data.value === null) parts[name].problem.value = problem
				return problem
			}
		}
		const round = async (): Promise<void> => {
			const turn = ++state.turn
			clearTimeout(state.timer)
			const names = Object.keys(partPaths) as (keyof Parts)[]
			const problems = await Promise.all(names.map((name) => one(name, turn)))
			if (turn !== state.turn) return
			trouble.value = problems.find((problem) => problem !== null) ?? null
			state.failures = trouble.value ? state.failures + 1 : 0
			if (!trouble.value) at.value = Date.now()
			if (!document.hidden) state.timer = window.setTimeout(() => void round(), lookDelay(state.failures, trouble.value?.retryAfter ?? 0))
		}
		const seen = (): void => (document.hidden ? clearTimeout(state.timer) : void round())
		again.current = () => {
			acts.value = acts.peek() + 1
			void round()
		}
		document.addEventListener('visibilitychange', seen)
		/* Another account's money is never shown as this one's. */
		if (known.current.portfolio) {
			delete known.current.portfolio
			portfolio.data.value = null
		}
		void round()
		return () => {
			state.turn++
			clearTimeout(state.timer)
			document.removeEventListener('visibilitychange', seen)
		}
	}, [account])
	const trace = at.value === 0 ? '' : `${acts.value} ${orderTrace(portfolio.data.value, open.data.value?.data ?? null)}`
	return { portfolio, risk, open, at, trouble, trace, refresh }
}
