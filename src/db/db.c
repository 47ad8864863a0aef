/*
 * The front of every database: chooses the backend by the URL's scheme and
 * passes each call to its table of functions, counting as it does. Must never
 * name a backend's library, and must never build SQL.
 */
#include <string.h>

#include "clock.h"
#include "db.h"
#include "db_private.h"
#include "metrics.h"

struct db_backend {
	const char *scheme;
	const struct db_ops *ops;
};

static const struct db_backend db_backends[] = {
	{"sqlite:", &db_sqlite_ops},
};

/* ---- the figures --------------------------------------------------------- */

/* A read takes some microseconds and each request makes one or two: looking
   at the clock each time would show in the figures. */
enum {
	READS_TIMED = 16 /* one in so many */
};

/* What is being counted; started_us < 0: without its time. */
struct tally {
	enum metrics_db_op op;
	enum metrics_db_kind kind;
	int64_t started_us;
};

static struct tally tally_write(const struct db *db, enum metrics_db_op op)
{
	return (struct tally){.op = op,
		.kind = METRICS_DB_WRITE,
		.started_us = db->metrics ? clock_monotonic_us() : -1};
}

static struct tally tally_read(struct db *db, enum metrics_db_op op)
{
	bool timed = db->metrics && db->reads++ % READS_TIMED == 0;

	return (struct tally){.op = op,
		.kind = METRICS_DB_READ,
		.started_us = timed ? clock_monotonic_us() : -1};
}

/* A broken constraint is an answer, not a failure. */
static enum err tally_end(
	const struct db *db, const struct tally *tally, enum err err)
{
	if (!db->metrics)
		return err;
	metrics_add(db->metrics, METRIC_DATABASE_OPS, tally->op, 0, 1);
	if (err == ERR_UNAVAILABLE || err == ERR_INTERNAL)
		metrics_add(db->metrics, METRIC_DATABASE_OPS, METRICS_DB_ERROR,
			0, 1);
	if (tally->started_us >= 0)
		metrics_observe(db->metrics, METRIC_DATABASE_SECONDS,
			tally->kind, clock_monotonic_us() - tally->started_us);
	return err;
}

/* ---- the calls ----------------------------------------------------------- */

static enum err open_with(const struct db_backend *backend, struct arena *arena,
	const struct db_options *options, struct db **out)
{
	const char *place = options->url + strlen(backend->scheme);
	struct db *db;
	enum err err = backend->ops->open(arena, options, place, &db);

	if (err != ERR_OK) {
		metrics_add(options->metrics, METRIC_DATABASE_OPS,
			METRICS_DB_ERROR, 0, 1);
		return err;
	}
	db->metrics = options->metrics;
	*out = db;
	return ERR_OK;
}

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
			return open_with(backend, arena, options, out);
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
	const struct tally tally = tally_read(db, METRICS_DB_QUERY);

	return tally_end(
		db, &tally, db->ops->query(db, arena, sql, binds, out));
}

enum err db_run(struct db *db, const char *sql, const struct bind *binds,
	int64_t *changed)
{
	const struct tally tally = tally_write(db, METRICS_DB_RUN);

	return tally_end(db, &tally, db->ops->run(db, sql, binds, changed));
}

enum err db_try_run(struct db *db, const char *sql, const struct bind *binds,
	int64_t *changed)
{
	const struct tally tally = tally_write(db, METRICS_DB_RUN);
	enum err err = db->ops->try_run(db, sql, binds, changed);

	/* another writer being there is what it is for */
	(void)tally_end(db, &tally, err == ERR_UNAVAILABLE ? ERR_OK : err);
	return err;
}

enum err db_script(struct db *db, const char *script)
{
	return db->ops->script(db, script);
}

enum err db_begin(struct db *db)
{
	const struct tally tally = tally_write(db, METRICS_DB_BEGIN);

	db->reading = false;
	return tally_end(db, &tally, db->ops->begin(db));
}

enum err db_begin_read(struct db *db)
{
	const struct tally tally = tally_read(db, METRICS_DB_BEGIN);

	db->reading = true;
	return tally_end(db, &tally, db->ops->begin_read(db));
}

enum err db_commit(struct db *db)
{
	const struct tally tally = db->reading
					   ? tally_read(db, METRICS_DB_COMMIT)
					   : tally_write(db, METRICS_DB_COMMIT);

	return tally_end(db, &tally, db->ops->commit(db));
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
