/* What the exchange said of the stored keys, in words. Pure. */
import type { KeyState } from './types'

const rights = ({ rights_known, can_trade, bound_to_address }: KeyState): string =>
	!rights_known ? 'The exchange does not say what they may do.'
		: `They ${can_trade ? 'may' : 'may not'} trade, and may not withdraw${bound_to_address ? '; they hold for given addresses alone' : ''}.`

/* head: a word to see at once; text: what it means. */
export function keyWords(keys: KeyState): { head: string; text: string; bad: boolean } {
	switch (keys.state) {
		case 'missing': return { head: '', text: '', bad: false }
		case 'unchecked': return { head: 'not checked yet', text: 'Binance is asked about them while live trading is on.', bad: false }
		case 'usable': return { head: 'usable', text: rights(keys), bad: false }
		case 'refused': {
			const why = keys.detail ?? keys.reason ?? 'Binance refused them.'
			const next = keys.can_withdraw ? ' Make a key without that right and store it here.' : ' No order leaves with them.'
			return { head: 'refused', text: `${why}${next}`, bad: true }
		}
	}
}
