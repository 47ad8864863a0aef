/*
 * The stored blocks of one symbol and interval, one after the other in either
 * direction. One of them is in memory at a time.
 */
#ifndef DOMAIN_BLOCKS_PRIVATE_H
#define DOMAIN_BLOCKS_PRIVATE_H

#include <stdbool.h>

#include "block.h"
#include "scope.h"

struct blocks_query {
	const char *symbol;
	int64_t interval_ms;
	int64_t from, to; /* from <= open of the candle < to */
	bool newest_first;
};

struct blocks {
	struct scope *scope;
	struct blocks_query query;
	struct arena *arena; /* of one block's bytes; reset for each */
	struct block block;
	size_t from, to;   /* the candles of the block that were asked for */
	int64_t low, high; /* low <= first of the blocks to come < high */
	int32_t price_scale, volume_scale;
	bool begun; /* the snapshot is ours */
};

/* Begins one snapshot; blocks_stop ends it, and must be called then. */
MUST_CHECK enum err blocks_start(struct scope *scope,
	const struct blocks_query *query, struct blocks *out);
/* The next one that has candles of the range: block, from and to. */
MUST_CHECK enum err blocks_next(struct blocks *blocks, bool *more);
void blocks_stop(struct blocks *blocks);

/*
 * For whoever has the row already. ERR_INTERNAL with a sentence in the report
 * when the bytes of the column are no block of these candles.
 */
struct block_row {
	const char *symbol;
	int64_t first, last, candles;
	const struct rows *rows;
	int column; /* of the bytes */
};
MUST_CHECK enum err block_read(struct report *report,
	const struct block_row *row, struct block *block);

#endif
