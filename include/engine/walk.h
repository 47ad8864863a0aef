/*
 * Walking forward: windows of candles in which parameters are chosen (in
 * sample) and, behind each, the stretch in which the choice is tried (out of
 * sample). Pure.
 */
#ifndef ENGINE_WALK_H
#define ENGINE_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backtest.h"

enum {
	WALK_WINDOWS_LIMIT = 500
};

/* All three in one unit; each at least 1, step not below out_of_sample, so
   that no bar is tried twice. */
struct walk_plan {
	int64_t in_sample, out_of_sample, step;
	bool days;     /* whole days of 24 hours; else bars */
	bool anchored; /* each in-sample window begins with the first candle */
};
/* In sample from in_from to in_to - 1, out of sample from there to
   out_to - 1. */
struct walk_window {
	size_t in_from, in_to, out_to;
};

/* Whole windows only, none of them empty. Returns how many there are; no
   more than `room` are written. */
size_t walk_windows(const struct candles *candles, const struct walk_plan *plan,
	struct walk_window *out, size_t room);
/*
 * A run whose first decision may fall on bar `from`: what the indicators
 * need is read from the bars before, as far as there are any. Equity, trades
 * and statistics are those of from..to-1 alone, bars counted from `from`.
 * Errors are backtest_run's.
 */
struct walk_range {
	size_t from, to;
};
MUST_CHECK enum err walk_run(struct arena *arena,
	const struct backtest_input *input, const struct walk_range *range,
	struct report *report, struct backtest_result *out);
/* One run made of several behind each other: candles and equity joined,
   statistics of the whole. cash: what the first began with. */
struct walk_joined {
	struct candles candles;
	struct backtest_result result;
};
void walk_stats(struct arena *arena, struct walk_joined *joined, double cash);

#endif
