/*
 * A user's runs: which strategies are at work, on what. Must never start a
 * run that would not compile, nor change the version of one.
 */
#include "strategy_runs.h"

#include "definition_private.h"
#include "id.h"
#include "live_run_private.h"
#include "market.h"
#include "market_private.h"
#include "owned_private.h"
#include "page_private.h"
#include "program.h"
#include "book_run_private.h"
#include "strategies.h"
#include "strategy_sweep_private.h"
#include "symbol_private.h"
#include "text.h"

const char *const strategy_run_modes[] = {"signal", "paper", "live", NULL};
const char *const strategy_run_states[] = {
	"running", "stopped", "failed", NULL};

static const char runs_name[] = "runs";

#define RUN_COLUMNS                                                          \
	"SELECT r.id, r.strategy_id, s.name, r.strategy_version, s.version," \
	" r.symbol, r.interval_ms, r.params, r.mode, r.state,"               \
	" r.started_at, r.stopped_at, r.error, r.last_candle,"               \
	" r.evaluated_at FROM strategy_runs r JOIN strategies s"             \
	" ON s.user_id = r.user_id AND s.id = r.strategy_id"

static const char running_sql[] =
	"SELECT COUNT(*) FROM strategy_runs"
	" WHERE user_id = :owner AND state = 'running'";
static const char taken_sql[] =
	"SELECT 1 FROM strategy_runs WHERE user_id = :owner"
	" AND strategy_id = :strategy AND symbol = :symbol"
	" AND state = 'running'";
static const char series_sql[] =
	"SELECT series FROM symbols WHERE symbol = :symbol";
static const char create_sql[] =
	"INSERT INTO strategy_runs (user_id, id, strategy_id,"
	" strategy_version, symbol, interval_ms, params, mode, state,"
	" started_at) VALUES (:owner, :id, :strategy, :version, :symbol,"
	" :interval, :params, :mode, 'running', :now)";
static const char stopped_sql[] = RUN_COLUMNS
	" WHERE r.user_id = :owner AND r.strategy_id = :strategy"
	" AND r.state = 'running' AND r.symbol = coalesce(:symbol, r.symbol)"
	" ORDER BY r.id DESC";
static const char list_sql[] =
	RUN_COLUMNS " WHERE r.user_id = :owner AND r.strategy_id = :strategy"
		    " AND r.id < :after ORDER BY r.id DESC LIMIT :limit";
static const char current_sql[] = RUN_COLUMNS
	" WHERE r.user_id = :owner AND r.state IN ('running', 'failed')"
	" AND s.removed_at IS NULL ORDER BY r.id DESC LIMIT :limit";

/* As it is read: the view's times cannot point into a list that grows. */
struct run_item {
	struct strategy_run_view view;
	int64_t stopped_at, last_candle, evaluated_at;
	bool has_stopped, has_last;
};

static const char *item_read(const struct rows *rows, void *item, size_t *bytes)
{
	struct run_item *run = item;

	run->view = (struct strategy_run_view){
		.id = rows_text(rows, 0),
		.strategy_id = rows_text(rows, 1),
		.strategy_name = rows_text(rows, 2),
		.strategy_version = rows_int(rows, 3),
		.newest_version = rows_int(rows, 4),
		.symbol = rows_text(rows, 5),
		.interval = market_interval_name(rows_int(rows, 6)),
		.params = owned_json(rows, 7),
		.mode = rows_text(rows, 8),
		.state = rows_text(rows, 9),
		.started_at = {rows_int(rows, 10)},
		.error = rows_text(rows, 12),
	};
	run->has_stopped = !rows_is_null(rows, 11);
	run->stopped_at = rows_int(rows, 11);
	run->has_last = !rows_is_null(rows, 13);
	run->last_candle = rows_int(rows, 13);
	run->evaluated_at = rows_int(rows, 14);
	*bytes += run->view.params.len;
	return run->view.id;
}

static const struct timestamp *time_of(
	struct arena *arena, bool has, int64_t ms)
{
	struct timestamp *time = arena_alloc(arena, sizeof(*time));

	time->ms = ms;
	return has ? time : NULL;
}

bool strategy_run_trades(const char *mode)
{
	return !text_equal(mode, strategy_run_modes[0]);
}

bool strategy_run_is_live(const char *mode)
{
	return text_equal(mode, live_run_mode);
}

static enum err views_of(struct scope *scope, const struct limits *limits,
	const struct list *list, struct list *out)
{
	struct arena *arena = scope_arena(scope);
	const struct run_item *items = list->items;
	struct strategy_run_view *views =
		arena_array(arena, list->count, sizeof(*views));
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < list->count; i++) {
		const struct run_item *item = &items[i];

		views[i] = item->view;
		views[i].stopped_at =
			time_of(arena, item->has_stopped, item->stopped_at);
		views[i].last_candle =
			time_of(arena, item->has_last, item->last_candle);
		views[i].evaluated_at =
			time_of(arena, item->has_last, item->evaluated_at);
		if (strategy_run_trades(views[i].mode))
			err = book_run_view(scope, limits, &views[i]);
	}
	if (err == ERR_OK)
		*out = (struct list){views, list->count};
	return err;
}

static enum err page_of_runs(struct scope *scope, const struct limits *limits,
	struct rows *rows, int64_t limit, struct page *out)
{
	static const struct page_kind kind = {.list = runs_name,
		.size = sizeof(struct run_item),
		.read = item_read};
	struct page page;
	enum err err = page_read(scope_arena(scope), &kind, rows, limit, &page);

	if (err == ERR_OK)
		err = views_of(scope, limits, &page.data, &page.data);
	if (err == ERR_OK)
		*out = page;
	return err;
}

/* ---- starting ---------------------------------------------------------- */

struct start {
	const struct strategy_run_new *in;
	struct strategy_view strategy;
	const char *interval;
	struct raw_json params; /* as they are kept */
	struct backtest_new costs;
};

static enum err params_keep(struct scope *scope, struct start *start)
{
	struct json_writer writer;
	struct buf buf;

	if (!start->in->params)
		return ERR_OK;
	buf_init(&buf, scope_arena(scope), PARAMS_BYTES_LIMIT);
	json_write_init(&writer, &buf);
	json_put_value(&writer, start->in->params);
	if (buf.overflow) {
		report_fault(scope_report(scope), "/params",
			"must be at most %zu bytes", buf.max);
		return ERR_BAD_INPUT;
	}
	start->params = (struct raw_json){buf.data, buf.len};
	return ERR_OK;
}

/* What a run that does not trade has no use for. */
static enum err costs_check(struct scope *scope, const struct limits *limits,
	const struct program *program, struct start *start)
{
	const struct backtest_new *costs = &start->in->costs;

	start->costs = *costs;
	if (strategy_run_is_live(start->in->mode))
		return live_run_check(scope, limits, program, &start->costs);
	if (strategy_run_trades(start->in->mode))
		return book_run_check(scope, limits, program, &start->costs);
	if (!costs->cash && !costs->fee && !costs->fee_maker &&
		!costs->fee_taker && !costs->fee_fixed && !costs->spread &&
		!costs->slippage && !costs->tick && !costs->lot &&
		!costs->min_notional && !costs->margin && !costs->long_only &&
		!costs->touch_fills && !costs->whole_units &&
		!costs->fill_on_close)
		return ERR_OK;
	report_fault(scope_report(scope), "/mode",
		"cash and costs are for runs that trade: paper, live");
	return ERR_BAD_INPUT;
}

static enum err program_check(
	struct scope *scope, const struct limits *limits, struct start *start)
{
	const struct json *definition;
	struct program *program;
	enum err err = json_parse(scope_arena(scope),
		start->strategy.definition.text, start->strategy.definition.len,
		scope_report(scope), &definition);

	if (err == ERR_OK)
		err = program_compile(scope_arena(scope),
			&(const struct program_source){.definition = definition,
				.pointer = "/definition",
				.params = start->in->params,
				.interval = start->in->interval},
			scope_report(scope), &program);
	if (err != ERR_OK)
		return err;
	start->interval = start->in->interval ? start->in->interval
					      : program_interval(program);
	if (start->interval)
		return costs_check(scope, limits, program, start);
	report_fault(scope_report(scope), "/interval",
		"is needed: the definition has none");
	return ERR_BAD_INPUT;
}

static enum err candles_check_there(struct scope *scope, struct start *start)
{
	struct report *report = scope_report(scope);
	struct vector list;
	struct rows *rows;
	enum err err = symbol_is_valid(start->in->symbol)
			       ? scope_one(scope, series_sql,
					 BINDS(bind_text(
						 ":symbol", start->in->symbol)),
					 &rows)
			       : ERR_NOT_FOUND;

	if (err == ERR_NOT_FOUND) {
		report_fault(report, "/symbol", "there is no such symbol");
		return ERR_BAD_INPUT;
	}
	if (err != ERR_OK)
		return err;
	err = series_read(scope_arena(scope), rows_text(rows, 0), &list);
	rows_end(rows);
	if (err != ERR_OK)
		return err;
	if (series_choose(&list, market_interval_ms(start->interval)))
		return ERR_OK;
	report_fault(report, "/interval",
		"there are no candles of %s to build %s from",
		start->in->symbol, start->interval);
	return ERR_BAD_INPUT;
}

static enum err free_check(struct scope *scope, const struct limits *limits,
	const struct start *start)
{
	struct rows *rows;
	enum err err = scope_one(scope, taken_sql,
		BINDS(bind_text(":strategy", start->strategy.id),
			bind_text(":symbol", start->in->symbol)),
		&rows);

	if (err == ERR_OK) {
		rows_end(rows);
		report_detail(scope_report(scope),
			"It runs on %s already; stop it first.",
			start->in->symbol);
		return ERR_CONFLICT;
	}
	if (err != ERR_NOT_FOUND)
		return err;
	return owned_quota_check(scope, running_sql, limits->runs_per_user,
		"running strategies");
}

static enum err book_begin(struct scope *scope, const struct limits *limits,
	const struct start *start, const char *id)
{
	const struct run_ref run = {
		id, start->in->symbol, market_interval_ms(start->interval)};

	if (strategy_run_is_live(start->in->mode))
		return live_run_begin(scope, limits, &run, &start->costs);
	return strategy_run_trades(start->in->mode)
		       ? book_run_begin(scope, id, &start->costs)
		       : ERR_OK;
}

static enum err start_write(struct scope *scope, const struct limits *limits,
	const struct start *start, const char *id)
{
	/* It may have been removed meanwhile. */
	enum err err = strategy_stands(scope, start->strategy.id);

	if (err == ERR_OK)
		err = free_check(scope, limits, start);
	if (err != ERR_OK)
		return err;
	err = scope_run(scope, create_sql,
		BINDS(bind_text(":id", id),
			bind_text(":strategy", start->strategy.id),
			bind_int(":version", start->strategy.version),
			bind_text(":symbol", start->in->symbol),
			bind_int(":interval",
				market_interval_ms(start->interval)),
			bind_text(":params", start->params.text),
			bind_text(":mode", start->in->mode),
			bind_int(":now", scope_now(scope))),
		NULL);
	return err == ERR_OK ? book_begin(scope, limits, start, id) : err;
}

static enum err start_prepare(
	struct scope *scope, const struct limits *limits, struct start *start)
{
	enum err err =
		strategy_get(scope, start->in->strategy_id, &start->strategy);

	if (err == ERR_OK)
		err = params_keep(scope, start);
	if (err == ERR_OK)
		err = program_check(scope, limits, start);
	return err == ERR_OK ? candles_check_there(scope, start) : err;
}

enum err strategy_run_start(struct scope *scope, const struct limits *limits,
	const struct strategy_run_new *in, struct strategy_run_view *out)
{
	struct start start = {.in = in};
	const char *id = id_new(scope_arena(scope), scope_now(scope));
	struct strategy_run_view view;
	enum err err = start_prepare(scope, limits, &start);

	if (err == ERR_OK)
		err = scope_begin(scope);
	if (err != ERR_OK)
		return err;
	err = start_write(scope, limits, &start, id);
	view = (struct strategy_run_view){
		.id = id,
		.strategy_id = start.strategy.id,
		.strategy_name = start.strategy.name,
		.strategy_version = start.strategy.version,
		.newest_version = start.strategy.version,
		.symbol = in->symbol,
		.interval = start.interval,
		.params = start.params,
		.mode = in->mode,
		.state = strategy_run_states[0],
		.started_at = {scope_now(scope)},
	};
	if (err == ERR_OK && strategy_run_trades(in->mode))
		err = book_run_view(scope, limits, &view);
	err = scope_end(scope, err);
	if (err != ERR_OK)
		return err;
	*out = view;
	return ERR_OK;
}

/* ---- stopping ---------------------------------------------------------- */

/* What it holds is left first, while it runs; its row says when that could
   not be done. */
static enum err stop_one(struct scope *scope, const struct limits *limits,
	const struct strategy_run_view *view, bool close)
{
	const struct run_ref run = {
		view->id, view->symbol, market_interval_ms(view->interval)};
	const char *error = NULL;
	enum err err = ERR_OK;

	if (strategy_run_is_live(view->mode))
		return live_run_stop(scope, limits, &run, close);
	if (close && strategy_run_trades(view->mode))
		err = book_run_leave(scope, limits, &run);
	if (err == ERR_INTERNAL) {
		error = scope_report(scope)->detail;
		err = error ? ERR_OK : err;
	}
	return err == ERR_OK
		       ? run_end(scope, view->id, strategy_run_states[1], error)
		       : err;
}

/* What is about to stop, as it will be. */
static enum err stop_write(struct scope *scope, const struct limits *limits,
	const struct strategy_run_stop *in, struct list *out)
{
	struct strategy_run_view *views;
	struct timestamp *now = arena_alloc(scope_arena(scope), sizeof(*now));
	struct page page;
	struct rows *rows;
	enum err err = scope_query(scope, stopped_sql,
		BINDS(bind_text(":strategy", in->strategy_id),
			bind_text(":symbol", in->symbol)),
		&rows);

	if (err == ERR_OK)
		err = page_of_runs(scope, limits, rows, INT64_MAX, &page);
	if (err != ERR_OK)
		return err;
	now->ms = scope_now(scope);
	views = arena_array(
		scope_arena(scope), page.data.count, sizeof(*views));
	for (size_t i = 0; err == ERR_OK && i < page.data.count; i++) {
		views[i] =
			((const struct strategy_run_view *)page.data.items)[i];
		err = stop_one(scope, limits, &views[i], in->close);
		if (err == ERR_OK && strategy_run_trades(views[i].mode))
			err = book_run_view(scope, limits, &views[i]);
		views[i].state = strategy_run_states[1];
		views[i].stopped_at = now;
	}
	if (err == ERR_OK)
		*out = (struct list){views, page.data.count};
	return err;
}

enum err strategy_run_stop(struct scope *scope, const struct limits *limits,
	const struct strategy_run_stop *in, struct list *out)
{
	struct list stopped;
	enum err err = id_is_valid(in->strategy_id) ? scope_begin(scope)
						    : ERR_NOT_FOUND;

	if (err != ERR_OK)
		return err;
	err = strategy_stands(scope, in->strategy_id);
	if (err == ERR_OK)
		err = stop_write(scope, limits, in, &stopped);
	err = scope_end(scope, err);
	if (err != ERR_OK)
		return err;
	*out = stopped;
	return ERR_OK;
}

/* ---- listing ----------------------------------------------------------- */

enum err strategy_run_list(struct scope *scope, const struct limits *limits,
	const char *strategy_id, const struct page_query *in, struct page *out)
{
	const char *after = NULL;
	struct rows *rows;
	enum err err = id_is_valid(strategy_id)
			       ? strategy_stands(scope, strategy_id)
			       : ERR_NOT_FOUND;

	if (err == ERR_OK)
		err = page_after_id(
			scope_report(scope), runs_name, in->cursor, &after);
	if (err == ERR_OK)
		err = scope_query(scope, list_sql,
			BINDS(bind_text(":strategy", strategy_id),
				bind_text(":after", after),
				bind_int(":limit", in->limit + 1)),
			&rows);
	if (err != ERR_OK)
		return err;
	return page_of_runs(scope, limits, rows, in->limit, out);
}

enum err strategy_run_current(
	struct scope *scope, const struct limits *limits, struct list *out)
{
	struct page page;
	struct rows *rows;
	enum err err = scope_query(scope, current_sql,
		BINDS(bind_int(":limit", STRATEGY_RUNS_SHOWN)), &rows);

	if (err == ERR_OK)
		err = page_of_runs(
			scope, limits, rows, STRATEGY_RUNS_SHOWN, &page);
	if (err == ERR_OK)
		*out = page.data;
	return err;
}
