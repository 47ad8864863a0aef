/*
 * kontor work: the background process. Runs the jobs of the plan as they
 * fall due; several may run beside each other, on one database each job has
 * one owner at a time. Below it are the lanes, processes that run the jobs that
 * must not wait for the others, and the runners, which compute queued runs.
 * --once does what is due and ends, for cron.
 */
#include "command.h"
#include "work.h"
#include "work_runs.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clock.h"
#include "text.h"
#include "work_net.h"

enum {
	ROUND_MEMORY = 256 << 20,
	FAILED_PAUSE_MS = 200,
	LIVE_LOOK_MS = 200,	/* how long an order for the exchange may lie */
	RUNNER_LOOK_MS = 100,	/* how often an idle one looks for work */
	RUNNERS_END_MS = 10000, /* a slice's rest, and some more */
	ONCE_MS = 4 * 60 * 1000, /* of runs; cron comes again */
	RUNNER_NICE = 10,
	LANE_PAUSE_MS = 5000 /* stops are not to wait for one that crashes */
};

static const char usage[] = "work [--once]";

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

/* The processes below one; NULL: there are none of that kind. */
struct below {
	struct runners *lanes, *runners;
};

static void below_tend(const struct below *below, struct work *work)
{
	const int64_t now_ms = clock_monotonic_us() / 1000;

	if (below->lanes)
		runners_tend(below->lanes, work->shared, work->arena, now_ms);
	if (below->runners)
		runners_tend(below->runners, work->shared, work->arena, now_ms);
}

static void below_stop(const struct below *below)
{
	if (below->lanes)
		runners_stop(below->lanes, RUNNERS_END_MS);
	if (below->runners)
		runners_stop(below->runners, RUNNERS_END_MS);
}

/* Until it is asked to end, or the database is not there any more: then the
   supervisor's next process finds out what is. */
static int work_until_asked(struct work *work, const struct below *below)
{
	struct pollfd asked = {.fd = asked_open(), .events = POLLIN};
	int64_t wait_ms = 0;
	int ready = 0;
	enum err err = ERR_OK;

	log_line(work->log, LOG_INFO, "work.started",
		LOG_FIELDS(LOG_INT("pid", getpid()),
			LOG_TEXT("owner", work->owner)));
	while (ready == 0 || (ready < 0 && errno == EINTR)) {
		work_beat(work);
		below_tend(below, work);
		err = work_wait(work, &wait_ms);
		if (err != ERR_OK)
			break;
		/* what cannot be claimed is not tried without a pause */
		if (wait_ms == 0 && !work_round(work))
			wait_ms = FAILED_PAUSE_MS;
		work_errands(work);
		work_live(work);
		if (work->config->live_trading && work_has(work, LANE_LIVE) &&
			wait_ms > LIVE_LOOK_MS)
			wait_ms = LIVE_LOOK_MS;
		log_flush(work->log);
		ready = poll(&asked, 1, (int)wait_ms);
	}
	below_stop(below);
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
	if (!work->owner)
		work->owner = work_owner(context->arena);
	work->arena = arena_open(ROUND_MEMORY);
	work->report = context->report;
	work->now = context->now;
	err = work_alive_hold(work);
	if (err == ERR_OK)
		err = work_alive_take_over(work);
	if (err == ERR_OK)
		err = work_plan(work);
	/* what cannot be fetched is told at the start, by whoever begins */
	if (err == ERR_OK && work->config->market_symbols[0] != '\0')
		err = work_market_open(work);
	return err;
}

/* ---- processes below ------------------------------------------------------- */

/* How this program is called with `last` and a name behind it. */
static const char *const *argv_of(
	const struct command_context *context, const char *last)
{
	const char **argv = arena_array(context->arena, 8, sizeof(*argv));
	size_t count = 0;

	argv[count++] = "kontor";
	if (context->config_path) {
		argv[count++] = "--config";
		argv[count++] = context->config_path;
	}
	argv[count++] = "work";
	argv[count] = last;
	return argv;
}

/* the very program that runs now, whatever its file became */
static const char self[] = "/proc/self/exe";

static struct runners *runners_of(
	const struct command_context *context, const struct work *work)
{
	const struct runners_options options = {
		.count = runner_count(context->config),
		.argv = argv_of(context, "--runner"),
		.program = self,
		.owner = work->owner,
		.log = work->log,
	};

	return runners_open(context->arena, &options);
}

static bool is_needed(const struct config *config, unsigned lane)
{
	if (lane == LANE_MARKET)
		return config->market_symbols[0] != '\0';
	return lane != LANE_LIVE || config->live_trading;
}

/* Each lane has a process of its own; the market when there is something to
   fetch, orders at exchanges when there may be some. What they run is not run
   here. */
static struct runners *lanes_of(
	const struct command_context *context, struct work *work)
{
	const char **names =
		arena_array(context->arena, LANE_COUNT, sizeof(*names));
	struct runners_options options = {
		.names = names,
		.pause_ms = LANE_PAUSE_MS,
		.argv = argv_of(context, "--lane"),
		.program = self,
		.owner = work->owner,
		.log = work->log,
	};

	work->lanes = LANES_ALL;
	for (unsigned i = LANE_HOUSE + 1; i < LANE_COUNT; i++) {
		if (!is_needed(context->config, i))
			continue;
		names[options.count++] = arena_format(
			context->arena, "%s:%s", lane_names[i], work->owner);
		work->lanes &= ~(1U << i);
	}
	return runners_open(context->arena, &options);
}

/* Until it is asked to end; what it has begun it gives back before. */
static enum err run_until_asked(struct runner *runner)
{
	struct pollfd asked = {.fd = asked_open(), .events = POLLIN};
	enum err err = ERR_OK;
	bool did = false;
	int ready = 0;

	while (err == ERR_OK && (ready == 0 || (ready < 0 && errno == EINTR))) {
		err = runner_slice(runner, &did);
		log_flush(runner->log);
		ready = poll(&asked, 1, did ? 0 : RUNNER_LOOK_MS);
	}
	(void)close(asked.fd);
	return err;
}

/* Whatever else wants a core gets it at once: a request must not wait for the
   end of a runner's turn. What may not be had is done without. */
static void step_behind(void)
{
	const struct sched_param none = {.sched_priority = 0};

	errno = 0;
	(void)!nice(RUNNER_NICE);
	(void)sched_setscheduler(0, SCHED_IDLE, &none);
}

static int runner_main(struct command_context *context, const char *name)
{
	struct shared shared = {.db = NULL};
	struct log log;
	struct runner runner = {.config = context->config,
		.log = &log,
		.shared = &shared,
		.owner = name};
	enum err err = config_log(context->config, context->arena, &log);

	if (err != ERR_OK)
		return command_fail(context, "log file", err);
	step_behind();
	err = shared_open_runner(
		context->config, context->arena, context->report, &shared);
	if (err == ERR_OK) {
		runner_open(&runner, context->arena);
		err = run_until_asked(&runner);
		runner_close(&runner);
	}
	if (err != ERR_OK)
		log_line(&log, LOG_ERROR, "runner.ended",
			LOG_FIELDS(LOG_TEXT("name", name),
				LOG_TEXT("error", err_slug(err)),
				LOG_TEXT("detail", context->report->detail)));
	shared_close(&shared);
	log_close(&log);
	return err == ERR_OK ? 0 : 1;
}

/* ---- the command ----------------------------------------------------------- */

static bool work_once(struct command_context *context, struct work *work)
{
	struct runner runner = {.config = work->config,
		.log = work->log,
		.shared = work->shared,
		.owner = work->owner};
	bool well = work_round(work);

	work_errands(work);
	work_live(work);
	runner_open(&runner, context->arena);
	well = runner_drain(&runner, ONCE_MS) && well;
	runner_close(&runner);
	return well;
}

static int lead(struct command_context *context, struct work *work)
{
	const struct below below = {
		lanes_of(context, work), runners_of(context, work)};

	/* its lane's to have */
	if (!work_has(work, LANE_MARKET)) {
		work_market_close(work);
		work_net_close(work);
	}
	return work_until_asked(work, &below);
}

/* lane: "desk:OWNER", or NULL: the process above. */
static bool lane_take(struct work *work, const char *lane)
{
	for (unsigned i = 0; i < LANE_COUNT; i++) {
		const size_t len = strlen(lane_names[i]);

		if (text_starts(lane, lane_names[i]) && lane[len] == ':') {
			work->lanes = 1U << i;
			work->owner = lane;
			return true;
		}
	}
	return false;
}

static int work_main(
	struct command_context *context, bool once, const char *lane)
{
	static const struct below none = {NULL, NULL};
	struct shared shared = {.db = NULL};
	struct log log;
	struct work work = {
		.config = context->config, .shared = &shared, .log = &log};
	int status = 0;
	enum err err;

	if (lane && !lane_take(&work, lane))
		return command_usage(usage);
	err = config_log(context->config, context->arena, &log);
	if (err != ERR_OK)
		return command_fail(context, "log file", err);
	err = work_open(context, &work);
	if (err != ERR_OK)
		status = command_fail(context, "work", err);
	else if (once)
		status = work_once(context, &work) ? 0 : 1;
	else if (lane)
		status = work_until_asked(&work, &none);
	else
		status = lead(context, &work);
	work_close(&work);
	if (work.arena) {
		work_alive_end(&work);
		arena_close(&work.arena);
	}
	shared_close(&shared);
	log_close(&log);
	return status;
}

int cmd_work(struct command_context *context, int argc, char **argv)
{
	bool once = false;
	const char *name = NULL;
	const char *lane = NULL;
	const struct option_spec options[] = {{"--once", NULL, &once},
		/* for this command itself: see work_runners.c */
		{"--runner", &name, NULL}, {"--lane", &lane, NULL},
		{.name = NULL}};

	if (!command_parse(argc, argv, options, NULL))
		return command_usage(usage);
	return name ? runner_main(context, name)
		    : work_main(context, once, lane);
}
