/*
 * What each background job does. All of them bear being cut short at any
 * point and done again. Must never serve a request, and never hold the
 * write lock for long.
 */
#include "work.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include "account.h"
#include "backup.h"
#include "certificate.h"
#include "file.h"
#include "market.h"

enum {
	CHECKPOINT_TRIES = 20,
	CHECKPOINT_PAUSE_MS = 50
};

static enum err clean(struct work *work)
{
	const struct auth_call call = {.arena = work->arena,
		.report = work->report,
		.now = work->now,
		.address = "operator"};
	int64_t removed = 0;
	enum err err = account_clean(work->shared->auth, &call, &removed);

	if (removed > 0)
		log_line(work->log, LOG_INFO, "work.clean",
			LOG_FIELDS(LOG_INT("removed", removed)));
	if (err == ERR_OK)
		err = work_alive_take_over(work);
	if (err == ERR_OK)
		err = work_orders_clean(work);
	if (err == ERR_OK)
		err = work_errands_clean(work);
	if (err == ERR_OK)
		err = work_notify_clean(work);
	return err == ERR_OK ? work_signals_clean(work) : err;
}

/* Readers that are just there are waited for, a moment at a time: writers
   wait meanwhile. */
static enum err checkpoint_locked(struct work *work)
{
	enum err err = ERR_UNAVAILABLE;

	for (int i = 0; i < CHECKPOINT_TRIES && err == ERR_UNAVAILABLE; i++) {
		if (i > 0)
			(void)poll(NULL, 0, CHECKPOINT_PAUSE_MS);
		err = db_checkpoint(work->shared->db);
	}
	return err;
}

/*
 * SQLite before 3.51.3 can lose pages when two checkpoints meet a commit. A
 * lease alone would not do: who was stopped in the middle may go on after
 * it ended. The kernel's lock goes with the process.
 */
static enum err checkpoint(struct work *work)
{
	const char *path = file_join(
		work->arena, work->config->data_folder, "run/checkpoint.lock");
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	enum err err = ERR_UNAVAILABLE;

	if (fd < 0)
		return ERR_UNAVAILABLE;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		err = checkpoint_locked(work);
	(void)close(fd);
	return err;
}

static enum err backup(struct work *work)
{
	const struct backup_place place = {
		.folder = config_backup_folder(work->config, work->arena),
		.key_folder = config_key_folder(work->config, work->arena),
		.arena = work->arena,
		.report = work->report,
		.now = work->now,
	};
	const char *path;
	int64_t removed = 0;
	enum err err = backup_make(&place, work->shared->db, &path);

	if (err != ERR_OK)
		return err;
	metrics_set(work->shared->metrics, METRIC_BACKUP_AGE, 0, work->now);
	log_line(work->log, LOG_INFO, "backup.made",
		LOG_FIELDS(LOG_TEXT("path", path)));
	err = backup_prune(&place, work->config->backup_keep, &removed);
	if (removed > 0)
		log_line(work->log, LOG_INFO, "backup.pruned",
			LOG_FIELDS(LOG_INT("removed", removed)));
	return err;
}

static enum err certificate(struct work *work)
{
	const char *path = work->config->ssl_certfile;
	int64_t end = 0;
	enum err err = ERR_OK;

	if (path[0] != '\0')
		err = certificate_end(work->arena, path, &end);
	if (err != ERR_OK) {
		report_detail(work->report, "SSL_CERTFILE cannot be read");
		return err;
	}
	metrics_set(work->shared->metrics, METRIC_CERTIFICATE_EXPIRY, 0, end);
	return ERR_OK;
}

/* The candles are everybody's: a scope of nobody, who owns nothing. */
static enum err cache_warm(struct work *work)
{
	const struct auth_call call = {.arena = work->arena,
		.report = work->report,
		.now = work->now,
		.address = "operator"};
	const struct identity nobody = {.user_id = "work"};
	struct scope *scope;

	if (!work->shared->store)
		return ERR_OK;
	scope = auth_scope(work->shared->auth, &call, &nobody);
	return market_warm(work->shared->store, scope);
}

static enum err (*const acts[JOB_COUNT])(struct work *work) = {
	[JOB_CLEAN] = clean,
	[JOB_CHECKPOINT] = checkpoint,
	[JOB_AUDIT_HEAD] = work_audit_head,
	[JOB_CACHE_WARM] = cache_warm,
	[JOB_BACKUP] = backup,
	[JOB_CERTIFICATE] = certificate,
	[JOB_SIGNALS] = work_signals,
	[JOB_ORDERS] = work_orders,
	[JOB_PORTFOLIO_CHECK] = work_portfolio_check,
	[JOB_MARKET] = work_market,
	[JOB_WATCH] = work_watch,
	[JOB_NOTIFY] = work_notify,
	[JOB_SUMMARY] = work_summary,
};

enum err work_run(struct work *work, enum job job)
{
	return acts[job](work);
}

enum err work_plan(struct work *work)
{
	const struct backup_place place = {
		.folder = config_backup_folder(work->config, work->arena),
		.arena = work->arena,
		.report = work->report,
	};
	int64_t intervals[JOB_COUNT];
	int64_t newest = 0;

	for (size_t i = 0; i < JOB_COUNT; i++)
		intervals[i] = job_kinds[i].interval_ms;
	intervals[JOB_CLEAN] = work->config->work_interval_s * 1000;
	intervals[JOB_CHECKPOINT] = intervals[JOB_CLEAN];
	/* 0: there is nothing to fetch */
	intervals[JOB_MARKET] = work->config->market_symbols[0] == '\0'
					? 0
					: work->config->market_quote_s * 1000;
	intervals[JOB_BACKUP] = work->config->backup_hours * 3600 * 1000;
	if (backup_newest(&place, NULL, &newest) == ERR_OK)
		metrics_set(
			work->shared->metrics, METRIC_BACKUP_AGE, 0, newest);
	return jobs_plan(work_operator(work), intervals);
}
