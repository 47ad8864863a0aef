/*
 * A finished run as JSON, part by part: what the API keeps and what the
 * operator's program prints.
 */
#ifndef DOMAIN_BACKTEST_REPORT_H
#define DOMAIN_BACKTEST_REPORT_H

#include "backtest.h"
#include "shape.h"
#include "stats_report.h"

enum {
	EQUITY_POINTS = 2000
};

struct raw_json backtest_stats_json(
	struct arena *arena, const struct backtest_result *result);
/* At most EQUITY_POINTS of [ms, value]: first, last, and the extremes of
   each stretch between them, so that no peak or trough is lost. */
struct raw_json backtest_equity_json(struct arena *arena,
	const struct candles *candles, const double *equity);
struct raw_json backtest_trades_json(
	struct arena *arena, const struct backtest_trade *trades, size_t count);
/* Bounded by the report's own lists: below 256 KiB. */
struct raw_json backtest_report_json(
	struct arena *arena, const struct stats_report *report);

#endif
