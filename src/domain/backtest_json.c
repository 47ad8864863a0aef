/*
 * Writes what is kept of a backtest. Money of the ledger is a decimal text,
 * statistics are numbers, what is undefined is null. Must never be given
 * more trades than BACKTEST_TRADES.
 */
#include "backtest_json_private.h"

#include <assert.h>

#include "json_write.h"

enum {
	POINT_BYTES = 64
};

static struct raw_json raw_of(const struct buf *buf)
{
	assert(!buf->overflow);
	return (struct raw_json){buf->data, buf->len};
}

struct curve {
	struct json_writer *writer;
	const int64_t *time;
	const double *value;
};

static void put_point(const struct curve *curve, size_t bar)
{
	json_put_point(curve->writer, curve->time[bar], curve->value[bar]);
}

/* The lowest and the highest of bars from..to-1, in their order. */
static void put_extremes(const struct curve *curve, size_t from, size_t to)
{
	size_t low = from;
	size_t high = from;

	for (size_t bar = from + 1; bar < to; bar++) {
		if (curve->value[bar] < curve->value[low])
			low = bar;
		if (curve->value[bar] > curve->value[high])
			high = bar;
	}
	put_point(curve, low < high ? low : high);
	if (low != high)
		put_point(curve, low < high ? high : low);
}

static void put_stretches(const struct curve *curve, size_t count)
{
	const size_t stretches = EQUITY_POINTS / 2 - 1;
	size_t inner = count - 2;

	put_point(curve, 0);
	for (size_t i = 0; i < stretches; i++)
		put_extremes(curve, 1 + inner * i / stretches,
			1 + inner * (i + 1) / stretches);
	put_point(curve, count - 1);
}

struct raw_json backtest_equity_json(struct arena *arena,
	const struct candles *candles, const double *equity)
{
	struct json_writer writer;
	const struct curve curve = {&writer, candles->time, equity};
	struct buf buf;

	buf_init(&buf, arena, (size_t)EQUITY_POINTS * POINT_BYTES);
	json_write_init(&writer, &buf);
	json_array(&writer);
	if (candles->count <= EQUITY_POINTS) {
		for (size_t bar = 0; bar < candles->count; bar++)
			put_point(&curve, bar);
	} else {
		put_stretches(&curve, candles->count);
	}
	json_array_end(&writer);
	return raw_of(&buf);
}

static void put_trade(
	struct json_writer *writer, const struct backtest_trade *trade)
{
	json_object(writer);
	json_key(writer, "size");
	json_put_decimal(writer, trade->size);
	json_key(writer, "entry_time");
	json_put_time(writer, trade->entry_time);
	json_key(writer, "exit_time");
	json_put_time(writer, trade->exit_time);
	json_key(writer, "entry_bar");
	json_put_int(writer, (int64_t)trade->entry_bar);
	json_key(writer, "exit_bar");
	json_put_int(writer, (int64_t)trade->exit_bar);
	json_key(writer, "entry_price");
	json_put_decimal(writer, trade->entry_price);
	json_key(writer, "exit_price");
	json_put_decimal(writer, trade->exit_price);
	json_key(writer, "entry_fee");
	json_put_decimal(writer, trade->entry_fee);
	json_key(writer, "exit_fee");
	json_put_decimal(writer, trade->exit_fee);
	json_key(writer, "commission");
	json_put_decimal(writer, trade->commission);
	json_key(writer, "pnl");
	json_put_decimal(writer, trade->pnl);
	json_key(writer, "return_pct");
	json_put_fixed(writer, trade->return_pct);
	json_key(writer, "exit_reason");
	json_put_text(writer, trade->exit_reason);
	json_object_end(writer);
}

struct raw_json backtest_trades_json(
	struct arena *arena, const struct backtest_trade *trades, size_t count)
{
	struct json_writer writer;
	struct buf buf;

	buf_init(&buf, arena, (count + 1) * TRADE_BYTES);
	json_write_init(&writer, &buf);
	json_array(&writer);
	for (size_t i = 0; i < count; i++)
		put_trade(&writer, &trades[i]);
	json_array_end(&writer);
	return raw_of(&buf);
}
