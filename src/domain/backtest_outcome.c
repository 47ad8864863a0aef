/*
 * The candles of an order, and what the engine makes of both, as it is told
 * and kept. Must never read a candle outside the range that was asked for.
 */
#include "backtest_order_private.h"

#include "backtest_json_private.h"
#include "market.h"

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

enum err backtest_bars(struct scope *scope, const struct limits *limits,
	const struct backtest_new *in, struct candles *out)
{
	struct report *report = scope_report(scope);
	const struct candle_query query = {
		.symbol = in->symbol,
		.interval = in->interval,
		.from = in->from,
		.to = in->to,
	};
	struct candles candles;
	enum err err = market_columns(
		scope, &query, (size_t)limits->backtest_bars, &candles);

	if (err == ERR_NOT_FOUND) {
		report_fault(report, "/symbol", "there is no such symbol");
		return ERR_BAD_INPUT;
	}
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

/* ---- the run ------------------------------------------------------------- */

enum err backtest_outcome(struct scope *scope,
	const struct backtest_order *order,
	const struct backtest_series *series, struct backtest_outcome *out)
{
	const struct stats_order asked = {.symbol = order->in.symbol,
		.seed = order->in.seed,
		.rounds = SIGNIFICANCE_ROUNDS};
	struct arena *arena = scope_arena(scope);
	struct stats_report *report = arena_alloc(arena, sizeof(*report));
	struct backtest_result result;
	enum err err = backtest_run(arena,
		&(const struct backtest_input){.program = order->program,
			.candles = &series->bars,
			.options = &order->options,
			.detail = series->detail.count > 0 ? &series->detail
							   : NULL},
		scope_report(scope), &result);

	if (err != ERR_OK)
		return err;
	stats_report(arena, result.series, &asked, report);
	*out = (struct backtest_outcome){
		.stats = backtest_stats_json(arena, &result),
		.equity = backtest_equity_json(
			arena, &series->bars, result.equity),
		.trades = backtest_trades_json(arena, &result),
		.report = backtest_report_json(arena, report),
		.fingerprint = report->fingerprint,
	};
	return ERR_OK;
}
