/*
 * Binds and rows over a backend made of three rows: asked in order, ended
 * once, never behind its end. And the report's pointers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arena.h"
#include "report.h"
#include "rows.h"
#include "sql.h"

struct three {
	struct rows rows;
	int row;      /* 1 to 3 */
	int fails_at; /* 0: never */
	int calls;    /* of next */
	int ends;
};

static enum err three_next(struct rows *rows, bool *more)
{
	struct three *three = (struct three *)rows;

	three->calls++;
	if (three->row + 1 == three->fails_at)
		return ERR_UNAVAILABLE;
	*more = three->row < 3;
	three->row++;
	return ERR_OK;
}

static bool three_is_null(const struct rows *rows, int column)
{
	(void)rows;
	return column == 1;
}

static int64_t three_integer(const struct rows *rows, int column)
{
	return ((const struct three *)rows)->row * 10 + column;
}

static const char *three_text(const struct rows *rows, int column)
{
	return three_is_null(rows, column) ? NULL : "text";
}

static const void *three_blob(const struct rows *rows, int column, size_t *len)
{
	if (three_is_null(rows, column))
		return NULL;
	*len = 4;
	return "blob";
}

static void three_end(struct rows *rows)
{
	((struct three *)rows)->ends++;
}

static const struct rows_ops three_ops = {
	.next = three_next,
	.is_null = three_is_null,
	.integer = three_integer,
	.text = three_text,
	.blob = three_blob,
	.end = three_end,
};

static void rows_are_read_to_their_end_and_not_behind_it(void **state)
{
	struct three three = {.rows = {.ops = &three_ops}};
	bool more = false;
	size_t len;

	(void)state;
	for (int row = 1; row <= 3; row++) {
		assert_int_equal(rows_next(&three.rows, &more), ERR_OK);
		assert_true(more);
		assert_int_equal(rows_int(&three.rows, 2), row * 10 + 2);
		assert_string_equal(rows_text(&three.rows, 0), "text");
		assert_memory_equal(rows_blob(&three.rows, 0, &len), "blob", 4);
		assert_int_equal(len, 4);
		assert_null(rows_blob(&three.rows, 1, &len));
		assert_int_equal(len, 0);
		assert_true(rows_is_null(&three.rows, 1));
		assert_false(rows_is_null(&three.rows, 0));
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(rows_next(&three.rows, &more), ERR_OK);
		assert_false(more);
	}
	assert_int_equal(three.calls, 4);
	assert_true(rows_is_null(&three.rows, 0));
	assert_int_equal(rows_int(&three.rows, 0), 0);
	assert_null(rows_text(&three.rows, 0));
	rows_end(&three.rows);
	rows_end(&three.rows);
	rows_end(NULL);
	assert_int_equal(three.ends, 1);
}

static void a_failure_is_passed_on_once(void **state)
{
	struct three three = {.rows = {.ops = &three_ops}, .fails_at = 2};
	bool more = false;

	(void)state;
	assert_int_equal(rows_next(&three.rows, &more), ERR_OK);
	assert_int_equal(rows_next(&three.rows, &more), ERR_UNAVAILABLE);
	assert_true(more); /* untouched */
	assert_int_equal(rows_next(&three.rows, &more), ERR_OK);
	assert_false(more);
	assert_int_equal(three.calls, 2);
	rows_end(&three.rows);
}

static void an_ended_statement_gives_nothing(void **state)
{
	struct three three = {.rows = {.ops = &three_ops}};
	bool more = true;

	(void)state;
	rows_end(&three.rows);
	assert_int_equal(rows_next(&three.rows, &more), ERR_OK);
	assert_false(more);
	assert_int_equal(three.calls, 0);
}

static void binds_know_their_kind(void **state)
{
	const struct bind *binds = BINDS(bind_int(":i", -5),
		bind_text(":t", "ab"), bind_text(":n", NULL),
		bind_blob(":b", "x\0y", 3), bind_blob(":m", NULL, 0));

	(void)state;
	assert_int_equal(binds[0].kind, BIND_KIND_INT);
	assert_true(binds[0].number == -5);
	assert_int_equal(binds[1].kind, BIND_KIND_TEXT);
	assert_int_equal(binds[1].len, 2);
	assert_int_equal(binds[2].kind, BIND_KIND_NULL);
	assert_int_equal(binds[3].kind, BIND_KIND_BLOB);
	assert_int_equal(binds[3].len, 3);
	assert_int_equal(binds[4].kind, BIND_KIND_NULL);
	assert_int_equal(binds[5].kind, BIND_END);
	assert_int_equal(NO_BINDS[0].kind, BIND_END);
}

static void reports_collect_faults_up_to_their_limit(void **state)
{
	struct arena *arena = arena_open(1024 * 1024);
	struct report *report = report_open(arena);

	(void)state;
	for (int i = 0; i < 100; i++)
		report_fault(report, "/a", "fault %d", i);
	assert_int_equal(report->fault_count, REPORT_FAULT_LIMIT);
	assert_string_equal(report->faults[63].message, "fault 63");
	report_detail(report, "%s", "one");
	report_detail(report, "%s", "two");
	assert_string_equal(report->detail, "two");
	report_event(report, "auth.denied");
	assert_string_equal(report->event, "auth.denied");
	arena_close(&arena);
}

static void pointers_are_escaped(void **state)
{
	struct arena *arena = arena_open(1024 * 1024);

	(void)state;
	assert_string_equal(report_pointer(arena, "", "a"), "/a");
	assert_string_equal(report_pointer(arena, "/x", "a/b~c"), "/x/a~1b~0c");
	assert_string_equal(report_pointer(arena, "/x", ""), "/x/");
	assert_string_equal(report_pointer_index(arena, "/x", 12), "/x/12");
	arena_close(&arena);
}

static void every_error_has_its_own_slug(void **state)
{
	(void)state;
	for (int i = 0; i < ERR_COUNT; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(
				err_slug((enum err)i), err_slug((enum err)j));
	assert_string_equal(err_slug((enum err)999), "internal");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_read_to_their_end_and_not_behind_it),
		cmocka_unit_test(a_failure_is_passed_on_once),
		cmocka_unit_test(an_ended_statement_gives_nothing),
		cmocka_unit_test(binds_know_their_kind),
		cmocka_unit_test(reports_collect_faults_up_to_their_limit),
		cmocka_unit_test(pointers_are_escaped),
		cmocka_unit_test(every_error_has_its_own_slug),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
