/*
 * Evaluates running strategies on newly closed candles. The process keeps
 * evaluators from round to round; a new one replays the stored history, so
 * that what it decides is what a backtest over the same candles would. What
 * is written stands in one transaction with the candle it is about. Not
 * linked into kontor.fcgi.
 */
#ifndef DOMAIN_SIGNAL_RUNNER_H
#define DOMAIN_SIGNAL_RUNNER_H

#include "decisions.h"
#include "limits.h"
#include "scope.h"
#include "shape.h"

struct signal_runner;

struct signal_runner_options {
	int64_t history_bars; /* most that a new evaluator replays */
	size_t evaluators;    /* most that are kept, and the bytes of all; */
	size_t memory;	      /* one is always kept */
	int64_t (*time_us)(void); /* for `until_us`; only ever goes on */
};

/* The arena lives as long as the runner. */
struct signal_runner *signal_runner_open(
	struct arena *arena, const struct signal_runner_options *options);
void signal_runner_close(struct signal_runner **runner);
/* What runs that trade are held to from now on; before the first visit. It
   stays. */
void signal_runner_limits(
	struct signal_runner *runner, const struct limits *limits);
/* Evaluators in memory. */
size_t signal_runner_kept(const struct signal_runner *runner);

/* A running run that has not seen its newest closed candle. */
struct signal_due {
	const char *user_id, *run_id, *strategy_id, *symbol;
	int64_t interval_ms;
	int64_t stored_ms; /* the candles it is built from; 0: there are none */
	int64_t candles;   /* of those, how many */
	int64_t newest;	  /* open of the newest closed bar, or somewhat later */
	int64_t revision; /* of the symbol's candles */
	bool has_last;
	int64_t last_candle;  /* open of the last one evaluated */
	int64_t evaluated_at; /* 0: never */
	bool done;	      /* nothing more to do in this round */
};

/*
 * All that are due, in the order in which they are to be visited: of each
 * user the one that waits longest, then of each user the next one. One
 * statement; runs of disabled accounts wait.
 */
MUST_CHECK enum err signal_plan(
	struct admin_scope *admin, struct list *out /* signal_due */);

struct signal_step {
	int64_t evaluated;		 /* candles */
	int64_t kinds[SIGNAL_COUNT + 1]; /* by signal_names */
	int64_t strength; /* of those that fired, percent, added up */
	bool failed;	  /* the run cannot go on, and says why */
};
/*
 * Brings a run up to date, or as far as it comes until then; the due says
 * whether it is done. scope: of the due's user, its arena is free to be
 * reset afterwards. Never more than a slice beyond until_us: one block of
 * candles, or one transaction. ERR_CONFLICT: the run was stopped, or its
 * candles were changed, meanwhile: nothing is lost, the next round sees.
 * ERR_UNAVAILABLE: so is the database.
 */
MUST_CHECK enum err signal_advance(struct signal_runner *runner,
	struct scope *scope, struct signal_due *due, int64_t until_us,
	struct signal_step *out);

/* Removes what is older, but for the last of a run that is running, what a run
   has beyond its newest `keep`, and runs that ended so long ago; at most so
   many rows that nobody waits. */
MUST_CHECK enum err signals_clean(struct admin_scope *admin, int64_t before,
	int64_t keep, int64_t *removed);
/* How many runs there are, by strategy_run_states. */
MUST_CHECK enum err signals_count(struct admin_scope *admin, int64_t counts[3]);

#endif
