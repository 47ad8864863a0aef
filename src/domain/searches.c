/*
 * A user's searches: asked for, listed, cancelled, removed. What they find is
 * computed elsewhere (run_search.c). Must never queue what a runner would
 * have to refuse.
 */
#include "searches.h"

#include "id.h"
#include "market.h"
#include "owned_private.h"
#include "page_private.h"
#include "queue_private.h"
#include "search_plan_private.h"
#include "strategy_sweep_private.h"
#include "text.h"

static const char count_sql[] =
	"SELECT COUNT(*) FROM runs WHERE user_id = :owner"
	" AND kind <> 'backtest'";
static const char get_sql[] =
	"SELECT id, strategy_id, strategy_version, symbol, interval_ms, state,"
	" points, done_points, created_at, started_at, ended_at, error,"
	" request, result FROM runs"
	" WHERE user_id = :owner AND id = :id AND kind = :kind";
static const char list_sweeps_sql[] =
	"SELECT id, strategy_id, strategy_version, symbol, interval_ms, state,"
	" points, done_points, created_at FROM runs"
	" WHERE user_id = :owner AND id < :after AND kind = 'sweep'"
	" ORDER BY id DESC LIMIT :limit";
static const char list_walks_sql[] =
	"SELECT id, strategy_id, strategy_version, symbol, interval_ms, state,"
	" points, done_points, created_at FROM runs"
	" WHERE user_id = :owner AND id < :after AND kind = 'walk_forward'"
	" ORDER BY id DESC LIMIT :limit";
static const char state_sql[] =
	"SELECT state FROM runs WHERE user_id = :owner AND id = :id"
	" AND kind = :kind";
static const char remove_sql[] =
	"DELETE FROM runs WHERE user_id = :owner AND id = :id"
	" RETURNING strategy_id";

/* ---- asking for one ------------------------------------------------------ */

/* Bars in the windows that choose, all together. */
static int64_t window_bars(
	const struct search_plan *plan, const struct candles *candles)
{
	int64_t bars = 0;

	if (!plan->windows)
		return (int64_t)candles->count;
	for (size_t i = 0; i < plan->window_count; i++)
		bars += (int64_t)(plan->windows[i].in_to -
				  plan->windows[i].in_from);
	return bars;
}

static enum err total_check(struct scope *scope, const struct limits *limits,
	const struct search_plan *plan)
{
	const int64_t windows = (int64_t)plan->window_count;

	if (plan->points <= limits->search_points / windows)
		return ERR_OK;
	report_fault(scope_report(scope), "/params",
		"%lld points in each of %lld windows are more than one search "
		"may have (%lld)",
		(long long)plan->points, (long long)windows,
		(long long)limits->search_points);
	return ERR_BAD_INPUT;
}

static struct queue_new run_of(struct scope *scope, enum run_kind_id kind,
	const struct search_plan *plan, const struct backtest_series *series)
{
	const struct backtest_new *in = &plan->in.run;
	const int64_t windows = (int64_t)plan->window_count;
	const int64_t cost = (int64_t)program_cost(plan->order.program);
	const int64_t bars = (int64_t)series->bars.count;
	/* a node's time each, whatever the window's share */
	const int64_t detail_us =
		queue_estimate_us((int64_t)series->detail.count, 1);

	return (struct queue_new){
		.id = id_new(scope_arena(scope), scope_now(scope)),
		.kind = kind,
		.strategy_id = in->strategy_id,
		.strategy_version = plan->order.strategy_version,
		.symbol = in->symbol,
		.interval_ms = market_interval_ms(in->interval),
		.request = request_write(
			scope_arena(scope), search_shape(kind), &plan->in)
				   .text,
		.bars = backtest_series_count(series),
		.points = plan->points * windows,
		.point_us = queue_estimate_us(
				    window_bars(plan, &series->bars) / windows,
				    cost) +
			    detail_us / windows,
		.finish_us = queue_estimate_us(bars, cost) + detail_us +
			     plan->points * windows,
	};
}

static enum err run_add(struct scope *scope, const struct limits *limits,
	const struct queue_new *run)
{
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = owned_quota_check(
		scope, count_sql, limits->searches_per_user, "searches");
	if (err == ERR_OK)
		err = queue_count(scope, limits);
	/* It may have been removed meanwhile. */
	if (err == ERR_OK && run->strategy_id)
		err = strategy_stands(scope, run->strategy_id);
	if (err == ERR_OK)
		err = queue_add(scope, limits, run);
	return scope_end(scope, err);
}

static enum err plan_full(struct scope *scope, enum run_kind_id kind,
	const struct limits *limits, struct search_plan *plan,
	struct backtest_series *series)
{
	const struct json *ranges = plan->in.run.params;
	enum err err = backtest_series(scope, limits, &plan->order.in, series);

	if (err == ERR_OK && kind == RUN_WALK_FORWARD)
		err = search_plan_windows(scope, &series->bars, plan);
	if (err == ERR_OK)
		err = total_check(scope, limits, plan);
	if (err != ERR_OK)
		return err;
	plan->in.run = plan->order.in;
	plan->in.run.params = ranges;
	backtest_range_pin(scope_arena(scope), &series->bars, &plan->in.run);
	return ERR_OK;
}

enum err search_create(struct scope *scope, enum run_kind_id kind,
	const struct limits *limits, const struct search_new *in,
	struct search_view *out)
{
	struct search_plan plan;
	struct backtest_series series;
	struct queue_new run;
	enum err err = search_plan_make(scope, kind, limits, in, &plan);

	if (err == ERR_OK)
		err = queue_room(scope, limits);
	if (err == ERR_OK)
		err = plan_full(scope, kind, limits, &plan, &series);
	if (err != ERR_OK)
		return err;
	run = run_of(scope, kind, &plan, &series);
	err = run_add(scope, limits, &run);
	return err == ERR_OK ? search_get(scope, kind, run.id, out) : err;
}

/* ---- reading ------------------------------------------------------------- */

/* Under 100 until the finish has been kept. */
static int64_t progress_of(const char *state, int64_t points, int64_t done)
{
	const int64_t most = 99;

	if (text_equal(state, "done"))
		return 100;
	if (points <= 0)
		return 0;
	return 100 * done / points < most ? 100 * done / points : most;
}

static struct search_row row_read(const struct rows *rows)
{
	const char *state = rows_text(rows, 5);

	return (struct search_row){
		.id = rows_text(rows, 0),
		.strategy_id = rows_text(rows, 1),
		.strategy_version = rows_int(rows, 2),
		.symbol = rows_text(rows, 3),
		.interval = market_interval_name(rows_int(rows, 4)),
		.status = state,
		.progress = progress_of(
			state, rows_int(rows, 6), rows_int(rows, 7)),
		.points = rows_int(rows, 6),
		.points_done = rows_int(rows, 7),
		.created_at = {rows_int(rows, 8)},
	};
}

enum err search_get(struct scope *scope, enum run_kind_id kind, const char *id,
	struct search_view *out)
{
	struct search_row row;
	struct rows *rows;
	enum err err;

	if (!id_is_valid(id))
		return ERR_NOT_FOUND;
	err = scope_one(scope, get_sql,
		BINDS(bind_text(":id", id),
			bind_text(":kind", run_kind_names[kind])),
		&rows);
	if (err != ERR_OK)
		return err;
	row = row_read(rows);
	*out = (struct search_view){
		.id = row.id,
		.strategy_id = row.strategy_id,
		.strategy_version = row.strategy_version,
		.symbol = row.symbol,
		.interval = row.interval,
		.status = row.status,
		.progress = row.progress,
		.points = row.points,
		.points_done = row.points_done,
		.created_at = row.created_at,
		.started_at = rows_time(scope_arena(scope), rows, 9),
		.ended_at = rows_time(scope_arena(scope), rows, 10),
		.error = rows_text(rows, 11),
		.request = owned_json(rows, 12),
		.result = owned_json(rows, 13),
	};
	rows_end(rows);
	return ERR_OK;
}

static const char *item_read(const struct rows *rows, void *item, size_t *bytes)
{
	struct search_row *row = item;

	*row = row_read(rows);
	*bytes += sizeof(*row);
	return row->id;
}

enum err search_list(struct scope *scope, enum run_kind_id kind,
	const struct page_query *in, struct page *out)
{
	static const struct page_kind sweeps = {.list = "sweeps",
		.size = sizeof(struct search_row),
		.read = item_read};
	static const struct page_kind walks = {.list = "walk-forward",
		.size = sizeof(struct search_row),
		.read = item_read};

	return kind == RUN_SWEEP
		       ? page_by_id(scope, &sweeps, list_sweeps_sql, in, out)
		       : page_by_id(scope, &walks, list_walks_sql, in, out);
}

/* ---- its end ------------------------------------------------------------- */

static enum err remove_ended(struct scope *scope, const char *id)
{
	struct rows *rows;
	const char *strategy_id;
	enum err err = scope_one(
		scope, remove_sql, BINDS(bind_text(":id", id)), &rows);

	if (err != ERR_OK)
		return err;
	strategy_id = rows_text(rows, 0);
	rows_end(rows);
	return strategy_id ? strategy_sweep(scope, strategy_id) : ERR_OK;
}

static enum err remove_locked(
	struct scope *scope, enum run_kind_id kind, const char *id)
{
	struct rows *rows;
	enum err err = scope_one(scope, state_sql,
		BINDS(bind_text(":id", id),
			bind_text(":kind", run_kind_names[kind])),
		&rows);

	if (err != ERR_OK)
		return err;
	rows_end(rows);
	err = queue_cancel(scope, id);
	return err == ERR_NOT_FOUND ? remove_ended(scope, id) : err;
}

enum err search_remove(
	struct scope *scope, enum run_kind_id kind, const char *id)
{
	enum err err;

	if (!id_is_valid(id))
		return ERR_NOT_FOUND;
	err = scope_begin(scope);
	if (err != ERR_OK)
		return err;
	err = remove_locked(scope, kind, id);
	return scope_end(scope, err);
}
