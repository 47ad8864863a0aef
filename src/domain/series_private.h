/*
 * What is stored of a symbol, one entry an interval: kept beside the symbol
 * by the import, so that nobody counts candles to tell it.
 */
#ifndef DOMAIN_SERIES_PRIVATE_H
#define DOMAIN_SERIES_PRIVATE_H

#include <stdint.h>

#include "err.h"
#include "vector_private.h"

struct series {
	int64_t interval_ms, candles;
	int64_t first, last; /* opens, ms */
};

/* Elements: struct series, by interval. ERR_INTERNAL: not such a text. */
MUST_CHECK enum err series_read(
	struct arena *arena, const char *text, struct vector *out);
/* The list with `added` taken in: its candles are new ones. */
MUST_CHECK enum err series_merge(struct arena *arena, const char *text,
	const struct series *added, const char **out);

#endif
