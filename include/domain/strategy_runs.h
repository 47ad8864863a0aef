/*
 * Strategies at work: a run is one version of a strategy, with its
 * parameters, on one symbol. `kontor work` evaluates those that are running
 * (signal_runner.h); here they are started, stopped and listed. A run keeps
 * the version it was started with, whatever is saved later.
 */
#ifndef DOMAIN_STRATEGY_RUNS_H
#define DOMAIN_STRATEGY_RUNS_H

#include "backtests.h"
#include "limits.h"
#include "page.h"
#include "scope.h"
#include "shape.h"

/* "signal", "paper", "live"; NULL-terminated. */
extern const char *const strategy_run_modes[];
/* "running", "stopped", "failed"; NULL-terminated, in the metrics' order. */
extern const char *const strategy_run_states[];

struct strategy_run_new {
	const char *strategy_id;
	const char *mode;
	const char *symbol;
	const char *interval;	   /* or NULL: the definition's */
	const struct json *params; /* object of overrides, or NULL */
	/* cash (NULL: limits->trade.start_balance) and costs alone; for those
	   that trade */
	struct backtest_new costs;
};
extern const struct shape run_new_shape;
struct strategy_run_stop {
	const char *strategy_id;
	const char *symbol; /* or NULL: on all */
	bool close;	    /* leave what it holds */
};
/* One entry that a run holds. */
struct run_held_view {
	const char *side;
	struct decimal quantity, entry_price;
	struct timestamp entry_time;
	const struct decimal *stop, *target; /* or NULL */
	const char *stop_reason;	     /* or NULL */
};
extern const struct shape run_held_shape;
struct strategy_run_view {
	const char *id;
	const char *strategy_id, *strategy_name;
	int64_t strategy_version; /* the run's */
	int64_t newest_version;	  /* the strategy's */
	const char *symbol, *interval;
	struct raw_json params; /* as they were given; null: the defaults */
	const char *mode, *state;
	struct timestamp started_at;
	const struct timestamp *stopped_at;
	const char *error;		     /* why it ended, or NULL */
	const struct timestamp *last_candle; /* open; NULL: none yet */
	const struct timestamp *evaluated_at;
	/* of those that trade */
	int64_t account;		     /* its book's number; 0: none */
	const struct decimal *cash, *equity; /* at first, now; or NULL */
	struct list positions;		     /* run_held_view */
	int64_t trades;			     /* that were closed */
	int64_t refused, blocked, denied;    /* entries that were not made */
};

/*
 * Compiles the newest version with the parameters and looks whether the
 * symbol has candles to build the interval from; faults at /params, /symbol,
 * /interval, /cash and the costs. ERR_CONFLICT: it runs on that symbol already, or the user has
 * limits->runs_per_user running.
 */
MUST_CHECK enum err strategy_run_start(struct scope *scope,
	const struct limits *limits, const struct strategy_run_new *in,
	struct strategy_run_view *out);
/* Those that ran; none is no error. What cannot be left, because its state
   cannot be read, stays held: the run's error says so. */
MUST_CHECK enum err strategy_run_stop(struct scope *scope,
	const struct limits *limits, const struct strategy_run_stop *in,
	struct list *out /* strategy_run_view */);
/* Newest first. */
MUST_CHECK enum err strategy_run_list(struct scope *scope,
	const struct limits *limits, const char *strategy_id,
	const struct page_query *in, struct page *out /* strategy_run_view */);
/* Of all strategies those that run or have failed, newest first, at most
   STRATEGY_RUNS_SHOWN. */
enum {
	STRATEGY_RUNS_SHOWN = 100
};
MUST_CHECK enum err strategy_run_current(struct scope *scope,
	const struct limits *limits, struct list *out /* strategy_run_view */);

#endif
