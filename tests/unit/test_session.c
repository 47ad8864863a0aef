/*
 * Sessions from login to their end: rotation of refresh tokens, its grace
 * and its alarm, logout at once, idle and absolute limits, the list.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>

#include "auth_fixture.h"
#include "soon.h"

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

static void login_gives_a_working_pair(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");
	struct identity who = fixture_who(f, pair.access_token);

	assert_string_equal(pair.token_type, "bearer");
	assert_int_equal(pair.expires_in, 1800);
	assert_int_equal(pair.refresh_expires_in, 604800);
	assert_int_equal(strlen(pair.refresh_token), 43);
	assert_string_equal(who.username, "Alice");
	assert_int_equal(who.role, AUTH_ROLE_USER);
	assert_null(who.api_key_id);
	assert_int_equal(who.token_expires, fixture_start + 1800 * S);
	assert_int_equal(who.password_at, fixture_start);
	assert_true(auth_is_fresh(f->auth, &who, fixture_start));
	assert_true(auth_is_fresh(f->auth, &who, fixture_start + 900 * S));
	assert_false(auth_is_fresh(f->auth, &who, fixture_start + 901 * S));
}

static void the_name_is_folded_but_the_password_is_not(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair;

	fixture_login(f, "ALICE");
	assert_int_equal(
		fixture_try_login(f, "alice", "Quiet lantern harbour", &pair),
		ERR_BAD_CREDENTIALS);
}

static void unknown_wrong_and_disabled_fail_alike(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = {.access_token = "untouched"};

	fixture_user(f, "bob", AUTH_ROLE_USER);
	assert_int_equal(
		account_set_disabled(f->auth, fixture_call(f), "bob", true),
		ERR_OK);
	assert_int_equal(fixture_try_login(f, "nobody", good_password, &pair),
		ERR_BAD_CREDENTIALS);
	assert_null(f->call.report->detail);
	assert_string_equal(f->call.report->event, "auth.login.failed");
	assert_int_equal(fixture_try_login(f, "alice", bad_password, &pair),
		ERR_BAD_CREDENTIALS);
	assert_null(f->call.report->detail);
	assert_string_equal(f->call.report->event, "auth.login.failed");
	assert_int_equal(fixture_try_login(f, "bob", good_password, &pair),
		ERR_BAD_CREDENTIALS);
	assert_null(f->call.report->detail);
	assert_string_equal(f->call.report->event, "auth.login.failed");
	assert_string_equal(pair.access_token, "untouched");
}

static void no_token_stands_in_the_database(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");
	char *bytes;
	size_t len;

	pair = refresh_good(f, pair.refresh_token);
	for (int i = 0; i < 2; i++) {
		const char *path = arena_format(
			f->arena, "%s/kontor.db%s", f->folder, i ? "-wal" : "");
		FILE *file = fopen(path, "rb");

		assert_non_null(file);
		bytes = malloc(FIXTURE_MIB);
		assert_non_null(bytes);
		len = fread(bytes, 1, FIXTURE_MIB, file);
		fclose(file);
		assert_null(memmem(bytes, len, pair.refresh_token, 43));
		assert_null(memmem(
			bytes, len, good_password, sizeof(good_password) - 1));
		free(bytes);
	}
}

static void refresh_rotates_and_never_extends(void **state)
{
	struct fixture *f = *state;
	struct token_pair first = fixture_login(f, "alice"), second;

	f->call.now += HOUR;
	second = refresh_good(f, first.refresh_token);
	assert_string_not_equal(first.refresh_token, second.refresh_token);
	assert_string_not_equal(first.access_token, second.access_token);
	assert_int_equal(second.expires_in, 1800);
	assert_int_equal(second.refresh_expires_in, 604800 - 3600);
	assert_int_equal(fixture_bearer(f, second.access_token), ERR_OK);
}

static void the_grace_gives_the_same_pair_again(void **state)
{
	struct fixture *f = *state;
	struct token_pair first = fixture_login(f, "alice"), a, b;

	a = refresh_good(f, first.refresh_token);
	f->call.now += 10 * S;
	b = refresh_good(f, first.refresh_token);
	assert_string_equal(a.refresh_token, b.refresh_token);
	assert_string_equal(a.access_token, b.access_token);
	assert_int_equal(b.expires_in, 1790);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM sessions"), 1);
	/* and that one goes on */
	refresh_good(f, b.refresh_token);
}

static void reuse_after_the_grace_ends_the_session(void **state)
{
	struct fixture *f = *state;
	struct token_pair first = fixture_login(f, "alice");
	struct token_pair second = refresh_good(f, first.refresh_token);
	struct token_pair other = fixture_login(f, "alice");

	f->call.now += 10 * S + 1;
	assert_int_equal(
		refresh_only(f, first.refresh_token), ERR_TOKEN_REVOKED);
	assert_string_equal(f->call.report->event, "auth.refresh.reuse");
	assert_int_equal(
		refresh_only(f, second.refresh_token), ERR_TOKEN_REVOKED);
	assert_string_equal(f->call.report->event, "auth.refresh.refused");
	assert_int_equal(
		fixture_bearer(f, second.access_token), ERR_TOKEN_REVOKED);
	assert_int_equal(
		fixture_bearer(f, first.access_token), ERR_TOKEN_REVOKED);
	/* another session of the same user is not touched */
	assert_int_equal(fixture_bearer(f, other.access_token), ERR_OK);
}

static void an_older_token_ends_the_session_even_in_the_grace(void **state)
{
	struct fixture *f = *state;
	struct token_pair first = fixture_login(f, "alice");
	struct token_pair second = refresh_good(f, first.refresh_token);
	struct token_pair third = refresh_good(f, second.refresh_token);

	assert_int_equal(
		refresh_only(f, first.refresh_token), ERR_TOKEN_REVOKED);
	assert_string_equal(f->call.report->event, "auth.refresh.reuse");
	assert_int_equal(
		refresh_only(f, third.refresh_token), ERR_TOKEN_REVOKED);
}

static void made_up_refresh_tokens_are_invalid(void **state)
{
	static const char *const rows[] = {"", "x",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		"' OR 1=1 --                                "};
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(refresh_only(f, rows[i]), ERR_TOKEN_INVALID);
	/* one kind is never taken for another */
	assert_int_equal(refresh_only(f, pair.access_token), ERR_TOKEN_INVALID);
	assert_int_equal(
		fixture_bearer(f, pair.refresh_token), ERR_TOKEN_INVALID);
}

/* What a child says: the successor's refresh token, or nothing. */
static void child_refresh(struct fixture *f, const char *token, int out)
{
	struct token_pair pair = {.refresh_token = ""};
	ssize_t written;

	fixture_db_open(f, false);
	fixture_auth_open(f);
	if (refresh(f, token, &pair) != ERR_OK)
		pair.refresh_token = "";
	written = write(out, pair.refresh_token, strlen(pair.refresh_token));
	_exit(written < 0);
}

static void twenty_parallel_refreshes_leave_one_child(void **state)
{
	struct fixture *f = *state;
	struct token_pair first = fixture_login(f, "alice");
	const char *successor = NULL;
	int pipes[CHILDREN][2];
	pid_t children[CHILDREN];

	/* a connection is not carried over a fork */
	auth_close(&f->auth);
	db_close(&f->db);
	for (int i = 0; i < CHILDREN; i++) {
		assert_int_equal(pipe(pipes[i]), 0);
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			child_refresh(f, first.refresh_token, pipes[i][1]);
		close(pipes[i][1]);
	}
	for (int i = 0; i < CHILDREN; i++) {
		char text[64] = {0};

		assert_int_equal(read(pipes[i][0], text, sizeof(text)), 43);
		close(pipes[i][0]);
		assert_int_equal(waitpid(children[i], NULL, 0), children[i]);
		if (successor)
			assert_string_equal(text, successor);
		successor = arena_text(f->arena, text);
	}
	fixture_db_open(f, false);
	fixture_auth_open(f);
	assert_int_equal(
		fixture_number(f, "SELECT generation FROM sessions"), 1);
	refresh_good(f, successor);
}

static void logout_works_at_once(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");
	struct identity who = fixture_who(f, pair.access_token);

	assert_int_equal(
		account_logout(f->auth, fixture_call(f), &who), ERR_OK);
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_REVOKED);
	assert_string_equal(f->call.report->detail, "Token has been revoked");
	assert_int_equal(
		refresh_only(f, pair.refresh_token), ERR_TOKEN_REVOKED);
	assert_int_equal(
		fixture_number(f, "SELECT count(*) FROM token_blacklist"), 1);
	/* another process, after a restart */
	auth_close(&f->auth);
	db_close(&f->db);
	fixture_db_open(f, false);
	fixture_auth_open(f);
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_REVOKED);
}

static void logging_out_twice_is_no_fault(void **state)
{
	struct fixture *f = *state;
	struct identity who =
		fixture_who(f, fixture_login(f, "alice").access_token);

	assert_int_equal(
		account_logout(f->auth, fixture_call(f), &who), ERR_OK);
	assert_int_equal(
		account_logout(f->auth, fixture_call(f), &who), ERR_OK);
}

static void a_blacklisted_token_is_revoked_alone(void **state)
{
	struct fixture *f = *state;
	struct token_pair first = fixture_login(f, "alice");
	struct identity who = fixture_who(f, first.access_token);
	struct token_pair second = refresh_good(f, first.refresh_token);

	assert_int_equal(
		db_run(f->db,
			"INSERT INTO token_blacklist VALUES (:jti, 'x', 1, 2)",
			BINDS(bind_text(":jti", who.jti)), NULL),
		ERR_OK);
	assert_int_equal(
		fixture_bearer(f, first.access_token), ERR_TOKEN_REVOKED);
	assert_int_equal(fixture_bearer(f, second.access_token), ERR_OK);
}

static void logout_all_ends_every_session_of_that_user(void **state)
{
	struct fixture *f = *state;
	struct token_pair here = fixture_login(f, "alice");
	struct token_pair there = fixture_login(f, "alice"), bobs;
	struct identity who = fixture_who(f, here.access_token);

	fixture_user(f, "bob", AUTH_ROLE_USER);
	bobs = fixture_login(f, "bob");
	assert_int_equal(
		account_logout_all(f->auth, fixture_call(f), &who), ERR_OK);
	assert_int_equal(
		fixture_bearer(f, here.access_token), ERR_TOKEN_REVOKED);
	assert_int_equal(
		fixture_bearer(f, there.access_token), ERR_TOKEN_REVOKED);
	assert_int_equal(fixture_bearer(f, bobs.access_token), ERR_OK);
}

static void idle_and_absolute_limits_hold(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");

	/* kept in use, day after day, to the absolute end */
	for (int hours = 0; hours < 7 * 24 - 12; hours += 12) {
		f->call.now += 12 * HOUR;
		pair = refresh_good(f, pair.refresh_token);
		assert_int_equal(fixture_bearer(f, pair.access_token), ERR_OK);
	}
	f->call.now = fixture_start + 604800 * (int64_t)S - 600 * S;
	pair = refresh_good(f, pair.refresh_token);
	/* no access token outlives its session */
	assert_int_equal(pair.expires_in, 600);
	f->call.now += 600 * S;
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_INVALID);
	assert_int_equal(
		refresh_only(f, pair.refresh_token), ERR_TOKEN_INVALID);
}

static void an_idle_session_is_over(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");

	f->call.now += 86400 * (int64_t)S - 1;
	assert_int_equal(refresh_only(f, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
					 "AAAAAAA"),
		ERR_TOKEN_INVALID);
	f->call.now += 1;
	assert_int_equal(
		refresh_only(f, pair.refresh_token), ERR_TOKEN_INVALID);
}

static void an_idle_session_refuses_its_access_token(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair;

	auth_close(&f->auth);
	f->settings.session_idle_s = 300;
	fixture_auth_open(f);
	pair = fixture_login(f, "alice");
	f->call.now += 300 * S - 1;
	assert_int_equal(fixture_bearer(f, pair.access_token), ERR_OK);
	f->call.now += 300 * S - 1;
	assert_int_equal(fixture_bearer(f, pair.access_token), ERR_OK);
	f->call.now += 300 * S;
	assert_int_equal(
		fixture_bearer(f, pair.access_token), ERR_TOKEN_INVALID);
}

static void activity_is_written_once_a_minute(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");
	static const char seen_sql[] = "SELECT last_seen_at FROM sessions";

	f->call.now += MIN - 1;
	assert_int_equal(fixture_bearer(f, pair.access_token), ERR_OK);
	assert_int_equal(fixture_number(f, seen_sql), fixture_start);
	f->call.now += 1;
	assert_int_equal(fixture_bearer(f, pair.access_token), ERR_OK);
	assert_int_equal(fixture_number(f, seen_sql), fixture_start + MIN);
}

static void a_writer_does_not_stop_readers(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");
	static const char seen_sql[] = "SELECT last_seen_at FROM sessions";
	struct db *writer = fixture_block(f);

	f->call.now += MIN;
	assert_int_equal(fixture_bearer(f, pair.access_token), ERR_OK);
	assert_int_equal(fixture_number(f, seen_sql), fixture_start);
	fixture_unblock(writer);
	/* noted as soon as it can be */
	assert_int_equal(fixture_bearer(f, pair.access_token), ERR_OK);
	assert_int_equal(fixture_number(f, seen_sql), fixture_start + MIN);
}

/* Or strangers would keep everybody's writes waiting. */
static void a_guess_does_not_take_the_write_lock(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");
	char *guess = arena_copy(
		f->request, pair.refresh_token, strlen(pair.refresh_token));
	struct db *writer;

	guess[0] = guess[0] == 'A' ? 'B' : 'A';
	writer = fixture_block(f);
	assert_int_equal(refresh_only(f, guess), ERR_TOKEN_INVALID);
	assert_string_equal(f->call.report->event, "auth.refresh.refused");
	fixture_unblock(writer);
	assert_int_equal(refresh_only(f, pair.refresh_token), ERR_OK);
}

static void a_replaced_database_lets_nobody_in(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice"), other;
	const char *path = f->url + strlen("sqlite:");
	const char *away = arena_format(f->arena, "%s.away", path);

	assert_int_equal(rename(path, away), 0);
	assert_soon(fixture_bearer(f, pair.access_token), ERR_UNAVAILABLE);
	assert_int_equal(fixture_try_login(f, "alice", good_password, &other),
		ERR_UNAVAILABLE);
	assert_int_equal(refresh_only(f, pair.refresh_token), ERR_UNAVAILABLE);
	assert_int_equal(rename(away, path), 0);
	assert_int_equal(fixture_bearer(f, pair.access_token), ERR_OK);
}

static void ten_rotations_a_minute(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");
	const char *before = "";

	for (int i = 0; i < 10; i++) {
		before = pair.refresh_token;
		pair = refresh_good(f, before);
		f->call.now += S;
	}
	assert_int_equal(refresh_only(f, pair.refresh_token), ERR_RATE_LIMITED);
	assert_int_equal(f->call.report->retry_after_s, 50);
	assert_string_equal(f->call.report->event, "auth.refresh.limited");
	/* a second tab is no rotation, and nothing was used up */
	assert_string_equal(
		refresh_good(f, before).refresh_token, pair.refresh_token);
	f->call.now += 50 * S - 1;
	assert_int_equal(refresh_only(f, pair.refresh_token), ERR_RATE_LIMITED);
	f->call.now += 1;
	pair = refresh_good(f, pair.refresh_token);
	refresh_good(f, pair.refresh_token);
}

static void a_clock_set_back_is_no_grace(void **state)
{
	struct fixture *f = *state;
	struct token_pair first = fixture_login(f, "alice"), next;

	next = refresh_good(f, first.refresh_token);
	/* a request that began before the other and waited for it */
	f->call.now -= 10 * S;
	assert_string_equal(refresh_good(f, first.refresh_token).refresh_token,
		next.refresh_token);
	f->call.now -= 1;
	assert_int_equal(
		refresh_only(f, first.refresh_token), ERR_TOKEN_REVOKED);
	assert_int_equal(
		refresh_only(f, next.refresh_token), ERR_TOKEN_REVOKED);
}

static void too_many_sessions_end_the_oldest(void **state)
{
	struct fixture *f = *state;
	struct token_pair pairs[7];

	for (int i = 0; i < 7; i++) {
		f->call.now += S;
		pairs[i] = fixture_login(f, "alice");
	}
	for (int i = 0; i < 7; i++)
		assert_int_equal(fixture_bearer(f, pairs[i].access_token),
			i < 2 ? ERR_TOKEN_REVOKED : ERR_OK);
}

static void sessions_are_listed_and_ended_by_their_owner_only(void **state)
{
	struct fixture *f = *state;
	struct token_pair here = fixture_login(f, "alice"), there, bobs;
	struct identity who = fixture_who(f, here.access_token), bob;
	const struct session_view *views;
	struct list list;

	f->call.now += S;
	f->call.address = "2001:db8::7";
	there = fixture_login(f, "alice");
	fixture_user(f, "bob", AUTH_ROLE_USER);
	bobs = fixture_login(f, "bob");
	bob = fixture_who(f, bobs.access_token);
	assert_int_equal(
		account_sessions(f->auth, fixture_call(f), &who, &list),
		ERR_OK);
	assert_int_equal(list.count, 2);
	views = list.items;
	assert_string_equal(views[0].address, "2001:db8::7");
	assert_string_equal(views[0].user_agent, "Testbrowser/1.0");
	assert_false(views[0].current);
	assert_true(views[1].current);
	assert_int_equal(
		views[1].expires_at.ms, fixture_start + 604800 * (int64_t)S);
	/* another's session is not found, for an admin's eyes too */
	assert_int_equal(account_session_end(
				 f->auth, fixture_call(f), &bob, views[0].id),
		ERR_NOT_FOUND);
	assert_int_equal(
		account_session_end(f->auth, fixture_call(f), &who, "x"),
		ERR_NOT_FOUND);
	assert_int_equal(account_session_end(
				 f->auth, fixture_call(f), &who, views[0].id),
		ERR_OK);
	assert_int_equal(
		fixture_bearer(f, there.access_token), ERR_TOKEN_REVOKED);
	assert_int_equal(fixture_bearer(f, here.access_token), ERR_OK);
	assert_int_equal(account_session_end(
				 f->auth, fixture_call(f), &who, views[0].id),
		ERR_NOT_FOUND);
}

static void a_long_user_agent_is_cut_at_a_character(void **state)
{
	struct fixture *f = *state;
	char agent[601] = {0};
	const struct session_view *views;
	struct identity who;
	struct list list;

	for (size_t i = 0; i < 300; i++)
		memcpy(agent + 2 * i, "\xc3\xa9", 2);
	f->call.user_agent = agent;
	who = fixture_who(f, fixture_login(f, "alice").access_token);
	assert_int_equal(
		account_sessions(f->auth, fixture_call(f), &who, &list),
		ERR_OK);
	views = list.items;
	assert_int_equal(strlen(views[0].user_agent), 400);
}

static void one_credential_a_request(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");
	struct identity who;

	assert_int_equal(
		auth_identify(f->auth, fixture_call(f),
			&(const struct credential){.bearer = pair.access_token,
				.bearer_len = strlen(pair.access_token),
				.api_key = "kontor_x"},
			&who),
		ERR_BAD_REQUEST);
	assert_int_equal(auth_identify(f->auth, fixture_call(f),
				 &(const struct credential){0}, &who),
		ERR_NO_CREDENTIALS);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, with_alice, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(login_gives_a_working_pair),
		TEST(the_name_is_folded_but_the_password_is_not),
		TEST(unknown_wrong_and_disabled_fail_alike),
		TEST(no_token_stands_in_the_database),
		TEST(refresh_rotates_and_never_extends),
		TEST(the_grace_gives_the_same_pair_again),
		TEST(reuse_after_the_grace_ends_the_session),
		TEST(an_older_token_ends_the_session_even_in_the_grace),
		TEST(made_up_refresh_tokens_are_invalid),
		TEST(twenty_parallel_refreshes_leave_one_child),
		TEST(logout_works_at_once),
		TEST(logging_out_twice_is_no_fault),
		TEST(a_blacklisted_token_is_revoked_alone),
		TEST(logout_all_ends_every_session_of_that_user),
		TEST(idle_and_absolute_limits_hold),
		TEST(an_idle_session_is_over),
		TEST(an_idle_session_refuses_its_access_token),
		TEST(activity_is_written_once_a_minute),
		TEST(a_writer_does_not_stop_readers),
		TEST(a_guess_does_not_take_the_write_lock),
		TEST(a_replaced_database_lets_nobody_in),
		TEST(ten_rotations_a_minute),
		TEST(a_clock_set_back_is_no_grace),
		TEST(too_many_sessions_end_the_oldest),
		TEST(sessions_are_listed_and_ended_by_their_owner_only),
		TEST(a_long_user_agent_is_cut_at_a_character),
		TEST(one_credential_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
