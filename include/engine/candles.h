/*
 * Candles as the engine reads them: columns of equal length, ascending in
 * time. Whoever loads them checks them once; every run after that trusts
 * them. Prices have at most 8 digits behind the point; a double holds them
 * well enough to be rounded back.
 */
#ifndef ENGINE_CANDLES_H
#define ENGINE_CANDLES_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "report.h"

struct candles {
	const int64_t *time; /* open of the candle, ms UTC */
	const double *open, *high, *low, *close, *volume;
	size_t count;
};

/*
 * ERR_BAD_INPUT with a fault at "" unless there is a candle, each has
 * 0 < low <= open, close <= high < 92 billion and a finite volume >= 0, and
 * each is later than the one before.
 */
MUST_CHECK enum err candles_check(
	const struct candles *candles, struct report *report);
/* The part from..to-1 of the same columns. */
struct candles candles_slice(
	const struct candles *candles, size_t from, size_t to);

#endif
