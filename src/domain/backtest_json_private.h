/* A run's result as the JSON that is kept. */
#ifndef DOMAIN_BACKTEST_JSON_PRIVATE_H
#define DOMAIN_BACKTEST_JSON_PRIVATE_H

#include "backtest.h"
#include "backtest_report.h"
#include "backtests.h"

enum {
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

#endif
