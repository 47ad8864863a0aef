/*
 * The shared budget: ceilings by class, fair shares, what answers say,
 * back-off, orders by account. All with a clock of numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "governor.h"

static const int64_t minute = 60000;
static const int64_t t0 = 28000000LL * 60000; /* a whole minute */

static int set_up(void **state)
{
	*state = arena_open(1 << 20);
	return 0;
}

static int tear_down(void **state)
{
	struct arena *arena = *state;

	arena_close(&arena);
	return 0;
}

static struct governor *open_of(struct arena *arena, int64_t weight)
{
	return governor_open(arena, &(struct governor_limits){.weight = weight,
					    .window_ms = minute,
					    .percent = {100, 80, 50}});
}

/* 0: it may go; else when to come back. */
static int64_t take(struct governor *governor, int64_t now, const char *user,
	enum governor_class class, int64_t weight)
{
	int64_t at = -1;

	return governor_take(governor, now,
		       &(struct governor_ask){
			       .user = user, .class = class, .weight = weight},
		       &at)
		       ? 0
		       : at;
}

static void classes_have_ceilings(void **state)
{
	struct governor *g = open_of(*state, 100);

	assert_int_equal(take(g, t0, "a", GOVERN_MARKET, 50), 0);
	assert_int_equal(take(g, t0, "a", GOVERN_MARKET, 1), t0 + minute);
	assert_int_equal(take(g, t0, "a", GOVERN_ACCOUNT, 30), 0);
	assert_int_equal(take(g, t0, "a", GOVERN_ACCOUNT, 1), t0 + minute);
	assert_int_equal(take(g, t0, "a", GOVERN_ORDER, 20), 0);
	assert_int_equal(take(g, t0 + 1, "a", GOVERN_ORDER, 1), t0 + minute);
	assert_int_equal(
		governor_next_ms(g, t0 + 1, GOVERN_ORDER), t0 + minute);
	assert_int_equal(take(g, t0 + minute, "a", GOVERN_ORDER, 1), 0);
	assert_int_equal(
		governor_next_ms(g, t0 + minute, GOVERN_MARKET), t0 + minute);
}

static void a_refusal_counts_nothing(void **state)
{
	struct governor *g = open_of(*state, 100);

	for (int i = 0; i < 50; i++)
		assert_int_not_equal(take(g, t0, "a", GOVERN_MARKET, 51), 0);
	assert_int_equal(take(g, t0, "a", GOVERN_MARKET, 50), 0);
}

/* Who came first takes all it wants while it is alone, and leaves the others
   their share once they are known. */
static void shares_are_fair(void **state)
{
	struct governor *g = open_of(*state, 120);
	int mine = 0;
	int others = 0;

	assert_int_equal(take(g, t0, "hog", GOVERN_ORDER, 60), 0);
	assert_int_equal(take(g, t0, "b", GOVERN_ORDER, 1), 0);
	assert_int_equal(take(g, t0, "c", GOVERN_ORDER, 1), 0);
	for (int i = 0; i < 120; i++)
		mine += take(g, t0, "hog", GOVERN_ORDER, 1) == 0;
	assert_int_equal(mine, 0);
	for (int i = 0; i < 60; i++) {
		others += take(g, t0, "b", GOVERN_ORDER, 1) == 0;
		others += take(g, t0, "c", GOVERN_ORDER, 1) == 0;
	}
	assert_int_equal(others, 58);
	/* the next window begins with three known users: 40 each */
	mine = 0;
	for (int i = 0; i < 120; i++)
		mine += take(g, t0 + minute, "hog", GOVERN_ORDER, 1) == 0;
	assert_int_equal(mine, 40);
	others = 0;
	for (int i = 0; i < 80; i++)
		others += take(g, t0 + minute + 1, "b", GOVERN_ORDER, 1) == 0;
	assert_int_equal(others, 40);
	/* two windows of silence, and the budget is one user's again */
	mine = 0;
	for (int i = 0; i < 130; i++)
		mine += take(g, t0 + 4 * minute, "hog", GOVERN_ORDER, 1) == 0;
	assert_int_equal(mine, 120);
}

static void answers_are_believed_when_higher(void **state)
{
	struct governor *g = open_of(*state, 100);

	assert_int_equal(take(g, t0, "a", GOVERN_ORDER, 10), 0);
	governor_used(g, t0, 90);
	governor_used(g, t0, 3);
	governor_used(g, t0, -1);
	assert_int_equal(take(g, t0, "a", GOVERN_ORDER, 11), t0 + minute);
	assert_int_equal(take(g, t0, "b", GOVERN_ORDER, 5), 0);
	/* what is left is the rest of b's half */
	assert_int_equal(take(g, t0, "a", GOVERN_ORDER, 5), t0 + minute);
	assert_int_equal(take(g, t0, "b", GOVERN_ORDER, 5), 0);
	assert_int_equal(take(g, t0, "b", GOVERN_ORDER, 1), t0 + minute);
}

static void nobody_sends_after_a_stop(void **state)
{
	struct governor *g = open_of(*state, 1000);
	int64_t until = t0 + 7000;

	governor_stop(g, t0, false, 7);
	assert_int_equal(take(g, t0, "a", GOVERN_ORDER, 1), until);
	assert_int_equal(take(g, until - 1, "b", GOVERN_MARKET, 1), until);
	assert_int_equal(governor_next_ms(g, t0, GOVERN_ORDER), until);
	assert_int_equal(take(g, until, "b", GOVERN_MARKET, 1), 0);
	/* again, soon: at least twice as long */
	governor_stop(g, until, false, 1);
	assert_int_equal(take(g, until, "a", GOVERN_ORDER, 1), until + 14000);
	/* a ban lasts two minutes at least, whatever it says */
	governor_stop(g, until + 14000, true, 0);
	assert_int_equal(take(g, until + 14000, "a", GOVERN_ORDER, 1),
		until + 14000 + 120000);
}

static void a_stop_without_a_time_ends_with_the_window(void **state)
{
	struct governor *g = open_of(*state, 1000);

	governor_stop(g, t0 + 20000, false, -1);
	assert_int_equal(
		take(g, t0 + 20001, "a", GOVERN_ORDER, 1), t0 + minute);
}

/* The exchange's word holds up to four days; our own patience grows to a
   quarter of an hour and no further. */
static void a_stop_is_bounded(void **state)
{
	struct governor *g = open_of(*state, 1000);
	int64_t now = t0;
	int64_t at = 0;

	governor_stop(g, now, true, INT64_MAX);
	assert_int_equal(
		take(g, now, "a", GOVERN_ORDER, 1), now + 4LL * 86400000);
	now += 5LL * 86400000;
	for (int i = 0; i < 30; i++) {
		governor_stop(g, now, false, 1);
		at = take(g, now, "a", GOVERN_ORDER, 1);
		assert_true(at > now && at - now <= 900000);
		assert_true(i < 10 || at - now == 900000);
		now = at;
	}
	now += 900000;
	governor_stop(g, now, false, 1);
	assert_int_equal(take(g, now, "a", GOVERN_ORDER, 1), now + 1000);
}

static int64_t order(struct governor *g, int64_t now, const char *user)
{
	int64_t at = -1;

	return governor_take(g, now,
		       &(struct governor_ask){.user = user,
			       .class = GOVERN_ORDER,
			       .weight = 1,
			       .order = true},
		       &at)
		       ? 0
		       : at;
}

static void orders_count_by_account(void **state)
{
	struct governor *g = open_of(*state, 1000);

	governor_set(g, 0, 2, 5);
	assert_int_equal(order(g, t0, "a"), 0);
	assert_int_equal(order(g, t0, "a"), 0);
	assert_int_equal(order(g, t0 + 1, "a"), t0 + 10000);
	assert_int_equal(order(g, t0 + 1, "b"), 0);
	assert_int_equal(order(g, t0 + 10000, "a"), 0);
	governor_orders_used(g, t0 + 10000, "a", 1, 5);
	assert_int_equal(
		order(g, t0 + 20000, "a"), (t0 / 86400000 + 1) * 86400000);
	assert_int_equal(take(g, t0 + 20000, "a", GOVERN_ORDER, 1), 0);
}

/* More users than there are places: no crash, and the newest are known. */
static void users_come_and_go(void **state)
{
	struct governor *g = open_of(*state, 1000000);
	char name[16];

	for (int i = 0; i < 1000; i++) {
		(void)snprintf(name, sizeof(name), "user%d", i);
		assert_int_equal(
			take(g, t0 + i * minute, name, GOVERN_MARKET, 1), 0);
	}
}

static void a_clock_set_back_opens_nothing(void **state)
{
	struct governor *g = open_of(*state, 100);

	assert_int_equal(take(g, t0 + minute, "a", GOVERN_ORDER, 100), 0);
	assert_int_equal(take(g, t0, "a", GOVERN_ORDER, 1), t0 + 2 * minute);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			classes_have_ceilings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_refusal_counts_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			shares_are_fair, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			answers_are_believed_when_higher, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			nobody_sends_after_a_stop, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_stop_without_a_time_ends_with_the_window, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_stop_is_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			orders_count_by_account, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			users_come_and_go, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_clock_set_back_opens_nothing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
