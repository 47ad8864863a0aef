/* A rule written as text: checked by the server, put into the definition. */
import { useSignal } from '@preact/signals'
import { useEffect, useId, useRef } from 'preact/hooks'
import { post } from '../api'
import { caretLines, faultCharacter, offsetOf, places, ruleAt, withRule } from '../lib/expression'
import type { Expression } from '../lib/types'
import { SelectField, onSubmit } from './field'
import { LanguageHelp } from './language_help'
import { useAction } from './load'
import { Panel } from './shell'
import { ProblemBox } from './states'
import { toast } from './toast'

interface WriterProps {
	/* null while the text of the editor is no JSON */
	definition: unknown
	onDefinition: (definition: unknown) => void
}

const EXAMPLE = 'crosses_above(ema(close, 10), ema(close, 30)) and rsi(14) < 70'

function Fault({ text, message, show }: { text: string; message: string; show: (at: number) => void }) {
	const character = faultCharacter(message)
	return (
		<div role="alert" class="fault-place">
			<p class="fault">{message}</p>
			{character !== null && (
				<>
					<pre aria-hidden="true">{caretLines(text, character)}</pre>
					<button type="button" class="link" onClick={() => show(character)}>Go to character {character}</button>
				</>
			)}
		</div>
	)
}

export function RuleWriter({ definition, onDefinition }: WriterProps) {
	const place = useSignal(places[0]!)
	const text = useSignal('')
	const sent = useSignal('')
	const { busy, problem, run } = useAction()
	const area = useRef<HTMLTextAreaElement>(null)
	const id = useId()
	const faults = problem.value?.faults.filter(({ pointer }) => pointer.startsWith('/expression')) ?? []

	const read = (): void => void run(async () => {
		const rule = ruleAt(definition, place.value)
		sent.value = ''
		text.value = rule === undefined ? '' : (await post<Expression>('strategies/expressions', { expression: rule })).text
	})
	useEffect(read, [place.value])

	const put = (asText: boolean) => (): void => void run(async () => {
		sent.value = text.value
		const found = await post<Expression>('strategies/expressions', { expression: text.value })
		onDefinition(withRule(definition, place.value, asText ? found.text : found.tree))
		toast(`“${place.value.label}” is in the rules. Save them to keep it.`)
	})
	const show = (character: number): void => {
		const at = offsetOf(text.value, character)
		area.current?.focus()
		area.current?.setSelectionRange(at, Math.min(at + 1, text.value.length))
	}
	const blocked = busy.value || definition === null || !text.value.trim()
	return (
		<Panel title="Write a rule as text">
			<form onSubmit={onSubmit(put(true))}>
				<SelectField label="Rule" value={place.value.value} options={places}
					onValue={(value) => (place.value = places.find((one) => one.value === value)!)} />
				<div class="field">
					<label for={id}>Text</label>
					<textarea ref={area} id={id} class="code short" rows={4} spellcheck={false} autocomplete="off" autocapitalize="off" wrap="soft"
						placeholder={EXAMPLE} aria-invalid={faults.length ? 'true' : undefined} aria-describedby={`${id}-hint`}
						value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
					<p class="hint" id={`${id}-hint`}>Such as <code>{EXAMPLE}</code></p>
				</div>
				{faults.map(({ message }) => <Fault key={message} text={sent.value || text.value} message={message} show={show} />)}
				{problem.value && !faults.length && <ProblemBox problem={problem.value} />}
				<div class="row">
					<button type="submit" class="button" disabled={blocked}>Put in as text</button>
					<button type="button" class="button plain" disabled={blocked} onClick={put(false)}>Put in as a tree</button>
				</div>
			</form>
			<LanguageHelp />
		</Panel>
	)
}
