/*
 * One's own accounts: /portfolio and what is below it.
 * (Not portfolio.h: api sees that name in include/domain.)
 */
#ifndef API_PORTFOLIO_API_H
#define API_PORTFOLIO_API_H

#include "route.h"

extern const struct shape portfolio_shape;
extern const struct shape portfolio_query_shape;
extern const struct shape account_query_shape;
extern const struct shape accounts_shape;
extern const struct shape positions_shape;
extern const struct shape equity_query_shape;
extern const struct shape equity_points_shape;
extern const struct shape portfolio_reset_shape;
extern const struct shape position_name_shape;

route_user handle_portfolio;	     /* portfolio_query -> portfolio */
route_user handle_accounts;	     /* account_query -> accounts */
route_user handle_positions;	     /* portfolio_query -> positions */
route_user handle_portfolio_history; /* equity_query -> equity_points */
route_user handle_portfolio_reset;   /* portfolio_reset -> portfolio */
route_user handle_position_close;    /* position_name -> 201 order_view */

#endif
