/*
 * Is the table of routes sound? Run by tests, never while serving. Says
 * every fault it finds, each at "METHOD /path".
 */
#include "route.h"

#include "text.h"

struct checking {
	const struct route_table *table;
	struct report *report;
	const struct route *row;
	const char *where;
	size_t faults;
};

static void expect(struct checking *checking, bool good, const char *message)
{
	if (good)
		return;
	checking->faults++;
	report_fault(checking->report, checking->where, "%s", message);
}

/* "/keys/{id}" is "/keys/{}": names make no difference. */
static const char *pattern_of(struct arena *arena, const char *path)
{
	struct buf out;

	buf_init(&out, arena, 256);
	for (bool inside = false; *path; path++) {
		inside = inside && *path != '}';
		if (!inside)
			buf_char(&out, *path);
		inside = inside || *path == '{';
	}
	return out.data;
}

static void check_unique(struct checking *checking)
{
	struct arena *arena = checking->report->arena;
	const char *pattern = pattern_of(arena, checking->row->path);

	for (const struct route *other = checking->table->rows;
		other < checking->row; other++)
		expect(checking,
			other->method != checking->row->method ||
				!text_equal(pattern,
					pattern_of(arena, other->path)),
			"stands in the table twice");
}

static void check_who(struct checking *checking)
{
	const struct route *row = checking->row;
	bool is_public = row->who == ROUTE_IS_PUBLIC;
	int handlers = (row->run_public != NULL) + (row->run_user != NULL) +
		       (row->run_admin != NULL);

	expect(checking, handlers == 1, "has no handler, or more than one");
	expect(checking,
		(row->run_public != NULL) == is_public &&
			(row->run_user != NULL) ==
				(row->who == ROUTE_IS_USER) &&
			(row->run_admin != NULL) ==
				(row->who == ROUTE_IS_ADMIN),
		"has a handler of another kind than its row");
	expect(checking, is_public == (row->permission == NULL),
		"needs a permission unless it is public");
	expect(checking,
		!is_public || !(row->demands & (DEMAND_SESSION | DEMAND_FRESH)),
		"is public and cannot demand a session");
}

/* A class of strangers has no windows for users, and the other way round. */
static void check_rate(struct checking *checking)
{
	const struct route *row = checking->row;
	bool strangers = row->rate == RATE_ANONYMOUS ||
			 row->rate == RATE_LOGIN ||
			 row->rate == RATE_REGISTER ||
			 row->rate == RATE_REFRESH || row->rate == RATE_HOOK;

	expect(checking,
		row->rate == RATE_NONE ||
			strangers == (row->who == ROUTE_IS_PUBLIC),
		"has a rate class that does not fit who may call");
}

static void check_method(struct checking *checking)
{
	const struct route *row = checking->row;
	bool is_get = row->method == HTTP_GET;

	expect(checking,
		is_get || row->method == HTTP_POST || row->method == HTTP_PUT ||
			row->method == HTTP_PATCH || row->method == HTTP_DELETE,
		"has a method that rows do not have");
	expect(checking,
		row->who != ROUTE_IS_PUBLIC || row->cache < CACHE_OVERVIEW,
		"is public and cannot be kept for each user");
	expect(checking, is_get || row->cache == CACHE_NEVER,
		"changes something and must be CACHE_NEVER");
	expect(checking,
		row->who == ROUTE_IS_PUBLIC || row->cache != CACHE_SHORT,
		"is not public and must not be cached by others");
	expect(checking, !is_get || !row->in || !shape_has_body(row->in),
		"reads and must not take a body");
	expect(checking,
		!(row->demands & TAKES_FORM) ||
			(row->in && shape_has_body(row->in)),
		"takes a form but has no members for it");
	expect(checking,
		!(row->demands & TAKES_VERSION) ||
			(!is_get && strchr(row->path, '{')),
		"takes a version but changes no single thing");
	expect(checking, row->summary && row->summary[0], "needs a summary");
}

static void check_key(struct checking *checking)
{
	const struct route *row = checking->row;
	const unsigned demands = row->demands;

	expect(checking,
		!(demands & TAKES_KEY) ||
			(row->method == HTTP_POST && row->out &&
				row->who == ROUTE_IS_USER),
		"takes an Idempotency-Key but creates nothing of a user's");
	expect(checking,
		!(demands & (KEEPS_KEY | HIDES_ANSWER)) ||
			(demands & TAKES_KEY),
		"keeps an Idempotency-Key that it does not take");
}

static void check_answer(struct checking *checking)
{
	const struct route *row = checking->row;

	expect(checking, row->status >= 200 && row->status < 300,
		"answers with a status that is no success");
	expect(checking,
		row->later_status == 0 ||
			(row->later_status == 202 && row->status != 202 &&
				row->out),
		"answers later with another status than 202, or nothing");
	expect(checking,
		row->tried_status == 0 ||
			(row->tried_status == 200 && row->status == 201),
		"tries with another status than 200, or creates nothing");
	expect(checking,
		!(row->demands & GIVES_CSV) ||
			(row->method == HTTP_GET && row->out),
		"gives CSV but no list");
	expect(checking, (row->status == 204) == (!row->out && !row->raw_type),
		"answers 204 exactly when it has no body");
	expect(checking, !row->out || !row->raw_type,
		"answers by shape and raw");
}

static const struct field *path_field(
	const struct shape *shape, const char *name, size_t len)
{
	for (size_t i = 0; shape && i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (field->from == FROM_PATH && strlen(field->name) == len &&
			memcmp(field->name, name, len) == 0)
			return field;
	}
	return NULL;
}

static void check_path(struct checking *checking)
{
	const struct route *row = checking->row;
	const char *at = row->path;
	size_t values = 0, fields = 0, segments = 0;

	expect(checking,
		at[0] == '/' && !strstr(at, "//") && at[1] != '\0' &&
			at[strlen(at) - 1] != '/',
		"has a malformed path");
	for (const char *c = at; *c; c++)
		segments += *c == '/';
	expect(checking, segments + 2 <= REQUEST_SEGMENT_LIMIT,
		"has too many segments");
	while ((at = strchr(at, '{'))) {
		size_t len = strcspn(++at, "}/");

		values++;
		expect(checking,
			at[len] == '}' && len > 0 && at[-2] == '/' &&
				(at[len + 1] == '/' || at[len + 1] == '\0'),
			"has a value that is not a whole segment");
		expect(checking, path_field(row->in, at, len) != NULL,
			"has a value in its path without a FROM_PATH field");
	}
	for (size_t i = 0; row->in && i < row->in->count; i++)
		fields += row->in->fields[i].from == FROM_PATH;
	expect(checking, values == fields,
		"has a FROM_PATH field without a value in its path");
}

/* ---- shapes ------------------------------------------------------------ */

static bool is_param_kind(enum shape_kind kind)
{
	switch (kind) {
	case SHAPE_TEXT:
	case SHAPE_INT:
	case SHAPE_BOOL:
	case SHAPE_DECIMAL:
	case SHAPE_DECIMAL_MAYBE:
	case SHAPE_TIME:
	case SHAPE_TIME_MAYBE:
	case SHAPE_TEXTS:
		return true;
	case SHAPE_RATIO:
	case SHAPE_PATCH:
	case SHAPE_JSON:
	case SHAPE_RAW:
	case SHAPE_LIST:
	case SHAPE_OBJECT:
		return false;
	}
	return false;
}

enum {
	NESTING_LIMIT = 8
};

static void check_input(
	struct checking *checking, const struct shape *shape, int depth)
{
	for (size_t i = 0; shape && i < shape->count; i++) {
		const struct field *field = &shape->fields[i];
		bool by_value = field->kind == SHAPE_DECIMAL ||
				field->kind == SHAPE_TIME;

		expect(checking,
			field->kind != SHAPE_RATIO && field->kind != SHAPE_RAW,
			"takes a field of a kind that only replies have");
		expect(checking, !by_value || field->required,
			"takes a decimal or time that is not required");
		expect(checking,
			field->from == FROM_BODY || is_param_kind(field->kind),
			"takes a structure from the path or the query");
		expect(checking, field->from != FROM_PATH || field->required,
			"takes a path value that is not required");
		expect(checking, field->from == FROM_BODY || depth == 0,
			"takes a path or query value inside a nested shape");
		if (field->shape && depth < NESTING_LIMIT)
			check_input(checking, field->shape, depth + 1);
	}
}

static void check_output(
	struct checking *checking, const struct shape *shape, int depth)
{
	for (size_t i = 0; shape && i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		expect(checking, !field->secret,
			"answers with a field that is marked secret");
		if (field->shape && depth < NESTING_LIMIT)
			check_output(checking, field->shape, depth + 1);
	}
}

static void check_shape_name(struct checking *checking,
	const struct shape *shape, const struct shape *other)
{
	if (!shape || !other || shape == other)
		return;
	expect(checking, !text_equal(shape->name, other->name),
		"uses a shape whose name another shape has");
}

static void check_shape_names(struct checking *checking)
{
	const struct route *row = checking->row;

	for (const struct route *other = checking->table->rows; other <= row;
		other++) {
		check_shape_name(checking, row->in, other->in);
		check_shape_name(checking, row->in, other->out);
		check_shape_name(checking, row->out, other->in);
		check_shape_name(checking, row->out, other->out);
	}
}

enum err route_table_check(
	const struct route_table *table, struct report *report)
{
	struct checking checking = {.table = table, .report = report};

	for (size_t i = 0; i < table->count; i++) {
		const struct route *row = &table->rows[i];

		checking.row = row;
		checking.where = arena_format(report->arena, "%s %s",
			http_method_name(row->method), row->path);
		check_unique(&checking);
		check_who(&checking);
		check_rate(&checking);
		check_method(&checking);
		check_key(&checking);
		check_answer(&checking);
		check_path(&checking);
		check_input(&checking, row->in, 0);
		check_output(&checking, row->out, 0);
		check_shape_names(&checking);
	}
	return checking.faults == 0 ? ERR_OK : ERR_BAD_INPUT;
}
