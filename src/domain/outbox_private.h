/* The steps of a row of the outbox, as its files share them. */
#ifndef DOMAIN_OUTBOX_PRIVATE_H
#define DOMAIN_OUTBOX_PRIVATE_H

#include "outbox.h"
#include "risk_private.h"

extern const char *const outbox_states[]; /* NULL-terminated */

struct outbox_to {
	enum outbox_state state;
	int64_t next_at, final_at; /* final_at 0: as it is */
	int64_t tries;		   /* more attempts */
	const struct outbox_note *note;
};
/* From what the item says; ERR_CONFLICT: another did something meanwhile. */
MUST_CHECK enum err outbox_step(struct scope *scope,
	const struct outbox_item *item, const char *order_id,
	const struct outbox_to *to);
/* How an order ends that was never there. */
struct outbox_end {
	enum order_state state;
	enum order_cause cause;
	const char *reason;
	const struct outbox_note *note; /* or NULL */
};
/* With what an order is given again; quantity 0: it is not. */
struct outbox_change {
	int64_t quantity, price, stop;
};
MUST_CHECK enum err outbox_change_read(
	struct scope *scope, const char *order_id, struct outbox_change *out);
/* The exchange has cancelled it, and all its fills are booked: queued again,
   or ended when nothing is left or risk refuses it now. */
MUST_CHECK enum err outbox_give_again(struct scope *scope,
	const struct limits *limits, const struct outbox_item *item,
	const struct outbox_change *change, struct order *order);
/* There is nothing to cancel any more. */
MUST_CHECK enum err outbox_cancel_done(
	struct scope *scope, const char *order_id);
/* Commits what went well, else takes it back. */
MUST_CHECK enum err outbox_finish(struct scope *scope, enum err err);

#endif
