/*
 * JSON out: punctuation, escapes, numbers that read back, and a look at what
 * comes back through the strict parser.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "arena.h"
#include "buf.h"
#include "json.h"
#include "json_write.h"

enum {
	MIB = 1024 * 1024
};

struct fixture {
	struct arena *arena;
	struct buf out;
	struct json_writer writer;
};

static int open_fixture(void **state)
{
	static struct fixture fixture;

	fixture.arena = arena_open(16 * MIB);
	buf_init(&fixture.out, fixture.arena, MIB);
	json_write_init(&fixture.writer, &fixture.out);
	*state = &fixture;
	return 0;
}

static int close_fixture(void **state)
{
	struct fixture *fixture = *state;

	arena_close(&fixture->arena);
	return 0;
}

/* The writer as new, the text empty. */
static struct json_writer *restart(struct fixture *fixture)
{
	buf_clear(&fixture->out);
	json_write_init(&fixture->writer, &fixture->out);
	return &fixture->writer;
}

static void punctuation_is_the_writers_business(void **state)
{
	struct fixture *fixture = *state;
	struct json_writer *w = restart(fixture);

	json_object(w);
	json_key(w, "a");
	json_array(w);
	json_put_int(w, 1);
	json_object(w);
	json_object_end(w);
	json_array(w);
	json_array_end(w);
	json_put_null(w);
	json_array_end(w);
	json_key(w, "b");
	json_put_bool(w, true);
	json_key(w, "c");
	json_put_text(w, NULL);
	assert_false(json_write_done(w));
	json_object_end(w);
	assert_string_equal(fixture->out.data,
		"{\"a\":[1,{},[],null],\"b\":true,\"c\":null}");
	assert_true(json_write_done(w));
}

static void texts_are_escaped(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *json;
	} rows[] = {
		{"", 0, "\"\""},
		{"plain", 5, "\"plain\""},
		{"a\"b\\c/", 6, "\"a\\\"b\\\\c/\""},
		{"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
		{"\x01\x1f\x7f", 3, "\"\\u0001\\u001f\\u007f\""},
		{"a\0b", 3, "\"a\\u0000b\""},
		{"\xc2\x80\xc2\x9f\xc2\xa0", 6, "\"\\u0080\\u009f\xc2\xa0\""},
		{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9,
			"\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
		{"\xff", 1, "\"\xef\xbf\xbd\""},
		{"a\xc0\xaf", 3, "\"a\xef\xbf\xbd\xef\xbf\xbd\""},
		{"\xe2\x82", 2, "\"\xef\xbf\xbd\xef\xbf\xbd\""},
		{"\xed\xa0\x80", 3, "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_put_text_len(restart(fixture), rows[i].text, rows[i].len);
		assert_string_equal(fixture->out.data, rows[i].json);
	}
}

static void keys_are_escaped(void **state)
{
	struct fixture *fixture = *state;
	struct json_writer *w = restart(fixture);

	json_object(w);
	json_key(w, "a\"\n");
	json_put_int(w, 0);
	json_object_end(w);
	assert_string_equal(fixture->out.data, "{\"a\\\"\\n\":0}");
}

static void integers_are_whole(void **state)
{
	static const struct {
		int64_t value;
		const char *json;
	} rows[] = {
		{0, "0"},
		{-1, "-1"},
		{INT64_MAX, "9223372036854775807"},
		{INT64_MIN, "-9223372036854775808"},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_put_int(restart(fixture), rows[i].value);
		assert_string_equal(fixture->out.data, rows[i].json);
	}
}

static void doubles_are_short_and_read_back(void **state)
{
	static const struct {
		double value;
		const char *json;
	} rows[] = {
		{0.0, "0"},
		{-0.0, "-0"},
		{0.1, "0.1"},
		{1.0 / 3, "0.3333333333333333"},
		{0.1 + 0.2, "0.30000000000000004"},
		{1e21, "1e+21"},
		{123456.789, "123456.789"},
		{5e-324, "4.94065645841247e-324"},
		{1.7976931348623157e308, "1.7976931348623157e+308"},
		{9007199254740993.0, "9007199254740992"},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_put_double(restart(fixture), rows[i].value);
		assert_string_equal(fixture->out.data, rows[i].json);
		assert_true(strtod(fixture->out.data, NULL) == rows[i].value);
	}
}

static void fixed_figures_have_eight_digits_at_most(void **state)
{
	static const struct {
		double value;
		const char *json;
	} rows[] = {
		{0.0, "0"},
		{-0.0, "0"},
		{0.1, "0.1"},
		{-0.1, "-0.1"},
		{1.0 / 3, "0.33333333"},
		{-2.0 / 3, "-0.66666667"},
		{0.1 + 0.2, "0.3"},
		{10000, "10000"},
		{123456.789, "123456.789"},
		{1e-8, "0.00000001"},
		{-4e-9, "0"},
		{90000000.12345678, "90000000.12345678"},
		{123456789.12, "123456789.12"},
		{1e21, "1e+21"},
		{NAN, "null"},
		{-INFINITY, "null"},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_put_fixed(restart(fixture), rows[i].value);
		assert_string_equal(fixture->out.data, rows[i].json);
	}
}

static void points_are_pairs(void **state)
{
	struct fixture *fixture = *state;
	struct json_writer *w = restart(fixture);

	json_array(w);
	json_put_point(w, INT64_MIN, -90000000.12345678);
	json_put_point(w, 1795246200000, 10000);
	json_put_point(w, 0, 1e21);
	json_put_point(w, 1, NAN);
	json_array_end(w);
	assert_string_equal(fixture->out.data,
		"[[-9223372036854775808,-90000000.12345678],"
		"[1795246200000,10000],[0,1e+21],[1,null]]");
	assert_true(json_write_done(w));
}

static void what_is_not_a_number_is_null(void **state)
{
	const double values[] = {NAN, INFINITY, -INFINITY};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < 3; i++) {
		json_put_double(restart(fixture), values[i]);
		assert_string_equal(fixture->out.data, "null");
	}
}

static void money_and_time_are_texts(void **state)
{
	struct fixture *fixture = *state;
	struct json_writer *w = restart(fixture);

	json_array(w);
	json_put_decimal(w, (struct decimal){18631, 2});
	json_put_decimal(w, (struct decimal){-5, 8});
	json_put_time(w, 1795246200000);
	json_put_time(w, 1795246200007);
	json_array_end(w);
	assert_string_equal(fixture->out.data,
		"[\"186.31\",\"-0.00000005\",\"2026-11-21T07:30:00Z\","
		"\"2026-11-21T07:30:00.007Z\"]");
}

static void raw_text_takes_part_in_the_punctuation(void **state)
{
	struct fixture *fixture = *state;
	struct json_writer *w = restart(fixture);

	json_array(w);
	json_put_raw(w, "{\"x\":1}", 7);
	json_put_raw(w, "2", 1);
	json_array_end(w);
	assert_string_equal(fixture->out.data, "[{\"x\":1},2]");
}

static void a_parsed_value_comes_out_as_it_was(void **state)
{
	static const char text[] =
		"{\"z\":[1.50,-0,1E5,12345678901234567890],\"a\":{\"\":null,"
		"\"t\":true,\"s\":\"\\n\xc3\xa9\"},\"e\":[],\"o\":{}}";
	struct fixture *fixture = *state;
	const struct json *value;

	assert_int_equal(json_parse(fixture->arena, text, sizeof(text) - 1,
				 report_open(fixture->arena), &value),
		ERR_OK);
	json_put_value(restart(fixture), value);
	assert_string_equal(fixture->out.data, text);
}

static void every_byte_pair_comes_out_as_strict_json(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned pair = 0; pair < 65536; pair += 7) {
		const char text[] = {(char)(pair >> 8), (char)(pair & 255)};
		const struct json *value;
		struct report *report;

		arena_reset(fixture->arena);
		buf_init(&fixture->out, fixture->arena, MIB);
		report = report_open(fixture->arena);
		json_put_text_len(restart(fixture), text, 2);
		/* the parser refuses a NUL that the writer can write */
		if (text[0] == '\0' || text[1] == '\0')
			continue;
		assert_int_equal(json_parse(fixture->arena, fixture->out.data,
					 fixture->out.len, report, &value),
			ERR_OK);
	}
}

static void an_overflow_is_the_buffers_to_tell(void **state)
{
	struct fixture *fixture = *state;
	struct json_writer writer;
	struct buf small;

	buf_init(&small, fixture->arena, 4);
	json_write_init(&writer, &small);
	json_put_text(&writer, "longer than four");
	assert_true(small.overflow);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(punctuation_is_the_writers_business),
		cmocka_unit_test(texts_are_escaped),
		cmocka_unit_test(keys_are_escaped),
		cmocka_unit_test(integers_are_whole),
		cmocka_unit_test(doubles_are_short_and_read_back),
		cmocka_unit_test(fixed_figures_have_eight_digits_at_most),
		cmocka_unit_test(points_are_pairs),
		cmocka_unit_test(what_is_not_a_number_is_null),
		cmocka_unit_test(money_and_time_are_texts),
		cmocka_unit_test(raw_text_takes_part_in_the_punctuation),
		cmocka_unit_test(a_parsed_value_comes_out_as_it_was),
		cmocka_unit_test(every_byte_pair_comes_out_as_strict_json),
		cmocka_unit_test(an_overflow_is_the_buffers_to_tell),
	};

	return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
