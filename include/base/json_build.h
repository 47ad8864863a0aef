/*
 * JSON trees made here rather than read: for code that turns another
 * notation into what the readers of struct json know. A value belongs to at
 * most one list; it must not be changed once it is in one.
 */
#ifndef BASE_JSON_BUILD_H
#define BASE_JSON_BUILD_H

#include <stddef.h>

#include "arena.h"
#include "json.h"

/* Children in the making; all zero is an empty list. */
struct json_list {
	struct json *first, *last;
	size_t count;
};

/* Copies the text, which must be UTF-8 without a NUL. */
struct json *json_new_text(struct arena *arena, const char *text, size_t len);
/* `text` must be a number as JSON spells it. */
struct json *json_new_number(struct arena *arena, const char *text, size_t len);
struct json *json_new_array(struct arena *arena, const struct json_list *items);
struct json *json_new_object(
	struct arena *arena, const struct json_list *members);
/* name: of a member, not copied; NULL in an array. */
void json_list_add(
	struct json_list *list, const char *name, struct json *value);

#endif
