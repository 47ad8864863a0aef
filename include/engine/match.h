/*
 * Where and how much one order fills, on a candle or against a last price. The
 * simulator's rules: a gap fills at the open, what triggers inside a candle
 * fills at its level, costs are against us, and a trailing level follows what
 * a candle showed only from the next one on. No I/O, no clock: the caller
 * keeps the order. All amounts are scaled by 1e-8.
 */
#ifndef ENGINE_MATCH_H
#define ENGINE_MATCH_H

#include "ledger_costs.h"

enum match_type {
	MATCH_MARKET,
	MATCH_LIMIT,
	MATCH_STOP,	   /* a market order once the price is against us */
	MATCH_STOP_LIMIT,  /* a limit order then */
	MATCH_TAKE_PROFIT, /* once the price is for us; with a price: a limit */
	MATCH_TRAILING, /* a stop that follows the best price at a distance */
	MATCH_TYPE_COUNT
};

enum match_force {
	MATCH_GTC, /* rests until it is filled or cancelled */
	MATCH_IOC, /* what does not fill at once expires */
	MATCH_FOK, /* at once and all of it, or not at all */
	MATCH_FORCE_COUNT
};

struct match_order {
	enum match_type type;
	enum match_force force;
	bool buys;
	bool post_only; /* MATCH_LIMIT: never takes */
	bool triggered; /* of those that have a level */
	int64_t left;	/* > 0 */
	int64_t price;	/* limit; 0: none */
	int64_t stop;	/* level */
	int64_t trail;	/* distance, > 0 */
	int64_t mark;	/* best price since it was made; 0: none yet */
};

struct match_bar {
	int64_t open, high, low, close;
	int64_t room; /* the most that may fill on it */
};

enum match_end {
	MATCH_RESTS,
	MATCH_EXPIRES, /* what is left after the fill */
	MATCH_REFUSED  /* post-only that would take */
};

struct match_fill {
	int64_t quantity; /* 0: nothing filled */
	int64_t price;
	bool rests; /* as a maker */
	bool triggered;
	int64_t mark;
	enum match_end end;
};

/* A resting order on a whole candle. ERR_BAD_INPUT: a price has no room. */
MUST_CHECK enum err match_candle(const struct ledger_costs *costs,
	const struct match_order *order, const struct match_bar *bar,
	struct match_fill *out);
/* An order that comes in while the last price is bar->close; the other prices
   are not looked at. */
MUST_CHECK enum err match_quote(const struct ledger_costs *costs,
	const struct match_order *order, const struct match_bar *bar,
	struct match_fill *out);
/* A resting order when the last price becomes bar->close. A limit that the
   price passed fills at itself: nobody gave a better one. */
MUST_CHECK enum err match_move(const struct ledger_costs *costs,
	const struct match_order *order, const struct match_bar *bar,
	struct match_fill *out);

/* Where the level of an order with a mark stands. */
int64_t match_level(const struct match_order *order);
/* The adverse side first: who of several orders is tried first on a candle.
   Lower is sooner. */
int match_rank(const struct match_order *order);
/*
 * What a candle of that volume lets through when `used` did so already. A
 * share of 0, or a volume that is not known (0), limits nothing.
 */
int64_t match_room(int64_t volume, int64_t share, int64_t used);
/* What is left of a reduce-only order when the position is that (negative:
   short); 0 when it would not shrink it. */
int64_t match_reduce(bool buys, int64_t left, int64_t position);

#endif
