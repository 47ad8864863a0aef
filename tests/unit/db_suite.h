/*
 * What the tests of db and scope stand on: a folder of its own and an open
 * database. The suite in test_db.c runs once for each row of db_backends, so
 * that the next database is one more row. Included behind cmocka.
 */
#ifndef DB_SUITE_H
#define DB_SUITE_H

#include "db.h"
#include "folder.h"
#include "report.h"
#include "schema.h"
#include "text.h"

struct db_backend_row {
	const char *name;
	const char *scheme;
};

static const struct db_backend_row db_backends[] = {
	{"sqlite", "sqlite:"},
};

struct db_world {
	const struct db_backend_row *backend;
	struct arena *arena;
	const char *folder;
	struct db *db;
};

static inline const char *db_world_url(const struct db_world *w)
{
	return arena_format(
		w->arena, "%s%s/test.db", w->backend->scheme, w->folder);
}

/* Another connection to the same database. */
static inline struct db *db_world_connect(const struct db_world *w, int wait_ms)
{
	const struct db_options options = {.url = db_world_url(w),
		.busy_ms = wait_ms,
		.create = true,
		.migrating = true};
	struct db *db = NULL;

	assert_int_equal(db_open(w->arena, &options, &db), ERR_OK);
	return db;
}

static inline struct db_world *db_world_new(
	const struct db_backend_row *backend)
{
	struct db_world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->backend = backend;
	w->arena = arena_open((size_t)64 << 20);
	w->folder = folder_open(w->arena);
	return w;
}

/* Empty. */
static inline struct db_world *db_world_open(
	const struct db_backend_row *backend)
{
	struct db_world *w = db_world_new(backend);

	w->db = db_world_connect(w, 1000);
	return w;
}

/* With the present schema. */
static inline struct db_world *db_world_ready(void)
{
	struct db_world *w = db_world_new(&db_backends[0]);

	schema_put(file_join(w->arena, w->folder, "test.db"));
	w->db = db_world_connect(w, 1000);
	return w;
}

static inline void db_world_close(struct db_world *w)
{
	db_close(&w->db);
	folder_walk(w->folder, 1);
	arena_close(&w->arena);
	free(w);
}

/* The one integer that a query gives. */
static inline int64_t db_number(
	struct db *db, struct arena *arena, const char *sql)
{
	struct rows *rows = NULL;
	bool more = false;

	assert_int_equal(db_query(db, arena, sql, NO_BINDS, &rows), ERR_OK);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	assert_true(more);
	const int64_t number = rows_int(rows, 0);
	rows_end(rows);
	return number;
}

/* The one text that a query gives. */
static inline const char *db_text(
	struct db *db, struct arena *arena, const char *sql)
{
	struct rows *rows = NULL;
	bool more = false;

	assert_int_equal(db_query(db, arena, sql, NO_BINDS, &rows), ERR_OK);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	assert_true(more);
	const char *text = rows_text(rows, 0);
	rows_end(rows);
	return text;
}

#endif
