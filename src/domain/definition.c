/*
 * What every stored definition has passed: it compiles, is not too long, and
 * has a name. Must never keep a definition that does not compile.
 */
#include "definition_private.h"

#include "json_write.h"
#include "program.h"
#include "text.h"

static enum err value_write(struct scope *scope, const struct json *json,
	const char *pointer, struct buf *buf)
{
	struct json_writer writer;

	json_write_init(&writer, buf);
	json_put_value(&writer, json);
	if (!buf->overflow)
		return ERR_OK;
	report_fault(scope_report(scope), pointer, "must be at most %zu bytes",
		buf->max);
	return ERR_BAD_INPUT;
}

enum err definition_fits(struct scope *scope, const struct json *json,
	const char *pointer, size_t max)
{
	struct buf buf;

	buf_init(&buf, scope_arena(scope), max);
	return value_write(scope, json, pointer, &buf);
}

static enum err name_check(
	struct report *report, const char *name, const char *pointer)
{
	size_t len = name ? strlen(name) : 0;

	if (len > 0 && text_is_utf8(name, len) &&
		!text_has_control(name, len) &&
		text_characters(name) <= STRATEGY_NAME_LIMIT)
		return ERR_OK;
	report_fault(report, pointer,
		"must be 1 to %d characters without control characters",
		STRATEGY_NAME_LIMIT);
	return ERR_BAD_INPUT;
}

enum err definition_check(struct scope *scope, const struct json *json,
	const char *name, struct definition *out)
{
	struct report *report = scope_report(scope);
	struct definition checked = {.name = name};
	struct program *program;
	struct buf buf;
	enum err err;

	buf_init(&buf, scope_arena(scope), DEFINITION_BYTES_LIMIT);
	err = value_write(scope, json, "/definition", &buf);
	if (err == ERR_OK)
		err = program_compile(scope_arena(scope),
			&(const struct program_source){
				.definition = json, .pointer = "/definition"},
			report, &program);
	if (err != ERR_OK)
		return err;
	checked.text = buf.data;
	checked.len = buf.len;
	checked.program = program;
	if (!name)
		checked.name = program_name(program);
	err = name_check(
		report, checked.name, name ? "/name" : "/definition/name");
	if (err == ERR_OK)
		*out = checked;
	return err;
}
