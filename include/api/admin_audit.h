/* The audit log, for admins: /admin/audit. */
#ifndef API_ADMIN_AUDIT_H
#define API_ADMIN_AUDIT_H

#include "route.h"
#include "shape.h"

extern const struct shape audit_query_shape;
extern const struct shape audit_entries_shape;

route_admin handle_admin_audit; /* audit_query -> audit_entries */

#endif
