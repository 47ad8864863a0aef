/*
 * The simulator: decisions in, trades and equity out, a block of bars at a
 * time. What it answers for a bar depends on that bar and earlier ones only,
 * never on how the bars were cut into blocks.
 */
#ifndef ENGINE_SIMULATE_PRIVATE_H
#define ENGINE_SIMULATE_PRIVATE_H

#include "backtest.h"
#include "decisions.h"
#include "rules_private.h"
#include "trader.h"

struct sim;

/* Everything is read until sim_finish(). */
struct sim_setup {
	const struct rules *rules;
	const struct backtest_options *options;
	const struct candles *detail; /* finer candles, or NULL */
	int64_t interval;	      /* of a bar, ms; above 0 */
	size_t bars; /* in all; 0: not known, then there is no last one */
	/* or NULL; with one, trades are counted but not kept */
	const struct trader_listener *listener;
};

/* Bars from..from+count-1 of the candles, behind those given before. The
   decisions and the equity, which is written, begin at the first of them. */
struct sim_block {
	const struct candles *candles;
	size_t from, count;
	const struct decisions *decisions;
	double *equity;
};

/* ERR_BAD_INPUT with a fault at each option that cannot be. */
MUST_CHECK enum err sim_open(struct arena *arena, const struct sim_setup *setup,
	struct report *report, struct sim **out);
/* ERR_BAD_INPUT with a fault: an amount left the ledger's range. */
MUST_CHECK enum err sim_block(struct sim *sim, const struct sim_block *block);
/* Sets trades, counts and flags; not equity and statistics. */
void sim_finish(const struct sim *sim, struct backtest_result *out);
/* simulate_save.c: trader.h says what they promise. Without a detail. */
const char *sim_save(const struct sim *sim, struct arena *arena);
MUST_CHECK enum err sim_load(struct sim *sim, const char *text);

#endif
