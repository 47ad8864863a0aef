/*
 * Bars for evaluators, read block by block: memory does not grow with the
 * history. Must never hand out a bar behind the range that it was asked for.
 */
#include "signal_feed_private.h"

#include "units_private.h"

/* Years 1 to 9999: no candle lies outside. */
#define TIME_LEAST INT64_C(-62135596800000)

struct candles signal_block_candles(const struct signal_block *block)
{
	return (struct candles){
		.time = block->time,
		.open = block->open,
		.high = block->high,
		.low = block->low,
		.close = block->close,
		.volume = block->volume,
		.count = block->count,
	};
}

struct bars_query signal_feed_query(
	const struct signal_due *due, int64_t from, int64_t to)
{
	return (struct bars_query){
		.symbol = due->symbol,
		.stored_ms = due->stored_ms,
		.asked_ms = due->interval_ms,
		.from = from,
		.to = to,
	};
}

static void block_add(struct signal_block *block, const struct bars *bars,
	const struct bar *bar)
{
	const double price = units_one(bars->price_scale);
	const double volume = units_one(bars->volume_scale);
	const size_t at = block->count++;

	block->time[at] = bar->time;
	units_double(&bar->open, 1, price, &block->open[at]);
	units_double(&bar->high, 1, price, &block->high[at]);
	units_double(&bar->low, 1, price, &block->low[at]);
	units_double(&bar->close, 1, price, &block->close[at]);
	units_double(&bar->volume, 1, volume, &block->volume[at]);
	block->close_units[at] = bar->close;
	block->price_scale = bars->price_scale;
}

enum err signal_feed_next(
	struct bars *bars, size_t most, struct signal_block *out)
{
	struct candles candles;
	struct bar bar;
	bool more = true;
	enum err err = ERR_OK;

	out->count = 0;
	while (err == ERR_OK && more && out->count < most) {
		err = bars_next(bars, &more, &bar);
		if (err == ERR_OK && more)
			block_add(out, bars, &bar);
	}
	if (err != ERR_OK || out->count == 0)
		return err;
	candles = signal_block_candles(out);
	return candles_check(&candles, scope_report(bars->scope));
}

enum err signal_feed_start(struct scope *scope, const struct signal_due *due,
	int64_t history, int64_t to, int64_t *out)
{
	struct bars_query query = signal_feed_query(due, TIME_LEAST, to);
	struct bar bar = {.time = TIME_LEAST};
	struct bars bars;
	bool more = true;
	enum err err;

	*out = TIME_LEAST;
	if (due->candles <= history)
		return ERR_OK;
	query.newest_first = true;
	err = bars_start(scope, &query, &bars);
	if (err != ERR_OK)
		return err;
	while (err == ERR_OK && more && history-- > 0)
		err = bars_next(&bars, &more, &bar);
	bars_stop(&bars);
	if (err == ERR_OK && more)
		*out = bar.time;
	return err;
}
