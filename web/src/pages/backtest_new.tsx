/* A new backtest: what, on which market, over which time, with how much. */
import { useSignal } from '@preact/signals'
import { all, get, post } from '../api'
import { intervalOf, paramFault, paramsOf } from '../lib/definition'
import { fractionToPercent, isDecimal, percentToFraction } from '../lib/format'
import { href } from '../lib/route'
import type { Backtest, BacktestRequest, MarketSymbol, Strategy } from '../lib/types'
import { currency } from '../theme'
import { preferences } from '../session'
import { CheckField, SelectField, TextField, faultOf, onSubmit } from '../ui/field'
import { useAction, useLoad } from '../ui/load'
import { Params } from '../ui/params'
import { Panel, Title } from '../ui/shell'
import { Empty, ProblemBox, Ready } from '../ui/states'
import { dayAfter, dayOf, usableIntervals } from '../lib/market'

interface FormProps {
	strategies: Strategy[]
	symbols: MarketSymbol[]
	again: BacktestRequest | null
	wanted: string | null
}

function Form({ strategies, symbols, again, wanted }: FormProps) {
	const first = strategies.find((one) => one.id === (again?.strategy_id ?? wanted)) ?? strategies[0]!
	const usual = again?.symbol ?? preferences.value?.default_symbol
	const strategyId = useSignal(first.id)
	const symbolName = useSignal((symbols.find((one) => one.symbol === usual) ?? symbols[0]!).symbol)
	const interval = useSignal(again?.interval ?? '')
	const from = useSignal(dayOf(again?.from))
	const to = useSignal(again?.to ? dayOf(Date.parse(again.to) - 1) : '')
	const cash = useSignal(again?.cash ?? '10000')
	const fee = useSignal(fractionToPercent(again?.fee ?? '0') ?? '0')
	const whole = useSignal(again?.whole_units ?? false)
	const onClose = useSignal(again?.fill_on_close ?? false)
	const finalize = useSignal(again?.finalize ?? true)
	const numbers = useSignal<Record<string, string>>(
		Object.fromEntries(Object.entries(again?.params ?? {}).map(([name, value]) => [name, String(value)])),
	)
	const tried = useSignal(false)
	const { busy, problem, run } = useAction()

	const strategy = strategies.find((one) => one.id === strategyId.value) ?? first
	const symbol = symbols.find((one) => one.symbol === symbolName.value)!
	const params = paramsOf(strategy.definition)
	const intervals = usableIntervals(symbol)
	const own = intervalOf(strategy.definition)
	const chosen = intervals.includes(interval.value) ? interval.value : own && intervals.includes(own) ? own : intervals[0] ?? ''
	const firstDay = dayOf(symbol.series.map((one) => one.first).sort()[0])
	const lastDay = dayOf(symbol.series.map((one) => one.last).sort().at(-1))
	const cashFault = tried.value && !isDecimal(cash.value) ? 'Give an amount such as 10000.' : ''
	const feeFault = tried.value && percentToFraction(fee.value) === null ? 'Give a percentage such as 0.1.' : ''
	const orderFault = from.value && to.value && from.value > to.value ? 'The end lies before the beginning.' : ''

	const submit = (): void => {
		tried.value = true
		const fraction = percentToFraction(fee.value)
		const turned = params.filter((param) => Number(numbers.value[param.name] ?? param.value) !== param.value)
		if (!isDecimal(cash.value) || fraction === null || orderFault) return
		if (turned.some((param) => paramFault(param, numbers.value[param.name]!))) return
		const body: BacktestRequest = {
			strategy_id: strategy.id, symbol: symbol.symbol, interval: chosen,
			cash: cash.value.trim().replace(',', '.'), fee: fraction,
			whole_units: whole.value, fill_on_close: onClose.value, finalize: finalize.value,
		}
		if (from.value) body.from = `${from.value}T00:00:00Z`
		if (to.value) body.to = dayAfter(to.value)
		if (turned.length) body.params = Object.fromEntries(turned.map((param) => [param.name, Number(numbers.value[param.name])]))
		void run(async () => {
			const done = await post<Backtest>('backtests', body)
			location.hash = href(['backtests', done.id])
		})
	}
	const fault = (name: string): string => faultOf(problem.value, `/${name}`)
	const shown = ['strategy_id', 'symbol', 'interval', 'from', 'to', 'cash', 'fee'].map((name) => `/${name}`)
	const unit = currency.value ? `, ${currency.value}` : ''

	return (
		<form onSubmit={onSubmit(submit)}>
			<div class="panels two">
				<Panel title="Rules and market">
					<SelectField label="Strategy" value={strategy.id} fault={fault('strategy_id')}
						onValue={(value) => { strategyId.value = value; numbers.value = {} }}
						options={strategies.map((one) => ({ value: one.id, label: `${one.name} (version ${one.version})` }))} />
					<div class="fields">
						<SelectField label="Symbol" value={symbol.symbol} fault={fault('symbol')} hint={`Candles from ${firstDay} to ${lastDay}`}
							onValue={(value) => (symbolName.value = value)} options={symbols.map((one) => ({ value: one.symbol, label: one.symbol }))} />
						<SelectField label="Interval" value={chosen} fault={fault('interval')} onValue={(value) => (interval.value = value)}
							options={intervals.map((value) => ({ value, label: value }))} />
						<TextField label="From" type="date" min={firstDay} max={lastDay} hint="Empty: all there is" fault={fault('from')}
							value={from.value} onValue={(value) => (from.value = value)} />
						<TextField label="To, this day included" type="date" min={firstDay} max={lastDay} fault={fault('to') || orderFault}
							value={to.value} onValue={(value) => (to.value = value)} />
					</div>
				</Panel>
				<Panel title="Money and fills">
					<div class="fields">
						<TextField label={`Cash${unit}`} name="cash" inputMode="decimal" required autocomplete="off" fault={fault('cash') || cashFault}
							value={cash.value} onValue={(value) => (cash.value = value)} />
						<TextField label="Fee a side, %" name="fee" inputMode="decimal" required autocomplete="off" fault={fault('fee') || feeFault}
							value={fee.value} onValue={(value) => (fee.value = value)} />
					</div>
					<CheckField label="Whole units only" hint="Shares, not fractions of coins." checked={whole.value} onValue={(value) => (whole.value = value)} />
					<CheckField label="Fill on the same close" hint="Otherwise on the next open, which is the honest choice." checked={onClose.value} onValue={(value) => (onClose.value = value)} />
					<CheckField label="Close what is open at the end" checked={finalize.value} onValue={(value) => (finalize.value = value)} />
				</Panel>
				{params.length > 0 && (
					<Panel title="Numbers for this run" note="The strategy itself stays as it is">
						<Params params={params} texts={numbers.value} onText={(name, text) => (numbers.value = { ...numbers.value, [name]: text })} />
					</Panel>
				)}
			</div>
			{problem.value && <ProblemBox problem={problem.value} shown={shown} retry={submit} />}
			<p class="submit">
				<button type="submit" class="button primary large" disabled={busy.value}>{busy.value ? 'Running…' : 'Run the backtest'}</button>
			</p>
		</form>
	)
}

export function BacktestNew({ query }: { query: URLSearchParams }) {
	const loaded = useLoad(async () => {
		const source = query.get('like')
		const [strategies, symbols, like] = await Promise.all([
			all<Strategy>('strategies'),
			get<{ data: MarketSymbol[] }>('market/symbols'),
			source ? get<Backtest>(`backtests/${encodeURIComponent(source)}`) : null,
		])
		return { strategies, symbols: symbols.data.filter((one) => one.series.length > 0), again: like?.request ?? null }
	}, [])
	return (
		<>
			<Title title="New backtest" back={{ href: '#/backtests', label: 'Backtests' }} />
			<Ready of={loaded}>
				{({ strategies, symbols, again }) => {
					if (!strategies.length) return <Empty title="There is no strategy to run."><p><a class="button primary" href="#/strategies/new">Choose a template</a></p></Empty>
					if (!symbols.length) return <Empty title="There are no candles to run on."><p>The operator imports them with <code>kontor import</code>.</p></Empty>
					return <Form strategies={strategies} symbols={symbols} again={again} wanted={query.get('strategy')} />
				}}
			</Ready>
		</>
	)
}
