/* What one asset is worth in another, of the prices that are stored. */
#ifndef DOMAIN_RATE_PRIVATE_H
#define DOMAIN_RATE_PRIVATE_H

#include "scope.h"
#include "totals.h"

struct rate_pair {
	const char *from, *to;
	const char *equal; /* CURRENCIES_EQUAL; NULL: as "" */
};
struct rate {
	struct decimal value;
	const struct timestamp *at; /* of the oldest leg; or NULL */
	bool stale;
	struct list legs; /* rate_leg */
};

/*
 * The same asset is 1. Else the pair's own price, that of the other way round,
 * or two prices by way of a common asset: the first that is fresh, else the
 * first there is. ERR_NOT_FOUND: none; ERR_BAD_INPUT: it has no room.
 */
MUST_CHECK enum err rate_find(
	struct scope *scope, const struct rate_pair *pair, struct rate *out);
/* Do both count as the same money? */
bool rate_same(const char *equal, const char *a, const char *b);
/* "USDT" of "BTC-USDT"; NULL: the symbol names none. */
const char *rate_asset(const char *symbol);

#endif
