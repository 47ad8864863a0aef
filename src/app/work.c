/*
 * One round of the background process: takes what is due, runs it under a
 * watchdog, writes down how it went. A job that takes longer than it may
 * ends the process, before its lease ends: two never do one job at once.
 */
#include "work.h"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

#include "clock.h"
#include "id.h"
#include "runs.h"
#include "text.h"

enum {
	HOST_ROOM = 256,
	OWNER_BYTES = 8,
	WAIT_MOST_MS = 1000
};

const char *work_owner(struct arena *arena)
{
	unsigned char random[OWNER_BYTES];
	char host[HOST_ROOM] = "";

	random_bytes(random, sizeof(random));
	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	return arena_format(arena, "%s/%ld/%s", host, (long)getpid(),
		text_hex(arena, random, sizeof(random)));
}

static struct admin_scope *operator_scope(struct work *work, int64_t now)
{
	return auth_operator_scope(
		work->shared->db, work->arena, work->report, now);
}

struct admin_scope *work_operator(struct work *work)
{
	return operator_scope(work, work->now);
}

static void run_begin(struct work *work)
{
	arena_reset(work->arena);
	work->report = report_open(work->arena);
	work->now = clock_ms();
}

/* ---- the watchdog -------------------------------------------------------- */

/* Only what a signal handler may: the log's own line comes from the next
   process, which finds the lease. */
static void overdue(int signal_number)
{
	static const char line[] =
		"kontor work: a job took longer than it may; ending\n";

	(void)signal_number;
	(void)!write(STDERR_FILENO, line, sizeof(line) - 1);
	_exit(1);
}

void work_watchdog(int64_t ms)
{
	const struct itimerval timer = {.it_value = {.tv_sec = ms / 1000,
						.tv_usec = (ms % 1000) * 1000}};
	struct sigaction act = {.sa_handler = overdue};

	sigemptyset(&act.sa_mask);
	(void)sigaction(SIGALRM, &act, NULL);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
}

/* ---- one job ------------------------------------------------------------- */

static void run_tell(const struct work *work, const struct job_claim *claim,
	const char *error, int64_t took_us)
{
	struct metrics *metrics = work->shared->metrics;

	metrics_add(metrics, METRIC_JOB_RUNS, (size_t)claim->job,
		error ? METRICS_FAILED : METRICS_OK, 1);
	metrics_observe(
		metrics, METRIC_JOB_SECONDS, (size_t)claim->job, took_us);
	log_line(work->log, error ? LOG_ERROR : LOG_DEBUG,
		error ? "work.failed" : "work.done",
		LOG_FIELDS(LOG_TEXT("job", job_names[claim->job]),
			LOG_INT("ms", took_us / 1000),
			LOG_INT("failures", error ? claim->failures + 1 : 0),
			LOG_TEXT("error", error)));
}

/* NULL, or why it failed, in few words. */
static const char *run_claimed(struct work *work, const struct job_claim *claim)
{
	const int64_t began_us = clock_monotonic_us();
	const char *error = NULL;
	enum err err;

	if (claim->taken_over)
		log_line(work->log, LOG_WARN, "work.taken_over",
			LOG_FIELDS(LOG_TEXT("job", job_names[claim->job])));
	work_watchdog(job_kinds[claim->job].timeout_ms);
	err = work_run(work, claim->job);
	work_watchdog(0);
	if (err != ERR_OK)
		error = work->report->detail ? work->report->detail
					     : err_slug(err);
	run_tell(work, claim, error, clock_monotonic_us() - began_us);
	return error;
}

static enum err claim(struct work *work, enum job job, struct job_claim *out)
{
	struct admin_scope *admin;

	if (work->now < 0)
		return ERR_UNAVAILABLE;
	admin = operator_scope(work, work->now);
	if (job == JOB_WATCH && work_watch_wanted(work))
		return jobs_claim_early(admin, job, work->owner, out);
	return jobs_claim(admin, job, work->owner, out);
}

/* True unless it failed; also when it was not due, or somebody else's. */
static bool run_one(struct work *work, enum job job)
{
	struct job_claim mine;
	const char *error;
	enum err err;

	run_begin(work);
	err = claim(work, job, &mine);
	if (err == ERR_NOT_FOUND)
		return true;
	if (err == ERR_OK) {
		error = run_claimed(work, &mine);
		err = jobs_finish(
			operator_scope(work, clock_ms()), &mine, error);
		if (err == ERR_OK)
			return error == NULL;
	}
	log_line(work->log, LOG_ERROR, "work.plan",
		LOG_FIELDS(LOG_TEXT("job", job_names[job]),
			LOG_TEXT("error", err_slug(err))));
	return false;
}

unsigned work_lanes(const struct work *work)
{
	return work->lanes ? work->lanes : LANES_ALL;
}

bool work_has(const struct work *work, enum job_lane lane)
{
	return (work_lanes(work) & 1U << lane) != 0;
}

void work_beat(struct work *work)
{
	if (work_has(work, LANE_HOUSE))
		metrics_process(
			work->shared->metrics, METRICS_POOL_WORK, clock_ms());
}

bool work_round(struct work *work)
{
	bool well = true;

	for (size_t i = 0; i < JOB_COUNT; i++) {
		if (!work_has(work, job_kinds[i].lane))
			continue;
		work_beat(work);
		well = run_one(work, (enum job)i) && well;
	}
	return well;
}

static enum err runs_tell(struct work *work)
{
	struct metrics *metrics = work->shared->metrics;
	struct runs_outlook outlook;
	enum err err = runs_outlook(operator_scope(work, work->now), &outlook);

	if (err != ERR_OK)
		return err;
	metrics_set(metrics, METRIC_RUNS_OPEN, 0, outlook.open);
	metrics_set(metrics, METRIC_RUNS_AGE, 0, outlook.oldest);
	return ERR_OK;
}

static enum err house_tell(
	struct work *work, const struct jobs_outlook *outlook)
{
	metrics_set(work->shared->metrics, METRIC_QUEUE_AGE, 0,
		outlook->late_ms > 0 ? work->now - outlook->late_ms : 0);
	return runs_tell(work);
}

enum err work_wait(struct work *work, int64_t *out)
{
	struct jobs_outlook outlook;
	int64_t most;
	enum err err;

	run_begin(work);
	err = work->now < 0 ? ERR_UNAVAILABLE
			    : jobs_outlook(operator_scope(work, work->now),
				      work_lanes(work), &outlook);
	if (err == ERR_OK && work_has(work, LANE_HOUSE))
		err = house_tell(work, &outlook);
	if (err != ERR_OK)
		return err;
	most = work_has(work, LANE_DESK) ? work->config->watch_ms
					 : WAIT_MOST_MS;
	if (outlook.next_at <= work->now || work_watch_wanted(work))
		*out = 0;
	else if (outlook.next_at - work->now < most)
		*out = outlook.next_at - work->now;
	else
		*out = most;
	return ERR_OK;
}
