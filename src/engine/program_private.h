/*
 * A compiled strategy: an array of column nodes in which operands stand
 * before their users, and the rules that the simulator needs. Built by the
 * compiler, read by everyone else; never changed after program_compile().
 *
 * A lane is a series of candles: lane 0 those that the program runs on, each
 * further one a larger interval built from them. A node belongs to one lane;
 * only NODE_EXPAND leads from a larger lane to lane 0.
 */
#ifndef ENGINE_PROGRAM_PRIVATE_H
#define ENGINE_PROGRAM_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "decisions.h"
#include "indicator.h"
#include "program.h"
#include "rules_private.h"

enum value_type {
	VALUE_NUMBER, /* a double a bar, NaN: not known */
	VALUE_FLAG    /* a byte a bar, 0 or 1 */
};

enum price_column {
	PRICE_OPEN,
	PRICE_HIGH,
	PRICE_LOW,
	PRICE_CLOSE,
	PRICE_VOLUME,
	PRICE_TIME, /* as a number; not for definitions */
	PRICE_COUNT
};

enum node_op {
	NODE_CONSTANT,
	NODE_PRICE,
	NODE_INDICATOR, /* its first output */
	NODE_OUTPUT,	/* a further output of the indicator in[0] */
	NODE_FILL,	/* what is not known is the last value that was */
	NODE_EXPAND,	/* the last closed candle of a larger lane */
	NODE_SHIFT,
	NODE_ADD,
	NODE_SUB,
	NODE_MUL,
	NODE_DIV,
	NODE_MIN,
	NODE_MAX,
	NODE_ABS,
	NODE_GT,
	NODE_GE,
	NODE_LT,
	NODE_LE,
	NODE_EQ,
	NODE_CROSSES_ABOVE,
	NODE_CROSSES_BELOW,
	NODE_RISING,
	NODE_FALLING,
	NODE_WITHIN,
	NODE_ALL,
	NODE_ANY,
	NODE_NOT
};

enum {
	NODE_NONE = -1,
	NODE_ROOM = 1024, /* while compiling; what nobody reads is dropped */
	LANE_LIMIT = 8,
	INPUT_LIMIT = INDICATOR_INPUT_LIMIT
};

struct node {
	enum node_op op;
	enum value_type type;
	int lane;
	int in[INPUT_LIMIT]; /* operands, NODE_NONE where unused */
	size_t bars;	     /* SHIFT, RISING, FALLING, WITHIN */
	double value;	     /* CONSTANT */
	enum price_column price;
	const struct indicator *indicator;
	double args[INDICATOR_PARAM_LIMIT];
	size_t output;
	size_t ready;	/* least index in its lane of a bar with a value */
	size_t history; /* bars before a block that its readers look at */
	bool used; /* somebody reads it; else it only keeps another company */
	const struct json *source; /* where it was written first, or NULL */
};

struct program {
	const char *name;
	const char *interval;
	int64_t lanes[LANE_LIMIT]; /* lengths of candles, ms */
	int lane_count;
	struct node *nodes;
	int node_count;
	int signals[SIGNAL_COUNT]; /* node or NODE_NONE */
	int levels[LEVEL_COUNT];   /* the same */
	size_t warmup; /* no decision before; the candles may add to it */
	size_t expected_warmup;
	const struct program_param *params;
	size_t param_count;
	struct rules rules;
};

/* Drops the nodes that neither a signal nor a level needs, and tells those
   that stay whether and how far back they are read. */
void program_finish(struct program *program);
/* How far back this node reads its operands. */
size_t node_reach(const struct node *node);
/* Has no value until enough bars have passed: decisions wait for it. */
bool node_starts(const struct node *node);
/* Operands in use. */
int node_operands(const struct node *node);

#endif
