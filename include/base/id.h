/*
 * Identifiers and randomness. An id is a ULID in lower case: 26 characters,
 * 48 bits of time, 80 random bits: sorts by time, cannot be guessed.
 */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"

enum {
	ID_LENGTH = 26
};

const char *id_new(struct arena *arena, int64_t now_ms);
/* The least that an id of that time can be: for "since then" by id. */
const char *id_first(struct arena *arena, int64_t at_ms);
bool id_is_valid(const char *text);
/* From libsodium's CSPRNG. */
void random_bytes(void *out, size_t len);

#endif
