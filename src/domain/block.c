/*
 * Candles to bytes and back (block.h has the layout). Must never read or
 * write outside of the bytes it was given, whatever stands in them, and never
 * hand out a candle that breaks a rule.
 */
#include "block.h"

#include <endian.h>
#include <stdbool.h>
#include <string.h>

#include <zlib.h>

enum {
	VERSION = 1,
	AT_VERSION = 4,
	AT_COUNT = 6,
	AT_INTERVAL = 8,
	AT_TIME = 16,
	AT_OPEN = 24,
	AT_LEAST = 32,
	AT_WIDTH = 80
};

enum column {
	PLACE,
	OPEN,
	HIGH,
	LOW,
	CLOSE,
	VOLUME
};

#define DAY_MS INT64_C(86400000)
#define WEEK_MS (7 * DAY_MS)
/* 1970-01-05, the first Monday. */
#define MONDAY_MS (4 * DAY_MS)

struct head {
	int64_t interval_ms, time, open;
	size_t count;
	int64_t least[BLOCK_COLUMNS];
	size_t width[BLOCK_COLUMNS]; /* bytes */
};

/* ---- the grid ---------------------------------------------------------- */

int64_t block_origin(int64_t interval_ms)
{
	return interval_ms == WEEK_MS ? MONDAY_MS : 0;
}

int64_t block_span(int64_t interval_ms)
{
	return interval_ms * BLOCK_CANDLES;
}

int64_t block_start(int64_t time, int64_t interval_ms)
{
	int64_t span = block_span(interval_ms);
	int64_t into = (time - block_origin(interval_ms)) % span;

	return time - (into < 0 ? into + span : into);
}

/* ---- numbers as bytes -------------------------------------------------- */

static void put16(unsigned char *at, size_t value)
{
	uint16_t bytes = htole16((uint16_t)value);

	memcpy(at, &bytes, sizeof(bytes));
}

static void put32(unsigned char *at, uint64_t value)
{
	uint32_t bytes = htole32((uint32_t)value);

	memcpy(at, &bytes, sizeof(bytes));
}

static void put64(unsigned char *at, uint64_t value)
{
	uint64_t bytes = htole64(value);

	memcpy(at, &bytes, sizeof(bytes));
}

static uint16_t get16(const unsigned char *at)
{
	uint16_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	return le16toh(bytes);
}

static uint32_t get32(const unsigned char *at)
{
	uint32_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	return le32toh(bytes);
}

static int64_t get64(const unsigned char *at)
{
	uint64_t bytes;

	memcpy(&bytes, at, sizeof(bytes));
	return (int64_t)le64toh(bytes);
}

/* Differences wrap: of any two, and of what damaged bytes hold. */
static int64_t plus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t minus(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a - (uint64_t)b);
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static uint32_t checksum(const unsigned char *bytes, size_t len)
{
	return (uint32_t)crc32(0, bytes + AT_VERSION, (uInt)(len - AT_VERSION));
}

/* ---- encoding ---------------------------------------------------------- */

void block_init(struct block *block, struct arena *arena, int64_t interval_ms)
{
	const size_t room = BLOCK_CANDLES;
	int64_t *columns =
		arena_array(arena, room * BLOCK_COLUMNS, sizeof(*columns));

	*block = (struct block){
		.interval_ms = interval_ms,
		.time = columns,
		.open = columns + room,
		.high = columns + 2 * room,
		.low = columns + 3 * room,
		.close = columns + 4 * room,
		.volume = columns + 5 * room,
	};
}

static const char *times_check(const struct block *block)
{
	int64_t start = block_start(block->time[0], block->interval_ms);

	for (size_t i = 0; i < block->count; i++) {
		int64_t time = block->time[i];

		if (i > 0 && time <= block->time[i - 1])
			return "times do not ascend";
		if ((time - start) % block->interval_ms != 0)
			return "a time is not on the grid";
		if (time - start >= block_span(block->interval_ms))
			return "a time lies outside of the block";
	}
	return NULL;
}

static bool candle_is_sound(const struct block *block, size_t i)
{
	int64_t open = block->open[i], close = block->close[i];
	int64_t low = block->low[i], high = block->high[i];

	return low > 0 && low <= open && low <= close && high >= open &&
	       high >= close && block->volume[i] >= 0;
}

static const char *block_check(const struct block *block)
{
	if (block->count < 1 || block->count > BLOCK_CANDLES)
		return "not 1 to 8192 candles";
	if (block->interval_ms <= 0 ||
		block->interval_ms > INT64_MAX / BLOCK_CANDLES / 2)
		return "no such interval";
	for (size_t i = 0; i < block->count; i++)
		if (!candle_is_sound(block, i))
			return "a candle has impossible values";
	return times_check(block);
}

static int64_t place(const struct block *block, size_t i)
{
	return (block->time[i] - block->time[0]) / block->interval_ms -
	       (int64_t)i;
}

/* What the column keeps of a candle. */
static int64_t kept(const struct block *block, enum column column, size_t i)
{
	int64_t open = block->open[i], close = block->close[i];

	switch (column) {
	case PLACE:
		return place(block, i);
	case OPEN:
		return i == 0 ? 0 : minus(open, block->close[i - 1]);
	case HIGH:
		return minus(block->high[i], larger(open, close));
	case LOW:
		return minus(smaller(open, close), block->low[i]);
	case CLOSE:
		return minus(close, open);
	case VOLUME:
		return block->volume[i];
	}
	return 0;
}

static size_t width_of(uint64_t most)
{
	if (most == 0)
		return 0;
	if (most <= UINT8_MAX)
		return 1;
	if (most <= UINT16_MAX)
		return 2;
	return most <= UINT32_MAX ? 4 : 8;
}

static void value_put(unsigned char *at, size_t width, uint64_t value)
{
	switch (width) {
	case 1:
		*at = (unsigned char)value;
		break;
	case 2:
		put16(at, value);
		break;
	case 4:
		put32(at, value);
		break;
	case 8:
		put64(at, value);
		break;
	default:
		break;
	}
}

/* Returns the bytes behind the column. */
static unsigned char *column_put(const struct block *block, enum column column,
	unsigned char *bytes, unsigned char *at)
{
	int64_t least = kept(block, column, 0);
	int64_t most = least;
	size_t width;

	for (size_t i = 1; i < block->count; i++) {
		int64_t value = kept(block, column, i);

		least = smaller(least, value);
		most = larger(most, value);
	}
	width = width_of((uint64_t)minus(most, least));
	put64(bytes + AT_LEAST + (size_t)column * 8, (uint64_t)least);
	bytes[AT_WIDTH + column] = (unsigned char)width;
	if (width == 0)
		return at;
	for (size_t i = 0; i < block->count; i++, at += width)
		value_put(at, width,
			(uint64_t)minus(kept(block, column, i), least));
	return at;
}

enum err block_encode(const struct block *block, unsigned char *bytes,
	size_t *len, const char **why)
{
	const char *fault = block_check(block);
	unsigned char *at = bytes + BLOCK_HEAD;

	if (fault) {
		*why = fault;
		return ERR_INTERNAL;
	}
	memset(bytes, 0, BLOCK_HEAD);
	bytes[AT_VERSION] = VERSION;
	put16(bytes + AT_COUNT, block->count);
	put64(bytes + AT_INTERVAL, (uint64_t)block->interval_ms);
	put64(bytes + AT_TIME, (uint64_t)block->time[0]);
	put64(bytes + AT_OPEN, (uint64_t)block->open[0]);
	at = column_put(block, PLACE, bytes, at);
	at = column_put(block, OPEN, bytes, at);
	at = column_put(block, HIGH, bytes, at);
	at = column_put(block, LOW, bytes, at);
	at = column_put(block, CLOSE, bytes, at);
	at = column_put(block, VOLUME, bytes, at);
	*len = (size_t)(at - bytes);
	put32(bytes, checksum(bytes, *len));
	return ERR_OK;
}

/* ---- decoding ---------------------------------------------------------- */

static bool is_width(size_t width)
{
	return width <= 2 || width == 4 || width == 8;
}

/* NULL when the columns fill the bytes exactly. */
static const char *head_read(
	const unsigned char *bytes, size_t len, struct head *out)
{
	size_t size = 0; /* of a candle */

	if (len < BLOCK_HEAD || len > BLOCK_BYTES)
		return "it is cut off or too long";
	if (get32(bytes) != checksum(bytes, len))
		return "its checksum is another";
	if (bytes[AT_VERSION] != VERSION)
		return "it is of another version";
	out->count = get16(bytes + AT_COUNT);
	out->interval_ms = get64(bytes + AT_INTERVAL);
	out->time = get64(bytes + AT_TIME);
	out->open = get64(bytes + AT_OPEN);
	for (size_t c = 0; c < BLOCK_COLUMNS; c++) {
		out->least[c] = get64(bytes + AT_LEAST + c * 8);
		out->width[c] = bytes[AT_WIDTH + c];
		if (!is_width(out->width[c]))
			return "a column has no such width";
		size += out->width[c];
	}
	if (out->count < 1 || out->count > BLOCK_CANDLES ||
		len != BLOCK_HEAD + out->count * size)
		return "its length is not that of its columns";
	if (bytes[AT_VERSION + 1] != 0 ||
		get16(bytes + AT_WIDTH + BLOCK_COLUMNS) != 0)
		return "what should be zero is not";
	return NULL;
}

/* The values of a column; the caller has seen that the bytes are there. */
static const unsigned char *column_get(const struct head *head,
	enum column column, const unsigned char *at, int64_t *out)
{
	const size_t count = head->count;
	const size_t width = head->width[column];
	const int64_t least = head->least[column];

	switch (width) {
	case 1:
		for (size_t i = 0; i < count; i++)
			out[i] = plus(least, at[i]);
		break;
	case 2:
		for (size_t i = 0; i < count; i++)
			out[i] = plus(least, get16(at + 2 * i));
		break;
	case 4:
		for (size_t i = 0; i < count; i++)
			out[i] = plus(least, get32(at + 4 * i));
		break;
	case 8:
		for (size_t i = 0; i < count; i++)
			out[i] = plus(least, get64(at + 8 * i));
		break;
	default:
		for (size_t i = 0; i < count; i++)
			out[i] = least;
		break;
	}
	return at + count * width;
}

/* From places to times. NULL, or what is wrong. */
static const char *times_build(const struct head *head, int64_t *time)
{
	const int64_t interval = head->interval_ms;
	const int64_t start = block_start(head->time, interval);
	const int64_t before = (head->time - start) / interval;
	int64_t last = 0;
	bool bad = (head->time - start) % interval != 0 || time[0] != 0;

	for (size_t i = 0; i < head->count; i++) {
		int64_t left_out = time[i];

		/* so that no product below overflows */
		if (left_out < last || left_out >= BLOCK_CANDLES)
			return "times do not ascend";
		last = left_out;
		time[i] = head->time + ((int64_t)i + left_out) * interval;
	}
	bad |= before + (int64_t)head->count - 1 + last >= BLOCK_CANDLES;
	return bad ? "a time lies outside of the block" : NULL;
}

/* From differences to prices. NULL, or what is wrong. */
static const char *prices_build(const struct head *head, struct block *block)
{
	int64_t close = head->open;
	bool bad = block->open[0] != 0;

	for (size_t i = 0; i < head->count; i++) {
		int64_t open = plus(close, block->open[i]);
		int64_t most, least, high, low;

		close = plus(open, block->close[i]);
		most = larger(open, close);
		least = smaller(open, close);
		high = plus(most, block->high[i]);
		low = minus(least, block->low[i]);
		bad |= (low <= 0) | (low > least) | (high < most) |
		       (block->volume[i] < 0);
		block->open[i] = open;
		block->high[i] = high;
		block->low[i] = low;
		block->close[i] = close;
	}
	return bad ? "a candle has impossible values" : NULL;
}

/* Times within some 100 000 years of 1970: sums of them cannot overflow. */
static bool is_plausible(const struct head *head, const struct block *block)
{
	const int64_t most = INT64_MAX / 4;

	return head->interval_ms == block->interval_ms &&
	       head->interval_ms > 0 &&
	       head->interval_ms <= most / BLOCK_CANDLES &&
	       head->time > -most && head->time < most;
}

enum err block_decode(const unsigned char *bytes, size_t len,
	struct block *block, const char **why)
{
	struct head head;
	const unsigned char *at = bytes + BLOCK_HEAD;
	const char *fault = head_read(bytes, len, &head);

	if (!fault && !is_plausible(&head, block))
		fault = "it is of another interval or time";
	if (!fault) {
		at = column_get(&head, PLACE, at, block->time);
		at = column_get(&head, OPEN, at, block->open);
		at = column_get(&head, HIGH, at, block->high);
		at = column_get(&head, LOW, at, block->low);
		at = column_get(&head, CLOSE, at, block->close);
		(void)column_get(&head, VOLUME, at, block->volume);
		fault = times_build(&head, block->time);
	}
	if (!fault)
		fault = prices_build(&head, block);
	if (fault) {
		*why = fault;
		return ERR_INTERNAL;
	}
	block->count = head.count;
	return ERR_OK;
}
