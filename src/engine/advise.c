/*
 * The simulator asked for one decision: it is opened empty, shown the last
 * candle, and its listener keeps what it would have entered. Must never decide
 * or size anything itself: all of it is simulate*.c's.
 */
#include "advise.h"

#include "interval.h"
#include "program_private.h"
#include "simulate_state_private.h"
#include "trader.h"

#include <math.h>

struct unfit {
	bool is;
	const char *at, *words;
};

enum err advise_check(const struct program *program, const char *pointer,
	struct report *report)
{
	static const char moves[] =
		"moves or waits while the position is held: not live yet";
	static const char remembers[] =
		"needs a memory of earlier trades: not live yet";
	static const char shorts[] = "nothing is sold short at spot";
	const struct rules *rules = &program->rules;
	const int *signals = program->signals;
	const struct unfit rows[] = {
		{signals[SIGNAL_ENTRY_SHORT] != NODE_NONE, "/entry/short",
			shorts},
		{signals[SIGNAL_EXIT_SHORT] != NODE_NONE, "/exit/short",
			shorts},
		{rules->trailing_pct != 0, "/stops/trailing_pct", moves},
		{rules->multiple[LEVEL_TRAILING] != 0, "/stops/trailing_atr",
			moves},
		{rules->even_trigger_pct != 0, "/stops/break_even", moves},
		{rules->max_bars != 0, "/stops/max_bars", moves},
		{rules->roi_count != 0, "/stops/roi", moves},
		{rules->max_open > 1, "/limits/max_open",
			"is one position at a time, live"},
		{rules->cooldown_bars != 0, "/limits/cooldown_bars", remembers},
		{rules->max_trades_day != 0, "/limits/max_trades_day",
			remembers},
		{rules->max_daily_loss_pct != 0, "/limits/max_daily_loss_pct",
			remembers},
		{rules->max_drawdown_pct != 0, "/limits/max_drawdown_pct",
			remembers},
	};
	enum err err = ERR_OK;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (!rows[i].is)
			continue;
		report_fault(report,
			arena_format(
				report->arena, "%s%s", pointer, rows[i].at),
			"%s", rows[i].words);
		err = ERR_BAD_INPUT;
	}
	return err;
}

/* ---- one decision ----------------------------------------------------------- */

static enum err keep(
	void *thing, const struct trader_entry *entry, int64_t *name)
{
	struct advice *advice = thing;

	advice->quantity = entry->quantity;
	*name = 0;
	return ERR_OK;
}

/* Nothing is held, so nothing is left. */
static enum err no_exit(void *thing, const struct trader_exit *left)
{
	(void)thing;
	(void)left;
	return ERR_INTERNAL;
}

static struct backtest_options options_of(const struct advise_case *in)
{
	return (struct backtest_options){.cash = ledger_decimal(in->cash),
		.commission = ledger_decimal(in->fee),
		.slippage = ledger_decimal(in->slippage),
		.lot = ledger_decimal(in->step),
		.min_notional = ledger_decimal(in->min_value),
		.long_only = true,
		.fill_on_close = true};
}

static int64_t range_of(const struct decisions *decisions, enum level level)
{
	int64_t range = 0;

	/* what is no number has no level: the simulator does not enter */
	if (!decisions->levels[level] ||
		ledger_price(*decisions->levels[level], &range) != ERR_OK)
		return 0;
	return range;
}

/* The last of them alone. */
static struct decisions last_of(const struct decisions *decisions, size_t count)
{
	struct decisions last = {.bits = decisions->bits + count - 1};

	for (int i = 0; i < LEVEL_COUNT; i++)
		if (decisions->levels[i])
			last.levels[i] = decisions->levels[i] + count - 1;
	return last;
}

enum err advise_entry(struct arena *arena, const struct advise_case *in,
	struct report *report, struct advice *out)
{
	const struct backtest_options options = options_of(in);
	const struct decisions decisions =
		last_of(in->decisions, in->candles->count);
	struct advice advice = {.wanted = *decisions.bits & DECIDE_ENTRY_LONG,
		.stop_range = range_of(&decisions, LEVEL_STOP),
		.target_range = range_of(&decisions, LEVEL_TARGET)};
	const struct trader_listener listener = {keep, no_exit, &advice};
	const struct sim_setup setup = {.rules = &in->program->rules,
		.options = &options,
		.interval = interval_ms(in->program->interval),
		.listener = &listener};
	double equity = 0;
	const struct sim_block block = {.candles = in->candles,
		.from = in->candles->count - 1,
		.count = 1,
		.decisions = &decisions,
		.equity = &equity};
	struct sim *sim;
	enum err err = sim_open(arena, &setup, report, &sim);

	if (err == ERR_OK)
		err = sim_block(sim, &block);
	if (err != ERR_OK)
		return err;
	advice.blocked = sim->blocked > 0;
	advice.wanted &= sim->blocked + sim->refused + sim->denied > 0;
	*out = advice;
	return ERR_OK;
}

enum err advise_levels(const struct program *program,
	const struct advice *advice, int64_t price, int64_t *stop,
	int64_t *target)
{
	const struct sim sim = {.rules = &program->rules};
	const struct order order = {
		.atr = {[LEVEL_STOP] = ledger_double(advice->stop_range),
			[LEVEL_TARGET] = ledger_double(advice->target_range)}};
	struct position position = {.side = 1, .lot = {.price = price}};
	int64_t distance;

	if (!sim_levels_set(&sim, &order, &position, &distance))
		return ERR_BAD_INPUT;
	*stop = isfinite(position.stop.at) ? position.stop.price : 0;
	*target = isfinite(position.target.at) ? position.target.price : 0;
	return ERR_OK;
}

bool advise_leaves(const struct decisions *decisions, size_t count)
{
	bool leaves = false;

	for (size_t i = 0; i < count; i++)
		leaves |= (decisions->bits[i] & DECIDE_EXIT_LONG) != 0;
	return leaves;
}
