/*
 * SQLite: folding the log, copying a live database, asking whether it is
 * well. Must never change a row.
 */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sqlite_private.h"

/* How long a checkpoint waits for readers, while writers wait for it. */
enum {
	CHECKPOINT_WAIT_MS = 100
};

static const char ping_sql[] = "SELECT count(*) FROM sqlite_master";
static const char backup_journal_script[] = "PRAGMA journal_mode = DELETE";

/*
 * TRUNCATE holds the writer's lock, so that no commit runs beside it (see
 * the WAL-reset bug of SQLite before 3.51.3); it waits only a moment for
 * readers, because writers wait meanwhile.
 */
enum err sqlite_checkpoint(struct db *db)
{
	struct sqlite *s = sqlite_of(db);
	enum err err = sqlite_check(s);

	if (err != ERR_OK)
		return err;
	if (s->in_transaction)
		return sqlite_refuse(
			s, ERR_INTERNAL, "a checkpoint inside a transaction");
	sqlite_drain(s);
	if (s->busy_ms > CHECKPOINT_WAIT_MS)
		(void)sqlite3_busy_timeout(s->handle, CHECKPOINT_WAIT_MS);
	int code = sqlite3_wal_checkpoint_v2(
		s->handle, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	(void)sqlite3_busy_timeout(s->handle, s->busy_ms);
	return code == SQLITE_OK ? ERR_OK : sqlite_fail(s, code);
}

static enum err sync_folder(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *folder = "/";

	if (!slash)
		folder = ".";
	else if (slash != path)
		folder = arena_copy(arena, path, (size_t)(slash - path));
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return ERR_UNAVAILABLE;
	int code = fsync(fd);
	(void)close(fd);
	return code == 0 ? ERR_OK : ERR_UNAVAILABLE;
}

/* Copies into the empty file at `part`: one step, so one snapshot. */
static enum err backup_copy(struct sqlite *s, const char *part)
{
	sqlite3 *copy = NULL;
	sqlite3_backup *backup = NULL;
	int code = sqlite3_open_v2(
		part, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);

	if (code == SQLITE_OK)
		backup = sqlite3_backup_init(copy, "main", s->handle, "main");
	if (backup) {
		(void)sqlite3_backup_step(backup, -1);
		code = sqlite3_backup_finish(backup);
	}
	/* one self-contained file, without a log beside it */
	if (backup && code == SQLITE_OK)
		code = sqlite3_exec(
			copy, backup_journal_script, NULL, NULL, NULL);
	enum err err = ERR_OK;
	if (!backup || code != SQLITE_OK)
		err = sqlite_refuse(s, ERR_UNAVAILABLE,
			copy ? sqlite3_errmsg(copy) : "no memory");
	if (sqlite3_close(copy) != SQLITE_OK)
		return ERR_UNAVAILABLE;
	return err;
}

static enum err backup_write(
	struct sqlite *s, struct arena *arena, const char *path)
{
	const char *part = arena_format(arena, "%s.part", path);

	if (access(path, F_OK) == 0)
		return sqlite_refuse(
			s, ERR_CONFLICT, "the backup file exists already");
	(void)unlink(part); /* a copy that was cut short */
	int fd = open(part, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return sqlite_refuse(
			s, ERR_UNAVAILABLE, "cannot write the backup file");
	(void)close(fd);
	enum err err = backup_copy(s, part);
	if (err == ERR_OK && rename(part, path) != 0)
		err = sqlite_refuse(
			s, ERR_UNAVAILABLE, "cannot rename the backup file");
	if (err != ERR_OK) {
		(void)unlink(part);
		return err;
	}
	return sync_folder(arena, path);
}

enum err sqlite_backup(struct db *db, const char *path)
{
	struct sqlite *s = sqlite_of(db);
	enum err err = sqlite_check(s);

	if (err != ERR_OK)
		return err;
	struct arena *arena = arena_open(64 * 1024);
	err = backup_write(s, arena, path);
	arena_close(&arena);
	return err;
}

/* Answers, and is still the file that the path names. */
enum err sqlite_ping(struct db *db)
{
	struct sqlite *s = sqlite_of(db);
	int moved = 0;
	enum err err = sqlite_run(db, ping_sql, NO_BINDS, NULL);

	if (err != ERR_OK)
		return ERR_UNAVAILABLE;
	int code = sqlite3_file_control(
		s->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
	if (code != SQLITE_OK || moved)
		return sqlite_refuse(s, ERR_UNAVAILABLE,
			"the database file was moved or removed");
	return ERR_OK;
}
