/*
 * Identifiers (ULID, lower case) and random bytes from the system through
 * libsodium. No other source of randomness may be used anywhere.
 */
#include "id.h"

#include <sodium.h>

enum {
	TIME_DIGITS = 10,
	RANDOM_BYTES = 10
};

/* Crockford's base 32: no i, l, o, u. */
static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
static const uint64_t time_mask = ((uint64_t)1 << 48) - 1;

void random_bytes(void *out, size_t len)
{
	/* Does its work once and is cheap afterwards. Without randomness
	   nothing here is safe: better no process at all. */
	if (sodium_init() < 0)
		abort();
	randombytes_buf(out, len);
}

static void time_put(char *id, int64_t ms)
{
	uint64_t time = ms < 0 ? 0 : (uint64_t)ms & time_mask;

	for (int i = TIME_DIGITS - 1; i >= 0; i--) {
		id[i] = digits[time & 31];
		time >>= 5;
	}
}

const char *id_first(struct arena *arena, int64_t at_ms)
{
	char *id = arena_alloc(arena, ID_LENGTH + 1);

	time_put(id, at_ms);
	memset(id + TIME_DIGITS, digits[0], ID_LENGTH - TIME_DIGITS);
	return id;
}

const char *id_new(struct arena *arena, int64_t now_ms)
{
	char *id = arena_alloc(arena, ID_LENGTH + 1);
	unsigned char noise[RANDOM_BYTES];
	char *out = id + TIME_DIGITS;
	unsigned held = 0;
	unsigned bits = 0;

	time_put(id, now_ms);
	random_bytes(noise, sizeof(noise));
	for (size_t i = 0; i < sizeof(noise); i++) {
		held = (held << 8 | noise[i]) & 0xfff;
		bits += 8;
		while (bits >= 5) {
			bits -= 5;
			*out++ = digits[held >> bits & 31];
		}
	}
	return id;
}

bool id_is_valid(const char *text)
{
	if (!text || strnlen(text, ID_LENGTH + 1) != ID_LENGTH)
		return false;
	return strspn(text, digits) == ID_LENGTH && text[0] <= '7';
}
