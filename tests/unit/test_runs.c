/*
 * The queue: whose turn it is, leases, crashes, cancelling, quotas, each at a
 * clock of the test's own; and runners that are killed in the middle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "run_help.h"

#define SECOND_MS INT64_C(1000)
#define HOUR_MS (3600 * SECOND_MS)

static struct limits queueing(void)
{
	struct limits limits = roomy;

	limits.backtest_inline_work = 0;
	return limits;
}

static struct backtest_new cross(struct world *w)
{
	return (struct backtest_new){.definition = world_json(w, cross_text),
		.symbol = "SAW",
		.finalize = true,
		.keep = true};
}

static struct backtest_view queued(struct world *w, struct scope *scope)
{
	const struct limits limits = queueing();
	const struct backtest_new in = cross(w);
	struct backtest_view view = {0};

	assert_int_equal(backtest_create(scope, &limits, &in, &view), ERR_OK);
	return view;
}

static struct backtest_view seen(struct scope *scope, const char *id)
{
	struct backtest_view view = {0};

	assert_int_equal(backtest_get(scope, id, &view), ERR_OK);
	return view;
}

/* ---- one backtest -------------------------------------------------------- */

static void test_a_long_backtest_waits_and_is_run(void **state)
{
	struct world *w = *state;
	const struct page_query query = {.limit = 10};
	struct bench_runner r = bench_open(w, "r");
	struct backtest_new in = cross(w);
	struct backtest_view here, view;
	struct run_output output;
	struct run_claim claim;
	struct page page;

	put_saw(w, 200);
	in.report = true;
	assert_int_equal(
		backtest_create(world_alice(w), &roomy, &in, &here), ERR_OK);
	view = queued(w, world_alice(w));
	assert_string_equal(view.status, "queued");
	assert_int_equal(view.progress, 0);
	assert_string_equal(view.stats.text, "null");
	assert_string_equal(seen(world_alice(w), view.id).status, "queued");

	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_string_equal(claim.user_id, "alice");
	assert_int_equal(claim.kind, RUN_BACKTEST);
	assert_int_equal(claim.points, 0);
	assert_true(claim.began);
	assert_string_equal(seen(world_alice(w), view.id).status, "running");
	assert_int_equal(backtest_list(world_alice(w), &query, &page), ERR_OK);
	const struct backtest_row *rows = page.data.items;
	assert_int_equal(page.data.count, 2);
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(rows[i].status,
			text_equal(rows[i].id, view.id) ? "running" : "done");
	struct run_claim nothing;
	assert_int_equal(bench_claim(&r, &nothing), ERR_NOT_FOUND);

	assert_int_equal(bench_work(&r, &claim, &output), ERR_OK);
	assert_int_equal(bench_give(&r, &claim, &output), ERR_OK);
	view = seen(world_alice(w), view.id);
	assert_string_equal(view.status, "done");
	assert_int_equal(view.progress, 100);
	assert_string_equal(view.stats.text, here.stats.text);
	assert_string_equal(view.equity.text, here.equity.text);
	assert_string_equal(view.trades.text, here.trades.text);
	assert_string_equal(view.report.text, here.report.text);
	assert_string_equal(view.fingerprint, here.fingerprint);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM runs"), 0);
	bench_close(&r);
}

static void test_what_is_cancelled_is_not_kept(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct backtest_view view;
	struct run_output output;
	struct run_claim claim;

	put_saw(w, 200);
	view = queued(w, world_alice(w));
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_int_equal(bench_work(&r, &claim, &output), ERR_OK);
	assert_int_equal(backtest_remove(world_bob(w), view.id), ERR_NOT_FOUND);
	assert_int_equal(backtest_remove(world_alice(w), view.id), ERR_OK);
	assert_string_equal(seen(world_alice(w), view.id).status, "cancelled");
	assert_int_equal(bench_give(&r, &claim, &output), ERR_CONFLICT);
	assert_string_equal(seen(world_alice(w), view.id).status, "cancelled");
	assert_int_equal(bench_work(&r, &claim, &output), ERR_CONFLICT);
	assert_int_equal(bench_claim(&r, &claim), ERR_NOT_FOUND);
	/* the second time it goes */
	assert_int_equal(backtest_remove(world_alice(w), view.id), ERR_OK);
	assert_int_equal(
		backtest_get(world_alice(w), view.id, &view), ERR_NOT_FOUND);
	bench_close(&r);
}

static void test_progress_is_seen_and_says_when_nobody_waits(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct backtest_view view;
	struct run_claim claim;

	put_saw(w, 200);
	view = queued(w, world_alice(w));
	assert_int_equal(seen(world_alice(w), view.id).progress, 0);
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_int_equal(run_progress(world_alice(w), &claim, 150), ERR_OK);
	assert_int_equal(seen(world_alice(w), view.id).progress, 75);
	assert_int_equal(run_progress(world_bob(w), &claim, 10), ERR_CONFLICT);
	assert_int_equal(backtest_remove(world_alice(w), view.id), ERR_OK);
	assert_int_equal(
		run_progress(world_alice(w), &claim, 160), ERR_CONFLICT);
	bench_close(&r);
}

static void test_one_that_waits_is_cancelled_at_once(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct backtest_view view;
	struct run_claim claim;

	put_saw(w, 200);
	view = queued(w, world_alice(w));
	assert_int_equal(backtest_remove(world_alice(w), view.id), ERR_OK);
	assert_int_equal(bench_claim(&r, &claim), ERR_NOT_FOUND);
	bench_close(&r);
}

static void test_failures_say_why(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct backtest_view view;
	struct run_claim claim;

	put_saw(w, 200);
	view = queued(w, world_alice(w));
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_int_equal(
		run_fail(bench_scope(&r, "alice"), &claim, "no luck"), ERR_OK);
	view = seen(world_alice(w), view.id);
	assert_string_equal(view.status, "failed");
	assert_string_equal(view.error, "no luck");
	assert_int_equal(run_fail(bench_scope(&r, "alice"), &claim, "again"),
		ERR_CONFLICT);
	assert_int_equal(bench_claim(&r, &claim), ERR_NOT_FOUND);
	bench_close(&r);
}

/* ---- leases -------------------------------------------------------------- */

static void test_a_lease_that_ends_is_taken_over(void **state)
{
	struct world *w = *state;
	struct bench_runner dead = bench_open(w, "dead");
	struct bench_runner next = bench_open(w, "next");
	struct search_new in = sweep_of(w);
	struct search_view view;
	struct run_output late;
	struct run_claim lost, again;

	put_saw(w, 200);
	view = sweep_made(w, world_alice(w), &in);
	assert_int_equal(bench_claim(&dead, &lost), ERR_OK);
	assert_int_equal(bench_work(&dead, &lost, &late), ERR_OK);
	/* the others go on; the end waits for what is missing */
	(void)bench_drain(&next);
	assert_string_equal(
		search_seen(world_alice(w), RUN_SWEEP, view.id).status,
		"running");
	next.now += slow_pace.lease_ms - 1;
	assert_int_equal(bench_claim(&next, &again), ERR_NOT_FOUND);
	next.now++;
	assert_int_equal(bench_claim(&next, &again), ERR_OK);
	assert_int_equal(again.first, lost.first);
	assert_int_equal(again.points, lost.points);
	assert_int_equal(again.attempt, 2);
	/* who was thought dead comes too late */
	assert_int_equal(bench_give(&dead, &lost, &late), ERR_CONFLICT);
	assert_int_equal(bench_work(&next, &again, &late), ERR_OK);
	assert_int_equal(bench_give(&next, &again, &late), ERR_OK);
	assert_int_equal(bench_give(&next, &again, &late), ERR_CONFLICT);
	assert_int_equal(bench_drain(&next), 1);
	view = search_seen(world_alice(w), RUN_SWEEP, view.id);
	assert_string_equal(view.status, "done");
	assert_int_equal(view.points_done, 27);
	bench_close(&dead);
	bench_close(&next);
}

static void test_the_dead_are_released_at_once(void **state)
{
	struct world *w = *state;
	struct bench_runner dead = bench_open(w, "dead");
	struct bench_runner next = bench_open(w, "next");
	struct run_claim claim;

	put_saw(w, 200);
	(void)queued(w, world_alice(w));
	assert_int_equal(bench_claim(&dead, &claim), ERR_OK);
	assert_int_equal(bench_claim(&next, &claim), ERR_NOT_FOUND);
	assert_int_equal(
		runs_release(bench_admin(&next), "other", next.pace.lease_ms),
		ERR_OK);
	assert_int_equal(bench_claim(&next, &claim), ERR_NOT_FOUND);
	assert_int_equal(
		runs_release(bench_admin(&next), "dead", next.pace.lease_ms),
		ERR_OK);
	assert_int_equal(bench_claim(&next, &claim), ERR_OK);
	assert_int_equal(claim.attempt, 2);
	bench_close(&dead);
	bench_close(&next);
}

static int64_t service_of(struct world *w)
{
	return world_number(w, "SELECT service_us FROM run_service");
}

/* Or a run that ends every runner would always be next. */
static void test_what_the_dead_took_is_charged(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	const int64_t lease_us = r.pace.lease_ms * 1000;
	struct run_claim claim;
	int64_t first;

	put_saw(w, 200);
	(void)queued(w, world_alice(w));
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	first = service_of(w);
	/* that of a lease that ran out as a whole */
	r.now += r.pace.lease_ms;
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_int_equal(service_of(w), first + lease_us);
	/* of one that was released what had passed, and that once */
	r.now += 2000;
	assert_int_equal(
		runs_release(bench_admin(&r), "r", r.pace.lease_ms), ERR_OK);
	assert_int_equal(
		runs_release(bench_admin(&r), "r", r.pace.lease_ms), ERR_OK);
	assert_int_equal(service_of(w), first + lease_us + 2000000);
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_int_equal(service_of(w), first + lease_us + 2000000);
	bench_close(&r);
}

static void test_a_clock_put_back_holds_no_lease(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct run_claim claim;

	put_saw(w, 200);
	(void)queued(w, world_alice(w));
	r.now = world_now + 1000 * HOUR_MS;
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	r.now = world_now;
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	bench_close(&r);
}

static void test_attempts_are_counted(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct run_claim claim;

	put_saw(w, 200);
	(void)queued(w, world_alice(w));
	for (int64_t i = 1; i <= RUN_ATTEMPTS + 1; i++) {
		assert_int_equal(bench_claim(&r, &claim), ERR_OK);
		assert_int_equal(claim.attempt, i);
		r.now += slow_pace.lease_ms;
	}
	assert_true(claim.attempt > RUN_ATTEMPTS);
	bench_close(&r);
}

/* ---- slices -------------------------------------------------------------- */

/* The same sweep, cut in whatever way, is the same result. */
static void test_slices_make_no_difference(void **state)
{
	struct world *w = *state;
	struct search_new in = sweep_of(w);
	const char *first = NULL;

	put_saw(w, 200);
	for (int i = 0; i < 4; i++) {
		struct bench_runner r = bench_open(w, "r");
		struct search_view view;

		r.hasty = i == 3;
		r.spent_us = i == 1 ? 1 : 100000;
		if (i == 2)
			r.pace.slice_us = 1;
		view = sweep_made(w, world_alice(w), &in);
		assert_true(bench_drain(&r) >= 2);
		view = search_seen(world_alice(w), RUN_SWEEP, view.id);
		assert_string_equal(view.status, "done");
		assert_int_equal(view.progress, 100);
		assert_int_equal(view.points_done, 27);
		if (!first)
			first = view.result.text;
		assert_string_equal(view.result.text, first);
		bench_close(&r);
	}
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM run_chunks"), 0);
}

static void test_slices_follow_what_points_take(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct search_new in = sweep_of(w);
	struct run_output output;
	struct run_claim claim;

	put_saw(w, 200);
	(void)sweep_made(w, world_alice(w), &in);
	r.pace.runners = 1;
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	/* never more than half of what is left, for the others' sake */
	assert_true(claim.points <= 14);
	assert_int_equal(bench_work(&r, &claim, &output), ERR_OK);
	r.spent_us = claim.points * 5000;
	assert_int_equal(bench_give(&r, &claim, &output), ERR_OK);
	/* 5 ms a point: two of them are 10 ms */
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_int_equal(claim.points, 2);
	bench_close(&r);
}

static void test_a_slice_may_be_left_early(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct search_new in = sweep_of(w);
	struct run_output output;
	struct run_claim claim;

	put_saw(w, 200);
	(void)sweep_made(w, world_alice(w), &in);
	r.hasty = true;
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_true(claim.points > 1);
	assert_int_equal(bench_work(&r, &claim, &output), ERR_OK);
	assert_int_equal(output.points, 1);
	assert_int_equal(bench_give(&r, &claim, &output), ERR_OK);
	/* the rest is next, at its first attempt */
	int64_t first = claim.first, points = claim.points;
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_int_equal(claim.first, first + 1);
	assert_int_equal(claim.points, points - 1);
	assert_int_equal(claim.attempt, 1);
	bench_close(&r);
}

static void test_candles_that_changed_end_a_search(void **state)
{
	const struct import_options options = {
		.symbol = "SAW", .interval = "1d", .source = "test"};
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct search_new in = sweep_of(w);
	struct import_report report;
	struct run_output output;
	struct run_claim claim;

	put_saw(w, 200);
	/* days 0 to 199, and 210 */
	assert_int_equal(
		world_import(w, "1595980800,1,1,1,1,1\n", &options, &report),
		ERR_OK);
	(void)sweep_made(w, world_alice(w), &in);
	assert_int_equal(bench_slice(&r), ERR_OK);
	/* later candles are none of its business */
	assert_int_equal(
		world_import(w, "1609459200,1,1,1,1,1\n", &options, &report),
		ERR_OK);
	assert_int_equal(bench_slice(&r), ERR_OK);
	/* day 205 is */
	assert_int_equal(
		world_import(w, "1595548800,1,1,1,1,1\n", &options, &report),
		ERR_OK);
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_int_equal(bench_work(&r, &claim, &output), ERR_BAD_INPUT);
	assert_non_null(w->report->detail);
	bench_close(&r);
}

/* ---- fairness ------------------------------------------------------------ */

/* Who is served next, and is charged so much; bob so many times as much. */
static const char *serve_by(
	struct bench_runner *r, int64_t spent_us, int64_t bobs)
{
	struct run_output output;
	struct run_claim claim;

	assert_int_equal(bench_claim(r, &claim), ERR_OK);
	assert_int_equal(bench_work(r, &claim, &output), ERR_OK);
	r->spent_us =
		text_equal(claim.user_id, "bob") ? bobs * spent_us : spent_us;
	assert_int_equal(bench_give(r, &claim, &output), ERR_OK);
	return claim.user_id;
}

static const char *serve(struct bench_runner *r, int64_t spent_us)
{
	return serve_by(r, spent_us, 1);
}

static void test_one_sweep_makes_nobody_wait(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct search_new in = sweep_of(w);
	struct backtest_view view;

	put_saw(w, 200);
	r.pace.slice_us = 1; /* a point a slice */
	(void)sweep_made(w, world_alice(w), &in);
	for (int i = 0; i < 10; i++)
		assert_string_equal(serve(&r, 300000), "alice");
	view = queued(w, world_bob(w));
	assert_string_equal(serve(&r, 500000), "bob");
	assert_string_equal(seen(world_bob(w), view.id).status, "done");
	assert_string_equal(serve(&r, 300000), "alice");
	bench_close(&r);
}

static void test_two_users_share_the_time(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct search_new in = sweep_of(w);
	int64_t of_alice = 0, of_bob = 0;

	put_saw(w, 200);
	r.pace.slice_us = 1;
	(void)sweep_made(w, world_alice(w), &in);
	for (int i = 0; i < 5; i++)
		(void)serve(&r, 300000);
	(void)sweep_made(w, world_bob(w), &in);
	/* bob's slices take thrice as long: alice gets three for each */
	for (int i = 0; i < 16; i++)
		if (text_equal(serve_by(&r, 300000, 3), "bob"))
			of_bob++;
		else
			of_alice++;
	assert_in_range(of_alice, 11, 13);
	assert_in_range(of_bob, 3, 5);
	bench_close(&r);
}

/* Being idle earns nothing, and having been busy costs nothing. */
static void test_the_idle_begin_where_the_others_are(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct search_new in = sweep_of(w);
	int64_t in_a_row = 0;

	put_saw(w, 200);
	r.pace.slice_us = 1;
	/* alice alone, for a long time; then nobody */
	(void)queued(w, world_alice(w));
	(void)serve(&r, 3600000000);
	/* bob, who never had anything, and alice again */
	(void)sweep_made(w, world_bob(w), &in);
	(void)sweep_made(w, world_alice(w), &in);
	while (text_equal(serve(&r, 300000), "bob"))
		in_a_row++;
	assert_true(in_a_row <= 2);
	/* and bob does not get back what he did not ask for */
	in_a_row = 0;
	while (!text_equal(serve(&r, 300000), "bob"))
		in_a_row++;
	assert_true(in_a_row <= 2);
	bench_close(&r);
}

/* Two slices of one user are not free because neither has ended. */
static void test_slices_are_charged_beforehand(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct search_new in = sweep_of(w);
	struct run_claim claim;

	put_saw(w, 200);
	r.pace.slice_us = 1;
	(void)sweep_made(w, world_alice(w), &in);
	(void)sweep_made(w, world_bob(w), &in);
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	const char *first = claim.user_id;
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_string_not_equal(claim.user_id, first);
	bench_close(&r);
}

static void test_single_backtests_pass_ones_own_sweep(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct search_new in = sweep_of(w);
	struct run_claim claim;

	put_saw(w, 200);
	(void)sweep_made(w, world_alice(w), &in);
	assert_int_equal(bench_slice(&r), ERR_OK);
	(void)queued(w, world_alice(w));
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_int_equal(claim.kind, RUN_BACKTEST);
	bench_close(&r);
}

static void test_outlook(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct runs_outlook outlook;
	struct run_claim claim;

	put_saw(w, 200);
	assert_int_equal(runs_outlook(bench_admin(&r), &outlook), ERR_OK);
	assert_int_equal(outlook.open, 0);
	assert_int_equal(outlook.oldest, 0);
	(void)queued(w, world_alice(w));
	(void)queued(w, world_bob(w));
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_int_equal(runs_outlook(bench_admin(&r), &outlook), ERR_OK);
	assert_int_equal(outlook.open, 2);
	assert_int_equal(outlook.waiting, 1);
	assert_int_equal(outlook.oldest, world_now);
	bench_close(&r);
}

/* ---- quotas -------------------------------------------------------------- */

/* Sixty-four windows of thousands of bars, each read whole for each bar. */
static const struct json *endless(struct world *w)
{
	struct buf text;

	buf_init(&text, w->arena, 1 << 14);
	buf_text(&text, "{\"version\":1,\"name\":\"Endless\",\"interval\":"
			"\"1m\",\"indicators\":{");
	for (int i = 0; i < 64; i++)
		buf_format(&text, "%s\"i%d\":{\"fn\":\"cci\",\"period\":%d}",
			i ? "," : "", i, 5000 - i);
	buf_text(&text, "},\"entry\":{\"long\":{\"any\":[");
	for (int i = 0; i < 64; i++)
		buf_format(&text, "%s{\"gt\":[\"i%d\",0]}", i ? "," : "", i);
	buf_text(&text, "]}}}");
	return world_json(w, text.data);
}

static void put_minutes(struct world *w, int count)
{
	const struct import_options options = {
		.symbol = "MIN", .interval = "1m", .source = "test"};
	struct import_report report;
	struct buf text;

	buf_init(&text, w->arena, 1 << 22);
	for (int i = 0; i < count; i++)
		buf_format(&text, "%lld,100,101,99,100,1\n",
			(long long)(INT64_C(1577836800) + i * 60));
	assert_int_equal(world_import(w, text.data, &options, &report), ERR_OK);
}

static void test_what_cannot_end_in_time_is_refused(void **state)
{
	struct world *w = *state;
	struct limits limits = queueing();
	const struct backtest_new in = {.definition = endless(w),
		.symbol = "MIN",
		.finalize = true,
		.keep = true};
	struct backtest_view view;

	put_minutes(w, 20000);
	limits.run_seconds = 1;
	w->report->fault_count = 0;
	assert_int_equal(backtest_create(world_alice(w), &limits, &in, &view),
		ERR_BAD_INPUT);
	assert_string_equal(w->report->faults[0].pointer, "/from");
	assert_non_null(strstr(w->report->faults[0].message, "would take"));
	assert_int_equal(world_number(w, "SELECT count(*) FROM runs"), 0);
}

static void test_runs_an_hour_are_limited(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	const struct backtest_new in = cross(w);
	struct limits limits = roomy;
	struct backtest_view view;

	put_saw(w, 200);
	limits.backtest_runs_hour = 2;
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			backtest_create(world_alice(w), &limits, &in, &view),
			ERR_OK);
	r.now = world_now + 600 * SECOND_MS;
	assert_int_equal(
		backtest_create(bench_scope(&r, "alice"), &limits, &in, &view),
		ERR_RATE_LIMITED);
	assert_int_equal(w->report->retry_after_s, 3000);
	assert_non_null(strstr(w->report->detail, "BACKTEST_RUNS_PER_HOUR"));
	assert_non_null(strstr(w->report->detail, "2027-01-15T09:00:01Z"));
	assert_int_equal(
		backtest_create(bench_scope(&r, "bob"), &limits, &in, &view),
		ERR_OK);
	r.now = world_now + HOUR_MS;
	assert_int_equal(
		backtest_create(bench_scope(&r, "alice"), &limits, &in, &view),
		ERR_OK);
	/* a clock that was put back shuts nobody out */
	r.now = world_now - HOUR_MS;
	assert_int_equal(
		backtest_create(bench_scope(&r, "alice"), &limits, &in, &view),
		ERR_OK);
	bench_close(&r);
}

static void test_runs_at_once_are_limited(void **state)
{
	struct world *w = *state;
	const struct backtest_new in = cross(w);
	struct limits limits = queueing();
	struct backtest_view first, view;

	put_saw(w, 200);
	limits.runs_at_once = 2;
	assert_int_equal(
		backtest_create(world_alice(w), &limits, &in, &first), ERR_OK);
	assert_int_equal(
		backtest_create(world_alice(w), &limits, &in, &view), ERR_OK);
	assert_int_equal(backtest_create(world_alice(w), &limits, &in, &view),
		ERR_CONFLICT);
	assert_non_null(strstr(w->report->detail, "BACKTEST_RUNS_AT_ONCE"));
	/* nothing is left of what was refused */
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM backtests"), 2);
	assert_int_equal(
		backtest_create(world_bob(w), &limits, &in, &view), ERR_OK);
	assert_int_equal(backtest_remove(world_alice(w), first.id), ERR_OK);
	assert_int_equal(
		backtest_create(world_alice(w), &limits, &in, &view), ERR_OK);
}

static void test_a_removed_user_takes_his_runs_along(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct search_new in = sweep_of(w);
	struct run_output output;
	struct run_claim claim;

	put_saw(w, 200);
	(void)sweep_made(w, world_alice(w), &in);
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_int_equal(bench_work(&r, &claim, &output), ERR_OK);
	assert_int_equal(db_run(w->db, "DELETE FROM users WHERE id = 'alice'",
				 NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(bench_give(&r, &claim, &output), ERR_CONFLICT);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM run_chunks"), 0);
	assert_int_equal(
		world_number(w, "SELECT COUNT(*) FROM run_service"), 0);
	bench_close(&r);
}

/* ---- killed in the middle ------------------------------------------------ */

enum {
	PROCESSES = 4,
	KILLS = 12
};

/* A runner that goes on until it is killed or nothing is left. */
static _Noreturn void run_along(struct world *w, const char *name)
{
	struct world own = {.arena = arena_open((size_t)256 << 20)};
	const struct db_options options = {
		.url = arena_format(own.arena, "sqlite:%s/world.db", w->folder),
		.busy_ms = 60000};
	struct arena *process = arena_open(1 << 20);
	struct bench_runner r;
	enum err err = ERR_OK;

	if (db_open(process, &options, &own.db) != ERR_OK)
		_exit(1);
	r = bench_open(&own, name);
	r.series = series_cache_open(process, 1 << 24);
	r.pace.slice_us = 1; /* many slices: many places to be killed at */
	while (err == ERR_OK || err == ERR_CONFLICT) {
		arena_reset(own.arena);
		err = bench_slice(&r);
	}
	bench_close(&r);
	db_close(&own.db);
	arena_close(&process);
	arena_close(&own.arena);
	_exit(err == ERR_NOT_FOUND ? 0 : 1);
}

static pid_t runner_start(struct world *w, const char *name)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		run_along(w, name);
	return pid;
}

static void world_again(struct world *w)
{
	const struct db_options options = {
		.url = arena_format(w->arena, "sqlite:%s/world.db", w->folder),
		.busy_ms = 60000};

	assert_int_equal(db_open(w->arena, &options, &w->db), ERR_OK);
}

static void test_kills_lose_nothing_and_double_nothing(void **state)
{
	struct world *w = *state;
	struct search_new in = sweep_of(w);
	struct bench_runner r = bench_open(w, "whole");
	struct search_view whole, killed;
	int status;

	put_saw(w, 1000);
	in.run.params =
		world_json(w, "{\"fast\":{\"from\":2,\"to\":10},"
			      "\"slow\":{\"from\":8,\"to\":24,\"step\":4}}");
	whole = sweep_made(w, world_alice(w), &in);
	(void)bench_drain(&r);
	whole = search_seen(world_alice(w), RUN_SWEEP, whole.id);
	killed = sweep_made(w, world_alice(w), &in);
	for (int i = 0; i < KILLS; i++) {
		const char *name = arena_format(w->arena, "runner-%d", i);
		struct timespec wait = {.tv_nsec = (i * 7 % 12 + 1) * 1000000};
		pid_t child;

		/* no connection goes along */
		db_close(&w->db);
		child = runner_start(w, name);
		(void)nanosleep(&wait, NULL);
		assert_int_equal(kill(child, SIGKILL), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
		world_again(w);
		assert_int_equal(
			runs_release(bench_admin(&r), name, r.pace.lease_ms),
			ERR_OK);
	}
	(void)bench_drain(&r);
	killed = search_seen(world_alice(w), RUN_SWEEP, killed.id);
	assert_string_equal(killed.status, "done");
	assert_int_equal(killed.points_done, killed.points);
	assert_string_equal(killed.result.text, whole.result.text);
	bench_close(&r);
}

static void test_processes_share_one_sweep(void **state)
{
	struct world *w = *state;
	struct search_new in = sweep_of(w);
	pid_t children[PROCESSES];
	struct search_view view;
	int status;

	put_saw(w, 500);
	view = sweep_made(w, world_alice(w), &in);
	db_close(&w->db);
	for (size_t i = 0; i < PROCESSES; i++)
		children[i] = runner_start(
			w, arena_format(w->arena, "runner-%zu", i));
	for (size_t i = 0; i < PROCESSES; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	world_again(w);
	/* the last to look may have left before the last gave back */
	struct bench_runner r = bench_open(w, "last");
	(void)bench_drain(&r);
	view = search_seen(world_alice(w), RUN_SWEEP, view.id);
	assert_string_equal(view.status, "done");
	assert_int_equal(view.points_done, 27);
	bench_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_a_long_backtest_waits_and_is_run),
		WORLD_TEST(test_what_is_cancelled_is_not_kept),
		WORLD_TEST(test_progress_is_seen_and_says_when_nobody_waits),
		WORLD_TEST(test_one_that_waits_is_cancelled_at_once),
		WORLD_TEST(test_failures_say_why),
		WORLD_TEST(test_a_lease_that_ends_is_taken_over),
		WORLD_TEST(test_the_dead_are_released_at_once),
		WORLD_TEST(test_what_the_dead_took_is_charged),
		WORLD_TEST(test_a_clock_put_back_holds_no_lease),
		WORLD_TEST(test_attempts_are_counted),
		WORLD_TEST(test_slices_make_no_difference),
		WORLD_TEST(test_slices_follow_what_points_take),
		WORLD_TEST(test_a_slice_may_be_left_early),
		WORLD_TEST(test_candles_that_changed_end_a_search),
		WORLD_TEST(test_one_sweep_makes_nobody_wait),
		WORLD_TEST(test_two_users_share_the_time),
		WORLD_TEST(test_the_idle_begin_where_the_others_are),
		WORLD_TEST(test_slices_are_charged_beforehand),
		WORLD_TEST(test_single_backtests_pass_ones_own_sweep),
		WORLD_TEST(test_outlook),
		WORLD_TEST(test_what_cannot_end_in_time_is_refused),
		WORLD_TEST(test_runs_an_hour_are_limited),
		WORLD_TEST(test_runs_at_once_are_limited),
		WORLD_TEST(test_a_removed_user_takes_his_runs_along),
		WORLD_TEST(test_kills_lose_nothing_and_double_nothing),
		WORLD_TEST(test_processes_share_one_sweep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
