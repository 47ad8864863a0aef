/*
 * The background jobs: what there is, when it is due, and who has it. A
 * process takes a job by a lease; two never have one at once, and a due time
 * is done once. Who dies in the middle leaves a lease that ends; then the job
 * runs again, so every job must bear being repeated. What a job does is the
 * program's (app/work_jobs.c); this is its plan.
 */
#ifndef DOMAIN_JOBS_H
#define DOMAIN_JOBS_H

#include <stdbool.h>
#include <stdint.h>

#include "scope.h"
#include "shape.h"

enum job {
	JOB_CLEAN,
	JOB_CHECKPOINT,
	JOB_AUDIT_HEAD,
	JOB_CACHE_WARM,
	JOB_BACKUP,
	JOB_CERTIFICATE,
	JOB_SIGNALS,
	JOB_ORDERS,
	JOB_PORTFOLIO_CHECK,
	JOB_MARKET,
	JOB_WATCH,
	JOB_NOTIFY,
	JOB_SUMMARY,
	JOB_COUNT
};

/* Jobs of one lane wait for each other; each lane may have a process of its
   own, so that a slow job holds up its own lane only. */
enum job_lane {
	LANE_HOUSE, /* tidying, backups, strategies */
	LANE_DESK,  /* orders against prices: never waits for another machine */
	LANE_ERRANDS, /* asks other machines for one user: errands (errands.h) */
	LANE_MARKET,  /* asks them for everybody */
	LANE_LIVE,    /* orders at exchanges (work.h): no job, only a process */
	LANE_COUNT
};
extern const char *const lane_names[LANE_COUNT];
enum {
	LANES_ALL = (1 << LANE_COUNT) - 1 /* bits 1 << enum job_lane */
};

struct job_kind {
	const char *name;
	const char *summary;
	int64_t interval_ms; /* the default */
	int64_t jitter_ms;   /* each due time is later by up to so much */
	/* A process ends itself when a job takes longer; its lease outlives
	   that by JOB_LEASE_MARGIN_MS. */
	int64_t timeout_ms;
	/* After a failure: first wait, doubled each time up to the cap */
	int64_t retry_ms, retry_cap_ms;
	enum job_lane lane;
};

enum {
	JOB_LEASE_MARGIN_MS = 5000
};

/* By enum job. */
extern const struct job_kind job_kinds[JOB_COUNT];
/* Their names in the same order, NULL-terminated: labels of metrics. */
extern const char *const job_names[JOB_COUNT + 1];

/* Writes the intervals down (0: only when asked); new jobs are due at once,
   and a shorter interval pulls the next time in. */
MUST_CHECK enum err jobs_plan(
	struct admin_scope *admin, const int64_t intervals_ms[JOB_COUNT]);

struct job_claim {
	enum job job;
	const char *owner;
	int64_t due_at, started_at; /* ms */
	int64_t interval_ms, failures;
	bool taken_over; /* its last owner never came back */
};
/* owner names this process, unlike any other. ERR_NOT_FOUND when the job is
   not due, is paused, or somebody has it. */
MUST_CHECK enum err jobs_claim(struct admin_scope *admin, enum job job,
	const char *owner, struct job_claim *out);
/* The same whether it is due or not: something happened that it is there for.
   Its due time stays. */
MUST_CHECK enum err jobs_claim_early(struct admin_scope *admin, enum job job,
	const char *owner, struct job_claim *out);
/* That process is dead: what it had may be taken over at once. */
MUST_CHECK enum err jobs_release(struct admin_scope *admin, const char *owner);
/* error NULL: it went well. ERR_CONFLICT when the lease was lost: whatever
   stands there now is another's. */
MUST_CHECK enum err jobs_finish(struct admin_scope *admin,
	const struct job_claim *claim, const char *error);

struct jobs_outlook {
	int64_t next_at; /* ms: nothing of the lanes is due before; INT64_MAX:
			    nothing is */
	int64_t late_ms; /* of the job of any lane that waits longest past its
			    time */
};
/* lanes: bits 1 << enum job_lane. */
MUST_CHECK enum err jobs_outlook(
	struct admin_scope *admin, unsigned lanes, struct jobs_outlook *out);

/* ---- for admins ---------------------------------------------------------- */

struct job_view {
	const char *name, *summary;
	const char *state; /* "waiting" | "running" | "paused" | "off" */
	int64_t interval_s;
	bool run_now; /* asked for, not begun */
	const struct timestamp *next_at, *started_at, *finished_at;
	int64_t duration_ms;
	const char *last_result; /* "ok" | "failed" | "lost", or NULL */
	const char *last_error;	 /* or NULL */
	int64_t failures, runs;
};
MUST_CHECK enum err jobs_list(
	struct admin_scope *admin, struct list *out /* job_view */);
/* ERR_NOT_FOUND for a name that is no job. A paused job is not run:
   ERR_CONFLICT. Asked for while it runs, it runs once more. */
MUST_CHECK enum err jobs_run_now(
	struct admin_scope *admin, const char *name, struct job_view *out);
/* The run that has begun goes on to its end. */
MUST_CHECK enum err jobs_set_paused(struct admin_scope *admin, const char *name,
	bool paused, struct job_view *out);

#endif
