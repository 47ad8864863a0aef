/*
 * So many passwords an account and minute, whoever tries them. Sources that
 * the account signed in from have a window each; all strangers share one, so
 * that they can use up only their own, never the owner's.
 */
#ifndef AUTH_LOGIN_WINDOW_PRIVATE_H
#define AUTH_LOGIN_WINDOW_PRIVATE_H

#include "login_delay_private.h"

/* ERR_RATE_LIMITED with retry_after; ERR_UNAVAILABLE when the store fails.
   user: NULL when there is nobody of that name: counted alike. */
MUST_CHECK enum err login_window_take(struct auth *auth,
	const struct auth_call *call, const struct user_row *user,
	const struct login_attempt *attempt);

#endif
