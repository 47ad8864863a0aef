/*
 * A request for a run, from its body to what the engine takes. Must never
 * let through what a runner would have to refuse an hour later.
 */
#include "backtest_order_private.h"

#include <assert.h>

#include "definition_private.h"
#include "json_write.h"
#include "market.h"

enum {
	REQUEST_BYTES = DEFINITION_BYTES_LIMIT + 2 * PARAMS_BYTES_LIMIT + 4096
};

static const struct field new_fields[] = {
	RUN_FIELDS(struct backtest_new, ),
	FIELD(struct backtest_new, params, .nullable = true,
		.doc = "an object of parameters that replace the defaults"),
	FIELD(struct backtest_new, seed,
		.doc = "of the report's samples: the same gives the same"),
	FIELD(struct backtest_new, keep, .otherwise = 1,
		.doc = "false: run it, tell the result and forget it; only "
		       "what is small enough to be run at once"),
	FIELD(struct backtest_new, report,
		.doc = "true: with the report in this answer; else it is made "
		       "when it is first read"),
};
const struct shape backtest_new_shape =
	SHAPE("backtest_new", struct backtest_new, new_fields);

/* ---- what was asked for, as it is kept ----------------------------------- */

struct raw_json request_write(
	struct arena *arena, const struct shape *shape, const void *value)
{
	struct json_writer writer;
	struct buf buf;

	buf_init(&buf, arena, REQUEST_BYTES);
	json_write_init(&writer, &buf);
	shape_write(shape, &writer, value);
	assert(!buf.overflow);
	return (struct raw_json){buf.data, buf.len};
}

enum err request_read(struct scope *scope, const struct shape *shape,
	const char *text, void *out)
{
	struct shape_input input = {.body = NULL};
	enum err err = json_parse_own(scope_arena(scope), text, strlen(text),
		scope_report(scope), &input.body);

	return err == ERR_OK ? shape_read(shape, scope_arena(scope), &input,
				       scope_report(scope), out)
			     : err;
}

/* ---- checks -------------------------------------------------------------- */

static enum err range_check(
	struct report *report, const struct backtest_new *in)
{
	if (!in->from || !in->to || in->from->ms < in->to->ms)
		return ERR_OK;
	report_fault(report, "/to", "must be later than from");
	return ERR_BAD_INPUT;
}

/* The definition: sent along, or the stored strategy's newest. */
static enum err definition_find(
	struct scope *scope, struct backtest_order *order)
{
	struct report *report = scope_report(scope);
	struct backtest_new *in = &order->in;
	struct strategy_view strategy;
	enum err err;

	if ((in->strategy_id == NULL) == (in->definition == NULL)) {
		report_fault(report, "",
			"exactly one of strategy_id and definition is needed");
		return ERR_BAD_INPUT;
	}
	if (in->definition)
		return definition_fits(scope, in->definition, "/definition",
			DEFINITION_BYTES_LIMIT);
	err = strategy_get(scope, in->strategy_id, &strategy);
	if (err == ERR_OK)
		err = json_parse(scope_arena(scope), strategy.definition.text,
			strategy.definition.len, report, &in->definition);
	if (err != ERR_OK)
		return err;
	in->strategy_id = strategy.id;
	order->strategy_version = strategy.version;
	return ERR_OK;
}

static enum err detail_check(
	struct report *report, const struct backtest_new *in)
{
	const int64_t interval = market_interval_ms(in->interval);
	const int64_t detail = in->detail_interval
				       ? market_interval_ms(in->detail_interval)
				       : 0;

	if (!in->detail_interval ||
		(detail > 0 && detail < interval && interval % detail == 0))
		return ERR_OK;
	report_fault(report, "/detail_interval",
		"must be smaller than the interval (%s)", in->interval);
	return ERR_BAD_INPUT;
}

static struct decimal or_nothing(const struct decimal *value)
{
	return value ? *value : (struct decimal){0, 0};
}

struct backtest_options backtest_options_of(const struct backtest_new *in)
{
	return (struct backtest_options){
		.cash = *in->cash,
		.commission = *in->fee,
		.maker_and_taker = in->fee_maker || in->fee_taker,
		.fee_maker = or_nothing(in->fee_maker),
		.fee_taker = or_nothing(in->fee_taker),
		.fee_fixed = or_nothing(in->fee_fixed),
		.spread = or_nothing(in->spread),
		.slippage = or_nothing(in->slippage),
		.tick = or_nothing(in->tick),
		.lot = or_nothing(in->lot),
		.min_notional = or_nothing(in->min_notional),
		.margin = or_nothing(in->margin),
		.long_only = in->long_only,
		.touch_fills = in->touch_fills,
		.whole_units = in->whole_units,
		.fill_on_close = in->fill_on_close,
		.finalize = in->finalize,
		.trade_limit = BACKTEST_TRADES,
	};
}

static enum err order_compile(struct scope *scope, struct backtest_order *order)
{
	const struct program_source source = {
		.definition = order->in.definition,
		.pointer = "/definition",
		.params = order->in.params,
		.interval = order->in.interval,
	};
	enum err err = program_compile(scope_arena(scope), &source,
		scope_report(scope), &order->program);

	if (err != ERR_OK)
		return err;
	if (!order->in.interval)
		order->in.interval = program_interval(order->program);
	if (order->in.interval)
		return ERR_OK;
	report_fault(scope_report(scope), "/interval",
		"is needed: the definition has none");
	return ERR_BAD_INPUT;
}

/* The engine's own check of the options, on one made-up candle. */
static enum err options_check(
	struct scope *scope, const struct backtest_order *order)
{
	static const int64_t time = 0;
	static const double one = 1;
	const struct candles candle = {&time, &one, &one, &one, &one, &one, 1};
	struct backtest_result result;

	return backtest_run(scope_arena(scope),
		&(const struct backtest_input){.program = order->program,
			.candles = &candle,
			.options = &order->options},
		scope_report(scope), &result);
}

enum err backtest_order_again(struct scope *scope,
	const struct backtest_new *in, struct backtest_order *out)
{
	struct backtest_order order = {.in = *in};
	enum err err = order_compile(scope, &order);

	if (err != ERR_OK)
		return err;
	order.options = backtest_options_of(&order.in);
	*out = order;
	return ERR_OK;
}

enum err backtest_order_prepare(struct scope *scope,
	const struct backtest_new *in, struct backtest_order *out)
{
	static const struct decimal cash = {10000, 0}, nothing = {0, 0};
	struct backtest_order order = {.in = *in};
	enum err err = range_check(scope_report(scope), in);

	if (err == ERR_OK && in->params)
		err = definition_fits(
			scope, in->params, "/params", PARAMS_BYTES_LIMIT);
	if (err == ERR_OK)
		err = definition_find(scope, &order);
	if (err == ERR_OK)
		err = order_compile(scope, &order);
	if (err == ERR_OK)
		err = detail_check(scope_report(scope), &order.in);
	if (err != ERR_OK)
		return err;
	if (!order.in.cash)
		order.in.cash = &cash;
	if (!order.in.fee)
		order.in.fee = &nothing;
	order.options = backtest_options_of(&order.in);
	err = options_check(scope, &order);
	if (err == ERR_OK)
		*out = order;
	return err;
}
