/* Labelled inputs with hint and fault tied to them. */
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import type { Problem } from '../http'

/* The server's words for one field of a form, by JSON pointer. */
export const faultOf = (problem: Problem | null, pointer: string): string =>
	problem?.faults.filter((fault) => fault.pointer === pointer).map((fault) => fault.message).join(' ') ?? ''

interface FieldProps {
	label: string
	hint?: ComponentChildren
	fault?: string | null | undefined
}
interface Inner {
	id: string
	'aria-describedby'?: string
	'aria-invalid'?: 'true'
}

function Frame({ label, hint, fault, children }: FieldProps & { children: (inner: Inner) => ComponentChildren }) {
	const id = useId()
	const inner: Inner = { id }
	const described = [hint ? `${id}-hint` : '', fault ? `${id}-fault` : ''].filter(Boolean).join(' ')
	if (described) inner['aria-describedby'] = described
	if (fault) inner['aria-invalid'] = 'true'
	return (
		<div class="field">
			<label for={id}>{label}</label>
			{children(inner)}
			{hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
			{fault && <p class="fault" id={`${id}-fault`}>{fault}</p>}
		</div>
	)
}

interface InputProps extends FieldProps {
	value: string
	onValue: (value: string) => void
	type?: 'text' | 'password' | 'email' | 'date' | 'number'
	name?: string
	autocomplete?: string
	autocapitalize?: 'none'
	inputMode?: 'decimal'
	spellcheck?: false
	required?: true
	autofocus?: true
	minLength?: number
	maxLength?: number
	min?: number | string | undefined
	max?: number | string | undefined
	step?: 'any'
}

export const TextField = ({ label, hint, fault, value, onValue, type = 'text', ...rest }: InputProps) => (
	<Frame label={label} hint={hint} fault={fault}>
		{(inner) => {
			const attributes = { ...rest, ...inner, type } as Record<string, unknown>
			return <input {...attributes} value={value} onInput={(event) => onValue(event.currentTarget.value)} />
		}}
	</Frame>
)

export interface Option {
	value: string
	label: string
}
type SelectProps = FieldProps & {
	value: string
	options: Option[]
	onValue: (value: string) => void
	required?: boolean
	disabled?: boolean
	name?: string
}

export const SelectField = ({ label, hint, fault, value, options, onValue, ...rest }: SelectProps) => (
	<Frame label={label} hint={hint} fault={fault}>
		{(inner) => (
			<select {...rest} {...inner} value={value} onChange={(event) => onValue(event.currentTarget.value)}>
				{options.map((option) => (
					<option key={option.value} value={option.value}>{option.label}</option>
				))}
			</select>
		)}
	</Frame>
)

interface CheckProps {
	label: string
	hint?: string
	checked: boolean
	onValue: (checked: boolean) => void
	name?: string
}

export function CheckField({ label, hint, checked, onValue, name }: CheckProps) {
	const id = useId()
	return (
		<div class="check">
			<input type="checkbox" id={id} name={name} checked={checked} aria-describedby={hint ? `${id}-hint` : undefined}
				onChange={(event) => onValue(event.currentTarget.checked)} />
			<label for={id}>{label}</label>
			{hint && <p class="hint" id={`${id}-hint`}>{hint}</p>}
		</div>
	)
}

interface SwitchProps {
	label: string
	value: string
	options: Option[]
	onValue: (value: string) => void
}
/* A choice among two or three, all of them in sight. */
export function SwitchField({ label, value, options, onValue }: SwitchProps) {
	const name = useId()
	return (
		<fieldset class="switch">
			<legend>{label}</legend>
			<div class="switch-row">
				{options.map((option) => (
					<label key={option.value} class={`switch-${option.value}`}>
						<input type="radio" class="unseen" name={name} value={option.value} checked={value === option.value} onChange={() => onValue(option.value)} />
						<span>{option.label}</span>
					</label>
				))}
			</div>
		</fieldset>
	)
}

/* Stops the browser's own submission; its validation stays. */
export const onSubmit = (act: () => void) => (event: Event): void => {
	event.preventDefault()
	act()
}
