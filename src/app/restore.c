/*
 * A restore, step by step: verify, copy beside the database, make that copy
 * ready (schema, sessions, audit), fold the old database's log into it, keep
 * the old one under another name, rename. Must never remove a database, and
 * never let a log stay beside a database that is not its own.
 */
#include "restore.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth.h"
#include "clock.h"
#include "file.h"
#include "migrate.h"
#include "text.h"
#include "upgrade.h"

enum {
	BUSY_MS = 5000
};

struct restore {
	const struct backup_place *place;
	const struct restore_options *options;
	const char *copy; /* what becomes the database */
	int step;
	struct restore_done done;
};

static void step(struct restore *restore)
{
	restore->step++;
	if (restore->options->at_step)
		restore->options->at_step(
			restore->options->context, restore->step);
}

static const char *beside(
	const struct restore *restore, const char *path, const char *end)
{
	return arena_format(restore->place->arena, "%s%s", path, end);
}

static const char *folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		return ".";
	return slash == path ? "/"
			     : arena_copy(arena, path, (size_t)(slash - path));
}

static enum err database_of(
	const struct restore *restore, const char *path, struct db **out)
{
	const struct db_options options = {
		.url = beside(restore, "sqlite:", path),
		.busy_ms = BUSY_MS,
		.migrating = true,
	};

	return db_open(restore->place->arena, &options, out);
}

/* ---- the copy --------------------------------------------------------------- */

static void copy_remove(const struct restore *restore)
{
	(void)unlink(beside(restore, restore->copy, "-wal"));
	(void)unlink(beside(restore, restore->copy, "-shm"));
	(void)unlink(restore->copy);
}

/* The bytes that were verified, and no others. */
static enum err copy_take(struct restore *restore, const char *path)
{
	const struct backup_manifest *manifest =
		&restore->done.finding.manifest;
	struct file_sum sum;
	enum err err;

	copy_remove(restore);
	err = file_sum(file_join(restore->place->arena, path, "kontor.db"),
		restore->copy, &sum);
	if (err == ERR_OK && !text_equal(sum.sha256, manifest->sha256))
		err = ERR_CONFLICT;
	if (err != ERR_OK)
		report_detail(restore->place->report,
			"the copy beside the database: no room, or the backup "
			"changed meanwhile");
	return err;
}

static enum err copy_record(struct restore *restore, struct db *copy)
{
	const struct backup_place *place = restore->place;
	const struct audit_options options = {
		.db = copy, .key_folder = place->key_folder};
	const struct audit_event event = {
		.at = place->now,
		.event = "backup.restored",
		.actor = "operator",
		.detail = arena_format(place->arena,
			"made at %lld, %lld sessions and %lld API keys ended",
			(long long)restore->done.finding.manifest.created,
			(long long)restore->done.settled.sessions,
			(long long)restore->done.settled.api_keys),
	};
	struct audit *audit = NULL;
	enum err err =
		audit_open(place->arena, &options, place->report, &audit);

	if (err == ERR_OK)
		err = audit_append(audit, place->arena, &event);
	audit_close(&audit);
	return err;
}

static enum err copy_change(struct restore *restore, struct db *copy)
{
	const struct backup_place *place = restore->place;
	const struct migrate_plan plan = {.all = migrations_sqlite,
		.steps = upgrade_steps,
		.backup_folder = place->folder};
	const char *ignored;
	enum err err =
		migrate_up(copy, place->arena, &plan, place->report, &ignored);

	if (err == ERR_OK)
		err = copy_settle(auth_operator_scope(copy, place->arena,
					  place->report, place->now),
			restore->options->keep_api_keys,
			&restore->done.settled);
	if (err == ERR_OK)
		err = copy_record(restore, copy);
	return err == ERR_OK ? db_checkpoint(copy) : err;
}

/* One file without a log, on the disk. */
static enum err copy_ready(struct restore *restore)
{
	struct db *copy = NULL;
	enum err err = database_of(restore, restore->copy, &copy);

	if (err != ERR_OK)
		return err;
	err = copy_change(restore, copy);
	if (err != ERR_OK && !restore->place->report->detail)
		report_detail(
			restore->place->report, "the copy: %s", db_fault(copy));
	db_close(&copy);
	if (err == ERR_OK &&
		access(beside(restore, restore->copy, "-wal"), F_OK) == 0)
		err = ERR_UNAVAILABLE;
	return err == ERR_OK ? file_sync(restore->copy) : err;
}

/* ---- the old one ------------------------------------------------------------ */

/*
 * Its log goes into it, so that it is one file; then it stays what it is
 * until the rename. A broken one may keep its log: that is kept aside too.
 */
static enum err old_fold(const struct restore *restore)
{
	struct stat log;
	struct db *old = NULL;
	enum err err;

	if (database_of(restore, restore->options->database, &old) != ERR_OK)
		return ERR_OK;
	err = db_checkpoint(old);
	db_close(&old);
	if (err == ERR_OK &&
		stat(beside(restore, restore->options->database, "-wal"),
			&log) == 0 &&
		log.st_size > 0) {
		report_detail(restore->place->report,
			"somebody has the database open: end that first");
		return ERR_CONFLICT;
	}
	return ERR_OK;
}

/* A name that nothing has; we are alone in the folder. */
static const char *aside_name(const struct restore *restore)
{
	struct arena *arena = restore->place->arena;
	char when[TIME_TEXT_ROOM];
	const char *name;
	const char *free;

	time_format(restore->place->now, when);
	name = arena_format(arena, "%s.before-restore-%s",
		restore->options->database, when);
	free = name;
	for (int i = 2; access(free, F_OK) == 0; i++)
		free = arena_format(arena, "%s-%d", name, i);
	return free;
}

/* A second name for the same file: nothing is moved, nothing is copied. */
static enum err old_keep(struct restore *restore)
{
	static const char *const parts[] = {"", "-wal"};
	const char *database = restore->options->database;
	const char *aside = aside_name(restore);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		const bool kept =
			link(beside(restore, database, parts[i]),
				beside(restore, aside, parts[i])) == 0;

		if (!kept && errno != ENOENT) {
			report_detail(restore->place->report,
				"the present database cannot be kept aside");
			return ERR_UNAVAILABLE;
		}
		if (kept && i == 0)
			restore->done.aside = aside;
	}
	return file_sync(folder_of(restore->place->arena, database));
}

/* ---- in its place ----------------------------------------------------------- */

static enum err replace(struct restore *restore)
{
	const char *database = restore->options->database;

	/* empty, or of a database that did not open: kept aside above */
	(void)unlink(beside(restore, database, "-wal"));
	(void)unlink(beside(restore, database, "-shm"));
	step(restore);
	if (rename(restore->copy, database) != 0) {
		report_detail(restore->place->report,
			"the database cannot be replaced");
		return ERR_UNAVAILABLE;
	}
	step(restore);
	return file_sync(folder_of(restore->place->arena, database));
}

static enum err restore_steps(struct restore *restore, const char *path)
{
	enum err err = copy_take(restore, path);

	step(restore);
	if (err == ERR_OK)
		err = copy_ready(restore);
	step(restore);
	if (err == ERR_OK)
		err = old_fold(restore);
	step(restore);
	if (err == ERR_OK)
		err = old_keep(restore);
	step(restore);
	return err == ERR_OK ? replace(restore) : err;
}

enum err restore_run(const struct backup_place *place, const char *path,
	const struct restore_options *options, struct restore_done *out)
{
	struct restore restore = {.place = place,
		.options = options,
		.copy = arena_format(
			place->arena, "%s.restore", options->database)};
	enum err err = backup_verify(place, path, &restore.done.finding);

	if (err != ERR_OK)
		return err;
	if (!restore.done.finding.sealed && !options->unsealed) {
		report_detail(place->report,
			"the audit key that sealed this backup is not here, so "
			"nobody can tell who made it: put keys/ back, or say "
			"--unsealed");
		return ERR_CONFLICT;
	}
	step(&restore);
	err = restore_steps(&restore, path);
	if (err != ERR_OK) {
		copy_remove(&restore);
		return err;
	}
	*out = restore.done;
	return ERR_OK;
}
