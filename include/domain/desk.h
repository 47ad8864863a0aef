/*
 * The desk for the dashboard: each page in one call. All open books of a user,
 * each by its name, and their sums a venue: paper and real money are never
 * added up. Amounts are decimals; percents too.
 */
#ifndef DOMAIN_DESK_H
#define DOMAIN_DESK_H

#include "limits.h"
#include "portfolio.h"
#include "risk.h"
#include "scope.h"
#include "shape.h"
#include "totals.h"

enum {
	DESK_ORDERS = 50,
	DESK_TRADES = 20,
	DESK_OVERVIEW_TRADES = 5,
	DESK_POINTS = 120 /* most of an equity curve; a look-up each */
};

/* What a book is worth, or all of a venue's. */
struct desk_sums {
	struct decimal start_balance, cash, exposure, equity;
	struct decimal realised, unrealised, fees, day_change;
	int64_t positions, open_orders;
};
struct desk_book {
	int64_t account;
	const char *venue;
	/* of the strategy that trades in it; NULL: by hand */
	const char *run_id, *strategy_id, *strategy_name, *symbol;
	struct timestamp opened_at;
	struct desk_sums sums;
	struct decimal drawdown_pct; /* from its highest equity */
};
struct desk_venue {
	const char *venue;
	int64_t books;
	struct desk_sums sums;
};
struct desk_position {
	int64_t account;
	const char *venue, *strategy_name; /* NULL: by hand */
	struct position_view view;
};
struct desk_exposure {
	const char *venue, *symbol;
	struct decimal value; /* negative: short */
	struct decimal size;  /* of all books, longs and shorts alike */
	struct decimal equity_pct;
	int64_t books;
};
struct desk_period {
	const char *venue, *period; /* day week month total */
	struct timestamp since;	    /* UTC; a week begins on Monday */
	int64_t fills, wins, losses;
	/* NULL: nothing was closed, won, lost */
	const struct decimal *win_rate_pct, *average_win, *average_loss;
	struct decimal realised, fees, net, volume;
};
struct desk_point {
	struct timestamp at;
	struct decimal equity;
};
struct desk_curve {
	const char *venue;
	struct list points; /* desk_point, oldest first; the last is now */
};

struct desk_overview {
	struct list venues, books; /* desk_venue, desk_book */
	struct list totals;	   /* total_view */
	int64_t running_strategies;
	struct list trades; /* trade_view */
};
struct desk_trading {
	struct list venues, books;
	struct list positions; /* desk_position */
	struct list orders;    /* order_view: open ones, newest first */
	struct list trades;    /* trade_view */
	struct list periods;   /* desk_period */
	struct list curves;    /* desk_curve */
};

/* A limit, and how much of it is used in a venue. */
struct desk_limit {
	const char *venue, *name;
	const struct decimal *limit, *used_pct; /* NULL: there is none */
	struct decimal used;
};
struct desk_denial {
	const char *reason;
	int64_t count;
};
struct desk_risk {
	const char *state;
	const char *state_by; /* manual, key, strategy, system; NULL: nobody */
	const struct timestamp *state_at; /* or NULL */
	bool trading_halted;		  /* for everybody, by an admin */
	struct list limits;		  /* desk_limit */
	struct list venues, books;
	struct list exposure; /* desk_exposure, largest first */
	int64_t orders_today, denied_today;
	struct list denials; /* desk_denial, most first */
};

extern const char *const desk_periods[]; /* day week month total */
extern const char *const desk_limits[];

MUST_CHECK enum err desk_overview_get(struct scope *scope,
	const struct limits *limits, struct desk_overview *out);
MUST_CHECK enum err desk_trading_get(struct scope *scope,
	const struct limits *limits, struct desk_trading *out);
MUST_CHECK enum err desk_risk_get(struct scope *scope,
	const struct limits *limits, struct desk_risk *out);

#endif
