/*
 * A database: one struct of functions, one backend a file (SQLite today,
 * PostgreSQL later). SQL is constants with named parameters (":id"), in the
 * subset both dialects share. One connection a process, never carried over
 * a fork. Failure of the database is ERR_UNAVAILABLE, and so is all that is
 * begun once its file was moved or replaced; a broken unique key is
 * ERR_CONFLICT; any other broken constraint is ERR_BAD_INPUT.
 */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "sql.h"

struct db;
struct metrics;

struct db_options {
	const char *url; /* "sqlite:/path/kontor.db"; later postgresql:// */
	int64_t busy_ms; /* longest wait for another writer */
	bool create;	 /* make the database when it is not there */
	bool migrating;	 /* schema changes allowed (kontor migrate) */
	struct metrics *metrics; /* or NULL; outlives the connection */
};

/* ERR_NOT_FOUND: no such database (and not .create). ERR_BAD_INPUT: not a
   URL we know. */
MUST_CHECK enum err db_open(
	struct arena *arena, const struct db_options *options, struct db **out);
void db_close(struct db **db);

/*
 * Runs a statement that returns rows. The statement is prepared once per
 * connection and found again by its address: sql must be a constant. Run
 * again while its rows are open, it gets a second instance. A statement that
 * writes has run to its end, and outside a transaction is committed, when
 * this returns. Each parameter is bound exactly once, by name, or the answer
 * is ERR_INTERNAL.
 */
MUST_CHECK enum err db_query(struct db *db, struct arena *arena,
	const char *sql, const struct bind *binds, struct rows **out);
/* Runs a statement to its end; *changed may be NULL. */
MUST_CHECK enum err db_run(struct db *db, const char *sql,
	const struct bind *binds, int64_t *changed);
/* As db_run, but never waits for another writer: ERR_UNAVAILABLE then, and
   nothing was done. For notes that a reader can leave to the next one. */
MUST_CHECK enum err db_try_run(struct db *db, const char *sql,
	const struct bind *binds, int64_t *changed);
/* Runs several statements that are not constants (migrations only). */
MUST_CHECK enum err db_script(struct db *db, const char *script);

/*
 * Transactions. db_begin takes the write lock at once (SQLite: BEGIN
 * IMMEDIATE), waiting at most busy_ms. db_begin_read gives one snapshot, and
 * refuses writes. A statement that fails leaves the transaction to the
 * caller; a commit that fails has rolled back. db_rollback outside a
 * transaction does nothing. Rows still open when a transaction begins are
 * read to their end into their arena; db_rollback ends them.
 */
MUST_CHECK enum err db_begin(struct db *db);
MUST_CHECK enum err db_begin_read(struct db *db);
MUST_CHECK enum err db_commit(struct db *db);
void db_rollback(struct db *db);
bool db_in_transaction(const struct db *db);

/* Folds the write-ahead log into the database. One process only calls it.
   ERR_UNAVAILABLE while others read: call again later. */
MUST_CHECK enum err db_checkpoint(struct db *db);
/* A consistent copy while others write; ERR_CONFLICT if path exists. */
MUST_CHECK enum err db_backup(struct db *db, const char *path);
/* ERR_UNAVAILABLE unless the database answers and is still the file that
   the URL names. */
MUST_CHECK enum err db_ping(struct db *db);
/* The backend's words for the last failure: for the operator, never for a
   client. */
const char *db_fault(const struct db *db);
const char *db_dialect(const struct db *db); /* "sqlite" */

#endif
