/* Kept answers for admins: /admin/cache. */
#ifndef API_ADMIN_CACHE_H
#define API_ADMIN_CACHE_H

#include "guard_view.h"
#include "route.h"

extern const struct shape cache_view_shape;

route_admin handle_admin_cache;	      /* -> cache_view */
route_admin handle_admin_cache_flush; /* -> 204 */

#endif
