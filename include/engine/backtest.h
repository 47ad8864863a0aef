/*
 * One run of a program over candles, and its statistics.
 * Rules of the simulation (docs/engine.md states them with their sources):
 * decide on the close, fill at the next open; inside a candle the adverse
 * side first; a gap fills at the open; commission is a fraction of the
 * traded value on each side. The ledger (cash, quantity, price, profit) is
 * in scaled integers; equity and statistics are double.
 */
#ifndef ENGINE_BACKTEST_H
#define ENGINE_BACKTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "candles.h"
#include "decimal.h"
#include "err.h"
#include "program.h"
#include "report.h"
#include "stats.h"

/* What one run may take of the arena, besides the list of trades. */
enum {
	BACKTEST_MEMORY_LIMIT = 256 * 1024 * 1024
};

struct backtest_options {
	struct decimal cash;	   /* > 0, at most 8 digits */
	struct decimal commission; /* of value, 0 <= c < 0.1, 8 digits */
	bool whole_units;	   /* floor quantities to whole units */
	bool fill_on_close;	   /* same close instead of next open */
	bool finalize;		   /* close what is open at the last bar */
	size_t trade_limit;	   /* 0: none; no entry after that many */
};

struct backtest_trade {
	struct decimal size; /* negative: short */
	size_t entry_bar, exit_bar;
	int64_t entry_time, exit_time;
	struct decimal entry_price, exit_price;
	struct decimal commission; /* of both sides, money */
	struct decimal pnl;	   /* after commission */
	double return_pct;
	const char *exit_reason; /* signal stop_loss take_profit end ruin */
};

struct backtest_result {
	struct backtest_stats stats;
	const double *equity; /* one value a bar, count as the candles */
	const struct backtest_trade *trades;
	size_t trade_count;
	size_t refused_entries;	    /* too small or not affordable */
	bool ruined;		    /* equity fell to 0: the rest is 0 */
	bool limited;		    /* trade_limit kept entries away */
	const struct stats *series; /* for stats_report() */
};

struct backtest_input {
	const struct program *program;
	const struct candles *candles;
	const struct backtest_options *options;
};

/*
 * ERR_BAD_INPUT with a fault when options or candles cannot be run, or when
 * an amount leaves the ledger's range (92 233 720 368 units of money).
 * Pointers: "/cash", "/commission", "" for the candles.
 */
MUST_CHECK enum err backtest_run(struct arena *arena,
	const struct backtest_input *input, struct report *report,
	struct backtest_result *out);

#endif
