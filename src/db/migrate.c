/*
 * Brings the schema to a version, forward only. Must never run a migration
 * twice, half, or on a database that this program does not know.
 */
#include <assert.h>
#include <sodium.h>

#include "clock.h"
#include "file.h"
#include "migrate.h"
#include "text.h"

enum {
	SHA256_TEXT_ROOM = crypto_hash_sha256_BYTES * 2 + 1
};

static const char table_script[] =
	"CREATE TABLE IF NOT EXISTS schema_migrations ("
	" version BIGINT NOT NULL PRIMARY KEY,"
	" name TEXT NOT NULL,"
	" sha256 TEXT NOT NULL,"
	" applied_at BIGINT NOT NULL)";
static const char applied_sql[] =
	"SELECT version, name, sha256 FROM schema_migrations ORDER BY version";
static const char record_sql[] =
	"INSERT INTO schema_migrations (version, name, sha256, applied_at)"
	" VALUES (:version, :name, :sha256, :now)";

/* What the databases say differently; NULL: nothing to say. */
struct dialect {
	const char *name;
	const char *has_table_sql; /* a row when schema_migrations exists */
	const char *before_script; /* outside the transaction */
	const char *broken_sql;	   /* a row for each broken reference */
	const char *after_script;
};

static const struct dialect dialects[] = {
	{
		.name = "sqlite",
		.has_table_sql =
			"SELECT 1 FROM sqlite_master WHERE type = 'table'"
			" AND name = 'schema_migrations'",
		/* so that a table can be rebuilt without its references
		   following; they are checked before the commit */
		.before_script = "PRAGMA foreign_keys = OFF",
		.broken_sql = "PRAGMA foreign_key_check",
		.after_script = "PRAGMA foreign_keys = ON",
	},
};

static const struct dialect *dialect_of(const struct db *db)
{
	for (size_t i = 0; i < sizeof(dialects) / sizeof(dialects[0]); i++)
		if (text_equal(dialects[i].name, db_dialect(db)))
			return &dialects[i];
	return NULL;
}

static void sha256_text(const char *text, char out[SHA256_TEXT_ROOM])
{
	unsigned char hash[crypto_hash_sha256_BYTES];

	(void)crypto_hash_sha256(
		hash, (const unsigned char *)text, strlen(text));
	(void)sodium_bin2hex(out, SHA256_TEXT_ROOM, hash, sizeof(hash));
}

static enum err has_row(
	struct db *db, struct arena *arena, const char *sql, bool *out)
{
	struct rows *rows = NULL;
	enum err err = db_query(db, arena, sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	err = rows_next(rows, out);
	rows_end(rows);
	return err;
}

/* ---- where the database stands ----------------------------------------- */

/* The applied row against the same place of the program's list. */
static enum err row_check(const struct rows *rows, const struct migration *one,
	struct report *report)
{
	char sha256[SHA256_TEXT_ROOM];
	const int64_t version = rows_int(rows, 0);

	if (one->version == 0) {
		report_detail(report,
			"the database has schema version %lld, which is newer "
			"than this program: install the newer program",
			(long long)version);
		return ERR_CONFLICT;
	}
	sha256_text(one->sql, sha256);
	if (version == one->version &&
		text_equal(rows_text(rows, 1), one->name) &&
		text_equal(rows_text(rows, 2), sha256))
		return ERR_OK;
	report_detail(report,
		"migration %s is not the one that was applied to the database "
		"as version %lld",
		one->name, (long long)version);
	return ERR_CONFLICT;
}

static enum err applied_count(struct db *db, struct arena *arena,
	const struct migration *all, struct report *report, size_t *out)
{
	struct rows *rows = NULL;
	bool more = false;
	size_t count = 0;
	enum err err = db_query(db, arena, applied_sql, NO_BINDS, &rows);

	while (err == ERR_OK) {
		err = rows_next(rows, &more);
		if (err != ERR_OK || !more)
			break;
		err = row_check(rows, &all[count], report);
		count++;
	}
	if (err == ERR_OK)
		*out = count;
	return err;
}

enum err migrate_status(struct db *db, struct arena *arena,
	const struct migration *all, struct report *report,
	struct migrate_status *out)
{
	const struct dialect *dialect = dialect_of(db);
	bool has_table = false;
	size_t applied = 0;
	size_t known = 0;

	if (!dialect)
		return ERR_INTERNAL;
	enum err err = has_row(db, arena, dialect->has_table_sql, &has_table);
	if (err == ERR_OK && has_table)
		err = applied_count(db, arena, all, report, &applied);
	if (err != ERR_OK) {
		if (!report->detail)
			report_detail(
				report, "the schema version: %s", db_fault(db));
		return err;
	}
	while (all[known].version != 0)
		known++;
	*out = (struct migrate_status){
		.current = applied ? all[applied - 1].version : 0,
		.newest = known ? all[known - 1].version : 0,
		.pending = known - applied,
		.next = known > applied ? &all[applied] : NULL,
	};
	return ERR_OK;
}

/* ---- going up ---------------------------------------------------------- */

static enum err record(struct db *db, const struct migration *one)
{
	char sha256[SHA256_TEXT_ROOM];
	const int64_t now = clock_ms();

	if (now < 0)
		return ERR_UNAVAILABLE;
	sha256_text(one->sql, sha256);
	return db_run(db, record_sql,
		BINDS(bind_int(":version", one->version),
			bind_text(":name", one->name),
			bind_text(":sha256", sha256), bind_int(":now", now)),
		NULL);
}

static enum err references_check(struct db *db, struct arena *arena,
	const struct dialect *dialect, struct report *report)
{
	bool broken = false;

	if (!dialect->broken_sql)
		return ERR_OK;
	enum err err = has_row(db, arena, dialect->broken_sql, &broken);
	if (err != ERR_OK || !broken)
		return err;
	report_detail(report, "the migration leaves broken references");
	return ERR_CONFLICT;
}

/* NULL: the text is all there is to it. */
static const struct migrate_step *step_of(
	const struct migrate_plan *plan, const struct migration *one)
{
	for (const struct migrate_step *step = plan->steps;
		step && step->version != 0; step++)
		if (step->version == one->version)
			return step;
	return NULL;
}

static enum err migration_run(struct db *db, struct arena *arena,
	const struct migrate_plan *plan, const struct migration *one,
	struct report *report)
{
	const struct migrate_step *step = step_of(plan, one);
	enum err err;

	if (!step && text_starts(one->sql, "-- step:")) {
		report_detail(report,
			"migration %s has a step that this program lacks",
			one->name);
		return ERR_INTERNAL;
	}
	err = db_script(db, one->sql);
	return err == ERR_OK && step ? step->run(db, arena, report) : err;
}

/*
 * Inside a transaction: applies `one` unless another process did meanwhile.
 * The lock is held, so what is read here stays true until the commit.
 */
static enum err apply_locked(struct db *db, struct arena *arena,
	const struct migrate_plan *plan, const struct migration *one,
	struct report *report)
{
	const struct migration *all = plan->all;
	size_t applied = 0;
	enum err err = db_script(db, table_script);

	if (err == ERR_OK)
		err = applied_count(db, arena, all, report, &applied);
	if (err != ERR_OK || &all[applied] > one)
		return err;
	if (&all[applied] < one)
		return ERR_CONFLICT; /* somebody restored an older database */
	err = migration_run(db, arena, plan, one, report);
	if (err == ERR_OK)
		err = record(db, one);
	if (err == ERR_OK)
		err = references_check(db, arena, dialect_of(db), report);
	return err;
}

static enum err apply(struct db *db, struct arena *arena,
	const struct migrate_plan *plan, const struct migration *one,
	struct report *report)
{
	enum err err = db_begin(db);

	if (err == ERR_OK) {
		err = apply_locked(db, arena, plan, one, report);
		if (err == ERR_OK)
			err = db_commit(db);
	}
	if (err != ERR_OK && !report->detail)
		report_detail(
			report, "migration %s: %s", one->name, db_fault(db));
	db_rollback(db);
	return err;
}

/* "20261121T073000.123Z": the time without '-' and ':'. */
static void compact_time(int64_t now, char out[TIME_TEXT_ROOM])
{
	char text[TIME_TEXT_ROOM];
	size_t len = 0;

	time_format(now, text);
	for (const char *p = text; *p != '\0'; p++)
		if (*p != '-' && *p != ':')
			out[len++] = *p;
	out[len] = '\0';
}

static enum err backup_make(struct db *db, struct arena *arena,
	const char *folder, int64_t version, const char **out)
{
	char when[TIME_TEXT_ROOM];
	const int64_t now = clock_ms();
	const char *path = NULL;

	if (now < 0 || !folder)
		return ERR_UNAVAILABLE;
	enum err err = file_folder(folder, 0700);
	if (err != ERR_OK)
		return err;
	err = ERR_CONFLICT; /* another one of this millisecond */
	for (int64_t later = 0; err == ERR_CONFLICT && later < 100; later++) {
		compact_time(now + later, when);
		path = file_join(arena, folder,
			arena_format(arena, "schema-%04lld-%s.db",
				(long long)version, when));
		err = db_backup(db, path);
	}
	if (err != ERR_OK)
		return err;
	*out = path;
	return ERR_OK;
}

static bool is_planned(
	const struct migrate_plan *plan, const struct migration *one)
{
	return plan->until == 0 || one->version <= plan->until;
}

static enum err apply_planned(struct db *db, struct arena *arena,
	const struct migrate_plan *plan, const struct migrate_status *status,
	struct report *report)
{
	const struct dialect *dialect = dialect_of(db);
	enum err err = ERR_OK;
	enum err after = ERR_OK;

	if (dialect->before_script)
		err = db_script(db, dialect->before_script);
	for (size_t i = 0; err == ERR_OK && i < status->pending; i++)
		if (is_planned(plan, &status->next[i]))
			err = apply(db, arena, plan, &status->next[i], report);
	if (dialect->after_script)
		after = db_script(db, dialect->after_script);
	return err == ERR_OK ? after : err;
}

enum err migrate_up(struct db *db, struct arena *arena,
	const struct migrate_plan *plan, struct report *report,
	const char **backup)
{
	struct migrate_status status;
	const char *copy = NULL;
	enum err err = migrate_status(db, arena, plan->all, report, &status);

	if (err != ERR_OK)
		return err;
	if (!status.next || !is_planned(plan, status.next)) {
		*backup = NULL;
		return ERR_OK;
	}
	if (status.current > 0)
		err = backup_make(
			db, arena, plan->backup_folder, status.current, &copy);
	if (err != ERR_OK) {
		report_detail(
			report, "no backup, so no migration: %s", db_fault(db));
		return err;
	}
	err = apply_planned(db, arena, plan, &status, report);
	if (err == ERR_OK)
		*backup = copy;
	return err;
}
