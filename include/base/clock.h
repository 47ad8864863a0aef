/*
 * Time: int64_t milliseconds UTC since 1970 everywhere, RFC 3339 at the
 * edges. clock_ms() is the only reader of the wall clock: clock_real.c in
 * the programs, clock_test.c (offset from a file) in the test build.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

/* Negative when the clock cannot be read or stands before 2020. */
int64_t clock_ms(void);
/* Never goes back; for durations only. */
int64_t clock_monotonic_us(void);

enum {
	TIME_TEXT_ROOM = 32
};

/* "2026-11-21T07:30:00Z", with ".123" when there are milliseconds. */
void time_format(int64_t ms, char text[TIME_TEXT_ROOM]);
/* RFC 3339 with any offset, or a date alone (midnight UTC). */
MUST_CHECK enum err time_parse(const char *text, int64_t *out);
/* Days since 1970-01-01 of a proleptic Gregorian date. */
int64_t time_days(int64_t year, int month, int day);
struct time_date {
	int64_t year;
	int month; /* 1..12 */
	int day;   /* 1..31 */
};
/* The other way round. */
struct time_date time_date(int64_t days);

#endif
