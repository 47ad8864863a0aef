/*
 * The stop-loss watch: looks whether quotes changed, and has the paper venue
 * act on what they reach, and the outbox on what is watched for an exchange.
 * Beside its job it runs between the steps of others
 * of its lane. Must never wait for anything but the database.
 */
#include "work.h"

#include "clock.h"
#include "live_watch.h"
#include "paper_runner.h"

enum {
	PLAN_MEMORY = 64 << 20,
	VISIT_MEMORY = 256 << 20,
	ROUND_US = 20 * 1000 * 1000 /* of a time-out of a minute */
};

static struct admin_scope *admin_at(
	struct work *work, struct arena *arena, int64_t now)
{
	return auth_operator_scope(
		work->shared->db, arena, report_open(arena), now);
}

/* ---- is there something to look at -------------------------------------------- */

/* 0 when it cannot be told, or is not this process's to do. */
static int64_t quotes_ahead(struct work *work, struct arena *arena)
{
	const int64_t now = clock_ms();
	int64_t seq = 0;
	bool wanted = false;

	if (now < 0 || !work_has(work, LANE_DESK) ||
		paper_watch_look(admin_at(work, arena, now), &seq, &wanted) !=
			ERR_OK)
		return 0;
	return wanted && seq != work->watch_seq ? seq : 0;
}

bool work_watch_wanted(struct work *work)
{
	return quotes_ahead(work, work->arena) != 0;
}

/* ---- a pass ----------------------------------------------------------------------- */

struct pass {
	struct work *work;
	struct arena *plan;  /* of the list */
	struct arena *visit; /* of one transaction */
	struct limits limits;
	int64_t until_us;
};

static enum err visit(struct pass *pass, struct paper_due *due)
{
	struct work *work = pass->work;
	struct work_hold hold;
	enum err err;

	arena_reset(pass->visit);
	due->moved = 0;
	work->now = clock_ms();
	if (work->now < 0)
		return ERR_UNAVAILABLE;
	hold = work_hold(work, pass->visit, WORK_DESK_TAGS, due->user_id);
	err = (due->live ? live_watch_advance : paper_advance)(
		work_scope_of(work, pass->visit, due->user_id), &pass->limits,
		due);
	work_release(&hold);
	if (err != ERR_OK)
		due->done = true;
	/* from the quote's coming to the commit of what it did */
	for (int64_t i = 0; err == ERR_OK && i < due->moved; i++)
		metrics_observe(work->shared->metrics, METRIC_WATCH_SECONDS, 0,
			(clock_ms() - due->received) * 1000);
	return work_passed(work, err, due->user_id);
}

static enum err list_visit(struct pass *pass, const struct list *list)
{
	const struct paper_due *items = list->items;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < list->count; i++) {
		struct paper_due due = items[i];

		while (err == ERR_OK && !due.done &&
			clock_monotonic_us() < pass->until_us)
			err = visit(pass, &due);
	}
	return err;
}

/* Quotes of a pass that was cut short are looked at again. */
static enum err pass_run(struct pass *pass, int64_t since)
{
	struct work *work = pass->work;
	struct admin_scope *admin = admin_at(work, pass->plan, work->now);
	struct list list = {0};
	int64_t seq = 0;
	bool wanted;
	enum err err = paper_watch_look(admin, &seq, &wanted);

	if (err == ERR_OK)
		err = paper_watch_plan(admin, since, &list);
	if (err == ERR_OK)
		err = list_visit(pass, &list);
	if (err != ERR_OK || clock_monotonic_us() >= pass->until_us)
		return err;
	work->watch_seq = seq;
	metrics_set(work->shared->metrics, METRIC_WATCH_AGE, 0, clock_ms());
	return ERR_OK;
}

/* since 0: all that are open. */
static enum err watch(struct work *work, int64_t since)
{
	const int64_t before = work->now;
	struct pass pass = {.work = work,
		.plan = arena_open(PLAN_MEMORY),
		.visit = arena_open(VISIT_MEMORY),
		.limits = config_limits(work->config),
		.until_us = clock_monotonic_us() + ROUND_US};
	enum err err = ERR_UNAVAILABLE;

	work->now = clock_ms();
	if (work->now >= 0)
		err = pass_run(&pass, since);
	work->now = before;
	arena_close(&pass.visit);
	arena_close(&pass.plan);
	return err;
}

enum err work_watch(struct work *work)
{
	const int64_t now_us = clock_monotonic_us();
	/* at first, and twice a minute: all, whatever changed */
	const bool all = work->watch_seq == 0 || now_us >= work->watch_all_us;

	if (all)
		work->watch_all_us =
			now_us + job_kinds[JOB_WATCH].interval_ms * 1000 - 1;
	return watch(work, all ? 0 : work->watch_seq);
}

enum err work_watch_between(struct work *work)
{
	struct arena *arena = arena_open(PLAN_MEMORY);
	const bool ahead = quotes_ahead(work, arena) != 0;

	arena_close(&arena);
	return ahead ? watch(work, work->watch_seq) : ERR_OK;
}
