/*
 * Settings from one table of rows. All faults are collected before it gives
 * up, and the struct is filled only when there are none. Never prints a
 * value: settings may hold passwords.
 */
#include "conf.h"

#include <inttypes.h>

#include "buf.h"
#include "conf_private.h"
#include "file.h"
#include "text.h"

enum {
	CONF_FILE_MAX = 256 * 1024
};

struct loading {
	const struct conf_table *table;
	struct arena *arena;
	struct report *report;
	const char *path;
	const char **values; /* one a row, NULL: not given yet */
	bool *from_file;     /* one a row */
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

static const struct conf_row *find_row(
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

static void take_line(struct loading *loading, size_t number, char *line)
{
	const char *where;
	const struct conf_row *row;
	char *equals;
	size_t index;

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
	row = find_row(loading->table, trim(line));
	if (!row) {
		unknown_name(loading, where, trim(line));
		return;
	}
	index = (size_t)(row - loading->table->rows);
	if (loading->from_file[index]) {
		report_fault(
			loading->report, where, "%s is set twice", row->name);
		loading->bad = true;
		return;
	}
	loading->from_file[index] = true;
	loading->values[index] = unquote(trim(equals + 1));
	if (!conf_check(row, loading->values[index], where, loading->report))
		loading->bad = true;
}

static enum err take_file(struct loading *loading)
{
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
	return ERR_OK;
}

/* An empty variable counts as not set: a container cannot unset one. */
static void take_environment(struct loading *loading)
{
	for (size_t i = 0; i < loading->table->count; i++) {
		const struct conf_row *row = &loading->table->rows[i];
		const char *value = getenv(row->name);

		if (!value || *value == '\0')
			continue;
		loading->values[i] = arena_text(loading->arena, value);
		if (!conf_check(row, value, row->name, loading->report))
			loading->bad = true;
	}
}

enum err conf_load(const struct conf_table *table, struct arena *arena,
	const char *path, struct report *report, void *out)
{
	struct loading loading = {
		.table = table,
		.arena = arena,
		.report = report,
		.path = path,
		.values = arena_array(
			arena, table->count, sizeof(*loading.values)),
		.from_file = arena_array(
			arena, table->count, sizeof(*loading.from_file)),
	};

	if (path) {
		enum err err = take_file(&loading);

		if (err)
			return err;
	}
	take_environment(&loading);
	if (loading.bad)
		return ERR_BAD_INPUT;
	for (size_t i = 0; i < table->count; i++) {
		const struct conf_row *row = &table->rows[i];
		const char *value = loading.values[i];

		conf_store(row, value ? value : row->initial, out);
	}
	return ERR_OK;
}

static void describe_kind(const struct conf_row *row, struct buf *out)
{
	bool bounded = row->min != 0 || row->max != 0;

	switch (conf_kind_of(row)) {
	case CONF_TEXT:
		buf_text(out, "text");
		if (bounded)
			buf_format(out, ", %" PRId64 " to %" PRId64 " bytes",
				row->min, row->max);
		break;
	case CONF_INT:
		buf_text(out, "whole number");
		if (bounded)
			buf_format(out, ", %" PRId64 " to %" PRId64, row->min,
				row->max);
		if (row->unit)
			buf_format(out, " %s", row->unit);
		break;
	case CONF_BOOL:
		buf_text(out, "`true` or `false`");
		break;
	case CONF_CHOICE:
		buf_text(out, "one of");
		for (size_t i = 0; row->choices[i]; i++)
			buf_format(
				out, "%s `%s`", i ? "," : "", row->choices[i]);
		break;
	}
}

void conf_describe(const struct conf_table *table, struct buf *out)
{
	buf_text(out,
		"# Settings\n\n"
		"Printed by the program from the table it reads its settings\n"
		"with. A file holds lines `NAME=VALUE`; `#` starts a comment\n"
		"line. A variable of that name in the environment wins over\n"
		"the file. Unknown names are refused.\n");
	for (size_t i = 0; i < table->count; i++) {
		const struct conf_row *row = &table->rows[i];

		buf_format(out, "\n## %s\n\n%s\n\n- Value: ", row->name,
			row->help ? row->help : "");
		describe_kind(row, out);
		if (row->initial && row->initial[0] != '\0')
			buf_format(out, "\n- Default: `%s`\n", row->initial);
		else
			buf_text(out, "\n- Default: none\n");
	}
}
