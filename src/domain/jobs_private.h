/* What jobs.c (leases) and jobs_admin.c (views, asking) share. */
#ifndef DOMAIN_JOBS_PRIVATE_H
#define DOMAIN_JOBS_PRIVATE_H

#include "jobs.h"

static inline int64_t least_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * Farther ahead than any clock that goes right would have written it: the
 * clock was put back since. Nobody waits for such a time.
 */
static inline int64_t next_far(
	const struct job_kind *kind, int64_t interval_ms, int64_t now)
{
	return now + 2 * interval_ms + 2 * kind->retry_cap_ms;
}

/* More than an hour beyond a lease's full length; whoever still runs then
   meets the kernel's locks of the jobs that need them. */
static inline int64_t lease_far(const struct job_kind *kind, int64_t now)
{
	return now + kind->timeout_ms + JOB_LEASE_MARGIN_MS + 3600 * 1000;
}

/* Commits when err is ERR_OK, else rolls back; what came of it. */
MUST_CHECK enum err jobs_finish_transaction(
	struct admin_scope *admin, enum err err);

#endif
