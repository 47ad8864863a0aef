/*
 * kontor import-settings: one JSON file of an older installation into one
 * user's settings. Must never print a value, nor remove a file that was not
 * taken or that changed meanwhile.
 */
#include "import_settings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "account.h"
#include "audit.h"
#include "buf.h"
#include "cache.h"
#include "command.h"
#include "file.h"
#include "secret.h"
#include "text.h"
#include "vault.h"

enum {
	FILE_LIMIT = 64 * 1024,
	NAMES_LIMIT = 1000,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_FILE = 3,
	STATUS_NOBODY = 4,
	STATUS_LEFT = 5
};

static const char usage[] =
	"import-settings FILE.json --user NAME [--dry-run] [--replace] "
	"[--wipe]\n"
	"  --replace  also what the user has set already\n"
	"  --wipe     overwrite and remove the file when it was taken\n"
	"  status     0 all taken, 2 usage, 3 the file (nothing was changed),\n"
	"             4 no such user, 5 taken, but not each member";

struct old_file {
	struct command_context *context;
	const char *path, *username, *user_id;
	bool dry_run, replace, wipe;
	char *text; /* wiped before the program ends */
	size_t len;
	struct stat info;
	const struct json *json;
	struct auth *auth;
	struct db *db;
	struct list members; /* settings_member */
	size_t counts[SETTINGS_FATE_COUNT];
};

/* ---- the file ----------------------------------------------------------------- */

static enum err file_take(struct old_file *old)
{
	struct report *report = old->context->report;
	enum err err = ERR_NOT_FOUND;

	if (lstat(old->path, &old->info) == 0 && S_ISREG(old->info.st_mode))
		err = file_read(old->context->arena, old->path, FILE_LIMIT,
			&old->text, &old->len);
	if (err == ERR_TOO_LARGE)
		report_detail(report, "%s is larger than %d bytes", old->path,
			FILE_LIMIT);
	else if (err != ERR_OK)
		report_detail(
			report, "%s is no file that can be read", old->path);
	if (err != ERR_OK)
		return err;
	if (old->info.st_mode & (S_IRWXG | S_IRWXO))
		fprintf(stderr,
			"kontor: others than its owner may use %s: whoever "
			"could read it may have its secrets\n",
			old->path);
	return json_parse(
		old->context->arena, old->text, old->len, report, &old->json);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool overwrite(int fd, size_t len)
{
	static const char zeros[4096];
	bool good = true;

	for (size_t done = 0; good && done < len; done += sizeof(zeros))
		good = file_write_all(fd, zeros,
			len - done < sizeof(zeros) ? len - done
						   : sizeof(zeros));
	return good && fsync(fd) == 0;
}

static bool file_wipe(const struct old_file *old)
{
	int fd = open(old->path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat info;
	bool good;

	if (fd < 0)
		return false;
	good = fstat(fd, &info) == 0 && same_file(&info, &old->info) &&
	       overwrite(fd, old->len);
	(void)close(fd);
	return good && unlink(old->path) == 0;
}

/* ---- into the settings ----------------------------------------------------------- */

/* "binance_secret telegram_token", for the audit. */
static const char *taken_names(const struct old_file *old)
{
	const struct settings_member *items = old->members.items;
	struct buf names;

	buf_init(&names, old->context->arena, NAMES_LIMIT);
	for (size_t i = 0; i < old->members.count; i++) {
		if (items[i].fate != SETTINGS_TAKEN)
			continue;
		buf_text(&names, names.len > 0 ? " " : "");
		buf_text(&names, items[i].setting);
	}
	return names.data;
}

static enum err record(const struct old_file *old)
{
	if (old->counts[SETTINGS_TAKEN] == 0)
		return ERR_OK;
	return audit_append(old->context->shared.audit, old->context->arena,
		&(struct audit_event){.at = old->context->now,
			.event = "settings.imported",
			.result = AUDIT_OK,
			.actor = "operator",
			.object = old->user_id,
			.detail = taken_names(old)});
}

static enum err import_locked(
	struct old_file *old, struct scope *scope, struct vault *vault)
{
	const struct settings_import in = {
		.file = old->json, .replace = old->replace};
	const struct settings_member *items;
	enum err err = settings_import(scope, vault, &in, &old->members);

	if (err != ERR_OK)
		return err;
	items = old->members.items;
	for (size_t i = 0; i < old->members.count; i++)
		old->counts[items[i].fate]++;
	return old->dry_run ? ERR_OK : record(old);
}

static void cache_tell(const struct old_file *old)
{
	cache_drop(
		&(const struct cache_drop){.store = old->context->shared.store,
			.arena = old->context->arena,
			.now = old->context->now,
			.user_id = old->user_id,
			.tags = TAG_SETTINGS});
}

static enum err import_run(struct old_file *old, struct vault *vault)
{
	const struct auth_call call = command_call(old->context);
	const struct identity owner = {.user_id = old->user_id};
	struct scope *scope = auth_scope(old->auth, &call, &owner);
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = import_locked(old, scope, vault);
	if (err == ERR_OK && !old->dry_run)
		err = scope_commit(scope);
	if (err != ERR_OK || old->dry_run)
		scope_rollback(scope);
	if (err == ERR_OK && !old->dry_run)
		cache_tell(old);
	return err;
}

static enum err vault_import(struct old_file *old)
{
	struct command_context *context = old->context;
	struct vault *vault = NULL;
	enum err err = vault_open(context->arena,
		config_key_folder(context->config, context->arena), &vault);

	if (err != ERR_OK)
		report_detail(context->report,
			"keys/vault.pub is missing or broken: run kontor init");
	else
		err = import_run(old, vault);
	vault_close(&vault);
	return err;
}

/* ---- what is told ------------------------------------------------------------------ */

static void member_print(
	struct old_file *old, const struct settings_member *member)
{
	static const char *const words[SETTINGS_FATE_COUNT] = {
		[SETTINGS_TAKEN] = "taken",
		[SETTINGS_SAME] = "the same already",
		[SETTINGS_KEPT] = "kept what the user has (--replace takes it)",
		[SETTINGS_EMPTY] = "empty",
		[SETTINGS_UNKNOWN] = "not known",
		[SETTINGS_REFUSED] = "refused",
	};

	printf("%s", command_shown(old->context, member->name));
	if (member->setting)
		printf(" -> %s", member->setting);
	printf(": %s", words[member->fate]);
	if (member->fate == SETTINGS_REFUSED && member->why)
		printf(", %s", member->why);
	printf("\n");
}

static size_t left_over(const struct old_file *old)
{
	return old->counts[SETTINGS_KEPT] + old->counts[SETTINGS_UNKNOWN] +
	       old->counts[SETTINGS_REFUSED];
}

static int tell(struct old_file *old)
{
	const struct settings_member *items = old->members.items;
	int status = left_over(old) > 0 ? STATUS_LEFT : 0;

	for (size_t i = 0; i < old->members.count; i++)
		member_print(old, &items[i]);
	printf("%zu taken, %zu the same, %zu kept, %zu empty, %zu not known, "
	       "%zu refused\n",
		old->counts[SETTINGS_TAKEN], old->counts[SETTINGS_SAME],
		old->counts[SETTINGS_KEPT], old->counts[SETTINGS_EMPTY],
		old->counts[SETTINGS_UNKNOWN], old->counts[SETTINGS_REFUSED]);
	if (old->dry_run)
		printf("a dry run: nothing was changed\n");
	if (old->dry_run || !old->wipe)
		return status;
	/* what stands in no other place is not thrown away */
	if (old->counts[SETTINGS_KEPT] > 0) {
		printf("%s was left as it is: of some members the user has "
		       "others\n",
			old->path);
		return status;
	}
	if (file_wipe(old)) {
		printf("%s was overwritten and removed\n", old->path);
		return status;
	}
	fprintf(stderr, "kontor: %s could not be removed\n", old->path);
	return STATUS_FAILED;
}

/* ---- the command --------------------------------------------------------------------- */

static int stage_status(enum err err, int otherwise)
{
	return err == ERR_BAD_INPUT || err == ERR_TOO_LARGE ? STATUS_FILE
							    : otherwise;
}

static int import_for(struct old_file *old)
{
	const struct auth_call call = command_call(old->context);
	enum err err = command_auth(old->context, &old->db, &old->auth);
	int status = STATUS_FAILED;

	if (err == ERR_OK) {
		err = account_id(
			old->auth, &call, old->username, &old->user_id);
		status = err == ERR_NOT_FOUND ? STATUS_NOBODY : status;
	}
	if (err == ERR_OK) {
		err = vault_import(old);
		status = stage_status(err, status);
	}
	if (err == ERR_OK)
		status = tell(old);
	else
		(void)command_fail(old->context, "import-settings", err);
	auth_close(&old->auth);
	db_close(&old->db);
	return status;
}

int cmd_import_settings(struct command_context *context, int argc, char **argv)
{
	struct old_file old = {.context = context};
	struct words words = {.at = &old.path, .room = 1};
	const struct option_spec options[] = {
		{"--user", &old.username, NULL},
		{"--dry-run", NULL, &old.dry_run},
		{"--replace", NULL, &old.replace},
		{"--wipe", NULL, &old.wipe},
		{.name = NULL},
	};
	int status = STATUS_FILE;
	enum err err;

	if (!command_parse(argc, argv, options, &words) || words.count != 1 ||
		!old.username) {
		(void)command_usage(usage);
		return STATUS_USAGE;
	}
	err = file_take(&old);
	if (err == ERR_OK)
		status = import_for(&old);
	else
		(void)command_fail(context, "import-settings", err);
	if (old.text)
		secret_wipe(old.text, old.len);
	return status;
}
