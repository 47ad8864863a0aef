/*
 * What the tests of the domain stand on: a folder of their own, a real
 * database with the real schema, two users, and a clock that stands still.
 * Included by one test program at a time, behind cmocka.
 */
#ifndef DOMAIN_WORLD_H
#define DOMAIN_WORLD_H

#include <unistd.h>

#include "db.h"
#include "folder.h"
#include "import.h"
#include "json.h"
#include "schema.h"
#include "scope_mint.h"
#include "text.h"

static const int64_t world_now = INT64_C(1800000000000); /* 2027-01-15 */
#define DAY INT64_C(86400000)

struct world {
	struct arena *arena;
	const char *folder;
	struct db *db;
	struct report *report; /* a new one with each world_alice() and so on */
};

static inline struct report *world_report(struct world *w)
{
	w->report = report_open(w->arena);
	return w->report;
}

static inline struct scope *world_alice(struct world *w)
{
	return scope_mint(w->arena, w->db, world_report(w), "alice", world_now);
}

static inline struct scope *world_bob(struct world *w)
{
	return scope_mint(w->arena, w->db, world_report(w), "bob", world_now);
}

static inline struct admin_scope *world_admin(struct world *w)
{
	return admin_scope_mint(
		w->arena, w->db, world_report(w), "operator", world_now);
}

static inline void world_user(struct world *w, const char *name)
{
	static const char sql[] =
		"INSERT INTO users (id, username, username_key, password_hash,"
		" role, created_at, password_at)"
		" VALUES (:id, :id, :id, 'x', 'user', 1, 1)";

	assert_int_equal(
		db_run(w->db, sql, BINDS(bind_text(":id", name)), NULL),
		ERR_OK);
}

static inline int world_open(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct db_options options = {.busy_ms = 1000, .migrating = true};

	assert_non_null(w);
	w->arena = arena_open((size_t)512 * 1024 * 1024);
	w->folder = folder_open(w->arena);
	options.url = arena_format(w->arena, "sqlite:%s/world.db", w->folder);
	schema_put(file_join(w->arena, w->folder, "world.db"));
	assert_int_equal(db_open(w->arena, &options, &w->db), ERR_OK);
	world_user(w, "alice");
	world_user(w, "bob");
	*state = w;
	return 0;
}

static inline int world_close(void **state)
{
	struct world *w = *state;

	db_close(&w->db);
	folder_walk(w->folder, 1);
	arena_close(&w->arena);
	free(w);
	return 0;
}

/* The one integer that a query gives. */
static inline int64_t world_number(struct world *w, const char *sql)
{
	struct rows *rows;
	bool more = false;
	int64_t number;

	assert_int_equal(
		db_query(w->db, w->arena, sql, NO_BINDS, &rows), ERR_OK);
	assert_int_equal(rows_next(rows, &more), ERR_OK);
	assert_true(more);
	number = rows_int(rows, 0);
	rows_end(rows);
	return number;
}

/* All candles that are stored. */
static inline int64_t world_candles(struct world *w)
{
	return world_number(
		w, "SELECT coalesce(sum(candles), 0) FROM candle_blocks");
}

static inline const struct json *world_json(struct world *w, const char *text)
{
	const struct json *json = NULL;

	assert_int_equal(json_parse(w->arena, text, strlen(text),
				 world_report(w), &json),
		ERR_OK);
	return json;
}

/* Is there a fault at that pointer? */
static inline bool world_fault_at(const struct world *w, const char *pointer)
{
	for (size_t i = 0; i < w->report->fault_count; i++)
		if (text_equal(w->report->faults[i].pointer, pointer))
			return true;
	return false;
}

static inline enum err world_import_file(struct world *w, const char *path,
	const struct import_options *options, struct import_report *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err err;

	assert_true(fd >= 0);
	err = candles_import(world_admin(w), fd, options, out);
	close(fd);
	return err;
}

static inline enum err world_import(struct world *w, const char *text,
	const struct import_options *options, struct import_report *out)
{
	const char *path = folder_put(w->arena, w->folder, "import", text);

	return world_import_file(w, path, options, out);
}

#define WORLD_TEST(name) \
	cmocka_unit_test_setup_teardown(name, world_open, world_close)

#endif
