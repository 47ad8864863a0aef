/*
 * The indicators a strategy may use: one table row each, and one function
 * that fills a whole column. A new indicator is a row and a function in
 * src/engine/indicators.c; compiler and evaluator need no change.
 * Conventions are TA-Lib's (docs/engine.md).
 */
#ifndef ENGINE_INDICATOR_H
#define ENGINE_INDICATOR_H

#include <stdbool.h>
#include <stddef.h>

#include "candles.h"

enum {
	INDICATOR_PARAM_LIMIT = 4
};

struct indicator_param {
	const char *name; /* as in the definition: "period" */
	double min, max;
	bool whole;
};

/* What a column function works on: `source` and every array in `candles`
   have candles->count values, all of them finite. */
struct indicator_call {
	const double *args; /* in the order of the row's params */
	const double *source;
	const struct candles *candles;
	size_t output; /* which of the row's outputs to fill */
};

struct indicator {
	const char *name;
	const struct indicator_param *params;
	size_t param_count;
	const char *const *outputs; /* NULL-terminated; the first is what
				       the bare id means */
	/* Index of the first bar with a value. */
	size_t (*ready)(const double *args);
	/* Fills candles->count values; NaN where there is none. */
	void (*column)(const struct indicator_call *call, double *out);
};

/* NULL when there is none of that name. */
const struct indicator *indicator_find(const char *name);
/* NULL-terminated, in the table's order. */
const char *const *indicator_names(void);

#endif
