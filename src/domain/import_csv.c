/*
 * Rows of a CSV file (RFC 4180, with comma, semicolon or tab), one at a
 * time. Must never keep more than one row.
 */
#include "import_private.h"

static enum err row_refuse(struct import_reader *reader, const char *why)
{
	report_detail(
		reader->report, "Line %lld %s.", (long long)reader->line, why);
	return ERR_BAD_INPUT;
}

/* Skips U+FEFF at the very beginning. */
static void skip_mark(struct import_input *input)
{
	static const unsigned char mark[] = {0xEF, 0xBB, 0xBF};

	for (size_t i = 0; i < sizeof(mark); i++) {
		if (import_peek(input) != mark[i])
			return;
		(void)import_byte(input);
	}
}

/* Nearly all of them: a line that is in the buffer, without quotes. */
static bool line_plain(struct import_reader *reader)
{
	size_t len;
	const char *line = import_line(reader->input, &len);

	if (!line || len + 1 >= IMPORT_ROW_BYTES || memchr(line, '"', len) ||
		memchr(line, '\0', len))
		return false;
	memcpy(reader->row, line, len);
	reader->row[len] = '\0';
	reader->row_len = len;
	reader->input->at += len + 1;
	return true;
}

/* A row ends at a line break outside quotes. Reads it into reader->row. */
static enum err line_read(struct import_reader *reader, bool *more)
{
	bool quoted = false;
	int byte;

	reader->row_len = 0;
	reader->line++;
	if (line_plain(reader)) {
		*more = true;
		return ERR_OK;
	}
	while ((byte = import_byte(reader->input)) != IMPORT_END) {
		if (byte == '\n' && !quoted)
			break;
		if (byte == '"')
			quoted = !quoted;
		if (byte == '\0')
			return row_refuse(reader, "is not text");
		if (reader->row_len + 1 >= IMPORT_ROW_BYTES)
			return row_refuse(reader, "is too long");
		reader->row[reader->row_len++] = (char)byte;
	}
	if (quoted)
		return row_refuse(reader, "has a quote that is not closed");
	reader->row[reader->row_len] = '\0';
	*more = byte != IMPORT_END || reader->row_len > 0;
	return ERR_OK;
}

static bool is_blank(const char *row)
{
	return row[strspn(row, " \t\r")] == '\0';
}

/* The first row has more tabs or semicolons than anything else can have. */
static char separator_of(const char *row)
{
	if (strchr(row, '\t'))
		return '\t';
	return strchr(row, ';') ? ';' : ',';
}

/* Blanks around a cell are not part of it. */
static char *trim(char *cell, char *end)
{
	while (*cell == ' ')
		cell++;
	while (end > cell && (end[-1] == ' ' || end[-1] == '\r'))
		end--;
	*end = '\0';
	return cell;
}

/* Takes the quotes off in place; returns what stands behind the cell. */
static char *quoted_cell(char *text, char **cell)
{
	char *from = text + 1;
	char *to = text + 1;

	*cell = to;
	while (*from && !(from[0] == '"' && from[1] != '"')) {
		if (*from == '"')
			from++;
		*to++ = *from++;
	}
	if (*from == '"')
		from++;
	*to = '\0';
	return from;
}

static void row_split(struct import_reader *reader, struct import_record *out)
{
	char *text = reader->row;

	out->count = 0;
	while (text && out->count < IMPORT_CELL_LIMIT) {
		char *cell = text;
		char *end;

		if (*text == '"') {
			end = strchr(
				quoted_cell(text, &cell), reader->separator);
		} else {
			end = strchr(text, reader->separator);
			cell = trim(text, end ? end : text + strlen(text));
		}
		out->cells[out->count++] = cell;
		text = end ? end + 1 : NULL;
	}
}

enum err import_csv_next(
	struct import_reader *reader, struct import_record *out, bool *more)
{
	enum err err;

	if (reader->line == 0)
		skip_mark(reader->input);
	do {
		err = line_read(reader, more);
		if (err != ERR_OK || !*more)
			return err;
	} while (is_blank(reader->row));
	if (!reader->separator)
		reader->separator = separator_of(reader->row);
	out->line = reader->line;
	row_split(reader, out);
	return ERR_OK;
}
