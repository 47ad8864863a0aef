/*
 * kontor audit: is the record whole, handing it on as JSON lines, and its
 * head, to be kept elsewhere. Exit status of verify: 0 sound, 1 it could not
 * be found out, 3 broken. Never writes to the log, never shows a key.
 */
#include "audit.h"

#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "clock.h"
#include "command.h"
#include "file.h"
#include "json.h"
#include "json_write.h"
#include "text.h"

enum {
	ANCHOR_LIMIT = 16 << 20, /* bytes; a line has about 120 */
	LINE_LIMIT = 1 << 20,	 /* bytes of one row, escaped */
	BATCH_MEMORY = 64 << 20,
	MAC_DIGITS = 64,
	STATUS_BROKEN = 3
};

static const char usage[] = "audit head | verify [--anchor FILE] | "
			    "export [--since TIME] [--out FILE]";

static enum err open_audit(
	struct command_context *context, struct db **db, struct audit **out)
{
	struct audit_options options = {
		.key_folder =
			config_key_folder(context->config, context->arena)};
	enum err err = command_database(context, db);

	if (err != ERR_OK)
		return err;
	options.db = *db;
	err = audit_open(context->arena, &options, context->report, out);
	if (err != ERR_OK)
		db_close(db);
	return err;
}

/* ---- head -------------------------------------------------------------- */

static enum err print_head(struct command_context *context, struct audit *audit)
{
	struct json_writer json;
	struct audit_head head;
	struct buf line;
	enum err err = audit_head(audit, context->arena, &head);

	if (err != ERR_OK)
		return err;
	buf_init(&line, context->arena, LINE_LIMIT);
	json_write_init(&json, &line);
	json_object(&json);
	json_key(&json, "rows");
	json_put_int(&json, head.rows);
	json_key(&json, "mac");
	json_put_text(&json, head.mac);
	json_key(&json, "key_id");
	json_put_text(&json, head.key_id);
	json_object_end(&json);
	buf_char(&line, '\n');
	if (fwrite(line.data, 1, line.len, stdout) != line.len ||
		fflush(stdout) != 0)
		return ERR_UNAVAILABLE;
	return ERR_OK;
}

/* ---- verify ------------------------------------------------------------ */

static enum err bad_anchor(struct report *report)
{
	report_detail(report,
		"the anchor file is not made of lines of `kontor audit head`");
	return ERR_BAD_INPUT;
}

static enum err anchor_parse(struct command_context *context, const char *text,
	size_t len, struct audit_head *out)
{
	unsigned char mac[MAC_DIGITS / 2];
	const struct json *json;
	const struct json *hex;
	enum err err = json_parse(
		context->arena, text, len, report_open(context->arena), &json);

	if (err != ERR_OK)
		return bad_anchor(context->report);
	hex = json_member(json, "mac");
	if (!json_integer(json_member(json, "rows"), &out->rows) ||
		out->rows < 0 || !hex || hex->kind != JSON_TEXT ||
		hex->len != MAC_DIGITS ||
		text_hex_decode(hex->text, mac, sizeof(mac)) != ERR_OK)
		return bad_anchor(context->report);
	out->mac = hex->text;
	return ERR_OK;
}

/* Each line is a head; one at least. */
static enum err anchors_check(struct command_context *context,
	struct audit *audit, const char *path, struct audit_finding *finding)
{
	struct audit_head head = {.rows = -1};
	char *text;
	size_t len;
	enum err err =
		file_read(context->arena, path, ANCHOR_LIMIT, &text, &len);

	if (err != ERR_OK) {
		report_detail(
			context->report, "the anchor file cannot be read");
		return err;
	}
	while (err == ERR_OK && *text && finding->sound) {
		len = strcspn(text, "\n");
		if (len > 0)
			err = anchor_parse(context, text, len, &head);
		if (err == ERR_OK && len > 0)
			err = audit_anchor_check(
				audit, context->arena, &head, finding);
		text += len + (text[len] == '\n');
	}
	if (err == ERR_OK && head.rows < 0)
		err = bad_anchor(context->report);
	return err;
}

static enum err verify(struct command_context *context, struct audit *audit,
	const char *anchor, int *status)
{
	struct audit_finding finding;
	enum err err = audit_verify(audit, context->arena, NULL, &finding);

	if (err == ERR_OK && finding.sound && anchor)
		err = anchors_check(context, audit, anchor, &finding);
	if (err != ERR_OK)
		return err;
	if (finding.sound) {
		printf("sound: %" PRId64 " rows\n", finding.rows);
		return ERR_OK;
	}
	printf("BROKEN at row %" PRId64 ": %s\n", finding.broken_at,
		finding.what);
	*status = STATUS_BROKEN;
	return ERR_OK;
}

/* ---- export ------------------------------------------------------------ */

static void row_print(const struct audit_row *row, struct buf *line)
{
	struct json_writer json;

	json_write_init(&json, line);
	json_object(&json);
	json_key(&json, "seq");
	json_put_int(&json, row->seq);
	json_key(&json, "at");
	json_put_time(&json, row->at);
	for (int i = 0; i < AUDIT_TEXT_COUNT; i++) {
		json_key(&json, audit_text_name((enum audit_text)i));
		json_put_text(&json, row->texts[i]);
	}
	json_key(&json, "mac");
	json_put_text(&json, row->mac);
	json_object_end(&json);
	buf_char(line, '\n');
}

static enum err rows_print(struct arena *arena, const struct audit_rows *rows,
	int64_t since, FILE *out)
{
	struct buf line;

	buf_init(&line, arena, LINE_LIMIT);
	for (size_t i = 0; i < rows->count; i++) {
		if (rows->items[i].at < since)
			continue;
		buf_clear(&line);
		row_print(&rows->items[i], &line);
		if (line.overflow)
			return ERR_TOO_LARGE;
		if (fwrite(line.data, 1, line.len, out) != line.len)
			return ERR_UNAVAILABLE;
	}
	return ERR_OK;
}

static enum err print_rows(struct audit *audit, int64_t since, FILE *out)
{
	struct arena *arena = arena_open(BATCH_MEMORY);
	struct audit_rows rows = {.count = 1};
	int64_t after = 0;
	enum err err = ERR_OK;

	while (err == ERR_OK && rows.count > 0) {
		arena_reset(arena);
		err = audit_read(audit, arena, after, &rows);
		if (err == ERR_OK)
			err = rows_print(arena, &rows, since, out);
		if (err == ERR_OK && rows.count > 0)
			after = rows.items[rows.count - 1].seq;
	}
	arena_close(&arena);
	if (err == ERR_OK && fflush(out) != 0)
		err = ERR_UNAVAILABLE;
	return err;
}

/* A file that is there already is left alone. */
static FILE *out_open(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 ? NULL : fdopen(fd, "w");
}

static enum err rows_export(struct command_context *context,
	struct audit *audit, const char *since, const char *path)
{
	FILE *out = stdout;
	int64_t from = INT64_MIN;
	enum err err;

	if (since && time_parse(since, &from) != ERR_OK) {
		report_detail(context->report,
			"--since takes 2026-11-21 or 2026-11-21T07:30:00Z");
		return ERR_BAD_INPUT;
	}
	if (path)
		out = out_open(path);
	if (!out) {
		report_detail(context->report,
			"the file is there already, or cannot be made");
		return ERR_CONFLICT;
	}
	err = print_rows(audit, from, out);
	if (path && fclose(out) != 0)
		err = ERR_UNAVAILABLE;
	return err;
}

int cmd_audit(struct command_context *context, int argc, char **argv)
{
	const char *anchor = NULL;
	const char *since = NULL;
	const char *path = NULL;
	const char *word = "";
	const struct option_spec options[] = {{"--anchor", &anchor, NULL},
		{"--since", &since, NULL}, {"--out", &path, NULL},
		{.name = NULL}};
	struct words words = {.at = &word, .room = 1};
	struct audit *audit = NULL;
	struct db *db = NULL;
	int status = 0;
	enum err err;

	if (!command_parse(argc, argv, options, &words) || words.count != 1 ||
		(anchor && !text_equal(word, "verify")) ||
		((since || path) && !text_equal(word, "export")))
		return command_usage(usage);
	err = open_audit(context, &db, &audit);
	if (err != ERR_OK)
		return command_fail(context, "audit", err);
	if (text_equal(word, "head"))
		err = print_head(context, audit);
	else if (text_equal(word, "verify"))
		err = verify(context, audit, anchor, &status);
	else if (text_equal(word, "export"))
		err = rows_export(context, audit, since, path);
	else
		status = command_usage(usage);
	audit_close(&audit);
	db_close(&db);
	return err == ERR_OK ? status : command_fail(context, "audit", err);
}
