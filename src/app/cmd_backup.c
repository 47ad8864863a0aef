/*
 * kontor backup: a whole copy of the database while everybody works, and
 * whether a copy is good. Never copies a key: those are the operator's to
 * keep, elsewhere.
 */
#include "backup.h"
#include "command.h"

#include <inttypes.h>

#include "clock.h"
#include "open.h"
#include "text.h"

static const char usage[] = "backup [--to FOLDER]\n"
			    "       kontor backup verify [PATH]\n"
			    "       kontor backup list";

static struct backup_place place_of(
	const struct command_context *context, const char *folder)
{
	return (struct backup_place){
		.folder = folder ? folder
				 : config_backup_folder(
					   context->config, context->arena),
		.key_folder =
			config_key_folder(context->config, context->arena),
		.arena = context->arena,
		.report = context->report,
		.now = context->now,
	};
}

static enum err make(struct command_context *context, const char *to)
{
	const struct backup_place place = place_of(context, to);
	struct shared shared = {.db = NULL};
	const char *path;
	enum err err = shared_join(
		context->config, context->arena, context->report, &shared);

	if (err == ERR_OK)
		err = backup_make(&place, shared.db, &path);
	if (err == ERR_OK) {
		metrics_set(shared.metrics, METRIC_BACKUP_AGE, 0, place.now);
		printf("%s\n", path);
	}
	shared_close(&shared);
	return err;
}

static enum err verify(struct command_context *context, const char *path)
{
	const struct backup_place place = place_of(context, NULL);
	struct backup_finding finding;
	const struct backup_key *missing;
	char when[TIME_TEXT_ROOM];
	enum err err = ERR_OK;

	if (!path)
		err = backup_newest(&place, &path, NULL);
	if (err == ERR_NOT_FOUND)
		report_detail(context->report, "there is no backup");
	if (err == ERR_OK)
		err = backup_verify(&place, path, &finding);
	if (err != ERR_OK)
		return err;
	time_format(finding.manifest.created, when);
	printf("good: %s\nmade %s by kontor %s, schema %" PRId64 ", %" PRId64
	       " bytes, %" PRId64 " audit rows\n",
		path, when, finding.manifest.program, finding.manifest.schema,
		finding.manifest.bytes, finding.manifest.head.rows);
	if (!finding.sealed)
		printf("warning: the audit key that sealed it is not here: "
		       "nobody can tell who made it\n");
	missing = finding.missing.items;
	for (size_t i = 0; i < finding.missing.count; i++)
		printf("warning: %s key %s is not here\n", missing[i].purpose,
			missing[i].id);
	return ERR_OK;
}

static enum err list(struct command_context *context)
{
	const struct backup_place place = place_of(context, NULL);
	struct text_list paths;
	enum err err = backup_list(&place, &paths);

	for (size_t i = 0; err == ERR_OK && i < paths.count; i++)
		printf("%s\n", paths.items[i]);
	return err;
}

int cmd_backup(struct command_context *context, int argc, char **argv)
{
	const char *to = NULL;
	const struct option_spec options[] = {
		{"--to", &to, NULL}, {.name = NULL}};
	const char *found[2];
	struct words words = {.at = found, .room = 2};
	enum err err;

	if (!command_parse(argc, argv, options, &words))
		return command_usage(usage);
	if (words.count == 0)
		err = make(context, to);
	else if (!to && text_equal(found[0], "verify"))
		err = verify(context, words.count == 2 ? found[1] : NULL);
	else if (!to && words.count == 1 && text_equal(found[0], "list"))
		err = list(context);
	else
		return command_usage(usage);
	return err == ERR_OK ? 0 : command_fail(context, "backup", err);
}
