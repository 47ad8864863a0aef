/*
 * The job of running strategies: rounds over all that are due, a slice of
 * time each, until nothing is left or the round's time is over. Each run is
 * visited with its owner's scope, made from the row that names it. Must never
 * let one user's strategies keep another's waiting.
 */
#include "work.h"

#include "clock.h"
#include "signal_runner.h"
#include "work_net.h"

enum {
	RUNNER_MEMORY = 4 << 20,
	VISIT_MEMORY = 256 << 20,
	EVALUATORS = 1024,
	ROUND_US = 10 * 1000 * 1000, /* of a time-out of a minute */
	SLICE_US = 500 * 1000,
	DAY_MS = 24 * 60 * 60 * 1000
};

static void runner_open(struct work *work)
{
	if (work->signals)
		return;
	work->signal_arena = arena_open(RUNNER_MEMORY);
	work->visit_arena = arena_open(VISIT_MEMORY);
	work->signals = signal_runner_open(work->signal_arena,
		&(const struct signal_runner_options){
			.history_bars = work->config->signal_history,
			.evaluators = EVALUATORS,
			.memory = (size_t)work->config->signal_memory,
			.time_us = clock_monotonic_us});
}

void work_close(struct work *work)
{
	work_live_close(work);
	work_market_close(work);
	work_net_close(work);
	if (!work->signals)
		return;
	signal_runner_close(&work->signals);
	arena_close(&work->visit_arena);
	arena_close(&work->signal_arena);
}

/* ---- one visit ------------------------------------------------------------ */

static void step_tell(struct work *work, const struct signal_due *due,
	const struct signal_step *step)
{
	for (size_t i = 0; i <= SIGNAL_COUNT; i++)
		if (step->kinds[i] > 0)
			metrics_add(work->shared->metrics, METRIC_SIGNALS, i, 0,
				step->kinds[i]);
	if (step->strength > 0)
		metrics_add(work->shared->metrics, METRIC_SIGNAL_STRENGTH, 0, 0,
			step->strength);
	if (step->failed)
		log_line(work->log, LOG_WARN, "signals.failed",
			LOG_FIELDS(LOG_TEXT("run", due->run_id)));
}

static enum err visit_locked(
	struct work *work, struct signal_due *due, int64_t until_us)
{
	const struct auth_call call = {.arena = work->visit_arena,
		.report = report_open(work->visit_arena),
		.now = clock_ms(),
		.address = "operator"};
	const struct identity owner = {.user_id = due->user_id};
	const struct limits limits = config_limits(work->config);
	struct signal_step step;
	enum err err;

	if (call.now < 0)
		return ERR_UNAVAILABLE;
	signal_runner_limits(work->signals, &limits);
	err = signal_advance(work->signals,
		auth_scope(work->shared->auth, &call, &owner), due, until_us,
		&step);
	step_tell(work, due, &step);
	/* stopped or changed under our hands: the next round sees */
	return err == ERR_CONFLICT ? ERR_OK : err;
}

/* A strategy that runs may trade as well. */
static enum err visit(
	struct work *work, struct signal_due *due, int64_t until_us)
{
	struct work_hold hold;
	enum err err;

	arena_reset(work->visit_arena);
	hold = work_hold(work, work->visit_arena,
		TAG_SIGNALS | (unsigned)WORK_DESK_TAGS, due->user_id);
	err = visit_locked(work, due, until_us);
	work_release(&hold);
	return err;
}

/* ---- the round ------------------------------------------------------------ */

/* Once through those that have something to do; *left: how many still do. */
static enum err pass(struct work *work, const struct list *list,
	struct signal_due *due, int64_t until_us, size_t *left)
{
	enum err err = ERR_OK;

	*left = 0;
	for (size_t i = 0; err == ERR_OK && i < list->count; i++) {
		const int64_t now_us = clock_monotonic_us();
		const int64_t slice_us = now_us + SLICE_US;

		if (!due[i].done && now_us < until_us)
			err = visit(work, &due[i],
				slice_us < until_us ? slice_us : until_us);
		*left += !due[i].done;
	}
	return err;
}

enum err work_signals(struct work *work)
{
	const int64_t until_us = clock_monotonic_us() + ROUND_US;
	struct signal_due *due;
	struct list list;
	size_t left = 1;
	enum err err;

	runner_open(work);
	err = signal_plan(work_operator(work), &list);
	if (err != ERR_OK)
		return err;
	due = arena_array(work->arena, list.count, sizeof(*due));
	if (list.count > 0)
		memcpy(due, list.items, list.count * sizeof(*due));
	while (err == ERR_OK && left > 0 && clock_monotonic_us() < until_us)
		err = pass(work, &list, due, until_us, &left);
	if (err == ERR_OK && left == 0)
		metrics_set(work->shared->metrics, METRIC_SIGNALS_AGE, 0,
			work->now);
	return err;
}

/* ---- what is over --------------------------------------------------------- */

enum err work_signals_clean(struct work *work)
{
	struct admin_scope *admin = work_operator(work);
	int64_t counts[3];
	int64_t removed = 0;
	enum err err = signals_clean(admin,
		work->now - work->config->signal_keep_days * DAY_MS,
		work->config->signals_per_run, &removed);

	if (err == ERR_OK)
		err = signals_count(admin, counts);
	for (size_t i = 0; err == ERR_OK && i < 3; i++)
		metrics_set(work->shared->metrics, METRIC_STRATEGY_RUNS, i,
			counts[i]);
	if (removed > 0)
		log_line(work->log, LOG_INFO, "signals.removed",
			LOG_FIELDS(LOG_INT("rows", removed)));
	return err;
}
