/*
 * kontor restore: puts a backup in the place of the database and says what
 * that means. Refuses while anything runs on the data folder; never removes
 * what was there.
 */
#include "command.h"
#include "restore.h"

#include <inttypes.h>

#include "clock.h"
#include "file.h"
#include "in_use.h"
#include "open.h"
#include "text.h"
#include "work.h"

static const char usage[] = "restore PATH [--keep-api-keys] [--unsealed]";

/* The path behind "sqlite:". */
static enum err database_path(
	const struct command_context *context, const char **out)
{
	static const char scheme[] = "sqlite:";
	const char *url = config_database_url(context->config, context->arena);

	if (!text_starts(url, scheme)) {
		report_detail(context->report,
			"DATABASE_URL is not SQLite's: use its own tools");
		return ERR_BAD_INPUT;
	}
	*out = url + sizeof(scheme) - 1;
	return ERR_OK;
}

static void tell(const struct restore_done *done)
{
	const struct backup_key *missing = done->finding.missing.items;
	char when[TIME_TEXT_ROOM];

	time_format(done->finding.manifest.created, when);
	printf("restored the database of %s\n"
	       "%" PRId64 " sessions and %" PRId64 " API keys were ended\n",
		when, done->settled.sessions, done->settled.api_keys);
	if (done->aside)
		printf("the database that was here: %s\n", done->aside);
	printf("whatever was changed after that time is undone: accounts "
	       "that were disabled, roles, passwords\n");
	for (size_t i = 0; i < done->finding.missing.count; i++)
		printf("warning: %s key %s is not here: put it back into the "
		       "keys folder\n",
			missing[i].purpose, missing[i].id);
}

/* What others remember of the old database is not believed any more. The
   database is in its place: what fails here is said, and can be repeated. */
static enum err forget(struct command_context *context)
{
	struct shared shared = {.db = NULL};
	enum err err = shared_join(
		context->config, context->arena, context->report, &shared);

	if (err == ERR_OK && shared.store)
		err = store_flush(shared.store);
	if (err == ERR_OK && shared.audit)
		err = work_audit_anew(context->config, shared.audit,
			context->arena, context->now);
	shared_close(&shared);
	return err;
}

static enum err restore(struct command_context *context, const char *path,
	struct restore_options *options)
{
	const struct backup_place place = {
		.folder = config_backup_folder(context->config, context->arena),
		.key_folder =
			config_key_folder(context->config, context->arena),
		.arena = context->arena,
		.report = context->report,
		.now = context->now,
	};
	struct restore_done done;
	enum err err = database_path(context, &options->database);

	if (err == ERR_OK)
		err = in_use_hold(
			context->config, context->arena, context->report, true);
	if (err == ERR_OK)
		err = restore_run(&place, path, options, &done);
	if (err == ERR_OK)
		tell(&done);
	return err;
}

int cmd_restore(struct command_context *context, int argc, char **argv)
{
	struct restore_options wanted = {.database = NULL};
	const struct option_spec options[] = {
		{"--keep-api-keys", NULL, &wanted.keep_api_keys},
		{"--unsealed", NULL, &wanted.unsealed}, {.name = NULL}};
	const char *path = NULL;
	struct words words = {.at = &path, .room = 1};
	struct arena *whole = context->arena;
	enum err err;

	if (!command_parse(argc, argv, options, &words) || words.count != 1)
		return command_usage(usage);
	/* an arena of its own: closing it gives the folder back */
	context->arena = arena_open((size_t)1 << 30);
	err = restore(context, path, &wanted);
	arena_close(&context->arena);
	context->arena = whole;
	if (err != ERR_OK)
		return command_fail(context, "restore", err);
	err = forget(context);
	if (err != ERR_OK)
		return command_fail(context,
			"the database is restored, but the caches or "
			"audit/head.log could not be written",
			err);
	return 0;
}
