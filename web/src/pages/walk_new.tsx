/* A new walk-forward test. */
import type { SearchRequest } from '../lib/types'
import { CheckField, SelectField, TextField, faultOf } from '../ui/field'
import { SearchNew, beginCommon, bodyCommon } from './search_form'
import type { Kind, OwnPart, Texts } from './search_form'

const whole = (text: string | undefined): boolean => /^[1-9]\d*$/.test(text?.trim() ?? '')
/* "365d" -> "365"; the unit is the last sign. */
const count = (span: string | null | undefined, usual: string): string => span?.slice(0, -1) ?? usual

const begin = (again: SearchRequest | null): Texts => ({
	...beginCommon(again), unit: again?.in_sample?.slice(-1) ?? 'd',
	in_sample: count(again?.in_sample, '730'), out_of_sample: count(again?.out_of_sample, '180'),
	span_step: count(again?.step, ''), anchored: again?.anchored ? 'yes' : '',
})

function body(texts: Texts): Partial<SearchRequest> | null {
	const common = bodyCommon(texts)
	const step = texts['span_step']?.trim() ?? ''
	if (!common || !whole(texts['in_sample']) || !whole(texts['out_of_sample']) || (step && !whole(step))) return null
	const span = (text: string | undefined): string => `${text?.trim() ?? ''}${texts['unit'] ?? 'd'}`
	const out: Partial<SearchRequest> = { ...common, in_sample: span(texts['in_sample']), out_of_sample: span(texts['out_of_sample']) }
	if (step) out.step = span(step)
	if (texts['anchored']) out.anchored = true
	return out
}

function Windows({ texts, problem }: OwnPart) {
	const of = texts.value
	const put = (name: string) => (value: string) => (texts.value = { ...of, [name]: value })
	const field = (name: string, pointer: string, label: string, hint: string, may: boolean) => (
		<TextField label={label} hint={hint} inputMode="decimal" autocomplete="off" value={of[name] ?? ''} onValue={put(name)}
			fault={faultOf(problem, pointer) || (whole(of[name]) || (may && !of[name]) ? '' : 'Give a whole number.')} />
	)
	return (
		<>
			<div class="fields tight">
				{field('in_sample', '/in_sample', 'In sample', 'The window that chooses.', false)}
				{field('out_of_sample', '/out_of_sample', 'Out of sample', 'The stretch behind it that tries.', false)}
				{field('span_step', '/step', 'Step', 'From window to window. Empty: as out of sample.', true)}
				<SelectField label="Counted in" value={of['unit'] ?? 'd'} onValue={put('unit')}
					options={[{ value: 'd', label: 'Days' }, { value: 'b', label: 'Candles' }]} />
			</div>
			<CheckField label="Every window begins with the first candle" hint="Anchored: the windows grow instead of moving." checked={of['anchored'] === 'yes'}
				onValue={(on) => put('anchored')(on ? 'yes' : '')} />
			<hr />
		</>
	)
}

const walk: Kind = {
	path: 'walk-forward', title: 'New walk-forward test', back: 'Walk-forward tests', action: 'Run the walk-forward test',
	begin, body, times: 'in each window', own: (part) => <Windows {...part} />,
}

export const WalkNew = ({ query }: { query: URLSearchParams }) => <SearchNew kind={walk} query={query} />
