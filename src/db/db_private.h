/*
 * What a backend of db must provide. db.c picks one by the URL and only
 * passes calls on; a backend embeds struct db as the first member of its
 * own struct. No rule about users or rows belongs here.
 */
#ifndef DB_PRIVATE_H
#define DB_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "db.h"

enum {
	DB_FAULT_ROOM = 256
};

struct db_ops {
	const char *dialect;
	/* `place` is the URL without its scheme. */
	enum err (*open)(struct arena *arena, const struct db_options *options,
		const char *place, struct db **out);
	void (*close)(struct db *db);
	enum err (*query)(struct db *db, struct arena *arena, const char *sql,
		const struct bind *binds, struct rows **out);
	enum err (*run)(struct db *db, const char *sql,
		const struct bind *binds, int64_t *changed);
	/* run, without a wait for another writer */
	enum err (*try_run)(struct db *db, const char *sql,
		const struct bind *binds, int64_t *changed);
	enum err (*script)(struct db *db, const char *script);
	enum err (*begin)(struct db *db);
	enum err (*begin_read)(struct db *db);
	/* A commit that fails has rolled back. */
	enum err (*commit)(struct db *db);
	void (*rollback)(struct db *db);
	bool (*in_transaction)(const struct db *db);
	enum err (*checkpoint)(struct db *db);
	enum err (*backup)(struct db *db, const char *path);
	enum err (*ping)(struct db *db);
};

struct db {
	const struct db_ops *ops;
	char fault[DB_FAULT_ROOM]; /* the last failure, for the operator */
	struct metrics *metrics;   /* the rest is db.c's own */
	uint64_t reads;
	bool reading; /* the transaction is db_begin_read's */
};

extern const struct db_ops db_sqlite_ops;

#endif
