/* A JSON text in a textarea, with its faults listed by place. */
import { useId, useRef } from 'preact/hooks'
import type { Fault } from '../http'
import { lineOf, locate } from '../lib/pointer'

interface EditorProps {
	label: string
	text: string
	onText: (text: string) => void
	/* Faults of the server; pointers begin with `root`. */
	faults: Fault[]
	root: string
	/* What JSON.parse said, when it is not even JSON. */
	syntax: string | null
}

const INDENT = '  '

/* Enter keeps the indentation; Tab stays the browser's, for the keyboard. */
function keepIndent(event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }): void {
	if (event.key !== 'Enter' || event.isComposing || event.shiftKey || event.ctrlKey || event.metaKey) return
	const area = event.currentTarget
	const line = area.value.slice(area.value.lastIndexOf('\n', area.selectionStart - 1) + 1, area.selectionStart)
	const indent = /^[ \t]*/.exec(line)![0] + (/[[{]\s*$/.test(line) ? INDENT : '')
	event.preventDefault()
	area.setRangeText(`\n${indent}`, area.selectionStart, area.selectionEnd, 'end')
	area.dispatchEvent(new InputEvent('input', { bubbles: true }))
}

export function Editor({ label, text, onText, faults, root, syntax }: EditorProps) {
	const area = useRef<HTMLTextAreaElement>(null)
	const id = useId()
	const inside = (pointer: string): string => (pointer.startsWith(root) ? pointer.slice(root.length) : '')
	const place = (fault: Fault) => (syntax ? null : locate(text, inside(fault.pointer)))
	const show = (fault: Fault): void => {
		const span = place(fault)
		if (!area.current || !span) return
		const line = lineOf(text, span.start)
		area.current.focus()
		area.current.setSelectionRange(span.start, span.end)
		area.current.scrollTop = Math.max(0, (line - 4) * parseFloat(getComputedStyle(area.current).lineHeight))
	}
	const wrong = faults.length > 0 || Boolean(syntax)
	return (
		<div class="field">
			<label for={id}>{label}</label>
			<textarea ref={area} id={id} class="code" rows={24} spellcheck={false} autocomplete="off" autocapitalize="off" wrap="off"
				aria-invalid={wrong ? 'true' : undefined} aria-describedby={wrong ? `${id}-faults` : undefined}
				value={text} onInput={(event) => onText(event.currentTarget.value)} onKeyDown={keepIndent} />
			<div id={`${id}-faults`} role="alert">
				{syntax && <p class="fault">{syntax}</p>}
				{faults.length > 0 && (
					<ul class="faults">
						{faults.map((fault) => {
							const span = place(fault)
							return (
								<li key={fault.pointer + fault.message}>
									<button type="button" class="link" disabled={!span} onClick={() => show(fault)}>
										{span ? `Line ${lineOf(text, span.start)}` : 'Show'}
									</button>{' '}
									<code>{inside(fault.pointer) || '/'}</code> {fault.message}
								</li>
							)
						})}
					</ul>
				)}
			</div>
		</div>
	)
}
