/* Short confirmations in one polite region. Never the only place of an error. */
import { signal } from '@preact/signals'

const message = signal('')
let timer = 0

export function toast(text: string): void {
	message.value = text
	clearTimeout(timer)
	timer = window.setTimeout(() => (message.value = ''), 6000)
}

export async function copyText(text: string, said: string): Promise<void> {
	try {
		await navigator.clipboard.writeText(text)
		toast(said)
	} catch {
		toast('The browser did not allow copying. Select the text and copy it by hand.')
	}
}

export const Toasts = () => (
	<div class="toasts" role="status" aria-live="polite">
		{message.value && <p class="toast">{message.value}</p>}
	</div>
)
