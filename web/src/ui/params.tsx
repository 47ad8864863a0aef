/* The numbers of a strategy as a small form, made from its own bounds. */
import { paramFault, paramHint } from '../lib/definition'
import type { Param } from '../lib/definition'
import { TextField } from './field'

interface ParamsProps {
	params: Param[]
	texts: Record<string, string>
	onText: (name: string, text: string) => void
}

export const Params = ({ params, texts, onText }: ParamsProps) => (
	<div class="fields tight">
		{params.map((param) => {
			const text = texts[param.name] ?? String(param.value)
			return (
				<TextField key={param.name} label={param.name} type="number" inputMode="decimal" required
					min={param.min} max={param.max} step="any" hint={paramHint(param)} fault={paramFault(param, text)}
					value={text} onValue={(value) => onText(param.name, value)} />
			)
		})}
	</div>
)
