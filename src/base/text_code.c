/*
 * base64url, hex and percent coding. Decoding refuses padding, foreign
 * characters, unused bits that are not zero, and bytes that could not stand
 * in a text; it never repairs.
 */
#include "text.h"

static const char base64url_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "abcdefghijklmnopqrstuvwxyz"
				       "0123456789-_";
static const char hex_digits[] = "0123456789abcdef";

static int base64url_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

enum err text_base64url_decode(struct arena *arena, const char *text,
	size_t len, unsigned char **out, size_t *out_len)
{
	unsigned char *bytes = arena_alloc(arena, len / 4 * 3 + 3);
	unsigned held = 0; /* bits not yet written, `bits` of them */
	unsigned bits = 0;
	size_t count = 0;

	if (len % 4 == 1)
		return ERR_BAD_INPUT;
	for (size_t i = 0; i < len; i++) {
		int value = base64url_value(text[i]);

		if (value < 0)
			return ERR_BAD_INPUT;
		held = (held << 6 | (unsigned)value) & 0xfff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bytes[count++] = (unsigned char)(held >> bits);
		}
	}
	if (held & ((1U << bits) - 1))
		return ERR_BAD_INPUT;
	*out = bytes;
	*out_len = count;
	return ERR_OK;
}

const char *text_base64url(
	struct arena *arena, const unsigned char *bytes, size_t len)
{
	char *text = arena_alloc(arena, len / 3 * 4 + 5);
	unsigned held = 0;
	unsigned bits = 0;
	size_t count = 0;

	for (size_t i = 0; i < len; i++) {
		held = (held << 8 | bytes[i]) & 0xffff;
		bits += 8;
		while (bits >= 6) {
			bits -= 6;
			text[count++] = base64url_digits[held >> bits & 63];
		}
	}
	if (bits)
		text[count] = base64url_digits[held << (6 - bits) & 63];
	return text;
}

const char *text_hex(
	struct arena *arena, const unsigned char *bytes, size_t len)
{
	char *text = arena_array(arena, len + 1, 2);

	for (size_t i = 0; i < len; i++) {
		text[2 * i] = hex_digits[bytes[i] >> 4];
		text[2 * i + 1] = hex_digits[bytes[i] & 15];
	}
	return text;
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum err text_hex_decode(const char *text, unsigned char *out, size_t out_len)
{
	if (strnlen(text, out_len * 2 + 1) != out_len * 2)
		return ERR_BAD_INPUT;
	for (size_t i = 0; i < out_len * 2; i++)
		if (hex_value(text[i]) < 0)
			return ERR_BAD_INPUT;
	for (size_t i = 0; i < out_len; i++)
		out[i] = (unsigned char)(hex_value(text[2 * i]) * 16 +
					 hex_value(text[2 * i + 1]));
	return ERR_OK;
}

/* Percent triplets are written in either case: RFC 3986, 2.1. */
static int percent_value(const char *text, size_t len)
{
	int value = 0;

	if (len < 3)
		return -1;
	for (int i = 1; i <= 2; i++) {
		char c = text[i];
		int digit;

		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		digit = hex_value(c);
		if (digit < 0)
			return -1;
		value = value * 16 + digit;
	}
	return value;
}

enum err text_percent_decode(struct arena *arena, const char *text, size_t len,
	bool plus_is_space, const char **out)
{
	char *plain = arena_alloc(arena, len + 1);
	size_t count = 0;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '%') {
			int value = percent_value(text + i, len - i);

			if (value < 0)
				return ERR_BAD_INPUT;
			c = (char)value;
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		/* A NUL would cut the text short for those behind us. */
		if (c == '\0')
			return ERR_BAD_INPUT;
		plain[count++] = c;
	}
	if (!text_is_utf8(plain, count))
		return ERR_BAD_INPUT;
	*out = plain;
	return ERR_OK;
}
