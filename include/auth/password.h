/*
 * Passwords: the policy, and Argon2id (libsodium). 8 to 14 characters with
 * upper, lower, digit and special, or 15 and more of any kind; at least 64
 * are taken, nothing is cut or folded; not a common one; not the user name,
 * the local part of the e-mail address, or the product's name.
 */
#ifndef AUTH_PASSWORD_H
#define AUTH_PASSWORD_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "report.h"

enum {
	PASSWORD_BYTES_LIMIT = 1024,
	PASSWORD_HASH_ROOM = 128
};

/* ERR_BAD_INPUT with one fault at `pointer` for every rule it breaks. */
MUST_CHECK enum err password_check(const char *password, const char *username,
	const char *email, const char *pointer, struct report *report);
/* True when the password, or what it is dressed up from, is a common one. */
bool password_is_common(struct arena *arena, const char *password);

/* ERR_UNAVAILABLE when there is no memory for it. */
MUST_CHECK enum err password_hash(const char *password, int64_t ops,
	int64_t kib, char out[PASSWORD_HASH_ROOM]);
/* *match in the same time for every hash of the same cost. */
MUST_CHECK enum err password_verify(
	const char *password, const char *hash, bool *match);
bool password_needs_rehash(const char *hash, int64_t ops, int64_t kib);

#endif
