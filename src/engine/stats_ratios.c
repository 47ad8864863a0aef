/*
 * Ratios of the equity at the ends of days (weeks, for weekly bars), and how
 * much of the time and the money was at work.
 */
#include "stats_private.h"

enum {
	TAIL = 20 /* one in twenty is 5 % */
};

static const double year_days = 365.25;

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double omega_of(const struct stats_returns *returns)
{
	double gains = 0, losses = 0;

	for (size_t i = 0; i < returns->count; i++)
		*(returns->value[i] > 0 ? &gains : &losses) +=
			returns->value[i];
	return stats_ratio(gains, -losses);
}

static double ulcer_of(const double *values, size_t count, double first)
{
	double high = first, sum = 0;

	for (size_t i = 0; i < count; i++) {
		double fall;

		high = fmax(high, values[i]);
		fall = 1 - values[i] / high;
		sum += fall * fall;
	}
	return 100 * sqrt(sum / (double)count);
}

/* The mean of the worst twentieth, rounded up; of fewer than twenty values
   it would say nothing. */
static double cvar_of(struct arena *arena, const struct stats_returns *returns)
{
	size_t n = returns->count, worst = (n + TAIL - 1) / TAIL;
	double *sorted = arena_array(arena, n, sizeof(*sorted));
	double sum = 0;

	if (n < TAIL)
		return NAN;
	memcpy(sorted, returns->value, n * sizeof(*sorted));
	qsort(sorted, n, sizeof(*sorted), compare_double);
	for (size_t i = 0; i < worst; i++)
		sum += sorted[i];
	return sum / (double)worst * 100;
}

/* Corrected for the size of the sample: Fisher's G1 and G2. */
static void set_shape(
	const struct stats_returns *returns, struct stats_ratios *out)
{
	double n = (double)returns->count, m2 = 0, m3 = 0, m4 = 0, g2;

	for (size_t i = 0; i < returns->count; i++) {
		double off = returns->value[i] - returns->mean;
		double square = off * off;

		m2 += square / n;
		m3 += square * off / n;
		m4 += square * square / n;
	}
	if (!(m2 > 1e-12 * returns->mean * returns->mean))
		return;
	if (n > 2)
		out->skew = stats_ratio(m3, pow(m2, 1.5)) * sqrt(n * (n - 1)) /
			    (n - 2);
	g2 = m4 / (m2 * m2) - 3;
	if (n > 3)
		out->kurtosis = stats_defined(
			((n + 1) * g2 + 6) * (n - 1) / ((n - 2) * (n - 3)));
}

/* The time in which a closed trade was open; backwards, as the exits fell. */
static int64_t time_covered(const struct stats *stats)
{
	const struct backtest_trade *trades = stats->end.trades;
	int64_t covered = 0, low = INT64_MAX;

	for (size_t i = stats->end.trade_count; i-- > 0;) {
		int64_t entry = trades[i].entry_time;
		int64_t exit = trades[i].exit_time;

		if (entry >= low)
			continue;
		covered += (exit < low ? exit : low) - entry;
		low = entry;
	}
	return covered;
}

static void set_activity(const struct stats *stats, double traded,
	const struct stats_returns *bins, struct stats_ratios *out)
{
	double sum = 0, years = stats_span_days(stats) / year_days;

	for (size_t i = 0; i < bins->count; i++)
		sum += bins->value[i];
	out->turnover = stats_ratio(traded, sum / (double)bins->count);
	out->turnover_ann = stats_ratio(out->turnover, years);
	out->time_in_market_pct = stats_ratio(100 * (double)time_covered(stats),
		(double)(stats->last_time - stats->first_time));
	out->recovery_factor = stats_ratio(
		stats->last_equity - stats->cash, stats->down.money);
}

void stats_ratios(struct arena *arena, const struct stats *stats,
	struct stats_ratios *out)
{
	struct stats_trade_summary trades;
	struct stats_returns bins = {0};
	struct stats_returns returns;
	double *values = stats_bins(
		arena, stats, offsetof(struct stats_day, equity), &bins.count);

	bins.value = values;
	returns = stats_returns_of(arena, values, bins.count, stats->cash);
	stats_trade_summary(stats, &trades);
	*out = (struct stats_ratios){
		.omega = omega_of(&returns),
		.ulcer_index_pct = ulcer_of(values, bins.count, stats->cash),
		.cvar_5_pct = cvar_of(arena, &returns),
		.skew = NAN,
		.kurtosis = NAN,
	};
	set_shape(&returns, out);
	set_activity(stats, trades.traded_value, &bins, out);
}
