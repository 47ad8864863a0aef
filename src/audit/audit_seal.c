/*
 * Seals: an HMAC with the log's key over bytes that are no row, so that what
 * this installation wrote down elsewhere is known again. Begins with other
 * words than a row, so that neither passes for the other.
 */
#include "audit_private.h"

#include <sodium/crypto_auth_hmacsha256.h>

#include "text.h"

static void seal(const struct ring_key *key, const void *bytes, size_t len,
	unsigned char out[AUDIT_MAC_BYTES])
{
	static const unsigned char words[] = "kontor seal 1";
	crypto_auth_hmacsha256_state state;

	(void)crypto_auth_hmacsha256_init(
		&state, key->secret.bytes, key->secret.len);
	(void)crypto_auth_hmacsha256_update(&state, words, sizeof(words));
	(void)crypto_auth_hmacsha256_update(&state, bytes, len);
	(void)crypto_auth_hmacsha256_final(&state, out);
	secret_wipe(&state, sizeof(state));
}

enum err audit_seal(struct audit *audit, struct arena *arena, const void *bytes,
	size_t len, struct audit_seal *out)
{
	unsigned char mac[AUDIT_MAC_BYTES];
	enum err err = key_ring_look(&audit->ring);

	if (err != ERR_OK)
		return err;
	seal(audit->ring.active, bytes, len, mac);
	*out = (struct audit_seal){
		.key_id = arena_text(arena, audit->ring.active->id),
		.mac = text_hex(arena, mac, sizeof(mac)),
	};
	return ERR_OK;
}

enum err audit_seal_check(struct audit *audit, const void *bytes, size_t len,
	const struct audit_seal *found)
{
	const struct ring_key *key;
	unsigned char given[AUDIT_MAC_BYTES];
	unsigned char mac[AUDIT_MAC_BYTES];
	enum err err = key_ring_look(&audit->ring);

	if (err != ERR_OK)
		return err;
	/* keys of the log check for ever: no clock is asked */
	key = key_ring_find(&audit->ring, found->key_id, 0);
	if (!key)
		return ERR_NOT_FOUND;
	seal(key, bytes, len, mac);
	if (text_hex_decode(found->mac, given, sizeof(given)) != ERR_OK ||
		!secret_equal(mac, sizeof(mac), given, sizeof(given)))
		return ERR_BAD_INPUT;
	return ERR_OK;
}
