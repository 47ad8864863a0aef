/*
 * kontor setup-link: the one-time link that makes the first admin. Prints
 * nothing when there is an admin already.
 */
#include "account.h"
#include "command.h"

int cmd_setup_link(struct command_context *context, int argc, char **argv)
{
	const char *url = context->config->public_url;
	const struct option_spec options[] = {
		{"--url", &url, NULL}, {.name = NULL}};
	const struct auth_call call = command_call(context);
	const char *token = NULL;
	struct auth *auth = NULL;
	struct db *db = NULL;
	bool needed = false;
	enum err err;

	if (!command_parse(argc, argv, options, NULL))
		return command_usage("setup-link [--url URL]");
	err = command_auth(context, &db, &auth);
	if (err != ERR_OK)
		return command_fail(context, "setup-link", err);
	err = setup_needed(auth, context->arena, &needed);
	if (err == ERR_OK && needed)
		err = setup_token_create(auth, &call, &token);
	if (err == ERR_OK && token != NULL)
		printf("ADMIN %s/#/setup/%s\n", url, token);
	auth_close(&auth);
	db_close(&db);
	return err == ERR_OK ? 0 : command_fail(context, "setup-link", err);
}
