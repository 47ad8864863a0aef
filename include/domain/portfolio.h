/*
 * What a user's paper account holds and is worth. All of it follows from the
 * fills; positions and lots are a cache that portfolio_check makes anew.
 */
#ifndef DOMAIN_PORTFOLIO_H
#define DOMAIN_PORTFOLIO_H

#include "orders.h"

struct position_view {
	const char *symbol, *side; /* long or short */
	struct decimal quantity;   /* negative: short */
	struct decimal average_price, cost, value;
	const struct decimal *last_price; /* NULL: none is stored any more */
	struct decimal unrealised, realised, fees;
	bool stale; /* the price is older than it ought to be */
};
struct portfolio_view {
	const char *venue;
	int64_t account; /* counts resets */
	struct timestamp opened_at;
	struct decimal start_balance, cash, exposure, equity;
	struct decimal realised, unrealised, fees;
	struct decimal day_change;
	struct list positions; /* position_view */
};
struct equity_view {
	struct timestamp at;
	struct decimal cash, exposure, equity;
};
struct history_query {
	const struct timestamp *from, *to; /* from <= at < to; or NULL */
	int64_t limit;			   /* the newest of the range */
};
struct trade_view {
	const char *id, *order_id, *symbol, *side;
	int64_t seq; /* the account's fills in their order: 1, 2, ... */
	struct decimal quantity, price, value, fee, realised;
	bool maker;
	struct timestamp candle_time, time;
};
struct trade_query {
	int64_t limit;
	const char *cursor, *symbol, *order_id; /* or NULL */
};

enum {
	PORTFOLIO_BALANCE_LIMIT = 1000000000 /* most money of a paper account */
};

/* Before the first order: the account as it would begin. */
MUST_CHECK enum err portfolio_get(struct scope *scope,
	const struct limits *limits, struct portfolio_view *out);
MUST_CHECK enum err portfolio_history(struct scope *scope,
	const struct history_query *in, struct list *out /* equity_view */);
MUST_CHECK enum err trade_list(struct scope *scope,
	const struct trade_query *in, struct page *out /* trade_view */);
/* Cancels what is open and begins a new account; balance NULL: the setting. */
MUST_CHECK enum err portfolio_reset(struct scope *scope,
	const struct limits *limits, const struct decimal *balance,
	struct portfolio_view *out);
/* A reduce-only market order for all of it. ERR_NOT_FOUND: nothing is held. */
MUST_CHECK enum err position_close(struct scope *scope,
	const struct limits *limits, const char *symbol,
	const struct order_from *from, struct order_view *out);

/*
 * Makes positions, lots and cash anew from the fills of every account and
 * compares them with what is stored. *accounts: how many were looked at;
 * ERR_INTERNAL, with the first difference as detail, when one is not equal.
 */
MUST_CHECK enum err portfolio_check(
	struct admin_scope *admin, int64_t *accounts);

#endif
