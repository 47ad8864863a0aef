/*
 * Strategies at random: bytes to a definition that keeps the language's rules
 * (every operator, the table's indicators, larger intervals, text forms,
 * stops, sizes, limits), and what any strategy's run promises, checked. The
 * same bytes make the same strategy. For tests and fuzz targets only.
 */
#ifndef TEST_STRATEGY_MAKER_H
#define TEST_STRATEGY_MAKER_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "expression.h"
#include "indicator.h"
#include "interval.h"
#include "json.h"

enum {
	MAKER_DEPTH = 5,      /* of an expression, about */
	MAKER_BUDGET = 50,    /* nodes of one rule, about */
	MAKER_TEXT = 1 << 20, /* bytes of a definition at most */
	MAKER_DECLARED = 3,   /* indicators */
	MAKER_PARAM = 3,      /* the value of "n" */
	MAKER_INTERVALS = 8
};

struct maker {
	struct arena *arena;
	const uint8_t *bytes; /* used up: every choice is the first */
	size_t len, at;
	struct buf *out;
	int budget;
	int interval;  /* index of the strategy's */
	bool declared; /* indicators may be named */
	bool laned;    /* within an indicator of a larger interval */
	bool extended; /* rules of positions beyond the plain ones */
};

/* 0..n-1 */
static inline unsigned maker_pick(struct maker *maker, unsigned n)
{
	if (maker->at >= maker->len)
		return 0;
	return maker->bytes[maker->at++] % n;
}

static inline bool maker_flip(struct maker *maker)
{
	return maker_pick(maker, 2) == 1;
}

#define MAKER_ADD(maker, ...) buf_format((maker)->out, __VA_ARGS__)

static inline void maker_number(struct maker *maker, int depth);
static inline void maker_condition(struct maker *maker, int depth);

/* ---- indicators ---------------------------------------------------------- */

static inline bool maker_reads(const struct indicator *row, bool source)
{
	for (size_t i = 0; i < row->input_count; i++)
		if ((row->inputs[i] == INPUT_SOURCE) == source)
			return true;
	return false;
}

static inline const struct indicator *maker_row(struct maker *maker)
{
	unsigned count = 0;

	while (indicator_at(count))
		count++;
	return indicator_at(maker_pick(maker, count));
}

/* Later arguments are larger: most tables want fast before slow. */
static inline void maker_args(
	struct maker *maker, const struct indicator *row, double *args)
{
	for (size_t i = 0; i < row->param_count; i++) {
		const struct indicator_param *param = &row->params[i];
		double step = param->whole ? 1 : 0.5;

		args[i] = param->min +
			  step * (double)(maker_pick(maker, 8) + 8 * i);
		if (args[i] > param->max)
			args[i] = param->max;
	}
	if (maker_pick(maker, 3) != 1 && (!row->fault || !row->fault(args)))
		return;
	for (size_t i = 0; i < row->param_count; i++)
		if (row->params[i].optional)
			args[i] = row->params[i].otherwise;
}

static inline void maker_larger(struct maker *maker, bool *laned)
{
	unsigned more = maker_pick(maker, 4);
	int index = maker->interval + (int)more;

	*laned = false;
	if (maker->laned || more == 0 || index >= MAKER_INTERVALS)
		return;
	*laned = true;
	MAKER_ADD(maker, ",\"interval\":\"%s\"", interval_names[index]);
}

/* The members of a declaration, without braces. */
static inline const struct indicator *maker_call(struct maker *maker, int depth)
{
	const struct indicator *row = maker_row(maker);
	double args[INDICATOR_PARAM_LIMIT] = {0};
	bool outside = maker->laned;
	bool laned;

	maker_args(maker, row, args);
	if (row->fault && row->fault(args)) {
		row = indicator_find("sma");
		args[0] = 2;
	}
	MAKER_ADD(maker, "\"fn\":\"%s\"", row->name);
	for (size_t i = 0; i < row->param_count; i++) {
		if (row->param_count == 1 && maker_pick(maker, 4) == 1 &&
			row->params[i].min <= MAKER_PARAM)
			MAKER_ADD(maker, ",\"%s\":{\"param\":\"n\"}",
				row->params[i].name);
		else
			MAKER_ADD(maker, ",\"%s\":%.15g", row->params[i].name,
				args[i]);
	}
	maker_larger(maker, &laned);
	if (maker_reads(row, false) && maker_pick(maker, 4) == 1)
		MAKER_ADD(maker, ",\"candles\":\"heikin_ashi\"");
	maker->laned = outside || laned;
	if (maker_reads(row, true) && maker_flip(maker)) {
		MAKER_ADD(maker, ",\"source\":");
		maker_number(maker, depth + 1);
	}
	maker->laned = outside;
	return row;
}

static inline const char *maker_output(
	struct maker *maker, const struct indicator *row)
{
	unsigned count = 0;

	while (row->outputs[count])
		count++;
	return row->outputs[maker_pick(maker, count)];
}

static inline void maker_inline(struct maker *maker, int depth)
{
	const struct indicator *row;

	MAKER_ADD(maker, "{");
	row = maker_call(maker, depth);
	if (maker_flip(maker))
		MAKER_ADD(
			maker, ",\"output\":\"%s\"", maker_output(maker, row));
	MAKER_ADD(maker, "}");
}

/* ---- expressions --------------------------------------------------------- */

static inline void maker_leaf(struct maker *maker)
{
	static const char *const words[] = {"close", "open", "high", "low",
		"volume", "hl2", "hlc3", "ohlc4", "ha_open", "ha_high",
		"ha_low", "ha_close"};
	static const char *const numbers[] = {
		"100", "0", "50", "-1.5", "1e2", "70", "30", "0.5"};

	switch (maker_pick(maker, 4)) {
	case 1:
		MAKER_ADD(maker, "%s", numbers[maker_pick(maker, 8)]);
		return;
	case 2:
		MAKER_ADD(maker, "{\"param\":\"n\"}");
		return;
	case 3:
		/* of the strategy's interval: not for another's source */
		if (!maker->declared || maker->laned)
			break;
		MAKER_ADD(maker, "\"i%u\"", maker_pick(maker, MAKER_DECLARED));
		return;
	default:
		break;
	}
	MAKER_ADD(maker, "\"%s\"", words[maker_pick(maker, 12)]);
}

static inline bool maker_spent(struct maker *maker, int depth)
{
	return --maker->budget <= 0 || depth >= MAKER_DEPTH;
}

/* {"name":[a,b]} of numbers */
static inline void maker_pair(struct maker *maker, const char *name, int depth)
{
	MAKER_ADD(maker, "{\"%s\":[", name);
	maker_number(maker, depth + 1);
	MAKER_ADD(maker, ",");
	maker_number(maker, depth + 1);
	MAKER_ADD(maker, "]}");
}

static inline void maker_bars(struct maker *maker, unsigned least)
{
	if (maker_pick(maker, 4) == 1)
		MAKER_ADD(maker, ",{\"param\":\"n\"}]}");
	else
		MAKER_ADD(maker, ",%u]}", least + maker_pick(maker, 6));
}

static inline void maker_number(struct maker *maker, int depth)
{
	static const char *const pairs[] = {
		"add", "sub", "mul", "div", "min", "max"};

	if (maker_spent(maker, depth)) {
		maker_leaf(maker);
		return;
	}
	switch (maker_pick(maker, 8)) {
	case 1:
	case 2:
		maker_inline(maker, depth);
		return;
	case 3:
		maker_pair(maker, pairs[maker_pick(maker, 6)], depth);
		return;
	case 4:
		MAKER_ADD(maker, "{\"abs\":");
		maker_number(maker, depth + 1);
		MAKER_ADD(maker, "}");
		return;
	case 5:
		MAKER_ADD(maker, "{\"shift\":[");
		maker_number(maker, depth + 1);
		maker_bars(maker, 0);
		return;
	case 6:
		/* not known while the market stands */
		MAKER_ADD(maker, "{\"div\":[{\"sub\":[\"close\",\"low\"]},"
				 "{\"sub\":[\"high\",\"low\"]}]}");
		return;
	default:
		maker_leaf(maker);
		return;
	}
}

static inline void maker_list(struct maker *maker, const char *name, int depth)
{
	unsigned count = 1 + maker_pick(maker, 3);

	MAKER_ADD(maker, "{\"%s\":[", name);
	for (unsigned i = 0; i < count; i++) {
		MAKER_ADD(maker, i ? "," : "");
		maker_condition(maker, depth + 1);
	}
	MAKER_ADD(maker, "]}");
}

static inline void maker_between(struct maker *maker, int depth)
{
	MAKER_ADD(maker, "{\"between\":[");
	for (int i = 0; i < 3; i++) {
		MAKER_ADD(maker, i ? "," : "");
		maker_number(maker, depth + 1);
	}
	MAKER_ADD(maker, "]}");
}

/* A number or a condition, and a number of bars. */
static inline void maker_over_bars(
	struct maker *maker, const char *name, int depth)
{
	MAKER_ADD(maker, "{\"%s\":[", name);
	if (strcmp(name, "rising") == 0 || strcmp(name, "falling") == 0)
		maker_number(maker, depth + 1);
	else
		maker_condition(maker, depth + 1);
	maker_bars(maker, 1);
}

/* Of one scale, so that it is now true and now false. */
static inline void maker_alike(struct maker *maker, const char *name)
{
	static const char *const prices[] = {
		"close", "open", "ha_close", "hlc3"};

	MAKER_ADD(maker,
		"{\"%s\":[\"%s\",{\"fn\":\"%s\",\"period\":%u,"
		"\"source\":\"%s\"}]}",
		name, prices[maker_pick(maker, 4)],
		maker_flip(maker) ? "ema" : "sma", 2 + maker_pick(maker, 9),
		prices[maker_pick(maker, 4)]);
}

static inline void maker_condition(struct maker *maker, int depth)
{
	static const char *const pairs[] = {
		"gt", "lt", "crosses_above", "crosses_below", "ge", "le", "eq"};
	static const char *const over[] = {
		"rising", "falling", "within", "shift"};
	bool spent = maker_spent(maker, depth);

	switch (spent ? 0 : maker_pick(maker, 10)) {
	case 1:
		maker_list(maker, "all", depth);
		return;
	case 2:
		maker_list(maker, "any", depth);
		return;
	case 3:
		MAKER_ADD(maker, "{\"not\":");
		maker_condition(maker, depth + 1);
		MAKER_ADD(maker, "}");
		return;
	case 4:
		maker_between(maker, depth);
		return;
	case 5:
	case 6:
		maker_over_bars(maker, over[maker_pick(maker, 4)], depth);
		return;
	case 7:
	case 8:
		maker_alike(maker, pairs[maker_pick(maker, 7)]);
		return;
	default:
		maker_pair(maker, pairs[maker_pick(maker, 7)], depth);
		return;
	}
}

/* ---- rules of positions ---------------------------------------------------- */

struct maker_choice {
	const char *member, *values[3];
};

/* Each member is left out about half of the time. */
static inline void maker_members(
	struct maker *maker, const struct maker_choice *choices, size_t count)
{
	bool begun = false;

	for (size_t i = 0; i < count; i++) {
		unsigned pick = maker_pick(maker, 6);

		if (pick == 0 || pick > 3)
			continue;
		MAKER_ADD(maker, "%s\"%s\":%s", begun ? "," : "",
			choices[i].member, choices[i].values[pick - 1]);
		begun = true;
	}
}

#define MAKER_COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define MAKER_ATR "{\"period\":3,\"multiple\":\"1.5\"}"

static inline void maker_stops(struct maker *maker)
{
	static const struct maker_choice plain[] = {
		{"stop_loss_pct", {"\"2\"", "\"0.5\"", "\"20.25\""}},
		{"take_profit_pct", {"\"1\"", "\"4\"", "\"0.00000001\""}},
		{"trailing_pct", {"null", "null", "null"}},
	};
	static const struct maker_choice kinds[][4] = {
		{{"stop_loss_pct", {"\"2\"", "\"0.5\"", "null"}},
			{"take_profit_pct", {"\"1\"", "\"4\"", "null"}},
			{"trailing_pct", {"\"3\"", "\"1\"", "\"0.25\""}},
			{"break_even", {"{\"trigger_pct\":\"1\"}",
					       "{\"trigger_pct\":\"2\","
					       "\"offset_pct\":\"0.1\"}",
					       "null"}}},
		{{"stop_loss_atr", {MAKER_ATR, "null", MAKER_ATR}},
			{"take_profit_atr", {MAKER_ATR, "null", MAKER_ATR}},
			{"trailing_atr", {MAKER_ATR, "null", MAKER_ATR}},
			{"max_bars", {"1", "5", "20"}}},
		{{"stop_loss_pct", {"\"2\"", "\"10\"", "null"}},
			{"max_bars", {"2", "10", "30"}},
			{"roi", {"[[0,\"5\"]]",
					"[[0,\"10\"],[60,\"5\"],[600,\"-1\"]]",
					"[[120,\"1\"]]"}},
			{"take_profit_atr", {MAKER_ATR, "null", "null"}}},
	};

	MAKER_ADD(maker, ",\"stops\":{");
	if (maker->extended)
		maker_members(maker, kinds[maker_pick(maker, 3)], 4);
	else
		maker_members(maker, plain, MAKER_COUNT(plain));
	MAKER_ADD(maker, "}");
}

/* A size by risk needs a stop to measure it. */
static inline bool maker_has_stop(const struct maker *maker)
{
	return strstr(maker->out->data, "\"stop_loss_pct\":\"") ||
	       strstr(maker->out->data, "\"stop_loss_atr\":{");
}

static inline void maker_sizing(struct maker *maker)
{
	static const char *const modes[] = {
		"{\"mode\":\"all_in\"}",
		"{\"mode\":\"fixed\",\"quantity\":\"1.5\"}",
		"{\"mode\":\"pct_equity\",\"pct\":\"25\"}",
		"{\"mode\":\"pct_equity\",\"pct\":\"100\"}",
		"{\"mode\":\"quote\",\"amount\":\"1000\"}",
		"{\"mode\":\"fixed\",\"quantity\":\"0.00000001\"}",
		"{\"mode\":\"risk_pct\",\"pct\":\"1\"}",
	};
	unsigned count = !maker->extended ? 4 : maker_has_stop(maker) ? 7 : 6;

	MAKER_ADD(maker, ",\"sizing\":%s", modes[maker_pick(maker, count)]);
}

static inline void maker_limits(struct maker *maker)
{
	static const struct maker_choice limits[] = {
		{"max_open", {"1", "2", "16"}},
		{"cooldown_bars", {"1", "3", "10"}},
		{"max_trades_day", {"1", "2", "5"}},
		{"max_daily_loss_pct", {"\"1\"", "\"5\"", "\"50\""}},
		{"max_drawdown_pct", {"\"2\"", "\"10\"", "\"50\""}},
	};
	static const struct maker_choice session[] = {
		{"days", {"[\"mon\",\"tue\"]", "[\"sat\"]",
				 "[\"mon\",\"tue\",\"wed\",\"thu\",\"fri\"]"}},
		{"utc_offset", {"\"+01:00\"", "\"-05:30\"", "\"+00:00\""}},
	};

	MAKER_ADD(maker, ",\"limits\":{");
	maker_members(maker, limits, MAKER_COUNT(limits));
	MAKER_ADD(maker, "}");
	if (maker_pick(maker, 4) != 1)
		return;
	MAKER_ADD(maker, ",\"session\":{\"from\":\"09:30\",\"to\":\"16:00\"");
	if (maker_flip(maker)) {
		MAKER_ADD(maker, ",");
		maker_members(maker, session + maker_pick(maker, 2), 1);
		/* a member may have been left out behind its comma */
		if (maker->out->data[maker->out->len - 1] == ',')
			MAKER_ADD(maker, "\"days\":[\"sun\"]");
	}
	MAKER_ADD(maker, "}");
}

/* ---- the whole ------------------------------------------------------------- */

static inline void maker_rule(struct maker *maker, const char *side)
{
	maker->budget = MAKER_BUDGET;
	MAKER_ADD(maker, "\"%s\":", side);
	maker_condition(maker, 0);
}

static inline void maker_rules(struct maker *maker, const char *name)
{
	unsigned sides = maker_pick(maker, 3);

	MAKER_ADD(maker, ",\"%s\":{", name);
	if (sides != 1)
		maker_rule(maker, "long");
	if (sides == 2)
		MAKER_ADD(maker, ",");
	if (sides != 0)
		maker_rule(maker, "short");
	MAKER_ADD(maker, "}");
}

static inline void maker_declare(struct maker *maker)
{
	MAKER_ADD(maker, ",\"indicators\":{");
	for (int i = 0; i < MAKER_DECLARED; i++) {
		maker->budget = MAKER_DEPTH;
		MAKER_ADD(maker, "%s\"i%d\":{", i ? "," : "", i);
		(void)maker_call(maker, MAKER_DEPTH - 2);
		MAKER_ADD(maker, "}");
	}
	MAKER_ADD(maker, "}");
	maker->declared = true;
}

static inline const char *maker_definition(struct maker *maker)
{
	struct buf out;

	buf_init(&out, maker->arena, MAKER_TEXT);
	maker->out = &out;
	maker->interval = (int)maker_pick(maker, MAKER_INTERVALS);
	maker->extended = maker_pick(maker, 3) == 1;
	MAKER_ADD(maker,
		"{\"version\":1,\"name\":\"made\",\"interval\":\"%s\","
		"\"params\":{\"n\":{\"default\":%d}}",
		interval_names[maker->interval], MAKER_PARAM);
	if (maker_flip(maker))
		maker_declare(maker);
	maker_rules(maker, "entry");
	if (maker_flip(maker))
		maker_rules(maker, "exit");
	maker_stops(maker);
	maker_sizing(maker);
	if (maker->extended)
		maker_limits(maker);
	MAKER_ADD(maker, "}");
	return out.overflow ? NULL : out.data;
}

#endif
