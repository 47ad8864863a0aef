/*
 * A growing byte buffer in an arena, born with a maximum. Going past it sets
 * `overflow` and drops the rest: check it once at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

struct buf {
	struct arena *arena;
	char *data; /* always NUL-terminated, not counted in len */
	size_t len;
	size_t room;
	size_t max;
	bool overflow;
};

void buf_init(struct buf *buf, struct arena *arena, size_t max);
void buf_add(struct buf *buf, const void *bytes, size_t len);
void buf_text(struct buf *buf, const char *text);
void buf_char(struct buf *buf, char c);
/* For plain words and numbers; never for JSON, SQL, HTML or headers. */
void buf_format(struct buf *buf, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void buf_clear(struct buf *buf);

#endif
