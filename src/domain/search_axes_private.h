/* The axes of a search's space. */
#ifndef DOMAIN_SEARCH_AXES_PRIVATE_H
#define DOMAIN_SEARCH_AXES_PRIVATE_H

#include "json.h"
#include "program.h"
#include "scope.h"
#include "search.h"

/* params: {"fast": {"from": 5, "to": 30, "step": 5}, "slow": {"values":
   [50, 100]}, "other": 3}, or NULL: every parameter with min and max, by its
   step. Faults below /params. */
MUST_CHECK enum err search_axes(struct scope *scope,
	const struct program *program, const struct json *params,
	struct search_space *out);

#endif
