/*
 * The rules of a definition once more, as plainly as can be: each expression
 * a whole column over all bars, straight from the JSON, no blocks, no state,
 * nothing shared. Only the indicators' kernels are the engine's own. What it
 * says is held against the engine. For tests and fuzz targets only; knows the
 * definitions of strategy_maker.h (one parameter, "n").
 */
#ifndef TEST_STRATEGY_NAIVE_H
#define TEST_STRATEGY_NAIVE_H

#include <math.h>
#include <string.h>

#include "candles.h"
#include "indicator.h"
#include "interval.h"
#include "json.h"

enum {
	NAIVE_PAST = 64, /* NaN in front of each column */
	NAIVE_PRICES = 5
};

/* Candles, the base's or a larger interval's. */
struct naive_lane {
	int64_t ms;
	size_t count;
	const double *prices[NAIVE_PRICES]; /* open high low close volume */
	const double *time;
	const size_t *closed; /* larger: how many are closed, per base bar */
};

struct naive {
	struct arena *arena;
	const struct candles *candles;
	const struct json *indicators; /* declared, or NULL */
	double n;
	struct naive_lane base;
};

static const char *const naive_prices[NAIVE_PRICES] = {
	"open", "high", "low", "close", "volume"};

static inline const double *naive_value(const struct naive *naive,
	const struct naive_lane *lane, const struct json *value);

static inline double *naive_column(
	const struct naive *naive, const struct naive_lane *lane)
{
	double *column = arena_array(
		naive->arena, NAIVE_PAST + lane->count + 1, sizeof(*column));

	for (size_t i = 0; i < NAIVE_PAST + lane->count + 1; i++)
		column[i] = NAN;
	return column + NAIVE_PAST;
}

static inline const double *naive_constant(
	const struct naive *naive, const struct naive_lane *lane, double value)
{
	double *column = naive_column(naive, lane);

	for (size_t i = 0; i < lane->count + NAIVE_PAST; i++)
		column[(ptrdiff_t)i - NAIVE_PAST] = value;
	return column;
}

static inline const double *naive_copy(const struct naive *naive,
	const struct naive_lane *lane, const double *values)
{
	double *column = naive_column(naive, lane);

	memcpy(column, values, lane->count * sizeof(*column));
	return column;
}

/* ---- candles --------------------------------------------------------------- */

static inline struct naive naive_open(struct arena *arena,
	const struct candles *candles, const struct json *definition, double n)
{
	const double *from[NAIVE_PRICES] = {candles->open, candles->high,
		candles->low, candles->close, candles->volume};
	struct naive naive = {.arena = arena,
		.candles = candles,
		.indicators = json_member(definition, "indicators"),
		.n = n,
		.base = {.count = candles->count}};
	double *time = naive_column(&naive, &naive.base);

	for (size_t k = 0; k < NAIVE_PRICES; k++)
		naive.base.prices[k] = naive_copy(&naive, &naive.base, from[k]);
	for (size_t i = 0; i < candles->count; i++)
		time[i] = (double)candles->time[i];
	naive.base.time = time;
	naive.base.ms = interval_ms(json_member(definition, "interval")->text);
	return naive;
}

/* The bar with which the candle of bars from..last is known to be closed. */
static inline size_t naive_closing_bar(
	const struct naive *naive, size_t last, int64_t end)
{
	return naive->candles->time[last] + naive->base.ms >= end ? last
								  : last + 1;
}

/* One candle of bars from..last becomes number `to` of the lane. */
static inline void naive_merge(const struct naive *naive, double **out,
	size_t to, size_t from, size_t last)
{
	const struct candles *c = naive->candles;

	out[0][to] = c->open[from];
	out[1][to] = c->high[from];
	out[2][to] = c->low[from];
	out[3][to] = c->close[last];
	out[4][to] = c->volume[from];
	for (size_t i = from + 1; i <= last; i++) {
		out[1][to] = fmax(out[1][to], c->high[i]);
		out[2][to] = fmin(out[2][to], c->low[i]);
		out[4][to] += c->volume[i];
	}
}

static inline const struct naive_lane *naive_larger(
	const struct naive *naive, int64_t ms)
{
	struct naive_lane *lane = arena_alloc(naive->arena, sizeof(*lane));
	const int64_t *time = naive->candles->time;
	size_t bars = naive->candles->count;
	size_t *closed = arena_array(naive->arena, bars + 2, sizeof(*closed));
	double *out[NAIVE_PRICES];
	double *opens = naive_column(naive, &naive->base);
	size_t count = 0, last;

	for (size_t k = 0; k < NAIVE_PRICES; k++)
		out[k] = naive_column(naive, &naive->base);
	for (size_t from = 0; from < bars; from = last + 1) {
		int64_t begin = interval_open(time[from], ms);

		last = from;
		while (last + 1 < bars && time[last + 1] < begin + ms)
			last++;
		/* what began before the data is not known */
		if (from == 0 && time[0] != begin)
			continue;
		naive_merge(naive, out, count, from, last);
		opens[count++] = (double)begin;
		closed[naive_closing_bar(naive, last, begin + ms)] = count;
	}
	for (size_t i = 1; i < bars; i++)
		if (closed[i] < closed[i - 1])
			closed[i] = closed[i - 1];
	*lane = (struct naive_lane){
		.ms = ms, .count = closed[bars - 1], .closed = closed};
	for (size_t k = 0; k < NAIVE_PRICES; k++)
		lane->prices[k] = out[k];
	lane->time = opens;
	return lane;
}

/* A column of the larger lane as the base sees it. */
static inline const double *naive_expand(const struct naive *naive,
	const struct naive_lane *lane, const double *values)
{
	double *column = naive_column(naive, &naive->base);

	for (size_t i = 0; i < naive->base.count; i++)
		if (lane->closed[i] > 0)
			column[i] = values[lane->closed[i] - 1];
	return column;
}

/* ---- prices ------------------------------------------------------------------ */

/* which: open high low close */
static inline const double *naive_smooth(
	const struct naive *naive, const struct naive_lane *lane, size_t which)
{
	double *columns[4];
	double before_open = NAN, before_close = NAN;

	for (size_t k = 0; k < 4; k++)
		columns[k] = naive_column(naive, lane);
	for (size_t i = 0; i < lane->count; i++) {
		double o = lane->prices[0][i], h = lane->prices[1][i];
		double l = lane->prices[2][i], c = lane->prices[3][i];
		double close = (o + h + l + c) / 4;
		double open =
			i == 0 ? (o + c) / 2 : (before_open + before_close) / 2;

		columns[0][i] = open;
		columns[1][i] = fmax(h, fmax(open, close));
		columns[2][i] = fmin(l, fmin(open, close));
		columns[3][i] = close;
		before_open = open;
		before_close = close;
	}
	return columns[which];
}

/* hl2, hlc3, ohlc4 */
static inline const double *naive_mean(
	const struct naive *naive, const struct naive_lane *lane, int count)
{
	double *column = naive_column(naive, lane);

	for (size_t i = 0; i < lane->count; i++) {
		double sum = lane->prices[1][i] + lane->prices[2][i];

		if (count > 2)
			sum += lane->prices[3][i];
		if (count > 3)
			sum += lane->prices[0][i];
		column[i] = sum / count;
	}
	return column;
}

static inline const double *naive_word(const struct naive *naive,
	const struct naive_lane *lane, const char *word)
{
	static const char *const made[] = {"hl2", "hlc3", "ohlc4", "ha_open",
		"ha_high", "ha_low", "ha_close"};

	for (size_t k = 0; k < NAIVE_PRICES; k++)
		if (strcmp(word, naive_prices[k]) == 0)
			return lane->prices[k];
	for (size_t k = 0; k < 3; k++)
		if (strcmp(word, made[k]) == 0)
			return naive_mean(naive, lane, (int)k + 2);
	for (size_t k = 3; k < 7; k++)
		if (strcmp(word, made[k]) == 0)
			return naive_smooth(naive, lane, k - 3);
	return naive_value(naive, lane, json_member(naive->indicators, word));
}

/* ---- indicators ---------------------------------------------------------------- */

static inline double naive_plain(
	const struct naive *naive, const struct json *value)
{
	double number = naive->n;

	if (value->kind == JSON_NUMBER && !json_double(value, &number))
		return NAN;
	return number;
}

/* The last value that was known. */
static inline const double *naive_filled(const struct naive *naive,
	const struct naive_lane *lane, const double *values)
{
	double *column = naive_column(naive, lane);
	double last = NAN;

	for (size_t i = 0; i < lane->count; i++) {
		last = isfinite(values[i]) ? values[i] : last;
		column[i] = last;
	}
	return column;
}

static inline const double *naive_input(const struct naive *naive,
	const struct naive_lane *lane, const struct json *call,
	enum indicator_input input)
{
	const struct json *source = json_member(call, "source");
	bool smooth = json_is_text(json_member(call, "candles"), "heikin_ashi");

	if (input == INPUT_TIME)
		return lane->time;
	if (input == INPUT_SOURCE)
		return source ? naive_filled(naive, lane,
					naive_value(naive, lane, source))
			      : lane->prices[3];
	if (smooth && input != INPUT_VOLUME)
		return naive_smooth(naive, lane, (size_t)(input - INPUT_OPEN));
	return lane->prices[input - INPUT_OPEN];
}

static inline size_t naive_begin(
	const struct naive_lane *lane, const double *const *in, size_t inputs)
{
	for (size_t i = 0; i < lane->count; i++) {
		bool known = true;

		for (size_t k = 0; k < inputs; k++)
			known = known && isfinite(in[k][i]);
		if (known)
			return i;
	}
	return lane->count;
}

/* All bars in one block; the column of the output that is asked for. */
static inline const double *naive_run(const struct naive *naive,
	const struct naive_lane *lane, const struct json *call,
	const struct indicator *row)
{
	const struct json *output = json_member(call, "output");
	double args[INDICATOR_PARAM_LIMIT] = {0};
	const double *in[INDICATOR_INPUT_LIMIT];
	double *out[INDICATOR_OUTPUT_LIMIT];
	size_t begin, chosen = 0;

	for (size_t i = 0; i < row->param_count; i++) {
		const struct json *arg = json_member(call, row->params[i].name);

		args[i] = arg ? naive_plain(naive, arg)
			      : row->params[i].otherwise;
	}
	for (size_t k = 0; k < row->input_count; k++)
		in[k] = naive_input(naive, lane, call, row->inputs[k]);
	begin = naive_begin(lane, in, row->input_count);
	for (size_t k = 0; k < row->input_count; k++)
		in[k] += begin;
	for (size_t k = 0; row->outputs[k]; k++) {
		out[k] = naive_column(naive, lane) + begin;
		if (output && json_is_text(output, row->outputs[k]))
			chosen = k;
	}
	if (begin < lane->count)
		row->run(&(struct indicator_call){.in = in,
			.out = out,
			.args = args,
			.state = arena_alloc(naive->arena,
				row->state ? row->state(args) : 1),
			.count = lane->count - begin});
	return out[chosen] - begin;
}

static inline const double *naive_call(const struct naive *naive,
	const struct naive_lane *lane, const struct json *call)
{
	const struct indicator *row =
		indicator_find(json_member(call, "fn")->text);
	const struct json *interval = json_member(call, "interval");
	const struct naive_lane *larger;

	if (!interval || interval_ms(interval->text) == lane->ms)
		return naive_run(naive, lane, call, row);
	larger = naive_larger(naive, interval_ms(interval->text));
	return naive_expand(naive, larger, naive_run(naive, larger, call, row));
}

/* ---- operators ------------------------------------------------------------------- */

static inline double naive_known(double value)
{
	return isfinite(value) ? value : (double)NAN;
}

/* Of two numbers of one bar; conditions are 1 and 0. */
static inline double naive_two(const char *name, double a, double b)
{
	if (strcmp(name, "add") == 0)
		return naive_known(a + b);
	if (strcmp(name, "sub") == 0)
		return naive_known(a - b);
	if (strcmp(name, "mul") == 0)
		return naive_known(a * b);
	if (strcmp(name, "div") == 0)
		return naive_known(a / b);
	if (isnan(a) || isnan(b))
		return name[0] == 'm' ? (double)NAN : 0;
	if (strcmp(name, "min") == 0)
		return a < b ? a : b;
	if (strcmp(name, "max") == 0)
		return a > b ? a : b;
	if (strcmp(name, "gt") == 0)
		return a > b;
	if (strcmp(name, "ge") == 0)
		return a >= b;
	if (strcmp(name, "lt") == 0)
		return a < b;
	if (strcmp(name, "le") == 0)
		return a <= b;
	return a == b;
}

static inline const double *naive_pair(const struct naive *naive,
	const struct naive_lane *lane, const struct json *args)
{
	const double *a = naive_value(naive, lane, args->first);
	const double *b = naive_value(naive, lane, args->first->next);
	double *column = naive_column(naive, lane);

	for (size_t i = 0; i < lane->count; i++)
		column[i] = naive_two(args->name, a[i], b[i]);
	return column;
}

static inline const double *naive_cross(const struct naive *naive,
	const struct naive_lane *lane, const struct json *args)
{
	bool above = strcmp(args->name, "crosses_above") == 0;
	const double *a = naive_value(naive, lane, args->first);
	const double *b = naive_value(naive, lane, args->first->next);
	double *column = naive_column(naive, lane);

	for (ptrdiff_t i = 0; i < (ptrdiff_t)lane->count; i++)
		column[i] = above ? a[i - 1] < b[i - 1] && a[i] > b[i]
				  : a[i - 1] > b[i - 1] && a[i] < b[i];
	return column;
}

static inline const double *naive_between(const struct naive *naive,
	const struct naive_lane *lane, const struct json *args)
{
	const struct json *second = args->first->next;
	const double *x = naive_value(naive, lane, args->first);
	const double *low = naive_value(naive, lane, second);
	const double *high = naive_value(naive, lane, second->next);
	double *column = naive_column(naive, lane);

	for (size_t i = 0; i < lane->count; i++)
		column[i] = x[i] >= low[i] && x[i] <= high[i];
	return column;
}

/* all and any: of any number of conditions */
static inline const double *naive_list(const struct naive *naive,
	const struct naive_lane *lane, const struct json *args)
{
	bool all = strcmp(args->name, "all") == 0;
	double *column = naive_column(naive, lane);

	for (size_t i = 0; i < lane->count; i++)
		column[i] = all;
	for (const struct json *arg = args->first; arg; arg = arg->next) {
		const double *flags = naive_value(naive, lane, arg);

		for (size_t i = 0; i < lane->count; i++)
			if ((flags[i] == 1) != all)
				column[i] = !all;
	}
	return column;
}

static inline const double *naive_one(const struct naive *naive,
	const struct naive_lane *lane, const struct json *arg)
{
	const double *of = naive_value(naive, lane, arg);
	bool absolute = strcmp(arg->name, "abs") == 0;
	double *column = naive_column(naive, lane);

	for (size_t i = 0; i < lane->count; i++)
		column[i] = absolute ? fabs(of[i]) : of[i] != 1;
	return column;
}

/* rising, falling: strictly on each of the last bars; within: on any. */
static inline double naive_look(
	const char *name, const double *at, ptrdiff_t bars)
{
	bool any = strcmp(name, "within") == 0;
	double side = strcmp(name, "falling") == 0 ? -1 : 1;

	for (ptrdiff_t k = 0; k < bars; k++) {
		if (any && at[-k] == 1)
			return 1;
		if (!any && !(side * at[-k] > side * at[-k - 1]))
			return 0;
	}
	return !any;
}

static inline const double *naive_over_bars(const struct naive *naive,
	const struct naive_lane *lane, const struct json *args)
{
	const double *of = naive_value(naive, lane, args->first);
	ptrdiff_t bars = (ptrdiff_t)naive_plain(naive, args->first->next);
	double *column = naive_column(naive, lane);

	for (ptrdiff_t i = 0; i < (ptrdiff_t)lane->count; i++)
		column[i] = strcmp(args->name, "shift") == 0
				    ? of[i - bars]
				    : naive_look(args->name, of + i, bars);
	return column;
}

static inline const double *naive_operator(const struct naive *naive,
	const struct naive_lane *lane, const struct json *args)
{
	const char *name = args->name;

	if (strcmp(name, "param") == 0)
		return naive_constant(naive, lane, naive->n);
	if (strcmp(name, "all") == 0 || strcmp(name, "any") == 0)
		return naive_list(naive, lane, args);
	if (strcmp(name, "not") == 0 || strcmp(name, "abs") == 0)
		return naive_one(naive, lane, args);
	if (strcmp(name, "between") == 0)
		return naive_between(naive, lane, args);
	if (strncmp(name, "crosses_", 8) == 0)
		return naive_cross(naive, lane, args);
	if (strcmp(name, "shift") == 0 || strcmp(name, "rising") == 0 ||
		strcmp(name, "falling") == 0 || strcmp(name, "within") == 0)
		return naive_over_bars(naive, lane, args);
	return naive_pair(naive, lane, args);
}

/* Conditions are 1 and 0; before bar 0 they are NaN, which is not 1. */
static inline const double *naive_value(const struct naive *naive,
	const struct naive_lane *lane, const struct json *value)
{
	if (value->kind == JSON_NUMBER)
		return naive_constant(naive, lane, naive_plain(naive, value));
	if (value->kind == JSON_TEXT)
		return naive_word(naive, lane, value->text);
	if (json_member(value, "fn"))
		return naive_call(naive, lane, value);
	return naive_operator(naive, lane, value->first);
}

/* NULL when the definition has no such rule. */
static inline const double *naive_rule(const struct naive *naive,
	const struct json *definition, const char *name, const char *side)
{
	const struct json *rule =
		json_member(json_member(definition, name), side);

	return rule ? naive_value(naive, &naive->base, rule) : NULL;
}

#endif
