/*
 * Small text tools. Decoders are strict: each value has one spelling, all
 * others are refused. Nothing here knows a locale; case means ASCII.
 * The encodings (base64url, hex, percent) are in text_code.c.
 */
#include "text.h"

enum {
	SUGGEST_MAX = 64
};

bool text_equal(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

bool text_starts(const char *text, const char *prefix)
{
	return text && strncmp(text, prefix, strlen(prefix)) == 0;
}

/*
 * The length of the sequence that starts with this byte and the range its
 * second byte must be in; that range is what shuts out overlong forms,
 * surrogates and what lies above 10FFFF. 0: no character starts so.
 */
static size_t utf8_lead(
	unsigned char lead, unsigned char *low, unsigned char *high)
{
	*low = 0x80;
	*high = 0xbf;
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if (lead >= 0xe0 && lead <= 0xef) {
		if (lead == 0xe0)
			*low = 0xa0;
		if (lead == 0xed)
			*high = 0x9f;
		return 3;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		if (lead == 0xf0)
			*low = 0x90;
		if (lead == 0xf4)
			*high = 0x8f;
		return 4;
	}
	return 0;
}

size_t text_utf8_step(const char *text, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)text;
	unsigned char low;
	unsigned char high;
	size_t size;

	if (!len)
		return 0;
	size = utf8_lead(bytes[0], &low, &high);
	if (size == 0 || size > len)
		return 0;
	if (size > 1 && (bytes[1] < low || bytes[1] > high))
		return 0;
	for (size_t i = 2; i < size; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return size;
}

bool text_is_utf8(const char *text, size_t len)
{
	while (len) {
		size_t step = text_utf8_step(text, len);

		if (!step)
			return false;
		text += step;
		len -= step;
	}
	return true;
}

size_t text_characters(const char *text)
{
	size_t count = 0;

	for (; *text; text++)
		if (((unsigned char)*text & 0xc0) != 0x80)
			count++;
	return count;
}

/*
 * Are these eight bytes printable ASCII? Every header of every request and
 * answer is looked at: by words, the byte below 0x20, equal to 0x7f or above
 * shows in the top bit of its place.
 */
static bool is_plain_word(const char *text)
{
	const uint64_t ones = UINT64_MAX / 0xff;
	const uint64_t tops = ones << 7;
	uint64_t word, deletes;

	memcpy(&word, text, sizeof(word));
	deletes = word ^ ones * 0x7f;
	return (((word - ones * 0x20) | word | (deletes - ones)) & tops) == 0;
}

bool text_has_control(const char *text, size_t len)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t i = 0;

	while (len - i >= sizeof(uint64_t) && is_plain_word(text + i))
		i += sizeof(uint64_t);
	for (; i < len; i++) {
		if (bytes[i] < 0x20 || bytes[i] == 0x7f)
			return true;
		/* U+0080 to U+009F: some terminals obey them too */
		if (bytes[i] == 0xc2 && i + 1 < len && bytes[i + 1] < 0xa0)
			return true;
	}
	return false;
}

bool text_integer(const char *text, int64_t *out)
{
	bool negative = *text == '-';
	const char *digits = text + negative;
	int64_t value = 0;

	if (*digits < '0' || *digits > '9')
		return false;
	if (*digits == '0' && (digits[1] != '\0' || negative))
		return false;
	/* Counted downwards: INT64_MIN has no positive twin. */
	for (; *digits >= '0' && *digits <= '9'; digits++)
		if (__builtin_mul_overflow(value, 10, &value) ||
			__builtin_sub_overflow(value, *digits - '0', &value))
			return false;
	if (*digits != '\0' || (!negative && value == INT64_MIN))
		return false;
	*out = negative ? value : -value;
	return true;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

const char *text_lower(struct arena *arena, const char *text)
{
	char *copy = arena_text(arena, text);

	for (char *c = copy; *c; c++)
		*c = lower(*c);
	return copy;
}

static size_t least(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Levenshtein, ASCII case ignored; both texts at most SUGGEST_MAX bytes. */
static size_t distance(const char *a, const char *b)
{
	size_t row[SUGGEST_MAX + 1];
	size_t b_len = strlen(b);

	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b_len; j++) {
			size_t above = row[j + 1];
			size_t change = lower(a[i]) != lower(b[j]);

			row[j + 1] =
				least(above + 1, row[j] + 1, diagonal + change);
			diagonal = above;
		}
	}
	return row[b_len];
}

const char *text_suggest(const char *text, const char *const *names)
{
	size_t len = strlen(text);
	size_t limit = len > 8 ? 3 : (len + 2) / 3;
	const char *nearest = NULL;

	if (len > SUGGEST_MAX)
		return NULL;
	for (; *names; names++) {
		size_t far;

		if (strlen(*names) > SUGGEST_MAX)
			continue;
		far = distance(text, *names);
		if (far > limit || (nearest && far == limit))
			continue;
		nearest = *names;
		limit = far;
	}
	return nearest;
}
