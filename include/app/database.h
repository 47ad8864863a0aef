/* Opening the database as both programs do. */
#ifndef APP_DATABASE_H
#define APP_DATABASE_H

#include "config.h"
#include "db.h"
#include "err.h"
#include "report.h"

/*
 * Opens the database of the settings and checks that its schema is exactly
 * this program's; the report says in words what is wrong, and what helps.
 * metrics: where statements are counted, or NULL.
 */
MUST_CHECK enum err database_open(const struct config *config,
	struct arena *arena, struct metrics *metrics, struct report *report,
	struct db **out);

#endif
