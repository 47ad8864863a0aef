/*
 * A compiled strategy: an array of column nodes in which operands stand
 * before their users, and the rules that the simulator needs. Built by the
 * compiler, read by everyone else; never changed after program_compile().
 */
#ifndef ENGINE_PROGRAM_PRIVATE_H
#define ENGINE_PROGRAM_PRIVATE_H

#include <stdint.h>

#include "decisions_private.h"
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
	PRICE_VOLUME
};

enum node_op {
	NODE_CONSTANT,
	NODE_PRICE,
	NODE_INDICATOR,
	NODE_SHIFT,
	NODE_ADD,
	NODE_SUB,
	NODE_MUL,
	NODE_DIV,
	NODE_GT,
	NODE_GE,
	NODE_LT,
	NODE_LE,
	NODE_EQ,
	NODE_CROSSES_ABOVE,
	NODE_CROSSES_BELOW,
	NODE_ALL,
	NODE_ANY,
	NODE_NOT
};

enum {
	NODE_NONE = -1
};

struct node {
	enum node_op op;
	enum value_type type;
	int a, b;		 /* operands, NODE_NONE where unused */
	size_t offset;		 /* NODE_SHIFT: bars back */
	double value;		 /* NODE_CONSTANT */
	enum price_column price; /* NODE_PRICE; NODE_INDICATOR: source */
	const struct indicator *indicator;
	double args[INDICATOR_PARAM_LIMIT];
	size_t output;
	size_t ready; /* index of the first bar with a real value */
	int slot;     /* buffer of its type; NODE_NONE: needs none */
};

struct program {
	const char *name;
	const char *interval;
	struct node nodes[PROGRAM_NODE_LIMIT];
	int node_count;
	int signals[SIGNAL_COUNT]; /* node or NODE_NONE */
	int number_slots, flag_slots;
	size_t warmup;
	struct rules rules;
};

/* Gives nodes their buffers, taking back those that nobody reads again. */
void program_place(struct program *program);

#endif
