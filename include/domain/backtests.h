/*
 * A user's backtests: one run of a stored strategy, or of a definition sent
 * along, over stored candles; the result is kept.
 */
#ifndef DOMAIN_BACKTESTS_H
#define DOMAIN_BACKTESTS_H

#include "limits.h"
#include "scope.h"
#include "shape.h"
#include "strategies.h"

struct backtest_new {
	const char *strategy_id; /* exactly one of these two */
	const struct json *definition;
	const struct json *params; /* object of overrides, or NULL */
	const char *symbol;
	const char *interval; /* or NULL: the definition's */
	const struct timestamp *from, *to;
	const struct decimal *cash; /* NULL: 10000 */
	const struct decimal *fee;  /* fraction; NULL: 0 */
	bool whole_units;
	bool fill_on_close;
	bool finalize; /* default true */
};
struct backtest_view {
	const char *id;
	const char *strategy_id;		/* or NULL */
	int64_t strategy_version;		/* 0 when none */
	const char *symbol, *interval, *status; /* "done" */
	int64_t progress;			/* percent */
	struct timestamp created_at;
	struct raw_json request, stats, equity, trades;
};
struct backtest_row { /* in lists: without the long columns */
	const char *id;
	const char *strategy_id;
	int64_t strategy_version;
	const char *symbol, *interval, *status;
	struct timestamp created_at;
	struct raw_json stats;
};
/* equity: [[ms, value], ...], at most 2000 points; trades: objects. */
struct backtest_part {
	struct raw_json data;
};

MUST_CHECK enum err backtest_create(struct scope *scope,
	const struct limits *limits, const struct backtest_new *in,
	struct backtest_view *out);
MUST_CHECK enum err backtest_get(
	struct scope *scope, const char *id, struct backtest_view *out);
MUST_CHECK enum err backtest_list(struct scope *scope,
	const struct page_query *in, struct page *out /* backtest_row */);
MUST_CHECK enum err backtest_trades(
	struct scope *scope, const char *id, struct backtest_part *out);
MUST_CHECK enum err backtest_equity(
	struct scope *scope, const char *id, struct backtest_part *out);
MUST_CHECK enum err backtest_remove(struct scope *scope, const char *id);

#endif
