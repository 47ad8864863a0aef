/* What jobs.c (leases) and jobs_admin.c (views, asking) share. */
#ifndef DOMAIN_JOBS_PRIVATE_H
#define DOMAIN_JOBS_PRIVATE_H

#include "jobs.h"

static inline int64_t least_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

enum {
	/* Times that are ahead by more than they can be, and by this, are of a
	   clock that was put back since. Less may be a process that was held
	   up between looking at the clock and having the write lock. */
	CLOCK_SLACK_MS = 3600 * 1000
};

static inline int64_t next_far(
	const struct job_kind *kind, int64_t interval_ms, int64_t now)
{
	return now + 2 * interval_ms + 2 * kind->retry_cap_ms + CLOCK_SLACK_MS;
}

/* Whoever still runs then meets the kernel's locks of the jobs that need
   them. */
static inline int64_t lease_far(const struct job_kind *kind, int64_t now)
{
	return now + kind->timeout_ms + JOB_LEASE_MARGIN_MS + CLOCK_SLACK_MS;
}

#endif
