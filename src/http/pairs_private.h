/* "a=1&b=2" of a query string or a form, for request.c alone. */
#ifndef PAIRS_PRIVATE_H
#define PAIRS_PRIVATE_H

#include "shape.h"

struct pairs {
	struct arena *arena;
	struct report *report;
	enum field_source from;
	struct param *params; /* room for so many */
	size_t room;
	size_t count; /* filled by pairs_parse */
};

/*
 * Strict: no empty pairs or names, valid percent escapes and UTF-8, no
 * control characters, no name twice, not more than there is room for.
 * ERR_BAD_REQUEST with a fault.
 */
MUST_CHECK enum err pairs_parse(
	struct pairs *pairs, const char *text, size_t len);

#endif
