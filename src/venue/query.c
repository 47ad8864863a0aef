/*
 * The words of a request and their signature. Everything outside RFC 3986's
 * unreserved characters is percent-encoded, space and "+" too. Never sees a
 * key but to sign with it; what the hash kept of it is wiped.
 */
#include "venue_query.h"

#include <sodium.h>

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' ||
	       c == '~';
}

static void add_encoded(struct buf *query, const char *value)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *value; value++) {
		unsigned char c = (unsigned char)*value;

		if (is_unreserved(c)) {
			buf_char(query, *value);
			continue;
		}
		buf_char(query, '%');
		buf_char(query, digits[c >> 4]);
		buf_char(query, digits[c & 15]);
	}
}

void venue_query_text(struct buf *query, const char *name, const char *value)
{
	if (query->len)
		buf_char(query, '&');
	buf_text(query, name);
	buf_char(query, '=');
	add_encoded(query, value);
}

void venue_query_int(struct buf *query, const char *name, int64_t value)
{
	char text[48];

	(void)decimal_print(
		(struct decimal){.units = value}, text, sizeof(text));
	venue_query_text(query, name, text);
}

void venue_query_decimal(
	struct buf *query, const char *name, struct decimal value)
{
	char text[48];

	(void)decimal_print(decimal_trim(value), text, sizeof(text));
	venue_query_text(query, name, text);
}

void venue_sign(const struct secret *key, const char *a, const char *b,
	char out[VENUE_SIGNATURE_ROOM])
{
	crypto_auth_hmacsha256_state state;
	unsigned char mac[crypto_auth_hmacsha256_BYTES];

	(void)crypto_auth_hmacsha256_init(&state, key->bytes, key->len);
	(void)crypto_auth_hmacsha256_update(
		&state, (const unsigned char *)a, strlen(a));
	(void)crypto_auth_hmacsha256_update(
		&state, (const unsigned char *)b, strlen(b));
	(void)crypto_auth_hmacsha256_final(&state, mac);
	secret_wipe(&state, sizeof(state));
	(void)sodium_bin2hex(out, VENUE_SIGNATURE_ROOM, mac, sizeof(mac));
}
