/*
 * Sends what must count once: one at a time, and again with the same key while
 * nobody knows what became of it.
 */
import { useRef } from 'preact/hooks'
import { Problem } from '../http'
import { isUnsure, onceKeys } from '../lib/once'
import { useAction } from './load'
import type { Action } from './load'

export interface Once extends Omit<Action, 'run'> {
	/* no answer came: it may have been done */
	unsure: boolean
	/* would this be the same again? */
	again: (what: unknown) => boolean
	send: <T>(what: unknown, act: (key: string) => Promise<T>, done: (made: T) => void | Promise<void>) => Promise<void>
}

export function useOnce(): Once {
	const keys = useRef(onceKeys())
	const { busy, problem, run } = useAction()
	const sent = useRef('')
	const send: Once['send'] = (what, act, done) => run(async () => {
		sent.current = JSON.stringify(what)
		const key = keys.current.keyOf(sent.current)
		const made = await act(key).catch((error: unknown) => {
			if (!(error instanceof Problem && isUnsure(error.status))) keys.current.over()
			throw error
		})
		keys.current.over()
		await done(made)
	})
	const unsure = problem.value !== null && isUnsure(problem.value.status)
	return { busy, problem, send, unsure, again: (what) => unsure && JSON.stringify(what) === sent.current }
}
