/*
 * Settings: one table of rows parses KEY=VALUE files and the environment
 * (which wins), checks type and range, refuses unknown names with a
 * suggestion, and prints its own documentation.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "report.h"

enum conf_kind {
	CONF_TEXT,
	CONF_INT,
	CONF_BOOL,
	CONF_CHOICE
};

struct conf_row {
	const char *name; /* DATABASE_URL: file and environment alike */
	enum conf_kind kind;
	size_t offset;		    /* in the settings struct */
	const char *initial;	    /* default, as it would be written */
	int64_t min, max;	    /* CONF_INT: range; CONF_TEXT: length */
	const char *const *choices; /* CONF_CHOICE, NULL-terminated */
	const char *unit;	    /* "s", "bytes", ... or NULL */
	const char *help;
};

#define CONF_KIND(member) \
	_Generic((member), const char *: CONF_TEXT, int64_t: CONF_INT,     \
		bool: CONF_BOOL)
#define CONF_ROW(type, member, row_name, ...)                               \
	{                                                                   \
		.name = (row_name), .kind = CONF_KIND(((type *)0)->member), \
		.offset = offsetof(type, member), __VA_ARGS__               \
	}

struct conf_table {
	const struct conf_row *rows;
	size_t count;
};

/*
 * Fills the struct at `out`: defaults, then the file (path may be NULL),
 * then the environment (an empty variable counts as not set). A row without
 * a default and without a value leaves NULL, 0 or false. Texts live in the
 * arena. Each fault's pointer is "file:line" or the variable's name.
 */
MUST_CHECK enum err conf_load(const struct conf_table *table,
	struct arena *arena, const char *path, struct report *report,
	void *out);
/* docs/config.md, from the table. */
struct buf;
void conf_describe(const struct conf_table *table, struct buf *out);

#endif
