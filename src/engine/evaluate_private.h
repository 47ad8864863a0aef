/*
 * The inside of an evaluator: a column for each node, the state that goes
 * from block to block, and the lanes of larger candles. Nothing outside of
 * evaluate*.c, lane.c and explain.c includes this.
 */
#ifndef ENGINE_EVALUATE_PRIVATE_H
#define ENGINE_EVALUATE_PRIVATE_H

#include "evaluate.h"
#include "program_private.h"

/* Candles of one length. Lane 0 points into what the caller gave; the others
   hold what closed within the block. */
struct lane {
	const double *prices[PRICE_TIME]; /* by enum price_column */
	const int64_t *time;
	size_t count; /* of bars in this block */
	/* Larger lanes: how many were closed when each base bar was. */
	uint16_t *closed;
	double *made[PRICE_TIME]; /* what prices points at */
	int64_t *made_time;
	int64_t ms, end;  /* length; where the open candle ends */
	bool open, later; /* one is being built; it is not the first */
	bool whole;	  /* its beginning was seen */
	double now[PRICE_TIME];
};

/* One node's. */
struct column {
	double *numbers; /* bar 0 of the block; history in front */
	uint8_t *flags;	 /* the same, of VALUE_FLAG */
	void *state;	 /* NODE_INDICATOR: the kernel's */
	size_t done;	 /* bars that the kernel has seen */
	bool started;	 /* NODE_INDICATOR: all its inputs were known */
	size_t run;	 /* RISING, FALLING: bars so far; WITHIN: bars since */
	double last;	 /* FILL */
	size_t value_at; /* base bar of its first value, or SIZE_MAX */
};

struct evaluator {
	const struct program *program;
	struct column *columns; /* by node */
	struct lane lanes[LANE_LIMIT];
	uint8_t *bits;
	size_t bars;  /* before this block; at its end: with it */
	size_t block; /* bars of the last block */
	size_t first; /* SIZE_MAX while unknown */
};

/* Takes in the block's base candles; fills in all larger lanes. */
void lanes_load(struct evaluator *evaluator, const struct candles *candles,
	size_t from, size_t count);
void lane_open(struct arena *arena, struct lane *lane, int64_t ms);
/* Computes one node's column from those of its operands. */
void evaluate_node(struct evaluator *evaluator, int node);

#endif
