/*
 * The shared file of the figures, for metrics*.c alone: a head, a slot for
 * each living process, then the cells of each family in the table's order.
 * All numbers are 64-bit and change only by atomic operations.
 */
#ifndef METRICS_PRIVATE_H
#define METRICS_PRIVATE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "metrics.h"

enum {
	METRICS_VERSION = 1, /* of this head and of what cells mean */
	METRICS_SLOTS = 256, /* processes */
	METRICS_LABELS = 2,
	METRICS_BUCKETS = 17,			 /* the last is +Inf */
	METRICS_HISTOGRAM = METRICS_BUCKETS + 1, /* and the sum, in us */
	METRICS_LINE = 64			 /* bytes, of a cache */
};

enum metrics_kind {
	METRICS_COUNTER,
	METRICS_GAUGE,
	METRICS_SINCE,	   /* gauge: seconds since a point in time */
	METRICS_UNTIL,	   /* gauge: seconds until it */
	METRICS_PROCESSES, /* gauge: living processes by pool */
	METRICS_ANSWERS,   /* counter: METRIC_REQUESTS by class of status */
	METRICS_TIMES	   /* histogram, us inside, seconds outside */
};

/* Where a label's values come from. */
enum metrics_values {
	METRICS_FIXED,
	METRICS_ROUTES, /* and one more, for requests without a route */
	METRICS_RULES,
	METRICS_CLASSES,
	METRICS_JOBS,
	METRICS_RUN_KINDS,
	METRICS_VENUES,
	METRICS_STATES,
	METRICS_REASONS
};

struct metrics_label {
	const char *name; /* NULL: no label */
	enum metrics_values from;
	const char *const *fixed;
};

struct metrics_family {
	const char *name, *help;
	enum metrics_kind kind;
	struct metrics_label labels[METRICS_LABELS];
	bool sparse;   /* values that were never counted are not printed */
	int64_t never; /* METRICS_SINCE: what is printed for "never"; below
			  -1: nothing */
};

extern const struct metrics_family metrics_families[METRIC_COUNT];
extern const char *const metrics_statuses[]; /* "200"... and "other" */
/* Upper bounds of the buckets but the last, in us and as they are printed. */
extern const int64_t metrics_bounds[METRICS_BUCKETS - 1];
extern const char *const metrics_bound_texts[METRICS_BUCKETS];

struct metrics_head {
	char magic[8];
	uint64_t layout; /* hash of the table and all label values */
	uint64_t size;	 /* bytes of the file */
	uint64_t spare[5];
};

/* who: pid, start and pool in one number, so that a slot is taken or given
   back by one atomic step and never half. 0: free. */
struct metrics_slot {
	_Atomic uint64_t who;
	_Atomic int64_t since; /* ms UTC; its predecessor's for a moment */
};

struct metrics_place {
	const char *const *values[METRICS_LABELS];
	size_t counts[METRICS_LABELS]; /* 1 without a label */
	size_t first;		       /* cell */
	size_t cells;
};

struct metrics {
	void *file; /* mapped, size bytes */
	size_t size;
	struct metrics_slot *slots;
	_Atomic int64_t *cells;
	struct metrics_place places[METRIC_COUNT];
	uint64_t layout;
	struct metrics_slot *own; /* or NULL */
	uint64_t own_who;
};

/* The cell, or NULL when an index is out of range. */
_Atomic int64_t *metrics_cell(
	const struct metrics *metrics, enum metric metric, size_t a, size_t b);
/* Maps the file, making or replacing it. */
MUST_CHECK enum err metrics_map(struct metrics *metrics, const char *path);
/* Gives this process's slot back. */
void metrics_leave(struct metrics *metrics);

#endif
