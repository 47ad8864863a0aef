/*
 * The strategy language as clients meet it: its JSON Schema, and expressions
 * from text to tree and back. Nothing here is anybody's.
 */
#ifndef DOMAIN_STRATEGY_LANGUAGE_H
#define DOMAIN_STRATEGY_LANGUAGE_H

#include "scope.h"
#include "shape.h"

struct expression_input {
	const struct json *expression; /* text or tree */
};
struct expression_view {
	const char *text; /* with the fewest parentheses */
	struct raw_json tree;
};
/* Whether its names mean something is the definition's business. Faults at
   /expression. */
MUST_CHECK enum err expression_convert(struct scope *scope,
	const struct json *in, struct expression_view *out);
/* JSON Schema 2020-12 of a definition. */
void strategy_schema(struct arena *arena, struct raw_json *out);

#endif
