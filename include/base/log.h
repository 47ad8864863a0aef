/*
 * One structured line an event: JSON, one write() call, control bytes
 * escaped, fixed fields first ("ts", "level", "event"), what users sent
 * last. Values are typed; there is no format string for user text, and no
 * function takes a secret. The gate logs requests; main programs log
 * start-up and shutdown; nobody else logs.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

#include "arena.h"

enum log_level {
	LOG_DEBUG,
	LOG_INFO,
	LOG_WARN,
	LOG_ERROR
};

struct log {
	int fd;		      /* 2, or an opened file */
	enum log_level least; /* lines below it are dropped */
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

void log_line(const struct log *log, enum log_level level, const char *event,
	const struct log_field *fields);

#endif
