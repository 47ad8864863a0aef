/*
 * Counted numbers, within what Redis' Lua holds exactly: as decimal text, and
 * as words of eight bytes, the least first.
 */
#ifndef STORE_NUMBER_H
#define STORE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	NUMBER_ROOM = 24,
	NUMBER_WORD = 8
};
/* the largest that a double and its neighbours hold exactly */
#define NUMBER_LIMIT (((int64_t)1 << 53) - 1)

/* Bytes that need no NUL behind them; false beyond the limit. */
bool number_parse(const void *bytes, size_t len, int64_t *out);
/* Returns its length; no NUL behind it. */
size_t number_format(int64_t number, char text[NUMBER_ROOM]);
/* count words from or into count * NUMBER_WORD bytes */
void number_pack(const int64_t *words, size_t count, void *room);
void number_unpack(const void *bytes, size_t count, int64_t *words);
/* False beyond the limit. */
bool number_add(int64_t number, int64_t delta, int64_t *out);

#endif
