/*
 * Market data, the same for all users: symbols and candles. Larger
 * intervals are built from stored smaller ones.
 */
#ifndef DOMAIN_MARKET_H
#define DOMAIN_MARKET_H

#include "scope.h"
#include "shape.h"

struct candles; /* engine/candles.h */
struct store;

struct symbol_series {
	const char *interval;
	int64_t candles;
	struct timestamp first, last;
};
struct symbol_view {
	const char *symbol, *source;
	int64_t price_scale, volume_scale; /* digits behind the point */
	struct list series;		   /* symbol_series */
	int64_t age_s;			   /* since the last candle's open */
	bool stale; /* its price is older than it ought to be */
	/* of what is fetched, else NULL */
	const struct timestamp *fetched_at;
	const char *last_error;
	const struct timestamp *last_error_at; /* since when */
};
/* price NULL: none is known. change: against the close of the day (UTC) before
   the price's. */
struct quote_view {
	const char *symbol, *source;
	const struct decimal *price, *previous, *change, *change_pct;
	const struct timestamp *at;
	int64_t age_s; /* since `at`; a candle's close is of its end */
	bool stale;
};
struct quotes_query {
	struct text_list symbols; /* none: all */
};
struct candle_query {
	const char *symbol, *interval;
	const struct timestamp *from, *to; /* from <= t < to; or NULL */
	int64_t limit;			   /* newest `limit` of the range */
	/* where faults of the interval and of its size are; NULL: /interval
	   and /from */
	const char *fault_at;
};
struct candle_view {
	struct timestamp t;
	struct decimal o, h, l, c, v;
};

/* "1m 5m 15m 30m 1h 4h 1d 1w", NULL-terminated; lengths in ms. */
extern const char *const market_intervals[];
/* 0 for an unknown name. */
int64_t market_interval_ms(const char *interval);
const char *market_interval_name(int64_t interval_ms);

MUST_CHECK enum err market_symbols(struct scope *scope, struct list *out);
/* The list with how fetching goes, and what is fetched but has nothing yet. */
MUST_CHECK enum err market_feeds(
	struct scope *scope, const struct list *symbols, struct list *out);
/* ERR_NOT_FOUND when one of them is no symbol. */
MUST_CHECK enum err market_quotes(struct scope *scope,
	const struct quotes_query *query, struct list *out /* quote_view */);
/* ERR_NOT_FOUND for an unknown symbol; ERR_BAD_INPUT at /interval when it
   would have to be built from too many. Ascending in time. */
MUST_CHECK enum err market_candles(struct scope *scope,
	const struct candle_query *query, struct list *out /* candle_view */);
/*
 * Both through the store that all processes share (NULL: without). Whoever
 * changes candles holds the tag MARKET_TAG from before until after. What
 * was asked lately is kept computed by market_warm, from time to time.
 */
#define MARKET_TAG "market"
MUST_CHECK enum err market_symbols_shared(
	struct store *store, struct scope *scope, struct list *out);
MUST_CHECK enum err market_candles_shared(struct store *store,
	struct scope *scope, const struct candle_query *query,
	struct list *out);
MUST_CHECK enum err market_warm(struct store *store, struct scope *scope);
/* How many bars there are at most, seldom more than there are, and a range
   that has them all; read from the catalogue, whatever their number. */
struct market_span {
	int64_t count, from, to; /* ms; from <= t < to */
};
MUST_CHECK enum err market_span(struct scope *scope,
	const struct candle_query *query, struct market_span *out);
/* The same as columns, for the engine, which need not check them any more;
   at most max bars, else ERR_BAD_INPUT with a fault. None at all is fine. */
MUST_CHECK enum err market_columns(struct scope *scope,
	const struct candle_query *query, size_t max, struct candles *out);

#endif
