/*
 * The queue of runs, from the side of the runners: processes of `kontor work`
 * that lease a slice of some user's run, compute it and give it back. Whose
 * turn it is goes by virtual time: the user who was served least lately is
 * next, so nobody waits behind another's long sweep for longer than a slice.
 * Who dies in the middle leaves a lease that ends; the slice is done again,
 * and what it gives is kept once.
 */
#ifndef DOMAIN_RUNS_H
#define DOMAIN_RUNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "scope.h"
#include "shape.h"

/* A kind is a row of the table in run_kinds.c. */
enum run_kind_id {
	RUN_BACKTEST,
	RUN_SWEEP,
	RUN_WALK_FORWARD,
	RUN_KIND_COUNT
};
/* By enum run_kind_id, NULL-terminated: as stored, and labels of metrics. */
extern const char *const run_kind_names[RUN_KIND_COUNT + 1];
/* "queued", "running", "done", "failed", "cancelled"; NULL-terminated. */
extern const char *const run_state_names[];

/* ---- taking a slice ------------------------------------------------------ */

struct run_pace {
	int64_t slice_us; /* about what a slice should take */
	int64_t least_us; /* not worth cutting smaller */
	int64_t lease_ms;
	int64_t runners; /* that may share one run */
};

struct run_claim {
	const char *user_id, *run_id;
	const char *owner; /* of the lease: this process */
	enum run_kind_id kind;
	int64_t first, points; /* points 0: the finish */
	int64_t attempt;       /* 1 at first */
	int64_t charged_us;
	bool began; /* the run waited until now */
};
/* ERR_NOT_FOUND: there is nothing to do. owner names this process. */
MUST_CHECK enum err runs_claim(struct admin_scope *admin,
	const struct run_pace *pace, const char *owner, struct run_claim *out);
/* A process of that name is dead: what it had may be taken at once, and is
   charged to its user with the time that it was had. lease_ms: as claimed. */
MUST_CHECK enum err runs_release(
	struct admin_scope *admin, const char *owner, int64_t lease_ms);

struct runs_outlook {
	int64_t waiting; /* runs that nobody has begun */
	int64_t open;	 /* those, and those that run */
	int64_t oldest;	 /* when the first of the waiting was asked for; 0 */
};
MUST_CHECK enum err runs_outlook(
	struct admin_scope *admin, struct runs_outlook *out);

/* ---- computing it and giving it back ------------------------------------- */

struct series_cache;
/* Candles of the last few series that this process ran on: at most so many
   bytes, or one series. The arena holds the list, not the candles. */
struct series_cache *series_cache_open(struct arena *arena, int64_t bytes);
void series_cache_close(struct series_cache **cache);

struct run_slice {
	struct scope *scope; /* of the run's owner */
	struct series_cache *series;
	const struct run_claim *claim;
	struct arena *scratch; /* reset for each point */
	/* When true, the points that are done are given back and the rest is
	   left to the next; NULL: never. */
	bool (*enough)(void *context);
	/* Told now and then how many candles of a single backtest are done;
	   false: nobody wants it any more. */
	bool (*tell)(void *context, size_t bars);
	void *context;
};
/* What a slice gave; how it is kept is its kind's business. */
struct run_output {
	int64_t points;	   /* done, of the claim's */
	const void *bytes; /* of the points */
	size_t len;
	const char *result; /* the finish's, JSON */
	/* a backtest's instead */
	const char *stats, *equity, *trades, *report, *fingerprint;
	const char *trades_rest; /* or NULL */
};

/* Reads, and never writes. ERR_CONFLICT: the run is not there any more.
   ERR_BAD_INPUT: it cannot be run, the report says why. */
MUST_CHECK enum err run_work(
	const struct run_slice *slice, struct run_output *out);
/* A single backtest is so far. ERR_CONFLICT when it was cancelled or
   removed. */
MUST_CHECK enum err run_progress(
	struct scope *scope, const struct run_claim *claim, int64_t bars);
/* Keeps it, and charges the user for the time. ERR_CONFLICT when the lease
   was lost or the run cancelled: nothing is kept then. */
MUST_CHECK enum err run_give(struct scope *scope, const struct run_claim *claim,
	const struct run_output *output, int64_t spent_us);
/* The run has failed, with these words. ERR_CONFLICT as above. */
MUST_CHECK enum err run_fail(
	struct scope *scope, const struct run_claim *claim, const char *why);
/* More attempts than this are not made. */
enum {
	RUN_ATTEMPTS = 3
};

#endif
