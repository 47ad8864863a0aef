/*
 * Points of a search by their index, and the choice among their scores. Must
 * never depend on the order in which points are asked for.
 */
#include "search.h"

#include <math.h>
#include <string.h>

#include "random.h"

enum {
	ROUNDS = 4
};

/* ---- points -------------------------------------------------------------- */

uint64_t search_combinations(const struct search_space *space)
{
	uint64_t all = 1;

	for (size_t i = 0; i < space->axis_count; i++) {
		if (space->axes[i].count >
			SEARCH_COMBINATIONS_LIMIT / (all ? all : 1))
			return SEARCH_COMBINATIONS_LIMIT;
		all *= space->axes[i].count;
	}
	return all;
}

/* Every bit of the answer depends on every bit of x. */
static uint64_t mixed(uint64_t x)
{
	return random_seed_next(&x);
}

/* A one-to-one map of 0..4^half_bits - 1 onto itself (Feistel). */
static uint64_t shuffled(uint64_t x, unsigned half_bits, uint64_t seed)
{
	const uint64_t mask = (UINT64_C(1) << half_bits) - 1;
	uint64_t left = x >> half_bits;
	uint64_t right = x & mask;

	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint64_t next =
			left ^ (mixed(mixed(seed + round) + right) & mask);

		left = right;
		right = next;
	}
	return left << half_bits | right;
}

/*
 * The index-th of all combinations in a shuffled order, so that none comes
 * twice: what falls outside is shuffled on until it is inside, which ends
 * because the map is one-to-one and began inside.
 */
static uint64_t drawn(uint64_t index, uint64_t all, uint64_t seed)
{
	unsigned half_bits = 1;

	while (UINT64_C(1) << (2 * half_bits) < all)
		half_bits++;
	do
		index = shuffled(index, half_bits, seed);
	while (index >= all);
	return index;
}

void search_point(
	const struct search_space *space, uint64_t index, double *values)
{
	if (space->random)
		index = drawn(index, search_combinations(space), space->seed);
	for (size_t i = space->axis_count; i-- > 0;) {
		const struct search_axis *axis = &space->axes[i];

		values[i] = axis->values[index % axis->count];
		index /= axis->count;
	}
}

/* Above 2^53 / 1e9 a double has no nine digits behind the point anyway. */
static double rounded(double value)
{
	const double unit = 1e9;

	return fabs(value) < 0x1p53 / unit ? round(value * unit) / unit : value;
}

size_t search_range(const double bounds[3], double *values, size_t room)
{
	const double from = bounds[0], to = bounds[1], step = bounds[2];
	double last;

	if (!isfinite(from) || !isfinite(to) || !isfinite(step) || from > to ||
		!(step > 0))
		return 0;
	/* 0.3 is behind two steps of 0.1 from 0.1, whatever doubles say */
	last = floor((to - from) / step + 1e-9);
	if (last >= (double)room)
		return room + 1;
	for (size_t i = 0; i <= (size_t)last; i++)
		values[i] = rounded(from + (double)i * step);
	return (size_t)last + 1;
}

/* ---- metrics ------------------------------------------------------------- */

#define METRIC(member, is_lower)                                   \
	{                                                          \
		.name = #member,                                   \
		.offset = offsetof(struct backtest_stats, member), \
		.lower = (is_lower)                                \
	}
static const struct search_metric metrics[] = {
	METRIC(sharpe, false),
	METRIC(sortino, false),
	METRIC(calmar, false),
	METRIC(return_pct, false),
	METRIC(return_ann_pct, false),
	METRIC(cagr_pct, false),
	/* negative: nearer to 0 is better */
	METRIC(max_drawdown_pct, false),
	METRIC(volatility_ann_pct, true),
	METRIC(alpha_pct, false),
	METRIC(win_rate_pct, false),
	METRIC(profit_factor, false),
	METRIC(expectancy_pct, false),
	METRIC(sqn, false),
	METRIC(kelly, false),
};

enum {
	METRIC_COUNT = sizeof(metrics) / sizeof(metrics[0])
};

const char *const search_metric_names[METRIC_COUNT + 1] = {"sharpe", "sortino",
	"calmar", "return_pct", "return_ann_pct", "cagr_pct",
	"max_drawdown_pct", "volatility_ann_pct", "alpha_pct", "win_rate_pct",
	"profit_factor", "expectancy_pct", "sqn", "kelly"};

const struct search_metric *search_metric_find(const char *name)
{
	for (size_t i = 0; i < METRIC_COUNT; i++)
		if (strcmp(metrics[i].name, name) == 0)
			return &metrics[i];
	return NULL;
}

static double stat_of(
	const struct backtest_stats *stats, const struct search_metric *metric)
{
	double value;

	memcpy(&value, (const char *)stats + metric->offset, sizeof(value));
	return value;
}

struct search_score search_score_of(
	const struct search_metric *metric, const struct backtest_stats *stats)
{
	return (struct search_score){
		.metric = stat_of(stats, metric),
		.return_pct = stats->return_pct,
		.sharpe = stats->sharpe,
		.max_drawdown_pct = stats->max_drawdown_pct,
		.trades = (double)stats->trades,
		.win_rate_pct = stats->win_rate_pct,
		.profit_factor = stats->profit_factor,
	};
}

struct search_score search_score_failed(void)
{
	return (struct search_score){.metric = NAN,
		.return_pct = NAN,
		.sharpe = NAN,
		.max_drawdown_pct = NAN,
		.trades = NAN,
		.win_rate_pct = NAN,
		.profit_factor = NAN,
		.failed = 1};
}

/* ---- the best ------------------------------------------------------------ */

/* NaN is never at least anything. */
static bool at_least(double value, double least)
{
	return !(least > 0) || value >= least;
}

bool search_counts(
	const struct search_score *score, const struct search_floor *floor)
{
	return score->failed == 0 && isfinite(score->metric) &&
	       at_least(score->trades, floor->min_trades) &&
	       at_least(score->win_rate_pct, floor->min_win_rate_pct) &&
	       at_least(score->profit_factor, floor->min_profit_factor) &&
	       (!(floor->max_drawdown_pct > 0) ||
		       -score->max_drawdown_pct <= floor->max_drawdown_pct);
}

static bool is_better(const struct search_metric *metric, double a, double b)
{
	return metric->lower ? a < b : a > b;
}

size_t search_best(
	const struct search_scores *scores, size_t *best, size_t room)
{
	size_t count = 0;

	for (size_t i = 0; room > 0 && i < scores->count; i++) {
		const struct search_score *score = &scores->at[i];
		size_t place = count;

		if (!search_counts(score, scores->floor))
			continue;
		while (place > 0 && is_better(scores->metric, score->metric,
					    scores->at[best[place - 1]].metric))
			place--;
		if (place == room)
			continue;
		count += count < room;
		memmove(best + place + 1, best + place,
			(count - 1 - place) * sizeof(*best));
		best[place] = i;
	}
	return count;
}
