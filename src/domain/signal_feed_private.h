/* Closed bars of a symbol, ascending, a block at a time, for an evaluator. */
#ifndef DOMAIN_SIGNAL_FEED_PRIVATE_H
#define DOMAIN_SIGNAL_FEED_PRIVATE_H

#include "bars_private.h"
#include "candles.h"
#include "evaluate.h"
#include "signal_runner.h"

/* One block, in columns; the closes also as they are stored. */
struct signal_block {
	int64_t time[EVALUATE_BLOCK];
	double open[EVALUATE_BLOCK], high[EVALUATE_BLOCK], low[EVALUATE_BLOCK];
	double close[EVALUATE_BLOCK], volume[EVALUATE_BLOCK];
	int64_t close_units[EVALUATE_BLOCK];
	int32_t price_scale;
	size_t count;
};

struct candles signal_block_candles(const struct signal_block *block);
/* Of the due's symbol and interval: from <= open < to. */
struct bars_query signal_feed_query(
	const struct signal_due *due, int64_t from, int64_t to);
/* Reads on, at most `most` bars; none behind the last. ERR_BAD_INPUT with a
   fault when they are no candles. */
MUST_CHECK enum err signal_feed_next(
	struct bars *bars, size_t most, struct signal_block *out);
/* The open of the first bar that a new evaluator replays, when those up to
   `to` are as many as it may: history of them, else all. */
MUST_CHECK enum err signal_feed_start(struct scope *scope,
	const struct signal_due *due, int64_t history, int64_t to,
	int64_t *out);

#endif
