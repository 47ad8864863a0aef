/*
 * The jobs as an admin sees them, and what an admin may ask: run now, pause,
 * resume. Must never begin a job itself; that is the background process's.
 */
#include "jobs_private.h"

#include "text.h"

static const char rows_sql[] =
	"SELECT name, interval_ms, next_at, lease_until, started_at,"
	" finished_at, duration_ms, last_result, last_error, failures, runs,"
	" paused, run_now FROM jobs";
static const char row_sql[] =
	"SELECT name, interval_ms, next_at, lease_until, started_at,"
	" finished_at, duration_ms, last_result, last_error, failures, runs,"
	" paused, run_now FROM jobs WHERE name = :name";
/* Before the background process was ever started there is no row. */
static const char row_make_sql[] =
	"INSERT INTO jobs (name, interval_ms, next_at)"
	" VALUES (:name, :interval, :now) ON CONFLICT (name) DO NOTHING";
static const char run_now_sql[] =
	"UPDATE jobs SET run_now = 1 WHERE name = :name AND paused = 0";
static const char pause_sql[] = "UPDATE jobs SET paused = 1, run_now = 0"
				" WHERE name = :name";
static const char resume_sql[] = "UPDATE jobs SET paused = 0"
				 " WHERE name = :name";

struct job_row {
	size_t job; /* JOB_COUNT: there is none of that name (any more) */
	int64_t interval_ms, next_at, lease_until;
	bool leased, paused, run_now;
};

static size_t job_find(const char *name)
{
	size_t i = 0;

	while (i < JOB_COUNT && !text_equal(job_names[i], name))
		i++;
	return i;
}

static struct job_row row_read(const struct rows *rows)
{
	return (struct job_row){
		.job = job_find(rows_text(rows, 0)),
		.interval_ms = rows_int(rows, 1),
		.next_at = rows_int(rows, 2),
		.lease_until = rows_int(rows, 3),
		.leased = !rows_is_null(rows, 3),
		.paused = rows_int(rows, 11) != 0,
		.run_now = rows_int(rows, 12) != 0,
	};
}

/* ---- when ---------------------------------------------------------------- */

/* A time that only a clock that was wrong can have written is now. */
static int64_t unless_far(int64_t at, int64_t far, int64_t now)
{
	return at > far ? now : at;
}

/* The earliest time at which somebody may begin it; since: it is due. Says
   what claim_sql (jobs.c) does. */
static int64_t row_due(const struct job_row *row, int64_t now)
{
	const struct job_kind *kind;
	int64_t next;

	if (row->paused || row->job == JOB_COUNT)
		return INT64_MAX;
	kind = &job_kinds[row->job];
	if (row->leased)
		return unless_far(row->lease_until, lease_far(kind, now), now);
	if (row->interval_ms <= 0)
		return row->run_now ? now : INT64_MAX;
	next = unless_far(
		row->next_at, next_far(kind, row->interval_ms, now), now);
	return row->run_now ? least_of(next, now) : next;
}

static bool is_of(const struct job_row *row, unsigned lanes)
{
	return row->job < JOB_COUNT &&
	       (lanes & 1U << job_kinds[row->job].lane) != 0;
}

enum err jobs_outlook(
	struct admin_scope *admin, unsigned lanes, struct jobs_outlook *out)
{
	const int64_t now = admin_now(admin);
	struct jobs_outlook outlook = {.next_at = INT64_MAX};
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, rows_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		const struct job_row row = row_read(rows);
		const int64_t due = row_due(&row, now);

		if (is_of(&row, lanes))
			outlook.next_at = least_of(outlook.next_at, due);
		if (due < now && now - due > outlook.late_ms)
			outlook.late_ms = now - due;
	}
	rows_end(rows);
	if (err == ERR_OK)
		*out = outlook;
	return err;
}

/* ---- views --------------------------------------------------------------- */

static const char *state_of(const struct job_row *row, int64_t now)
{
	if (row->leased && row->lease_until > now)
		return "running";
	if (row->paused)
		return "paused";
	return row->interval_ms > 0 ? "waiting" : "off";
}

static void view_read(struct admin_scope *admin, const struct rows *rows,
	struct job_view *out)
{
	struct arena *arena = admin_arena(admin);
	const struct job_row row = row_read(rows);
	const bool planned = row.interval_ms > 0 && !row.paused;

	out->state = state_of(&row, admin_now(admin));
	out->interval_s = row.interval_ms / 1000;
	out->run_now = row.run_now;
	out->next_at = planned ? rows_time(arena, rows, 2) : NULL;
	out->started_at = rows_time(arena, rows, 4);
	out->finished_at = rows_time(arena, rows, 5);
	out->duration_ms = rows_int(rows, 6);
	out->last_result = rows_text(rows, 7);
	out->last_error = rows_text(rows, 8);
	out->failures = rows_int(rows, 9);
	out->runs = rows_int(rows, 10);
}

static void views_init(struct job_view views[JOB_COUNT])
{
	for (size_t i = 0; i < JOB_COUNT; i++)
		views[i] = (struct job_view){
			.name = job_kinds[i].name,
			.summary = job_kinds[i].summary,
			.state = "waiting",
			.interval_s = job_kinds[i].interval_ms / 1000,
		};
}

enum err jobs_list(struct admin_scope *admin, struct list *out)
{
	struct job_view *views =
		arena_array(admin_arena(admin), JOB_COUNT, sizeof(*views));
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, rows_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	views_init(views);
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		const size_t job = job_find(rows_text(rows, 0));

		if (job < JOB_COUNT)
			view_read(admin, rows, &views[job]);
	}
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){views, JOB_COUNT};
	return err;
}

/* ---- asking -------------------------------------------------------------- */

static enum err view_one(
	struct admin_scope *admin, size_t job, struct job_view *out)
{
	struct job_view view = {
		.name = job_kinds[job].name, .summary = job_kinds[job].summary};
	struct rows *rows;
	enum err err = admin_one(
		admin, row_sql, BINDS(bind_text(":name", view.name)), &rows);

	if (err != ERR_OK)
		return err;
	view_read(admin, rows, &view);
	rows_end(rows);
	*out = view;
	return ERR_OK;
}

/* Under the lock: one UPDATE of a job's row, which is made if need be. */
static enum err ask_locked(struct admin_scope *admin, size_t job,
	const char *sql, struct job_view *out)
{
	const struct job_kind *kind = &job_kinds[job];
	int64_t changed = 0;
	enum err err = admin_run(admin, row_make_sql,
		BINDS(bind_text(":name", kind->name),
			bind_int(":interval", kind->interval_ms),
			bind_int(":now", admin_now(admin))),
		NULL);

	if (err == ERR_OK)
		err = admin_run(admin, sql,
			BINDS(bind_text(":name", kind->name)), &changed);
	if (err == ERR_OK && changed == 0) {
		report_detail(admin_report(admin),
			"The job is paused; resume it first.");
		return ERR_CONFLICT;
	}
	return err == ERR_OK ? view_one(admin, job, out) : err;
}

static enum err ask(struct admin_scope *admin, const char *name,
	const char *sql, struct job_view *out)
{
	const size_t job = job_find(name);
	struct job_view view;
	enum err err;

	if (job == JOB_COUNT)
		return ERR_NOT_FOUND;
	err = admin_begin(admin);
	if (err != ERR_OK)
		return err;
	err = admin_end(admin, ask_locked(admin, job, sql, &view));
	if (err == ERR_OK)
		*out = view;
	return err;
}

enum err jobs_run_now(
	struct admin_scope *admin, const char *name, struct job_view *out)
{
	return ask(admin, name, run_now_sql, out);
}

enum err jobs_set_paused(struct admin_scope *admin, const char *name,
	bool paused, struct job_view *out)
{
	return ask(admin, name, paused ? pause_sql : resume_sql, out);
}
