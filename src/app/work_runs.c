/*
 * One slice of some user's run: leased, computed with nothing of that user but
 * what the lease opens, given back. Must never touch a run without a lease,
 * and never hold the write lock while it computes.
 */
#include "work_runs.h"

#include <unistd.h>

#include "cache.h"
#include "clock.h"
#include "work.h"

enum {
	SLICE_US = 300 * 1000,
	LEAST_US = 20 * 1000,
	TELL_US = 500 * 1000,
	SLICE_TIMEOUT_MS = RUNNER_LEASE_MS - 5000,
	OVERDUE_US = (SLICE_TIMEOUT_MS - 5000) * 1000,
	SLICE_MEMORY = 1 << 30
};

int64_t runner_count(const struct config *config)
{
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (config->work_runners > 0)
		return config->work_runners;
	return cores > 0 ? cores : 1;
}

void runner_open(struct runner *runner, struct arena *arena)
{
	runner->arena = arena_open(SLICE_MEMORY);
	runner->scratch = arena_open(SLICE_MEMORY);
	runner->series =
		series_cache_open(arena, runner->config->work_candle_bytes);
	runner->runners = runner_count(runner->config);
}

void runner_close(struct runner *runner)
{
	series_cache_close(&runner->series);
	arena_close(&runner->scratch);
	arena_close(&runner->arena);
}

/* ---- one slice ------------------------------------------------------------ */

struct slicing {
	struct runner *runner;
	struct report *report;
	struct run_claim claim;
	struct scope *scope;
	int64_t began_us, told_us;
	bool overdue; /* ended before the watchdog would */
};

static enum err scope_open(const struct slicing *slicing, struct scope **out)
{
	const struct auth_lease lease = {
		.arena = slicing->runner->arena,
		.report = slicing->report,
		.now = clock_ms(),
		.run_id = slicing->claim.run_id,
		.lease = slicing->claim.owner,
	};

	if (lease.now < 0)
		return ERR_UNAVAILABLE;
	return auth_lease_scope(slicing->runner->shared->db, &lease, out);
}

/* Whoever looks at the user's runs sees them as they are now. */
static void shown_anew(const struct slicing *slicing)
{
	const struct runner *runner = slicing->runner;

	cache_drop(&(const struct cache_drop){.store = runner->shared->store,
		.arena = runner->arena,
		.now = clock_ms(),
		.user_id = slicing->claim.user_id,
		.tags = TAG_BACKTESTS});
}

/* Twice a second at most. A database that is away now may be back when there
   is something to give. */
static bool told(void *context, size_t bars)
{
	struct slicing *slicing = context;
	const int64_t now_us = clock_monotonic_us();
	enum err err;

	if (now_us - slicing->told_us < TELL_US)
		return true;
	slicing->told_us = now_us;
	slicing->overdue = now_us - slicing->began_us > OVERDUE_US;
	if (slicing->overdue)
		return false;
	err = run_progress(slicing->scope, &slicing->claim, (int64_t)bars);
	if (err == ERR_OK)
		shown_anew(slicing);
	return err != ERR_CONFLICT;
}

static bool enough(void *context)
{
	const struct slicing *slicing = context;

	return clock_monotonic_us() - slicing->began_us >= SLICE_US;
}

static enum err compute(
	struct slicing *slicing, struct scope *scope, struct run_output *out)
{
	const struct run_slice slice = {
		.scope = scope,
		.series = slicing->runner->series,
		.claim = &slicing->claim,
		.scratch = slicing->runner->scratch,
		.enough = enough,
		.tell = told,
		.context = slicing,
	};
	enum err err;

	slicing->scope = scope;
	work_watchdog(SLICE_TIMEOUT_MS);
	err = run_work(&slice, out);
	work_watchdog(0);
	arena_reset(slicing->runner->scratch);
	return err;
}

/* What went wrong, for the user. */
static const char *words_of(const struct report *report, enum err err)
{
	if (report->fault_count > 0)
		return report->faults[0].message;
	if (report->detail)
		return report->detail;
	return err == ERR_BAD_INPUT ? "It cannot be run."
				    : "Something failed on our side.";
}

static void tell(const struct slicing *slicing, const char *event,
	const char *error, int64_t spent_us)
{
	const struct run_claim *claim = &slicing->claim;
	const bool odd = error != NULL;

	log_line(slicing->runner->log, odd ? LOG_WARN : LOG_DEBUG, event,
		LOG_FIELDS(LOG_TEXT("run", claim->run_id),
			LOG_TEXT("kind", run_kind_names[claim->kind]),
			LOG_INT("first", claim->first),
			LOG_INT("points", claim->points),
			LOG_INT("ms", spent_us / 1000),
			LOG_TEXT("error", error)));
}

static enum err fail(struct slicing *slicing, const char *why)
{
	struct scope *scope;
	enum err err = scope_open(slicing, &scope);

	if (err == ERR_OK)
		err = run_fail(scope, &slicing->claim, why);
	if (err != ERR_OK)
		return err;
	metrics_add(slicing->runner->shared->metrics, METRIC_RUNS,
		slicing->claim.kind, METRICS_RUN_FAILED, 1);
	tell(slicing, "run.failed", why, 0);
	return ERR_OK;
}

static enum err give(struct slicing *slicing, const struct run_output *output)
{
	const int64_t spent_us = clock_monotonic_us() - slicing->began_us;
	struct metrics *metrics = slicing->runner->shared->metrics;
	struct scope *scope;
	enum err err = scope_open(slicing, &scope);

	if (err == ERR_OK)
		err = run_give(scope, &slicing->claim, output, spent_us);
	metrics_observe(
		metrics, METRIC_RUN_SECONDS, slicing->claim.kind, spent_us);
	if (err != ERR_OK)
		return err;
	tell(slicing, "run.slice", NULL, spent_us);
	if (slicing->claim.points == 0)
		metrics_add(metrics, METRIC_RUNS, slicing->claim.kind,
			METRICS_RUN_DONE, 1);
	return ERR_OK;
}

static enum err slice_do(struct slicing *slicing)
{
	struct run_output output;
	struct scope *scope;
	enum err err;

	if (slicing->claim.attempt > RUN_ATTEMPTS)
		return fail(slicing,
			"It ended the process that ran it, three times.");
	if (slicing->claim.attempt > 1)
		tell(slicing, "run.taken_over", "not given back", 0);
	err = scope_open(slicing, &scope);
	if (err == ERR_OK)
		err = compute(slicing, scope, &output);
	if (err == ERR_OK)
		return give(slicing, &output);
	if (slicing->overdue)
		return fail(slicing,
			"It takes longer than a run may; take a shorter range, "
			"a larger interval or simpler rules.");
	/* cancelled, or the database is away */
	if (err == ERR_CONFLICT || err == ERR_UNAVAILABLE)
		return err;
	return fail(slicing, words_of(slicing->report, err));
}

enum err runner_slice(struct runner *runner, bool *did)
{
	const struct run_pace pace = {.slice_us = SLICE_US,
		.least_us = LEAST_US,
		.lease_ms = RUNNER_LEASE_MS,
		.runners = runner->runners};
	struct slicing slicing = {.runner = runner};
	struct admin_scope *admin;
	int64_t now = clock_ms();
	enum err err;

	arena_reset(runner->arena);
	slicing.report = report_open(runner->arena);
	*did = false;
	if (now < 0)
		return ERR_UNAVAILABLE;
	admin = auth_operator_scope(
		runner->shared->db, runner->arena, slicing.report, now);
	err = runs_claim(admin, &pace, runner->owner, &slicing.claim);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	*did = true;
	slicing.began_us = clock_monotonic_us();
	slicing.told_us = slicing.began_us;
	if (slicing.claim.began)
		shown_anew(&slicing);
	err = slice_do(&slicing);
	if (err == ERR_OK)
		shown_anew(&slicing);
	else if (err != ERR_CONFLICT)
		(void)!runs_release(admin, runner->owner, RUNNER_LEASE_MS);
	return err == ERR_CONFLICT ? ERR_OK : err;
}

bool runner_drain(struct runner *runner, int64_t most_ms)
{
	const int64_t began_us = clock_monotonic_us();
	bool did = true;

	while (did && clock_monotonic_us() - began_us < most_ms * 1000)
		if (runner_slice(runner, &did) != ERR_OK)
			return false;
	return true;
}
