/*
 * /health, /metrics and who may see what of them, through the gate and the
 * real table of routes: strangers, trusted addresses, proxies, keys.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "address.h"
#include "auth_fixture.h"
#include "clock.h"
#include "config.h"
#include "file.h"
#include "gate.h"
#include "health_checks.h"
#include "metrics.h"
#include "open.h"
#include "rate.h"
#include "routes.h"
#include "vault.h"
#include "vault_keys.h"

enum {
	UPTIME_S = 90,
	MS = 1000
};

struct house {
	struct fixture *auth;
	struct vault *vault;
	struct shared shared;
	struct health_parts parts;
	struct address_nets trusted, proxies;
	struct services services;
	struct log log;
	struct gate gate;
	/* of the next call */
	const char *from, *forwarded, *key;
};

static enum err vault_ready(struct vault *vault)
{
	const char *id;

	return vault_active_key(vault, &id);
}

static void nets(struct house *h, const char *list, struct address_nets *out)
{
	struct arena *arena = h->auth->arena;

	assert_int_equal(
		address_nets_parse(arena, list, report_open(arena), out),
		ERR_OK);
}

static void metrics_of(struct house *h)
{
	const struct metrics_options options = {
		.labels = shared_labels(h->auth->arena)};

	assert_int_equal(
		metrics_open(h->auth->arena, &options, &h->shared.metrics),
		ERR_OK);
}

static int house_open(void **state)
{
	static const struct config config = {.work_interval_s = 60};
	struct house *h = calloc(1, sizeof(*h));
	void *auth = NULL;

	assert_non_null(h);
	assert_int_equal(fixture_open(&auth), 0);
	h->auth = auth;
	assert_int_equal(
		vault_keys_create(h->auth->arena, h->auth->keys), ERR_OK);
	assert_int_equal(
		vault_open(h->auth->arena, h->auth->keys, &h->vault), ERR_OK);
	metrics_of(h);
	h->shared.db = h->auth->db;
	h->shared.store = store_open_memory(h->auth->arena);
	nets(h, "127.0.0.0/8, ::1, 10.1.0.0/16", &h->trusted);
	nets(h, "192.0.2.7", &h->proxies);
	health_parts_init(&h->parts, &config, &h->shared);
	h->services = (struct services){.auth = h->auth->auth,
		.vault = h->vault,
		.vault_ready = vault_ready,
		.metrics = h->shared.metrics,
		.trusted_addresses = &h->trusted,
		.trusted_proxies = &h->proxies,
		.health = &h->parts.checks,
		.body_limit = 1 << 20,
		.public_body_limit = 8192,
		.started_ms = clock_ms() - UPTIME_S * MS,
		.check_replies = true};
	h->log = (struct log){.fd = -1, .least = LOG_ERROR};
	h->gate = (struct gate){&routes, &h->services, &h->log};
	h->from = "127.0.0.1";
	*state = h;
	return 0;
}

static int house_close(void **state)
{
	struct house *h = *state;
	void *auth = h->auth;

	store_close(&h->shared.store);
	metrics_close(&h->shared.metrics);
	vault_close(&h->vault);
	fixture_close(&auth);
	free(h);
	return 0;
}

/* Expects that status; returns the body. */
static const char *get(struct house *h, int status, const char *target)
{
	struct arena *arena = h->auth->request;
	struct report *report = report_open(arena);
	const char *params[8] = {
		"REQUEST_METHOD=GET",
		arena_format(arena, "REQUEST_URI=%s", target),
		arena_format(arena, "REMOTE_ADDR=%s", h->from),
	};
	size_t count = 3;
	struct request request;
	struct reply reply;

	if (h->forwarded)
		params[count++] = arena_format(
			arena, "HTTP_X_FORWARDED_FOR=%s", h->forwarded);
	if (h->key)
		params[count++] =
			arena_format(arena, "HTTP_X_API_KEY=%s", h->key);
	assert_int_equal(
		request_parse(arena, params, report, &request), ERR_OK);
	request.body = "";
	gate_serve(&h->gate, &request, report, ERR_OK, &reply);
	if (reply.status != status)
		fail_msg("%s from %s: %d instead of %d: %s", target, h->from,
			reply.status, status, reply.body.data);
	return reply.body.data;
}

static bool holds(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

static const char only_ok[] = "{\"status\":\"ok\"}";

/* ---- who sees what -------------------------------------------------------- */

static void test_strangers_see_a_status_only(void **state)
{
	static const char *const paths[] = {"/health", "/health/live",
		"/health/ready", "/health/startup", "/health/metrics",
		"/api/v1/health/ready"};
	struct house *h = *state;

	h->from = "192.0.2.1";
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_string_equal(get(h, 200, paths[i]), only_ok);
	assert_true(holds(get(h, 403, "/metrics"), "insufficient_scope"));
	assert_true(holds(get(h, 403, "/api/v1/metrics"), "problem"));
	assert_true(holds(get(h, 200, "/api/metrics/system"), "uptime_s"));
}

static void test_trusted_addresses_see_more(void **state)
{
	static const char *const from[] = {
		"127.0.0.1", "127.9.9.9", "::1", "10.1.2.3", "::ffff:10.1.2.3"};
	struct house *h = *state;

	for (size_t i = 0; i < sizeof(from) / sizeof(from[0]); i++) {
		h->from = from[i];
		assert_true(holds(get(h, 200, "/health/ready"),
			"\"database\":{\"status\":\"ok\"}"));
		assert_true(
			holds(get(h, 200, "/health/live"), "\"uptime_s\":"));
		assert_true(holds(get(h, 200, "/metrics"),
			"# TYPE kontor_http_requests_total counter\n"));
	}
	h->from = "10.2.0.1";
	assert_string_equal(get(h, 200, "/health/ready"), only_ok);
	h->services.trusted_addresses = NULL;
	h->from = "127.0.0.1";
	get(h, 403, "/metrics");
}

/* A proxy on this machine that nobody named makes everybody look local. */
static void test_unknown_proxies_make_nobody_trusted(void **state)
{
	struct house *h = *state;

	h->forwarded = "203.0.113.9";
	assert_string_equal(get(h, 200, "/health/ready"), only_ok);
	get(h, 403, "/metrics");
	/* nor by saying that one is local */
	h->forwarded = "127.0.0.1";
	get(h, 403, "/metrics");
	/* a proxy that was named is believed, for better or worse */
	h->from = "192.0.2.7";
	get(h, 200, "/metrics");
	h->forwarded = "127.0.0.1, 203.0.113.9";
	get(h, 403, "/metrics");
}

static const char *key_of(struct house *h, const char *name,
	enum auth_role role, const char *scope)
{
	struct identity who;
	const char *scopes[] = {scope};
	const struct api_key_new wanted = {
		.name = "prometheus", .scopes = {scopes, 1}};
	struct api_key_created made;

	fixture_user(h->auth, name, role);
	who = fixture_who(h->auth, fixture_login(h->auth, name).access_token);
	if (api_key_create(h->auth->auth, fixture_call(h->auth), &who, &wanted,
		    &made) != ERR_OK)
		return NULL;
	return made.secret;
}

static void test_keys_of_admins_read_figures(void **state)
{
	struct house *h = *state;

	h->from = "192.0.2.1";
	h->key = key_of(h, "root", AUTH_ROLE_ADMIN, "metrics:read");
	assert_non_null(h->key);
	assert_true(holds(get(h, 200, "/metrics"), "# TYPE kontor_workers"));
	/* the key is for figures, not for what is inside */
	assert_string_equal(get(h, 200, "/health/ready"), only_ok);
	h->key = key_of(h, "other", AUTH_ROLE_ADMIN, "market:read");
	get(h, 403, "/metrics");
	h->key = arena_format(h->auth->request, "kontor_%s", "nonsense");
	get(h, 401, "/metrics");
	/* who may register must not read the installation's figures */
	assert_null(key_of(h, "alice", AUTH_ROLE_USER, "metrics:read"));
}

/* A refusal costs a row in the audit and a line in the log: strangers have
   those by the minute, not by the million. */
static void test_figures_are_not_asked_for_without_limit(void **state)
{
	struct house *h = *state;

	h->services.store = h->shared.store;
	assert_int_equal(
		rates_open(h->auth->arena,
			&(struct rate_settings){
				.rules = {[RATE_RULE_ANONYMOUS] = "3/60"}},
			report_open(h->auth->arena), &h->services.rates),
		ERR_OK);
	h->from = "192.0.2.1";
	for (int i = 0; i < 3; i++)
		get(h, 403, "/metrics");
	get(h, 429, "/metrics");
	h->key = "kontor_guess";
	get(h, 429, "/api/v1/metrics");
	/* probes go on */
	assert_string_equal(get(h, 200, "/health/ready"), only_ok);
}

/* ---- what is not well ----------------------------------------------------- */

static void test_no_vault_key(void **state)
{
	struct house *h = *state;
	const char *path =
		file_join(h->auth->request, h->auth->keys, "vault.pub");
	const char *body;

	assert_int_equal(unlink(path), 0);
	body = get(h, 503, "/health/ready");
	assert_true(holds(body, "\"status\":\"unavailable\""));
	assert_true(holds(body, "\"vault\":{\"status\":\"unavailable\"}"));
	assert_true(holds(body, "\"database\":{\"status\":\"ok\"}"));
	get(h, 503, "/health");
	get(h, 503, "/health/startup");
	get(h, 200, "/health/live");
	h->from = "192.0.2.1";
	body = get(h, 503, "/health/ready");
	assert_true(holds(body, "\"code\":\"unavailable\""));
	assert_false(holds(body, "vault"));
}

static void test_no_database(void **state)
{
	struct house *h = *state;

	assert_int_equal(rename(arena_format(h->auth->request, "%s/kontor.db",
					h->auth->folder),
				 arena_format(h->auth->request, "%s/away",
					 h->auth->folder)),
		0);
	assert_true(holds(get(h, 503, "/health/ready"),
		"\"database\":{\"status\":\"unavailable\""));
	get(h, 503, "/health/startup");
	get(h, 200, "/health/live");
	get(h, 200, "/health/metrics");
	get(h, 200, "/metrics");
}

static void test_store_fails(void **state)
{
	struct house *h = *state;

	store_close(&h->shared.store);
	h->shared.store = store_open_fail(h->auth->arena);
	assert_true(holds(get(h, 503, "/health/ready"),
		"\"store\":{\"status\":\"unavailable\""));
	get(h, 200, "/health/startup");
	get(h, 200, "/metrics");
}

/* Without work all goes on for a while: shown, not refused. */
static void test_work(void **state)
{
	struct house *h = *state;
	const char *body = get(h, 200, "/health/ready");

	assert_true(holds(body, "{\"status\":\"ok\""));
	assert_true(holds(body, "\"work\":{\"status\":\"degraded\""));
	metrics_process(
		h->shared.metrics, METRICS_POOL_WORK, clock_ms() - 100 * MS);
	assert_true(holds(get(h, 200, "/health/ready"),
		"\"work\":{\"status\":\"ok\",\"note\":\"last seen 100 s "
		"ago\"}"));
	metrics_process(
		h->shared.metrics, METRICS_POOL_WORK, clock_ms() - 300 * MS);
	assert_true(holds(get(h, 200, "/health/ready"),
		"\"work\":{\"status\":\"degraded\""));
}

/* ---- figures -------------------------------------------------------------- */

static void test_figures(void **state)
{
	struct house *h = *state;
	const char *body = get(h, 200, "/health/metrics");

	assert_true(holds(body, "\"requests\":0,\"errors\":0"));
	assert_true(holds(body, "\"p50_seconds\":null"));
	get(h, 200, "/health/live");
	get(h, 404, "/health/nothing");
	body = get(h, 200, "/health/metrics");
	assert_true(holds(body, "\"requests\":3,\"errors\":0"));
	assert_false(holds(body, "\"p99_seconds\":null"));
	body = get(h, 200, "/metrics");
	assert_true(holds(body,
		"\nkontor_http_requests_total{route=\"GET /health/metrics\","
		"status=\"200\"} 2\n"));
	assert_true(holds(body,
		"\nkontor_http_requests_total{route=\"none\",status=\"404\"} "
		"1\n"));
	assert_true(holds(
		body, "\nkontor_http_responses_total{class=\"4xx\"} 1\n"));
	h->services.metrics = NULL;
	get(h, 503, "/metrics");
	get(h, 200, "/health/metrics");
}

static void test_system(void **state)
{
	struct house *h = *state;

	assert_true(holds(get(h, 200, "/api/metrics/system"),
		"{\"uptime_s\":90,\"api_workers\":0,\"auth_workers\":0}"));
	metrics_process(
		h->shared.metrics, METRICS_POOL_API, clock_ms() - 1000 * MS);
	assert_true(holds(get(h, 200, "/api/metrics/system"),
		"{\"uptime_s\":1000,\"api_workers\":1,\"auth_workers\":0}"));
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, house_open, house_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_strangers_see_a_status_only),
		TEST(test_trusted_addresses_see_more),
		TEST(test_unknown_proxies_make_nobody_trusted),
		TEST(test_keys_of_admins_read_figures),
		TEST(test_figures_are_not_asked_for_without_limit),
		TEST(test_no_vault_key),
		TEST(test_no_database),
		TEST(test_store_fails),
		TEST(test_work),
		TEST(test_figures),
		TEST(test_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
