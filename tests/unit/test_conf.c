/*
 * Settings: defaults, file, environment, secrets' own files; every fault
 * said at once and none of the values.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arena.h"
#include "buf.h"
#include "conf.h"
#include "folder.h"

#include <sys/stat.h>

extern char **environ;

struct settings {
	const char *url, *level, *optional, *secret;
	int64_t port, offset_s;
	bool open;
};

static const char *const levels[] = {"debug", "info", "warn", NULL};

/* clang-format off */
static const struct conf_row rows[] = {
	CONF_ROW(struct settings, url, "DATABASE_URL",
		.initial = "sqlite:a.db", .min = 3, .max = 20,
		.help = "Where the data is."),
	CONF_ROW(struct settings, level, "LOG_LEVEL", .initial = "info",
		.choices = levels, .help = "Least level."),
	CONF_ROW(struct settings, optional, "OPTIONAL", .help = "May be none."),
	CONF_ROW(struct settings, port, "PORT", .initial = "8443", .min = 1,
		.max = 65535, .help = "Port."),
	CONF_ROW(struct settings, offset_s, "OFFSET", .initial = "-5",
		.unit = "s", .help = "Offset."),
	CONF_ROW(struct settings, open, "OPEN", .initial = "true",
		.live = true, .help = "Open?"),
	CONF_ROW(struct settings, secret, "SIGNING_KEY", .initial = "",
		.min = 4, .max = 20, .secret = true, .help = "Key."),
};
static const struct conf_synonym synonyms[] = {
	{"APP_SECRET", "SIGNING_KEY"}, {NULL, NULL}};
/* clang-format on */

static const struct conf_table table = {
	.rows = rows,
	.count = sizeof(rows) / sizeof(rows[0]),
	.synonyms = synonyms,
};

struct fixture {
	struct arena *arena;
	const char *folder;
	struct report *report;
	struct settings settings;
	char **environment;
};

static int open_fixture(void **state)
{
	static struct fixture fixture;
	static char *none[] = {NULL};

	fixture = (struct fixture){.arena = arena_open(1024 * 1024)};
	fixture.folder = folder_open(fixture.arena);
	fixture.report = report_open(fixture.arena);
	fixture.environment = environ;
	environ = none;
	*state = &fixture;
	return 0;
}

static int close_fixture(void **state)
{
	struct fixture *fixture = *state;

	environ = fixture->environment;
	folder_walk(fixture->folder, 1);
	arena_close(&fixture->arena);
	return 0;
}

static enum err load_path(struct fixture *fixture, const char *path)
{
	struct conf_traced traced = {.settings = &fixture->settings};

	return conf_load(
		&table, fixture->arena, path, fixture->report, &traced);
}

static enum err load(struct fixture *fixture, const char *text)
{
	const char *path = NULL;

	if (text)
		path = folder_put(
			fixture->arena, fixture->folder, "k.conf", text);
	fixture->report->fault_count = 0;
	return load_path(fixture, path);
}

/* The only fault there is: at that line, with these words. */
static void assert_fault(
	struct fixture *fixture, const char *line, const char *words)
{
	const struct fault *fault = fixture->report->faults;
	const char *suffix = arena_format(fixture->arena, "k.conf%s", line);
	size_t len = strlen(suffix);

	assert_int_equal(fixture->report->fault_count, 1);
	assert_true(strlen(fault->pointer) > len);
	assert_string_equal(
		fault->pointer + strlen(fault->pointer) - len, suffix);
	if (!strstr(fault->message, words))
		fail_msg("%s", fault->message);
}

static void without_a_file_there_are_the_defaults(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(load(fixture, NULL), ERR_OK);
	assert_string_equal(fixture->settings.url, "sqlite:a.db");
	assert_string_equal(fixture->settings.level, "info");
	assert_null(fixture->settings.optional);
	assert_int_equal(fixture->settings.port, 8443);
	assert_true(fixture->settings.offset_s == -5);
	assert_true(fixture->settings.open);
}

static void a_file_is_read_line_by_line(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(load(fixture, "# comment\n\n  PORT = 80 \r\n"
				       "DATABASE_URL=\"sqlite:b=c.db\"\n"
				       "OPTIONAL='  # kept '\nOPEN=off\n"
				       "\tLOG_LEVEL=warn"),
		ERR_OK);
	assert_int_equal(fixture->settings.port, 80);
	assert_string_equal(fixture->settings.url, "sqlite:b=c.db");
	assert_string_equal(fixture->settings.optional, "  # kept ");
	assert_false(fixture->settings.open);
	assert_string_equal(fixture->settings.level, "warn");
	assert_true(fixture->settings.offset_s == -5);
}

static void the_environment_wins(void **state)
{
	struct fixture *fixture = *state;
	char port[] = "PORT=90";
	char empty[] = "LOG_LEVEL=";
	char *given[] = {port, empty, NULL};

	environ = given;
	assert_int_equal(load(fixture, "PORT=80\nLOG_LEVEL=warn\n"), ERR_OK);
	assert_int_equal(fixture->settings.port, 90);
	assert_string_equal(fixture->settings.level, "warn");
}

static void a_bad_variable_is_named(void **state)
{
	struct fixture *fixture = *state;
	char port[] = "PORT=99999";
	char *given[] = {port, NULL};

	environ = given;
	assert_int_equal(load(fixture, NULL), ERR_BAD_INPUT);
	assert_string_equal(fixture->report->faults[0].pointer, "PORT");
}

static void every_fault_is_at_its_line(void **state)
{
	static const struct {
		const char *text;
		const char *line;
		const char *words;
	} cases[] = {
		{"\nDATABSE_URL=x\n", ":2", "did you mean DATABASE_URL?"},
		{"port=80", ":1", "did you mean PORT?"},
		{"COLOUR_SCHEME=80", ":1", "no such setting"},
		{"App_Secret=80", ":1", "did you mean SIGNING_KEY?"},
		{"PORT_FILE=80", ":1", "only a secret"},
		{"PORT_FLE=80", ":1", "no such setting"},
		{"_FILE=80", ":1", "no such setting"},
		{"SIGNING_KEY_FILE=/none/at/all", ":1", "not there"},
		{"SIGNING_KEY=abc", ":1", "4 to 20 bytes"},
		{"PORT", ":1", "expected NAME=VALUE"},
		{"PORT=", ":1", "must be a whole number"},
		{"PORT=80x", ":1", "must be a whole number"},
		{"PORT=0x50", ":1", "must be a whole number"},
		{"PORT=080", ":1", "must be a whole number"},
		{"PORT=0", ":1", "from 1 to 65535"},
		{"PORT=65536", ":1", "from 1 to 65535"},
		{"OFFSET=1.5", ":1", "a whole number of s"},
		{"PORT=1\nPORT=1", ":2", "set twice"},
		{"OPEN=maybe", ":1", "true or false"},
		{"OPEN=TRUE", ":1", "true or false"},
		{"LOG_LEVEL=inof", ":1", "did you mean info?"},
		{"LOG_LEVEL=chatty", ":1", "no such choice"},
		{"DATABASE_URL=ab", ":1", "3 to 20 bytes"},
		{"DATABASE_URL=abcdefghijklmnopqrstu", ":1", "3 to 20"},
		{"DATABASE_URL=a\x1b[2J", ":1", "control characters"},
		{"OPTIONAL=\xff", ":1", "UTF-8"},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(load(fixture, cases[i].text), ERR_BAD_INPUT);
		assert_fault(fixture, cases[i].line, cases[i].words);
	}
}

static void all_faults_come_at_once_and_nothing_is_stored(void **state)
{
	struct fixture *fixture = *state;
	const struct settings untouched = {.port = 42};

	fixture->settings = untouched;
	assert_int_equal(load(fixture, "PORT=x\nOPEN=x\nNONE=x\nOFFSET=7\n"),
		ERR_BAD_INPUT);
	assert_int_equal(fixture->report->fault_count, 3);
	assert_int_equal(fixture->settings.port, 42);
	assert_true(fixture->settings.offset_s == 0);
	assert_null(fixture->settings.url);
}

static void values_are_never_repeated(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
		load(fixture, "PORT=s3cret\nOPEN=s3cret\nLOG_LEVEL=s3cret\n"
			      "DATABASE_URL=s3cret-s3cret-s3cret-s3cret\n"
			      "s3cret=1\ns3cret\n"),
		ERR_BAD_INPUT);
	assert_int_equal(fixture->report->fault_count, 6);
	for (size_t i = 0; i < 6; i++)
		assert_null(
			strstr(fixture->report->faults[i].message, "s3cret"));
}

/* ---- secrets --------------------------------------------------------------- */

static const char *put_secret(
	struct fixture *fixture, const char *name, const char *text)
{
	return folder_put(fixture->arena, fixture->folder, name, text);
}

static enum err load_secret_file(struct fixture *fixture, const char *path)
{
	return load(fixture,
		arena_format(fixture->arena, "SIGNING_KEY_FILE=%s\n", path));
}

static void a_secret_comes_from_its_file(void **state)
{
	struct fixture *fixture = *state;
	const char *path = put_secret(fixture, "key", " wood \n");
	char *given[] = {NULL, NULL};

	assert_int_equal(load_secret_file(fixture, path), ERR_OK);
	assert_string_equal(fixture->settings.secret, " wood ");
	given[0] = arena_format(fixture->arena, "SIGNING_KEY_FILE=%s", path);
	environ = given;
	fixture->settings.secret = NULL;
	assert_int_equal(load(fixture, NULL), ERR_OK);
	assert_string_equal(fixture->settings.secret, " wood ");
}

/* Only one newline goes: the rest may belong to it, and is then refused as
   a control character. */
static void a_secrets_file_is_judged(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
		const char *words;
	} cases[] = {
		{"wood", 0640, "others may read"},
		{"wood", 0604, "others may read"},
		{"", 0600, "empty"},
		{"\n", 0600, "empty"},
		{"wood\n\n", 0600, "control"},
		{"woo", 0600, "4 to 20"},
	};
	struct fixture *fixture = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *path = put_secret(fixture, "key", cases[i].text);

		assert_int_equal(chmod(path, cases[i].mode), 0);
		assert_int_equal(
			load_secret_file(fixture, path), ERR_BAD_INPUT);
		assert_fault(fixture, ":1", cases[i].words);
	}
}

static void a_secrets_file_is_bounded_and_a_file(void **state)
{
	struct fixture *fixture = *state;
	char *long_text = arena_alloc(fixture->arena, CONF_SECRET_MAX + 2);
	const char *path;

	memset(long_text, 'x', CONF_SECRET_MAX + 1);
	path = put_secret(fixture, "key", long_text);
	assert_int_equal(load_secret_file(fixture, path), ERR_BAD_INPUT);
	assert_fault(fixture, ":1", "too large");
	assert_int_equal(
		load_secret_file(fixture, fixture->folder), ERR_BAD_INPUT);
	assert_fault(fixture, ":1", "");
	assert_int_equal(file_write(path, "woo\0d", 5, 0600), ERR_OK);
	assert_int_equal(load_secret_file(fixture, path), ERR_BAD_INPUT);
	assert_fault(fixture, ":1", "NUL");
}

static void a_secret_in_two_ways_is_refused(void **state)
{
	struct fixture *fixture = *state;
	const char *path = put_secret(fixture, "key", "wood\n");
	const char *both = arena_format(fixture->arena,
		"SIGNING_KEY=straw\nSIGNING_KEY_FILE=%s\n", path);
	char *given[] = {
		arena_format(fixture->arena, "SIGNING_KEY_FILE=%s", path),
		NULL};

	assert_int_equal(load(fixture, both), ERR_BAD_INPUT);
	assert_fault(fixture, ":2", "keep one");
	both = arena_format(fixture->arena,
		"SIGNING_KEY_FILE=%s\nSIGNING_KEY_FILE=%s\n", path, path);
	assert_int_equal(load(fixture, both), ERR_BAD_INPUT);
	assert_fault(fixture, ":2", "set twice");
	environ = given;
	assert_int_equal(load(fixture, "SIGNING_KEY=straw\n"), ERR_BAD_INPUT);
	assert_string_equal(
		fixture->report->faults[0].pointer, "SIGNING_KEY_FILE");
	/* not given at all: an empty line is what a template leaves */
	assert_int_equal(load(fixture, NULL), ERR_OK);
	assert_string_equal(fixture->settings.secret, "wood");
}

static void only_secrets_are_read_from_the_environments_files(void **state)
{
	struct fixture *fixture = *state;
	char port[] = "PORT_FILE=/x";
	char *given[] = {port, NULL};

	environ = given;
	assert_int_equal(load(fixture, NULL), ERR_BAD_INPUT);
	assert_string_equal(fixture->report->faults[0].pointer, "PORT_FILE");
}

static void the_service_manager_hands_over_a_secret(void **state)
{
	struct fixture *fixture = *state;
	const char *path = put_secret(fixture, "SIGNING_KEY", "wood\n");
	char value[] = "SIGNING_KEY=straw";
	char *given[] = {arena_format(fixture->arena,
				 "CREDENTIALS_DIRECTORY=%s", fixture->folder),
		NULL, NULL};

	environ = given;
	assert_int_equal(load(fixture, NULL), ERR_OK);
	assert_string_equal(fixture->settings.secret, "wood");
	/* an access list looks like a right of the group */
	assert_int_equal(chmod(path, 0440), 0);
	assert_int_equal(load(fixture, NULL), ERR_OK);
	assert_int_equal(chmod(path, 0620), 0);
	assert_int_equal(load(fixture, NULL), ERR_BAD_INPUT);
	assert_int_equal(chmod(path, 0400), 0);
	given[1] = value;
	assert_int_equal(load(fixture, NULL), ERR_BAD_INPUT);
	given[1] = arena_format(fixture->arena, "SIGNING_KEY_FILE=%s", path);
	assert_int_equal(load(fixture, NULL), ERR_BAD_INPUT);
	assert_int_equal(fixture->report->fault_count, 1);
}

/* A settings file with a secret in it is one too. */
static void a_public_file_must_not_hold_a_secret(void **state)
{
	struct fixture *fixture = *state;
	const char *path = folder_put(fixture->arena, fixture->folder,
		"open.conf", "SIGNING_KEY=wood\n");

	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(load_path(fixture, path), ERR_OK);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(load_path(fixture, path), ERR_BAD_INPUT);
}

static enum err load_with_mode(
	struct fixture *fixture, const char *text, mode_t mode)
{
	const char *path =
		folder_put(fixture->arena, fixture->folder, "open.conf", text);

	assert_int_equal(chmod(path, mode), 0);
	return load_path(fixture, path);
}

/* Whoever may write it decides where keys and database are. */
static void a_file_that_everybody_writes_is_refused(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(load_with_mode(fixture, "", 0664), ERR_OK);
	assert_int_equal(load_with_mode(fixture, "", 0602), ERR_BAD_INPUT);
	assert_non_null(
		strstr(fixture->report->faults[0].message, "chmod o-w"));
	/* what is no file is the caller's own */
	assert_int_equal(load_path(fixture, "/dev/null"), ERR_OK);
}

/* Some URLs hold a password, and nobody calls them secrets. */
static void a_password_in_a_url_is_a_secret(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(
		load_with_mode(fixture, "DATABASE_URL=x://host/1@2\n", 0640),
		ERR_OK);
	assert_int_equal(
		load_with_mode(fixture, "DATABASE_URL=x://host\n", 0644),
		ERR_OK);
	assert_int_equal(
		load_with_mode(fixture, "DATABASE_URL=x://:wood@host\n", 0644),
		ERR_BAD_INPUT);
	assert_non_null(strstr(fixture->report->faults[0].message, "chmod o="));
}

static void a_secret_is_shown_to_nobody(void **state)
{
	struct fixture *fixture = *state;
	const struct conf_row *key = conf_find(&table, "SIGNING_KEY");
	const struct conf_row *url = conf_find(&table, "DATABASE_URL");
	struct settings *settings = &fixture->settings;

	assert_int_equal(load(fixture, "SIGNING_KEY=woodwork\n"
				       "DATABASE_URL=r://u:p@w@host/1\n"),
		ERR_OK);
	assert_string_equal(conf_show(key, fixture->arena, settings), "(set)");
	assert_string_equal(
		conf_show(url, fixture->arena, settings), "r://***@host/1");
	conf_wipe(&table, settings);
	assert_string_equal(conf_show(key, fixture->arena, settings), "");
	assert_memory_equal(settings->secret, "\0\0\0\0\0\0\0\0", 8);
	assert_int_equal(load(fixture, NULL), ERR_OK);
	conf_wipe(&table, settings); /* a default is not written to */
	assert_string_equal(conf_show(key, fixture->arena, settings), "");
}

static void each_value_says_where_it_came_from(void **state)
{
	struct fixture *fixture = *state;
	struct conf_traced traced = {.settings = &fixture->settings};
	const char *key = put_secret(fixture, "key", "wood\n");
	const char *path = folder_put(fixture->arena, fixture->folder, "k.conf",
		arena_format(fixture->arena,
			"#\nPORT=80\nSIGNING_KEY_FILE=%s\nOPEN=no\n", key));
	char open[] = "OPEN=yes";
	char *given[] = {open, NULL};
	const struct conf_origin *at;

	environ = given;
	assert_int_equal(conf_load(&table, fixture->arena, path,
				 fixture->report, &traced),
		ERR_OK);
	at = &traced.origins[conf_find(&table, "PORT") - rows];
	assert_int_equal(at->source, CONF_FROM_FILE);
	assert_string_equal(
		at->where, arena_format(fixture->arena, "%s:2", path));
	at = &traced.origins[conf_find(&table, "OPEN") - rows];
	assert_int_equal(at->source, CONF_FROM_ENVIRONMENT);
	at = &traced.origins[conf_find(&table, "SIGNING_KEY") - rows];
	assert_int_equal(at->source, CONF_FROM_SECRET_FILE);
	assert_string_equal(at->where, key);
	at = &traced.origins[conf_find(&table, "OFFSET") - rows];
	assert_int_equal(at->source, CONF_FROM_DEFAULT);
	assert_null(at->where);
}

static void a_missing_file_is_said(void **state)
{
	struct fixture *fixture = *state;

	assert_int_equal(load_path(fixture, file_join(fixture->arena,
						    fixture->folder, "none")),
		ERR_NOT_FOUND);
	assert_int_equal(fixture->report->fault_count, 1);
}

static void a_file_with_a_nul_is_refused(void **state)
{
	struct fixture *fixture = *state;
	const char *path =
		folder_put(fixture->arena, fixture->folder, "k.conf", "");

	assert_int_equal(
		file_write(path, "PORT=80\0\nOPEN=x", 15, 0600), ERR_OK);
	assert_int_equal(load_path(fixture, path), ERR_BAD_INPUT);
	assert_fault(fixture, "", "NUL");
}

static void the_table_describes_itself(void **state)
{
	struct fixture *fixture = *state;
	struct buf out;

	buf_init(&out, fixture->arena, 10000);
	conf_describe(&table, &out);
	assert_false(out.overflow);
	assert_non_null(strstr(out.data,
		"\n## PORT\n\nPort.\n\n- Value: whole number, 1 to 65535\n"
		"- Default: `8443`\n"));
	assert_non_null(
		strstr(out.data, "- Value: one of `debug`, `info`, `warn`\n"));
	assert_non_null(strstr(out.data, "- Default: none\n"));
	assert_non_null(strstr(out.data, "`SIGNING_KEY_FILE` names\n"));
	assert_non_null(strstr(out.data,
		"- Default: `true`\n- An admin may change it at run time\n"));
}

int main(void)
{
#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, open_fixture, close_fixture)
	const struct CMUnitTest tests[] = {
		CASE(without_a_file_there_are_the_defaults),
		CASE(a_file_is_read_line_by_line),
		CASE(the_environment_wins),
		CASE(a_bad_variable_is_named),
		CASE(every_fault_is_at_its_line),
		CASE(all_faults_come_at_once_and_nothing_is_stored),
		CASE(values_are_never_repeated),
		CASE(a_secret_comes_from_its_file),
		CASE(a_secrets_file_is_judged),
		CASE(a_secrets_file_is_bounded_and_a_file),
		CASE(a_secret_in_two_ways_is_refused),
		CASE(only_secrets_are_read_from_the_environments_files),
		CASE(the_service_manager_hands_over_a_secret),
		CASE(a_public_file_must_not_hold_a_secret),
		CASE(a_file_that_everybody_writes_is_refused),
		CASE(a_password_in_a_url_is_a_secret),
		CASE(a_secret_is_shown_to_nobody),
		CASE(each_value_says_where_it_came_from),
		CASE(a_missing_file_is_said),
		CASE(a_file_with_a_nul_is_refused),
		CASE(the_table_describes_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
