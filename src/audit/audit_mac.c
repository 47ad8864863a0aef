/*
 * The keyed hash that chains the rows (audit_private.h says of what). The
 * encoding is a promise to every row that was ever written: it must never
 * change under the same words.
 */
#include "audit_private.h"

#include <sodium/crypto_auth_hmacsha256.h>

_Static_assert(AUDIT_MAC_BYTES == crypto_auth_hmacsha256_BYTES,
	"a MAC is an HMAC-SHA-256");

static void put_number(crypto_auth_hmacsha256_state *state, uint64_t number)
{
	unsigned char bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(number >> (56 - 8 * i));
	(void)crypto_auth_hmacsha256_update(state, bytes, sizeof(bytes));
}

static void put_text(crypto_auth_hmacsha256_state *state, const char *text)
{
	const unsigned char there = text ? 1 : 0;
	size_t len = text ? strlen(text) : 0;

	(void)crypto_auth_hmacsha256_update(state, &there, 1);
	put_number(state, len);
	if (text)
		(void)crypto_auth_hmacsha256_update(
			state, (const unsigned char *)text, len);
}

void audit_mac(const struct ring_key *key, const struct audit_row *row,
	const unsigned char before[AUDIT_MAC_BYTES],
	unsigned char out[AUDIT_MAC_BYTES])
{
	static const unsigned char words[] = "kontor audit 1";
	crypto_auth_hmacsha256_state state;

	(void)crypto_auth_hmacsha256_init(
		&state, key->secret.bytes, key->secret.len);
	(void)crypto_auth_hmacsha256_update(&state, words, sizeof(words));
	(void)crypto_auth_hmacsha256_update(&state, before, AUDIT_MAC_BYTES);
	put_number(&state, (uint64_t)row->seq);
	put_number(&state, (uint64_t)row->at);
	for (size_t i = 0; i < AUDIT_TEXT_COUNT; i++)
		put_text(&state, row->texts[i]);
	(void)crypto_auth_hmacsha256_final(&state, out);
	secret_wipe(&state, sizeof(state));
}
