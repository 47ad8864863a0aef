/*
 * A definition, candles and the engine's report on them, in the bounds of a
 * backtest that is answered at once. Must never store anything.
 */
#include "strategy_recursive.h"

#include <assert.h>

#include "backtest_order_private.h"
#include "json_write.h"
#include "market.h"
#include "recursive.h"

enum {
	NUMBERS_BYTES = 256 /* RECURSIVE_STARTS numbers */
};

static const struct field input_fields[] = {
	FIELD(struct recursive_input, definition, .required = true,
		.doc = "the rules"),
	FIELD(struct recursive_input, params, .nullable = true,
		.doc = "an object of parameters that replace the defaults"),
	FIELD(struct recursive_input, symbol, .required = true, .min = 1,
		.max = 32, .doc = "such as BTC-USD"),
	FIELD(struct recursive_input, interval, .nullable = true,
		.one_of = market_intervals, .doc = "absent: the definition's"),
	FIELD(struct recursive_input, from, .nullable = true,
		.doc = "the first open"),
	FIELD(struct recursive_input, to, .nullable = true,
		.doc = "behind the last open"),
};
const struct shape recursive_input_shape =
	SHAPE("recursive_input", struct recursive_input, input_fields);

/* Every shorter history together is at most twice the longest. */
static enum err work_check(struct scope *scope, const struct limits *limits,
	const struct backtest_order *order, const struct candles *bars)
{
	const int64_t work =
		(int64_t)bars->count * (int64_t)program_cost(order->program);

	if (work <= limits->backtest_inline_work)
		return ERR_OK;
	report_fault(scope_report(scope), "/from",
		"the candles times columns are %lld, and at most %lld are "
		"answered at once (BACKTEST_INLINE_WORK): take a shorter range "
		"or a larger interval",
		(long long)work, (long long)limits->backtest_inline_work);
	return ERR_BAD_INPUT;
}

/* ---- as JSON ------------------------------------------------------------- */

/* Columns for which there are candles: the first ones. */
static size_t starts_of(const struct recursive_report *report)
{
	size_t count = 0;

	while (count < RECURSIVE_STARTS && report->bars[count] > 0)
		count++;
	return count;
}

static struct raw_json bars_json(
	struct arena *arena, const struct recursive_report *report)
{
	struct json_writer writer;
	struct buf buf;

	buf_init(&buf, arena, NUMBERS_BYTES);
	json_write_init(&writer, &buf);
	json_array(&writer);
	for (size_t i = 0; i < starts_of(report); i++)
		json_put_int(&writer, (int64_t)report->bars[i]);
	json_array_end(&writer);
	assert(!buf.overflow);
	return (struct raw_json){buf.data, buf.len};
}

static struct raw_json moved_json(
	struct arena *arena, const struct recursive_row *row, size_t starts)
{
	struct json_writer writer;
	struct buf buf;

	buf_init(&buf, arena, NUMBERS_BYTES);
	json_write_init(&writer, &buf);
	json_array(&writer);
	for (size_t i = 0; i < starts; i++)
		json_put_double(&writer, row->moved_pct[i]);
	json_array_end(&writer);
	assert(!buf.overflow);
	return (struct raw_json){buf.data, buf.len};
}

static struct recursive_view view_of(
	struct arena *arena, const struct recursive_report *report)
{
	struct recursive_row_view *rows =
		arena_array(arena, report->count, sizeof(*rows));

	for (size_t i = 0; i < report->count; i++)
		rows[i] = (struct recursive_row_view){
			.indicator = report->rows[i].text,
			.value = {report->rows[i].value},
			.moved_pct = moved_json(
				arena, &report->rows[i], starts_of(report)),
		};
	return (struct recursive_view){
		.bars = bars_json(arena, report),
		.rows = {rows, report->count},
	};
}

enum err strategy_recursive(struct scope *scope, const struct limits *limits,
	const struct recursive_input *in, struct recursive_view *out)
{
	const struct backtest_new wanted = {
		.definition = in->definition,
		.params = in->params,
		.symbol = in->symbol,
		.interval = in->interval,
		.from = in->from,
		.to = in->to,
	};
	struct backtest_order order;
	struct recursive_report report;
	struct candles bars;
	enum err err = backtest_order_prepare(scope, &wanted, &order);

	if (err == ERR_OK)
		err = backtest_bars(scope, limits, &order.in, &bars);
	if (err == ERR_OK)
		err = work_check(scope, limits, &order, &bars);
	if (err == ERR_OK)
		err = recursive_report(scope_arena(scope), order.program, &bars,
			scope_report(scope), &report);
	if (err == ERR_OK)
		*out = view_of(scope_arena(scope), &report);
	return err;
}
