/* Other people's accounts, for admins: /admin/users. */
#ifndef API_ADMIN_USERS_H
#define API_ADMIN_USERS_H

#include "replies.h"
#include "route.h"

extern const struct shape admin_users_query_shape;
extern const struct shape admin_users_shape;
extern const struct shape admin_user_shape;
extern const struct shape admin_user_new_shape;
extern const struct shape admin_user_change_shape;

route_admin handle_admin_users;		    /* query -> admin_users */
route_admin handle_admin_user_create;	    /* admin_user_new -> 201 */
route_admin handle_admin_user;		    /* by_id -> admin_user */
route_admin handle_admin_user_change;	    /* change -> admin_user */
route_admin handle_admin_user_remove;	    /* by_id -> 204 */
route_admin handle_admin_user_sessions;	    /* by_id -> sessions */
route_admin handle_admin_user_sessions_end; /* by_id -> 204 */

#endif
