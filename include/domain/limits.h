/* How much one user may have and one request may ask: all settings. */
#ifndef DOMAIN_LIMITS_H
#define DOMAIN_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

/* The most that a user's own risk limits may be; amounts scaled by 1e-8,
   percents too ("10" is 10 * 1e8). 0: none. */
struct risk_ceilings {
	int64_t order_value, symbol_value, account_value;
	int64_t open_orders, positions, orders_per_minute;
	int64_t collar_pct;
};
/* The paper venue and what every order is held to. */
struct trade_rules {
	int64_t fee_maker, fee_taker; /* of the value; 1e-8 */
	int64_t spread, slippage;     /* of the price; 1e-8 */
	int64_t start_balance;
	int64_t volume_share; /* of a candle's volume; 0: no limit */
	struct risk_ceilings most;
	bool halted; /* for everybody; see also risk.h */
};

/* Messages to users, and orders from hooks. */
struct notify_limits {
	int64_t channels;	   /* of one user */
	bool mail;		   /* a mail server is set */
	const char *webhook_hosts; /* WEBHOOK_HOSTS; NULL: as "" */
	int64_t hooks;		   /* of one user */
	int64_t hook_calls_minute; /* of one hook */
};

/* Orders at an exchange. */
struct live_rules {
	bool enabled;
	const char *quote; /* asset of the account's money, such as USDT */
	int64_t send_ms; /* an order that could not leave by then never does */
	int64_t poll_ms; /* how often what rests there is asked about */
};

/* In what money is counted; see totals.h. */
struct money_rules {
	const char *paper; /* asset of a paper account; NULL: USD */
	const char
		*equal; /* assets that are the same, "USD USDT"; NULL: none */
};

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
	int64_t run_seconds;	       /* most of one, by estimate */
	int64_t search_points;	       /* most of one of them */
	int64_t errands_at_once;       /* of one user, not done yet */
	int64_t bank_links;	       /* of one user */
	bool bank_on;		       /* is it set up at all? */
	struct trade_rules trade;
	struct notify_limits notify;
	struct live_rules live;
	struct money_rules money;
};

#endif
