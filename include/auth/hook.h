/*
 * Hooks: a credential of their own kind, with one right: to ask for an order
 * of its owner within the bounds of its row (domain/hooks.h). The secret is
 * the path that is called; a hook may demand a signature as well. The secret
 * is kept as a keyed hash; the key for signatures is derived from hash.keys
 * and a nonce of the row, so that workers can check one and the database
 * holds neither.
 */
#ifndef AUTH_HOOK_H
#define AUTH_HOOK_H

#include "auth.h"

enum {
	HOOK_HASH_BYTES = 32
};

struct hook_secret {
	const char *id;
	const char *secret; /* whole: "ID.RANDOM" */
	const char *hint;   /* its last characters */
	const char *nonce;
	const char *key; /* for signatures; its text's bytes are the key */
	unsigned char hash[HOOK_HASH_BYTES];
};
/* A new secret; id NULL: of a new hook. Stores nothing. */
MUST_CHECK enum err auth_hook_make(struct auth *auth,
	const struct auth_call *call, const char *id, struct hook_secret *out);

struct hook_attempt {
	const char *secret;
	const char *signature; /* X-Kontor-Signature, or NULL */
	const char *body;
	size_t body_len;
	/* May this address call a hook with that list of networks? */
	bool (*is_allowed)(
		struct arena *arena, const char *networks, const char *address);
};
struct hook_grant {
	const char *hook_id;
	/* NULL; or why the call must not do anything but be written down:
	   "address", "signature", "time" */
	const char *refused;
	int64_t signed_s; /* second that its signature names; 0: unsigned */
};
/*
 * The scope of the hook's owner, for this one call. ERR_NOT_FOUND alike for
 * an unknown, wrong or disabled one, and when its owner is disabled;
 * ERR_UNAVAILABLE without database or keys.
 */
MUST_CHECK enum err auth_hook_admit(struct auth *auth,
	const struct auth_call *call, const struct hook_attempt *attempt,
	struct hook_grant *grant, struct scope **scope);

#endif
