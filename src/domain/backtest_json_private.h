/* A run's result as the JSON that is kept. */
#ifndef DOMAIN_BACKTEST_JSON_PRIVATE_H
#define DOMAIN_BACKTEST_JSON_PRIVATE_H

#include "backtest.h"
#include "backtests.h"

enum {
	EQUITY_POINTS = 2000,
	BACKTEST_TRADES = 20000, /* most trades of one run */
	TRADE_BYTES = 512	 /* most that one of them takes */
};

/* What was asked for: enough to run it again. */
struct backtest_order {
	const char *strategy_id; /* or NULL */
	int64_t strategy_version;
	const struct json *definition;
	const struct json *params; /* or NULL */
	const char *symbol, *interval;
	const struct timestamp *from, *to; /* or NULL */
	struct backtest_options options;
};

struct raw_json backtest_request_json(
	struct arena *arena, const struct backtest_order *order);
struct raw_json backtest_stats_json(
	struct arena *arena, const struct backtest_result *result);
/* At most EQUITY_POINTS of [ms, value]: first, last, and the extremes of
   each stretch between them, so that no peak or trough is lost. */
struct raw_json backtest_equity_json(struct arena *arena,
	const struct candles *candles, const double *equity);
struct raw_json backtest_trades_json(
	struct arena *arena, const struct backtest_result *result);

#endif
