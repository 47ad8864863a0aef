/*
 * Getting in: /auth/register, /auth/login, /auth/refresh, /auth/setup.
 * (Not auth.h: api sees that name in include/auth.)
 */
#ifndef API_AUTH_API_H
#define API_AUTH_API_H

#include "replies.h"
#include "route.h"

struct refresh {
	const char *refresh_token;
};

extern const struct shape user_new_shape;
extern const struct shape user_view_shape;
extern const struct shape login_shape;
extern const struct shape refresh_shape;
extern const struct shape setup_shape;
extern const struct shape token_pair_shape;

route_public handle_register; /* user_new -> 201 user_view */
route_public handle_login;    /* login -> token_pair */
route_public handle_refresh;  /* refresh -> token_pair */
route_public handle_setup;    /* setup -> 201 user_view */

#endif
