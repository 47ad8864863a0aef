/*
 * The plan of the background jobs: leases, back-off, asking, pausing; four
 * processes that never do one job at once nor one due time twice; and what
 * is left of one that was killed.
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

#include "domain_world.h"
#include "jobs.h"
#include "rounds.h"

#define SECOND_MS INT64_C(1000)

static struct admin_scope *at(struct world *w, int64_t now)
{
	return admin_scope_mint(
		w->arena, w->db, world_report(w), "operator", now);
}

static void plan(struct world *w, int64_t now)
{
	int64_t intervals[JOB_COUNT];

	for (size_t i = 0; i < JOB_COUNT; i++)
		intervals[i] = job_kinds[i].interval_ms;
	assert_int_equal(jobs_plan(at(w, now), intervals), ERR_OK);
}

static struct job_claim claim(struct world *w, int64_t now, enum job job)
{
	struct job_claim out = {0};

	assert_int_equal(jobs_claim(at(w, now), job, "me", &out), ERR_OK);
	return out;
}

static enum err try_claim(struct world *w, int64_t now, enum job job)
{
	struct job_claim out;

	return jobs_claim(at(w, now), job, "other", &out);
}

static struct job_view view(struct world *w, int64_t now, enum job job)
{
	struct list list;

	assert_int_equal(jobs_list(at(w, now), &list), ERR_OK);
	assert_int_equal(list.count, JOB_COUNT);
	return ((const struct job_view *)list.items)[job];
}

/* ---- one at a time ------------------------------------------------------- */

static void test_names_are_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < JOB_COUNT; i++) {
		assert_string_equal(job_kinds[i].name, job_names[i]);
		assert_true(job_kinds[i].interval_ms > 0);
		assert_true(job_kinds[i].timeout_ms >= 1000);
		assert_true(job_kinds[i].retry_ms > 0);
		assert_true(job_kinds[i].retry_cap_ms >= job_kinds[i].retry_ms);
	}
	assert_null(job_names[JOB_COUNT]);
}

static void test_a_due_job_is_had_by_one(void **state)
{
	struct world *w = *state;
	struct job_claim mine;
	int64_t now = world_now;

	assert_int_equal(try_claim(w, now, JOB_CLEAN), ERR_NOT_FOUND);
	plan(w, now);
	mine = claim(w, now, JOB_CLEAN);
	assert_int_equal(mine.due_at, now);
	assert_false(mine.taken_over);
	assert_string_equal(view(w, now, JOB_CLEAN).state, "running");
	assert_int_equal(try_claim(w, now, JOB_CLEAN), ERR_NOT_FOUND);
	/* the others are free */
	assert_int_equal(try_claim(w, now, JOB_BACKUP), ERR_OK);

	now += 3 * SECOND_MS;
	assert_int_equal(jobs_finish(at(w, now), &mine, NULL), ERR_OK);
	assert_int_equal(jobs_finish(at(w, now), &mine, NULL), ERR_CONFLICT);
	const struct job_view done = view(w, now, JOB_CLEAN);
	assert_string_equal(done.state, "waiting");
	assert_string_equal(done.last_result, "ok");
	assert_int_equal(done.duration_ms, 3 * SECOND_MS);
	assert_int_equal(done.runs, 1);
	const struct job_kind *kind = &job_kinds[JOB_CLEAN];
	assert_in_range(done.next_at->ms - world_now, kind->interval_ms,
		kind->interval_ms + kind->jitter_ms);
	assert_int_equal(
		try_claim(w, done.next_at->ms - 1, JOB_CLEAN), ERR_NOT_FOUND);
	assert_int_equal(try_claim(w, done.next_at->ms, JOB_CLEAN), ERR_OK);
}

static void test_failures_wait_longer_each_time(void **state)
{
	struct world *w = *state;
	const struct job_kind *kind = &job_kinds[JOB_BACKUP];
	int64_t now = world_now;
	int64_t expected = kind->retry_ms;

	plan(w, now);
	for (int i = 1; i <= 12; i++) {
		struct job_claim mine = claim(w, now, JOB_BACKUP);

		assert_int_equal(mine.failures, i - 1);
		assert_int_equal(
			jobs_finish(at(w, now), &mine, "disk full"), ERR_OK);
		const struct job_view failed = view(w, now, JOB_BACKUP);
		assert_string_equal(failed.last_result, "failed");
		assert_string_equal(failed.last_error, "disk full");
		assert_int_equal(failed.failures, i);
		assert_in_range(failed.next_at->ms - now, expected,
			expected + expected / 4);
		now = failed.next_at->ms;
		expected = 2 * expected < kind->retry_cap_ms
				   ? 2 * expected
				   : kind->retry_cap_ms;
	}
	struct job_claim mine = claim(w, now, JOB_BACKUP);
	assert_int_equal(jobs_finish(at(w, now), &mine, NULL), ERR_OK);
	const struct job_view good = view(w, now, JOB_BACKUP);
	assert_int_equal(good.failures, 0);
	assert_null(good.last_error);
	assert_true(good.next_at->ms - now >= kind->interval_ms);
}

static void test_run_now_pause_resume(void **state)
{
	struct world *w = *state;
	struct job_view seen;
	struct job_claim mine;
	int64_t now = world_now;

	/* before the background process was ever started */
	assert_int_equal(
		jobs_run_now(at(w, now), "nonsense", &seen), ERR_NOT_FOUND);
	assert_int_equal(jobs_run_now(at(w, now), "clean", &seen), ERR_OK);
	assert_true(seen.run_now);
	plan(w, now);
	mine = claim(w, now, JOB_CLEAN);
	/* asked for again while it runs: once more, not at once */
	assert_int_equal(jobs_run_now(at(w, now), "clean", &seen), ERR_OK);
	assert_string_equal(seen.state, "running");
	assert_int_equal(try_claim(w, now, JOB_CLEAN), ERR_NOT_FOUND);
	assert_int_equal(jobs_finish(at(w, now), &mine, NULL), ERR_OK);
	const int64_t due = view(w, now, JOB_CLEAN).next_at->ms;
	mine = claim(w, now, JOB_CLEAN);
	assert_int_equal(jobs_finish(at(w, now), &mine, NULL), ERR_OK);
	/* asked for before its time: that time stays */
	assert_int_equal(view(w, now, JOB_CLEAN).next_at->ms, due);
	assert_int_equal(try_claim(w, now, JOB_CLEAN), ERR_NOT_FOUND);

	assert_int_equal(
		jobs_set_paused(at(w, now), "clean", true, &seen), ERR_OK);
	assert_string_equal(seen.state, "paused");
	assert_null(seen.next_at);
	assert_int_equal(
		jobs_run_now(at(w, now), "clean", &seen), ERR_CONFLICT);
	assert_int_equal(try_claim(w, due + DAY, JOB_CLEAN), ERR_NOT_FOUND);
	assert_int_equal(
		jobs_set_paused(at(w, now), "clean", false, &seen), ERR_OK);
	assert_int_equal(try_claim(w, due + DAY, JOB_CLEAN), ERR_OK);
	assert_int_equal(
		jobs_set_paused(at(w, now), "", true, &seen), ERR_NOT_FOUND);
}

static void test_off_and_shorter_intervals(void **state)
{
	struct world *w = *state;
	int64_t intervals[JOB_COUNT] = {0};
	struct jobs_outlook outlook;
	struct job_view seen;
	struct job_claim mine;

	assert_int_equal(jobs_plan(at(w, world_now), intervals), ERR_OK);
	assert_string_equal(view(w, world_now, JOB_CLEAN).state, "off");
	assert_int_equal(
		try_claim(w, world_now + DAY, JOB_CLEAN), ERR_NOT_FOUND);
	assert_int_equal(
		jobs_outlook(at(w, world_now + DAY), LANES_ALL, &outlook),
		ERR_OK);
	assert_true(outlook.next_at == INT64_MAX && outlook.late_ms == 0);
	assert_int_equal(
		jobs_run_now(at(w, world_now), "clean", &seen), ERR_OK);
	mine = claim(w, world_now, JOB_CLEAN);
	assert_int_equal(jobs_finish(at(w, world_now), &mine, NULL), ERR_OK);

	for (size_t i = 0; i < JOB_COUNT; i++)
		intervals[i] = DAY;
	assert_int_equal(jobs_plan(at(w, world_now), intervals), ERR_OK);
	mine = claim(w, world_now, JOB_BACKUP);
	assert_int_equal(jobs_finish(at(w, world_now), &mine, NULL), ERR_OK);
	intervals[JOB_BACKUP] = 60 * SECOND_MS;
	assert_int_equal(jobs_plan(at(w, world_now), intervals), ERR_OK);
	assert_true(view(w, world_now, JOB_BACKUP).next_at->ms <=
		    world_now + 60 * SECOND_MS);
}

static void test_outlook_tells_when_and_how_late(void **state)
{
	struct world *w = *state;
	struct jobs_outlook outlook;

	plan(w, world_now);
	assert_int_equal(
		jobs_outlook(at(w, world_now + 7000), LANES_ALL, &outlook),
		ERR_OK);
	assert_int_equal(outlook.next_at, world_now);
	assert_int_equal(outlook.late_ms, 7000);
	for (size_t i = 0; i < JOB_COUNT; i++) {
		struct job_claim mine = claim(w, world_now, (enum job)i);

		assert_int_equal(
			jobs_finish(at(w, world_now), &mine, NULL), ERR_OK);
	}
	assert_int_equal(
		jobs_outlook(at(w, world_now), LANES_ALL, &outlook), ERR_OK);
	assert_true(outlook.next_at > world_now);
	assert_int_equal(outlook.late_ms, 0);
}

/* ---- several processes --------------------------------------------------- */

enum {
	PROCESSES = 4,
	BROKEN_AT_ONCE = 1,
	BROKEN_TWICE,
	BROKEN_CALL
};

struct shared {
	_Atomic int64_t now;
	_Atomic int running[JOB_COUNT];
	_Atomic int64_t last_due[JOB_COUNT];
	_Atomic int64_t done;
	_Atomic int64_t by[PROCESSES];
	_Atomic int64_t seen[PROCESSES]; /* clock of whoever acts now */
	_Atomic int broken;
};

static struct shared *shared_make(void)
{
	struct shared *shared = mmap(NULL, sizeof(*shared),
		PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_true(shared != MAP_FAILED);
	return shared;
}

/* Outside of this process's transactions: seen by all at once. */
static void run_one(struct shared *shared, const struct job_claim *mine)
{
	if (atomic_exchange(&shared->running[mine->job], 1) != 0)
		shared->broken = BROKEN_AT_ONCE;
	if (atomic_exchange(&shared->last_due[mine->job], mine->due_at) >=
		mine->due_at)
		shared->broken = BROKEN_TWICE;
	shared->running[mine->job] = 0;
	shared->done++;
}

static bool try_all(
	struct world *w, struct shared *shared, size_t me, const char *owner)
{
	bool any = false;

	for (size_t i = 0; i < JOB_COUNT; i++) {
		struct job_claim mine;
		enum err err;

		shared->seen[me] = shared->now;
		err = jobs_claim(at(w, shared->seen[me]),
			(enum job)((i + me) % JOB_COUNT), owner, &mine);
		shared->seen[me] = INT64_MAX;
		if (err == ERR_OK) {
			any = true;
			shared->by[me]++;
			run_one(shared, &mine);
			err = jobs_finish(at(w, shared->now), &mine, NULL);
		} else if (err == ERR_NOT_FOUND) {
			err = ERR_OK;
		}
		if (err != ERR_OK)
			shared->broken = BROKEN_CALL;
	}
	return any;
}

/* Nobody still acts on an earlier time than this one: intervals later, that
   would look like a clock that was set back. */
static bool nobody_lags(struct shared *shared, int64_t now)
{
	for (size_t i = 0; i < PROCESSES; i++)
		if (shared->seen[i] < now)
			return false;
	return true;
}

/* The next due time, unless somebody has a job: leases are of real time. */
static void move_clock(struct world *w, struct shared *shared)
{
	static const char next_sql[] =
		"SELECT coalesce(min(next_at), 0) * (count(lease_until) = 0)"
		" FROM jobs";
	int64_t now = shared->now;
	int64_t next = world_number(w, next_sql);

	/* who waits for the lock gets it when the others stand back */
	if (!nobody_lags(shared, now))
		(void)usleep(1000);
	else if (next > now)
		(void)atomic_compare_exchange_strong(&shared->now, &now, next);
}

/* Of all jobs together. */
static int due_times(void)
{
	return rounds(1000, 100);
}

static void work_along(struct world *w, struct shared *shared, size_t me)
{
	struct world own = {.arena = arena_open((size_t)64 << 20)};
	const struct db_options options = {
		.url = arena_format(own.arena, "sqlite:%s/world.db", w->folder),
		.busy_ms = 60000};
	char owner[16];

	(void)snprintf(owner, sizeof(owner), "worker-%zu", me);
	if (db_open(w->arena, &options, &own.db) != ERR_OK)
		shared->broken = BROKEN_CALL;
	/* and at least one for each */
	while ((shared->done < due_times() || shared->by[me] == 0) &&
		shared->broken == 0) {
		arena_reset(own.arena);
		if (!try_all(&own, shared, me, owner))
			move_clock(&own, shared);
	}
	db_close(&own.db);
	_exit(0);
}

static void test_processes_share_the_work(void **state)
{
	struct world *w = *state;
	struct shared *shared = shared_make();
	int64_t intervals[JOB_COUNT];
	pid_t children[PROCESSES];
	int status;

	for (size_t i = 0; i < JOB_COUNT; i++)
		intervals[i] = (int64_t)(i + 1) * SECOND_MS;
	assert_int_equal(jobs_plan(at(w, world_now), intervals), ERR_OK);
	shared->now = world_now;
	db_close(&w->db);
	for (size_t i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			work_along(w, shared, i);
	}
	for (size_t i = 0; i < PROCESSES; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		assert_true(shared->by[i] > 0);
	}
	assert_int_equal(shared->broken, 0);
	assert_true(shared->done >= due_times());
	munmap(shared, sizeof(*shared));
}

static void test_a_killed_run_is_done_again(void **state)
{
	struct world *w = *state;
	const struct job_kind *kind = &job_kinds[JOB_CLEAN];
	const int64_t over = world_now + kind->timeout_ms + JOB_LEASE_MARGIN_MS;
	struct job_claim again;
	struct job_claim dead;
	int told[2];
	int status;
	pid_t child;

	plan(w, world_now);
	db_close(&w->db);
	assert_int_equal(pipe2(told, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	const struct db_options options = {
		.url = arena_format(w->arena, "sqlite:%s/world.db", w->folder),
		.busy_ms = 10000};
	if (db_open(w->arena, &options, &w->db) != ERR_OK)
		_exit(1);
	if (child == 0) {
		if (jobs_claim(at(w, world_now), JOB_CLEAN, "dead", &dead) ==
			ERR_OK)
			(void)!write(told[1], &dead, sizeof(dead));
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(told[0], &dead, sizeof(dead)), sizeof(dead));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	close(told[0]);
	close(told[1]);
	dead.owner = "dead";

	assert_int_equal(try_claim(w, over - 1, JOB_CLEAN), ERR_NOT_FOUND);
	again = claim(w, over, JOB_CLEAN);
	assert_true(again.taken_over);
	assert_int_equal(again.due_at, dead.due_at);
	assert_int_equal(again.failures, 1);
	assert_string_equal(view(w, over, JOB_CLEAN).last_result, "lost");
	assert_int_equal(jobs_finish(at(w, over), &dead, NULL), ERR_CONFLICT);
	assert_string_equal(view(w, over, JOB_CLEAN).state, "running");
	assert_int_equal(jobs_finish(at(w, over), &again, NULL), ERR_OK);
	assert_int_equal(view(w, over, JOB_CLEAN).runs, 1);
}

/* An admin's wish is not lost with the process that had begun to fulfil it. */
static void test_a_killed_asked_run_is_done_again(void **state)
{
	struct world *w = *state;
	struct job_view seen;
	struct job_claim mine;

	plan(w, world_now);
	mine = claim(w, world_now, JOB_BACKUP);
	assert_int_equal(jobs_finish(at(w, world_now), &mine, NULL), ERR_OK);
	assert_int_equal(
		jobs_run_now(at(w, world_now), "backup", &seen), ERR_OK);
	(void)claim(w, world_now, JOB_BACKUP); /* and dies */
	const int64_t over = world_now + job_kinds[JOB_BACKUP].timeout_ms +
			     JOB_LEASE_MARGIN_MS;
	mine = claim(w, over, JOB_BACKUP);
	assert_true(mine.taken_over);
	assert_int_equal(jobs_finish(at(w, over), &mine, NULL), ERR_OK);
}

/* ---- clocks that jump ---------------------------------------------------- */

/* The plan was written by a clock that ran years ahead. */
static void test_a_clock_put_back_stops_nothing(void **state)
{
	struct world *w = *state;
	const int64_t later = world_now + INT64_C(20) * 365 * 86400 * SECOND_MS;
	struct jobs_outlook outlook;
	struct job_claim mine;

	plan(w, later);
	mine = claim(w, later, JOB_CLEAN);
	assert_int_equal(jobs_finish(at(w, later), &mine, NULL), ERR_OK);
	(void)claim(w, later, JOB_BACKUP); /* and dies */

	/* due in 2046: due now, once, and from then on as planned */
	assert_int_equal(
		jobs_outlook(at(w, world_now), LANES_ALL, &outlook), ERR_OK);
	assert_true(outlook.next_at <= world_now);
	mine = claim(w, world_now, JOB_CLEAN);
	assert_int_equal(jobs_finish(at(w, world_now), &mine, NULL), ERR_OK);
	assert_in_range(view(w, world_now, JOB_CLEAN).next_at->ms - world_now,
		job_kinds[JOB_CLEAN].interval_ms,
		job_kinds[JOB_CLEAN].interval_ms +
			job_kinds[JOB_CLEAN].jitter_ms);
	assert_int_equal(try_claim(w, world_now, JOB_CLEAN), ERR_NOT_FOUND);
	/* a lease until 2046 is nobody's */
	mine = claim(w, world_now, JOB_BACKUP);
	assert_true(mine.taken_over);
	assert_int_equal(jobs_finish(at(w, world_now), &mine, NULL), ERR_OK);
	assert_true(view(w, world_now, JOB_BACKUP).duration_ms >= 0);
}

/* What time servers do all day takes nobody's lease away. */
static void test_a_small_step_back_keeps_the_lease(void **state)
{
	struct world *w = *state;
	const int64_t before = world_now - 60 * SECOND_MS;
	struct job_claim mine;

	plan(w, world_now);
	mine = claim(w, world_now, JOB_BACKUP);
	assert_int_equal(try_claim(w, before, JOB_BACKUP), ERR_NOT_FOUND);
	assert_int_equal(jobs_finish(at(w, before), &mine, NULL), ERR_OK);
	assert_int_equal(view(w, before, JOB_BACKUP).duration_ms, 0);
	assert_int_equal(try_claim(w, before, JOB_BACKUP), ERR_NOT_FOUND);
}

/* An older or newer program's job: nobody here will ever do it. */
static void test_a_row_of_no_job_is_not_waited_for(void **state)
{
	struct world *w = *state;
	struct jobs_outlook outlook;

	plan(w, world_now);
	for (size_t i = 0; i < JOB_COUNT; i++) {
		struct job_claim mine = claim(w, world_now, (enum job)i);

		assert_int_equal(
			jobs_finish(at(w, world_now), &mine, NULL), ERR_OK);
	}
	assert_int_equal(db_run(w->db,
				 "INSERT INTO jobs (name, interval_ms, next_at)"
				 " VALUES ('ghost', 1, 1)",
				 NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(
		jobs_outlook(at(w, world_now), LANES_ALL, &outlook), ERR_OK);
	assert_true(outlook.next_at > world_now);
	assert_int_equal(outlook.late_ms, 0);
}

/* ---- early, and after a death ------------------------------------------------ */

static void test_early_leaves_the_plan_alone(void **state)
{
	struct world *w = *state;
	struct job_claim first, early;
	struct job_view seen;
	int64_t due;

	plan(w, world_now);
	first = claim(w, world_now, JOB_WATCH);
	assert_int_equal(jobs_finish(at(w, world_now), &first, NULL), ERR_OK);
	due = view(w, world_now, JOB_WATCH).next_at->ms;
	assert_true(due > world_now);
	assert_int_equal(try_claim(w, world_now + 1, JOB_WATCH), ERR_NOT_FOUND);
	assert_int_equal(
		jobs_claim_early(at(w, world_now + 1), JOB_WATCH, "me", &early),
		ERR_OK);
	/* somebody has it: not even early */
	assert_int_equal(jobs_claim_early(at(w, world_now + 2), JOB_WATCH,
				 "another", &early),
		ERR_NOT_FOUND);
	assert_int_equal(
		jobs_finish(at(w, world_now + 3), &early, NULL), ERR_OK);
	assert_int_equal(view(w, world_now, JOB_WATCH).next_at->ms, due);
	assert_int_equal(
		jobs_set_paused(at(w, world_now), "watch", true, &seen),
		ERR_OK);
	assert_int_equal(
		jobs_claim_early(at(w, world_now + 4), JOB_WATCH, "me", &early),
		ERR_NOT_FOUND);
}

static void test_release_of_a_dead_process(void **state)
{
	struct world *w = *state;
	struct job_claim other;

	plan(w, world_now);
	assert_int_equal(
		jobs_claim(at(w, world_now), JOB_ORDERS, "dead", &other),
		ERR_OK);
	assert_int_equal(
		jobs_claim(at(w, world_now), JOB_CLEAN, "alive", &other),
		ERR_OK);
	assert_int_equal(jobs_release(at(w, world_now + 1), "dead"), ERR_OK);
	assert_int_equal(
		jobs_claim(at(w, world_now + 2), JOB_ORDERS, "heir", &other),
		ERR_OK);
	assert_true(other.taken_over);
	assert_int_equal(try_claim(w, world_now + 2, JOB_CLEAN), ERR_NOT_FOUND);
}

static void test_lanes_wait_for_their_own(void **state)
{
	struct world *w = *state;
	struct jobs_outlook outlook;
	struct job_claim mine;

	plan(w, world_now);
	for (size_t i = 0; i < JOB_COUNT; i++) {
		if (job_kinds[i].lane != LANE_DESK)
			continue;
		mine = claim(w, world_now, (enum job)i);
		assert_int_equal(
			jobs_finish(at(w, world_now), &mine, NULL), ERR_OK);
	}
	assert_int_equal(
		jobs_outlook(at(w, world_now + 10), 1U << LANE_DESK, &outlook),
		ERR_OK);
	assert_true(outlook.next_at > world_now + 10);
	/* what waits in other lanes is late all the same */
	assert_int_equal(outlook.late_ms, 10);
	assert_int_equal(
		jobs_outlook(at(w, world_now + 10), 1U << LANE_HOUSE, &outlook),
		ERR_OK);
	assert_int_equal(outlook.next_at, world_now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_in_order),
		WORLD_TEST(test_a_due_job_is_had_by_one),
		WORLD_TEST(test_failures_wait_longer_each_time),
		WORLD_TEST(test_run_now_pause_resume),
		WORLD_TEST(test_off_and_shorter_intervals),
		WORLD_TEST(test_outlook_tells_when_and_how_late),
		WORLD_TEST(test_early_leaves_the_plan_alone),
		WORLD_TEST(test_release_of_a_dead_process),
		WORLD_TEST(test_lanes_wait_for_their_own),
		WORLD_TEST(test_processes_share_the_work),
		WORLD_TEST(test_a_killed_run_is_done_again),
		WORLD_TEST(test_a_killed_asked_run_is_done_again),
		WORLD_TEST(test_a_clock_put_back_stops_nothing),
		WORLD_TEST(test_a_small_step_back_keeps_the_lease),
		WORLD_TEST(test_a_row_of_no_job_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
