/* A run that waits or is being computed: how far it is, and a way out. */
import { remove } from '../api'
import { progressWords } from '../lib/runs'
import type { Progress } from '../lib/runs'
import { useAction } from './load'
import { Panel } from './shell'
import { ProblemBox } from './states'
import { toast } from './toast'

export const Bar = ({ run, label }: { run: Progress; label: string }) => (
	<progress class="bar" max={100} value={run.progress} aria-label={label} />
)

interface UnderWayProps {
	run: Progress
	/* of the run, without the base */
	path: string
	what: string
	changed: () => void
}

export function UnderWay({ run, path, what, changed }: UnderWayProps) {
	const { busy, problem, run: act } = useAction()
	const cancel = (): void => void act(async () => {
		await remove(path)
		toast(`The ${what} is cancelled`)
		changed()
	})
	return (
		<Panel title="Under way" wide>
			<div class="under-way">
				<Bar run={run} label={`Progress of the ${what}`} />
				<p class="tabular" role="status">{progressWords(run)}</p>
				<p class="quiet">The result shows here by itself. One may leave this page: it goes on without you.</p>
				{problem.value && <ProblemBox problem={problem.value} />}
				<div class="row"><button type="button" class="button" disabled={busy.value} onClick={cancel}>Cancel the {what}</button></div>
			</div>
		</Panel>
	)
}

/* What there is to say when it ended without a result. */
export const Ended = ({ status, error, what, again }: { status: string; error: string | null; what: string; again: string }) => (
	<Panel title={status === 'failed' ? `The ${what} failed` : `The ${what} was cancelled`} wide>
		<p class={status === 'failed' ? 'fault' : 'quiet'}>{error || (status === 'failed' ? 'Nothing more is known.' : 'There is no result.')}</p>
		<p class="submit"><a class="button" href={again}>Ask for it again</a></p>
	</Panel>
)
