/*
 * How much the last values of a strategy's indicators depend on where the
 * candles begin (engine/recursive.h), over stored candles. Nothing is kept.
 */
#ifndef DOMAIN_STRATEGY_RECURSIVE_H
#define DOMAIN_STRATEGY_RECURSIVE_H

#include "limits.h"
#include "scope.h"
#include "shape.h"

struct recursive_input {
	const struct json *definition;
	const struct json *params; /* object of overrides, or NULL */
	const char *symbol;
	const char *interval; /* or NULL: the definition's */
	const struct timestamp *from, *to;
};
extern const struct shape recursive_input_shape;

struct recursive_row_view {
	const char *indicator; /* "ema(close, 200)" */
	struct ratio value;
	struct raw_json moved_pct; /* a number or null for each of bars */
};
struct recursive_view {
	struct raw_json bars; /* ascending; at most 5 */
	struct list rows;     /* recursive_row_view */
};
/* ERR_BAD_INPUT with a fault at the member that is wrong; at /from when it is
   more work than a backtest that is answered at once may be. */
MUST_CHECK enum err strategy_recursive(struct scope *scope,
	const struct limits *limits, const struct recursive_input *in,
	struct recursive_view *out);

#endif
