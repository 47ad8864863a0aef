/*
 * One run from end to end, a block of bars at a time: what the program says
 * of the block, what the simulator makes of it, what the statistics add up.
 * The candles were checked by the caller.
 */
#include "backtest.h"

#include "evaluate.h"
#include "interval.h"
#include "program_private.h"
#include "simulate_private.h"

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

enum {
	TELL_BARS = 32 * EVALUATE_BLOCK
};

struct parts {
	struct evaluator *evaluator;
	struct sim *sim;
	struct stats *stats;
};

static enum err run_block(const struct parts *parts,
	const struct candles *candles, size_t from, size_t count,
	double *equity)
{
	struct candles bars = candles_slice(candles, from, from + count);
	struct decisions decisions;
	enum err err;

	evaluator_block(parts->evaluator, candles, from, count, &decisions);
	err = sim_block(
		parts->sim, &(const struct sim_block){.candles = candles,
				    .from = from,
				    .count = count,
				    .decisions = &decisions,
				    .equity = equity});
	if (!err)
		stats_block(parts->stats, &bars, equity);
	return err;
}

static void finish(const struct parts *parts,
	const struct backtest_input *input, struct backtest_result *result)
{
	const struct candles *candles = input->candles;
	size_t warmup = input->program->warmup;
	size_t base = warmup ? warmup - 1 : 0;

	sim_finish(parts->sim, result);
	if (base >= candles->count)
		base = candles->count - 1;
	stats_finish(parts->stats,
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
	result->series = parts->stats;
}

static bool goes_on(const struct backtest_input *input, size_t bars)
{
	return !input->tell || input->tell(input->thing, bars);
}

enum err backtest_run(struct arena *arena, const struct backtest_input *input,
	struct report *report, struct backtest_result *out)
{
	size_t count = input->candles->count;
	const struct sim_setup setup = {
		.rules = &input->program->rules,
		.options = input->options,
		.detail = input->detail,
		.interval = interval_ms(input->program->interval),
		.bars = count,
	};
	struct backtest_result result = {.equity = NULL};
	struct parts parts;
	double *equity;
	enum err err = sim_open(arena, &setup, report, &parts.sim);

	if (!err)
		err = check_memory(input, report);
	if (err)
		return err;
	parts.evaluator = evaluator_open(arena, input->program);
	parts.stats = stats_open(
		arena, &(const struct stats_setup){
			       .cash = decimal_double(input->options->cash)});
	result.equity = equity = arena_column(arena, count, sizeof(*equity));
	for (size_t from = 0; !err && from < count; from += EVALUATE_BLOCK) {
		if (from % TELL_BARS == 0 && !goes_on(input, from))
			err = ERR_CONFLICT;
		else
			err = run_block(&parts, input->candles, from,
				count - from < EVALUATE_BLOCK ? count - from
							      : EVALUATE_BLOCK,
				equity + from);
	}
	if (err)
		return err;
	finish(&parts, input, &result);
	*out = result;
	return ERR_OK;
}
