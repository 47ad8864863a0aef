/* How much one user may have and one request may ask: all settings. */
#ifndef DOMAIN_LIMITS_H
#define DOMAIN_LIMITS_H

#include <stdint.h>

struct limits {
	int64_t strategies_per_user;
	int64_t backtests_per_user;
	int64_t runs_per_user;	       /* strategies at work */
	int64_t backtest_bars;	       /* most candles of one run */
	int64_t backtest_inline_work;  /* bars x cost; more is queued */
	int64_t backtest_candle_bytes; /* most memory of one run's candles */
	int64_t backtest_runs_hour;    /* asked for by one user */
	int64_t runs_at_once;	       /* of one user, waiting or running */
	int64_t searches_per_user;     /* stored sweeps, walks and the like */
	int64_t search_points;	       /* most of one of them */
};

#endif
