/*
 * The money of one run: cash and at most one position, in integers scaled
 * by 1e-8, with 128 bits in between and every result checked. A position is
 * a contract for difference: opening pays the commission only, closing adds
 * the profit. Never a double in a sum of money.
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

struct ledger {
	int64_t cash;
	int64_t commission_rate;
	int64_t quantity; /* negative: short; 0: no position */
	int64_t entry_price;
	int64_t entry_commission;
	bool whole_units;
};

/* What closing a position gave. */
struct ledger_close {
	int64_t quantity, entry_price, exit_price;
	int64_t commission; /* both sides */
	int64_t profit;	    /* after commission */
};

/* Exactly, or ERR_BAD_INPUT. */
MUST_CHECK enum err ledger_units(struct decimal value, int64_t *out);
struct decimal ledger_decimal(int64_t units);
/* A price of a candle; ERR_BAD_INPUT when it rounds to 0 or is too large. */
MUST_CHECK enum err ledger_price(double price, int64_t *out);
double ledger_double(int64_t units);
/* price * (100 + percent) / 100; percent scaled too and below 0 for less. */
MUST_CHECK enum err ledger_move(int64_t price, int64_t percent, int64_t *out);
/*
 * The quantity that the rules buy or sell at this price, commission
 * included, rounded down; 0 when it is nothing or cannot be paid.
 */
MUST_CHECK enum err ledger_quantity(const struct ledger *ledger,
	const struct rules *rules, int64_t price, int64_t *out);
/* No position is open; quantity is not 0. */
MUST_CHECK enum err ledger_open(
	struct ledger *ledger, int64_t quantity, int64_t price);
MUST_CHECK enum err ledger_close(
	struct ledger *ledger, int64_t price, struct ledger_close *out);

#endif
