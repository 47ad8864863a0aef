/*
 * A stop and a target behind a position: two orders, one after the other, each
 * with a key of its own that it keeps when it has to be sent again. Says aloud
 * when the position does not have both.
 */
import { useSignal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import { place } from '../desk'
import type { NewOrder, Order } from '../lib/desk_types'
import { pairBodies } from '../lib/ticket'
import type { Pair } from '../lib/ticket'
import { useAction } from './load'
import type { Action } from './load'
import { ProblemBox } from './states'
import { Outcome } from './told'
import type { Desk } from './use_desk'

interface Step {
	body: NewOrder
	key: string
}
export interface PairWork extends Omit<Action, 'run'> {
	steps: Signal<Step[]>
	made: Signal<Order[]>
	begin: (pair: Pair) => Promise<void>
	go: () => Promise<void>
	clear: () => void
}

export function usePair(desk: Desk): PairWork {
	const steps = useSignal<Step[]>([])
	const made = useSignal<Order[]>([])
	const { busy, problem, run } = useAction()
	const go = (): Promise<void> => run(async () => {
		try {
			for (const { body, key } of steps.value.slice(made.value.length)) made.value = [...made.value, await place(body, key)]
		} finally {
			desk.refresh()
		}
	})
	const clear = (): void => {
		steps.value = []
		made.value = []
		problem.value = null
	}
	const begin = (pair: Pair): Promise<void> => {
		clear()
		steps.value = pairBodies(pair, `pair-${crypto.randomUUID()}`).map((body) => ({ body, key: crypto.randomUUID() }))
		return go()
	}
	return { busy, problem, steps, made, begin, go, clear }
}

export function PairState({ pair }: { pair: PairWork }) {
	const { busy, problem, steps, made, go } = pair
	if (!steps.value.length) return null
	const whole = made.value.filter(({ state }) => state !== 'denied' && state !== 'rejected').length === steps.value.length
	return (
		<>
			{made.value.map((order) => <Outcome key={order.id} order={order} />)}
			{!busy.value && !whole && <p class="fault strong" role="alert">The position has not both its stop and its target.</p>}
			{problem.value && <ProblemBox problem={problem.value} retry={() => void go()} />}
		</>
	)
}
