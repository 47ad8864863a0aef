/*
 * From columns of prices to one byte of decisions a bar. Pure: the same
 * program and candles always give the same bytes.
 */
#ifndef ENGINE_EVALUATE_PRIVATE_H
#define ENGINE_EVALUATE_PRIVATE_H

#include <stdint.h>

#include "decisions_private.h"
#include "program_private.h"

/* Bytes of the arena that evaluate() takes for each bar. */
size_t evaluate_bytes_per_bar(const struct program *program);
/* One byte a bar. */
const uint8_t *evaluate(struct arena *arena, const struct program *program,
	const struct candles *candles);

#endif
