/*
 * The indicators a strategy may use: one table row each, and one kernel that
 * computes the next bars of its outputs from the next bars of its inputs. A
 * backtest calls it with blocks of many bars, live trading with blocks of
 * one: the same code, so both agree to the last bit. Conventions are
 * TA-Lib's unless the row's summary says otherwise (docs/indicators.md).
 */
#ifndef ENGINE_INDICATOR_H
#define ENGINE_INDICATOR_H

#include <stdbool.h>
#include <stddef.h>

enum {
	INDICATOR_PARAM_LIMIT = 4,
	INDICATOR_INPUT_LIMIT = 5,
	INDICATOR_OUTPUT_LIMIT = 5,
	INDICATOR_PERIOD_LIMIT = 5000
};

/* What a kernel reads. INPUT_SOURCE is the column that the definition
   names ("source": a price or another indicator; close when left out). The
   others come from the candles, or from Heikin-Ashi candles where the
   definition asks for them. */
enum indicator_input {
	INPUT_SOURCE,
	INPUT_OPEN,
	INPUT_HIGH,
	INPUT_LOW,
	INPUT_CLOSE,
	INPUT_VOLUME,
	INPUT_TIME /* open of the candle, ms UTC, exact in a double */
};

struct indicator_param {
	const char *name; /* as in the definition: "period" */
	double min, max;
	bool whole;
	bool optional; /* `otherwise` when the definition leaves it out */
	double otherwise;
};

/*
 * One block. Every input is finite from its bar 0 on. in[j][i] is bar i of
 * this block; in[j][-k] is the bar k before, for k up to the row's history,
 * and NaN before bar 0. out[j][i] must be written for each i < count: NaN
 * before the row's ready.
 */
struct indicator_call {
	const double *const *in; /* in the order of the row's inputs */
	double *const *out;	 /* in the order of the row's outputs */
	const double *args;	 /* in the order of the row's params */
	void *state;  /* the row's state bytes: zero before the first block,
			  kept between blocks, aligned for a double */
	size_t first; /* bars before this block; 0: it begins here */
	size_t count; /* bars of this block, at least 1 */
};

struct indicator {
	const char *name;
	const char *summary; /* one line: formula's origin and its seed */
	const struct indicator_param *params;
	size_t param_count;
	const enum indicator_input *inputs;
	size_t input_count;
	const char *const *outputs; /* NULL-terminated; the first is what the
				       bare id means */
	/* NULL, or why these arguments do not go together: "fast must be
	   below slow". */
	const char *(*fault)(const double *args);
	/* Index of the first bar with a value of that output. */
	size_t (*ready)(const double *args, size_t output);
	/* How many bars before the block the kernel reads of its inputs;
	   NULL: none. */
	size_t (*history)(const double *args);
	/* Bytes of state; NULL: none. */
	size_t (*state)(const double *args);
	/* What a bar takes beside any other column, in columns; NULL: nothing.
	   For kernels that look at a whole window on each bar. */
	size_t (*extra)(const double *args);
	void (*run)(const struct indicator_call *call);
};

/* NULL when there is none of that name. */
const struct indicator *indicator_find(const char *name);
/* NULL-terminated, in the table's order. */
const char *const *indicator_names(void);
/* The row at an index, NULL behind the last. */
const struct indicator *indicator_at(size_t index);

#endif
