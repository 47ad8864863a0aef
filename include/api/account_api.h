/*
 * One's own account: who am I, sessions, password, getting out.
 * (Not account.h: api sees that name in include/auth.)
 */
#ifndef API_ACCOUNT_API_H
#define API_ACCOUNT_API_H

#include "replies.h"
#include "route.h"

struct password_again {
	const char *password;
};

extern const struct shape me_shape;
extern const struct shape sessions_shape;
extern const struct shape password_change_shape;
extern const struct shape password_again_shape;

route_user handle_logout;	   /* -> message_reply */
route_user handle_logout_all;	   /* -> message_reply */
route_user handle_change_password; /* password_change -> message_reply */
route_user handle_reauthenticate;  /* password_again -> message_reply */
route_user handle_me;		   /* -> me */
route_user handle_sessions;	   /* -> sessions */
route_user handle_session_end;	   /* by_id -> 204 */

#endif
