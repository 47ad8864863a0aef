/*
 * Checked candles on their way from the file to the database: rows of one
 * size in an anonymous temporary file, so that reading a slow input holds
 * neither memory nor the database's lock.
 */
#ifndef DOMAIN_IMPORT_SPOOL_PRIVATE_H
#define DOMAIN_IMPORT_SPOOL_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "err.h"

/* Units of the row's own scales. */
struct import_row {
	int64_t time, open, high, low, close, volume;
	int32_t price_scale, volume_scale;
};

struct import_spool {
	FILE *file; /* gone when it is closed, or the process ends */
	size_t rows;
};

/* ERR_UNAVAILABLE: no temporary file, or no room for it. */
MUST_CHECK enum err import_spool_open(struct import_spool *out);
MUST_CHECK enum err import_spool_put(
	struct import_spool *spool, const struct import_row *row);
/* From writing to reading, from the first row on. */
MUST_CHECK enum err import_spool_turn(struct import_spool *spool);
MUST_CHECK enum err import_spool_next(
	struct import_spool *spool, bool *more, struct import_row *out);
void import_spool_close(struct import_spool *spool);

#endif
