/*
 * The API as a client meets it: every resource through the gate and the real
 * table of routes, with each reply compared to its shape.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "audit.h"
#include "auth_fixture.h"
#include "backtests.h"
#include "clock.h"
#include "docs.h"
#include "file.h"
#include "gate.h"
#include "import.h"
#include "limits.h"
#include "routes.h"
#include "vault.h"
#include "vault_keys.h"

struct house {
	struct fixture *auth;
	struct vault *vault;
	struct services services;
	struct log log;
	struct gate gate;
	const char *alice, *bob; /* access tokens */
	const char *with;	 /* the token that calls use */
};

static const struct limits limits = {.strategies_per_user = 10,
	.backtests_per_user = 10,
	.backtest_bars = 10000,
	.backtest_inline_work = 1000000000,
	.backtest_candle_bytes = 1 << 30,
	.backtest_runs_hour = 1000,
	.runs_at_once = 100,
	.searches_per_user = 100,
	.run_seconds = 50,
	.search_points = 10000};
static const struct json_text document = {.text = "{}", .len = 2};

static const char cross[] =
	"{\"version\":1,\"name\":\"Cross\",\"interval\":\"1d\","
	"\"indicators\":{\"f\":{\"fn\":\"sma\",\"period\":2},"
	"\"s\":{\"fn\":\"sma\",\"period\":3}},"
	"\"entry\":{\"long\":{\"crosses_above\":[\"f\",\"s\"]}},"
	"\"exit\":{\"long\":{\"crosses_below\":[\"f\",\"s\"]}},"
	"\"sizing\":{\"mode\":\"all_in\"}}";

/* ---- calling -------------------------------------------------------------- */

struct answer {
	int status;
	const char *location;
	const struct json *json; /* NULL without a body */
};

static struct answer ask(struct house *h, const char *method,
	const char *target, const char *body)
{
	struct arena *arena = h->auth->request;
	struct report *report = report_open(arena);
	const char *params[8] = {
		arena_format(arena, "REQUEST_METHOD=%s", method),
		arena_format(arena, "REQUEST_URI=/api/v1%s", target),
		"REMOTE_ADDR=192.0.2.1",
		"CONTENT_TYPE=application/json",
	};
	struct request request;
	struct reply reply;
	struct answer answer = {0};

	if (h->with)
		params[4] = arena_format(
			arena, "HTTP_AUTHORIZATION=Bearer %s", h->with);
	assert_int_equal(
		request_parse(arena, params, report, &request), ERR_OK);
	request.body = body ? body : "";
	request.body_len = body ? strlen(body) : 0;
	gate_serve(&h->gate, &request, report, ERR_OK, &reply);
	answer.status = reply.status;
	answer.location = reply.headers[REPLY_LOCATION];
	if (reply.body.len > 0)
		assert_int_equal(json_parse(arena, reply.body.data,
					 reply.body.len, report, &answer.json),
			ERR_OK);
	return answer;
}

static struct answer expect(struct house *h, int status, const char *method,
	const char *target, const char *body)
{
	struct answer answer = ask(h, method, target, body);

	if (answer.status != status) {
		const struct json *detail = json_member(answer.json, "detail");

		fail_msg("%s %s: %d instead of %d: %s", method, target,
			answer.status, status, detail ? detail->text : "");
	}
	return answer;
}

static const char *member(const struct answer *answer, const char *name)
{
	const struct json *value = json_member(answer->json, name);

	assert_non_null(value);
	assert_int_equal(value->kind, JSON_TEXT);
	return value->text;
}

static const char *path(struct house *h, const char *format, const char *id)
{
	const char *mark = strchr(format, '*');

	return arena_format(h->auth->request, "%.*s%s%s", (int)(mark - format),
		format, id, mark + 1);
}

/* ---- the house ------------------------------------------------------------ */

static const char *login(struct house *h, const char *name)
{
	const char *body = arena_format(h->auth->request,
		"{\"username\":\"%s\",\"password\":\"%s\"}", name,
		good_password);
	struct answer answer = expect(h, 200, "POST", "/auth/login", body);

	return member(&answer, "access_token");
}

static void put_candles(struct house *h)
{
	const struct import_options options = {
		.symbol = "BTC-USD", .interval = "1d", .source = "test"};
	struct import_report report;
	struct arena *arena = h->auth->request;
	struct buf text;
	FILE *file = tmpfile();

	buf_init(&text, arena, 1 << 16);
	for (int i = 0; i < 60; i++) {
		int price = 100 + (i % 12 < 8 ? i % 12 : 24 - 2 * (i % 12));

		buf_format(&text, "%d,%d,%d.5,%d,%d,1\n",
			1600041600 + i * 86400, price, price, price, price);
	}
	assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
	assert_int_equal(fflush(file), 0);
	rewind(file);
	assert_int_equal(candles_import(auth_operator_scope(h->auth->db, arena,
						report_open(arena), clock_ms()),
				 fileno(file), &options, &report),
		ERR_OK);
	fclose(file);
}

static enum err vault_ready(struct vault *vault)
{
	const char *id;

	return vault_active_key(vault, &id);
}

static int house_open(void **state)
{
	struct house *h = calloc(1, sizeof(*h));
	void *auth = NULL;

	assert_non_null(h);
	assert_int_equal(fixture_open(&auth), 0);
	h->auth = auth;
	h->auth->call.now = clock_ms();
	fixture_user(h->auth, "alice", AUTH_ROLE_ADMIN);
	fixture_user(h->auth, "bob", AUTH_ROLE_USER);
	assert_int_equal(
		vault_keys_create(h->auth->arena, h->auth->keys), ERR_OK);
	assert_int_equal(
		vault_open(h->auth->arena, h->auth->keys, &h->vault), ERR_OK);
	h->services = (struct services){.auth = h->auth->auth,
		.vault = h->vault,
		.vault_ready = vault_ready,
		.limits = &limits,
		.openapi = &document,
		.body_limit = 1 << 20,
		.public_body_limit = 8192,
		.started_ms = clock_ms(),
		.check_replies = true};
	h->log = (struct log){.fd = 2, .least = LOG_ERROR};
	h->gate = (struct gate){&routes, &h->services, &h->log};
	h->alice = login(h, "alice");
	h->bob = login(h, "bob");
	h->with = h->alice;
	*state = h;
	return 0;
}

static int house_close(void **state)
{
	struct house *h = *state;
	void *auth = h->auth;

	vault_close(&h->vault);
	fixture_close(&auth);
	free(h);
	return 0;
}

/* ---- tests ---------------------------------------------------------------- */

static void test_the_table_is_sound(void **state)
{
	struct arena *arena = arena_open((size_t)16 << 20);
	struct report *report = report_open(arena);
	enum err err = route_table_check(&routes, report);

	(void)state;
	for (size_t i = 0; i < report->fault_count; i++)
		print_message("%s %s\n", report->faults[i].pointer,
			report->faults[i].message);
	assert_int_equal(err, ERR_OK);
	arena_close(&arena);
}

static void test_health_and_document(void **state)
{
	struct house *h = *state;

	h->with = NULL;
	expect(h, 200, "GET", "/health", NULL);
	expect(h, 200, "GET", "/health/live", NULL);
	expect(h, 200, "GET", "/health/ready", NULL);
	expect(h, 200, "GET", "/openapi.json", NULL);
}

/* Secrets cannot be sealed without it; alive is another question. */
static void test_not_ready_without_the_vaults_key(void **state)
{
	struct house *h = *state;
	const char *path =
		file_join(h->auth->request, h->auth->keys, "vault.pub");

	h->with = NULL;
	assert_int_equal(truncate(path, 10), 0);
	expect(h, 503, "GET", "/health/ready", NULL);
	assert_int_equal(unlink(path), 0);
	expect(h, 503, "GET", "/health/ready", NULL);
	expect(h, 503, "GET", "/health", NULL);
	expect(h, 200, "GET", "/health/live", NULL);
}

static void test_account_calls(void **state)
{
	struct house *h = *state;
	struct answer me = expect(h, 200, "GET", "/auth/me", NULL);
	struct answer out;

	assert_string_equal(member(&me, "username"), "alice");
	expect(h, 200, "GET", "/auth/sessions", NULL);
	expect(h, 200, "POST", "/auth/reauthenticate",
		"{\"password\":\"quiet lantern harbour\"}");
	expect(h, 404, "DELETE", "/auth/sessions/nobody", NULL);
	expect(h, 200, "POST", "/auth/change-password",
		"{\"current_password\":\"quiet lantern harbour\","
		"\"new_password\":\"another lantern harbour\"}");
	out = expect(h, 200, "POST", "/auth/logout", NULL);
	assert_string_equal(member(&out, "message"), "Logged out successfully");
	expect(h, 401, "GET", "/auth/me", NULL);
	h->with = h->bob;
	expect(h, 200, "POST", "/auth/logout-all", NULL);
	expect(h, 401, "GET", "/auth/me", NULL);
}

static void test_register_and_refresh(void **state)
{
	struct house *h = *state;
	struct answer pair;
	const char *refresh;

	h->with = NULL;
	expect(h, 201, "POST", "/auth/register",
		"{\"username\":\"carol\",\"email\":null,"
		"\"password\":\"quiet lantern harbour\"}");
	expect(h, 400, "POST", "/auth/register",
		"{\"username\":\"dave\",\"password\":\"x\"}");
	pair = expect(h, 200, "POST", "/auth/login",
		"{\"username\":\"carol\","
		"\"password\":\"quiet lantern harbour\"}");
	refresh = arena_format(h->auth->request, "{\"refresh_token\":\"%s\"}",
		member(&pair, "refresh_token"));
	expect(h, 200, "POST", "/auth/refresh", refresh);
}

static void test_keys(void **state)
{
	struct house *h = *state;
	struct answer made = expect(h, 201, "POST", "/keys",
		"{\"name\":\"bot\",\"scopes\":[\"strategies:read\"]}");
	const char *target = path(h, "/keys/*", member(&made, "id"));

	assert_string_equal(made.location,
		arena_format(h->auth->request, "/api/v1%s", target));
	assert_true(text_starts(member(&made, "secret"), "kontor_"));
	expect(h, 200, "GET", "/keys", NULL);
	expect(h, 400, "POST", "/keys",
		"{\"name\":\"bot\",\"scopes\":[\"all\"]}");
	h->with = h->bob;
	expect(h, 404, "DELETE", target, NULL);
	h->with = h->alice;
	expect(h, 204, "DELETE", target, NULL);
}

static bool notifies(const struct answer *settings)
{
	return json_member(settings->json, "notifications")->truth;
}

static void test_settings(void **state)
{
	struct house *h = *state;
	struct answer now = expect(h, 200, "GET", "/settings", NULL);

	assert_true(notifies(&now));
	now = expect(h, 200, "PATCH", "/settings",
		"{\"notifications\":false,\"theme\":\"dark\","
		"\"binance_secret\":\"abcdefghijklmnop\"}");
	assert_false(notifies(&now));
	assert_true(json_is_text(
		json_member(json_member(now.json, "binance_secret"), "hint"),
		"\u2026mnop"));
	now = expect(
		h, 200, "PATCH", "/settings", "{\"notifications\":\"true\"}");
	assert_true(notifies(&now));
	assert_string_equal(member(&now, "theme"), "dark");
	now = expect(h, 200, "PUT", "/settings", "{\"currency\":\"EUR\"}");
	assert_string_equal(member(&now, "theme"), "system");
	assert_string_equal(member(&now, "currency"), "EUR");
	assert_true(json_member(json_member(now.json, "binance_secret"), "set")
			    ->truth);
	expect(h, 400, "PATCH", "/settings", "{\"notifications\":3}");
	expect(h, 400, "PATCH", "/settings", "{\"nothing\":\"x\"}");
}

static void test_secrets_need_a_fresh_password(void **state)
{
	struct house *h = *state;

	h->auth->settings.reauth_window_s = 0;
	auth_close(&h->auth->auth);
	fixture_auth_open(h->auth);
	h->services.auth = h->auth->auth;
	assert_int_equal(
		db_run(h->auth->db,
			"UPDATE sessions SET password_at = password_at - 5000",
			NO_BINDS, NULL),
		ERR_OK);
	expect(h, 403, "PATCH", "/settings", "{\"telegram_token\":\"x\"}");
	expect(h, 403, "PATCH", "/settings", "{\"telegram_token\":null}");
	expect(h, 200, "PATCH", "/settings", "{\"theme\":\"dark\"}");
}

static void test_market(void **state)
{
	struct house *h = *state;
	struct answer answer;

	put_candles(h);
	answer = expect(h, 200, "GET", "/market/symbols", NULL);
	assert_int_equal(json_member(answer.json, "data")->count, 1);
	answer = expect(h, 200, "GET",
		"/market/candles?symbol=BTC-USD&interval=1w&limit=4", NULL);
	assert_int_equal(json_member(answer.json, "data")->count, 4);
	answer = expect(h, 200, "GET",
		"/market/candles?symbol=BTC-USD&interval=1d"
		"&from=2020-09-14&to=2020-09-16T00:00:00Z",
		NULL);
	assert_int_equal(json_member(answer.json, "data")->count, 2);
	expect(h, 404, "GET", "/market/candles?symbol=X&interval=1d", NULL);
	expect(h, 400, "GET", "/market/candles?symbol=X&interval=2d", NULL);
	expect(h, 400, "GET", "/market/candles?symbol=X", NULL);
}

static void test_strategies(void **state)
{
	struct house *h = *state;
	const char *body =
		arena_format(h->auth->request, "{\"definition\":%s}", cross);
	struct answer made = expect(h, 201, "POST", "/strategies", body);
	const char *target = path(h, "/strategies/*", member(&made, "id"));

	assert_string_equal(made.location,
		arena_format(h->auth->request, "/api/v1%s", target));
	expect(h, 200, "GET", "/strategies?limit=1", NULL);
	expect(h, 200, "GET", target, NULL);
	expect(h, 200, "PUT", target, body);
	expect(h, 200, "GET",
		arena_format(h->auth->request, "%s/versions?limit=1", target),
		NULL);
	expect(h, 200, "POST", "/strategies/validate", body);
	expect(h, 400, "POST", "/strategies/validate", "{\"definition\":{}}");
	expect(h, 200, "GET", "/strategies/templates", NULL);
	expect(h, 400, "GET", "/strategies?limit=501", NULL);
	expect(h, 400, "GET", "/strategies?cursor=x", NULL);
	h->with = h->bob;
	expect(h, 404, "GET", target, NULL);
	expect(h, 404, "PUT", target, body);
	expect(h, 404, "DELETE", target, NULL);
	h->with = h->alice;
	expect(h, 204, "DELETE", target, NULL);
	expect(h, 404, "GET", target, NULL);
}

static void test_backtests(void **state)
{
	struct house *h = *state;
	struct arena *arena = h->auth->request;
	const char *body = arena_format(arena,
		"{\"definition\":%s,\"symbol\":\"BTC-USD\","
		"\"strategy_id\":null,\"cash\":\"5000\",\"fee\":\"0.001\"}",
		cross);
	struct answer made;
	const char *target;

	put_candles(h);
	made = expect(h, 201, "POST", "/backtests", body);
	target = path(h, "/backtests/*", member(&made, "id"));
	assert_string_equal(
		made.location, arena_format(arena, "/api/v1%s", target));
	expect(h, 200, "GET", "/backtests", NULL);
	expect(h, 200, "GET", target, NULL);
	expect(h, 200, "GET", arena_format(arena, "%s/trades", target), NULL);
	expect(h, 200, "GET", arena_format(arena, "%s/equity", target), NULL);
	expect(h, 400, "POST", "/backtests", "{\"symbol\":\"BTC-USD\"}");
	h->with = h->bob;
	expect(h, 404, "GET", target, NULL);
	expect(h, 404, "GET", arena_format(arena, "%s/trades", target), NULL);
	expect(h, 404, "GET", arena_format(arena, "%s/equity", target), NULL);
	expect(h, 404, "DELETE", target, NULL);
	h->with = h->alice;
	expect(h, 204, "DELETE", target, NULL);
	expect(h, 404, "GET", target, NULL);
}

static void test_nobody_gets_nothing(void **state)
{
	struct house *h = *state;

	h->with = NULL;
	for (size_t i = 0; i < routes.count; i++) {
		const struct route *row = &routes.rows[i];

		if (row->who == ROUTE_IS_PUBLIC)
			continue;
		expect(h, 401, http_method_name(row->method), row->path, NULL);
	}
}

/* Denials and acts of admins come from the gate itself; this one by hand. */
static void test_admin_audit(void **state)
{
	struct house *h = *state;
	const struct audit_options options = {
		.db = h->auth->db, .key_folder = h->auth->keys};
	struct audit *audit = NULL;
	struct answer list;

	assert_int_equal(
		audit_keys_create(h->auth->arena, h->auth->keys, clock_ms()),
		ERR_OK);
	assert_int_equal(audit_open(h->auth->arena, &options,
				 report_open(h->auth->arena), &audit),
		ERR_OK);
	assert_int_equal(audit_append(audit, h->auth->request,
				 &(struct audit_event){.at = clock_ms(),
					 .event = "test.happened",
					 .result = AUDIT_DENIED,
					 .actor = "operator",
					 .detail = "<b>\"quoted\"</b>"}),
		ERR_OK);
	list = expect(h, 200, "GET", "/admin/audit?event=test.", NULL);
	assert_int_equal(json_member(list.json, "data")->count, 1);
	list.json = json_member(list.json, "data")->first;
	assert_string_equal(member(&list, "event"), "test.happened");
	assert_string_equal(member(&list, "result"), "denied");
	assert_string_equal(member(&list, "detail"), "<b>\"quoted\"</b>");
	assert_int_equal(json_member(list.json, "object")->kind, JSON_NULL);
	expect(h, 200, "GET",
		"/admin/audit?event=test.happened&actor=operator&object=x"
		"&result=ok&from=2020-01-01&to=2030-01-01&limit=500",
		NULL);
	expect(h, 400, "GET", "/admin/audit?limit=501", NULL);
	expect(h, 400, "GET", "/admin/audit?result=maybe", NULL);
	expect(h, 400, "GET", "/admin/audit?cursor=x", NULL);
	h->with = h->bob;
	expect(h, 403, "GET", "/admin/audit", NULL);
	h->with = NULL;
	expect(h, 401, "GET", "/admin/audit", NULL);
	audit_close(&audit);
}

#define HOUSE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, house_open, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_table_is_sound),
		HOUSE_TEST(test_health_and_document),
		HOUSE_TEST(test_not_ready_without_the_vaults_key),
		HOUSE_TEST(test_account_calls),
		HOUSE_TEST(test_register_and_refresh),
		HOUSE_TEST(test_keys),
		HOUSE_TEST(test_settings),
		HOUSE_TEST(test_secrets_need_a_fresh_password),
		HOUSE_TEST(test_market),
		HOUSE_TEST(test_strategies),
		HOUSE_TEST(test_backtests),
		HOUSE_TEST(test_admin_audit),
		HOUSE_TEST(test_nobody_gets_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
