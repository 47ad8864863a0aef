/*
 * The commands of the operator's program: one table row, one file each.
 * A command gets the settings already read; it opens what it needs and says
 * what went wrong on standard error. Exit status 0, or 1; more where a command's
 * usage says so.
 */
#ifndef APP_COMMAND_H
#define APP_COMMAND_H

#include "arena.h"
#include "config.h"
#include "db.h"
#include "open.h"
#include "report.h"
#include "scope.h"

struct command_context {
	struct arena *arena;
	struct report *report;
	const struct config *config;
	const char *config_path; /* or NULL */
	int64_t now;
	struct shared shared; /* what command_auth opened; closed at the end */
};

struct command {
	const char *name;
	const char *arguments;
	const char *summary;
	/* argv[0] is the command's name. */
	int (*run)(struct command_context *context, int argc, char **argv);
};

int cmd_init(struct command_context *context, int argc, char **argv);
int cmd_migrate(struct command_context *context, int argc, char **argv);
int cmd_user(struct command_context *context, int argc, char **argv);
int cmd_setup_link(struct command_context *context, int argc, char **argv);
int cmd_keys(struct command_context *context, int argc, char **argv);
int cmd_import(struct command_context *context, int argc, char **argv);
int cmd_import_settings(struct command_context *context, int argc, char **argv);
int cmd_routes(struct command_context *context, int argc, char **argv);
int cmd_openapi(struct command_context *context, int argc, char **argv);
int cmd_config(struct command_context *context, int argc, char **argv);
int cmd_audit(struct command_context *context, int argc, char **argv);
int cmd_metrics(struct command_context *context, int argc, char **argv);
int cmd_backtest(struct command_context *context, int argc, char **argv);
int cmd_backup(struct command_context *context, int argc, char **argv);
int cmd_restore(struct command_context *context, int argc, char **argv);
int cmd_work(struct command_context *context, int argc, char **argv);

/*
 * One option "--name value" or "--name" of a command. Options may stand
 * anywhere behind the command's name.
 */
struct option_spec {
	const char *name;   /* "--symbol"; NULL ends the list */
	const char **value; /* takes a value; or */
	bool *flag;	    /* takes none */
};
/* What is not an option, in its order. */
struct words {
	const char **at;
	size_t room, count;
};
/* Fills options and words (NULL: there may be none). False (and a line on
   standard error) when an option is unknown or lacks its value, or there
   are too many words. */
MUST_CHECK bool command_parse(int argc, char **argv,
	const struct option_spec *options, struct words *words);
/* As a terminal may show it: control characters of a stranger's text are
   made "?". */
const char *command_shown(
	const struct command_context *context, const char *raw);
/* Prints the report and returns 1. */
int command_fail(
	const struct command_context *context, const char *what, enum err err);
int command_usage(const char *text);
/* Opens the database and checks that its schema is this program's. */
MUST_CHECK enum err command_database(
	struct command_context *context, struct db **out);
/* The same with accounts on top, and what they stand on (context->shared).
   The caller closes both. */
MUST_CHECK enum err command_auth(
	struct command_context *context, struct db **db, struct auth **out);
/* Every key of an installation that is not there yet. */
MUST_CHECK enum err command_keys_create(const struct command_context *context);
/* The audit's alone: what an installation from before it lacks. */
MUST_CHECK enum err command_audit_keys(const struct command_context *context);
struct auth_call command_call(const struct command_context *context);

#endif
