/*
 * How much an indicator's last value depends on where the candles begin. An
 * average that feeds on its own past (EMA, RSI, ATR) never quite forgets its
 * first candle; a backtest that begins elsewhere, or a live run that began
 * later, then decides differently.
 */
#ifndef ENGINE_RECURSIVE_H
#define ENGINE_RECURSIVE_H

#include "arena.h"
#include "candles.h"
#include "err.h"
#include "program.h"
#include "report.h"

enum {
	RECURSIVE_STARTS = 5
};

struct recursive_row {
	const char *text; /* "ema(close, 200)", "macd(close).signal" */
	double value;	  /* with all candles */
	/* In percent of that value, by recursive_report.bars; NaN: there is
	   no value then, or none to compare with. */
	double moved_pct[RECURSIVE_STARTS];
};
struct recursive_report {
	/* Candles before the last one that each column of moved_pct had: the
	   warm-up and 2, 4, 8, 16 times that. 0: there are not so many. */
	size_t bars[RECURSIVE_STARTS];
	const struct recursive_row *rows;
	size_t count;
};

/*
 * Of every indicator that the rules use, on the last of these candles, which
 * have passed candles_check. ERR_BAD_INPUT with a fault at "" when there are
 * fewer than the warm-up.
 */
MUST_CHECK enum err recursive_report(struct arena *arena,
	const struct program *program, const struct candles *candles,
	struct report *report, struct recursive_report *out);

#endif
