/*
 * So many passwords an account and minute: exact at its border, alike for
 * names that do not exist, and never a way to keep an owner out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "auth_fixture.h"
#include "store.h"

enum {
	LIMIT = 10
};

static int with_store(void **state, struct store *(*open)(struct arena *arena))
{
	int failed = fixture_open(state);
	struct fixture *f = *state;

	fixture_user(f, "Alice", AUTH_ROLE_USER);
	f->settings.store = open(f->arena);
	f->settings.account_limit = LIMIT;
	f->settings.account_window_s = 60;
	f->settings.login_free_failures = 1000; /* no other delay */
	auth_close(&f->auth);
	fixture_auth_open(f);
	return failed;
}

static int with_alice(void **state)
{
	return with_store(state, store_open_memory);
}

static int with_broken_store(void **state)
{
	return with_store(state, store_open_fail);
}

static int close_all(void **state)
{
	struct fixture *f = *state;

	store_close(&f->settings.store);
	return fixture_close(state);
}

static enum err attempt(struct fixture *f, const char *address,
	const char *name, const char *password)
{
	struct token_pair pair;

	f->call.address = address;
	return fixture_try_login(f, name, password, &pair);
}

/* Each from an address of its own. */
static void strangers(struct fixture *f, const char *name, int count)
{
	for (int i = 0; i < count; i++)
		assert_int_equal(
			attempt(f, arena_format(f->arena, "203.0.113.%d", i),
				name, bad_password),
			ERR_BAD_CREDENTIALS);
}

static void strangers_share_one_window(void **state)
{
	struct fixture *f = *state;

	strangers(f, "alice", LIMIT);
	assert_int_equal(attempt(f, "198.51.100.1", "alice", good_password),
		ERR_RATE_LIMITED);
	assert_int_equal(f->call.report->retry_after_s, 60);
	assert_string_equal(f->call.report->event, "auth.login.limited");
	/* it slides: exactly a minute after the first */
	f->call.now += MIN - 1;
	assert_int_equal(attempt(f, "198.51.100.1", "alice", good_password),
		ERR_RATE_LIMITED);
	f->call.now += 1;
	assert_int_equal(
		attempt(f, "198.51.100.1", "alice", good_password), ERR_OK);
}

static void names_that_do_not_exist_are_counted_alike(void **state)
{
	struct fixture *f = *state;
	const char *detail;

	strangers(f, "alice", LIMIT);
	assert_int_equal(attempt(f, "198.51.100.1", "ALICE", bad_password),
		ERR_RATE_LIMITED);
	detail = f->call.report->detail;
	strangers(f, "nobody", LIMIT);
	assert_int_equal(attempt(f, "198.51.100.1", "nobody", bad_password),
		ERR_RATE_LIMITED);
	assert_string_equal(f->call.report->detail, detail);
	assert_int_equal(f->call.report->retry_after_s, 60);
	/* another name is another window */
	assert_int_equal(attempt(f, "198.51.100.1", "somebody", bad_password),
		ERR_BAD_CREDENTIALS);
}

static void a_stranger_does_not_keep_the_owner_out(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		attempt(f, "192.0.2.7", "alice", good_password), ERR_OK);
	assert_int_equal(
		attempt(f, "2001:db8:1:2::1", "alice", good_password), ERR_OK);
	f->call.now += HOUR;
	strangers(f, "alice", LIMIT);
	assert_int_equal(attempt(f, "198.51.100.1", "alice", good_password),
		ERR_RATE_LIMITED);
	/* from where he signed in before; of IPv6 the same network */
	assert_int_equal(
		attempt(f, "192.0.2.7", "alice", good_password), ERR_OK);
	assert_int_equal(
		attempt(f, "2001:db8:1:2::99", "alice", good_password), ERR_OK);
	assert_int_equal(attempt(f, "2001:db8:1:3::1", "alice", good_password),
		ERR_RATE_LIMITED);
}

static void a_known_source_has_a_window_of_its_own(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		attempt(f, "192.0.2.7", "alice", good_password), ERR_OK);
	f->call.now += HOUR;
	for (int i = 0; i < LIMIT; i++)
		assert_int_equal(attempt(f, "192.0.2.7", "alice", bad_password),
			ERR_BAD_CREDENTIALS);
	assert_int_equal(attempt(f, "192.0.2.7", "alice", good_password),
		ERR_RATE_LIMITED);
	/* and has not used up the strangers' */
	assert_int_equal(
		attempt(f, "198.51.100.1", "alice", good_password), ERR_OK);
}

/* Who is signed in and gives his password again is counted with the rest:
   a stolen session is no way around. */
static void giving_it_again_is_counted_too(void **state)
{
	struct fixture *f = *state;
	struct token_pair pair = fixture_login(f, "alice");
	struct identity who = fixture_who(f, pair.access_token);

	f->call.now += HOUR;
	f->call.address = "198.51.100.1";
	for (int i = 0; i < LIMIT; i++)
		assert_int_equal(account_reauthenticate(f->auth,
					 fixture_call(f), &who, bad_password),
			ERR_BAD_CREDENTIALS);
	assert_int_equal(account_reauthenticate(
				 f->auth, fixture_call(f), &who, good_password),
		ERR_RATE_LIMITED);
}

static void a_limit_of_nothing_counts_nothing(void **state)
{
	struct fixture *f = *state;

	f->settings.account_limit = 0;
	f->settings.account_window_s = 0;
	auth_close(&f->auth);
	fixture_auth_open(f);
	strangers(f, "alice", LIMIT + 5);
}

static void a_store_that_fails_lets_nobody_in(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(attempt(f, "192.0.2.7", "alice", good_password),
		ERR_UNAVAILABLE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, with_alice, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(strangers_share_one_window),
		TEST(names_that_do_not_exist_are_counted_alike),
		TEST(a_stranger_does_not_keep_the_owner_out),
		TEST(a_known_source_has_a_window_of_its_own),
		TEST(giving_it_again_is_counted_too),
		TEST(a_limit_of_nothing_counts_nothing),
		cmocka_unit_test_setup_teardown(
			a_store_that_fails_lets_nobody_in, with_broken_store,
			close_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
