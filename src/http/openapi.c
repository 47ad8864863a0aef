/*
 * OpenAPI 3.1: the document's frame and one operation a row. Must never
 * know a route, a shape or a permission by name.
 */
#include "openapi_private.h"

#include "problem.h"
#include "text.h"

static const char about[] =
	"JSON in, JSON out. Ids are opaque. Money, prices and quantities are "
	"decimal strings; times are RFC 3339 UTC. Members and parameters that "
	"are not described here are refused. Every failure is an RFC 9457 "
	"problem document with a stable code and the request's id.";

void openapi_put_pair(
	struct json_writer *writer, const char *name, const char *text)
{
	json_key(writer, name);
	json_put_text(writer, text);
}

void openapi_put_reference(
	struct json_writer *writer, const char *place, const char *name)
{
	struct buf path;

	buf_init(&path, writer->out->arena, 256);
	buf_text(&path, place);
	buf_text(&path, name);
	openapi_put_pair(writer, "$ref", path.data);
}

/* ---- one operation ----------------------------------------------------- */

/* "GET /strategies/{id}" is get_strategies_id. */
static const char *operation_id(struct arena *arena, const struct route *row)
{
	struct buf id;

	buf_init(&id, arena, 256);
	buf_text(&id, text_lower(arena, http_method_name(row->method)));
	for (const char *c = row->path; *c; c++)
		if (*c == '/' || *c == '-' || *c == '.')
			buf_char(&id, '_');
		else if (*c != '{' && *c != '}')
			buf_char(&id, *c);
	return id.data;
}

static const char *tag_of(struct arena *arena, const struct route *row)
{
	return arena_copy(arena, row->path + 1, strcspn(row->path + 1, "/."));
}

static void put_description(struct json_writer *writer, const struct route *row)
{
	struct buf text;

	if (row->who == ROUTE_IS_PUBLIC)
		return;
	buf_init(&text, writer->out->arena, 512);
	buf_text(&text, "Needs the permission ");
	buf_text(&text, row->permission ? row->permission : "-");
	buf_text(&text, row->who == ROUTE_IS_ADMIN ? " and an admin." : ".");
	if (row->demands & (DEMAND_SESSION | DEMAND_FRESH))
		buf_text(&text, " Not with an API key.");
	if (row->demands & DEMAND_FRESH)
		buf_text(&text, " The password must have been given lately.");
	openapi_put_pair(writer, "description", text.data);
}

static void put_credential(struct json_writer *writer, const char *name)
{
	json_object(writer);
	json_key(writer, name);
	json_array(writer);
	json_array_end(writer);
	json_object_end(writer);
}

static void put_security(struct json_writer *writer, const struct route *row)
{
	json_key(writer, "security");
	json_array(writer);
	if (row->who != ROUTE_IS_PUBLIC) {
		put_credential(writer, "bearer");
		put_credential(writer, "cookie");
		if (!(row->demands & (DEMAND_SESSION | DEMAND_FRESH)))
			put_credential(writer, "api_key");
	}
	json_array_end(writer);
}

static void put_parameter(struct json_writer *writer, const struct field *field)
{
	json_object(writer);
	openapi_put_pair(writer, "name", field->name);
	openapi_put_pair(
		writer, "in", field->from == FROM_PATH ? "path" : "query");
	json_key(writer, "required");
	json_put_bool(writer, field->required || field->from == FROM_PATH);
	if (field->doc)
		openapi_put_pair(writer, "description", field->doc);
	if (field->kind == SHAPE_TEXTS) {
		openapi_put_pair(writer, "style", "form");
		json_key(writer, "explode");
		json_put_bool(writer, false);
	}
	json_key(writer, "schema");
	shape_field_schema(field, writer);
	json_object_end(writer);
}

/* Conditions of RFC 9110. */
static void put_condition(
	struct json_writer *writer, const char *name, const char *text)
{
	json_object(writer);
	openapi_put_pair(writer, "name", name);
	openapi_put_pair(writer, "in", "header");
	json_key(writer, "required");
	json_put_bool(writer, false);
	openapi_put_pair(writer, "description", text);
	json_key(writer, "schema");
	json_object(writer);
	openapi_put_pair(writer, "type", "string");
	json_object_end(writer);
	json_object_end(writer);
}

static void put_conditions(struct json_writer *writer, const struct route *row)
{
	if (openapi_is_validated(row))
		put_condition(writer, "If-None-Match",
			"304 when the answer still has this ETag.");
	if (row->demands & TAKES_VERSION)
		put_condition(
			writer, "If-Match", "412 unless this is its ETag now.");
	if (row->demands & TAKES_KEY)
		put_condition(writer, "Idempotency-Key",
			row->demands & HIDES_ANSWER
				? "The same key and body again: 409, and "
				  "nothing is made twice. The answer holds a "
				  "secret and is not given again."
				: "The same key and body again: the first "
				  "answer, and nothing is made twice.");
}

static bool has_parameters(const struct route *row)
{
	if (openapi_is_validated(row) ||
		row->demands & (TAKES_VERSION | TAKES_KEY))
		return true;
	for (size_t i = 0; row->in && i < row->in->count; i++)
		if (row->in->fields[i].from != FROM_BODY)
			return true;
	return false;
}

static void put_parameters(struct json_writer *writer, const struct route *row)
{
	if (!has_parameters(row))
		return;
	json_key(writer, "parameters");
	json_array(writer);
	for (size_t i = 0; row->in && i < row->in->count; i++)
		if (row->in->fields[i].from != FROM_BODY)
			put_parameter(writer, &row->in->fields[i]);
	put_conditions(writer, row);
	json_array_end(writer);
}

static void put_media(
	struct json_writer *writer, const char *type, const struct shape *shape)
{
	json_key(writer, type);
	json_object(writer);
	json_key(writer, "schema");
	json_object(writer);
	openapi_put_reference(writer, "#/components/schemas/", shape->name);
	json_object_end(writer);
	json_object_end(writer);
}

static bool needs_body(const struct shape *in)
{
	for (size_t i = 0; i < in->count; i++)
		if (in->fields[i].from == FROM_BODY && in->fields[i].required)
			return true;
	return false;
}

static void put_request_body(
	struct json_writer *writer, const struct route *row)
{
	if (!row->in || !shape_has_body(row->in))
		return;
	json_key(writer, "requestBody");
	json_object(writer);
	json_key(writer, "required");
	json_put_bool(writer, needs_body(row->in));
	json_key(writer, "content");
	json_object(writer);
	put_media(writer, "application/json", row->in);
	if (row->demands & TAKES_FORM)
		put_media(writer, "application/x-www-form-urlencoded", row->in);
	json_object_end(writer);
	json_object_end(writer);
}

static void put_raw(struct json_writer *writer, const char *type)
{
	json_key(writer, type);
	json_object(writer);
	json_key(writer, "schema");
	json_object(writer);
	if (!strstr(type, "json"))
		openapi_put_pair(writer, "type", "string");
	json_object_end(writer);
	json_object_end(writer);
}

static void put_success_headers(
	struct json_writer *writer, const struct route *row)
{
	bool open = false;

	for (size_t i = 0; i < openapi_header_count; i++) {
		if (!openapi_headers[i].applies(row))
			continue;
		if (!open) {
			json_key(writer, "headers");
			json_object(writer);
		}
		open = true;
		json_key(writer, openapi_headers[i].name);
		json_object(writer);
		openapi_put_reference(writer, "#/components/headers/",
			openapi_headers[i].name);
		json_object_end(writer);
	}
	if (open)
		json_object_end(writer);
}

static void put_not_modified(struct json_writer *writer)
{
	json_key(writer, "304");
	json_object(writer);
	openapi_put_pair(writer, "description",
		"You have it already: the ETag is the same.");
	json_object_end(writer);
}

static const char *success_text(int status)
{
	if (status == 202)
		return "It waits in the queue; Location says where to look.";
	return status == 204 ? "Done; there is nothing to say." : "Done.";
}

static void put_success(
	struct json_writer *writer, const struct route *row, int status)
{
	json_key(writer, arena_format(writer->out->arena, "%d", status));
	json_object(writer);
	openapi_put_pair(writer, "description", success_text(status));
	put_success_headers(writer, row);
	if (row->out || row->raw_type) {
		json_key(writer, "content");
		json_object(writer);
		if (row->out)
			put_media(writer, "application/json", row->out);
		else
			put_raw(writer, row->raw_type);
		if (row->demands & GIVES_CSV)
			put_raw(writer, "text/csv");
		json_object_end(writer);
	}
	json_object_end(writer);
}

static void put_failure(
	struct json_writer *writer, const char *key, enum err err)
{
	json_key(writer, key);
	json_object(writer);
	openapi_put_reference(writer, "#/components/responses/", err_slug(err));
	json_object_end(writer);
}

static void put_responses(struct json_writer *writer, const struct route *row)
{
	json_key(writer, "responses");
	json_object(writer);
	if (row->tried_status != 0)
		put_success(writer, row, row->tried_status);
	put_success(writer, row, row->status);
	if (row->later_status != 0)
		put_success(writer, row, row->later_status);
	if (openapi_is_validated(row))
		put_not_modified(writer);
	for (size_t i = 0; i < openapi_problem_count; i++) {
		enum err err = openapi_problems[i].err;

		if (openapi_problems[i].applies(row))
			put_failure(writer,
				arena_format(writer->out->arena, "%d",
					problem_of(err)->status),
				err);
	}
	put_failure(writer, "default", ERR_INTERNAL);
	json_object_end(writer);
}

static void put_operation(struct json_writer *writer, const struct route *row)
{
	struct arena *arena = writer->out->arena;

	json_key(writer, text_lower(arena, http_method_name(row->method)));
	json_object(writer);
	openapi_put_pair(writer, "operationId", operation_id(arena, row));
	json_key(writer, "tags");
	json_array(writer);
	json_put_text(writer, tag_of(arena, row));
	json_array_end(writer);
	openapi_put_pair(writer, "summary", row->summary);
	put_description(writer, row);
	put_security(writer, row);
	put_parameters(writer, row);
	put_request_body(writer, row);
	put_responses(writer, row);
	json_object_end(writer);
}

/* ---- the frame --------------------------------------------------------- */

static bool is_first_of_path(
	const struct route_table *table, const struct route *row)
{
	for (const struct route *other = table->rows; other < row; other++)
		if (text_equal(other->path, row->path))
			return false;
	return true;
}

static void put_paths(
	const struct route_table *table, struct json_writer *writer)
{
	const struct route *end = table->rows + table->count;

	json_key(writer, "paths");
	json_object(writer);
	for (const struct route *row = table->rows; row < end; row++) {
		if (!is_first_of_path(table, row))
			continue;
		json_key(writer, row->path);
		json_object(writer);
		for (const struct route *same = row; same < end; same++)
			if (text_equal(same->path, row->path))
				put_operation(writer, same);
		json_object_end(writer);
	}
	json_object_end(writer);
}

static bool is_first_of_tag(const struct route_table *table,
	const struct route *row, struct arena *arena)
{
	const char *tag = tag_of(arena, row);

	for (const struct route *other = table->rows; other < row; other++)
		if (text_equal(tag_of(arena, other), tag))
			return false;
	return true;
}

static void put_tags(
	const struct route_table *table, struct json_writer *writer)
{
	struct arena *arena = writer->out->arena;

	json_key(writer, "tags");
	json_array(writer);
	for (size_t i = 0; i < table->count; i++) {
		const char *tag = tag_of(arena, &table->rows[i]);

		if (!is_first_of_tag(table, &table->rows[i], arena))
			continue;
		json_object(writer);
		openapi_put_pair(writer, "name", tag);
		openapi_put_pair(writer, "description",
			arena_format(arena, "Calls below /%s.", tag));
		json_object_end(writer);
	}
	json_array_end(writer);
}

static void put_info(
	struct json_writer *writer, const char *title, const char *version)
{
	json_key(writer, "info");
	json_object(writer);
	openapi_put_pair(writer, "title", title);
	openapi_put_pair(writer, "version", version);
	openapi_put_pair(writer, "description", about);
	json_key(writer, "license");
	json_object(writer);
	openapi_put_pair(writer, "name", "Apache License 2.0");
	openapi_put_pair(writer, "identifier", "Apache-2.0");
	json_object_end(writer);
	json_object_end(writer);
}

void openapi_write(const struct route_table *table, const char *title,
	const char *version, struct buf *out)
{
	struct json_writer writer;

	json_write_init(&writer, out);
	json_object(&writer);
	openapi_put_pair(&writer, "openapi", "3.1.0");
	put_info(&writer, title, version);
	json_key(&writer, "servers");
	json_array(&writer);
	json_object(&writer);
	openapi_put_pair(&writer, "url", "/api/v1");
	json_object_end(&writer);
	json_array_end(&writer);
	put_tags(table, &writer);
	put_paths(table, &writer);
	openapi_put_components(table, &writer);
	openapi_put_problems(&writer);
	json_object_end(&writer);
}
