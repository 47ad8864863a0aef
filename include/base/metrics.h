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

/* Indexes of the fixed label values, in the order of metrics_table.c. */
enum metrics_db_op {
	METRICS_DB_QUERY,
	METRICS_DB_RUN,
	METRICS_DB_BEGIN,
	METRICS_DB_COMMIT,
	METRICS_DB_ERROR
};
enum metrics_db_kind {
	METRICS_DB_READ,
	METRICS_DB_WRITE
};
enum metrics_backend {
	METRICS_STORE_LOCAL,
	METRICS_STORE_REDIS
};
enum metrics_store_op {
	METRICS_STORE_GET,
	METRICS_STORE_PUT,
	METRICS_STORE_REMOVE,
	METRICS_STORE_ADD,
	METRICS_STORE_LOOK,
	METRICS_STORE_KEEP,
	METRICS_STORE_HOLD,
	METRICS_STORE_RELEASE,
	METRICS_STORE_TAKE,
	METRICS_STORE_OTHER
};
enum metrics_auth {
	METRICS_AUTH_SUCCESS,
	METRICS_AUTH_FAILURE,
	METRICS_AUTH_LIMITED
};
enum metrics_token {
	METRICS_TOKEN_VALID,
	METRICS_TOKEN_INVALID,
	METRICS_TOKEN_REVOKED,
	METRICS_TOKEN_EXPIRED
};
enum metrics_pool {
	METRICS_POOL_API,
	METRICS_POOL_AUTH,
	METRICS_POOL_WORK
};
enum metrics_result {
	METRICS_OK,
	METRICS_FAILED
};
enum metrics_venue {
	METRICS_BINANCE,
	METRICS_COINGECKO
};
enum metrics_venue_kind {
	METRICS_VENUE_ORDER,
	METRICS_VENUE_ACCOUNT,
	METRICS_VENUE_MARKET
};
enum metrics_venue_error {
	METRICS_VENUE_TIMEOUT,
	METRICS_VENUE_CONNECTION,
	METRICS_VENUE_4XX, /* other than the next two, without its own code */
	METRICS_VENUE_418, /* this address is banned */
	METRICS_VENUE_429,
	METRICS_VENUE_5XX,
	METRICS_VENUE_REFUSED, /* it said no, and why */
	METRICS_VENUE_ANSWER,  /* not understood */
	METRICS_VENUE_ERRORS
};
enum metrics_run {
	METRICS_RUN_DONE,
	METRICS_RUN_FAILED
};

/*
 * One family a row in base/metrics_table.c, in this order. "at": metrics_set
 * takes a point in time (ms UTC); what is printed are the seconds since, or
 * until. 0, as it is at first, is "never".
 */
enum metric {
	METRIC_REQUESTS,	   /* {route, status}: metrics_request */
	METRIC_RESPONSES,	   /* {class} counted when it is written */
	METRIC_REQUEST_SECONDS,	   /* {route}: metrics_request */
	METRIC_DATABASE_OPS,	   /* {enum metrics_db_op} */
	METRIC_DATABASE_SECONDS,   /* {enum metrics_db_kind} histogram */
	METRIC_STORE_OPS,	   /* {metrics_backend, metrics_store_op} */
	METRIC_STORE_ERRORS,	   /* {metrics_backend} */
	METRIC_STORE_DEGRADED,	   /* gauge 0|1 */
	METRIC_CACHE_HITS,	   /* {class} */
	METRIC_CACHE_MISSES,	   /* {class} */
	METRIC_CACHE_STALE,	   /* {class} served while another computes */
	METRIC_CACHE_BYTES,	   /* gauge */
	METRIC_CACHE_ENTRIES,	   /* gauge */
	METRIC_RATE_VIOLATIONS,	   /* {rule} */
	METRIC_AUTH_ATTEMPTS,	   /* {metrics_auth} */
	METRIC_TOKEN_CHECKS,	   /* {metrics_token} */
	METRIC_WORKERS,		   /* {pool} counted when it is written */
	METRIC_WORKER_STARTS,	   /* {pool} counter */
	METRIC_WORK_BEAT,	   /* at: work's last beat (metrics_process) */
	METRIC_JOB_RUNS,	   /* {job, metrics_result} */
	METRIC_JOB_SECONDS,	   /* {job} histogram */
	METRIC_QUEUE_AGE,	   /* at: when the oldest job that waits was
					due; 0 none waits, printed as 0 */
	METRIC_RUNS_OPEN,	   /* gauge: queued runs, and those that run */
	METRIC_RUNS_AGE,	   /* at: when the oldest that nobody has begun
					was asked for; 0 printed as 0 */
	METRIC_RUNS,		   /* {kind, metrics_run} */
	METRIC_RUN_SECONDS,	   /* {kind} histogram, of slices */
	METRIC_BACKUP_AGE,	   /* at: the newest backup; 0 printed as -1 */
	METRIC_AUDIT_ROWS,	   /* counter */
	METRIC_AUDIT_BROKEN,	   /* gauge 0|1 */
	METRIC_CERTIFICATE_EXPIRY, /* at: notAfter; 0 is not printed */
	METRIC_STRATEGY_RUNS,	   /* {strategy_run_states} gauge */
	METRIC_SIGNALS,		   /* {signal_names} candles evaluated */
	METRIC_SIGNALS_AGE,	   /* at: when every running strategy had last
					seen all closed candles; 0 printed -1 */
	METRIC_SIGNAL_STRENGTH,	   /* counter: percent, added up */
	METRIC_ORDERS,		   /* {order_states} steps, by where they led */
	METRIC_DENIALS,		   /* {risk_reasons} */
	METRIC_FILLS,		   /* {order_venues} */
	METRIC_ORDERS_OPEN,	   /* {order_states} gauge */
	METRIC_EQUITY,		   /* {order_venues} gauge: money, all users */
	METRIC_PROFIT,		   /* the same, above what was begun with */
	METRIC_POSITIONS,	   /* {order_venues} gauge */
	METRIC_PAPER_LAG,	  /* at: what the resting order that is furthest
					behind saw last; 0 printed as 0 */
	METRIC_PAPER_AGE,	  /* at: when all had met all; 0 printed -1 */
	METRIC_PORTFOLIO_DIFFERS, /* gauge 0|1 */
	METRIC_TRADING_HALTED,	  /* gauge 0|1, for everybody */
	METRIC_MARKET_AGE,	  /* at: the oldest of the quotes that are
					fetched; 0 printed as -1 */
	METRIC_MARKET_FETCHED,	  /* at: last success; 0 printed as -1 */
	METRIC_MARKET_CALLS,	  /* {feed_sources, metrics_result} */
	METRIC_WATCH_AGE,     /* at: when the stop-loss watch had last looked
					at all new quotes; 0 printed as -1 */
	METRIC_WATCH_SECONDS, /* histogram */
	METRIC_VENUE_SECONDS, /* {metrics_venue, metrics_venue_kind}
					histogram */
	METRIC_VENUE_ERRORS,  /* {metrics_venue, metrics_venue_error} */
	METRIC_COUNT
};

/* Values of the labels that only the program knows, NULL-terminated; they
   live as long as the metrics. NULL: the family has no values. */
struct metrics_labels {
	const char *const *routes; /* "GET /auth/me" */
	const char *const *rules, *const *cache_classes, *const *jobs;
	const char *const *run_kinds;
	const char *const *venues, *const *order_states, *const *risk_reasons;
};

struct metrics_options {
	const char *path; /* on a memory-backed file system where there is one;
			     the folder is there already. NULL: no file, the
			     figures are this process's alone */
	struct metrics_labels labels;
};
/*
 * Makes the file (0600) when it is not there, and puts a new one in its place
 * when it is another layout's: who has the old one goes on with that.
 * ERR_BAD_INPUT: it is somebody else's, or others may use it.
 * ERR_UNAVAILABLE: the system refused; go on with NULL.
 */
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
void metrics_observe_at(struct metrics *metrics, enum metric metric, size_t a,
	size_t b, int64_t us);
/* One answered request. route: its index in labels.routes; SIZE_MAX when no
   route was found. status: as sent (200). */
void metrics_request(
	struct metrics *metrics, size_t route, int status, int64_t us);
/* A counter or a gauge as it was added or set; of a histogram the number of
   observations. */
int64_t metrics_get(
	const struct metrics *metrics, enum metric metric, size_t a, size_t b);
/* Requests answered with a status in least..most. */
int64_t metrics_requests(const struct metrics *metrics, int least, int most);
/* Of a histogram, all labels together, in us, interpolated in its bucket;
   -1 without observations. Past the last bound: that bound (10 s). */
int64_t metrics_quantile(
	const struct metrics *metrics, enum metric metric, int percent);
/*
 * A process says that it lives (workers: once, at their start; work: each
 * round). The dead
 * are seen when the figures are read: by their pid and when it started, so
 * that a new process with an old pid is not taken for the old one.
 */
void metrics_process(
	struct metrics *metrics, enum metrics_pool pool, int64_t now);
/* Living processes of a pool. Costs some system calls a process. */
int64_t metrics_processes(
	const struct metrics *metrics, enum metrics_pool pool);
/* When the first of them to live said so first (workers: their start), ms; 0
   when there is none. */
int64_t metrics_oldest(const struct metrics *metrics, enum metrics_pool pool);
/* Prometheus text format 0.0.4, all families. */
void metrics_write(const struct metrics *metrics, int64_t now, struct buf *out);

/* The table itself, for tests and documentation: the name of a family, as it
   is printed (without _bucket and the like). */
const char *metrics_name(enum metric metric);

#endif
