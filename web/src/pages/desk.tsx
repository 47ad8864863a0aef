/* Trading, portfolio and risk: one look at the account for the three, one bar above them. */
import { useSignal } from '@preact/signals'
import type { ComponentChild } from 'preact'
import { accounts } from '../desk'
import { accountChoice, accountName } from '../lib/desk'
import type { Kind } from '../ui/kinds'
import { Kinds } from '../ui/kinds'
import { DeskBar } from '../ui/desk_bar'
import { SelectField } from '../ui/field'
import { useLoad } from '../ui/load'
import { Title } from '../ui/shell'
import { useChanged } from '../ui/use_changed'
import { useDesk } from '../ui/use_desk'
import type { Desk } from '../ui/use_desk'
import { PortfolioPage } from './portfolio'
import { RiskPage } from './risk'
import { TradingPage } from './trading'

const kinds: Kind[] = [
	{ href: '#/trading', label: 'Trading' },
	{ href: '#/portfolio', label: 'Portfolio' },
	{ href: '#/risk', label: 'Risk' },
]
export type DeskPlace = 'trading' | 'portfolio' | 'risk'
const pages: Record<DeskPlace, { title: string; sub: string; show: (desk: Desk) => ComponentChild }> = {
	trading: { title: 'Trading', sub: 'Every order passes your risk limits before it exists.', show: (desk) => <TradingPage desk={desk} /> },
	portfolio: { title: 'Portfolio', sub: 'What you hold, by its fills alone.', show: (desk) => <PortfolioPage desk={desk} /> },
	risk: { title: 'Risk', sub: 'What no order of yours gets past, by hand, by key or by strategy.', show: (desk) => <RiskPage desk={desk} /> },
}

export function DeskPages({ place }: { place: DeskPlace }) {
	/* 0: by hand on paper */
	const wanted = useSignal(0)
	const books = useLoad(accounts, [])
	const choice = accountChoice(books.data.value ?? [], place === 'trading')
	const account = choice.some((one) => one.account === wanted.value) ? wanted.value : 0
	const desk = useDesk(account)
	const shown = desk.portfolio.data.value
	useChanged(shown?.account ?? 0, books.reload)
	/* failed: with the next look that works */
	useChanged(books.data.value ? 0 : desk.at.value, books.reload)
	const { title, sub, show } = pages[place]
	return (
		<>
			<DeskBar desk={desk} venue={shown?.venue ?? null} />
			<Title key={place} title={title} sub={sub} />
			<Kinds at={title} kinds={kinds} label="The desk" />
			{place !== 'risk' && choice.length > 1 && (
				<div class="fields account-choice">
					<SelectField label="Account" value={String(account || shown?.account || '')} onValue={(value) => (wanted.value = Number(value))}
						options={choice.map((one) => ({ value: String(one.account), label: accountName(one) }))} />
				</div>
			)}
			{show(desk)}
		</>
	)
}
