/*
 * Figures that all processes of one installation add to, in one shared file:
 * fixed slots of atomic integers, no locks, no system calls on the hot path.
 * The table below is the whole truth about names, labels and units. A NULL
 * `struct metrics *` is fine everywhere and does nothing, so that no caller
 * has to ask. Survives the death of any process at any point; a file of
 * another layout is replaced.
 */
#ifndef BASE_METRICS_H
#define BASE_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "buf.h"
#include "err.h"

struct metrics;

/* One family a row in base/metrics_table.c, in this order. */
enum metric {
	METRIC_REQUESTS,	 /* {route, status} counter */
	METRIC_REQUEST_SECONDS,	 /* {route} histogram */
	METRIC_DATABASE_OPS,	 /* {op=query|run|begin|commit|error} */
	METRIC_DATABASE_SECONDS, /* {op=read|write} histogram */
	METRIC_STORE_OPS,	/* {backend=local|redis, op=get|put|take|...} */
	METRIC_STORE_ERRORS,	/* {backend} */
	METRIC_STORE_DEGRADED,	/* gauge 0|1 */
	METRIC_CACHE_HITS,	/* {class} */
	METRIC_CACHE_MISSES,	/* {class} */
	METRIC_CACHE_STALE,	/* {class} served while another computes */
	METRIC_CACHE_BYTES,	/* gauge */
	METRIC_CACHE_ENTRIES,	/* gauge */
	METRIC_RATE_VIOLATIONS, /* {rule} */
	METRIC_AUTH_ATTEMPTS,	/* {result=success|failure|limited} */
	METRIC_TOKEN_CHECKS,	/* {result=valid|invalid|revoked|expired} */
	METRIC_WORKERS,		/* {pool=api|auth} gauge, computed */
	METRIC_WORKER_STARTS,	/* {pool} counter */
	METRIC_WORK_UP,		/* gauge: seconds since work's last beat */
	METRIC_JOB_RUNS,	/* {job, result=ok|failed} */
	METRIC_JOB_SECONDS,	/* {job} histogram */
	METRIC_QUEUE_AGE,	/* gauge, s: oldest job past its time */
	METRIC_BACKUP_AGE,	/* gauge, s; -1 none */
	METRIC_AUDIT_ROWS,	/* counter */
	METRIC_AUDIT_BROKEN,	/* gauge 0|1 */
	METRIC_CERTIFICATE_EXPIRY, /* gauge, s from now; absent: not set */
	METRIC_COUNT
};

/* Values of the labels that only the program knows. */
struct metrics_labels {
	const char *const *routes; /* "GET /auth/me", NULL-terminated */
	const char *const *rules, *const *cache_classes, *const *jobs;
};

struct metrics_options {
	const char *path;
	struct metrics_labels labels;
};
MUST_CHECK enum err metrics_open(struct arena *arena,
	const struct metrics_options *options, struct metrics **out);
void metrics_close(struct metrics **metrics);

/* a, b: indexes of the label values, in the table's order; 0 where a family
   has fewer labels. Out of range counts nothing. */
void metrics_add(struct metrics *metrics, enum metric metric, size_t a,
	size_t b, int64_t delta);
void metrics_set(
	struct metrics *metrics, enum metric metric, size_t a, int64_t value);
void metrics_observe(
	struct metrics *metrics, enum metric metric, size_t a, int64_t us);
int64_t metrics_get(
	const struct metrics *metrics, enum metric metric, size_t a, size_t b);
/* A process says that it lives: slot by pid, pool 0 api, 1 auth, 2 work. The
   dead are seen by kill(pid, 0) when the figures are written. */
void metrics_process(struct metrics *metrics, size_t pool, int64_t now);
/* Prometheus text format 0.0.4, all families. */
void metrics_write(const struct metrics *metrics, int64_t now, struct buf *out);

#endif
