/*
 * Orders on their way to an exchange, for the background process. The API
 * writes an order and its row here in one transaction; the process writes
 * down that it sends before it does, and what came back in one transaction
 * with its fills. Killed anywhere, a row says either that nothing was sent,
 * or that the exchange must be asked; nothing is ever sent twice. Prices,
 * quantities and money are scaled by 1e-8, times are ms UTC.
 */
#ifndef DOMAIN_OUTBOX_H
#define DOMAIN_OUTBOX_H

#include "limits.h"
#include "match.h"
#include "scope.h"
#include "shape.h"

enum outbox_state {
	OUTBOX_HELD, /* the other one of its pair is not there yet, or it is
			watched here until its level is reached */
	OUTBOX_QUEUED,
	OUTBOX_SENDING, /* it may have left: ask */
	OUTBOX_UNKNOWN, /* it may have arrived: ask */
	OUTBOX_RESTING, /* the exchange has it */
	OUTBOX_DONE
};

/* As the exchange is told. */
struct outbox_order {
	const char *order_id;
	const char *client_id; /* its name there: of each generation its own */
	const char *symbol;
	bool buys, post_only;
	enum match_type type;
	enum match_force force;
	int64_t quantity, filled; /* of this generation */
	int64_t price, stop;	  /* 0: none */
	const char *oco;	  /* or NULL */
};
struct outbox_item {
	struct outbox_order order;
	bool cancels; /* else it places, or is to be asked about */
	enum outbox_state state;
	enum outbox_state placed;	  /* cancels: of the order's own row */
	const struct outbox_order *other; /* sent with it, as a pair */
	int64_t base;			  /* filled by generations before */
	int64_t attempts, until_at, sent_at, final_at;
	int64_t last_price; /* 0: none is known */
};
/* The last answer, for the row. */
struct outbox_note {
	int64_t code;
	const char *text;
};

/* Users with something due, who waited longest first; disabled ones wait. */
MUST_CHECK enum err outbox_plan(
	struct admin_scope *admin, struct text_list *users);
/* What is due first of the scope's user, what is to be sent before what is to
   be asked about; another process passes it over for a
   while. ERR_NOT_FOUND: nothing is; ERR_CONFLICT: another has it. */
MUST_CHECK enum err outbox_next(struct scope *scope, struct outbox_item *out);

/* All that rest at the exchange, due or not. */
MUST_CHECK enum err outbox_resting(
	struct scope *scope, struct list *out /* outbox_item */);

struct outbox_window {
	int64_t sent_at;
	int64_t lease_at; /* nobody else looks at it before */
	int64_t final_at; /* then it has arrived, or never will */
};
/* Written before it is sent: from then on it is never sent again. Says
   ERR_CONFLICT when it is not to be sent: withdrawn, another's, or stopped by
   a halt meanwhile. */
MUST_CHECK enum err outbox_begin(struct scope *scope,
	const struct limits *limits, struct outbox_item *item,
	const struct outbox_window *window);
/* Nothing was sent, and it could be: it stays here until it is released. */
MUST_CHECK enum err outbox_hold(
	struct scope *scope, const struct outbox_item *item);
/* Nothing was done: again at that time, or, past until_at, never. */
MUST_CHECK enum err outbox_wait(struct scope *scope,
	const struct outbox_item *item, int64_t at,
	const struct outbox_note *note);
/* It may have been done; ask until final_at at least (0: as written down). */
MUST_CHECK enum err outbox_lost(struct scope *scope,
	const struct outbox_item *item, int64_t final_at,
	const struct outbox_note *note);
/* Those of the resting ones were seen there, as they are here. */
MUST_CHECK enum err outbox_unchanged(struct scope *scope,
	const struct text_list *order_ids, int64_t next_at);
/* The exchange, or a check of ours, said no. */
MUST_CHECK enum err outbox_refused(struct scope *scope,
	const struct outbox_item *item, const char *reason,
	const struct outbox_note *note);
/* Asked at that time, the exchange does not know it. */
MUST_CHECK enum err outbox_missing(
	struct scope *scope, const struct outbox_item *item, int64_t asked_at);
/* The cancellation was asked for, whatever came back: what became of the
   order is asked next, and asked for again at that time if it is open. */
MUST_CHECK enum err outbox_cancelled(struct scope *scope,
	const struct outbox_item *item, int64_t again_at,
	const struct outbox_note *note);

enum outbox_fate {
	FATE_OPEN,
	FATE_FILLED,
	FATE_CANCELLED,
	FATE_EXPIRED,
	FATE_REJECTED
};
struct outbox_fill {
	const char *trade; /* the exchange's number of it */
	int64_t quantity, price, fee;
	const char *fee_asset;
	bool maker;
};
/* An order as the exchange has it. */
struct outbox_found {
	enum outbox_fate fate;
	const char *venue_order;
	int64_t filled;
	struct list fills; /* outbox_fill: those of the order, all */
	int64_t next_at;   /* of an open one: when to look again */
};
/* Books the fills that are new, and ends the order once all are booked. */
MUST_CHECK enum err outbox_found(struct scope *scope,
	const struct limits *limits, const struct outbox_item *item,
	const struct outbox_found *found, int64_t *booked);

#endif
