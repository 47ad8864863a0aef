/*
 * One's own searches over parameters: /backtests/sweeps and
 * /backtests/walk-forward.
 */
#ifndef API_SEARCHES_API_H
#define API_SEARCHES_API_H

#include "replies.h"
#include "route.h"

extern const struct shape search_view_shape;
extern const struct shape searches_shape;

route_user handle_sweeps;	/* page_query -> searches */
route_user handle_sweep_create; /* sweep_new -> 202 search_view */
route_user handle_sweep;	/* by_id -> search_view */
route_user handle_sweep_remove; /* by_id -> 204 */
route_user handle_walks;	/* page_query -> searches */
route_user handle_walk_create;	/* walk_forward_new -> 202 search_view */
route_user handle_walk;		/* by_id -> search_view */
route_user handle_walk_remove;	/* by_id -> 204 */

#endif
