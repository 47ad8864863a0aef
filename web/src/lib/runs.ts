/* Runs that wait or are being computed: words and waiting times. Pure. */
export const isOpen = (status: string): boolean => status === 'queued' || status === 'running'

const words: Record<string, string> = {
	queued: 'waiting', running: 'running', done: 'done', failed: 'failed', cancelled: 'cancelled',
}
export const statusWord = (status: string): string => words[status] ?? status

/* How long to wait before the next look: half a second at first, ten at most. */
export const pollDelay = (looks: number): number => Math.min(10_000, Math.round(500 * 1.35 ** looks))

export interface Progress {
	status: string
	progress: number
	points?: number
	points_done?: number
}

/* "120 of 400 points" or the like; a single run has percent alone. */
export function progressWords(run: Progress): string {
	if (run.status === 'queued') return 'Waiting for its turn'
	const percent = `${Math.round(run.progress)} %`
	if (run.points === undefined || run.points_done === undefined || run.points <= 1) return percent
	return `${percent}: ${run.points_done.toLocaleString('en')} of ${run.points.toLocaleString('en')} points`
}
