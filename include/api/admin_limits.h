/* Rate limits for admins: /admin/limits. */
#ifndef API_ADMIN_LIMITS_H
#define API_ADMIN_LIMITS_H

#include "guard_view.h"
#include "route.h"

struct limit_subject {
	const char *subject;
};
extern const struct shape limit_subject_shape;
extern const struct shape limits_view_shape;

route_admin handle_admin_limits;	/* -> limits_view */
route_admin handle_admin_limit_forgive; /* limit_subject -> 204 */

#endif
