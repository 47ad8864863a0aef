/* The paper venue: fills orders of one account from candles and quotes. */
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
/* A resting one at a live quote that came after it saw anything. Leaves it
   as it is when the price does nothing to it. */
MUST_CHECK enum err paper_move(struct paper *paper, struct order *order);
/* Cuts a fill to what may be closed, and opened, at this moment; why, or
   NULL. */
const char *paper_cut(const struct paper *paper, const struct order *order,
	struct match_fill *fill);
/* Of a candle's volume, what this account's fills have left: those from its
   open on, before `to`. */
struct paper_share {
	int64_t from, to, volume;
};
MUST_CHECK enum err paper_room(struct paper *paper, const char *symbol,
	const struct paper_share *share, int64_t *out);

#endif
