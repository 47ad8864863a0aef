/*
 * One node's column from those of its operands: arithmetic, comparisons,
 * logic, looking back. A comparison with NaN is false; arithmetic that is not
 * finite is NaN. Plain loops over whole blocks, no branch on a value.
 */
#include "evaluate_private.h"

#include <math.h>

#define FOR_EACH_BAR(expression)           \
	for (size_t i = 0; i < count; i++) \
	out[i] = (expression)

static void arithmetic(enum node_op op, const double *a, const double *b,
	double *restrict out, size_t count)
{
	if (op == NODE_ADD)
		FOR_EACH_BAR(a[i] + b[i]);
	else if (op == NODE_SUB)
		FOR_EACH_BAR(a[i] - b[i]);
	else if (op == NODE_MUL)
		FOR_EACH_BAR(a[i] * b[i]);
	else
		FOR_EACH_BAR(a[i] / b[i]);
	for (size_t i = 0; i < count; i++)
		out[i] = out[i] - out[i] == 0 ? out[i] : (double)NAN;
}

/* Of two of which one is not known nothing is known. */
static void extreme(enum node_op op, const double *a, const double *b,
	double *restrict out, size_t count)
{
	if (op == NODE_MIN)
		FOR_EACH_BAR(a[i] < b[i] ? a[i] : b[i]);
	else
		FOR_EACH_BAR(a[i] > b[i] ? a[i] : b[i]);
	for (size_t i = 0; i < count; i++)
		out[i] = a[i] != a[i] || b[i] != b[i] ? (double)NAN : out[i];
}

static void compare(enum node_op op, const double *a, const double *b,
	uint8_t *restrict out, size_t count)
{
	if (op == NODE_GT)
		FOR_EACH_BAR(a[i] > b[i]);
	else if (op == NODE_GE)
		FOR_EACH_BAR(a[i] >= b[i]);
	else if (op == NODE_LT)
		FOR_EACH_BAR(a[i] < b[i]);
	else if (op == NODE_LE)
		FOR_EACH_BAR(a[i] <= b[i]);
	else
		FOR_EACH_BAR(a[i] == b[i]);
}

/* a strictly below b on the bar before, strictly above on this one. Both
   columns reach one bar back. */
static void crosses_above(
	const double *a, const double *b, uint8_t *restrict out, size_t count)
{
	const double *before_a = a - 1, *before_b = b - 1;

	FOR_EACH_BAR((uint8_t)((before_a[i] < before_b[i]) & (a[i] > b[i])));
}

static void logic(enum node_op op, const uint8_t *a, const uint8_t *b,
	uint8_t *restrict out, size_t count)
{
	if (op == NODE_ALL)
		FOR_EACH_BAR(a[i] & b[i]);
	else if (op == NODE_ANY)
		FOR_EACH_BAR(a[i] | b[i]);
	else
		FOR_EACH_BAR(!a[i]);
}

#undef FOR_EACH_BAR

/* side 1: strictly rose on each of the last `bars` bars; -1: fell. */
static void monotonous(const double *a, double side, size_t bars,
	struct column *column, size_t count)
{
	size_t run = column->run;

	for (size_t i = 0; i < count; i++) {
		const double *at = a + i;

		run = side * at[0] > side * at[-1] ? run + 1 : 0;
		column->flags[i] = run >= bars;
	}
	column->run = run;
}

/* run: bars since it was true; SIZE_MAX: it never was. */
static void within(
	const uint8_t *a, size_t bars, struct column *column, size_t count)
{
	size_t run = column->run;

	for (size_t i = 0; i < count; i++) {
		if (a[i])
			run = 0;
		else if (run < bars)
			run++;
		column->flags[i] = run < bars;
	}
	column->run = run;
}

static void fill(const double *a, struct column *column, size_t count)
{
	double last = column->last;

	for (size_t i = 0; i < count; i++) {
		last = a[i] - a[i] == 0 ? a[i] : last;
		column->numbers[i] = last;
	}
	column->last = last;
}

static void note_first_value(
	const struct evaluator *evaluator, struct column *column, size_t count)
{
	for (size_t i = 0; column->value_at == SIZE_MAX && i < count; i++)
		if (!isnan(column->numbers[i]))
			column->value_at = evaluator->bars + i;
}

/* closed[i] candles of the larger lane's block were closed with bar i; the
   one before its block stands at -1. */
static void expand(struct evaluator *evaluator, const struct node *node,
	const double *a, struct column *column, size_t count)
{
	const struct node *of = &evaluator->program->nodes[node->in[0]];
	const uint16_t *closed = evaluator->lanes[of->lane].closed;

	for (size_t i = 0; i < count; i++)
		column->numbers[i] = a[(ptrdiff_t)closed[i] - 1];
	note_first_value(evaluator, column, count);
}

static void price(const struct lane *lane, enum price_column which,
	double *restrict out, size_t count)
{
	if (which != PRICE_TIME) {
		memcpy(out, lane->prices[which], count * sizeof(*out));
		return;
	}
	for (size_t i = 0; i < count; i++)
		out[i] = (double)lane->time[i];
}

static void shift(struct evaluator *evaluator, const struct node *node,
	struct column *column, size_t count)
{
	const struct column *of = &evaluator->columns[node->in[0]];

	if (node->type == VALUE_FLAG)
		memcpy(column->flags, of->flags - node->bars, count);
	else
		memcpy(column->numbers, of->numbers - node->bars,
			count * sizeof(double));
}

/* ---- indicators --------------------------------------------------------------- */

/* The first bar of the block on which every input is known. */
static size_t first_known(const double *const *in, size_t inputs, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool known = true;

		for (size_t k = 0; k < inputs; k++)
			known = known && isfinite(in[k][i]);
		if (known)
			return i;
	}
	return count;
}

static void start(struct evaluator *evaluator, int index, size_t at)
{
	const struct program *program = evaluator->program;
	const struct node *node = &program->nodes[index];

	for (size_t k = 0; node->indicator->outputs[k]; k++)
		evaluator->columns[index + (int)k].value_at =
			evaluator->bars + at +
			node->indicator->ready(node->args, k);
	evaluator->columns[index].started = true;
}

/* The outputs' columns follow that of the indicator itself. */
static void indicator(struct evaluator *evaluator, int index, size_t count)
{
	const struct node *node = &evaluator->program->nodes[index];
	struct column *column = &evaluator->columns[index];
	const size_t inputs = node->indicator->input_count;
	const double *in[INPUT_LIMIT];
	double *out[INDICATOR_OUTPUT_LIMIT];
	struct indicator_call call = {.in = in,
		.out = out,
		.args = node->args,
		.state = column->state};
	size_t begin = 0;

	for (size_t k = 0; k < inputs; k++)
		in[k] = evaluator->columns[node->in[k]].numbers;
	if (!column->started)
		begin = first_known(in, inputs, count);
	for (size_t k = 0; node->indicator->outputs[k]; k++) {
		out[k] = column[k].numbers;
		for (size_t i = 0; i < begin; i++)
			out[k][i] = NAN;
		out[k] += begin;
	}
	if (begin == count)
		return;
	if (!column->started)
		start(evaluator, index, begin);
	for (size_t k = 0; k < inputs; k++)
		in[k] += begin;
	call.first = column->done;
	call.count = count - begin;
	node->indicator->run(&call);
	column->done += call.count;
}

/* ---- all of them ---------------------------------------------------------------- */

static void evaluate_number(struct evaluator *evaluator, int index,
	const double *a, const double *b, size_t count)
{
	const struct node *node = &evaluator->program->nodes[index];
	struct column *column = &evaluator->columns[index];

	switch (node->op) {
	case NODE_PRICE:
		price(&evaluator->lanes[node->lane], node->price,
			column->numbers, count);
		return;
	case NODE_INDICATOR:
		indicator(evaluator, index, count);
		return;
	case NODE_FILL:
		fill(a, column, count);
		return;
	case NODE_EXPAND:
		expand(evaluator, node, a, column, count);
		return;
	case NODE_ADD:
	case NODE_SUB:
	case NODE_MUL:
	case NODE_DIV:
		arithmetic(node->op, a, b, column->numbers, count);
		return;
	case NODE_MIN:
	case NODE_MAX:
		extreme(node->op, a, b, column->numbers, count);
		return;
	case NODE_ABS:
		for (size_t i = 0; i < count; i++)
			column->numbers[i] = fabs(a[i]);
		return;
	case NODE_CONSTANT:
	case NODE_OUTPUT:
	case NODE_SHIFT:
	case NODE_GT:
	case NODE_GE:
	case NODE_LT:
	case NODE_LE:
	case NODE_EQ:
	case NODE_CROSSES_ABOVE:
	case NODE_CROSSES_BELOW:
	case NODE_RISING:
	case NODE_FALLING:
	case NODE_WITHIN:
	case NODE_ALL:
	case NODE_ANY:
	case NODE_NOT:
		return;
	}
}

static void evaluate_comparison(const struct node *node, struct column *column,
	const double *a, const double *b, size_t count)
{
	if (node->op == NODE_CROSSES_ABOVE)
		crosses_above(a, b, column->flags, count);
	else if (node->op == NODE_CROSSES_BELOW)
		crosses_above(b, a, column->flags, count);
	else if (node->op == NODE_RISING)
		monotonous(a, 1, node->bars, column, count);
	else if (node->op == NODE_FALLING)
		monotonous(a, -1, node->bars, column, count);
	else
		compare(node->op, a, b, column->flags, count);
}

void evaluate_node(struct evaluator *evaluator, int index)
{
	const struct node *node = &evaluator->program->nodes[index];
	struct column *column = &evaluator->columns[index];
	const struct column *a = node->in[0] == NODE_NONE
					 ? column
					 : &evaluator->columns[node->in[0]];
	const struct column *b =
		node->in[1] == NODE_NONE ? a : &evaluator->columns[node->in[1]];
	size_t count = evaluator->lanes[node->lane].count;

	if (node->op == NODE_SHIFT)
		shift(evaluator, node, column, count);
	else if (node->op == NODE_WITHIN)
		within(a->flags, node->bars, column, count);
	else if (node->op >= NODE_ALL)
		logic(node->op, a->flags, b->flags, column->flags, count);
	else if (node->op >= NODE_GT)
		evaluate_comparison(
			node, column, a->numbers, b->numbers, count);
	else
		evaluate_number(
			evaluator, index, a->numbers, b->numbers, count);
}
