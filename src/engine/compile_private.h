/*
 * What the parts of the compiler share: the state of one compilation and
 * the helpers that report faults. Nothing outside compile*.c includes this.
 */
#ifndef ENGINE_COMPILE_PRIVATE_H
#define ENGINE_COMPILE_PRIVATE_H

#include <stdbool.h>

#include "program_private.h"

enum {
	PARAM_LIMIT = 64,
	IDENTIFIER_LIMIT = 32
};

struct named_param {
	const char *name;
	double value, min, max; /* min and max: infinite when not given */
};

struct named_indicator {
	const char *id;
	const struct indicator *indicator; /* NULL: had a fault, reported */
	double args[INDICATOR_PARAM_LIMIT];
	enum price_column source;
};

struct compiler {
	struct arena *arena;
	struct report *report;
	struct program *program;
	struct named_param params[PARAM_LIMIT];
	size_t param_count;
	struct named_indicator indicators[PROGRAM_INDICATOR_LIMIT];
	size_t indicator_count;
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
/* The node of an expression, or NODE_NONE with a fault. */
int compile_expression(struct compiler *compiler, const struct json *value,
	const char *pointer, int depth);
void compile_stops(struct compiler *compiler, const struct json *value,
	const char *pointer);
void compile_sizing(struct compiler *compiler, const struct json *value,
	const char *pointer);
/* The index of an equal node, or of a new one at the end. */
int compile_node(struct compiler *compiler, const struct node *node);

#endif
