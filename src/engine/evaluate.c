/*
 * Runs a program over its candles, block by block: the columns of all nodes
 * in their order, then one byte of decisions a bar. What a column holds in
 * front of the block is its own past, so that the block's size changes
 * nothing. It must never read a later bar than the one it writes.
 */
#include "evaluate_private.h"

#include <math.h>

static bool is_flag(const struct node *node)
{
	return node->type == VALUE_FLAG;
}

static size_t state_bytes(const struct node *node)
{
	if (node->op != NODE_INDICATOR || !node->indicator->state)
		return 0;
	return node->indicator->state(node->args);
}

static size_t room_of(const struct node *node)
{
	return node->history + EVALUATE_BLOCK;
}

size_t evaluator_bytes(const struct program *program)
{
	const size_t lane = EVALUATE_BLOCK *
			    (PRICE_COUNT * sizeof(double) + sizeof(uint16_t));
	size_t bytes = sizeof(struct evaluator) + EVALUATE_BLOCK +
		       (size_t)program->lane_count * lane;

	for (int i = 0; i < program->node_count; i++) {
		const struct node *node = &program->nodes[i];

		bytes += sizeof(struct column) + state_bytes(node) +
			 room_of(node) * (is_flag(node) ? 1 : sizeof(double));
	}
	return bytes;
}

static void column_open(
	struct arena *arena, const struct node *node, struct column *column)
{
	size_t room = room_of(node);
	double before = node->op == NODE_CONSTANT ? node->value : (double)NAN;

	column->value_at = SIZE_MAX;
	column->run = SIZE_MAX;
	column->last = NAN;
	if (node->op == NODE_RISING || node->op == NODE_FALLING)
		column->run = 0;
	if (node->op == NODE_INDICATOR)
		column->state = arena_alloc(arena, state_bytes(node));
	if (is_flag(node)) {
		column->flags = arena_array(arena, room, 1);
		column->flags += node->history;
		return;
	}
	column->numbers = arena_array(arena, room, sizeof(double));
	for (size_t i = 0; i < room; i++)
		column->numbers[i] = before;
	column->numbers += node->history;
}

struct evaluator *evaluator_open(
	struct arena *arena, const struct program *program)
{
	struct evaluator *evaluator = arena_alloc(arena, sizeof(*evaluator));
	size_t nodes = (size_t)program->node_count;

	evaluator->program = program;
	evaluator->first = SIZE_MAX;
	evaluator->bits = arena_array(arena, EVALUATE_BLOCK, 1);
	evaluator->columns = arena_array(arena, nodes, sizeof(struct column));
	evaluator->lanes[0].ms = program->lanes[0];
	for (int i = 1; i < program->lane_count; i++)
		lane_open(arena, &evaluator->lanes[i], program->lanes[i]);
	for (size_t i = 0; i < nodes; i++)
		column_open(arena, &program->nodes[i], &evaluator->columns[i]);
	return evaluator;
}

size_t evaluator_bars(const struct evaluator *evaluator)
{
	return evaluator->bars;
}

size_t evaluator_first(const struct evaluator *evaluator)
{
	return evaluator->first;
}

/* The end of the last block becomes the past of the next one. */
static void columns_advance(struct evaluator *evaluator)
{
	const struct program *program = evaluator->program;

	for (int i = 0; i < program->node_count; i++) {
		const struct node *node = &program->nodes[i];
		struct column *column = &evaluator->columns[i];
		size_t done = evaluator->lanes[node->lane].count;
		size_t keep = node->history;

		if (keep == 0 || done == 0 || node->op == NODE_CONSTANT)
			continue;
		if (is_flag(node))
			memmove(column->flags - keep,
				column->flags - keep + done, keep);
		else
			memmove(column->numbers - keep,
				column->numbers - keep + done,
				keep * sizeof(double));
	}
}

/* Decisions begin behind the first value of whatever starts late. */
static size_t first_bar(const struct evaluator *evaluator)
{
	const struct program *program = evaluator->program;
	size_t first = program->warmup;

	for (int i = 0; i < program->node_count; i++) {
		const struct node *node = &program->nodes[i];
		size_t at = evaluator->columns[i].value_at;

		if (!node->used || node->lane != 0 || !node_starts(node))
			continue;
		if (at == SIZE_MAX)
			return SIZE_MAX;
		if (at + 1 > first)
			first = at + 1;
	}
	return first;
}

static void gather_bits(struct evaluator *evaluator, size_t count)
{
	const struct program *program = evaluator->program;
	uint8_t *bits = evaluator->bits;

	memset(bits, 0, count);
	for (int s = 0; s < SIGNAL_COUNT; s++) {
		const uint8_t *flags;

		if (program->signals[s] == NODE_NONE)
			continue;
		flags = evaluator->columns[program->signals[s]].flags;
		for (size_t i = 0; i < count; i++)
			bits[i] = (uint8_t)(bits[i] | flags[i] << s);
	}
}

/* Nothing is decided before the first bar that could. */
static void silence(struct evaluator *evaluator, size_t count)
{
	size_t quiet = count;

	if (evaluator->first == SIZE_MAX)
		evaluator->first = first_bar(evaluator);
	if (evaluator->first < evaluator->bars + count)
		quiet = evaluator->first > evaluator->bars
				? evaluator->first - evaluator->bars
				: 0;
	memset(evaluator->bits, 0, quiet);
}

void evaluator_block(struct evaluator *evaluator, const struct candles *candles,
	size_t from, size_t count, struct decisions *out)
{
	const struct program *program = evaluator->program;

	columns_advance(evaluator);
	lanes_load(evaluator, candles, from, count);
	for (int i = 0; i < program->node_count; i++)
		evaluate_node(evaluator, i);
	gather_bits(evaluator, count);
	silence(evaluator, count);
	evaluator->bars += count;
	evaluator->block = count;
	out->bits = evaluator->bits;
	for (int i = 0; i < LEVEL_COUNT; i++)
		out->levels[i] =
			program->levels[i] == NODE_NONE
				? NULL
				: evaluator->columns[program->levels[i]]
					  .numbers;
}
