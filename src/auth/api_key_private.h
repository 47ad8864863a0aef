/* From an API key to an identity, and the end of all of a user's keys; the
   rest of API keys is in account.h. */
#ifndef AUTH_API_KEY_PRIVATE_H
#define AUTH_API_KEY_PRIVATE_H

#include "auth_private.h"

MUST_CHECK enum err api_key_identify(struct auth *auth,
	const struct auth_call *call, const char *text, struct identity *out);
/* All of a user's, in the transaction that takes a right away or changes the
   password: who had the account may have made some. His hooks are switched
   off for the same reason. */
MUST_CHECK enum err api_keys_remove(struct auth *auth, const char *user_id);

#endif
