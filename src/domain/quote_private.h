/* The last price of a symbol: the close of its newest closed candle. */
#ifndef DOMAIN_QUOTE_PRIVATE_H
#define DOMAIN_QUOTE_PRIVATE_H

#include <stdbool.h>

#include "bars_private.h"
#include "scope.h"

struct quote {
	bool known, stale;
	int64_t price, volume; /* scaled by 1e-8 */
	int64_t time;	       /* open of the candle */
	int64_t interval_ms;   /* of it: the series that reaches furthest */
	int64_t tick;	       /* one unit of the symbol's last digit */
};

/* ERR_NOT_FOUND: no such symbol. known is false while it has no candle. */
MUST_CHECK enum err quote_read(
	struct scope *scope, const char *symbol, struct quote *out);
/* A stored number at the scale of 1e-8; ERR_BAD_INPUT: too large. */
MUST_CHECK enum err quote_scale(int64_t units, int32_t scale, int64_t *out);

#endif
