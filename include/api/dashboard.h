/* One call a page of the dashboard: /dashboard/overview. */
#ifndef API_DASHBOARD_H
#define API_DASHBOARD_H

#include "route.h"

extern const struct shape dashboard_overview_shape;

route_user handle_dashboard_overview; /* -> dashboard_overview */

#endif
