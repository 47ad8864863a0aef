/* Orders that were refused, past their time: nothing follows from them. */
#ifndef DOMAIN_ORDERS_CLEAN_H
#define DOMAIN_ORDERS_CLEAN_H

#include "scope.h"

/* Denied ones made before that time, with their log; at most so many that
   nobody waits. */
MUST_CHECK enum err orders_clean(
	struct admin_scope *admin, int64_t before, int64_t *removed);

#endif
