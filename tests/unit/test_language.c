/*
 * The schema of the language is JSON, and speaks of every indicator.
 */
#include "engine_help.h"

#include "compile_private.h"
#include "expression_private.h"
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

/* Two tables, one of meanings and one of spellings: neither may lag. */
static void test_every_operator_has_a_text_form(void **state)
{
	const char *name;

	(void)state;
	for (size_t i = 0; (name = compile_operator_name(i)) != NULL; i++)
		if (!expression_binary(name) && !expression_function(name) &&
			strcmp(name, "not") != 0)
			fail_msg("%s cannot be written as text", name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_indicator_has_its_schema),
		cmocka_unit_test(test_every_operator_has_a_text_form),
		cmocka_unit_test(test_every_reference_has_its_definition),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
