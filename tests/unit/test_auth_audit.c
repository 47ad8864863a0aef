/*
 * What auth writes to the audit: a row for each event, in the transaction of
 * its act, and none that could be made to fill the disk. Figures too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "audit.h"
#include "auth_fixture.h"
#include "metrics.h"

static int with_audit(void **state)
{
	int failed = fixture_open(state);
	struct fixture *f = *state;
	struct audit_options options = {.db = f->db, .key_folder = f->keys};

	assert_int_equal(
		audit_keys_create(f->arena, f->keys, fixture_start), ERR_OK);
	assert_int_equal(audit_open(f->arena, &options, fixture_call(f)->report,
				 &f->settings.audit),
		ERR_OK);
	auth_close(&f->auth);
	f->call.request_id = "r-1";
	fixture_auth_open(f);
	return failed;
}

static int close_all(void **state)
{
	struct fixture *f = *state;

	audit_close(&f->settings.audit);
	return fixture_close(state);
}

/* How many rows of that event there are, and that the newest says so. */
static int64_t noted(struct fixture *f, const char *event)
{
	return fixture_number(
		f, arena_format(f->arena,
			   "SELECT count(*) FROM audit_log WHERE event = '%s'",
			   event));
}

static const char *newest(struct fixture *f, const char *column)
{
	const char *sql = arena_format(f->arena,
		"SELECT %s FROM audit_log ORDER BY seq DESC LIMIT 1", column);
	struct rows *rows;
	const char *text;
	bool more;

	assert_int_equal(
		db_query(f->db, f->request, sql, NO_BINDS, &rows), ERR_OK);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	assert_true(more);
	text = rows_text(rows, 0);
	rows_end(rows);
	return text;
}

static void expect(struct fixture *f, const char *event, const char *result)
{
	assert_string_equal(newest(f, "event"), event);
	assert_string_equal(newest(f, "result"), result);
	assert_string_equal(newest(f, "request_id"), "r-1");
}

static void signing_in_and_out_is_noted(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair;
	struct identity who;

	fixture_user(f, "alice", AUTH_ROLE_USER);
	expect(f, "auth.user.created", "ok");
	assert_string_equal(newest(f, "actor"), "operator");
	pair = fixture_login(f, "alice");
	expect(f, "auth.login.succeeded", "ok");
	assert_string_equal(newest(f, "address"), "192.0.2.1");
	who = fixture_who(f, pair.access_token);
	assert_string_equal(newest(f, "actor"), who.user_id);
	assert_string_equal(newest(f, "object"), who.session_id);
	assert_int_equal(fixture_try_login(f, "alice", bad_password, &pair),
		ERR_BAD_CREDENTIALS);
	expect(f, "auth.login.failed", "denied");
	assert_string_equal(newest(f, "object"), who.user_id);
	assert_int_equal(fixture_try_login(f, good_password, "x", &pair),
		ERR_BAD_CREDENTIALS);
	/* a name that was typed may be a password */
	assert_null(newest(f, "object"));
	assert_int_equal(account_reauthenticate(
				 f->auth, fixture_call(f), &who, bad_password),
		ERR_BAD_CREDENTIALS);
	expect(f, "auth.password.wrong", "denied");
	assert_int_equal(account_reauthenticate(
				 f->auth, fixture_call(f), &who, good_password),
		ERR_OK);
	expect(f, "auth.reauthenticated", "ok");
	assert_int_equal(
		account_logout(f->auth, fixture_call(f), &who), ERR_OK);
	expect(f, "auth.logout", "ok");
}

static void keys_and_passwords_are_noted(void **state)
{
	struct fixture *f = *state;
	const struct password_change change = {
		.current_password = good_password,
		.new_password = "another harbour at night"};
	const struct api_key_new key = {.name = "k",
		.scopes = {
			.items = (const char *[]){"market:read"}, .count = 1}};
	struct api_key_created created;
	struct token_pair pair;
	struct identity who;

	fixture_user(f, "alice", AUTH_ROLE_USER);
	pair = fixture_login(f, "alice");
	who = fixture_who(f, pair.access_token);
	assert_int_equal(
		api_key_create(f->auth, fixture_call(f), &who, &key, &created),
		ERR_OK);
	expect(f, "auth.api_key.created", "ok");
	assert_string_equal(newest(f, "object"), created.view.id);
	assert_int_equal(
		api_key_remove(f->auth, fixture_call(f), &who, created.view.id),
		ERR_OK);
	expect(f, "auth.api_key.removed", "ok");
	assert_int_equal(account_change_password(
				 f->auth, fixture_call(f), &who, &change),
		ERR_OK);
	expect(f, "auth.password.changed", "ok");
	assert_int_equal(
		account_logout_all(f->auth, fixture_call(f), &who), ERR_OK);
	expect(f, "auth.logout_all", "ok");
}

static void a_copied_refresh_token_is_noted(void **state)
{
	struct fixture *f = *state;
	struct token_pair first, next;

	fixture_user(f, "alice", AUTH_ROLE_USER);
	first = fixture_login(f, "alice");
	assert_int_equal(account_refresh(f->auth, fixture_call(f),
				 first.refresh_token, &next),
		ERR_OK);
	f->call.now += MIN;
	assert_int_equal(account_refresh(f->auth, fixture_call(f),
				 first.refresh_token, &next),
		ERR_TOKEN_REVOKED);
	expect(f, "auth.refresh.reuse", "denied");
}

static void the_operators_acts_are_noted(void **state)
{
	struct fixture *f = *state;
	static const char other[] = "another harbour at night";

	fixture_user(f, "alice", AUTH_ROLE_USER);
	assert_int_equal(
		account_set_disabled(f->auth, fixture_call(f), "alice", true),
		ERR_OK);
	expect(f, "auth.user.disabled", "ok");
	assert_string_equal(newest(f, "actor"), "operator");
	assert_int_equal(
		account_set_disabled(f->auth, fixture_call(f), "alice", false),
		ERR_OK);
	expect(f, "auth.user.enabled", "ok");
	assert_int_equal(account_set_role(f->auth, fixture_call(f), "alice",
				 AUTH_ROLE_ADMIN),
		ERR_OK);
	expect(f, "auth.user.role", "ok");
	assert_string_equal(newest(f, "detail"), "admin");
	assert_int_equal(
		account_set_password(f->auth, fixture_call(f), "alice", other),
		ERR_OK);
	expect(f, "auth.password.set", "ok");
	assert_int_equal(
		account_end_sessions(f->auth, fixture_call(f), NULL), ERR_OK);
	expect(f, "auth.sessions.ended", "ok");
	assert_int_equal(
		account_revoke_keys(f->auth, fixture_call(f), "alice"), ERR_OK);
	expect(f, "auth.api_keys.removed", "ok");
	/* refused: nothing was done, nothing is noted */
	assert_int_equal(account_set_role(f->auth, fixture_call(f), "alice",
				 AUTH_ROLE_USER),
		ERR_CONFLICT);
	assert_int_equal(noted(f, "auth.user.role"), 1);
}

static void setting_up_is_noted(void **state)
{
	struct fixture *f = *state;
	struct setup in = {.username = "root", .password = good_password};
	struct user_view view;

	assert_int_equal(
		setup_token_create(f->auth, fixture_call(f), &in.token),
		ERR_OK);
	expect(f, "auth.setup.link", "ok");
	assert_int_equal(account_setup(f->auth, fixture_call(f),
				 &(const struct setup){.token = "wrong",
					 .username = "root",
					 .password = good_password},
				 &view),
		ERR_TOKEN_INVALID);
	expect(f, "auth.setup.refused", "denied");
	assert_int_equal(
		account_setup(f->auth, fixture_call(f), &in, &view), ERR_OK);
	expect(f, "auth.setup.done", "ok");
}

/* Whoever holds a dead token must not be able to keep the disk busy. */
static void a_dead_token_is_noted_once_a_minute(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair;
	struct identity who;

	fixture_user(f, "alice", AUTH_ROLE_USER);
	pair = fixture_login(f, "alice");
	who = fixture_who(f, pair.access_token);
	assert_int_equal(
		account_logout(f->auth, fixture_call(f), &who), ERR_OK);
	for (int i = 0; i < 50; i++)
		assert_int_equal(fixture_bearer(f, pair.access_token),
			ERR_TOKEN_REVOKED);
	expect(f, "auth.token.revoked", "denied");
	assert_int_equal(noted(f, "auth.token.revoked"), 1);
	f->call.now += MIN;
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_REVOKED);
	assert_int_equal(noted(f, "auth.token.revoked"), 2);
}

/* The limited ones are counted, not written down. */
static void who_is_limited_makes_no_rows(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair;
	int64_t before;

	fixture_user(f, "alice", AUTH_ROLE_USER);
	for (int i = 0; i < f->settings.login_free_failures; i++)
		assert_int_equal(
			fixture_try_login(f, "alice", bad_password, &pair),
			ERR_BAD_CREDENTIALS);
	before = fixture_number(f, "SELECT count(*) FROM audit_log");
	for (int i = 0; i < 20; i++)
		assert_int_equal(
			fixture_try_login(f, "alice", good_password, &pair),
			ERR_RATE_LIMITED);
	assert_int_equal(
		fixture_number(f, "SELECT count(*) FROM audit_log"), before);
}

/* No record, no act. */
static void an_act_that_cannot_be_noted_is_not_done(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair, other;
	struct identity who;

	fixture_user(f, "alice", AUTH_ROLE_USER);
	pair = fixture_login(f, "alice");
	who = fixture_who(f, pair.access_token);
	auth_close(&f->auth);
	db_close(&f->db);
	fixture_db_open(f, true);
	assert_int_equal(db_script(f->db, "DROP TABLE audit_log"), ERR_OK);
	db_close(&f->db);
	fixture_db_open(f, false);
	audit_close(&f->settings.audit);
	assert_int_equal(audit_open(f->arena,
				 &(const struct audit_options){
					 .db = f->db, .key_folder = f->keys},
				 fixture_call(f)->report, &f->settings.audit),
		ERR_OK);
	fixture_auth_open(f);
	assert_int_not_equal(
		account_logout(f->auth, fixture_call(f), &who), ERR_OK);
	assert_int_equal(fixture_bearer(f, pair.access_token), ERR_OK);
	assert_int_not_equal(
		fixture_try_login(f, "alice", good_password, &other), ERR_OK);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM sessions"), 1);
	assert_int_not_equal(
		account_set_disabled(f->auth, fixture_call(f), "alice", true),
		ERR_OK);
	assert_int_equal(fixture_bearer(f, pair.access_token), ERR_OK);
}

static int64_t count(const struct fixture *f, enum metric metric, size_t result)
{
	return metrics_get(f->settings.metrics, metric, result, 0);
}

static void attempts_and_checks_are_counted(void **state)
{
	static const char *const none[] = {NULL};
	struct fixture *f = *state;
	struct token_pair pair, other;
	struct identity who;

	assert_int_equal(metrics_open(f->arena,
				 &(const struct metrics_options){
					 .path = arena_format(f->arena,
						 "%s/metrics", f->folder),
					 .labels = {none, none, none, none}},
				 &f->settings.metrics),
		ERR_OK);
	auth_close(&f->auth);
	fixture_auth_open(f);
	fixture_user(f, "alice", AUTH_ROLE_USER);
	pair = fixture_login(f, "alice");
	for (int i = 0; i < f->settings.login_free_failures; i++)
		assert_int_equal(
			fixture_try_login(f, "alice", bad_password, &other),
			ERR_BAD_CREDENTIALS);
	assert_int_equal(fixture_try_login(f, "alice", good_password, &other),
		ERR_RATE_LIMITED);
	assert_int_equal(count(f, METRIC_AUTH_ATTEMPTS, 0), 1);
	assert_int_equal(count(f, METRIC_AUTH_ATTEMPTS, 1),
		f->settings.login_free_failures);
	assert_int_equal(count(f, METRIC_AUTH_ATTEMPTS, 2), 1);
	who = fixture_who(f, pair.access_token);
	assert_int_equal(fixture_bearer(f, "x.y.z"), ERR_TOKEN_INVALID);
	assert_int_equal(
		account_logout(f->auth, fixture_call(f), &who), ERR_OK);
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_REVOKED);
	f->call.now += HOUR;
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_INVALID);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(count(f, METRIC_TOKEN_CHECKS, i), 1);
	metrics_close(&f->settings.metrics);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, with_audit, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(signing_in_and_out_is_noted),
		TEST(keys_and_passwords_are_noted),
		TEST(a_copied_refresh_token_is_noted),
		TEST(the_operators_acts_are_noted),
		TEST(setting_up_is_noted),
		TEST(a_dead_token_is_noted_once_a_minute),
		TEST(who_is_limited_makes_no_rows),
		TEST(an_act_that_cannot_be_noted_is_not_done),
		TEST(attempts_and_checks_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
