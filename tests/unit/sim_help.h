/*
 * Runs of the simulator without a program: decisions, rules and candles made
 * up from a seed, cut into blocks as one likes. For tests only.
 */
#ifndef TEST_SIM_HELP_H
#define TEST_SIM_HELP_H

#include "engine_help.h"
#include "simulate_private.h"

enum {
	SIM_HOUR = 3600000,
	SIM_ONE = 100000000
};

struct sim_world {
	struct candles candles;
	uint8_t *bits;
	double *range; /* for every level */
};

struct sim_run {
	struct backtest_result result;
	double *equity;
};

/* What a run is made with. */
struct sim_case {
	struct rules rules;
	struct backtest_options options;
	const struct candles *detail;
	size_t bars;	   /* of the world that are given */
	size_t block;	   /* bars at a time */
	bool is_endless;   /* the simulator is not told how many */
	bool is_bar_alone; /* each block comes with candles of its own */
};

static inline uint64_t sim_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

/* From 0 to below `most`. */
static inline int64_t sim_below(uint64_t *seed, int64_t most)
{
	return (int64_t)(sim_random(seed) % (uint64_t)most);
}

/* A walk in cents times `scale`, hourly, with gaps between candles. */
static inline struct sim_world sim_world(
	struct help *help, uint64_t seed, size_t count, int64_t scale)
{
	struct help_columns c = help_columns(help, count);
	struct sim_world world = {
		.bits = arena_array(help->arena, count, 1),
		.range = arena_array(help->arena, count, sizeof(double)),
	};
	int64_t cents = 10000;

	for (size_t i = 0; i < count; i++) {
		int64_t open = cents + sim_below(&seed, 201) - 100;
		int64_t close = open + sim_below(&seed, 401) - 200;
		int64_t high =
			(open > close ? open : close) + sim_below(&seed, 150);
		int64_t low =
			(open < close ? open : close) - sim_below(&seed, 150);

		c.time[i] = (int64_t)i * SIM_HOUR;
		c.open[i] = (double)(open * scale) / 100;
		c.high[i] = (double)(high * scale) / 100;
		c.low[i] = (double)(low * scale) / 100;
		c.close[i] = (double)(close * scale) / 100;
		world.range[i] = (double)((high - low) * scale) / 100;
		if (sim_below(&seed, 4) == 0)
			world.bits[i] = (uint8_t)sim_below(&seed, 16);
		cents = close < 3000 ? 3000 : close;
	}
	world.candles = help_view(&c, count);
	return world;
}

static inline struct sim_run sim_run(struct help *help,
	const struct sim_world *world, const struct sim_case *with)
{
	const struct sim_setup setup = {
		.rules = &with->rules,
		.options = &with->options,
		.detail = with->detail,
		.interval = SIM_HOUR,
		.bars = with->is_endless ? 0 : with->bars,
	};
	struct sim_run run = {
		.equity = arena_array(help->arena, with->bars, sizeof(double))};
	struct sim *sim = NULL;
	size_t size = with->block ? with->block : 1024;

	assert_int_equal(
		sim_open(help->arena, &setup, help->report, &sim), ERR_OK);
	for (size_t from = 0; from < with->bars; from += size) {
		size_t end =
			from + size < with->bars ? from + size : with->bars;
		struct candles alone =
			candles_slice(&world->candles, from, end);
		const struct decisions decisions = {.bits = world->bits + from,
			.levels = {world->range + from, world->range + from,
				world->range + from}};

		assert_int_equal(
			sim_block(sim,
				&(const struct sim_block){
					.candles = with->is_bar_alone
							   ? &alone
							   : &world->candles,
					.from = with->is_bar_alone ? 0 : from,
					.count = end - from,
					.decisions = &decisions,
					.equity = run.equity + from}),
			ERR_OK);
	}
	sim_finish(sim, &run.result);
	return run;
}

#endif
