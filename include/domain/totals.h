/*
 * What a user's open accounts come to in the currency that he chose: a total a
 * venue, with the rates it was made with. Paper and real money are never added
 * up. Must never give a total of which a part has no rate.
 *
 * A total is the sum of each asset's money times its rate, rounded half to
 * even at 8 digits. A rate has 16 digits that count, 18 behind the point at
 * most, rounded half to even; of one price as it stands it is that price.
 */
#ifndef DOMAIN_TOTALS_H
#define DOMAIN_TOTALS_H

#include "shape.h"

/* One price that a rate was made of. */
struct rate_leg {
	const char *symbol, *source; /* source "setting": CURRENCIES_EQUAL */
	struct decimal price;
	bool inverse;		    /* divided by, not multiplied */
	const struct timestamp *at; /* of the price; NULL: of a setting */
	bool stale;
};
/* Money of one asset. */
struct total_asset {
	const char *asset; /* NULL: one account, of symbols of several */
	int64_t books;
	struct decimal equity, cash, realised, unrealised; /* in it */
	const struct decimal *rate; /* to the currency; NULL: there is none */
	const struct timestamp *rate_at; /* of its oldest leg; or NULL */
	bool stale;
	struct list legs; /* rate_leg: none, one or two */
};
struct total_view {
	const char *venue, *currency;
	int64_t books;
	/* NULL, all four, with a reason */
	const struct decimal *equity, *cash, *realised, *unrealised;
	const char *reason, *detail;
	bool stale;	    /* a rate is older than it ought to be */
	struct list assets; /* total_asset */
};

extern const char *const total_reasons[]; /* no_rate mixed_assets ... */

#endif
