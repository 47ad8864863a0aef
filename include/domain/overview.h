/* The dashboard's first page in one call: what a user has, at a glance. */
#ifndef DOMAIN_OVERVIEW_H
#define DOMAIN_OVERVIEW_H

#include "scope.h"
#include "shape.h"

enum {
	OVERVIEW_BACKTESTS = 5,
	OVERVIEW_SYMBOLS = 50
};

struct overview_backtest {
	const char *id;
	const char *strategy_id, *strategy_name; /* or NULL */
	const char *symbol, *interval, *status;
	struct timestamp created_at;
	/* of its stats, as they stand there; null where undefined */
	struct raw_json return_pct, buy_hold_return_pct, max_drawdown_pct,
		sharpe, win_rate_pct, trades;
};
struct overview_symbol {
	const char *symbol;
	const struct timestamp *last; /* open of the last candle, or NULL */
	int64_t age_s;		      /* since then; 0 without candles */
};
struct overview {
	int64_t strategies, backtests; /* how many */
	struct list newest;	       /* overview_backtest, at most five */
	struct list symbols; /* overview_symbol, by name, at most 50 */
};

MUST_CHECK enum err overview_get(struct scope *scope, struct overview *out);

#endif
