/*
 * The JSON writer. A byte of state per nesting level knows what may come
 * next; anything else is a fault of the program, never of its input, and
 * ends in an assertion. Whether it all fitted is the buffer's to say.
 */
#include "json_write.h"

#include <assert.h>
#include <math.h>

#include "clock.h"
#include "escape_private.h"

/* What a level waits for. */
enum {
	ROOT_VALUE = 'r',  /* the document's one value */
	ROOT_DONE = 'd',   /* nothing more */
	FIRST_KEY = '{',   /* a key or the end of the object */
	NEXT_KEY = '}',	   /* a comma and a key, or the end */
	KEY_VALUE = ':',   /* the value of a key */
	FIRST_VALUE = '[', /* a value or the end of the array */
	NEXT_VALUE = ']'   /* a comma and a value, or the end */
};

enum {
	JSON_FIXED_DIGITS = 8
};

void json_write_init(struct json_writer *writer, struct buf *out)
{
	*writer = (struct json_writer){.out = out};
	writer->state[0] = ROOT_VALUE;
}

bool json_write_done(const struct json_writer *writer)
{
	return writer->depth == 0 && writer->state[0] == ROOT_DONE;
}

/* Called before each value: writes the comma, moves the level on. */
static void before_value(struct json_writer *writer)
{
	char *state = &writer->state[writer->depth];

	assert(*state == ROOT_VALUE || *state == KEY_VALUE ||
		*state == FIRST_VALUE || *state == NEXT_VALUE);
	if (*state == NEXT_VALUE)
		buf_char(writer->out, ',');
	if (*state == ROOT_VALUE)
		*state = ROOT_DONE;
	else if (*state == KEY_VALUE)
		*state = NEXT_KEY;
	else
		*state = NEXT_VALUE;
}

static void open_level(struct json_writer *writer, char bracket, char state)
{
	before_value(writer);
	assert(writer->depth + 1 < JSON_WRITE_DEPTH);
	writer->state[++writer->depth] = state;
	buf_char(writer->out, bracket);
}

static void close_level(
	struct json_writer *writer, char bracket, char first, char next)
{
	char state = writer->state[writer->depth];

	assert(state == first || state == next);
	writer->depth--;
	buf_char(writer->out, bracket);
}

void json_object(struct json_writer *writer)
{
	open_level(writer, '{', FIRST_KEY);
}

void json_object_end(struct json_writer *writer)
{
	close_level(writer, '}', FIRST_KEY, NEXT_KEY);
}

void json_array(struct json_writer *writer)
{
	open_level(writer, '[', FIRST_VALUE);
}

void json_array_end(struct json_writer *writer)
{
	close_level(writer, ']', FIRST_VALUE, NEXT_VALUE);
}

static void put_quoted(struct buf *out, const char *text, size_t len)
{
	char escaped[ESCAPE_ROOM];
	size_t escaped_len;

	buf_char(out, '"');
	while (len && !out->overflow) {
		size_t plain = 0;
		size_t step;

		/* Most of it needs no escape: one copy for the run. */
		while (plain < len && (unsigned char)text[plain] >= 0x20 &&
			(unsigned char)text[plain] < 0x7f &&
			text[plain] != '"' && text[plain] != '\\')
			plain++;
		buf_add(out, text, plain);
		text += plain;
		len -= plain;
		if (!len)
			break;
		step = escape_step(text, len, escaped, &escaped_len);
		buf_add(out, escaped, escaped_len);
		text += step;
		len -= step;
	}
	buf_char(out, '"');
}

void json_key(struct json_writer *writer, const char *name)
{
	char *state = &writer->state[writer->depth];

	assert(*state == FIRST_KEY || *state == NEXT_KEY);
	if (*state == NEXT_KEY)
		buf_char(writer->out, ',');
	*state = KEY_VALUE;
	put_quoted(writer->out, name, strlen(name));
	buf_char(writer->out, ':');
}

void json_put_text_len(struct json_writer *writer, const char *text, size_t len)
{
	if (!text) {
		json_put_null(writer);
		return;
	}
	before_value(writer);
	put_quoted(writer->out, text, len);
}

void json_put_text(struct json_writer *writer, const char *text)
{
	json_put_text_len(writer, text, text ? strlen(text) : 0);
}

/* Text that needs neither quotes nor escapes. */
static void put_word(struct json_writer *writer, const char *word)
{
	before_value(writer);
	buf_text(writer->out, word);
}

void json_put_int(struct json_writer *writer, int64_t value)
{
	char text[48];

	before_value(writer);
	buf_add(writer->out, text,
		decimal_print(
			(struct decimal){.units = value}, text, sizeof(text)));
}

void json_member_text(
	struct json_writer *writer, const char *name, const char *text)
{
	json_key(writer, name);
	json_put_text(writer, text);
}

void json_member_int(
	struct json_writer *writer, const char *name, int64_t value)
{
	json_key(writer, name);
	json_put_int(writer, value);
}

void json_put_bool(struct json_writer *writer, bool value)
{
	put_word(writer, value ? "true" : "false");
}

void json_put_null(struct json_writer *writer)
{
	put_word(writer, "null");
}

void json_put_double(struct json_writer *writer, double value)
{
	static const char *const formats[] = {"%.15g", "%.16g", "%.17g"};
	char text[40] = "null";

	/* 17 digits always read back the same, 15 do for what people type. */
	for (size_t i = 0; isfinite(value) && i < 3; i++) {
		strfromd(text, sizeof(text), formats[i], value);
		if (strtod(text, NULL) == value)
			break;
	}
	put_word(writer, text);
}

/* False when it is none that has so many digits. */
static bool fixed_of(double value, struct decimal *out)
{
	static const double scale = 1e8, exact = 0x1p53;
	const double scaled = value * scale;

	/* NaN is not below it either */
	if (!(fabs(scaled) < exact))
		return false;
	*out = decimal_trim(
		(struct decimal){llround(scaled), JSON_FIXED_DIGITS});
	return true;
}

void json_put_fixed(struct json_writer *writer, double value)
{
	struct decimal fixed;
	char text[48];

	if (!fixed_of(value, &fixed)) {
		json_put_double(writer, value);
		return;
	}
	before_value(writer);
	buf_add(writer->out, text, decimal_print(fixed, text, sizeof(text)));
}

void json_put_point(struct json_writer *writer, int64_t x, double y)
{
	struct decimal fixed;
	char text[100], *at = text;

	if (!fixed_of(y, &fixed)) {
		json_array(writer);
		json_put_int(writer, x);
		json_put_double(writer, y);
		json_array_end(writer);
		return;
	}
	*at++ = '[';
	at += decimal_print((struct decimal){.units = x}, at, 48);
	*at++ = ',';
	at += decimal_print(fixed, at, 48);
	*at++ = ']';
	json_put_raw(writer, text, (size_t)(at - text));
}

void json_put_decimal(struct json_writer *writer, struct decimal value)
{
	char text[48];

	json_put_text_len(
		writer, text, decimal_print(value, text, sizeof(text)));
}

void json_put_time(struct json_writer *writer, int64_t ms)
{
	char text[TIME_TEXT_ROOM];

	time_format(ms, text);
	json_put_text(writer, text);
}

void json_put_raw(struct json_writer *writer, const char *text, size_t len)
{
	assert(len);
	before_value(writer);
	buf_add(writer->out, text, len);
}

static void put_children(
	struct json_writer *writer, const struct json *value, bool keys)
{
	for (const struct json *child = value->first; child;
		child = child->next) {
		if (keys)
			json_key(writer, child->name);
		json_put_value(writer, child);
	}
}

void json_put_value(struct json_writer *writer, const struct json *value)
{
	switch (value->kind) {
	case JSON_NULL:
		json_put_null(writer);
		break;
	case JSON_BOOL:
		json_put_bool(writer, value->truth);
		break;
	case JSON_NUMBER:
		json_put_raw(writer, value->text, value->len);
		break;
	case JSON_TEXT:
		json_put_text_len(writer, value->text, value->len);
		break;
	case JSON_ARRAY:
		json_array(writer);
		put_children(writer, value, false);
		json_array_end(writer);
		break;
	case JSON_OBJECT:
		json_object(writer);
		put_children(writer, value, true);
		json_object_end(writer);
		break;
	}
}
