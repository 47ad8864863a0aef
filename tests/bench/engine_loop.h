/*
 * The yardstick of tests/bench/engine: one rule written out in C, which knows
 * no other. Must not use the engine.
 */
#ifndef BENCH_ENGINE_LOOP_H
#define BENCH_ENGINE_LOOP_H

#include <stddef.h>
#include <stdint.h>

struct loop_candles {
	const int64_t *time;
	const double *open, *close;
	size_t count;
};

struct loop_trade {
	size_t entry_bar, exit_bar;
	double size, entry_price, exit_price, profit, change;
};

struct loop_result {
	double *equity; /* one value a bar; the caller frees both */
	struct loop_trade *trades;
	size_t trade_count;
	double equity_final, return_pct, max_drawdown_pct;
	int64_t max_drawdown_ms;
	double win_rate_pct, best_pct, worst_pct, expectancy_pct;
	double profit_factor, sqn;
	/* with all of them */
	double sharpe, sortino, volatility_pct, beta, exposure_pct;
	double average_drawdown_pct;
};

/*
 * SMA 10 / SMA 30, long above and short below: decided on the close, filled
 * at the next open, the whole cash in units of 1e-8, closed at the last open.
 */
struct loop_result loop_run(const struct loop_candles *candles, double cash);
/* The same with every statistic that a backtest has by default: daily returns
   and what is made of them, beta bar by bar, each drawdown, exposure. */
struct loop_result loop_run_all(
	const struct loop_candles *candles, double cash);

#endif
