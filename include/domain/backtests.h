/*
 * A user's backtests: one run of a stored strategy, or of a definition sent
 * along, over stored candles; the result is kept. A run that takes longer
 * than a request may is queued (runs.h) and computed by `kontor work`.
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
	/* a smaller one, whose candles lead through those of the interval; or
	   NULL */
	const char *detail_interval;
	const struct timestamp *from, *to;
	const struct decimal *cash; /* NULL: 10000 */
	const struct decimal *fee;  /* fraction; NULL: 0 */
	/* instead of fee, each 0 when only the other is given */
	const struct decimal *fee_maker, *fee_taker;
	/* NULL: 0, which costs nothing (engine/backtest.h) */
	const struct decimal *fee_fixed, *spread, *slippage;
	const struct decimal *tick, *lot, *min_notional, *margin;
	bool long_only;
	bool touch_fills;
	bool whole_units;
	bool fill_on_close;
	bool finalize; /* default true */
	/* of a single backtest alone */
	int64_t seed; /* of its report's samples */
	bool keep;    /* default true; false: run, told, and forgotten */
	bool report;  /* make it at once; else when it is first read */
};
/* The body of a request, and what is kept of it: both are read and written
   by this one table (backtest_order.c). */
extern const struct shape backtest_new_shape;

struct backtest_view {
	const char *id;				/* NULL: it is not kept */
	const char *strategy_id;		/* or NULL */
	int64_t strategy_version;		/* 0 when none */
	const char *symbol, *interval, *status; /* run_state_names */
	int64_t progress;			/* percent */
	const char *error;			/* why it failed, or NULL */
	struct timestamp created_at;
	const char *fingerprint; /* of the result, or NULL */
	const char
		*trades_rest; /* kept, not shown: those behind the first 500 */
	struct raw_json request, stats, equity, trades, report;
};
struct backtest_row { /* in lists: without the long columns */
	const char *id;
	const char *strategy_id;
	int64_t strategy_version;
	const char *symbol, *interval, *status;
	int64_t progress;
	struct timestamp created_at;
	struct raw_json stats; /* null until it is done */
};
/* equity: [[ms, value], ...], at most 2000 points; trades: objects; report:
   an object (docs/statistics.md); null until it is done, and when the candles
   changed before anybody read it. */
struct backtest_part {
	struct raw_json data;
};

/*
 * Runs it at once when it is small (status "done"), else queues it (status
 * "queued"). ERR_RATE_LIMITED or ERR_CONFLICT, with a sentence, over a quota.
 * What is not to be kept has no quota and is never queued: ERR_BAD_INPUT with
 * a fault at /keep when it is not small.
 */
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
MUST_CHECK enum err backtest_report_get(
	struct scope *scope, const char *id, struct backtest_part *out);
/* Cancels one that waits or runs, and keeps it as cancelled; removes one
   that has ended. */
MUST_CHECK enum err backtest_remove(struct scope *scope, const char *id);

#endif
