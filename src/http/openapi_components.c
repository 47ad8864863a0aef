/*
 * What the operations refer to: every shape of the table and of its nested
 * shapes, the problem document, its answers, and the ways to sign in.
 */
#include "openapi_private.h"

#include "problem.h"
#include "text.h"

/* ---- which failures a call can have ------------------------------------ */

static bool always(const struct route *row)
{
	(void)row;
	return true;
}

static bool is_guarded(const struct route *row)
{
	return row->who != ROUTE_IS_PUBLIC;
}

static bool has_value(const struct route *row)
{
	return strchr(row->path, '{') != NULL;
}

static bool has_body(const struct route *row)
{
	return row->in && shape_has_body(row->in);
}

/* Public calls with a body check credentials of their own (sign-in). */
static bool may_refuse_credentials(const struct route *row)
{
	return is_guarded(row) || has_body(row);
}

static bool takes_version(const struct route *row)
{
	return row->demands & TAKES_VERSION;
}

static bool takes_key(const struct route *row)
{
	return row->demands & TAKES_KEY;
}

static bool is_limited(const struct route *row)
{
	return row->rate != RATE_NONE;
}

static bool is_validated(const struct route *row)
{
	return row->method == HTTP_GET && row->cache != CACHE_NEVER;
}

static bool is_kept(const struct route *row)
{
	return row->cache >= CACHE_OVERVIEW;
}

const struct openapi_problem openapi_problems[] = {
	{ERR_BAD_INPUT, always},
	{ERR_TOKEN_INVALID, may_refuse_credentials},
	{ERR_INSUFFICIENT_SCOPE, is_guarded},
	{ERR_NOT_FOUND, has_value},
	{ERR_CONFLICT, has_body},
	{ERR_PRECONDITION, takes_version},
	{ERR_KEY_REUSED, takes_key},
	{ERR_TOO_LARGE, has_body},
	{ERR_UNSUPPORTED_TYPE, has_body},
	{ERR_RATE_LIMITED, is_limited},
	{ERR_UNAVAILABLE, always},
};
const size_t openapi_problem_count =
	sizeof(openapi_problems) / sizeof(openapi_problems[0]);

static bool gives_csv(const struct route *row)
{
	return row->demands & GIVES_CSV;
}

/* ---- headers ------------------------------------------------------------- */

const struct openapi_header openapi_headers[] = {
	{"X-RateLimit-Limit", "Requests in the tightest window.", is_limited},
	{"X-RateLimit-Remaining", "Requests left in it.", is_limited},
	{"X-RateLimit-Reset", "Seconds until it is empty again.", is_limited},
	{"RateLimit",
		"The same as a structured field: \"rule\";r=left;t=seconds.",
		is_limited},
	{"RateLimit-Policy",
		"All windows this call counts in: \"rule\";q=limit;w=seconds.",
		is_limited},
	{"ETag", "For If-None-Match.", is_validated},
	{"X-Next-Cursor", "With Accept: text/csv: next_cursor of the page.",
		gives_csv},
	{"X-Cache", "HIT or MISS; any change of yours drops what is kept.",
		is_kept},
};
const size_t openapi_header_count =
	sizeof(openapi_headers) / sizeof(openapi_headers[0]);

bool openapi_is_validated(const struct route *row)
{
	return is_validated(row);
}

/* ---- shapes ------------------------------------------------------------ */

struct used {
	const struct shape *shape;
	bool in, out;
	struct used *next;
};

struct used_list {
	struct arena *arena;
	struct used *first, **end;
};

static struct used *used_find(struct used_list *list, const struct shape *shape)
{
	struct used *used;

	for (used = list->first; used; used = used->next)
		if (used->shape == shape)
			return used;
	used = arena_alloc(list->arena, sizeof(*used));
	used->shape = shape;
	*list->end = used;
	list->end = &used->next;
	return used;
}

static void use(struct used_list *list, const struct shape *shape, bool in)
{
	struct used *used = used_find(list, shape);

	if (in ? used->in : used->out)
		return; /* been here: shapes may hold themselves */
	used->in = used->in || in;
	used->out = used->out || !in;
	for (size_t i = 0; i < shape->count; i++)
		if (shape->fields[i].shape)
			use(list, shape->fields[i].shape, in);
}

static void put_shapes(
	const struct route_table *table, struct json_writer *writer)
{
	struct used_list list = {.arena = writer->out->arena};

	list.end = &list.first;
	for (size_t i = 0; i < table->count; i++) {
		const struct route *row = &table->rows[i];

		if (row->in && shape_has_body(row->in))
			use(&list, row->in, true);
		if (row->out)
			use(&list, row->out, false);
	}
	for (const struct used *used = list.first; used; used = used->next) {
		json_key(writer, used->shape->name);
		/* What holds for inputs holds for replies as well. */
		if (used->in)
			shape_schema(used->shape, writer);
		else
			shape_reply_schema(used->shape, writer);
	}
}

/* ---- the problem document ---------------------------------------------- */

struct fault_view {
	const char *pointer, *message;
};
static const struct field fault_fields[] = {
	FIELD(struct fault_view, pointer,
		.doc = "Where: a JSON pointer; a parameter's is /name."),
	FIELD(struct fault_view, message, .doc = "What is wrong there."),
};
static const struct shape fault_shape =
	SHAPE("problem_fault", struct fault_view, fault_fields);

/* The members that each problem has... */
struct problem_view {
	const char *type, *title, *detail, *code, *request_id;
	int64_t status;
};
static const struct field problem_fields[] = {
	FIELD(struct problem_view, type,
		.doc = "A page about this kind of problem."),
	FIELD(struct problem_view, title, .doc = "The kind in words."),
	FIELD(struct problem_view, status, .doc = "The HTTP status again."),
	FIELD(struct problem_view, detail, .doc = "What happened this time."),
	FIELD(struct problem_view, code, .doc = "The kind as a stable word."),
	FIELD(struct problem_view, request_id,
		.doc = "Names this request in the server's log."),
};
static const struct shape problem_shape =
	SHAPE("problem", struct problem_view, problem_fields);

/* ...and the one that comes with input faults only. */
static const struct field problem_errors = {
	.name = "errors",
	.kind = SHAPE_LIST,
	.shape = &fault_shape,
	.min = 1,
	.max = REPORT_FAULT_LIMIT,
};

static void put_problem_schema(struct json_writer *writer)
{
	json_key(writer, problem_shape.name);
	json_object(writer);
	json_key(writer, "allOf");
	json_array(writer);
	shape_reply_schema(&problem_shape, writer);
	json_object(writer);
	openapi_put_pair(writer, "type", "object");
	json_key(writer, "properties");
	json_object(writer);
	json_key(writer, problem_errors.name);
	shape_field_schema(&problem_errors, writer);
	json_object_end(writer);
	json_object_end(writer);
	json_array_end(writer);
	json_object_end(writer);
	json_key(writer, fault_shape.name);
	shape_reply_schema(&fault_shape, writer);
}

static void put_header(
	struct json_writer *writer, const char *name, const char *description)
{
	json_key(writer, name);
	json_object(writer);
	openapi_put_pair(writer, "description", description);
	json_key(writer, "schema");
	json_object(writer);
	openapi_put_pair(writer, "type", "string");
	json_object_end(writer);
	json_object_end(writer);
}

static void put_shared_headers(struct json_writer *writer)
{
	json_key(writer, "headers");
	json_object(writer);
	for (size_t i = 0; i < openapi_header_count; i++)
		put_header(writer, openapi_headers[i].name,
			openapi_headers[i].about);
	json_object_end(writer);
}

static void put_headers(struct json_writer *writer, int status)
{
	json_key(writer, "headers");
	json_object(writer);
	put_header(writer, "X-Request-Id", "The request's id.");
	if (status == 401 || status == 403)
		put_header(writer, "WWW-Authenticate",
			"RFC 6750: invalid_token, or insufficient_scope with "
			"the scope that is needed.");
	if (status == 429 || status == 503)
		put_header(writer, "Retry-After", "Seconds to wait.");
	json_object_end(writer);
}

static void put_answer(struct json_writer *writer, enum err err)
{
	json_key(writer, err_slug(err));
	json_object(writer);
	openapi_put_pair(writer, "description", problem_of(err)->title);
	put_headers(writer, problem_of(err)->status);
	json_key(writer, "content");
	json_object(writer);
	json_key(writer, "application/problem+json");
	json_object(writer);
	json_key(writer, "schema");
	json_object(writer);
	openapi_put_reference(
		writer, "#/components/schemas/", problem_shape.name);
	json_object_end(writer);
	json_object_end(writer);
	json_object_end(writer);
	json_object_end(writer);
}

static bool is_used(
	const struct route_table *table, const struct openapi_problem *problem)
{
	for (size_t i = 0; i < table->count; i++)
		if (problem->applies(&table->rows[i]))
			return true;
	return false;
}

static void put_answers(
	const struct route_table *table, struct json_writer *writer)
{
	json_key(writer, "responses");
	json_object(writer);
	for (size_t i = 0; i < openapi_problem_count; i++)
		if (is_used(table, &openapi_problems[i]))
			put_answer(writer, openapi_problems[i].err);
	put_answer(writer, ERR_INTERNAL);
	json_object_end(writer);
}

/* Every code that an answer can carry, for the pages below /api/docs: its
   "type" leads there. */
void openapi_put_problems(struct json_writer *writer)
{
	json_key(writer, "x-problems");
	json_array(writer);
	for (enum err err = ERR_OK + 1; err < ERR_COUNT; err++) {
		const struct problem *problem = problem_of(err);

		json_object(writer);
		openapi_put_pair(writer, "code", err_slug(err));
		json_key(writer, "status");
		json_put_int(writer, problem->status);
		openapi_put_pair(writer, "title", problem->title);
		openapi_put_pair(writer, "detail", problem->detail);
		openapi_put_pair(writer, "remedy", problem->remedy);
		json_object_end(writer);
	}
	json_array_end(writer);
}

static void put_credentials(struct json_writer *writer)
{
	json_key(writer, "securitySchemes");
	json_object(writer);
	json_key(writer, "bearer");
	json_object(writer);
	openapi_put_pair(writer, "type", "http");
	openapi_put_pair(writer, "scheme", "bearer");
	openapi_put_pair(writer, "bearerFormat", "JWT");
	json_object_end(writer);
	json_key(writer, "api_key");
	json_object(writer);
	openapi_put_pair(writer, "type", "apiKey");
	openapi_put_pair(writer, "in", "header");
	openapi_put_pair(writer, "name", "X-API-Key");
	json_object_end(writer);
	json_key(writer, "cookie");
	json_object(writer);
	openapi_put_pair(writer, "type", "apiKey");
	openapi_put_pair(writer, "in", "cookie");
	openapi_put_pair(writer, "name", REQUEST_COOKIE_ACCESS);
	openapi_put_pair(writer, "description",
		"The browser's session. Changes need X-CSRF-Token as well, "
		"and this site's own Origin.");
	json_object_end(writer);
	json_object_end(writer);
}

void openapi_put_components(
	const struct route_table *table, struct json_writer *writer)
{
	json_key(writer, "components");
	json_object(writer);
	put_credentials(writer);
	json_key(writer, "schemas");
	json_object(writer);
	put_shapes(table, writer);
	put_problem_schema(writer);
	json_object_end(writer);
	put_answers(table, writer);
	put_shared_headers(writer);
	json_object_end(writer);
}
