/*
 * One event, one line. The line is at most what a pipe takes in one piece,
 * so lines of several workers never mix; what does not fit is cut, and the
 * line says so and stays valid JSON. Allocates nothing, fails silently:
 * nobody is helped by a request that dies of its log.
 */
#include "log.h"

#include <errno.h>
#include <stdbool.h>

#include "clock.h"
#include "decimal.h"
#include "escape_private.h"
#include "log_private.h"
#include "text.h"

enum {
	LINE_MAX_BYTES = LOG_PIECE_BYTES,
	TEXT_MAX_BYTES = 1024, /* of one value, escaped */
	TAIL_BYTES = 24	       /* kept free for the end of the line */
};

struct line {
	char data[LINE_MAX_BYTES];
	size_t len;
	bool cut;
};

/* False, with nothing added, when there is no room. */
static bool add(struct line *line, const char *bytes, size_t len)
{
	if (len > LINE_MAX_BYTES - TAIL_BYTES - line->len)
		return false;
	memcpy(line->data + line->len, bytes, len);
	line->len += len;
	return true;
}

static bool add_quoted(struct line *line, const char *text)
{
	size_t len = strlen(text);
	size_t end = line->len + TEXT_MAX_BYTES;
	char escaped[ESCAPE_ROOM];
	size_t escaped_len;

	if (!add(line, "\"", 1))
		return false;
	while (len) {
		size_t step = escape_plain(text, len);
		const char *shown = text;

		if (step > end - line->len)
			step = end - line->len;
		if (step > 0)
			escaped_len = step;
		else {
			step = escape_step(text, len, escaped, &escaped_len);
			shown = escaped;
		}
		if (line->len + escaped_len > end) {
			line->cut = true;
			break;
		}
		if (!add(line, shown, escaped_len))
			return false;
		text += step;
		len -= step;
	}
	return add(line, "\"", 1);
}

static bool add_number(struct line *line, int64_t number)
{
	char text[48];
	size_t len = decimal_print(
		(struct decimal){.units = number}, text, sizeof(text));

	return add(line, text, len);
}

/* The whole field or, when it does not fit, nothing of it. */
static void add_field(struct line *line, struct log_field field)
{
	size_t before = line->len;
	bool good = add(line, line->len == 1 ? "" : ",", line->len != 1) &&
		    add_quoted(line, field.name) && add(line, ":", 1);

	if (good && field.text)
		good = add_quoted(line, field.text);
	else if (good)
		good = add_number(line, field.number);
	if (!good) {
		line->len = before;
		line->cut = true;
	}
}

static const char *level_name(enum log_level level)
{
	switch (level) {
	case LOG_DEBUG:
		return "debug";
	case LOG_INFO:
		return "info";
	case LOG_WARN:
		return "warn";
	case LOG_ERROR:
		return "error";
	}
	return "error";
}

enum log_level log_level_named(const char *name)
{
	enum log_level level = LOG_DEBUG;

	while (level < LOG_ERROR && !text_equal(level_name(level), name))
		level++;
	return level;
}

static void finish(struct line *line)
{
	static const char whole[] = "}\n";
	static const char cut[] = ",\"truncated\":true}\n";
	const char *tail = line->cut ? cut : whole;
	size_t len = strlen(tail);

	_Static_assert(sizeof(cut) <= TAIL_BYTES, "the tail always fits");
	memcpy(line->data + line->len, tail, len);
	line->len += len;
}

void log_line(const struct log *log, enum log_level level, const char *event,
	const struct log_field *fields)
{
	struct line line = {.data = "{", .len = 1};
	char ts[TIME_TEXT_ROOM];
	int saved = errno;

	if (level < log->least)
		return;
	time_format(clock_ms(), ts);
	add_field(&line, LOG_TEXT("ts", ts));
	add_field(&line, LOG_TEXT("level", level_name(level)));
	add_field(&line, LOG_TEXT("event", event));
	for (; fields && fields->name; fields++)
		add_field(&line, *fields);
	finish(&line);
	log_pass(log, level, line.data, line.len);
	errno = saved;
}
