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
	PROGRAM_NODE_LIMIT = 256,     /* expressions, as written */
	PROGRAM_INDICATOR_LIMIT = 64, /* declared */
	PROGRAM_PERIOD_LIMIT = 5000,  /* bars that anything looks back */
	PROGRAM_PARAM_LIMIT = 64
};

struct program;

struct program_source {
	const struct json *definition;
	const char *pointer; /* where it stands in the input: "/definition" */
	/* An object {"fast": 12} that overrides defaults, each within its min
	   and max, or NULL; faults begin with "/params". */
	const struct json *params;
	/* Candles to run on, "1h"; NULL: the definition's. A fault at
	   "/interval" when an indicator's interval is no multiple of it. */
	const char *interval;
};

/*
 * Checks and compiles a definition, which must outlive the program.
 * ERR_BAD_INPUT with a fault for each mistake.
 */
MUST_CHECK enum err program_compile(struct arena *arena,
	const struct program_source *source, struct report *report,
	struct program **out);
const char *program_name(const struct program *program);
const char *program_interval(const struct program *program);
/* Bars before the first decision: the longest look-back. With indicators of
   a larger interval in a market without gaps; the candles decide. */
size_t program_warmup(const struct program *program);
/* What one bar costs: the columns that are computed, at least 1. */
size_t program_cost(const struct program *program);

/* What the definition leaves open. */
struct program_param {
	const char *name;
	double value;	 /* in force: the default or the override */
	double min, max; /* infinite when not given */
	double step;
};
const struct program_param *program_params(
	const struct program *program, size_t *count);

#endif
