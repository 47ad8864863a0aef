/* Lists as CSV: who wants it, and what becomes of which JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "csv.h"

static void test_accept(void **state)
{
	static const struct {
		const char *accept;
		bool wanted;
	} rows[] = {
		{NULL, false},
		{"", false},
		{"*/*", false},
		{"text/*", false},
		{"application/json", false},
		{"text/csv", true},
		{"text/csv;q=0", false},
		{"text/csv; q=0.5", true},
		{"text/csv; header=present; q=0.5", true},
		{"application/json;q=0.9, text/csv", true},
		{"application/json, text/csv;q=0.9", false},
		{"text/csv, */*;q=0.1", true},
		{"text/csv2", false},
		{" , ,text/csv", true},
		{"text/csv;", true},
		{"text/csv;q", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (csv_wanted(rows[i].accept) != rows[i].wanted)
			fail_msg("%s", rows[i].accept);
}

static enum err convert(
	struct arena *arena, const char *json, struct reply *reply)
{
	reply_init(reply, arena);
	buf_text(&reply->body, json);
	return csv_convert(reply, NULL);
}

static void test_lists(void **state)
{
	static const struct {
		const char *json, *csv;
	} rows[] = {
		{"{\"data\":[]}", "\r\n"},
		{"{\"data\":[{\"a\":1,\"b\":\"x\"},{\"a\":-2.5e3,\"b\":\"y\"}]"
		 "}",
			"a,b\r\n1,x\r\n-2.5e3,y\r\n"},
		/* quotes, commas, lines, what is null, true and a list */
		{"{\"data\":[{\"a\":\"x,y\",\"b\":\"say \\\"hi\\\"\"},"
		 "{\"a\":\"1\\n2\",\"b\":null},{\"a\":true,\"b\":[1,\"z\"]}]}",
			"a,b\r\n\"x,y\",\"say \"\"hi\"\"\"\r\n\"1\n2\",\r\n"
			"true,\"[1,\"\"z\"\"]\"\r\n"},
		/* members of members; absent in the first row */
		{"{\"data\":[{\"a\":1,\"s\":null},{\"a\":2,\"s\":{\"x\":3,"
		 "\"y\":{\"z\":4}}}]}",
			"a,s.x,s.y.z\r\n1,,\r\n2,3,4\r\n"},
		/* rows need not have the same members in the same order */
		{"{\"data\":[{\"a\":1,\"b\":2},{\"b\":3,\"c\":4}]}",
			"a,b,c\r\n1,2,\r\n,3,4\r\n"},
	};
	struct arena *arena = arena_open(1 << 24);
	struct reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(convert(arena, rows[i].json, &reply), ERR_OK);
		assert_string_equal(reply.body.data, rows[i].csv);
		assert_null(reply.headers[REPLY_NEXT_CURSOR]);
	}
	assert_int_equal(
		convert(arena, "{\"data\":[{\"a\":1}],\"next_cursor\":\"c\"}",
			&reply),
		ERR_OK);
	assert_string_equal(reply.headers[REPLY_NEXT_CURSOR], "c");
	assert_string_equal(reply.headers[REPLY_CONTENT_TYPE],
		"text/csv; charset=utf-8; header=present");
	arena_close(&arena);
}

/* A list with nothing in it says what its columns would be. */
static void test_an_empty_list_has_its_header(void **state)
{
	struct inner {
		int64_t x, y;
	};
	struct row {
		const char *a;
		struct inner s;
		int64_t b;
	};
	struct rows {
		struct row *data;
		size_t data_count;
		const char *next_cursor;
	};
	static const struct field inner_fields[] = {
		FIELD(struct inner, x, .doc = "-"),
		FIELD(struct inner, y, .doc = "-")};
	static const struct shape inner =
		SHAPE("inner", struct inner, inner_fields);
	static const struct field row_fields[] = {
		FIELD(struct row, a, .doc = "-"),
		FIELD_OBJECT(struct row, s, inner, .doc = "-"),
		FIELD(struct row, b, .doc = "-")};
	static const struct shape row = SHAPE("row", struct row, row_fields);
	static const struct field list_fields[] = {
		FIELD_LIST(struct rows, data, row, .doc = "-"),
		FIELD(struct rows, next_cursor, .doc = "-")};
	static const struct shape list =
		SHAPE("list", struct rows, list_fields);
	struct arena *arena = arena_open(1 << 24);
	struct reply reply;

	(void)state;
	reply_init(&reply, arena);
	buf_text(&reply.body, "{\"data\":[],\"next_cursor\":null}");
	assert_int_equal(csv_convert(&reply, &list), ERR_OK);
	assert_string_equal(reply.body.data, "a,s.x,s.y,b\r\n");
	/* what rows have counts, where there are some */
	reply_init(&reply, arena);
	buf_text(&reply.body, "{\"data\":[{\"b\":1}]}");
	assert_int_equal(csv_convert(&reply, &list), ERR_OK);
	assert_string_equal(reply.body.data, "b\r\n1\r\n");
	arena_close(&arena);
}

static void test_what_is_no_list(void **state)
{
	static const char *const rows[] = {
		"", "{", "{}", "[]", "{\"data\":1}", "{\"data\":{}}"};
	struct arena *arena = arena_open(1 << 24);
	struct reply reply;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(convert(arena, rows[i], &reply), ERR_INTERNAL);
	arena_close(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_an_empty_list_has_its_header),
		cmocka_unit_test(test_what_is_no_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
