/*
 * Problem documents and reply headers: what clients see of a failure, and
 * what they never see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "json.h"
#include "problem.h"
#include "reply.h"
#include "text.h"

struct failing {
	struct arena *arena;
	struct report *report;
	struct reply reply;
	const struct json *body;
};

static int set_up(void **state)
{
	struct failing *failing = test_calloc(1, sizeof(*failing));

	failing->arena = arena_open(8 << 20);
	failing->report = report_open(failing->arena);
	reply_init(&failing->reply, failing->arena);
	*state = failing;
	return 0;
}

static int tear_down(void **state)
{
	struct failing *failing = *state;

	arena_close(&failing->arena);
	test_free(failing);
	return 0;
}

static void fail_with(struct failing *failing, enum err err)
{
	struct report *ignored = report_open(failing->arena);

	reply_problem(&failing->reply, err, failing->report, "id-12345");
	assert_int_equal(
		json_parse(failing->arena, failing->reply.body.data,
			failing->reply.body.len, ignored, &failing->body),
		ERR_OK);
}

static const char *member(const struct failing *failing, const char *name)
{
	const struct json *value = json_member(failing->body, name);

	return value && value->kind == JSON_TEXT ? value->text : NULL;
}

static const char *head(struct failing *failing)
{
	struct buf out;

	buf_init(&out, failing->arena, 1 << 16);
	reply_head(&failing->reply, "id-12345", &out);
	return out.data;
}

static void every_error_has_a_whole_document(void **state)
{
	struct failing *f = *state;

	for (int i = ERR_OK + 1; i < ERR_COUNT; i++) {
		enum err err = (enum err)i;
		int64_t status = 0;

		fail_with(f, err);
		assert_true(problem_of(err)->status >= 400);
		assert_true(
			json_integer(json_member(f->body, "status"), &status));
		assert_int_equal(status, f->reply.status);
		assert_string_equal(member(f, "code"), err_slug(err));
		assert_string_equal(member(f, "request_id"), "id-12345");
		assert_string_equal(member(f, "title"), problem_of(err)->title);
		assert_true(member(f, "detail")[0] != '\0');
		assert_true(
			text_starts(member(f, "type"), "/api/docs/problems/"));
		assert_null(json_member(f->body, "errors"));
		assert_string_equal(f->reply.headers[REPLY_CONTENT_TYPE],
			"application/problem+json");
		assert_string_equal(
			f->reply.headers[REPLY_CACHE_CONTROL], "no-store");
	}
}

static const struct {
	enum err err;
	int status;
	const char *challenge;
} statuses[] = {
	{ERR_BAD_INPUT, 400, NULL},
	{ERR_NO_CREDENTIALS, 401, "Bearer"},
	{ERR_BAD_CREDENTIALS, 401, "Bearer"},
	{ERR_TOKEN_INVALID, 401, "Bearer error=\"invalid_token\""},
	{ERR_TOKEN_REVOKED, 401, "Bearer error=\"invalid_token\""},
	{ERR_INSUFFICIENT_SCOPE, 403, "Bearer error=\"insufficient_scope\""},
	{ERR_NOT_FOUND, 404, NULL},
	{ERR_METHOD, 405, NULL},
	{ERR_CSRF, 403, NULL},
	{ERR_CONFLICT, 409, NULL},
	{ERR_PRECONDITION, 412, NULL},
	{ERR_KEY_REUSED, 422, NULL},
	{ERR_TOO_LARGE, 413, NULL},
	{ERR_UNSUPPORTED_TYPE, 415, NULL},
	{ERR_RATE_LIMITED, 429, NULL},
	{ERR_INTERNAL, 500, NULL},
	{ERR_NOT_CONFIGURED, 503, NULL},
	{ERR_UNAVAILABLE, 503, NULL},
};

static void statuses_and_challenges(void **state)
{
	struct failing *f = *state;

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		const char *challenge;

		fail_with(f, statuses[i].err);
		challenge = f->reply.headers[REPLY_WWW_AUTHENTICATE];
		assert_int_equal(f->reply.status, statuses[i].status);
		assert_true(text_equal(challenge ? challenge : "",
			statuses[i].challenge ? statuses[i].challenge : ""));
	}
}

static void a_revoked_token_says_so(void **state)
{
	struct failing *f = *state;

	fail_with(f, ERR_TOKEN_REVOKED);
	assert_string_equal(member(f, "detail"), "Token has been revoked");
}

static void lists_faults_with_their_pointers(void **state)
{
	struct failing *f = *state;
	const struct json *errors;

	report_fault(f->report, "/a~1b", "is \"odd\"");
	report_fault(f->report, "", "is short");
	fail_with(f, ERR_BAD_INPUT);
	errors = json_member(f->body, "errors");
	assert_int_equal(errors->count, 2);
	assert_true(
		json_is_text(json_member(errors->first, "pointer"), "/a~1b"));
	assert_true(json_is_text(
		json_member(errors->first, "message"), "is \"odd\""));
}

static void faults_of_ours_keep_their_reasons(void **state)
{
	struct failing *f = *state;

	report_detail(f->report, "SELECT secret FROM /var/lib");
	report_fault(f->report, "/x", "sql");
	fail_with(f, ERR_INTERNAL);
	assert_null(strstr(f->reply.body.data, "SELECT"));
	assert_null(json_member(f->body, "errors"));
	fail_with(f, ERR_UNAVAILABLE);
	assert_null(strstr(f->reply.body.data, "SELECT"));
}

static void says_when_to_come_back(void **state)
{
	struct failing *f = *state;

	fail_with(f, ERR_UNAVAILABLE);
	assert_string_equal(f->reply.headers[REPLY_RETRY_AFTER], "5");
	f->report->retry_after_s = 37;
	fail_with(f, ERR_RATE_LIMITED);
	assert_string_equal(f->reply.headers[REPLY_RETRY_AFTER], "37");
	fail_with(f, ERR_NOT_FOUND);
	assert_null(f->reply.headers[REPLY_RETRY_AFTER]);
}

static void replaces_what_was_there(void **state)
{
	struct failing *f = *state;

	buf_text(&f->reply.body, "{\"half\":");
	f->reply.status = 200;
	f->reply.headers[REPLY_LOCATION] = "/api/v1/x";
	fail_with(f, ERR_CONFLICT);
	assert_null(f->reply.headers[REPLY_LOCATION]);
	assert_null(strstr(f->reply.body.data, "half"));
}

static void prints_the_head(void **state)
{
	struct failing *f = *state;

	f->reply.status = 201;
	f->reply.headers[REPLY_CONTENT_TYPE] = "application/json";
	f->reply.headers[REPLY_LOCATION] = "/api/v1/keys/1";
	buf_text(&f->reply.body, "{}");
	assert_string_equal(head(f), "Status: 201 Created\r\n"
				     "Location: /api/v1/keys/1\r\n"
				     "Content-Type: application/json\r\n"
				     "X-Request-Id: id-12345\r\n"
				     "Content-Length: 2\r\n"
				     "\r\n");
}

static void no_value_can_add_a_header(void **state)
{
	struct failing *f = *state;

	f->reply.status = 204;
	f->reply.headers[REPLY_LOCATION] = "/x\r\nSet-Cookie: a=b";
	assert_string_equal(head(f), "Status: 204 No Content\r\n"
				     "X-Request-Id: id-12345\r\n"
				     "\r\n");
}

static void cookies_are_host_only_and_strict(void **state)
{
	struct failing *f = *state;

	f->reply.status = 204;
	f->reply.cookies[0] = (struct reply_cookie){
		.name = "__Host-a", .value = "b.c", .max_age_s = 60};
	f->reply.cookies[1] = (struct reply_cookie){.name = "__Host-r",
		.value = "d",
		.max_age_s = 7,
		.readable = true};
	f->reply.cookies[2] = (struct reply_cookie){
		.name = "__Host-gone", .value = "", .max_age_s = 60};
	f->reply.cookie_count = 3;
	assert_string_equal(head(f),
		"Status: 204 No Content\r\n"
		"Set-Cookie: __Host-a=b.c; Path=/; Secure; SameSite=Strict; "
		"Max-Age=60; HttpOnly\r\n"
		"Set-Cookie: __Host-r=d; Path=/; Secure; SameSite=Strict; "
		"Max-Age=7\r\n"
		"Set-Cookie: __Host-gone=; Path=/; Secure; SameSite=Strict; "
		"Max-Age=0; HttpOnly\r\n"
		"X-Request-Id: id-12345\r\n"
		"\r\n");
}

static void a_cookie_value_cannot_add_anything(void **state)
{
	static const char *const bad[] = {
		"a;b", "a b", "a,b", "a\r\nX: y", "a\"", "a\\", "\xc3\xa4"};
	struct failing *f = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f->reply.status = 204;
		f->reply.cookies[0] = (struct reply_cookie){
			.name = "__Host-a", .value = bad[i], .max_age_s = 60};
		f->reply.cookie_count = 1;
		assert_null(strstr(head(f), "Set-Cookie"));
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_error_has_a_whole_document),
		TEST(statuses_and_challenges),
		TEST(a_revoked_token_says_so),
		TEST(lists_faults_with_their_pointers),
		TEST(faults_of_ours_keep_their_reasons),
		TEST(says_when_to_come_back),
		TEST(replaces_what_was_there),
		TEST(prints_the_head),
		TEST(no_value_can_add_a_header),
		TEST(cookies_are_host_only_and_strict),
		TEST(a_cookie_value_cannot_add_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
