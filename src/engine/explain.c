/*
 * Why a rule fired or did not: each condition that it is made of, on the last
 * bar that was seen. Only reads what the evaluator has computed.
 */
#include "evaluate_private.h"

#include <math.h>

#include "expression.h"

struct walk {
	const struct evaluator *evaluator;
	struct arena *arena;
	struct condition *conditions;
	struct explanation *out;
	bool negated; /* below an odd number of "not" */
};

static bool has_operator(const struct json *source, const char *name)
{
	return json_member(source, name) != NULL;
}

/* "all", "any" and "not" are made of conditions; so is what was folded out of
   one of them and has no text of its own. */
static bool is_made_of_conditions(const struct node *node)
{
	if (node->op < NODE_ALL)
		return false;
	return !node->source || has_operator(node->source, "all") ||
	       has_operator(node->source, "any") ||
	       has_operator(node->source, "not");
}

static bool held_at_last(const struct evaluator *evaluator, int node)
{
	const struct column *column = &evaluator->columns[node];
	size_t bars = evaluator->lanes[0].count;

	return bars > 0 && column->flags[bars - 1];
}

static double number_at_last(const struct evaluator *evaluator, int node)
{
	size_t bars = evaluator->lanes[0].count;

	if (node == NODE_NONE || bars == 0 ||
		evaluator->program->nodes[node].type == VALUE_FLAG)
		return NAN;
	return evaluator->columns[node].numbers[bars - 1];
}

static const char *text_of(const struct walk *walk, const struct node *node)
{
	const char *text = "";
	enum err err = ERR_NOT_FOUND;

	if (node->source)
		err = expression_print(walk->arena, node->source,
			report_open(walk->arena), &text);
	if (err != ERR_OK)
		return "";
	return walk->negated ? arena_format(walk->arena, "not %s", text) : text;
}

static void add_condition(struct walk *walk, int index)
{
	const struct evaluator *evaluator = walk->evaluator;
	const struct node *node = &evaluator->program->nodes[index];
	struct condition *condition = &walk->conditions[walk->out->count++];

	*condition = (struct condition){
		.text = text_of(walk, node),
		.held = held_at_last(evaluator, index) != walk->negated,
		.left = number_at_last(evaluator, node->in[0]),
		.right = number_at_last(evaluator, node->in[1]),
	};
	walk->out->held += condition->held;
}

/* Depth is that of the rule, which the compiler has bounded, but "a and a"
   may meet a node again and again: no more conditions than nodes. */
static void walk_node(struct walk *walk, int index)
{
	const struct program *program = walk->evaluator->program;
	const struct node *node = &program->nodes[index];

	if (walk->out->count >= PROGRAM_NODE_LIMIT)
		return;
	if (!is_made_of_conditions(node)) {
		add_condition(walk, index);
		return;
	}
	walk->negated ^= node->op == NODE_NOT;
	for (int i = 0; i < node_operands(node); i++)
		walk_node(walk, node->in[i]);
	walk->negated ^= node->op == NODE_NOT;
}

void evaluator_explain(const struct evaluator *evaluator, struct arena *arena,
	enum signal_kind signal, struct explanation *out)
{
	int node = evaluator->program->signals[signal];
	struct walk walk = {.evaluator = evaluator, .arena = arena, .out = out};

	*out = (struct explanation){.conditions = NULL};
	if (node == NODE_NONE)
		return;
	walk.conditions = arena_array(
		arena, PROGRAM_NODE_LIMIT, sizeof(*walk.conditions));
	walk_node(&walk, node);
	out->conditions = walk.conditions;
	out->fired = held_at_last(evaluator, node);
}
