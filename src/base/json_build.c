/*
 * Builds struct json in an arena, as the reader would have left it. Checks
 * nothing of what it is given: its callers have read another notation and
 * know what they found.
 */
#include "json_build.h"

static struct json *new_value(struct arena *arena, enum json_kind kind)
{
	struct json *value = arena_alloc(arena, sizeof(*value));

	value->kind = kind;
	return value;
}

static struct json *new_spelled(
	struct arena *arena, enum json_kind kind, const char *text, size_t len)
{
	struct json *value = new_value(arena, kind);

	value->text = arena_copy(arena, text, len);
	value->len = len;
	return value;
}

static struct json *new_parent(struct arena *arena, enum json_kind kind,
	const struct json_list *children)
{
	struct json *value = new_value(arena, kind);

	value->first = children->first;
	value->count = children->count;
	return value;
}

struct json *json_new_text(struct arena *arena, const char *text, size_t len)
{
	return new_spelled(arena, JSON_TEXT, text, len);
}

struct json *json_new_number(struct arena *arena, const char *text, size_t len)
{
	return new_spelled(arena, JSON_NUMBER, text, len);
}

struct json *json_new_array(struct arena *arena, const struct json_list *items)
{
	return new_parent(arena, JSON_ARRAY, items);
}

struct json *json_new_object(
	struct arena *arena, const struct json_list *members)
{
	return new_parent(arena, JSON_OBJECT, members);
}

void json_list_add(struct json_list *list, const char *name, struct json *value)
{
	value->name = name;
	if (list->last)
		list->last->next = value;
	else
		list->first = value;
	list->last = value;
	list->count++;
}
