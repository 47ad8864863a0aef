/*
 * Loads something and looks again while it is under way: less and less often,
 * and not at all while the page is hidden. A look that fails is repeated, and
 * said once nothing has come for some of them.
 */
import { useEffect } from 'preact/hooks'
import { isOpen, pollDelay } from '../lib/runs'
import { asProblem, useLoad } from './load'
import type { Loaded } from './load'

const FAILURES = 4

export function useFollow<T extends { status: string }>(fetcher: () => Promise<T>, keys: unknown[]): Loaded<T> {
	return useWatch(fetcher, (run) => isOpen(run.status), keys)
}

export function useWatch<T>(fetcher: () => Promise<T>, open: (data: T) => boolean, keys: unknown[]): Loaded<T> {
	const loaded = useLoad(fetcher, keys)
	const { data, problem } = loaded
	const following = data.value !== null && !problem.value && open(data.value)
	useEffect(() => {
		if (!following) return
		let timer = 0
		let gone = false
		let looks = 0
		let failures = 0
		const look = async (): Promise<void> => {
			try {
				const next = await fetcher()
				failures = 0
				if (!gone) data.value = next
			} catch (error) {
				if (!gone && ++failures >= FAILURES) problem.value = asProblem(error)
			}
			wait()
		}
		const wait = (): void => {
			clearTimeout(timer)
			if (!gone && !document.hidden) timer = window.setTimeout(() => void look(), pollDelay(looks++))
		}
		/* One comes back: look at once, and often again. */
		const seen = (): void => {
			looks = 0
			if (document.hidden) clearTimeout(timer)
			else wait()
		}
		document.addEventListener('visibilitychange', seen)
		wait()
		return () => {
			gone = true
			clearTimeout(timer)
			document.removeEventListener('visibilitychange', seen)
		}
	}, [following, ...keys])
	return loaded
}
