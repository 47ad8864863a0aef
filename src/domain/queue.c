/*
 * A user's own side of the queue. Must never tell how long others wait, nor
 * let one user's runs past his quotas.
 */
#include "queue_private.h"

#include "clock.h"

enum {
	WINDOW_MS = 3600 * 1000
};

const char *const run_kind_names[RUN_KIND_COUNT + 1] = {
	[RUN_BACKTEST] = "backtest",
	[RUN_SWEEP] = "sweep",
	[RUN_WALK_FORWARD] = "walk_forward",
};
const char *const run_state_names[] = {
	"queued", "running", "done", "failed", "cancelled", NULL};

static const char window_sql[] =
	"SELECT window_at, window_runs FROM run_service"
	" WHERE user_id = :owner";
static const char window_put_sql[] =
	"INSERT INTO run_service (user_id, window_at, window_runs)"
	" VALUES (:owner, :at, :runs)"
	" ON CONFLICT (user_id) DO UPDATE SET"
	" window_at = excluded.window_at,"
	" window_runs = excluded.window_runs";
static const char open_sql[] =
	"SELECT COUNT(*) FROM runs WHERE user_id = :owner"
	" AND state IN ('queued', 'running')";
static const char wait_sql[] =
	"UPDATE run_service SET joined = 0 WHERE user_id = :owner";
static const char add_sql[] =
	"INSERT INTO runs (user_id, id, kind, state, strategy_id,"
	" strategy_version, symbol, interval_ms, request, bars, points,"
	" point_us, finish_us, created_at)"
	" VALUES (:owner, :id, :kind, 'queued', :strategy_id, :version,"
	" :symbol, :interval, :request, :bars, :points, :point_us,"
	" :finish_us, :now)";
static const char end_sql[] =
	"UPDATE runs SET state = :state, result = :result, error = :error,"
	" ended_at = :now WHERE user_id = :owner AND id = :id"
	" AND state IN ('queued', 'running')";
static const char chunks_sql[] =
	"DELETE FROM run_chunks WHERE user_id = :owner AND run_id = :id";
static const char holds_sql[] =
	"SELECT 1 FROM run_chunks WHERE user_id = :owner AND run_id = :id"
	" AND first_point = :first AND lease_owner = :lease";

/* ---- quotas -------------------------------------------------------------- */

struct window {
	int64_t at, runs;
};

/* A window that has ended, or begins in the future, is a new one. */
static enum err window_read(struct scope *scope, struct window *out)
{
	const int64_t now = scope_now(scope);
	struct window window = {.at = now};
	struct rows *rows;
	enum err err = scope_one(scope, window_sql, NO_BINDS, &rows);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	if (err == ERR_OK) {
		window = (struct window){rows_int(rows, 0), rows_int(rows, 1)};
		rows_end(rows);
	}
	if (window.at > now || window.at + WINDOW_MS <= now)
		window = (struct window){.at = now};
	*out = window;
	return ERR_OK;
}

static enum err over_hour(
	struct scope *scope, const struct window *window, int64_t limit)
{
	const int64_t free_at = window->at + WINDOW_MS;
	struct report *report = scope_report(scope);
	char text[TIME_TEXT_ROOM];

	time_format(free_at / 1000 * 1000 + 1000, text);
	report_detail(report,
		"The limit of %lld backtests and searches an hour "
		"(BACKTEST_RUNS_PER_HOUR) is reached; the next may begin at "
		"%s.",
		(long long)limit, text);
	report->retry_after_s = (free_at - scope_now(scope) + 999) / 1000;
	return ERR_RATE_LIMITED;
}

enum err queue_allowed(struct scope *scope, const struct limits *limits)
{
	struct window window;
	enum err err = window_read(scope, &window);

	if (err == ERR_OK && window.runs >= limits->backtest_runs_hour)
		err = over_hour(scope, &window, limits->backtest_runs_hour);
	return err;
}

enum err queue_count(struct scope *scope, const struct limits *limits)
{
	struct window window;
	enum err err = window_read(scope, &window);

	if (err != ERR_OK)
		return err;
	if (window.runs >= limits->backtest_runs_hour)
		return over_hour(scope, &window, limits->backtest_runs_hour);
	return scope_run(scope, window_put_sql,
		BINDS(bind_int(":at", window.at),
			bind_int(":runs", window.runs + 1)),
		NULL);
}

static enum err open_count(struct scope *scope, int64_t *out)
{
	struct rows *rows;
	enum err err = scope_one(scope, open_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	*out = rows_int(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

/* ---- a new run ----------------------------------------------------------- */

static enum err row_add(struct scope *scope, const struct queue_new *run)
{
	const struct bind version =
		run->strategy_id ? bind_int(":version", run->strategy_version)
				 : bind_null(":version");

	return scope_run(scope, add_sql,
		BINDS(bind_text(":id", run->id),
			bind_text(":kind", run_kind_names[run->kind]),
			bind_text(":strategy_id", run->strategy_id), version,
			bind_text(":symbol", run->symbol),
			bind_int(":interval", run->interval_ms),
			bind_text(":request", run->request),
			bind_int(":bars", run->bars),
			bind_int(":points", run->points),
			bind_int(":point_us", run->point_us),
			bind_int(":finish_us", run->finish_us),
			bind_int(":now", scope_now(scope))),
		NULL);
}

/* What a runner could not end in time would be begun again and again. */
static enum err length_check(struct report *report, const struct limits *limits,
	const struct queue_new *run)
{
	const int64_t second_us = 1000000;
	int64_t longest =
		run->point_us > run->finish_us ? run->point_us : run->finish_us;

	if (longest <= limits->run_seconds * second_us)
		return ERR_OK;
	report_fault(report, "/from",
		"one run of it would take about %lld s, and may take %lld "
		"(BACKTEST_RUN_SECONDS): take a shorter range, a larger "
		"interval or simpler rules",
		(long long)(longest / second_us),
		(long long)limits->run_seconds);
	return ERR_BAD_INPUT;
}

static enum err room_check(
	struct report *report, const struct limits *limits, int64_t open)
{
	if (open < limits->runs_at_once)
		return ERR_OK;
	report_detail(report,
		"%lld runs of yours are waiting or running, as many as may be "
		"at once (BACKTEST_RUNS_AT_ONCE); another may begin when one "
		"of them ends or is cancelled.",
		(long long)open);
	return ERR_CONFLICT;
}

enum err queue_room(struct scope *scope, const struct limits *limits)
{
	int64_t open;
	enum err err = queue_allowed(scope, limits);

	if (err == ERR_OK)
		err = open_count(scope, &open);
	return err == ERR_OK ? room_check(scope_report(scope), limits, open)
			     : err;
}

enum err queue_add(struct scope *scope, const struct limits *limits,
	const struct queue_new *run)
{
	int64_t open;
	enum err err = length_check(scope_report(scope), limits, run);

	if (err == ERR_OK)
		err = open_count(scope, &open);
	if (err != ERR_OK)
		return err;
	err = room_check(scope_report(scope), limits, open);
	if (err != ERR_OK)
		return err;
	/* who had nothing to do begins at the least of those who have */
	if (open == 0)
		err = scope_run(scope, wait_sql, NO_BINDS, NULL);
	return err == ERR_OK ? row_add(scope, run) : err;
}

/* ---- its end ------------------------------------------------------------- */

enum err queue_end(
	struct scope *scope, const char *id, const struct queue_end *end)
{
	int64_t changed = 0;
	enum err err = scope_run(scope, end_sql,
		BINDS(bind_text(":id", id), bind_text(":state", end->state),
			bind_text(":result", end->result),
			bind_text(":error", end->error),
			bind_int(":now", scope_now(scope))),
		&changed);

	if (err == ERR_OK && changed == 0)
		return ERR_NOT_FOUND;
	if (err == ERR_OK)
		err = scope_run(
			scope, chunks_sql, BINDS(bind_text(":id", id)), NULL);
	return err;
}

enum err queue_cancel(struct scope *scope, const char *id)
{
	return queue_end(
		scope, id, &(const struct queue_end){.state = "cancelled"});
}

enum err queue_holds(struct scope *scope, const struct run_claim *claim)
{
	struct rows *rows;
	enum err err = scope_one(scope, holds_sql,
		BINDS(bind_text(":id", claim->run_id),
			bind_int(":first", claim->first),
			bind_text(":lease", claim->owner)),
		&rows);

	if (err == ERR_OK)
		rows_end(rows);
	return err == ERR_NOT_FOUND ? ERR_CONFLICT : err;
}
