/*
 * Rows of a JSON list, whose elements are lists or objects of plain values.
 * Each element is cut out of the stream and read by the strict parser, in an
 * arena of its own: the whole document is never in memory.
 */
#include "import_private.h"

#include "json.h"
#include "text.h"

static enum err file_refuse(struct import_reader *reader, const char *why)
{
	report_detail(reader->report, "Element %lld: %s.",
		(long long)reader->line, why);
	return ERR_BAD_INPUT;
}

static int skip_blanks(struct import_input *input)
{
	int byte = import_peek(input);

	while (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') {
		(void)import_byte(input);
		byte = import_peek(input);
	}
	return byte;
}

/* Stands on the next element, or says that the list has ended well. */
static enum err element_find(struct import_reader *reader, bool *more)
{
	struct import_input *input = reader->input;
	int byte = skip_blanks(input);

	if (byte != ']' && reader->started) {
		if (byte != ',')
			return file_refuse(
				reader, "a comma or ] should follow");
		(void)import_byte(input);
		byte = skip_blanks(input);
	} else if (byte == ']') {
		(void)import_byte(input);
		*more = false;
		return skip_blanks(input) == IMPORT_END
			       ? ERR_OK
			       : file_refuse(reader,
					 "text follows behind the list");
	}
	reader->started = true;
	reader->line++;
	*more = true;
	return byte == '[' || byte == '{'
		       ? ERR_OK
		       : file_refuse(reader, "must be a list or an object");
}

struct nesting {
	int depth;
	bool in_text, escaped;
};

static void nesting_step(struct nesting *nesting, int byte)
{
	if (nesting->in_text) {
		bool escaped = nesting->escaped;

		nesting->escaped = byte == '\\' && !escaped;
		if (byte == '"' && !escaped)
			nesting->in_text = false;
	} else if (byte == '"') {
		nesting->in_text = true;
	} else if (byte == '[' || byte == '{') {
		nesting->depth++;
	} else if (byte == ']' || byte == '}') {
		nesting->depth--;
	}
}

static enum err element_cut(struct import_reader *reader)
{
	struct nesting nesting = {0};

	reader->row_len = 0;
	do {
		int byte = import_byte(reader->input);

		if (byte == IMPORT_END)
			return file_refuse(reader, "the file ends inside");
		if (reader->row_len + 1 >= IMPORT_ROW_BYTES)
			return file_refuse(reader, "is too long");
		reader->row[reader->row_len++] = (char)byte;
		nesting_step(&nesting, byte);
	} while (nesting.depth > 0);
	return ERR_OK;
}

static const char *cell_of(const struct json *value)
{
	if (value && (value->kind == JSON_NUMBER || value->kind == JSON_TEXT))
		return value->text;
	return "";
}

static void names_learn(struct import_reader *reader, const struct json *object)
{
	for (const struct json *member = object->first;
		member && reader->name_count < IMPORT_CELL_LIMIT;
		member = member->next)
		reader->names[reader->name_count++] =
			arena_text(reader->arena, member->name);
}

static void names_tell(struct import_reader *reader, struct import_record *out)
{
	out->count = reader->name_count;
	for (size_t i = 0; i < reader->name_count; i++)
		out->cells[i] = reader->names[i];
	reader->names_told = true;
	reader->has_kept = true;
}

static void object_cells(const struct import_reader *reader,
	const struct json *object, struct import_record *out)
{
	out->count = reader->name_count;
	for (size_t i = 0; i < reader->name_count; i++)
		out->cells[i] = cell_of(json_member(object, reader->names[i]));
}

static void list_cells(const struct json *list, struct import_record *out)
{
	out->count = 0;
	for (const struct json *value = list->first;
		value && out->count < IMPORT_CELL_LIMIT; value = value->next)
		out->cells[out->count++] = cell_of(value);
}

static enum err element_parse(
	struct import_reader *reader, const struct json **out)
{
	arena_reset(reader->row_arena);
	if (json_parse(reader->row_arena, reader->row, reader->row_len,
		    report_open(reader->row_arena), out) != ERR_OK)
		return file_refuse(reader, "is not valid JSON");
	return ERR_OK;
}

/* Reads the next element into reader->row, unless it is there already. */
static enum err element_next(struct import_reader *reader, bool *more)
{
	enum err err;

	if (reader->has_kept) {
		reader->has_kept = false;
		*more = true;
		return ERR_OK;
	}
	err = element_find(reader, more);
	if (err == ERR_OK && *more)
		err = element_cut(reader);
	return err;
}

enum err import_json_next(
	struct import_reader *reader, struct import_record *out, bool *more)
{
	const struct json *element;
	enum err err;

	if (!reader->started && reader->line == 0) {
		(void)skip_blanks(reader->input);
		(void)import_byte(reader->input); /* the '[' that was seen */
	}
	err = element_next(reader, more);
	if (err != ERR_OK || !*more)
		return err;
	err = element_parse(reader, &element);
	if (err != ERR_OK)
		return err;
	out->line = reader->line;
	if (element->kind == JSON_ARRAY) {
		list_cells(element, out);
		return ERR_OK;
	}
	if (!reader->names_told) {
		names_learn(reader, element);
		names_tell(reader, out);
		return ERR_OK;
	}
	object_cells(reader, element, out);
	return ERR_OK;
}
