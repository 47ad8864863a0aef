/*
 * What others may ask of a compiled program, and the last steps of making
 * one: dropping what nobody reads, and telling columns how much of their past
 * is read. Knows nothing of JSON.
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
	return program->expected_warmup;
}

size_t program_cost(const struct program *program)
{
	size_t cost = program->node_count > 0 ? (size_t)program->node_count : 1;

	for (int i = 0; i < program->node_count; i++) {
		const struct node *node = &program->nodes[i];

		if (node->op == NODE_INDICATOR && node->indicator->extra)
			cost += node->indicator->extra(node->args);
	}
	return cost;
}

const struct program_param *program_params(
	const struct program *program, size_t *count)
{
	*count = program->param_count;
	return program->params;
}

int node_operands(const struct node *node)
{
	int count = 0;

	while (count < INPUT_LIMIT && node->in[count] != NODE_NONE)
		count++;
	return count;
}

bool node_starts(const struct node *node)
{
	return node->op == NODE_INDICATOR || node->op == NODE_OUTPUT ||
	       node->op == NODE_EXPAND;
}

size_t node_reach(const struct node *node)
{
	switch (node->op) {
	case NODE_SHIFT:
		return node->bars;
	case NODE_CROSSES_ABOVE:
	case NODE_CROSSES_BELOW:
	case NODE_RISING:
	case NODE_FALLING:
	case NODE_EXPAND:
		return 1;
	case NODE_INDICATOR:
		return node->indicator->history
			       ? node->indicator->history(node->args)
			       : 0;
	case NODE_CONSTANT:
	case NODE_PRICE:
	case NODE_OUTPUT:
	case NODE_FILL:
	case NODE_ADD:
	case NODE_SUB:
	case NODE_MUL:
	case NODE_DIV:
	case NODE_MIN:
	case NODE_MAX:
	case NODE_ABS:
	case NODE_GT:
	case NODE_GE:
	case NODE_LT:
	case NODE_LE:
	case NODE_EQ:
	case NODE_WITHIN:
	case NODE_ALL:
	case NODE_ANY:
	case NODE_NOT:
		break;
	}
	return 0;
}

/* An output needs its indicator, and an indicator all its outputs: they are
   written together. */
static void mark(const struct program *program, bool *needed)
{
	for (int i = program->node_count - 1; i >= 0; i--) {
		const struct node *node = &program->nodes[i];

		if (node->op == NODE_INDICATOR)
			for (int k = i + 1; k < program->node_count &&
					    program->nodes[k].op == NODE_OUTPUT;
				k++)
				needed[i] = needed[i] || needed[k];
		for (int k = 0; needed[i] && k < node_operands(node); k++)
			needed[node->in[k]] = true;
	}
	for (int i = 0; i < program->node_count; i++) {
		const struct node *node = &program->nodes[i];

		if (node->op == NODE_OUTPUT)
			needed[i] = needed[node->in[0]];
	}
}

static int moved(const int *places, int node)
{
	return node == NODE_NONE ? NODE_NONE : places[node];
}

static void prune(struct program *program)
{
	bool needed[NODE_ROOM] = {false};
	int places[NODE_ROOM];
	int kept = 0;

	for (int i = 0; i < SIGNAL_COUNT; i++)
		if (program->signals[i] != NODE_NONE)
			needed[program->signals[i]] = true;
	for (int i = 0; i < LEVEL_COUNT; i++)
		if (program->levels[i] != NODE_NONE)
			needed[program->levels[i]] = true;
	mark(program, needed);
	for (int i = 0; i < program->node_count; i++) {
		struct node *node = &program->nodes[i];

		if (!needed[i])
			continue;
		for (int k = 0; k < INPUT_LIMIT; k++)
			node->in[k] = moved(places, node->in[k]);
		places[i] = kept;
		program->nodes[kept++] = *node;
	}
	program->node_count = kept;
	for (int i = 0; i < SIGNAL_COUNT; i++)
		program->signals[i] = moved(places, program->signals[i]);
	for (int i = 0; i < LEVEL_COUNT; i++)
		program->levels[i] = moved(places, program->levels[i]);
}

static void use(struct program *program, int node, size_t reach)
{
	struct node *of = &program->nodes[node];

	of->used = true;
	if (of->history < reach)
		of->history = reach;
}

void program_finish(struct program *program)
{
	prune(program);
	for (int i = 0; i < program->node_count; i++) {
		const struct node *node = &program->nodes[i];

		if (node->op == NODE_OUTPUT)
			continue;
		for (int k = 0; k < node_operands(node); k++)
			use(program, node->in[k], node_reach(node));
	}
	for (int i = 0; i < SIGNAL_COUNT; i++)
		if (program->signals[i] != NODE_NONE)
			use(program, program->signals[i], 0);
	for (int i = 0; i < LEVEL_COUNT; i++)
		if (program->levels[i] != NODE_NONE)
			use(program, program->levels[i], 0);
}
