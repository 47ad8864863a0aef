/*
 * kontor init: everything a new installation needs, each thing only when it
 * is not there yet. Running it again changes nothing.
 */
#include "command.h"

#include <sys/stat.h>
#include <unistd.h>

#include "audit.h"
#include "buf.h"
#include "file.h"
#include "in_use.h"
#include "migrate.h"
#include "upgrade.h"

enum {
	SETTINGS_LIMIT = 4096
};

static enum err folders(struct arena *arena, const char *data)
{
	static const char *const names[] = {"keys", "backups", "run"};
	enum err err = file_folder(data, 0700);

	for (size_t i = 0; err == ERR_OK && i < 3; i++)
		err = file_folder(file_join(arena, data, names[i]), 0700);
	return err;
}

static enum err settings_file(
	const struct command_context *context, const char *path)
{
	const struct config *config = context->config;
	struct buf text;

	if (access(path, F_OK) == 0)
		return ERR_OK;
	buf_init(&text, context->arena, SETTINGS_LIMIT);
	buf_format(&text,
		"# Settings of this installation; all of them and their "
		"defaults:\n# kontor config describe\n"
		"DATA_FOLDER=%s\nPUBLIC_URL=%s\n",
		config->data_folder, config->public_url);
	if (text.overflow)
		return ERR_BAD_INPUT;
	return file_write(path, text.data, text.len, 0640);
}

static enum err database(const struct command_context *context)
{
	const struct db_options options = {
		.url = config_database_url(context->config, context->arena),
		.busy_ms = context->config->database_busy_ms,
		.create = true,
		.migrating = true,
	};
	struct db *db = NULL;
	const char *backup = NULL;
	enum err err = in_use_hold(
		context->config, context->arena, context->report, false);

	if (err == ERR_OK)
		err = db_open(context->arena, &options, &db);
	if (err != ERR_OK)
		return err;
	err = migrate_up(db, context->arena,
		&(struct migrate_plan){.all = migrations_sqlite,
			.steps = upgrade_steps,
			.backup_folder = file_join(context->arena,
				context->config->data_folder, "backups")},
		context->report, &backup);
	if (backup != NULL)
		printf("backup %s\n", backup);
	db_close(&db);
	return err;
}

int cmd_init(struct command_context *context, int argc, char **argv)
{
	struct config config = *context->config;
	const char *data = NULL;
	const struct option_spec options[] = {
		{"--data", &data, NULL}, {.name = NULL}};
	const char *path;
	enum err err;

	if (!command_parse(argc, argv, options, NULL))
		return 1;
	if (data != NULL)
		config.data_folder = arena_text(context->arena, data);
	context->config = &config;
	err = folders(context->arena, config.data_folder);
	if (err != ERR_OK)
		return command_fail(context, "folders", err);
	path = context->config_path;
	if (path == NULL)
		path = file_join(
			context->arena, config.data_folder, "kontor.conf");
	err = settings_file(context, path);
	if (err != ERR_OK)
		return command_fail(context, "settings file", err);
	err = command_keys_create(context);
	if (err != ERR_OK)
		return command_fail(context, "keys", err);
	err = database(context);
	if (err != ERR_OK)
		return command_fail(context, "database", err);
	return 0;
}
