/*
 * From a list in JSON to CSV. Must never be given JSON that is not ours: what
 * a client sent may only stand in it as a text.
 */
#include "csv.h"

#include <stdlib.h>

#include "json.h"
#include "json_write.h"
#include "text.h"

enum {
	COLUMNS_LIMIT = 256,
	NAME_ROOM = 256
};

static const char type[] = "text/csv; charset=utf-8; header=present";

/* ---- who wants it -------------------------------------------------------- */

/* The quality of one entry of Accept, in thousandths: 1000 when it has none
   (RFC 9110, section 12.4.2). */
static int quality_of(const char *entry, size_t len)
{
	const char *end = entry + len;

	for (const char *at = entry; at < end; at++) {
		if (*at != ';')
			continue;
		do
			at++;
		while (at < end && (*at == ' ' || *at == '\t'));
		if (end - at >= 3 && (*at == 'q' || *at == 'Q') && at[1] == '=')
			return (int)(1000 * strtod(at + 2, NULL));
	}
	return 1000;
}

static bool entry_is(const char *entry, size_t len, const char *name)
{
	const size_t type_len = strcspn(entry, ";, \t");

	return type_len <= len && type_len == strlen(name) &&
	       memcmp(entry, name, type_len) == 0;
}

bool csv_wanted(const char *accept)
{
	int csv = 0, json = 0;

	while (accept && *accept) {
		const size_t blank = strspn(accept, ", \t");
		const size_t len = strcspn(accept + blank, ",");
		const char *entry = accept + blank;
		const int quality = quality_of(entry, len);

		if (entry_is(entry, len, "text/csv"))
			csv = quality;
		else if (entry_is(entry, len, "application/json"))
			json = quality;
		accept = entry + len;
	}
	return csv > 0 && csv >= json;
}

/* ---- columns ------------------------------------------------------------- */

struct table {
	struct arena *arena;
	const char *names[COLUMNS_LIMIT];
	const struct json *cells[COLUMNS_LIMIT]; /* of the row at hand */
	size_t count;
	size_t next; /* where the next member is likely to stand */
	bool overflow;
};

static size_t column_of(struct table *table, const char *name)
{
	if (table->next < table->count &&
		strcmp(table->names[table->next], name) == 0)
		return table->next++;
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->names[i], name) == 0) {
			table->next = i + 1;
			return i;
		}
	if (table->count == COLUMNS_LIMIT) {
		table->overflow = true;
		return 0;
	}
	table->names[table->count] = arena_text(table->arena, name);
	table->next = table->count + 1;
	return table->count++;
}

/* prefix: of the names, with room for longer ones behind its first len. */
static bool name_fits(
	struct table *table, char *prefix, size_t len, const char *name)
{
	const size_t more = strlen(name);

	if (len + more + 2 > NAME_ROOM) {
		table->overflow = true;
		return false;
	}
	memcpy(prefix + len, name, more + 1);
	return true;
}

static void row_take(struct table *table, const struct json *row, char *prefix)
{
	const size_t len = strlen(prefix);

	for (const struct json *at = row->first; at; at = at->next) {
		if (!name_fits(table, prefix, len, at->name))
			return;
		if (at->kind == JSON_OBJECT) {
			memcpy(prefix + len + strlen(at->name), ".", 2);
			row_take(table, at, prefix);
		} else if (at->kind != JSON_NULL) {
			table->cells[column_of(table, prefix)] = at;
		} else {
			(void)column_of(table, prefix);
		}
		prefix[len] = '\0';
	}
}

static void row_read(struct table *table, const struct json *row)
{
	char prefix[NAME_ROOM] = "";

	memset(table->cells, 0, sizeof(table->cells));
	table->next = 0;
	row_take(table, row, prefix);
}

/* A list without rows has its columns all the same: by the shape. */
static void shape_take(
	struct table *table, const struct shape *shape, char *prefix)
{
	const size_t len = strlen(prefix);

	for (size_t i = 0; shape && i < shape->count; i++) {
		const struct field *field = &shape->fields[i];

		if (!name_fits(table, prefix, len, field->name))
			return;
		if (field->kind == SHAPE_OBJECT) {
			memcpy(prefix + len + strlen(field->name), ".", 2);
			shape_take(table, field->shape, prefix);
		} else {
			(void)column_of(table, prefix);
		}
		prefix[len] = '\0';
	}
}

static const struct shape *shape_of_rows(const struct shape *list)
{
	for (size_t i = 0; list && i < list->count; i++)
		if (strcmp(list->fields[i].name, "data") == 0)
			return list->fields[i].shape;
	return NULL;
}

/* A thing that some rows have and others have as null is no column itself. */
static bool is_parent(const struct table *table, size_t column)
{
	const size_t len = strlen(table->names[column]);

	for (size_t i = 0; i < table->count; i++)
		if (strncmp(table->names[i], table->names[column], len) == 0 &&
			table->names[i][len] == '.')
			return true;
	return false;
}

/* ---- lines --------------------------------------------------------------- */

static void put_cell(struct buf *out, const char *text, size_t len)
{
	const bool plain = strcspn(text, ",\"\r\n") >= len;

	if (plain) {
		buf_add(out, text, len);
		return;
	}
	buf_char(out, '"');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			buf_char(out, '"');
		buf_char(out, text[i]);
	}
	buf_char(out, '"');
}

static void put_value(struct buf *out, const struct json *value)
{
	struct json_writer writer;
	struct buf text;

	if (!value)
		return;
	if (value->kind == JSON_TEXT || value->kind == JSON_NUMBER) {
		put_cell(out, value->text, value->len);
		return;
	}
	buf_init(&text, out->arena, out->max);
	json_write_init(&writer, &text);
	json_put_value(&writer, value);
	put_cell(out, text.data, text.len);
}

static void put_line(struct buf *out, const struct table *table,
	const bool *skipped, bool header)
{
	bool first = true;

	for (size_t i = 0; i < table->count; i++) {
		if (skipped[i])
			continue;
		if (!first)
			buf_char(out, ',');
		first = false;
		if (header)
			put_cell(out, table->names[i], strlen(table->names[i]));
		else
			put_value(out, table->cells[i]);
	}
	buf_add(out, "\r\n", 2);
}

static void put_table(struct buf *out, struct table *table,
	const struct json *data, const struct shape *rows)
{
	bool skipped[COLUMNS_LIMIT];
	char prefix[NAME_ROOM] = "";

	if (!data->first)
		shape_take(table, rows, prefix);
	for (const struct json *row = data->first; row; row = row->next)
		row_read(table, row);
	for (size_t i = 0; i < table->count; i++)
		skipped[i] = is_parent(table, i);
	put_line(out, table, skipped, true);
	for (const struct json *row = data->first; row; row = row->next) {
		row_read(table, row);
		put_line(out, table, skipped, false);
	}
}

enum err csv_convert(struct reply *reply, const struct shape *list)
{
	struct table *table = arena_alloc(reply->arena, sizeof(*table));
	const struct json *body = NULL, *data, *next;
	struct buf out;
	enum err err = json_parse_own(reply->arena, reply->body.data,
		reply->body.len, report_open(reply->arena), &body);

	data = err == ERR_OK ? json_member(body, "data") : NULL;
	if (!data || data->kind != JSON_ARRAY)
		return ERR_INTERNAL;
	table->arena = reply->arena;
	buf_init(&out, reply->arena, REPLY_BODY_LIMIT);
	put_table(&out, table, data, shape_of_rows(list));
	if (out.overflow || table->overflow)
		return ERR_INTERNAL;
	next = json_member(body, "next_cursor");
	if (next && next->kind == JSON_TEXT)
		reply->headers[REPLY_NEXT_CURSOR] = next->text;
	reply->headers[REPLY_CONTENT_TYPE] = type;
	reply->body = out;
	return ERR_OK;
}
