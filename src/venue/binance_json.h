/*
 * Members of an answer by kind. Each is false for what is absent, of another
 * kind, out of bounds or not plain ASCII, and leaves its output untouched.
 */
#ifndef VENUE_BINANCE_JSON_H
#define VENUE_BINANCE_JSON_H

#include "json.h"
#include "venue_private.h"

bool binance_decimal(const struct json *value, struct decimal *out);
/* A decimal that is not below zero. */
bool binance_amount(
	const struct json *object, const char *name, struct decimal *out);
bool binance_int(const struct json *object, const char *name, int64_t *out);
bool binance_bool(const struct json *object, const char *name, bool *out);
/* 1 to 64 printable characters; lives as long as the tree. */
bool binance_text(
	const struct json *object, const char *name, const char **out);
bool binance_is(const struct json *object, const char *name, const char *text);
/* A whole number as text: how ids are kept. */
bool binance_id(const struct json *object, const char *name, const char **out);
/* The place of the text in words[0..count). */
bool binance_word(const struct json *object, const char *name,
	const char *const *words, int count, int *out);

/* Room for the elements of an array; NULL when it is none, has more than most
   elements, or the arena has not enough left. */
void *binance_room(struct arena *arena, const struct json *array, size_t most,
	size_t size);

static inline struct venue_outcome binance_not_understood(void)
{
	return venue_outcome_of(VENUE_UNKNOWN, "answer",
		"The exchange's answer was not understood.");
}

#endif
