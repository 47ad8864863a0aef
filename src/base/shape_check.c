/*
 * Is a reply what its shape promises? Runs in tests and never in
 * production; must never change anything, and finds all differences.
 */
#include "shape_private.h"

#include "clock.h"
#include "text.h"

struct checking {
	struct arena *arena;
	struct report *report;
	bool failed;
};

static void differ(
	struct checking *checking, const char *pointer, const char *message)
{
	checking->failed = true;
	report_fault(checking->report, pointer, "%s", message);
}

static void check_object(struct checking *checking, const struct shape *shape,
	const struct json *object, const char *pointer);

static bool is_decimal(const struct json *value)
{
	struct decimal ignored;

	return value->kind == JSON_TEXT &&
	       decimal_parse(value->text, value->len, &ignored) == ERR_OK;
}

static bool is_time(const struct json *value)
{
	int64_t ignored;

	return value->kind == JSON_TEXT &&
	       time_parse(value->text, &ignored) == ERR_OK;
}

static bool is_integer(const struct json *value)
{
	int64_t ignored;

	return json_integer(value, &ignored);
}

static bool is_word(const struct field *field, const struct json *value)
{
	return value->kind == JSON_TEXT && shape_is_member(field, value->text);
}

static bool are_words(const struct field *field, const struct json *value)
{
	if (value->kind != JSON_ARRAY)
		return false;
	for (const struct json *item = value->first; item; item = item->next)
		if (!is_word(field, item))
			return false;
	return true;
}

static bool is_fitting(const struct field *field, const struct json *value)
{
	switch (field->kind) {
	case SHAPE_TEXT:
	case SHAPE_PATCH:
		return is_word(field, value);
	case SHAPE_INT:
		return is_integer(value);
	case SHAPE_BOOL:
		return value->kind == JSON_BOOL;
	case SHAPE_DECIMAL:
	case SHAPE_DECIMAL_MAYBE:
		return is_decimal(value);
	case SHAPE_TIME:
	case SHAPE_TIME_MAYBE:
		return is_time(value);
	case SHAPE_RATIO:
		return value->kind == JSON_NUMBER;
	case SHAPE_TEXTS:
		return are_words(field, value);
	case SHAPE_LIST:
		return value->kind == JSON_ARRAY;
	case SHAPE_OBJECT:
		return value->kind == JSON_OBJECT;
	case SHAPE_JSON:
	case SHAPE_RAW:
		return true;
	}
	return false;
}

static bool may_be_null(const struct field *field)
{
	return field->nullable || field->kind == SHAPE_PATCH ||
	       field->kind == SHAPE_RATIO || field->kind == SHAPE_JSON ||
	       field->kind == SHAPE_RAW;
}

static void check_list(struct checking *checking, const struct shape *shape,
	const struct json *list, const char *pointer)
{
	size_t index = 0;

	for (const struct json *item = list->first; item; item = item->next)
		check_object(checking, shape, item,
			report_pointer_index(
				checking->arena, pointer, index++));
}

static void check_member(struct checking *checking, const struct field *field,
	const struct json *value, const char *pointer)
{
	if (!value)
		differ(checking, pointer, "is missing");
	else if (value->kind == JSON_NULL && may_be_null(field))
		return;
	else if (value->kind == JSON_NULL)
		differ(checking, pointer, "is null but not nullable");
	else if (!is_fitting(field, value))
		differ(checking, pointer, "has another type than its shape");
	else if (field->kind == SHAPE_LIST)
		check_list(checking, field->shape, value, pointer);
	else if (field->kind == SHAPE_OBJECT)
		check_object(checking, field->shape, value, pointer);
}

static bool is_named(const struct shape *shape, const char *name)
{
	for (size_t i = 0; i < shape->count; i++)
		if (shape->fields[i].from == FROM_BODY &&
			!shape->fields[i].secret &&
			text_equal(shape->fields[i].name, name))
			return true;
	return false;
}

static void check_object(struct checking *checking, const struct shape *shape,
	const struct json *object, const char *pointer)
{
	if (object->kind != JSON_OBJECT) {
		differ(checking, pointer, "is not an object");
		return;
	}
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (field->from != FROM_BODY || field->secret)
			continue;
		check_member(checking, field, json_member(object, field->name),
			report_pointer(checking->arena, pointer, field->name));
	}
	for (const struct json *member = object->first; member;
		member = member->next)
		if (!is_named(shape, member->name))
			differ(checking,
				report_pointer(
					checking->arena, pointer, member->name),
				"is not in the shape");
}

enum err shape_check(const struct shape *shape, struct arena *arena,
	const struct json *reply, struct report *report)
{
	struct checking checking = {.arena = arena, .report = report};

	check_object(&checking, shape, reply, "");
	return checking.failed ? ERR_INTERNAL : ERR_OK;
}
