/*
 * Statistics of one run, taken bar by bar while the run goes on: open, give
 * it each block of candles with its equity, finish. Any cut into blocks gives
 * the same bits. Whatever is undefined is NaN, never infinite. Definitions
 * and their sources: docs/statistics.md.
 */
#ifndef ENGINE_STATS_H
#define ENGINE_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "candles.h"

struct backtest_trade;

/* backtesting.py's definitions. Percentages are in percent, NaN where
   undefined; durations in ms, 0 where undefined. */
struct backtest_stats {
	int64_t start, end, duration_ms;
	double exposure_pct, equity_final, equity_peak, commissions;
	double return_pct, buy_hold_return_pct, return_ann_pct;
	double volatility_ann_pct, cagr_pct, sharpe, sortino, calmar;
	double alpha_pct, beta, max_drawdown_pct, avg_drawdown_pct;
	int64_t max_drawdown_duration_ms, avg_drawdown_duration_ms;
	int64_t trades;
	double win_rate_pct, best_trade_pct, worst_trade_pct, avg_trade_pct;
	int64_t max_trade_duration_ms, avg_trade_duration_ms;
	double profit_factor, expectancy_pct, sqn, kelly;
};

enum stats_kind {
	STATS_TIME, /* int64_t, ms UTC */
	STATS_INT,  /* int64_t */
	STATS_DOUBLE
};

/* The members of struct backtest_stats in their order, for all who go
   through them by name. The last row has no name. */
struct stats_member {
	const char *name;
	enum stats_kind kind;
	size_t offset;
};
extern const struct stats_member stats_members[];

struct stats_setup {
	double cash; /* before the first bar, > 0 */
};

/* What is known when the last block has been given. Trades stand in the
   order of their exits, and live as long as the statistics. */
struct stats_end {
	int64_t base_time; /* of the bar at whose close holding begins */
	double base_close; /* > 0 */
	const struct backtest_trade *trades;
	size_t trade_count;
	size_t refused_entries;
	bool ruined, limited;
};

/* One run's statistics while they are collected; lives in the arena. */
struct stats;

NEVER_NULL struct stats *stats_open(
	struct arena *arena, const struct stats_setup *setup);
/* The next bars, of any number; the same number of values of equity, each
   >= 0. Candles have passed candles_check() and go on ascending in time. */
void stats_block(
	struct stats *stats, const struct candles *block, const double *equity);
/* Once, after at least one bar. */
void stats_finish(struct stats *stats, const struct stats_end *end,
	struct backtest_stats *out);

#endif
