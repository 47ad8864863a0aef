/*
 * Counted numbers as text. No more than 53 bits, because a number that one
 * backend can hold and another cannot would be two stores.
 */
#include "number.h"

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
	return (size_t)snprintf(text, NUMBER_ROOM, "%lld", (long long)number);
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
