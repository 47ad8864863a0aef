/*
 * SHA-256 (FIPS 180-4) piece by piece. Not for secrets or passwords.
 */
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include "arena.h"

struct sha256;

NEVER_NULL struct sha256 *sha256_open(struct arena *arena);
void sha256_add(struct sha256 *hash, const void *bytes, size_t len);
/* Once, at the end: 64 hex digits in lower case. */
NEVER_NULL const char *sha256_hex(struct sha256 *hash, struct arena *arena);

#endif
