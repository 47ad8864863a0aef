/* The paper venue: fills orders of one account from stored candles. */
#ifndef DOMAIN_PAPER_PRIVATE_H
#define DOMAIN_PAPER_PRIVATE_H

#include "risk_private.h"

struct paper {
	struct scope *scope;
	struct book *book;
	const struct risk_settings *settings;
	struct quote quote; /* of the symbol: tick, and the last price */
};

/* All inside a transaction of the caller, under the book's lock. An accepted
   order that just came in, against the last price. */
MUST_CHECK enum err paper_take(struct paper *paper, struct order *order);
/* A resting one on a closed candle. */
struct paper_candle {
	int64_t time, end; /* opens, and opens of the next */
	struct match_bar bar;
};
MUST_CHECK enum err paper_rest(struct paper *paper, struct order *order,
	const struct paper_candle *candle);
/* Of this candle's volume, what this account's fills have left. */
MUST_CHECK enum err paper_room(struct paper *paper, const char *symbol,
	int64_t time, int64_t volume, int64_t *out);

#endif
