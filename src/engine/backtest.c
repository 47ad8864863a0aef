/*
 * One run from end to end: checks what it was given, evaluates the program,
 * simulates, computes the statistics.
 */
#include "backtest.h"

#include "evaluate.h"
#include "program_private.h"
#include "simulate_private.h"

enum {
	COMMISSION_LIMIT = LEDGER_ONE / 10 /* one tenth of the value */
};

static enum err check_options(
	const struct backtest_options *options, struct report *report)
{
	int64_t cash, commission;

	if (ledger_units(options->cash, &cash) != ERR_OK || cash <= 0) {
		report_fault(report, "/cash",
			"must be above 0, below 92 billion, and have at most "
			"8 digits behind the point");
		return ERR_BAD_INPUT;
	}
	if (ledger_units(options->commission, &commission) != ERR_OK ||
		commission < 0 || commission >= COMMISSION_LIMIT) {
		report_fault(report, "/fee",
			"must be from 0 to less than 0.1, with at most 8 "
			"digits behind the point");
		return ERR_BAD_INPUT;
	}
	return ERR_OK;
}

static enum err check_memory(
	const struct backtest_input *input, struct report *report)
{
	size_t fixed = evaluator_bytes(input->program);
	size_t most = BACKTEST_MEMORY_LIMIT > fixed
			      ? (BACKTEST_MEMORY_LIMIT - fixed) / sizeof(double)
			      : 0;

	if (input->candles->count <= most)
		return ERR_OK;
	report_fault(report, "",
		"these rules can run on at most %zu candles at once, not %zu",
		most, input->candles->count);
	return ERR_BAD_INPUT;
}

/* Until the simulator takes blocks. */
static const uint8_t *decide(struct arena *arena, const struct program *program,
	const struct candles *candles)
{
	struct evaluator *evaluator = evaluator_open(arena, program);
	uint8_t *out = arena_array(arena, candles->count, 1);
	struct decisions decisions;

	for (size_t at = 0; at < candles->count; at += EVALUATE_BLOCK) {
		size_t count = candles->count - at;

		if (count > EVALUATE_BLOCK)
			count = EVALUATE_BLOCK;
		evaluator_block(evaluator, candles, at, count, &decisions);
		memcpy(out + at, decisions.bits, count);
	}
	return out;
}

/* All bars as one block: the statistics take any cut. */
static void add_stats(struct arena *arena, const struct backtest_input *input,
	struct backtest_result *result)
{
	const struct candles *candles = input->candles;
	size_t warmup = input->program->warmup;
	size_t base = warmup ? warmup - 1 : 0;
	struct stats *stats = stats_open(
		arena, &(const struct stats_setup){
			       .cash = decimal_double(input->options->cash)});

	if (base >= candles->count)
		base = candles->count - 1;
	stats_block(stats, candles, result->equity);
	stats_finish(stats,
		&(const struct stats_end){
			.base_time = candles->time[base],
			.base_close = candles->close[base],
			.trades = result->trades,
			.trade_count = result->trade_count,
			.refused_entries = result->refused_entries,
			.ruined = result->ruined,
			.limited = result->limited,
		},
		&result->stats);
	result->series = stats;
}

enum err backtest_run(struct arena *arena, const struct backtest_input *input,
	struct report *report, struct backtest_result *out)
{
	struct backtest_result result = {.equity = NULL};
	const uint8_t *decisions;
	enum err err = check_options(input->options, report);

	if (!err)
		err = candles_check(input->candles, report);
	if (!err)
		err = check_memory(input, report);
	if (err)
		return err;
	decisions = decide(arena, input->program, input->candles);
	err = simulate(arena, input, decisions, &result);
	if (err) {
		report_fault(report, "/cash",
			"an amount of this run passes 92 billion: "
			"begin with less");
		return err;
	}
	add_stats(arena, input, &result);
	*out = result;
	return ERR_OK;
}
