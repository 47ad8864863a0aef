/* How far the indicators still depend on where the candles begin. */
import { useSignal } from '@preact/signals'
import { get, post } from '../api'
import { number, percent } from '../lib/format'
import { usableIntervals } from '../lib/market'
import { intervalOf } from '../lib/definition'
import type { MarketSymbol, WarmUp } from '../lib/types'
import { preferences } from '../session'
import { SelectField, faultOf, onSubmit } from './field'
import { useAction, useLoad } from './load'
import { Panel, Scroll } from './shell'
import { ProblemBox, Ready } from './states'

const Table = ({ of }: { of: WarmUp }) => of.rows.length === 0 ? <p class="quiet">These rules use no indicator.</p> : (
	<>
		<Scroll label="Warm-up">
			<table class="dense">
				<thead>
					<tr>
						<th scope="col">Indicator</th><th scope="col" class="num">Value</th>
						{of.bars.map((bars) => <th key={bars} scope="col" class="num">{bars.toLocaleString('en')} candles</th>)}
					</tr>
				</thead>
				<tbody>
					{of.rows.map((row) => (
						<tr key={row.indicator}>
							<th scope="row" class="nowrap"><code>{row.indicator}</code></th>
							<td class="num">{number(row.value)}</td>
							{of.bars.map((bars, index) => <td key={bars} class="num">{percent(row.moved_pct[index], 3)}</td>)}
						</tr>
					))}
				</tbody>
			</table>
		</Scroll>
		<p class="foot">How far the last value is off when only so many candles come before it. What still moves at the right needs more history than it gets.</p>
	</>
)

function Form({ definition, symbols }: { definition: unknown; symbols: MarketSymbol[] }) {
	const usual = preferences.value?.default_symbol
	const name = useSignal((symbols.find((one) => one.symbol === usual) ?? symbols[0]!).symbol)
	const found = useSignal<WarmUp | null>(null)
	const { busy, problem, run } = useAction()
	const symbol = symbols.find((one) => one.symbol === name.value)!
	const measure = (): void => void run(async () => {
		const own = intervalOf(definition)
		const intervals = usableIntervals(symbol)
		const interval = own && intervals.includes(own) ? own : intervals[0]
		found.value = null
		found.value = await post<WarmUp>('strategies/recursive', { definition, symbol: symbol.symbol, interval })
	})
	return (
		<form onSubmit={onSubmit(measure)}>
			<SelectField label="Measure on" value={symbol.symbol} fault={faultOf(problem.value, '/symbol')} onValue={(value) => (name.value = value)}
				options={symbols.map((one) => ({ value: one.symbol, label: one.symbol }))} />
			<p><button type="submit" class="button" disabled={busy.value || definition === null}>Measure the warm-up</button></p>
			{problem.value && <ProblemBox problem={problem.value} shown={['/symbol']} />}
			{found.value && <Table of={found.value} />}
		</form>
	)
}

function Loaded({ definition }: { definition: unknown }) {
	const loaded = useLoad(() => get<{ data: MarketSymbol[] }>('market/symbols'))
	return (
		<Ready of={loaded}>
			{({ data }) => {
				const symbols = data.filter((one) => one.series.length > 0)
				return symbols.length ? <Form definition={definition} symbols={symbols} /> : <p class="quiet">There are no candles to measure on.</p>
			}}
		</Ready>
	)
}

/* definition: null while the text of the editor is no JSON. */
export function WarmUpPanel({ definition }: { definition: unknown }) {
	const opened = useSignal(false)
	return (
		<Panel title="Warm-up">
			<p class="quiet">Some indicators remember where the candles began. Here one sees how much.</p>
			<details onToggle={(event) => (opened.value ||= event.currentTarget.open)}>
				<summary>Measure it</summary>
				{opened.value && <Loaded definition={definition} />}
			</details>
		</Panel>
	)
}
