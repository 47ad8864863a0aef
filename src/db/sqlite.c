/*
 * SQLite behind struct db: the connection and its transactions. Settings
 * that keep what was acknowledged (WAL, synchronous=FULL) and close the doors
 * that SQL could open (extensions, schema edits, other files). Must never
 * log, and never build SQL from values.
 *
 * Rows still open when a transaction begins are read to their end into their
 * arena first: the snapshot they hold would make BEGIN IMMEDIATE fail.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "clock.h"
#include "sqlite_private.h"
#include "text.h"

enum {
	/* how long a checkpoint waits for readers, while writers wait */
	CHECKPOINT_WAIT_MS = 100,
	/* how long reads go on without asking for the file: each question
	   costs as much as a small read */
	FILE_ASKED_US = 50 * 1000,
	VALUE_LIMIT = 64 << 20, /* bytes of one value */
	SQL_LIMIT = 1 << 20,
	SCRATCH = 64 * 1024,
};

static const char begin_sql[] = "BEGIN IMMEDIATE";
static const char begin_read_sql[] = "BEGIN";
static const char commit_sql[] = "COMMIT";
static const char rollback_sql[] = "ROLLBACK";
static const char ping_sql[] = "SELECT count(*) FROM sqlite_master";
static const char backup_journal_script[] = "PRAGMA journal_mode = DELETE";
static const char settings_script[] = "PRAGMA synchronous = FULL;"
				      "PRAGMA foreign_keys = ON;"
				      "PRAGMA trusted_schema = OFF;"
				      "PRAGMA cell_size_check = ON;"
				      "PRAGMA mmap_size = 0;"
				      "PRAGMA temp_store = MEMORY;";
static const char journal_script[] = "PRAGMA journal_mode = WAL";

/* What a connection that is not migrating may ask for. */
static const char *const pragmas_allowed[] = {"foreign_key_check",
	"integrity_check", "quick_check", "schema_version", "table_info"};

struct sqlite *sqlite_of(struct db *db)
{
	return (struct sqlite *)(void *)db;
}

static void sqlite_fault(struct sqlite *s, const char *text)
{
	size_t len = strnlen(text, DB_FAULT_ROOM - 1);

	memcpy(s->base.fault, text, len);
	s->base.fault[len] = '\0';
}

enum err sqlite_refuse(struct sqlite *s, enum err err, const char *why)
{
	sqlite_fault(s, why);
	return err;
}

/* Extended result codes are on for every connection. */
enum err sqlite_fail(struct sqlite *s, int code)
{
	sqlite_fault(s, s->handle ? sqlite3_errmsg(s->handle) : "no memory");
	switch (code) {
	case SQLITE_CONSTRAINT_UNIQUE:
	case SQLITE_CONSTRAINT_PRIMARYKEY:
	case SQLITE_CONSTRAINT_ROWID:
		return ERR_CONFLICT;
	default:
		break;
	}
	switch (code & 0xff) {
	case SQLITE_CONSTRAINT:
	case SQLITE_TOOBIG:
		return ERR_BAD_INPUT;
	case SQLITE_ERROR: /* SQL that does not compile */
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
	case SQLITE_MISMATCH:
	case SQLITE_AUTH:
		return ERR_INTERNAL;
	default:
		return ERR_UNAVAILABLE;
	}
}

/* Cannot be asked: as bad as moved. */
static enum err file_check(struct sqlite *s)
{
	int moved = 0;
	int code = sqlite3_file_control(
		s->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved);

	if (code == SQLITE_OK && !moved) {
		s->file_good_us = clock_monotonic_us();
		return ERR_OK;
	}
	s->file_good_us = 0;
	return sqlite_refuse(
		s, ERR_UNAVAILABLE, "the database file was moved or removed");
}

static enum err state_check(const struct sqlite *s, const char **why)
{
	if (s->pid != getpid()) {
		*why = "a connection carried over a fork";
		return ERR_INTERNAL;
	}
	if (s->in_transaction && sqlite3_get_autocommit(s->handle)) {
		*why = "the transaction was lost";
		return ERR_UNAVAILABLE;
	}
	return ERR_OK;
}

enum err sqlite_check(struct sqlite *s)
{
	const char *why = NULL;
	enum err err = state_check(s, &why);

	if (err != ERR_OK)
		return sqlite_refuse(s, err, why);
	/* in a transaction: the commit asks, and a rollback must go on */
	return sqlite3_get_autocommit(s->handle) ? file_check(s) : ERR_OK;
}

enum err sqlite_check_reading(struct sqlite *s)
{
	const char *why = NULL;
	enum err err = state_check(s, &why);

	if (err != ERR_OK)
		return sqlite_refuse(s, err, why);
	if (!sqlite3_get_autocommit(s->handle))
		return ERR_OK;
	if (s->file_good_us > 0 &&
		clock_monotonic_us() - s->file_good_us < FILE_ASKED_US)
		return ERR_OK;
	return file_check(s);
}

static enum err sqlite_script(struct db *db, const char *script)
{
	struct sqlite *s = sqlite_of(db);
	enum err err = sqlite_check(s);

	if (err != ERR_OK)
		return err;
	if (!s->migrating)
		return sqlite_refuse(
			s, ERR_INTERNAL, "scripts are for migrations only");
	int code = sqlite3_exec(s->handle, script, NULL, NULL, NULL);
	return code == SQLITE_OK ? ERR_OK : sqlite_fail(s, code);
}

static enum err sqlite_try_run(struct db *db, const char *sql,
	const struct bind *binds, int64_t *changed)
{
	struct sqlite *s = sqlite_of(db);

	if (s->pid != getpid())
		return sqlite_check(s);
	(void)sqlite3_busy_timeout(s->handle, 0);
	enum err err = sqlite_run(db, sql, binds, changed);
	(void)sqlite3_busy_timeout(s->handle, s->busy_ms);
	return err;
}

/* ---- transactions ------------------------------------------------------ */

static enum err transaction_begin(struct sqlite *s, const char *sql, bool read)
{
	if (s->in_transaction)
		return sqlite_refuse(
			s, ERR_INTERNAL, "a transaction inside another");
	sqlite_drain(s);
	enum err err = sqlite_run(&s->base, sql, NO_BINDS, NULL);
	if (err != ERR_OK)
		return err;
	s->in_transaction = true;
	s->reading = read;
	return ERR_OK;
}

static enum err sqlite_begin(struct db *db)
{
	return transaction_begin(sqlite_of(db), begin_sql, false);
}

static enum err sqlite_begin_read(struct db *db)
{
	return transaction_begin(sqlite_of(db), begin_read_sql, true);
}

static void sqlite_rollback(struct db *db)
{
	struct sqlite *s = sqlite_of(db);

	if (!s->in_transaction || s->pid != getpid())
		return;
	sqlite_abandon(s);
	s->in_transaction = false;
	s->reading = false;
	if (sqlite3_get_autocommit(s->handle))
		return; /* SQLite rolled back by itself */
	char fault[DB_FAULT_ROOM];
	memcpy(fault, s->base.fault, sizeof(fault));
	if (sqlite_run(db, rollback_sql, NO_BINDS, NULL) == ERR_OK)
		memcpy(s->base.fault, fault, sizeof(fault));
}

static enum err sqlite_commit(struct db *db)
{
	struct sqlite *s = sqlite_of(db);

	if (!s->in_transaction)
		return sqlite_refuse(s, ERR_INTERNAL, "no transaction");
	enum err err = file_check(s);
	if (err == ERR_OK)
		err = sqlite_run(db, commit_sql, NO_BINDS, NULL);
	if (err != ERR_OK) {
		sqlite_rollback(db);
		return err;
	}
	s->in_transaction = false;
	s->reading = false;
	return ERR_OK;
}

static bool sqlite_in_transaction(const struct db *db)
{
	return ((const struct sqlite *)(const void *)db)->in_transaction;
}

/* ---- upkeep ------------------------------------------------------------ */

/*
 * TRUNCATE holds the writer's lock, so that no commit runs beside it (see
 * the WAL-reset bug of SQLite before 3.51.3); it waits only a moment for
 * readers, because writers wait meanwhile.
 */
static enum err sqlite_checkpoint(struct db *db)
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
	const char *part =
		arena_format(arena, "%s.%ld.part", path, (long)getpid());

	if (access(path, F_OK) == 0)
		return sqlite_refuse(
			s, ERR_CONFLICT, "the backup file exists already");
	(void)unlink(part); /* cut short, by an earlier process of this id */
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

static enum err sqlite_backup(struct db *db, const char *path)
{
	struct sqlite *s = sqlite_of(db);
	enum err err = sqlite_check(s);

	if (err != ERR_OK)
		return err;
	if (s->in_transaction) /* it would copy what is not committed */
		return sqlite_refuse(
			s, ERR_INTERNAL, "a backup inside a transaction");
	struct arena *arena = arena_open(SCRATCH);
	err = backup_write(s, arena, path);
	arena_close(&arena);
	return err;
}

/* Answers, and is still the file that the path names. */
static enum err sqlite_ping(struct db *db)
{
	enum err err = sqlite_run(db, ping_sql, NO_BINDS, NULL);

	if (err == ERR_OK)
		err = file_check(sqlite_of(db));
	return err == ERR_OK ? ERR_OK : ERR_UNAVAILABLE;
}

/* ---- opening and closing ----------------------------------------------- */

/* Denies what no statement of a rule needs; asked while preparing only. */
/* NOLINTNEXTLINE(readability-function-size): SQLite wants six parameters */
static int authorize(void *thing, int action, const char *first,
	const char *second, const char *schema, const char *trigger)
{
	const struct sqlite *s = thing;
	const size_t count =
		sizeof(pragmas_allowed) / sizeof(pragmas_allowed[0]);

	(void)second;
	(void)schema;
	(void)trigger;
	if (action == SQLITE_ATTACH || action == SQLITE_DETACH)
		return SQLITE_DENY;
	if (s->migrating)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_INSERT:
	case SQLITE_UPDATE:
	case SQLITE_DELETE:
	case SQLITE_FUNCTION:
	case SQLITE_RECURSIVE:
	case SQLITE_TRANSACTION:
	case SQLITE_SAVEPOINT:
		return SQLITE_OK;
	case SQLITE_PRAGMA:
		for (size_t i = 0; i < count; i++)
			if (text_equal(first, pragmas_allowed[i]))
				return SQLITE_OK;
		return SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

static int want_wal(void *thing, int count, char **values, char **names)
{
	(void)thing;
	(void)names;
	return count == 1 && values[0] && text_equal(values[0], "wal") ? 0 : 1;
}

static int configure_switches(sqlite3 *handle)
{
	static const struct {
		int option, value;
	} switches[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},
		{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
		{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
		{SQLITE_DBCONFIG_ENABLE_FKEY, 1},
		{SQLITE_DBCONFIG_ENABLE_TRIGGER, 1},
		{SQLITE_DBCONFIG_DQS_DML, 0},
		{SQLITE_DBCONFIG_DQS_DDL, 0},
	};
	int code = SQLITE_OK;

	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if (code == SQLITE_OK)
			code = sqlite3_db_config(handle, switches[i].option,
				switches[i].value, NULL);
	return code;
}

static enum err configure(struct sqlite *s)
{
	sqlite3 *handle = s->handle;
	int code = sqlite3_busy_timeout(handle, s->busy_ms);

	if (code == SQLITE_OK)
		code = configure_switches(handle);
	if (code == SQLITE_OK)
		code = sqlite3_exec(
			handle, journal_script, want_wal, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec(handle, settings_script, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_wal_autocheckpoint(handle, 0);
	if (code == SQLITE_OK)
		code = sqlite3_set_authorizer(handle, authorize, s);
	if (code != SQLITE_OK)
		return ERR_UNAVAILABLE;
	(void)sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, VALUE_LIMIT);
	(void)sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, SQL_LIMIT);
	(void)sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
	return ERR_OK;
}

static void sqlite_close(struct db *db)
{
	struct sqlite *s = sqlite_of(db);

	/* A child must not touch its parent's connection, not even to close. */
	if (!s->handle || s->pid != getpid())
		return;
	sqlite_forget(s);
	(void)sqlite3_close_v2(s->handle);
	s->handle = NULL;
}

static void sqlite_release(void *thing)
{
	sqlite_close(thing);
}

/*
 * Makes an empty file that only its owner may read; the log beside it gets
 * the same mode from SQLite. O_EXCL: opening and closing a database that is
 * in use would drop the locks this process holds on it.
 */
static enum err file_make(const char *path, bool create)
{
	if (!create)
		return access(path, F_OK) == 0 ? ERR_OK : ERR_NOT_FOUND;
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)close(fd);
	else if (errno != EEXIST)
		return ERR_UNAVAILABLE;
	return ERR_OK;
}

static enum err sqlite_open(struct arena *arena,
	const struct db_options *options, const char *place, struct db **out)
{
	if (place[0] == '\0' || place[0] == ':' || options->busy_ms < 0 ||
		options->busy_ms > INT32_MAX)
		return ERR_BAD_INPUT;
	enum err err = file_make(place, options->create);
	if (err != ERR_OK)
		return err;
	struct sqlite *s = arena_alloc(arena, sizeof(*s));
	s->base.ops = &db_sqlite_ops;
	s->path = arena_text(arena, place);
	s->busy_ms = (int)options->busy_ms;
	s->migrating = options->migrating;
	s->pid = getpid();
	int code = sqlite3_open_v2(s->path, &s->handle,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
			SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
		NULL);
	err = code == SQLITE_OK ? configure(s) : ERR_UNAVAILABLE;
	if (err != ERR_OK) {
		sqlite_close(&s->base);
		return err;
	}
	arena_defer(arena, sqlite_release, s);
	*out = &s->base;
	return ERR_OK;
}

const struct db_ops db_sqlite_ops = {
	.dialect = "sqlite",
	.open = sqlite_open,
	.close = sqlite_close,
	.query = sqlite_query,
	.run = sqlite_run,
	.try_run = sqlite_try_run,
	.script = sqlite_script,
	.begin = sqlite_begin,
	.begin_read = sqlite_begin_read,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.in_transaction = sqlite_in_transaction,
	.checkpoint = sqlite_checkpoint,
	.backup = sqlite_backup,
	.ping = sqlite_ping,
};
