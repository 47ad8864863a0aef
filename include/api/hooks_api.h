/* Shapes and handlers of /hooks; the one that is called from outside too. */
#ifndef API_HOOKS_API_H
#define API_HOOKS_API_H

#include "route.h"

extern const struct shape hook_new_shape;
extern const struct shape hook_change_shape;
extern const struct shape hook_view_shape;
extern const struct shape hook_created_shape;
extern const struct shape hooks_shape;
extern const struct shape hook_call_shape;
extern const struct shape hook_answer_shape;
extern const struct shape hook_deliveries_query_shape;
extern const struct shape hook_deliveries_shape;

route_user handle_hooks, handle_hook_create, handle_hook_update;
route_user handle_hook_rotate, handle_hook_remove, handle_hook_deliveries;
route_public handle_hook_call;

#endif
