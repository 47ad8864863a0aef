/*
 * Where signing keys come from: a file that can be rotated, or one key that
 * the operator gave. Never makes a fault text that shows a key.
 */
#include "token_keys_private.h"

#include <sodium/core.h>
#include <sodium/crypto_generichash_blake2b.h>

#include "text.h"

enum {
	KID_BYTES = 8
};

static struct token_keys *keys_new(struct arena *arena)
{
	return arena_alloc(arena, sizeof(struct token_keys));
}

enum err token_keys_open_why(struct arena *arena, const char *path,
	const char **fault, struct token_keys **out)
{
	struct token_keys *keys = keys_new(arena);
	enum err err =
		key_ring_open(&keys->ring, arena_text(arena, path), fault);

	if (err != ERR_OK)
		return err;
	keys->cache = token_cache_open();
	*out = keys;
	return ERR_OK;
}

enum err token_keys_open(
	struct arena *arena, const char *path, struct token_keys **out)
{
	return token_keys_open_why(arena, path, NULL, out);
}

/* Tells keys apart, and tells nothing about them that a token does not. */
static const char *secret_id(struct arena *arena, const char *secret)
{
	static const unsigned char salt[crypto_generichash_blake2b_SALTBYTES];
	static const unsigned char
		purpose[crypto_generichash_blake2b_PERSONALBYTES] =
			"kontor.kid";
	unsigned char id[crypto_generichash_blake2b_BYTES_MIN];

	(void)crypto_generichash_blake2b_salt_personal(id, sizeof(id),
		(const unsigned char *)secret, strlen(secret), NULL, 0, salt,
		purpose);
	return text_hex(arena, id, KID_BYTES);
}

enum err token_keys_of_secret(struct arena *arena, const char *secret,
	const char **fault, struct token_keys **out)
{
	struct token_keys *keys = keys_new(arena);

	if (sodium_init() < 0)
		return ERR_UNAVAILABLE;
	if (strlen(secret) < TOKEN_KEY_MIN) {
		*fault = "it is shorter than 32 bytes";
		return ERR_BAD_INPUT;
	}
	if (key_text_is_weak(secret)) {
		*fault = "it can be guessed: make a random one";
		return ERR_BAD_INPUT;
	}
	if (key_ring_of(&keys->ring, secret_id(arena, secret), secret,
		    strlen(secret)) != ERR_OK) {
		*fault = "there is no memory for keys";
		return ERR_UNAVAILABLE;
	}
	keys->cache = token_cache_open();
	*out = keys;
	return ERR_OK;
}

void token_keys_close(struct token_keys **keys)
{
	if (!*keys)
		return;
	token_cache_close(&(*keys)->cache);
	key_ring_release(&(*keys)->ring);
	*keys = NULL;
}
