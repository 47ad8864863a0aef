/*
 * What the parts of the compiler share: the state of one compilation and
 * the helpers that report faults. Nothing outside compile*.c includes this.
 */
#ifndef ENGINE_COMPILE_PRIVATE_H
#define ENGINE_COMPILE_PRIVATE_H

#include <stdbool.h>

#include "program_private.h"

enum {
	IDENTIFIER_LIMIT = 32,
	LANE_BASE = 0
};

/* A declared indicator is compiled when its id is first met. */
enum named_state {
	NAMED_NEW,
	NAMED_BUSY, /* being compiled: meeting its id again is a circle */
	NAMED_DONE,
	NAMED_BAD /* had a fault, which is reported */
};

/* An indicator with its arguments, in the nodes. */
struct called {
	const struct indicator *indicator;
	int node; /* its first output; the others follow */
	int lane;
};

struct named_indicator {
	const char *id;
	const char *pointer;
	const struct json *value;
	enum named_state state;
	struct called called;
};

struct compiler {
	struct arena *arena;
	struct report *report;
	struct program *program;
	struct program_param *params; /* PROGRAM_PARAM_LIMIT */
	size_t param_count;
	struct named_indicator indicators[PROGRAM_INDICATOR_LIMIT];
	size_t indicator_count;
	int lane;	    /* of the expression that is being compiled */
	size_t expressions; /* as written, before folding */
	bool failed;
};

/* Adds a fault and remembers that there was one. */
#define COMPILE_FAULT(compiler, pointer, ...) \
	((compiler)->failed = true,           \
		report_fault((compiler)->report, (pointer), __VA_ARGS__))

extern const char *const compile_price_names[];

/* False, with a fault, when it is not an object; faults unknown members. */
bool compile_members(struct compiler *compiler, const struct json *value,
	const char *pointer, const char *const *names);
/* A fault: no such `kind`, the nearest, and all there are. */
void compile_unknown(struct compiler *compiler, const char *pointer,
	const char *kind, const char *name, const char *const *names);
/* The index in a NULL-terminated list, or -1. */
int compile_index(const char *const *names, const char *name);
/* A letter or underscore, then letters, digits, underscores; at most 32. */
bool compile_identifier(
	struct compiler *compiler, const char *pointer, const char *name);
const char *compile_at(
	struct compiler *compiler, const char *pointer, const char *name);

void compile_params(struct compiler *compiler, const struct json *value,
	const char *pointer);
void compile_overrides(struct compiler *compiler, const struct json *value);
/* The value of {"param": name}; false with a fault. */
bool compile_param_value(struct compiler *compiler, const struct json *value,
	const char *pointer, double *out);
/* A number or {"param": name}; false with a fault. */
bool compile_number(struct compiler *compiler, const struct json *value,
	const char *pointer, double *out);
void compile_indicators(struct compiler *compiler, const struct json *value,
	const char *pointer);
/* An indicator as declared or, with "output", inside an expression. */
bool compile_call(struct compiler *compiler, const struct json *value,
	const char *pointer, int depth, struct called *out);
/* False, with a fault unless there was one before. */
bool compile_named(struct compiler *compiler, struct named_indicator *named,
	struct called *out);
/* The node of an output, as the current lane sees it; NODE_NONE with a
   fault. */
int compile_output(struct compiler *compiler, const struct called *called,
	int output, const char *pointer);
/* In the current lane. */
int compile_price(struct compiler *compiler, enum price_column price);
/* "hl2", "ha_close": NODE_NONE when it is no such word. */
int compile_made_price(struct compiler *compiler, const char *word);
extern const char *const compile_made_names[];
/* The average true range of the base candles. */
int compile_atr(struct compiler *compiler, double period);
/* A whole number of bars from least to PROGRAM_PERIOD_LIMIT. */
bool compile_bars(struct compiler *compiler, const struct json *value,
	const char *pointer, int least, size_t *out);
/* The operators' names one by one, NULL behind the last; whether one stands
   before its operand alone instead of a list. */
const char *compile_operator_name(size_t index);
bool compile_operator_takes_one(size_t index);
/* The node of an expression, or NODE_NONE with a fault. */
int compile_expression(struct compiler *compiler, const struct json *value,
	const char *pointer, int depth);
void compile_stops(struct compiler *compiler, const struct json *value,
	const char *pointer);
void compile_sizing(struct compiler *compiler, const struct json *value,
	const char *pointer);
void compile_limits(struct compiler *compiler, const struct json *value,
	const char *pointer);
void compile_session(struct compiler *compiler, const struct json *value,
	const char *pointer);
/* The index of an equal node, or of a new one at the end; NODE_NONE, with a
   fault, when there are too many. Operands and lane are given; ready is what
   the operands make of it when the node says 0. */
int compile_node(struct compiler *compiler, const struct node *node);
/* An operator of up to two operands (NODE_NONE: none) in the current lane. */
int compile_apply(struct compiler *compiler, enum node_op op, int a, int b);
int compile_constant(struct compiler *compiler, double value);

#endif
