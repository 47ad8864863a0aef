/*
 * The program's side of the queue: a slice by a runner that has nothing but
 * the database, the scope that a lease opens, what others see afterwards; and
 * the processes that are started, killed and ended.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>

#include "clock.h"
#include "run_help.h"
#include "work_runs.h"

struct plant {
	struct world *w;
	struct config config;
	struct log log;
	struct shared shared;
	struct runner runner;
};

static int plant_open(void **state)
{
	struct plant *p = calloc(1, sizeof(*p));
	void *w;

	assert_non_null(p);
	assert_int_equal(world_open(&w), 0);
	p->w = w;
	p->config = (struct config){
		.work_runners = 2, .work_candle_bytes = 1 << 24};
	p->log.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	p->shared.db = p->w->db;
	p->shared.store = store_open_memory(p->w->arena);
	p->runner = (struct runner){.config = &p->config,
		.log = &p->log,
		.shared = &p->shared,
		.owner = "host/1/x-0"};
	runner_open(&p->runner, p->w->arena);
	put_saw(p->w, 300);
	*state = p;
	return 0;
}

static int plant_close(void **state)
{
	struct plant *p = *state;
	void *w = p->w;

	runner_close(&p->runner);
	store_close(&p->shared.store);
	close(p->log.fd);
	free(p);
	return world_close(&w);
}

/* ---- slices -------------------------------------------------------------- */

static void test_a_runner_needs_only_a_lease(void **state)
{
	struct plant *p = *state;
	struct search_new in = sweep_of(p->w);
	struct search_view view;
	bool did;

	assert_int_equal(runner_slice(&p->runner, &did), ERR_OK);
	assert_false(did);
	view = sweep_made(p->w, world_alice(p->w), &in);
	assert_int_equal(runner_slice(&p->runner, &did), ERR_OK);
	assert_true(did);
	assert_true(runner_drain(&p->runner, 60000));
	view = search_seen(world_alice(p->w), RUN_SWEEP, view.id);
	assert_string_equal(view.status, "done");
	assert_int_equal(view.points_done, 27);
	assert_true(world_number(p->w, "SELECT service_us FROM run_service"
				       " WHERE user_id = 'alice'") > 0);
}

static void test_without_a_lease_there_is_no_scope(void **state)
{
	struct plant *p = *state;
	struct bench_runner r = bench_open(p->w, "mine");
	struct search_new in = sweep_of(p->w);
	struct auth_lease lease = {.arena = p->w->arena,
		.report = p->w->report,
		.now = world_now,
		.lease = "mine"};
	struct scope *scope = NULL;
	struct run_claim claim;
	struct run_output output;

	lease.run_id = sweep_made(p->w, world_alice(p->w), &in).id;
	assert_int_equal(
		auth_lease_scope(p->w->db, &lease, &scope), ERR_CONFLICT);
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	assert_int_equal(auth_lease_scope(p->w->db, &lease, &scope), ERR_OK);
	assert_string_equal(scope_user(scope), "alice");
	lease.lease = "another";
	assert_int_equal(
		auth_lease_scope(p->w->db, &lease, &scope), ERR_CONFLICT);
	lease.lease = "mine";
	lease.run_id = "01h00000000000000000000000";
	assert_int_equal(
		auth_lease_scope(p->w->db, &lease, &scope), ERR_CONFLICT);
	/* given back, it opens nothing */
	assert_int_equal(bench_work(&r, &claim, &output), ERR_OK);
	assert_int_equal(bench_give(&r, &claim, &output), ERR_OK);
	lease.run_id = claim.run_id;
	assert_int_equal(
		auth_lease_scope(p->w->db, &lease, &scope), ERR_CONFLICT);
	bench_close(&r);
}

/* What was kept of the user's lists before is not found after a slice. */
static void test_kept_answers_are_dropped(void **state)
{
	struct plant *p = *state;
	struct search_new in = sweep_of(p->w);
	const int64_t now = clock_ms();
	struct store_question question = {.key = "list",
		.tags = {.names = {"u:alice:backtests"}, .count = 1},
		.claim_ms = 1000};
	const struct store_answer answer = {
		.bytes = "old", .len = 3, .life_ms = 3600000};
	struct store_look look;
	bool did;

	(void)sweep_made(p->w, world_alice(p->w), &in);
	assert_int_equal(
		store_look(p->shared.store, p->w->arena, now, &question, &look),
		ERR_OK);
	assert_int_equal(
		store_keep(p->shared.store, now, &look, &answer), ERR_OK);
	assert_int_equal(
		store_look(p->shared.store, p->w->arena, now, &question, &look),
		ERR_OK);
	assert_true(look.found);
	assert_int_equal(runner_slice(&p->runner, &did), ERR_OK);
	assert_true(did);
	assert_int_equal(store_look(p->shared.store, p->w->arena, clock_ms(),
				 &question, &look),
		ERR_OK);
	assert_false(look.found);
}

static void test_what_keeps_dying_is_given_up(void **state)
{
	struct plant *p = *state;
	struct search_new in = sweep_of(p->w);
	struct search_view view;
	bool did;

	view = sweep_made(p->w, world_alice(p->w), &in);
	assert_int_equal(runner_slice(&p->runner, &did), ERR_OK);
	/* as if three processes had died over its next slice */
	assert_int_equal(db_run(p->w->db,
				 "INSERT INTO run_chunks (user_id, run_id,"
				 " first_point, points, attempts, lease_owner,"
				 " lease_until, charged_us) SELECT user_id, id,"
				 " next_point, 1, 3, 'dead', 0, 0 FROM runs",
				 NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(
		db_run(p->w->db, "UPDATE runs SET next_point = next_point + 1",
			NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(runner_slice(&p->runner, &did), ERR_OK);
	view = search_seen(world_alice(p->w), RUN_SWEEP, view.id);
	assert_string_equal(view.status, "failed");
	assert_non_null(strstr(view.error, "three times"));
}

static void test_a_run_that_cannot_be_run_says_why(void **state)
{
	struct plant *p = *state;
	struct search_new in = sweep_of(p->w);
	struct search_view view;
	bool did;

	view = sweep_made(p->w, world_alice(p->w), &in);
	assert_int_equal(
		db_run(p->w->db, "DELETE FROM candle_blocks", NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(runner_slice(&p->runner, &did), ERR_OK);
	view = search_seen(world_alice(p->w), RUN_SWEEP, view.id);
	assert_string_equal(view.status, "failed");
	assert_non_null(strstr(view.error, "candles"));
}

static void test_runners_are_counted(void **state)
{
	struct plant *p = *state;

	assert_int_equal(runner_count(&p->config), 2);
	p->config.work_runners = 0;
	assert_true(runner_count(&p->config) >= 1);
}

/* ---- processes ------------------------------------------------------------ */

enum {
	TRIES = 500,
	PAUSE = 10 /* ms; 5 s together */
};

static bool is_alive(pid_t pid)
{
	return pid > 0 && kill(pid, 0) == 0;
}

/* Programs that do nothing until they are asked to end, or end at once. */
static struct runners *started(struct plant *p, const char *script)
{
	const char **argv = arena_array(p->w->arena, 4, sizeof(*argv));
	const struct runners_options options = {.count = 2,
		.argv = argv,
		.program = "/bin/sh",
		.owner = "host/1/x",
		.log = &p->log};

	argv[0] = "sh";
	argv[1] = "-c";
	argv[2] = script;
	return runners_open(p->w->arena, &options);
}

/* Until the process of that index is another than `before`. */
static void tend_until(
	struct plant *p, struct runners *runners, pid_t before, int64_t now)
{
	for (int i = 0; i < TRIES && runners_pid(runners, 0) == before; i++) {
		(void)poll(NULL, 0, PAUSE);
		runners_tend(runners, &p->shared, p->w->arena, now);
	}
}

static void test_the_killed_are_started_again(void **state)
{
	struct plant *p = *state;
	struct runners *runners = started(p, "exec sleep 1000");
	struct bench_runner r = bench_open(p->w, "host/1/x-0");
	struct search_new in = sweep_of(p->w);
	struct run_claim claim;
	int64_t now = 1000;
	pid_t first;

	(void)sweep_made(p->w, world_alice(p->w), &in);
	assert_int_equal(bench_claim(&r, &claim), ERR_OK);
	runners_tend(runners, &p->shared, p->w->arena, now);
	first = runners_pid(runners, 0);
	assert_true(is_alive(first));
	assert_true(is_alive(runners_pid(runners, 1)));
	/* nothing to do: nothing is done */
	runners_tend(runners, &p->shared, p->w->arena, now);
	assert_int_equal(runners_pid(runners, 0), first);
	/* it lived for long: at once */
	now += 60000;
	assert_int_equal(kill(first, SIGKILL), 0);
	tend_until(p, runners, first, now);
	assert_true(is_alive(runners_pid(runners, 0)));
	/* and what it had is free */
	assert_int_equal(
		world_number(p->w, "SELECT max(lease_until) FROM run_chunks"),
		0);
	runners_stop(runners, 5000);
	assert_int_equal(runners_pid(runners, 0), 0);
	assert_int_equal(runners_pid(runners, 1), 0);
	bench_close(&r);
}

static void test_who_dies_young_is_waited_with(void **state)
{
	struct plant *p = *state;
	struct runners *runners = started(p, "exit 3");
	int64_t now = 1000;
	pid_t first;

	runners_tend(runners, &p->shared, p->w->arena, now);
	first = runners_pid(runners, 0);
	tend_until(p, runners, first, now);
	assert_int_equal(runners_pid(runners, 0), 0);
	runners_tend(runners, &p->shared, p->w->arena, now + 499);
	assert_int_equal(runners_pid(runners, 0), 0);
	runners_tend(runners, &p->shared, p->w->arena, now + 500);
	first = runners_pid(runners, 0);
	assert_true(first > 0);
	now += 500;
	tend_until(p, runners, first, now);
	/* twice as long */
	runners_tend(runners, &p->shared, p->w->arena, now + 999);
	assert_int_equal(runners_pid(runners, 0), 0);
	runners_tend(runners, &p->shared, p->w->arena, now + 1000);
	assert_true(runners_pid(runners, 0) > 0);
	runners_stop(runners, 5000);
}

static void test_who_does_not_listen_is_killed(void **state)
{
	struct plant *p = *state;
	struct runners *runners = started(p, "trap '' TERM; exec sleep 1000");
	pid_t pid;

	runners_tend(runners, &p->shared, p->w->arena, 1000);
	pid = runners_pid(runners, 0);
	/* until it ignores the signal, or long enough: it ends either way */
	(void)poll(NULL, 0, 20 * PAUSE);
	runners_stop(runners, 100);
	assert_false(is_alive(pid));
}

int main(void)
{
#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, plant_open, plant_close)
	const struct CMUnitTest tests[] = {
		CASE(test_a_runner_needs_only_a_lease),
		CASE(test_without_a_lease_there_is_no_scope),
		CASE(test_kept_answers_are_dropped),
		CASE(test_what_keeps_dying_is_given_up),
		CASE(test_a_run_that_cannot_be_run_says_why),
		CASE(test_runners_are_counted),
		CASE(test_the_killed_are_started_again),
		CASE(test_who_dies_young_is_waited_with),
		CASE(test_who_does_not_listen_is_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
