/* Strategies: saved as versions, listed in pages, and nobody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain_world.h"
#include "strategy_help.h"
#include "strategy_recursive.h"

static const char unknown_id[] = "01h00000000000000000000000";

static void test_created_is_found(void **state)
{
	struct world *w = *state;
	struct strategy_view made = strategy_made(w, NULL);
	struct strategy_view got;

	assert_string_equal(made.name, "Cross");
	assert_int_equal(made.version, 1);
	assert_int_equal(strategy_get(world_alice(w), made.id, &got), ERR_OK);
	assert_string_equal(got.id, made.id);
	assert_string_equal(got.name, "Cross");
	assert_int_equal(got.version, 1);
	assert_string_equal(got.definition.text, cross_text);
	assert_int_equal(got.definition.len, strlen(cross_text));
	assert_int_equal(got.created_at.ms, world_now);
}

static void test_others_find_nothing(void **state)
{
	struct world *w = *state;
	struct strategy_view made = strategy_made(w, "Mine");
	const struct strategy_change change = {.id = made.id,
		.name = "Yours",
		.definition = world_json(w, cross_text)};
	const struct page_query query = {.limit = 10};
	struct strategy_view view;
	struct page page;

	assert_int_equal(
		strategy_get(world_bob(w), made.id, &view), ERR_NOT_FOUND);
	assert_int_equal(
		strategy_update(world_bob(w), &change, &view), ERR_NOT_FOUND);
	assert_int_equal(
		strategy_remove(world_bob(w), made.id, 0), ERR_NOT_FOUND);
	assert_int_equal(
		strategy_versions(world_bob(w), made.id, &query, &page),
		ERR_NOT_FOUND);
	assert_int_equal(strategy_list(world_bob(w), &query, &page), ERR_OK);
	assert_int_equal(page.data.count, 0);
	assert_int_equal(strategy_get(world_alice(w), made.id, &view), ERR_OK);
	assert_string_equal(view.name, "Mine");
}

static void test_unknown_and_malformed_ids(void **state)
{
	static const char *const ids[] = {
		unknown_id, "", "x", "../etc", "01H00000000000000000000000"};
	struct world *w = *state;
	const struct page_query query = {.limit = 10};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const struct strategy_change change = {
			.id = ids[i], .definition = world_json(w, cross_text)};
		struct strategy_view view;
		struct page page;

		assert_int_equal(strategy_get(world_alice(w), ids[i], &view),
			ERR_NOT_FOUND);
		assert_int_equal(
			strategy_update(world_alice(w), &change, &view),
			ERR_NOT_FOUND);
		assert_int_equal(strategy_remove(world_alice(w), ids[i], 0),
			ERR_NOT_FOUND);
		assert_int_equal(strategy_versions(
					 world_alice(w), ids[i], &query, &page),
			ERR_NOT_FOUND);
	}
}

static void test_every_save_is_a_version(void **state)
{
	struct world *w = *state;
	struct strategy_view made = strategy_made(w, "One");
	const struct strategy_change change = {
		.id = made.id, .definition = world_json(w, cross_text)};
	const struct strategy_version_view *versions;
	struct page_query query = {.limit = 2};
	struct strategy_view view;
	struct page page;

	for (int i = 2; i <= 3; i++) {
		assert_int_equal(
			strategy_update(world_alice(w), &change, &view),
			ERR_OK);
		assert_int_equal(view.version, i);
	}
	assert_string_equal(view.name, "Cross");
	assert_int_equal(
		strategy_versions(world_alice(w), made.id, &query, &page),
		ERR_OK);
	assert_int_equal(page.data.count, 2);
	versions = page.data.items;
	assert_int_equal(versions[0].version, 3);
	assert_int_equal(versions[1].version, 2);
	query.cursor = page.next_cursor;
	assert_non_null(query.cursor);
	assert_int_equal(
		strategy_versions(world_alice(w), made.id, &query, &page),
		ERR_OK);
	assert_int_equal(page.data.count, 1);
	assert_null(page.next_cursor);
	versions = page.data.items;
	assert_int_equal(versions[0].version, 1);
	assert_string_equal(versions[0].definition.text, cross_text);
}

static void test_a_change_may_depend_on_the_version(void **state)
{
	struct world *w = *state;
	struct strategy_view made = strategy_made(w, "One");
	struct strategy_change change = {.id = made.id,
		.definition = world_json(w, cross_text),
		.if_version = 1};
	struct strategy_view view;

	assert_int_equal(
		strategy_update(world_alice(w), &change, &view), ERR_OK);
	assert_int_equal(view.version, 2);
	assert_int_equal(strategy_update(world_alice(w), &change, &view),
		ERR_PRECONDITION);
	assert_int_equal(
		strategy_remove(world_alice(w), made.id, 1), ERR_PRECONDITION);
	assert_int_equal(strategy_get(world_alice(w), made.id, &view), ERR_OK);
	assert_int_equal(view.version, 2);
	assert_int_equal(
		strategy_update(world_bob(w), &change, &view), ERR_NOT_FOUND);
	assert_int_equal(
		strategy_remove(world_bob(w), made.id, 2), ERR_NOT_FOUND);
	assert_int_equal(strategy_remove(world_alice(w), made.id, 2), ERR_OK);
}

static void test_removed_is_not_found(void **state)
{
	struct world *w = *state;
	struct strategy_view made = strategy_made(w, NULL);
	const struct page_query query = {.limit = 10};
	struct strategy_view view;
	struct page page;

	assert_int_equal(strategy_remove(world_alice(w), made.id, 0), ERR_OK);
	assert_int_equal(
		strategy_get(world_alice(w), made.id, &view), ERR_NOT_FOUND);
	assert_int_equal(
		strategy_remove(world_alice(w), made.id, 0), ERR_NOT_FOUND);
	assert_int_equal(strategy_list(world_alice(w), &query, &page), ERR_OK);
	assert_int_equal(page.data.count, 0);
}

static void test_removal_leaves_no_rows(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < 20; i++) {
		struct strategy_view made = strategy_made(w, NULL);
		const struct strategy_change change = {
			.id = made.id, .definition = world_json(w, cross_text)};

		assert_int_equal(
			strategy_update(world_alice(w), &change, &made),
			ERR_OK);
		assert_int_equal(
			strategy_remove(world_alice(w), made.id, 0), ERR_OK);
	}
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM strategies"), 0);
	assert_int_equal(
		world_number(w, "SELECT COUNT(*) FROM strategy_versions"), 0);
}

static void test_pages_hold_each_once(void **state)
{
	struct world *w = *state;
	struct page_query query = {.limit = 3};
	bool seen[8] = {false};
	struct page page;
	size_t count = 0;

	for (int i = 0; i < 8; i++)
		(void)strategy_made(w, arena_format(w->arena, "%d", i));
	do {
		const struct strategy_view *views;

		assert_int_equal(
			strategy_list(world_alice(w), &query, &page), ERR_OK);
		views = page.data.items;
		for (size_t i = 0; i < page.data.count; i++, count++) {
			int number = views[i].name[0] - '0';

			assert_false(seen[number]);
			seen[number] = true;
		}
		query.cursor = page.next_cursor;
	} while (query.cursor);
	assert_int_equal(count, 8);
}

static void test_foreign_cursors_are_refused(void **state)
{
	struct world *w = *state;
	struct strategy_view made = strategy_made(w, "A");
	const struct strategy_change change = {
		.id = made.id, .definition = world_json(w, cross_text)};
	struct page_query query = {.limit = 1};
	struct strategy_view view;
	struct page page;
	char *broken;

	assert_int_equal(
		strategy_update(world_alice(w), &change, &view), ERR_OK);
	assert_int_equal(
		strategy_versions(world_alice(w), made.id, &query, &page),
		ERR_OK);
	query.cursor = page.next_cursor;
	assert_int_equal(
		strategy_list(world_alice(w), &query, &page), ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/cursor"));
	(void)strategy_made(w, "B");
	query.cursor = NULL;
	assert_int_equal(strategy_list(world_alice(w), &query, &page), ERR_OK);
	broken = arena_text(w->arena, page.next_cursor);
	broken[20] = broken[20] == 'A' ? 'B' : 'A';
	query.cursor = broken;
	assert_int_equal(
		strategy_list(world_alice(w), &query, &page), ERR_BAD_INPUT);
	query.cursor = "!";
	assert_int_equal(
		strategy_list(world_alice(w), &query, &page), ERR_BAD_INPUT);
}

static void test_the_limit_counts_what_is_not_removed(void **state)
{
	const struct limits two = {.strategies_per_user = 2};
	struct world *w = *state;
	const struct strategy_new in = {
		.definition = world_json(w, cross_text)};
	struct strategy_view view;

	for (int i = 0; i < 2; i++)
		assert_int_equal(
			strategy_create(world_alice(w), &two, &in, &view),
			ERR_OK);
	assert_int_equal(strategy_create(world_alice(w), &two, &in, &view),
		ERR_CONFLICT);
	assert_non_null(w->report->detail);
	assert_int_equal(
		strategy_create(world_bob(w), &two, &in, &view), ERR_OK);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM strategies"), 3);
}

static void test_broken_definitions_are_not_stored(void **state)
{
	static const char *const texts[] = {"{}", "[]", "null", "\"x\"",
		"{\"version\":1,\"name\":\"x\",\"interval\":\"1d\","
		"\"entry\":{\"long\":{\"gt\":[\"nothing\",1]}}}"};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct strategy_new in = {
			.definition = world_json(w, texts[i])};
		struct strategy_view view;
		struct strategy_check check;

		assert_int_equal(
			strategy_create(world_alice(w), &roomy, &in, &view),
			ERR_BAD_INPUT);
		assert_true(w->report->fault_count > 0);
		for (size_t f = 0; f < w->report->fault_count; f++)
			assert_true(text_starts(
				w->report->faults[f].pointer, "/definition"));
		assert_int_equal(strategy_validate(
					 world_alice(w), in.definition, &check),
			ERR_BAD_INPUT);
	}
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM strategies"), 0);
}

static void test_bad_names_are_refused(void **state)
{
	struct world *w = *state;
	char *long_name = arena_alloc(w->arena, 102);
	const char *const names[] = {"", "a\nb", long_name};

	memset(long_name, 'x', 101);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct strategy_new in = {.name = names[i],
			.definition = world_json(w, cross_text)};
		struct strategy_view view;

		assert_int_equal(
			strategy_create(world_alice(w), &roomy, &in, &view),
			ERR_BAD_INPUT);
		assert_true(world_fault_at(w, "/name"));
	}
}

static void test_validate_tells_the_warmup(void **state)
{
	struct world *w = *state;
	struct strategy_check check;

	assert_int_equal(strategy_validate(world_alice(w),
				 world_json(w, cross_text), &check),
		ERR_OK);
	assert_true(check.valid);
	assert_string_equal(check.name, "Cross");
	assert_string_equal(check.interval, "1d");
	assert_true(check.warmup >= 5 && check.warmup <= 8);
}

/* An average that feeds on its past is off by less and less; a simple one not
   at all. */
static void test_recursive_tells_how_far_values_are_off(void **state)
{
	static const char text[] =
		"{\"version\":1,\"name\":\"E\",\"interval\":\"1d\","
		"\"params\":{\"n\":{\"default\":5}},\"entry\":{\"long\":"
		"\"ema(close, $n) > sma(close, 4)\"}}";
	struct world *w = *state;
	struct recursive_input in = {.symbol = "SAW"};
	const struct recursive_row_view *rows;
	struct recursive_view view;
	struct limits few = roomy;
	const struct json *moved;

	put_saw(w, 50);
	in.definition = world_json(w, text);
	in.params = world_json(w, "{\"n\":6}");
	assert_int_equal(
		strategy_recursive(world_alice(w), &roomy, &in, &view), ERR_OK);
	/* 7, 14, 28 candles; there are no 56 */
	assert_int_equal(world_json(w, view.bars.text)->count, 3);
	assert_int_equal(view.rows.count, 2);
	rows = view.rows.items;
	assert_string_equal(rows[0].indicator, "ema(close, $n)");
	moved = world_json(w, rows[0].moved_pct.text);
	assert_int_equal(moved->count, 3);
	assert_string_not_equal(moved->first->text, "0");
	moved = world_json(w, rows[1].moved_pct.text);
	assert_string_equal(moved->first->text, "0");

	few.backtest_inline_work = 10;
	assert_int_equal(strategy_recursive(world_alice(w), &few, &in, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/from"));
	in.symbol = "NONE";
	assert_int_equal(strategy_recursive(world_alice(w), &roomy, &in, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/symbol"));
}

static void test_every_template_is_valid(void **state)
{
	struct world *w = *state;
	const struct strategy_template *templates;
	struct list list;

	assert_int_equal(strategy_templates(world_alice(w), &list), ERR_OK);
	assert_true(list.count >= 3);
	templates = list.items;
	for (size_t i = 0; i < list.count; i++) {
		struct strategy_check check;

		if (strategy_validate(world_alice(w),
			    world_json(w, templates[i].definition.text),
			    &check) != ERR_OK)
			fail_msg("%s: %s %s", templates[i].slug,
				w->report->faults[0].pointer,
				w->report->faults[0].message);
		assert_string_equal(check.name, templates[i].name);
		assert_int_equal(templates[i].definition.len,
			strlen(templates[i].definition.text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_created_is_found),
		WORLD_TEST(test_others_find_nothing),
		WORLD_TEST(test_unknown_and_malformed_ids),
		WORLD_TEST(test_every_save_is_a_version),
		WORLD_TEST(test_a_change_may_depend_on_the_version),
		WORLD_TEST(test_removed_is_not_found),
		WORLD_TEST(test_removal_leaves_no_rows),
		WORLD_TEST(test_pages_hold_each_once),
		WORLD_TEST(test_foreign_cursors_are_refused),
		WORLD_TEST(test_the_limit_counts_what_is_not_removed),
		WORLD_TEST(test_broken_definitions_are_not_stored),
		WORLD_TEST(test_bad_names_are_refused),
		WORLD_TEST(test_validate_tells_the_warmup),
		WORLD_TEST(test_recursive_tells_how_far_values_are_off),
		WORLD_TEST(test_every_template_is_valid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
