/*
 * What a token must look like before any library sees it: at most 4,096
 * bytes, three non-empty parts of canonical base64url, a header of exactly
 * alg, kid and typ with the algorithm HS256, a payload that is one strict
 * JSON object, a signature of 32 bytes. Says nothing about who made it:
 * the payload must not be used before the signature is verified.
 */
#ifndef AUTH_TOKEN_PRECHECK_PRIVATE_H
#define AUTH_TOKEN_PRECHECK_PRIVATE_H

#include <stddef.h>

#include "arena.h"
#include "err.h"
#include "json.h"

struct token_parts {
	const char *text; /* the token, NUL-terminated */
	const char *kid;
	const struct json *payload; /* unverified */
};

/* ERR_TOKEN_INVALID for every fault. */
MUST_CHECK enum err token_precheck(struct arena *arena, const char *token,
	size_t len, struct token_parts *out);

#endif
