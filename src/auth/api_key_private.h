/* From an API key to an identity; the rest of API keys is in account.h. */
#ifndef AUTH_API_KEY_PRIVATE_H
#define AUTH_API_KEY_PRIVATE_H

#include "auth_private.h"

MUST_CHECK enum err api_key_identify(struct auth *auth,
	const struct auth_call *call, const char *text, struct identity *out);

#endif
