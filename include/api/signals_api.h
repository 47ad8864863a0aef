/*
 * One's own strategies at work, and what they say: start and stop below
 * /strategies, /signals, and the dashboard's page of both.
 * (Not signals.h: api sees that name in include/domain.)
 */
#ifndef API_SIGNALS_API_H
#define API_SIGNALS_API_H

#include "replies.h"
#include "route.h"
#include "strategy_runs.h"

struct signals_query {
	struct text_list symbols;
};

extern const struct shape run_view_shape;
extern const struct shape runs_shape;
extern const struct shape run_stop_shape;
extern const struct shape signals_query_shape;
extern const struct shape signals_shape;
extern const struct shape signal_history_query_shape;
extern const struct shape signal_history_shape;
extern const struct shape dashboard_signals_shape;

route_user handle_strategy_start; /* run_new -> 201 run_view */
route_user handle_strategy_stop;  /* run_stop -> runs */
route_user handle_strategy_runs;  /* versions_query -> runs */
route_user handle_signals;	  /* signals_query -> signals */
route_user handle_signal_history; /* signal_history_query -> signal_history */
route_user handle_dashboard_signals; /* -> dashboard_signals */

#endif
