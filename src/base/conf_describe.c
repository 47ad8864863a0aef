/*
 * The settings' documentation, printed from the table they are read with
 * (docs/config.md). Never reads a value.
 */
#include "conf_private.h"

#include <inttypes.h>

#include "buf.h"

const char *conf_source_name(enum conf_source source)
{
	static const char *const names[] = {
		[CONF_FROM_DEFAULT] = "default",
		[CONF_FROM_DATABASE] = "database",
		[CONF_FROM_FILE] = "file",
		[CONF_FROM_ENVIRONMENT] = "environment",
		[CONF_FROM_SECRET_FILE] = "secret file",
		[CONF_FROM_CREDENTIAL] = "credential",
	};

	return names[source];
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

static void describe_row(
	const struct conf_row *row, const char *level, struct buf *out)
{
	buf_format(out, "\n%s %s\n\n%s\n\n- Value: ", level, row->name,
		row->help ? row->help : "");
	describe_kind(row, out);
	if (row->initial && row->initial[0] != '\0')
		buf_format(out, "\n- Default: `%s`\n", row->initial);
	else
		buf_text(out, "\n- Default: none\n");
	if (row->secret)
		buf_format(out,
			"- Secret: never shown; may stand in a file that "
			"`%s_FILE` names\n",
			row->name);
	if (row->live)
		buf_format(out, "- An admin may change it at run time%s\n",
			row->stays_on ? ", but not switch it off" : "");
}

void conf_describe(const struct conf_table *table, struct buf *out)
{
	const char *level = "##";

	buf_text(out,
		"# Settings\n\n"
		"Printed by the program from the table it reads its settings\n"
		"with. A file holds lines `NAME=VALUE`; `#` starts a comment\n"
		"line. A variable of that name in the environment wins over\n"
		"the file. Unknown names are refused.\n\n"
		"A secret `NAME` may stand in a file of its own, which only\n"
		"its owner may read: `NAME_FILE` is its path; one newline at\n"
		"its end is cut off. A systemd credential of that name\n"
		"(`LoadCredential=`) is read without being named. Giving a\n"
		"secret in two ways is refused.\n\n"
		"What an admin may change at run time is kept in the database\n"
		"and counts only where neither the file nor the environment\n"
		"sets it. `kontor config dump` shows each value in force and\n"
		"where it came from.\n");
	for (size_t i = 0; i < table->count; i++) {
		const struct conf_row *row = &table->rows[i];

		if (row->section) {
			buf_format(out, "\n## %s\n", row->section);
			level = "###";
		}
		describe_row(row, level, out);
	}
}
