/*
 * Hooks: addresses that take orders from alerts (TradingView's and others').
 * One is a credential with bounds: what it may ask for, how much, how often,
 * from where. Who called and what came of it is written down. The secret is
 * auth's business (auth/hook.h); here it is a hash.
 */
#ifndef DOMAIN_HOOKS_H
#define DOMAIN_HOOKS_H

#include "bytes.h"
#include "limits.h"
#include "orders.h"
#include "page.h"
#include "scope.h"
#include "shape.h"

extern const char *const hook_sides[];	 /* both buy sell */
extern const char *const hook_actions[]; /* buy sell close */
extern const char *const hook_states[];	 /* received placed nothing refused */

struct hook_new {
	const char *name;
	bool needs_signature;
	struct text_list addresses, symbols; /* none: all */
	const char *sides;		     /* NULL: both */
	const struct decimal *max_value;     /* NULL: only risk's limits */
	int64_t orders_per_hour, window_s;
};
struct hook_change {
	const char *id;
	const char *name;	    /* NULL: as it is; so are the next */
	const struct json *enabled; /* true or false */
	const struct json *needs_signature;
	struct text_list addresses, symbols; /* items NULL: as they are */
	const char *sides;
	const struct decimal *max_value; /* 0: none */
	int64_t orders_per_hour, window_s;
};
struct hook_view {
	const char *id, *name, *hint;
	bool enabled, needs_signature;
	struct text_list addresses, symbols;
	const char *sides, *venue;
	const struct decimal *max_value;
	int64_t orders_per_hour, window_s;
	struct timestamp created_at, updated_at;
	const struct timestamp *called_at;
	/* of a new or rotated one, shown this once; else NULL */
	const char *url, *key;
};
/* What auth made of it. */
struct hook_keep {
	const char *id, *hint, *nonce;
	struct bytes hash;
};

MUST_CHECK enum err hook_create(struct scope *scope,
	const struct notify_limits *limits, const struct hook_new *in,
	const struct hook_keep *keep, struct hook_view *out);
MUST_CHECK enum err hook_list(
	struct scope *scope, struct list *out /* hook_view */);
MUST_CHECK enum err hook_get(
	struct scope *scope, const char *id, struct hook_view *out);
MUST_CHECK enum err hook_update(struct scope *scope,
	const struct hook_change *in, struct hook_view *out);
/* Another secret and key, from now on; switches it on. */
MUST_CHECK enum err hook_rotate(struct scope *scope,
	const struct hook_keep *keep, struct hook_view *out);
MUST_CHECK enum err hook_remove(struct scope *scope, const char *id);

/* ---- calls ----------------------------------------------------------------- */

struct hook_order {
	const char *action, *symbol;		/* symbol: or NULL */
	const struct decimal *quantity, *quote; /* one of them; close: none */
	const char *type;			/* NULL: market */
	const struct decimal *price, *stop_price;
	const struct timestamp *time; /* of the alert, or NULL */
	const char *id;		      /* the sender's own, or NULL */
};
struct hook_call {
	const char *hook_id, *address;
	const char *refused;   /* auth's word; NULL: it may */
	const char *body_hash; /* of the body's bytes */
	int64_t signed_s;      /* auth's; 0: unsigned */
	const struct hook_order *order;
};
struct hook_answer {
	const char *delivery_id, *state;	     /* placed, nothing */
	const char *order_id, *order_state, *reason; /* or NULL */
	bool repeated; /* came before; nothing was done again */
};
/*
 * Writes the call down, then does what it asks. The same call again (by its
 * id; else by its time and body; else by its signature, or its body within
 * ten seconds) does nothing again and answers the same. ERR_HOOK_REFUSED: beyond the
 * hook's bounds; ERR_RATE_LIMITED: too many calls; ERR_BAD_INPUT with faults.
 */
MUST_CHECK enum err hook_take(struct scope *scope, const struct limits *limits,
	const struct hook_call *call, struct hook_answer *out);

struct hook_delivery {
	const char *id, *address, *action, *symbol, *state, *reason;
	const char *order_id, *order_state; /* or NULL */
	struct timestamp at;
};
struct hook_deliveries_query {
	const char *id;
	int64_t limit;
	const char *cursor;
};
MUST_CHECK enum err hook_deliveries(struct scope *scope,
	const struct hook_deliveries_query *query,
	struct page *out /* hook_delivery */);

#endif
