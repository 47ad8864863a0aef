/* The button beside a list: all of it as a file. */
import { download } from './download'
import { useAction } from './load'
import { ProblemBox } from './states'

export function CsvButton({ what, fetcher }: { what: string; fetcher: () => Promise<string> }) {
	const { busy, problem, run } = useAction()
	const save = (): void => void run(async () => download(`kontor-${what}.csv`, await fetcher(), 'text/csv'))
	return (
		<>
			<button type="button" class="button small" disabled={busy.value} onClick={save}>Download {what} as CSV</button>
			{problem.value && <ProblemBox problem={problem.value} />}
		</>
	)
}
