/* What the account is worth and how that came, its positions, its beginning anew. */
import { useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { EQUITY_MOST, equity, reset } from '../desk'
import { curveOf, equityWords, venueWord } from '../lib/desk'
import type { Portfolio } from '../lib/desk_types'
import { amount, isDecimal, moment, number, tone } from '../lib/format'
import { timeZone } from '../theme'
import { Curve } from '../ui/curve'
import { Modal } from '../ui/dialog'
import { TextField, faultOf, onSubmit } from '../ui/field'
import { useAction, useLoad } from '../ui/load'
import { Panel } from '../ui/shell'
import { Totals } from '../ui/totals'
import { ProblemBox, Ready } from '../ui/states'
import { toast } from '../ui/toast'
import { useChanged } from '../ui/use_changed'
import type { Desk } from '../ui/use_desk'
import { Positions } from './positions'

const figures: { name: keyof Portfolio & string; label: string; signed?: true }[] = [
	{ name: 'equity', label: 'Equity' },
	{ name: 'cash', label: 'Cash' },
	{ name: 'exposure', label: 'In positions' },
	{ name: 'day_change', label: 'Today', signed: true },
	{ name: 'realised', label: 'Realised', signed: true },
	{ name: 'unrealised', label: 'Unrealised', signed: true },
	{ name: 'fees', label: 'Fees' },
]
const signed = (value: string): string => (Number(value) > 0 ? `+${number(value)}` : number(value))

const Figures = ({ portfolio }: { portfolio: Portfolio }) => (
	<dl class="headline">
		{figures.map(({ name, label, signed: plus }) => {
			const value = portfolio[name] as string
			return <div key={name} data-stat={name}><dt>{label}</dt><dd class={plus ? tone(value) : ''}>{plus ? signed(value) : number(value)}</dd></div>
		})}
	</dl>
)

function EquityCurve({ desk, portfolio }: { desk: Desk; portfolio: Portfolio }) {
	const loaded = useLoad(() => equity(portfolio.account), [portfolio.account])
	useChanged(desk.trace, loaded.reload)
	const recorded = loaded.data.value
	/* The same points while nothing has changed: a new list is a new picture. */
	const points = useMemo(() => curveOf(portfolio, recorded ?? [], EQUITY_MOST, Date.now()), [recorded, portfolio.account, portfolio.equity])
	return (
		<Ready of={loaded}>
			{() => <Curve points={points} summary={equityWords(points)} cash={Number(portfolio.start_balance)} currency={portfolio.asset ?? ''} />}
		</Ready>
	)
}

function Reset({ close, done }: { close: () => void; done: (portfolio: Portfolio) => void }) {
	const balance = useSignal('')
	const { busy, problem, run } = useAction()
	const typed = balance.value.trim().replace(',', '.')
	const fault = faultOf(problem.value, '/balance') || (typed && !(isDecimal(typed) && Number(typed) > 0) ? 'Give an amount above 0, such as 10000.' : '')
	const submit = (): void => void (!fault && run(async () => done(await reset(typed))))
	return (
		<Modal title="Begin the paper account anew?" close={close}>
			<form onSubmit={onSubmit(submit)} noValidate>
				<p>Open orders are cancelled, positions and money are gone. What was traded before stays in the history.</p>
				<TextField label="Money to begin with" hint="Empty: the server’s usual." inputMode="decimal" autocomplete="off" fault={fault}
					value={balance.value} onValue={(value) => { balance.value = value; problem.value = null }} />
				{problem.value && <ProblemBox problem={problem.value} shown={['/balance']} />}
				<div class="row end">
					<button type="button" class="button plain" onClick={close}>Leave it</button>
					<button type="submit" class="button danger" disabled={busy.value}>Begin anew</button>
				</div>
			</form>
		</Modal>
	)
}

export function PortfolioPage({ desk }: { desk: Desk }) {
	const resetting = useSignal(false)
	const done = (portfolio: Portfolio): void => {
		resetting.value = false
		desk.portfolio.data.value = portfolio
		toast('The paper account began anew')
		desk.refresh()
	}
	return (
		<Ready of={desk.portfolio}>
			{(portfolio) => (
				<>
					<Figures portfolio={portfolio} />
					<div class="panels">
						<Positions desk={desk} symbols={[]} />
						<EquityCurve desk={desk} portfolio={portfolio} />
						<Totals totals={portfolio.totals} />
						<Panel title="Account" note={`Number ${portfolio.account}`}>
							<p>
								{portfolio.run_id === null ? 'By hand' : 'Of a strategy'}, {venueWord(portfolio.venue)}. Began
								with {amount(portfolio.start_balance, 2)} {portfolio.asset ?? ''} on {moment(portfolio.opened_at, timeZone.value)}.
								{portfolio.closed && ' Closed: nothing is traded in it any more.'}
							</p>
							{portfolio.venue === 'paper' && portfolio.run_id === null && !portfolio.closed && (
								<p class="submit"><button type="button" class="button" onClick={() => (resetting.value = true)}>Begin the paper account anew</button></p>
							)}
						</Panel>
					</div>
					{resetting.value && <Reset close={() => (resetting.value = false)} done={done} />}
				</>
			)}
		</Ready>
	)
}
