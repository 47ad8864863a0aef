/*
 * One's own risk limits and kill switch: /risk.
 * (Not risk.h: api sees that name in include/domain.)
 */
#ifndef API_RISK_API_H
#define API_RISK_API_H

#include "route.h"

extern const struct shape risk_view_shape;
extern const struct shape risk_change_shape;
extern const struct shape risk_patch_shape;
extern const struct shape risk_halting_shape;

route_user handle_risk;	      /* -> risk_view */
route_user handle_risk_put;   /* risk_change -> risk_view */
route_user handle_risk_patch; /* risk_patch -> risk_view */
route_user handle_risk_halt;  /* risk_halting -> risk_view */

#endif
