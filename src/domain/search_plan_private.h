/*
 * A search as it will be run: its axes, its windows, its points. Made from
 * the request when it is asked for, and again for each slice: the same
 * request over the same candles is the same plan.
 */
#ifndef DOMAIN_SEARCH_PLAN_PRIVATE_H
#define DOMAIN_SEARCH_PLAN_PRIVATE_H

#include "backtest_order_private.h"
#include "search.h"
#include "searches.h"
#include "walk.h"

struct search_plan {
	struct search_new in;
	struct backtest_order order; /* with the defaults as parameters */
	struct search_space space;
	int64_t points; /* of the space, in each window */
	const struct search_metric *metric;
	struct search_floor floor;
	struct walk_plan walk; /* walk-forward alone */
	struct walk_window *windows;
	size_t window_count; /* 1 for a sweep, without windows */
};

/* Of a request; all faults that need no candles. */
MUST_CHECK enum err search_plan_make(struct scope *scope, enum run_kind_id kind,
	const struct limits *limits, const struct search_new *in,
	struct search_plan *out);
/* Of what was kept. */
MUST_CHECK enum err search_plan_again(struct scope *scope,
	enum run_kind_id kind, const char *request, struct search_plan *out);
/* Fills in the windows of a walk-forward test. */
MUST_CHECK enum err search_plan_windows(struct scope *scope,
	const struct candles *candles, struct search_plan *plan);

const struct shape *search_shape(enum run_kind_id kind);

/* The point's program, with its parameters. */
MUST_CHECK enum err search_compile(const struct search_plan *plan,
	int64_t point, struct arena *arena, struct report *report,
	struct program **out);

#endif
