/* An order as it stands in the database, and its one way to change. */
#ifndef DOMAIN_ORDER_PRIVATE_H
#define DOMAIN_ORDER_PRIVATE_H

#include "match.h"
#include "orders.h"

enum order_cause {
	CAUSE_SUBMIT,
	CAUSE_RISK,
	CAUSE_VENUE,
	CAUSE_FILL,
	CAUSE_TRIGGER,
	CAUSE_CANCEL,
	CAUSE_AMEND,
	CAUSE_EXPIRE,
	CAUSE_OCO,
	CAUSE_RESET
};

struct order {
	const char *id, *client_order_id, *symbol, *run_id, *oco, *reason;
	const char *venue;
	enum order_source source;
	enum match_type type;
	enum match_force force;
	enum order_state state;
	bool buys, post_only, reduce_only, triggered;
	int64_t account;
	int64_t quantity, filled, filled_value, fees;
	int64_t price, stop, trail; /* 0: none */
	int64_t bound;		    /* price that risk reckons with */
	int64_t mark;
	int64_t seen_until; /* candles that open later are new to it */
	int64_t version, created_at, updated_at;
	int64_t decided_at; /* close of a strategy's candle; 0: by hand */
};

/* The columns in the order of order_read(), of table `orders`. */
#define ORDER_COLUMNS                                                      \
	"id, client_order_id, symbol, run_id, oco, reason, venue, source," \
	" type, time_in_force, state, side, post_only, reduce_only,"       \
	" triggered, account, quantity, filled, filled_value, fees,"       \
	" price, stop_price, trail, bound, mark, seen_until, version,"     \
	" created_at, updated_at, decided_at"
#define ORDER_OPEN_STATES \
	"state IN ('new', 'accepted', 'partially_filled', 'unknown')"
/* The same of one user, in the words that lead the planner to the index
   orders_mine_open (0016); a test holds it there. ONE: with a bound of the id
   beside it; MINE: all of them, ORDER BY id. */
#define ORDER_OPEN_ONE ORDER_OPEN_STATES " AND (" ORDER_OPEN_STATES ") = 1"
#define ORDER_OPEN_MINE ORDER_OPEN_ONE " AND id > ''"

void order_read(const struct rows *rows, struct order *out);
/* Locks nothing; ERR_NOT_FOUND: none of this user's. */
MUST_CHECK enum err order_find(
	struct scope *scope, const char *id, struct order *out);
/* All of a book (0: of all) and symbol (NULL: of all) that are open, by id. */
MUST_CHECK enum err orders_open(struct scope *scope, int64_t account,
	const char *symbol, struct list *out /* order */);

/*
 * All three inside a transaction of the caller. order_begin writes it in state
 * new; order_move brings it from `order` to `next`, if it still is what
 * `order` says, and logs why: ERR_CONFLICT otherwise, ERR_INTERNAL for a
 * transition that is not in the table. order_note writes what is no
 * transition: mark and seen_until.
 */
MUST_CHECK enum err order_begin(struct scope *scope, struct order *order);
MUST_CHECK enum err order_move(struct scope *scope, struct order *order,
	const struct order *next, enum order_cause cause);
MUST_CHECK enum err order_note(struct scope *scope, const struct order *order);
/* order_move to an end, with a reason (NULL: none). */
MUST_CHECK enum err order_end(struct scope *scope, struct order *order,
	enum order_state state, enum order_cause cause, const char *reason);

/* Does risk let an open order be what it says, now? NULL, or why not; its
   bound. The rate does not count: it was given before. */
MUST_CHECK enum err order_risk(struct scope *scope, const struct limits *limits,
	struct order *order, const char **reason);

struct order_view order_view_of(struct arena *arena, const struct order *order);
/* What is left of it, as the matching core reads it. */
struct match_order order_match(const struct order *order);

#endif
