/*
 * JSON Schema (2020-12) of a shape, for requests and for replies. Says what
 * shape_read enforces and shape_write keeps, no more and no less; must
 * never describe a field by hand.
 */
#include "shape_private.h"

#include "buf.h"

enum schema_side {
	SCHEMA_REQUEST,
	SCHEMA_CHANGE, /* what is left out stays: there are no defaults */
	SCHEMA_REPLY
};

static const char decimal_pattern[] = "^-?[0-9]+(\\.[0-9]+)?$";

static void put_pair(
	struct json_writer *writer, const char *name, const char *text)
{
	json_key(writer, name);
	json_put_text(writer, text);
}

static void put_type(
	struct json_writer *writer, const struct field *field, const char *type)
{
	json_key(writer, "type");
	if (!field->nullable && field->kind != SHAPE_PATCH &&
		field->kind != SHAPE_RATIO) {
		json_put_text(writer, type);
		return;
	}
	json_array(writer);
	json_put_text(writer, type);
	json_put_text(writer, "null");
	json_array_end(writer);
}

static void put_enum(struct json_writer *writer, const struct field *field)
{
	json_key(writer, "enum");
	json_array(writer);
	for (const char *const *word = field->one_of; *word; word++)
		json_put_text(writer, *word);
	if (field->kind != SHAPE_TEXTS &&
		(field->nullable || field->kind == SHAPE_PATCH))
		json_put_null(writer);
	json_array_end(writer);
}

/* Replies promise only what the table says; inputs what is enforced. */
static void put_range(struct json_writer *writer, const struct field *field,
	enum schema_side side, const char *least, const char *most)
{
	struct shape_range range = shape_range_of(field);

	if (side == SCHEMA_REPLY && !shape_has_range(field))
		return;
	json_key(writer, least);
	json_put_int(writer, range.min);
	json_key(writer, most);
	json_put_int(writer, range.max);
}

static void put_text(struct json_writer *writer, const struct field *field,
	enum schema_side side)
{
	put_type(writer, field, "string");
	if (field->one_of)
		put_enum(writer, field);
	else
		put_range(writer, field, side, "minLength", "maxLength");
	if (!field->secret)
		return;
	put_pair(writer, "format", "password");
	json_key(writer, "writeOnly");
	json_put_bool(writer, true);
}

static void put_int(struct json_writer *writer, const struct field *field,
	enum schema_side side)
{
	put_type(writer, field, "integer");
	put_pair(writer, "format", "int64");
	if (shape_has_range(field))
		put_range(writer, field, side, "minimum", "maximum");
	if (side != SCHEMA_REQUEST || field->required)
		return;
	json_key(writer, "default");
	json_put_int(writer, field->otherwise);
}

static void put_bool(struct json_writer *writer, const struct field *field,
	enum schema_side side)
{
	put_type(writer, field, "boolean");
	if (side != SCHEMA_REQUEST || field->required)
		return;
	json_key(writer, "default");
	json_put_bool(writer, field->otherwise != 0);
}

static void put_decimal(struct json_writer *writer, const struct field *field)
{
	put_type(writer, field, "string");
	put_pair(writer, "format", "decimal");
	put_pair(writer, "pattern", decimal_pattern);
}

static void put_reference(struct json_writer *writer, const struct shape *shape)
{
	struct buf path;

	buf_init(&path, writer->out->arena, 256);
	buf_text(&path, "#/components/schemas/");
	buf_text(&path, shape->name);
	put_pair(writer, "$ref", path.data);
}

static void put_texts(struct json_writer *writer, const struct field *field,
	enum schema_side side)
{
	put_type(writer, field, "array");
	put_range(writer, field, side, "minItems", "maxItems");
	json_key(writer, "items");
	json_object(writer);
	put_pair(writer, "type", "string");
	if (field->one_of)
		put_enum(writer, field);
	json_object_end(writer);
}

static void put_list(struct json_writer *writer, const struct field *field,
	enum schema_side side)
{
	put_type(writer, field, "array");
	put_range(writer, field, side, "minItems", "maxItems");
	json_key(writer, "items");
	json_object(writer);
	put_reference(writer, field->shape);
	json_object_end(writer);
}

static void put_kind(struct json_writer *writer, const struct field *field,
	enum schema_side side)
{
	switch (field->kind) {
	case SHAPE_TEXT:
	case SHAPE_PATCH:
		put_text(writer, field, side);
		return;
	case SHAPE_INT:
		put_int(writer, field, side);
		return;
	case SHAPE_BOOL:
		put_bool(writer, field, side);
		return;
	case SHAPE_DECIMAL:
	case SHAPE_DECIMAL_MAYBE:
		put_decimal(writer, field);
		return;
	case SHAPE_TIME:
	case SHAPE_TIME_MAYBE:
		put_type(writer, field, "string");
		put_pair(writer, "format", "date-time");
		return;
	case SHAPE_RATIO:
		put_type(writer, field, "number");
		return;
	case SHAPE_JSON:
	case SHAPE_RAW:
		return; /* any value */
	case SHAPE_TEXTS:
		put_texts(writer, field, side);
		return;
	case SHAPE_LIST:
		put_list(writer, field, side);
		return;
	case SHAPE_OBJECT:
		put_reference(writer, field->shape);
		return;
	}
}

static void put_field(struct json_writer *writer, const struct field *field,
	enum schema_side side)
{
	json_object(writer);
	put_kind(writer, field, side);
	if (field->doc)
		put_pair(writer, "description", field->doc);
	json_object_end(writer);
}

static bool is_described(const struct field *field, enum schema_side side)
{
	if (field->from != FROM_BODY)
		return false;
	return side != SCHEMA_REPLY || !field->secret;
}

static bool is_always_there(const struct field *field, enum schema_side side)
{
	return is_described(field, side) &&
	       (side == SCHEMA_REPLY || field->required);
}

static void put_required(struct json_writer *writer, const struct shape *shape,
	enum schema_side side)
{
	bool any = false;

	for (size_t i = 0; i < shape->count; i++)
		any = any || is_always_there(&shape->fields[i], side);
	if (!any)
		return;
	json_key(writer, "required");
	json_array(writer);
	for (size_t i = 0; i < shape->count; i++)
		if (is_always_there(&shape->fields[i], side))
			json_put_text(writer, shape->fields[i].name);
	json_array_end(writer);
}

static void put_shape(const struct shape *shape, struct json_writer *writer,
	enum schema_side side)
{
	json_object(writer);
	put_pair(writer, "type", "object");
	put_required(writer, shape, side);
	json_key(writer, "properties");
	json_object(writer);
	for (size_t i = 0; i < shape->count; i++) {
		if (!is_described(&shape->fields[i], side))
			continue;
		json_key(writer, shape->fields[i].name);
		put_field(writer, &shape->fields[i], side);
	}
	json_object_end(writer);
	if (side != SCHEMA_REPLY) {
		json_key(writer, "additionalProperties");
		json_put_bool(writer, false);
	}
	json_object_end(writer);
}

void shape_schema(const struct shape *shape, struct json_writer *writer)
{
	put_shape(shape, writer, shape->given ? SCHEMA_CHANGE : SCHEMA_REQUEST);
}

void shape_reply_schema(const struct shape *shape, struct json_writer *writer)
{
	put_shape(shape, writer, SCHEMA_REPLY);
}

void shape_field_schema(const struct field *field, struct json_writer *writer)
{
	json_object(writer);
	put_kind(writer, field, SCHEMA_REQUEST);
	json_object_end(writer);
}
