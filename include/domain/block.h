/*
 * A block: candles of one interval that lie within one stretch of 8192
 * places, as bytes of one blob. Stretches stand on a fixed grid of time, so
 * an append or a repair touches the blocks of its own time and no others.
 *
 * Version 1, little-endian:
 *    0  u32     CRC-32 of all bytes behind it
 *    4  u8      version
 *    5  u8      0
 *    6  u16     candles, 1 to 8192
 *    8  i64     interval, ms
 *   16  i64     time of the first candle, ms
 *   24  i64     its open
 *   32  6 i64   the least value of each column
 *   80  6 u8    bytes of a value of each column: 0, 1, 2, 4 or 8
 *   86  2 u8    0
 *   88          the columns, one behind the other: value - least value
 * Columns: time, the places left out since the first candle; open - close of
 * the candle before (the first: 0); high - max(open, close); min(open, close)
 * - low; close - open; volume. A column of equal values takes no bytes.
 */
#ifndef DOMAIN_BLOCK_H
#define DOMAIN_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"

enum {
	BLOCK_CANDLES = 8192, /* places of a block, and most candles */
	BLOCK_COLUMNS = 6,
	BLOCK_HEAD = 88,
	BLOCK_BYTES = BLOCK_HEAD + BLOCK_CANDLES * BLOCK_COLUMNS * 8
};

/* Numbers are units of the symbol's scales. Ascending in time, on the grid,
   within one stretch; 0 < low <= open, close <= high; volume >= 0. */
struct block {
	int64_t interval_ms;
	size_t count;
	/* room for BLOCK_CANDLES each */
	int64_t *time, *open, *high, *low, *close, *volume;
};

/* Empty, with its columns in the arena (393 KB). */
void block_init(struct block *block, struct arena *arena, int64_t interval_ms);
/* A time on the grid of the interval; weeks begin on Monday, UTC. */
int64_t block_origin(int64_t interval_ms);
/* Where the stretch begins that holds this time. It ends, and the next one
   begins, block_span() later. */
int64_t block_start(int64_t time, int64_t interval_ms);
int64_t block_span(int64_t interval_ms);
/* Into the BLOCK_BYTES at `bytes`. ERR_INTERNAL and why, in words, unless the
   candles keep the rules above. */
MUST_CHECK enum err block_encode(const struct block *block,
	unsigned char *bytes, size_t *len, const char **why);
/*
 * Into the columns of a block of that interval. What comes out keeps the
 * rules above, whatever the bytes are; ERR_INTERNAL and why for all that an
 * encoder cannot have written. The columns hold anything then.
 */
MUST_CHECK enum err block_decode(const unsigned char *bytes, size_t len,
	struct block *block, const char **why);

#endif
