/* All that is about simulated runs, as one script that is fetched when one is shown. */
import type { ComponentChild } from 'preact'
import { BacktestPage } from './backtest'
import { BacktestNew } from './backtest_new'
import { Lost } from './lost'
import { Sweeps, Walks } from './searches'
import { SweepPage } from './sweep'
import { SweepNew } from './sweep_new'
import { WalkPage } from './walk'
import { WalkNew } from './walk_new'

export interface RunsProps {
	/* what stands behind "backtests" in the address */
	parts: string[]
	query: URLSearchParams
}

function sweepPlace(which: string | undefined, query: URLSearchParams): ComponentChild {
	if (!which) return <Sweeps />
	return which === 'new' ? <SweepNew key={String(query)} query={query} /> : <SweepPage key={which} id={which} />
}

function walkPlace(which: string | undefined, query: URLSearchParams): ComponentChild {
	if (!which) return <Walks />
	return which === 'new' ? <WalkNew key={String(query)} query={query} /> : <WalkPage key={which} id={which} />
}

export function Runs({ parts, query }: RunsProps) {
	const [place, which, extra] = parts
	if (extra !== undefined || !place) return <Lost />
	if (place === 'sweeps') return <>{sweepPlace(which, query)}</>
	if (place === 'walk-forward') return <>{walkPlace(which, query)}</>
	if (which) return <Lost />
	return place === 'new' ? <BacktestNew key={String(query)} query={query} /> : <BacktestPage key={place} id={place} />
}
