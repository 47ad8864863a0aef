/*
 * One run of a program over candles, and its statistics.
 * Rules of the simulation (docs/engine.md states them with their sources):
 * decide on the close, fill at the next open; inside a candle the adverse
 * side first; a gap fills at the open; all costs are against us. The ledger
 * (cash, quantity, price, fees, profit) is in scaled integers; equity and
 * statistics are double.
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

/*
 * Zero is the default of each, and costs nothing. Decimals have at most 8
 * digits behind the point; fractions are of 1: "0.001" is 0.1 %.
 */
struct backtest_options {
	struct decimal cash;	     /* > 0 */
	struct decimal commission;   /* of value, each side; < 0.1 */
	bool maker_and_taker;	     /* these two instead of commission */
	struct decimal fee_maker;    /* of a fill at a resting target price */
	struct decimal fee_taker;    /* of all other fills */
	struct decimal fee_fixed;    /* money a fill */
	struct decimal spread;	     /* of price, half against us; < 1 */
	struct decimal slippage;     /* of price, not at targets; < 0.5 */
	struct decimal tick;	     /* fills are rounded against us to it */
	struct decimal lot;	     /* quantities are rounded down to it */
	struct decimal min_notional; /* an entry's least value */
	struct decimal margin;	     /* of value, held; 0 and 1: nothing is
					borrowed */
	bool long_only;		     /* a short entry only closes */
	bool whole_units;	     /* floor quantities to whole units */
	bool fill_on_close;	     /* same close instead of next open */
	bool finalize;		     /* close what is open at the last bar */
	bool touch_fills;	     /* freqtrade's order and prices */
	size_t trade_limit;	     /* 0: none; no entry after that many */
};

struct backtest_trade {
	struct decimal size; /* negative: short */
	size_t entry_bar, exit_bar;
	int64_t entry_time, exit_time; /* opens of these bars */
	struct decimal entry_price, exit_price;
	struct decimal entry_fee, exit_fee; /* money */
	struct decimal commission;	    /* both together */
	struct decimal pnl;		    /* after both */
	double return_pct;
	/* signal stop_loss take_profit trailing_stop break_even time roi
	   margin drawdown end ruin */
	const char *exit_reason;
};

struct backtest_result {
	struct backtest_stats stats;
	const double *equity; /* one value a bar, count as the candles */
	const struct backtest_trade *trades;
	size_t trade_count;
	size_t refused_entries;	    /* too small or not affordable */
	size_t blocked_entries;	    /* kept away by limits or hours */
	bool ruined;		    /* equity fell to 0: the rest is 0 */
	bool limited;		    /* trade_limit kept entries away */
	const struct stats *series; /* for stats_report() */
};

struct backtest_input {
	const struct program *program;
	const struct candles *candles;
	const struct backtest_options *options;
	/* Finer candles, or NULL: where a bar has some, stops and targets are
	   tried along them instead of along the bar. */
	const struct candles *detail;
	/* Or NULL: told now and then how many bars are done; its false ends
	   the run, which is ERR_CONFLICT then. */
	bool (*tell)(void *thing, size_t bars);
	void *thing;
};

/*
 * All candles must have passed candles_check(), which the caller does once
 * for any number of runs. ERR_BAD_INPUT with a fault at each option that
 * cannot be ("/cash", "/fee", "/spread" and so on), at "" when there are too
 * many candles, and at "/cash" when an amount leaves the ledger's range
 * (92 233 720 368 units of money).
 */
MUST_CHECK enum err backtest_run(struct arena *arena,
	const struct backtest_input *input, struct report *report,
	struct backtest_result *out);

#endif
