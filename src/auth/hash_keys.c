/*
 * Keyed BLAKE2b with a personalisation per purpose. Never used for
 * passwords: what is hashed here has 256 random bits, or is no secret.
 */
#include "hash_keys_private.h"

#include <sodium/core.h>
#include <sodium/crypto_generichash_blake2b.h>

static void digest(const struct ring_key *key, enum hash_purpose purpose,
	const void *bytes, size_t len, unsigned char out[HASH_BYTES])
{
	static const unsigned char salt[crypto_generichash_blake2b_SALTBYTES];
	static const unsigned char
		names[][crypto_generichash_blake2b_PERSONALBYTES] = {
			[HASH_REFRESH_TOKEN] = "kontor.refresh",
			[HASH_API_KEY] = "kontor.apikey",
			[HASH_SETUP_TOKEN] = "kontor.setup",
			[HASH_LOGIN_NAME] = "kontor.login",
			[HASH_CSRF] = "kontor.csrf",
			[HASH_HOOK] = "kontor.hook",
			[HASH_HOOK_KEY] = "kontor.hookkey",
		};

	/* fails only for lengths that the key file cannot hold */
	(void)crypto_generichash_blake2b_salt_personal(out, HASH_BYTES, bytes,
		len, key->secret.bytes, key->secret.len, salt, names[purpose]);
}

enum err hash_make(struct key_ring *keys, enum hash_purpose purpose,
	const void *bytes, size_t len, unsigned char out[HASH_BYTES])
{
	if (sodium_init() < 0 || key_ring_refresh(keys) != ERR_OK)
		return ERR_UNAVAILABLE;
	digest(keys->active, purpose, bytes, len, out);
	return ERR_OK;
}

enum err hash_all(struct key_ring *keys, int64_t now_ms,
	enum hash_purpose purpose, const char *text, struct hash_set *out)
{
	size_t len = strlen(text);

	if (sodium_init() < 0 || key_ring_refresh(keys) != ERR_OK)
		return ERR_UNAVAILABLE;
	digest(keys->active, purpose, text, len, out->hash[0]);
	out->count = 1;
	for (size_t i = 0; i < keys->set.count; i++) {
		const struct ring_key *key = &keys->set.keys[i];

		if (!key->active && now_ms < key->retires)
			digest(key, purpose, text, len,
				out->hash[out->count++]);
	}
	return ERR_OK;
}
