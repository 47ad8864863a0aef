/*
 * From columns of prices to one byte of decisions a bar. Pure: the same
 * program and candles always give the same bytes.
 */
#ifndef ENGINE_EVALUATE_PRIVATE_H
#define ENGINE_EVALUATE_PRIVATE_H

#include <stdint.h>

#include "program_private.h"

/* Bits of a decision byte, in the order of enum signal_kind. */
enum {
	DECIDE_ENTRY_LONG = 1 << SIGNAL_ENTRY_LONG,
	DECIDE_ENTRY_SHORT = 1 << SIGNAL_ENTRY_SHORT,
	DECIDE_EXIT_LONG = 1 << SIGNAL_EXIT_LONG,
	DECIDE_EXIT_SHORT = 1 << SIGNAL_EXIT_SHORT
};

/* Bytes of the arena that evaluate() takes for each bar. */
size_t evaluate_bytes_per_bar(const struct program *program);
/* One byte a bar. */
const uint8_t *evaluate(struct arena *arena, const struct program *program,
	const struct candles *candles);

#endif
