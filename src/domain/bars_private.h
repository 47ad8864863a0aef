/*
 * Stored candles one by one, in either direction, built up to a larger
 * interval on the way. Numbers are units of the symbol's scales.
 */
#ifndef DOMAIN_BARS_PRIVATE_H
#define DOMAIN_BARS_PRIVATE_H

#include "blocks_private.h"
#include "scope.h"

struct bar {
	int64_t time, open, high, low, close, volume;
};

struct bars_query {
	const char *symbol;
	int64_t stored_ms; /* interval that is read */
	int64_t asked_ms;  /* interval that comes out: a multiple */
	int64_t from, to;  /* from <= open of the bar < to */
	bool newest_first;
	const char *fault_at; /* of candle_query */
};

struct bars {
	struct scope *scope;
	struct bars_query query;
	struct blocks blocks;
	size_t left;	    /* candles of the block not yet read */
	struct bar pending; /* read already, of the next bar */
	bool has_pending;
	int32_t price_scale, volume_scale; /* known with the first bar */
};

/* The open of the bar that holds this time; weeks begin on Monday, UTC. */
int64_t bars_open_of(int64_t time, int64_t interval_ms);
MUST_CHECK enum err bars_start(
	struct scope *scope, const struct bars_query *query, struct bars *out);
/* *more is false behind the last bar. */
MUST_CHECK enum err bars_next(struct bars *bars, bool *more, struct bar *out);
/* Where no larger interval is built, instead of bars_next: a whole block,
   bars->blocks.block, its candles from blocks.from to blocks.to - 1. */
MUST_CHECK enum err bars_block(struct bars *bars, bool *more);
/* Must be called when bars_start went well: ends the snapshot. */
void bars_stop(struct bars *bars);
/* What is to come, by the blocks' own words: at least as many bars as there
   are, seldom more, none of them outside of first..last. */
struct bars_span {
	int64_t count, first, last; /* times, ms; 0 when the count is */
};
MUST_CHECK enum err bars_bound(struct bars *bars, struct bars_span *out);

#endif
