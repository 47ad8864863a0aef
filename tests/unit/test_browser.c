/*
 * Browser sessions: the CSRF token is bound to its session, a refresh by
 * cookie needs it, and two tabs that refresh at once both go on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>

#include "auth_fixture.h"

enum {
	TABS = 8
};

static int with_alice(void **state)
{
	int failed = fixture_open(state);

	fixture_user(*state, "Alice", AUTH_ROLE_USER);
	return failed;
}

static struct token_pair sign_in(struct fixture *f)
{
	const struct login in = {
		.username = "alice", .password = good_password, .cookie = true};
	struct token_pair pair = {0};

	assert_int_equal(
		account_login(f->auth, fixture_call(f), &in, &pair), ERR_OK);
	return pair;
}

static struct identity who_is(struct fixture *f, const char *token)
{
	struct identity who = {0};

	assert_int_equal(auth_identify(f->auth, fixture_call(f),
				 &(const struct credential){.bearer = token,
					 .bearer_len = strlen(token),
					 .cookie = true},
				 &who),
		ERR_OK);
	return who;
}

static enum err refresh(struct fixture *f, const char *token, const char *csrf,
	struct token_pair *out)
{
	return account_refresh_cookie(f->auth, fixture_call(f),
		&(const struct cookie_refresh){
			.refresh_token = token, .csrf_token = csrf},
		out);
}

static enum err check(
	struct fixture *f, const struct identity *who, const char *csrf)
{
	return auth_csrf_check(f->auth, f->call.now, who->session_id, csrf);
}

static void a_browser_is_given_a_csrf_token(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = sign_in(f), plain = fixture_login(f, "alice");
	struct identity who = who_is(f, pair.access_token);
	struct me me;

	assert_string_equal(pair.token_type, "cookie");
	assert_true(who.by_cookie);
	assert_int_equal(check(f, &who, pair.csrf_token), ERR_OK);
	assert_int_equal(
		account_me(f->auth, fixture_call(f), &who, &me), ERR_OK);
	assert_int_equal(check(f, &who, me.csrf_token), ERR_OK);
	/* who signed in otherwise needs none, and has none */
	assert_null(plain.csrf_token);
	assert_string_equal(plain.token_type, "bearer");
	who = fixture_who(f, plain.access_token);
	assert_false(who.by_cookie);
	assert_int_equal(
		account_me(f->auth, fixture_call(f), &who, &me), ERR_OK);
	assert_null(me.csrf_token);
}

static void a_csrf_token_is_good_for_its_session_only(void **state)
{
	struct fixture *f = *state;
	struct token_pair one = sign_in(f), two = sign_in(f);
	struct identity who = who_is(f, one.access_token);
	struct identity other = who_is(f, two.access_token);

	assert_int_equal(check(f, &who, two.csrf_token), ERR_CSRF);
	assert_int_equal(check(f, &other, one.csrf_token), ERR_CSRF);
	assert_int_equal(check(f, &other, two.csrf_token), ERR_OK);
	assert_int_equal(
		auth_csrf_check(f->auth, f->call.now, NULL, one.csrf_token),
		ERR_CSRF);
}

static void every_changed_byte_is_noticed(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = sign_in(f);
	struct identity who = who_is(f, pair.access_token);
	size_t len = strlen(pair.csrf_token);
	char *text = arena_copy(f->request, pair.csrf_token, len);

	for (size_t i = 0; i < len; i++) {
		char was = text[i];

		text[i] = was == 'A' ? 'B' : 'A';
		assert_int_equal(check(f, &who, text), ERR_CSRF);
		text[i] = was;
	}
	assert_int_equal(check(f, &who, text), ERR_OK);
	assert_int_equal(check(f, &who, NULL), ERR_CSRF);
	assert_int_equal(check(f, &who, ""), ERR_CSRF);
	assert_int_equal(check(f, &who, arena_format(f->request, "%sA", text)),
		ERR_CSRF);
	text[len - 1] = '\0';
	assert_int_equal(check(f, &who, text), ERR_CSRF);
}

static void without_keys_nothing_is_good(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = sign_in(f);
	struct identity who = who_is(f, pair.access_token);

	assert_int_equal(
		unlink(arena_format(f->arena, "%s/hash.keys", f->keys)), 0);
	assert_int_equal(auth_ready(f->auth, f->call.now), ERR_UNAVAILABLE);
	assert_int_equal(check(f, &who, pair.csrf_token), ERR_UNAVAILABLE);
}

static void a_refresh_needs_the_csrf_token(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = sign_in(f), other = sign_in(f), out = {0};

	assert_int_equal(refresh(f, pair.refresh_token, NULL, &out), ERR_CSRF);
	assert_string_equal(f->call.report->event, "auth.csrf.refused");
	assert_int_equal(refresh(f, pair.refresh_token, other.csrf_token, &out),
		ERR_CSRF);
	assert_null(out.access_token);
	/* nothing has happened to the token */
	assert_int_equal(
		refresh(f, pair.refresh_token, pair.csrf_token, &out), ERR_OK);
	assert_string_equal(out.token_type, "cookie");
	assert_string_not_equal(out.refresh_token, pair.refresh_token);
	/* a stranger without it cannot end the session by an old token */
	f->call.now += 60 * S;
	assert_int_equal(refresh(f, pair.refresh_token, NULL, &out), ERR_CSRF);
	assert_int_equal(fixture_bearer(f, out.access_token), ERR_OK);
}

static void two_tabs_both_go_on(void **state)
{
	struct fixture *f = *state;
	struct token_pair first = sign_in(f), a = {0}, b = {0}, next = {0};
	struct identity who;

	assert_int_equal(
		refresh(f, first.refresh_token, first.csrf_token, &a), ERR_OK);
	f->call.now += 9 * S;
	assert_int_equal(
		refresh(f, first.refresh_token, first.csrf_token, &b), ERR_OK);
	assert_string_equal(a.refresh_token, b.refresh_token);
	assert_string_equal(a.access_token, b.access_token);
	who = who_is(f, b.access_token);
	/* whichever answer came last, each tab's CSRF token holds */
	assert_int_equal(check(f, &who, first.csrf_token), ERR_OK);
	assert_int_equal(check(f, &who, a.csrf_token), ERR_OK);
	assert_int_equal(check(f, &who, b.csrf_token), ERR_OK);
	assert_int_equal(
		refresh(f, b.refresh_token, a.csrf_token, &next), ERR_OK);
	assert_int_equal(fixture_bearer(f, next.access_token), ERR_OK);
}

/* Each in a process of its own, as workers are. */
static int tab(struct fixture *f, const struct token_pair *first, int out)
{
	struct token_pair pair = {0};

	fixture_db_open(f, false);
	fixture_auth_open(f);
	if (refresh(f, first->refresh_token, first->csrf_token, &pair) !=
		ERR_OK)
		return 1;
	if (fixture_bearer(f, pair.access_token) != ERR_OK)
		return 2;
	return write(out, pair.refresh_token, 43) == 43 ? 0 : 3;
}

static void many_tabs_at_once_are_told_the_same(void **state)
{
	struct fixture *f = *state;
	struct token_pair first = sign_in(f), next = {0};
	char seen[TABS][44] = {{0}};
	pid_t children[TABS];
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < TABS; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			_exit(tab(f, &first, ends[1]));
	}
	for (int i = 0; i < TABS; i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		assert_int_equal(read(ends[0], seen[i], 43), 43);
		assert_string_equal(seen[i], seen[0]);
	}
	close(ends[0]);
	close(ends[1]);
	assert_int_equal(refresh(f, seen[0], first.csrf_token, &next), ERR_OK);
}

static void a_dead_session_is_dead_by_cookie_too(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = sign_in(f), out;
	struct identity who = who_is(f, pair.access_token);

	assert_int_equal(
		account_logout(f->auth, fixture_call(f), &who), ERR_OK);
	assert_int_equal(refresh(f, pair.refresh_token, pair.csrf_token, &out),
		ERR_TOKEN_REVOKED);
	assert_int_equal(
		refresh(f, "x", pair.csrf_token, &out), ERR_TOKEN_INVALID);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, with_alice, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_browser_is_given_a_csrf_token),
		TEST(a_csrf_token_is_good_for_its_session_only),
		TEST(every_changed_byte_is_noticed),
		TEST(without_keys_nothing_is_good),
		TEST(a_refresh_needs_the_csrf_token),
		TEST(two_tabs_both_go_on),
		TEST(many_tabs_at_once_are_told_the_same),
		TEST(a_dead_session_is_dead_by_cookie_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
