/*
 * Exact decimal arithmetic in scaled integers. Products and common scales
 * are built in 128 bits; what does not come back into 64 is refused. Never
 * a double on the way, except out of here for statistics.
 */
#include "decimal.h"

#include <assert.h>

__extension__ typedef __int128 wide;

enum {
	DECIMAL_ROOM = 48
};

static wide power_of_ten(int32_t exponent)
{
	wide power = 1;

	while (exponent-- > 0)
		power *= 10;
	return power;
}

/* Into 64 bits, giving up zeros at the end (which are no loss) if need be. */
static enum err fit(wide units, int32_t scale, struct decimal *out)
{
	while ((units > INT64_MAX || units < INT64_MIN) && scale > 0 &&
		units % 10 == 0) {
		units /= 10;
		scale--;
	}
	if (units > INT64_MAX || units < INT64_MIN)
		return ERR_BAD_INPUT;
	*out = (struct decimal){.units = (int64_t)units, .scale = scale};
	return ERR_OK;
}

/* At most 2^63 * 10^18: below 2^127. */
static wide at_scale(struct decimal value, int32_t scale)
{
	return (wide)value.units * power_of_ten(scale - value.scale);
}

static wide divide_half_even(wide value, wide by)
{
	wide quotient = value / by;
	wide rest = value % by; /* has the sign of value */
	int sign = value < 0 ? -1 : 1;
	wide twice = rest * 2 * sign;

	if (twice > by || (twice == by && quotient % 2 != 0))
		quotient += sign;
	return quotient;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * Adds the digits at text to *units, downwards (INT64_MIN has no positive
 * twin). Returns how many were taken: all, unless one did not fit.
 */
static size_t take_digits(
	const char *text, size_t len, size_t most, int64_t *units)
{
	size_t taken = 0;

	while (taken < len && taken < most) {
		int64_t next;

		if (__builtin_mul_overflow(*units, 10, &next) ||
			__builtin_sub_overflow(next, text[taken] - '0', &next))
			break;
		*units = next;
		taken++;
	}
	return taken;
}

static size_t count_digits(const char *text, size_t len)
{
	size_t count = 0;

	while (count < len && is_digit(text[count]))
		count++;
	return count;
}

/* Digits behind the point that found no room must be zeros. */
static bool all_zeros(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] != '0')
			return false;
	return true;
}

enum err decimal_parse(const char *text, size_t len, struct decimal *out)
{
	bool negative = len && text[0] == '-';
	const char *whole = text + negative;
	size_t whole_len = count_digits(whole, len - negative);
	size_t rest = len - negative - whole_len;
	size_t fraction_len = 0;
	size_t scale = 0;
	int64_t units = 0;

	if (!whole_len)
		return ERR_BAD_INPUT;
	if (rest) {
		fraction_len = count_digits(whole + whole_len + 1, rest - 1);
		if (whole[whole_len] != '.' || !fraction_len ||
			fraction_len != rest - 1)
			return ERR_BAD_INPUT;
	}
	if (take_digits(whole, whole_len, whole_len, &units) != whole_len)
		return ERR_BAD_INPUT;
	if (rest) {
		const char *fraction = whole + whole_len + 1;

		scale = take_digits(
			fraction, fraction_len, DECIMAL_SCALE_LIMIT, &units);
		if (!all_zeros(fraction + scale, fraction_len - scale))
			return ERR_BAD_INPUT;
	}
	if (!negative && units == INT64_MIN)
		return ERR_BAD_INPUT;
	out->units = negative ? units : -units;
	out->scale = (int32_t)scale;
	return ERR_OK;
}

/* The last two digits of a number, in front of `end`. */
static char *pair_before(char *end, uint32_t pair)
{
	*--end = (char)('0' + pair % 10);
	*--end = (char)('0' + pair / 10);
	return end;
}

/* The digits in front of `end`, as many as there are, and with zeros in front
   at least so many. By eights, for whose digits 32 bits are enough. Returns
   where they begin. */
static char *digits_before(char *end, uint64_t value, int32_t least)
{
	const uint64_t eight = 100000000;
	char *at = end;
	uint32_t rest;

	while (value >= eight) {
		rest = (uint32_t)(value % eight);
		value /= eight;
		for (int i = 0; i < 4; i++, rest /= 100)
			at = pair_before(at, rest % 100);
	}
	for (rest = (uint32_t)value; rest >= 100; rest /= 100)
		at = pair_before(at, rest % 100);
	if (rest >= 10)
		at = pair_before(at, rest);
	else if (rest > 0)
		*--at = (char)('0' + rest);
	while (end - at < least)
		*--at = '0';
	return at;
}

size_t decimal_print(struct decimal value, char *text, size_t room)
{
	char digits[DECIMAL_ROOM];
	char *at = digits + DECIMAL_ROOM;
	const uint64_t units = value.units < 0 ? 0 - (uint64_t)value.units
					       : (uint64_t)value.units;
	size_t len;

	assert(room >= DECIMAL_ROOM);
	assert(value.scale >= 0 && value.scale <= DECIMAL_SCALE_LIMIT);
	at = digits_before(at, units, value.scale + 1);
	len = (size_t)(digits + DECIMAL_ROOM - at) - (size_t)value.scale;
	if (value.units < 0)
		*text++ = '-';
	memcpy(text, at, len);
	if (value.scale > 0) {
		text[len] = '.';
		memcpy(text + len + 1, at + len, (size_t)value.scale);
		len += 1 + (size_t)value.scale;
	}
	text[len] = '\0';
	return len + (value.units < 0);
}

const char *decimal_format(struct arena *arena, struct decimal value)
{
	char text[DECIMAL_ROOM];

	return arena_copy(
		arena, text, decimal_print(value, text, sizeof(text)));
}

enum err decimal_add(struct decimal a, struct decimal b, struct decimal *out)
{
	int32_t scale = a.scale > b.scale ? a.scale : b.scale;

	return fit(at_scale(a, scale) + at_scale(b, scale), scale, out);
}

enum err decimal_sub(struct decimal a, struct decimal b, struct decimal *out)
{
	int32_t scale = a.scale > b.scale ? a.scale : b.scale;

	return fit(at_scale(a, scale) - at_scale(b, scale), scale, out);
}

/* Exactly `scale` digits: the caller counts on it, so no fit() here. */
static enum err rescale(
	wide units, int32_t from, int32_t scale, struct decimal *out)
{
	if (scale < 0 || scale > DECIMAL_SCALE_LIMIT)
		return ERR_BAD_INPUT;
	if (scale < from)
		units = divide_half_even(units, power_of_ten(from - scale));
	else if (__builtin_mul_overflow(
			 units, power_of_ten(scale - from), &units))
		return ERR_BAD_INPUT;
	if (units > INT64_MAX || units < INT64_MIN)
		return ERR_BAD_INPUT;
	*out = (struct decimal){.units = (int64_t)units, .scale = scale};
	return ERR_OK;
}

enum err decimal_mul(
	struct decimal a, struct decimal b, int32_t scale, struct decimal *out)
{
	wide product = (wide)a.units * b.units;

	return rescale(product, a.scale + b.scale, scale, out);
}

enum err decimal_rescale(
	struct decimal value, int32_t scale, struct decimal *out)
{
	return rescale(value.units, value.scale, scale, out);
}

struct decimal decimal_trim(struct decimal value)
{
	while (value.scale > 0 && value.units % 10 == 0) {
		value.units /= 10;
		value.scale--;
	}
	return value;
}

int decimal_compare(struct decimal a, struct decimal b)
{
	int32_t scale = a.scale > b.scale ? a.scale : b.scale;
	wide left = at_scale(a, scale);
	wide right = at_scale(b, scale);

	return (left > right) - (left < right);
}

double decimal_double(struct decimal value)
{
	const int64_t exact = (int64_t)1 << 53; /* doubles hold all below */
	static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
		1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
	char text[DECIMAL_ROOM];

	assert(value.scale >= 0 && value.scale <= DECIMAL_SCALE_LIMIT);
	/* Both exact: the one division rounds, once. */
	if (value.units < exact && value.units > -exact)
		return (double)value.units / powers[value.scale];
	decimal_print(value, text, sizeof(text));
	return strtod(text, NULL);
}
