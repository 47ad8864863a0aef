/*
 * The default statistics of a finished run, by backtesting.py's definitions
 * (docs/statistics.md lists them). Whatever is undefined is NaN, never a
 * guess; nothing here changes a result.
 */
#include "stats_private.h"

static const double year_days = 365.25;

/* Below this share of the sum of squares a variance is rounding: the market
   grew by the same rate in each bar. */
static const double rounding_share = 1e-8;

#define MEMBER(stats_kind, member)                                \
	{                                                         \
		.name = #member, .kind = (stats_kind),            \
		.offset = offsetof(struct backtest_stats, member) \
	}
const struct stats_member stats_members[] = {
	MEMBER(STATS_TIME, start),
	MEMBER(STATS_TIME, end),
	MEMBER(STATS_INT, duration_ms),
	MEMBER(STATS_DOUBLE, exposure_pct),
	MEMBER(STATS_DOUBLE, equity_final),
	MEMBER(STATS_DOUBLE, equity_peak),
	MEMBER(STATS_DOUBLE, commissions),
	MEMBER(STATS_DOUBLE, return_pct),
	MEMBER(STATS_DOUBLE, buy_hold_return_pct),
	MEMBER(STATS_DOUBLE, return_ann_pct),
	MEMBER(STATS_DOUBLE, volatility_ann_pct),
	MEMBER(STATS_DOUBLE, cagr_pct),
	MEMBER(STATS_DOUBLE, sharpe),
	MEMBER(STATS_DOUBLE, sortino),
	MEMBER(STATS_DOUBLE, calmar),
	MEMBER(STATS_DOUBLE, alpha_pct),
	MEMBER(STATS_DOUBLE, beta),
	MEMBER(STATS_DOUBLE, max_drawdown_pct),
	MEMBER(STATS_DOUBLE, avg_drawdown_pct),
	MEMBER(STATS_INT, max_drawdown_duration_ms),
	MEMBER(STATS_INT, avg_drawdown_duration_ms),
	MEMBER(STATS_INT, trades),
	MEMBER(STATS_DOUBLE, win_rate_pct),
	MEMBER(STATS_DOUBLE, best_trade_pct),
	MEMBER(STATS_DOUBLE, worst_trade_pct),
	MEMBER(STATS_DOUBLE, avg_trade_pct),
	MEMBER(STATS_INT, max_trade_duration_ms),
	MEMBER(STATS_INT, avg_trade_duration_ms),
	MEMBER(STATS_DOUBLE, profit_factor),
	MEMBER(STATS_DOUBLE, expectancy_pct),
	MEMBER(STATS_DOUBLE, sqn),
	MEMBER(STATS_DOUBLE, kelly),
	{.name = NULL},
};

/* Returns of days (or of weeks, for weekly bars); the first has none. */
struct returns {
	double count, first, last;
	double mean, m2; /* Welford */
	double downside; /* sum of squares of the negative ones */
};

static void returns_add(struct returns *returns, double value)
{
	double change = value / returns->last - 1, delta;

	returns->last = value;
	if (!isfinite(change))
		return; /* 0 after 0: ruined before */
	returns->count++;
	delta = change - returns->mean;
	returns->mean += delta / returns->count;
	returns->m2 += delta * (change - returns->mean);
	if (change < 0)
		returns->downside += change * change;
}

static struct returns returns_of(const struct stats *stats)
{
	struct returns returns = {.count = 0};
	bool begun = false;

	for (size_t i = 0; i < stats->day_count; i++) {
		double value = stats->days[i].equity;

		if (!stats_bin_ends(stats, i))
			continue;
		if (begun)
			returns_add(&returns, value);
		else
			returns.first = returns.last = value;
		begun = true;
	}
	return returns;
}

/* The mean growth is that from the first value to the last: its logarithms
   would add up to the same. */
static void set_annual(const struct stats *stats, struct backtest_stats *out)
{
	struct returns returns = returns_of(stats);
	double n = returns.count, periods = stats->periods;
	bool wiped_out = !(returns.last > 0);
	double growth =
		wiped_out ? 0 : pow(returns.last / returns.first, 1 / n);
	double annual, variance, volatility;

	if (n < 1)
		return;
	annual = pow(growth, periods) - 1;
	out->return_ann_pct = stats_defined(annual * 100);
	out->sortino =
		stats_ratio(annual, sqrt(returns.downside / n) * sqrt(periods));
	out->calmar = stats_ratio(annual, -out->max_drawdown_pct / 100);
	if (n < 2)
		return;
	variance = returns.m2 / (n - 1);
	volatility = sqrt(fmax(0, pow(variance + growth * growth, periods) -
					  pow(growth, 2 * periods)));
	out->volatility_ann_pct = stats_defined(volatility * 100);
	out->sharpe = stats_ratio(annual, volatility);
}

/* Of log returns of the equity on those of the close, bar by bar. Both are
   halved, which the quotient does not see. */
static double beta_of(const struct stats *stats)
{
	double n = (double)stats->count - 1;
	double x = log(stats->last_equity / stats->first_equity) / 2;
	double y = log(stats->last_close / stats->first_close) / 2;
	double xy = stats->sums.xy[0] + stats->sums.xy[1];
	double yy = stats->sums.yy[0] + stats->sums.yy[1];
	double variance = yy - y * y / n;

	if (stats->count < 3 || !(variance > rounding_share * yy))
		return NAN;
	return stats_ratio(xy - x * y / n, variance);
}

static void drawdown_stats(
	const struct stats *stats, struct backtest_stats *out)
{
	const struct stats_drawdowns *down = &stats->down;
	int64_t resolution = stats_resolution(stats->period);

	out->equity_peak = down->high;
	out->max_drawdown_pct = -down->deepest * 100;
	out->avg_drawdown_pct =
		stats_ratio(-down->depths, (double)down->count) * 100;
	out->max_drawdown_duration_ms =
		stats_round_up(down->longest, 1, resolution);
	if (down->count)
		out->avg_drawdown_duration_ms =
			stats_round_up(down->total, down->count, resolution);
}

static void equity_stats(const struct stats *stats, struct backtest_stats *out)
{
	out->equity_final = stats->last_equity;
	out->return_pct = (out->equity_final / stats->cash - 1) * 100;
	out->buy_hold_return_pct =
		(stats->last_close / stats->end.base_close - 1) * 100;
	drawdown_stats(stats, out);
	set_annual(stats, out);
	out->cagr_pct = stats_cagr_pct(stats->cash, out->equity_final,
		stats_span_days(stats) / year_days);
	out->beta = beta_of(stats);
	out->alpha_pct = stats_defined(
		out->return_pct - out->beta * out->buy_hold_return_pct);
}

static const struct backtest_stats undefined = {
	.return_ann_pct = NAN,
	.volatility_ann_pct = NAN,
	.cagr_pct = NAN,
	.sharpe = NAN,
	.sortino = NAN,
	.calmar = NAN,
	.alpha_pct = NAN,
	.beta = NAN,
	.avg_drawdown_pct = NAN,
	.win_rate_pct = NAN,
	.best_trade_pct = NAN,
	.worst_trade_pct = NAN,
	.avg_trade_pct = NAN,
	.profit_factor = NAN,
	.expectancy_pct = NAN,
	.sqn = NAN,
	.kelly = NAN,
};

void stats_finish(struct stats *stats, const struct stats_end *end,
	struct backtest_stats *out)
{
	struct backtest_stats flat = undefined;

	stats->end = *end;
	stats->period = stats_period(stats);
	stats_set_calendar(stats);
	stats_drawdown_end(stats);
	flat.start = stats->first_time;
	flat.end = stats->last_time;
	flat.duration_ms = flat.end - flat.start;
	equity_stats(stats, &flat);
	stats_trades(stats, &flat);
	stats->flat = flat;
	*out = flat;
}
