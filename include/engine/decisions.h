/*
 * What a program says about a block of bars: what it would do, and the
 * levels that stops and sizes are measured in.
 */
#ifndef ENGINE_DECISIONS_H
#define ENGINE_DECISIONS_H

#include <stdint.h>

enum signal_kind {
	SIGNAL_ENTRY_LONG,
	SIGNAL_ENTRY_SHORT,
	SIGNAL_EXIT_LONG,
	SIGNAL_EXIT_SHORT,
	SIGNAL_COUNT
};

/* Bits of a decision byte, in the order of enum signal_kind. */
enum {
	DECIDE_ENTRY_LONG = 1 << SIGNAL_ENTRY_LONG,
	DECIDE_ENTRY_SHORT = 1 << SIGNAL_ENTRY_SHORT,
	DECIDE_EXIT_LONG = 1 << SIGNAL_EXIT_LONG,
	DECIDE_EXIT_SHORT = 1 << SIGNAL_EXIT_SHORT
};

/* Columns of the average true range that rules are measured in; a rule that
   counts in percent has none. */
enum level {
	LEVEL_STOP,
	LEVEL_TARGET,
	LEVEL_TRAILING,
	LEVEL_COUNT
};

/* Of the bars of one block. Before the program is warm every byte is 0. */
struct decisions {
	const uint8_t *bits;
	const double *levels[LEVEL_COUNT]; /* NULL: not asked for */
};

#endif
