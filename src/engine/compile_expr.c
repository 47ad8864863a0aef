/*
 * Expressions to nodes. One table names each operator, how many operands it
 * takes and of which type; types are checked here, so that the evaluator
 * need not. Equal expressions become one node.
 */
#include "compile_private.h"

#include <assert.h>

#include "expression.h"
#include "text.h"

enum {
	DEPTH_LIMIT = JSON_DEPTH_LIMIT,
	MANY = 0 /* one or more operands, folded two by two */
};

struct operator_row {
	const char *name;
	enum node_op op;
	int arity;
	enum value_type takes;
	/* How the operands become a node; NULL: by compile_apply. */
	int (*build)(struct compiler *compiler, const struct operator_row *row,
		const int *operands);
	bool bars; /* one operand, then a whole number of bars */
	int least; /* of those bars */
};

const char *const compile_price_names[] = {
	[PRICE_OPEN] = "open",
	[PRICE_HIGH] = "high",
	[PRICE_LOW] = "low",
	[PRICE_CLOSE] = "close",
	[PRICE_VOLUME] = "volume",
	NULL,
};

/* ---- nodes ------------------------------------------------------------------ */

static bool node_equal(const struct node *a, const struct node *b)
{
	for (size_t i = 0; i < INDICATOR_PARAM_LIMIT; i++)
		if (a->args[i] != b->args[i])
			return false;
	for (size_t i = 0; i < INPUT_LIMIT; i++)
		if (a->in[i] != b->in[i])
			return false;
	return a->op == b->op && a->lane == b->lane && a->bars == b->bars &&
	       a->value == b->value && a->price == b->price &&
	       a->indicator == b->indicator && a->output == b->output;
}

int compile_node(struct compiler *compiler, const struct node *node)
{
	struct program *program = compiler->program;

	for (int i = 0; i < program->node_count; i++)
		if (node_equal(&program->nodes[i], node))
			return i;
	if (program->node_count >= NODE_ROOM) {
		COMPILE_FAULT(compiler, "",
			"the rules need more than %d columns", NODE_ROOM);
		return NODE_NONE;
	}
	program->nodes[program->node_count] = *node;
	return program->node_count++;
}

static enum value_type type_of(enum node_op op, enum value_type operand)
{
	if (op == NODE_SHIFT)
		return operand;
	return op >= NODE_GT ? VALUE_FLAG : VALUE_NUMBER;
}

static int apply_bars(
	struct compiler *compiler, enum node_op op, const int *in, size_t bars)
{
	const struct node *nodes = compiler->program->nodes;
	struct node node = {.op = op,
		.lane = compiler->lane,
		.in = {in[0], in[1], NODE_NONE, NODE_NONE, NODE_NONE},
		.bars = bars};

	for (int i = 0; i < 2 && in[i] != NODE_NONE; i++)
		if (nodes[in[i]].ready > node.ready)
			node.ready = nodes[in[i]].ready;
	node.type = type_of(op, nodes[in[0]].type);
	if (op == NODE_SHIFT || op == NODE_RISING || op == NODE_FALLING)
		node.ready += bars;
	if (op == NODE_CROSSES_ABOVE || op == NODE_CROSSES_BELOW)
		node.ready++;
	return compile_node(compiler, &node);
}

int compile_apply(struct compiler *compiler, enum node_op op, int a, int b)
{
	const int in[] = {a, b};

	return a == NODE_NONE ? NODE_NONE : apply_bars(compiler, op, in, 0);
}

int compile_constant(struct compiler *compiler, double value)
{
	return compile_node(
		compiler, &(struct node){.op = NODE_CONSTANT,
				  .in = {NODE_NONE, NODE_NONE, NODE_NONE,
					  NODE_NONE, NODE_NONE},
				  .value = value});
}

int compile_price(struct compiler *compiler, enum price_column price)
{
	return compile_node(
		compiler, &(struct node){.op = NODE_PRICE,
				  .lane = compiler->lane,
				  .in = {NODE_NONE, NODE_NONE, NODE_NONE,
					  NODE_NONE, NODE_NONE},
				  .price = price});
}

/* ---- operators ---------------------------------------------------------------- */

/* low <= x and x <= high */
static int build_between(struct compiler *compiler,
	const struct operator_row *row, const int *operands)
{
	int above = compile_apply(compiler, NODE_GE, operands[0], operands[1]);
	int below = compile_apply(compiler, NODE_LE, operands[0], operands[2]);

	(void)row;
	if (above == NODE_NONE || below == NODE_NONE)
		return NODE_NONE;
	return compile_apply(compiler, NODE_ALL, above, below);
}

/* clang-format off */
#define NUMBERS(word, node, count) \
	{ .name = (word), .op = (node), .arity = (count), .takes = VALUE_NUMBER }
#define LOGIC(word, node, count) \
	{ .name = (word), .op = (node), .arity = (count), .takes = VALUE_FLAG }
#define WITH_BARS(word, node, type, from) \
	{ .name = (word), .op = (node), .arity = 2, .takes = (type), \
	  .bars = true, .least = (from) }
static const struct operator_row operators[] = {
	LOGIC("all", NODE_ALL, MANY),
	LOGIC("any", NODE_ANY, MANY),
	LOGIC("not", NODE_NOT, 1),
	NUMBERS("gt", NODE_GT, 2),
	NUMBERS("ge", NODE_GE, 2),
	NUMBERS("lt", NODE_LT, 2),
	NUMBERS("le", NODE_LE, 2),
	NUMBERS("eq", NODE_EQ, 2),
	NUMBERS("crosses_above", NODE_CROSSES_ABOVE, 2),
	NUMBERS("crosses_below", NODE_CROSSES_BELOW, 2),
	{ .name = "between", .op = NODE_ALL, .arity = 3,
	  .takes = VALUE_NUMBER, .build = build_between },
	WITH_BARS("rising", NODE_RISING, VALUE_NUMBER, 1),
	WITH_BARS("falling", NODE_FALLING, VALUE_NUMBER, 1),
	WITH_BARS("within", NODE_WITHIN, VALUE_FLAG, 1),
	NUMBERS("add", NODE_ADD, 2),
	NUMBERS("sub", NODE_SUB, 2),
	NUMBERS("mul", NODE_MUL, 2),
	NUMBERS("div", NODE_DIV, 2),
	NUMBERS("abs", NODE_ABS, 1),
	NUMBERS("min", NODE_MIN, 2),
	NUMBERS("max", NODE_MAX, 2),
};
/* clang-format on */

enum {
	OPERATOR_COUNT = sizeof(operators) / sizeof(operators[0]),
	OPERAND_LIMIT = 3
};

static const struct operator_row *operator_find(const char *name)
{
	for (size_t i = 0; i < OPERATOR_COUNT; i++)
		if (strcmp(operators[i].name, name) == 0)
			return &operators[i];
	return NULL;
}

const char *compile_operator_name(size_t index)
{
	return index < OPERATOR_COUNT ? operators[index].name : NULL;
}

bool compile_operator_takes_one(size_t index)
{
	return operators[index].arity == 1;
}

static void unknown_operator(
	struct compiler *compiler, const char *pointer, const char *name)
{
	const char *names[OPERATOR_COUNT + 3];

	for (size_t i = 0; i < OPERATOR_COUNT; i++)
		names[i] = operators[i].name;
	names[OPERATOR_COUNT] = "shift";
	names[OPERATOR_COUNT + 1] = "param";
	names[OPERATOR_COUNT + 2] = NULL;
	compile_unknown(compiler, pointer, "operator", name, names);
}

static void unknown_word(
	struct compiler *compiler, const char *pointer, const char *word)
{
	enum {
		PRICES = 12
	};
	const char *names[PROGRAM_INDICATOR_LIMIT + PRICES + 1];
	size_t count = 0;

	for (size_t i = 0; i < compiler->param_count; i++) {
		if (strcmp(compiler->params[i].name, word) != 0)
			continue;
		COMPILE_FAULT(compiler, pointer,
			"\"%s\" is a parameter: write {\"param\": \"%s\"}",
			word, word);
		return;
	}
	for (size_t i = 0; i < compiler->indicator_count; i++)
		names[count++] = compiler->indicators[i].id;
	for (size_t i = 0; compile_price_names[i]; i++)
		names[count++] = compile_price_names[i];
	for (size_t i = 0; compile_made_names[i]; i++)
		names[count++] = compile_made_names[i];
	names[count] = NULL;
	compile_unknown(
		compiler, pointer, "indicator or price column", word, names);
}

/* Of "id.output" the part behind the point; "" is the first output. */
static int named_output(struct compiler *compiler, const struct called *called,
	const char *output, const char *pointer)
{
	int index = 0;

	if (*output)
		index = compile_index(called->indicator->outputs, output);
	if (index >= 0)
		return compile_output(compiler, called, index, pointer);
	compile_unknown(compiler, pointer, "output", output,
		called->indicator->outputs);
	return NODE_NONE;
}

static int compile_word(
	struct compiler *compiler, const char *word, const char *pointer)
{
	int price = compile_index(compile_price_names, word);
	size_t len = strcspn(word, ".");
	struct called called;

	if (price >= 0)
		return compile_price(compiler, (enum price_column)price);
	if (compile_index(compile_made_names, word) >= 0)
		return compile_made_price(compiler, word);
	for (size_t i = 0; i < compiler->indicator_count; i++) {
		struct named_indicator *named = &compiler->indicators[i];

		if (strlen(named->id) != len ||
			strncmp(named->id, word, len) != 0)
			continue;
		if (!compile_named(compiler, named, &called))
			return NODE_NONE;
		return named_output(compiler, &called,
			word[len] == '.' ? word + len + 1 : "", pointer);
	}
	unknown_word(compiler, pointer, word);
	return NODE_NONE;
}

/* {"fn": ...} where it is used. */
static int compile_inline(struct compiler *compiler, const struct json *value,
	const char *pointer, int depth)
{
	const struct json *output = json_member(value, "output");
	const char *at = compile_at(compiler, pointer, "output");
	struct called called;

	if (output && output->kind != JSON_TEXT) {
		COMPILE_FAULT(compiler, at, "must be a text");
		return NODE_NONE;
	}
	if (!compile_call(compiler, value, pointer, depth, &called))
		return NODE_NONE;
	return named_output(compiler, &called, output ? output->text : "", at);
}

static int compile_operand(struct compiler *compiler, const struct json *value,
	const char *pointer, int depth, enum value_type takes)
{
	int node = compile_expression(compiler, value, pointer, depth);

	if (node == NODE_NONE || compiler->program->nodes[node].type == takes)
		return node;
	if (takes == VALUE_NUMBER)
		COMPILE_FAULT(compiler, pointer,
			"must be a number or series, not a condition");
	else
		COMPILE_FAULT(compiler, pointer,
			"must be a condition, not a number or series");
	return NODE_NONE;
}

static bool check_arity(struct compiler *compiler,
	const struct operator_row *row, const struct json *args,
	const char *pointer)
{
	if (args->kind == JSON_ARRAY && row->arity == MANY && args->count > 0)
		return true;
	if (args->kind == JSON_ARRAY && row->arity != MANY &&
		args->count == (size_t)row->arity)
		return true;
	if (row->arity == MANY)
		COMPILE_FAULT(compiler, pointer,
			"must be a list of one or more conditions");
	else
		COMPILE_FAULT(compiler, pointer, "must be a list of %d values",
			row->arity);
	return false;
}

bool compile_bars(struct compiler *compiler, const struct json *value,
	const char *pointer, int least, size_t *out)
{
	double bars;

	if (!compile_number(compiler, value, pointer, &bars))
		return false;
	if (bars < least || bars > PROGRAM_PERIOD_LIMIT ||
		bars != (double)(int)bars) {
		COMPILE_FAULT(compiler, pointer,
			"must be a whole number of bars, from %d to %d", least,
			PROGRAM_PERIOD_LIMIT);
		return false;
	}
	*out = (size_t)bars;
	return true;
}

/* [x, bars] */
static int compile_with_bars(struct compiler *compiler,
	const struct operator_row *row, const struct json *args,
	const char *pointer, int depth)
{
	int in[] = {NODE_NONE, NODE_NONE};
	size_t bars;
	bool good;

	if (args->kind != JSON_ARRAY || args->count != 2) {
		COMPILE_FAULT(compiler, pointer,
			"must be a list of a %s and a number of bars",
			row->takes == VALUE_FLAG ? "condition" : "series");
		return NODE_NONE;
	}
	in[0] = compile_operand(compiler, args->first,
		report_pointer_index(compiler->arena, pointer, 0), depth,
		row->takes);
	good = compile_bars(compiler, args->first->next,
		report_pointer_index(compiler->arena, pointer, 1), row->least,
		&bars);
	if (in[0] == NODE_NONE || !good)
		return NODE_NONE;
	return apply_bars(compiler, row->op, in, bars);
}

/* What is folded: a b c as (a b) c. */
static int fold(struct compiler *compiler, const struct operator_row *row,
	const int *operands, size_t count)
{
	int result = operands[0];

	if (row->build)
		return row->build(compiler, row, operands);
	if (count == 1 && row->arity == 1)
		return compile_apply(compiler, row->op, result, NODE_NONE);
	for (size_t i = 1; i < count && result != NODE_NONE; i++)
		result = compile_apply(compiler, row->op, result, operands[i]);
	return result;
}

/* Compiles every operand, so that all their faults are reported. */
static int compile_operator(struct compiler *compiler,
	const struct operator_row *row, const struct json *args,
	const char *pointer, int depth)
{
	size_t count = row->arity == 1 ? 1 : args->count;
	int *operands;
	bool good = true;
	size_t index = 0;

	if (row->bars)
		return compile_with_bars(compiler, row, args, pointer, depth);
	if (row->arity == 1) {
		int operand = compile_operand(
			compiler, args, pointer, depth, row->takes);

		return compile_apply(compiler, row->op, operand, NODE_NONE);
	}
	if (!check_arity(compiler, row, args, pointer))
		return NODE_NONE;
	operands = arena_array(compiler->arena, count, sizeof(*operands));
	for (const struct json *arg = args->first; arg; arg = arg->next) {
		operands[index] = compile_operand(compiler, arg,
			report_pointer_index(compiler->arena, pointer, index),
			depth, row->takes);
		good = good && operands[index] != NODE_NONE;
		index++;
	}
	return good ? fold(compiler, row, operands, count) : NODE_NONE;
}

/* Of a condition or of a series. */
static int compile_shift(struct compiler *compiler, const struct json *args,
	const char *pointer, int depth)
{
	int in[] = {NODE_NONE, NODE_NONE};
	size_t bars;
	bool good;

	if (args->kind != JSON_ARRAY || args->count != 2) {
		COMPILE_FAULT(compiler, pointer,
			"must be a list of a series and a number of bars");
		return NODE_NONE;
	}
	in[0] = compile_expression(compiler, args->first,
		report_pointer_index(compiler->arena, pointer, 0), depth);
	good = compile_bars(compiler, args->first->next,
		report_pointer_index(compiler->arena, pointer, 1), 0, &bars);
	if (in[0] == NODE_NONE || !good || bars == 0)
		return good ? in[0] : NODE_NONE;
	return apply_bars(compiler, NODE_SHIFT, in, bars);
}

static int compile_object(struct compiler *compiler, const struct json *value,
	const char *pointer, int depth)
{
	const struct json *member = value->first;
	const struct operator_row *row;
	double number;

	if (json_member(value, "fn"))
		return compile_inline(compiler, value, pointer, depth);
	if (value->count != 1 || !member) {
		COMPILE_FAULT(compiler, pointer,
			"must have one member, the operator");
		return NODE_NONE;
	}
	if (strcmp(member->name, "param") == 0)
		return compile_param_value(compiler, value, pointer, &number)
			       ? compile_constant(compiler, number)
			       : NODE_NONE;
	pointer = compile_at(compiler, pointer, member->name);
	if (strcmp(member->name, "shift") == 0)
		return compile_shift(compiler, member, pointer, depth + 1);
	row = operator_find(member->name);
	if (row)
		return compile_operator(
			compiler, row, member, pointer, depth + 1);
	unknown_operator(compiler, pointer, member->name);
	return NODE_NONE;
}

/* A word, or the text form of an expression. */
static int compile_text(struct compiler *compiler, const struct json *value,
	const char *pointer, int depth)
{
	const struct expression_source source = {
		.text = value->text, .len = value->len, .pointer = pointer};
	const struct json *tree;

	if (expression_is_word(value->text, value->len))
		return compile_word(compiler, value->text, pointer);
	if (expression_parse(compiler->arena, &source, compiler->report,
		    &tree) != ERR_OK) {
		compiler->failed = true;
		return NODE_NONE;
	}
	return compile_expression(compiler, tree, pointer, depth);
}

static int compile_value(struct compiler *compiler, const struct json *value,
	const char *pointer, int depth)
{
	double number;

	switch (value->kind) {
	case JSON_NUMBER:
		if (json_double(value, &number))
			return compile_constant(compiler, number);
		COMPILE_FAULT(compiler, pointer, "is not a finite number");
		return NODE_NONE;
	case JSON_TEXT:
		return compile_text(compiler, value, pointer, depth);
	case JSON_OBJECT:
		return compile_object(compiler, value, pointer, depth);
	case JSON_NULL:
	case JSON_BOOL:
	case JSON_ARRAY:
		break;
	}
	COMPILE_FAULT(compiler, pointer,
		"must be a number, a name or an object with an operator");
	return NODE_NONE;
}

int compile_expression(struct compiler *compiler, const struct json *value,
	const char *pointer, int depth)
{
	int node;

	if (depth > DEPTH_LIMIT) {
		COMPILE_FAULT(compiler, pointer, "is nested too deeply");
		return NODE_NONE;
	}
	if (compiler->expressions++ >= PROGRAM_NODE_LIMIT) {
		if (compiler->expressions == PROGRAM_NODE_LIMIT + 1)
			COMPILE_FAULT(compiler, pointer,
				"the rules have more than %d expressions",
				PROGRAM_NODE_LIMIT);
		return NODE_NONE;
	}
	node = compile_value(compiler, value, pointer, depth);
	if (node != NODE_NONE && !compiler->program->nodes[node].source)
		compiler->program->nodes[node].source = value;
	return node;
}
