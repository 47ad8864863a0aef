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
	NUMBER_BYTES = 8,
	GATHERED_BYTES = 4096
};

/* What is still to be hashed: many numbers at once cost half as much. */
struct gathered {
	struct sha256 *hash;
	size_t len;
	unsigned char bytes[GATHERED_BYTES];
};

static void flush(struct gathered *out)
{
	sha256_add(out->hash, out->bytes, out->len);
	out->len = 0;
}

static void put_bits(struct gathered *out, uint64_t bits)
{
	if (out->len + NUMBER_BYTES > GATHERED_BYTES)
		flush(out);
	for (size_t i = 0; i < NUMBER_BYTES; i++)
		out->bytes[out->len++] = (unsigned char)(bits >> (8 * i));
}

static void put_int(struct gathered *out, int64_t value)
{
	put_bits(out, (uint64_t)value);
}

/* There are many NaN: all are written as one. */
static void put_double(struct gathered *out, double value)
{
	uint64_t bits = UINT64_C(0x7ff8000000000000);

	if (!isnan(value))
		memcpy(&bits, &value, sizeof(bits));
	put_bits(out, bits);
}

static void put_decimal(struct gathered *out, struct decimal value)
{
	struct decimal trimmed = decimal_trim(value);

	put_int(out, trimmed.units);
	put_int(out, trimmed.scale);
}

static void put_text(struct gathered *out, const char *text)
{
	size_t len = strlen(text);

	put_int(out, (int64_t)len);
	if (out->len + len > GATHERED_BYTES)
		flush(out);
	if (len > GATHERED_BYTES) {
		sha256_add(out->hash, text, len);
		return;
	}
	memcpy(out->bytes + out->len, text, len);
	out->len += len;
}

static void put_trade(struct gathered *out, const struct backtest_trade *trade)
{
	put_decimal(out, trade->size);
	put_int(out, (int64_t)trade->entry_bar);
	put_int(out, (int64_t)trade->exit_bar);
	put_int(out, trade->entry_time);
	put_int(out, trade->exit_time);
	put_decimal(out, trade->entry_price);
	put_decimal(out, trade->exit_price);
	put_decimal(out, trade->entry_fee);
	put_decimal(out, trade->exit_fee);
	put_decimal(out, trade->commission);
	put_decimal(out, trade->pnl);
	put_double(out, trade->return_pct);
	put_text(out, trade->exit_reason);
}

static void put_stats(struct gathered *out, const struct backtest_stats *stats)
{
	for (const struct stats_member *m = stats_members; m->name; m++) {
		const void *at = (const char *)stats + m->offset;

		put_text(out, m->name);
		if (m->kind == STATS_DOUBLE)
			put_double(out, *(const double *)at);
		else
			put_int(out, *(const int64_t *)at);
	}
}

const char *fingerprint(struct arena *arena,
	const struct backtest_trade *trades, size_t trade_count,
	const struct backtest_stats *stats)
{
	struct gathered *out = arena_alloc(arena, sizeof(*out));

	out->hash = sha256_open(arena);
	put_text(out, form);
	put_int(out, (int64_t)trade_count);
	for (size_t i = 0; i < trade_count; i++)
		put_trade(out, &trades[i]);
	put_stats(out, stats);
	flush(out);
	return sha256_hex(out->hash, arena);
}
