/*
 * A gate with everything behind it that the guard needs: accounts, a store
 * of this process, small routes that count their calls. Included by one test
 * program at a time.
 */
#ifndef GATE_HOUSE_H
#define GATE_HOUSE_H

#include "audit.h"
#include "auth_fixture.h"
#include "cache.h"
#include "clock.h"
#include "gate.h"
#include "guard_view.h"
#include "origin.h"
#include "rate.h"
#include "store.h"

struct thing {
	const char *id;
};
static const struct field thing_in_fields[] = {
	FIELD(struct thing, id, .required = true, .from = FROM_PATH),
};
static const struct shape thing_in_shape =
	SHAPE("thing_in", struct thing, thing_in_fields);
struct list_query {
	int64_t limit, other;
};
static const struct field list_query_fields[] = {
	FIELD(struct list_query, limit, .from = FROM_QUERY, .otherwise = 5),
	FIELD(struct list_query, other, .from = FROM_QUERY, .otherwise = 5),
};
static const struct shape list_query_shape =
	SHAPE("list_query", struct list_query, list_query_fields);

struct said {
	const char *user;
	int64_t count; /* of handler calls, ever */
};
static const struct field said_fields[] = {
	FIELD(struct said, user, .doc = "who asked"),
	FIELD(struct said, count, .doc = "calls"),
};
static const struct shape said_shape = SHAPE("said", struct said, said_fields);

static int64_t house_calls;

static inline enum err say(
	struct call *call, struct scope *scope, const void *in, void *out)
{
	struct said *said = out;

	(void)scope;
	(void)in;
	said->user = call->identity.username;
	said->count = ++house_calls;
	return ERR_OK;
}

static inline enum err say_nothing(
	struct call *call, struct scope *scope, const void *in, void *out)
{
	(void)call;
	(void)scope;
	(void)in;
	(void)out;
	house_calls++;
	return ERR_OK;
}

static inline enum err say_missing(
	struct call *call, struct scope *scope, const void *in, void *out)
{
	(void)say_nothing(call, scope, in, out);
	return ERR_NOT_FOUND;
}

static inline enum err say_to_admin(
	struct call *call, struct admin_scope *admin, const void *in, void *out)
{
	(void)admin;
	return say_nothing(call, NULL, in, out);
}

static inline enum err say_public(struct call *call, const void *in, void *out)
{
	(void)call;
	(void)in;
	(void)out;
	return ERR_OK;
}

/* clang-format off */
static const struct route house_rows[] = {
ROUTE_USER  (GET,    "/things",      "strategies:read",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_LISTS,   TAG_STRATEGIES, say,          IN(list_query), OUT(said),  "List"),
ROUTE_USER  (POST,   "/things",      "strategies:write", DEMAND_NOTHING, RATE_GENERAL,   CACHE_NEVER,   TAG_STRATEGIES, say_nothing,  NO_INPUT,       NO_CONTENT, "Add"),
ROUTE_USER  (GET,    "/things/{id}", "strategies:read",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_LISTS,   TAG_STRATEGIES, say,          IN(thing_in),   OUT(said),  "One"),
ROUTE_USER  (GET,    "/missing",     "strategies:read",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_LISTS,   TAG_STRATEGIES, say_missing,  NO_INPUT,       OUT(said),  "None"),
ROUTE_USER  (GET,    "/markets",     "market:read",      DEMAND_NOTHING, RATE_GENERAL,   CACHE_MARKET,  TAG_MARKET,     say,          NO_INPUT,       OUT(said),  "Market"),
ROUTE_USER  (GET,    "/own",         "strategies:read",  DEMAND_NOTHING, RATE_GENERAL,   CACHE_PRIVATE, TAG_NOTHING,    say,          NO_INPUT,       OUT(said),  "Own"),
ROUTE_USER  (POST,   "/trades",      "strategies:write", DEMAND_NOTHING, RATE_TRADE,     CACHE_NEVER,   TAG_NOTHING,    say_nothing,  NO_INPUT,       NO_CONTENT, "Trade"),
ROUTE_ADMIN (POST,   "/acts/{id}",   "admin:write",      DEMAND_NOTHING, RATE_SENSITIVE, CACHE_NEVER,   TAG_NOTHING,    say_to_admin, IN(thing_in),   NO_CONTENT AUDIT("test.act"), "Act"),
ROUTE_PUBLIC(GET,    "/open",                            DEMAND_NOTHING, RATE_ANONYMOUS, CACHE_SHORT,   TAG_NOTHING,    say_public,   NO_INPUT,       RAW("text/plain; charset=utf-8"), "Open"),
ROUTE_PUBLIC(POST,   "/enter",                           DEMAND_NOTHING, RATE_LOGIN,     CACHE_NEVER,   TAG_NOTHING,    say_public,   NO_INPUT,       NO_CONTENT, "Enter"),
ROUTE_PUBLIC(GET,    "/health",                          DEMAND_NOTHING, RATE_NONE,      CACHE_NEVER,   TAG_NOTHING,    say_public,   NO_INPUT,       NO_CONTENT, "Health"),
};
/* clang-format on */
static const struct route_table house_table = {
	house_rows, sizeof(house_rows) / sizeof(house_rows[0])};

struct house {
	struct fixture *auth;
	struct services services;
	struct cache_settings cache;
	struct cors cors;
	struct log log;
	struct gate gate;
	struct reply reply; /* the last */
	struct report *report;
	struct request request;
	const char *alice, *bob; /* access tokens */
	const char *with;	 /* the token that calls use, or NULL */
	const char *address;	 /* of the client */
	int log_pipe[2];
};

static inline const char *house_login(struct house *h, const char *name)
{
	struct fixture *f = h->auth;
	struct token_pair pair;

	assert_int_equal(account_login(f->auth, fixture_call(f),
				 &(struct login){.username = name,
					 .password = good_password},
				 &pair),
		ERR_OK);
	return pair.access_token;
}

static inline void house_person(struct house *h, const char *name)
{
	struct fixture *f = h->auth;
	struct user_view view;

	assert_int_equal(account_register(f->auth, fixture_call(f),
				 &(struct user_new){.username = name,
					 .password = good_password},
				 &view),
		ERR_OK);
}

static inline void house_rates(
	struct house *h, const struct rate_settings *settings)
{
	assert_int_equal(
		rates_open(h->auth->arena, settings,
			report_open(h->auth->arena), &h->services.rates),
		ERR_OK);
}

static inline int house_open(void **state)
{
	struct house *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	assert_int_equal(fixture_open((void **)&h->auth), 0);
	assert_int_equal(pipe(h->log_pipe), 0);
	h->auth->call.now = clock_ms();
	h->log = (struct log){.fd = h->log_pipe[1]};
	h->address = "192.0.2.1";
	h->cache = (struct cache_settings){.stale_ms = 1000,
		.wait_ms = 6,
		.hold_ms = 1000,
		.build = "test"};
	for (size_t i = 0; i < CACHE_KEPT_COUNT; i++)
		h->cache.life_ms[i] = 60000;
	h->services = (struct services){.auth = h->auth->auth,
		.store = store_open_memory(h->auth->arena),
		.cache = &h->cache,
		.cors = &h->cors,
		.origin = "https://kontor.example",
		.body_limit = 1000,
		.public_body_limit = 1000,
		.check_replies = true};
	h->gate = (struct gate){&house_table, &h->services, &h->log};
	house_person(h, "alice");
	house_person(h, "robert");
	h->alice = house_login(h, "alice");
	h->bob = house_login(h, "robert");
	h->with = h->alice;
	house_calls = 0;
	*state = h;
	return 0;
}

static inline int house_close(void **state)
{
	struct house *h = *state;
	void *auth = h->auth;

	store_close(&h->services.store);
	close(h->log_pipe[0]);
	close(h->log_pipe[1]);
	fixture_close(&auth);
	free(h);
	return 0;
}

/* From here on what is audited is kept; the test closes services.audit. */
static inline void house_audit(struct house *h)
{
	struct fixture *f = h->auth;
	const struct audit_options options = {
		.db = f->db, .key_folder = f->keys};

	assert_int_equal(
		audit_keys_create(f->arena, f->keys, fixture_start), ERR_OK);
	assert_int_equal(audit_open(f->arena, &options, report_open(f->arena),
				 &h->services.audit),
		ERR_OK);
}

/* One call with further CGI parameters (NULL-terminated, or NULL); answers
   the status. The log is emptied. */
static inline int house_send(struct house *h, const char *method,
	const char *target, const char *const *more)
{
	struct arena *arena = h->auth->request;
	const char *params[16] = {
		arena_format(arena, "REQUEST_METHOD=%s", method),
		arena_format(arena, "REQUEST_URI=/api/v1%s", target),
		arena_format(arena, "REMOTE_ADDR=%s", h->address)};
	size_t count = 3;
	enum err early;
	char line[8192];

	if (h->with)
		params[count++] = arena_format(
			arena, "HTTP_AUTHORIZATION=Bearer %s", h->with);
	for (; more && *more; more++)
		params[count++] = *more;
	h->report = report_open(arena);
	early = request_parse(arena, params, h->report, &h->request);
	gate_serve(&h->gate, &h->request, h->report, early, &h->reply);
	assert_true(read(h->log_pipe[0], line, sizeof(line)) > 0);
	return h->reply.status;
}

static inline const char *house_header(
	const struct house *h, enum reply_header header)
{
	return h->reply.headers[header] ? h->reply.headers[header] : "";
}

#endif
