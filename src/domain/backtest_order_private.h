/*
 * What is to be run: a request checked, its definition found and compiled,
 * its candles loaded; and the same again from what was kept of it. Shared by
 * single backtests and by searches, whose bodies begin with the same members.
 */
#ifndef DOMAIN_BACKTEST_ORDER_PRIVATE_H
#define DOMAIN_BACKTEST_ORDER_PRIVATE_H

#include "backtest.h"
#include "backtests.h"
#include "market.h"

enum {
	BACKTEST_TRADES = 20000, /* most trades of one run */
	TRADES_SHOWN = 500,	 /* of them, with the result itself */
	CANDLE_BYTES = 48	 /* one candle's six columns */
};

/*
 * The members that every body of a run begins with, as rows of a shape.
 * `at` leads to the struct backtest_new inside the struct ("run."), or is
 * empty. A new option of a run is a row here, a member of struct backtest_new, and a line in
 * backtest_options_of().
 */
/* clang-format off */
#define RUN_FIELD(type, at, member, ...)                                   \
	{ .name = #member, .kind = SHAPE_KIND(((type *)0)->at member),     \
	  .offset = offsetof(type, at member), __VA_ARGS__ }
/* What a strategy at work on paper takes as well. */
#define COST_FIELDS(type, at)                                              \
	RUN_FIELD(type, at, fee, .nullable = true,                         \
		.doc = "fraction of the traded value; absent: 0"),         \
	RUN_FIELD(type, at, fee_maker, .nullable = true,                   \
		.doc = "instead of fee: of fills at a resting target"),    \
	RUN_FIELD(type, at, fee_taker, .nullable = true,                   \
		.doc = "instead of fee: of all other fills"),              \
	RUN_FIELD(type, at, fee_fixed, .nullable = true,                   \
		.doc = "money a fill, besides"),                           \
	RUN_FIELD(type, at, spread, .nullable = true,                      \
		.doc = "fraction of the price, half of it against us"),    \
	RUN_FIELD(type, at, slippage, .nullable = true,                    \
		.doc = "fraction of the price, not at targets"),           \
	RUN_FIELD(type, at, tick, .nullable = true,                        \
		.doc = "fills are rounded against us to it"),              \
	RUN_FIELD(type, at, lot, .nullable = true,                         \
		.doc = "quantities are rounded down to it"),               \
	RUN_FIELD(type, at, min_notional, .nullable = true,                \
		.doc = "an entry's least value"),                          \
	RUN_FIELD(type, at, margin, .nullable = true,                      \
		.doc = "fraction of the value that is held; absent: all"), \
	RUN_FIELD(type, at, long_only,                                     \
		.doc = "a short entry only closes"),                       \
	RUN_FIELD(type, at, touch_fills,                                   \
		.doc = "freqtrade's order and prices inside a candle"),    \
	RUN_FIELD(type, at, whole_units,                                   \
		.doc = "no fractions of a unit"),                          \
	RUN_FIELD(type, at, fill_on_close,                                 \
		.doc = "fill at the close that decided, not the next open")
#define RUN_FIELDS(type, at)                                               \
	RUN_FIELD(type, at, strategy_id, .nullable = true, .min = 1,       \
		.max = 64, .doc = "a stored strategy; or a definition"),   \
	RUN_FIELD(type, at, definition, .nullable = true,                  \
		.doc = "rules sent along; or a strategy_id"),              \
	RUN_FIELD(type, at, symbol, .required = true, .min = 1,            \
		.max = 32, .doc = "such as BTC-USD"),                      \
	RUN_FIELD(type, at, interval, .nullable = true,                    \
		.one_of = market_intervals,                                \
		.doc = "absent: the definition's"),                        \
	RUN_FIELD(type, at, detail_interval, .nullable = true,             \
		.one_of = market_intervals,                                \
		.doc = "a smaller one: inside a candle its candles say "   \
		       "what came first"),                                 \
	RUN_FIELD(type, at, from, .nullable = true,                        \
		.doc = "the first open"),                                  \
	RUN_FIELD(type, at, to, .nullable = true,                          \
		.doc = "behind the last open"),                            \
	RUN_FIELD(type, at, cash, .nullable = true,                        \
		.doc = "to begin with; absent: 10000"),                    \
	COST_FIELDS(type, at),                                             \
	RUN_FIELD(type, at, finalize, .otherwise = 1,                      \
		.doc = "close what is open at the last candle")
/* clang-format on */

struct backtest_order {
	/* definition, interval, cash and fee are filled in; strategy_id too
	   when the definition is a stored strategy's */
	struct backtest_new in;
	int64_t strategy_version; /* 0: none */
	struct program *program;  /* with in.params */
	struct backtest_options options;
	bool (*tell)(void *thing, size_t bars); /* as backtest_input's */
	void *thing;
};

struct backtest_options backtest_options_of(const struct backtest_new *in);
/* Checks all that can be checked without candles. Faults at the members. */
MUST_CHECK enum err backtest_order_prepare(struct scope *scope,
	const struct backtest_new *in, struct backtest_order *out);
/* From what was kept, which was filled in by the function above. */
MUST_CHECK enum err backtest_order_again(struct scope *scope,
	const struct backtest_new *in, struct backtest_order *out);
/* Of any struct, as compact JSON by its shape; and back. */
struct raw_json request_write(
	struct arena *arena, const struct shape *shape, const void *value);
MUST_CHECK enum err request_read(struct scope *scope, const struct shape *shape,
	const char *text, void *out);
/* The order's candles, checked. ERR_BAD_INPUT with a fault when there are
   none, or more than the limits allow. */
MUST_CHECK enum err backtest_bars(struct scope *scope,
	const struct limits *limits, const struct backtest_new *in,
	struct candles *out);
/* Those of the detail_interval within these bars; none without one. */
MUST_CHECK enum err backtest_detail(struct scope *scope,
	const struct limits *limits, const struct backtest_new *in,
	const struct candles *bars, struct candles *out);
/* Both. */
struct backtest_series {
	struct candles bars;
	struct candles detail; /* count 0: none */
};
MUST_CHECK enum err backtest_series(struct scope *scope,
	const struct limits *limits, const struct backtest_new *in,
	struct backtest_series *out);
/* How long it would be, before anything is loaded: seldom too much, never too
   little. Faults as backtest_series has them. */
struct backtest_look {
	struct market_span bars;
	int64_t candles; /* those of the detail too */
	int64_t work;	 /* candles times columns */
};
MUST_CHECK enum err backtest_look(struct scope *scope,
	const struct limits *limits, const struct backtest_order *order,
	struct backtest_look *out);
/* Where the detail of these bars begins and ends. */
struct backtest_span {
	int64_t from, to;
};
struct backtest_span backtest_detail_span(
	const struct backtest_new *in, const struct candles *bars);
static inline int64_t backtest_series_count(
	const struct backtest_series *series)
{
	return (int64_t)(series->bars.count + series->detail.count);
}

/* The range as these bars have it: what is imported later changes nothing. */
void backtest_range_pin(struct arena *arena, const struct candles *bars,
	struct backtest_new *in);
/*
 * A run as it is told and kept. The report costs many times what all the rest
 * does (a thousand samples of trades and days), so it is made for those who
 * ask for it (order->in.report); else its text is NULL.
 */
struct backtest_outcome {
	struct raw_json stats, equity, trades, report;
	struct raw_json trades_rest; /* its text NULL: no more */
	const char *fingerprint;
};
MUST_CHECK enum err backtest_outcome(struct scope *scope,
	const struct backtest_order *order,
	const struct backtest_series *series, struct backtest_outcome *out);
/*
 * The report on a run that was kept without one, from its request, which is
 * run again; kept then. Its text is NULL when another result comes out than
 * that of the fingerprint: the candles are not the same any more.
 */
struct backtest_kept {
	const char *id, *request, *fingerprint;
};
MUST_CHECK enum err backtest_report_make(struct scope *scope,
	const struct backtest_kept *kept, struct raw_json *out);

#endif
