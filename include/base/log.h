/*
 * One structured line an event: JSON, control bytes escaped, fixed fields
 * first ("ts", "level", "event"), what users sent last. Values are typed;
 * there is no format string for user text, and no function takes a secret.
 * The gate logs requests; main programs log start-up and shutdown; nobody
 * else logs. A line is one write(), or waits with others in a buffer: what
 * is warn or worse never waits.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

#include "arena.h"
#include "err.h"

enum log_level {
	LOG_DEBUG,
	LOG_INFO,
	LOG_WARN,
	LOG_ERROR
};

struct log_file;
struct log_buffer;

struct log {
	int fd;		       /* 2, or another that stays; not with a file */
	enum log_level least;  /* lines below it are dropped */
	struct log_file *file; /* log_open; NULL: fd */
	struct log_buffer *buffer; /* log_buffer; NULL: lines never wait */
};

struct log_field {
	const char *name; /* NULL ends the list */
	const char *text; /* or NULL: number */
	int64_t number;
};

/* NULL is written as "". */
static inline struct log_field log_field_text(
	const char *name, const char *text)
{
	return (struct log_field){.name = name, .text = text ? text : ""};
}

#define LOG_TEXT(n, t) log_field_text((n), (t))
#define LOG_INT(n, i)                      \
	(struct log_field)                 \
	{                                  \
		.name = (n), .number = (i) \
	}
#define LOG_FIELDS(...)              \
	(const struct log_field[])   \
	{                            \
		__VA_ARGS__,         \
		{                    \
			.name = NULL \
		}                    \
	}

/* The level of that name, as it stands in lines; LOG_ERROR for any other. */
enum log_level log_level_named(const char *name);

/*
 * A log that appends to the file of that path, made with 0640 when it is not
 * there. Once the file was renamed or removed, lines go to a new one of that
 * path, within a second and without a signal; until then to the old one, so
 * that a rotation loses none. ERR_UNAVAILABLE: it does not open.
 */
MUST_CHECK enum err log_open(struct arena *arena, const char *path,
	enum log_level least, struct log *out);
/* Lets lines below warn wait for log_flush, a full buffer or a graver line. */
void log_buffer(struct arena *arena, struct log *log);
/* Writes what waits: before sleeping, and at the end. Cheap when there is
   nothing. */
void log_flush(const struct log *log);
/* Flushes, and closes what log_open opened. */
void log_close(struct log *log);

void log_line(const struct log *log, enum log_level level, const char *event,
	const struct log_field *fields);

#endif
