/*
 * The jobs of the desk: resting orders on newly closed candles, snapshots of
 * accounts, and the check that everything follows from the fills. Each visit
 * has the scope of the owner that stands in the row. Must never mend what the
 * check finds: that is for people.
 */
#include "work.h"

#include "clock.h"
#include "desk_figures.h"
#include "idempotency.h"
#include "orders_clean.h"
#include "paper_runner.h"
#include "portfolio.h"

enum {
	VISIT_MEMORY = 256 << 20,
	ROUND_US = 20 * 1000 * 1000, /* of a time-out of two minutes */
	SNAPSHOT_MS = 15 * 60 * 1000,
	KEY_DAYS = 1,
	DAY_MS = 24 * 60 * 60 * 1000
};

struct scope *work_scope_of(
	struct work *work, struct arena *arena, const char *user_id)
{
	const struct auth_call call = {.arena = arena,
		.report = report_open(arena),
		.now = work->now,
		.address = "operator"};
	const struct identity owner = {.user_id = user_id};

	return auth_scope(work->shared->auth, &call, &owner);
}

/* An order or account that cannot be reckoned must not stop the others. */
enum err work_passed(struct work *work, enum err err, const char *user_id)
{
	if (err == ERR_OK || err == ERR_UNAVAILABLE)
		return err;
	log_line(work->log, LOG_ERROR, "paper.failed",
		LOG_FIELDS(LOG_TEXT("user", user_id),
			LOG_TEXT("error", err_slug(err))));
	return ERR_OK;
}

static enum err advance(
	struct work *work, struct arena *arena, struct paper_due *due)
{
	const struct limits limits = config_limits(work->config);
	struct work_hold hold;
	enum err err;

	arena_reset(arena);
	hold = work_hold(work, arena, WORK_DESK_TAGS, due->user_id);
	err = paper_advance(
		work_scope_of(work, arena, due->user_id), &limits, due);
	work_release(&hold);
	if (err != ERR_OK)
		due->done = true;
	return work_passed(work, err, due->user_id);
}

/* What the order that is furthest behind saw last; 0: none is behind. */
static void lag_tell(
	struct work *work, const struct paper_due *due, size_t count)
{
	int64_t oldest = 0;

	for (size_t i = 0; i < count; i++)
		if (!due[i].done && (oldest == 0 || due[i].seen_until < oldest))
			oldest = due[i].seen_until;
	metrics_set(work->shared->metrics, METRIC_PAPER_LAG, 0, oldest);
	if (oldest == 0)
		metrics_set(
			work->shared->metrics, METRIC_PAPER_AGE, 0, work->now);
}

/* A batch of each in turn, until nothing is left or the time is over. */
static enum err orders_advance(
	struct work *work, struct arena *arena, const struct list *list)
{
	const int64_t until_us = clock_monotonic_us() + ROUND_US;
	struct paper_due *due =
		arena_array(work->arena, list->count, sizeof(*due));
	size_t left = list->count;
	enum err err = ERR_OK;

	if (list->count > 0)
		memcpy(due, list->items, list->count * sizeof(*due));
	while (err == ERR_OK && left > 0 && clock_monotonic_us() < until_us) {
		left = 0;
		for (size_t i = 0; err == ERR_OK && i < list->count; i++) {
			if (due[i].done)
				continue;
			err = advance(work, arena, &due[i]);
			left += !due[i].done;
			if (err == ERR_OK)
				err = work_watch_between(work);
		}
	}
	lag_tell(work, due, list->count);
	return err;
}

static enum err mark(
	struct work *work, struct arena *arena, const struct paper_book *book)
{
	const struct limits limits = config_limits(work->config);
	struct work_hold hold;
	enum err err;

	arena_reset(arena);
	hold = work_hold(work, arena, WORK_DESK_TAGS, book->user_id);
	err = paper_mark(work_scope_of(work, arena, book->user_id), &limits,
		book->account);
	work_release(&hold);
	return work_passed(work, err, book->user_id);
}

static enum err accounts_mark(
	struct work *work, struct arena *arena, const struct list *books)
{
	const struct paper_book *book = books->items;
	const int64_t until_us = clock_monotonic_us() + ROUND_US;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < books->count &&
			   clock_monotonic_us() < until_us;
		i++) {
		err = mark(work, arena, &book[i]);
		if (err == ERR_OK)
			err = work_watch_between(work);
	}
	return err;
}

enum err work_orders(struct work *work)
{
	struct admin_scope *admin = work_operator(work);
	struct arena *arena = arena_open(VISIT_MEMORY);
	struct list list = {0}, books = {0};
	enum err err = paper_plan(admin, &list);

	if (err == ERR_OK)
		err = orders_advance(work, arena, &list);
	if (err == ERR_OK)
		err = paper_unmarked(admin, work->now - SNAPSHOT_MS, &books);
	if (err == ERR_OK)
		err = accounts_mark(work, arena, &books);
	arena_close(&arena);
	return err;
}

static enum err figures_tell(struct work *work, struct admin_scope *admin)
{
	struct metrics *metrics = work->shared->metrics;
	struct desk_figures figures;
	enum err err = desk_figures_read(admin, &figures);

	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < DESK_VENUES; i++) {
		metrics_set(metrics, METRIC_EQUITY, i, figures.equity[i]);
		metrics_set(metrics, METRIC_PROFIT, i, figures.profit[i]);
		metrics_set(metrics, METRIC_POSITIONS, i, figures.positions[i]);
	}
	for (size_t i = 0; i < ORDER_STATE_COUNT; i++)
		metrics_set(metrics, METRIC_ORDERS_OPEN, i, figures.open[i]);
	metrics_set(metrics, METRIC_TRADING_HALTED, 0,
		figures.halted || work->config->trading_halted);
	return ERR_OK;
}

enum err work_orders_clean(struct work *work)
{
	struct admin_scope *admin = work_operator(work);
	int64_t removed = 0, denied = 0;
	enum err err = idempotency_clean(
		admin, work->now - (int64_t)KEY_DAYS * DAY_MS, &removed);

	if (err == ERR_OK)
		err = orders_clean(admin,
			work->now - work->config->denied_days * DAY_MS,
			&denied);
	if (denied > 0)
		log_line(work->log, LOG_INFO, "orders.removed",
			LOG_FIELDS(LOG_INT("denied", denied)));
	return err == ERR_OK ? figures_tell(work, admin) : err;
}

enum err work_portfolio_check(struct work *work)
{
	int64_t accounts = 0;
	enum err err = portfolio_check(work_operator(work), &accounts);

	if (err == ERR_OK || err == ERR_INTERNAL)
		metrics_set(work->shared->metrics, METRIC_PORTFOLIO_DIFFERS, 0,
			err == ERR_INTERNAL);
	if (err == ERR_INTERNAL)
		log_line(work->log, LOG_ERROR, "portfolio.differs",
			LOG_FIELDS(LOG_TEXT("detail", work->report->detail)));
	return err;
}
