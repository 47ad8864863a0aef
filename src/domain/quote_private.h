/* The last price of a symbol: a quote that was fetched, or the close of the
   newest closed candle. */
#ifndef DOMAIN_QUOTE_PRIVATE_H
#define DOMAIN_QUOTE_PRIVATE_H

#include <stdbool.h>

#include "bars_private.h"
#include "scope.h"

struct quote {
	bool known, stale;
	bool live;	  /* a fresh one of table quotes */
	bool quoted;	  /* there is one, though a candle closed since */
	int64_t price;	  /* scaled by 1e-8, as volume */
	int64_t time;	  /* of the quote, or open of the candle */
	int64_t received; /* live: when it came */
	int64_t tick;	  /* one unit of the symbol's last digit */
	/* The newest closed candle of the series that reaches furthest;
	   interval_ms is 0 while there is none. */
	int64_t candle_time, interval_ms, volume;
};

/*
 * Fresh before stale, then the later one. ERR_NOT_FOUND: no such symbol.
 * known is false while it has neither a candle nor a quote.
 */
MUST_CHECK enum err quote_read(
	struct scope *scope, const char *symbol, struct quote *out);
/* A stored number at the scale of 1e-8; ERR_BAD_INPUT: too large. */
MUST_CHECK enum err quote_scale(int64_t units, int32_t scale, int64_t *out);

#endif
