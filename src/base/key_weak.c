/*
 * Keys that anybody could guess or look up. Random bytes never look like
 * any of these; a key made of text, of a pattern, or copied from a standard
 * must never sign or hash anything here.
 */
#include "key_ring.h"

enum {
	DISTINCT_MIN = 12,    /* of 32 random bytes, about 30 differ */
	TEXT_DISTINCT_MIN = 8 /* of 32 random hex digits, about 14 differ */
};

/* The example keys of RFC 7515 A.1 and RFC 7520 3.5. */
static const unsigned char rfc7515_key[] = {0x03, 0x23, 0x35, 0x4b, 0x2b, 0x0f,
	0xa5, 0xbc, 0x83, 0x7e, 0x06, 0x65, 0x77, 0x7b, 0xa6, 0x8f, 0x5a, 0xb3,
	0x28, 0xe6, 0xf0, 0x54, 0xc9, 0x28, 0xa9, 0x0f, 0x84, 0xb2, 0xd2, 0x50,
	0x2e, 0xbf, 0xd3, 0xfb, 0x5a, 0x92, 0xd2, 0x06, 0x47, 0xef, 0x96, 0x8a,
	0xb4, 0xc3, 0x77, 0x62, 0x3d, 0x22, 0x3d, 0x2e, 0x21, 0x72, 0x05, 0x2e,
	0x4f, 0x08, 0xc0, 0xcd, 0x9a, 0xf5, 0x67, 0xd0, 0x80, 0xa3};
static const unsigned char rfc7520_key[] = {0x84, 0x9b, 0x57, 0x21, 0x9d, 0xae,
	0x48, 0xde, 0x64, 0x6d, 0x07, 0xdb, 0xb5, 0x33, 0x56, 0x6e, 0x97, 0x66,
	0x86, 0x45, 0x7c, 0x14, 0x91, 0xbe, 0x3a, 0x76, 0xdc, 0xea, 0x6c, 0x42,
	0x71, 0x88};

static bool is_published(const unsigned char *key, size_t len)
{
	return secret_equal(key, len, rfc7515_key, sizeof(rfc7515_key)) ||
	       /* also its head, for those who cut it to 32 bytes */
	       secret_equal(key, len, rfc7515_key, KEY_BYTES_MIN) ||
	       secret_equal(key, len, rfc7520_key, sizeof(rfc7520_key));
}

static bool is_printable(const unsigned char *key, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (key[i] < 0x20 || key[i] > 0x7e)
			return false;
	return true;
}

static bool is_counting(const unsigned char *key, size_t len)
{
	unsigned char step = (unsigned char)(key[1] - key[0]);

	for (size_t i = 1; i < len; i++)
		if ((unsigned char)(key[i] - key[i - 1]) != step)
			return false;
	return true;
}

static size_t distinct_values(const unsigned char *key, size_t len)
{
	bool seen[256] = {false};
	size_t distinct = 0;

	for (size_t i = 0; i < len; i++) {
		distinct += !seen[key[i]];
		seen[key[i]] = true;
	}
	return distinct;
}

/* A shorter key written twice or more. */
static bool is_repeated(const unsigned char *key, size_t len)
{
	for (size_t unit = 1; unit <= len / 2; unit++)
		if (memcmp(key, key + unit, len - unit) == 0)
			return true;
	return false;
}

bool key_is_weak(const unsigned char *key, size_t len)
{
	return len < KEY_BYTES_MIN || is_printable(key, len) ||
	       is_counting(key, len) || is_repeated(key, len) ||
	       distinct_values(key, len) < DISTINCT_MIN ||
	       is_published(key, len);
}

/* What stands in examples, and in the heads of people in a hurry; in lower
   case. Random text has none of these. */
static const char *const example_words[] = {"secret", "password", "passwort",
	"changeme", "change-me", "change_me", "change this", "change-this",
	"change_this", "example", "default", "insert", "replace", "your-",
	"your_", "kontor", "qwerty", "12345678", "abcdefgh",
	/* the keys of RFC 7515 A.1 and RFC 7520 3.5 as they stand there */
	"aym1sysppbydfgzld3umj1qzkobwvmkoqq", "hjtxiz2usn5kbqfbttnwbpdmhkv8fjg",
	NULL};

bool key_text_is_weak(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t len = strlen(text);

	if (len < KEY_BYTES_MIN || is_counting(bytes, len) ||
		is_repeated(bytes, len) ||
		distinct_values(bytes, len) < TEXT_DISTINCT_MIN)
		return true;
	for (const char *const *word = example_words; *word; word++)
		if (strcasestr(text, *word))
			return true;
	return false;
}
