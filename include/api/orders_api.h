/*
 * One's own orders and fills: /orders, /trade/execute, /trades.
 * (Not orders.h: api sees that name in include/domain.)
 */
#ifndef API_ORDERS_API_H
#define API_ORDERS_API_H

#include "replies.h"
#include "route.h"

extern const struct shape order_new_shape;
extern const struct shape order_execute_shape;
extern const struct shape order_change_shape;
extern const struct shape order_query_shape;
extern const struct shape order_cancel_shape;
extern const struct shape order_view_shape;
extern const struct shape order_full_shape;
extern const struct shape orders_shape;
extern const struct shape orders_cancelled_shape;
extern const struct shape trade_query_shape;
extern const struct shape trade_shape;
extern const struct shape trades_shape;

route_user handle_orders;	     /* order_query -> orders */
route_user handle_order_place;	     /* order_new -> 201 order_view */
route_user handle_order_execute;     /* order_execute -> 201 order_view */
route_user handle_order;	     /* by_id -> order_full */
route_user handle_order_amend;	     /* order_change -> order_view */
route_user handle_order_cancel;	     /* by_id -> order_view */
route_user handle_orders_cancel_all; /* order_cancel -> orders_cancelled */
route_user handle_trades;	     /* trade_query -> trades */

#endif
