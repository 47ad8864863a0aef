/*
 * Growing bytes in an arena, up to a maximum. Going past it is remembered,
 * never reported here, and never writes a byte too many.
 */
#include "buf.h"

#include <assert.h>
#include <stdarg.h>

enum {
	BUF_FIRST_ROOM = 256
};

void buf_init(struct buf *buf, struct arena *arena, size_t max)
{
	size_t room = max < BUF_FIRST_ROOM ? max : BUF_FIRST_ROOM;

	*buf = (struct buf){
		.arena = arena,
		.data = arena_alloc(arena, room + 1),
		.room = room,
		.max = max,
	};
}

/* Grows to hold at least `need` bytes; need is at most max. */
static void buf_grow(struct buf *buf, size_t need)
{
	size_t room = buf->room;
	char *data;

	while (room < need)
		room = room > buf->max / 2 ? buf->max : room * 2;
	data = arena_column(buf->arena, room + 1, 1);
	memcpy(data, buf->data, buf->len + 1);
	buf->data = data;
	buf->room = room;
}

void buf_add(struct buf *buf, const void *bytes, size_t len)
{
	if (buf->overflow || !len)
		return;
	if (len > buf->max - buf->len) {
		buf->overflow = true;
		len = buf->max - buf->len;
		if (!len)
			return;
	}
	if (len > buf->room - buf->len)
		buf_grow(buf, buf->len + len);
	memcpy(buf->data + buf->len, bytes, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_char(struct buf *buf, char c)
{
	buf_add(buf, &c, 1);
}

void buf_format(struct buf *buf, const char *format, ...)
{
	char small[256];
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vsnprintf(small, sizeof(small), format, args);
	va_end(args);
	assert(len >= 0);
	if ((size_t)len < sizeof(small)) {
		buf_add(buf, small, (size_t)len);
		return;
	}
	text = arena_alloc(buf->arena, (size_t)len + 1);
	va_start(args, format);
	vsnprintf(text, (size_t)len + 1, format, args);
	va_end(args);
	buf_add(buf, text, (size_t)len);
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->data[0] = '\0';
	buf->overflow = false;
}
