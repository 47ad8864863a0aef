/*
 * A user's backtests: asks the market for candles, lets the engine run, and
 * keeps the result. The run itself is outside the transaction, so that a
 * long one blocks nobody. Must never run for a user who may not keep it.
 */
#include "backtests.h"

#include "backtest_json_private.h"
#include "definition_private.h"
#include "id.h"
#include "market.h"
#include "owned_private.h"
#include "page_private.h"
#include "strategy_sweep_private.h"

static const char status_done[] = "done";

static const char count_sql[] =
	"SELECT COUNT(*) FROM backtests WHERE user_id = :owner";
static const char create_sql[] =
	"INSERT INTO backtests"
	" (user_id, id, strategy_id, strategy_version, symbol, interval_ms,"
	" status, request, stats, equity, trades, created_at)"
	" VALUES (:owner, :id, :strategy_id, :version, :symbol, :interval,"
	" :status, :request, :stats, :equity, :trades, :now)";
static const char get_sql[] =
	"SELECT id, strategy_id, strategy_version, symbol, interval_ms,"
	" status, created_at, stats, request, equity, trades FROM backtests"
	" WHERE user_id = :owner AND id = :id";
static const char list_sql[] =
	"SELECT id, strategy_id, strategy_version, symbol, interval_ms,"
	" status, created_at, stats FROM backtests"
	" WHERE user_id = :owner AND id < :after"
	" ORDER BY id DESC LIMIT :limit";
static const char trades_sql[] =
	"SELECT trades FROM backtests WHERE user_id = :owner AND id = :id";
static const char equity_sql[] =
	"SELECT equity FROM backtests WHERE user_id = :owner AND id = :id";
static const char remove_sql[] =
	"DELETE FROM backtests WHERE user_id = :owner AND id = :id"
	" RETURNING strategy_id";

/* The definition: sent along, or the stored strategy's newest. */
static enum err definition_find(struct scope *scope,
	const struct backtest_new *in, struct backtest_order *out)
{
	struct report *report = scope_report(scope);
	struct strategy_view strategy;
	enum err err;

	if ((in->strategy_id == NULL) == (in->definition == NULL)) {
		report_fault(report, "",
			"exactly one of strategy_id and definition is needed");
		return ERR_BAD_INPUT;
	}
	out->definition = in->definition;
	if (in->definition)
		return definition_fits(scope, in->definition, "/definition",
			DEFINITION_BYTES_LIMIT);
	err = strategy_get(scope, in->strategy_id, &strategy);
	if (err == ERR_OK)
		err = json_parse(scope_arena(scope), strategy.definition.text,
			strategy.definition.len, report, &out->definition);
	if (err != ERR_OK)
		return err;
	out->strategy_id = strategy.id;
	out->strategy_version = strategy.version;
	return ERR_OK;
}

static enum err range_check(
	struct report *report, const struct backtest_new *in)
{
	if (!in->from || !in->to || in->from->ms < in->to->ms)
		return ERR_OK;
	report_fault(report, "/to", "must be later than from");
	return ERR_BAD_INPUT;
}

static struct backtest_options options_of(const struct backtest_new *in)
{
	return (struct backtest_options){
		.cash = in->cash ? *in->cash : (struct decimal){10000, 0},
		.commission = in->fee ? *in->fee : (struct decimal){0, 0},
		.whole_units = in->whole_units,
		.fill_on_close = in->fill_on_close,
		.finalize = in->finalize,
		.trade_limit = BACKTEST_TRADES,
	};
}

static enum err order_prepare(struct scope *scope,
	const struct backtest_new *in, struct backtest_order *out,
	struct program **program)
{
	struct report *report = scope_report(scope);
	struct backtest_order order = {
		.params = in->params,
		.symbol = in->symbol,
		.from = in->from,
		.to = in->to,
		.options = options_of(in),
	};
	enum err err = range_check(report, in);

	if (err == ERR_OK && in->params)
		err = definition_fits(
			scope, in->params, "/params", PARAMS_BYTES_LIMIT);
	if (err == ERR_OK)
		err = definition_find(scope, in, &order);
	if (err == ERR_OK)
		err = program_compile(scope_arena(scope),
			&(const struct program_source){
				.definition = order.definition,
				.pointer = "/definition",
				.params = in->params},
			report, program);
	if (err != ERR_OK)
		return err;
	order.interval =
		in->interval ? in->interval : program_interval(*program);
	if (!order.interval) {
		report_fault(report, "/interval",
			"is needed: the definition has none");
		return ERR_BAD_INPUT;
	}
	*out = order;
	return ERR_OK;
}

static enum err candles_load(struct scope *scope, const struct limits *limits,
	const struct backtest_order *order, struct candles *out)
{
	struct report *report = scope_report(scope);
	const struct candle_query query = {
		.symbol = order->symbol,
		.interval = order->interval,
		.from = order->from,
		.to = order->to,
	};
	struct candles candles;
	enum err err = market_columns(
		scope, &query, (size_t)limits->backtest_bars, &candles);

	if (err == ERR_NOT_FOUND) {
		report_fault(report, "/symbol", "there is no such symbol");
		return ERR_BAD_INPUT;
	}
	if (err != ERR_OK)
		return err;
	if (candles.count == 0) {
		report_fault(report, "/symbol",
			"there are no %s candles of it in that range",
			order->interval);
		return ERR_BAD_INPUT;
	}
	*out = candles;
	return ERR_OK;
}

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
			bind_int(":now", view->created_at.ms)),
		NULL);
}

static enum err view_create(struct scope *scope, const struct limits *limits,
	const struct backtest_view *view)
{
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = owned_quota_check(
		scope, count_sql, limits->backtests_per_user, "backtests");
	/* It may have been removed while the backtest ran. */
	if (err == ERR_OK && view->strategy_id)
		err = strategy_stands(scope, view->strategy_id);
	if (err == ERR_OK)
		err = view_store(scope, view);
	if (err == ERR_OK)
		err = scope_commit(scope);
	if (err != ERR_OK)
		scope_rollback(scope);
	return err;
}

static struct backtest_view view_of(struct scope *scope,
	const struct backtest_order *order, const struct candles *candles,
	const struct backtest_result *result)
{
	struct arena *arena = scope_arena(scope);

	return (struct backtest_view){
		.id = id_new(arena, scope_now(scope)),
		.strategy_id = order->strategy_id,
		.strategy_version = order->strategy_version,
		.symbol = order->symbol,
		.interval = order->interval,
		.status = status_done,
		.progress = 100,
		.created_at = {scope_now(scope)},
		.request = backtest_request_json(arena, order),
		.stats = backtest_stats_json(arena, result),
		.equity = backtest_equity_json(arena, candles, result->equity),
		.trades = backtest_trades_json(arena, result),
	};
}

enum err backtest_create(struct scope *scope, const struct limits *limits,
	const struct backtest_new *in, struct backtest_view *out)
{
	struct backtest_order order;
	struct backtest_result result;
	struct backtest_view view;
	struct program *program;
	struct candles candles;
	enum err err = order_prepare(scope, in, &order, &program);

	/* Asked again when it is stored: this one saves a run in vain. */
	if (err == ERR_OK)
		err = owned_quota_check(scope, count_sql,
			limits->backtests_per_user, "backtests");
	if (err == ERR_OK)
		err = candles_load(scope, limits, &order, &candles);
	if (err == ERR_OK)
		err = backtest_run(scope_arena(scope),
			&(const struct backtest_input){.program = program,
				.candles = &candles,
				.options = &order.options},
			scope_report(scope), &result);
	if (err != ERR_OK)
		return err;
	view = view_of(scope, &order, &candles, &result);
	err = view_create(scope, limits, &view);
	if (err == ERR_OK)
		*out = view;
	return err;
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
		.created_at = {rows_int(rows, 6)},
		.stats = owned_json(rows, 7),
	};
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
		.progress = 100,
		.created_at = row.created_at,
		.stats = row.stats,
		.request = owned_json(rows, 8),
		.equity = owned_json(rows, 9),
		.trades = owned_json(rows, 10),
	};
	rows_end(rows);
	return ERR_OK;
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

enum err backtest_trades(
	struct scope *scope, const char *id, struct backtest_part *out)
{
	return part_get(scope, trades_sql, id, out);
}

enum err backtest_equity(
	struct scope *scope, const char *id, struct backtest_part *out)
{
	return part_get(scope, equity_sql, id, out);
}

static enum err remove_write(struct scope *scope, const char *id)
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
	err = remove_write(scope, id);
	if (err == ERR_OK)
		err = scope_commit(scope);
	if (err != ERR_OK)
		scope_rollback(scope);
	return err;
}
