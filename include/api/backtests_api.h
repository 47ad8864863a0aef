/*
 * One's own backtests: /backtests.
 * (Not backtests.h: api sees that name in include/domain.)
 */
#ifndef API_BACKTESTS_API_H
#define API_BACKTESTS_API_H

#include "replies.h"
#include "route.h"

extern const struct shape backtest_view_shape;
extern const struct shape backtests_shape;
extern const struct shape backtest_part_shape;

route_user handle_backtests; /* page_query -> backtests */
/* backtest_new -> 200, 201 or 202 backtest_view */
route_user handle_backtest_create;
route_user handle_backtest;	   /* by_id -> backtest_view */
route_user handle_backtest_trades; /* by_id -> backtest_part */
route_user handle_backtest_equity; /* by_id -> backtest_part */
route_user handle_backtest_report; /* by_id -> backtest_part */
route_user handle_backtest_remove; /* by_id -> 204 */

#endif
