/*
 * The money of one run: cash, what is held, and what a fill costs, in
 * integers scaled by 1e-8, with 128 bits in between and every result checked.
 * What is held is a contract for difference: opening pays the fee only,
 * closing adds the profit. Never a double in a sum of money.
 */
#ifndef ENGINE_LEDGER_PRIVATE_H
#define ENGINE_LEDGER_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "ledger_costs.h"
#include "rules_private.h"

__extension__ typedef __int128 ledger_wide;

struct ledger {
	struct ledger_costs costs;
	int64_t cash;
	int64_t quantity; /* of all lots; negative: short */
	ledger_wide cost; /* sum of quantity * entry price, scaled by 1e-16 */
	/* margin + fee_taker in lowest terms: what a unit of value takes */
	int64_t rate, rate_one;
};

/* One entry that is held. */
struct lot {
	int64_t quantity; /* negative: short */
	int64_t price;
	int64_t fee;
};

/* What closing a lot gave. */
struct ledger_close {
	int64_t quantity, entry_price, exit_price;
	int64_t entry_fee, exit_fee;
	int64_t fees;	/* both */
	int64_t profit; /* after fees */
};

/* What a quantity is asked for. */
struct ledger_order {
	int64_t price;	  /* of the fill */
	int64_t mark;	  /* what is held is worth this now */
	int64_t distance; /* from price to stop; SIZING_RISK_PCT */
};

static inline enum err ledger_narrow(ledger_wide value, int64_t *out)
{
	if (value > INT64_MAX || value < INT64_MIN)
		return ERR_BAD_INPUT;
	*out = (int64_t)value;
	return ERR_OK;
}

/* Half to even; by > 0. */
static inline ledger_wide ledger_divide(ledger_wide value, ledger_wide by)
{
	ledger_wide quotient = value / by;
	ledger_wide rest = value - quotient * by; /* sooner than % */
	int sign = value < 0 ? -1 : 1;
	ledger_wide twice = rest * 2 * sign;

	if (twice > by || (twice == by && quotient % 2 != 0))
		quotient += sign;
	return quotient;
}

/* A price of a candle; ERR_BAD_INPUT when it rounds to 0 or is too large. */
MUST_CHECK enum err ledger_price(double price, int64_t *out);
double ledger_double(int64_t units);
/* price * (100 + percent) / 100; percent scaled too and below 0 for less. */
MUST_CHECK enum err ledger_move(int64_t price, int64_t percent, int64_t *out);

void ledger_begin(
	struct ledger *ledger, const struct ledger_costs *costs, int64_t cash);
/*
 * The quantity that the rules buy or sell, fees included, rounded down; 0
 * when it is nothing, too little or cannot be paid.
 */
MUST_CHECK enum err ledger_quantity(const struct ledger *ledger,
	const struct rules *rules, const struct ledger_order *order,
	int64_t *out);
/* Of a value scaled by 1e-16. */
MUST_CHECK enum err ledger_fee(const struct ledger_costs *costs,
	ledger_wide value, bool rests, int64_t *out);
/* quantity is not 0 and not against what is held. */
MUST_CHECK enum err ledger_enter(struct ledger *ledger, int64_t quantity,
	int64_t price, struct lot *out);
/* rests: filled as a maker. */
MUST_CHECK enum err ledger_leave(struct ledger *ledger, const struct lot *lot,
	int64_t price, bool rests, struct ledger_close *out);
/* Equity is this plus the quantity times the price. */
double ledger_base(const struct ledger *ledger);

#endif
