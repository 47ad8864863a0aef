/*
 * Parsing JSON: our strict scan, then json-c, then a copy into the arena.
 * The only file that may include json-c. The copy walks the scan's marks in
 * step: they say how each number was written, and an object with fewer
 * members than it was given had a name twice.
 */
#include "json.h"

#include <json.h>
#include <limits.h>
#include <math.h>

#include "json_scan_private.h"
#include "text.h"

/*
 * Bytes of json-c 0.16 on its own heap, rounded up; each with the allocator's
 * share. An empty object brings a table of 16 entries, an empty array a list
 * of 32; both double as they fill, and live twice while they do.
 */
enum {
	COST_VALUE = 128, /* a number keeps its text as well */
	COST_OBJECT = 768,
	COST_ARRAY = 320,
	COST_MEMBER = 192
};

struct copy {
	struct arena *arena;
	const char *text;
	const struct json_mark *marks;
	size_t mark_next;
	size_t mark_count;
	bool duplicate;
	size_t duplicate_at; /* byte of the object */
};

static void copy_value(
	struct copy *copy, struct json_object *value, struct json *out);

static struct json_mark next_mark(struct copy *copy)
{
	if (copy->mark_next >= copy->mark_count)
		return (struct json_mark){0};
	return copy->marks[copy->mark_next++];
}

static void copy_number(struct copy *copy, struct json *out)
{
	struct json_mark number = next_mark(copy);

	out->kind = JSON_NUMBER;
	out->len = number.size;
	out->text =
		arena_copy(copy->arena, copy->text + number.at, number.size);
}

static void copy_array(
	struct copy *copy, struct json_object *array, struct json *out)
{
	size_t count = json_object_array_length(array);
	struct json *items = arena_array(copy->arena, count, sizeof(*items));

	out->kind = JSON_ARRAY;
	for (size_t i = 0; i < count && !copy->duplicate; i++) {
		copy_value(
			copy, json_object_array_get_idx(array, i), &items[i]);
		items[i].next = i + 1 < count ? &items[i + 1] : NULL;
	}
	out->first = count ? items : NULL;
	out->count = count;
}

static void copy_object(
	struct copy *copy, struct json_object *object, struct json *out)
{
	size_t count = (size_t)json_object_object_length(object);
	struct json_mark given = next_mark(copy);
	struct json *items;
	size_t i = 0;

	out->kind = JSON_OBJECT;
	if (given.size != count) {
		copy->duplicate = true;
		copy->duplicate_at = given.at;
		return;
	}
	items = arena_array(copy->arena, count, sizeof(*items));
	json_object_object_foreach(object, name, value)
	{
		if (copy->duplicate)
			return;
		copy_value(copy, value, &items[i]);
		items[i].name = arena_text(copy->arena, name);
		items[i].next = i + 1 < count ? &items[i + 1] : NULL;
		i++;
	}
	out->first = count ? items : NULL;
	out->count = count;
}

/* Recursion ends at JSON_DEPTH_LIMIT: the scan saw to it. */
static void copy_value(
	struct copy *copy, struct json_object *value, struct json *out)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		out->kind = JSON_NULL;
		break;
	case json_type_boolean:
		out->kind = JSON_BOOL;
		out->truth = json_object_get_boolean(value);
		break;
	case json_type_double:
	case json_type_int:
		copy_number(copy, out);
		break;
	case json_type_string:
		out->kind = JSON_TEXT;
		out->len = (size_t)json_object_get_string_len(value);
		out->text = arena_copy(
			copy->arena, json_object_get_string(value), out->len);
		break;
	case json_type_array:
		copy_array(copy, value, out);
		break;
	case json_type_object:
		copy_object(copy, value, out);
		break;
	}
}

/* False when json-c does not follow; *out NULL is the value null. */
static bool parse_tree(const struct json_scan *scan, struct json_object **out)
{
	struct json_tokener *tokener =
		json_tokener_new_ex(JSON_DEPTH_LIMIT + 2);
	enum json_tokener_error state;

	if (!tokener)
		return false;
	json_tokener_set_flags(
		tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	*out = json_tokener_parse_ex(tokener, scan->text, (int)scan->len);
	state = json_tokener_get_error(tokener);
	/* A number alone could go on: a space ends it. */
	if (state == json_tokener_continue) {
		*out = json_tokener_parse_ex(tokener, " ", 1);
		state = json_tokener_get_error(tokener);
	}
	json_tokener_free(tokener);
	return state == json_tokener_success;
}

/*
 * A body of "[{},{},..." costs its length hundreds of times over once parsed:
 * in json-c's heap, and then in the arena. Half of what the arena has left is
 * the most that both get, so that such a body ends as a bad request and not
 * with the worker.
 */
static bool fits(const struct json_scan *scan, const struct arena *arena)
{
	const size_t each = sizeof(struct json) + 2 * sizeof(max_align_t);
	size_t ours, theirs;

	/* each count is at most len, len at most INT_MAX */
	ours = scan->value_count * each + 2 * scan->len +
	       scan->mark_count * sizeof(struct json_mark);
	theirs = scan->value_count * COST_VALUE + 2 * scan->len +
		 scan->object_count * COST_OBJECT +
		 scan->array_count * COST_ARRAY +
		 scan->member_count * COST_MEMBER;
	return ours + theirs <= arena_left(arena) / 2;
}

static enum err copy_tree(struct arena *arena, const struct json_scan *scan,
	struct report *report, const struct json **out)
{
	struct json *root = arena_alloc(arena, sizeof(*root));
	struct json_object *tree = NULL;
	struct copy copy = {
		.arena = arena,
		.text = scan->text,
		.marks = scan->marks,
		.mark_count = scan->mark_count,
	};

	if (!parse_tree(scan, &tree)) {
		report_fault(report, "", "not JSON");
		return ERR_BAD_INPUT;
	}
	copy_value(&copy, tree, root);
	json_object_put(tree);
	if (copy.duplicate) {
		report_fault(report, "",
			"the object at byte %zu has two members of one name",
			copy.duplicate_at);
		return ERR_BAD_INPUT;
	}
	*out = root;
	return ERR_OK;
}

static void report_scan(const struct json_scan *scan, struct report *report)
{
	/* as good as JSON, so not called otherwise */
	if (scan->fault == json_scan_too_many)
		report_fault(report, "", "%s", scan->fault);
	else
		report_fault(report, "", "not JSON: %s at byte %zu",
			scan->fault, scan->at);
}

static enum err parse(struct arena *arena, struct json_scan *scan,
	struct report *report, const struct json **out)
{
	if (scan->len > INT_MAX) {
		report_fault(report, "", "too long");
		return ERR_BAD_INPUT;
	}
	if (!json_scan(scan)) {
		report_scan(scan, report);
		return ERR_BAD_INPUT;
	}
	if (!fits(scan, arena)) {
		report_fault(report, "", "%s", json_scan_too_many);
		return ERR_BAD_INPUT;
	}
	/* A document that is only counted above is only marked here. */
	scan->marks =
		arena_array(arena, scan->mark_count, sizeof(*scan->marks));
	if (!json_scan(scan))
		return ERR_INTERNAL;
	return copy_tree(arena, scan, report, out);
}

enum err json_parse(struct arena *arena, const char *text, size_t len,
	struct report *report, const struct json **out)
{
	struct json_scan scan = {
		.text = text, .len = len, .value_limit = JSON_VALUE_LIMIT};

	return parse(arena, &scan, report, out);
}

enum err json_parse_own(struct arena *arena, const char *text, size_t len,
	struct report *report, const struct json **out)
{
	struct json_scan scan = {
		.text = text, .len = len, .value_limit = SIZE_MAX};

	return parse(arena, &scan, report, out);
}

const struct json *json_member(const struct json *object, const char *name)
{
	if (!object || object->kind != JSON_OBJECT)
		return NULL;
	for (const struct json *m = object->first; m; m = m->next)
		if (strcmp(m->name, name) == 0)
			return m;
	return NULL;
}

bool json_integer(const struct json *value, int64_t *out)
{
	if (!value || value->kind != JSON_NUMBER)
		return false;
	return text_integer(value->text, out);
}

bool json_double(const struct json *value, double *out)
{
	double number;

	if (!value || value->kind != JSON_NUMBER)
		return false;
	number = strtod(value->text, NULL);
	if (!isfinite(number))
		return false;
	*out = number;
	return true;
}

bool json_is_text(const struct json *value, const char *text)
{
	return value && value->kind == JSON_TEXT &&
	       strcmp(value->text, text) == 0;
}
