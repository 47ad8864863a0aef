/*
 * The database as both programs open it: never with a schema that is older
 * or newer than the program.
 */
#include "database.h"

#include "in_use.h"
#include "migrate.h"

static enum err schema_check(
	struct db *db, struct arena *arena, struct report *report)
{
	struct migrate_status status;
	enum err err =
		migrate_status(db, arena, migrations_sqlite, report, &status);

	if (err != ERR_OK)
		return err;
	if (status.pending == 0)
		return ERR_OK;
	report_detail(report, "the database is older than this program: "
			      "run kontor migrate up");
	return ERR_UNAVAILABLE;
}

enum err database_open(const struct config *config, struct arena *arena,
	struct metrics *metrics, struct report *report, struct db **out)
{
	const struct db_options options = {
		.url = config_database_url(config, arena),
		.busy_ms = config->database_busy_ms,
		.metrics = metrics,
	};
	struct db *db = NULL;
	enum err err = in_use_hold(config, arena, report, false);

	if (err != ERR_OK)
		return err;
	err = db_open(arena, &options, &db);
	if (err != ERR_OK) {
		report_detail(report,
			"the database does not open (kontor init makes it)");
		return err;
	}
	err = schema_check(db, arena, report);
	if (err != ERR_OK) {
		db_close(&db);
		return err;
	}
	*out = db;
	return ERR_OK;
}
