/*
 * Evaluates a program over ever shorter histories that end on the same candle
 * and compares what its indicators say there. Only reads.
 */
#include "recursive.h"

#include <math.h>

#include "evaluate_private.h"
#include "expression.h"

static double value_at_last(const struct evaluator *evaluator, int index)
{
	const struct node *node = &evaluator->program->nodes[index];
	size_t count = evaluator->lanes[node->lane].count;
	const double *numbers = evaluator->columns[index].numbers;

	if (count > 0)
		return numbers[count - 1];
	/* A larger candle closed in an earlier block, if at all. */
	return node->history > 0 ? *(numbers - 1) : (double)NAN;
}

static const struct evaluator *run_over(struct arena *arena,
	const struct program *program, const struct candles *candles,
	size_t bars)
{
	struct evaluator *evaluator = evaluator_open(arena, program);
	struct decisions decisions;
	size_t first = candles->count - bars;

	for (size_t at = first; at < candles->count; at += EVALUATE_BLOCK) {
		size_t count = candles->count - at;

		if (count > EVALUATE_BLOCK)
			count = EVALUATE_BLOCK;
		evaluator_block(evaluator, candles, at, count, &decisions);
	}
	return evaluator;
}

static bool is_reported(const struct node *node)
{
	return node->used && node->source &&
	       (node->op == NODE_INDICATOR || node->op == NODE_OUTPUT);
}

static const char *text_of(struct arena *arena, const struct program *program,
	const struct node *node)
{
	const struct node *first =
		node->op == NODE_OUTPUT ? &program->nodes[node->in[0]] : node;
	const char *text = first->indicator->name;

	if (expression_print(arena, node->source, report_open(arena), &text) !=
		ERR_OK)
		text = first->indicator->name;
	if (node->op == NODE_INDICATOR)
		return text;
	return arena_format(
		arena, "%s.%s", text, first->indicator->outputs[node->output]);
}

static size_t list_rows(struct arena *arena, const struct evaluator *whole,
	struct recursive_row *rows)
{
	const struct program *program = whole->program;
	size_t count = 0;

	for (int i = 0; i < program->node_count; i++)
		if (is_reported(&program->nodes[i]))
			rows[count++] = (struct recursive_row){
				.text = text_of(
					arena, program, &program->nodes[i]),
				.value = value_at_last(whole, i)};
	return count;
}

static void fill_column(
	const struct evaluator *part, struct recursive_row *rows, size_t column)
{
	const struct program *program = part->program;
	size_t row = 0;

	for (int i = 0; i < program->node_count; i++) {
		double moved;

		if (!is_reported(&program->nodes[i]))
			continue;
		moved = 100 * (value_at_last(part, i) - rows[row].value) /
			fabs(rows[row].value);
		rows[row++].moved_pct[column] =
			isfinite(moved) ? moved : (double)NAN;
	}
}

enum err recursive_report(struct arena *arena, const struct program *program,
	const struct candles *candles, struct report *report,
	struct recursive_report *out)
{
	size_t bars = program_warmup(program) + 1;
	struct recursive_row *rows =
		arena_array(arena, (size_t)program->node_count, sizeof(*rows));

	if (candles->count < bars) {
		report_fault(report, "", "needs %zu candles, and there are %zu",
			bars, candles->count);
		return ERR_BAD_INPUT;
	}
	*out = (struct recursive_report){.rows = rows};
	out->count = list_rows(
		arena, run_over(arena, program, candles, candles->count), rows);
	for (size_t i = 0; i < RECURSIVE_STARTS; i++, bars *= 2) {
		for (size_t row = 0; row < out->count; row++)
			rows[row].moved_pct[i] = NAN;
		if (bars > candles->count)
			continue;
		out->bars[i] = bars;
		fill_column(run_over(arena, program, candles, bars), rows, i);
	}
	return ERR_OK;
}
