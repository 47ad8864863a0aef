/*
 * Searching parameters: which points there are, by index, and which of them
 * is best. A point is one value for each axis. Pure: the same space and seed
 * give the same points on every machine and in any order of asking, so work
 * can be cut anywhere and done again.
 */
#ifndef ENGINE_SEARCH_H
#define ENGINE_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backtest.h"

enum {
	SEARCH_AXES_LIMIT = 16,
	SEARCH_VALUES_LIMIT = 1000 /* of one axis */
};
/* More combinations than this are not counted exactly. */
#define SEARCH_COMBINATIONS_LIMIT (UINT64_C(1) << 53)

struct search_axis {
	const char *name; /* of the parameter */
	const double *values;
	size_t count; /* at least 1 */
};
struct search_space {
	const struct search_axis *axes;
	size_t axis_count;
	bool random; /* points are drawn, none twice; else in order */
	uint64_t seed;
};

/* Of all values; at most SEARCH_COMBINATIONS_LIMIT. 1 without an axis. */
uint64_t search_combinations(const struct search_space *space);
/*
 * The values of a point, in the order of the axes. index: below the number
 * of combinations. In order the last axis turns fastest.
 */
void search_point(
	const struct search_space *space, uint64_t index, double *values);
/*
 * from, from + step, ... up to `to`, each rounded to nine digits behind the
 * point, so that 0.1 three times is 0.3. Returns how many there are; no more
 * than `room` are written. 0 unless from <= to and step > 0, all finite.
 */
size_t search_range(const double bounds[3] /* from, to, step */, double *values,
	size_t room);

/* ---- which is best ------------------------------------------------------- */

struct search_metric {
	const char *name;
	size_t offset; /* of a double in struct backtest_stats */
	bool lower;    /* the lower the better */
};
/* NULL when there is none of that name. */
const struct search_metric *search_metric_find(const char *name);
/* NULL-terminated, in the table's order; the first is the default. */
extern const char *const search_metric_names[];

/* What is kept of a point's run; NaN where undefined. Doubles alone: it is
   stored as it stands. */
struct search_score {
	double metric, return_pct, sharpe, max_drawdown_pct;
	double trades, win_rate_pct, profit_factor;
	double failed; /* 1: it could not be run, the rest says nothing */
};
struct search_score search_score_of(
	const struct search_metric *metric, const struct backtest_stats *stats);
struct search_score search_score_failed(void);

/* What a point must keep to be among the best; 0 or infinite where free. */
struct search_floor {
	double min_trades, max_drawdown_pct; /* percent, positive */
	double min_win_rate_pct, min_profit_factor;
};
/* Counts among the best: was run, keeps the floor, its metric is defined. */
bool search_counts(
	const struct search_score *score, const struct search_floor *floor);
/*
 * Indexes of the best points, best first, of equals the earlier one. Returns
 * how many, at most `room`.
 */
struct search_scores {
	const struct search_score *at;
	size_t count;
	const struct search_metric *metric;
	const struct search_floor *floor;
};
size_t search_best(
	const struct search_scores *scores, size_t *best, size_t room);

#endif
