/* One's own backtests. Whose they are is the scope's business alone. */
#include "backtests_api.h"

#include "backtests.h"
#include "replies_private.h"
#include "runs.h"
#include "text.h"

static const struct field backtest_view_fields[] = {
	FIELD(struct backtest_view, id, .nullable = true,
		.doc = "the backtest's id; null when it is not kept"),
	FIELD(struct backtest_view, strategy_id, .nullable = true,
		.doc = "null when the definition was sent along"),
	FIELD(struct backtest_view, strategy_version,
		.doc = "of that strategy; 0 without one"),
	FIELD(struct backtest_view, symbol, .doc = "what was traded"),
	FIELD(struct backtest_view, interval, .doc = "of the candles"),
	FIELD(struct backtest_view, status, .one_of = run_state_names,
		.doc = "how far it is"),
	FIELD(struct backtest_view, progress, .doc = "percent"),
	FIELD(struct backtest_view, error, .nullable = true,
		.doc = "why it failed"),
	FIELD(struct backtest_view, created_at, .doc = "when it was asked for"),
	FIELD(struct backtest_view, request, .doc = "what was asked for"),
	FIELD(struct backtest_view, stats,
		.doc = "percentages in percent, durations in ms; null where "
		       "undefined, and all of it until it is done"),
	FIELD(struct backtest_view, equity,
		.doc = "[[ms, value], ...], at most 2000 points"),
	FIELD(struct backtest_view, trades,
		.doc = "closed trades, in the order of their exits: the first "
		       "500, all of them below it"),
	FIELD(struct backtest_view, fingerprint, .nullable = true,
		.doc = "a hash of all trades and stats: the same for the same "
		       "result"),
	FIELD(struct backtest_view, report,
		.doc = "variants of the figures, the market beside it, months, "
		       "drawdowns, breakdowns, luck, warnings; made when it is "
		       "read, null until it is done"),
};
const struct shape backtest_view_shape =
	SHAPE("backtest", struct backtest_view, backtest_view_fields);

static const struct field backtest_row_fields[] = {
	FIELD(struct backtest_row, id, .doc = "the backtest's id"),
	FIELD(struct backtest_row, strategy_id, .nullable = true,
		.doc = "null when the definition was sent along"),
	FIELD(struct backtest_row, strategy_version,
		.doc = "of that strategy; 0 without one"),
	FIELD(struct backtest_row, symbol, .doc = "what was traded"),
	FIELD(struct backtest_row, interval, .doc = "of the candles"),
	FIELD(struct backtest_row, status, .one_of = run_state_names,
		.doc = "how far it is"),
	FIELD(struct backtest_row, progress, .doc = "percent"),
	FIELD(struct backtest_row, created_at, .doc = "when it was asked for"),
	FIELD(struct backtest_row, stats, .doc = "as in the backtest"),
};
static const struct shape backtest_row_shape =
	SHAPE("backtest_row", struct backtest_row, backtest_row_fields);
static const struct field backtests_fields[] = PAGE_FIELDS(backtest_row_shape);
const struct shape backtests_shape =
	SHAPE("backtests", struct page, backtests_fields);

static const struct field backtest_part_fields[] = {
	FIELD(struct backtest_part, data, .doc = "as in the backtest"),
};
const struct shape backtest_part_shape =
	SHAPE("backtest_part", struct backtest_part, backtest_part_fields);

enum err handle_backtests(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct page_query *in = input;

	(void)call;
	return backtest_list(scope, in, out);
}

enum err handle_backtest_create(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct backtest_new *in = input;
	struct backtest_view *view = out;
	enum err err = backtest_create(scope, call->services->limits, in, view);

	if (err != ERR_OK)
		return err;
	if (!view->id) {
		reply_tried(call);
		return ERR_OK;
	}
	reply_created(call, "/backtests", view->id);
	if (!text_equal(view->status, "done"))
		reply_queued(call);
	return ERR_OK;
}

enum err handle_backtest(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)call;
	return backtest_get(scope, in->id, out);
}

enum err handle_backtest_trades(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)call;
	return backtest_trades(scope, in->id, out);
}

enum err handle_backtest_equity(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)call;
	return backtest_equity(scope, in->id, out);
}

enum err handle_backtest_report(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)call;
	return backtest_report_get(scope, in->id, out);
}

enum err handle_backtest_remove(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)call;
	(void)out;
	return backtest_remove(scope, in->id);
}
