/*
 * Strict JSON in (RFC 8259): depth at most 32, valid UTF-8, no duplicate
 * members, no NaN, Infinity, single quotes, raw control characters, "\u0000",
 * lone surrogates or bytes behind the end. Our own scan refuses these first;
 * json-c then parses, and the tree is copied into the arena.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "report.h"

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_TEXT,
	JSON_ARRAY,
	JSON_OBJECT
};

enum {
	JSON_DEPTH_LIMIT = 32,
	JSON_VALUE_LIMIT = 50000 /* in one document, of all kinds */
};

/* Read-only; fields are for reading with the functions below. */
struct json {
	enum json_kind kind;
	bool truth;		  /* JSON_BOOL */
	const char *name;	  /* as a member of an object, else NULL */
	const char *text;	  /* JSON_TEXT; JSON_NUMBER: as written */
	size_t len;		  /* of text, in bytes */
	size_t count;		  /* of children */
	const struct json *first; /* child */
	const struct json *next;  /* sibling */
};

/*
 * Parses one whole document. ERR_BAD_INPUT with a fault at pointer "" that
 * says what and at which byte. Refused too: integers beyond 64 bits, numbers
 * over 128 characters, more than JSON_VALUE_LIMIT values, and a document that
 * would take more than half of what the arena has left, json-c's own memory
 * included (so that no body can end a worker).
 */
MUST_CHECK enum err json_parse(struct arena *arena, const char *text,
	size_t len, struct report *report, const struct json **out);
/* The same without JSON_VALUE_LIMIT: for what this program wrote itself. */
MUST_CHECK enum err json_parse_own(struct arena *arena, const char *text,
	size_t len, struct report *report, const struct json **out);
/* The member of that name, NULL if absent or not an object. */
const struct json *json_member(const struct json *object, const char *name);
/* True and *out set when the value is an integer within int64_t. */
MUST_CHECK bool json_integer(const struct json *value, int64_t *out);
/* True and *out set when the value is a finite number. */
MUST_CHECK bool json_double(const struct json *value, double *out);
bool json_is_text(const struct json *value, const char *text);

#endif
