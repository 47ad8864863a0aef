/*
 * kontor keys: ids of all keys, rotation, sealing stored secrets with the
 * newest key, and forgetting retired keys. Never prints a key, never forgets
 * one that a stored secret needs.
 */
#include "audit.h"
#include "clock.h"
#include "command.h"
#include "file.h"
#include "key_ring.h"
#include "reseal.h"
#include "text.h"
#include "vault.h"
#include "vault_keys.h"

static const char usage[] =
	"keys [list | rotate token|vault|audit | reseal | forget ID]";

static enum err list_audit(struct arena *arena, const char *folder)
{
	char when[TIME_TEXT_ROOM];
	struct key_set set;
	enum err err = key_file_read(
		file_join(arena, folder, "audit.keys"), &set, NULL);

	if (err != ERR_OK)
		return err;
	for (size_t i = 0; i < set.count; i++) {
		time_format(set.keys[i].created, when);
		printf("audit %s %-7s %s\n", set.keys[i].id,
			set.keys[i].active ? "active" : "retired", when);
	}
	key_set_release(&set);
	return ERR_OK;
}

static enum err list(struct command_context *context, const char *folder)
{
	struct auth_key_info *tokens = NULL;
	struct vault_key_info *vault = NULL;
	char when[TIME_TEXT_ROOM];
	size_t count = 0;
	enum err err = auth_keys_list(context->arena, folder, &tokens, &count);

	for (size_t i = 0; err == ERR_OK && i < count; i++) {
		time_format(tokens[i].created, when);
		printf("%-5s %s %-7s %s\n", tokens[i].purpose, tokens[i].id,
			tokens[i].state, when);
	}
	if (err == ERR_OK)
		err = vault_keys_list(context->arena, folder, &vault, &count);
	for (size_t i = 0; err == ERR_OK && i < count; i++)
		printf("vault %s %s\n", vault[i].id, vault[i].state);
	return err == ERR_OK ? list_audit(context->arena, folder) : err;
}

static enum err rotate_audit(
	struct command_context *context, const char *folder)
{
	enum err err = audit_keys_rotate(context->arena, folder, context->now);

	if (err == ERR_CONFLICT)
		report_detail(context->report,
			"the file holds %d keys, and each is needed to check "
			"its rows",
			KEY_RING_LIMIT);
	return err;
}

static enum err rotate(struct command_context *context, const char *folder,
	const char *purpose)
{
	if (text_equal(purpose, "vault"))
		return vault_keys_rotate(context->arena, folder);
	if (text_equal(purpose, "token"))
		return auth_keys_rotate(context->arena, folder, context->now,
			context->config->access_minutes * 60);
	if (text_equal(purpose, "audit"))
		return rotate_audit(context, folder);
	report_detail(context->report, "rotate token, vault or audit");
	return ERR_BAD_INPUT;
}

/* Under the lock: nothing is stored between the count and the removal. */
static enum err forget_locked(struct command_context *context,
	struct admin_scope *admin, const char *folder, const char *id)
{
	int64_t count = 0;
	enum err err = secrets_sealed_with(admin, id, &count);

	if (err != ERR_OK)
		return err;
	if (count > 0) {
		report_detail(context->report,
			"%lld stored secrets are sealed with it: "
			"run kontor keys reseal",
			(long long)count);
		return ERR_CONFLICT;
	}
	err = vault_keys_remove(context->arena, folder, id);
	if (err == ERR_NOT_FOUND)
		report_detail(context->report, "no vault key has this id");
	else if (err == ERR_CONFLICT)
		report_detail(context->report, "this is the active key");
	return err;
}

static enum err forget(
	struct command_context *context, const char *folder, const char *id)
{
	struct admin_scope *admin;
	struct db *db = NULL;
	enum err err = command_database(context, &db);

	if (err != ERR_OK)
		return err;
	admin = auth_operator_scope(
		db, context->arena, context->report, context->now);
	err = admin_begin(admin);
	if (err == ERR_OK)
		err = forget_locked(context, admin, folder, id);
	admin_rollback(admin);
	db_close(&db);
	if (err == ERR_OK)
		printf("forgot %s\n", id);
	return err;
}

static enum err reseal(struct command_context *context, const char *folder)
{
	struct vault_keys *keys = NULL;
	struct vault *vault = NULL;
	struct db *db = NULL;
	int64_t moved = 0;
	int64_t left = 0;
	enum err err = command_database(context, &db);

	if (err == ERR_OK)
		err = vault_keys_open(context->arena, folder, &keys);
	if (err == ERR_OK)
		err = vault_open(context->arena, folder, &vault);
	if (err == ERR_OK)
		err = secrets_reseal(auth_operator_scope(db, context->arena,
					     context->report, context->now),
			keys, vault, &moved, &left);
	if (err == ERR_OK)
		printf("%lld sealed anew, %lld could not be opened\n",
			(long long)moved, (long long)left);
	vault_close(&vault);
	vault_keys_close(&keys);
	db_close(&db);
	return err;
}

/* The act is done by now: when this fails, it stands, and the operator is
   told that its record does not. */
static enum err record(
	struct command_context *context, const char *event, const char *what)
{
	struct auth *auth = NULL;
	struct db *db = NULL;
	enum err err = command_auth(context, &db, &auth);

	if (err == ERR_OK)
		err = audit_append(context->shared.audit, context->arena,
			&(struct audit_event){.at = context->now,
				.event = event,
				.result = AUDIT_OK,
				.actor = "operator",
				.object = what});
	auth_close(&auth);
	db_close(&db);
	if (err != ERR_OK)
		fprintf(stderr, "kontor: it is done, but not recorded\n");
	return err;
}

int cmd_keys(struct command_context *context, int argc, char **argv)
{
	const char *folder = config_key_folder(context->config, context->arena);
	const char *event = NULL;
	enum err err;

	if (argc == 1 || (argc == 2 && text_equal(argv[1], "list"))) {
		err = list(context, folder);
	} else if (argc == 3 && text_equal(argv[1], "rotate")) {
		err = rotate(context, folder, argv[2]);
		event = "keys.rotated";
	} else if (argc == 2 && text_equal(argv[1], "reseal")) {
		err = reseal(context, folder);
		event = "keys.resealed";
	} else if (argc == 3 && text_equal(argv[1], "forget")) {
		err = forget(context, folder, argv[2]);
		event = "keys.forgotten";
	} else {
		return command_usage(usage);
	}
	if (err == ERR_OK && event)
		err = record(context, event, argc == 3 ? argv[2] : NULL);
	return err == ERR_OK ? 0 : command_fail(context, "keys", err);
}
