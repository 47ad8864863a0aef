/*
 * What is fetched from outside for everybody: which symbol from where, the
 * last price of each, how it goes, and what candles are missing. The fetching
 * itself is the program's (app/work_market.c); candles come in by import.h.
 */
#ifndef DOMAIN_FEEDS_H
#define DOMAIN_FEEDS_H

#include <stdbool.h>
#include <stdint.h>

#include "limits.h"
#include "scope.h"
#include "shape.h"

enum feed_source {
	FEED_BINANCE,
	FEED_COINGECKO,
	FEED_SOURCE_COUNT
};
/* "binance", "coingecko", NULL */
extern const char *const feed_sources[];

enum {
	FEEDS_LIMIT = 200 /* what one call of the exchange may ask about */
};

struct feed {
	const char *symbol; /* ours: "BTC-USDT" */
	enum feed_source source;
	const char *native;   /* the source's: "BTCUSDT", "ethereum" */
	const char *currency; /* of FEED_COINGECKO: "usd" */
	int64_t interval_ms;  /* of candles; 0: quotes only */
};

/*
 * Reads "BTC-USDT=binance:BTCUSDT:1m ETH-USD=coingecko:ethereum": entries with
 * blanks or commas between them. "" is none. ERR_BAD_INPUT with faults at
 * "MARKET_SYMBOLS" that name the entry.
 */
MUST_CHECK enum err feeds_parse(struct arena *arena, const char *text,
	struct report *report, struct list *out /* feed */);

/* ---- for the background process ------------------------------------------- */

/* Writes down which there are: symbols that are new, rows of those that are
   not fetched any more go. One transaction. */
MUST_CHECK enum err feeds_begin(
	struct admin_scope *admin, const struct list *feeds);

struct quote_new {
	const char *symbol, *source;
	int64_t price;	     /* scaled by 1e-8, > 0 */
	int64_t at;	     /* ms: of the price */
	int64_t fresh_until; /* ms */
};
/* All in one transaction. What is older than what is there is left out. */
MUST_CHECK enum err quotes_put(
	struct admin_scope *admin, const struct quote_new *items, size_t count);

/* What is to be fetched of CoinGecko so that every user's accounts can be
   shown in his currency; at most one call's worth. The symbols are pairs such
   as USDT-EUR that nobody trades. */
MUST_CHECK enum err feed_rates(struct admin_scope *admin,
	const struct limits *limits, struct list *out /* feed */);

/* error NULL: it went well. turned[i]: it did not before, or the other way.
   One transaction. */
MUST_CHECK enum err feeds_note(struct admin_scope *admin,
	const struct text_list *symbols, const char *error, bool *turned);

/* Times of stored candles of that interval; ERR_NOT_FOUND: there are none. */
struct feed_span {
	int64_t first, last;
};
MUST_CHECK enum err feed_stored(struct scope *scope, const char *symbol,
	int64_t interval_ms, struct feed_span *out);
/* The first stretch of from <= t < to, on the interval's grid, that has no
   candle. ERR_NOT_FOUND: nothing is missing. */
struct feed_window {
	const char *symbol;
	int64_t interval_ms, from, to;
};
MUST_CHECK enum err feed_gap(struct scope *scope,
	const struct feed_window *window, struct feed_window *out);

#endif
