/* What the queue's two ends share. */
#ifndef DOMAIN_EVENTS_PRIVATE_H
#define DOMAIN_EVENTS_PRIVATE_H

#include "events.h"
#include "order_private.h"

/* One message of that text in one channel's queue; its id. */
MUST_CHECK enum err event_queue(struct scope *scope, const char *channel_id,
	enum event_kind kind, const char *body, const char **id);
/* Whatever is to be told of an order's step, told. */
MUST_CHECK enum err event_note_order(struct scope *scope,
	const struct order *before, const struct order *after,
	enum order_cause cause);

#endif
