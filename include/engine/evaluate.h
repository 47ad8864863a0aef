/*
 * A program over a growing series of candles. A backtest hands it blocks of
 * many bars, live trading one bar at a time; both run the same code on the
 * same state, so what was decided on a bar never depends on the block it
 * came in, nor on any later bar.
 */
#ifndef ENGINE_EVALUATE_H
#define ENGINE_EVALUATE_H

#include <stdbool.h>

#include "arena.h"
#include "candles.h"
#include "decisions.h"
#include "program.h"

enum {
	EVALUATE_BLOCK = 1024 /* most bars of one call */
};

struct evaluator;

/* Lives in the arena, which it takes evaluator_bytes() of. */
struct evaluator *evaluator_open(
	struct arena *arena, const struct program *program);
size_t evaluator_bytes(const struct program *program);
/*
 * The next bars, from..from+count-1 of these candles, which have passed
 * candles_check. out stands until the next call.
 */
void evaluator_block(struct evaluator *evaluator, const struct candles *candles,
	size_t from, size_t count, struct decisions *out);
/* Bars seen so far. */
size_t evaluator_bars(const struct evaluator *evaluator);
/* The first bar that could decide anything; SIZE_MAX while there is none. */
size_t evaluator_first(const struct evaluator *evaluator);

/* ---- why ----------------------------------------------------------------- */

/* One condition of a rule on the last bar that was seen. Below a "not" it is
   the negated one: where more of them hold, the rule is nearer. */
struct condition {
	const char *text; /* as expression_print gives it */
	bool held;
	/* What was compared; NaN where there is no such side. */
	double left, right;
};
struct explanation {
	const struct condition *conditions;
	size_t count, held;
	bool fired; /* the whole rule */
};
/* Of the rule of that signal; count is 0 when the program has none. */
void evaluator_explain(const struct evaluator *evaluator, struct arena *arena,
	enum signal_kind signal, struct explanation *out);

#endif
