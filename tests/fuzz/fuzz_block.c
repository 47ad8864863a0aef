/*
 * Blocks of candles, as they stand in the database. The checksum is put right
 * first, or nothing behind it would ever be reached. Promise: what decodes
 * keeps every rule of a candle, and encodes into a block that says the same.
 */
#include "fuzz.h"

#include <zlib.h>

#include "block.h"

static const int64_t interval_ms = 60000;

static uint8_t *sealed(const uint8_t *bytes, size_t len)
{
	/* of exactly that size: what is read behind it is found */
	uint8_t *copy = malloc(len ? len : 1);
	uint32_t sum;

	fuzz_require(copy != NULL);
	memcpy(copy, bytes, len);
	if (len < 4)
		return copy;
	sum = (uint32_t)crc32(0, copy + 4, (uInt)(len - 4));
	for (int i = 0; i < 4; i++)
		copy[i] = (uint8_t)(sum >> (8 * i));
	return copy;
}

static void require_sound(const struct block *block)
{
	int64_t start = block_start(block->time[0], interval_ms);

	fuzz_require(block->count >= 1 && block->count <= BLOCK_CANDLES);
	for (size_t i = 0; i < block->count; i++) {
		fuzz_require(block->low[i] > 0 &&
			     block->low[i] <= block->open[i] &&
			     block->low[i] <= block->close[i] &&
			     block->high[i] >= block->open[i] &&
			     block->high[i] >= block->close[i] &&
			     block->volume[i] >= 0);
		fuzz_require((block->time[i] - start) % interval_ms == 0);
		fuzz_require(i == 0 || block->time[i] > block->time[i - 1]);
		fuzz_require(block->time[i] - start < block_span(interval_ms));
	}
}

static void require_same(const int64_t *a, const int64_t *b, size_t count)
{
	fuzz_require(memcmp(a, b, count * sizeof(*a)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = fuzz_arena();
	uint8_t *copy = sealed(bytes, len);
	struct block block;
	struct block again;
	const char *why = NULL;
	unsigned char *out;
	size_t out_len = 0;
	enum err err;

	block_init(&block, arena, interval_ms);
	err = block_decode(copy, len, &block, &why);
	free(copy);
	if (err != ERR_OK) {
		fuzz_require(err == ERR_INTERNAL && why != NULL);
		return 0;
	}
	require_sound(&block);
	out = arena_alloc(arena, BLOCK_BYTES);
	fuzz_require(block_encode(&block, out, &out_len, &why) == ERR_OK &&
		     out_len <= len);
	block_init(&again, arena, interval_ms);
	fuzz_require(block_decode(out, out_len, &again, &why) == ERR_OK &&
		     again.count == block.count);
	require_same(again.time, block.time, block.count);
	require_same(again.open, block.open, block.count);
	require_same(again.high, block.high, block.count);
	require_same(again.low, block.low, block.count);
	require_same(again.close, block.close, block.count);
	require_same(again.volume, block.volume, block.count);
	return 0;
}
