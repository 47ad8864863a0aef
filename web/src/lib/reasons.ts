/*
 * Why risk or a venue refused, cut or ended an order, in words: what it means
 * and what one can do. The codes are those of docs/desk.md. Pure.
 */
export interface Reason {
	means: string
	/* empty: there is nothing to do */
	todo: string
}

const reasons: Record<string, Reason> = {
	trading_halted: { means: 'An administrator has stopped trading for everybody.', todo: 'Wait until it is resumed, or ask the administrator.' },
	halted: { means: 'Your trading is halted.', todo: 'Resume it on the risk page when you know why it was halted.' },
	reducing_only: { means: 'Your account only reduces: an order may shrink a position, not open one.', todo: 'Set the state to active on the risk page, or trade less than you hold.' },
	reduce_only: { means: 'The order may only shrink a position, and there was none to shrink, or not enough.', todo: 'Look at the position, and take “reduce only” off if you mean to open one.' },
	short_not_allowed: { means: 'You would sell more than you hold, and short positions are not allowed.', todo: 'Sell at most what you hold and is not in other sell orders, or allow short positions on the risk page.' },
	symbol_not_allowed: { means: 'The symbol is not among those that you allowed.', todo: 'Add it to the allowed symbols on the risk page.' },
	no_price: { means: 'Nobody knows a price of this symbol: it has no candles.', todo: 'Choose another symbol, or have its candles imported.' },
	stale_price: { means: 'The last price is too old to open a position at the market.', todo: 'Wait for a newer candle, or give a limit order: that may rest.' },
	price_collar: { means: 'The limit is too far on the wrong side of the last price.', todo: 'Look for a slipped digit; else take a nearer price, or widen the collar on the risk page.' },
	max_order_value: { means: 'The order is worth more than one order may be.', todo: 'Take a smaller quantity, or raise the limit on the risk page.' },
	max_symbol_value: { means: 'With the position and the open orders, this symbol would be worth more than it may.', todo: 'Take a smaller quantity, cancel open orders of the symbol, or raise the limit on the risk page.' },
	max_account_value: { means: 'All positions and open orders together would be worth more than they may.', todo: 'Take a smaller quantity, cancel open orders, or raise the limit on the risk page.' },
	insufficient_funds: { means: 'The money does not cover it: equity has to pay for all positions and open orders.', todo: 'Take a smaller quantity, or cancel open orders. Nothing is borrowed.' },
	max_open_orders: { means: 'There are as many open orders as there may be.', todo: 'Cancel one, or raise the limit on the risk page.' },
	max_positions: { means: 'There are positions in as many symbols as there may be.', todo: 'Close one, or raise the limit on the risk page.' },
	order_rate: { means: 'Too many orders within a minute; denied ones count too.', todo: 'Wait a minute.' },
	daily_loss: { means: 'The day’s loss has reached your limit: only orders that shrink a position are taken until midnight UTC.', todo: 'Stop for today. The limit is on the risk page.' },
	drawdown: { means: 'The fall from the highest equity has reached your limit: only orders that shrink a position are taken.', todo: 'Look at what went wrong before you change the limit on the risk page.' },
	post_only: { means: 'It would have filled at once, and it was to rest only.', todo: 'Move the price away from the market, or take “post only” off.' },
	oco: { means: 'The other order of its pair was filled.', todo: '' },
	cancelling: { means: 'The exchange has been asked to cancel it, and has not said yet that it did.', todo: '' },
	amending: { means: 'The exchange has been asked to cancel it; then what is left is given again with the new terms. Until then the old ones hold.', todo: '' },
	amend_too_late: { means: 'It was filled before the change reached the exchange. Nothing more was sent.', todo: '' },
	amend_overtaken: { means: 'More of it was filled than it was to be changed to, before the exchange cancelled it. The rest is over.', todo: '' },
	reset: { means: 'The paper account was begun anew.', todo: '' },
}

export const reasonOf = (code: string): Reason =>
	reasons[code] ?? { means: code.replaceAll('_', ' '), todo: '' }

export const knownReasons = Object.keys(reasons)

/* "risk refuses the change: max_order_value" of a change that was refused. */
export const reasonInFault = (message: string): Reason | null => {
	const code = /risk refuses the change: ([a-z_]+)$/.exec(message)?.[1]
	return code ? reasonOf(code) : null
}
