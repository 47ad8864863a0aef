/*
 * kontor work: the background process. It is the only one that folds the
 * write-ahead log into the database (workers never checkpoint), and it
 * removes what has expired. A lock on a file keeps a second one out. --once
 * does one round, for cron.
 */
#include "account.h"
#include "clock.h"
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "file.h"
#include "log.h"

enum {
	ROUND_MEMORY = 64 << 20
};

struct work {
	struct log log;
	struct db *db;
	struct auth *auth;
	struct arena *arena; /* of one round */
};

static enum err clean(struct work *work)
{
	const struct auth_call call = {.arena = work->arena,
		.report = report_open(work->arena),
		.now = clock_ms(),
		.address = "operator"};
	int64_t removed = 0;
	enum err err = call.now < 0
			       ? ERR_UNAVAILABLE
			       : account_clean(work->auth, &call, &removed);

	if (removed > 0)
		log_line(&work->log, LOG_INFO, "work.clean",
			LOG_FIELDS(LOG_INT("removed", removed)));
	return err;
}

static enum err checkpoint(struct work *work)
{
	return db_checkpoint(work->db);
}

static const struct job {
	const char *name;
	enum err (*run)(struct work *work);
} jobs[] = {
	{"clean", clean},
	{"checkpoint", checkpoint},
};

static bool work_round(struct work *work)
{
	bool well = true;

	for (size_t i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		enum err err = jobs[i].run(work);

		arena_reset(work->arena);
		if (err == ERR_OK)
			continue;
		well = false;
		log_line(&work->log, LOG_ERROR, "work.failed",
			LOG_FIELDS(LOG_TEXT("job", jobs[i].name),
				LOG_TEXT("error", err_slug(err))));
	}
	return well;
}

/* The descriptor of the lock, or -1 when somebody else holds it. */
static int lock(const struct command_context *context)
{
	const char *path = file_join(
		context->arena, context->config->data_folder, "work.lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

static void work_until_asked(struct work *work, int64_t interval_s)
{
	struct pollfd asked = {.events = POLLIN};
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	asked.fd = signalfd(-1, &signals, SFD_CLOEXEC);
	log_line(&work->log, LOG_INFO, "work.started",
		LOG_FIELDS(LOG_INT("pid", getpid())));
	do
		(void)work_round(work);
	while (poll(&asked, 1, (int)(interval_s * 1000)) == 0 ||
		errno == EINTR);
	log_line(&work->log, LOG_INFO, "work.ended",
		LOG_FIELDS(LOG_INT("pid", getpid())));
	(void)close(asked.fd);
}

int cmd_work(struct command_context *context, int argc, char **argv)
{
	bool once = false;
	const struct option_spec options[] = {
		{"--once", NULL, &once}, {.name = NULL}};
	struct work work = {.db = NULL};
	int held;
	int status = 0;
	enum err err;

	if (!command_parse(argc, argv, options, NULL))
		return command_usage("work [--once]");
	held = lock(context);
	if (held < 0) {
		report_detail(context->report, "another one is at work");
		return command_fail(context, "work", ERR_CONFLICT);
	}
	err = config_log(context->config, &work.log);
	if (err == ERR_OK)
		err = command_auth(context, &work.db, &work.auth);
	if (err != ERR_OK) {
		(void)close(held);
		return command_fail(context, "work", err);
	}
	work.arena = arena_open(ROUND_MEMORY);
	if (once)
		status = work_round(&work) ? 0 : 1;
	else
		work_until_asked(&work, context->config->work_interval_s);
	arena_close(&work.arena);
	auth_close(&work.auth);
	db_close(&work.db);
	(void)close(held);
	return status;
}
