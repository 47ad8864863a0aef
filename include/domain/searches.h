/*
 * A user's searches over the parameters of a strategy: sweeps, which try
 * every point or some, and walk-forward tests, which choose in one window and
 * try in the next. Both are queued (runs.h) and kept with their result.
 */
#ifndef DOMAIN_SEARCHES_H
#define DOMAIN_SEARCHES_H

#include "backtests.h"
#include "runs.h"

/* A point that breaks one of these is not among the best; NULL, 0: free. */
struct search_constraints {
	int64_t min_trades;
	const struct decimal *max_drawdown_pct; /* percent, positive */
	const struct decimal *min_win_rate_pct, *min_profit_factor;
};
struct search_new {
	struct backtest_new run; /* params: ranges, or NULL: the definition's */
	const char *method;	 /* "grid" | "random" */
	int64_t samples;	 /* of "random"; 0: 1000 */
	int64_t seed;
	const char *metric; /* search_metric_names; NULL: the first */
	int64_t best;	    /* so many of them are told */
	struct search_constraints constraints;
	/* walk-forward alone: "365d" (days) or "500b" (bars), all alike */
	const char *in_sample, *out_of_sample;
	const char *step; /* NULL: out_of_sample */
	bool anchored;
};
/* What is kept of a request; the API's shapes are parts of it. */
extern const struct shape sweep_new_shape, walk_forward_new_shape;

struct search_view {
	const char *id;
	const char *strategy_id;		/* or NULL */
	int64_t strategy_version;		/* 0 when none */
	const char *symbol, *interval, *status; /* run_state_names */
	int64_t progress;			/* percent */
	int64_t points, points_done;
	const char *error; /* or NULL */
	struct timestamp created_at;
	const struct timestamp *started_at, *ended_at; /* or NULL */
	struct raw_json request;
	struct raw_json result; /* null until it is done */
};
struct search_row { /* in lists */
	const char *id;
	const char *strategy_id;
	int64_t strategy_version;
	const char *symbol, *interval, *status;
	int64_t progress, points, points_done;
	struct timestamp created_at;
};

/* kind: RUN_SWEEP or RUN_WALK_FORWARD, in all of them. */
MUST_CHECK enum err search_create(struct scope *scope, enum run_kind_id kind,
	const struct limits *limits, const struct search_new *in,
	struct search_view *out);
MUST_CHECK enum err search_get(struct scope *scope, enum run_kind_id kind,
	const char *id, struct search_view *out);
MUST_CHECK enum err search_list(struct scope *scope, enum run_kind_id kind,
	const struct page_query *in, struct page *out /* search_row */);
/* Cancels one that waits or runs, and keeps it as cancelled; removes one
   that has ended. */
MUST_CHECK enum err search_remove(
	struct scope *scope, enum run_kind_id kind, const char *id);

#endif
