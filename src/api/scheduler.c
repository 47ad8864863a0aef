/* The background jobs, for admins: how they went, run now, pause, resume. */
#include "scheduler.h"

#include "jobs.h"
#include "replies_private.h"

struct job_name {
	const char *name;
};
static const struct field job_name_fields[] = {
	FIELD(struct job_name, name, .required = true, .from = FROM_PATH,
		.min = 1, .max = 64, .doc = "the job's name"),
};
const struct shape job_name_shape =
	SHAPE("job_name", struct job_name, job_name_fields);

static const char *const states[] = {
	"waiting", "running", "paused", "off", NULL};
static const char *const results[] = {"ok", "failed", "lost", NULL};

static const struct field job_fields[] = {
	FIELD(struct job_view, name, .doc = "the job's name"),
	FIELD(struct job_view, summary, .doc = "what it does"),
	FIELD(struct job_view, state, .one_of = states,
		.doc = "off: runs only when it is asked for"),
	FIELD(struct job_view, interval_s, .doc = "seconds between two runs"),
	FIELD(struct job_view, run_now, .doc = "asked for and not begun yet"),
	FIELD(struct job_view, next_at, .nullable = true,
		.doc = "when it is due; null while it is paused or off"),
	FIELD(struct job_view, started_at, .nullable = true,
		.doc = "begin of the last run"),
	FIELD(struct job_view, finished_at, .nullable = true,
		.doc = "end of the last run that came to its end"),
	FIELD(struct job_view, duration_ms, .doc = "how long that one took"),
	FIELD(struct job_view, last_result, .nullable = true, .one_of = results,
		.doc = "lost: the process ended in the middle"),
	FIELD(struct job_view, last_error, .nullable = true,
		.doc = "why the last run failed"),
	FIELD(struct job_view, failures, .doc = "failed runs since a good one"),
	FIELD(struct job_view, runs, .doc = "runs that came to their end"),
};
const struct shape job_shape = SHAPE("job", struct job_view, job_fields);
static const struct field jobs_fields[] = PAGE_FIELDS(job_shape);
const struct shape jobs_shape = SHAPE("jobs", struct page, jobs_fields);

enum err handle_jobs(struct call *call, struct admin_scope *admin,
	const void *input, void *out)
{
	struct page *page = out;

	(void)call;
	(void)input;
	return jobs_list(admin, &page->data);
}

enum err handle_job_run(struct call *call, struct admin_scope *admin,
	const void *input, void *out)
{
	const struct job_name *in = input;

	(void)call;
	return jobs_run_now(admin, in->name, out);
}

enum err handle_job_pause(struct call *call, struct admin_scope *admin,
	const void *input, void *out)
{
	const struct job_name *in = input;

	(void)call;
	return jobs_set_paused(admin, in->name, true, out);
}

enum err handle_job_resume(struct call *call, struct admin_scope *admin,
	const void *input, void *out)
{
	const struct job_name *in = input;

	(void)call;
	return jobs_set_paused(admin, in->name, false, out);
}
