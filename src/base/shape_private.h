/*
 * What the four shape files share: the range that really holds for a field
 * when the table leaves it to the kind. Not for other modules.
 */
#ifndef SHAPE_PRIVATE_H
#define SHAPE_PRIVATE_H

#include "shape.h"

struct shape_range {
	int64_t min, max;
};

/*
 * The range an input must keep: the field's own, or its kind's default
 * (texts 1..1024 characters, text lists 0..100 entries, lists 0..1000).
 * Both ends 0 for kinds without one, and for numbers that have none.
 */
struct shape_range shape_range_of(const struct field *field);
bool shape_has_range(const struct field *field);
/* "must be a text", ... for an input of the wrong JSON type. */
const char *shape_kind_rule(enum shape_kind kind);
/* True when the text is one of the field's closed set (or it has none). */
bool shape_is_member(const struct field *field, const char *text);
const char *shape_choices(struct arena *arena, const struct field *field);

#endif
