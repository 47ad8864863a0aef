/*
 * Checks candles once, so that whatever runs on them need not. It must never
 * pass what the rest cannot trust (not finite, not ascending).
 */
#include "candles.h"

#include <math.h>
#include <stdbool.h>

/* The ledger's range: 2^63 units of 1e-8. */
static const double price_limit = 92233720368.0;

/* Comparisons are false for NaN, so this refuses NaN too. */
static bool candle_is_sound(const struct candles *candles, size_t i)
{
	double open = candles->open[i], close = candles->close[i];
	double low = candles->low[i], high = candles->high[i];

	return low > 0 && low <= open && low <= close && open <= high &&
	       close <= high && high < price_limit && candles->volume[i] >= 0 &&
	       isfinite(candles->volume[i]);
}

enum err candles_check(const struct candles *candles, struct report *report)
{
	if (candles->count == 0) {
		report_fault(report, "", "there are no candles to run on");
		return ERR_BAD_INPUT;
	}
	for (size_t i = 0; i < candles->count; i++) {
		if (!candle_is_sound(candles, i)) {
			report_fault(report, "",
				"candle %zu has impossible values", i);
			return ERR_BAD_INPUT;
		}
		if (i > 0 && candles->time[i] <= candles->time[i - 1]) {
			report_fault(report, "",
				"candle %zu is not later than the one before",
				i);
			return ERR_BAD_INPUT;
		}
	}
	return ERR_OK;
}

struct candles candles_slice(
	const struct candles *candles, size_t from, size_t to)
{
	return (struct candles){
		.time = candles->time + from,
		.open = candles->open + from,
		.high = candles->high + from,
		.low = candles->low + from,
		.close = candles->close + from,
		.volume = candles->volume + from,
		.count = to - from,
	};
}
