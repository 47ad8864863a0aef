/*
 * One character of a text, as it stands inside a JSON string. Shared by the
 * writer and the log so that neither can forget a byte.
 */
#ifndef BASE_ESCAPE_PRIVATE_H
#define BASE_ESCAPE_PRIVATE_H

#include <stddef.h>

enum {
	ESCAPE_ROOM = 8
};

/*
 * Writes the first character of text (len > 0) to out, *out_len bytes without
 * a NUL; returns the bytes consumed. A byte that is not UTF-8 becomes U+FFFD.
 */
size_t escape_step(
	const char *text, size_t len, char out[ESCAPE_ROOM], size_t *out_len);

/* Bytes at the front that need no escape: printable ASCII but the quote and
   the backslash. Most texts are nothing else. */
size_t escape_plain(const char *text, size_t len);

#endif
