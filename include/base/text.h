/*
 * Small text tools: encodings, strict decoders, UTF-8, ASCII.
 * Decoders refuse every non-canonical form.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"

bool text_equal(const char *a, const char *b);
bool text_starts(const char *text, const char *prefix);
/* Valid UTF-8 (RFC 3629): no overlong forms, surrogates or above 10FFFF. */
bool text_is_utf8(const char *text, size_t len);
/* Bytes of the valid character at the front (1 to 4), 0 when there is none. */
size_t text_utf8_step(const char *text, size_t len);
/* Characters (code points) of valid UTF-8. */
size_t text_characters(const char *text);
bool text_has_control(const char *text, size_t len);
/* Decimal digits with optional '-', the whole text, within int64_t; no
   leading zeros, no "-0". */
MUST_CHECK bool text_integer(const char *text, int64_t *out);
const char *text_lower(struct arena *arena, const char *text);

/* RFC 4648 section 5 without padding; unused bits must be zero. */
MUST_CHECK enum err text_base64url_decode(struct arena *arena, const char *text,
	size_t len, unsigned char **out, size_t *out_len);
const char *text_base64url(
	struct arena *arena, const unsigned char *bytes, size_t len);
const char *text_hex(
	struct arena *arena, const unsigned char *bytes, size_t len);
/* Exactly out_len bytes from 2*out_len hex digits in lower case. */
MUST_CHECK enum err text_hex_decode(
	const char *text, unsigned char *out, size_t out_len);
/* Percent decoding (RFC 3986); plus_is_space for form data. Refuses a NUL
   and what is not UTF-8 afterwards. */
MUST_CHECK enum err text_percent_decode(struct arena *arena, const char *text,
	size_t len, bool plus_is_space, const char **out);
/* The nearest of the names by edit distance, or NULL when none is near. */
const char *text_suggest(const char *text, const char *const *names);

#endif
