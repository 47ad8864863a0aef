/*
 * What a backtest, a sweep and a walk-forward test ask alike: rules, market,
 * money, costs. One state, shown in parts.
 */
import { useSignal } from '@preact/signals'
import type { Signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useRef } from 'preact/hooks'
import { all, get } from '../api'
import type { Problem } from '../http'
import { intervalOf, paramsOf } from '../lib/definition'
import type { Param } from '../lib/definition'
import { isDecimal } from '../lib/format'
import { dayAfter, dayOf, finerIntervals, usableIntervals } from '../lib/market'
import {
	advancedFlags, advancedOptions, costFlags, costOptions, feeOption, flagsOf, optionFault, optionsBody, optionsFaulty, textsOf,
} from '../lib/run_options'
import type { FlagName, Flags, OptionName, OptionTexts } from '../lib/run_options'
import type { BacktestRequest, MarketSymbol, Strategy } from '../lib/types'
import { preferences } from '../session'
import { currency } from '../theme'
import { CheckField, SelectField, TextField, faultOf } from './field'
import { Panel } from './shell'
import { Empty } from './states'

export interface Choice<R extends BacktestRequest = BacktestRequest> {
	strategies: Strategy[]
	symbols: MarketSymbol[]
	again: R | null
	wanted: string | null
}

/* What such a form needs; `source` is the path of a run to begin from. */
export async function loadChoice<R extends BacktestRequest>(query: URLSearchParams, source: string | null): Promise<Choice<R>> {
	const [strategies, symbols, like] = await Promise.all([
		all<Strategy>('strategies'),
		get<{ data: MarketSymbol[] }>('market/symbols'),
		source ? get<{ request: R | null }>(source) : null,
	])
	const again = like?.request ?? null
	return { strategies, symbols: symbols.data.filter((one) => one.series.length > 0), again, wanted: query.get('strategy') }
}

/* Why there is no form, or null. */
export function nothingToRun({ strategies, symbols }: Choice) {
	if (!strategies.length) return <Empty title="There is no strategy to run."><p><a class="button primary" href="#/strategies/new">Choose a template</a></p></Empty>
	if (!symbols.length) return <Empty title="There are no candles to run on."><p>The operator imports them with <code>kontor import</code>.</p></Empty>
	return null
}

export interface RunForm {
	strategies: Strategy[]
	symbols: MarketSymbol[]
	strategy: Strategy
	symbol: MarketSymbol
	params: Param[]
	chosen: string
	intervals: string[]
	tried: Signal<boolean>
	strategyId: Signal<string>
	symbolName: Signal<string>
	interval: Signal<string>
	from: Signal<string>
	to: Signal<string>
	cash: Signal<string>
	detail: Signal<string>
	options: Signal<OptionTexts>
	flags: Signal<Flags>
	/* null when something is wrong, which is shown from then on */
	body: () => BacktestRequest | null
}

/* The day before an exclusive end. */
const lastDayOf = (to: string | null | undefined): string => (to ? dayOf(Date.parse(to) - 1) : '')

export function useRunForm({ strategies, symbols, again, wanted }: Choice): RunForm {
	const first = strategies.find((one) => one.id === (again?.strategy_id ?? wanted)) ?? strategies[0]!
	const usual = again?.symbol ?? preferences.value?.default_symbol
	const strategyId = useSignal(first.id)
	const symbolName = useSignal((symbols.find((one) => one.symbol === usual) ?? symbols[0]!).symbol)
	const interval = useSignal(again?.interval ?? '')
	const from = useSignal(dayOf(again?.from))
	const to = useSignal(lastDayOf(again?.to))
	const cash = useSignal(again?.cash ?? '10000')
	const detail = useSignal(again?.detail_interval ?? '')
	const options = useSignal<OptionTexts>(textsOf(again))
	const flags = useSignal<Flags>(flagsOf(again))
	const tried = useSignal(false)

	const strategy = strategies.find((one) => one.id === strategyId.value) ?? first
	const symbol = symbols.find((one) => one.symbol === symbolName.value)!
	const intervals = usableIntervals(symbol)
	const own = intervalOf(strategy.definition)
	const chosen = intervals.includes(interval.value) ? interval.value : own && intervals.includes(own) ? own : intervals[0] ?? ''

	const body = (): BacktestRequest | null => {
		tried.value = true
		if (!isDecimal(cash.value) || optionsFaulty(options.value) || backwards(from.value, to.value)) return null
		const request: BacktestRequest = {
			strategy_id: strategy.id, symbol: symbol.symbol, interval: chosen, cash: cash.value.trim().replace(',', '.'),
			...optionsBody(options.value, flags.value),
		}
		if (from.value) request.from = `${from.value}T00:00:00Z`
		if (to.value) request.to = dayAfter(to.value)
		if (finerIntervals(symbol, chosen).includes(detail.value)) request.detail_interval = detail.value
		return request
	}
	return {
		strategies, symbols, strategy, symbol, params: paramsOf(strategy.definition), chosen, intervals, tried,
		strategyId, symbolName, interval, from, to, cash, detail, options, flags, body,
	}
}

const backwards = (from: string, to: string): boolean => Boolean(from && to && from > to)

interface PartProps {
	form: RunForm
	problem: Problem | null
}

export function Market({ form, problem, changed }: PartProps & { changed?: () => void }) {
	const { strategies, symbols, symbol, from, to } = form
	const fault = (name: string): string => faultOf(problem, `/${name}`)
	const firstDay = dayOf(symbol.series.map((one) => one.first).sort()[0])
	const lastDay = dayOf(symbol.series.map((one) => one.last).sort().at(-1))
	const order = backwards(from.value, to.value) ? 'The end lies before the beginning.' : ''
	return (
		<Panel title="Rules and market">
			<SelectField label="Strategy" value={form.strategy.id} fault={fault('strategy_id')}
				onValue={(value) => { form.strategyId.value = value; changed?.() }}
				options={strategies.map((one) => ({ value: one.id, label: `${one.name} (version ${one.version})` }))} />
			<div class="fields">
				<SelectField label="Symbol" value={symbol.symbol} fault={fault('symbol')} hint={`Candles from ${firstDay} to ${lastDay}`}
					onValue={(value) => (form.symbolName.value = value)} options={symbols.map((one) => ({ value: one.symbol, label: one.symbol }))} />
				<SelectField label="Interval" value={form.chosen} fault={fault('interval')} onValue={(value) => (form.interval.value = value)}
					options={form.intervals.map((value) => ({ value, label: value }))} />
				<TextField label="From" type="date" min={firstDay} max={lastDay} hint="Empty: all there is" fault={fault('from')}
					value={from.value} onValue={(value) => (from.value = value)} />
				<TextField label="To, this day included" type="date" min={firstDay} max={lastDay} fault={fault('to') || order}
					value={to.value} onValue={(value) => (to.value = value)} />
			</div>
		</Panel>
	)
}

type OptionRow = typeof feeOption

function OptionFields({ form, problem, rows }: PartProps & { rows: OptionRow[] }) {
	const texts = form.options
	return (
		<div class="fields tight">
			{rows.map((row) => (
				<TextField key={row.name} label={row.label} name={row.name} inputMode="decimal" autocomplete="off" hint={row.hint}
					fault={faultOf(problem, `/${row.name}`) || (form.tried.value && optionFault(row, texts.value[row.name] ?? ''))  || ''}
					value={texts.value[row.name] ?? ''} onValue={(value) => (texts.value = { ...texts.value, [row.name]: value })} />
			))}
		</div>
	)
}

const FlagFields = ({ form, rows }: { form: RunForm; rows: { name: FlagName; label: string; hint: string }[] }) => (
	<>
		{rows.map(({ name, label, hint }) => (
			<CheckField key={name} label={label} hint={hint} checked={form.flags.value[name]}
				onValue={(value) => (form.flags.value = { ...form.flags.value, [name]: value })} />
		))}
	</>
)

const basicFlags: { name: FlagName; label: string; hint: string }[] = [
	{ name: 'whole_units', label: 'Whole units only', hint: 'Shares, not fractions of coins.' },
	{ name: 'fill_on_close', label: 'Fill on the same close', hint: 'Otherwise on the next open, which is the honest choice.' },
	{ name: 'finalize', label: 'Close what is open at the end', hint: '' },
]

function Detail({ form, problem }: PartProps) {
	const finer = finerIntervals(form.symbol, form.chosen)
	if (!finer.length) return null
	return (
		<SelectField label="Look inside candles with" value={finer.includes(form.detail.value) ? form.detail.value : ''} fault={faultOf(problem, '/detail_interval')}
			hint="Finer candles tell whether a stop or a target came first." onValue={(value) => (form.detail.value = value)}
			options={[{ value: '', label: 'Nothing: the worse side comes first' }, ...finer.map((value) => ({ value, label: `${value} candles` }))]} />
	)
}

/* Open from the beginning when something in it is set, so that nothing acts unseen. */
const anySet = (form: RunForm, rows: { name: OptionName }[], flags: { name: FlagName }[]): boolean =>
	rows.some(({ name }) => form.options.value[name]) || flags.some(({ name }) => form.flags.value[name])

interface MoneyProps extends PartProps {
	/* what only one kind of run has */
	children?: ComponentChildren
}

export function Money({ form, problem, children }: MoneyProps) {
	const unit = currency.value ? `, ${currency.value}` : ''
	const fault = form.tried.value && !isDecimal(form.cash.value) ? 'Give an amount such as 10000.' : ''
	const costs = useRef(anySet(form, costOptions, costFlags))
	const advanced = useRef(anySet(form, advancedOptions, advancedFlags) || Boolean(form.detail.value))
	return (
		<Panel title="Money and fills">
			<div class="fields">
				<TextField label={`Cash${unit}`} name="cash" inputMode="decimal" required autocomplete="off" fault={faultOf(problem, '/cash') || fault}
					value={form.cash.value} onValue={(value) => (form.cash.value = value)} />
				<TextField label={feeOption.label} name="fee" inputMode="decimal" autocomplete="off"
					fault={faultOf(problem, '/fee') || (form.tried.value && optionFault(feeOption, form.options.value.fee ?? '')) || ''}
					value={form.options.value.fee ?? ''} onValue={(value) => (form.options.value = { ...form.options.value, fee: value })} />
			</div>
			<FlagFields form={form} rows={basicFlags} />
			<details open={costs.current}>
				<summary>Costs and orders</summary>
				<OptionFields form={form} problem={problem} rows={costOptions} />
				<FlagFields form={form} rows={costFlags} />
			</details>
			<details open={advanced.current}>
				<summary>Advanced</summary>
				<OptionFields form={form} problem={problem} rows={advancedOptions} />
				<Detail form={form} problem={problem} />
				<FlagFields form={form} rows={advancedFlags} />
				{children}
			</details>
		</Panel>
	)
}

/* Pointers that the parts above show themselves. */
export const shownPointers = [
	'strategy_id', 'symbol', 'interval', 'from', 'to', 'cash', 'detail_interval',
	...[feeOption, ...costOptions, ...advancedOptions].map(({ name }) => name),
].map((name) => `/${name}`)
