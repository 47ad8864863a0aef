/*
 * The insides of the SQLite backend, shared by sqlite.c (connection,
 * transactions, upkeep) and sqlite_rows.c (statements and rows): the only
 * files that name sqlite3_*.
 */
#ifndef SQLITE_PRIVATE_H
#define SQLITE_PRIVATE_H

#include <sqlite3.h>
#include <sys/types.h>

#include "db_private.h"

/* Prepared statements kept by a connection. */
enum {
	SQLITE_SLOTS = 128
};

struct sqlite_rows;

struct slot {
	const char *sql; /* its address is the key; NULL: empty */
	sqlite3_stmt *stmt;
	uint64_t last_use;
	bool running;
};

struct sqlite {
	struct db base;
	sqlite3 *handle;
	char *path;
	int busy_ms;
	pid_t pid;
	bool migrating;
	bool in_transaction;  /* as the caller sees it */
	bool reading;	      /* the transaction is db_begin_read's */
	int64_t file_good_us; /* monotonic: when the file was last found in
				 its place; 0: it was not */
	uint64_t uses;
	struct sqlite_rows *open;
	struct slot slots[SQLITE_SLOTS];
};

struct sqlite *sqlite_of(struct db *db);
/* Keeps the words for db_fault and returns err. */
enum err sqlite_refuse(struct sqlite *s, enum err err, const char *why);
/* The same for a result code of SQLite. */
enum err sqlite_fail(struct sqlite *s, int code);
/*
 * Asked before each statement that writes, and each BEGIN IMMEDIATE. The file
 * must still be the one that its path names: what is written to a moved or
 * replaced one is lost, and what is read there is not true any more. One
 * stat(), outside transactions only.
 *
 * Some failures (disk full, I/O) make SQLite roll back by itself. Statements
 * that follow must not run, each committed alone, until the caller has seen
 * the failure and called db_rollback.
 */
enum err sqlite_check(struct sqlite *s);
/* The same before a statement that only reads, but the file is asked for at
   most every 50 ms: a moved one is read no longer than that. */
enum err sqlite_check_reading(struct sqlite *s);

enum err sqlite_query(struct db *db, struct arena *arena, const char *sql,
	const struct bind *binds, struct rows **out);
enum err sqlite_run(struct db *db, const char *sql, const struct bind *binds,
	int64_t *changed);
/* Reads open rows to their end, which frees the snapshot they hold. */
void sqlite_drain(struct sqlite *s);
/* Ends open rows; reading on from them fails. */
void sqlite_abandon(struct sqlite *s);
/* Ends all statements. */
void sqlite_forget(struct sqlite *s);

#endif
