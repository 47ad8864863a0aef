/*
 * Settings that admins change while the program runs: the rows of the
 * settings table that are marked live. Kept in the database, they count only
 * where neither the file nor the environment sets the row; what those fixed
 * is locked and shown so. The table itself is the program's.
 */
#ifndef DOMAIN_SYSTEM_SETTINGS_H
#define DOMAIN_SYSTEM_SETTINGS_H

#include "conf.h"
#include "scope.h"
#include "shape.h"

/* What the program lends; lives as long as the process. */
struct system_settings {
	const struct conf_table *table;
	size_t size;			   /* of the settings struct */
	const void *fixed;		   /* without the database's values */
	const struct conf_origin *origins; /* of `fixed`, one a row */
	/* Could the program run with these? Faults at the settings' names. */
	enum err (*check)(
		const void *values, struct arena *arena, struct report *report);
	/* Tells every process that the database's values changed. */
	void (*changed)(void *context);
	void *context;
};

struct system_setting {
	const char *name, *help;
	const char *kind; /* "text" | "integer" | "boolean" */
	const char *unit; /* "s", "bytes", ... or NULL */
	struct raw_json value, initial;
	struct raw_json min, max;	    /* null without bounds */
	const char *source;		    /* conf_source_name() */
	bool locked;			    /* by the file or the environment */
	const struct timestamp *updated_at; /* NULL: never */
	const char *updated_by;		    /* user id, or NULL */
};

/* Fills values (and origins, one a row, unless NULL) with what is in force.
   A stored value that its row no longer allows is left out, and reported
   with the row's name. */
MUST_CHECK enum err system_settings_load(struct admin_scope *admin,
	const struct system_settings *system, void *values,
	struct conf_origin *origins);
MUST_CHECK enum err system_settings_list(struct admin_scope *admin,
	const struct system_settings *system,
	struct list *out /* system_setting */);
/* An object of names and values; null: back to the default; what is not
   named stays. All or none. Faults at /values/NAME. */
MUST_CHECK enum err system_settings_change(struct admin_scope *admin,
	const struct system_settings *system, const struct json *values);

#endif
