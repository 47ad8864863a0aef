/*
 * Indicators, declared under "indicators" or written inside an expression: a
 * function of the table, its arguments, and what it reads: a price or another
 * expression, of the strategy's candles or of a larger interval's. A larger
 * interval must never show more than its closed candles.
 */
#include <math.h>

#include "compile_private.h"

#include "expression.h"
#include "heikin_ashi_private.h"
#include "interval.h"

static const char *const candle_kinds[] = {"regular", "heikin_ashi", NULL};

enum {
	KIND_HEIKIN_ASHI = 1,
	OTHER_MEMBERS = 5 /* fn, source, interval, candles, output */
};

/* ---- arguments ------------------------------------------------------------ */

static bool compile_arg(struct compiler *compiler, const struct json *object,
	const char *pointer, const struct indicator_param *param, double *out)
{
	const struct json *value = json_member(object, param->name);
	const char *at = compile_at(compiler, pointer, param->name);
	double number;

	if (!value && param->optional) {
		*out = param->otherwise;
		return true;
	}
	if (!value) {
		COMPILE_FAULT(compiler, at, "is required");
		return false;
	}
	if (!compile_number(compiler, value, at, &number))
		return false;
	if (number < param->min || number > param->max ||
		(param->whole && number != floor(number))) {
		COMPILE_FAULT(compiler, at,
			"must be a %snumber from %.15g to %.15g",
			param->whole ? "whole " : "", param->min, param->max);
		return false;
	}
	*out = number;
	return true;
}

static bool compile_args(struct compiler *compiler, const struct json *value,
	const char *pointer, const struct indicator *indicator, double *args)
{
	bool good = true;
	const char *fault;

	for (size_t i = 0; i < indicator->param_count; i++)
		good = compile_arg(compiler, value, pointer,
			       &indicator->params[i], &args[i]) &&
		       good;
	if (!good)
		return false;
	fault = indicator->fault ? indicator->fault(args) : NULL;
	if (fault)
		COMPILE_FAULT(compiler, pointer, "%s", fault);
	return !fault;
}

/* A member that names one of a list; absent: the first. -1 with a fault. */
static int compile_choice(struct compiler *compiler, const struct json *object,
	const char *pointer, const char *member, const char *const *names)
{
	const struct json *value = json_member(object, member);
	const char *at = compile_at(compiler, pointer, member);
	int index;

	if (!value)
		return 0;
	if (value->kind != JSON_TEXT) {
		COMPILE_FAULT(compiler, at, "must be a text");
		return -1;
	}
	index = compile_index(names, value->text);
	if (index < 0)
		compile_unknown(compiler, at, member, value->text, names);
	return index;
}

static const struct indicator *compile_fn(struct compiler *compiler,
	const struct json *object, const char *pointer)
{
	const struct json *fn = json_member(object, "fn");
	const char *at = compile_at(compiler, pointer, "fn");
	const struct indicator *indicator;

	if (!fn) {
		COMPILE_FAULT(compiler, at, "is required");
		return NULL;
	}
	if (fn->kind != JSON_TEXT) {
		COMPILE_FAULT(compiler, at, "must be a text");
		return NULL;
	}
	indicator = indicator_find(fn->text);
	if (!indicator)
		compile_unknown(
			compiler, at, "indicator", fn->text, indicator_names());
	return indicator;
}

static bool reads(const struct indicator *indicator, bool source)
{
	for (size_t i = 0; i < indicator->input_count; i++)
		if ((indicator->inputs[i] == INPUT_SOURCE) == source)
			return true;
	return false;
}

static void check_members(struct compiler *compiler, const struct json *value,
	const char *pointer, const struct indicator *indicator)
{
	const char *names[OTHER_MEMBERS + INDICATOR_PARAM_LIMIT + 1] = {
		"fn", "interval", "output"};
	size_t count = 3;

	for (size_t i = 0; i < indicator->param_count; i++)
		names[count++] = indicator->params[i].name;
	if (reads(indicator, true))
		names[count++] = "source";
	if (reads(indicator, false))
		names[count++] = "candles";
	compile_members(compiler, value, pointer, names);
}

/* ---- lanes ------------------------------------------------------------------ */

static int lane_of(struct compiler *compiler, int64_t ms, const char *at)
{
	struct program *program = compiler->program;
	const int64_t base = program->lanes[LANE_BASE];

	if (ms < base || ms % base != 0) {
		COMPILE_FAULT(compiler, at,
			"must be a multiple of the strategy's interval, %s",
			program->interval);
		return NODE_NONE;
	}
	for (int i = 0; i < program->lane_count; i++)
		if (program->lanes[i] == ms)
			return i;
	program->lanes[program->lane_count] = ms;
	return program->lane_count++;
}

/* The lane that the indicator is computed in; NODE_NONE with a fault. */
static int compile_lane(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	const char *at = compile_at(compiler, pointer, "interval");
	int index, lane;

	if (!json_member(value, "interval"))
		return compiler->lane;
	index = compile_choice(
		compiler, value, pointer, "interval", interval_names);
	if (index < 0 || compiler->program->lane_count == 0)
		return NODE_NONE; /* the strategy's own was reported */
	lane = lane_of(compiler, interval_ms(interval_names[index]), at);
	if (lane == NODE_NONE || compiler->lane == LANE_BASE ||
		compiler->lane == lane)
		return lane;
	COMPILE_FAULT(compiler, at,
		"what an indicator of another interval reads must be of that "
		"interval, too");
	return NODE_NONE;
}

/* ---- what it reads ------------------------------------------------------------ */

/* Only a price is known on every bar. */
static int known(struct compiler *compiler, int node)
{
	if (node == NODE_NONE ||
		compiler->program->nodes[node].op == NODE_PRICE)
		return node;
	return compile_apply(compiler, NODE_FILL, node, NODE_NONE);
}

static int compile_source(struct compiler *compiler, const struct json *value,
	const char *pointer, int depth)
{
	const struct json *source = json_member(value, "source");
	const char *at = compile_at(compiler, pointer, "source");
	int node;

	if (!source)
		return compile_price(compiler, PRICE_CLOSE);
	node = compile_expression(compiler, source, at, depth + 1);
	if (node == NODE_NONE)
		return node;
	if (compiler->program->nodes[node].type == VALUE_NUMBER)
		return known(compiler, node);
	COMPILE_FAULT(
		compiler, at, "must be a number or series, not a condition");
	return NODE_NONE;
}

static enum price_column price_of(enum indicator_input input)
{
	switch (input) {
	case INPUT_OPEN:
		return PRICE_OPEN;
	case INPUT_HIGH:
		return PRICE_HIGH;
	case INPUT_LOW:
		return PRICE_LOW;
	case INPUT_VOLUME:
		return PRICE_VOLUME;
	case INPUT_TIME:
		return PRICE_TIME;
	case INPUT_SOURCE:
	case INPUT_CLOSE:
		break;
	}
	return PRICE_CLOSE;
}

static int candle_input(
	struct compiler *compiler, enum indicator_input input, bool smoothed)
{
	static const char *const words[] = {
		[INPUT_OPEN] = "ha_open",
		[INPUT_HIGH] = "ha_high",
		[INPUT_LOW] = "ha_low",
		[INPUT_CLOSE] = "ha_close",
	};

	if (smoothed && input >= INPUT_OPEN && input <= INPUT_CLOSE)
		return compile_made_price(compiler, words[input]);
	return compile_price(compiler, price_of(input));
}

static size_t ready_of(
	const struct compiler *compiler, const int *in, size_t own)
{
	size_t ready = 0;

	for (int i = 0; i < INPUT_LIMIT && in[i] != NODE_NONE; i++)
		if (compiler->program->nodes[in[i]].ready > ready)
			ready = compiler->program->nodes[in[i]].ready;
	return ready + own;
}

/* The indicator's node and those of its further outputs, in a row. */
static int add_nodes(struct compiler *compiler, const struct node *node)
{
	const struct indicator *indicator = node->indicator;
	struct node first = *node;
	int index;

	first.ready =
		ready_of(compiler, node->in, indicator->ready(node->args, 0));
	index = compile_node(compiler, &first);
	for (size_t i = 1; index != NODE_NONE && indicator->outputs[i]; i++) {
		struct node more = {.op = NODE_OUTPUT,
			.lane = node->lane,
			.in = {index, NODE_NONE, NODE_NONE, NODE_NONE,
				NODE_NONE},
			.output = i,
			.source = node->source,
			.ready = ready_of(compiler, node->in,
				indicator->ready(node->args, i))};

		if (compile_node(compiler, &more) == NODE_NONE)
			return NODE_NONE;
	}
	return index;
}

static int compile_inputs(struct compiler *compiler, const struct json *value,
	const char *pointer, int depth, struct node *node)
{
	const struct indicator *indicator = node->indicator;
	int kind = compile_choice(
		compiler, value, pointer, "candles", candle_kinds);

	for (size_t i = 0; i < indicator->input_count; i++) {
		node->in[i] =
			indicator->inputs[i] == INPUT_SOURCE
				? compile_source(
					  compiler, value, pointer, depth)
				: candle_input(compiler, indicator->inputs[i],
					  kind == KIND_HEIKIN_ASHI);
		if (node->in[i] == NODE_NONE)
			return NODE_NONE;
	}
	return kind < 0 ? NODE_NONE : add_nodes(compiler, node);
}

static struct node indicator_node(const struct indicator *indicator, int lane)
{
	struct node node = {
		.op = NODE_INDICATOR, .indicator = indicator, .lane = lane};

	for (size_t i = 0; i < INPUT_LIMIT; i++)
		node.in[i] = NODE_NONE;
	return node;
}

bool compile_call(struct compiler *compiler, const struct json *value,
	const char *pointer, int depth, struct called *out)
{
	const struct indicator *indicator =
		compile_fn(compiler, value, pointer);
	const int outside = compiler->lane;
	struct node node;
	bool good;
	int lane;

	if (!indicator)
		return false;
	check_members(compiler, value, pointer, indicator);
	lane = compile_lane(compiler, value, pointer);
	node = indicator_node(indicator, lane);
	node.source = value;
	good = compile_args(compiler, value, pointer, indicator, node.args);
	if (lane == NODE_NONE)
		return false;
	compiler->lane = lane;
	*out = (struct called){.indicator = indicator,
		.lane = lane,
		.node = compile_inputs(compiler, value, pointer, depth, &node)};
	compiler->lane = outside;
	return good && out->node != NODE_NONE;
}

int compile_output(struct compiler *compiler, const struct called *called,
	int output, const char *pointer)
{
	const struct program *program = compiler->program;
	int node = called->node + output;

	if (called->lane == compiler->lane)
		return node;
	if (compiler->lane != LANE_BASE) {
		COMPILE_FAULT(compiler, pointer,
			"is not of the interval of the indicator that reads "
			"it");
		return NODE_NONE;
	}
	return compile_node(
		compiler, &(struct node){.op = NODE_EXPAND,
				  .in = {node, NODE_NONE, NODE_NONE, NODE_NONE,
					  NODE_NONE},
				  .ready = program->nodes[node].ready});
}

int compile_atr(struct compiler *compiler, double period)
{
	const struct indicator *indicator = indicator_find("atr");
	struct node node = indicator_node(indicator, LANE_BASE);

	node.args[0] = period;
	for (size_t i = 0; i < indicator->input_count; i++)
		node.in[i] =
			candle_input(compiler, indicator->inputs[i], false);
	return add_nodes(compiler, &node);
}

/* ---- prices that are made of others ----------------------------------------- */

const char *const compile_made_names[] = {"hl2", "hlc3", "ohlc4", "ha_open",
	"ha_high", "ha_low", "ha_close", NULL};

enum {
	MADE_HL2,
	MADE_HLC3,
	MADE_OHLC4,
	MADE_HA_OPEN
};

static int sum(struct compiler *compiler, int a, enum price_column price)
{
	return compile_apply(
		compiler, NODE_ADD, a, compile_price(compiler, price));
}

static int mean_price(struct compiler *compiler, int count)
{
	int node =
		sum(compiler, compile_price(compiler, PRICE_HIGH), PRICE_LOW);

	if (count > 2)
		node = sum(compiler, node, PRICE_CLOSE);
	if (count > 3)
		node = sum(compiler, node, PRICE_OPEN);
	return compile_apply(
		compiler, NODE_DIV, node, compile_constant(compiler, count));
}

int compile_made_price(struct compiler *compiler, const char *word)
{
	int index = compile_index(compile_made_names, word);
	struct node node;
	int first;

	if (index < 0)
		return NODE_NONE;
	if (index < MADE_HA_OPEN)
		return mean_price(compiler, index - MADE_HL2 + 2);
	node = indicator_node(&heikin_ashi, compiler->lane);
	for (size_t i = 0; i < heikin_ashi.input_count; i++)
		node.in[i] =
			candle_input(compiler, heikin_ashi.inputs[i], false);
	first = add_nodes(compiler, &node);
	return first == NODE_NONE ? first : first + index - MADE_HA_OPEN;
}

/* ---- declared ones ----------------------------------------------------------- */

bool compile_named(struct compiler *compiler, struct named_indicator *named,
	struct called *out)
{
	const int outside = compiler->lane;

	if (named->state == NAMED_BUSY) {
		COMPILE_FAULT(compiler, named->pointer,
			"is made of itself, by way of its source");
		named->state = NAMED_BAD;
	}
	if (named->state == NAMED_NEW) {
		named->state = NAMED_BUSY;
		compiler->lane = LANE_BASE;
		if (!compile_call(compiler, named->value, named->pointer, 0,
			    &named->called))
			named->state = NAMED_BAD;
		else if (named->state == NAMED_BUSY)
			named->state = NAMED_DONE;
		compiler->lane = outside;
	}
	*out = named->called;
	return named->state == NAMED_DONE;
}

static bool id_is_free(
	struct compiler *compiler, const char *pointer, const char *id)
{
	if (!compile_identifier(compiler, pointer, id))
		return false;
	if (expression_is_reserved(id, strlen(id))) {
		COMPILE_FAULT(compiler, pointer,
			"\"%s\" has a meaning in the text of expressions", id);
		return false;
	}
	if (compile_index(compile_price_names, id) < 0 &&
		compile_index(compile_made_names, id) < 0)
		return true;
	COMPILE_FAULT(
		compiler, pointer, "\"%s\" is the name of a price column", id);
	return false;
}

static void declare(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	const bool object = value->kind == JSON_OBJECT;
	struct named_indicator *named;

	if (!id_is_free(compiler, pointer, value->name))
		return;
	named = &compiler->indicators[compiler->indicator_count++];
	*named = (struct named_indicator){.id = value->name,
		.pointer = pointer,
		.value = value,
		.state = object ? NAMED_NEW : NAMED_BAD};
	if (!object)
		COMPILE_FAULT(compiler, pointer, "must be an object");
	else if (json_member(value, "output"))
		COMPILE_FAULT(compiler, compile_at(compiler, pointer, "output"),
			"is for use inside an expression: write \"%s.NAME\" "
			"there",
			value->name);
}

/* One with a fault stays known, so that its uses add no more. */
void compile_indicators(struct compiler *compiler, const struct json *value,
	const char *pointer)
{
	struct called called;

	if (!value)
		return;
	if (value->kind != JSON_OBJECT) {
		COMPILE_FAULT(compiler, pointer, "must be an object");
		return;
	}
	if (value->count > PROGRAM_INDICATOR_LIMIT) {
		COMPILE_FAULT(compiler, pointer, "has more than %d indicators",
			PROGRAM_INDICATOR_LIMIT);
		return;
	}
	for (const struct json *m = value->first; m; m = m->next)
		declare(compiler, m, compile_at(compiler, pointer, m->name));
	for (size_t i = 0; i < compiler->indicator_count; i++)
		(void)compile_named(
			compiler, &compiler->indicators[i], &called);
}
