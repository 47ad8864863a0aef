/*
 * Brings resting paper orders up to date with newly closed candles. What a
 * batch of candles did to a book's orders of one symbol is one
 * transaction, with how far they have seen: killed at any point, or done by
 * two, each candle counts once.
 */
#ifndef DOMAIN_PAPER_RUNNER_H
#define DOMAIN_PAPER_RUNNER_H

#include "limits.h"
#include "scope.h"
#include "shape.h"

struct paper_due {
	const char *user_id, *symbol;
	int64_t account;
	int64_t seen_until; /* the order that saw least */
	bool done;
};

/* Whose open orders have not seen the newest closed candle of their symbol;
   who waits longest first. Disabled accounts wait. */
MUST_CHECK enum err paper_plan(
	struct admin_scope *admin, struct list *out /* paper_due */);
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
