/*
 * Evaluates the nodes of a program, a whole column at a time, in their
 * order. A comparison with NaN is false; a quotient that is not finite is
 * NaN. It must never read a later bar than the one it writes.
 */
#include "evaluate_private.h"

#include <math.h>

/* A constant is a column of step 0. */
struct operand {
	const double *at;
	size_t step;
};

struct columns {
	double **numbers;
	uint8_t **flags;
	const struct candles *candles;
};

static const double *price_of(
	const struct candles *candles, enum price_column price)
{
	switch (price) {
	case PRICE_OPEN:
		return candles->open;
	case PRICE_HIGH:
		return candles->high;
	case PRICE_LOW:
		return candles->low;
	case PRICE_CLOSE:
		return candles->close;
	case PRICE_VOLUME:
		return candles->volume;
	}
	return candles->close;
}

static struct operand number_of(
	const struct columns *columns, const struct node *node)
{
	if (node->op == NODE_CONSTANT)
		return (struct operand){.at = &node->value, .step = 0};
	if (node->op == NODE_PRICE)
		return (struct operand){
			.at = price_of(columns->candles, node->price),
			.step = 1};
	return (struct operand){.at = columns->numbers[node->slot], .step = 1};
}

/* Only for nodes of VALUE_FLAG. */
static uint8_t *flags_of(const struct columns *columns, const struct node *node)
{
	return columns->flags[node->slot];
}

#define FOR_EACH_BAR(expression)           \
	for (size_t i = 0; i < count; i++) \
	out[i] = (expression)
#define A (a.at[i * a.step])
#define B (b.at[i * b.step])

static void arithmetic(enum node_op op, struct operand a, struct operand b,
	double *out, size_t count)
{
	if (op == NODE_ADD)
		FOR_EACH_BAR(A + B);
	else if (op == NODE_SUB)
		FOR_EACH_BAR(A - B);
	else if (op == NODE_MUL)
		FOR_EACH_BAR(A * B);
	else
		FOR_EACH_BAR(A / B);
	for (size_t i = 0; i < count; i++)
		if (!isfinite(out[i]))
			out[i] = NAN;
}

static void compare(enum node_op op, struct operand a, struct operand b,
	uint8_t *out, size_t count)
{
	if (op == NODE_GT)
		FOR_EACH_BAR(A > B);
	else if (op == NODE_GE)
		FOR_EACH_BAR(A >= B);
	else if (op == NODE_LT)
		FOR_EACH_BAR(A < B);
	else if (op == NODE_LE)
		FOR_EACH_BAR(A <= B);
	else
		FOR_EACH_BAR(A == B);
}

#undef A
#undef B
#undef FOR_EACH_BAR

/* a strictly below b on the bar before, strictly above on this one. */
static void crosses_above(
	struct operand a, struct operand b, uint8_t *out, size_t count)
{
	bool below = false;

	for (size_t i = 0; i < count; i++) {
		double x = a.at[i * a.step], y = b.at[i * b.step];

		out[i] = below & (x > y);
		below = x < y;
	}
}

static void logic(enum node_op op, const uint8_t *a, const uint8_t *b,
	uint8_t *out, size_t count)
{
	if (op == NODE_ALL)
		for (size_t i = 0; i < count; i++)
			out[i] = a[i] & b[i];
	else
		for (size_t i = 0; i < count; i++)
			out[i] = a[i] | b[i];
}

static void logic_not(const uint8_t *a, uint8_t *out, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = !a[i];
}

/* Bars that have nothing so far back are NaN, or false. */
static void shift(const struct columns *columns, const struct node *node,
	const struct node *of)
{
	size_t count = columns->candles->count;
	size_t n = node->offset < count ? node->offset : count;

	if (node->type == VALUE_FLAG) {
		uint8_t *out = flags_of(columns, node);

		memset(out, 0, n);
		memcpy(out + n, flags_of(columns, of), count - n);
	} else {
		struct operand a = number_of(columns, of);
		double *out = columns->numbers[node->slot];

		for (size_t i = 0; i < n; i++)
			out[i] = NAN;
		for (size_t i = n; i < count; i++)
			out[i] = a.at[(i - n) * a.step];
	}
}

static void indicator(const struct columns *columns, const struct node *node)
{
	struct indicator_call call = {
		.args = node->args,
		.source = price_of(columns->candles, node->price),
		.candles = columns->candles,
		.output = node->output,
	};

	node->indicator->column(&call, columns->numbers[node->slot]);
}

static void evaluate_node(const struct columns *columns,
	const struct node *nodes, const struct node *node)
{
	const struct node *a = node->a != NODE_NONE ? &nodes[node->a] : node;
	const struct node *b = node->b != NODE_NONE ? &nodes[node->b] : node;
	size_t count = columns->candles->count;

	switch (node->op) {
	case NODE_CONSTANT:
	case NODE_PRICE:
		return;
	case NODE_INDICATOR:
		indicator(columns, node);
		return;
	case NODE_SHIFT:
		shift(columns, node, a);
		return;
	case NODE_ADD:
	case NODE_SUB:
	case NODE_MUL:
	case NODE_DIV:
		arithmetic(node->op, number_of(columns, a),
			number_of(columns, b), columns->numbers[node->slot],
			count);
		return;
	case NODE_GT:
	case NODE_GE:
	case NODE_LT:
	case NODE_LE:
	case NODE_EQ:
		compare(node->op, number_of(columns, a), number_of(columns, b),
			flags_of(columns, node), count);
		return;
	case NODE_CROSSES_ABOVE:
		crosses_above(number_of(columns, a), number_of(columns, b),
			flags_of(columns, node), count);
		return;
	case NODE_CROSSES_BELOW:
		crosses_above(number_of(columns, b), number_of(columns, a),
			flags_of(columns, node), count);
		return;
	case NODE_ALL:
	case NODE_ANY:
		logic(node->op, flags_of(columns, a), flags_of(columns, b),
			flags_of(columns, node), count);
		return;
	case NODE_NOT:
		logic_not(flags_of(columns, a), flags_of(columns, node), count);
		return;
	}
}

size_t evaluate_bytes_per_bar(const struct program *program)
{
	return (size_t)program->number_slots * sizeof(double) +
	       (size_t)program->flag_slots + 1;
}

static struct columns columns_open(struct arena *arena,
	const struct program *program, const struct candles *candles)
{
	size_t numbers = (size_t)program->number_slots;
	size_t flags = (size_t)program->flag_slots;
	struct columns columns = {
		.numbers = arena_array(arena, numbers, sizeof(double *)),
		.flags = arena_array(arena, flags, sizeof(uint8_t *)),
		.candles = candles,
	};

	for (size_t i = 0; i < numbers; i++)
		columns.numbers[i] =
			arena_array(arena, candles->count, sizeof(double));
	for (size_t i = 0; i < flags; i++)
		columns.flags[i] = arena_array(arena, candles->count, 1);
	return columns;
}

const uint8_t *evaluate(struct arena *arena, const struct program *program,
	const struct candles *candles)
{
	struct columns columns = columns_open(arena, program, candles);
	uint8_t *out = arena_array(arena, candles->count, 1);

	for (int i = 0; i < program->node_count; i++)
		evaluate_node(&columns, program->nodes, &program->nodes[i]);
	for (int s = 0; s < SIGNAL_COUNT; s++) {
		const uint8_t *flags;

		if (program->signals[s] == NODE_NONE)
			continue;
		flags = columns.flags[program->nodes[program->signals[s]].slot];
		for (size_t i = 0; i < candles->count; i++)
			out[i] = (uint8_t)(out[i] | flags[i] << s);
	}
	return out;
}
