/*
 * What a user's books hold and are worth: the paper account by hand, and one
 * of each strategy that trades. All of it follows from the fills; positions
 * and lots are a cache that portfolio_check makes anew. An account of 0 is the
 * open paper account by hand.
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
	int64_t account;    /* counts a user's books */
	const char *run_id; /* of the strategy that trades in it, or NULL */
	bool closed;
	struct timestamp opened_at;
	struct decimal start_balance, cash, exposure, equity;
	struct decimal realised, unrealised, fees;
	struct decimal day_change;
	struct list positions; /* position_view */
	const char *asset;  /* of its money; NULL: of several, see totals.h */
	struct list totals; /* total_view: of all open books */
};
/* One of all books. */
struct account_view {
	int64_t account;
	const char *venue;
	/* of the strategy that trades in it; NULL: by hand */
	const char *run_id, *strategy_id, *strategy_name, *symbol;
	const char *state; /* open or closed */
	struct timestamp opened_at;
	const struct timestamp *closed_at;
	struct decimal start_balance, cash, exposure, equity;
	struct decimal realised, unrealised, fees;
	int64_t positions;
};
extern const char *const account_states[]; /* open closed */
struct account_query {
	int64_t limit;
	const char *cursor, *state; /* or NULL */
};
struct equity_view {
	struct timestamp at;
	struct decimal cash, exposure, equity;
};
struct history_query {
	const struct timestamp *from, *to; /* from <= at < to; or NULL */
	int64_t limit;			   /* the newest of the range */
	int64_t account;
};
struct trade_view {
	const char *id, *order_id, *symbol, *side;
	int64_t account;
	int64_t seq; /* the account's fills in their order: 1, 2, ... */
	struct decimal quantity, price, value, fee, realised;
	bool maker;
	const struct timestamp *candle_time; /* NULL: at an exchange */
	const char *venue_trade_id;	     /* there; or NULL */
	const char *fee_asset;		     /* NULL: money */
	const struct decimal *fee_quantity;  /* in that asset, or NULL */
	struct timestamp time;
};
struct trade_query {
	int64_t limit;
	const char *cursor, *symbol, *order_id; /* or NULL */
	int64_t account;			/* 0: of all books */
};

enum {
	PORTFOLIO_BALANCE_LIMIT = 1000000000 /* most money of a paper account */
};

/* Before the first order: the account as it would begin. */
MUST_CHECK enum err portfolio_get(struct scope *scope,
	const struct limits *limits, int64_t account,
	struct portfolio_view *out);
/* Newest first. */
MUST_CHECK enum err portfolio_accounts(struct scope *scope,
	const struct limits *limits, const struct account_query *in,
	struct page *out /* account_view */);
MUST_CHECK enum err portfolio_history(struct scope *scope,
	const struct history_query *in, struct list *out /* equity_view */);
MUST_CHECK enum err trade_list(struct scope *scope,
	const struct trade_query *in, struct page *out /* trade_view */);
/* Cancels what is open by hand on paper and begins that account anew; balance
   NULL: the setting. */
MUST_CHECK enum err portfolio_reset(struct scope *scope,
	const struct limits *limits, const struct decimal *balance,
	struct portfolio_view *out);
/* A reduce-only market order for all of it. ERR_NOT_FOUND: nothing is held;
   ERR_CONFLICT: a strategy trades in that account. */
struct position_name {
	const char *symbol;
	int64_t account;
};
MUST_CHECK enum err position_close(struct scope *scope,
	const struct limits *limits, const struct position_name *in,
	const struct order_from *from, struct order_view *out);

/*
 * Makes positions, lots and cash anew from the fills of every account and
 * compares them with what is stored. *accounts: how many were looked at;
 * ERR_INTERNAL, with the first difference as detail, when one is not equal.
 */
MUST_CHECK enum err portfolio_check(
	struct admin_scope *admin, int64_t *accounts);

#endif
