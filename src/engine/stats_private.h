/*
 * Statistics of a finished run, in double.
 */
#ifndef ENGINE_STATS_PRIVATE_H
#define ENGINE_STATS_PRIVATE_H

#include "backtest.h"

/* Reads the result's equity and trades; cash is what the run began with;
   base_bar is where buying and holding begins. */
void stats_compute(const struct candles *candles,
	const struct backtest_result *result, double cash, size_t base_bar,
	struct backtest_stats *out);

#endif
