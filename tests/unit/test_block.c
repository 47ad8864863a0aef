/* Blocks of candles: the same numbers come back, damaged bytes do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "block.h"

#define MINUTE INT64_C(60000)
#define DAY INT64_C(86400000)
#define WEEK (7 * DAY)

struct bench {
	struct arena *arena;
	struct block block, back;
	unsigned char *bytes;
	size_t len;
	uint64_t seed;
};

static int setup(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	b->arena = arena_open((size_t)64 << 20);
	block_init(&b->block, b->arena, MINUTE);
	block_init(&b->back, b->arena, MINUTE);
	b->bytes = arena_alloc(b->arena, BLOCK_BYTES);
	b->seed = 1;
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	arena_close(&b->arena);
	free(b);
	return 0;
}

static uint64_t dice(struct bench *b)
{
	b->seed = b->seed * UINT64_C(6364136223846793005) +
		  UINT64_C(1442695040888963407);
	return b->seed >> 11;
}

static int64_t below(struct bench *b, uint64_t limit)
{
	return (int64_t)(dice(b) % limit);
}

static void add(struct block *block, int64_t time, int64_t open, int64_t close)
{
	size_t i = block->count++;

	block->time[i] = time;
	block->open[i] = open;
	block->close[i] = close;
	block->high[i] = open > close ? open : close;
	block->low[i] = open < close ? open : close;
	block->volume[i] = 0;
}

static void assert_column(const int64_t *a, const int64_t *b, size_t count)
{
	assert_memory_equal(a, b, count * sizeof(*a));
}

static void assert_round_trip(struct bench *b)
{
	const struct block *block = &b->block;
	const char *why = NULL;
	enum err err = block_encode(block, b->bytes, &b->len, &why);

	if (err != ERR_OK)
		fail_msg("%s", why);
	assert_true(b->len <= BLOCK_BYTES);
	b->back.interval_ms = block->interval_ms;
	b->back.count = 0;
	err = block_decode(b->bytes, b->len, &b->back, &why);
	if (err != ERR_OK)
		fail_msg("%s", why);
	assert_int_equal(b->back.count, block->count);
	assert_column(b->back.time, block->time, block->count);
	assert_column(b->back.open, block->open, block->count);
	assert_column(b->back.high, block->high, block->count);
	assert_column(b->back.low, block->low, block->count);
	assert_column(b->back.close, block->close, block->count);
	assert_column(b->back.volume, block->volume, block->count);
}

static void assert_refused(struct bench *b)
{
	const char *why = NULL;

	assert_int_equal(
		block_decode(b->bytes, b->len, &b->back, &why), ERR_INTERNAL);
	assert_non_null(why);
}

/* As if an encoder had written it. */
static void seal(struct bench *b)
{
	uint32_t sum = (uint32_t)crc32(0, b->bytes + 4, (uInt)b->len - 4);

	for (int i = 0; i < 4; i++)
		b->bytes[i] = (unsigned char)(sum >> (8 * i));
}

static void test_the_grid(void **state)
{
	const int64_t span = block_span(MINUTE);

	(void)state;
	assert_int_equal(span, 8192 * MINUTE);
	assert_int_equal(block_start(0, MINUTE), 0);
	assert_int_equal(block_start(span - 1, MINUTE), 0);
	assert_int_equal(block_start(span, MINUTE), span);
	assert_int_equal(block_start(-1, MINUTE), -span);
	assert_int_equal(block_start(-span, MINUTE), -span);
	/* 1970-01-05 was the first Monday */
	assert_int_equal(block_start(4 * DAY, WEEK), 4 * DAY);
	assert_int_equal(
		block_start(4 * DAY - WEEK, WEEK), 4 * DAY - 8192 * WEEK);
}

static void test_one_candle(void **state)
{
	static const int64_t times[] = {0, -MINUTE, -8192 * MINUTE,
		8191 * MINUTE, INT64_C(1709251200000), INT64_C(-2208988800000),
		INT64_C(7258118340000)};
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		b->block.count = 0;
		add(&b->block, times[i], 5, 7);
		assert_round_trip(b);
		assert_int_equal(b->len, BLOCK_HEAD);
	}
}

static void test_gapless_blocks_keep_no_times(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < BLOCK_CANDLES; i++)
		add(&b->block, i * MINUTE, 100, 100);
	assert_round_trip(b);
	assert_int_equal(b->len, BLOCK_HEAD);
}

/* A width for each column, and the values just below and above its limit. */
static void test_every_width(void **state)
{
	static const uint64_t most[] = {0, 1, UINT8_MAX, UINT8_MAX + 1,
		UINT16_MAX, UINT16_MAX + 1, UINT32_MAX,
		(uint64_t)UINT32_MAX + 1, (uint64_t)INT64_MAX - 1};
	static const size_t width[] = {0, 1, 1, 2, 2, 4, 4, 8, 8};
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(most) / sizeof(most[0]); i++) {
		const int64_t top = 1 + (int64_t)most[i];

		/* volume */
		b->block.count = 0;
		add(&b->block, 0, 9, 9);
		add(&b->block, MINUTE, 9, 9);
		b->block.volume[1] = (int64_t)most[i];
		assert_round_trip(b);
		assert_int_equal(b->len, BLOCK_HEAD + 2 * width[i]);
		/* high and low around one price */
		b->block.count = 0;
		add(&b->block, 0, top, top);
		add(&b->block, MINUTE, top, top);
		b->block.low[1] = 1;
		assert_round_trip(b);
		assert_int_equal(b->len, BLOCK_HEAD + 2 * width[i]);
		b->block.count = 0;
		add(&b->block, 0, 1, 1);
		add(&b->block, MINUTE, 1, 1);
		b->block.high[1] = top;
		assert_round_trip(b);
		assert_int_equal(b->len, BLOCK_HEAD + 2 * width[i]);
	}
}

/* Differences that need all 64 bits. */
static void test_extreme_prices(void **state)
{
	struct bench *b = *state;

	add(&b->block, 0, 1, INT64_MAX);
	add(&b->block, MINUTE, 1, INT64_MAX);
	add(&b->block, 2 * MINUTE, INT64_MAX, 1);
	add(&b->block, 3 * MINUTE, INT64_MAX, INT64_MAX);
	b->block.volume[2] = INT64_MAX;
	assert_round_trip(b);
}

static void test_borders_of_a_block(void **state)
{
	struct bench *b = *state;

	add(&b->block, 8192 * MINUTE, 2, 3);
	add(&b->block, (2 * 8192 - 1) * MINUTE, 4, 3);
	assert_round_trip(b);
	/* a gap of more than 255 places takes two bytes a time */
	assert_true(b->len > BLOCK_HEAD + 2 * 2);
}

static void random_block(struct bench *b)
{
	static const int64_t intervals[] = {MINUTE, 60 * MINUTE, DAY, WEEK};
	static const uint64_t ranges[] = {2, 200, 70000, UINT64_C(1) << 40};
	const int64_t interval = intervals[below(b, 4)];
	const uint64_t range = ranges[below(b, 4)];
	const int64_t keep = 1 + below(b, 16); /* of 16 places */
	int64_t price = 1 + below(b, range);
	int64_t time = block_start(
		(below(b, 4000) - 2000) * block_span(interval), interval);

	b->block.count = 0;
	b->block.interval_ms = interval;
	for (int i = 0; i < BLOCK_CANDLES; i++, time += interval) {
		size_t at = b->block.count;

		if (below(b, 16) >= keep && (at > 0 || i < 8000))
			continue;
		add(&b->block, time, price, 1 + below(b, range));
		b->block.high[at] += below(b, range);
		b->block.low[at] -= below(b, (uint64_t)b->block.low[at]);
		b->block.volume[at] = below(b, range << 12);
		price = 1 + below(b, range);
	}
}

static void test_random_blocks(void **state)
{
	struct bench *b = *state;

	for (int i = 0; i < 200; i++) {
		random_block(b);
		assert_round_trip(b);
	}
}

static void test_every_damaged_byte_is_refused(void **state)
{
	struct bench *b = *state;
	const size_t count = 40;

	for (size_t i = 0; i < count; i++) {
		add(&b->block, (int64_t)(i + i / 7) * MINUTE,
			1000 + below(b, 300), 1000 + below(b, 300));
		b->block.volume[i] = below(b, UINT64_C(1) << 40);
	}
	assert_round_trip(b);
	for (size_t i = 0; i < b->len; i++)
		for (int bit = 0; bit < 8; bit++) {
			b->bytes[i] ^= (unsigned char)(1 << bit);
			assert_refused(b);
			b->bytes[i] ^= (unsigned char)(1 << bit);
		}
	assert_int_equal(
		block_decode(b->bytes, b->len, &b->back, &(const char *){NULL}),
		ERR_OK);
}

static void test_every_other_length_is_refused(void **state)
{
	struct bench *b = *state;
	size_t whole;

	for (int i = 0; i < 10; i++)
		add(&b->block, i * MINUTE, 10 + i % 3, 10);
	assert_round_trip(b);
	whole = b->len;
	for (b->len = 0; b->len < whole + 20; b->len++) {
		/* in a block of exactly that size, for the sanitizer */
		struct bench cut = *b;

		if (b->len == whole)
			continue;
		cut.bytes = malloc(b->len ? b->len : 1);
		assert_non_null(cut.bytes);
		memcpy(cut.bytes, b->bytes, b->len);
		assert_refused(&cut);
		if (b->len >= 4) {
			seal(&cut);
			assert_refused(&cut);
		}
		free(cut.bytes);
	}
}

/* What the checksum cannot tell: written so on purpose. */
static void test_sealed_nonsense_is_refused(void **state)
{
	static const struct {
		size_t at;
		unsigned char value;
	} rows[] = {
		{4, 0},		/* version */
		{4, 2}, {5, 1}, /* must be 0 */
		{6, 0},		/* no candles */
		{6, 4},		/* more than there are bytes for */
		{7, 0x21},	/* more than 8192 */
		{8, 1},		/* another interval */
		{15, 0x80},	/* a negative one */
		{16, 1},	/* off the grid */
		{23, 0x7f},	/* far in the future */
		{31, 0x80},	/* the first open below zero */
		{32, 1},	/* the first candle is not at its place */
		{39, 0x80},	/* or before it */
		{40, 1},	/* the first open is not the first open */
		{55, 0x80},	/* a high below the open */
		{63, 0x80},	/* a low above it */
		{71, 0x80},	/* a close below zero */
		{79, 0x80},	/* a volume below zero */
		{80, 3},	/* no width */
		{80, 16}, {80, 255}, {86, 1}, /* must be 0 */
	};
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		b->block.count = 0;
		for (int k = 0; k < 3; k++)
			add(&b->block, k * MINUTE, 10, 10);
		b->block.volume[1] = 1;
		assert_round_trip(b);
		b->bytes[rows[i].at] = rows[i].value;
		seal(b);
		print_message("byte %zu\n", rows[i].at);
		assert_refused(b);
	}
}

static void test_times_that_do_not_ascend_are_refused(void **state)
{
	struct bench *b = *state;

	add(&b->block, 0, 10, 10);
	add(&b->block, 2 * MINUTE, 10, 10);
	add(&b->block, 3 * MINUTE, 10, 10);
	assert_round_trip(b);
	assert_int_equal(b->len, BLOCK_HEAD + 3); /* 0, 1, 1 */
	b->bytes[BLOCK_HEAD + 2] = 0; /* the third stands where the second */
	seal(b);
	assert_refused(b);
	b->bytes[BLOCK_HEAD + 2] = 255;
	seal(b);
	assert_int_equal(
		block_decode(b->bytes, b->len, &b->back, &(const char *){NULL}),
		ERR_OK);
}

/* The places of a block end where the next one begins. */
static void test_times_of_the_next_block_are_refused(void **state)
{
	struct bench *b = *state;

	add(&b->block, 8190 * MINUTE, 10, 10);
	add(&b->block, 8191 * MINUTE, 10, 10);
	assert_round_trip(b);
	for (int i = 0; i < 8; i++)
		b->bytes[16 + i] = (unsigned char)((8191 * MINUTE) >> (8 * i));
	seal(b);
	assert_refused(b);
}

struct fault {
	size_t at; /* of three sound candles */
	int64_t time, open, high, low, close, volume;
};

static void test_candles_that_break_a_rule_are_not_encoded(void **state)
{
	static const struct fault faults[] = {
		{1, 0, 5, 6, 4, 5, 1},		   /* twice */
		{2, 0, 5, 6, 4, 5, 1},		   /* back */
		{1, MINUTE + 1, 5, 6, 4, 5, 1},	   /* off the grid */
		{2, 8192 * MINUTE, 5, 6, 4, 5, 1}, /* the next block */
		{1, MINUTE, 5, 6, 0, 5, 1},	   /* low not above 0 */
		{1, MINUTE, 3, 6, 4, 5, 1},	   /* open below low */
		{1, MINUTE, 5, 6, 4, 7, 1},	   /* close above high */
		{1, MINUTE, 5, 6, 4, 3, 1},	   /* close below low */
		{1, MINUTE, 7, 6, 4, 5, 1},	   /* open above high */
		{1, MINUTE, 5, 6, 4, 5, -1},	   /* volume */
	};
	struct bench *b = *state;

	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		const struct fault *fault = &faults[i];
		const char *why = NULL;
		size_t len = 77;

		b->block.count = 0;
		for (int k = 0; k < 3; k++)
			add(&b->block, k * MINUTE, 5, 5);
		b->block.time[fault->at] = fault->time;
		b->block.open[fault->at] = fault->open;
		b->block.high[fault->at] = fault->high;
		b->block.low[fault->at] = fault->low;
		b->block.close[fault->at] = fault->close;
		b->block.volume[fault->at] = fault->volume;
		assert_int_equal(block_encode(&b->block, b->bytes, &len, &why),
			ERR_INTERNAL);
		assert_non_null(why);
		assert_int_equal(len, 77);
	}
	b->block.count = 0;
	assert_int_equal(block_encode(&b->block, b->bytes, &b->len,
				 &(const char *){NULL}),
		ERR_INTERNAL);
}

/* What is stored must be read by later programs: these very bytes. */
static void test_bytes_of_version_1(void **state)
{
	static const unsigned char wanted[] = {
		0x00, 0x00, 0x00, 0x00,	      /* checksum, below */
		0x01, 0x00, 0x03, 0x00,	      /* version, count */
		0x60, 0xea, 0, 0, 0, 0, 0, 0, /* 60000 */
		0x60, 0xea, 0, 0, 0, 0, 0, 0, /* first time */
		0xe8, 0x03, 0, 0, 0, 0, 0, 0, /* first open, 1000 */
		0, 0, 0, 0, 0, 0, 0, 0,	      /* times */
		0, 0, 0, 0, 0, 0, 0, 0,	      /* opens */
		0x02, 0, 0, 0, 0, 0, 0, 0,    /* highs */
		0, 0, 0, 0, 0, 0, 0, 0,	      /* lows */
		0xfb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* closes */
		0x05, 0, 0, 0, 0, 0, 0, 0,			/* volumes */
		0x01, 0x02, 0x00, 0x00, 0x01, 0x04,		/* widths */
		0, 0, 0x00, 0x01, 0x01,		    /* one place left out */
		0x00, 0x00, 0x2c, 0x01, 0x00, 0x00, /* 0, 300, 0 */
		0x0f, 0x00, 0x05,		    /* 10, -5, 0 */
		0x00, 0x00, 0x00, 0x00, 0xfb, 0xff, 0xff, 0xff, 0x00, 0x00,
		0x01, 0x00, /* 5, 2^32 - 0, 65541 */
	};
	struct bench *b = *state;

	add(&b->block, MINUTE, 1000, 1010);
	add(&b->block, 3 * MINUTE, 1310, 1305);
	add(&b->block, 4 * MINUTE, 1305, 1305);
	for (size_t i = 0; i < 3; i++)
		b->block.high[i] += 2;
	b->block.volume[0] = 5;
	b->block.volume[1] = INT64_C(4294967296);
	b->block.volume[2] = 65541;
	assert_round_trip(b);
	assert_int_equal(b->len, sizeof(wanted));
	assert_memory_equal(b->bytes + 4, wanted + 4, sizeof(wanted) - 4);
	seal(b);
	assert_int_equal(
		block_decode(b->bytes, b->len, &b->back, &(const char *){NULL}),
		ERR_OK);
}

#define BLOCK_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_grid),
		BLOCK_TEST(test_one_candle),
		BLOCK_TEST(test_gapless_blocks_keep_no_times),
		BLOCK_TEST(test_every_width),
		BLOCK_TEST(test_extreme_prices),
		BLOCK_TEST(test_borders_of_a_block),
		BLOCK_TEST(test_random_blocks),
		BLOCK_TEST(test_every_damaged_byte_is_refused),
		BLOCK_TEST(test_every_other_length_is_refused),
		BLOCK_TEST(test_sealed_nonsense_is_refused),
		BLOCK_TEST(test_times_that_do_not_ascend_are_refused),
		BLOCK_TEST(test_times_of_the_next_block_are_refused),
		BLOCK_TEST(test_candles_that_break_a_rule_are_not_encoded),
		BLOCK_TEST(test_bytes_of_version_1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
