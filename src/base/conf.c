/*
 * Settings from one table of rows. All faults are collected before it gives
 * up, and the struct is filled only when there are none. Never prints a
 * value: settings may hold passwords.
 */
#include "conf.h"

#include <strings.h>

#include "conf_private.h"
#include "file.h"
#include "text.h"

enum {
	CONF_FILE_MAX = 256 * 1024
};

/* What was given for one row so far. */
struct given {
	const char *value; /* NULL: not given yet */
	struct conf_origin origin;
	bool in_file;
	struct conf_secret secret; /* .path NULL: none named */
	bool secret_in_file;
};

struct loading {
	const struct conf_table *table;
	struct arena *arena;
	struct report *report;
	const char *path;
	struct given *given; /* one a row */
	bool holds_secret;   /* the settings file itself */
	bool bad;
};

static char *trim(char *text)
{
	size_t len;

	text += strspn(text, " \t\r");
	len = strlen(text);
	while (len && strchr(" \t\r", text[len - 1]))
		len--;
	text[len] = '\0';
	return text;
}

/* One pair of quotes around the whole value goes; nothing is unescaped. */
static char *unquote(char *value)
{
	size_t len = strlen(value);

	if (len < 2 || (*value != '"' && *value != '\'') ||
		value[len - 1] != *value)
		return value;
	value[len - 1] = '\0';
	return value + 1;
}

const struct conf_row *conf_find(
	const struct conf_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (text_equal(table->rows[i].name, name))
			return &table->rows[i];
	return NULL;
}

static const char *nearest_name(struct loading *loading, const char *name)
{
	size_t count = loading->table->count;
	const char **names =
		arena_array(loading->arena, count + 1, sizeof(*names));
	const struct conf_synonym *synonym = loading->table->synonyms;

	for (; synonym && synonym->name; synonym++)
		if (strcasecmp(synonym->name, name) == 0)
			return synonym->ours;
	for (size_t i = 0; i < count; i++)
		names[i] = loading->table->rows[i].name;
	return text_suggest(name, names);
}

static void unknown_name(
	struct loading *loading, const char *where, const char *name)
{
	const char *near = nearest_name(loading, name);

	loading->bad = true;
	/* What was written might be a value on the wrong side: not echoed. */
	if (near)
		report_fault(loading->report, where,
			"no such setting; did you mean %s?", near);
	else
		report_fault(loading->report, where, "no such setting");
}

static void fault_at(
	struct loading *loading, const char *where, const char *name)
{
	report_fault(loading->report, where, "%s is set twice", name);
	loading->bad = true;
}

/* The row of NAME when the name is NAME_FILE, or NULL. */
static const struct conf_row *row_of_file(
	const struct loading *loading, const char *name)
{
	static const char suffix[] = "_FILE";
	size_t len = strlen(name);

	if (len <= strlen(suffix) ||
		!text_equal(name + len - strlen(suffix), suffix))
		return NULL;
	return conf_find(loading->table,
		arena_copy(loading->arena, name, len - strlen(suffix)));
}

static void take_secret_name(struct loading *loading,
	const struct conf_row *row, const struct conf_secret *secret)
{
	if (row->secret) {
		loading->given[row - loading->table->rows].secret = *secret;
		return;
	}
	report_fault(loading->report, secret->where,
		"only a secret is read from a file of its own; set %s itself",
		row->name);
	loading->bad = true;
}

/* A name that is no row: NAME_FILE, or unknown. */
static void take_other_line(struct loading *loading, const char *where,
	const char *name, const char *value)
{
	const struct conf_row *row = row_of_file(loading, name);
	struct given *given;

	if (!row) {
		unknown_name(loading, where, name);
		return;
	}
	given = &loading->given[row - loading->table->rows];
	if (given->secret_in_file) {
		fault_at(loading, where, name);
		return;
	}
	given->secret_in_file = true;
	take_secret_name(loading, row,
		&(const struct conf_secret){.path = value,
			.where = where,
			.source = CONF_FROM_SECRET_FILE});
}

static void take_line(struct loading *loading, size_t number, char *line)
{
	const char *where;
	const struct conf_row *row;
	struct given *given;
	char *equals;

	line = trim(line);
	if (*line == '\0' || *line == '#')
		return;
	where = arena_format(loading->arena, "%s:%zu", loading->path, number);
	equals = strchr(line, '=');
	if (!equals) {
		report_fault(loading->report, where, "expected NAME=VALUE");
		loading->bad = true;
		return;
	}
	*equals = '\0';
	row = conf_find(loading->table, trim(line));
	if (!row) {
		take_other_line(
			loading, where, trim(line), unquote(trim(equals + 1)));
		return;
	}
	given = &loading->given[row - loading->table->rows];
	if (given->in_file) {
		fault_at(loading, where, row->name);
		return;
	}
	given->in_file = true;
	given->value = unquote(trim(equals + 1));
	given->origin = (struct conf_origin){CONF_FROM_FILE, where};
	if ((row->secret && given->value[0] != '\0') ||
		conf_has_password(given->value))
		loading->holds_secret = true;
	if (!conf_check(row, given->value, where, loading->report))
		loading->bad = true;
}

static enum err take_file(struct loading *loading)
{
	const char *fault;
	char *text;
	char *line;
	size_t len;
	size_t number = 0;
	enum err err = file_read(
		loading->arena, loading->path, CONF_FILE_MAX, &text, &len);

	if (err) {
		report_fault(loading->report, loading->path,
			"cannot be read (%s)", err_slug(err));
		return err;
	}
	if (strlen(text) != len) {
		report_fault(loading->report, loading->path, "has a NUL in it");
		return ERR_BAD_INPUT;
	}
	for (line = text; line;) {
		char *end = strchr(line, '\n');

		if (end)
			*end++ = '\0';
		take_line(loading, ++number, line);
		line = end;
	}
	fault = conf_file_fault(loading->path, loading->holds_secret);
	if (!fault)
		return ERR_OK;
	report_fault(loading->report, loading->path, "%s", fault);
	return ERR_BAD_INPUT;
}

/* NAME_FILE; a row of that very name is a setting like any other. */
static void take_environment_file(
	struct loading *loading, const struct conf_row *row)
{
	const char *name = arena_format(loading->arena, "%s_FILE", row->name);
	const char *path = getenv(name);

	if (!path || *path == '\0' || conf_find(loading->table, name))
		return;
	take_secret_name(loading, row,
		&(const struct conf_secret){
			.path = arena_text(loading->arena, path),
			.where = name,
			.source = CONF_FROM_SECRET_FILE});
}

/* An empty variable counts as not set: a container cannot unset one. */
static void take_environment(struct loading *loading)
{
	for (size_t i = 0; i < loading->table->count; i++) {
		const struct conf_row *row = &loading->table->rows[i];
		const char *value = getenv(row->name);

		take_environment_file(loading, row);
		if (!value || *value == '\0')
			continue;
		loading->given[i].value = arena_text(loading->arena, value);
		loading->given[i].origin =
			(struct conf_origin){CONF_FROM_ENVIRONMENT, row->name};
		if (!conf_check(row, value, row->name, loading->report))
			loading->bad = true;
	}
}

static void take_secret(struct loading *loading, const struct conf_row *row,
	struct given *given)
{
	const char *where = given->secret.where;

	given->secret.name = row->name;
	conf_credential(getenv("CREDENTIALS_DIRECTORY"), loading->arena,
		&given->secret);
	if (!given->secret.path)
		return;
	if (where && given->secret.where != where) {
		fault_at(loading, given->secret.where, row->name);
	} else if (given->value && given->value[0] != '\0') {
		report_fault(loading->report, given->secret.where,
			"%s is set as itself and by a file: keep one of them",
			row->name);
		loading->bad = true;
	} else if (conf_secret_read(loading->arena, &given->secret,
			   loading->report, &given->value) != ERR_OK ||
		   !conf_check(row, given->value, given->secret.where,
			   loading->report)) {
		loading->bad = true;
	} else {
		given->origin = (struct conf_origin){
			given->secret.source, given->secret.path};
	}
}

static void take_secrets(struct loading *loading)
{
	for (size_t i = 0; i < loading->table->count; i++)
		if (loading->table->rows[i].secret)
			take_secret(loading, &loading->table->rows[i],
				&loading->given[i]);
}

static void finish(const struct loading *loading, struct conf_traced *out)
{
	const struct conf_table *table = loading->table;
	struct conf_origin *origins =
		arena_array(loading->arena, table->count, sizeof(*origins));

	for (size_t i = 0; i < table->count; i++) {
		const struct conf_row *row = &table->rows[i];
		const struct given *given = &loading->given[i];

		origins[i] = given->origin;
		conf_store(row, given->value ? given->value : row->initial,
			out->settings);
	}
	out->origins = origins;
}

enum err conf_load(const struct conf_table *table, struct arena *arena,
	const char *path, struct report *report, struct conf_traced *out)
{
	struct loading loading = {
		.table = table,
		.arena = arena,
		.report = report,
		.path = path,
		.given = arena_array(
			arena, table->count, sizeof(*loading.given)),
	};

	if (path) {
		enum err err = take_file(&loading);

		if (err)
			return err;
	}
	take_environment(&loading);
	take_secrets(&loading);
	if (loading.bad)
		return ERR_BAD_INPUT;
	finish(&loading, out);
	return ERR_OK;
}
