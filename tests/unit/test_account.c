/*
 * Accounts: registration, passwords, roles, disabled users, what the
 * operator does, cleaning; and that nothing opens when something is lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth_fixture.h"

enum {
	CHILDREN = 20
};

static enum err refresh(
	struct fixture *f, const char *token, struct token_pair *out)
{
	return account_refresh(f->auth, fixture_call(f), token, out);
}

static struct token_pair refresh_good(struct fixture *f, const char *token)
{
	struct token_pair pair = {0};

	assert_int_equal(refresh(f, token, &pair), ERR_OK);
	return pair;
}

static enum err refresh_only(struct fixture *f, const char *token)
{
	struct token_pair pair;

	return refresh(f, token, &pair);
}

static int with_alice(void **state)
{
	int failed = fixture_open(state);

	fixture_user(*state, "Alice", AUTH_ROLE_USER);
	return failed;
}

static void a_changed_password_ends_the_other_sessions(void **state)
{
	struct fixture *f = *state;
	struct token_pair here = fixture_login(f, "alice");
	struct token_pair there = fixture_login(f, "alice"), pair;
	struct identity who = fixture_who(f, here.access_token);
	const struct password_change wrong = {bad_password,
					     "another quiet lantern"},
				     weak = {good_password, "short"},
				     same = {good_password, good_password},
				     good = {good_password,
					     "another quiet lantern"};

	assert_int_equal(
		account_change_password(f->auth, fixture_call(f), &who, &wrong),
		ERR_BAD_CREDENTIALS);
	assert_int_equal(
		account_change_password(f->auth, fixture_call(f), &who, &weak),
		ERR_BAD_INPUT);
	assert_string_equal(f->call.report->faults[0].pointer, "/new_password");
	assert_int_equal(
		account_change_password(f->auth, fixture_call(f), &who, &same),
		ERR_BAD_INPUT);
	assert_int_equal(fixture_bearer(f, there.access_token), ERR_OK);
	f->call.now += HOUR / 2 - S;
	assert_int_equal(
		account_change_password(f->auth, fixture_call(f), &who, &good),
		ERR_OK);
	assert_int_equal(
		fixture_bearer(f, there.access_token), ERR_TOKEN_REVOKED);
	who = fixture_who(f, here.access_token);
	assert_true(auth_is_fresh(f->auth, &who, f->call.now));
	assert_int_equal(fixture_try_login(f, "alice", good_password, &pair),
		ERR_BAD_CREDENTIALS);
	assert_int_equal(
		fixture_try_login(f, "alice", "another quiet lantern", &pair),
		ERR_OK);
}

static void giving_the_password_again_makes_a_session_fresh(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");
	struct identity who;

	f->call.now += 1200 * S;
	who = fixture_who(f, pair.access_token);
	assert_false(auth_is_fresh(f->auth, &who, f->call.now));
	assert_int_equal(account_reauthenticate(
				 f->auth, fixture_call(f), &who, bad_password),
		ERR_BAD_CREDENTIALS);
	assert_int_equal(account_reauthenticate(
				 f->auth, fixture_call(f), &who, good_password),
		ERR_OK);
	who = fixture_who(f, pair.access_token);
	assert_true(auth_is_fresh(f->auth, &who, f->call.now));
}

static void guessing_from_inside_is_slowed_too(void **state)
{
	struct fixture *f = *state;
	struct identity who =
		fixture_who(f, fixture_login(f, "alice").access_token);

	for (int i = 0; i < 3; i++)
		assert_int_equal(account_reauthenticate(f->auth,
					 fixture_call(f), &who, bad_password),
			ERR_BAD_CREDENTIALS);
	assert_int_equal(account_reauthenticate(
				 f->auth, fixture_call(f), &who, good_password),
		ERR_RATE_LIMITED);
}

static void disabling_and_roles_end_all_sessions(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");
	struct identity who;

	fixture_user(f, "root", AUTH_ROLE_ADMIN);
	assert_int_equal(
		account_set_disabled(f->auth, fixture_call(f), "alice", true),
		ERR_OK);
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_REVOKED);
	assert_int_equal(
		refresh_only(f, pair.refresh_token), ERR_TOKEN_REVOKED);
	assert_int_equal(
		account_set_disabled(f->auth, fixture_call(f), "alice", false),
		ERR_OK);
	/* what was ended stays ended */
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_REVOKED);
	pair = fixture_login(f, "alice");
	assert_int_equal(account_set_role(f->auth, fixture_call(f), "alice",
				 AUTH_ROLE_ADMIN),
		ERR_OK);
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_REVOKED);
	who = fixture_who(f, fixture_login(f, "alice").access_token);
	assert_int_equal(who.role, AUTH_ROLE_ADMIN);
	assert_int_equal(account_set_password(f->auth, fixture_call(f), "alice",
				 "another quiet lantern"),
		ERR_OK);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM sessions"
					   " WHERE ended_at IS NULL"),
		0);
}

static void the_last_admin_stays_one(void **state)
{
	struct fixture *f = *state;

	fixture_user(f, "root", AUTH_ROLE_ADMIN);
	assert_int_equal(account_set_role(f->auth, fixture_call(f), "root",
				 AUTH_ROLE_USER),
		ERR_CONFLICT);
	assert_int_equal(
		account_set_disabled(f->auth, fixture_call(f), "root", true),
		ERR_CONFLICT);
	fixture_user(f, "second", AUTH_ROLE_ADMIN);
	assert_int_equal(
		account_set_disabled(f->auth, fixture_call(f), "root", true),
		ERR_OK);
	assert_int_equal(account_set_role(f->auth, fixture_call(f), "second",
				 AUTH_ROLE_USER),
		ERR_CONFLICT);
	assert_int_equal(account_set_role(f->auth, fixture_call(f), "nobody",
				 AUTH_ROLE_USER),
		ERR_NOT_FOUND);
}

static void the_operator_ends_sessions(void **state)
{
	struct fixture *f = *state;
	struct token_pair alices = fixture_login(f, "alice"), bobs;

	fixture_user(f, "bob", AUTH_ROLE_USER);
	bobs = fixture_login(f, "bob");
	assert_int_equal(
		account_end_sessions(f->auth, fixture_call(f), "ALICE"),
		ERR_OK);
	assert_int_equal(
		fixture_bearer(f, alices.access_token), ERR_TOKEN_REVOKED);
	assert_int_equal(fixture_bearer(f, bobs.access_token), ERR_OK);
	assert_int_equal(
		account_end_sessions(f->auth, fixture_call(f), NULL), ERR_OK);
	assert_int_equal(
		fixture_bearer(f, bobs.access_token), ERR_TOKEN_REVOKED);
}

static void raised_cost_is_paid_at_the_next_login(void **state)
{
	struct fixture *f = *state;
	static const char cheap_sql[] =
		"SELECT count(*) FROM users"
		" WHERE password_hash LIKE '$argon2id$v=19$m=19456,t=2,%'";

	assert_int_equal(fixture_number(f, cheap_sql), 1);
	auth_close(&f->auth);
	f->settings.argon2_ops = 3;
	fixture_auth_open(f);
	fixture_login(f, "alice");
	assert_int_equal(fixture_number(f, cheap_sql), 0);
	fixture_login(f, "alice");
}

static void registration_reports_every_fault(void **state)
{
	struct fixture *f = *state;
	const struct user_new bad = {
		.username = "a b", .password = "short", .email = "nobody"};
	const struct user_new taken = {
		.username = "aLiCe", .password = good_password};
	const struct user_new good = {.username = "Bob.Q-7_x",
		.password = good_password,
		.email = "bob@host.example"};
	struct user_view view;
	struct identity who;
	struct me me;

	assert_int_equal(
		account_register(f->auth, fixture_call(f), &bad, &view),
		ERR_BAD_INPUT);
	assert_int_equal(f->call.report->fault_count, 6);
	assert_int_equal(
		account_register(f->auth, fixture_call(f), &taken, &view),
		ERR_CONFLICT);
	assert_int_equal(
		account_register(f->auth, fixture_call(f), &good, &view),
		ERR_OK);
	assert_string_equal(view.username, "Bob.Q-7_x");
	assert_string_equal(view.role, "user");
	who = fixture_who(f, fixture_login(f, "bob.q-7_X").access_token);
	assert_int_equal(
		account_me(f->auth, fixture_call(f), &who, &me), ERR_OK);
	assert_string_equal(me.email, "bob@host.example");
	assert_string_equal(me.session_id, who.session_id);
	assert_int_equal(me.scopes.count, 18);
}

static void closed_registration_takes_nobody(void **state)
{
	struct fixture *f = *state;
	const struct user_new in = {
		.username = "bob", .password = good_password};
	struct user_view view;

	auth_close(&f->auth);
	f->settings.registration_open = false;
	fixture_auth_open(f);
	assert_int_equal(account_register(f->auth, fixture_call(f), &in, &view),
		ERR_INSUFFICIENT_SCOPE);
}

static void cleaning_drops_only_what_has_ended(void **state)
{
	struct fixture *f = *state;
	struct token_pair old = fixture_login(f, "alice"), pair;
	struct identity who = fixture_who(f, old.access_token);
	int64_t removed;

	refresh_good(f, old.refresh_token);
	assert_int_equal(
		account_logout(f->auth, fixture_call(f), &who), ERR_OK);
	pair = fixture_login(f, "alice");
	assert_int_equal(
		account_clean(f->auth, fixture_call(f), &removed), ERR_OK);
	assert_int_equal(removed, 0);
	f->call.now += 604800 * (int64_t)S;
	assert_int_equal(
		account_clean(f->auth, fixture_call(f), &removed), ERR_OK);
	/* a blacklisted and a rotated token, two sessions, and the two
	   counters' rest of the source */
	assert_true(removed >= 4);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM sessions"), 0);
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_INVALID);
}

static void ended_sessions_go_after_a_day(void **state)
{
	struct fixture *f = *state;
	struct token_pair old = fixture_login(f, "alice"), pair;
	struct identity who = fixture_who(f, old.access_token);
	static const char used_sql[] =
		"SELECT count(*) FROM refresh_tokens_used";
	int64_t removed;

	pair = fixture_login(f, "alice");
	refresh_good(f, old.refresh_token);
	refresh_good(f, pair.refresh_token);
	assert_int_equal(
		account_logout(f->auth, fixture_call(f), &who), ERR_OK);
	f->call.now += 24 * HOUR - 1;
	assert_int_equal(
		account_clean(f->auth, fixture_call(f), &removed), ERR_OK);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM sessions"), 2);
	f->call.now += 1;
	assert_int_equal(
		account_clean(f->auth, fixture_call(f), &removed), ERR_OK);
	assert_int_equal(removed, 2);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM sessions"), 1);
	/* the other session's stay: its reuse is still seen */
	assert_int_equal(fixture_number(f, used_sql), 1);
	assert_int_equal(refresh_only(f, old.refresh_token), ERR_TOKEN_INVALID);
}

static void a_password_of_the_future_is_not_fresh(void **state)
{
	struct fixture *f = *state;
	struct identity who =
		fixture_who(f, fixture_login(f, "alice").access_token);

	assert_true(auth_is_fresh(f->auth, &who, f->call.now));
	/* a request that began a moment before */
	assert_true(auth_is_fresh(f->auth, &who, f->call.now - 10 * S));
	assert_false(auth_is_fresh(f->auth, &who, f->call.now - 10 * S - 1));
	assert_false(auth_is_fresh(f->auth, &who, f->call.now - HOUR));
}

static void without_a_clock_nobody_comes_in(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");

	f->call.now = -1;
	assert_int_equal(fixture_bearer(f, pair.access_token), ERR_UNAVAILABLE);
	assert_int_equal(refresh_only(f, pair.refresh_token), ERR_UNAVAILABLE);
	assert_int_equal(fixture_try_login(f, "alice", good_password, &pair),
		ERR_UNAVAILABLE);
	assert_int_equal(auth_ready(f->auth, -1), ERR_UNAVAILABLE);
}

static void without_the_table_nobody_comes_in(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");

	db_close(&f->db);
	auth_close(&f->auth);
	fixture_db_open(f, true);
	assert_int_equal(
		db_script(f->db, "DROP TABLE token_blacklist"), ERR_OK);
	db_close(&f->db);
	fixture_db_open(f, false);
	fixture_auth_open(f);
	assert_int_equal(fixture_bearer(f, pair.access_token), ERR_UNAVAILABLE);
}

static void lost_keys_fail_closed(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");

	assert_int_equal(auth_ready(f->auth, f->call.now), ERR_OK);
	assert_int_equal(
		unlink(arena_format(f->arena, "%s/hash.keys", f->keys)), 0);
	assert_int_equal(auth_ready(f->auth, f->call.now), ERR_UNAVAILABLE);
	assert_int_equal(refresh_only(f, pair.refresh_token), ERR_UNAVAILABLE);
	assert_int_equal(fixture_try_login(f, "alice", good_password, &pair),
		ERR_UNAVAILABLE);
	assert_int_equal(auth_ready(f->auth, f->call.now), ERR_UNAVAILABLE);
}

static void opening_says_what_is_wrong(void **state)
{
	struct fixture *f = *state;
	struct auth_settings cheap = f->settings;
	struct auth *auth = NULL;

	cheap.argon2_kib = 19455;
	cheap.access_ttl_s = 0;
	assert_int_equal(auth_open(f->arena, f->db, &cheap,
				 fixture_call(f)->report, &auth),
		ERR_BAD_INPUT);
	assert_int_equal(f->call.report->fault_count, 2);
	assert_int_equal(
		chmod(arena_format(f->arena, "%s/token.keys", f->keys), 0644),
		0);
	assert_int_equal(auth_open(f->arena, f->db, &f->settings,
				 fixture_call(f)->report, &auth),
		ERR_UNAVAILABLE);
	assert_non_null(strstr(f->call.report->detail, "token.keys"));
	assert_null(strstr(f->call.report->detail, f->folder));
	assert_null(auth);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, with_alice, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_changed_password_ends_the_other_sessions),
		TEST(giving_the_password_again_makes_a_session_fresh),
		TEST(guessing_from_inside_is_slowed_too),
		TEST(disabling_and_roles_end_all_sessions),
		TEST(the_last_admin_stays_one),
		TEST(the_operator_ends_sessions),
		TEST(raised_cost_is_paid_at_the_next_login),
		TEST(registration_reports_every_fault),
		TEST(closed_registration_takes_nobody),
		TEST(cleaning_drops_only_what_has_ended),
		TEST(ended_sessions_go_after_a_day),
		TEST(a_password_of_the_future_is_not_fresh),
		TEST(without_a_clock_nobody_comes_in),
		TEST(without_the_table_nobody_comes_in),
		TEST(lost_keys_fail_closed),
		TEST(opening_says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
