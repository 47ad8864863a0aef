/*
 * A round of orders at the exchange: one step of each user in turn, until
 * nothing is due or the round's time is over; then keys and balances. Must
 * never let one user's orders keep another's waiting.
 */
#include "clock.h"
#include "exchange.h"
#include "work_live.h"
#include "work_net.h"
#include "work_venues.h"

enum {
	VISIT_MEMORY = 64 << 20,
	ROUND_US = 5 * 1000 * 1000, /* other work waits meanwhile */
	TIMEOUT_MS = 4 * 60 * 1000, /* of the last visit, all requests slow */
	LOOK_US = 1000 * 1000, /* between two looks for accounts that are due */
	RARELY_MS = 60 * 1000,
	CHECK_MS = 24 * 60 * 60 * 1000
};

static struct arena *arena_of(struct work *work)
{
	if (!work->live_arena)
		work->live_arena = arena_open(VISIT_MEMORY);
	return work->live_arena;
}

void work_live_close(struct work *work)
{
	work_venues_close(work);
	work_net_close(work);
	if (work->live_arena)
		arena_close(&work->live_arena);
}

/* One that cannot be reckoned must not stop the others. */
static enum err passed(struct work *work, enum err err, const char *user_id)
{
	if (err == ERR_OK || err == ERR_NOT_FOUND)
		return err;
	log_line(work->log, LOG_ERROR, "live.failed",
		LOG_FIELDS(LOG_TEXT("user", user_id),
			LOG_TEXT("error", err_slug(err))));
	return ERR_NOT_FOUND;
}

/* Once through those that have something to do; *left: how many may. */
static enum err pass(struct work *work, const struct text_list *users,
	bool *done, int64_t until_us, size_t *left)
{
	struct live live = {.arena = arena_of(work)};
	struct work_hold hold;

	*left = 0;
	for (size_t i = 0; i < users->count; i++) {
		if (done[i] || clock_monotonic_us() >= until_us)
			continue;
		if (!live_begin(&live, work, users->items[i]))
			return ERR_UNAVAILABLE;
		hold = work_hold(
			work, live.arena, WORK_LIVE_TAGS, users->items[i]);
		done[i] = passed(work, live_visit(&live), users->items[i]) ==
			  ERR_NOT_FOUND;
		work_release(&hold);
		*left += !done[i];
	}
	return ERR_OK;
}

static enum err orders_round(struct work *work, int64_t until_us)
{
	struct text_list users;
	size_t left = 1;
	bool *done;
	enum err err = outbox_plan(work_operator(work), &users);

	if (err != ERR_OK)
		return err;
	done = arena_array(work->arena, users.count, sizeof(*done));
	while (err == ERR_OK && users.count > 0 && left > 0 &&
		clock_monotonic_us() < until_us)
		err = pass(work, &users, done, until_us, &left);
	return err;
}

/* ---- accounts -------------------------------------------------------------------- */

static void account_visit(
	struct work *work, struct live *live, const struct exchange_due *due)
{
	struct work_hold hold;
	int64_t retry_at = 0;
	enum err err;

	if (!live_begin(live, work, due->user_id))
		return;
	hold = work_hold(work, live->arena, WORK_LIVE_TAGS, due->user_id);
	err = live_account(live, due->checked, &retry_at);
	work_release(&hold);
	if (err == ERR_BAD_INPUT)
		retry_at = clock_ms() + (int64_t)RARELY_MS;
	work_venues_later(work, due->user_id, retry_at);
	if (err != ERR_OK && err != ERR_CONFLICT && err != ERR_UNAVAILABLE)
		(void)passed(work, err, due->user_id);
}

static enum err accounts_round(struct work *work, int64_t until_us)
{
	const struct config *config = work->config;
	const int64_t now_us = clock_monotonic_us();
	struct live live = {.arena = arena_of(work)};
	const struct exchange_due *dues;
	struct list list;
	enum err err;

	if (now_us - work->live_looked_us < LOOK_US)
		return ERR_OK;
	work->live_looked_us = now_us;
	work_venues_prune(work);
	if (!config->live_trading)
		return ERR_OK;
	err = exchange_plan(work_operator(work), work->now - CHECK_MS,
		work->now - config->live_compare_s * 1000, &list);
	if (err != ERR_OK)
		return err;
	dues = list.items;
	for (size_t i = 0; i < list.count && clock_monotonic_us() < until_us;
		i++)
		if (work_venues_may(work, dues[i].user_id, clock_ms()))
			account_visit(work, &live, &dues[i]);
	return ERR_OK;
}

static enum err round_do(struct work *work)
{
	const int64_t until_us = clock_monotonic_us() + ROUND_US;
	enum err err;

	arena_reset(work->arena);
	work->report = report_open(work->arena);
	work->now = clock_ms();
	if (work->now < 0)
		return ERR_UNAVAILABLE;
	err = orders_round(work, until_us);
	if (err == ERR_OK)
		err = live_runs_round(work, arena_of(work));
	return err == ERR_OK ? accounts_round(work, until_us) : err;
}

void work_live(struct work *work)
{
	enum err err;

	if (!work_has(work, LANE_LIVE))
		return;
	work_watchdog(TIMEOUT_MS);
	err = round_do(work);
	work_watchdog(0);
	if (err != ERR_OK)
		log_line(work->log, LOG_ERROR, "live.round",
			LOG_FIELDS(LOG_TEXT("error", err_slug(err))));
}
