/*
 * A strategy: JSON rules compiled once to column operations. No loops, no
 * code, no negative shift: looking ahead cannot be written. Pure: no I/O, no
 * clock, no globals.
 */
#ifndef ENGINE_PROGRAM_H
#define ENGINE_PROGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "decimal.h"
#include "err.h"
#include "json.h"
#include "report.h"

enum {
	PROGRAM_NODE_LIMIT = 256,
	PROGRAM_INDICATOR_LIMIT = 64,
	PROGRAM_PERIOD_LIMIT = 5000
};

struct program;

struct program_source {
	const struct json *definition;
	const char *pointer; /* where it stands in the input: "/definition" */
	/* An object {"fast": 12} that overrides defaults, each within its min
	   and max, or NULL; faults begin with "/params". */
	const struct json *params;
};

/*
 * Checks and compiles a definition. ERR_BAD_INPUT with a fault for each
 * mistake.
 */
MUST_CHECK enum err program_compile(struct arena *arena,
	const struct program_source *source, struct report *report,
	struct program **out);
const char *program_name(const struct program *program);
const char *program_interval(const struct program *program);
/* Bars before the first decision: the longest look-back. */
size_t program_warmup(const struct program *program);

#endif
