/* Between the files of hooks. */
#ifndef DOMAIN_HOOK_PRIVATE_H
#define DOMAIN_HOOK_PRIVATE_H

#include "book_private.h"
#include "hooks.h"

/* What a call comes to. */
struct hook_plan {
	const char *symbol;
	struct quote quote;
	bool closes;
	/* side NULL: there is nothing to close */
	struct order_new order;
	int64_t value;	     /* money, 1e-8 */
	const char *refused; /* "symbol", "side", "max_value"; or NULL */
};
/* ERR_BAD_INPUT with faults. */
MUST_CHECK enum err hook_plan(struct scope *scope, const struct limits *limits,
	const struct hook_view *hook, const struct hook_order *in,
	struct hook_plan *out);

#endif
