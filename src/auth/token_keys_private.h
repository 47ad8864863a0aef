/* The signing keys: a ring, and the reason when it could not be opened. */
#ifndef AUTH_TOKEN_KEYS_PRIVATE_H
#define AUTH_TOKEN_KEYS_PRIVATE_H

#include "key_ring.h"
#include "token.h"
#include "token_cache_private.h"

struct token_keys {
	struct key_ring ring;
	struct token_cache *cache; /* or NULL */
};

/* As token_keys_open; *fault says what is wrong with the file. */
MUST_CHECK enum err token_keys_open_why(struct arena *arena, const char *path,
	const char **fault, struct token_keys **out);

#endif
