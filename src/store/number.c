/*
 * Counted numbers as text and as words. No more than 53 bits, because a number
 * that one backend can hold and another cannot would be two stores.
 */
#include "number.h"

#include <endian.h>

#include "text.h"

static bool is_exact(int64_t number)
{
	return number <= NUMBER_LIMIT && number >= -NUMBER_LIMIT;
}

bool number_parse(const void *bytes, size_t len, int64_t *out)
{
	char text[NUMBER_ROOM];

	if (len == 0 || len >= sizeof(text))
		return false;
	memcpy(text, bytes, len);
	text[len] = '\0';
	return text_integer(text, out) && is_exact(*out);
}

size_t number_format(int64_t number, char text[NUMBER_ROOM])
{
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	char digits[NUMBER_ROOM];
	size_t count = 0, len = 0;

	do
		digits[count++] = (char)('0' + rest % 10);
	while (rest /= 10);
	if (number < 0)
		text[len++] = '-';
	while (count > 0)
		text[len++] = digits[--count];
	return len;
}

void number_pack(const int64_t *words, size_t count, void *room)
{
	unsigned char *at = room;

	for (size_t i = 0; i < count; i++) {
		uint64_t word = htole64((uint64_t)words[i]);

		memcpy(at + i * NUMBER_WORD, &word, NUMBER_WORD);
	}
}

void number_unpack(const void *bytes, size_t count, int64_t *words)
{
	const unsigned char *at = bytes;

	for (size_t i = 0; i < count; i++) {
		uint64_t word;

		memcpy(&word, at + i * NUMBER_WORD, NUMBER_WORD);
		words[i] = (int64_t)le64toh(word);
	}
}

bool number_add(int64_t number, int64_t delta, int64_t *out)
{
	int64_t sum;

	if (__builtin_add_overflow(number, delta, &sum) || sum > NUMBER_LIMIT ||
		sum < -NUMBER_LIMIT)
		return false;
	*out = sum;
	return true;
}
