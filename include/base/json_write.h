/*
 * JSON out. Cannot emit broken JSON: commas, quotes, escapes and nesting are
 * the writer's business, and a misuse (a value without its key, an object
 * left open) is an assertion. NaN and infinities are written as null.
 */
#ifndef BASE_JSON_WRITE_H
#define BASE_JSON_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "decimal.h"
#include "json.h"

enum {
	JSON_WRITE_DEPTH = 80 /* an expression made of text is up to 64 deep */
};

struct json_writer {
	struct buf *out;
	int depth;
	char state[JSON_WRITE_DEPTH]; /* private */
};

void json_write_init(struct json_writer *writer, struct buf *out);
/* True when exactly one whole value was written. */
bool json_write_done(const struct json_writer *writer);
void json_object(struct json_writer *writer);
void json_object_end(struct json_writer *writer);
void json_array(struct json_writer *writer);
void json_array_end(struct json_writer *writer);
void json_key(struct json_writer *writer, const char *name);
/* NULL is written as null. Invalid UTF-8 becomes U+FFFD. */
void json_put_text(struct json_writer *writer, const char *text);
void json_put_text_len(
	struct json_writer *writer, const char *text, size_t len);
/* A key and its value. */
void json_member_text(
	struct json_writer *writer, const char *name, const char *text);
void json_member_int(
	struct json_writer *writer, const char *name, int64_t value);
void json_put_int(struct json_writer *writer, int64_t value);
void json_put_bool(struct json_writer *writer, bool value);
void json_put_null(struct json_writer *writer);
/* Shortest text that reads back to the same double. */
void json_put_double(struct json_writer *writer, double value);
/* With at most 8 digits behind the point, none of them a zero at the end: for
   columns of figures, several times as fast. From 90 million on a double has
   no 8 digits there, and is written as above. */
void json_put_fixed(struct json_writer *writer, double value);
/* [x, y], y as above: a curve has thousands of them. */
void json_put_point(struct json_writer *writer, int64_t x, double y);
/* A decimal string: "186.31". */
void json_put_decimal(struct json_writer *writer, struct decimal value);
/* RFC 3339 UTC with milliseconds only when there are some. */
void json_put_time(struct json_writer *writer, int64_t ms);
/* Text that is JSON already (stored by us, or parsed before). */
void json_put_raw(struct json_writer *writer, const char *text, size_t len);
/* A parsed value, members in their order, numbers as they were written. */
void json_put_value(struct json_writer *writer, const struct json *value);

#endif
