/*
 * Fetching market data, inside: what is kept from round to round. work_market.c
 * opens it and fetches quotes, work_candles.c fetches candles. All of it may be
 * lost: what counts stands in the database.
 */
#ifndef APP_WORK_MARKET_H
#define APP_WORK_MARKET_H

#include "feeds.h"
#include "spot.h"
#include "venue.h"
#include "work.h"

/* How one source answers; times in ms. */
struct market_source {
	int64_t quotes_at; /* its quotes are due */
	int64_t retry_at;  /* nothing is asked of it before */
	int64_t failures;  /* in a row */
};

struct market_feed {
	struct feed feed;
	struct venue_symbol symbol; /* names alone */
	int64_t quote_at;	    /* of its newest price; at first: since
				       when one is waited for */
	int64_t refused_until;	    /* the source does not know it */
	int64_t candles_at;	    /* its candles are due */
	int64_t repair_at;	    /* and the search for gaps */
	int64_t cursor;		    /* where that goes on; 0: the beginning */
};

struct market {
	struct arena *arena;
	struct arena *visit; /* of one call and what it brought */
	struct venue *exchange;
	struct spot *spot;
	struct market_feed *feeds;
	size_t count;
	struct market_source sources[FEED_SOURCE_COUNT];
	int64_t rates_at; /* rates are due */
	bool rates_failed;
};

/* Whom one call was about: of one source. */
struct market_calls {
	struct market_feed *feeds[FEEDS_LIMIT];
	size_t count;
};

/* A scope of the operator, and of nobody, for one visit, at this moment. NULL:
   the clock cannot be read. */
struct admin_scope *market_admin(struct work *work, struct market *market);
struct scope *market_reader(struct work *work, struct market *market);

/* What a call came to, for its source and these feeds: back-off, the table of
   feeds, figures, a log line when it turned. */
MUST_CHECK enum err market_tell(struct work *work, struct market *market,
	const struct market_calls *calls, const struct venue_outcome *outcome);
/* The same for the source alone. */
void market_source_tell(struct work *work, struct market *market,
	enum feed_source source, const struct venue_outcome *outcome);
/* Asks CoinGecko; quotes: one a feed, price 0 where it has none. */
struct venue_outcome market_spot_ask(struct work *work, struct market *market,
	const struct market_calls *calls, struct quote_new *quotes);
MUST_CHECK enum err market_quotes_keep(struct work *work, struct market *market,
	const struct quote_new *quotes, size_t count);
/* Rates between currencies, when they are due. */
MUST_CHECK enum err market_rates_fetch(
	struct work *work, struct market *market);
/* True: that source may be asked, and knows it. */
bool market_may_ask(const struct market *market, const struct market_feed *feed,
	int64_t now);

/* Candles of all feeds, chunk by chunk, until none is due or the time has
   come. ERR_UNAVAILABLE: the database failed. */
MUST_CHECK enum err market_candles_fetch(
	struct work *work, struct market *market, int64_t until_us);

#endif
