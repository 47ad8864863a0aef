/*
 * A user's orders. Every one passes risk (risk.h) in the transaction that
 * makes it, and each step of its life is a row of the log. Prices, quantities
 * and money are scaled by 1e-8.
 */
#ifndef DOMAIN_ORDERS_H
#define DOMAIN_ORDERS_H

#include "idempotency.h"
#include "limits.h"
#include "page.h"
#include "scope.h"
#include "shape.h"

enum order_state {
	ORDER_NEW,
	ORDER_ACCEPTED,
	ORDER_PARTIALLY_FILLED,
	ORDER_FILLED,
	ORDER_CANCELLED,
	ORDER_REJECTED,
	ORDER_EXPIRED,
	ORDER_DENIED,
	ORDER_UNKNOWN,
	ORDER_STATE_COUNT
};
/* Each by its enum (sides: buy is 0), NULL-terminated. */
extern const char *const order_states[];
extern const char *const order_types[];
extern const char *const order_sides[];
extern const char *const order_forces[];
extern const char *const order_venues[];
extern const char *const order_sources[];

/* May an order go from the one to the other? The one table of it. */
bool order_may(enum order_state from, enum order_state to);
/* Can nothing happen to it any more? */
bool order_is_over(enum order_state state);

/* Who gives it. */
enum order_source {
	ORDER_MANUAL,
	ORDER_BY_KEY,
	ORDER_BY_STRATEGY,
	ORDER_BY_SYSTEM,
	ORDER_BY_HOOK
};

struct order_new {
	const char *symbol, *side, *type;
	struct decimal quantity;
	const struct decimal *price, *stop_price, *trail; /* or NULL */
	const char *time_in_force, *venue;		  /* NULL: gtc, paper */
	bool post_only, reduce_only;
	const char *client_order_id; /* or NULL */
	const char *oco; /* a name that both orders of a pair have; or NULL */
	int64_t account; /* of a run that ended, to close it; 0: by hand */
};
struct order_from {
	enum order_source source;
	const char *run_id;	  /* of the strategy, or NULL */
	struct idempotency *once; /* or NULL; says what was answered before */
};
struct order_change {
	const char *id;
	const struct decimal *quantity, *price, *stop_price; /* NULL: kept */
	const struct decimal *trail;
};
struct order_query {
	int64_t limit;
	const char *cursor;
	const char *state, *symbol; /* NULL: all; state "open" too */
	int64_t account;	    /* 0: of all books */
};

struct order_event {
	struct timestamp at;
	const char *from, *to, *cause, *reason; /* from, reason: or NULL */
	struct decimal filled;
};
struct order_view {
	const char *id, *client_order_id, *symbol, *side, *type, *venue;
	const char *time_in_force, *state, *reason, *source, *run_id, *oco;
	struct decimal quantity, filled, fees;
	const struct decimal *price, *stop_price, *trail, *average_price;
	const struct decimal *level; /* of a trailing stop, now; or NULL */
	const char *watched; /* "here": the exchange has it not; or NULL */
	bool post_only, reduce_only, triggered;
	int64_t account, version;
	struct timestamp created_at, updated_at;
	const struct timestamp *decided_at; /* of a strategy's; or NULL */
	/* of one order only */
	struct list log;       /* order_event */
	const char *signal_id; /* that it came from, or NULL */
};

/*
 * Makes it and brings it to the venue; what risk refuses is an order too, in
 * state denied. ERR_BAD_INPUT with faults; ERR_CONFLICT: the client_order_id
 * is taken. With once->stored set, out is untouched.
 */
MUST_CHECK enum err order_place(struct scope *scope,
	const struct limits *limits, const struct order_new *in,
	const struct order_from *from, struct order_view *out);
MUST_CHECK enum err order_get(
	struct scope *scope, const char *id, struct order_view *out);
MUST_CHECK enum err order_list(struct scope *scope,
	const struct order_query *in, struct page *out /* order_view */);
/* ERR_CONFLICT: it is over already, or was filled under our hands. */
MUST_CHECK enum err order_cancel(
	struct scope *scope, const char *id, struct order_view *out);
/* All that are open, or those of a symbol. */
MUST_CHECK enum err order_cancel_all(
	struct scope *scope, const char *symbol, int64_t *count);
/* Passes risk again; if_version 0: any. */
MUST_CHECK enum err order_amend(struct scope *scope,
	const struct limits *limits, const struct order_change *in,
	int64_t if_version, struct order_view *out);

#endif
