/* What a client asks for, as an order that is not made yet. */
#ifndef DOMAIN_ORDER_INPUT_PRIVATE_H
#define DOMAIN_ORDER_INPUT_PRIVATE_H

#include "book_private.h"

/* All faults at once, then ERR_BAD_INPUT. tick: of the symbol. */
MUST_CHECK enum err order_input(struct scope *scope, const struct order_new *in,
	int64_t tick, struct order *out);
MUST_CHECK enum err order_change_input(struct scope *scope,
	const struct order_change *in, int64_t tick, struct order *next);
/* The price that risk reckons an order with: what it pays at worst, as far
   as that is known now. 0: no price is known. */
MUST_CHECK enum err order_bound(const struct book *book,
	const struct quote *quote, const struct order *order, int64_t *out);

#endif
