/*
 * Keyed hashes of what must be recognised but not kept: refresh tokens, API
 * keys, set-up links, the names in failed logins, CSRF tokens, hooks. BLAKE2b with the key of
 * hash.keys, and a personalisation for each purpose, so that a hash made
 * for one never matches another.
 */
#ifndef AUTH_HASH_KEYS_PRIVATE_H
#define AUTH_HASH_KEYS_PRIVATE_H

#include "key_ring.h"

enum {
	HASH_BYTES = 32
};

enum hash_purpose {
	HASH_REFRESH_TOKEN,
	HASH_API_KEY,
	HASH_SETUP_TOKEN,
	HASH_LOGIN_NAME,
	HASH_CSRF,
	HASH_HOOK,    /* a hook's secret */
	HASH_HOOK_KEY /* what its signatures are made with */
};

/* One input hashed under each key that may verify; the active one first. */
struct hash_set {
	size_t count;
	unsigned char hash[KEY_RING_LIMIT][HASH_BYTES];
};

/* Under the active key: for storing. ERR_UNAVAILABLE without keys. */
MUST_CHECK enum err hash_make(struct key_ring *keys, enum hash_purpose purpose,
	const void *bytes, size_t len, unsigned char out[HASH_BYTES]);
/* Under every usable key: for finding what an older key made. */
MUST_CHECK enum err hash_all(struct key_ring *keys, int64_t now_ms,
	enum hash_purpose purpose, const char *text, struct hash_set *out);

#endif
