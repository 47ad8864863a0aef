/*
 * One's own strategies: /strategies.
 * (Not strategies.h: api sees that name in include/domain.)
 */
#ifndef API_STRATEGIES_API_H
#define API_STRATEGIES_API_H

#include "replies.h"
#include "route.h"

struct versions_query {
	const char *id;
	int64_t limit;
	const char *cursor;
};
struct definition_input {
	const struct json *definition;
};

extern const struct shape strategy_new_shape;
extern const struct shape strategy_change_shape;
extern const struct shape strategy_view_shape;
extern const struct shape strategies_shape;
extern const struct shape versions_query_shape;
extern const struct shape strategy_versions_shape;
extern const struct shape definition_input_shape;
extern const struct shape strategy_check_shape;
extern const struct shape strategy_templates_shape;
extern const struct shape expression_input_shape;
extern const struct shape expression_view_shape;
extern const struct shape recursive_input_shape; /* of domain */
extern const struct shape recursive_view_shape;

route_user handle_strategies;	      /* page_query -> strategies */
route_user handle_strategy_create;    /* strategy_new -> 201 strategy_view */
route_user handle_strategy;	      /* by_id -> strategy_view */
route_user handle_strategy_update;    /* strategy_change -> strategy_view */
route_user handle_strategy_remove;    /* by_id -> 204 */
route_user handle_strategy_versions;  /* versions_query -> strategy_versions */
route_user handle_strategy_validate;  /* definition_input -> strategy_check */
route_user handle_strategy_templates; /* -> strategy_templates */
route_user handle_strategy_schema;
route_user handle_expression;
route_user handle_strategy_recursive; /* recursive_input -> recursive_view */

#endif
