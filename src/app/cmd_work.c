/*
 * kontor work: the background process. Runs the jobs of the plan as they
 * fall due; several may run beside each other, on one database each job has
 * one owner at a time. --once does what is due and ends, for cron.
 */
#include "command.h"
#include "work.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"

enum {
	ROUND_MEMORY = 256 << 20,
	FAILED_PAUSE_MS = 200
};

/* The descriptor that says that this process is asked to end. */
static int asked_open(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

/* Until it is asked to end, or the database is not there any more: then the
   supervisor's next process finds out what is. */
static int work_until_asked(struct work *work)
{
	struct pollfd asked = {.fd = asked_open(), .events = POLLIN};
	int64_t wait_ms = 0;
	int ready = 0;
	enum err err = ERR_OK;

	log_line(work->log, LOG_INFO, "work.started",
		LOG_FIELDS(LOG_INT("pid", getpid()),
			LOG_TEXT("owner", work->owner)));
	while (ready == 0 || (ready < 0 && errno == EINTR)) {
		metrics_process(
			work->shared->metrics, METRICS_POOL_WORK, clock_ms());
		err = work_wait(work, &wait_ms);
		if (err != ERR_OK)
			break;
		/* what cannot be claimed is not tried without a pause */
		if (wait_ms == 0 && !work_round(work))
			wait_ms = FAILED_PAUSE_MS;
		log_flush(work->log);
		ready = poll(&asked, 1, (int)wait_ms);
	}
	log_line(work->log, err == ERR_OK ? LOG_INFO : LOG_ERROR, "work.ended",
		LOG_FIELDS(LOG_INT("pid", getpid()),
			LOG_TEXT("error", err_slug(err))));
	(void)close(asked.fd);
	return err == ERR_OK ? 0 : 1;
}

static enum err work_open(struct command_context *context, struct work *work)
{
	enum err err = shared_open(
		context->config, context->arena, context->report, work->shared);

	if (err != ERR_OK)
		return err;
	work->owner = work_owner(context->arena);
	work->arena = arena_open(ROUND_MEMORY);
	work->report = report_open(work->arena);
	work->now = context->now;
	return work_plan(work);
}

int cmd_work(struct command_context *context, int argc, char **argv)
{
	bool once = false;
	const struct option_spec options[] = {
		{"--once", NULL, &once}, {.name = NULL}};
	struct shared shared = {.db = NULL};
	struct log log;
	struct work work = {
		.config = context->config, .shared = &shared, .log = &log};
	int status = 0;
	enum err err;

	if (!command_parse(argc, argv, options, NULL))
		return command_usage("work [--once]");
	err = config_log(context->config, context->arena, &log);
	if (err != ERR_OK)
		return command_fail(context, "log file", err);
	err = work_open(context, &work);
	if (err != ERR_OK)
		status = command_fail(context, "work", err);
	else if (once)
		status = work_round(&work) ? 0 : 1;
	else
		status = work_until_asked(&work);
	work_close(&work);
	if (work.arena)
		arena_close(&work.arena);
	shared_close(&shared);
	log_close(&log);
	return status;
}
