/*
 * Matching: the right row, or the right refusal. And the check of a table:
 * it finds each kind of unsound row.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "route.h"
#include "text.h"

struct by_id {
	const char *id;
};
static const struct field by_id_fields[] = {
	FIELD(struct by_id, id, .required = true, .from = FROM_PATH),
};
static const struct shape by_id_shape =
	SHAPE("by_id", struct by_id, by_id_fields);

struct name {
	const char *name;
};
static const struct field name_fields[] = {
	FIELD(struct name, name, .required = true),
};
static const struct shape name_shape = SHAPE("name", struct name, name_fields);

static enum err run_public(struct call *call, const void *in, void *out)
{
	(void)call;
	(void)in;
	(void)out;
	return ERR_OK;
}

static enum err run_user(
	struct call *call, struct scope *scope, const void *in, void *out)
{
	(void)scope;
	return run_public(call, in, out);
}

static enum err run_admin(
	struct call *call, struct admin_scope *admin, const void *in, void *out)
{
	(void)admin;
	return run_public(call, in, out);
}

static const struct route rows[] = {
	ROUTE_USER(GET, "/keys/{id}", "keys:read", DEMAND_NOTHING, RATE_NONE,
		CACHE_PRIVATE, TAG_NOTHING, run_user, IN(by_id), OUT(name),
		"Get"),
	ROUTE_USER(DELETE, "/keys/{id}", "keys:write", DEMAND_NOTHING,
		RATE_NONE, CACHE_NEVER, TAG_NOTHING, run_user, IN(by_id),
		NO_CONTENT, "Remove"),
	ROUTE_USER(POST, "/keys/sweep", "keys:write", DEMAND_NOTHING, RATE_NONE,
		CACHE_NEVER, TAG_NOTHING, run_user, NO_INPUT, NO_CONTENT,
		"Sweep"),
	ROUTE_USER(GET, "/keys", "keys:read", DEMAND_NOTHING, RATE_NONE,
		CACHE_PRIVATE, TAG_NOTHING, run_user, NO_INPUT, OUT(name),
		"List"),
	ROUTE_ADMIN(GET, "/keys/{id}/users", "users:read", DEMAND_NOTHING,
		RATE_NONE, CACHE_PRIVATE, TAG_NOTHING, run_admin, IN(by_id),
		OUT(name), "Users"),
	ROUTE_PUBLIC(GET, "/health", DEMAND_NOTHING, RATE_NONE, CACHE_SHORT,
		TAG_NOTHING, run_public, NO_INPUT, RAW("text/plain"), "Health"),
	ROUTE_PUBLIC(GET, "/health/ready", DEMAND_NOTHING, RATE_NONE,
		CACHE_NEVER, TAG_NOTHING, run_public, NO_INPUT,
		RAW("text/plain"), "Ready"),
	ROUTE_PUBLIC(GET, "/metrics", DEMAND_NOTHING, RATE_NONE, CACHE_NEVER,
		TAG_NOTHING, run_public, NO_INPUT, RAW("text/plain"),
		"Figures"),
};
static const struct route_table table = {rows, sizeof(rows) / sizeof(rows[0])};

static int set_up(void **state)
{
	*state = arena_open(8 << 20);
	return 0;
}

static int tear_down(void **state)
{
	struct arena *arena = *state;

	arena_close(&arena);
	return 0;
}

static enum err match(struct arena *arena, enum http_method method,
	const char *path, struct call *call, char allow[ROUTE_METHODS_ROOM])
{
	struct request *request = arena_alloc(arena, sizeof(*request));

	request->method = method;
	while (*path == '/') {
		size_t len = strcspn(++path, "/");

		request->segments[request->segment_count++] =
			arena_copy(arena, path, len);
		path += len;
	}
	*call = (struct call){.arena = arena, .request = request};
	return route_match(&table, call, allow);
}

static const struct {
	enum http_method method;
	const char *path;
	enum err err;
	const char *found; /* path of the row, or the methods allowed */
} cases[] = {
	{HTTP_GET, "/api/v1/keys", ERR_OK, "/keys"},
	{HTTP_GET, "/api/keys", ERR_OK, "/keys"},
	{HTTP_HEAD, "/api/keys", ERR_OK, "/keys"},
	{HTTP_GET, "/api/v1/keys/7", ERR_OK, "/keys/{id}"},
	{HTTP_DELETE, "/api/v1/keys/7", ERR_OK, "/keys/{id}"},
	{HTTP_POST, "/api/v1/keys/sweep", ERR_OK, "/keys/sweep"},
	{HTTP_GET, "/api/v1/keys/7/users", ERR_OK, "/keys/{id}/users"},
	{HTTP_GET, "/api/v1/keys/sweep", ERR_METHOD, "POST, OPTIONS"},
	{HTTP_POST, "/api/v1/keys/7", ERR_METHOD, "GET, HEAD, DELETE, OPTIONS"},
	{HTTP_OTHER, "/api/v1/health", ERR_METHOD, "GET, HEAD, OPTIONS"},
	{HTTP_OPTIONS, "/api/v1/health", ERR_METHOD, "GET, HEAD, OPTIONS"},
	{HTTP_HEAD, "/api/v1/keys/sweep", ERR_METHOD, "POST, OPTIONS"},
	{HTTP_GET, "/health", ERR_OK, "/health"},
	{HTTP_GET, "/health/ready", ERR_OK, "/health/ready"},
	{HTTP_GET, "/api/health/ready", ERR_OK, "/health/ready"},
	{HTTP_GET, "/api/v1/health/ready", ERR_OK, "/health/ready"},
	{HTTP_GET, "/metrics", ERR_OK, "/metrics"},
	{HTTP_GET, "/api/v1/metrics", ERR_OK, "/metrics"},
	{HTTP_GET, "/metrics/keys", ERR_NOT_FOUND, NULL},
	{HTTP_POST, "/health/ready", ERR_METHOD, "GET, HEAD, OPTIONS"},
	{HTTP_GET, "/health/keys", ERR_NOT_FOUND, NULL},
	{HTTP_GET, "/v1/health", ERR_NOT_FOUND, NULL},
	{HTTP_GET, "/health/api/v1/keys", ERR_NOT_FOUND, NULL},
	{HTTP_GET, "/api/v2/keys", ERR_NOT_FOUND, NULL},
	{HTTP_GET, "/v1/keys", ERR_NOT_FOUND, NULL},
	{HTTP_GET, "/keys", ERR_NOT_FOUND, NULL},
	{HTTP_GET, "/API/keys", ERR_NOT_FOUND, NULL},
	{HTTP_GET, "/api/Keys", ERR_NOT_FOUND, NULL},
	{HTTP_GET, "/api/key", ERR_NOT_FOUND, NULL},
	{HTTP_GET, "/api/keys/7/users/8", ERR_NOT_FOUND, NULL},
	{HTTP_GET, "/api/v1", ERR_NOT_FOUND, NULL},
	{HTTP_GET, "/api", ERR_NOT_FOUND, NULL},
	{HTTP_GET, "", ERR_NOT_FOUND, NULL},
};

static void finds_the_row_or_says_why_not(void **state)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char allow[ROUTE_METHODS_ROOM] = "";
		struct call call;
		enum err err = match(
			*state, cases[i].method, cases[i].path, &call, allow);

		if (err != cases[i].err)
			print_error("%s\n", cases[i].path);
		assert_int_equal(err, cases[i].err);
		if (err == ERR_OK)
			assert_string_equal(call.route->path, cases[i].found);
		else
			assert_null(call.route);
		if (err == ERR_METHOD)
			assert_string_equal(allow, cases[i].found);
	}
}

static void takes_values_out_of_the_path(void **state)
{
	char allow[ROUTE_METHODS_ROOM];
	struct call call;

	assert_int_equal(
		match(*state, HTTP_GET, "/api/keys/a b/users", &call, allow),
		ERR_OK);
	assert_int_equal(call.param_count, 1);
	assert_string_equal(call.params[0].name, "id");
	assert_string_equal(call.params[0].value, "a b");
	assert_int_equal(call.params[0].from, FROM_PATH);
}

/* ---- soundness ---------------------------------------------------------- */

static void a_sound_table_passes(void **state)
{
	struct report *report = report_open(*state);

	assert_int_equal(route_table_check(&table, report), ERR_OK);
	assert_int_equal(report->fault_count, 0);
}

struct broken {
	int64_t page;
	struct decimal price;
	struct ratio ratio;
	struct patch_text token;
};
static const struct field optional_price_fields[] = {
	FIELD(struct broken, price, .doc = "optional"),
};
static const struct shape optional_price_shape =
	SHAPE("optional_price", struct broken, optional_price_fields);
static const struct field ratio_fields[] = {
	FIELD(struct broken, ratio, .doc = "a ratio"),
};
static const struct shape ratio_shape =
	SHAPE("ratio", struct broken, ratio_fields);
static const struct field secret_fields[] = {
	FIELD(struct broken, token, .secret = true),
};
static const struct shape secret_shape =
	SHAPE("secret", struct broken, secret_fields);
static const struct shape other_name_shape =
	SHAPE("name", struct broken, ratio_fields);

/* Each row spoils one member of a sound one. */
#pragma GCC diagnostic ignored "-Woverride-init"
#define SOUND                                                         \
	.method = HTTP_POST, .path = "/x", .who = ROUTE_IS_USER,      \
	.permission = "x:write", .run_user = run_user, .status = 204, \
	.summary = "X"

static const struct {
	struct route row;
	const char *message;
} unsound[] = {
	{{SOUND, .permission = NULL}, "needs a permission unless it is public"},
	{{SOUND, .run_user = NULL}, "has no handler, or more than one"},
	{{SOUND, .run_admin = run_admin}, "has no handler, or more than one"},
	{{SOUND, .who = ROUTE_IS_ADMIN},
		"has a handler of another kind than its row"},
	{{SOUND, .cache = CACHE_PRIVATE},
		"changes something and must be CACHE_NEVER"},
	{{SOUND, .method = HTTP_HEAD}, "has a method that rows do not have"},
	{{SOUND, .method = HTTP_GET, .in = &name_shape},
		"reads and must not take a body"},
	{{SOUND, .method = HTTP_GET, .cache = CACHE_SHORT},
		"is not public and must not be cached by others"},
	{{SOUND, .path = "/x/{id}"},
		"has a value in its path without a FROM_PATH field"},
	{{SOUND, .in = &by_id_shape},
		"has a FROM_PATH field without a value in its path"},
	{{SOUND, .path = "/x/"}, "has a malformed path"},
	{{SOUND, .path = "/x/a{id}", .in = &by_id_shape},
		"has a value that is not a whole segment"},
	{{SOUND, .rate = RATE_LOGIN},
		"has a rate class that does not fit who may call"},
	{{SOUND, .who = ROUTE_IS_PUBLIC, .rate = RATE_GENERAL},
		"has a rate class that does not fit who may call"},
	{{SOUND, .method = HTTP_GET, .who = ROUTE_IS_PUBLIC,
		 .cache = CACHE_LISTS},
		"is public and cannot be kept for each user"},
	{{SOUND, .demands = TAKES_VERSION},
		"takes a version but changes no single thing"},
	{{SOUND, .status = 200}, "answers 204 exactly when it has no body"},
	{{SOUND, .summary = ""}, "needs a summary"},
	{{SOUND, .demands = TAKES_FORM},
		"takes a form but has no members for it"},
	{{SOUND, .in = &optional_price_shape},
		"takes a decimal or time that is not required"},
	{{SOUND, .in = &ratio_shape},
		"takes a field of a kind that only replies have"},
	{{SOUND, .status = 200, .out = &secret_shape},
		"answers with a field that is marked secret"},
	{{SOUND, .status = 200, .in = &name_shape, .out = &other_name_shape},
		"uses a shape whose name another shape has"},
};

static bool has_fault(const struct report *report, const char *message)
{
	for (size_t i = 0; i < report->fault_count; i++)
		if (text_equal(report->faults[i].message, message))
			return true;
	return false;
}

static void finds_unsound_rows(void **state)
{
	for (size_t i = 0; i < sizeof(unsound) / sizeof(unsound[0]); i++) {
		const struct route_table one = {&unsound[i].row, 1};
		struct report *report = report_open(*state);

		assert_int_equal(
			route_table_check(&one, report), ERR_BAD_INPUT);
		if (!has_fault(report, unsound[i].message))
			print_error("%s\n", unsound[i].message);
		assert_true(has_fault(report, unsound[i].message));
	}
}

static void finds_rows_that_stand_there_twice(void **state)
{
	static const struct route two[] = {
		{SOUND, .path = "/x/{id}", .in = &by_id_shape},
		{SOUND, .path = "/x/{name}", .in = &by_id_shape},
	};
	const struct route_table twice = {two, 2};
	struct report *report = report_open(*state);

	assert_int_equal(route_table_check(&twice, report), ERR_BAD_INPUT);
	assert_true(has_fault(report, "stands in the table twice"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_the_row_or_says_why_not),
		TEST(takes_values_out_of_the_path),
		TEST(a_sound_table_passes),
		TEST(finds_unsound_rows),
		TEST(finds_rows_that_stand_there_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
