/*
 * The simulator's loop over a block. Bars on which nothing can happen are
 * passed in stretches: their decisions are skipped, their prices searched
 * for a stop, their equity filled in, each in a loop of its own. All others
 * are simulate_bar.c's.
 */
#include "simulate_state_private.h"

const char sim_signal[] = "signal";
const char sim_stop_loss[] = "stop_loss";
const char sim_take_profit[] = "take_profit";
const char sim_trailing_stop[] = "trailing_stop";
const char sim_break_even[] = "break_even";
const char sim_time[] = "time";
const char sim_roi[] = "roi";
const char sim_margin[] = "margin";
const char sim_drawdown[] = "drawdown";
const char sim_end[] = "end";
const char sim_ruin[] = "ruin";

/* Chosen once for the run: what cannot be passed in stretches. */
static void ways_set(struct sim *sim)
{
	const struct rules *rules = sim->rules;

	sim->walks = sim->detail;
	sim->follows = rules->trailing_pct || rules->multiple[LEVEL_TRAILING] ||
		       rules->even_trigger_pct;
	sim->has_levels = sim->follows || rules->roi_count ||
			  rules->stop_loss_pct || rules->take_profit_pct ||
			  rules->multiple[LEVEL_STOP] ||
			  rules->multiple[LEVEL_TARGET];
	sim->watches = rules->max_daily_loss_pct || rules->max_drawdown_pct ||
		       sim->ledger.costs.margin < LEDGER_ONE;
}

enum err sim_open(struct arena *arena, const struct sim_setup *setup,
	struct report *report, struct sim **out)
{
	struct sim *sim = arena_alloc(arena, sizeof(*sim));
	enum err err = sim_options(sim, setup->options, report);

	if (err)
		return err;
	sim->arena = arena;
	sim->report = report;
	sim->rules = setup->rules;
	sim->detail = setup->detail;
	sim->listener = setup->listener;
	sim->interval = setup->interval;
	sim->bars = setup->bars;
	sim->max_open = setup->rules->max_open ? setup->rules->max_open : 1;
	sim->trade_day = sim->equity_day = INT64_MIN;
	sim->last_equity = sim->peak_equity = ledger_double(sim->ledger.cash);
	ways_set(sim);
	sim_sum(sim);
	*out = sim;
	return ERR_OK;
}

/* The bits that can matter to what is held now. */
static uint8_t bits_that_matter(const struct sim *sim)
{
	const uint8_t entries = DECIDE_ENTRY_LONG | DECIDE_ENTRY_SHORT;
	bool room = sim->held_count < sim->max_open;

	if (sim->is_halted && sim->held_count == 0)
		return 0;
	if (sim->held_count == 0)
		return entries;
	if (sim->size > 0)
		return (uint8_t)(DECIDE_EXIT_LONG | DECIDE_ENTRY_SHORT |
				 (room ? DECIDE_ENTRY_LONG : 0));
	return (uint8_t)(DECIDE_EXIT_SHORT | DECIDE_ENTRY_LONG |
			 (room ? DECIDE_ENTRY_SHORT : 0));
}

/* The first of at..end-1 with one of these bits, or end. */
static size_t next_decision(
	const uint8_t *bits, size_t at, size_t end, uint8_t mask)
{
	const uint64_t wide = UINT64_MAX / UINT8_MAX * mask;

	for (; at + sizeof(uint64_t) <= end; at += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, bits + at, sizeof(word));
		if (word & wide)
			break;
	}
	while (at < end && !(bits[at] & mask))
		at++;
	return at;
}

/* The first of at..end-1 whose candle reaches one of the two, or end. */
static size_t next_touch(const double *low, const double *high, size_t count,
	double below, double above)
{
	size_t i = 0;

	for (; i + 4 <= count; i += 4) {
		int touched = 0;

		for (size_t k = i; k < i + 4; k++)
			touched |= (low[k] <= below) | (high[k] >= above);
		if (touched)
			break;
	}
	while (i < count && !(low[i] <= below) && !(high[i] >= above))
		i++;
	return i;
}

/* The first of these times that is not earlier, or count. */
static size_t next_time(const int64_t *time, size_t count, int64_t when)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;

		if (time[middle] < when)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/* The end, or where the run's bar of that index is in the block. */
static size_t sooner(const struct sim *sim, size_t at, size_t end, size_t bar)
{
	size_t ahead = bar > sim->bar ? bar - sim->bar : 0;

	return ahead < end - at ? at + ahead : end;
}

/* How many bars from `at` on nothing can happen on. */
static size_t quiet_bars(
	const struct sim *sim, const struct sim_block *block, size_t at)
{
	const struct candles *candles = block->candles;
	size_t end = block->count, first = block->from + at;

	if (sim->order.action != ACTION_NONE || sim->watches ||
		(sim->held_count && sim->walks))
		return 0;
	end = sooner(sim, at, end, sim->due);
	if (sim->bars)
		end = sooner(sim, at, end, sim->bars - 1);
	end = next_decision(
		block->decisions->bits, at, end, bits_that_matter(sim));
	if (!sim->has_levels || !sim->held_count)
		return end - at;
	if (sim->step != INT64_MAX)
		end = at +
		      next_time(candles->time + first, end - at, sim->step);
	if (sim->size > 0)
		return next_touch(candles->low + first, candles->high + first,
			end - at, sim->stop, sim->gain);
	return next_touch(candles->low + first, candles->high + first, end - at,
		-sim->gain, -sim->stop);
}

/* Fills the equity; how many bars before it fell to 0, or count. */
static size_t pass(const struct sim *sim, const double *close, size_t count,
	double *equity)
{
	double base = sim->base, size = sim->size;
	int under = 0;
	size_t i = 0;

	if (size == 0) {
		for (i = 0; i < count; i++)
			equity[i] = base;
		return count;
	}
	for (i = 0; i < count; i++) {
		equity[i] = base + size * close[i];
		under |= equity[i] <= 0;
	}
	if (!under)
		return count;
	for (i = 0; equity[i] > 0; i++)
		;
	return i;
}

/* The open behind a decision is where it fills, and nothing else reads that
   column: asked for ahead of time, it need not be waited for. */
static void fetch_fills(const struct sim_block *block)
{
	const uint8_t *bits = block->decisions->bits;
	const double *open = block->candles->open + block->from;

	for (size_t i = 0; i + 1 < block->count; i++)
		if (bits[i])
			__builtin_prefetch(open + i + 1);
}

static enum err block_pass(struct sim *sim, const struct sim_block *block)
{
	size_t at = 0;

	while (at < block->count && !sim->ruined) {
		size_t quiet = quiet_bars(sim, block, at);
		size_t passed =
			pass(sim, block->candles->close + block->from + at,
				quiet, block->equity + at);
		enum err err;

		/* A bar of ruin is one on which something happens. */
		at += passed;
		sim->bar += passed;
		if (at == block->count)
			return ERR_OK;
		err = sim_bar(sim, block, at);
		if (err)
			return err;
		at++;
		sim->bar++;
	}
	for (; at < block->count; at++)
		block->equity[at] = 0;
	return ERR_OK;
}

enum err sim_block(struct sim *sim, const struct sim_block *block)
{
	enum err err;

	fetch_fills(block);
	err = block_pass(sim, block);
	if (err)
		report_fault(sim->report, "/cash",
			"an amount of this run passes 92 billion, or a price "
			"falls below what is counted: begin with less");
	return err;
}

void sim_finish(const struct sim *sim, struct backtest_result *out)
{
	out->trades = sim_trades(sim);
	out->trade_count = sim->trade_count;
	out->refused_entries = sim->refused;
	out->blocked_entries = sim->blocked;
	out->ruined = sim->ruined;
	out->limited = sim->limited;
}
