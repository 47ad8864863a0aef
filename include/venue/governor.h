/*
 * The budget of requests that an exchange allows one address, shared by all
 * users here. Pure: the caller brings the time and does the waiting. Weight
 * counts in windows that begin at whole minutes, as the exchange counts; what
 * its answers say was used is believed when it is more than we know of (other
 * processes, other programs). Never lets a request through after a 429 or a
 * 418 before the time it was told.
 */
#ifndef VENUE_GOVERNOR_H
#define VENUE_GOVERNOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"

struct governor;

/* In order of rank: each class may use up the budget to its own ceiling, so
   that a flood of market data leaves room for orders. */
enum governor_class {
	GOVERN_ORDER,	/* place, cancel, query: what money hangs on */
	GOVERN_ACCOUNT, /* balances, open orders, fills, the clock */
	GOVERN_MARKET,	/* candles, prices, rules */
	GOVERN_CLASSES
};

struct governor_limits {
	int64_t weight;	   /* of one window */
	int64_t window_ms; /* 60000 */
	int orders_10s;	   /* of one account; 0: not limited */
	int orders_day;
	int percent
		[GOVERN_CLASSES]; /* ceilings, each 1 to 100; 0: 95, 80, 60 */
};

struct governor_ask {
	const char *user; /* whose; "" is the house itself */
	enum governor_class class;
	int64_t weight; /* of the call, at least 1 */
	bool order;	/* counts among the account's orders too */
};

struct governor *governor_open(
	struct arena *arena, const struct governor_limits *limits);
/*
 * True: it may go now, and has been counted. False: *at_ms is when to ask
 * again; nothing was counted, but the user is known to be waiting, and others
 * leave room for a fair share in this window and the next.
 */
MUST_CHECK bool governor_take(struct governor *governor, int64_t now_ms,
	const struct governor_ask *ask, int64_t *at_ms);
/* The answer's headers; what it did not say is -1. */
void governor_used(struct governor *governor, int64_t now_ms, int64_t weight);
void governor_orders_used(struct governor *governor, int64_t now_ms,
	const char *user, int64_t in_10s, int64_t in_day);
/* 429 (banned false) or 418: nobody sends until then. retry_after_s: what the
   answer said, or -1. Another one within a quarter of an hour of the end of
   the last waits twice as long, or a quarter of an hour, whichever is less. */
void governor_stop(struct governor *governor, int64_t now_ms, bool banned,
	int64_t retry_after_s);
/* The exchange said other limits (exchangeInfo); 0 leaves one as it is. */
void governor_set(struct governor *governor, int64_t weight, int orders_10s,
	int orders_day);
/* When the next call of that class may go, as far as is known: now or later. */
int64_t governor_next_ms(const struct governor *governor, int64_t now_ms,
	enum governor_class class);

#endif
