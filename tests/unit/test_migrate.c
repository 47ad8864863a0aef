/*
 * Migrations: from every older schema with rows in it to the newest; what is
 * refused; what is kept when one fails. Runs from the repository's root,
 * where the fixtures are (tests/unit/migrations).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "block.h"
#include "db_suite.h"
#include "rounds.h"
#include "upgrade.h"

enum {
	TABLES = 64,
	FIXTURE_LIMIT = 1 << 16
};

/* A table's columns at some version, and its rows as one text. */
struct snapshot {
	const char *sql[TABLES];
	const char *rows[TABLES];
	size_t count;
};

static int setup(void **state)
{
	*state = db_world_open(&db_backends[0]);
	return 0;
}

static int teardown(void **state)
{
	db_world_close(*state);
	return 0;
}

static enum err up(struct db_world *w, const struct migration *all,
	int64_t until, struct report *report, const char **backup)
{
	const char *ignored = NULL;

	return migrate_up(w->db, w->arena,
		&(struct migrate_plan){.all = all,
			.steps =
				all == migrations_sqlite ? upgrade_steps : NULL,
			.until = until,
			.backup_folder =
				file_join(w->arena, w->folder, "backups")},
		report ? report : report_open(w->arena),
		backup ? backup : &ignored);
}

static struct migrate_status status_of(
	struct db_world *w, const struct migration *all)
{
	struct migrate_status status;

	assert_int_equal(migrate_status(w->db, w->arena, all,
				 report_open(w->arena), &status),
		ERR_OK);
	return status;
}

static void drop_backups(struct db_world *w)
{
	const char *path = file_join(w->arena, w->folder, "backups");

	if (access(path, F_OK) == 0)
		folder_walk(path, 1);
}

/* Every row of a query, one a line. */
static const char *dump(struct db_world *w, const char *sql)
{
	struct rows *rows = NULL;
	bool more = true;
	const char *text = "";

	assert_int_equal(
		db_query(w->db, w->arena, sql, NO_BINDS, &rows), ERR_OK);
	for (;;) {
		assert_int_equal(rows_next(rows, &more), ERR_OK);
		if (!more)
			return text;
		text = arena_format(
			w->arena, "%s%s\n", text, rows_text(rows, 0));
	}
}

static void snapshot_take(struct db_world *w, struct snapshot *out)
{
	static const char tables_sql[] =
		"SELECT 'SELECT ' || (SELECT group_concat('quote(' || c.name"
		" || ')', ' || '','' || ') FROM pragma_table_info(t.name) c)"
		" || ' FROM ' || t.name || ' ORDER BY 1' FROM sqlite_master t"
		" WHERE t.type = 'table'"
		" AND t.name NOT IN ('schema_migrations', 'candles')";
	struct rows *rows = NULL;
	bool more = true;

	out->count = 0;
	assert_int_equal(
		db_query(w->db, w->arena, tables_sql, NO_BINDS, &rows), ERR_OK);
	for (;;) {
		assert_int_equal(rows_next(rows, &more), ERR_OK);
		if (!more)
			return;
		assert_true(out->count < TABLES);
		const char *sql = rows_text(rows, 0);
		out->sql[out->count] = sql;
		out->rows[out->count] = dump(w, sql);
		/* a fixture has rows for each table */
		assert_string_not_equal(out->rows[out->count], "");
		out->count++;
	}
}

/* Until version 8 candles had a row each. */
static const char *dump_candles(struct db_world *w)
{
	static const char has_sql[] =
		"SELECT count(*) FROM sqlite_master WHERE name = 'candles'";

	if (db_number(w->db, w->arena, has_sql) == 0)
		return NULL;
	return dump(w, "SELECT symbol || ' ' || interval_ms || ' ' || time"
		       " || ' ' || open || ' ' || high || ' ' || low || ' ' ||"
		       " close || ' ' || volume FROM candles"
		       " ORDER BY symbol, interval_ms, time");
}

/* The same words of what stands in blocks. */
static const char *dump_blocks(struct db_world *w)
{
	static const char blocks_sql[] =
		"SELECT symbol, interval_ms, data FROM candle_blocks"
		" ORDER BY symbol, interval_ms, first";
	const char *text = "";
	struct block block;
	struct rows *rows = NULL;
	bool more = true;

	block_init(&block, w->arena, 0);
	assert_int_equal(
		db_query(w->db, w->arena, blocks_sql, NO_BINDS, &rows), ERR_OK);
	for (;;) {
		const char *why = NULL;
		size_t len = 0;

		assert_int_equal(rows_next(rows, &more), ERR_OK);
		if (!more)
			return text;
		block.interval_ms = rows_int(rows, 1);
		const unsigned char *bytes = rows_blob(rows, 2, &len);
		assert_int_equal(
			block_decode(bytes, len, &block, &why), ERR_OK);
		for (size_t i = 0; i < block.count; i++)
			text = arena_format(w->arena,
				"%s%s %lld %lld %lld %lld %lld %lld %lld\n",
				text, rows_text(rows, 0),
				(long long)block.interval_ms,
				(long long)block.time[i],
				(long long)block.open[i],
				(long long)block.high[i],
				(long long)block.low[i],
				(long long)block.close[i],
				(long long)block.volume[i]);
	}
}

/* One that begins so adds its rows to those of the file that it names. */
static const char with_another[] = "-- With after_";

static void load_fixture(struct db_world *w, int64_t version)
{
	const size_t begins = sizeof(with_another) - 1;
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(file_read(w->arena,
				 arena_format(w->arena,
					 "tests/unit/migrations/after_%04d.sql",
					 (int)version),
				 FIXTURE_LIMIT, &text, &len),
		ERR_OK);
	if (len > begins && memcmp(text, with_another, begins) == 0) {
		const int64_t other = strtol(text + begins, NULL, 10);

		assert_in_range(other, 1, version - 1);
		load_fixture(w, other);
	}
	assert_int_equal(db_script(w->db, text), ERR_OK);
}

static void assert_sound(struct db_world *w)
{
	assert_string_equal(dump(w, "PRAGMA foreign_key_check"), "");
	assert_string_equal(dump(w, "PRAGMA integrity_check"), "ok\n");
}

static void from_version(struct db_world *w, int64_t version)
{
	struct snapshot before;

	assert_int_equal(up(w, migrations_sqlite, version, NULL, NULL), ERR_OK);
	assert_int_equal(status_of(w, migrations_sqlite).current, version);
	load_fixture(w, version);
	snapshot_take(w, &before);
	const char *candles = dump_candles(w);
	assert_true(before.count > 0);
	assert_int_equal(up(w, migrations_sqlite, 0, NULL, NULL), ERR_OK);
	if (candles)
		assert_string_equal(dump_blocks(w), candles);
	for (size_t i = 0; i < before.count; i++)
		assert_string_equal(dump(w, before.sql[i]), before.rows[i]);
	assert_int_equal(status_of(w, migrations_sqlite).pending, 0);
	assert_sound(w);
}

static void test_rows_survive_from_every_version(void **state)
{
	const struct migration *m = migrations_sqlite;
	int count = 0;

	(void)state;
	while (m[count].version)
		count++;
	for (m += count - rounds(count, 3); m->version; m++) {
		struct db_world *w = db_world_open(&db_backends[0]);
		from_version(w, m->version);
		drop_backups(w);
		db_world_close(w);
	}
}

static void test_list_is_in_order(void **state)
{
	int64_t version = 0;

	(void)state;
	for (const struct migration *m = migrations_sqlite; m->version; m++) {
		char number[8];
		assert_int_equal(m->version, ++version);
		(void)snprintf(number, sizeof(number), "%04d", (int)version);
		assert_memory_equal(m->name, number, 4);
	}
	assert_true(version >= 4);
}

static void test_status_of_an_empty_database(void **state)
{
	struct migrate_status status = status_of(*state, migrations_sqlite);

	assert_int_equal(status.current, 0);
	assert_int_equal(status.pending, status.newest);
	assert_ptr_equal(status.next, &migrations_sqlite[0]);
}

static void test_again_does_nothing(void **state)
{
	struct db_world *w = *state;
	const char *backup = "untouched";

	assert_int_equal(up(w, migrations_sqlite, 0, NULL, NULL), ERR_OK);
	assert_int_equal(up(w, migrations_sqlite, 0, NULL, &backup), ERR_OK);
	assert_null(backup);
	assert_null(status_of(w, migrations_sqlite).next);
}

/* ---- a small history of its own ---------------------------------------- */

static const struct migration history[] = {
	{1, "0001_first", "CREATE TABLE a (x TEXT NOT NULL PRIMARY KEY);"},
	{2, "0002_second",
		"CREATE TABLE b (x TEXT NOT NULL REFERENCES a (x));"},
	{0, NULL, NULL},
};
static const struct migration changed_history[] = {
	{1, "0001_first", "CREATE TABLE a (x TEXT PRIMARY KEY);"},
	{2, "0002_second",
		"CREATE TABLE b (x TEXT NOT NULL REFERENCES a (x));"},
	{0, NULL, NULL},
};
static const struct migration renamed_history[] = {
	{1, "0001_other", "CREATE TABLE a (x TEXT NOT NULL PRIMARY KEY);"},
	{0, NULL, NULL},
};
static const struct migration short_history[] = {
	{1, "0001_first", "CREATE TABLE a (x TEXT NOT NULL PRIMARY KEY);"},
	{0, NULL, NULL},
};
static const struct migration failing_history[] = {
	{1, "0001_first", "CREATE TABLE a (x TEXT NOT NULL PRIMARY KEY);"},
	{2, "0002_second",
		"CREATE TABLE b (x); INSERT INTO missing VALUES (1);"},
	{0, NULL, NULL},
};
static const struct migration dangling_history[] = {
	{1, "0001_first", "CREATE TABLE a (x TEXT NOT NULL PRIMARY KEY);"},
	{2, "0002_second",
		"CREATE TABLE b (x TEXT NOT NULL REFERENCES a (x));"
		"INSERT INTO b VALUES ('nowhere');"},
	{0, NULL, NULL},
};
static const struct migration rebuilding_history[] = {
	{1, "0001_first", "CREATE TABLE a (x TEXT NOT NULL PRIMARY KEY);"},
	{2, "0002_second",
		"CREATE TABLE b (x TEXT NOT NULL REFERENCES a (x));"},
	{3, "0003_rebuild",
		"CREATE TABLE a2 (x TEXT NOT NULL PRIMARY KEY, y TEXT);"
		"INSERT INTO a2 (x) SELECT x FROM a;"
		"DROP TABLE a; ALTER TABLE a2 RENAME TO a;"},
	{0, NULL, NULL},
};

static void test_refusals(void **state)
{
	static const struct {
		const struct migration *all;
		const char *word;
	} rows[] = {
		{short_history, "newer"},
		{changed_history, "0001_first"},
		{renamed_history, "0001_other"},
	};
	struct db_world *w = *state;

	assert_int_equal(up(w, history, 0, NULL, NULL), ERR_OK);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct report *report = report_open(w->arena);
		struct migrate_status status = {.current = -1};
		assert_int_equal(migrate_status(w->db, w->arena, rows[i].all,
					 report, &status),
			ERR_CONFLICT);
		assert_int_equal(status.current, -1);
		assert_non_null(strstr(report->detail, rows[i].word));
		assert_int_equal(
			up(w, rows[i].all, 0, NULL, NULL), ERR_CONFLICT);
	}
	assert_int_equal(status_of(w, history).current, 2);
}

static void test_until_stops(void **state)
{
	struct db_world *w = *state;
	struct migrate_status status;

	assert_int_equal(up(w, history, 1, NULL, NULL), ERR_OK);
	status = status_of(w, history);
	assert_int_equal(status.current, 1);
	assert_int_equal(status.pending, 1);
	assert_string_equal(status.next->name, "0002_second");
}

static void test_failures_change_nothing(void **state)
{
	static const struct migration *const wrong[] = {
		failing_history, dangling_history};
	static const char tables_sql[] =
		"SELECT count(*) FROM sqlite_master WHERE name = 'b'";
	struct db_world *w = *state;

	assert_int_equal(up(w, history, 1, NULL, NULL), ERR_OK);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct report *report = report_open(w->arena);
		assert_int_not_equal(up(w, wrong[i], 0, report, NULL), ERR_OK);
		assert_non_null(report->detail);
		assert_false(db_in_transaction(w->db));
		assert_int_equal(db_number(w->db, w->arena, tables_sql), 0);
		assert_int_equal(status_of(w, history).current, 1);
	}
	drop_backups(w);
}

static const struct migration stepping_history[] = {
	{1, "0001_first", "CREATE TABLE a (x TEXT NOT NULL PRIMARY KEY);"},
	{2, "0002_second",
		"-- step: rows\nCREATE TABLE b (x TEXT NOT NULL REFERENCES a "
		"(x));"},
	{0, NULL, NULL},
};

static enum err step_well(
	struct db *db, struct arena *arena, struct report *report)
{
	(void)arena;
	(void)report;
	assert_true(db_in_transaction(db));
	return db_script(db, "INSERT INTO a VALUES ('k');"
			     "INSERT INTO b VALUES ('k');");
}

static enum err step_badly(
	struct db *db, struct arena *arena, struct report *report)
{
	enum err err = step_well(db, arena, report);

	report_detail(report, "the step gave up");
	return err == ERR_OK ? ERR_UNAVAILABLE : ERR_INTERNAL;
}

static enum err step_up(struct db_world *w, const struct migrate_step *steps,
	struct report *report)
{
	const char *backup = NULL;
	const struct migrate_plan plan = {.all = stepping_history,
		.steps = steps,
		.backup_folder = file_join(w->arena, w->folder, "backups")};

	return migrate_up(w->db, w->arena, &plan, report, &backup);
}

/* A step is a part of its migration: both, or neither. */
static void test_steps(void **state)
{
	static const struct migrate_step well[] = {{2, step_well}, {0, NULL}};
	static const struct migrate_step badly[] = {{2, step_badly}, {0, NULL}};
	static const struct migrate_step other[] = {{1, step_well}, {0, NULL}};
	static const char tables_sql[] =
		"SELECT count(*) FROM sqlite_master WHERE name = 'b'";
	struct db_world *w = *state;
	struct report *report = report_open(w->arena);

	assert_int_equal(up(w, stepping_history, 1, NULL, NULL), ERR_OK);
	assert_int_equal(step_up(w, badly, report), ERR_UNAVAILABLE);
	assert_string_equal(report->detail, "the step gave up");
	assert_int_equal(step_up(w, NULL, report), ERR_INTERNAL);
	assert_non_null(strstr(report->detail, "0002_second"));
	assert_int_equal(step_up(w, other, report), ERR_INTERNAL);
	assert_int_equal(db_number(w->db, w->arena, tables_sql), 0);
	assert_int_equal(
		db_number(w->db, w->arena, "SELECT count(*) FROM a"), 0);
	assert_int_equal(status_of(w, stepping_history).current, 1);
	assert_int_equal(step_up(w, well, report), ERR_OK);
	assert_int_equal(
		db_number(w->db, w->arena, "SELECT count(*) FROM b"), 1);
	drop_backups(w);
}

static void test_tables_can_be_rebuilt(void **state)
{
	struct db_world *w = *state;
	static const char rows_script[] =
		"INSERT INTO a VALUES ('k'); INSERT INTO b VALUES ('k');";

	assert_int_equal(up(w, history, 0, NULL, NULL), ERR_OK);
	assert_int_equal(db_script(w->db, rows_script), ERR_OK);
	assert_int_equal(up(w, rebuilding_history, 0, NULL, NULL), ERR_OK);
	assert_int_equal(
		db_number(w->db, w->arena, "SELECT count(*) FROM b"), 1);
	assert_sound(w);
	/* and references count again */
	assert_int_equal(db_script(w->db, "INSERT INTO b VALUES ('nowhere')"),
		ERR_BAD_INPUT);
	drop_backups(w);
}

/* ---- backups ----------------------------------------------------------- */

static void test_backup_holds_the_old_rows(void **state)
{
	struct db_world *w = *state;
	struct db_options options = {.busy_ms = 100};
	const char *backup = NULL;
	struct db *copy = NULL;
	struct stat info;

	assert_int_equal(up(w, history, 1, NULL, &backup), ERR_OK);
	assert_null(backup);
	assert_int_equal(
		db_script(w->db, "INSERT INTO a VALUES ('old')"), ERR_OK);
	assert_int_equal(up(w, history, 0, NULL, &backup), ERR_OK);
	assert_non_null(backup);
	assert_non_null(strstr(backup, "/schema-0001-20"));
	assert_int_equal(stat(backup, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	options.url = arena_format(w->arena, "sqlite:%s", backup);
	assert_int_equal(db_open(w->arena, &options, &copy), ERR_OK);
	assert_string_equal(db_text(copy, w->arena, "SELECT x FROM a"), "old");
	db_close(&copy);
	drop_backups(w);
}

static void test_no_backup_no_migration(void **state)
{
	struct db_world *w = *state;
	const char *backup = NULL;

	assert_int_equal(up(w, history, 1, NULL, NULL), ERR_OK);
	assert_int_not_equal(
		migrate_up(w->db, w->arena,
			&(struct migrate_plan){.all = history,
				.backup_folder = file_join(
					w->arena, w->folder, "no/such/folder")},
			report_open(w->arena), &backup),
		ERR_OK);
	assert_int_equal(status_of(w, history).current, 1);
}

/* ---- two at once ------------------------------------------------------- */

static void test_two_migrators_apply_once(void **state)
{
	enum {
		CHILDREN = 3
	};
	struct db_world *w = *state;
	pid_t children[CHILDREN];
	int status = 0;

	db_close(&w->db);
	for (int i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] != 0)
			continue;
		w->db = db_world_connect(w, 10000);
		const char *backup = NULL;
		const enum err err = migrate_up(w->db, w->arena,
			&(struct migrate_plan){.all = history,
				.backup_folder = file_join(w->arena, w->folder,
					arena_format(
						w->arena, "backups%d", i))},
			report_open(w->arena), &backup);
		db_close(&w->db);
		_exit(err == ERR_OK ? 0 : 1);
	}
	for (int i = 0; i < CHILDREN; i++) {
		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
	}
	w->db = db_world_connect(w, 1000);
	assert_int_equal(status_of(w, history).current, 2);
	for (int i = 0; i < CHILDREN; i++) {
		const char *path = file_join(w->arena, w->folder,
			arena_format(w->arena, "backups%d", i));
		if (access(path, F_OK) == 0)
			folder_walk(path, 1);
	}
}

/* ---- the schema itself ------------------------------------------------- */

static void test_owner_never_changes(void **state)
{
	static const char owned_sql[] =
		"SELECT t.name FROM sqlite_master t, pragma_table_info(t.name)"
		" c WHERE t.type = 'table' AND c.name = 'user_id'"
		" AND t.name <> 'token_blacklist'";
	struct db_world *w = *state;
	struct rows *rows = NULL;
	bool more = true;
	size_t count = 0;

	assert_int_equal(up(w, migrations_sqlite, 0, NULL, NULL), ERR_OK);
	load_fixture(w, status_of(w, migrations_sqlite).newest);
	assert_int_equal(
		db_query(w->db, w->arena, owned_sql, NO_BINDS, &rows), ERR_OK);
	for (;;) {
		assert_int_equal(rows_next(rows, &more), ERR_OK);
		if (!more)
			break;
		const char *sql = arena_format(w->arena,
			"UPDATE %s SET user_id = 'mallory'",
			rows_text(rows, 0));
		assert_int_equal(
			db_run(w->db, sql, NO_BINDS, NULL), ERR_BAD_INPUT);
		assert_non_null(strstr(db_fault(w->db), "owner"));
		count++;
	}
	assert_true(count >= 7);
	drop_backups(w);
}

static void test_tables_are_strict(void **state)
{
	static const char loose_sql[] =
		"SELECT count(*) FROM pragma_table_list WHERE schema = 'main'"
		" AND strict = 0 AND name NOT LIKE 'sqlite_%'"
		" AND name <> 'schema_migrations'";
	struct db_world *w = *state;

	assert_int_equal(up(w, migrations_sqlite, 0, NULL, NULL), ERR_OK);
	assert_int_equal(db_number(w->db, w->arena, loose_sql), 0);
}

#define MIGRATE_TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_survive_from_every_version),
		cmocka_unit_test(test_list_is_in_order),
		MIGRATE_TEST(test_status_of_an_empty_database),
		MIGRATE_TEST(test_again_does_nothing),
		MIGRATE_TEST(test_refusals),
		MIGRATE_TEST(test_until_stops),
		MIGRATE_TEST(test_failures_change_nothing),
		MIGRATE_TEST(test_steps),
		MIGRATE_TEST(test_tables_can_be_rebuilt),
		MIGRATE_TEST(test_backup_holds_the_old_rows),
		MIGRATE_TEST(test_no_backup_no_migration),
		MIGRATE_TEST(test_two_migrators_apply_once),
		MIGRATE_TEST(test_owner_never_changes),
		MIGRATE_TEST(test_tables_are_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
