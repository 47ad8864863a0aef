/*
 * Times and numbers as data files write them. Strict: a text that is not
 * wholly understood is refused, never cut or guessed at.
 */
#include "import_private.h"

#include "clock.h"
#include "text.h"

/* A place in a text that is being read. */
struct cursor {
	const char *at;
};

#define SECOND_MS INT64_C(1000)
#define DAY_MS INT64_C(86400000)

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Exactly so many digits. */
static bool take_digits(struct cursor *cursor, int count, int *out)
{
	int value = 0;

	for (; count > 0; count--) {
		if (!is_digit(*cursor->at))
			return false;
		value = value * 10 + (*cursor->at++ - '0');
	}
	*out = value;
	return true;
}

static bool take(struct cursor *cursor, char c)
{
	if (*cursor->at != c)
		return false;
	cursor->at++;
	return true;
}

static int days_in(int year, int month)
{
	static const int days[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

/* 2021-12-31, 2021/12/31, 2021.12.31 or 20211231. */
static bool take_date(struct cursor *cursor, int64_t *ms)
{
	int year;
	int month;
	int day;
	char mark;

	if (!take_digits(cursor, 4, &year))
		return false;
	mark = *cursor->at;
	if (mark != '-' && mark != '/' && mark != '.')
		mark = '\0';
	if (mark)
		cursor->at++;
	if (!take_digits(cursor, 2, &month) || (mark && !take(cursor, mark)) ||
		!take_digits(cursor, 2, &day))
		return false;
	if (year < 1 || month < 1 || month > 12 || day < 1 ||
		day > days_in(year, month))
		return false;
	*ms = time_days(year, month, day) * DAY_MS;
	return true;
}

/* ".123456": whole milliseconds only. */
static bool take_fraction(struct cursor *cursor, int64_t *ms)
{
	int64_t weight = 100;

	if (!is_digit(*cursor->at))
		return false;
	for (; is_digit(*cursor->at); cursor->at++) {
		if (weight == 0 && *cursor->at != '0')
			return false;
		*ms += (*cursor->at - '0') * weight;
		weight /= 10;
	}
	return true;
}

/* 23:01, 23:01:00 or 23:01:00.000000. */
static bool take_clock(struct cursor *cursor, int64_t *ms)
{
	int hour;
	int minute;
	int second = 0;
	int64_t fraction = 0;

	if (!take_digits(cursor, 2, &hour) || !take(cursor, ':') ||
		!take_digits(cursor, 2, &minute))
		return false;
	if (take(cursor, ':')) {
		if (!take_digits(cursor, 2, &second))
			return false;
		if (take(cursor, '.') && !take_fraction(cursor, &fraction))
			return false;
	}
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	*ms = ((hour * 60 + minute) * 60 + second) * SECOND_MS + fraction;
	return true;
}

/* Z, " UTC", +02:00, +0200, +02 or nothing: what to take off, ms. */
static bool take_offset(struct cursor *cursor, int64_t *ms)
{
	int sign;
	int hours;
	int minutes = 0;

	*ms = 0;
	if (*cursor->at == '\0')
		return true;
	if (text_equal(cursor->at, "Z") || text_equal(cursor->at, "z") ||
		text_equal(cursor->at, " UTC") || text_equal(cursor->at, "UTC"))
		return true;
	if (*cursor->at != '+' && *cursor->at != '-')
		return false;
	sign = *cursor->at++ == '-' ? -1 : 1;
	if (!take_digits(cursor, 2, &hours))
		return false;
	if (*cursor->at) {
		(void)take(cursor, ':');
		if (!take_digits(cursor, 2, &minutes))
			return false;
	}
	if (*cursor->at || hours > 15 || minutes > 59)
		return false;
	*ms = (int64_t)sign * (hours * 60 + minutes) * 60 * SECOND_MS;
	return true;
}

static bool date_read(const char *text, const char *clock, int64_t *out)
{
	struct cursor cursor = {text};
	int64_t day;
	int64_t into = 0;
	int64_t offset = 0;

	if (!take_date(&cursor, &day))
		return false;
	if (*clock) {
		if (*cursor.at)
			return false;
		cursor.at = clock;
	} else if (*cursor.at) {
		if (!take(&cursor, 'T') && !take(&cursor, ' '))
			return false;
	} else {
		*out = day;
		return true;
	}
	if (!take_clock(&cursor, &into) || !take_offset(&cursor, &offset))
		return false;
	*out = day + into - offset;
	return true;
}

/* Sizes overlap only before 1973. */
static enum import_unit unit_of(struct decimal value)
{
	const struct decimal ms = {INT64_C(100000000000), 0};
	const struct decimal us = {INT64_C(100000000000000), 0};

	if (decimal_compare(value, ms) < 0)
		return UNIT_SECONDS;
	return decimal_compare(value, us) < 0 ? UNIT_MILLISECONDS
					      : UNIT_MICROSECONDS;
}

/* The number shifted by so many decimal places, when it is whole then. */
static bool shifted(struct decimal value, int places, int64_t *out)
{
	int64_t units = value.units;
	int scale = value.scale - places;

	for (; scale > 0; scale--) {
		if (units % 10 != 0)
			return false;
		units /= 10;
	}
	for (; scale < 0; scale++)
		if (__builtin_mul_overflow(units, 10, &units))
			return false;
	*out = units;
	return true;
}

static bool epoch_read(
	struct decimal value, enum import_unit *unit, int64_t *out)
{
	static const int places[] = {
		[UNIT_UNKNOWN] = 0,
		[UNIT_SECONDS] = 3,
		[UNIT_MILLISECONDS] = 0,
		[UNIT_MICROSECONDS] = -3,
	};

	if (*unit == UNIT_UNKNOWN)
		*unit = unit_of(value);
	return shifted(value, places[*unit], out);
}

/* "2024-" or "2024/": no number begins so. */
static bool has_year(const char *text)
{
	for (int i = 0; i < 4; i++)
		if (!is_digit(text[i]))
			return false;
	return text[4] == '-' || text[4] == '/';
}

bool import_time(const char *text, const char *clock, enum import_unit *unit,
	int64_t *out)
{
	struct decimal value;
	bool is_date = strlen(text) == 8 || *clock || has_year(text);

	if (!is_date && import_number(text, &value))
		return epoch_read(value, unit, out);
	return date_read(text, clock, out);
}

struct digits {
	int64_t units;
	int scale;
	int zeros; /* behind the point, not yet counted */
	bool any;
};

static bool digit_add(struct digits *digits, char c, bool behind_point)
{
	digits->any = true;
	if (behind_point && c == '0') {
		digits->zeros++;
		return true;
	}
	for (int i = behind_point ? digits->zeros + 1 : 1; i > 0; i--)
		if (__builtin_mul_overflow(digits->units, 10, &digits->units))
			return false;
	if (behind_point)
		digits->scale += digits->zeros + 1;
	digits->zeros = 0;
	return !__builtin_add_overflow(digits->units, c - '0', &digits->units);
}

static bool take_number(struct cursor *cursor, struct digits *digits)
{
	bool behind_point = false;

	for (;; cursor->at++) {
		if (*cursor->at == '.' && !behind_point)
			behind_point = true;
		else if (!is_digit(*cursor->at))
			return digits->any;
		else if (!digit_add(digits, *cursor->at, behind_point))
			return false;
	}
}

/* "e-05" */
static bool take_exponent(struct cursor *cursor, int *out)
{
	int sign = 1;
	int value = 0;

	if (!take(cursor, 'e') && !take(cursor, 'E'))
		return true;
	if (take(cursor, '-'))
		sign = -1;
	else
		(void)take(cursor, '+');
	if (!is_digit(*cursor->at))
		return false;
	for (; is_digit(*cursor->at) && value < 100; cursor->at++)
		value = value * 10 + (*cursor->at - '0');
	*out = sign * value;
	return true;
}

/* Digits and perhaps a point, of which no more than always fit. */
static bool plain_number(const char *text, struct decimal *out)
{
	const char *at = text;
	const char *point = NULL;
	uint64_t units = 0;
	int scale = 0;

	for (; is_digit(*at) || (*at == '.' && !point); at++) {
		if (*at == '.')
			point = at;
		else
			units = units * 10 + (uint64_t)(*at - '0');
	}
	if (*at != '\0' || at - text > DECIMAL_SCALE_LIMIT ||
		at - text == (point ? 1 : 0))
		return false;
	if (point)
		scale = (int)(at - point) - 1;
	for (; scale > 0 && units % 10 == 0; scale--)
		units /= 10;
	*out = (struct decimal){(int64_t)units, scale};
	return true;
}

static bool any_number(const char *text, struct decimal *out)
{
	struct cursor cursor = {text};
	struct digits digits = {0};
	int exponent = 0;
	int scale;
	bool negative = take(&cursor, '-');

	if (!take_number(&cursor, &digits) ||
		!take_exponent(&cursor, &exponent) || *cursor.at)
		return false;
	scale = digits.scale - exponent;
	for (; scale < 0; scale++)
		if (__builtin_mul_overflow(digits.units, 10, &digits.units))
			return false;
	for (; scale > 0 && digits.units % 10 == 0; scale--)
		digits.units /= 10;
	if (scale > DECIMAL_SCALE_LIMIT)
		return false;
	*out = (struct decimal){negative ? -digits.units : digits.units, scale};
	return true;
}

bool import_number(const char *text, struct decimal *out)
{
	return plain_number(text, out) || any_number(text, out);
}
