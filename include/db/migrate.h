/*
 * Schema versions: numbered SQL files (migrations/<dialect>/NNNN_name.sql,
 * built into the program), forward only, each in a transaction of its own,
 * recorded with the SHA-256 of its text. Refuses a database that is newer
 * than the program, or in which an old file was changed.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "db.h"
#include "err.h"
#include "report.h"

struct migration {
	int64_t version;
	const char *name;
	const char *sql;
};

/* Built from migrations/sqlite by the Makefile; ends with version 0. */
extern const struct migration migrations_sqlite[];

struct migrate_status {
	int64_t current; /* 0: empty database */
	int64_t newest;	 /* what this program knows */
	size_t pending;
	const struct migration *next; /* first pending, NULL if none */
};

/* Fails with a report when the database is newer, or a file was changed. */
MUST_CHECK enum err migrate_status(struct db *db, struct arena *arena,
	const struct migration *all, struct report *report,
	struct migrate_status *out);
/*
 * What SQL cannot do: runs behind the text of its migration and in the same
 * transaction. A text that begins with "-- step:" needs one.
 */
struct migrate_step {
	int64_t version; /* 0 ends the list */
	enum err (*run)(
		struct db *db, struct arena *arena, struct report *report);
};
struct migrate_plan {
	const struct migration *all;
	const struct migrate_step *steps; /* NULL: none */
	int64_t until;		   /* last version to apply; 0: the newest */
	const char *backup_folder; /* made if need be */
};

/*
 * Applies what is pending. When the database holds data already, a copy is
 * made first in the backup folder; its path is returned in *backup (NULL
 * when none was needed).
 */
MUST_CHECK enum err migrate_up(struct db *db, struct arena *arena,
	const struct migrate_plan *plan, struct report *report,
	const char **backup);

#endif
