/*
 * Time as text and back, over leap years and the ends of the calendar; the
 * test clock's offset.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arena.h"
#include "clock.h"
#include "folder.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

extern char **environ;

static void known_moments_are_formatted(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{0, "1970-01-01T00:00:00Z"},
		{1, "1970-01-01T00:00:00.001Z"},
		{-1, "1969-12-31T23:59:59.999Z"},
		{951782400000, "2000-02-29T00:00:00Z"},
		{951868799999, "2000-02-29T23:59:59.999Z"},
		{951868800000, "2000-03-01T00:00:00Z"},
		{1709164800000, "2024-02-29T00:00:00Z"},
		{1735689599123, "2024-12-31T23:59:59.123Z"},
		{1795246200000, "2026-11-21T07:30:00Z"},
		{2147483648000, "2038-01-19T03:14:08Z"},
		{4107542400000, "2100-03-01T00:00:00Z"},
		{253402300799999, "9999-12-31T23:59:59.999Z"},
		{-62167219200000, "0000-01-01T00:00:00Z"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char text[TIME_TEXT_ROOM];
		int64_t back;

		time_format(rows[i].ms, text);
		assert_string_equal(text, rows[i].text);
		assert_int_equal(time_parse(text, &back), ERR_OK);
		assert_true(back == rows[i].ms);
	}
}

static void the_ends_of_the_numbers_stay_in_their_room(void **state)
{
	char text[TIME_TEXT_ROOM];

	(void)state;
	time_format(INT64_MIN, text);
	assert_true(strlen(text) < TIME_TEXT_ROOM);
	time_format(INT64_MAX, text);
	assert_true(strlen(text) < TIME_TEXT_ROOM);
	assert_int_equal(text[strlen(text) - 1], 'Z');
}

static void offsets_and_fractions_are_read(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"2026-11-21", 1795219200000},
		{"2026-11-21T07:30:00Z", 1795246200000},
		{"2026-11-21t07:30:00z", 1795246200000},
		{"2026-11-21T08:30:00+01:00", 1795246200000},
		{"2026-11-21T02:00:00-05:30", 1795246200000},
		{"2026-11-21T07:30:00-00:00", 1795246200000},
		{"2026-11-22T07:29:00+23:59", 1795246200000},
		{"2026-11-21T07:30:00.5Z", 1795246200500},
		{"2026-11-21T07:30:00.05Z", 1795246200050},
		{"2026-11-21T07:30:00.123456789Z", 1795246200123},
		{"2026-11-21T07:30:00.999999999Z", 1795246200999},
		{"2000-02-29", 951782400000},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t ms = 0;

		if (time_parse(rows[i].text, &ms) != ERR_OK)
			fail_msg("%s", rows[i].text);
		assert_true(ms == rows[i].ms);
	}
}

static void bad_times_are_refused(void **state)
{
	static const char *const rows[] = {"", "2026", "2026-11", "2026-13-01",
		"2026-00-10", "2026-11-00", "2026-11-31", "2026-02-29",
		"2100-02-29", "1900-02-29", "26-11-21", "2026-1-21",
		"2026-11-2", "2026/11/21", "2026-11-21 ", " 2026-11-21",
		"2026-11-21T", "2026-11-21T07:30Z", "2026-11-21T07:30:00",
		"2026-11-21 07:30:00Z", "2026-11-21T24:00:00Z",
		"2026-11-21T23:60:00Z", "2026-11-21T23:59:60Z",
		"2026-11-21T07:30:00.Z", "2026-11-21T07:30:00,5Z",
		"2026-11-21T07:30:00.1234567890Z", "2026-11-21T07:30:00+1:00",
		"2026-11-21T07:30:00+0100", "2026-11-21T07:30:00+24:00",
		"2026-11-21T07:30:00+01:60", "2026-11-21T07:30:00+01",
		"2026-11-21T07:30:00Zx", "2026-11-21T07:30:00ZZ", "-2026-11-21",
		"+2026-11-21", "12026-11-21", "1795246200000", "now"};
	int64_t ms = 42;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (time_parse(rows[i], &ms) != ERR_BAD_INPUT)
			fail_msg("taken: %s", rows[i]);
	assert_true(ms == 42);
}

/* Each day of 800 years follows the one before, there and back. */
static void days_count_up_through_every_leap_rule(void **state)
{
	static const int lengths[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t expected = time_days(1600, 1, 1);

	(void)state;
	assert_true(time_days(1970, 1, 1) == 0);
	assert_true(time_days(1969, 12, 31) == -1);
	assert_true(expected == -135140);
	for (int month = 0; month < 800 * 12; month++) {
		int year = 1600 + month / 12;
		bool leap =
			year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
		char text[TIME_TEXT_ROOM];
		int64_t back;

		assert_true(time_days(year, month % 12 + 1, 1) == expected);
		assert_true(time_date(expected).year == year);
		assert_int_equal(time_date(expected).month, month % 12 + 1);
		assert_int_equal(time_date(expected).day, 1);
		assert_int_equal(time_date(expected + 27).day, 28);
		time_format(expected * 86400000, text);
		assert_int_equal(time_parse(text, &back), ERR_OK);
		assert_true(back == expected * 86400000);
		expected += lengths[month % 12];
		if (month % 12 == 1 && leap)
			expected++;
	}
}

static void the_monotonic_clock_never_goes_back(void **state)
{
	int64_t before = clock_monotonic_us();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_monotonic_us();

		assert_true(now >= before);
		before = now;
	}
}

static void the_wall_clock_is_after_2020(void **state)
{
	(void)state;
	assert_true(clock_ms() > 1577836800000);
}

static void the_test_clock_follows_its_file(void **state)
{
	const int64_t year = INT64_C(365) * 86400000;
	struct arena *arena = arena_open(1024 * 1024);
	const char *folder = folder_open(arena);
	const char *path = file_join(arena, folder, "offset");
	char *moved[] = {
		arena_format(arena, "KONTOR_TEST_CLOCK=%s", path), NULL};
	char **before = environ;
	int64_t now = clock_ms();

	(void)state;
	environ = moved;
	/* no file: no offset */
	assert_in_range(clock_ms() - now, 0, 60000);
	folder_put(arena, folder, "offset", "31536000000");
	assert_in_range(clock_ms() - now - year, 0, 60000);
	folder_put(arena, folder, "offset", "-31536000000\n");
	assert_in_range(clock_ms() - now + year, 0, 60000);
	folder_put(arena, folder, "offset", "tomorrow");
	assert_true(clock_ms() < 0);
	folder_put(arena, folder, "offset", "9223372036854775807");
	assert_true(clock_ms() < 0);
	environ = before;
	folder_walk(folder, 1);
	arena_close(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_moments_are_formatted),
		cmocka_unit_test(the_ends_of_the_numbers_stay_in_their_room),
		cmocka_unit_test(offsets_and_fractions_are_read),
		cmocka_unit_test(bad_times_are_refused),
		cmocka_unit_test(days_count_up_through_every_leap_rule),
		cmocka_unit_test(the_monotonic_clock_never_goes_back),
		cmocka_unit_test(the_wall_clock_is_after_2020),
		cmocka_unit_test(the_test_clock_follows_its_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
