/*
 * What the tests of the statistics share: a run written down as columns of
 * closes and equity and a list of trades, given in blocks. For tests only.
 */
#ifndef TEST_STATS_HELP_H
#define TEST_STATS_HELP_H

#include "engine_help.h"
#include "random.h"
#include "stats_report.h"

enum {
	STATS_HELP_TRADES = 64
};

struct stats_case {
	double cash;
	int64_t start, step; /* ms */
	size_t count;
	const double *equity, *close;
	size_t base_bar;
	size_t trade_count;
	struct backtest_trade trades[STATS_HELP_TRADES];
	bool ruined, limited;
	size_t refused;
};

/* 2024-01-01, a Monday. */
static const int64_t stats_monday = INT64_C(19723) * 86400000;

static inline struct candles stats_candles(
	struct help *help, const struct stats_case *c)
{
	struct help_columns columns = help_columns(help, c->count);

	for (size_t i = 0; i < c->count; i++) {
		columns.time[i] = c->start + (int64_t)i * c->step;
		columns.open[i] = columns.high[i] = columns.low[i] =
			columns.close[i] = c->close[i];
	}
	return help_view(&columns, c->count);
}

static inline struct stats *stats_make(struct help *help,
	const struct stats_case *c, size_t block, struct backtest_stats *flat)
{
	struct candles candles = stats_candles(help, c);
	struct stats *stats = stats_open(
		help->arena, &(const struct stats_setup){.cash = c->cash});

	for (size_t i = 0; i < c->count; i += block) {
		size_t to = i + block < c->count ? i + block : c->count;
		struct candles piece = candles_slice(&candles, i, to);

		stats_block(stats, &piece, &c->equity[i]);
	}
	stats_finish(stats,
		&(const struct stats_end){
			.base_time = candles.time[c->base_bar],
			.base_close = c->close[c->base_bar],
			.trades = c->trades,
			.trade_count = c->trade_count,
			.refused_entries = c->refused,
			.ruined = c->ruined,
			.limited = c->limited,
		},
		flat);
	return stats;
}

static inline struct stats_report stats_report_of(
	struct help *help, const struct stats_case *c)
{
	struct backtest_stats flat;
	struct stats *stats = stats_make(help, c, 1024, &flat);
	struct stats_report report;

	stats_report(help->arena, stats,
		&(const struct stats_order){
			.symbol = "AB-CD", .seed = 1, .rounds = 200},
		&report);
	return report;
}

/* A trade of one unit from 100; its return is that profit. */
static inline void stats_trade(struct stats_case *c, size_t entry, size_t exit,
	int64_t profit, bool is_long)
{
	int64_t way = is_long ? profit : -profit;

	c->trades[c->trade_count++] = (struct backtest_trade){
		.size = {is_long ? 1 : -1, 0},
		.entry_bar = entry,
		.exit_bar = exit,
		.entry_time = c->start + (int64_t)entry * c->step,
		.exit_time = c->start + (int64_t)exit * c->step,
		.entry_price = {100, 0},
		.exit_price = {100 + way, 0},
		.commission = {0, 0},
		.pnl = {profit, 0},
		.return_pct = (double)profit,
		.exit_reason = "signal",
	};
}

/* A walk of closes and equity; of steps of at most `by`. */
static inline void stats_walk(
	double *out, size_t count, double from, double by, uint64_t seed)
{
	struct random random = random_of(seed);

	for (size_t i = 0; i < count; i++) {
		double u = (double)(random_next(&random) >> 11) * 0x1p-53;

		out[i] = from *= 1 + (u - 0.5) * 2 * by;
	}
}

#endif
