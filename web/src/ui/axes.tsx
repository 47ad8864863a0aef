/* Which of a strategy's parameters are varied, and how; a fieldset each. */
import { axisFault, pointWords } from '../lib/search'
import type { Axis } from '../lib/search'
import type { Param } from '../lib/definition'
import { paramHint } from '../lib/definition'
import { SelectField, TextField } from './field'

interface AxesProps {
	params: Param[]
	axes: Axis[]
	onAxis: (axis: Axis) => void
	fault: (name: string) => string
}

const ways = [
	{ value: 'range', label: 'From, to, step' },
	{ value: 'values', label: 'These values' },
	{ value: 'fixed', label: 'One value' },
]

function AxisFields({ param, axis, onAxis, said }: { param: Param; axis: Axis; onAxis: (axis: Axis) => void; said: string }) {
	const field = (key: 'from' | 'to' | 'step' | 'values' | 'fixed', label: string) => (
		<TextField label={label} value={axis[key]} inputMode="decimal" autocomplete="off" onValue={(value) => onAxis({ ...axis, [key]: value })} />
	)
	const fault = axisFault(axis, param) || said
	return (
		<fieldset class="axis">
			<legend>{param.name} <span class="quiet">{paramHint(param)}</span></legend>
			<div class="axis-fields">
				<SelectField label="Vary by" value={axis.how} options={ways} onValue={(value) => onAxis({ ...axis, how: value as Axis['how'] })} />
				{axis.how === 'range' && <>{field('from', 'From')}{field('to', 'To')}{field('step', 'Step')}</>}
				{axis.how === 'values' && field('values', 'Values')}
				{axis.how === 'fixed' && field('fixed', 'Value')}
			</div>
			{fault && <p class="fault" role="alert">{fault}</p>}
		</fieldset>
	)
}

export const Axes = ({ params, axes, onAxis, fault }: AxesProps) => (
	<>
		{params.map((param) => {
			const axis = axes.find((one) => one.name === param.name)!
			return <AxisFields key={param.name} param={param} axis={axis} onAxis={onAxis} said={fault(param.name)} />
		})}
	</>
)

export const Points = ({ axes, samples, times }: { axes: Axis[]; samples: number | null; times?: string }) => (
	<p class="points" role="status"><strong>{pointWords(axes, samples)}</strong>{times && ` ${times}`}</p>
)
