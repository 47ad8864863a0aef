/*
 * Strict JSON in: hostile documents are refused with a place, good ones are
 * copied whole, numbers as they were written.
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

enum {
	MIB = 1024 * 1024
};

static int open_arena(void **state)
{
	*state = arena_open(16 * MIB);
	return 0;
}

static int close_arena(void **state)
{
	struct arena *arena = *state;

	arena_close(&arena);
	return 0;
}

/*
 * Parses from memory of exactly that size, so that reading behind the end
 * is found by the sanitizer.
 */
static enum err parse_bytes(struct arena *arena, const char *text, size_t len,
	struct report *report, const struct json **out)
{
	char *exact = malloc(len ? len : 1);
	enum err err;

	assert_non_null(exact);
	memcpy(exact, text, len);
	err = json_parse(arena, exact, len, report, out);
	free(exact);
	return err;
}

static const struct json *parse(struct arena *arena, const char *text)
{
	struct report *report = report_open(arena);
	const struct json *value = NULL;
	enum err err = parse_bytes(arena, text, strlen(text), report, &value);

	if (err)
		print_error("%s: %s\n", text, report->faults[0].message);
	assert_int_equal(err, ERR_OK);
	assert_int_equal(report->fault_count, 0);
	return value;
}

#define BYTES(literal) (literal), sizeof(literal) - 1

struct hostile {
	const char *text;
	size_t len;
	const char *says; /* part of the message */
};

static void refuse_all(
	struct arena *arena, const struct hostile *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct report *report = report_open(arena);
		const struct json *value = NULL;

		if (parse_bytes(arena, rows[i].text, rows[i].len, report,
			    &value) != ERR_BAD_INPUT)
			fail_msg("row %zu taken: %s", i, rows[i].text);
		assert_null(value);
		assert_int_equal(report->fault_count, 1);
		assert_string_equal(report->faults[0].pointer, "");
		if (!strstr(report->faults[0].message, rows[i].says))
			fail_msg("row %zu %s: %s", i, rows[i].text,
				report->faults[0].message);
	}
}

#define REFUSE_ALL(state, rows) \
	refuse_all(*(state), rows, sizeof(rows) / sizeof((rows)[0]))

static void malformed_numbers_are_refused(void **state)
{
	static const struct hostile rows[] = {
		{BYTES("NaN"), "not a JSON value at byte 0"},
		{BYTES("nan"), "not a JSON value"},
		{BYTES("Infinity"), "not a JSON value"},
		{BYTES("-Infinity"), "malformed number"},
		{BYTES("inf"), "not a JSON value"},
		{BYTES("+1"), "not a JSON value"},
		{BYTES("-"), "malformed number at byte 1"},
		{BYTES("-x"), "malformed number"},
		{BYTES("01"), "bytes behind the end at byte 1"},
		{BYTES("-01"), "bytes behind the end"},
		{BYTES("00"), "bytes behind the end"},
		{BYTES("1."), "malformed number at byte 2"},
		{BYTES(".5"), "not a JSON value"},
		{BYTES("1.e3"), "malformed number"},
		{BYTES("2.e3"), "malformed number"},
		{BYTES("1e"), "malformed number"},
		{BYTES("1e+"), "malformed number"},
		{BYTES("1e1.5"), "bytes behind the end"},
		{BYTES("0x10"), "bytes behind the end"},
		{BYTES("1_000"), "bytes behind the end"},
		{BYTES("1 2"), "bytes behind the end"},
		{BYTES("[01]"), "expected a comma or ]"},
		{BYTES("[1,-]"), "malformed number"},
		{BYTES("18446744073709551616"), "integer beyond 64 bits"},
		{BYTES("-9223372036854775809"), "integer beyond 64 bits"},
		{BYTES("1000000000000000000000"), "integer beyond 64 bits"},
	};

	REFUSE_ALL(state, rows);
}

static void malformed_texts_are_refused(void **state)
{
	static const struct hostile rows[] = {
		{BYTES("'a'"), "not a JSON value"},
		{BYTES("\"a"), "without its closing quote"},
		{BYTES("\""), "without its closing quote"},
		{BYTES("\"a\tb\""), "control character in a text at byte 2"},
		{BYTES("\"a\nb\""), "control character"},
		{BYTES("\"a\0b\""), "control character"},
		{BYTES("\"\x1f\""), "control character"},
		{BYTES("\"\\x41\""), "bad escape"},
		{BYTES("\"\\'\""), "bad escape"},
		{BYTES("\"\\"), "bad escape"},
		{BYTES("\"\\\0\""), "bad escape"},
		{BYTES("\"\\\xc3\xa9\""), "bad escape"},
		{BYTES("\"\\u12\""), "bad \\u escape"},
		{BYTES("\"\\u12g4\""), "bad \\u escape"},
		{BYTES("\"\\u"), "bad \\u escape"},
		{BYTES("\"\\u0000\""), "\\u0000 is not allowed"},
		{BYTES("\"\\ud800\""), "lone surrogate"},
		{BYTES("\"\\ud800"), "lone surrogate"},
		{BYTES("\"\\ud800\\"), "lone surrogate"},
		{BYTES("\"\\ud800x\""), "lone surrogate"},
		{BYTES("\"\\ud800\\n\""), "lone surrogate"},
		{BYTES("\"\\udc00\""), "lone surrogate"},
		{BYTES("\"\\udc00\\ud800\""), "lone surrogate"},
		{BYTES("\"\\ud800\\ud800\""), "lone surrogate"},
		{BYTES("\"\\ud800\\u0041\""), "lone surrogate"},
		{BYTES("\"\x80\""), "invalid UTF-8 at byte 1"},
		{BYTES("\"\xc0\xaf\""), "invalid UTF-8"},
		{BYTES("\"\xc1\x81\""), "invalid UTF-8"},
		{BYTES("\"\xe0\x80\xaf\""), "invalid UTF-8"},
		{BYTES("\"\xed\xa0\x80\""), "invalid UTF-8"},
		{BYTES("\"\xf0\x80\x80\xaf\""), "invalid UTF-8"},
		{BYTES("\"\xf4\x90\x80\x80\""), "invalid UTF-8"},
		{BYTES("\"\xf5\x80\x80\x80\""), "invalid UTF-8"},
		{BYTES("\"\xff\""), "invalid UTF-8"},
		{BYTES("\"\xe2\x82\""), "invalid UTF-8"},
		{BYTES("\"\xe2\x82"), "invalid UTF-8"},
	};

	REFUSE_ALL(state, rows);
}

static void malformed_structure_is_refused(void **state)
{
	static const struct hostile rows[] = {
		{BYTES(""), "ends too early at byte 0"},
		{BYTES("  "), "ends too early at byte 2"},
		{BYTES("\xef\xbb\xbf{}"), "not a JSON value at byte 0"},
		{BYTES("{"), "expected a member name"},
		{BYTES("["), "ends too early"},
		{BYTES("]"), "not a JSON value"},
		{BYTES("[1"), "expected a comma or ]"},
		{BYTES("[1,"), "ends too early"},
		{BYTES("[1,]"), "not a JSON value"},
		{BYTES("[,1]"), "not a JSON value"},
		{BYTES("[1 2]"), "expected a comma or ]"},
		{BYTES("[1}"), "expected a comma or ]"},
		{BYTES("{a:1}"), "member name in double quotes"},
		{BYTES("{'a':1}"), "member name in double quotes"},
		{BYTES("{1:1}"), "member name in double quotes"},
		{BYTES("{\"a\"}"), "expected a colon"},
		{BYTES("{\"a\" 1}"), "expected a colon"},
		{BYTES("{\"a\":}"), "not a JSON value"},
		{BYTES("{\"a\":1,}"), "member name in double quotes"},
		{BYTES("{\"a\":1]"), "expected a comma or }"},
		{BYTES("{\"a\":1 \"b\":2}"), "expected a comma or }"},
		{BYTES("{}{}"), "bytes behind the end at byte 2"},
		{BYTES("{} x"), "bytes behind the end at byte 3"},
		{BYTES("{}\0"), "bytes behind the end"},
		{BYTES("1\0"), "bytes behind the end"},
		{BYTES("{\0}"), "member name in double quotes"},
		{BYTES("[1\0]"), "expected a comma or ]"},
		{BYTES("// x\n1"), "not a JSON value"},
		{BYTES("/* x */1"), "not a JSON value"},
		{BYTES("[1]// x"), "bytes behind the end"},
		{BYTES("\f1"), "not a JSON value"},
		{BYTES("\v1"), "not a JSON value"},
		{BYTES("\xc2\xa0"
		       "1"),
			"not a JSON value"},
		{BYTES("True"), "not a JSON value"},
		{BYTES("TRUE"), "not a JSON value"},
		{BYTES("tru"), "not a JSON value"},
		{BYTES("truex"), "bytes behind the end"},
		{BYTES("nullnull"), "bytes behind the end"},
		{BYTES("undefined"), "not a JSON value"},
	};

	REFUSE_ALL(state, rows);
}

static void duplicate_members_are_refused(void **state)
{
	static const struct hostile rows[] = {
		{BYTES("{\"a\":1,\"a\":1}"), "object at byte 0 has two"},
		{BYTES("{\"a\":1,\"\\u0061\":2}"), "object at byte 0"},
		{BYTES("{\"\":1,\"\":2}"), "object at byte 0"},
		{BYTES("[1,{\"b\":{}},{\"a\":{\"x\":1},\"a\":2}]"),
			"object at byte 12"},
		{BYTES("{\"a\":{\"x\":1,\"x\":2},\"a\":2}"),
			"object at byte 0"},
		{BYTES("{\"k\":{\"x\":1,\"x\":{\"y\":[{}]}},\"z\":2}"),
			"object at byte 5"},
		{BYTES("{\"a\\u0000\":1}"), "\\u0000 is not allowed"},
	};

	REFUSE_ALL(state, rows);
}

/* "[[[...]]]" or {"a":{"a":... of that depth */
static const char *nested(struct arena *arena, int depth, bool objects)
{
	struct buf text;

	buf_init(&text, arena, MIB);
	for (int i = 0; i < depth; i++)
		buf_text(&text, objects ? "{\"a\":" : "[");
	buf_char(&text, '1');
	for (int i = 0; i < depth; i++)
		buf_char(&text, objects ? '}' : ']');
	return text.data;
}

static void depth_is_limited(void **state)
{
	static const int too_deep[] = {JSON_DEPTH_LIMIT + 1, 1000, 100000};

	for (int objects = 0; objects < 2; objects++) {
		parse(*state, nested(*state, JSON_DEPTH_LIMIT, objects));
		for (size_t i = 0; i < 3; i++) {
			const char *text = nested(*state, too_deep[i], objects);
			const struct hostile row = {
				text, strlen(text), "nested too deep"};

			refuse_all(*state, &row, 1);
		}
	}
}

static void long_numbers_are_limited(void **state)
{
	char digits[201] = "0.";
	struct hostile row = {digits, 200, "number too long"};

	memset(digits + 2, '1', 198);
	refuse_all(*state, &row, 1);
	digits[128] = '\0';
	assert_string_equal(parse(*state, digits)->text, digits);
}

static void many_values_are_refused_before_the_arena_is_full(void **state)
{
	struct arena *arena = arena_open(MIB);
	size_t len = 200001;
	char *text = malloc(len);
	struct hostile row = {text, len, "too many values"};

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = i % 2 ? '0' : ',';
	text[0] = '[';
	text[len - 1] = ']';
	refuse_all(arena, &row, 1);
	free(text);
	arena_close(&arena);
}

/* "[UNIT,UNIT,...]" of that many. */
static const char *list_of(struct arena *arena, const char *unit, size_t count)
{
	struct buf text;

	buf_init(&text, arena, 4 * MIB);
	for (size_t i = 0; i < count; i++) {
		buf_char(&text, i ? ',' : '[');
		buf_text(&text, unit);
	}
	buf_char(&text, ']');
	assert_false(text.overflow);
	return text.data;
}

/* What is counted is every value, whatever its kind, however deep. */
static void the_number_of_values_is_limited(void **state)
{
	static const struct {
		const char *unit;
		size_t values;
	} rows[] = {{"0", 1}, {"\"\"", 1}, {"null", 1}, {"[]", 1}, {"{}", 1},
		{"[[]]", 2}, {"{\"a\":0}", 2}, {"[[[[[[[[[[]]]]]]]]]]", 10}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* the list is a value too */
		size_t most = (JSON_VALUE_LIMIT - 1) / rows[i].values;
		struct arena *arena = arena_open((size_t)256 * MIB);
		const char *text = list_of(arena, rows[i].unit, most + 1);
		const struct hostile row = {
			text, strlen(text), "too many values"};

		refuse_all(arena, &row, 1);
		assert_int_equal(
			parse(arena, list_of(arena, rows[i].unit, most))->count,
			most);
		arena_close(&arena);
	}
}

static void a_document_of_ours_may_have_more_values(void **state)
{
	struct arena *arena = arena_open((size_t)256 * MIB);
	const char *text = list_of(arena, "0", 2 * JSON_VALUE_LIMIT);
	const struct json *value = NULL;

	(void)state;
	assert_int_equal(json_parse_own(arena, text, strlen(text),
				 report_open(arena), &value),
		ERR_OK);
	assert_int_equal(value->count, 2 * JSON_VALUE_LIMIT);
	arena_close(&arena);
}

/* An empty object is two bytes here and 800 in json-c's heap. */
static void what_json_c_needs_is_charged(void **state)
{
	static const char *const dear[] = {"{}", "[]", "{\"a\":{}}"};
	enum {
		COUNT = 4000
	};

	(void)state;
	for (size_t i = 0; i < sizeof(dear) / sizeof(dear[0]); i++) {
		struct arena *arena = arena_open(4 * MIB);
		const char *text = list_of(arena, dear[i], COUNT);
		const struct hostile row = {
			text, strlen(text), "too many values"};

		refuse_all(arena, &row, 1);
		assert_int_equal(
			parse(arena, list_of(arena, "0", COUNT))->count, COUNT);
		arena_close(&arena);
	}
}

static void every_kind_is_copied(void **state)
{
	const struct json *root = parse(*state,
		" { \"n\" : null , \"t\":true,\"f\":false,\"i\":-12,"
		"\"s\":\"x\",\"a\":[1,[],{}],\"o\":{\"k\":2} }\r\n\t ");

	assert_int_equal(root->kind, JSON_OBJECT);
	assert_int_equal(root->count, 7);
	assert_null(root->name);
	assert_int_equal(json_member(root, "n")->kind, JSON_NULL);
	assert_true(json_member(root, "t")->truth);
	assert_int_equal(json_member(root, "f")->kind, JSON_BOOL);
	assert_false(json_member(root, "f")->truth);
	assert_string_equal(json_member(root, "i")->text, "-12");
	assert_true(json_is_text(json_member(root, "s"), "x"));
	assert_int_equal(json_member(root, "a")->count, 3);
	assert_int_equal(json_member(root, "a")->first->kind, JSON_NUMBER);
	assert_int_equal(json_member(root, "a")->first->next->count, 0);
	assert_null(json_member(root, "a")->first->next->first);
	assert_string_equal(
		json_member(json_member(root, "o"), "k")->text, "2");
	assert_null(json_member(root, "missing"));
	assert_null(json_member(NULL, "n"));
	assert_null(json_member(root->first, "n"));
}

static void members_keep_their_order(void **state)
{
	static const char names[] = "zyxabc";
	const struct json *member = parse(
		*state, "{\"z\":0,\"y\":1,\"x\":2,\"a\":3,\"b\":4,\"c\":5}")
					    ->first;

	for (int i = 0; i < 6; i++, member = member->next) {
		int64_t number;

		assert_int_equal(member->name[0], names[i]);
		assert_true(json_integer(member, &number));
		assert_int_equal(number, i);
	}
	assert_null(member);
}

static void documents_may_be_scalars(void **state)
{
	static const char *const texts[] = {"null", "true", "false", "0", "-0",
		"1", "\"x\"", " 7 ", "\n1.5e3", "\"\""};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_non_null(parse(*state, texts[i]));
}

static void numbers_stay_as_written(void **state)
{
	static const char *const texts[] = {"0", "-0", "1.0", "1.50",
		"0.10000000000000000001", "1E5", "1e+05", "1e-400", "1e999",
		"9223372036854775807", "-9223372036854775808",
		"18446744073709551615", "123456789012345678.000000001"};
	struct buf list;
	const struct json *item;

	buf_init(&list, *state, MIB);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_string_equal(parse(*state, texts[i])->text, texts[i]);
		buf_format(&list, "%s{\"a\":%s}", i ? "," : "[", texts[i]);
	}
	buf_char(&list, ']');
	item = parse(*state, list.data)->first;
	for (size_t i = 0; item; i++, item = item->next) {
		assert_string_equal(item->first->text, texts[i]);
		assert_int_equal(item->first->len, strlen(texts[i]));
	}
}

static void integers_are_exact_or_refused(void **state)
{
	static const struct {
		const char *text;
		bool good;
		int64_t value;
	} rows[] = {
		{"0", true, 0},
		{"-1", true, -1},
		{"9223372036854775807", true, INT64_MAX},
		{"-9223372036854775808", true, INT64_MIN},
		{"9223372036854775808", false, 0},
		{"18446744073709551615", false, 0},
		{"1.0", false, 0},
		{"1.9", false, 0},
		{"1e2", false, 0},
		{"\"12\"", false, 0},
		{"true", false, 0},
		{"null", false, 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t value = 42;
		bool good = json_integer(parse(*state, rows[i].text), &value);

		assert_int_equal(good, rows[i].good);
		assert_true(value == (good ? rows[i].value : 42));
	}
	assert_false(json_integer(NULL, &(int64_t){0}));
}

static void doubles_are_finite(void **state)
{
	double value = 42;

	assert_true(json_double(parse(*state, "1.5e3"), &value));
	assert_true(value == 1500.0);
	assert_true(json_double(parse(*state, "-0.1"), &value));
	assert_true(value == -0.1);
	assert_true(json_double(parse(*state, "1e-400"), &value));
	assert_true(value == 0.0);
	value = 42;
	assert_false(json_double(parse(*state, "1e400"), &value));
	assert_false(json_double(parse(*state, "\"1\""), &value));
	assert_false(json_double(NULL, &value));
	assert_true(value == 42);
}

static void texts_are_decoded(void **state)
{
	static const struct {
		const char *json;
		const char *text;
	} rows[] = {
		{"\"\"", ""},
		{"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
		{"\"\\u00e9\\u20AC\"", "\xc3\xa9\xe2\x82\xac"},
		{"\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80"},
		{"\"\xf0\x9f\x98\x80\"", "\xf0\x9f\x98\x80"},
		{"\"\\u001f\x7f\"", "\x1f\x7f"},
		{"\"'\"", "'"},
		{"\"\\uffff\"", "\xef\xbf\xbf"},
		{"\"\\u0080\\u07ff\\u0800\"", "\xc2\x80\xdf\xbf\xe0\xa0\x80"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct json *value = parse(*state, rows[i].json);

		assert_true(json_is_text(value, rows[i].text));
		assert_int_equal(value->len, strlen(rows[i].text));
	}
	assert_false(json_is_text(NULL, ""));
	assert_false(json_is_text(parse(*state, "1"), "1"));
}

static void member_names_are_decoded(void **state)
{
	const struct json *root =
		parse(*state, "{\"\\u0061/\":1,\"\":2,\"a\xc3\xa9\":3}");

	assert_string_equal(json_member(root, "a/")->text, "1");
	assert_string_equal(json_member(root, "")->text, "2");
	assert_string_equal(json_member(root, "a\xc3\xa9")->text, "3");
}

/* Whatever the cut, no crash, no read behind the end, no whole document. */
static void every_cut_of_a_document_is_refused(void **state)
{
	static const char whole[] =
		"{\"a\":[1,-2.5e+3,true,false,null,\"x\\n\\ud83d\\ude00"
		"\xc3\xa9\"],\"b\":{\"c\":{}}}";

	parse(*state, whole);
	for (size_t len = 0; len < sizeof(whole) - 1; len++) {
		struct report *report = report_open(*state);
		const struct json *value;

		assert_int_equal(
			parse_bytes(*state, whole, len, report, &value),
			ERR_BAD_INPUT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(malformed_numbers_are_refused),
		cmocka_unit_test(malformed_texts_are_refused),
		cmocka_unit_test(malformed_structure_is_refused),
		cmocka_unit_test(duplicate_members_are_refused),
		cmocka_unit_test(depth_is_limited),
		cmocka_unit_test(long_numbers_are_limited),
		cmocka_unit_test(
			many_values_are_refused_before_the_arena_is_full),
		cmocka_unit_test(the_number_of_values_is_limited),
		cmocka_unit_test(a_document_of_ours_may_have_more_values),
		cmocka_unit_test(what_json_c_needs_is_charged),
		cmocka_unit_test(every_kind_is_copied),
		cmocka_unit_test(members_keep_their_order),
		cmocka_unit_test(documents_may_be_scalars),
		cmocka_unit_test(numbers_stay_as_written),
		cmocka_unit_test(integers_are_exact_or_refused),
		cmocka_unit_test(doubles_are_finite),
		cmocka_unit_test(texts_are_decoded),
		cmocka_unit_test(member_names_are_decoded),
		cmocka_unit_test(every_cut_of_a_document_is_refused),
	};

	return cmocka_run_group_tests(tests, open_arena, close_arena);
}
