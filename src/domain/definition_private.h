/* A strategy's definition: checked, named, and as the text that is kept. */
#ifndef DOMAIN_DEFINITION_PRIVATE_H
#define DOMAIN_DEFINITION_PRIVATE_H

#include "err.h"
#include "json.h"
#include "scope.h"

struct program; /* engine/program.h */

enum {
	DEFINITION_BYTES_LIMIT = 24 * 1024,
	PARAMS_BYTES_LIMIT = 8 * 1024,
	STRATEGY_NAME_LIMIT = 100 /* characters */
};

struct definition {
	const char *name;
	const char *text; /* compact JSON */
	size_t len;
	const struct program *program;
};

/* name NULL: the definition's own. Faults at /definition and /name. */
MUST_CHECK enum err definition_check(struct scope *scope,
	const struct json *json, const char *name, struct definition *out);
/* Is the value, as compact JSON, at most max bytes? Else a fault. */
MUST_CHECK enum err definition_fits(struct scope *scope,
	const struct json *json, const char *pointer, size_t max);

#endif
