/*
 * Time as text and as numbers, in our own arithmetic: no locale, no time
 * zone, no C calendar. clock_ms() is in clock_real.c and clock_test.c.
 */
#include "clock.h"

#include <stdbool.h>

#include "clock_private.h"
#include "text.h"

enum {
	MS_PER_SECOND = 1000,
	SECONDS_PER_DAY = 86400,
	YEAR_MAX = 9999,       /* of four digits */
	DAYS_PER_ERA = 146097, /* 400 years */
	EPOCH_DAYS = 719468    /* from 0000-03-01 to 1970-01-01 */
};

static const int64_t ms_per_day = (int64_t)SECONDS_PER_DAY * MS_PER_SECOND;
static const int64_t year_2020_ms = 1577836800000;

int64_t clock_system_ms(void)
{
	struct timespec now;
	int64_t ms;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return -1;
	ms = (int64_t)now.tv_sec * MS_PER_SECOND + now.tv_nsec / 1000000;
	return ms < year_2020_ms ? -1 : ms;
}

int64_t clock_monotonic_us(void)
{
	struct timespec now = {0};

	/* Cannot fail for this clock on Linux. */
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Rounds down, also below zero; by > 0. */
static int64_t floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

/* Days from 0000-03-01 to the first of March of that year. */
static int64_t march_days(int64_t year)
{
	return 365 * year + floor_div(year, 4) - floor_div(year, 100) +
	       floor_div(year, 400);
}

/* Days from the first of March to the first of that month (0: March). The
   lengths 31,30,31,30,31 repeat every five months: 153 days. */
static int month_days(int month)
{
	return (153 * month + 2) / 5;
}

int64_t time_days(int64_t year, int month, int day)
{
	/* Years begin in March: the leap day is then the last one. */
	int64_t march_year = month < 3 ? year - 1 : year;
	int march_month = month < 3 ? month + 9 : month - 3;

	return march_days(march_year) + month_days(march_month) + day - 1 -
	       EPOCH_DAYS;
}

struct time_date time_date(int64_t days)
{
	int64_t march = days + EPOCH_DAYS;
	int64_t era = floor_div(march, DAYS_PER_ERA);
	int64_t year = era * 400 + (march - era * DAYS_PER_ERA) / 366;
	int month = 11;
	int rest;

	/* The guess above is at most one year short of the truth. */
	while (march_days(year + 1) <= march)
		year++;
	rest = (int)(march - march_days(year));
	while (month_days(month) > rest)
		month--;
	return (struct time_date){
		.year = month > 9 ? year + 1 : year,
		.month = month > 9 ? month - 9 : month + 3,
		.day = rest - month_days(month) + 1,
	};
}

/* `digits` digits, zeros in front; in each line of the log, so not printed. */
static char *put_digits(char *at, int64_t number, int digits)
{
	for (int i = digits - 1; i >= 0; i--) {
		at[i] = (char)('0' + number % 10);
		number /= 10;
	}
	return at + digits;
}

void time_format(int64_t ms, char text[TIME_TEXT_ROOM])
{
	int64_t days = floor_div(ms, ms_per_day);
	int rest = (int)((ms % ms_per_day + ms_per_day) % ms_per_day);
	struct time_date date = time_date(days);
	int seconds = rest / MS_PER_SECOND;
	char *at = text;

	if (date.year >= 0 && date.year <= YEAR_MAX)
		at = put_digits(at, date.year, 4);
	else
		at += snprintf(
			at, TIME_TEXT_ROOM, "%04lld", (long long)date.year);
	*at++ = '-';
	at = put_digits(at, date.month, 2);
	*at++ = '-';
	at = put_digits(at, date.day, 2);
	*at++ = 'T';
	at = put_digits(at, seconds / 3600, 2);
	*at++ = ':';
	at = put_digits(at, seconds / 60 % 60, 2);
	*at++ = ':';
	at = put_digits(at, seconds % 60, 2);
	if (rest % MS_PER_SECOND) {
		*at++ = '.';
		at = put_digits(at, rest % MS_PER_SECOND, 3);
	}
	*at++ = 'Z';
	*at = '\0';
}

/* Exactly `count` digits; moves *text behind them. */
static bool take_number(const char **text, int count, int *out)
{
	int value = 0;

	for (int i = 0; i < count; i++, (*text)++) {
		if (**text < '0' || **text > '9')
			return false;
		value = value * 10 + (**text - '0');
	}
	*out = value;
	return true;
}

static bool take_char(const char **text, char c)
{
	if (**text != c)
		return false;
	(*text)++;
	return true;
}

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool take_date(const char **text, int64_t *days)
{
	static const int lengths[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year;
	int month;
	int day;

	if (!take_number(text, 4, &year) || !take_char(text, '-') ||
		!take_number(text, 2, &month) || !take_char(text, '-') ||
		!take_number(text, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1)
		return false;
	if (day > lengths[month - 1] + (month == 2 && is_leap(year)))
		return false;
	*days = time_days(year, month, day);
	return true;
}

/* ".5", up to nine digits; what is finer than a millisecond is cut off. */
static bool take_fraction(const char **text, int *ms)
{
	int weight = 100;
	int digits = 0;

	*ms = 0;
	if (!take_char(text, '.'))
		return true;
	for (; **text >= '0' && **text <= '9'; (*text)++, digits++) {
		*ms += (**text - '0') * weight;
		weight /= 10;
	}
	return digits >= 1 && digits <= 9;
}

/* No leap seconds: the clock of the system has none either. */
static bool take_time(const char **text, int64_t *ms)
{
	int hour;
	int minute;
	int second;
	int fraction;

	if (!take_number(text, 2, &hour) || !take_char(text, ':') ||
		!take_number(text, 2, &minute) || !take_char(text, ':') ||
		!take_number(text, 2, &second) ||
		!take_fraction(text, &fraction))
		return false;
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	*ms = (int64_t)(hour * 3600 + minute * 60 + second) * MS_PER_SECOND +
	      fraction;
	return true;
}

/* "Z" or "+hh:mm", in milliseconds east of UTC. */
static bool take_offset(const char **text, int64_t *ms)
{
	bool west = **text == '-';
	int hour;
	int minute;

	*ms = 0;
	if (take_char(text, 'Z') || take_char(text, 'z'))
		return true;
	if (!take_char(text, west ? '-' : '+') ||
		!take_number(text, 2, &hour) || !take_char(text, ':') ||
		!take_number(text, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*ms = (int64_t)(hour * 60 + minute) * 60 * MS_PER_SECOND;
	if (west)
		*ms = -*ms;
	return true;
}

enum err time_parse(const char *text, int64_t *out)
{
	int64_t days;
	int64_t ms = 0;
	int64_t offset = 0;

	if (!take_date(&text, &days))
		return ERR_BAD_INPUT;
	if (*text != '\0') {
		if (!take_char(&text, 'T') && !take_char(&text, 't'))
			return ERR_BAD_INPUT;
		if (!take_time(&text, &ms) || !take_offset(&text, &offset))
			return ERR_BAD_INPUT;
	}
	if (*text != '\0')
		return ERR_BAD_INPUT;
	*out = days * ms_per_day + ms - offset;
	return ERR_OK;
}
