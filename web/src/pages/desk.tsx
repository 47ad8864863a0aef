/* Trading, portfolio and risk: one look at the account for the three, one bar above them. */
import type { ComponentChild } from 'preact'
import type { Kind } from '../ui/kinds'
import { Kinds } from '../ui/kinds'
import { DeskBar } from '../ui/desk_bar'
import { Title } from '../ui/shell'
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
	const desk = useDesk()
	const { title, sub, show } = pages[place]
	return (
		<>
			<DeskBar desk={desk} venue={desk.portfolio.data.value?.venue ?? null} />
			<Title key={place} title={title} sub={sub} />
			<Kinds at={title} kinds={kinds} label="The desk" />
			{show(desk)}
		</>
	)
}
