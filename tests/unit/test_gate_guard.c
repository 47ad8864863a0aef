/*
 * The gate with people: cookies and forged requests, other sites, acts on
 * record, traces, figures.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate_house.h"

#include <fcntl.h>

#include "audit.h"
#include "json.h"
#include "metrics.h"
#include "streams.h"
#include "trace.h"

#define OWN "HTTP_ORIGIN=https://kontor.example"
#define SAME "HTTP_SEC_FETCH_SITE=same-origin"

/* ---- the browser's cookie -------------------------------------------------- */

struct browser {
	const char *cookie, *csrf; /* CGI parameters */
};

static struct browser browser_of(struct house *h, const char *name)
{
	struct token_pair pair;

	assert_int_equal(account_login(h->auth->auth, fixture_call(h->auth),
				 &(struct login){.username = name,
					 .password = good_password,
					 .cookie = true},
				 &pair),
		ERR_OK);
	h->with = NULL;
	return (struct browser){
		.cookie = arena_format(h->auth->request,
			"HTTP_COOKIE=__Host-kontor=%s", pair.access_token),
		.csrf = arena_format(h->auth->request, "HTTP_X_CSRF_TOKEN=%s",
			pair.csrf_token)};
}

#define WITH(...)                 \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

static void a_cookie_reads_and_with_its_token_writes(void **state)
{
	struct house *h = *state;
	struct browser b = browser_of(h, "alice");

	assert_int_equal(house_send(h, "GET", "/own", WITH(b.cookie)), 200);
	assert_non_null(strstr(h->reply.body.data, "alice"));
	assert_int_equal(
		house_send(h, "POST", "/things", WITH(b.cookie, b.csrf, OWN)),
		204);
	assert_int_equal(
		house_send(h, "POST", "/things", WITH(b.cookie, b.csrf, SAME)),
		204);
}

static void forged_writes_are_refused(void **state)
{
	struct house *h = *state;
	struct browser b = browser_of(h, "alice");
	struct browser other = browser_of(h, "robert");
	const char *const *const forged[] = {
		WITH(b.cookie),
		WITH(b.cookie, OWN),
		WITH(b.cookie, SAME),
		WITH(b.cookie, b.csrf),
		WITH(b.cookie, other.csrf, OWN),
		WITH(b.cookie, "HTTP_X_CSRF_TOKEN=abc", OWN),
		WITH(b.cookie, b.csrf, "HTTP_ORIGIN=https://evil.example"),
		WITH(b.cookie, b.csrf, "HTTP_ORIGIN=null"),
		WITH(b.cookie, b.csrf, "HTTP_ORIGIN=http://kontor.example"),
		WITH(b.cookie, b.csrf,
			"HTTP_ORIGIN=https://kontor.example.evil"),
		WITH(b.cookie, b.csrf, "HTTP_SEC_FETCH_SITE=cross-site"),
		WITH(b.cookie, b.csrf, "HTTP_SEC_FETCH_SITE=same-site"),
		WITH(b.cookie, b.csrf, "HTTP_SEC_FETCH_SITE=none"),
	};

	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		if (house_send(h, "POST", "/things", forged[i]) != 403)
			fail_msg("%zu: %d", i, h->reply.status);
		assert_non_null(
			strstr(h->reply.body.data, "\"code\":\"csrf_failed\""));
	}
	assert_int_equal(house_calls, 0);
}

static void headers_cannot_be_forged_and_need_no_token(void **state)
{
	struct house *h = *state;

	assert_int_equal(house_send(h, "POST", "/things",
				 WITH("HTTP_ORIGIN=https://evil.example")),
		204);
}

static void one_kind_of_credential_and_no_more(void **state)
{
	struct house *h = *state;
	struct browser b = browser_of(h, "alice");

	h->with = h->alice;
	assert_int_equal(house_send(h, "GET", "/own", WITH(b.cookie)), 400);
	assert_int_equal(
		house_send(h, "GET", "/own", WITH("HTTP_X_API_KEY=k")), 400);
	h->with = NULL;
	assert_int_equal(house_send(h, "GET", "/own",
				 WITH("HTTP_X_API_KEY=k", b.cookie)),
		400);
}

/* ---- other sites ---------------------------------------------------------- */

static void cors(struct house *h, const char *list)
{
	assert_int_equal(cors_parse(h->auth->arena, list,
				 report_open(h->auth->arena), &h->cors),
		ERR_OK);
}

static void named_sites_may_read(void **state)
{
	struct house *h = *state;

	cors(h, "https://app.example, https://b.example:8443");
	assert_int_equal(house_send(h, "GET", "/own",
				 WITH("HTTP_ORIGIN=https://app.example")),
		200);
	assert_string_equal(
		house_header(h, REPLY_ALLOW_ORIGIN), "https://app.example");
	assert_string_equal(house_header(h, REPLY_VARY), "Origin");
	assert_non_null(strstr(house_header(h, REPLY_EXPOSE_HEADERS), "ETag"));
	/* failures, too */
	assert_int_equal(house_send(h, "GET", "/nowhere",
				 WITH("HTTP_ORIGIN=https://b.example:8443")),
		404);
	assert_string_equal(
		house_header(h, REPLY_ALLOW_ORIGIN), "https://b.example:8443");
}

static void other_sites_may_not(void **state)
{
	static const char *const others[] = {"HTTP_ORIGIN=https://evil.example",
		"HTTP_ORIGIN=https://app.example.evil",
		"HTTP_ORIGIN=http://app.example",
		"HTTP_ORIGIN=https://app.example:444", "HTTP_ORIGIN=null",
		"HTTP_HOST=app.example"};
	struct house *h = *state;

	cors(h, "https://app.example");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(
			house_send(h, "GET", "/own", WITH(others[i])), 200);
		assert_string_equal(house_header(h, REPLY_ALLOW_ORIGIN), "");
		assert_string_equal(house_header(h, REPLY_VARY), "Origin");
	}
	cors(h, "");
	assert_int_equal(house_send(h, "GET", "/own",
				 WITH("HTTP_ORIGIN=https://app.example")),
		200);
	assert_string_equal(house_header(h, REPLY_ALLOW_ORIGIN), "");
	assert_string_equal(house_header(h, REPLY_VARY), "");
}

static void preflights_are_answered(void **state)
{
	struct house *h = *state;

	cors(h, "https://app.example");
	h->with = NULL;
	assert_int_equal(
		house_send(h, "OPTIONS", "/things",
			WITH("HTTP_ORIGIN=https://app.example",
				"HTTP_ACCESS_CONTROL_REQUEST_METHOD=POST")),
		204);
	assert_string_equal(
		house_header(h, REPLY_ALLOW_ORIGIN), "https://app.example");
	assert_string_equal(house_header(h, REPLY_ALLOW_METHODS),
		"GET, HEAD, POST, OPTIONS");
	assert_non_null(
		strstr(house_header(h, REPLY_ALLOW_HEADERS), "Authorization"));
	assert_string_equal(house_header(h, REPLY_CORS_MAX_AGE), "600");
	assert_int_equal(
		house_send(h, "OPTIONS", "/things",
			WITH("HTTP_ORIGIN=https://evil.example",
				"HTTP_ACCESS_CONTROL_REQUEST_METHOD=POST")),
		204);
	assert_string_equal(house_header(h, REPLY_ALLOW_METHODS), "");
}

static void only_exact_origins_can_be_named(void **state)
{
	static const char *const bad[] = {"*", "https://*.example",
		"app.example", "https://app.example/", "https://",
		"https://app.example/path", "null", "ftp://app.example",
		"https://App.example", "https://user@app.example"};
	struct house *h = *state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct report *report = report_open(h->auth->request);

		if (cors_parse(h->auth->request, bad[i], report, &h->cors) !=
			ERR_BAD_INPUT)
			fail_msg("%s", bad[i]);
		assert_non_null(report->detail);
	}
}

static void our_own_origin_is_written_as_browsers_do(void **state)
{
	struct house *h = *state;
	struct arena *arena = h->auth->request;

	assert_string_equal(origin_of_url(arena, "https://Kontor.example/a"),
		"https://kontor.example");
	assert_string_equal(origin_of_url(arena, "https://kontor.example:443"),
		"https://kontor.example");
	assert_string_equal(origin_of_url(arena, "https://localhost:8443"),
		"https://localhost:8443");
	assert_string_equal(
		origin_of_url(arena, "http://[::1]:80/"), "http://[::1]");
}

/* ---- what stays on record ---------------------------------------------------- */

static int64_t audited(struct house *h, const char *event, const char *result)
{
	struct fixture *f = h->auth;
	struct rows *rows;
	int64_t count;
	bool more;

	assert_int_equal(
		db_query(f->db, f->request,
			"SELECT COUNT(*) FROM audit_log WHERE event = :event"
			" AND result = :result",
			BINDS(bind_text(":event", event),
				bind_text(":result", result)),
			&rows),
		ERR_OK);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	assert_true(more);
	count = rows_int(rows, 0);
	rows_end(rows);
	return count;
}

static const char *admin_token(struct house *h)
{
	fixture_user(h->auth, "chief", AUTH_ROLE_ADMIN);
	return house_login(h, "chief");
}

static void acts_and_denials_are_on_record(void **state)
{
	struct house *h = *state;

	house_audit(h);
	assert_int_equal(house_send(h, "POST", "/acts/7", NULL), 403);
	assert_int_equal(audited(h, "test.act", "denied"), 1);
	h->with = admin_token(h);
	assert_int_equal(house_send(h, "POST", "/acts/7", NULL), 204);
	assert_int_equal(audited(h, "test.act", "ok"), 1);
	/* what is no act is not */
	assert_int_equal(house_send(h, "GET", "/own", NULL), 200);
	assert_int_equal(house_send(h, "POST", "/acts/7?x=1", NULL), 400);
	assert_int_equal(audited(h, "test.act", "failed"), 0);
	audit_close(&h->services.audit);
}

static void an_act_that_is_not_on_record_is_not_confirmed(void **state)
{
	struct house *h = *state;
	const struct db_options options = {
		.url = h->auth->url, .busy_ms = 1000, .migrating = true};
	struct db *breaker;

	house_audit(h);
	h->with = admin_token(h);
	assert_int_equal(db_open(h->auth->arena, &options, &breaker), ERR_OK);
	assert_int_equal(
		db_run(breaker,
			"CREATE TRIGGER no_audit BEFORE INSERT ON audit_log"
			" BEGIN SELECT RAISE(ABORT, 'full'); END",
			NO_BINDS, NULL),
		ERR_OK);
	db_close(&breaker);
	assert_int_equal(house_send(h, "POST", "/acts/7", NULL), 503);
	audit_close(&h->services.audit);
}

static void denials_are_in_the_security_stream(void **state)
{
	struct house *h = *state;
	int ends[2];
	char text[4096] = "";
	struct streams streams;

	assert_int_equal(pipe(ends), 0);
	streams = (struct streams){.access = {.fd = ends[1]},
		.security = {.fd = ends[1]},
		.limits = {.fd = ends[1]}};
	h->services.streams = &streams;
	assert_int_equal(house_send(h, "POST", "/acts/7", NULL), 403);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "\"event\":\"access.denied\""));
	assert_non_null(strstr(text, "\"address\":\"192.0.2.1\""));
	memset(text, 0, sizeof(text));
	assert_int_equal(house_send(h, "GET", "/own?token=x", NULL), 400);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "request.credentials_in_query"));
	house_rates(h,
		&(struct rate_settings){.rules = {
						[RATE_RULE_GENERAL] = "1/600",
					}});
	(void)house_send(h, "GET", "/own", NULL);
	memset(text, 0, sizeof(text));
	assert_int_equal(house_send(h, "GET", "/own", NULL), 429);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "\"event\":\"rate.refused\""));
	assert_non_null(strstr(text, "\"rule\":\"general\""));
	close(ends[0]);
	close(ends[1]);
}

static void requests_are_counted(void **state)
{
	struct house *h = *state;
	struct fixture *f = h->auth;
	const struct metrics_options options = {
		.path = arena_format(f->arena, "%s/metrics", f->folder),
		.labels = {.routes = route_labels(f->arena, &house_table),
			.rules = rate_rule_names,
			.cache_classes = cache_class_names}};
	const size_t lists = CACHE_LISTS - CACHE_OVERVIEW;

	assert_int_equal(
		metrics_open(f->arena, &options, &h->services.metrics), ERR_OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(house_send(h, "GET", "/things", NULL), 200);
	assert_int_equal(house_send(h, "GET", "/nowhere", NULL), 404);
	assert_int_equal(
		metrics_get(h->services.metrics, METRIC_CACHE_HITS, lists, 0),
		2);
	assert_int_equal(
		metrics_get(h->services.metrics, METRIC_CACHE_MISSES, lists, 0),
		1);
	assert_int_equal(metrics_requests(h->services.metrics, 200, 200), 3);
	assert_int_equal(metrics_requests(h->services.metrics, 404, 404), 1);
	metrics_close(&h->services.metrics);
}

/* ---- traces ------------------------------------------------------------------ */

#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"

static const char *text_at(const struct json *json, const char *const *path)
{
	for (; *path && json; path++)
		json = json->kind == JSON_ARRAY ? json->first
						: json_member(json, *path);
	return json && json->kind == JSON_TEXT ? json->text : "";
}

/* Lines of the file, the last one parsed. */
static size_t spans(struct house *h, const char *path, const struct json **last)
{
	struct arena *arena = h->auth->request;
	char *text = arena_alloc(arena, 65536);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t count = 0;
	const char *from = text;

	assert_true(fd >= 0 && read(fd, text, 65535) >= 0);
	close(fd);
	for (char *end = strchr(text, '\n'); end; end = strchr(from, '\n')) {
		count++;
		assert_int_equal(json_parse(arena, from, (size_t)(end - from),
					 report_open(arena), last),
			ERR_OK);
		from = end + 1;
	}
	return count;
}

#define SPAN_PATH(member)                                              \
	(const char *const[])                                          \
	{                                                              \
		"resourceSpans", "[", "scopeSpans", "[", "spans", "[", \
			(member), NULL                                 \
	}

static void requests_are_spans_when_asked_for(void **state)
{
	struct house *h = *state;
	const char *path = arena_format(
		h->auth->arena, "%s/traces.jsonl", h->auth->folder);
	const struct json *span = NULL;

	assert_int_equal(
		tracing_open(h->auth->arena, path, &h->services.tracing),
		ERR_OK);
	assert_int_equal(
		house_send(h, "GET", "/own",
			WITH("HTTP_TRACEPARENT=00-" TRACE "-" SPAN "-01")),
		200);
	assert_int_equal(spans(h, path, &span), 1);
	assert_string_equal(text_at(span, SPAN_PATH("traceId")), TRACE);
	assert_string_equal(text_at(span, SPAN_PATH("parentSpanId")), SPAN);
	assert_int_equal(strlen(text_at(span, SPAN_PATH("spanId"))), 16);
	assert_string_equal(text_at(span, SPAN_PATH("name")), "GET /own");
	assert_int_equal(
		strlen(text_at(span, SPAN_PATH("startTimeUnixNano"))), 19);
	/* of its own when nobody named one */
	assert_int_equal(house_send(h, "GET", "/things/secret", NULL), 200);
	assert_int_equal(spans(h, path, &span), 2);
	assert_int_equal(strlen(text_at(span, SPAN_PATH("traceId"))), 32);
	assert_string_equal(
		text_at(span, SPAN_PATH("name")), "GET /things/{id}");
	/* a caller that does not record is not recorded */
	assert_int_equal(
		house_send(h, "GET", "/own",
			WITH("HTTP_TRACEPARENT=00-" TRACE "-" SPAN "-00")),
		200);
	assert_int_equal(spans(h, path, &span), 2);
	close(h->services.tracing->fd);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, house_open, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_cookie_reads_and_with_its_token_writes),
		TEST(forged_writes_are_refused),
		TEST(headers_cannot_be_forged_and_need_no_token),
		TEST(one_kind_of_credential_and_no_more),
		TEST(named_sites_may_read),
		TEST(other_sites_may_not),
		TEST(preflights_are_answered),
		TEST(only_exact_origins_can_be_named),
		TEST(our_own_origin_is_written_as_browsers_do),
		TEST(acts_and_denials_are_on_record),
		TEST(an_act_that_is_not_on_record_is_not_confirmed),
		TEST(denials_are_in_the_security_stream),
		TEST(requests_are_counted),
		TEST(requests_are_spans_when_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
