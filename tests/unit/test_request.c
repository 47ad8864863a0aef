/*
 * From CGI parameters to a request: one meaning behind every web server,
 * and nothing half-understood gets through.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "buf.h"
#include "id.h"
#include "request.h"

struct parsing {
	struct arena *arena;
	struct report *report;
	struct request request;
	enum err err;
};

static int set_up(void **state)
{
	struct parsing *parsing = test_calloc(1, sizeof(*parsing));

	parsing->arena = arena_open(8 << 20);
	*state = parsing;
	return 0;
}

static int tear_down(void **state)
{
	struct parsing *parsing = *state;

	arena_close(&parsing->arena);
	test_free(parsing);
	return 0;
}

static void parse(struct parsing *parsing, const char *const *params)
{
	parsing->report = report_open(parsing->arena);
	parsing->err = request_parse(
		parsing->arena, params, parsing->report, &parsing->request);
}

static void parse_uri(struct parsing *parsing, const char *uri)
{
	struct buf param;

	buf_init(&param, parsing->arena, 1 << 16);
	buf_text(&param, "REQUEST_URI=");
	buf_text(&param, uri);
	parse(parsing, (const char *const[]){"REQUEST_METHOD=GET", param.data,
			       "REMOTE_ADDR=127.0.0.1", NULL});
}

static void takes_a_whole_request(void **state)
{
	struct parsing *p = *state;

	parse(p, (const char *const[]){"REQUEST_METHOD=PUT",
			 "REQUEST_URI=/api/v1/keys/a%20b?limit=5&q=%C3%A4+b",
			 "SCRIPT_NAME=/elsewhere", "QUERY_STRING=x=1",
			 "REMOTE_ADDR=192.0.2.7", "HTTPS=on",
			 "CONTENT_TYPE=application/json",
			 "HTTP_AUTHORIZATION=Bearer abc",
			 "HTTP_X_API_KEY=", "HTTP_X_FORWARDED_FOR=10.0.0.1",
			 "HTTP_ORIGIN=https://a.example",
			 "HTTP_USER_AGENT=curl/8",
			 "HTTP_X_REQUEST_ID=abc-123_x", NULL});
	assert_int_equal(p->err, ERR_OK);
	assert_int_equal(p->request.method, HTTP_PUT);
	assert_int_equal(p->request.segment_count, 4);
	assert_string_equal(p->request.segments[3], "a b");
	assert_string_equal(p->request.target, "/api/v1/keys/a%20b");
	assert_int_equal(p->request.query_count, 2);
	assert_string_equal(p->request.query[1].name, "q");
	assert_string_equal(p->request.query[1].value, "\xc3\xa4 b");
	assert_int_equal(p->request.query[1].from, FROM_QUERY);
	assert_string_equal(p->request.address, "192.0.2.7");
	assert_true(p->request.https);
	assert_string_equal(p->request.authorization, "Bearer abc");
	assert_null(p->request.api_key);
	assert_string_equal(p->request.request_id, "abc-123_x");
	assert_string_equal(p->request.user_agent, "curl/8");
}

static const struct {
	const char *uri;
	enum err err;
	size_t segments;
} uris[] = {
	{"/", ERR_OK, 0},
	{"/api/orders", ERR_OK, 2},
	{"/a/b?", ERR_OK, 2},
	{"/a/%E2%82%AC", ERR_OK, 2},
	{"/a/b/", ERR_BAD_REQUEST, 0},
	{"//a", ERR_BAD_REQUEST, 0},
	{"/a//b", ERR_BAD_REQUEST, 0},
	{"/a/./b", ERR_BAD_REQUEST, 0},
	{"/a/../b", ERR_BAD_REQUEST, 0},
	{"/a/%2e%2e/b", ERR_BAD_REQUEST, 0},
	{"/a/%2E/b", ERR_BAD_REQUEST, 0},
	{"/a%2fb", ERR_BAD_REQUEST, 0},
	{"/a%5Cb", ERR_BAD_REQUEST, 0},
	{"/a\\b", ERR_BAD_REQUEST, 0},
	{"/a%00b", ERR_BAD_REQUEST, 0},
	{"/a%0d%0aSet-Cookie:x", ERR_BAD_REQUEST, 0},
	{"/a%7f", ERR_BAD_REQUEST, 0},
	{"/a%c0%af", ERR_BAD_REQUEST, 0},
	{"/a%ff", ERR_BAD_REQUEST, 0},
	{"/a%", ERR_BAD_REQUEST, 0},
	{"/a%4", ERR_BAD_REQUEST, 0},
	{"/a%zz", ERR_BAD_REQUEST, 0},
	{"/a b", ERR_BAD_REQUEST, 0},
	{"/a#b", ERR_BAD_REQUEST, 0},
	{"/\xc3\xa4", ERR_BAD_REQUEST, 0},
	{"a", ERR_BAD_REQUEST, 0},
	{"http://host/a", ERR_BAD_REQUEST, 0},
	{"*", ERR_BAD_REQUEST, 0},
	{"", ERR_BAD_REQUEST, 0},
	{"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", ERR_OK, 16},
	{"/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", ERR_BAD_REQUEST, 0},
};

static void splits_and_decodes_the_path_strictly(void **state)
{
	struct parsing *p = *state;

	for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
		parse_uri(p, uris[i].uri);
		if (p->err != uris[i].err)
			print_error("%s\n", uris[i].uri);
		assert_int_equal(p->err, uris[i].err);
		if (p->err == ERR_OK)
			assert_int_equal(
				p->request.segment_count, uris[i].segments);
	}
}

static const struct {
	const char *uri;
	enum err err;
} queries[] = {
	{"/a?x=1&y=", ERR_OK},
	{"/a?x", ERR_OK},
	{"/a?x=a%26b%3Dc=d", ERR_OK},
	{"/a?x=1&x=2", ERR_BAD_REQUEST},
	{"/a?x=1&%78=2", ERR_BAD_REQUEST},
	{"/a?x=1&&y=2", ERR_BAD_REQUEST},
	{"/a?&x=1", ERR_BAD_REQUEST},
	{"/a?x=1&", ERR_BAD_REQUEST},
	{"/a?=1", ERR_BAD_REQUEST},
	{"/a?x=%0a", ERR_BAD_REQUEST},
	{"/a?x%00=1", ERR_BAD_REQUEST},
	{"/a?x=%ff", ERR_BAD_REQUEST},
	{"/a?x=%4", ERR_BAD_REQUEST},
	{"/a?access_token=t", ERR_BAD_REQUEST},
	{"/a?Api_Key=t", ERR_BAD_REQUEST},
	{"/a?X-API-KEY=t", ERR_BAD_REQUEST},
	{"/a?pass%77ord=t", ERR_BAD_REQUEST},
	{"/a?refresh_token=t", ERR_BAD_REQUEST},
};

static void decodes_the_query_strictly(void **state)
{
	struct parsing *p = *state;

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++) {
		parse_uri(p, queries[i].uri);
		if (p->err != queries[i].err)
			print_error("%s\n", queries[i].uri);
		assert_int_equal(p->err, queries[i].err);
	}
}

static void keeps_a_pair_with_two_equal_signs_whole(void **state)
{
	struct parsing *p = *state;

	parse_uri(p, "/a?x=a%26b%3Dc=d");
	assert_string_equal(p->request.query[0].value, "a&b=c=d");
}

static void says_why_credentials_in_the_query_are_refused(void **state)
{
	struct parsing *p = *state;

	parse_uri(p, "/a?token=hush");
	assert_int_equal(p->err, ERR_BAD_REQUEST);
	assert_non_null(strstr(p->report->detail, "Credentials"));
	assert_null(strstr(p->report->detail, "hush"));
	assert_string_equal(p->report->event, "request.credentials_in_query");
	assert_string_equal(p->request.target, "/a");
}

static void refuses_too_many_query_parameters(void **state)
{
	struct parsing *p = *state;
	struct buf uri;

	buf_init(&uri, p->arena, 4096);
	buf_text(&uri, "/a?");
	for (int i = 0; i < REQUEST_QUERY_LIMIT; i++)
		buf_format(&uri, "%sp%d=1", i ? "&" : "", i);
	parse_uri(p, uri.data);
	assert_int_equal(p->err, ERR_OK);
	buf_text(&uri, "&q=1");
	parse_uri(p, uri.data);
	assert_int_equal(p->err, ERR_BAD_REQUEST);
}

static void refuses_a_parameter_that_comes_twice(void **state)
{
	struct parsing *p = *state;

	parse(p, (const char *const[]){"REQUEST_METHOD=GET", "REQUEST_URI=/a",
			 "REMOTE_ADDR=127.0.0.1", "HTTP_X_REAL_IP=1.1.1.1",
			 "HTTP_X_REAL_IP=127.0.0.1", NULL});
	assert_int_equal(p->err, ERR_BAD_REQUEST);
	assert_int_equal(p->request.method, HTTP_GET);
	assert_string_equal(p->request.target, "/a");
	assert_true(id_is_valid(p->request.request_id));
}

static void a_name_that_begins_like_another_is_another(void **state)
{
	struct parsing *p = *state;

	parse(p, (const char *const[]){"REQUEST_METHOD=GET", "REQUEST_URI=/a",
			 "REMOTE_ADDR=127.0.0.1", "REQUEST=1", "HTTPS=off",
			 "HTTPS_X=on", NULL});
	assert_int_equal(p->err, ERR_OK);
	assert_false(p->request.https);
}

static const struct {
	const char *param, *id; /* NULL: a new one */
} ids[] = {
	{"HTTP_X_REQUEST_ID=abcd.EF-_12", "abcd.EF-_12"},
	{"HTTP_X_REQUEST_ID=short12", NULL},
	{"HTTP_X_REQUEST_ID=with space", NULL},
	{"HTTP_X_REQUEST_ID=line\r\nSet-Cookie", NULL},
	{"HTTP_X_REQUEST_ID="
	 "0123456789012345678901234567890123456789012345678901234567890123",
		"01234567890123456789012345678901234567890123456789012345678901"
		"23"},
	{"HTTP_X_REQUEST_ID="
	 "01234567890123456789012345678901234567890123456789012345678901234",
		NULL},
	{"HTTP_X=1", NULL},
};

static void keeps_a_good_request_id_only(void **state)
{
	struct parsing *p = *state;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		parse(p, (const char *const[]){"REQUEST_METHOD=GET",
				 "REQUEST_URI=/a", "REMOTE_ADDR=127.0.0.1",
				 ids[i].param, NULL});
		assert_int_equal(p->err, ERR_OK);
		if (ids[i].id)
			assert_string_equal(p->request.request_id, ids[i].id);
		else
			assert_true(id_is_valid(p->request.request_id));
	}
}

static const struct {
	const char *param;
	enum err err;
	int64_t length;
} lengths[] = {
	{"CONTENT_LENGTH=0", ERR_OK, 0},
	{"CONTENT_LENGTH=12", ERR_OK, 12},
	{"CONTENT_LENGTH=", ERR_OK, -1},
	{"HTTP_CONTENT_LENGTH=12", ERR_OK, -1},
	{"CONTENT_LENGTH=-1", ERR_BAD_REQUEST, -1},
	{"CONTENT_LENGTH=1 2", ERR_BAD_REQUEST, -1},
	{"CONTENT_LENGTH=0x10", ERR_BAD_REQUEST, -1},
	{"CONTENT_LENGTH=99999999999999999999", ERR_BAD_REQUEST, -1},
};

static void reads_the_announced_length(void **state)
{
	struct parsing *p = *state;

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		parse(p, (const char *const[]){"REQUEST_METHOD=POST",
				 "REQUEST_URI=/a", "REMOTE_ADDR=127.0.0.1",
				 lengths[i].param, NULL});
		assert_int_equal(p->err, lengths[i].err);
		assert_int_equal(p->request.content_length, lengths[i].length);
	}
}

static const struct {
	const char *param, *address; /* NULL: refused */
} addresses[] = {
	{"REMOTE_ADDR=192.0.2.1", "192.0.2.1"},
	{"REMOTE_ADDR=2001:DB8:0::1", "2001:db8::1"},
	{"REMOTE_ADDR=::ffff:192.0.2.1", "192.0.2.1"},
	{"REMOTE_ADDR=", NULL},
	{"REMOTE_ADDR=localhost", NULL},
	{"REMOTE_ADDR=192.0.2.1, 10.0.0.1", NULL},
	{"REMOTE_ADDR=192.0.2.01", NULL},
	{"HTTP_X_FORWARDED_FOR=192.0.2.1", NULL},
};

static void takes_the_address_from_the_web_server_only(void **state)
{
	struct parsing *p = *state;

	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		parse(p, (const char *const[]){"REQUEST_METHOD=GET",
				 "REQUEST_URI=/a", addresses[i].param, NULL});
		assert_int_equal(p->err,
			addresses[i].address ? ERR_OK : ERR_BAD_REQUEST);
		if (addresses[i].address)
			assert_string_equal(
				p->request.address, addresses[i].address);
	}
}

static const struct {
	const char *param;
	enum http_method method;
} methods[] = {
	{"REQUEST_METHOD=GET", HTTP_GET},
	{"REQUEST_METHOD=HEAD", HTTP_HEAD},
	{"REQUEST_METHOD=DELETE", HTTP_DELETE},
	{"REQUEST_METHOD=OPTIONS", HTTP_OPTIONS},
	{"REQUEST_METHOD=get", HTTP_OTHER},
	{"REQUEST_METHOD=TRACE", HTTP_OTHER},
	{"REQUEST_METHOD=OTHER", HTTP_OTHER},
	{"REQUEST_METHOD=", HTTP_OTHER},
};

static void knows_the_methods_exactly(void **state)
{
	struct parsing *p = *state;

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		parse(p, (const char *const[]){methods[i].param,
				 "REQUEST_URI=/a", "REMOTE_ADDR=127.0.0.1",
				 NULL});
		assert_int_equal(p->err, ERR_OK);
		assert_int_equal(p->request.method, methods[i].method);
	}
}

static void refuses_headers_with_control_bytes(void **state)
{
	struct parsing *p = *state;

	parse(p, (const char *const[]){"REQUEST_METHOD=GET", "REQUEST_URI=/a",
			 "REMOTE_ADDR=127.0.0.1",
			 "HTTP_AUTHORIZATION=Bearer a\nb", NULL});
	assert_int_equal(p->err, ERR_BAD_REQUEST);
	parse(p, (const char *const[]){"REQUEST_METHOD=GET", "REQUEST_URI=/a",
			 "REMOTE_ADDR=127.0.0.1", "HTTP_USER_AGENT=a\x01z",
			 NULL});
	assert_int_equal(p->err, ERR_OK);
	assert_null(p->request.user_agent);
}

static void takes_the_header_that_a_rewrite_moved(void **state)
{
	struct parsing *p = *state;

	parse(p, (const char *const[]){"REQUEST_METHOD=GET", "REQUEST_URI=/a",
			 "REMOTE_ADDR=127.0.0.1", "HTTP_AUTHORIZATION=",
			 "REDIRECT_HTTP_AUTHORIZATION=Bearer x", NULL});
	assert_int_equal(p->err, ERR_OK);
	assert_string_equal(p->request.authorization, "Bearer x");
}

static void escapes_the_target_for_the_log(void **state)
{
	struct parsing *p = *state;

	parse_uri(p, "/a\n\x1b[1m?token=hush");
	assert_int_equal(p->err, ERR_BAD_REQUEST);
	assert_string_equal(p->request.target, "/a%0A%1B[1m");
}

static void compares_media_types(void **state)
{
	static const struct {
		const char *sent;
		bool same;
	} types[] = {
		{"application/json", true},
		{"Application/JSON; charset=utf-8", true},
		{"application/json ;charset=utf-8", true},
		{"application/jsonp", false},
		{"application/json+x", false},
		{"text/json", false},
		{NULL, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const struct request request = {.content_type = types[i].sent};

		assert_int_equal(request_type_is(&request, "application/json"),
			types[i].same);
	}
}

static void decodes_forms(void **state)
{
	struct parsing *p = *state;
	struct report *report = report_open(p->arena);
	struct request request = {.arena = p->arena,
		.body = "username=ann+b&password=p%2B%26%C3%A4",
		.body_len = 37};
	struct param params[2];
	size_t count = 0;

	assert_int_equal(
		request_form(&request, report, params, 2, &count), ERR_OK);
	assert_int_equal(count, 2);
	assert_string_equal(params[0].value, "ann b");
	assert_string_equal(params[1].value, "p+&\xc3\xa4");
	assert_int_equal(params[1].from, FROM_BODY);
	assert_int_equal(request_form(&request, report, params, 1, &count),
		ERR_BAD_REQUEST);
}

/* ---- cookies and traces -------------------------------------------------- */

static void send_header(struct parsing *p, const char *param)
{
	parse(p, (const char *const[]){"REQUEST_METHOD=GET", "REQUEST_URI=/a",
			 "REMOTE_ADDR=192.0.2.1", param, NULL});
}

static const struct {
	const char *cookie;
	enum err err;
	const char *access, *refresh; /* NULL: not there */
} cookies[] = {
	{"__Host-kontor=abc.d-_", ERR_OK, "abc.d-_", NULL},
	{"__Host-kontor=a; __Host-kontor-refresh=b", ERR_OK, "a", "b"},
	{"x=1; __Host-kontor-refresh=b; y=\"q q\"", ERR_OK, NULL, "b"},
	{"__Host-kontor=a=b", ERR_OK, "a=b", NULL},
	{"x=1;__Host-kontor=a", ERR_OK, "a", NULL},
	/* others' are none of our business, whatever they look like */
	{"broken; =; ;;x==\\; \"", ERR_OK, NULL, NULL},
	{"x=__Host-kontor=a", ERR_OK, NULL, NULL},
	{"=__Host-kontor=a", ERR_OK, NULL, NULL},
	{"__host-kontor=a", ERR_OK, NULL, NULL},
	{"__Host-kontor2=a", ERR_OK, NULL, NULL},
	{"__Host-kontor=a; __Host-kontor=a", ERR_BAD_REQUEST, NULL, NULL},
	{"__Host-kontor=a; x=1; __Host-kontor=b", ERR_BAD_REQUEST, NULL, NULL},
	{"__Host-kontor=", ERR_BAD_REQUEST, NULL, NULL},
	{"__Host-kontor", ERR_BAD_REQUEST, NULL, NULL},
	{"__Host-kontor=\"a\"", ERR_BAD_REQUEST, NULL, NULL},
	{"__Host-kontor=a b", ERR_BAD_REQUEST, NULL, NULL},
	{"__Host-kontor=a,b", ERR_BAD_REQUEST, NULL, NULL},
	{"__Host-kontor=a, __Host-kontor=b", ERR_BAD_REQUEST, NULL, NULL},
	{"__Host-kontor=a\\b", ERR_BAD_REQUEST, NULL, NULL},
	{"__Host-kontor=\xc3\xa4", ERR_BAD_REQUEST, NULL, NULL},
};

static void takes_our_cookies_strictly(void **state)
{
	struct parsing *p = *state;

	for (size_t i = 0; i < sizeof(cookies) / sizeof(cookies[0]); i++) {
		const char *access, *refresh;

		send_header(p, arena_format(p->arena, "HTTP_COOKIE=%s",
				       cookies[i].cookie));
		if (p->err != cookies[i].err)
			fail_msg("%s", cookies[i].cookie);
		if (p->err != ERR_OK)
			continue;
		access = p->request.cookie_access;
		refresh = p->request.cookie_refresh;
		assert_string_equal(access ? access : "-",
			cookies[i].access ? cookies[i].access : "-");
		assert_string_equal(refresh ? refresh : "-",
			cookies[i].refresh ? cookies[i].refresh : "-");
	}
}

static void a_cookie_has_a_longest_length(void **state)
{
	struct parsing *p = *state;
	char value[4098];

	memset(value, 'a', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	send_header(p, arena_format(p->arena, "HTTP_COOKIE=__Host-kontor=%s",
			       value + 1));
	assert_int_equal(p->err, ERR_OK);
	send_header(p,
		arena_format(p->arena, "HTTP_COOKIE=__Host-kontor=%s", value));
	assert_int_equal(p->err, ERR_BAD_REQUEST);
}

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define ZEROS16 "0000000000000000"
static const struct {
	const char *text;
	bool good;
} traces[] = {
	{"00-" TRACE "-" SPAN "-01", true},
	{"00-" TRACE "-" SPAN "-00", true},
	{"cc-" TRACE "-" SPAN "-01", true},
	{"cc-" TRACE "-" SPAN "-01-more", true},
	{"00-" TRACE "-" SPAN "-01-more", false},
	{"00-" TRACE "-" SPAN "-011", false},
	{"cc-" TRACE "-" SPAN "-011", false},
	{"ff-" TRACE "-" SPAN "-01", false},
	{"00-" ZEROS16 ZEROS16 "-" SPAN "-01", false},
	{"00-" TRACE "-" ZEROS16 "-01", false},
	{"00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01", false},
	{"00-" TRACE "_" SPAN "-01", false},
	{"00-" TRACE "-" SPAN "-0", false},
	{"00-" TRACE "-" SPAN "-0x", false},
	{"0-" TRACE "-" SPAN "-01", false},
	{"00-" SPAN "-" TRACE "-01", false},
	{"rubbish", false},
};

static void a_bad_traceparent_is_ignored(void **state)
{
	struct parsing *p = *state;

	for (size_t i = 0; i < sizeof(traces) / sizeof(traces[0]); i++) {
		send_header(p, arena_format(p->arena, "HTTP_TRACEPARENT=%s",
				       traces[i].text));
		assert_int_equal(p->err, ERR_OK);
		if ((p->request.traceparent != NULL) != traces[i].good)
			fail_msg("%s", traces[i].text);
	}
}

static void takes_the_headers_of_the_guard(void **state)
{
	struct parsing *p = *state;

	parse(p, (const char *const[]){"REQUEST_METHOD=PUT", "REQUEST_URI=/a",
			 "REMOTE_ADDR=192.0.2.1", "HTTP_X_CSRF_TOKEN=t",
			 "HTTP_SEC_FETCH_SITE=same-origin",
			 "HTTP_IF_MATCH=\"v1\"", "HTTP_IF_NONE_MATCH=*",
			 "HTTP_X_FORWARDED_FOR=192.0.2.9",
			 "HTTP_ACCESS_CONTROL_REQUEST_METHOD=PUT", NULL});
	assert_int_equal(p->err, ERR_OK);
	assert_string_equal(p->request.csrf, "t");
	assert_string_equal(p->request.fetch_site, "same-origin");
	assert_string_equal(p->request.if_match, "\"v1\"");
	assert_string_equal(p->request.if_none_match, "*");
	assert_string_equal(p->request.forwarded, "192.0.2.9");
	assert_string_equal(p->request.preflight_method, "PUT");
	/* never the address of the client by itself */
	assert_string_equal(p->request.address, "192.0.2.1");
	send_header(p, "HTTP_X_CSRF_TOKEN=a\nb");
	assert_int_equal(p->err, ERR_BAD_REQUEST);
}

static void any_parameter_that_comes_twice_is_refused(void **state)
{
	struct parsing *p = *state;

	for (int i = 0; i < 2; i++) {
		const char *const twice[] = {"HTTP_COOKIE", "X_UNKNOWN"};
		const char *param = arena_format(p->arena, "%s=a", twice[i]);
		const char *again = arena_format(p->arena, "%s=b", twice[i]);

		parse(p, (const char *const[]){"REQUEST_METHOD=GET",
				 "REQUEST_URI=/a", "REMOTE_ADDR=192.0.2.1",
				 param, "HTTP_HOST=h", again, NULL});
		assert_int_equal(p->err, ERR_BAD_REQUEST);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(takes_a_whole_request),
		TEST(splits_and_decodes_the_path_strictly),
		TEST(decodes_the_query_strictly),
		TEST(keeps_a_pair_with_two_equal_signs_whole),
		TEST(says_why_credentials_in_the_query_are_refused),
		TEST(refuses_too_many_query_parameters),
		TEST(refuses_a_parameter_that_comes_twice),
		TEST(a_name_that_begins_like_another_is_another),
		TEST(keeps_a_good_request_id_only),
		TEST(takes_the_address_from_the_web_server_only),
		TEST(reads_the_announced_length),
		TEST(knows_the_methods_exactly),
		TEST(refuses_headers_with_control_bytes),
		TEST(takes_the_header_that_a_rewrite_moved),
		TEST(escapes_the_target_for_the_log),
		TEST(compares_media_types),
		TEST(decodes_forms),
		TEST(takes_our_cookies_strictly),
		TEST(a_cookie_has_a_longest_length),
		TEST(a_bad_traceparent_is_ignored),
		TEST(takes_the_headers_of_the_guard),
		TEST(any_parameter_that_comes_twice_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
