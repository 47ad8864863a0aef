/*
 * Puts the long report together from statistics that are finished. Nothing
 * here runs for each bar, so that a search over parameters can do without.
 */
#include "stats_private.h"

#include "fingerprint.h"

static void set_significance(struct arena *arena, const struct stats *stats,
	const struct stats_order *order, struct significance *out)
{
	size_t n = stats->end.trade_count, count;
	double *profits = arena_array(arena, n, sizeof(*profits));
	double *returns = arena_array(arena, n, sizeof(*returns));
	double *values = stats_bins(
		arena, stats, offsetof(struct stats_day, equity), &count);
	struct stats_returns daily =
		stats_returns_of(arena, values, count, stats->cash);

	for (size_t i = 0; i < n; i++) {
		profits[i] = decimal_double(stats->end.trades[i].pnl);
		returns[i] = stats->end.trades[i].return_pct / 100;
	}
	significance_compute(arena,
		&(const struct significance_setup){
			.cash = stats->cash,
			.profits = profits,
			.returns = returns,
			.trade_count = n,
			.daily = daily.value,
			.daily_count = daily.count,
			.seed = order->seed,
			.rounds = order->rounds,
		},
		out);
}

void stats_report(struct arena *arena, const struct stats *stats,
	const struct stats_order *order, struct stats_report *out)
{
	memset(out, 0, sizeof(*out));
	stats_variants(arena, stats, out);
	stats_ratios(arena, stats, &out->ratios);
	stats_trade_summary(stats, &out->trades);
	stats_benchmark(arena, stats, &out->benchmark);
	stats_monthly(arena, stats, out);
	out->drawdown_count = stats->down.listed;
	memcpy(out->drawdowns, stats->down.list, sizeof(out->drawdowns));
	stats_distribution(stats, out);
	stats_breakdowns(stats, order->symbol, out);
	set_significance(arena, stats, order, &out->significance);
	stats_warnings(arena, stats, out);
	out->fingerprint = fingerprint(
		arena, stats->end.trades, stats->end.trade_count, &stats->flat);
}
