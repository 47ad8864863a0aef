/*
 * Rounds of the background process on a real database, and the file of
 * audit heads: what it finds, and that nothing is written behind a break.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "auth_fixture.h"
#include "backup.h"
#include "clock.h"
#include "file.h"
#include "work.h"

struct office {
	struct fixture *f;
	struct config config;
	struct log log;
	struct shared shared;
	struct work work;
	const char *heads; /* audit/head.log */
};

static int office_open(void **state)
{
	struct office *o = calloc(1, sizeof(*o));
	void *fixture;

	assert_non_null(o);
	assert_int_equal(fixture_open(&fixture), 0);
	o->f = fixture;
	assert_int_equal(
		audit_keys_create(o->f->arena, o->f->keys, fixture_start),
		ERR_OK);
	const struct audit_options audit = {
		.db = o->f->db, .key_folder = o->f->keys};
	assert_int_equal(audit_open(o->f->arena, &audit,
				 report_open(o->f->arena), &o->shared.audit),
		ERR_OK);
	o->shared.db = o->f->db;
	o->shared.auth = o->f->auth;
	o->shared.store = store_open_memory(o->f->arena);
	o->config = (struct config){.data_folder = o->f->folder,
		.backup_folder = "",
		.ssl_certfile = "",
		.backup_keep = 2,
		.backup_hours = 24,
		/* nothing to fetch: that job is off */
		.market_symbols = "",
		.watch_ms = 200,
		.work_interval_s = 60,
		.signal_history = 10000,
		.signal_keep_days = 90,
		.signal_memory = 1 << 20};
	o->log.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	o->work = (struct work){.config = &o->config,
		.log = &o->log,
		.shared = &o->shared,
		.owner = work_owner(o->f->arena),
		.arena = arena_open((size_t)64 << 20),
		.now = clock_ms()};
	o->work.report = report_open(o->f->arena);
	o->heads = arena_format(o->f->arena, "%s/audit/head.log", o->f->folder);
	assert_int_equal(
		file_folder(arena_format(o->f->arena, "%s/run", o->f->folder),
			0700),
		ERR_OK);
	assert_int_equal(work_plan(&o->work), ERR_OK);
	*state = o;
	return 0;
}

static int office_close(void **state)
{
	struct office *o = *state;
	void *fixture = o->f;

	work_close(&o->work);
	arena_close(&o->work.arena);
	audit_close(&o->shared.audit);
	store_close(&o->shared.store);
	close(o->log.fd);
	free(o);
	return fixture_close(&fixture);
}

static void append_row(struct office *o, const char *event)
{
	const struct audit_event what = {.at = fixture_start, .event = event};

	assert_int_equal(
		audit_append(o->shared.audit, o->f->arena, &what), ERR_OK);
}

static size_t lines(struct office *o)
{
	size_t count = 0;
	size_t len;
	char *text;

	assert_int_equal(
		file_read(o->f->arena, o->heads, 1 << 20, &text, &len), ERR_OK);
	for (size_t i = 0; i < len; i++)
		count += text[i] == '\n';
	assert_true(len > 0 && text[len - 1] == '\n');
	return count;
}

static enum err head(struct office *o)
{
	o->work.report = report_open(o->f->arena);
	o->work.now = clock_ms();
	return work_audit_head(&o->work);
}

/* ---- rounds ---------------------------------------------------------------- */

static void test_a_round_does_what_is_due(void **state)
{
	struct office *o = *state;
	const struct backup_place place = {
		.folder = config_backup_folder(&o->config, o->f->arena),
		.arena = o->f->arena,
		.report = report_open(o->f->arena)};
	struct text_list backups;
	int64_t wait_ms;

	assert_int_equal(work_wait(&o->work, &wait_ms), ERR_OK);
	assert_int_equal(wait_ms, 0);
	assert_true(work_round(&o->work));
	assert_int_equal(
		fixture_number(o->f, "SELECT count(*) FROM jobs"
				     " WHERE last_result = 'ok' AND runs = 1"),
		JOB_COUNT - 1);
	assert_int_equal(backup_list(&place, &backups), ERR_OK);
	assert_int_equal(backups.count, 1);
	assert_int_equal(lines(o), 1);
	assert_int_equal(work_wait(&o->work, &wait_ms), ERR_OK);
	/* it watches, too */
	assert_int_equal(wait_ms, 200);
	/* nothing is due: nothing is done */
	assert_true(work_round(&o->work));
	assert_int_equal(fixture_number(o->f, "SELECT sum(runs) FROM jobs"),
		JOB_COUNT - 1);
}

static void test_one_that_fails_does_not_stop_the_others(void **state)
{
	struct office *o = *state;

	o->config.backup_folder = "/dev/null/backups";
	o->config.ssl_certfile = "/nonexistent/cert.pem";
	assert_false(work_round(&o->work));
	assert_int_equal(fixture_number(o->f, "SELECT count(*) FROM jobs"
					      " WHERE last_result = 'ok'"),
		JOB_COUNT - 3);
	assert_int_equal(fixture_number(o->f, "SELECT failures FROM jobs"
					      " WHERE name = 'backup'"
					      " AND last_error IS NOT NULL"),
		1);
	o->config.ssl_certfile = "";
	o->config.backup_folder = "";
	assert_int_equal(db_run(o->f->db,
				 "UPDATE jobs SET run_now = 1"
				 " WHERE last_result = 'failed'",
				 NO_BINDS, NULL),
		ERR_OK);
	assert_true(work_round(&o->work));
	assert_int_equal(
		fixture_number(o->f, "SELECT sum(failures) FROM jobs"), 0);
}

/* Another process's checkpoint, in the middle of it. */
static void test_only_one_checkpoints(void **state)
{
	struct office *o = *state;
	int fd = open(arena_format(o->f->arena, "%s/run/checkpoint.lock",
			      o->f->folder),
		O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(work_run(&o->work, JOB_CHECKPOINT), ERR_UNAVAILABLE);
	close(fd);
	assert_int_equal(work_run(&o->work, JOB_CHECKPOINT), ERR_OK);
}

/* ---- the heads --------------------------------------------------------------- */

static void test_heads_are_written_when_there_is_more(void **state)
{
	struct office *o = *state;

	append_row(o, "one");
	assert_int_equal(head(o), ERR_OK);
	assert_int_equal(head(o), ERR_OK);
	assert_int_equal(lines(o), 1);
	append_row(o, "two");
	assert_int_equal(head(o), ERR_OK);
	assert_int_equal(lines(o), 2);
}

/* As somebody with the database's file and its tools would. */
static void meddle(struct office *o, const char *script)
{
	const struct db_options options = {
		.url = o->f->url, .busy_ms = 1000, .migrating = true};
	struct db *db;

	assert_int_equal(db_open(o->f->arena, &options, &db), ERR_OK);
	assert_int_equal(db_script(db, script), ERR_OK);
	db_close(&db);
}

static void test_a_cut_tail_is_found(void **state)
{
	struct office *o = *state;

	append_row(o, "one");
	append_row(o, "two");
	assert_int_equal(head(o), ERR_OK);
	meddle(o, "DROP TRIGGER audit_log_stays;"
		  "DELETE FROM audit_log WHERE seq = 2");
	assert_int_equal(head(o), ERR_CONFLICT);
	assert_non_null(strstr(o->work.report->detail, "broken at row"));
	assert_int_equal(lines(o), 1);
	/* also when rows were added behind the cut */
	append_row(o, "three");
	assert_int_equal(head(o), ERR_CONFLICT);
	assert_int_equal(lines(o), 1);
}

static void test_an_old_edit_is_found_once_a_day(void **state)
{
	struct office *o = *state;
	char *text;
	size_t len;

	append_row(o, "one");
	append_row(o, "two");
	assert_int_equal(head(o), ERR_OK);
	meddle(o, "DROP TRIGGER audit_log_keeps;"
		  "UPDATE audit_log SET event = 'nothing' WHERE seq = 1");
	assert_int_equal(head(o), ERR_OK);
	/* as if that line were two days old */
	assert_int_equal(
		file_read(o->f->arena, o->heads, 1 << 20, &text, &len), ERR_OK);
	char *verified = strstr(text, "\"verified\":") + 11;
	memset(verified, '1', strspn(verified, "0123456789"));
	assert_int_equal(file_write(o->heads, text, len, 0600), ERR_OK);
	assert_int_equal(head(o), ERR_CONFLICT);
}

static void test_a_torn_line_is_taken_off(void **state)
{
	struct office *o = *state;
	int fd;

	append_row(o, "one");
	assert_int_equal(head(o), ERR_OK);
	fd = open(o->heads, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "{\"rows\":9", 9), 9);
	close(fd);
	append_row(o, "two");
	assert_int_equal(head(o), ERR_OK);
	assert_int_equal(lines(o), 2);
	assert_int_equal(head(o), ERR_OK);
	/* a whole line that is not ours is not passed over */
	fd = open(o->heads, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "hello\n", 6), 6);
	close(fd);
	assert_int_not_equal(head(o), ERR_OK);
}

static void test_heads_begin_anew_after_a_restore(void **state)
{
	struct office *o = *state;

	append_row(o, "one");
	assert_int_equal(head(o), ERR_OK);
	assert_int_equal(work_audit_anew(&o->config, o->shared.audit,
				 o->f->arena, fixture_start),
		ERR_OK);
	assert_int_equal(lines(o), 1);
	assert_int_equal(access(arena_format(o->f->arena,
					"%s.2027-01-15T08:00:00Z", o->heads),
				 F_OK),
		0);
	assert_int_equal(head(o), ERR_OK);
}

/* ---- the watchdog ---------------------------------------------------------- */

enum {
	HANG_MS = 20000 /* until the test gives up */
};

static int told; /* where a child says how long it may still run */

/* In a child: how much of the watchdog's time is left, ms. */
static void tell(int signal_number)
{
	struct itimerval left;
	int64_t ms;

	(void)signal_number;
	(void)getitimer(ITIMER_REAL, &left);
	ms = left.it_value.tv_sec * 1000 + left.it_value.tv_usec / 1000;
	(void)!write(told, &ms, sizeof(ms));
}

static const char *words_of(int fd, char text[256])
{
	ssize_t len = read(fd, text, 255);

	text[len > 0 ? len : 0] = '\0';
	return text;
}

/* That exit, and those words on stderr. */
static void assert_ended_overdue(pid_t child, int words)
{
	char text[256];
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_string_equal(words_of(words, text),
		"kontor work: a job took longer than it may; ending\n");
}

static void test_the_watchdog_ends_what_hangs(void **state)
{
	int words[2];
	pid_t child;

	(void)state;
	assert_int_equal(pipe(words), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		dup2(words[1], STDERR_FILENO);
		/* one that was in time does not count */
		work_watchdog(HANG_MS);
		work_watchdog(0);
		work_watchdog(100);
		for (;;)
			pause();
	}
	close(words[1]);
	assert_ended_overdue(child, words[0]);
	close(words[0]);
}

/* In a child: the one job that is due waits for a pipe that nobody opens. */
static void hang(struct office *o, int words)
{
	const struct sigaction act = {
		.sa_handler = tell, .sa_flags = SA_RESTART};

	dup2(words, STDERR_FILENO);
	(void)sigaction(SIGUSR1, &act, NULL);
	fixture_db_open(o->f, false);
	fixture_auth_open(o->f);
	o->shared.db = o->f->db;
	o->shared.auth = o->f->auth;
	(void)work_round(&o->work);
	_exit(0);
}

/* Asks a child until its watchdog runs. */
static int64_t left_of(pid_t child, int from)
{
	const int64_t until = clock_monotonic_us() + HANG_MS * 1000;
	struct pollfd answer = {.fd = from, .events = POLLIN};
	int64_t left = 0;

	while (left <= 0 && clock_monotonic_us() < until) {
		assert_int_equal(kill(child, SIGUSR1), 0);
		if (poll(&answer, 1, 20) > 0)
			assert_int_equal(
				read(from, &left, sizeof(left)), sizeof(left));
	}
	return left;
}

static void test_a_job_runs_under_the_watchdog(void **state)
{
	struct office *o = *state;
	int words[2], answers[2];
	const int64_t most = job_kinds[JOB_CERTIFICATE].timeout_ms;
	int64_t left;
	pid_t child;

	assert_true(work_round(&o->work));
	assert_int_equal(db_run(o->f->db,
				 "UPDATE jobs SET next_at = 0"
				 " WHERE name = 'certificate'",
				 NO_BINDS, NULL),
		ERR_OK);
	o->config.ssl_certfile =
		arena_format(o->f->arena, "%s/pipe", o->f->folder);
	assert_int_equal(mkfifo(o->config.ssl_certfile, 0600), 0);
	assert_int_equal(pipe(words), 0);
	assert_int_equal(pipe(answers), 0);
	auth_close(&o->f->auth);
	db_close(&o->f->db);
	/* until it has its own handler, it is not to be ended by the question */
	(void)signal(SIGUSR1, SIG_IGN);
	told = answers[1];
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		hang(o, words[1]);
	(void)signal(SIGUSR1, SIG_DFL);
	close(words[1]);
	left = left_of(child, answers[0]);
	/* its time has come: as the timer would say */
	assert_int_equal(kill(child, SIGALRM), 0);
	assert_ended_overdue(child, words[0]);
	assert_in_range(left, 1, most);
	close(words[0]);
	close(answers[0]);
	close(answers[1]);
	fixture_db_open(o->f, false);
	fixture_auth_open(o->f);
	o->shared.db = o->f->db;
	o->shared.auth = o->f->auth;
	/* nobody else does it while the dead one's lease lasts */
	assert_int_equal(
		fixture_number(o->f, "SELECT count(*) FROM jobs WHERE"
				     " name = 'certificate' AND runs = 1"),
		1);
}

#define OFFICE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, office_open, office_close)

/* ---- who is dead ---------------------------------------------------------- */

static struct admin_scope *operator_of(struct office *o)
{
	return auth_operator_scope(
		o->f->db, o->f->arena, report_open(o->f->arena), o->work.now);
}

/* A process that holds the lock until it is killed; says when it does. */
static pid_t hold_in_child(struct office *o, const char *owner)
{
	int ready[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		struct work other = o->work;

		other.owner = owner;
		if (work_alive_hold(&other) == ERR_OK)
			(void)!write(ready[1], "x", 1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	(void)close(ready[1]);
	return child;
}

static void test_the_jobs_of_a_dead_process_are_free_at_once(void **state)
{
	struct office *o = *state;
	const char *owner = "desk:host/4711/00112233";
	struct job_claim claim;
	pid_t child = hold_in_child(o, owner);

	assert_int_equal(
		jobs_claim(operator_of(o), JOB_ORDERS, owner, &claim), ERR_OK);
	assert_int_equal(work_alive_take_over(&o->work), ERR_OK);
	assert_int_equal(jobs_claim(operator_of(o), JOB_ORDERS, "me", &claim),
		ERR_NOT_FOUND);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(work_alive_take_over(&o->work), ERR_OK);
	assert_int_equal(
		jobs_claim(operator_of(o), JOB_ORDERS, "me", &claim), ERR_OK);
	assert_true(claim.taken_over);
}

static void test_one_that_ends_well_leaves_no_file(void **state)
{
	struct office *o = *state;
	struct stat info;
	const char *path = arena_format(o->f->arena, "%s/run/alive-work-%s",
		o->f->folder, strrchr(o->work.owner, '/') + 1);

	assert_int_equal(work_alive_hold(&o->work), ERR_OK);
	assert_int_equal(stat(path, &info), 0);
	work_alive_end(&o->work);
	assert_int_not_equal(stat(path, &info), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		OFFICE_TEST(test_a_round_does_what_is_due),
		OFFICE_TEST(test_one_that_fails_does_not_stop_the_others),
		OFFICE_TEST(test_only_one_checkpoints),
		OFFICE_TEST(test_heads_are_written_when_there_is_more),
		OFFICE_TEST(test_a_cut_tail_is_found),
		OFFICE_TEST(test_an_old_edit_is_found_once_a_day),
		OFFICE_TEST(test_the_jobs_of_a_dead_process_are_free_at_once),
		OFFICE_TEST(test_one_that_ends_well_leaves_no_file),
		OFFICE_TEST(test_a_torn_line_is_taken_off),
		OFFICE_TEST(test_heads_begin_anew_after_a_restore),
		cmocka_unit_test(test_the_watchdog_ends_what_hangs),
		OFFICE_TEST(test_a_job_runs_under_the_watchdog),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
