/*
 * Expressions between their two forms, and the language's schema. Reads
 * nothing that is stored.
 */
#include "strategy_language.h"

#include <assert.h>

#include "expression.h"
#include "json_write.h"
#include "language.h"

enum {
	TREE_BYTES = 64 * 1024
};

/* A text becomes a tree, a tree stays as it is. */
static enum err tree_of(
	struct scope *scope, const struct json *in, const struct json **out)
{
	const struct expression_source source = {
		.text = in->text, .len = in->len, .pointer = "/expression"};

	*out = in;
	if (in->kind != JSON_TEXT)
		return ERR_OK;
	return expression_parse(
		scope_arena(scope), &source, scope_report(scope), out);
}

/* Printed and read again, a tree has its members in order and whatever was
   text within it parsed. */
static enum err both_forms(struct scope *scope, const struct json *tree,
	const char **text, const struct json **normal)
{
	struct arena *arena = scope_arena(scope);
	struct report *inner = report_open(arena);
	struct report *report = scope_report(scope);
	struct expression_source source = {.pointer = ""};
	enum err err = expression_print(arena, tree, inner, text);

	if (err == ERR_OK) {
		source.text = *text;
		source.len = strlen(*text);
		err = expression_parse(arena, &source, inner, normal);
	}
	for (size_t i = 0; i < inner->fault_count; i++)
		report_fault(report,
			arena_format(arena, "/expression%s",
				inner->faults[i].pointer),
			"%s", inner->faults[i].message);
	return err;
}

enum err expression_convert(
	struct scope *scope, const struct json *in, struct expression_view *out)
{
	const struct json *tree, *normal;
	struct expression_view view;
	struct json_writer json;
	struct buf buf;
	enum err err = tree_of(scope, in, &tree);

	if (err == ERR_OK)
		err = both_forms(scope, tree, &view.text, &normal);
	if (err != ERR_OK)
		return err;
	buf_init(&buf, scope_arena(scope), TREE_BYTES);
	json_write_init(&json, &buf);
	json_put_value(&json, normal);
	assert(!buf.overflow);
	view.tree = (struct raw_json){buf.data, buf.len};
	*out = view;
	return ERR_OK;
}

void strategy_schema(struct arena *arena, struct raw_json *out)
{
	struct buf buf;

	buf_init(&buf, arena, LANGUAGE_SCHEMA_BYTES);
	language_schema(&buf);
	assert(!buf.overflow);
	*out = (struct raw_json){buf.data, buf.len};
}
