/*
 * What every command of the operator's program needs: options, the
 * database, and a way to say what went wrong. Never exits by itself.
 */
#include "command.h"

#include "audit.h"
#include "database.h"
#include "text.h"
#include "vault_keys.h"

static const struct option_spec *option_find(
	const struct option_spec *options, const char *name)
{
	for (; options->name != NULL; options++) {
		if (text_equal(options->name, name))
			return options;
	}
	return NULL;
}

/* A lone "-" is a word: standard input, where a file is asked for. */
static bool is_option(const char *argument)
{
	return argument[0] == '-' && argument[1] != '\0';
}

bool command_parse(int argc, char **argv, const struct option_spec *options,
	struct words *words)
{
	size_t room = words != NULL ? words->room : 0;
	size_t found = 0;

	for (int i = 1; i < argc; i++) {
		const struct option_spec *option =
			option_find(options, argv[i]);

		if (option != NULL && option->flag != NULL) {
			*option->flag = true;
		} else if (option != NULL && i + 1 < argc) {
			*option->value = argv[++i];
		} else if (option != NULL) {
			fprintf(stderr, "kontor: %s needs a value\n", argv[i]);
			return false;
		} else if (is_option(argv[i]) || found == room) {
			fprintf(stderr, "kontor: unexpected %s\n", argv[i]);
			return false;
		} else {
			words->at[found++] = argv[i];
		}
	}
	if (words != NULL)
		words->count = found;
	return true;
}

const char *command_shown(
	const struct command_context *context, const char *raw)
{
	char *text = arena_text(context->arena, raw);

	for (char *at = text; *at; at++)
		if (text_has_control(at, 1))
			*at = '?';
		else if (*at == '\xc2' && text_has_control(at, 2))
			at[0] = at[1] = '?';
	return text;
}

int command_fail(
	const struct command_context *context, const char *what, enum err err)
{
	const struct report *report = context->report;

	fprintf(stderr, "kontor: %s: %s\n", command_shown(context, what),
		report->detail != NULL ? command_shown(context, report->detail)
				       : err_slug(err));
	for (size_t i = 0; i < report->fault_count; i++)
		fprintf(stderr, "  %s: %s\n",
			command_shown(context, report->faults[i].pointer),
			command_shown(context, report->faults[i].message));
	return 1;
}

int command_usage(const char *text)
{
	fprintf(stderr, "usage: kontor %s\n", text);
	return 1;
}

enum err command_database(struct command_context *context, struct db **out)
{
	return database_open(
		context->config, context->arena, NULL, context->report, out);
}

enum err command_auth(
	struct command_context *context, struct db **db, struct auth **out)
{
	enum err err = shared_join(context->config, context->arena,
		context->report, &context->shared);

	if (err != ERR_OK)
		return err;
	*db = context->shared.db;
	*out = context->shared.auth;
	/* the caller closes these two, cli_main what they stand on */
	context->shared.db = NULL;
	context->shared.auth = NULL;
	return ERR_OK;
}

enum err command_audit_keys(const struct command_context *context)
{
	return audit_keys_create(context->arena,
		config_key_folder(context->config, context->arena),
		context->now);
}

enum err command_keys_create(const struct command_context *context)
{
	const char *folder = config_key_folder(context->config, context->arena);
	enum err err = auth_keys_create(context->arena, folder, context->now);

	if (err == ERR_OK)
		err = command_audit_keys(context);
	if (err == ERR_OK)
		err = vault_keys_create(context->arena, folder);
	return err;
}

struct auth_call command_call(const struct command_context *context)
{
	return (struct auth_call){.arena = context->arena,
		.report = context->report,
		.now = context->now,
		.address = "operator"};
}
