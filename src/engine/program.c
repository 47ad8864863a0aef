/*
 * What others may ask of a compiled program, and the placing of its columns
 * in buffers. Knows nothing of JSON.
 */
#include "program_private.h"

const char *program_name(const struct program *program)
{
	return program->name;
}

const char *program_interval(const struct program *program)
{
	return program->interval;
}

size_t program_warmup(const struct program *program)
{
	return program->warmup;
}

/* Buffers of one type that are free again. */
struct pool {
	int free[PROGRAM_NODE_LIMIT];
	int free_count;
	int made;
};

static int pool_take(struct pool *pool)
{
	return pool->free_count > 0 ? pool->free[--pool->free_count]
				    : pool->made++;
}

static void pool_give(struct pool *pool, int slot)
{
	pool->free[pool->free_count++] = slot;
}

static bool needs_slot(const struct node *node)
{
	return node->op != NODE_CONSTANT && node->op != NODE_PRICE;
}

/* last[i]: the last node that reads node i; signals are read at the end. */
static void find_last_uses(const struct program *program, int *last)
{
	for (int i = 0; i < program->node_count; i++) {
		const struct node *node = &program->nodes[i];

		last[i] = i;
		if (node->a != NODE_NONE)
			last[node->a] = i;
		if (node->b != NODE_NONE)
			last[node->b] = i;
	}
	for (int i = 0; i < SIGNAL_COUNT; i++)
		if (program->signals[i] != NODE_NONE)
			last[program->signals[i]] = program->node_count;
}

static void give_back(struct program *program, struct pool *pools,
	const int *last, int operand, int user)
{
	if (operand == NODE_NONE || last[operand] != user)
		return;
	if (program->nodes[operand].slot != NODE_NONE)
		pool_give(&pools[program->nodes[operand].type],
			program->nodes[operand].slot);
}

void program_place(struct program *program)
{
	struct pool pools[2] = {{.made = 0}, {.made = 0}};
	int last[PROGRAM_NODE_LIMIT];

	find_last_uses(program, last);
	for (int i = 0; i < program->node_count; i++) {
		struct node *node = &program->nodes[i];

		node->slot = NODE_NONE;
		if (needs_slot(node))
			node->slot = pool_take(&pools[node->type]);
		give_back(program, pools, last, node->a, i);
		if (node->b != node->a)
			give_back(program, pools, last, node->b, i);
	}
	program->number_slots = pools[VALUE_NUMBER].made;
	program->flag_slots = pools[VALUE_FLAG].made;
}
