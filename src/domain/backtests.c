/*
 * A user's backtests: asks the market for candles, lets the engine run or the
 * queue wait, and keeps the result. A run is outside the transaction, so that
 * it blocks nobody. Must never run for a user who may not keep it.
 */
#include "backtests.h"

#include "backtest_order_private.h"
#include "id.h"
#include "market.h"
#include "owned_private.h"
#include "page_private.h"
#include "queue_private.h"
#include "strategy_sweep_private.h"
#include "text.h"

static const char status_done[] = "done";
static const char status_queued[] = "queued";

static const char count_sql[] =
	"SELECT COUNT(*) FROM backtests WHERE user_id = :owner";
static const char create_sql[] =
	"INSERT INTO backtests"
	" (user_id, id, strategy_id, strategy_version, symbol, interval_ms,"
	" status, request, stats, equity, trades, trades_rest, report,"
	" fingerprint, created_at)"
	" VALUES (:owner, :id, :strategy_id, :version, :symbol, :interval,"
	" :status, :request, :stats, :equity, :trades, :rest, :report,"
	" :fingerprint, :now)";
/* While there is a run its state holds. */
static const char get_sql[] =
	"SELECT b.id, b.strategy_id, b.strategy_version, b.symbol,"
	" b.interval_ms, coalesce(r.state, b.status), b.created_at, b.stats,"
	" coalesce(100 * r.bars_done / r.bars, 0), b.request, b.equity, "
	"b.trades, b.error, b.report,"
	" b.fingerprint FROM backtests b"
	" LEFT JOIN runs r ON r.user_id = b.user_id AND r.id = b.id"
	" WHERE b.user_id = :owner AND b.id = :id";
static const char list_sql[] =
	"SELECT b.id, b.strategy_id, b.strategy_version, b.symbol,"
	" b.interval_ms, coalesce(r.state, b.status), b.created_at, b.stats,"
	" coalesce(100 * r.bars_done / r.bars, 0) FROM backtests b"
	" LEFT JOIN runs r ON r.user_id = b.user_id AND r.id = b.id"
	" WHERE b.user_id = :owner AND b.id < :after"
	" ORDER BY b.id DESC LIMIT :limit";
static const char trades_sql[] = "SELECT trades, trades_rest FROM backtests "
				 "WHERE user_id = :owner AND id = :id";
static const char equity_sql[] =
	"SELECT equity FROM backtests WHERE user_id = :owner AND id = :id";
static const char report_sql[] =
	"SELECT report FROM backtests WHERE user_id = :owner AND id = :id";
static const char cancelled_sql[] = "UPDATE backtests SET status = 'cancelled'"
				    " WHERE user_id = :owner AND id = :id";
static const char run_gone_sql[] =
	"DELETE FROM runs WHERE user_id = :owner AND id = :id";
static const char remove_sql[] =
	"DELETE FROM backtests WHERE user_id = :owner AND id = :id"
	" RETURNING strategy_id";

/* ---- asking for one ------------------------------------------------------ */

static enum err view_store(
	struct scope *scope, const struct backtest_view *view)
{
	const struct bind version =
		view->strategy_id ? bind_int(":version", view->strategy_version)
				  : bind_null(":version");

	return scope_run(scope, create_sql,
		BINDS(bind_text(":id", view->id),
			bind_text(":strategy_id", view->strategy_id), version,
			bind_text(":symbol", view->symbol),
			bind_int(":interval",
				market_interval_ms(view->interval)),
			bind_text(":status", view->status),
			bind_text(":request", view->request.text),
			bind_text(":stats", view->stats.text),
			bind_text(":equity", view->equity.text),
			bind_text(":trades", view->trades.text),
			bind_text(":rest", view->trades_rest),
			bind_text(":report", view->report.text),
			bind_text(":fingerprint", view->fingerprint),
			bind_int(":now", view->created_at.ms)),
		NULL);
}

/* run: NULL when it has been run already. */
static enum err view_create(struct scope *scope, const struct limits *limits,
	const struct backtest_view *view, const struct queue_new *run)
{
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = owned_quota_check(
		scope, count_sql, limits->backtests_per_user, "backtests");
	if (err == ERR_OK)
		err = queue_count(scope, limits);
	/* It may have been removed while the backtest ran. */
	if (err == ERR_OK && view->strategy_id)
		err = strategy_stands(scope, view->strategy_id);
	if (err == ERR_OK)
		err = view_store(scope, view);
	if (err == ERR_OK && run)
		err = queue_add(scope, limits, run);
	return scope_end(scope, err);
}

/* As it stands while it waits. */
static struct backtest_view view_of(
	struct scope *scope, const struct backtest_order *order)
{
	return (struct backtest_view){
		.id = order->in.keep
			      ? id_new(scope_arena(scope), scope_now(scope))
			      : NULL,
		.strategy_id = order->in.strategy_id,
		.strategy_version = order->strategy_version,
		.symbol = order->in.symbol,
		.interval = order->in.interval,
		.status = status_queued,
		.created_at = {scope_now(scope)},
		.stats = {"null", 4},
		.equity = {"[]", 2},
		.trades = {"[]", 2},
	};
}

static enum err run_here(struct scope *scope,
	const struct backtest_order *order,
	const struct backtest_series *series, struct backtest_view *view)
{
	struct backtest_outcome outcome;
	enum err err = backtest_outcome(scope, order, series, &outcome);

	if (err != ERR_OK)
		return err;
	view->status = status_done;
	view->progress = 100;
	view->stats = outcome.stats;
	view->equity = outcome.equity;
	view->trades = outcome.trades;
	view->trades_rest = outcome.trades_rest.text;
	view->report = outcome.report;
	view->fingerprint = outcome.fingerprint;
	return ERR_OK;
}

/* With the range that it has now: what is imported later changes nothing. */
static void span_pin(struct arena *arena, const struct market_span *span,
	struct backtest_new *in)
{
	struct timestamp *ends = arena_array(arena, 2, sizeof(*ends));

	ends[0].ms = span->from;
	ends[1].ms = span->to;
	in->from = &ends[0];
	in->to = &ends[1];
}

/* Nothing is loaded: that, too, is the runner's. */
static enum err queue_here(struct scope *scope, const struct limits *limits,
	struct backtest_order *order, const struct backtest_look *look,
	struct backtest_view *view)
{
	struct queue_new run = {
		.id = view->id,
		.kind = RUN_BACKTEST,
		.symbol = view->symbol,
		.interval_ms = market_interval_ms(view->interval),
		.bars = look->candles,
		.finish_us = queue_estimate_us(look->work, 1),
	};

	span_pin(scope_arena(scope), &look->bars, &order->in);
	view->request = request_write(
		scope_arena(scope), &backtest_new_shape, &order->in);
	run.request = view->request.text;
	return view_create(scope, limits, view, &run);
}

/* What is not kept is told at once, or not at all. */
static enum err too_long(
	struct scope *scope, const struct limits *limits, int64_t work)
{
	report_fault(scope_report(scope), "/keep",
		"must not be false: the candles times columns are %lld, and at "
		"most %lld are run without being kept (BACKTEST_INLINE_WORK)",
		(long long)work, (long long)limits->backtest_inline_work);
	return ERR_BAD_INPUT;
}

static enum err load_and_run(struct scope *scope, const struct limits *limits,
	struct backtest_order *order, struct backtest_view *view)
{
	struct backtest_series series;
	enum err err = backtest_series(scope, limits, &order->in, &series);

	if (err != ERR_OK)
		return err;
	backtest_range_pin(scope_arena(scope), &series.bars, &order->in);
	view->request = request_write(
		scope_arena(scope), &backtest_new_shape, &order->in);
	err = run_here(scope, order, &series, view);
	if (err == ERR_OK && order->in.keep)
		err = view_create(scope, limits, view, NULL);
	return err;
}

static enum err order_run(struct scope *scope, const struct limits *limits,
	struct backtest_order *order, struct backtest_view *view)
{
	struct backtest_look look;
	enum err err = backtest_look(scope, limits, order, &look);

	if (err != ERR_OK)
		return err;
	if (look.work <= limits->backtest_inline_work || look.bars.count == 0)
		return load_and_run(scope, limits, order, view);
	return order->in.keep ? queue_here(scope, limits, order, &look, view)
			      : too_long(scope, limits, look.work);
}

enum err backtest_create(struct scope *scope, const struct limits *limits,
	const struct backtest_new *in, struct backtest_view *out)
{
	struct backtest_order order;
	struct backtest_view view;
	enum err err = backtest_order_prepare(scope, in, &order);

	/* Asked again when it is stored: this one saves a run in vain. */
	if (err == ERR_OK && in->keep)
		err = owned_quota_check(scope, count_sql,
			limits->backtests_per_user, "backtests");
	if (err == ERR_OK && in->keep)
		err = queue_allowed(scope, limits);
	if (err != ERR_OK)
		return err;
	view = view_of(scope, &order);
	err = order_run(scope, limits, &order, &view);
	if (err == ERR_OK)
		*out = view;
	return err;
}

/* ---- reading ------------------------------------------------------------- */

/* of_run: what its runner said, in percent. */
static int64_t progress_of(const char *status, int64_t of_run)
{
	return text_equal(status, status_done) ? 100 : of_run;
}

static struct backtest_row row_read(const struct rows *rows)
{
	return (struct backtest_row){
		.id = rows_text(rows, 0),
		.strategy_id = rows_text(rows, 1),
		.strategy_version = rows_int(rows, 2),
		.symbol = rows_text(rows, 3),
		.interval = market_interval_name(rows_int(rows, 4)),
		.status = rows_text(rows, 5),
		.progress = progress_of(rows_text(rows, 5), rows_int(rows, 8)),
		.created_at = {rows_int(rows, 6)},
		.stats = owned_json(rows, 7),
	};
}

/* Made now when it was kept without one. */
static enum err view_report(struct scope *scope, struct backtest_view *view)
{
	const struct backtest_kept kept = {
		.id = view->id,
		.request = view->request.text,
		.fingerprint = view->fingerprint,
	};

	return view->report.text || !view->fingerprint
		       ? ERR_OK
		       : backtest_report_make(scope, &kept, &view->report);
}

enum err backtest_get(
	struct scope *scope, const char *id, struct backtest_view *out)
{
	struct backtest_row row;
	struct rows *rows;
	enum err err;

	if (!id_is_valid(id))
		return ERR_NOT_FOUND;
	err = scope_one(scope, get_sql, BINDS(bind_text(":id", id)), &rows);
	if (err != ERR_OK)
		return err;
	row = row_read(rows);
	*out = (struct backtest_view){
		.id = row.id,
		.strategy_id = row.strategy_id,
		.strategy_version = row.strategy_version,
		.symbol = row.symbol,
		.interval = row.interval,
		.status = row.status,
		.progress = row.progress,
		.error = rows_text(rows, 12),
		.created_at = row.created_at,
		.stats = row.stats,
		.request = owned_json(rows, 9),
		.equity = owned_json(rows, 10),
		.trades = owned_json(rows, 11),
		.report = owned_json(rows, 13),
		.fingerprint = rows_text(rows, 14),
	};
	rows_end(rows);
	return view_report(scope, out);
}

static const char *item_read(const struct rows *rows, void *item, size_t *bytes)
{
	struct backtest_row *row = item;

	*row = row_read(rows);
	*bytes += row->stats.len;
	return row->id;
}

enum err backtest_list(
	struct scope *scope, const struct page_query *in, struct page *out)
{
	static const struct page_kind kind = {.list = "backtests",
		.size = sizeof(struct backtest_row),
		.read = item_read};

	return page_by_id(scope, &kind, list_sql, in, out);
}

static enum err part_get(struct scope *scope, const char *sql, const char *id,
	struct backtest_part *out)
{
	struct rows *rows;
	enum err err;

	if (!id_is_valid(id))
		return ERR_NOT_FOUND;
	err = scope_one(scope, sql, BINDS(bind_text(":id", id)), &rows);
	if (err != ERR_OK)
		return err;
	out->data = owned_json(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

/* Two JSON lists, none of them empty, as one. */
static struct raw_json joined(
	struct arena *arena, struct raw_json first, struct raw_json rest)
{
	size_t len = first.len + rest.len - 1;
	char *text = arena_column(arena, len + 1, 1);

	memcpy(text, first.text, first.len);
	text[first.len - 1] = ',';
	memcpy(text + first.len, rest.text + 1, rest.len - 1);
	text[len] = '\0';
	return (struct raw_json){text, len};
}

enum err backtest_trades(
	struct scope *scope, const char *id, struct backtest_part *out)
{
	struct raw_json rest;
	struct rows *rows;
	enum err err;

	if (!id_is_valid(id))
		return ERR_NOT_FOUND;
	err = scope_one(scope, trades_sql, BINDS(bind_text(":id", id)), &rows);
	if (err != ERR_OK)
		return err;
	out->data = owned_json(rows, 0);
	rest = owned_json(rows, 1);
	rows_end(rows);
	if (rest.text)
		out->data = joined(scope_arena(scope), out->data, rest);
	return ERR_OK;
}

enum err backtest_equity(
	struct scope *scope, const char *id, struct backtest_part *out)
{
	return part_get(scope, equity_sql, id, out);
}

enum err backtest_report_get(
	struct scope *scope, const char *id, struct backtest_part *out)
{
	struct backtest_view view;
	enum err err = part_get(scope, report_sql, id, out);

	if (err != ERR_OK || out->data.text)
		return err;
	err = backtest_get(scope, id, &view);
	if (err == ERR_OK)
		out->data = view.report;
	return err;
}

/* ---- its end ------------------------------------------------------------- */

/* ERR_NOT_FOUND unless it waits or runs. */
static enum err cancel_write(struct scope *scope, const char *id)
{
	enum err err = queue_cancel(scope, id);

	if (err == ERR_OK)
		err = scope_run(scope, cancelled_sql,
			BINDS(bind_text(":id", id)), NULL);
	return err == ERR_OK ? scope_run(scope, run_gone_sql,
				       BINDS(bind_text(":id", id)), NULL)
			     : err;
}

static enum err exists_check(struct scope *scope, const char *id)
{
	struct backtest_part part;

	return part_get(scope, equity_sql, id, &part);
}

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

enum err backtest_remove(struct scope *scope, const char *id)
{
	enum err err;

	if (!id_is_valid(id))
		return ERR_NOT_FOUND;
	err = scope_begin(scope);
	if (err != ERR_OK)
		return err;
	/* a search of that id is none of ours */
	err = exists_check(scope, id);
	if (err == ERR_OK) {
		err = cancel_write(scope, id);
		if (err == ERR_NOT_FOUND)
			err = remove_ended(scope, id);
	}
	return scope_end(scope, err);
}
