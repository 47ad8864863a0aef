/*
 * The market beside the run: what buying and holding would have given, and
 * how the run's returns move with it. Of returns at the ends of days (weeks,
 * for weekly bars), of all bars; nothing is held before the base bar.
 */
#include "stats_private.h"

static const double year_days = 365.25;

/* Below this share of the sum of squares a variance is rounding. */
static const double rounding_share = 1e-12;

/* Of two series of equal length, around their means. */
struct moments {
	double xx, xy, yy, mean_off, off; /* off: of x - y */
};

static struct moments moments_of(
	const struct stats_returns *x, const struct stats_returns *y, size_t n)
{
	struct moments out = {.xx = 0};

	for (size_t i = 0; i < n; i++) {
		double dx = x->value[i] - x->mean, dy = y->value[i] - y->mean;

		out.xx += dx * dx;
		out.xy += dx * dy;
		out.yy += dy * dy;
		out.mean_off += (x->value[i] - y->value[i]) / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		double off = x->value[i] - y->value[i] - out.mean_off;

		out.off += off * off;
	}
	return out;
}

/* What one unit of money held would be worth at the end of each bin. */
static double *held_values(
	struct arena *arena, const struct stats *stats, size_t *count)
{
	double *out = arena_array(arena, stats->day_count, sizeof(*out));
	int64_t base = stats_day_of(stats->end.base_time);
	size_t n = 0;

	for (size_t i = 0; i < stats->day_count; i++) {
		const struct stats_day *day = &stats->days[i];

		if (stats_bin_ends(stats, i))
			out[n++] = day->day < base
					   ? 1
					   : day->close / stats->end.base_close;
	}
	*count = n;
	return out;
}

static void compare(const struct stats *stats, const struct stats_returns *run,
	struct stats_returns market, struct stats_benchmark *out)
{
	size_t n = run->count < market.count ? run->count : market.count;
	double periods = stats->periods;
	struct moments sums;

	/* A run that was ruined is compared up to there. */
	if (n < market.count) {
		market.mean = 0;
		for (size_t i = 0; i < n; i++)
			market.mean += market.value[i] / (double)n;
	}
	if (n < 2)
		return;
	sums = moments_of(run, &market, n);
	if (sums.yy > rounding_share * market.mean * market.mean * (double)n) {
		out->beta = stats_ratio(sums.xy, sums.yy);
		out->correlation =
			stats_ratio(sums.xy, sqrt(sums.xx) * sqrt(sums.yy));
		out->alpha_ann_pct = stats_defined(
			(run->mean - out->beta * market.mean) * periods * 100);
	}
	out->tracking_error_ann_pct =
		sqrt(sums.off / ((double)n - 1) * periods) * 100;
	out->information_ratio = stats_ratio(
		sums.mean_off * periods * 100, out->tracking_error_ann_pct);
}

void stats_benchmark(struct arena *arena, const struct stats *stats,
	struct stats_benchmark *out)
{
	size_t count, run_count;
	double *held = held_values(arena, stats, &count);
	double *equity = stats_bins(
		arena, stats, offsetof(struct stats_day, equity), &run_count);
	struct stats_returns market = stats_returns_of(arena, held, count, 1);
	struct stats_returns run =
		stats_returns_of(arena, equity, run_count, stats->cash);

	*out = (struct stats_benchmark){
		.return_pct = stats->flat.buy_hold_return_pct,
		.cagr_pct = stats_cagr_pct(
			1, held[count - 1], stats_span_days(stats) / year_days),
		.max_drawdown_pct = -stats_max_drawdown(held, count, 1) * 100,
		.sharpe = stats_sharpe(&market, stats->periods),
		.alpha_ann_pct = NAN,
		.beta = NAN,
		.correlation = NAN,
		.tracking_error_ann_pct = NAN,
		.information_ratio = NAN,
	};
	compare(stats, &run, market, out);
}
