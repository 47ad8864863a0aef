/*
 * Guessing gets slower, per name and source and per source, for names that
 * do not exist as well; the owner still gets in from somewhere else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/wait.h>

#include "auth_fixture.h"

enum {
	FREE = 3,
	SOURCE_FREE = 4 * FREE,
	CHILDREN = 8
};

static int with_alice(void **state)
{
	int failed = fixture_open(state);

	fixture_user(*state, "alice", AUTH_ROLE_USER);
	return failed;
}

static enum err try_password(
	struct fixture *f, const char *name, const char *password)
{
	struct token_pair pair;

	return fixture_try_login(f, name, password, &pair);
}

static void guess(struct fixture *f, const char *name, int times)
{
	for (int i = 0; i < times; i++)
		assert_int_equal(try_password(f, name, bad_password),
			ERR_BAD_CREDENTIALS);
}

static void expect_wait(struct fixture *f, const char *name, int64_t seconds)
{
	assert_int_equal(
		try_password(f, name, good_password), ERR_RATE_LIMITED);
	assert_int_equal(f->call.report->retry_after_s, seconds);
	assert_string_equal(f->call.report->event, "auth.login.limited");
}

static void waits_double_after_the_free_failures(void **state)
{
	struct fixture *f = *state;

	guess(f, "alice", FREE);
	for (int64_t wait = 1; wait <= 64; wait *= 2) {
		expect_wait(f, "alice", wait);
		/* asking again costs nothing and changes nothing */
		expect_wait(f, "alice", wait);
		f->call.now += wait * S - 1;
		expect_wait(f, "alice", 1);
		f->call.now += 1;
		guess(f, "alice", 1);
	}
}

static void waits_have_a_cap(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 16; i++) {
		f->call.now += 900 * S;
		guess(f, "alice", 1);
	}
	assert_int_equal(
		try_password(f, "alice", good_password), ERR_RATE_LIMITED);
	assert_true(f->call.report->retry_after_s <= 900);
	f->call.now += 900 * S;
	assert_int_equal(try_password(f, "alice", good_password), ERR_OK);
}

static void unknown_names_wait_alike(void **state)
{
	struct fixture *f = *state;

	guess(f, "nobody", FREE);
	expect_wait(f, "nobody", 1);
	expect_wait(f, "NoBody", 1);
	assert_int_equal(try_password(f, "alice", good_password), ERR_OK);
}

static void a_disabled_user_waits_alike(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(
		account_set_disabled(f->auth, fixture_call(f), "alice", true),
		ERR_OK);
	/* the right password is as wrong as any */
	for (int i = 0; i < FREE; i++)
		assert_int_equal(try_password(f, "alice", good_password),
			ERR_BAD_CREDENTIALS);
	expect_wait(f, "alice", 1);
}

static void names_are_counted_without_regard_to_case(void **state)
{
	struct fixture *f = *state;

	guess(f, "alice", 1);
	guess(f, "ALICE", 1);
	guess(f, "Alice", 1);
	expect_wait(f, "aLICE", 1);
}

static void the_owner_comes_in_from_elsewhere(void **state)
{
	struct fixture *f = *state;

	guess(f, "alice", FREE);
	expect_wait(f, "alice", 1);
	f->call.address = "198.51.100.7";
	assert_int_equal(try_password(f, "alice", good_password), ERR_OK);
	/* which does not help the stranger */
	f->call.address = "192.0.2.1";
	expect_wait(f, "alice", 1);
}

static void a_success_forgives_the_account(void **state)
{
	struct fixture *f = *state;

	guess(f, "alice", FREE - 1);
	assert_int_equal(try_password(f, "alice", good_password), ERR_OK);
	guess(f, "alice", FREE);
	expect_wait(f, "alice", 1);
}

static void many_names_from_one_source_wait_too(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < SOURCE_FREE; i++)
		guess(f, arena_format(f->arena, "name%d", i), 1);
	expect_wait(f, "another", 1);
	expect_wait(f, "alice", 1);
	f->call.address = "198.51.100.7";
	assert_int_equal(try_password(f, "alice", good_password), ERR_OK);
}

static void an_own_account_does_not_reset_the_source(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < SOURCE_FREE; i++) {
		guess(f, arena_format(f->arena, "name%d", i), 1);
		if (i == SOURCE_FREE / 2)
			assert_int_equal(
				try_password(f, "alice", good_password),
				ERR_OK);
	}
	expect_wait(f, "alice", 1);
}

static void successes_do_not_use_the_source_up(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 2 * SOURCE_FREE; i++)
		assert_int_equal(
			try_password(f, "alice", good_password), ERR_OK);
}

static void an_ipv6_network_is_one_source(void **state)
{
	struct fixture *f = *state;

	f->call.address = "2001:db8:1:2::1";
	guess(f, "alice", 1);
	f->call.address = "2001:db8:1:2:ffff::2";
	guess(f, "alice", 1);
	f->call.address = "2001:0db8:0001:0002:0:0:0:3";
	guess(f, "alice", 1);
	f->call.address = "2001:db8:1:2:a:b:c:d";
	expect_wait(f, "alice", 1);
	f->call.address = "2001:db8:1:3::1";
	assert_int_equal(try_password(f, "alice", good_password), ERR_OK);
}

static void a_mapped_address_is_the_ipv4_one(void **state)
{
	struct fixture *f = *state;

	f->call.address = "::ffff:192.0.2.1";
	guess(f, "alice", FREE);
	f->call.address = "192.0.2.1";
	expect_wait(f, "alice", 1);
	f->call.address = "::ffff:192.0.2.2";
	assert_int_equal(try_password(f, "alice", good_password), ERR_OK);
}

static void addresses_that_are_none_share_one_source(void **state)
{
	struct fixture *f = *state;

	f->call.address = "unix:";
	guess(f, "alice", 1);
	f->call.address = NULL;
	guess(f, "alice", 1);
	f->call.address = "";
	guess(f, "alice", 1);
	f->call.address = "1.2.3.4.5";
	expect_wait(f, "alice", 1);
}

static void time_forgives(void **state)
{
	struct fixture *f = *state;
	int64_t removed;

	guess(f, "alice", FREE);
	f->call.now += HOUR;
	guess(f, "alice", FREE);
	expect_wait(f, "alice", 1);
	f->call.now += HOUR;
	assert_int_equal(
		account_clean(f->auth, fixture_call(f), &removed), ERR_OK);
	assert_int_equal(removed, 2);
}

static void a_clock_set_back_does_not_open(void **state)
{
	struct fixture *f = *state;

	guess(f, "alice", FREE);
	f->call.now -= HOUR;
	expect_wait(f, "alice", 1);
}

static void an_overlong_password_counts_and_costs_nothing(void **state)
{
	struct fixture *f = *state;
	char *text = arena_alloc(f->arena, 1026);

	memset(text, 'a', 1025);
	for (int i = 0; i < FREE; i++)
		assert_int_equal(
			try_password(f, "alice", text), ERR_BAD_CREDENTIALS);
	expect_wait(f, "alice", 1);
}

static void names_are_kept_as_keyed_hashes(void **state)
{
	struct fixture *f = *state;

	guess(f, "charlotte", 1);
	assert_int_equal(
		fixture_number(f, "SELECT count(*) FROM login_failures"), 2);
	assert_int_equal(fixture_number(f, "SELECT count(*) FROM login_failures"
					   " WHERE length(subject) = 32"),
		2);
}

static void parallel_guesses_do_not_outrun_the_counter(void **state)
{
	struct fixture *f = *state;
	pid_t children[CHILDREN];
	int judged = 0;

	auth_close(&f->auth);
	db_close(&f->db);
	for (int i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0) {
			fixture_db_open(f, false);
			fixture_auth_open(f);
			_exit(try_password(f, "alice", bad_password) ==
				ERR_BAD_CREDENTIALS);
		}
	}
	for (int i = 0; i < CHILDREN; i++) {
		int status;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		judged += WEXITSTATUS(status);
	}
	/* the clock stands still: only the free ones are judged */
	assert_int_equal(judged, FREE);
	fixture_db_open(f, false);
	fixture_auth_open(f);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, with_alice, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(waits_double_after_the_free_failures),
		TEST(waits_have_a_cap),
		TEST(unknown_names_wait_alike),
		TEST(a_disabled_user_waits_alike),
		TEST(names_are_counted_without_regard_to_case),
		TEST(the_owner_comes_in_from_elsewhere),
		TEST(a_success_forgives_the_account),
		TEST(many_names_from_one_source_wait_too),
		TEST(an_own_account_does_not_reset_the_source),
		TEST(successes_do_not_use_the_source_up),
		TEST(an_ipv6_network_is_one_source),
		TEST(a_mapped_address_is_the_ipv4_one),
		TEST(addresses_that_are_none_share_one_source),
		TEST(time_forgives),
		TEST(a_clock_set_back_does_not_open),
		TEST(an_overlong_password_counts_and_costs_nothing),
		TEST(names_are_kept_as_keyed_hashes),
		TEST(parallel_guesses_do_not_outrun_the_counter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
