/*
 * Putting a backup in the place of the database. All is prepared in a file
 * beside it; then one rename. Killed at any point, it leaves the old database
 * or the new one, and what was there before is kept aside in any case.
 */
#ifndef APP_RESTORE_H
#define APP_RESTORE_H

#include "backup.h"
#include "copy.h"

struct restore_options {
	const char *database; /* path of the database's file */
	bool keep_api_keys;
	bool unsealed; /* also one of which nobody can tell who made it */
	/* tests only: called with 1, 2, 3... between the steps; or NULL */
	void (*at_step)(void *context, int step);
	void *context;
};
struct restore_done {
	struct backup_finding finding;
	struct copy_settled settled;
	const char *aside; /* the database that was there; NULL: none was */
};
/* The caller holds the data folder alone (in_use.h). Verifies first; any
   error means that the database is as it was. */
MUST_CHECK enum err restore_run(const struct backup_place *place,
	const char *path, const struct restore_options *options,
	struct restore_done *out);

#endif
