/*
 * The dashboard's pages of the desk: /dashboard/trading and /dashboard/risk,
 * and the desk's part of /dashboard/overview.
 * (Not desk.h: api sees that name in include/domain.)
 */
#ifndef API_DESK_API_H
#define API_DESK_API_H

#include "route.h"

extern const struct shape desk_overview_shape;
extern const struct shape dashboard_trading_shape;
extern const struct shape dashboard_risk_shape;

route_user handle_dashboard_trading; /* -> dashboard_trading */
route_user handle_dashboard_risk;    /* -> dashboard_risk */

#endif
