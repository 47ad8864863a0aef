/* The background jobs: how they went, run now, pause, resume. */
import { get, id, post } from '../api'
import { duration, moment } from '../lib/format'
import type { Job } from '../lib/types'
import { timeZone } from '../theme'
import { useAction, useLoad } from '../ui/load'
import { Panel, Scroll } from '../ui/shell'
import { ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'

const states: Record<Job['state'], string> = { waiting: 'waiting', running: 'running', paused: 'paused', off: 'only when asked for' }
const results: Record<string, string> = { ok: 'ok', failed: 'failed', lost: 'ended in the middle' }

const next = (job: Job): string => {
	if (job.run_now && job.state !== 'running') return 'as soon as it can'
	return job.next_at ? moment(job.next_at, timeZone.value) : '–'
}

const Last = ({ job }: { job: Job }) => (
	<td>
		{job.started_at ? <span class="nowrap">{moment(job.started_at, timeZone.value)}</span> : 'never'}
		{job.last_result && (
			<p class={job.last_result === 'ok' ? 'quiet' : 'loss'}>
				{results[job.last_result]}
				{job.last_result === 'ok' && `, ${job.duration_ms < 1000 ? `${job.duration_ms} ms` : duration(job.duration_ms)}`}
				{job.failures > 1 && `, ${job.failures} times in a row`}
				{job.last_error && `: ${job.last_error}`}
			</p>
		)}
	</td>
)

export function Jobs() {
	const loaded = useLoad(() => get<{ data: Job[] }>('scheduler/jobs').then(({ data }) => data))
	const { busy, problem, run } = useAction()
	const ask = (job: Job, verb: 'run' | 'pause' | 'resume', said: string) => (): void => void run(async () => {
		const after = await post<Job>(`scheduler/jobs/${id(job.name)}/${verb}`)
		loaded.data.value = (loaded.data.value ?? []).map((one) => (one.name === job.name ? after : one))
		toast(`${job.name} ${said}`)
	})
	return (
		<Panel title="Background jobs" note={<button type="button" class="button small" onClick={loaded.reload}>Look again</button>} wide>
			{problem.value && <ProblemBox problem={problem.value} />}
			<Ready of={loaded}>
				{(jobs) => (
					<Scroll label="Background jobs">
						<table>
							<thead><tr>
								<th scope="col">Job</th><th scope="col">State</th><th scope="col">Last run</th>
								<th scope="col">Next run</th><th scope="col"><span class="unseen">Actions</span></th>
							</tr></thead>
							<tbody>
								{jobs.map((job) => (
									<tr key={job.name}>
										<th scope="row">{job.name}<p class="quiet">{job.summary}</p></th>
										<td class="nowrap">{states[job.state] ?? job.state}</td>
										<Last job={job} />
										<td class="nowrap">{next(job)}</td>
										<td>
											<div class="row end">
												<button type="button" class="button small" disabled={busy.value || job.state === 'running' || job.run_now}
													aria-label={`Run now: ${job.name}`} onClick={ask(job, 'run', 'runs as soon as it can')}>Run now</button>
												{job.state === 'paused'
													? <button type="button" class="button small plain" disabled={busy.value} aria-label={`Resume ${job.name}`} onClick={ask(job, 'resume', 'resumed')}>Resume</button>
													: <button type="button" class="button small plain" disabled={busy.value} aria-label={`Pause ${job.name}`} onClick={ask(job, 'pause', 'paused')}>Pause</button>}
											</div>
										</td>
									</tr>
								))}
							</tbody>
						</table>
					</Scroll>
				)}
			</Ready>
		</Panel>
	)
}
