/*
 * The gate with small routes of its own: what is admitted, what each step
 * refuses and how, what is logged. Signed-in paths are the end-to-end
 * tests' business; here nobody has an account.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "gate.h"
#include "json.h"
#include "text.h"

struct echo {
	const char *id;
	const char *name;
	int64_t count;
};
static const struct field echo_in_fields[] = {
	FIELD(struct echo, id, .required = true, .from = FROM_PATH),
	FIELD(struct echo, count, .from = FROM_QUERY, .otherwise = 3),
	FIELD(struct echo, name, .required = true),
};
static const struct shape echo_in_shape =
	SHAPE("echo_in", struct echo, echo_in_fields);
static const struct field echo_fields[] = {
	FIELD(struct echo, id, .doc = "The id."),
	FIELD(struct echo, count, .doc = "The count."),
	FIELD(struct echo, name, .doc = "The name."),
};
static const struct shape echo_shape = SHAPE("echo", struct echo, echo_fields);

static enum err run_echo(struct call *call, const void *in, void *out)
{
	(void)call;
	memcpy(out, in, sizeof(struct echo));
	return ERR_OK;
}

/* Leaves out->name NULL, which its shape does not allow. */
static enum err run_broken(struct call *call, const void *in, void *out)
{
	(void)call;
	(void)in;
	((struct echo *)out)->id = "x";
	return ERR_OK;
}

static enum err run_busy(struct call *call, const void *in, void *out)
{
	(void)in;
	(void)out;
	call->report->retry_after_s = 9;
	report_event(call->report, "test.limited");
	return ERR_RATE_LIMITED;
}

static enum err run_text(struct call *call, const void *in, void *out)
{
	(void)in;
	(void)out;
	buf_text(&call->reply.body, "alive\n");
	return ERR_OK;
}

static enum err run_later(struct call *call, const void *in, void *out)
{
	call->reply.status = 202;
	call->reply.headers[REPLY_LOCATION] = "/api/v1/echo/1";
	return run_echo(call, in, out);
}

static enum err run_user(
	struct call *call, struct scope *scope, const void *in, void *out)
{
	(void)call;
	(void)scope;
	(void)in;
	(void)out;
	return ERR_OK;
}

static const struct route rows[] = {
	ROUTE_PUBLIC(POST, "/echo/{id}", DEMAND_NOTHING, RATE_NONE, CACHE_NEVER,
		TAG_NOTHING, run_echo, IN(echo_in), CREATED(echo), "Echo"),
	ROUTE_PUBLIC(POST, "/form/{id}", TAKES_FORM, RATE_NONE, CACHE_NEVER,
		TAG_NOTHING, run_echo, IN(echo_in), OUT(echo), "Form"),
	ROUTE_PUBLIC(POST, "/later/{id}", DEMAND_NOTHING, RATE_NONE,
		CACHE_NEVER, TAG_NOTHING, run_later, IN(echo_in), CREATED(echo),
		"Later"),
	ROUTE_PUBLIC(GET, "/broken", DEMAND_NOTHING, RATE_NONE, CACHE_NEVER,
		TAG_NOTHING, run_broken, NO_INPUT, OUT(echo), "Broken"),
	ROUTE_PUBLIC(POST, "/busy", DEMAND_NOTHING, RATE_NONE, CACHE_NEVER,
		TAG_NOTHING, run_busy, NO_INPUT, NO_CONTENT, "Busy"),
	ROUTE_PUBLIC(GET, "/live", DEMAND_NOTHING, RATE_NONE, CACHE_SHORT,
		TAG_NOTHING, run_text, NO_INPUT,
		RAW("text/plain; charset=utf-8"), "Alive"),
	ROUTE_USER(POST, "/mine", "mine:write", DEMAND_NOTHING, RATE_NONE,
		CACHE_NEVER, TAG_NOTHING, run_user, IN(echo_in), NO_CONTENT,
		"Add"),
	ROUTE_USER(GET, "/mine", "mine:read", DEMAND_NOTHING, RATE_NONE,
		CACHE_PRIVATE, TAG_NOTHING, run_user, NO_INPUT, NO_CONTENT,
		"Mine"),
};
static const struct route_table table = {rows, sizeof(rows) / sizeof(rows[0])};

struct visit {
	struct arena *arena;
	struct services services;
	struct log log;
	struct gate gate;
	struct report *report;
	struct request request;
	struct reply reply;
	const char *line; /* of the log */
	int pipe[2];
};

static int set_up(void **state)
{
	struct visit *visit = test_calloc(1, sizeof(*visit));

	if (pipe(visit->pipe) != 0)
		return 1;
	visit->arena = arena_open(64 << 20);
	visit->services =
		(struct services){.body_limit = 100, .public_body_limit = 50};
	visit->log = (struct log){.fd = visit->pipe[1]};
	visit->gate = (struct gate){&table, &visit->services, &visit->log};
	*state = visit;
	return 0;
}

static int tear_down(void **state)
{
	struct visit *visit = *state;

	close(visit->pipe[0]);
	close(visit->pipe[1]);
	arena_close(&visit->arena);
	test_free(visit);
	return 0;
}

static const char *read_log(struct visit *visit)
{
	char *line = arena_alloc(visit->arena, 8192);

	if (read(visit->pipe[0], line, 8191) < 0)
		fail();
	return line;
}

/* params: further CGI parameters, NULL-terminated, or NULL. */
static void send(struct visit *visit, const char *method, const char *uri,
	const char *body, const char *const *params)
{
	const char *all[12] = {"REMOTE_ADDR=192.0.2.1"};
	size_t count = 1;
	enum err early;

	all[count++] = arena_format(visit->arena, "REQUEST_METHOD=%s", method);
	all[count++] = arena_format(visit->arena, "REQUEST_URI=%s", uri);
	for (; params && *params; params++)
		all[count++] = *params;
	visit->report = report_open(visit->arena);
	early = request_parse(
		visit->arena, all, visit->report, &visit->request);
	visit->request.body = body;
	visit->request.body_len = body ? strlen(body) : 0;
	gate_serve(&visit->gate, &visit->request, visit->report, early,
		&visit->reply);
	visit->line = read_log(visit);
}

static const char *const as_json[] = {"CONTENT_TYPE=application/json", NULL};
static const char *const as_form[] = {
	"CONTENT_TYPE=application/x-www-form-urlencoded", NULL};

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static void serves_a_request_by_its_shapes(void **state)
{
	struct visit *v = *state;

	send(v, "POST", "/api/v1/echo/7?count=4", "{\"name\":\"ann\"}",
		as_json);
	assert_int_equal(v->reply.status, 201);
	assert_string_equal(v->reply.body.data,
		"{\"id\":\"7\",\"count\":4,\"name\":\"ann\"}");
	assert_string_equal(v->reply.headers[REPLY_CONTENT_TYPE],
		"application/json; charset=utf-8");
	assert_string_equal(v->reply.headers[REPLY_CACHE_CONTROL], "no-store");
}

static void takes_forms_where_the_row_says_so(void **state)
{
	struct visit *v = *state;

	send(v, "POST", "/api/form/7", "name=ann+b", as_form);
	assert_int_equal(v->reply.status, 200);
	assert_true(has(v->reply.body.data, "\"ann b\""));
	send(v, "POST", "/api/echo/7", "name=ann", as_form);
	assert_int_equal(v->reply.status, 415);
}

static void a_handler_may_choose_another_success(void **state)
{
	struct visit *v = *state;

	send(v, "POST", "/api/later/1", "{\"name\":\"ann\"}", as_json);
	assert_int_equal(v->reply.status, 202);
	assert_string_equal(v->reply.headers[REPLY_LOCATION], "/api/v1/echo/1");
}

static void serves_raw_bodies(void **state)
{
	struct visit *v = *state;

	send(v, "GET", "/api/v1/live", NULL, NULL);
	assert_int_equal(v->reply.status, 200);
	assert_string_equal(v->reply.body.data, "alive\n");
	assert_string_equal(v->reply.headers[REPLY_CONTENT_TYPE],
		"text/plain; charset=utf-8");
	assert_string_equal(
		v->reply.headers[REPLY_CACHE_CONTROL], "public, max-age=60");
}

static void head_is_get_without_a_body(void **state)
{
	struct visit *v = *state;

	send(v, "HEAD", "/api/v1/live", NULL, NULL);
	assert_int_equal(v->reply.status, 200);
	assert_int_equal(v->reply.body.len, 0);
	assert_non_null(v->reply.headers[REPLY_CONTENT_TYPE]);
	send(v, "HEAD", "/api/v1/nowhere", NULL, NULL);
	assert_int_equal(v->reply.status, 404);
	assert_int_equal(v->reply.body.len, 0);
}

static void options_names_the_methods(void **state)
{
	struct visit *v = *state;

	send(v, "OPTIONS", "/api/v1/live", NULL, NULL);
	assert_int_equal(v->reply.status, 204);
	assert_string_equal(
		v->reply.headers[REPLY_ALLOW], "GET, HEAD, OPTIONS");
	assert_int_equal(v->reply.body.len, 0);
	send(v, "OPTIONS", "/api/v1/nowhere", NULL, NULL);
	assert_int_equal(v->reply.status, 404);
}

static void other_methods_are_405_with_allow(void **state)
{
	struct visit *v = *state;

	send(v, "TRACE", "/api/v1/live", NULL, NULL);
	assert_int_equal(v->reply.status, 405);
	assert_string_equal(
		v->reply.headers[REPLY_ALLOW], "GET, HEAD, OPTIONS");
}

static const struct {
	const char *method, *uri, *body;
	const char *const *params;
	int status;
	const char *said;
} refusals[] = {
	{"GET", "/api/nowhere", NULL, NULL, 404, "\"code\":\"not_found\""},
	{"GET", "/api/live?x=1", NULL, NULL, 400, "\"pointer\":\"/x\""},
	{"GET", "/api/live", "{}", as_json, 400, "takes no body"},
	{"GET", "/api/live?token=t", NULL, NULL, 400, "Credentials"},
	{"GET", "/api//live", NULL, NULL, 400, "path"},
	{"POST", "/api/echo/1", "{\"name\":1}", as_json, 400,
		"\"pointer\":\"/name\""},
	{"POST", "/api/echo/1", NULL, NULL, 400, "is required"},
	{"POST", "/api/echo/1", "{\"name\":", as_json, 400, "\"pointer\":\"\""},
	{"POST", "/api/echo/1", "{}", NULL, 415, "application/json"},
	{"POST", "/api/form/1", "name=a&name=b", as_form, 400,
		"is given twice"},
	{"GET", "/api/mine", NULL, NULL, 401, "\"code\":\"no_credentials\""},
};

static void refuses_with_a_problem(void **state)
{
	struct visit *v = *state;

	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		send(v, refusals[i].method, refusals[i].uri, refusals[i].body,
			refusals[i].params);
		if (!has(v->reply.body.data, refusals[i].said))
			print_error("%s\n", v->reply.body.data);
		assert_int_equal(v->reply.status, refusals[i].status);
		assert_true(has(v->reply.body.data, refusals[i].said));
		assert_string_equal(v->reply.headers[REPLY_CONTENT_TYPE],
			"application/problem+json");
	}
}

static void refuses_a_body_over_the_limit(void **state)
{
	struct visit *v = *state;

	v->services.body_limit = 5;
	send(v, "POST", "/api/echo/1", "{\"name\":\"a\"}", as_json);
	assert_int_equal(v->reply.status, 413);
}

/* The same body is 413 for a stranger before anybody looks into it, and is
   let on to the next step where a credential is asked for. */
static void public_routes_take_less(void **state)
{
	static const char bomb[] = "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[";
	struct visit *v = *state;

	v->services.public_body_limit = sizeof(bomb) - 1;
	send(v, "POST", "/api/echo/1", bomb, as_json);
	assert_int_equal(v->reply.status, 400);
	v->services.public_body_limit--;
	send(v, "POST", "/api/echo/1", bomb, as_json);
	assert_int_equal(v->reply.status, 413);
	assert_true(has(v->reply.body.data, "\"code\":\"too_large\""));
	send(v, "POST", "/api/mine", bomb, as_json);
	assert_int_equal(v->reply.status, 401);
	v->services.body_limit = sizeof(bomb) - 2;
	send(v, "POST", "/api/mine", bomb, as_json);
	assert_int_equal(v->reply.status, 413);
}

static void refuses_plain_http_when_told_to(void **state)
{
	struct visit *v = *state;

	v->services.require_https = true;
	send(v, "GET", "/api/live", NULL, NULL);
	assert_int_equal(v->reply.status, 403);
	assert_true(has(v->reply.body.data, "\"code\":\"plain_http\""));
	send(v, "GET", "/api/live", NULL,
		(const char *const[]){"HTTPS=on", NULL});
	assert_int_equal(v->reply.status, 200);
}

static void challenges_those_without_a_credential(void **state)
{
	struct visit *v = *state;

	send(v, "GET", "/api/mine", NULL, NULL);
	assert_string_equal(v->reply.headers[REPLY_WWW_AUTHENTICATE], "Bearer");
	send(v, "GET", "/api/mine", NULL,
		(const char *const[]){"HTTP_AUTHORIZATION=Basic YTpi", NULL});
	assert_int_equal(v->reply.status, 401);
	assert_string_equal(v->reply.headers[REPLY_WWW_AUTHENTICATE], "Bearer");
}

static void refuses_two_kinds_of_credentials(void **state)
{
	static const char *const both[] = {
		"HTTP_AUTHORIZATION=Bearer a", "HTTP_X_API_KEY=b", NULL};
	struct visit *v = *state;

	send(v, "GET", "/api/mine", NULL, both);
	assert_int_equal(v->reply.status, 400);
	send(v, "GET", "/api/live", NULL, both);
	assert_int_equal(v->reply.status, 200);
}

static void tells_when_to_come_back(void **state)
{
	struct visit *v = *state;

	send(v, "POST", "/api/busy", NULL, NULL);
	assert_int_equal(v->reply.status, 429);
	assert_string_equal(v->reply.headers[REPLY_RETRY_AFTER], "9");
}

static void finds_replies_that_break_their_shape(void **state)
{
	struct visit *v = *state;

	send(v, "GET", "/api/broken", NULL, NULL);
	assert_int_equal(v->reply.status, 200);
	v->services.check_replies = true;
	send(v, "GET", "/api/broken", NULL, NULL);
	assert_int_equal(v->reply.status, 500);
	assert_true(has(v->line, "\"reply.mismatch\""));
	assert_true(has(v->line, "\"pointer\":\"/name\""));
	assert_true(has(v->line, "\"event\":\"request\""));
}

static void logs_one_line_a_request(void **state)
{
	struct visit *v = *state;
	const struct json *line = NULL;

	send(v, "POST", "/api/busy", NULL,
		(const char *const[]){"HTTP_X_REQUEST_ID=client-id-1", NULL});
	assert_int_equal(json_parse(v->arena, v->line, strlen(v->line) - 1,
				 v->report, &line),
		ERR_OK);
	assert_true(json_is_text(json_member(line, "level"), "warn"));
	assert_true(
		json_is_text(json_member(line, "request_id"), "client-id-1"));
	assert_true(json_is_text(json_member(line, "method"), "POST"));
	assert_true(json_is_text(json_member(line, "route"), "/busy"));
	assert_true(json_is_text(json_member(line, "address"), "192.0.2.1"));
	assert_true(json_is_text(json_member(line, "error"), "rate_limited"));
	assert_true(
		json_is_text(json_member(line, "security"), "test.limited"));
	assert_true(json_is_text(json_member(line, "target"), "/api/busy"));
}

static void logs_neither_query_nor_body_nor_credentials(void **state)
{
	struct visit *v = *state;

	send(v, "POST", "/api/echo/1?count=4&token=hush1",
		"{\"name\":\"hush2\"}",
		(const char *const[]){"CONTENT_TYPE=application/json",
			"HTTP_AUTHORIZATION=Basic hush3",
			"HTTP_X_API_KEY=hush4", NULL});
	assert_false(has(v->line, "hush"));
	assert_false(has(v->reply.body.data, "hush"));
}

static void an_early_refusal_is_answered_and_logged(void **state)
{
	struct visit *v = *state;

	v->request = (struct request){.arena = v->arena,
		.method = HTTP_POST,
		.target = "/api/echo/1",
		.request_id = "id-12345"};
	v->report = report_open(v->arena);
	gate_serve(&v->gate, &v->request, v->report, ERR_TOO_LARGE, &v->reply);
	assert_int_equal(v->reply.status, 413);
	assert_true(has(read_log(v), "\"route\":\"-\""));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(serves_a_request_by_its_shapes),
		TEST(takes_forms_where_the_row_says_so),
		TEST(a_handler_may_choose_another_success),
		TEST(serves_raw_bodies),
		TEST(head_is_get_without_a_body),
		TEST(options_names_the_methods),
		TEST(other_methods_are_405_with_allow),
		TEST(refuses_with_a_problem),
		TEST(refuses_a_body_over_the_limit),
		TEST(public_routes_take_less),
		TEST(refuses_plain_http_when_told_to),
		TEST(challenges_those_without_a_credential),
		TEST(refuses_two_kinds_of_credentials),
		TEST(tells_when_to_come_back),
		TEST(finds_replies_that_break_their_shape),
		TEST(logs_one_line_a_request),
		TEST(logs_neither_query_nor_body_nor_credentials),
		TEST(an_early_refusal_is_answered_and_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
