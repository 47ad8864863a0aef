/*
 * Computing queued runs: one runner's slice (work_runs.c), a process that
 * does nothing else (`kontor work --runner`), and the processes that `kontor
 * work` starts and keeps alive (work_runners.c).
 */
#ifndef APP_WORK_RUNS_H
#define APP_WORK_RUNS_H

#include "config.h"
#include "log.h"
#include "open.h"
#include "runs.h"

/* A slice ends its process a little earlier. */
enum {
	RUNNER_LEASE_MS = 65 * 1000
};

struct runner {
	const struct config *config;
	const struct log *log;
	struct shared *shared; /* database, store, figures */
	const char *owner;     /* of its leases: no other process's name */
	/* runner_open fills these in */
	struct arena *arena;   /* of one slice */
	struct arena *scratch; /* of one point */
	struct series_cache *series;
	int64_t runners; /* that there are, besides */
};

void runner_open(struct runner *runner, struct arena *arena);
void runner_close(struct runner *runner);
/* So many runners share the work: WORK_RUNNERS, or the cores. */
int64_t runner_count(const struct config *config);
/* Computes one slice. *did: there was one. ERR_UNAVAILABLE: database or clock
   failed; the slice is free again. */
MUST_CHECK enum err runner_slice(struct runner *runner, bool *did);
/* Slices until there are none, or for so long. False when the database
   failed. */
bool runner_drain(struct runner *runner, int64_t most_ms);

/* ---- the processes -------------------------------------------------------- */

struct runners_options {
	int64_t count;
	const char *const *argv;  /* of each; one word more: its name */
	const char *program;	  /* that is executed */
	const char *owner;	  /* names begin with it */
	const char *const *names; /* or NULL; those, instead */
	int64_t pause_ms; /* the longest before a new start; 0: a minute */
	const struct log *log;
};
struct runners;
struct runners *runners_open(
	struct arena *arena, const struct runners_options *options);
/* Starts those that are due; sees who died, frees what they had, and starts
   them again after a pause that doubles while they die young. now_ms: of a
   clock that never goes back. */
void runners_tend(struct runners *runners, struct shared *shared,
	struct arena *scratch, int64_t now_ms);
/* Ends them: asks, waits up to so long, kills. */
void runners_stop(struct runners *runners, int64_t most_ms);
/* For tests: the process of that index, 0 while there is none. */
pid_t runners_pid(const struct runners *runners, size_t index);

#endif
