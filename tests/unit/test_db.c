/*
 * The contract of db.h, once for each backend, and what only SQLite's file
 * can show: modes, two processes, a writer killed in the middle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "db_suite.h"
#include "metrics.h"
#include "soon.h"

static const char table_script[] =
	"CREATE TABLE items (id BIGINT NOT NULL PRIMARY KEY, name TEXT UNIQUE,"
	" data BLOB, CHECK (id <> 13));"
	"CREATE TABLE parts (item BIGINT NOT NULL REFERENCES items (id))";
static const char add_sql[] =
	"INSERT INTO items (id, name, data) VALUES (:id, :name, :data)";
static const char add_id_sql[] = "INSERT INTO items (id) VALUES (:id)";
static const char add_part_sql[] = "INSERT INTO parts (item) VALUES (:item)";
static const char returning_sql[] =
	"INSERT INTO items (id) VALUES (:id) RETURNING id";
static const char get_sql[] = "SELECT name, data FROM items WHERE id = :id";
static const char all_sql[] = "SELECT id FROM items ORDER BY id";
static const char count_sql[] = "SELECT count(*) FROM items";

static int setup(void **state)
{
	struct db_world *w = db_world_open(*state);

	assert_int_equal(db_script(w->db, table_script), ERR_OK);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	db_world_close(*state);
	return 0;
}

static int64_t monotonic_ms(void)
{
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &now), 0);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum err add(struct db *db, int64_t id)
{
	return db_run(db, add_id_sql, BINDS(bind_int(":id", id)), NULL);
}

static void add_many(struct db *db, int64_t count)
{
	assert_int_equal(db_begin(db), ERR_OK);
	for (int64_t i = 1; i <= count; i++)
		assert_int_equal(add(db, 100 + i), ERR_OK);
	assert_int_equal(db_commit(db), ERR_OK);
}

static struct rows *all_rows(struct db_world *w, struct arena *arena)
{
	struct rows *rows = NULL;

	assert_int_equal(
		db_query(w->db, arena, all_sql, NO_BINDS, &rows), ERR_OK);
	return rows;
}

static int64_t read_rest(struct rows *rows)
{
	int64_t count = 0;
	bool more = true;

	for (;;) {
		assert_int_equal(rows_next(rows, &more), ERR_OK);
		if (!more)
			return count;
		count++;
	}
}

/* ---- values ------------------------------------------------------------ */

static void test_values_come_back(void **state)
{
	struct db_world *w = *state;
	struct rows *rows = NULL;
	bool more = false;
	int64_t changed = 0;
	size_t len = 0;

	assert_int_equal(db_run(w->db, add_sql,
				 BINDS(bind_int(":id", INT64_MIN),
					 bind_text(":name", "Grüße; '--"),
					 bind_blob(":data", "\0\xff", 2)),
				 &changed),
		ERR_OK);
	assert_int_equal(changed, 1);
	assert_int_equal(db_query(w->db, w->arena, get_sql,
				 BINDS(bind_int(":id", INT64_MIN)), &rows),
		ERR_OK);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	assert_true(more);
	assert_string_equal(rows_text(rows, 0), "Grüße; '--");
	assert_memory_equal(rows_blob(rows, 1, &len), "\0\xff", 2);
	assert_int_equal(len, 2);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	assert_false(more);
}

static void test_null_is_not_empty(void **state)
{
	struct db_world *w = *state;
	struct rows *rows = NULL;
	bool more = false;
	size_t len = 7;

	assert_int_equal(db_run(w->db, add_sql,
				 BINDS(bind_int(":id", 1), bind_null(":name"),
					 bind_blob(":data", "", 0)),
				 NULL),
		ERR_OK);
	assert_int_equal(db_query(w->db, w->arena, get_sql,
				 BINDS(bind_int(":id", 1)), &rows),
		ERR_OK);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	assert_true(rows_is_null(rows, 0));
	assert_null(rows_text(rows, 0));
	assert_int_equal(rows_int(rows, 0), 0);
	assert_false(rows_is_null(rows, 1));
	assert_non_null(rows_blob(rows, 1, &len));
	assert_int_equal(len, 0);
	assert_true(rows_is_null(rows, 2)); /* no such column */
	assert_true(rows_is_null(rows, -1));
	rows_end(rows);
}

static void test_integers_read_as_text(void **state)
{
	struct db_world *w = *state;
	static const char sql[] = "SELECT -42";

	assert_string_equal(db_text(w->db, w->arena, sql), "-42");
}

static void test_floats_are_refused(void **state)
{
	struct db_world *w = *state;
	static const char sql[] = "SELECT 1.5";
	struct rows *rows = NULL;

	assert_int_equal(
		db_query(w->db, w->arena, sql, NO_BINDS, &rows), ERR_INTERNAL);
	assert_null(rows);
}

static void test_changed_counts_rows(void **state)
{
	struct db_world *w = *state;
	static const char touch_sql[] =
		"UPDATE items SET data = NULL WHERE id > :id";
	static const char skip_sql[] = "INSERT INTO items (id) VALUES (:id)"
				       " ON CONFLICT (id) DO NOTHING";
	int64_t changed = -1;

	add_many(w->db, 5);
	assert_int_equal(
		db_run(w->db, touch_sql, BINDS(bind_int(":id", 102)), &changed),
		ERR_OK);
	assert_int_equal(changed, 3);
	assert_int_equal(
		db_run(w->db, skip_sql, BINDS(bind_int(":id", 101)), &changed),
		ERR_OK);
	assert_int_equal(changed, 0);
	changed = -1;
	assert_int_equal(db_run(w->db, count_sql, NO_BINDS, &changed), ERR_OK);
	assert_int_equal(changed, 0);
}

/* ---- binding and statements -------------------------------------------- */

static void test_binding_faults(void **state)
{
	struct db_world *w = *state;
	const struct bind *const wrong[] = {
		NO_BINDS,
		BINDS(bind_int(":id", 1)),
		BINDS(bind_int(":id", 1), bind_null(":name"),
			bind_null(":data"), bind_null(":other")),
		BINDS(bind_int(":id", 1), bind_int(":id", 2),
			bind_null(":data")),
		BINDS(bind_int("id", 1), bind_null(":name"),
			bind_null(":data")),
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(
			db_run(w->db, add_sql, wrong[i], NULL), ERR_INTERNAL);
	assert_int_equal(db_number(w->db, w->arena, count_sql), 0);
}

static void test_faulty_statements(void **state)
{
	static const char *const wrong[] = {"", "  ", "-- nothing", "SELEKT 1",
		"SELECT * FROM missing", "SELECT 1; SELECT 2",
		"SELECT \"quoted\"", "SELECT ?", "ATTACH ':memory:' AS other"};
	struct db_world *w = *state;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(
			db_run(w->db, wrong[i], NO_BINDS, NULL), ERR_INTERNAL);
		assert_true(db_fault(w->db)[0] != '\0');
	}
}

static void test_constraints_have_kinds(void **state)
{
	struct db_world *w = *state;

	assert_int_equal(add(w->db, 1), ERR_OK);
	assert_int_equal(add(w->db, 1), ERR_CONFLICT);
	assert_int_equal(add(w->db, 13), ERR_BAD_INPUT);
	assert_int_equal(
		db_run(w->db, add_id_sql, BINDS(bind_null(":id")), NULL),
		ERR_BAD_INPUT);
	assert_int_equal(
		db_run(w->db, add_part_sql, BINDS(bind_int(":item", 99)), NULL),
		ERR_BAD_INPUT);
}

static void test_statement_runs_inside_itself(void **state)
{
	struct db_world *w = *state;
	struct rows *outer = NULL;
	bool more = false;

	add_many(w->db, 200);
	outer = all_rows(w, w->arena);
	for (int64_t i = 1; i <= 3; i++) {
		assert_int_equal(rows_next(outer, &more), ERR_OK);
		assert_int_equal(rows_int(outer, 0), 100 + i);
		assert_int_equal(read_rest(all_rows(w, w->arena)), 200);
	}
	assert_int_equal(read_rest(outer), 197);
}

static void test_too_many_open_statements(void **state)
{
	struct db_world *w = *state;
	struct rows *rows = NULL;
	enum err err = ERR_OK;
	int count = 0;

	add_many(w->db, 200);
	struct arena *arena = arena_open((size_t)16 << 20);
	while (err == ERR_OK && count++ < 1000)
		err = db_query(w->db, arena, all_sql, NO_BINDS, &rows);
	assert_int_equal(err, ERR_INTERNAL);
	assert_true(count > 100);
	arena_close(&arena);
	assert_int_equal(read_rest(all_rows(w, w->arena)), 200);
}

static void test_cache_evicts(void **state)
{
	struct db_world *w = *state;

	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 400; i++) {
			const char *sql =
				arena_format(w->arena, "SELECT %d", i);
			assert_int_equal(db_number(w->db, w->arena, sql), i);
		}
	}
}

static void test_same_address_other_text(void **state)
{
	struct db_world *w = *state;
	char sql[] = "SELECT 1";

	assert_int_equal(db_number(w->db, w->arena, sql), 1);
	sql[7] = '2';
	assert_int_equal(db_number(w->db, w->arena, sql), 2);
}

/* ---- rows -------------------------------------------------------------- */

static void test_rows_of_every_length(void **state)
{
	static const int64_t lengths[] = {0, 1, 2, 3, 63, 64, 65, 128, 129};
	static const char some_sql[] =
		"SELECT id FROM items WHERE id <= :last ORDER BY id";
	struct db_world *w = *state;
	struct rows *rows = NULL;

	add_many(w->db, 200);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		assert_int_equal(
			db_query(w->db, w->arena, some_sql,
				BINDS(bind_int(":last", 100 + lengths[i])),
				&rows),
			ERR_OK);
		assert_int_equal(read_rest(rows), lengths[i]);
		assert_int_equal(read_rest(rows), 0);
	}
}

static void test_arena_ends_rows(void **state)
{
	struct db_world *w = *state;
	struct arena *arena = arena_open(1 << 20);
	bool more = false;

	add_many(w->db, 200);
	for (int i = 0; i < 300; i++) {
		struct rows *rows = all_rows(w, arena);
		assert_int_equal(rows_next(rows, &more), ERR_OK);
		arena_reset(arena);
	}
	arena_close(&arena);
}

static void test_rows_outlive_the_connection(void **state)
{
	struct db_world *w = *state;
	struct arena *arena = arena_open(1 << 20);

	add_many(w->db, 200);
	struct rows *rows = all_rows(w, arena);
	bool more = false;
	db_close(&w->db);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	arena_close(&arena);
}

static void test_rows_do_not_hold_a_snapshot(void **state)
{
	struct db_world *w = *state;
	struct db *other = db_world_connect(w, 1000);
	struct rows *left = NULL;
	bool more = false;

	add_many(w->db, 200);
	left = all_rows(w, w->arena);
	assert_int_equal(rows_next(left, &more), ERR_OK);
	assert_int_equal(add(other, 1), ERR_OK);
	/* on the old snapshot this write could not begin */
	assert_int_equal(add(w->db, 2), ERR_OK);
	assert_int_equal(read_rest(left), 199);
	left = all_rows(w, w->arena);
	assert_int_equal(add(other, 3), ERR_OK);
	assert_int_equal(db_begin(w->db), ERR_OK);
	assert_int_equal(read_rest(left), 202);
	assert_int_equal(db_commit(w->db), ERR_OK);
	db_close(&other);
}

static void test_returning_is_committed_at_once(void **state)
{
	struct db_world *w = *state;
	struct db *other = db_world_connect(w, 1000);
	struct rows *rows = NULL;
	bool more = false;

	assert_int_equal(db_query(w->db, w->arena, returning_sql,
				 BINDS(bind_int(":id", 5)), &rows),
		ERR_OK);
	assert_int_equal(db_number(other, w->arena, count_sql), 1);
	assert_int_equal(add(other, 6), ERR_OK);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	assert_int_equal(rows_int(rows, 0), 5);
	db_close(&other);
}

/* ---- transactions ------------------------------------------------------ */

static void test_rollback_undoes(void **state)
{
	struct db_world *w = *state;

	db_rollback(w->db);
	assert_int_equal(db_begin(w->db), ERR_OK);
	assert_true(db_in_transaction(w->db));
	assert_int_equal(add(w->db, 1), ERR_OK);
	db_rollback(w->db);
	assert_false(db_in_transaction(w->db));
	assert_int_equal(db_number(w->db, w->arena, count_sql), 0);
}

static void test_failure_leaves_the_transaction(void **state)
{
	struct db_world *w = *state;

	assert_int_equal(db_begin(w->db), ERR_OK);
	assert_int_equal(add(w->db, 1), ERR_OK);
	assert_int_equal(add(w->db, 1), ERR_CONFLICT);
	assert_true(db_in_transaction(w->db));
	assert_int_equal(add(w->db, 2), ERR_OK);
	assert_int_equal(db_commit(w->db), ERR_OK);
	assert_int_equal(db_number(w->db, w->arena, count_sql), 2);
}

static void test_transactions_do_not_nest(void **state)
{
	struct db_world *w = *state;

	assert_int_equal(db_commit(w->db), ERR_INTERNAL);
	assert_int_equal(db_begin(w->db), ERR_OK);
	assert_int_equal(db_begin(w->db), ERR_INTERNAL);
	assert_int_equal(db_begin_read(w->db), ERR_INTERNAL);
	assert_int_equal(db_checkpoint(w->db), ERR_INTERNAL);
	assert_int_equal(add(w->db, 1), ERR_OK);
	assert_int_equal(db_commit(w->db), ERR_OK);
}

/* A rollback behind db's back stands for a disk that is full. */
static void test_lost_transaction_runs_nothing_more(void **state)
{
	struct db_world *w = *state;

	assert_int_equal(db_begin(w->db), ERR_OK);
	assert_int_equal(add(w->db, 1), ERR_OK);
	assert_int_equal(db_script(w->db, "ROLLBACK"), ERR_OK);
	assert_int_equal(add(w->db, 2), ERR_UNAVAILABLE);
	assert_int_equal(db_commit(w->db), ERR_UNAVAILABLE);
	assert_false(db_in_transaction(w->db));
	assert_int_equal(db_number(w->db, w->arena, count_sql), 0);
}

static void test_read_transaction_is_one_snapshot(void **state)
{
	struct db_world *w = *state;
	struct db *other = db_world_connect(w, 1000);

	assert_int_equal(db_begin_read(w->db), ERR_OK);
	assert_int_equal(db_number(w->db, w->arena, count_sql), 0);
	assert_int_equal(add(other, 1), ERR_OK);
	assert_int_equal(db_number(w->db, w->arena, count_sql), 0);
	assert_int_equal(add(w->db, 2), ERR_INTERNAL);
	assert_int_equal(db_commit(w->db), ERR_OK);
	assert_int_equal(db_number(w->db, w->arena, count_sql), 1);
	db_close(&other);
}

static void test_second_writer_is_unavailable(void **state)
{
	struct db_world *w = *state;
	struct db *other = db_world_connect(w, 0);

	assert_int_equal(db_begin(w->db), ERR_OK);
	assert_int_equal(db_begin(other), ERR_UNAVAILABLE);
	assert_int_equal(add(other, 1), ERR_UNAVAILABLE);
	assert_int_equal(db_number(other, w->arena, count_sql), 0);
	assert_int_equal(db_commit(w->db), ERR_OK);
	assert_int_equal(add(other, 1), ERR_OK);
	db_close(&other);
}

/* A wait would last ten minutes: the alarm ends the program first. */
static void test_trying_never_waits_for_a_writer(void **state)
{
	struct db_world *w = *state;
	struct db *other = db_world_connect(w, 600000);
	int64_t changed = -1;

	assert_int_equal(db_begin(w->db), ERR_OK);
	alarm(20);
	assert_int_equal(db_try_run(other, add_id_sql,
				 BINDS(bind_int(":id", 1)), &changed),
		ERR_UNAVAILABLE);
	alarm(0);
	assert_int_equal(changed, -1);
	assert_int_equal(db_number(other, w->arena, count_sql), 0);
	assert_int_equal(db_commit(w->db), ERR_OK);
	assert_int_equal(db_try_run(other, add_id_sql,
				 BINDS(bind_int(":id", 1)), &changed),
		ERR_OK);
	assert_int_equal(changed, 1);
	db_close(&other);
}

/* The next statement waits as long as before. */
static void test_trying_keeps_the_wait_of_others(void **state)
{
	struct db_world *w = *state;
	struct db *other = db_world_connect(w, 200);

	assert_int_equal(db_begin(w->db), ERR_OK);
	assert_int_equal(
		db_try_run(other, add_id_sql, BINDS(bind_int(":id", 1)), NULL),
		ERR_UNAVAILABLE);
	const int64_t before = monotonic_ms();
	assert_int_equal(add(other, 1), ERR_UNAVAILABLE);
	assert_true(monotonic_ms() - before >= 150);
	db_rollback(w->db);
	db_close(&other);
}

/* ---- upkeep ------------------------------------------------------------ */

static void test_backup_is_a_consistent_copy(void **state)
{
	struct db_world *w = *state;
	const char *path = file_join(w->arena, w->folder, "copy.db");
	struct db_options options = {.busy_ms = 100};
	struct db *other = db_world_connect(w, 1000);
	struct db *copy = NULL;
	struct stat info;

	add_many(w->db, 300);
	assert_int_equal(db_begin(other), ERR_OK);
	assert_int_equal(add(other, 1), ERR_OK);
	assert_int_equal(db_backup(w->db, path), ERR_OK);
	assert_int_equal(db_backup(w->db, path), ERR_CONFLICT);
	assert_int_equal(db_commit(other), ERR_OK);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0600);
	options.url = arena_format(w->arena, "%s%s", w->backend->scheme, path);
	assert_int_equal(db_open(w->arena, &options, &copy), ERR_OK);
	assert_int_equal(db_number(copy, w->arena, count_sql), 300);
	db_close(&copy);
	db_close(&other);
}

static void test_backup_refuses_a_transaction(void **state)
{
	struct db_world *w = *state;
	const char *path = file_join(w->arena, w->folder, "copy.db");

	assert_int_equal(db_begin(w->db), ERR_OK);
	assert_int_equal(db_backup(w->db, path), ERR_INTERNAL);
	db_rollback(w->db);
	assert_int_equal(
		db_backup(w->db, file_join(w->arena, w->folder, "no/copy")),
		ERR_UNAVAILABLE);
}

static void test_checkpoint_folds_the_log(void **state)
{
	struct db_world *w = *state;
	const char *log = file_join(w->arena, w->folder, "test.db-wal");
	struct stat info;

	add_many(w->db, 300);
	assert_int_equal(stat(log, &info), 0);
	assert_true(info.st_size > 0);
	assert_int_equal(db_checkpoint(w->db), ERR_OK);
	assert_int_equal(stat(log, &info), 0);
	assert_int_equal(info.st_size, 0);
	assert_int_equal(db_number(w->db, w->arena, count_sql), 300);
}

static void test_checkpoint_steps_back_for_readers(void **state)
{
	struct db_world *w = *state;
	struct db *other = db_world_connect(w, 0);

	assert_int_equal(db_begin_read(other), ERR_OK);
	assert_int_equal(db_number(other, w->arena, count_sql), 0);
	add_many(w->db, 10);
	assert_int_equal(db_checkpoint(w->db), ERR_UNAVAILABLE);
	db_rollback(other);
	assert_int_equal(db_checkpoint(w->db), ERR_OK);
	db_close(&other);
}

static void test_ping_notices_a_moved_file(void **state)
{
	struct db_world *w = *state;

	assert_int_equal(db_ping(w->db), ERR_OK);
	assert_int_equal(unlink(file_join(w->arena, w->folder, "test.db")), 0);
	assert_int_equal(db_ping(w->db), ERR_UNAVAILABLE);
}

static void test_a_replaced_file_is_not_written_or_read(void **state)
{
	struct db_world *w = *state;
	const char *path = file_join(w->arena, w->folder, "test.db");
	const char *away = file_join(w->arena, w->folder, "away.db");
	struct rows *rows = NULL;

	assert_int_equal(add(w->db, 1), ERR_OK);
	assert_int_equal(rename(path, away), 0);
	for (int replaced = 0; replaced < 2; replaced++) {
		assert_int_equal(db_begin(w->db), ERR_UNAVAILABLE);
		assert_false(db_in_transaction(w->db));
		assert_int_equal(db_begin_read(w->db), ERR_UNAVAILABLE);
		assert_int_equal(add(w->db, 2), ERR_UNAVAILABLE);
		assert_int_equal(
			db_query(w->db, w->arena, count_sql, NO_BINDS, &rows),
			ERR_UNAVAILABLE);
		assert_non_null(strstr(db_fault(w->db), "moved"));
		FILE *file = fopen(path, "a"); /* another one in its place */
		assert_non_null(file);
		assert_int_equal(fclose(file), 0);
	}
	/* once it is back, so are we */
	assert_int_equal(rename(away, path), 0);
	assert_int_equal(add(w->db, 2), ERR_OK);
}

/* Not at once, but within 50 ms: the file is asked for now and then. */
static void test_a_moved_file_is_not_read_for_long(void **state)
{
	struct db_world *w = *state;
	const char *path = file_join(w->arena, w->folder, "test.db");
	const char *away = file_join(w->arena, w->folder, "away.db");
	struct rows *rows = NULL;

	assert_int_equal(db_number(w->db, w->arena, count_sql), 0);
	assert_int_equal(rename(path, away), 0);
	assert_soon(db_query(w->db, w->arena, count_sql, NO_BINDS, &rows),
		ERR_UNAVAILABLE);
	/* and it stays so */
	assert_int_equal(db_query(w->db, w->arena, count_sql, NO_BINDS, &rows),
		ERR_UNAVAILABLE);
	assert_int_equal(rename(away, path), 0);
	assert_int_equal(db_number(w->db, w->arena, count_sql), 0);
}

static void test_a_file_moved_inside_a_transaction_is_rolled_back(void **state)
{
	struct db_world *w = *state;
	const char *path = file_join(w->arena, w->folder, "test.db");
	const char *away = file_join(w->arena, w->folder, "away.db");

	assert_int_equal(db_begin(w->db), ERR_OK);
	assert_int_equal(add(w->db, 1), ERR_OK);
	assert_int_equal(rename(path, away), 0);
	assert_int_equal(db_commit(w->db), ERR_UNAVAILABLE);
	assert_false(db_in_transaction(w->db));
	assert_int_equal(rename(away, path), 0);
	assert_int_equal(db_number(w->db, w->arena, count_sql), 0);
	/* the lock is free again */
	assert_int_equal(add(w->db, 1), ERR_OK);
}

/* ---- opening ----------------------------------------------------------- */

static void test_urls(void **state)
{
	struct db_world *w = *state;
	const struct {
		const char *url;
		enum err err;
	} rows[] = {
		{NULL, ERR_BAD_INPUT},
		{"", ERR_BAD_INPUT},
		{"oracle:x", ERR_BAD_INPUT},
		{"sqlite:", ERR_BAD_INPUT},
		{"sqlite::memory:", ERR_BAD_INPUT},
		{arena_format(w->arena, "sqlite:%s/missing", w->folder),
			ERR_NOT_FOUND},
		{arena_format(w->arena, "sqlite:%s", w->folder),
			ERR_UNAVAILABLE},
		{arena_format(w->arena, "sqlite:%s",
			 folder_put(w->arena, w->folder, "text",
				 "this is no database, as one can see by "
				 "reading it from the first to the last "
				 "word of these lines, which are long")),
			ERR_UNAVAILABLE},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct db_options options = {
			.url = rows[i].url, .busy_ms = 10};
		struct db *db = NULL;
		assert_int_equal(db_open(w->arena, &options, &db), rows[i].err);
		assert_null(db);
	}
}

static void test_files_are_private(void **state)
{
	static const char *const names[] = {
		"test.db", "test.db-wal", "test.db-shm"};
	struct db_world *w = *state;
	struct stat info;

	assert_int_equal(add(w->db, 1), ERR_OK);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *path = file_join(w->arena, w->folder, names[i]);
		assert_int_equal(stat(path, &info), 0);
		assert_int_equal(info.st_mode & 0777, 0600);
	}
}

static void test_settings_hold(void **state)
{
	static const struct {
		const char *sql, *value;
	} rows[] = {
		{"PRAGMA journal_mode", "wal"},
		{"PRAGMA synchronous", "2"},
		{"PRAGMA foreign_keys", "1"},
		{"PRAGMA trusted_schema", "0"},
		{"PRAGMA wal_autocheckpoint", "0"},
		{"PRAGMA cell_size_check", "1"},
		{"PRAGMA busy_timeout", "1000"},
	};
	struct db_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(
			db_text(w->db, w->arena, rows[i].sql), rows[i].value);
}

static void test_only_migrations_change_the_schema(void **state)
{
	static const char *const wrong[] = {"CREATE TABLE x (y)",
		"CREATE TEMP TABLE x (y)", "DROP TABLE parts",
		"ALTER TABLE parts ADD COLUMN x TEXT", "DROP INDEX x",
		"PRAGMA journal_mode = DELETE", "PRAGMA synchronous = OFF",
		"PRAGMA writable_schema = ON", "VACUUM", "REINDEX",
		"CREATE TRIGGER t AFTER INSERT ON items BEGIN SELECT 1; END",
		"SELECT load_extension('x')", "ATTACH 'x' AS y",
		"DELETE FROM sqlite_master"};
	struct db_world *w = *state;
	const struct db_options options = {
		.url = db_world_url(w), .busy_ms = 100};
	struct db *db = NULL;

	assert_int_equal(db_open(w->arena, &options, &db), ERR_OK);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(
			db_run(db, wrong[i], NO_BINDS, NULL), ERR_INTERNAL);
	assert_int_equal(db_script(db, "SELECT 1"), ERR_INTERNAL);
	assert_int_equal(add(db, 1), ERR_OK);
	assert_string_equal(
		db_text(db, w->arena, "PRAGMA integrity_check"), "ok");
	db_close(&db);
}

/* ---- several processes -------------------------------------------------- */

static void wait_for(pid_t child)
{
	int status = 0;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* In a child: opens its own connection, adds 1 to the row `times` times. */
static int count_up(const struct db_world *w, int times)
{
	static const char read_sql[] = "SELECT id FROM items";
	static const char write_sql[] = "UPDATE items SET id = :id";
	struct arena *arena = arena_open((size_t)16 << 20);
	const struct db_options options = {
		.url = db_world_url(w), .busy_ms = 20000};
	struct db *db = NULL;
	bool more = false;
	enum err err = db_open(arena, &options, &db);

	for (int i = 0; err == ERR_OK && i < times; i++) {
		struct rows *rows = NULL;
		err = db_begin(db);
		if (err == ERR_OK)
			err = db_query(db, arena, read_sql, NO_BINDS, &rows);
		if (err == ERR_OK)
			err = rows_next(rows, &more);
		if (err == ERR_OK)
			err = db_run(db, write_sql,
				BINDS(bind_int(":id", rows_int(rows, 0) + 1)),
				NULL);
		if (err == ERR_OK)
			err = db_commit(db);
	}
	db_close(&db);
	arena_close(&arena);
	return err == ERR_OK ? 0 : 1;
}

static void test_two_processes_lose_no_update(void **state)
{
	enum {
		CHILDREN = 2,
		TIMES = 100,
		START = 1000
	};
	struct db_world *w = *state;
	pid_t children[CHILDREN];

	assert_int_equal(add(w->db, START), ERR_OK);
	db_close(&w->db); /* nothing is carried over the fork */
	for (int i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			_exit(count_up(w, TIMES));
	}
	for (int i = 0; i < CHILDREN; i++)
		wait_for(children[i]);
	w->db = db_world_connect(w, 1000);
	assert_int_equal(db_number(w->db, w->arena, "SELECT id FROM items"),
		START + CHILDREN * TIMES);
}

static void test_connection_does_not_cross_a_fork(void **state)
{
	struct db_world *w = *state;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		const bool good = add(w->db, 1) == ERR_INTERNAL &&
				  db_begin(w->db) == ERR_INTERNAL;
		db_close(&w->db);
		_exit(good ? 0 : 1);
	}
	wait_for(child);
	assert_int_equal(add(w->db, 2), ERR_OK);
	assert_int_equal(db_number(w->db, w->arena, count_sql), 1);
}

/* In a child, until killed: commits, then says so; pairs of rows. */
static int write_for_ever(const struct db_world *w, int out, int64_t first)
{
	struct arena *arena = arena_open((size_t)16 << 20);
	const struct db_options options = {
		.url = db_world_url(w), .busy_ms = 1000};
	struct db *db = NULL;
	enum err err = db_open(arena, &options, &db);

	for (int64_t id = first; err == ERR_OK; id += 2) {
		err = db_begin(db);
		if (err == ERR_OK)
			err = add(db, id);
		if (err == ERR_OK)
			err = add(db, id + 1);
		if (err == ERR_OK)
			err = db_commit(db);
		if (err == ERR_OK && write(out, &id, sizeof(id)) < 0)
			err = ERR_UNAVAILABLE;
	}
	return 1;
}

/* Kills the writer after some acknowledged pairs; the last one's id. */
static int64_t kill_writer(const struct db_world *w, int64_t first, int pairs)
{
	int pipe_fds[2];
	int64_t last = 0;
	int64_t id = 0;

	assert_int_equal(pipe(pipe_fds), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		(void)close(pipe_fds[0]);
		_exit(write_for_ever(w, pipe_fds[1], first));
	}
	(void)close(pipe_fds[1]);
	for (int i = 0; i < pairs; i++)
		assert_int_equal(
			read(pipe_fds[0], &last, sizeof(last)), sizeof(last));
	assert_int_equal(kill(child, SIGKILL), 0);
	while (read(pipe_fds[0], &id, sizeof(id)) == sizeof(id))
		last = id;
	(void)close(pipe_fds[0]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	return last;
}

static void test_kill_loses_nothing_acknowledged(void **state)
{
	struct db_world *w = *state;
	int64_t first = 100;

	for (int round = 0; round < 8; round++) {
		db_close(&w->db);
		const int64_t last = kill_writer(w, first, 1 + round * 3);
		w->db = db_world_connect(w, 1000);
		const int64_t count = db_number(w->db, w->arena, count_sql);
		assert_true(count >= last + 2 - 100);
		assert_int_equal(count % 2, 0); /* both of a pair or none */
		assert_string_equal(
			db_text(w->db, w->arena, "PRAGMA integrity_check"),
			"ok");
		first = 100 + count;
	}
}

static int64_t counted(const struct metrics *metrics, enum metrics_db_op op)
{
	return metrics_get(metrics, METRIC_DATABASE_OPS, op, 0);
}

static int64_t timed(const struct metrics *metrics, enum metrics_db_kind kind)
{
	return metrics_get(metrics, METRIC_DATABASE_SECONDS, kind, 0);
}

static void test_calls_are_counted(void **state)
{
	struct db_world *w = *state;
	const struct metrics_options none = {.path = NULL};
	struct db_options options = {.url = db_world_url(w), .busy_ms = 20};
	struct metrics *metrics = NULL;
	struct db *db = NULL;

	assert_int_equal(metrics_open(w->arena, &none, &metrics), ERR_OK);
	options.metrics = metrics;
	assert_int_equal(db_open(w->arena, &options, &db), ERR_OK);
	assert_int_equal(db_begin(db), ERR_OK);
	assert_int_equal(add(db, 1), ERR_OK);
	assert_int_equal(add(db, 1), ERR_CONFLICT); /* no failure */
	assert_int_equal(db_commit(db), ERR_OK);
	assert_int_equal(counted(metrics, METRICS_DB_BEGIN), 1);
	assert_int_equal(counted(metrics, METRICS_DB_RUN), 2);
	assert_int_equal(counted(metrics, METRICS_DB_COMMIT), 1);
	assert_int_equal(counted(metrics, METRICS_DB_ERROR), 0);
	assert_int_equal(timed(metrics, METRICS_DB_WRITE), 4);
	assert_int_equal(timed(metrics, METRICS_DB_READ), 0);
	for (int i = 0; i < 33; i++)
		(void)db_number(db, w->arena, count_sql);
	assert_int_equal(counted(metrics, METRICS_DB_QUERY), 33);
	assert_int_equal(timed(metrics, METRICS_DB_READ), 3); /* 1 in 16 */
	/* a writer that waits in vain is one; one that only tried is none */
	assert_int_equal(db_begin(w->db), ERR_OK);
	assert_int_equal(add(db, 2), ERR_UNAVAILABLE);
	assert_int_equal(counted(metrics, METRICS_DB_ERROR), 1);
	assert_int_equal(
		db_try_run(db, add_id_sql, BINDS(bind_int(":id", 3)), NULL),
		ERR_UNAVAILABLE);
	assert_int_equal(counted(metrics, METRICS_DB_ERROR), 1);
	db_rollback(w->db);
	db_close(&db);
	options.url = "sqlite:/nowhere/at/all";
	assert_int_not_equal(db_open(w->arena, &options, &db), ERR_OK);
	assert_int_equal(counted(metrics, METRICS_DB_ERROR), 2);
	metrics_close(&metrics);
}

/* clang-format off */
#define DB_TEST(name) { #name, name, setup, teardown, NULL }
/* clang-format on */

static const struct CMUnitTest suite[] = {
	DB_TEST(test_values_come_back),
	DB_TEST(test_null_is_not_empty),
	DB_TEST(test_integers_read_as_text),
	DB_TEST(test_floats_are_refused),
	DB_TEST(test_changed_counts_rows),
	DB_TEST(test_binding_faults),
	DB_TEST(test_faulty_statements),
	DB_TEST(test_constraints_have_kinds),
	DB_TEST(test_statement_runs_inside_itself),
	DB_TEST(test_too_many_open_statements),
	DB_TEST(test_cache_evicts),
	DB_TEST(test_same_address_other_text),
	DB_TEST(test_rows_of_every_length),
	DB_TEST(test_arena_ends_rows),
	DB_TEST(test_rows_outlive_the_connection),
	DB_TEST(test_rows_do_not_hold_a_snapshot),
	DB_TEST(test_returning_is_committed_at_once),
	DB_TEST(test_rollback_undoes),
	DB_TEST(test_failure_leaves_the_transaction),
	DB_TEST(test_transactions_do_not_nest),
	DB_TEST(test_lost_transaction_runs_nothing_more),
	DB_TEST(test_read_transaction_is_one_snapshot),
	DB_TEST(test_second_writer_is_unavailable),
	DB_TEST(test_trying_never_waits_for_a_writer),
	DB_TEST(test_trying_keeps_the_wait_of_others),
	DB_TEST(test_backup_is_a_consistent_copy),
	DB_TEST(test_backup_refuses_a_transaction),
	DB_TEST(test_checkpoint_folds_the_log),
	DB_TEST(test_checkpoint_steps_back_for_readers),
	DB_TEST(test_ping_notices_a_moved_file),
	DB_TEST(test_a_replaced_file_is_not_written_or_read),
	DB_TEST(test_a_moved_file_is_not_read_for_long),
	DB_TEST(test_a_file_moved_inside_a_transaction_is_rolled_back),
	DB_TEST(test_calls_are_counted),
	DB_TEST(test_urls),
	DB_TEST(test_files_are_private),
	DB_TEST(test_settings_hold),
	DB_TEST(test_only_migrations_change_the_schema),
	DB_TEST(test_two_processes_lose_no_update),
	DB_TEST(test_connection_does_not_cross_a_fork),
	DB_TEST(test_kill_loses_nothing_acknowledged),
};

enum {
	SUITE = sizeof(suite) / sizeof(suite[0])
};

int main(void)
{
	int failed = 0;

	for (size_t b = 0; b < sizeof(db_backends) / sizeof(db_backends[0]);
		b++) {
		struct CMUnitTest tests[SUITE];
		for (size_t i = 0; i < SUITE; i++) {
			tests[i] = suite[i];
			/* cmocka hands it to setup as *state, unchanged */
			memcpy(&tests[i].initial_state,
				&(const void *){&db_backends[b]},
				sizeof(void *));
		}
		failed += cmocka_run_group_tests_name(
			db_backends[b].name, tests, NULL, NULL);
	}
	return failed;
}
