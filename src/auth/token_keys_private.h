/* The signing keys: a ring, and the reason when it could not be opened. */
#ifndef AUTH_TOKEN_KEYS_PRIVATE_H
#define AUTH_TOKEN_KEYS_PRIVATE_H

#include "key_ring_private.h"
#include "token.h"

struct token_keys {
	struct key_ring ring;
};

/* As token_keys_open; *fault says what is wrong with the file. */
MUST_CHECK enum err token_keys_open_why(struct arena *arena, const char *path,
	const char **fault, struct token_keys **out);

#endif
