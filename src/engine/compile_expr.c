/*
 * Expressions to nodes. One table names each operator, how many operands it
 * takes and of which type; types are checked here, so that the evaluator
 * need not. Equal expressions become one node.
 */
#include "compile_private.h"

#include <assert.h>

#include "text.h"

enum {
	DEPTH_LIMIT = JSON_DEPTH_LIMIT,
	MANY = 0 /* one or more operands, folded two by two */
};

struct operator_row {
	const char *name;
	enum node_op op;
	int arity;
	enum value_type takes, gives;
};

#define ARITHMETIC(word, node)                               \
	{                                                    \
		.name = (word), .op = (node), .arity = 2,    \
		.takes = VALUE_NUMBER, .gives = VALUE_NUMBER \
	}
#define COMPARISON(word, node)                             \
	{                                                  \
		.name = (word), .op = (node), .arity = 2,  \
		.takes = VALUE_NUMBER, .gives = VALUE_FLAG \
	}
#define LOGIC(word, node, operands)                                \
	{                                                          \
		.name = (word), .op = (node), .arity = (operands), \
		.takes = VALUE_FLAG, .gives = VALUE_FLAG           \
	}

static const struct operator_row operators[] = {
	LOGIC("all", NODE_ALL, MANY),
	LOGIC("any", NODE_ANY, MANY),
	LOGIC("not", NODE_NOT, 1),
	COMPARISON("gt", NODE_GT),
	COMPARISON("ge", NODE_GE),
	COMPARISON("lt", NODE_LT),
	COMPARISON("le", NODE_LE),
	COMPARISON("eq", NODE_EQ),
	COMPARISON("crosses_above", NODE_CROSSES_ABOVE),
	COMPARISON("crosses_below", NODE_CROSSES_BELOW),
	ARITHMETIC("add", NODE_ADD),
	ARITHMETIC("sub", NODE_SUB),
	ARITHMETIC("mul", NODE_MUL),
	ARITHMETIC("div", NODE_DIV),
};

enum {
	OPERATOR_COUNT = sizeof(operators) / sizeof(operators[0])
};

static const struct operator_row *operator_find(const char *name)
{
	for (size_t i = 0; i < OPERATOR_COUNT; i++)
		if (strcmp(operators[i].name, name) == 0)
			return &operators[i];
	return NULL;
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

static int constant(struct compiler *compiler, double value)
{
	return compile_node(compiler, &(struct node){.op = NODE_CONSTANT,
					      .type = VALUE_NUMBER,
					      .a = NODE_NONE,
					      .b = NODE_NONE,
					      .value = value});
}

static void unknown_word(
	struct compiler *compiler, const char *pointer, const char *word)
{
	enum {
		PRICES = PRICE_VOLUME + 1
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
	for (size_t i = 0; i < PRICES; i++)
		names[count++] = compile_price_names[i];
	names[count] = NULL;
	compile_unknown(
		compiler, pointer, "indicator or price column", word, names);
}

/* "id" is the first output, "id.output" a named one. -1: no such output. */
static int output_of(const struct named_indicator *named, const char *rest)
{
	if (*rest == '\0' || !named->indicator)
		return 0;
	return compile_index(named->indicator->outputs, rest + 1);
}

static int indicator_node(struct compiler *compiler,
	const struct named_indicator *named, int output)
{
	struct node node = {
		.op = NODE_INDICATOR,
		.type = VALUE_NUMBER,
		.a = NODE_NONE,
		.b = NODE_NONE,
		.price = named->source,
		.indicator = named->indicator,
		.output = (size_t)output,
	};

	if (!named->indicator)
		return NODE_NONE; /* its declaration was reported */
	for (size_t i = 0; i < INDICATOR_PARAM_LIMIT; i++)
		node.args[i] = named->args[i];
	node.ready = named->indicator->ready(named->args);
	return compile_node(compiler, &node);
}

static int compile_word(
	struct compiler *compiler, const char *word, const char *pointer)
{
	int price = compile_index(compile_price_names, word);
	size_t len = strcspn(word, ".");

	if (price >= 0)
		return compile_node(
			compiler, &(struct node){.op = NODE_PRICE,
					  .type = VALUE_NUMBER,
					  .a = NODE_NONE,
					  .b = NODE_NONE,
					  .price = (enum price_column)price});
	for (size_t i = 0; i < compiler->indicator_count; i++) {
		const struct named_indicator *named = &compiler->indicators[i];
		int output;

		if (strlen(named->id) != len ||
			strncmp(named->id, word, len) != 0)
			continue;
		output = output_of(named, word + len);
		if (output >= 0)
			return indicator_node(compiler, named, output);
		compile_unknown(compiler, pointer, "output", word + len + 1,
			named->indicator->outputs);
		return NODE_NONE;
	}
	unknown_word(compiler, pointer, word);
	return NODE_NONE;
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

static int apply(
	struct compiler *compiler, const struct operator_row *row, int a, int b)
{
	const struct node *nodes = compiler->program->nodes;
	struct node node = {.op = row->op, .type = row->gives, .a = a, .b = b};

	if (a == NODE_NONE)
		return NODE_NONE;
	node.ready = nodes[a].ready;
	if (b != NODE_NONE && nodes[b].ready > node.ready)
		node.ready = nodes[b].ready;
	if (row->op == NODE_CROSSES_ABOVE || row->op == NODE_CROSSES_BELOW)
		node.ready++;
	return compile_node(compiler, &node);
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

/* Compiles every operand, so that all their faults are reported. */
static int compile_operator(struct compiler *compiler,
	const struct operator_row *row, const struct json *args,
	const char *pointer, int depth)
{
	int result = NODE_NONE;
	bool good = true;
	size_t index = 0;

	if (row->arity == 1)
		return apply(compiler, row,
			compile_operand(
				compiler, args, pointer, depth, row->takes),
			NODE_NONE);
	if (!check_arity(compiler, row, args, pointer))
		return NODE_NONE;
	for (const struct json *arg = args->first; arg; arg = arg->next) {
		const char *at =
			report_pointer_index(compiler->arena, pointer, index);
		int node =
			compile_operand(compiler, arg, at, depth, row->takes);

		good = good && node != NODE_NONE;
		if (good)
			result = index == 0
					 ? node
					 : apply(compiler, row, result, node);
		index++;
	}
	return good ? result : NODE_NONE;
}

static int compile_shift(struct compiler *compiler, const struct json *args,
	const char *pointer, int depth)
{
	const char *at = report_pointer_index(compiler->arena, pointer, 1);
	struct node node = {.op = NODE_SHIFT, .b = NODE_NONE};
	double bars;
	bool good;

	if (args->kind != JSON_ARRAY || args->count != 2) {
		COMPILE_FAULT(compiler, pointer,
			"must be a list of a series and a number of bars");
		return NODE_NONE;
	}
	node.a = compile_expression(compiler, args->first,
		report_pointer_index(compiler->arena, pointer, 0), depth);
	good = compile_number(compiler, args->first->next, at, &bars);
	if (good && (bars < 0 || bars > PROGRAM_PERIOD_LIMIT ||
			    bars != (double)(int)bars)) {
		COMPILE_FAULT(compiler, at,
			"must be a whole number of bars back, from 0 to %d",
			PROGRAM_PERIOD_LIMIT);
		return NODE_NONE;
	}
	if (node.a == NODE_NONE || !good)
		return NODE_NONE;
	if (bars == 0)
		return node.a;
	node.offset = (size_t)bars;
	node.type = compiler->program->nodes[node.a].type;
	node.ready = compiler->program->nodes[node.a].ready + node.offset;
	return compile_node(compiler, &node);
}

static int compile_object(struct compiler *compiler, const struct json *value,
	const char *pointer, int depth)
{
	const struct json *member = value->first;
	const struct operator_row *row;
	double number;

	if (value->count != 1 || !member) {
		COMPILE_FAULT(compiler, pointer,
			"must have one member, the operator");
		return NODE_NONE;
	}
	if (strcmp(member->name, "param") == 0)
		return compile_param_value(compiler, value, pointer, &number)
			       ? constant(compiler, number)
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

int compile_expression(struct compiler *compiler, const struct json *value,
	const char *pointer, int depth)
{
	double number;

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
	switch (value->kind) {
	case JSON_NUMBER:
		if (json_double(value, &number))
			return constant(compiler, number);
		COMPILE_FAULT(compiler, pointer, "is not a finite number");
		return NODE_NONE;
	case JSON_TEXT:
		return compile_word(compiler, value->text, pointer);
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
