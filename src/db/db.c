/*
 * The front of every database: chooses the backend by the URL's scheme and
 * passes each call to its table of functions. Must never name a backend's
 * library, and must never build SQL.
 */
#include <string.h>

#include "db.h"
#include "db_private.h"

struct db_backend {
	const char *scheme;
	const struct db_ops *ops;
};

static const struct db_backend db_backends[] = {
	{"sqlite:", &db_sqlite_ops},
};

enum err db_open(
	struct arena *arena, const struct db_options *options, struct db **out)
{
	const size_t count = sizeof(db_backends) / sizeof(db_backends[0]);

	if (!options->url)
		return ERR_BAD_INPUT;
	for (size_t i = 0; i < count; i++) {
		const struct db_backend *backend = &db_backends[i];
		const size_t len = strlen(backend->scheme);
		if (strncmp(options->url, backend->scheme, len) == 0)
			return backend->ops->open(
				arena, options, options->url + len, out);
	}
	return ERR_BAD_INPUT;
}

void db_close(struct db **db)
{
	if (*db)
		(*db)->ops->close(*db);
	*db = NULL;
}

enum err db_query(struct db *db, struct arena *arena, const char *sql,
	const struct bind *binds, struct rows **out)
{
	return db->ops->query(db, arena, sql, binds, out);
}

enum err db_run(struct db *db, const char *sql, const struct bind *binds,
	int64_t *changed)
{
	return db->ops->run(db, sql, binds, changed);
}

enum err db_try_run(struct db *db, const char *sql, const struct bind *binds,
	int64_t *changed)
{
	return db->ops->try_run(db, sql, binds, changed);
}

enum err db_script(struct db *db, const char *script)
{
	return db->ops->script(db, script);
}

enum err db_begin(struct db *db)
{
	return db->ops->begin(db);
}

enum err db_begin_read(struct db *db)
{
	return db->ops->begin_read(db);
}

enum err db_commit(struct db *db)
{
	return db->ops->commit(db);
}

void db_rollback(struct db *db)
{
	db->ops->rollback(db);
}

bool db_in_transaction(const struct db *db)
{
	return db->ops->in_transaction(db);
}

enum err db_checkpoint(struct db *db)
{
	return db->ops->checkpoint(db);
}

enum err db_backup(struct db *db, const char *path)
{
	return db->ops->backup(db, path);
}

enum err db_ping(struct db *db)
{
	return db->ops->ping(db);
}

const char *db_fault(const struct db *db)
{
	return db->fault;
}

const char *db_dialect(const struct db *db)
{
	return db->ops->dialect;
}
