/*
 * Settings: one table of rows parses KEY=VALUE files and the environment
 * (which wins), checks type and range, refuses unknown names with a
 * suggestion, knows where each value came from, and prints its own
 * documentation. A secret NAME may stand in a file of its own: NAME_FILE says
 * where, or the service manager hands it over ($CREDENTIALS_DIRECTORY/NAME).
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
	bool secret;		    /* CONF_TEXT: never shown; NAME_FILE */
	bool live;		    /* an admin may change it at run time */
	bool stays_on;		    /* live: to 0, which switches it off, only
				       the operator may set it */
	const char *section;	    /* heading of this row and those behind it;
				       NULL: as the row before */
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

/* A name that operators know from elsewhere, and ours. */
struct conf_synonym {
	const char *name, *ours;
};

struct conf_table {
	const struct conf_row *rows;
	size_t count;
	const struct conf_synonym *synonyms; /* ends with NULLs; or NULL */
};

enum conf_source {
	CONF_FROM_DEFAULT,
	CONF_FROM_DATABASE, /* set by an admin at run time */
	CONF_FROM_FILE,
	CONF_FROM_ENVIRONMENT,
	CONF_FROM_SECRET_FILE, /* NAME_FILE */
	CONF_FROM_CREDENTIAL   /* the service manager's */
};
/* "default", "database", "file", "environment", ... */
const char *conf_source_name(enum conf_source source);

struct conf_origin {
	enum conf_source source;
	const char *where; /* "file:line", a variable, a path; else NULL */
};
struct conf_traced {
	void *settings;
	struct conf_origin *
		origins; /* made by conf_load, one a row; where each value came from */
};

enum {
	CONF_SECRET_MAX = 4096 /* bytes of a secret's file */
};

/*
 * Fills the struct at out->settings: defaults, then the file (path may be NULL),
 * then the environment (an empty variable counts as not set), then secrets'
 * files. A row without a default and without a value leaves NULL, 0 or
 * false. Texts live in the arena. Each fault's pointer is "file:line" or the
 * variable's name. A secret given both as itself and by a file is refused,
 * and so is a file that others may read; a settings file is refused when
 * everybody may write it, or read it while it holds a secret or a URL with a
 * password.
 */
MUST_CHECK enum err conf_load(const struct conf_table *table,
	struct arena *arena, const char *path, struct report *report,
	struct conf_traced *out /* .settings given */);
const struct conf_row *conf_find(
	const struct conf_table *table, const char *name);
/* True when the text is a good value of the row; else reports at `where`,
   without the value. */
bool conf_check(const struct conf_row *row, const char *text, const char *where,
	struct report *report);
/* Writes a checked value into the struct; the text must live as long. */
void conf_store(const struct conf_row *row, const char *text, void *out);
/* The value in the struct as it would be written, and as it may be shown: a
   secret is "(set)" or "", a password within a URL is "***". */
const char *conf_show(
	const struct conf_row *row, struct arena *arena, const void *in);
/* Overwrites the secrets in the struct with zeros: they read "" then. */
void conf_wipe(const struct conf_table *table, void *out);
enum conf_kind conf_kind_of(const struct conf_row *row);
/* docs/config.md, from the table. */
struct buf;
void conf_describe(const struct conf_table *table, struct buf *out);

#endif
