/*
 * Resampling of trades and days (docs/statistics.md says what and why). Every
 * number drawn comes from the seed, in one fixed order.
 */
#include "significance.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

static const double whole = 100; /* percent */
static const double low_tail = 2.5, high_tail = 97.5;

static int compare_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Of sorted values, between the two nearest (Hyndman, Fan 1996: type 7). */
static double percentile(const double *sorted, size_t count, double percent)
{
	double at = percent / whole * (double)(count - 1);
	size_t below = (size_t)at;
	size_t above = below + 1 < count ? below + 1 : below;
	double part = at - (double)below;

	return sorted[below] + part * (sorted[above] - sorted[below]);
}

static struct significance_spread spread_of(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), compare_double);
	return (struct significance_spread){
		.p5 = percentile(values, count, 5),
		.p50 = percentile(values, count, 50),
		.p95 = percentile(values, count, 95),
	};
}

/* values: at least one. */
static int64_t rounds_for(int64_t wanted, size_t values)
{
	int64_t most =
		significance_steps_limit / (values > 0 ? (int64_t)values : 1);

	if (most > SIGNIFICANCE_ROUNDS_LIMIT)
		most = SIGNIFICANCE_ROUNDS_LIMIT;
	if (wanted > most)
		wanted = most;
	return wanted > 1 ? wanted : 1;
}

static double mean_of(const double *values, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += values[i];
	return sum / (double)count;
}

/* Means of samples (of a mean) into bounds and a probability: how often
   samples of the same values, moved to a mean of 0, reach as high. */
static struct significance_mean judge(double mean, double *means, size_t count)
{
	size_t reached = 0;

	for (size_t i = 0; i < count; i++)
		reached += means[i] - mean >= mean;
	qsort(means, count, sizeof(*means), compare_double);
	return (struct significance_mean){
		.mean_pct = mean * whole,
		.low_pct = percentile(means, count, low_tail) * whole,
		.high_pct = percentile(means, count, high_tail) * whole,
		.p_value = (1 + (double)reached) / (1 + (double)count),
	};
}

/* ---- trades ------------------------------------------------------------ */

/* Money that grows trade by trade, and its deepest fall. */
struct path {
	double value, high, low, deepest;
};

static void path_add(struct path *path, double growth)
{
	path->value *= growth;
	if (!(path->value > 0))
		path->value = 0;
	if (path->value >= path->high) {
		path->deepest = fmax(path->deepest, 1 - path->low / path->high);
		path->high = path->low = path->value;
	} else if (path->value < path->low) {
		path->low = path->value;
	}
}

static double path_fall_pct(const struct path *path)
{
	return whole * fmax(path->deepest, 1 - path->low / path->high);
}

/*
 * What each trade made of the money that there was: 1 + profit / cash before
 * it. Trades after a ruin are left out.
 */
static size_t growths_of(const struct significance_setup *setup, double *out)
{
	double money = setup->cash;
	size_t n = 0;

	while (n < setup->trade_count && money > 0) {
		out[n] = 1 + setup->profits[n] / money;
		money += setup->profits[n++];
	}
	return n;
}

struct samples {
	double *order_falls, *falls, *ends, *means;
	size_t losses, ruins;
};

/* The same trades in another order (Fisher, Yates; Durstenfeld 1964). */
static double shuffled_fall(
	struct random *random, double *growths, size_t count)
{
	struct path path = {1, 1, 1, 0};

	for (size_t i = 0; i < count; i++) {
		size_t pick =
			i + (size_t)random_below(random, (uint64_t)(count - i));
		double growth = growths[pick];

		growths[pick] = growths[i];
		growths[i] = growth;
		path_add(&path, growth);
	}
	return path_fall_pct(&path);
}

/* As many trades, each drawn from all of them. */
static void draw(const struct significance_setup *setup, const double *growths,
	size_t count, struct random *random, struct samples *out)
{
	struct path path = {1, 1, 1, 0};
	double sum = 0;

	for (size_t i = 0; i < count; i++) {
		size_t pick = (size_t)random_below(random, (uint64_t)count);

		sum += setup->returns[pick];
		path_add(&path, growths[pick]);
	}
	*out->falls++ = path_fall_pct(&path);
	*out->ends++ = setup->cash * path.value;
	*out->means++ = sum / (double)count;
	out->losses += path.value < 1;
	out->ruins += path.value <= 0;
}

static void judge_trades(struct arena *arena,
	const struct significance_setup *setup, struct random *random,
	struct significance *out)
{
	double *growths =
		arena_array(arena, setup->trade_count, sizeof(*growths));
	double *order = arena_array(arena, setup->trade_count, sizeof(*order));
	size_t n = growths_of(setup, growths);
	size_t rounds = (size_t)rounds_for(setup->rounds, n);
	double *columns = arena_array(arena, 4 * rounds, sizeof(*columns));
	struct samples at = {.order_falls = columns,
		.falls = columns + rounds,
		.ends = columns + 2 * rounds,
		.means = columns + 3 * rounds};
	const struct samples begin = at;

	memcpy(order, growths, n * sizeof(*order));
	for (size_t i = 0; i < rounds; i++) {
		begin.order_falls[i] = shuffled_fall(random, order, n);
		draw(setup, growths, n, random, &at);
	}
	out->rounds = (int64_t)rounds;
	out->order_drawdown_pct = spread_of(begin.order_falls, rounds);
	out->drawn_drawdown_pct = spread_of(begin.falls, rounds);
	out->drawn_equity = spread_of(begin.ends, rounds);
	out->drawn_loss_share = (double)at.losses / (double)rounds;
	out->drawn_ruin_share = (double)at.ruins / (double)rounds;
	out->trade = judge(mean_of(setup->returns, n), begin.means, rounds);
}

/* ---- days -------------------------------------------------------------- */

/* Mean and Sharpe ratio of one sample of days, in stretches whose lengths
   are geometric (Politis, Romano 1994: The Stationary Bootstrap). */
static void draw_days(const struct significance_setup *setup, double stretch,
	struct random *random, double *mean, double *sharpe)
{
	size_t n = setup->daily_count, at = 0;
	uint64_t jump = (uint64_t)(0x1p64 / stretch * (1 - 0x1p-53));
	double sum = 0, squares = 0, variance;

	for (size_t i = 0; i < n; i++) {
		double value;

		if (i == 0 || random_next(random) < jump)
			at = (size_t)random_below(random, (uint64_t)n);
		else
			at = at + 1 < n ? at + 1 : 0;
		value = setup->daily[at];
		sum += value;
		squares += value * value;
	}
	*mean = sum / (double)n;
	variance = (squares - sum * *mean) / (double)(n - 1);
	*sharpe = variance > 1e-12 * squares / (double)n
			  ? *mean / sqrt(variance)
			  : 0;
}

static void judge_days(struct arena *arena,
	const struct significance_setup *setup, struct random *random,
	struct significance *out)
{
	size_t n = setup->daily_count;
	size_t rounds = (size_t)rounds_for(setup->rounds, n);
	double *means = arena_array(arena, rounds, sizeof(*means));
	double *sharpes = arena_array(arena, rounds, sizeof(*sharpes));

	out->daily_stretch = fmax(1, round(cbrt((double)n)));
	for (size_t i = 0; i < rounds; i++)
		draw_days(setup, out->daily_stretch, random, &means[i],
			&sharpes[i]);
	qsort(sharpes, rounds, sizeof(*sharpes), compare_double);
	out->daily_rounds = (int64_t)rounds;
	out->daily_sharpe_low = percentile(sharpes, rounds, low_tail);
	out->daily_sharpe_high = percentile(sharpes, rounds, high_tail);
	out->daily = judge(mean_of(setup->daily, n), means, rounds);
}

static const struct significance unknown = {
	.order_drawdown_pct = {NAN, NAN, NAN},
	.drawn_drawdown_pct = {NAN, NAN, NAN},
	.drawn_equity = {NAN, NAN, NAN},
	.drawn_loss_share = NAN,
	.drawn_ruin_share = NAN,
	.trade = {NAN, NAN, NAN, NAN},
	.daily_stretch = NAN,
	.daily = {NAN, NAN, NAN, NAN},
	.daily_sharpe_low = NAN,
	.daily_sharpe_high = NAN,
};

/* Days have a sequence of their own: they do not depend on the trades. */
void significance_compute(struct arena *arena,
	const struct significance_setup *setup, struct significance *out)
{
	uint64_t seed = (uint64_t)setup->seed;
	struct random trades = random_of(random_seed_next(&seed));
	struct random days = random_of(random_seed_next(&seed));

	*out = unknown;
	out->seed = setup->seed;
	if (setup->trade_count > 1)
		judge_trades(arena, setup, &trades, out);
	if (setup->daily_count > 1)
		judge_days(arena, setup, &days, out);
}
