/*
 * The simulator bar by bar, for whoever cannot give it all candles at once.
 * Must never decide anything itself: all of it is simulate*.c's.
 */
#include "trader.h"

#include "interval.h"
#include "program_private.h"
#include "simulate_state_private.h"

#include <assert.h>
#include <math.h>

struct trader {
	struct sim *sim;
};

static_assert(
	sizeof(((struct trader_state *)0)->held) / sizeof(struct trader_held) ==
		OPEN_LIMIT,
	"a state has room for all that may be held");

enum err trader_open(struct arena *arena, const struct trader_setup *setup,
	struct report *report, struct trader **out)
{
	const struct sim_setup sim = {
		.rules = &setup->program->rules,
		.options = setup->options,
		.interval = interval_ms(setup->program->interval),
		.listener = setup->listener,
	};
	struct trader *trader = arena_alloc(arena, sizeof(*trader));
	enum err err = sim_open(arena, &sim, report, &trader->sim);

	if (err == ERR_OK)
		*out = trader;
	return err;
}

const char *trader_save(const struct trader *trader, struct arena *arena)
{
	return sim_save(trader->sim, arena);
}

enum err trader_load(struct trader *trader, const char *text)
{
	return sim_load(trader->sim, text);
}

enum err trader_bars(struct trader *trader, const struct candles *candles,
	const struct decisions *decisions)
{
	const struct sim_block block = {
		.candles = candles,
		.count = candles->count,
		.decisions = decisions,
		.equity = arena_array(
			trader->sim->arena, candles->count, sizeof(double)),
	};

	return sim_block(trader->sim, &block);
}

enum err trader_leave(
	struct trader *trader, int64_t time, double price, const char *reason)
{
	struct sim *sim = trader->sim;
	const struct moment moment = {.bar = sim->bar ? sim->bar - 1 : 0,
		.time = time,
		.price = price};

	sim->order.action = ACTION_NONE;
	return sim->held_count ? sim_leave_all(sim, &moment, reason) : ERR_OK;
}

static int64_t level_price(struct level_price level)
{
	return isfinite(level.at) ? level.price : 0;
}

void trader_look(const struct trader *trader, struct trader_state *out)
{
	const struct sim *sim = trader->sim;

	*out = (struct trader_state){
		.cash = sim->ledger.cash,
		.trades = (int64_t)sim->trade_count,
		.refused = (int64_t)sim->refused,
		.blocked = (int64_t)sim->blocked,
		.denied = (int64_t)sim->denied,
		.ruined = sim->ruined,
		.held_count = sim->held_count,
	};
	for (size_t i = 0; i < sim->held_count; i++) {
		const struct position *held = &sim->held[i];
		const int64_t quantity = held->lot.quantity;

		out->held[i] = (struct trader_held){
			.is_long = held->side > 0,
			.name = held->name,
			.quantity = quantity < 0 ? -quantity : quantity,
			.price = held->lot.price,
			.fee = held->lot.fee,
			.time = held->time,
			.stop = level_price(held->stop),
			.target = level_price(held->target),
			.stop_reason = held->stop_reason,
		};
	}
}

struct ledger_costs trader_costs(const struct trader *trader)
{
	return trader->sim->ledger.costs;
}
