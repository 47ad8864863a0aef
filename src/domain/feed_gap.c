/*
 * Where candles are missing: a walk over stored ones, block by block, to the
 * first hole. Reads only.
 */
#include "bars_private.h"
#include "feeds.h"

/* Behind the candles in a row that begin at `at`: where the next one should
   be, and *hole: another stands later in this block. */
static int64_t block_walk(
	const struct blocks *blocks, int64_t at, int64_t step, int64_t *hole)
{
	for (size_t i = blocks->from; i < blocks->to; i++) {
		if (blocks->block.time[i] != at) {
			*hole = blocks->block.time[i];
			return at;
		}
		at += step;
	}
	return at;
}

static enum err walk(struct bars *bars, const struct feed_window *window,
	struct feed_window *out)
{
	int64_t at = window->from;
	int64_t hole = 0;
	bool more = true;
	enum err err = ERR_OK;

	while (hole == 0 && (err = bars_block(bars, &more)) == ERR_OK && more)
		at = block_walk(&bars->blocks, at, window->interval_ms, &hole);
	if (err != ERR_OK)
		return err;
	*out = *window;
	out->from = at;
	out->to = hole ? hole : window->to;
	return out->from < out->to ? ERR_OK : ERR_NOT_FOUND;
}

enum err feed_gap(struct scope *scope, const struct feed_window *window,
	struct feed_window *out)
{
	const struct bars_query query = {.symbol = window->symbol,
		.stored_ms = window->interval_ms,
		.asked_ms = window->interval_ms,
		.from = window->from,
		.to = window->to};
	struct feed_window gap;
	struct bars bars;
	enum err err;

	if (window->from >= window->to)
		return ERR_NOT_FOUND;
	err = bars_start(scope, &query, &bars);
	if (err != ERR_OK)
		return err;
	err = walk(&bars, window, &gap);
	bars_stop(&bars);
	if (err == ERR_OK)
		*out = gap;
	return err;
}
