/*
 * Spot prices of assets from CoinGecko, for what no exchange here trades: one
 * call for all of them. No candles (its own have no volume and choose their
 * interval), no orders. Never sends anything twice.
 */
#ifndef VENUE_SPOT_H
#define VENUE_SPOT_H

#include "arena.h"
#include "decimal.h"
#include "err.h"
#include "outbound.h"
#include "report.h"
#include "venue_types.h"

struct metrics;
struct spot;

/* The pointers must outlive it. */
struct spot_options {
	const char *base_url; /* "https://api.coingecko.com" */
	const char *key;      /* or "": without; copied into guarded memory */
	struct outbound *outbound;
	struct metrics *metrics; /* or NULL */
};
struct spot_ask {
	const char *id;	      /* "ethereum": a-z 0-9 - _ . */
	const char *currency; /* "usd" */
};
struct spot_price {
	bool known; /* the source has one */
	struct decimal price;
	int64_t at_ms; /* when the source made it */
};

enum {
	SPOT_LIMIT = 200 /* asked for in one call */
};

/* Its hosts, for the list of struct outbound_options. */
extern const char *const spot_hosts[];

MUST_CHECK enum err spot_open(struct arena *arena,
	const struct spot_options *options, struct report *report,
	struct spot **out);
void spot_close(struct spot **spot);
struct spot_query {
	const struct spot_ask *asks;
	size_t count;
	int64_t now_ms; /* VENUE_LATER: retry_at_ms is from then on */
};
/* out: as many as asks, written with VENUE_OK. */
MUST_CHECK struct venue_outcome spot_prices(struct spot *spot,
	struct arena *arena, const struct spot_query *query,
	struct spot_price *out);

#endif
