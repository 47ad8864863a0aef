/*
 * Pages of other sites and our own visitors: what such a page makes a browser
 * send is refused, uses nothing up, and signs nobody in; what auth limits is
 * counted and noted like the gate's own limits; an admin's act leaves nothing
 * kept of the user it was done to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate_house.h"

#include <fcntl.h>

#include "admin_users.h"
#include "audit.h"
#include "auth_api.h"
#include "metrics.h"
#include "replies.h"
#include "route.h"
#include "streams.h"

#define OWN "HTTP_ORIGIN=https://kontor.example"
#define SAME "HTTP_SEC_FETCH_SITE=same-origin"
#define CROSS "HTTP_SEC_FETCH_SITE=cross-site"
#define NEIGHBOUR "HTTP_SEC_FETCH_SITE=same-site"
#define EVIL "HTTP_ORIGIN=https://evil.example"
#define JSON_BODY "CONTENT_TYPE=application/json"
#define FORM_BODY "CONTENT_TYPE=application/x-www-form-urlencoded"
#define WITH(...)                 \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

/* clang-format off */
static const struct route site_rows[] = {
ROUTE_PUBLIC(POST,   "/auth/login",   TAKES_FORM,     RATE_LOGIN,   CACHE_NEVER, TAG_NOTHING, handle_login,   IN(login),   OUT(token_pair), "Sign in"),
ROUTE_PUBLIC(POST,   "/auth/refresh", DEMAND_NOTHING, RATE_REFRESH, CACHE_NEVER, TAG_NOTHING, handle_refresh, IN(refresh), OUT(token_pair), "Refresh"),
ROUTE_PUBLIC(GET,    "/open",         DEMAND_NOTHING, RATE_ANONYMOUS, CACHE_SHORT, TAG_NOTHING, say_public, NO_INPUT, RAW("text/plain; charset=utf-8"), "Open"),
ROUTE_USER  (GET,    "/things",       "strategies:read",  DEMAND_NOTHING, RATE_GENERAL, CACHE_LISTS, TAG_STRATEGIES, say, IN(list_query), OUT(said), "List"),
ROUTE_USER  (GET,    "/page",         "strategies:read market:read", DEMAND_NOTHING, RATE_GENERAL, CACHE_OVERVIEW, TAG_STRATEGIES | TAG_MARKET, say, NO_INPUT, OUT(said), "Page"),
ROUTE_USER  (POST,   "/things",       "strategies:write", DEMAND_NOTHING, RATE_GENERAL, CACHE_NEVER, TAG_STRATEGIES, say_nothing, NO_INPUT, NO_CONTENT, "Add"),
ROUTE_ADMIN (PATCH,  "/users/{id}",   "admin:write",      DEMAND_NOTHING, RATE_SENSITIVE, CACHE_NEVER, TAG_NOTHING, handle_admin_user_change, IN(admin_user_change), OUT(admin_user), "Change"),
ROUTE_ADMIN (DELETE, "/users/{id}",   "admin:write",      DEMAND_NOTHING, RATE_SENSITIVE, CACHE_NEVER, TAG_NOTHING, handle_admin_user_remove, IN(by_id), NO_CONTENT, "Remove"),
ROUTE_ADMIN (DELETE, "/users/{id}/sessions", "admin:write", DEMAND_NOTHING, RATE_SENSITIVE, CACHE_NEVER, TAG_NOTHING, handle_admin_user_sessions_end, IN(by_id), NO_CONTENT, "End"),
};
/* clang-format on */
static const struct route_table site_table = {
	site_rows, sizeof(site_rows) / sizeof(site_rows[0])};

static int site_open(void **state)
{
	int failed = house_open(state);
	struct house *h = *state;

	h->gate.routes = &site_table;
	h->with = NULL;
	return failed;
}

/* A call with a body; answers the status. */
static int post(struct house *h, const char *target, const char *body,
	const char *const *more)
{
	struct arena *arena = h->auth->request;
	const char *params[16] = {"REQUEST_METHOD=POST",
		arena_format(arena, "REQUEST_URI=/api/v1%s", target),
		arena_format(arena, "REMOTE_ADDR=%s", h->address)};
	size_t count = 3;
	enum err early;
	char line[8192];

	for (; more && *more; more++)
		params[count++] = *more;
	h->report = report_open(arena);
	early = request_parse(arena, params, h->report, &h->request);
	h->request.body = body;
	h->request.body_len = strlen(body);
	gate_serve(&h->gate, &h->request, h->report, early, &h->reply);
	assert_true(read(h->log_pipe[0], line, sizeof(line)) > 0);
	return h->reply.status;
}

static const char *login_body(
	struct house *h, const char *password, bool cookie)
{
	return arena_format(h->auth->request,
		"{\"username\":\"alice\",\"password\":\"%s\"%s}", password,
		cookie ? ",\"cookie\":true" : "");
}

static const char *cookies_of(struct house *h)
{
	const struct reply_cookie *set = h->reply.cookies;

	assert_int_equal(h->reply.cookie_count, 3);
	return arena_format(h->auth->request, "HTTP_COOKIE=%s=%s; %s=%s",
		set[0].name, set[0].value, set[1].name, set[1].value);
}

static void is_refused_as_foreign(struct house *h, int status, size_t which)
{
	if (status != 403)
		fail_msg("%zu: %d", which, status);
	assert_non_null(strstr(h->reply.body.data, "\"csrf_failed\""));
	assert_string_equal(h->report->event, "request.csrf.origin");
	assert_int_equal(h->reply.cookie_count, 0);
}

/* ---- cookies only for our own page --------------------------------------- */

static const char *const *const strangers[] = {
	WITH(JSON_BODY), /* says nothing: no browser, so no use for cookies */
	WITH(JSON_BODY, EVIL),
	WITH(JSON_BODY, "HTTP_ORIGIN=null"),
	WITH(JSON_BODY, EVIL, CROSS),
	WITH(JSON_BODY, CROSS),
	WITH(JSON_BODY, NEIGHBOUR),
	WITH(JSON_BODY, "HTTP_ORIGIN=https://www.kontor.example", NEIGHBOUR),
	WITH(JSON_BODY, "HTTP_SEC_FETCH_SITE=none"),
	WITH(JSON_BODY, "HTTP_SEC_FETCH_SITE=Same-Origin"),
};

static void a_browser_session_begins_on_our_own_page(void **state)
{
	struct house *h = *state;
	const char *body = login_body(h, good_password, true);

	for (size_t i = 0; i < sizeof(strangers) / sizeof(*strangers); i++)
		is_refused_as_foreign(
			h, post(h, "/auth/login", body, strangers[i]), i);
	assert_int_equal(
		post(h, "/auth/login", body, WITH(JSON_BODY, OWN)), 200);
	assert_int_equal(h->reply.cookie_count, 3);
	assert_int_equal(
		post(h, "/auth/login", body, WITH(JSON_BODY, SAME)), 200);
	/* programs take their tokens from the answer */
	body = login_body(h, good_password, false);
	assert_int_equal(post(h, "/auth/login", body, WITH(JSON_BODY)), 200);
	assert_int_equal(h->reply.cookie_count, 0);
}

static void a_browser_session_goes_on_on_our_own_page(void **state)
{
	struct house *h = *state;
	const char *cookies, *csrf;

	assert_int_equal(
		post(h, "/auth/login", login_body(h, good_password, true),
			WITH(JSON_BODY, OWN)),
		200);
	cookies = cookies_of(h);
	csrf = arena_format(h->auth->request, "HTTP_X_CSRF_TOKEN=%s",
		h->reply.cookies[2].value);
	for (size_t i = 0; i < sizeof(strangers) / sizeof(*strangers); i++) {
		const char *more[8] = {cookies, csrf};
		size_t count = 2;

		for (const char *const *at = strangers[i]; *at; at++)
			more[count++] = *at;
		is_refused_as_foreign(
			h, post(h, "/auth/refresh", "{}", more), i);
	}
	assert_int_equal(post(h, "/auth/refresh", "{}",
				 WITH(cookies, csrf, JSON_BODY, OWN)),
		200);
	assert_int_equal(h->reply.cookie_count, 3);
}

static void a_dead_sessions_cookies_are_taken_away(void **state)
{
	struct house *h = *state;
	struct identity who;
	const char *cookies, *csrf, *access;

	assert_int_equal(
		post(h, "/auth/login", login_body(h, good_password, true),
			WITH(JSON_BODY, OWN)),
		200);
	cookies = cookies_of(h);
	access = h->reply.cookies[0].value;
	csrf = arena_format(h->auth->request, "HTTP_X_CSRF_TOKEN=%s",
		h->reply.cookies[2].value);
	who = fixture_who(h->auth, access);
	assert_int_equal(
		account_logout(h->auth->auth, fixture_call(h->auth), &who),
		ERR_OK);
	assert_int_equal(post(h, "/auth/refresh", "{}",
				 WITH(cookies, csrf, JSON_BODY, OWN)),
		401);
	assert_int_equal(h->reply.cookie_count, 3);
	for (size_t i = 0; i < h->reply.cookie_count; i++)
		assert_string_equal(h->reply.cookies[i].value, "");
	/* a refusal for another reason leaves them */
	assert_int_equal(
		post(h, "/auth/refresh", "{}", WITH(cookies, JSON_BODY, OWN)),
		403);
	assert_int_equal(h->reply.cookie_count, 0);
}

/* ---- what foreign pages can make a browser send ---------------------------- */

static void foreign_pages_use_up_nothing_of_their_visitors(void **state)
{
	struct house *h = *state;
	const char *form = "username=alice&password=wrong";

	house_rates(h,
		&(struct rate_settings){.rules = {
						[RATE_RULE_LOGIN] = "2/60",
						[RATE_RULE_BURST] = "0",
						[RATE_RULE_ANONYMOUS] = "4/60",
						[RATE_RULE_HOURLY] = "0",
					}});
	/* guesses in the visitor's name, and addresses of ours as images */
	for (int i = 0; i < 4; i++) {
		assert_int_equal(post(h, "/auth/login", form,
					 WITH(FORM_BODY, EVIL, CROSS)),
			403);
		assert_null(h->services.audit);
	}
	assert_int_equal(
		post(h, "/auth/login", form, WITH(FORM_BODY, EVIL, CROSS)),
		429);
	assert_int_equal(house_send(h, "GET", "/open", WITH(CROSS)), 429);
	assert_int_equal(house_send(h, "GET", "/nothing", WITH(CROSS)), 429);
	assert_int_equal(house_send(h, "GET", "/things", WITH(CROSS)), 429);
	/* all of it is still the visitor's own */
	assert_int_equal(house_send(h, "GET", "/open", NULL), 200);
	assert_string_equal(house_header(h, REPLY_RATE_REMAINING), "3");
	assert_int_equal(
		post(h, "/auth/login", login_body(h, good_password, true),
			WITH(JSON_BODY, OWN, SAME)),
		200);
	assert_string_equal(house_header(h, REPLY_RATE_REMAINING), "1");
}

static void a_neighbours_page_cannot_use_the_cookie(void **state)
{
	struct house *h = *state;
	const char *cookies;

	house_rates(h, &(struct rate_settings){0});
	assert_int_equal(
		post(h, "/auth/login", login_body(h, good_password, true),
			WITH(JSON_BODY, OWN)),
		200);
	cookies = cookies_of(h);
	assert_int_equal(
		house_send(h, "GET", "/things", WITH(cookies, NEIGHBOUR)), 403);
	/* not counted for the user */
	assert_int_equal(house_send(h, "GET", "/things", WITH(cookies)), 200);
	assert_string_equal(house_header(h, REPLY_RATE_REMAINING), "99");
	/* what anybody may read, he may */
	assert_int_equal(
		house_send(h, "GET", "/open", WITH(cookies, NEIGHBOUR)), 200);
}

static void sites_that_are_named_and_programs_are_not_foreign(void **state)
{
	struct house *h = *state;
	const char *body = login_body(h, good_password, false);

	assert_int_equal(cors_parse(h->auth->arena, "https://app.example:443",
				 report_open(h->auth->arena), &h->cors),
		ERR_OK);
	assert_int_equal(post(h, "/auth/login", body,
				 WITH(JSON_BODY, CROSS,
					 "HTTP_ORIGIN=https://app.example")),
		200);
	assert_string_equal(
		house_header(h, REPLY_ALLOW_ORIGIN), "https://app.example");
	assert_int_equal(
		post(h, "/auth/login", body, WITH(JSON_BODY, CROSS, EVIL)),
		403);
	assert_string_equal(house_header(h, REPLY_VARY), "Origin");
	h->with = h->alice;
	/* no page can add this header without asking */
	assert_int_equal(house_send(h, "POST", "/things", WITH(CROSS)), 204);
}

/* ---- on record ------------------------------------------------------------------ */

static void denials_of_nobody_cost_no_row(void **state)
{
	struct house *h = *state;
	struct fixture *f = h->auth;
	static const char rows_sql[] =
		"SELECT count(*) FROM audit_log WHERE event = 'access.denied'";

	house_audit(h);
	assert_int_equal(
		post(h, "/auth/refresh", "{}",
			WITH(JSON_BODY, EVIL,
				"HTTP_COOKIE=__Host-kontor-refresh=x")),
		403);
	assert_int_equal(fixture_number(f, rows_sql), 0);
	h->with = h->alice;
	assert_int_equal(house_send(h, "DELETE", "/users/x", NULL), 403);
	assert_int_equal(fixture_number(f, rows_sql), 1);
	audit_close(&h->services.audit);
}

static void a_refusal_names_the_client_behind_the_proxy(void **state)
{
	struct house *h = *state;
	struct address_nets proxies;
	int ends[2];
	char text[4096] = "";
	struct streams streams;

	assert_int_equal(address_nets_parse(h->auth->arena, "192.0.2.1",
				 report_open(h->auth->arena), &proxies),
		ERR_OK);
	assert_int_equal(pipe(ends), 0);
	streams = (struct streams){.access = {.fd = ends[1]},
		.security = {.fd = ends[1]},
		.limits = {.fd = ends[1]}};
	h->services.trusted_proxies = &proxies;
	h->services.streams = &streams;
	assert_int_equal(house_send(h, "GET", "/open?token=x",
				 WITH("HTTP_X_FORWARDED_FOR=198.51.100.7")),
		400);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "\"address\":\"198.51.100.7\""));
	close(ends[0]);
	close(ends[1]);
}

/* ---- limits that auth counts ------------------------------------------------------ */

static void limits_of_auth_are_noted_and_shown(void **state)
{
	struct house *h = *state;
	struct fixture *f = h->auth;
	int ends[2];
	char text[4096] = "";
	struct streams streams;
	const char *body = login_body(h, "not the password", false);

	house_rates(h,
		&(struct rate_settings){.rules = {
						[RATE_RULE_LOGIN] = "100/3600",
						[RATE_RULE_BURST] = "0",
						[RATE_RULE_ACCOUNT] = "7/3600",
					}});
	for (int64_t i = 0; i < f->settings.login_free_failures; i++)
		assert_int_equal(
			post(h, "/auth/login", body, WITH(JSON_BODY)), 401);
	assert_int_equal(pipe(ends), 0);
	streams = (struct streams){.access = {.fd = ends[1]},
		.security = {.fd = ends[1]},
		.limits = {.fd = ends[1]}};
	h->services.streams = &streams;
	assert_int_equal(post(h, "/auth/login", body, WITH(JSON_BODY)), 429);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	assert_non_null(strstr(text, "\"event\":\"rate.refused\""));
	assert_non_null(strstr(text, "\"rule\":\"login_account\""));
	assert_non_null(strstr(text, "\"event\":\"auth.login.limited\""));
	assert_null(strstr(text, "alice"));
	/* and the answer speaks of the rule that refused */
	assert_string_equal(house_header(h, REPLY_RATE_LIMIT), "7");
	assert_string_equal(house_header(h, REPLY_RATE_REMAINING), "0");
	assert_string_equal(house_header(h, REPLY_RATE_RESET),
		house_header(h, REPLY_RETRY_AFTER));
	assert_string_equal(house_header(h, REPLY_RATELIMIT_POLICY),
		"\"login_account\";q=7;w=3600");
	close(ends[0]);
	close(ends[1]);
}

/* ---- acts of admins ------------------------------------------------------------------ */

static const char *id_of(struct house *h, const char *name)
{
	struct rows *rows;
	bool more;
	const char *id;

	assert_int_equal(db_query(h->auth->db, h->auth->request,
				 "SELECT id FROM users WHERE username = :name",
				 BINDS(bind_text(":name", name)), &rows),
		ERR_OK);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	assert_true(more);
	id = arena_text(h->auth->request, rows_text(rows, 0));
	rows_end(rows);
	return id;
}

/* Robert's list as it is kept, or not, once he is back. */
static const char *after(
	struct house *h, const char *method, const char *target)
{
	const char *admin = h->with;

	h->with = house_login(h, "robert");
	(void)house_send(h, "GET", "/things", NULL);
	assert_int_equal(house_send(h, "GET", "/things", NULL), 200);
	assert_string_equal(house_header(h, REPLY_X_CACHE), "HIT");
	h->with = admin;
	assert_int_equal(house_send(h, method, target, NULL), 204);
	h->with = house_login(h, "robert");
	assert_int_equal(house_send(h, "GET", "/things", NULL), 200);
	h->with = admin;
	return house_header(h, REPLY_X_CACHE);
}

static void an_admins_act_drops_what_is_kept_of_the_user(void **state)
{
	struct house *h = *state;
	const char *sessions, *user;

	fixture_user(h->auth, "chief", AUTH_ROLE_ADMIN);
	h->with = house_login(h, "chief");
	user = arena_format(h->auth->request, "/users/%s", id_of(h, "robert"));
	sessions = arena_format(h->auth->request, "%s/sessions", user);
	assert_string_equal(after(h, "DELETE", sessions), "MISS");
	assert_int_equal(house_send(h, "DELETE", user, NULL), 204);
}

/* ---- keys with few scopes, and what is kept ----------------------------------------- */

static const char *key_with(
	struct house *h, const char *first, const char *second)
{
	struct fixture *f = h->auth;
	const char *scopes[] = {first, second};
	const struct identity who = fixture_who(f, h->alice);
	struct api_key_created made;

	assert_int_equal(api_key_create(f->auth, fixture_call(f), &who,
				 &(struct api_key_new){.name = "k",
					 .scopes = {scopes, second ? 2U : 1U}},
				 &made),
		ERR_OK);
	return arena_format(f->request, "HTTP_X_API_KEY=%s", made.secret);
}

static void a_narrow_key_is_shown_nothing_that_was_kept_for_a_wider_one(
	void **state)
{
	struct house *h = *state;
	const char *narrow = key_with(h, "strategies:read", NULL);
	const char *other = key_with(h, "market:read", NULL);
	const char *wide = key_with(h, "strategies:write", "market:read");

	h->with = h->alice;
	assert_int_equal(house_send(h, "GET", "/page", NULL), 200);
	h->with = NULL;
	assert_int_equal(house_send(h, "GET", "/page", WITH(narrow)), 403);
	assert_string_equal(house_header(h, REPLY_WWW_AUTHENTICATE),
		"Bearer error=\"insufficient_scope\","
		" scope=\"strategies:read market:read\"");
	assert_string_equal(house_header(h, REPLY_X_CACHE), "");
	assert_int_equal(house_send(h, "GET", "/page", WITH(other)), 403);
	assert_int_equal(house_send(h, "GET", "/page", WITH(wide)), 200);
	assert_string_equal(house_header(h, REPLY_X_CACHE), "HIT");
	assert_int_equal(house_send(h, "GET", "/things", WITH(other)), 403);
	assert_int_equal(house_send(h, "GET", "/things", WITH(narrow)), 200);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, site_open, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_browser_session_begins_on_our_own_page),
		TEST(a_browser_session_goes_on_on_our_own_page),
		TEST(a_dead_sessions_cookies_are_taken_away),
		TEST(foreign_pages_use_up_nothing_of_their_visitors),
		TEST(a_neighbours_page_cannot_use_the_cookie),
		TEST(sites_that_are_named_and_programs_are_not_foreign),
		TEST(denials_of_nobody_cost_no_row),
		TEST(a_refusal_names_the_client_behind_the_proxy),
		TEST(limits_of_auth_are_noted_and_shown),
		TEST(an_admins_act_drops_what_is_kept_of_the_user),
		TEST(a_narrow_key_is_shown_nothing_that_was_kept_for_a_wider_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
