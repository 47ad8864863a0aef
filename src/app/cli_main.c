/*
 * kontor: the operator's program. Reads the settings, finds the command in
 * the table, runs it.
 */
#include "clock.h"
#include "command.h"
#include "harden.h"
#include "routes.h"
#include "text.h"

enum {
	MEMORY_LIMIT = 1 << 30
};

/* clang-format off */
static const struct command commands[] = {
	{ "init", "[--data FOLDER]",
		"make folders, keys, settings file and database", cmd_init },
	{ "migrate", "status | up [--dry-run]",
		"show or apply schema changes", cmd_migrate },
	{ "user", "add|list|passwd|disable|enable|role|logout ...",
		"accounts; `kontor user` says more", cmd_user },
	{ "setup-link", "[--url URL]",
		"print a one-time link that makes the first admin",
		cmd_setup_link },
	{ "keys", "[list | rotate token|vault|audit | reseal | forget ID]",
		"key ids, rotation, sealing stored secrets anew", cmd_keys },
	{ "import", "FILE --symbol S --interval I [--source TEXT] "
		"[--skip-faults] [--quiet]", "import candles (CSV, JSON; - is stdin)",
		cmd_import },
	{ "import-settings", "FILE.json --user NAME [--dry-run] [--replace] "
		"[--wipe]", "an older installation's settings into a user's",
		cmd_import_settings },
	{ "backtest", "FILE.json --candles FILE [NAME=VALUE ...]",
		"a strategy over a file of candles, without server or database",
		cmd_backtest },
	{ "backup", "[--to FOLDER] | verify [PATH] | list",
		"a whole copy of the database while it is used; is one good",
		cmd_backup },
	{ "restore", "PATH [--keep-api-keys] [--unsealed]",
		"put a backup in the place of the database", cmd_restore },
	{ "work", "[--once]", "the background process", cmd_work },
	{ "config", "dump [--json] | paths | describe",
		"settings in force and where they came from; their "
		"documentation", cmd_config },
	{ "audit", "head | verify [--anchor FILE] | export [--since TIME] "
		"[--out FILE]", "the record of what happened: is it whole",
		cmd_audit },
	{ "metrics", "[--empty]", "the figures, as Prometheus reads them",
		cmd_metrics },
	{ "routes", "[--json]", "the table of routes", cmd_routes },
	{ "openapi", "", "the OpenAPI document", cmd_openapi },
};
/* clang-format on */

enum {
	COMMAND_COUNT = sizeof(commands) / sizeof(commands[0])
};

static int usage(FILE *out)
{
	fprintf(out,
		"kontor %s\n"
		"usage: kontor [--config FILE] COMMAND ...\n\n",
		KONTOR_VERSION);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-15s %s\n%s%s%s", commands[i].name,
			commands[i].summary,
			*commands[i].arguments ? "                  " : "",
			commands[i].arguments,
			*commands[i].arguments ? "\n" : "");
	return out == stdout ? 0 : 1;
}

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		if (text_equal(commands[i].name, name))
			return &commands[i];
	}
	return NULL;
}

/* Takes "--config FILE" out of wherever it stands. */
static bool take_config(int *argc, char **argv, const char **path)
{
	int kept = 1;

	for (int i = 1; i < *argc; i++) {
		if (!text_equal(argv[i], "--config")) {
			argv[kept++] = argv[i];
			continue;
		}
		if (i + 1 == *argc)
			return false;
		*path = argv[++i];
	}
	*argc = kept;
	return true;
}

static int run(
	const struct command *command, const char *path, int argc, char **argv)
{
	struct arena *arena = arena_open(MEMORY_LIMIT);
	struct config config;
	struct command_context context = {.arena = arena,
		.report = report_open(arena),
		.config = &config,
		.config_path = path,
		.now = clock_ms()};
	int status = 1;
	enum err err = config_load(arena, path, context.report, &config);

	if (context.now < 0)
		fprintf(stderr, "kontor: the clock cannot be right\n");
	else if (err != ERR_OK)
		status = command_fail(&context, "settings", err);
	else
		status = command->run(&context, argc, argv);
	shared_close(&context.shared);
	arena_close(&arena);
	return status;
}

int main(int argc, char **argv)
{
	const char *path = NULL;
	const struct command *command;

	process_harden();
	if (!take_config(&argc, argv, &path) || argc < 2)
		return usage(stderr);
	if (text_equal(argv[1], "help") || text_equal(argv[1], "--help"))
		return usage(stdout);
	if (text_equal(argv[1], "--version"))
		return printf("kontor %s\n", KONTOR_VERSION) < 0;
	command = command_find(argv[1]);
	if (command == NULL) {
		fprintf(stderr, "kontor: no command %s\n", argv[1]);
		return usage(stderr);
	}
	return run(command, path, argc - 1, argv + 1);
}
