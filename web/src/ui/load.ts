/* Loads something and tells its three states apart; run() for actions. */
import { useSignal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import { useCallback, useEffect, useRef } from 'preact/hooks'
import { Problem } from '../http'
import type { Page } from '../lib/types'

export interface Loaded<T> {
	data: Signal<T | null>
	problem: Signal<Problem | null>
	reload: () => void
}

export const asProblem = (error: unknown): Problem =>
	error instanceof Problem
		? error
		: new Problem(0, 'page_fault', 'This page has a fault', String(error), null, [], 0)

export function useLoad<T>(fetcher: () => Promise<T>, keys: unknown[] = []): Loaded<T> {
	const data = useSignal<T | null>(null)
	const problem = useSignal<Problem | null>(null)
	const turn = useRef(0)
	const reload = useCallback(() => {
		const mine = ++turn.current
		problem.value = null
		fetcher().then(
			(value) => mine === turn.current && (data.value = value),
			(error: unknown) => mine === turn.current && (problem.value = asProblem(error)),
		)
	}, keys)
	useEffect(() => {
		data.value = null
		reload()
		return () => void turn.current++
	}, [reload])
	return { data, problem, reload }
}

export interface Pages<T> extends Loaded<T[]> {
	/* Loads what follows; null when that is all, or while it loads. */
	more: (() => void) | null
}

/* A list that comes in pages: the first now, the others when asked for. */
export function usePages<T>(fetcher: (cursor: string | null) => Promise<Page<T>>, keys: unknown[] = []): Pages<T> {
	const next = useSignal<string | null>(null)
	const loaded = useLoad(async () => {
		const page = await fetcher(null)
		next.value = page.next_cursor
		return page.data
	}, keys)
	const busy = useSignal(false)
	const more = (): void => {
		const before = loaded.data.value ?? []
		busy.value = true
		fetcher(next.value)
			.then(
				(page) => {
					if (loaded.data.value !== before) return /* another filter meanwhile */
					next.value = page.next_cursor
					loaded.data.value = [...before, ...page.data]
				},
				(error: unknown) => (loaded.problem.value = asProblem(error)),
			)
			.finally(() => (busy.value = false))
	}
	return { ...loaded, more: next.value && !busy.value ? more : null }
}

export interface Action {
	busy: Signal<boolean>
	problem: Signal<Problem | null>
	run: (act: () => Promise<void>) => Promise<void>
}

/* One action at a time: a second click while it runs does nothing. */
export function useAction(): Action {
	const busy = useSignal(false)
	const problem = useSignal<Problem | null>(null)
	const run = async (act: () => Promise<void>): Promise<void> => {
		if (busy.value) return
		busy.value = true
		problem.value = null
		try {
			await act()
		} catch (error) {
			problem.value = asProblem(error)
		} finally {
			busy.value = false
		}
	}
	return { busy, problem, run }
}
