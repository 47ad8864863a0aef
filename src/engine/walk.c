/*
 * Windows of a walk-forward test and the runs inside them. Must never let a
 * choice see a bar behind its window.
 */
#include "walk.h"

static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;

/* The first bar at or behind `offset` units from the first candle; the count
   when there is none. */
static size_t bar_at(const struct candles *candles, int64_t offset, bool days)
{
	size_t low = 0, high = candles->count;
	int64_t time;

	if (!days)
		return (uint64_t)offset < candles->count ? (size_t)offset
							 : candles->count;
	time = candles->time[0] + offset * day_ms;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (candles->time[middle] < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Whether the stretch that ends `offset` units from the first candle is
   whole: of days, the last of them must have begun. */
static bool is_whole(const struct candles *candles, int64_t offset, bool days)
{
	if (!days)
		return (uint64_t)offset <= candles->count;
	return candles->time[candles->count - 1] >=
	       candles->time[0] + (offset - 1) * day_ms;
}

size_t walk_windows(const struct candles *candles, const struct walk_plan *plan,
	struct walk_window *out, size_t room)
{
	const int64_t whole = plan->in_sample + plan->out_of_sample;
	size_t count = 0;

	for (int64_t start = 0; is_whole(candles, start + whole, plan->days);
		start += plan->step) {
		const struct walk_window window = {
			.in_from = plan->anchored
					   ? 0
					   : bar_at(candles, start, plan->days),
			.in_to = bar_at(
				candles, start + plan->in_sample, plan->days),
			.out_to = bar_at(candles, start + whole, plan->days),
		};

		if (window.in_from >= window.in_to ||
			window.in_to >= window.out_to)
			continue; /* a gap in the candles */
		if (count < room)
			out[count] = window;
		count++;
	}
	return count;
}

static void shift_trades(
	struct arena *arena, struct backtest_result *result, size_t by)
{
	struct backtest_trade *trades =
		arena_array(arena, result->trade_count, sizeof(*trades));

	for (size_t i = 0; i < result->trade_count; i++) {
		trades[i] = result->trades[i];
		trades[i].entry_bar -= by;
		trades[i].exit_bar -= by;
	}
	result->trades = trades;
}

static void stats_again(struct arena *arena, const struct candles *candles,
	double cash, struct backtest_result *result)
{
	const struct stats_setup setup = {.cash = cash};
	const struct stats_end end = {
		.base_time = candles->time[0],
		.base_close = candles->close[0],
		.trades = result->trades,
		.trade_count = result->trade_count,
		.refused_entries = result->refused_entries,
		.ruined = result->ruined,
		.limited = result->limited,
	};
	struct stats *stats = stats_open(arena, &setup);

	stats_block(stats, candles, result->equity);
	stats_finish(stats, &end, &result->stats);
	result->series = stats;
}

/* From the first of them that the run can reach. */
static struct candles detail_from(const struct candles *detail, int64_t time)
{
	size_t low = 0, high = detail->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (detail->time[middle] < time)
			low = middle + 1;
		else
			high = middle;
	}
	return candles_slice(detail, low, detail->count);
}

enum err walk_run(struct arena *arena, const struct backtest_input *input,
	const struct walk_range *range, struct report *report,
	struct backtest_result *out)
{
	const size_t warmup = program_warmup(input->program);
	const size_t before = warmup < range->from ? warmup : range->from;
	const struct candles run =
		candles_slice(input->candles, range->from - before, range->to);
	const struct candles own =
		candles_slice(input->candles, range->from, range->to);
	struct backtest_input part = *input;
	struct backtest_result result;
	struct candles detail;
	enum err err;

	part.candles = &run;
	if (input->detail) {
		detail = detail_from(input->detail, run.time[0]);
		part.detail = detail.count > 0 ? &detail : NULL;
	}
	err = backtest_run(arena, &part, report, &result);
	if (err != ERR_OK)
		return err;
	if (before > 0) {
		result.equity += before;
		shift_trades(arena, &result, before);
		stats_again(arena, &own, decimal_double(input->options->cash),
			&result);
	}
	*out = result;
	return ERR_OK;
}

void walk_stats(struct arena *arena, struct walk_joined *joined, double cash)
{
	stats_again(arena, &joined->candles, cash, &joined->result);
}
