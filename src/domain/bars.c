/*
 * Reads candles of one stored interval and joins them to bars of the asked
 * one. Memory does not grow with the number of candles. Must never build a
 * bar of which the range cuts off a part.
 */
#include "bars_private.h"

static const char bound_sql[] =
	"SELECT coalesce(sum(candles), 0), min(first), max(last)"
	" FROM candle_blocks WHERE symbol = :symbol"
	" AND interval_ms = :interval AND first >= :low AND first < :high";

int64_t bars_open_of(int64_t time, int64_t interval_ms)
{
	int64_t into = (time - block_origin(interval_ms)) % interval_ms;

	return time - (into < 0 ? into + interval_ms : into);
}

/* The first open at or behind this time. */
static int64_t open_from(int64_t time, int64_t interval_ms)
{
	int64_t open = bars_open_of(time, interval_ms);

	return open == time ? time : open + interval_ms;
}

enum err bars_start(
	struct scope *scope, const struct bars_query *query, struct bars *out)
{
	const struct blocks_query wanted = {
		.symbol = query->symbol,
		.interval_ms = query->stored_ms,
		.from = open_from(query->from, query->asked_ms),
		.to = open_from(query->to, query->asked_ms),
		.newest_first = query->newest_first,
	};

	*out = (struct bars){.scope = scope, .query = *query};
	return blocks_start(scope, &wanted, &out->blocks);
}

enum err bars_block(struct bars *bars, bool *more)
{
	enum err err = blocks_next(&bars->blocks, more);

	if (err != ERR_OK || !*more)
		return err;
	bars->left = bars->blocks.to - bars->blocks.from;
	bars->price_scale = bars->blocks.price_scale;
	bars->volume_scale = bars->blocks.volume_scale;
	return ERR_OK;
}

static enum err candle_read(struct bars *bars, bool *more, struct bar *out)
{
	const struct block *block = &bars->blocks.block;
	enum err err = ERR_OK;
	size_t at;

	*more = true;
	if (bars->left == 0)
		err = bars_block(bars, more);
	if (err != ERR_OK || !*more)
		return err;
	at = bars->query.newest_first ? bars->blocks.from + bars->left - 1
				      : bars->blocks.to - bars->left;
	bars->left--;
	*out = (struct bar){
		.time = block->time[at],
		.open = block->open[at],
		.high = block->high[at],
		.low = block->low[at],
		.close = block->close[at],
		.volume = block->volume[at],
	};
	return ERR_OK;
}

/* Adds a candle at the reading end of the bar. */
static enum err bar_join(
	struct bars *bars, struct bar *bar, const struct bar *candle)
{
	if (candle->high > bar->high)
		bar->high = candle->high;
	if (candle->low < bar->low)
		bar->low = candle->low;
	if (bars->query.newest_first)
		bar->open = candle->open;
	else
		bar->close = candle->close;
	if (__builtin_add_overflow(bar->volume, candle->volume, &bar->volume)) {
		report_detail(scope_report(bars->scope),
			"The volume of a candle is too large to add up.");
		return ERR_BAD_INPUT;
	}
	return ERR_OK;
}

static enum err bar_first(struct bars *bars, bool *more, struct bar *out)
{
	if (!bars->has_pending)
		return candle_read(bars, more, out);
	bars->has_pending = false;
	*out = bars->pending;
	*more = true;
	return ERR_OK;
}

/* Candles up to the bar's other end; the first one of the next bar is kept. */
static enum err bar_fill(struct bars *bars, struct bar *bar)
{
	const int64_t end = bar->time + bars->query.asked_ms;
	struct bar next;
	bool more = false;
	enum err err;

	while ((err = candle_read(bars, &more, &next)) == ERR_OK && more) {
		if (next.time < bar->time || next.time >= end) {
			bars->pending = next;
			bars->has_pending = true;
			break;
		}
		err = bar_join(bars, bar, &next);
		if (err != ERR_OK)
			return err;
	}
	return err;
}

enum err bars_next(struct bars *bars, bool *more, struct bar *out)
{
	struct bar bar;
	bool found = false;
	enum err err = bar_first(bars, &found, &bar);

	if (err == ERR_OK && found &&
		bars->query.asked_ms != bars->query.stored_ms) {
		bar.time = bars_open_of(bar.time, bars->query.asked_ms);
		err = bar_fill(bars, &bar);
	}
	if (err != ERR_OK)
		return err;
	*more = found;
	if (found)
		*out = bar;
	return ERR_OK;
}

void bars_stop(struct bars *bars)
{
	blocks_stop(&bars->blocks);
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Of the blocks that lie in the range, or reach into it. */
enum err bars_bound(struct bars *bars, struct bars_span *out)
{
	const struct blocks *blocks = &bars->blocks;
	struct rows *rows;
	int64_t first;
	int64_t last;
	int64_t count;
	enum err err = scope_one(bars->scope, bound_sql,
		BINDS(bind_text(":symbol", bars->query.symbol),
			bind_int(":interval", bars->query.stored_ms),
			bind_int(":low", blocks->low),
			bind_int(":high", blocks->high)),
		&rows);

	if (err != ERR_OK)
		return err;
	count = rows_int(rows, 0);
	first = rows_int(rows, 1);
	last = least(rows_int(rows, 2), blocks->query.to - 1);
	rows_end(rows);
	if (first < blocks->query.from)
		first = blocks->query.from;
	if (count == 0 || last < first) {
		*out = (struct bars_span){.count = 0};
		return ERR_OK;
	}
	*out = (struct bars_span){
		.count =
			least(count, (last - first) / bars->query.asked_ms + 2),
		.first = bars_open_of(first, bars->query.asked_ms),
		.last = last,
	};
	return ERR_OK;
}
