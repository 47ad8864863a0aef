/*
 * What a fill costs: the same for a backtest and for the paper venue. Prices,
 * quantities and money are integers scaled by 1e-8; fractions too.
 */
#ifndef ENGINE_LEDGER_COSTS_H
#define ENGINE_LEDGER_COSTS_H

#include <stdbool.h>
#include <stdint.h>

#include "decimal.h"
#include "err.h"

enum {
	LEDGER_SCALE = 8,
	LEDGER_ONE = 100000000
};

struct ledger_costs {
	int64_t fee_maker, fee_taker; /* of the traded value */
	int64_t fee_fixed;	      /* money a fill */
	int64_t spread, slippage;     /* of the price */
	int64_t tick;		      /* prices are multiples; 0: of nothing */
	int64_t step;		      /* quantities are multiples; >= 1 */
	int64_t min_value;	      /* of an entry */
	int64_t margin;		      /* of the value, held; LEDGER_ONE: all */
};

/* Exactly, or ERR_BAD_INPUT. */
MUST_CHECK enum err ledger_units(struct decimal value, int64_t *out);
struct decimal ledger_decimal(int64_t units);
/* value * by / 1e8, half to even. */
MUST_CHECK enum err ledger_times(int64_t value, int64_t by, int64_t *out);
/* amount * part / whole, half to even; whole > 0, and the result must fit. */
int64_t ledger_share(int64_t amount, int64_t part, int64_t whole);
/* The money of a quantity at a price, half to even. */
MUST_CHECK enum err ledger_value(int64_t quantity, int64_t price, int64_t *out);
/*
 * What is paid or got at this price: half the spread against us, slippage too
 * unless the order rests at its price, then rounded to the tick, all of it
 * adversely. ERR_BAD_INPUT when nothing is left of the price.
 */
MUST_CHECK enum err ledger_fill(const struct ledger_costs *costs, int64_t price,
	bool buys, bool rests, int64_t *out);
/* The fee of a fill of that quantity at that price; rests: as a maker. */
MUST_CHECK enum err ledger_charge(const struct ledger_costs *costs,
	int64_t quantity, int64_t price, bool rests, int64_t *out);

#endif
