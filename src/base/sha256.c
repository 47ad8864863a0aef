/*
 * libsodium's SHA-256 behind a name of our own, so that the layers that see
 * only base can hash.
 */
#include "sha256.h"

#include <sodium.h>

#include "text.h"

struct sha256 {
	crypto_hash_sha256_state state;
};

struct sha256 *sha256_open(struct arena *arena)
{
	struct sha256 *hash = arena_alloc(arena, sizeof(*hash));

	(void)crypto_hash_sha256_init(&hash->state);
	return hash;
}

void sha256_add(struct sha256 *hash, const void *bytes, size_t len)
{
	(void)crypto_hash_sha256_update(&hash->state, bytes, len);
}

const char *sha256_hex(struct sha256 *hash, struct arena *arena)
{
	unsigned char digest[crypto_hash_sha256_BYTES];

	(void)crypto_hash_sha256_final(&hash->state, digest);
	return text_hex(arena, digest, sizeof(digest));
}
