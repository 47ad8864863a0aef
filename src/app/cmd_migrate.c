/* kontor migrate: shows or applies the schema changes that are pending. */
#include "command.h"

#include "file.h"
#include "in_use.h"
#include "migrate.h"
#include "text.h"
#include "upgrade.h"

static void print_status(const struct migrate_status *status)
{
	printf("schema %lld of %lld, %zu pending\n", (long long)status->current,
		(long long)status->newest, status->pending);
	for (size_t i = 0; i < status->pending; i++)
		printf("  %s\n", status->next[i].name);
}

static int up(struct command_context *context, struct db *db,
	const struct migrate_status *status)
{
	const char *backup = NULL;
	enum err err;

	/* an installation from before the audit has no key for it */
	err = command_audit_keys(context);
	if (err != ERR_OK)
		return command_fail(context, "keys", err);
	if (status->pending == 0)
		return 0;
	err = migrate_up(db, context->arena,
		&(struct migrate_plan){.all = migrations_sqlite,
			.steps = upgrade_steps,
			.backup_folder = file_join(context->arena,
				context->config->data_folder, "backups")},
		context->report, &backup);
	if (backup != NULL)
		printf("backup %s\n", backup);
	if (err != ERR_OK)
		return command_fail(context, "migrate up", err);
	printf("schema %lld\n", (long long)status->newest);
	return 0;
}

int cmd_migrate(struct command_context *context, int argc, char **argv)
{
	bool dry = false;
	const struct option_spec options[] = {
		{"--dry-run", NULL, &dry}, {.name = NULL}};
	const struct db_options open = {
		.url = config_database_url(context->config, context->arena),
		.busy_ms = context->config->database_busy_ms,
		.create = true,
		.migrating = true,
	};
	const char *word = NULL;
	struct migrate_status status;
	struct db *db = NULL;
	struct words words = {.at = &word, .room = 1};
	int result = 0;
	enum err err;

	if (!command_parse(argc, argv, options, &words) || words.count != 1 ||
		(!text_equal(word, "status") && !text_equal(word, "up")))
		return command_usage("migrate status | up [--dry-run]");
	err = in_use_hold(
		context->config, context->arena, context->report, false);
	if (err == ERR_OK)
		err = db_open(context->arena, &open, &db);
	if (err != ERR_OK)
		return command_fail(context, "database", err);
	err = migrate_status(db, context->arena, migrations_sqlite,
		context->report, &status);
	if (err != ERR_OK) {
		result = command_fail(context, "migrate", err);
		goto out;
	}
	print_status(&status);
	if (text_equal(word, "up") && !dry)
		result = up(context, db, &status);
out:
	db_close(&db);
	return result;
}
