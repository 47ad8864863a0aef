/* How much one user may have and one request may ask: all settings. */
#ifndef DOMAIN_LIMITS_H
#define DOMAIN_LIMITS_H

#include <stdint.h>

struct limits {
	int64_t strategies_per_user;
	int64_t backtests_per_user;
	int64_t runs_per_user; /* strategies at work */
	int64_t backtest_bars; /* most candles of one run */
};

#endif
