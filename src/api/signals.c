/* Strategies at work, and what they say. Whose they are is the scope's. */
#include "signals_api.h"

#include "market.h"
#include "replies_private.h"
#include "signals.h"
#include "strategies_api.h"
#include "strategy_runs.h"

/* ---- runs -------------------------------------------------------------- */

static const struct field run_view_fields[] = {
	FIELD(struct strategy_run_view, id, .doc = "the run's id"),
	FIELD(struct strategy_run_view, strategy_id, .doc = "what runs"),
	FIELD(struct strategy_run_view, strategy_name, .doc = "its name"),
	FIELD(struct strategy_run_view, strategy_version,
		.doc = "the version that runs: the newest when it was started"),
	FIELD(struct strategy_run_view, newest_version,
		.doc = "the strategy's newest; start it again to run that"),
	FIELD(struct strategy_run_view, symbol, .doc = "on what"),
	FIELD(struct strategy_run_view, interval, .doc = "of the candles"),
	FIELD(struct strategy_run_view, params, .nullable = true,
		.doc = "as they were given; null: the defaults"),
	FIELD(struct strategy_run_view, mode, .one_of = strategy_run_modes,
		.doc = "what it does with a signal"),
	FIELD(struct strategy_run_view, state, .one_of = strategy_run_states,
		.doc = "failed: it cannot go on, and error says why"),
	FIELD(struct strategy_run_view, started_at, .doc = "since when"),
	FIELD(struct strategy_run_view, stopped_at, .nullable = true,
		.doc = "until when; null while it runs"),
	FIELD(struct strategy_run_view, error, .nullable = true,
		.doc = "why it failed, or was stopped by something else than "
		       "its owner"),
	FIELD(struct strategy_run_view, last_candle, .nullable = true,
		.doc = "open of the last candle it was evaluated on"),
	FIELD(struct strategy_run_view, evaluated_at, .nullable = true,
		.doc = "when that was"),
	FIELD(struct strategy_run_view, account,
		.doc = "number of its account; 0: it does not trade, and what "
		       "follows is null or 0"),
	FIELD(struct strategy_run_view, cash, .nullable = true,
		.doc = "to begin with"),
	FIELD(struct strategy_run_view, equity, .nullable = true,
		.doc = "now, at the last price"),
	FIELD_LIST(struct strategy_run_view, positions, run_held_shape,
		.doc = "what it holds, one an entry, with its levels"),
	FIELD(struct strategy_run_view, trades, .doc = "that were closed"),
	FIELD(struct strategy_run_view, refused,
		.doc = "entries that could not be paid or were too small"),
	FIELD(struct strategy_run_view, blocked,
		.doc = "entries that its own limits and hours kept away"),
	FIELD(struct strategy_run_view, denied,
		.doc = "entries that risk denied; each is an order too"),
};
const struct shape run_view_shape =
	SHAPE("strategy_run", struct strategy_run_view, run_view_fields);
static const struct field runs_fields[] = PAGE_FIELDS(run_view_shape);
const struct shape runs_shape = SHAPE("runs", struct page, runs_fields);

static const struct field run_stop_fields[] = {
	{.name = "id",
		.kind = SHAPE_TEXT,
		.offset = offsetof(struct strategy_run_stop, strategy_id),
		.required = true,
		.from = FROM_PATH,
		.doc = "the strategy's id"},
	FIELD(struct strategy_run_stop, symbol, .nullable = true, .min = 1,
		.max = 32, .doc = "absent: on all symbols"),
	FIELD(struct strategy_run_stop, close, .otherwise = 1,
		.doc = "leave what it holds, at the last close that it has "
		       "seen; false: it stays in its account"),
};
const struct shape run_stop_shape =
	SHAPE("run_stop", struct strategy_run_stop, run_stop_fields);

enum err handle_strategy_start(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct strategy_run_new *in = input;
	enum err err =
		strategy_run_start(scope, call->services->limits, in, out);

	if (err == ERR_OK)
		reply_created(call, "/strategies",
			arena_format(call->arena, "%s/runs", in->strategy_id));
	return err;
}

enum err handle_strategy_stop(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	struct page *page = out;

	return strategy_run_stop(
		scope, call->services->limits, input, &page->data);
}

enum err handle_strategy_runs(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct versions_query *in = input;
	const struct page_query page = {
		.limit = in->limit, .cursor = in->cursor};

	return strategy_run_list(
		scope, call->services->limits, in->id, &page, out);
}

/* ---- signals ----------------------------------------------------------- */

/* clang-format off */
#define SIGNAL_FIELDS                                                      \
	FIELD(struct signal_view, id, .doc = "the signal's id"),           \
	FIELD(struct signal_view, run_id, .doc = "the run that said so"),  \
	FIELD(struct signal_view, strategy_id, .doc = "its strategy"),     \
	FIELD(struct signal_view, strategy_name, .doc = "the name of it"), \
	FIELD(struct signal_view, strategy_version,                        \
		.doc = "the version that ran"),                            \
	FIELD(struct signal_view, symbol, .doc = "on what"),               \
	FIELD(struct signal_view, interval, .doc = "of the candles"),      \
	FIELD(struct signal_view, candle_time,                             \
		.doc = "open of the candle"),                              \
	FIELD(struct signal_view, price, .doc = "the candle's close"),     \
	FIELD(struct signal_view, kind, .one_of = signal_names,            \
		.doc = "what the rules together say"),                     \
	FIELD(struct signal_view, fired,                                   \
		.doc = "every rule that held, by the names of kind"),      \
	FIELD(struct signal_view, strength,                                \
		.doc = "0 to 1: the share of the conditions that hold"),   \
	FIELD(struct signal_view, reason,                                  \
		.doc = "{rule, conditions: [{text, held, left, right}]}"), \
	FIELD(struct signal_view, evaluated_at, .doc = "when that was")
/* clang-format on */

static const struct field signal_fields[] = {
	SIGNAL_FIELDS,
	FIELD(struct signal_view, age_s,
		.doc = "seconds since the candle closed"),
	FIELD(struct signal_view, stale,
		.doc = "true when the next candle ought to have come"),
};
static const struct shape signal_shape =
	SHAPE("signal", struct signal_view, signal_fields);
static const struct field signals_fields[] = PAGE_FIELDS(signal_shape);
const struct shape signals_shape =
	SHAPE("signals", struct page, signals_fields);

static const struct field fired_fields[] = {SIGNAL_FIELDS};
static const struct shape fired_shape =
	SHAPE("signal_fired", struct signal_view, fired_fields);
static const struct field signal_history_fields[] = PAGE_FIELDS(fired_shape);
const struct shape signal_history_shape =
	SHAPE("signal_history", struct page, signal_history_fields);

static const struct field signals_query_fields[] = {
	FIELD(struct signals_query, symbols, .from = FROM_QUERY,
		.doc = "only of these; absent: of all"),
};
const struct shape signals_query_shape =
	SHAPE("signals_query", struct signals_query, signals_query_fields);

static const struct field signal_history_query_fields[] = {
	FIELD(struct signal_history_query, strategy_id, .from = FROM_QUERY,
		.doc = "only of this strategy"),
	FIELD(struct signal_history_query, limit, .from = FROM_QUERY, .min = 1,
		.max = 500, .otherwise = 50, .doc = "entries in a page"),
	FIELD(struct signal_history_query, cursor, .from = FROM_QUERY,
		.doc = "next_cursor of the page before"),
};
const struct shape signal_history_query_shape = SHAPE("signal_history_query",
	struct signal_history_query, signal_history_query_fields);

enum err handle_signals(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct signals_query *in = input;
	struct page *page = out;

	(void)call;
	return signals_latest(scope, &in->symbols, &page->data);
}

enum err handle_signal_history(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	(void)call;
	return signals_history(scope, input, out);
}

/* ---- the dashboard's page ---------------------------------------------- */

struct dashboard_signals {
	struct list runs, signals, fired;
};
static const struct field dashboard_fields[] = {
	FIELD_LIST(struct dashboard_signals, runs, run_view_shape,
		.doc = "that run or have failed, newest first"),
	FIELD_LIST(struct dashboard_signals, signals, signal_shape,
		.doc = "the last evaluation of each that runs"),
	FIELD_LIST(struct dashboard_signals, fired, fired_shape,
		.doc = "the last that fired"),
};
const struct shape dashboard_signals_shape =
	SHAPE("dashboard_signals", struct dashboard_signals, dashboard_fields);

enum err handle_dashboard_signals(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct text_list all = {.count = 0};
	const struct signal_history_query newest = {
		.limit = SIGNALS_FIRED_SHOWN};
	struct dashboard_signals *page = out;
	struct page fired = {.next_cursor = NULL};
	enum err err = strategy_run_current(
		scope, call->services->limits, &page->runs);

	(void)input;
	if (err == ERR_OK)
		err = signals_latest(scope, &all, &page->signals);
	if (err == ERR_OK)
		err = signals_history(scope, &newest, &fired);
	page->fired = fired.data;
	return err;
}
