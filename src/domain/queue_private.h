/*
 * The queue of runs, from the side of the user who asks: quotas, a new run,
 * cancelling. All but queue_list and queue_get inside the caller's
 * transaction.
 */
#ifndef DOMAIN_QUEUE_PRIVATE_H
#define DOMAIN_QUEUE_PRIVATE_H

#include "limits.h"
#include "runs.h"

/* How long a run takes, by guess: nanoseconds of one bar and one node. The
   first slices find out. */
enum {
	QUEUE_NODE_NS = 3,
	QUEUE_START_US = 200 /* of any run: compiling, statistics */
};
static inline int64_t queue_estimate_us(int64_t bars, int64_t cost)
{
	return QUEUE_START_US + bars * cost * QUEUE_NODE_NS / 1000;
}

struct queue_new {
	const char *id;
	enum run_kind_id kind;
	const char *strategy_id; /* or NULL */
	int64_t strategy_version;
	const char *symbol;
	int64_t interval_ms;
	const char *request; /* JSON */
	int64_t bars, points;
	int64_t point_us, finish_us; /* estimates */
};

/* Would queue_count let it, and queue_add? */
MUST_CHECK enum err queue_room(
	struct scope *scope, const struct limits *limits);
/* Would queue_count let it? Asked before anything is computed. */
MUST_CHECK enum err queue_allowed(
	struct scope *scope, const struct limits *limits);
/* One more run is asked for, to be queued or not. ERR_RATE_LIMITED with a
   sentence when there were too many within the hour. */
MUST_CHECK enum err queue_count(
	struct scope *scope, const struct limits *limits);
/* Behind queue_count. ERR_CONFLICT with a sentence when the user has too many
   waiting or running; ERR_BAD_INPUT at /from when it cannot end in time. */
MUST_CHECK enum err queue_add(struct scope *scope, const struct limits *limits,
	const struct queue_new *run);
/* ERR_NOT_FOUND unless it waits or runs. The row stays, cancelled. */
MUST_CHECK enum err queue_cancel(struct scope *scope, const char *id);

/* ---- what the files of the runners share --------------------------------- */

/* Is the lease still this claim's? Else ERR_CONFLICT. */
MUST_CHECK enum err queue_holds(
	struct scope *scope, const struct run_claim *claim);
/* Ends the run in that state; its chunks go. error, result: or NULL. */
struct queue_end {
	const char *state, *result, *error;
};
MUST_CHECK enum err queue_end(
	struct scope *scope, const char *id, const struct queue_end *end);

#endif
