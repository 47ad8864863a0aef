/*
 * The time of day in a zone: transitions of the table, the rule behind the
 * last of them, and files that are broken. The files are made here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "buf.h"
#include "folder.h"
#include "text.h"
#include "zone.h"

enum {
	HOUR = 3600
};

struct house {
	struct arena *arena;
	const char *folder;
};

static int house_open(void **state)
{
	struct house *house = calloc(1, sizeof(*house));

	assert_non_null(house);
	house->arena = arena_open(4 << 20);
	house->folder = folder_open(house->arena);
	*state = house;
	return 0;
}

static int house_close(void **state)
{
	struct house *house = *state;

	folder_walk(house->folder, 1);
	arena_close(&house->arena);
	free(house);
	return 0;
}

/* Big-endian. */
static void put(struct buf *out, int64_t value, size_t size)
{
	char bytes[16] = {0};

	for (size_t i = 0; i < size && i < sizeof(value); i++)
		bytes[size - 1 - i] = (char)((uint64_t)value >> (8 * i) & 0xff);
	buf_add(out, bytes, size);
}

static void put_header(struct buf *out, int64_t times, int64_t types)
{
	buf_text(out, "TZif2");
	put(out, 0, 15);
	put(out, 0, 12); /* isut, isstd, leap */
	put(out, times, 4);
	put(out, types, 4);
	put(out, 4, 4);
}

/* Two types: one hour east, and from `change` on two; then the rule. */
static struct buf zone_file(
	struct arena *arena, int64_t change, const char *rule)
{
	struct buf out;

	buf_init(&out, arena, 4096);
	put_header(&out, 0, 1);
	put(&out, 0, 6);
	buf_add(&out, "UTC", 4);
	put_header(&out, change ? 1 : 0, 2);
	if (change) {
		put(&out, change, 8);
		put(&out, 1, 1);
	}
	put(&out, HOUR, 4);
	put(&out, 0, 2);
	put(&out, 2 * HOUR, 4);
	put(&out, 0, 2);
	buf_add(&out, "ABC", 4);
	buf_text(&out, "\n");
	buf_text(&out, rule);
	buf_text(&out, "\n");
	return out;
}

static void store(struct house *house, const char *name, const struct buf *file)
{
	const char *path =
		arena_format(house->arena, "%s/%s", house->folder, name);
	FILE *out = fopen(path, "wb");

	assert_non_null(out);
	assert_int_equal(fwrite(file->data, 1, file->len, out), file->len);
	assert_int_equal(fclose(out), 0);
}

/* Hours of the day, there, at these seconds. */
static void assert_hour(
	struct house *house, const char *zone, int64_t seconds, int hour)
{
	const struct zone_time time =
		zone_time(house->arena, house->folder, zone, seconds * 1000);

	if (time.minute / 60 != hour)
		print_error("%s at %lld\n", zone, (long long)seconds);
	assert_int_equal(time.minute / 60, hour);
	assert_in_range(time.minute, 0, 1439);
}

#define NOON_JANUARY INT64_C(1800014400) /* 2027-01-15T12:00:00Z */
#define NOON_JULY INT64_C(1815652800)	 /* 2027-07-15T12:00:00Z */

static void the_table_comes_before_the_rule(void **state)
{
	struct house *house = *state;
	struct buf file = zone_file(house->arena, NOON_JANUARY, "<+03>-3");

	store(house, "Table", &file);
	assert_hour(house, "Table", NOON_JANUARY - 1, 12);
	/* behind the last transition the rule holds */
	assert_hour(house, "Table", NOON_JANUARY, 15);
}

static void the_rule_knows_summer_in_north_and_south(void **state)
{
	struct house *house = *state;
	struct buf file =
		zone_file(house->arena, 0, "CET-1CEST,M3.5.0,M10.5.0/3");

	store(house, "North", &file);
	assert_hour(house, "North", NOON_JANUARY, 13);
	assert_hour(house, "North", NOON_JULY, 14);
	/* 2027-03-28T01:00:00Z, and 2027-10-31T01:00:00Z */
	assert_hour(house, "North", INT64_C(1806195599), 1);
	assert_hour(house, "North", INT64_C(1806195600), 3);
	assert_hour(house, "North", INT64_C(1824944399), 2);
	assert_hour(house, "North", INT64_C(1824944400), 2);
	file = zone_file(house->arena, 0, "AEST-10AEDT,M10.1.0,M4.1.0/3");
	store(house, "South", &file);
	assert_hour(house, "South", NOON_JANUARY, 23);
	assert_hour(house, "South", NOON_JULY, 22);
	file = zone_file(house->arena, 0, "EST5EDT,M3.2.0,M11.1.0");
	store(house, "West", &file);
	assert_hour(house, "West", NOON_JANUARY, 7);
	assert_hour(house, "West", NOON_JULY, 8);
}

static void the_day_is_that_of_the_place(void **state)
{
	struct house *house = *state;
	const int64_t day = NOON_JANUARY / 86400;
	struct buf file = zone_file(house->arena, 0, "<+14>-14");

	store(house, "East", &file);
	assert_int_equal(zone_time(house->arena, house->folder, "East",
				 NOON_JANUARY * 1000)
				 .day,
		day + 1);
	file = zone_file(house->arena, 0, "<-12>12:30");
	store(house, "Late", &file);
	assert_int_equal(zone_time(house->arena, house->folder, "Late",
				 NOON_JANUARY * 1000)
				 .day,
		day - 1);
	assert_hour(house, "Late", NOON_JANUARY, 23);
}

static void it_is_said_which_are_known(void **state)
{
	static const struct {
		const char *name;
		bool known;
	} rows[] = {{"Here", true}, {"UTC", true}, {"Nowhere", false},
		{"", false}, {"/Here", false}, {"../Here", false}};
	struct house *house = *state;
	const struct buf file =
		zone_file(house->arena, NOON_JANUARY, "<+03>-3");

	store(house, "Here", &file);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(zone_is_known(house->folder, rows[i].name),
			rows[i].known);
	/* where there are no files, nobody can tell */
	assert_true(zone_is_known("/nowhere", "Mars"));
}

static void what_is_no_zone_is_utc(void **state)
{
	static const char *const names[] = {
		"", "UTC", "Nowhere", "../passwd", "/etc/passwd", "Broken"};
	struct house *house = *state;
	const struct buf whole =
		zone_file(house->arena, NOON_JANUARY, "<+03>-3");

	for (size_t len = 0; len < whole.len; len++) {
		struct buf part = whole;

		part.len = len;
		store(house, "Broken", &part);
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
			(void)zone_time(house->arena, house->folder, names[i],
				NOON_JANUARY * 1000);
	}
	for (size_t i = 0; i + 1 < sizeof(names) / sizeof(*names); i++)
		assert_hour(house, names[i], NOON_JANUARY, 12);
}

/* Whatever a file says, nothing outside of it is read. */
static void lies_in_a_file_are_harmless(void **state)
{
	struct house *house = *state;
	const struct buf whole = zone_file(
		house->arena, NOON_JANUARY, "CET-1CEST,M3.5.0,M10.5.0/3");

	for (size_t i = 0; i < whole.len; i++) {
		struct buf file = whole;

		file.data = arena_copy(house->arena, whole.data, whole.len);
		file.data[i] = (char)~file.data[i];
		store(house, "Lies", &file);
		assert_in_range(zone_time(house->arena, house->folder, "Lies",
					NOON_JANUARY * 1000)
					.minute,
			0, 1439);
	}
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, house_open, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_table_comes_before_the_rule),
		TEST(the_rule_knows_summer_in_north_and_south),
		TEST(the_day_is_that_of_the_place),
		TEST(it_is_said_which_are_known),
		TEST(what_is_no_zone_is_utc),
		TEST(lies_in_a_file_are_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
