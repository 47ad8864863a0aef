/*
 * A database with the present schema, for each test one of its own: the
 * migrations are run once a program, and each test gets a copy of the file
 * that they left. Included behind cmocka.
 */
#ifndef TEST_SCHEMA_H
#define TEST_SCHEMA_H

#include <stdlib.h>

#include "db.h"
#include "folder.h"
#include "migrate.h"
#include "report.h"
#include "text.h"
#include "upgrade.h"

/* Made of all migrations, in that file. */
static inline void schema_make(
	struct arena *arena, const char *folder, const char *path)
{
	const struct db_options options = {
		.url = arena_format(arena, "sqlite:%s", path),
		.busy_ms = 1000,
		.create = true,
		.migrating = true};
	struct db *db = NULL;
	const char *backup;

	assert_int_equal(db_open(arena, &options, &db), ERR_OK);
	assert_int_equal(
		migrate_up(db, arena,
			&(struct migrate_plan){.all = migrations_sqlite,
				.steps = upgrade_steps,
				.backup_folder = folder},
			report_open(arena), &backup),
		ERR_OK);
	db_close(&db); /* the last one: all of it is in the one file now */
}

/* Puts the database there; nothing may be there yet. */
static inline void schema_put(const char *path)
{
	static char *bytes;
	static size_t len;
	struct arena *arena = arena_open((size_t)64 << 20);
	int fd;

	if (!bytes) {
		const char *folder = folder_open(arena);
		const char *made = file_join(arena, folder, "schema.db");
		char *read = NULL;

		schema_make(arena, folder, made);
		assert_int_equal(
			file_read(arena, made, (size_t)16 << 20, &read, &len),
			ERR_OK);
		folder_walk(folder, 1);
		bytes = malloc(len);
		assert_non_null(bytes);
		memcpy(bytes, read, len);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_true(file_write_all(fd, bytes, len));
	close(fd);
	arena_close(&arena);
}

#endif
