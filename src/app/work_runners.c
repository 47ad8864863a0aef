/*
 * The processes below `kontor work` (lanes of jobs, runners of queued runs):
 * started by it, started again when they die, ended with it. The one file of the program that makes
 * processes: each is this same program anew, so that none carries another's
 * database connection, keys or memory. Must never wait for a process that it
 * did not start.
 */
#include "work_runs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "jobs.h"

enum {
	PAUSE_MS = 500,
	PAUSE_CAP_MS = 60 * 1000,
	YOUNG_MS = 10 * 1000, /* who lived longer starts at once */
	STEP_MS = 20,
	ARGS_ROOM = 16
};

struct child {
	pid_t pid; /* 0: none */
	const char *name;
	int64_t started_at, next_at;
	int64_t deaths; /* in a row, young */
};

struct runners {
	struct runners_options options;
	struct child *children;
};

struct runners *runners_open(
	struct arena *arena, const struct runners_options *options)
{
	struct runners *runners = arena_alloc(arena, sizeof(*runners));

	runners->options = *options;
	if (!options->pause_ms)
		runners->options.pause_ms = PAUSE_CAP_MS;
	runners->children = arena_array(
		arena, (size_t)options->count + 1, sizeof(struct child));
	for (int64_t i = 0; i < options->count; i++)
		runners->children[i].name =
			options->names ? options->names[i]
				       : arena_format(arena, "%s-%lld",
						 options->owner, (long long)i);
	return runners;
}

pid_t runners_pid(const struct runners *runners, size_t index)
{
	return runners->children[index].pid;
}

/* ---- starting ------------------------------------------------------------- */

/* In the new process: only what is safe between fork and exec. */
static _Noreturn void become(
	const char *program, char *const *argv, pid_t above)
{
	/* ends with its parent, however that ends */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != above)
		_exit(1);
	(void)close_range(STDERR_FILENO + 1, ~0U, 0);
	(void)execv(program, argv);
	_exit(1);
}

static void start(struct runners *runners, struct child *child, int64_t now)
{
	const struct runners_options *options = &runners->options;
	union {
		const char *words[ARGS_ROOM];
		char *argv[ARGS_ROOM]; /* execv changes none of them */
	} args = {{NULL}};
	const pid_t above = getpid();
	size_t count = 0;

	while (options->argv[count] && count < ARGS_ROOM - 2) {
		args.words[count] = options->argv[count];
		count++;
	}
	args.words[count] = child->name;
	child->pid = fork();
	if (child->pid == 0)
		become(options->program, args.argv, above);
	child->started_at = now;
	if (child->pid > 0)
		return;
	child->pid = 0;
	child->next_at = now + options->pause_ms;
	log_line(options->log, LOG_ERROR, "runner.not_started",
		LOG_FIELDS(LOG_TEXT("name", child->name)));
}

/* ---- dying ---------------------------------------------------------------- */

static int64_t pause_after(
	const struct runners *runners, const struct child *child)
{
	const int64_t cap = runners->options.pause_ms;
	int64_t pause = PAUSE_MS;

	for (int64_t i = 1; i < child->deaths && pause < cap; i++)
		pause *= 2;
	return pause < cap ? pause : cap;
}

/* Its slice or its job need not wait for the end of the lease. */
static void leases_free(
	const struct child *child, struct shared *shared, struct arena *scratch)
{
	struct admin_scope *admin = auth_operator_scope(
		shared->db, scratch, report_open(scratch), clock_ms());

	(void)!runs_release(admin, child->name, RUNNER_LEASE_MS);
	(void)!jobs_release(admin, child->name);
}

static void died(
	struct runners *runners, struct child *child, int status, int64_t now)
{
	const bool young = now - child->started_at < YOUNG_MS;

	child->deaths = young ? child->deaths + 1 : 0;
	child->next_at = young ? now + pause_after(runners, child) : now;
	child->pid = 0;
	log_line(runners->options.log, LOG_WARN, "runner.died",
		LOG_FIELDS(LOG_TEXT("name", child->name),
			LOG_INT("signal",
				WIFSIGNALED(status) ? WTERMSIG(status) : 0),
			LOG_INT("status",
				WIFEXITED(status) ? WEXITSTATUS(status) : 0)));
}

void runners_tend(struct runners *runners, struct shared *shared,
	struct arena *scratch, int64_t now_ms)
{
	for (int64_t i = 0; i < runners->options.count; i++) {
		struct child *child = &runners->children[i];
		int status = 0;

		if (child->pid > 0 &&
			waitpid(child->pid, &status, WNOHANG) == child->pid) {
			died(runners, child, status, now_ms);
			if (shared)
				leases_free(child, shared, scratch);
		}
		if (child->pid == 0 && child->next_at <= now_ms)
			start(runners, child, now_ms);
	}
}

/* ---- ending --------------------------------------------------------------- */

static bool all_ended(struct runners *runners)
{
	bool all = true;

	for (int64_t i = 0; i < runners->options.count; i++) {
		struct child *child = &runners->children[i];

		if (child->pid > 0 &&
			waitpid(child->pid, NULL, WNOHANG) == child->pid)
			child->pid = 0;
		all = all && child->pid == 0;
	}
	return all;
}

static void signal_all(const struct runners *runners, int number)
{
	for (int64_t i = 0; i < runners->options.count; i++)
		if (runners->children[i].pid > 0)
			(void)kill(runners->children[i].pid, number);
}

void runners_stop(struct runners *runners, int64_t most_ms)
{
	signal_all(runners, SIGTERM);
	for (int64_t waited = 0; !all_ended(runners) && waited < most_ms;
		waited += STEP_MS)
		(void)poll(NULL, 0, STEP_MS);
	signal_all(runners, SIGKILL);
	while (!all_ended(runners))
		(void)poll(NULL, 0, STEP_MS);
}
