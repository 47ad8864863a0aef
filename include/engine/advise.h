/*
 * What a program wants when somebody else fills its orders: the simulator's
 * own decision, size and levels, one entry at a time and long only. Keeps no
 * state: whoever asks says what is held. Amounts are scaled by 1e-8.
 */
#ifndef ENGINE_ADVISE_H
#define ENGINE_ADVISE_H

#include "arena.h"
#include "candles.h"
#include "decisions.h"
#include "report.h"

#include <stdbool.h>

struct program;

/* Faults under the pointer at what takes more than one entry, a short one, a
   level that moves, or a memory of what was traded before. ERR_BAD_INPUT. */
MUST_CHECK enum err advise_check(const struct program *program,
	const char *pointer, struct report *report);

/* Nothing is held, and the last of the candles has just closed. */
struct advise_case {
	const struct program *program;
	const struct candles *candles;
	const struct decisions *decisions; /* of the same candles */
	int64_t cash;			   /* above 0 */
	int64_t fee, slippage;		   /* fractions */
	int64_t step, min_value;	   /* of the quantity and its value */
};
struct advice {
	bool wanted;	  /* the rules say: enter */
	bool blocked;	  /* but not at this hour */
	int64_t quantity; /* 0: too little, or a level cannot be known */
	/* average true range at the candle, for advise_levels() */
	int64_t stop_range, target_range;
};
MUST_CHECK enum err advise_entry(struct arena *arena,
	const struct advise_case *in, struct report *report,
	struct advice *out);
/* Where it is left, when it was entered at that price; 0: no such level.
   ERR_BAD_INPUT: it cannot be known. */
MUST_CHECK enum err advise_levels(const struct program *program,
	const struct advice *advice, int64_t price, int64_t *stop,
	int64_t *target);
/* Did one of the decisions say: leave? */
bool advise_leaves(const struct decisions *decisions, size_t count);

#endif
