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

#include "decimal.h"
#include "err.h"
#include "rules_private.h"

enum {
	LEDGER_SCALE = 8,
	LEDGER_ONE = 100000000
};

__extension__ typedef __int128 ledger_wide;

struct ledger_costs {
	int64_t fee_maker, fee_taker; /* of the traded value */
	int64_t fee_fixed;	      /* money a fill */
	int64_t spread, slippage;     /* of the price */
	int64_t tick;		      /* prices are multiples; 0: of nothing */
	int64_t step;		      /* quantities are multiples; >= 1 */
	int64_t min_value;	      /* of an entry */
	int64_t margin;		      /* of the value, held; LEDGER_ONE: all */
};

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

/* Exactly, or ERR_BAD_INPUT. */
MUST_CHECK enum err ledger_units(struct decimal value, int64_t *out);
struct decimal ledger_decimal(int64_t units);
/* A price of a candle; ERR_BAD_INPUT when it rounds to 0 or is too large. */
MUST_CHECK enum err ledger_price(double price, int64_t *out);
double ledger_double(int64_t units);
/* price * (100 + percent) / 100; percent scaled too and below 0 for less. */
MUST_CHECK enum err ledger_move(int64_t price, int64_t percent, int64_t *out);
/* value * by / 1e8, half to even. */
MUST_CHECK enum err ledger_times(int64_t value, int64_t by, int64_t *out);

void ledger_begin(
	struct ledger *ledger, const struct ledger_costs *costs, int64_t cash);
/*
 * What is paid or got at this price: half the spread against us, slippage too
 * unless the order rests at its price, then rounded to the tick, all of it
 * adversely. ERR_BAD_INPUT when nothing is left of the price.
 */
MUST_CHECK enum err ledger_fill(const struct ledger_costs *costs, int64_t price,
	bool buys, bool rests, int64_t *out);
/*
 * The quantity that the rules buy or sell, fees included, rounded down; 0
 * when it is nothing, too little or cannot be paid.
 */
MUST_CHECK enum err ledger_quantity(const struct ledger *ledger,
	const struct rules *rules, const struct ledger_order *order,
	int64_t *out);
/* quantity is not 0 and not against what is held. */
MUST_CHECK enum err ledger_enter(struct ledger *ledger, int64_t quantity,
	int64_t price, struct lot *out);
/* rests: filled as a maker. */
MUST_CHECK enum err ledger_leave(struct ledger *ledger, const struct lot *lot,
	int64_t price, bool rests, struct ledger_close *out);
/* Equity is this plus the quantity times the price. */
double ledger_base(const struct ledger *ledger);

#endif
