/*
 * Access tokens: HS256 JWT (RFC 7519) with kid, iss, aud, sub, sid, jti,
 * kind, role, scope, iat, exp. token.c is the only user of libjwt, behind a
 * strict check of our own: length, alphabet, three canonical parts, the
 * header's exact algorithm, no `crit`, no duplicate members, before the
 * library sees a byte; type-checked claims after it.
 */
#ifndef AUTH_TOKEN_H
#define AUTH_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"

enum {
	TOKEN_LENGTH_LIMIT = 4096,
	TOKEN_KEY_MIN = 32
};

struct token_claims {
	const char *user_id;	/* sub */
	const char *session_id; /* sid */
	const char *jti;
	const char *role;
	const char *scope;	 /* space-separated, "" for all of the role's */
	int64_t issued, expires; /* s */
};

struct token_keys; /* a ring: one active key, retired ones until expiry */

/* ERR_UNAVAILABLE when missing, short (< 32 bytes), weak, or readable by
   others. Looks at the file again, at most every 100 ms. */
MUST_CHECK enum err token_keys_open(
	struct arena *arena, const char *path, struct token_keys **out);
/* One key that the operator gave (JWT_SECRET_KEY), used as the bytes it is,
   instead of a file. ERR_BAD_INPUT, and why in *fault, when it is short or
   can be guessed. */
MUST_CHECK enum err token_keys_of_secret(struct arena *arena,
	const char *secret, const char **fault, struct token_keys **out);
void token_keys_close(struct token_keys **keys);

struct token_policy {
	const char *issuer, *audience;
	int64_t ttl_s; /* longest life that is accepted */
};
MUST_CHECK enum err token_sign(struct token_keys *keys, struct arena *arena,
	const struct token_policy *policy, const struct token_claims *claims,
	const char **out);
struct token_reading {
	struct arena *arena;
	const struct token_policy *policy;
	int64_t now_ms;
	bool *expired; /* set when nothing but its end speaks against it; or
			  NULL */
};
/* ERR_TOKEN_INVALID for every fault of the token. */
MUST_CHECK enum err token_verify(struct token_keys *keys,
	const struct token_reading *reading, const char *token, size_t len,
	struct token_claims *out);

#endif
