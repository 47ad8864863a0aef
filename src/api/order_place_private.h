/* What the routes that place an order share. */
#ifndef API_ORDER_PLACE_PRIVATE_H
#define API_ORDER_PLACE_PRIVATE_H

#include "call.h"
#include "orders.h"

struct order_from order_from_call(struct call *call);
/* Location of a new order, or the answer that its key had before. */
enum err order_reply(struct call *call, enum err err,
	const struct order_from *from, const struct order_view *view);

#endif
