/*
 * Facts about fields that reading, writing, describing and checking share:
 * ranges, closed sets, the words for a wrong type. Must never look at a
 * value of the request.
 */
#include "shape_private.h"

#include "buf.h"
#include "text.h"

static const struct shape_range kind_ranges[] = {
	[SHAPE_TEXT] = {1, 1024},
	[SHAPE_PATCH] = {1, 1024},
	[SHAPE_TEXTS] = {0, 100},
	[SHAPE_LIST] = {0, 1000},
	[SHAPE_OBJECT] = {0, 0},
};

static const char decimal_rule[] =
	"must be a decimal number written as a text, such as \"12.50\"";

static const char *const kind_rules[] = {
	[SHAPE_TEXT] = "must be a text",
	[SHAPE_INT] = "must be a whole number",
	[SHAPE_BOOL] = "must be true or false",
	[SHAPE_DECIMAL] = decimal_rule,
	[SHAPE_DECIMAL_MAYBE] = decimal_rule,
	[SHAPE_TIME] = "must be a time such as \"2026-01-31T12:00:00Z\"",
	[SHAPE_TIME_MAYBE] = "must be a time such as \"2026-01-31T12:00:00Z\"",
	[SHAPE_RATIO] = "is not taken as an input",
	[SHAPE_PATCH] = "must be a text or null",
	[SHAPE_JSON] = "must be JSON in the body",
	[SHAPE_RAW] = "is not taken as an input",
	[SHAPE_TEXTS] = "must be a list of texts",
	[SHAPE_LIST] = "must be a list",
	[SHAPE_OBJECT] = "must be an object",
};

bool shape_has_range(const struct field *field)
{
	return field->min != 0 || field->max != 0;
}

struct shape_range shape_range_of(const struct field *field)
{
	if (shape_has_range(field))
		return (struct shape_range){field->min, field->max};
	return kind_ranges[field->kind];
}

const char *shape_kind_rule(enum shape_kind kind)
{
	return kind_rules[kind];
}

bool shape_is_member(const struct field *field, const char *text)
{
	if (!field->one_of)
		return true;
	for (const char *const *word = field->one_of; *word; word++)
		if (text_equal(*word, text))
			return true;
	return false;
}

const char *shape_choices(struct arena *arena, const struct field *field)
{
	struct buf words;

	buf_init(&words, arena, 4096);
	for (const char *const *word = field->one_of; *word; word++) {
		if (word != field->one_of)
			buf_text(&words, ", ");
		buf_text(&words, *word);
	}
	return words.data;
}

bool shape_has_body(const struct shape *shape)
{
	for (size_t i = 0; i < shape->count; i++)
		if (shape->fields[i].from == FROM_BODY)
			return true;
	return false;
}
