/*
 * The canonical form of a run and its hash. A number is eight bytes, the
 * lowest first; a text is its length and its bytes. It must never depend on
 * the machine, nor on how a decimal happens to be scaled.
 */
#include "fingerprint.h"

#include <math.h>

#include "backtest.h"
#include "sha256.h"

/* A new form gets a new name. */
static const char form[] = "kontor-run-1";

enum {
	NUMBER_BYTES = 8
};

static void put_bits(struct sha256 *hash, uint64_t bits)
{
	unsigned char bytes[NUMBER_BYTES];

	for (size_t i = 0; i < NUMBER_BYTES; i++)
		bytes[i] = (unsigned char)(bits >> (8 * i));
	sha256_add(hash, bytes, sizeof(bytes));
}

static void put_int(struct sha256 *hash, int64_t value)
{
	put_bits(hash, (uint64_t)value);
}

/* There are many NaN: all are written as one. */
static void put_double(struct sha256 *hash, double value)
{
	uint64_t bits = UINT64_C(0x7ff8000000000000);

	if (!isnan(value))
		memcpy(&bits, &value, sizeof(bits));
	put_bits(hash, bits);
}

static void put_decimal(struct sha256 *hash, struct decimal value)
{
	struct decimal trimmed = decimal_trim(value);

	put_int(hash, trimmed.units);
	put_int(hash, trimmed.scale);
}

static void put_text(struct sha256 *hash, const char *text)
{
	size_t len = strlen(text);

	put_int(hash, (int64_t)len);
	sha256_add(hash, text, len);
}

static void put_trade(struct sha256 *hash, const struct backtest_trade *trade)
{
	put_decimal(hash, trade->size);
	put_int(hash, (int64_t)trade->entry_bar);
	put_int(hash, (int64_t)trade->exit_bar);
	put_int(hash, trade->entry_time);
	put_int(hash, trade->exit_time);
	put_decimal(hash, trade->entry_price);
	put_decimal(hash, trade->exit_price);
	put_decimal(hash, trade->entry_fee);
	put_decimal(hash, trade->exit_fee);
	put_decimal(hash, trade->commission);
	put_decimal(hash, trade->pnl);
	put_double(hash, trade->return_pct);
	put_text(hash, trade->exit_reason);
}

static void put_stats(struct sha256 *hash, const struct backtest_stats *stats)
{
	for (const struct stats_member *m = stats_members; m->name; m++) {
		const void *at = (const char *)stats + m->offset;

		put_text(hash, m->name);
		if (m->kind == STATS_DOUBLE)
			put_double(hash, *(const double *)at);
		else
			put_int(hash, *(const int64_t *)at);
	}
}

const char *fingerprint(struct arena *arena,
	const struct backtest_trade *trades, size_t trade_count,
	const struct backtest_stats *stats)
{
	struct sha256 *hash = sha256_open(arena);

	put_text(hash, form);
	put_int(hash, (int64_t)trade_count);
	for (size_t i = 0; i < trade_count; i++)
		put_trade(hash, &trades[i]);
	put_stats(hash, stats);
	return sha256_hex(hash, arena);
}
