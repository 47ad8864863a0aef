/*
 * What the tests of the auth layer stand on: a folder of their own, a real
 * database with the real schema, keys, an open auth, and a clock that only
 * moves when a test moves it. Included by one test program at a time.
 */
#ifndef AUTH_FIXTURE_H
#define AUTH_FIXTURE_H

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account.h"
#include "auth.h"
#include "db.h"
#include "schema.h"
#include "text.h"

enum {
	FIXTURE_MIB = 1024 * 1024,
	S = 1000,
	MIN = 60 * S,
	HOUR = 60 * MIN
};

static const int64_t fixture_start = 1800000000000; /* ms, 2027-01-15 */
static const char good_password[] = "quiet lantern harbour";
static const char bad_password[] = "loud lantern harbour!";

struct fixture {
	char folder[64];
	const char *url, *keys;
	struct arena *arena;   /* as long as the process */
	struct arena *request; /* a call's */
	int64_t busy_ms;       /* 0: ten seconds */
	struct auth_settings settings;
	struct db *db;
	struct auth *auth;
	struct auth_call call;
};

static inline int fixture_remove_one(
	const char *path, const struct stat *s, int type, struct FTW *walk)
{
	(void)s;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline void fixture_db_open(struct fixture *f, bool migrating)
{
	const struct db_options options = {.url = f->url,
		.busy_ms = f->busy_ms ? f->busy_ms : 10000,
		.migrating = migrating};

	assert_int_equal(db_open(f->arena, &options, &f->db), ERR_OK);
}

/* A new report; the arena stays, as results of calls live in it. */
static inline const struct auth_call *fixture_call(struct fixture *f)
{
	f->call.report = report_open(f->request);
	return &f->call;
}

static inline void fixture_auth_open(struct fixture *f)
{
	assert_int_equal(auth_open(f->arena, f->db, &f->settings,
				 fixture_call(f)->report, &f->auth),
		ERR_OK);
}

static inline void fixture_settings(struct fixture *f)
{
	f->settings = (struct auth_settings){
		.key_folder = f->keys,
		.issuer = "https://kontor.example",
		.audience = "kontor",
		.access_ttl_s = 1800,
		.refresh_ttl_s = 604800,
		.session_idle_s = 86400,
		.refresh_grace_s = 10,
		.reauth_window_s = 900,
		.setup_ttl_s = 900,
		.login_free_failures = 3,
		.login_delay_cap_s = 900,
		.argon2_ops = 2,
		.argon2_kib = 19456,
		.sessions_per_user = 5,
		.api_keys_per_user = 3,
		.registration_open = true,
	};
}

static inline int fixture_open(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	folder_make(f->folder, sizeof(f->folder));
	f->arena = arena_open(64 * FIXTURE_MIB);
	f->request = arena_open(64 * FIXTURE_MIB);
	f->url = arena_format(f->arena, "sqlite:%s/kontor.db", f->folder);
	f->keys = arena_format(f->arena, "%s/keys", f->folder);
	f->call = (struct auth_call){.arena = f->request,
		.now = fixture_start,
		.address = "192.0.2.1",
		.user_agent = "Testbrowser/1.0"};
	fixture_settings(f);
	schema_put(file_join(f->arena, f->folder, "kontor.db"));
	fixture_db_open(f, false);
	assert_int_equal(
		auth_keys_create(f->arena, f->keys, fixture_start), ERR_OK);
	fixture_auth_open(f);
	*state = f;
	return 0;
}

static inline int fixture_close(void **state)
{
	struct fixture *f = *state;

	auth_close(&f->auth);
	db_close(&f->db);
	arena_close(&f->request);
	arena_close(&f->arena);
	nftw(f->folder, fixture_remove_one, 8, FTW_DEPTH | FTW_PHYS);
	free(f);
	return 0;
}

/* Reports into the present call. */
static inline struct admin_scope *fixture_operator(struct fixture *f)
{
	return auth_operator_scope(
		f->db, f->request, f->call.report, f->call.now);
}

static inline void fixture_user(
	struct fixture *f, const char *name, enum auth_role role)
{
	const struct account_new in = {
		.user = {.username = name, .password = good_password},
		.role = role};
	struct user_view view;

	assert_int_equal(account_add(f->auth, fixture_call(f),
				 fixture_operator(f), &in, &view),
		ERR_OK);
}

static inline enum err fixture_try_login(struct fixture *f, const char *name,
	const char *password, struct token_pair *out)
{
	const struct login in = {.username = name, .password = password};

	return account_login(f->auth, fixture_call(f), &in, out);
}

static inline struct token_pair fixture_login(
	struct fixture *f, const char *name)
{
	struct token_pair pair = {0};

	assert_int_equal(
		fixture_try_login(f, name, good_password, &pair), ERR_OK);
	return pair;
}

static inline enum err fixture_try_bearer(
	struct fixture *f, const char *token, struct identity *out)
{
	return auth_identify(f->auth, fixture_call(f),
		&(const struct credential){
			.bearer = token, .bearer_len = strlen(token)},
		out);
}

static inline struct identity fixture_who(struct fixture *f, const char *token)
{
	struct identity who = {0};

	assert_int_equal(fixture_try_bearer(f, token, &who), ERR_OK);
	return who;
}

static inline enum err fixture_bearer(struct fixture *f, const char *token)
{
	struct identity who;

	return fixture_try_bearer(f, token, &who);
}

/*
 * The database again, with a wait that no test outlives, while another
 * connection holds the write lock: whoever waits is ended by the alarm.
 */
static inline struct db *fixture_block(struct fixture *f)
{
	struct db *writer;

	f->busy_ms = 600000;
	auth_close(&f->auth);
	db_close(&f->db);
	fixture_db_open(f, false);
	writer = f->db;
	fixture_db_open(f, false);
	fixture_auth_open(f);
	assert_int_equal(db_begin(writer), ERR_OK);
	alarm(60);
	return writer;
}

static inline void fixture_unblock(struct db *writer)
{
	alarm(0);
	db_rollback(writer);
	db_close(&writer);
}

/* The one integer that a query gives. */
static inline int64_t fixture_number(struct fixture *f, const char *sql)
{
	struct rows *rows;
	bool more;
	int64_t number;

	assert_int_equal(
		db_query(f->db, f->request, sql, NO_BINDS, &rows), ERR_OK);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	assert_true(more);
	number = rows_int(rows, 0);
	rows_end(rows);
	return number;
}

#define FIXTURE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

#endif
