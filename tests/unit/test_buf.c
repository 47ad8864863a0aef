/*
 * The buffer: grows, stops at its maximum, is always a C string.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arena.h"
#include "buf.h"

static int open_arena(void **state)
{
	*state = arena_open(1024 * 1024);
	return 0;
}

static int close_arena(void **state)
{
	struct arena *arena = *state;

	arena_close(&arena);
	return 0;
}

static void starts_as_an_empty_text(void **state)
{
	struct buf buf;

	buf_init(&buf, *state, 10);
	assert_string_equal(buf.data, "");
	assert_int_equal(buf.len, 0);
	assert_false(buf.overflow);
}

static void grows_and_keeps_what_it_had(void **state)
{
	struct buf buf;

	buf_init(&buf, *state, 100000);
	for (int i = 0; i < 10000; i++)
		buf_char(&buf, (char)('a' + i % 26));
	assert_int_equal(buf.len, 10000);
	for (int i = 0; i < 10000; i++)
		assert_int_equal(buf.data[i], 'a' + i % 26);
	assert_int_equal(buf.data[buf.len], '\0');
	assert_false(buf.overflow);
}

static void fills_to_its_maximum_exactly(void **state)
{
	struct buf buf;

	buf_init(&buf, *state, 5);
	buf_text(&buf, "12345");
	assert_string_equal(buf.data, "12345");
	assert_false(buf.overflow);
}

static void drops_what_goes_past_the_maximum(void **state)
{
	static const size_t maxima[] = {0, 1, 5, 255, 256, 257, 1000};
	struct buf buf;

	for (size_t i = 0; i < sizeof(maxima) / sizeof(maxima[0]); i++) {
		buf_init(&buf, *state, maxima[i]);
		for (size_t j = 0; j < 400; j++)
			buf_text(&buf, "abc");
		assert_true(buf.overflow);
		assert_int_equal(buf.len, maxima[i]);
		assert_int_equal(strlen(buf.data), maxima[i]);
	}
}

static void stays_shut_after_an_overflow(void **state)
{
	struct buf buf;

	buf_init(&buf, *state, 3);
	buf_text(&buf, "abcd");
	buf_text(&buf, "");
	buf_char(&buf, 'x');
	assert_string_equal(buf.data, "abc");
	buf_clear(&buf);
	assert_false(buf.overflow);
	buf_text(&buf, "ok");
	assert_string_equal(buf.data, "ok");
}

static void formats_short_and_long(void **state)
{
	struct buf buf;

	buf_init(&buf, *state, 10000);
	buf_format(&buf, "%d-%s", 5, "x");
	assert_string_equal(buf.data, "5-x");
	buf_clear(&buf);
	for (int width = 254; width < 259; width++)
		buf_format(&buf, "%*d", width, 1);
	assert_int_equal(buf.len, 254 + 255 + 256 + 257 + 258);
}

static void holds_any_bytes(void **state)
{
	struct buf buf;

	buf_init(&buf, *state, 10);
	buf_add(&buf, "a\0b", 3);
	buf_add(&buf, NULL, 0);
	assert_int_equal(buf.len, 3);
	assert_memory_equal(buf.data, "a\0b", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_as_an_empty_text),
		cmocka_unit_test(grows_and_keeps_what_it_had),
		cmocka_unit_test(fills_to_its_maximum_exactly),
		cmocka_unit_test(drops_what_goes_past_the_maximum),
		cmocka_unit_test(stays_shut_after_an_overflow),
		cmocka_unit_test(formats_short_and_long),
		cmocka_unit_test(holds_any_bytes),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
