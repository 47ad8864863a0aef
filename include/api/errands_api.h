/*
 * Errands (domain/errands.h): asked for with 202 here or by other resources,
 * looked at until they are done.
 * (Not errands.h: api sees that name in include/domain.)
 */
#ifndef API_ERRANDS_API_H
#define API_ERRANDS_API_H

#include "errands.h"
#include "route.h"

extern const struct shape errand_view_shape;

route_user handle_errand;	 /* by_id -> errand_view */
route_user handle_test_binance;	 /* -> 202 errand_view */
route_user handle_test_telegram; /* -> 202 errand_view */

#endif
