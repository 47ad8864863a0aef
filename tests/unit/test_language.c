/*
 * The schema of the language is JSON, and speaks of every indicator.
 */
#include "engine_help.h"

#include "indicator.h"
#include "language.h"

static const struct json *schema(struct help *help)
{
	struct buf buf;

	buf_init(&buf, help->arena, LANGUAGE_SCHEMA_BYTES);
	language_schema(&buf);
	assert_false(buf.overflow);
	return help_json(help, buf.data);
}

static void test_every_indicator_has_its_schema(void **state)
{
	struct help help = help_open();
	const struct json *definitions = json_member(schema(&help), "$defs");
	const struct json *list =
		json_member(json_member(definitions, "indicator"), "oneOf");
	const struct indicator *indicator;
	const struct json *item = list->first;

	(void)state;
	for (size_t i = 0; (indicator = indicator_at(i)) != NULL; i++) {
		const struct json *members = json_member(item, "properties");

		assert_true(json_is_text(
			json_member(item, "title"), indicator->name));
		assert_non_null(json_member(members, "fn"));
		for (size_t k = 0; k < indicator->param_count; k++)
			assert_non_null(json_member(
				members, indicator->params[k].name));
		item = item->next;
	}
	assert_null(item);
	arena_close(&help.arena);
}

static void test_every_reference_has_its_definition(void **state)
{
	static const char *const names[] = {
		"decimal", "param", "number", "expression", "indicator"};
	struct help help = help_open();
	const struct json *definitions = json_member(schema(&help), "$defs");

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_non_null(json_member(definitions, names[i]));
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_indicator_has_its_schema),
		cmocka_unit_test(test_every_reference_has_its_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
