/*
 * From a struct to JSON by its shape. Must never write a member that the
 * table marks secret, nor one that came from the path or the query.
 */
#include "shape_private.h"

static void write_texts(
	struct json_writer *writer, const struct text_list *list)
{
	json_array(writer);
	for (size_t i = 0; i < list->count; i++)
		json_put_text(writer, list->items[i]);
	json_array_end(writer);
}

static void write_list(const struct shape *shape, struct json_writer *writer,
	const struct list *list)
{
	const char *item = list->items;

	json_array(writer);
	for (size_t i = 0; i < list->count; i++, item += shape->size)
		shape_write(shape, writer, item);
	json_array_end(writer);
}

static void write_patch(
	struct json_writer *writer, const struct patch_text *patch)
{
	json_put_text(writer, patch->kind == PATCH_SET ? patch->text : NULL);
}

static void write_raw(struct json_writer *writer, const struct raw_json *raw)
{
	if (raw->text)
		json_put_raw(writer, raw->text, raw->len);
	else
		json_put_null(writer);
}

static void write_decimal(
	struct json_writer *writer, const struct decimal *value)
{
	if (value)
		json_put_decimal(writer, *value);
	else
		json_put_null(writer);
}

static void write_time(
	struct json_writer *writer, const struct timestamp *value)
{
	if (value)
		json_put_time(writer, value->ms);
	else
		json_put_null(writer);
}

static void write_json(struct json_writer *writer, const struct json *value)
{
	if (value)
		json_put_value(writer, value);
	else
		json_put_null(writer);
}

static void write_member(
	const struct field *field, struct json_writer *writer, const void *at)
{
	switch (field->kind) {
	case SHAPE_TEXT:
		json_put_text(writer, *(const char *const *)at);
		return;
	case SHAPE_INT:
		json_put_int(writer, *(const int64_t *)at);
		return;
	case SHAPE_BOOL:
		json_put_bool(writer, *(const bool *)at);
		return;
	case SHAPE_DECIMAL:
		write_decimal(writer, at);
		return;
	case SHAPE_DECIMAL_MAYBE:
		write_decimal(writer, *(const struct decimal *const *)at);
		return;
	case SHAPE_TIME:
		write_time(writer, at);
		return;
	case SHAPE_TIME_MAYBE:
		write_time(writer, *(const struct timestamp *const *)at);
		return;
	case SHAPE_RATIO:
		json_put_double(writer, ((const struct ratio *)at)->value);
		return;
	case SHAPE_PATCH:
		write_patch(writer, at);
		return;
	case SHAPE_JSON:
		write_json(writer, *(const struct json *const *)at);
		return;
	case SHAPE_RAW:
		write_raw(writer, at);
		return;
	case SHAPE_TEXTS:
		write_texts(writer, at);
		return;
	case SHAPE_LIST:
		write_list(field->shape, writer, at);
		return;
	case SHAPE_OBJECT:
		shape_write(field->shape, writer, at);
		return;
	}
}

void shape_write(const struct shape *shape, struct json_writer *writer,
	const void *value)
{
	json_object(writer);
	for (size_t i = 0; i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (field->from != FROM_BODY || field->secret)
			continue;
		json_key(writer, field->name);
		write_member(
			field, writer, (const char *)value + field->offset);
	}
	json_object_end(writer);
}
