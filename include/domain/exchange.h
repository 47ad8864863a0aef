/*
 * A user's account at an exchange, for the background process: what may be
 * said of the stored keys, and the book against the balances there. The keys
 * themselves are app's business. Amounts are scaled by 1e-8, times ms UTC.
 */
#ifndef DOMAIN_EXCHANGE_H
#define DOMAIN_EXCHANGE_H

#include "limits.h"
#include "scope.h"
#include "shape.h"

/* ---- keys ------------------------------------------------------------------ */

extern const char *const exchange_secrets[]; /* key, secret; NULL-terminated */

struct exchange_verdict {
	int64_t secrets_at; /* of the keys that were asked about */
	bool known, can_trade, can_withdraw, bound;
	const char *reason; /* why they are not used: a slug; NULL: they are */
	const char *detail; /* in words */
};
/* Written only if the stored keys are still those: ERR_CONFLICT. */
MUST_CHECK enum err exchange_keys_note(
	struct scope *scope, const struct exchange_verdict *in);

struct exchange_status {
	bool set;	    /* both secrets are stored */
	int64_t secrets_at; /* of those that are */
	bool checked;	    /* they, and not others before */
	bool usable;
	bool has_book;
};
/* ERR_NOT_FOUND: there is no such user, or he is disabled. */
MUST_CHECK enum err exchange_status(struct admin_scope *admin,
	const char *user_id, struct exchange_status *out);

struct exchange_due {
	const char *user_id;
	bool checked; /* and only to be compared */
};
/* Whose keys are new or were not asked about since `checked_before`, and
   whose book was not compared since `compared_before`. */
MUST_CHECK enum err exchange_plan(struct admin_scope *admin,
	int64_t checked_before, int64_t compared_before,
	struct list *out /* exchange_due */);

/* ---- rules ----------------------------------------------------------------- */

/* What it takes of a symbol; 0: no limit. */
struct exchange_rules {
	const char *symbol;
	bool trading;
	int64_t tick, price_min, price_max; /* of prices */
	int64_t step, lot_min, lot_max;	    /* of quantities */
	int64_t value_min;		    /* of a limit order */
};
/* For the API's checks of orders. */
MUST_CHECK enum err exchange_rules_put(
	struct admin_scope *admin, const struct exchange_rules *in);

/* ---- the book -------------------------------------------------------------- */

struct exchange_balance {
	const char *asset;
	int64_t amount; /* free and locked */
};
/* As things stood before the balances were asked for. */
struct exchange_mark {
	int64_t fills, orders;
	bool busy; /* orders are on their way: not now */
};
struct exchange_difference {
	int64_t count;	   /* adjustments that were made */
	int64_t untracked; /* assets without a price here */
	bool opened;	   /* the book was begun */
};
MUST_CHECK enum err exchange_mark(
	struct scope *scope, struct exchange_mark *out);
/*
 * Brings the book to what is there; what was not traded here is an order and
 * a fill of the system with its reason, and an entry of money. The first time
 * it begins the book. ERR_CONFLICT: something was traded since the mark.
 */
MUST_CHECK enum err exchange_compare(struct scope *scope,
	const struct limits *limits, const struct exchange_mark *mark,
	const struct list *balances /* exchange_balance */,
	struct exchange_difference *out);

#endif
