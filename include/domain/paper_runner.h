/*
 * Brings resting paper orders up to date with newly closed candles and, behind
 * them, the live quote. What a batch of candles did to a book's orders of
 * one symbol is one transaction, with how far they have seen: killed at any
 * point, or done by two, each candle and each quote counts once.
 */
#ifndef DOMAIN_PAPER_RUNNER_H
#define DOMAIN_PAPER_RUNNER_H

#include "limits.h"
#include "scope.h"
#include "shape.h"

struct paper_due {
	const char *user_id, *symbol;
	int64_t account;
	bool live;	    /* of a book at an exchange: live_watch_advance() */
	int64_t seen_until; /* the order that saw least */
	bool done;
	/* what the last batch did */
	int64_t moved;	  /* orders that the quote filled */
	int64_t received; /* when that quote came, ms; 0: there was none */
};

/* Whose open orders have not seen the newest closed candle of their symbol;
   who waits longest first. Disabled accounts wait. */
MUST_CHECK enum err paper_plan(
	struct admin_scope *admin, struct list *out /* paper_due */);
/*
 * The stop-loss watch: whose resting orders the live quote of their symbol
 * triggers, fills or trails, of symbols whose quote changed behind `since`
 * (quotes.seq). 0: of all. Nobody else needs a transaction. With trailing
 * stops that an exchange does not have.
 */
MUST_CHECK enum err paper_watch_plan(struct admin_scope *admin, int64_t since,
	struct list *out /* paper_due */);
/* The newest quotes.seq; 0: there is none. wanted: the watch's job is neither
   paused nor somebody's. */
MUST_CHECK enum err paper_watch_look(
	struct admin_scope *admin, int64_t *seq, bool *wanted);
/* One batch; the due says whether there is more. scope: of its user. */
MUST_CHECK enum err paper_advance(struct scope *scope,
	const struct limits *limits, struct paper_due *due);
/* Open books that had no snapshot since. */
struct paper_book {
	const char *user_id;
	int64_t account;
};
MUST_CHECK enum err paper_unmarked(struct admin_scope *admin, int64_t since,
	struct list *out /* paper_book */);
/* A snapshot of one of the scope's books, and its figures of the day. */
MUST_CHECK enum err paper_mark(
	struct scope *scope, const struct limits *limits, int64_t account);

#endif
