/* The parts of the desk's pages; all in one snapshot of the caller's. */
#ifndef DOMAIN_DESK_PRIVATE_H
#define DOMAIN_DESK_PRIVATE_H

#include "book_private.h"
#include "desk.h"

/* Sums as integers, until they are shown. */
struct desk_amounts {
	int64_t start, cash, exposure, equity, realised, unrealised, fees,
		day_change, positions, open_orders;
};
struct desk_open {
	struct desk_book view; /* without sums */
	struct book book;
	struct desk_amounts amounts;
	int64_t drawdown_pct;
};
/* Every open book, oldest first; where there is none, the paper one as it
   would begin (account 0). */
MUST_CHECK enum err desk_open_read(struct scope *scope,
	const struct limits *limits, struct list *out /* desk_open */);

struct desk_sum {
	const char *venue;
	int64_t books;
	struct desk_amounts amounts;
};
/* One a venue that has an open book, in the order of order_venues. */
struct list desk_sum_up(struct arena *arena, const struct list *open);

void desk_amounts_add(struct desk_amounts *sum, const struct desk_amounts *one);

struct decimal desk_shown(int64_t units);
const struct decimal *desk_maybe(struct arena *arena, int64_t units);
/* part of whole in percent, two digits; 0 where whole is not above 0. */
int64_t desk_percent(int64_t part, int64_t whole);

/* For the pages, of desk_open and desk_sum. */
struct list desk_books_view(struct arena *arena, const struct list *open);
struct list desk_venues_view(struct arena *arena, const struct list *sums);
struct list desk_exposure_view(
	struct arena *arena, const struct list *open, const struct list *sums);

/* desk_stats.c */
MUST_CHECK enum err desk_periods_read(
	struct scope *scope, const struct list *sums, struct list *out);
MUST_CHECK enum err desk_curves_read(struct scope *scope,
	const struct list *open, const struct list *sums, struct list *out);

#endif
