/*
 * How much of a result may be luck: the order of the trades, which trades
 * there were, and whether a mean return differs from nothing. Pure: one seed
 * always gives the same numbers. Methods and sources: docs/statistics.md.
 */
#ifndef ENGINE_SIGNIFICANCE_H
#define ENGINE_SIGNIFICANCE_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

enum {
	SIGNIFICANCE_ROUNDS = 1000, /* the usual number */
	SIGNIFICANCE_ROUNDS_LIMIT = 10000
};

/* Fewer rounds are made when rounds x values would pass this. */
static const int64_t significance_steps_limit = 10000000;

struct significance_setup {
	double cash;	       /* > 0 */
	const double *profits; /* of the trades, money, in their order */
	const double *returns; /* of the trades, fractions */
	size_t trade_count;
	const double *daily; /* returns of days, fractions */
	size_t daily_count;
	int64_t seed;
	int64_t rounds; /* cut to 1..SIGNIFICANCE_ROUNDS_LIMIT */
};

struct significance_spread {
	double p5, p50, p95;
};

/* Two-sided bounds hold the middle 95 %; NaN where undefined. */
struct significance_mean {
	double mean_pct, low_pct, high_pct;
	double p_value; /* that a mean of 0 gives one as large; one-sided */
};

struct significance {
	int64_t seed;
	int64_t rounds; /* made for each of the trades' figures */
	/* the same trades in another order: the end is the same */
	struct significance_spread order_drawdown_pct;
	/* as many trades drawn from them, with replacement */
	struct significance_spread drawn_drawdown_pct;
	struct significance_spread drawn_equity;
	double drawn_loss_share; /* of those that end below the cash */
	double drawn_ruin_share; /* of those that lose it all */
	struct significance_mean trade;
	/* days, drawn in stretches (stationary bootstrap) */
	int64_t daily_rounds;
	double daily_stretch; /* mean length, days */
	struct significance_mean daily;
	double daily_sharpe_low, daily_sharpe_high; /* not annualised */
};

/* Scratch memory is taken from the arena: a few doubles a round and trade. */
void significance_compute(struct arena *arena,
	const struct significance_setup *setup, struct significance *out);

#endif
