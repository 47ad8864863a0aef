/* Loading, error and empty, alike on every page. */
import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import type { Problem } from '../http'
import { waiting } from '../lib/format'
import type { Loaded } from './load'
import { copyText } from './toast'

export const Loading = ({ what = 'Loading' }: { what?: string }) => (
	<div class="loading" role="status">
		<span class="loading-bar" aria-hidden="true" />
		<span class="quiet">{what}…</span>
	</div>
)

export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }) => (
	<div class="empty">
		<p class="empty-title">{title}</p>
		{children}
	</div>
)

/* Seconds until one may try again, counting down. */
function useCountdown(problem: Problem): number {
	const left = useSignal(problem.retryAfter)
	useEffect(() => {
		left.value = problem.retryAfter
		const until = Date.now() + problem.retryAfter * 1000
		const timer = setInterval(() => {
			left.value = Math.max(0, Math.ceil((until - Date.now()) / 1000))
			if (left.value === 0) clearInterval(timer)
		}, 500)
		return () => clearInterval(timer)
	}, [problem])
	return left.value
}

interface ProblemProps {
	problem: Problem
	retry?: (() => void) | undefined
	/* Pointers that are shown beside their field already. */
	shown?: string[]
}

export function ProblemBox({ problem, retry, shown = [] }: ProblemProps) {
	const wait = useCountdown(problem)
	const others = problem.faults.filter((fault) => !shown.includes(fault.pointer))
	return (
		<div class="problem">
			<div role="alert">
				<p class="problem-title">{problem.title}</p>
				{problem.detail && problem.detail !== problem.title && <p>{problem.detail}</p>}
				{others.length > 0 && (
					<ul>
						{others.map((fault) => (
							<li key={fault.pointer + fault.message}>
								{fault.pointer && <code>{fault.pointer}</code>} {fault.message}
							</li>
						))}
					</ul>
				)}
			</div>
			{wait > 0 && <p class="tabular">You can try again in {waiting(wait)}.</p>}
			<div class="row">
				{retry && (
					<button type="button" class="button small" disabled={wait > 0} onClick={retry}>
						Try again
					</button>
				)}
				{problem.requestId && (
					<button type="button" class="button small plain"
						onClick={() => void copyText(problem.requestId!, 'Request id copied')}>
						Copy request id <code>{problem.requestId.slice(0, 12)}</code>
					</button>
				)}
			</div>
		</div>
	)
}

interface ReadyProps<T> {
	of: Loaded<T>
	what?: string
	children: (data: T) => ComponentChildren
}

/* Shows the children once the data is there. */
export function Ready<T>({ of, what, children }: ReadyProps<T>) {
	const { data, problem, reload } = of
	if (problem.value) return <ProblemBox problem={problem.value} retry={reload} />
	if (data.value === null) return <Loading {...(what ? { what } : {})} />
	return <>{children(data.value)}</>
}
