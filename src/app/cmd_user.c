/*
 * kontor user: accounts from the command line, for the first admin and for
 * rescue. Passwords come from a file or standard input, never from argv.
 */
#include "account.h"
#include "clock.h"
#include "command.h"

#include "file.h"
#include "password.h"
#include "secret.h"
#include "text.h"

static const char usage[] =
	"user add NAME [--admin] --password-file FILE\n"
	"       kontor user passwd NAME --password-file FILE\n"
	"       kontor user disable|enable NAME\n"
	"       kontor user role NAME admin|user\n"
	"       kontor user logout NAME|--all\n"
	"       kontor user revoke-keys NAME\n"
	"       kontor user list";

enum {
	WORDS = 3,
	PAGE = 500 /* accounts read at a time */
};

struct user_options {
	const char *words[WORDS];
	size_t count;
	const char *password_file;
	bool admin, all;
};

struct accounts {
	struct auth *auth;
	struct admin_scope *admin;
	struct auth_call call;
	const struct user_options *options;
};

/* The first line of the file; "-" is standard input. */
static enum err read_password(
	const struct accounts *accounts, char **out, size_t *out_len)
{
	const char *path = accounts->options->password_file;
	size_t len = 0;
	enum err err;

	if (path == NULL) {
		report_detail(accounts->call.report,
			"--password-file FILE is missing");
		return ERR_BAD_INPUT;
	}
	if (text_equal(path, "-"))
		path = "/dev/stdin";
	err = file_read(accounts->call.arena, path, PASSWORD_BYTES_LIMIT + 2,
		out, out_len);
	if (err != ERR_OK) {
		report_detail(accounts->call.report,
			"the password file cannot be read");
		return err;
	}
	while (len < *out_len && (*out)[len] != '\n' && (*out)[len] != '\r')
		len++;
	(*out)[len] = '\0';
	return ERR_OK;
}

static enum err add(const struct accounts *accounts)
{
	struct account_new user = {
		.user = {.username = accounts->options->words[1]},
		.role = accounts->options->admin ? AUTH_ROLE_ADMIN
						 : AUTH_ROLE_USER};
	struct user_view made;
	char *password = NULL;
	size_t len = 0;
	enum err err = read_password(accounts, &password, &len);

	if (err != ERR_OK)
		return err;
	user.user.password = password;
	err = account_add(
		accounts->auth, &accounts->call, accounts->admin, &user, &made);
	secret_wipe(password, len);
	if (err == ERR_OK)
		printf("%s %s %s\n", made.id, made.username, made.role);
	return err;
}

static enum err passwd(const struct accounts *accounts)
{
	char *password = NULL;
	size_t len = 0;
	enum err err = read_password(accounts, &password, &len);

	if (err != ERR_OK)
		return err;
	err = account_set_password(accounts->auth, &accounts->call,
		accounts->options->words[1], password);
	secret_wipe(password, len);
	return err;
}

static enum err disable(const struct accounts *accounts)
{
	return account_set_disabled(accounts->auth, &accounts->call,
		accounts->options->words[1], true);
}

static enum err enable(const struct accounts *accounts)
{
	return account_set_disabled(accounts->auth, &accounts->call,
		accounts->options->words[1], false);
}

static enum err role(const struct accounts *accounts)
{
	const char *name = accounts->options->words[2];
	bool admin = text_equal(name, "admin");

	if (!admin && !text_equal(name, "user")) {
		report_detail(
			accounts->call.report, "the role is admin or user");
		return ERR_BAD_INPUT;
	}
	return account_set_role(accounts->auth, &accounts->call,
		accounts->options->words[1],
		admin ? AUTH_ROLE_ADMIN : AUTH_ROLE_USER);
}

static enum err logout(const struct accounts *accounts)
{
	const struct user_options *options = accounts->options;

	if (options->all == (options->count == 2)) {
		report_detail(accounts->call.report, "a name, or --all");
		return ERR_BAD_INPUT;
	}
	return account_end_sessions(
		accounts->auth, &accounts->call, options->words[1]);
}

static enum err revoke_keys(const struct accounts *accounts)
{
	return account_revoke_keys(
		accounts->auth, &accounts->call, accounts->options->words[1]);
}

static void print_row(const struct account_row *row)
{
	char seen[TIME_TEXT_ROOM] = "never";

	if (row->last_login_at != NULL)
		time_format(row->last_login_at->ms, seen);
	printf("%s %-32s %-5s %-8s %s\n", row->id, row->username, row->role,
		row->disabled ? "disabled" : "active", seen);
}

static enum err list(const struct accounts *accounts)
{
	struct account_query query = {.limit = PAGE};
	enum err err;

	do {
		struct account_page page;
		const struct account_row *rows;

		err = account_list(
			accounts->auth, &accounts->call, &query, &page);
		if (err != ERR_OK)
			return err;
		rows = page.rows.items;
		for (size_t i = 0; i < page.rows.count; i++)
			print_row(&rows[i]);
		query.cursor = page.next;
	} while (query.cursor != NULL);
	return ERR_OK;
}

static const struct act {
	const char *name;
	size_t least_words, most_words;
	enum err (*run)(const struct accounts *accounts);
} acts[] = {
	{"add", 2, 2, add},
	{"passwd", 2, 2, passwd},
	{"disable", 2, 2, disable},
	{"enable", 2, 2, enable},
	{"role", 3, 3, role},
	{"logout", 1, 2, logout},
	{"revoke-keys", 2, 2, revoke_keys},
	{"list", 1, 1, list},
};

static const struct act *act_find(const struct user_options *options)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (options->count >= acts[i].least_words &&
			options->count <= acts[i].most_words &&
			text_equal(options->words[0], acts[i].name))
			return &acts[i];
	}
	return NULL;
}

int cmd_user(struct command_context *context, int argc, char **argv)
{
	struct user_options user = {.count = 0};
	struct words words = {.at = user.words, .room = WORDS};
	const struct option_spec options[] = {
		{"--password-file", &user.password_file, NULL},
		{"--admin", NULL, &user.admin},
		{"--all", NULL, &user.all},
		{.name = NULL},
	};
	struct accounts accounts = {
		.call = command_call(context), .options = &user};
	const struct act *act;
	struct db *db = NULL;
	enum err err;

	if (!command_parse(argc, argv, options, &words))
		return 1;
	user.count = words.count;
	act = user.count > 0 ? act_find(&user) : NULL;
	if (act == NULL)
		return command_usage(usage);
	err = command_auth(context, &db, &accounts.auth);
	if (err != ERR_OK)
		return command_fail(context, "user", err);
	accounts.admin = auth_operator_scope(
		db, context->arena, context->report, context->now);
	err = act->run(&accounts);
	auth_close(&accounts.auth);
	db_close(&db);
	return err == ERR_OK ? 0 : command_fail(context, act->name, err);
}
