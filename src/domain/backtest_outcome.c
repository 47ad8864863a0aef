/*
 * The candles of an order, and what the engine makes of both, as it is told
 * and kept. Must never read a candle outside the range that was asked for.
 */
#include "backtest_order_private.h"

#include "backtest_json_private.h"
#include "fingerprint.h"
#include "market.h"
#include "text.h"

static const char report_sql[] = "UPDATE backtests SET report = :report"
				 " WHERE user_id = :owner AND id = :id";

/* ---- candles ------------------------------------------------------------- */

static int64_t candles_most(const struct limits *limits)
{
	return limits->backtest_candle_bytes / CANDLE_BYTES;
}

static enum err loaded_check(struct report *report, const struct limits *limits,
	const struct backtest_new *in, const struct candles *candles)
{
	const int64_t most = candles_most(limits);

	if (candles->count == 0) {
		report_fault(report, "/symbol",
			"there are no %s candles of it in that range",
			in->interval);
		return ERR_BAD_INPUT;
	}
	if ((int64_t)candles->count > most) {
		report_fault(report, "/from",
			"the range has %zu candles; the memory of one run "
			"holds %lld: take a shorter one or a larger interval",
			candles->count, (long long)most);
		return ERR_BAD_INPUT;
	}
	return ERR_OK;
}

static enum err symbol_known(struct report *report, enum err err)
{
	if (err != ERR_NOT_FOUND)
		return err;
	report_fault(report, "/symbol", "there is no such symbol");
	return ERR_BAD_INPUT;
}

static struct candle_query query_of(const struct backtest_new *in)
{
	return (struct candle_query){
		.symbol = in->symbol,
		.interval = in->interval,
		.from = in->from,
		.to = in->to,
	};
}

static enum err detail_look(struct scope *scope, const struct backtest_new *in,
	const struct market_span *bars, struct market_span *out)
{
	const struct timestamp from = {bars->from};
	const struct timestamp to = {
		bars->to - 1 + market_interval_ms(in->interval)};
	struct candle_query query = query_of(in);

	query.interval = in->detail_interval;
	query.from = &from;
	query.to = &to;
	query.fault_at = "/detail_interval";
	return market_span(scope, &query, out);
}

static enum err look_check(struct report *report, const struct limits *limits,
	const struct backtest_look *look)
{
	/* what is counted a little too high is found when it is loaded */
	const int64_t slack = 4;

	if (look->bars.count - slack <= limits->backtest_bars &&
		look->candles - slack <= candles_most(limits))
		return ERR_OK;
	report_fault(report,
		look->candles > look->bars.count ? "/detail_interval" : "/from",
		"the range has about %lld candles, more than a run may have: "
		"take a shorter one or a larger interval",
		(long long)look->candles);
	return ERR_BAD_INPUT;
}

enum err backtest_look(struct scope *scope, const struct limits *limits,
	const struct backtest_order *order, struct backtest_look *out)
{
	const struct backtest_new *in = &order->in;
	const struct candle_query query = query_of(in);
	struct report *report = scope_report(scope);
	struct market_span detail = {.count = 0};
	struct backtest_look look;
	enum err err =
		symbol_known(report, market_span(scope, &query, &look.bars));

	if (err == ERR_OK && in->detail_interval && look.bars.count > 0)
		err = detail_look(scope, in, &look.bars, &detail);
	if (err != ERR_OK)
		return err;
	look.candles = look.bars.count + detail.count;
	look.work = look.bars.count * (int64_t)program_cost(order->program) +
		    detail.count;
	err = look_check(report, limits, &look);
	if (err == ERR_OK)
		*out = look;
	return err;
}

enum err backtest_bars(struct scope *scope, const struct limits *limits,
	const struct backtest_new *in, struct candles *out)
{
	struct report *report = scope_report(scope);
	const struct candle_query query = query_of(in);
	struct candles candles;
	enum err err = symbol_known(
		report, market_columns(scope, &query,
				(size_t)limits->backtest_bars, &candles));

	if (err == ERR_OK)
		err = loaded_check(report, limits, in, &candles);
	if (err == ERR_OK)
		*out = candles;
	return err;
}

struct backtest_span backtest_detail_span(
	const struct backtest_new *in, const struct candles *bars)
{
	return (struct backtest_span){.from = bars->time[0],
		.to = bars->time[bars->count - 1] +
		      market_interval_ms(in->interval)};
}

enum err backtest_detail(struct scope *scope, const struct limits *limits,
	const struct backtest_new *in, const struct candles *bars,
	struct candles *out)
{
	const struct backtest_span span = backtest_detail_span(in, bars);
	const struct timestamp from = {span.from}, to = {span.to};
	const struct candle_query query = {
		.symbol = in->symbol,
		.interval = in->detail_interval,
		.from = &from,
		.to = &to,
		.fault_at = "/detail_interval",
	};
	struct candles candles = {.count = 0};
	enum err err = ERR_OK;

	if (in->detail_interval)
		err = market_columns(scope, &query,
			(size_t)(candles_most(limits) - (int64_t)bars->count),
			&candles);
	if (err != ERR_OK)
		return err;
	if (in->detail_interval && candles.count == 0) {
		report_fault(scope_report(scope), "/detail_interval",
			"there are no %s candles in that range",
			in->detail_interval);
		return ERR_BAD_INPUT;
	}
	*out = candles;
	return ERR_OK;
}

enum err backtest_series(struct scope *scope, const struct limits *limits,
	const struct backtest_new *in, struct backtest_series *out)
{
	struct backtest_series series;
	enum err err = backtest_bars(scope, limits, in, &series.bars);

	if (err == ERR_OK)
		err = backtest_detail(
			scope, limits, in, &series.bars, &series.detail);
	if (err == ERR_OK)
		*out = series;
	return err;
}

void backtest_range_pin(struct arena *arena, const struct candles *bars,
	struct backtest_new *in)
{
	struct timestamp *ends = arena_array(arena, 2, sizeof(*ends));

	ends[0].ms = bars->time[0];
	ends[1].ms = bars->time[bars->count - 1] + 1;
	in->from = &ends[0];
	in->to = &ends[1];
}

/* ---- the run ------------------------------------------------------------- */

static void report_write(struct arena *arena,
	const struct backtest_order *order,
	const struct backtest_result *result, struct backtest_outcome *out)
{
	const struct stats_order asked = {.symbol = order->in.symbol,
		.seed = order->in.seed,
		.rounds = SIGNIFICANCE_ROUNDS};
	struct stats_report *report = arena_alloc(arena, sizeof(*report));

	stats_report(arena, result->series, &asked, report);
	out->report = backtest_report_json(arena, report);
}

enum err backtest_outcome(struct scope *scope,
	const struct backtest_order *order,
	const struct backtest_series *series, struct backtest_outcome *out)
{
	struct arena *arena = scope_arena(scope);
	struct backtest_result result;
	size_t shown;
	enum err err = backtest_run(arena,
		&(const struct backtest_input){.program = order->program,
			.candles = &series->bars,
			.options = &order->options,
			.detail = series->detail.count > 0 ? &series->detail
							   : NULL,
			.tell = order->tell,
			.thing = order->thing},
		scope_report(scope), &result);

	if (err != ERR_OK)
		return err;
	shown = result.trade_count < TRADES_SHOWN ? result.trade_count
						  : TRADES_SHOWN;
	*out = (struct backtest_outcome){
		.stats = backtest_stats_json(arena, &result),
		.equity = backtest_equity_json(
			arena, &series->bars, result.equity),
		.trades = backtest_trades_json(arena, result.trades, shown),
		.fingerprint = fingerprint(arena, result.trades,
			result.trade_count, &result.stats),
	};
	if (shown < result.trade_count)
		out->trades_rest = backtest_trades_json(arena,
			result.trades + shown, result.trade_count - shown);
	if (order->in.report)
		report_write(arena, order, &result, out);
	return ERR_OK;
}

/* ---- a report that comes later ------------------------------------------- */

static enum err run_again(
	struct scope *scope, const char *request, struct backtest_outcome *out)
{
	/* What was allowed when it was asked for is allowed still. */
	static const struct limits none = {
		.backtest_bars = INT64_MAX,
		.backtest_candle_bytes = INT64_MAX,
	};
	struct backtest_new in = {.symbol = NULL};
	struct backtest_series series;
	struct backtest_order order;
	enum err err = request_read(scope, &backtest_new_shape, request, &in);

	if (err == ERR_OK)
		err = backtest_order_again(scope, &in, &order);
	if (err == ERR_OK)
		err = backtest_series(scope, &none, &order.in, &series);
	if (err != ERR_OK)
		return err;
	order.in.report = true;
	return backtest_outcome(scope, &order, &series, out);
}

enum err backtest_report_make(struct scope *scope,
	const struct backtest_kept *kept, struct raw_json *out)
{
	struct backtest_outcome outcome;
	enum err err = run_again(scope, kept->request, &outcome);

	if (err == ERR_BAD_INPUT ||
		(err == ERR_OK &&
			!text_equal(outcome.fingerprint, kept->fingerprint))) {
		*out = (struct raw_json){.text = NULL};
		return ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	*out = outcome.report;
	/* It can be told all the same, and made once more. */
	(void)!scope_run(scope, report_sql,
		BINDS(bind_text(":id", kept->id),
			bind_text(":report", outcome.report.text)),
		NULL);
	return ERR_OK;
}
