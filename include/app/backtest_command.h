/*
 * The parts of `kontor backtest`: what stands on its command line, what it
 * prints, and the requirement that decides its exit status.
 */
#ifndef APP_BACKTEST_COMMAND_H
#define APP_BACKTEST_COMMAND_H

#include <stdbool.h>

#include "backtest.h"
#include "recursive.h"
#include "stats_report.h"

/* Exit statuses, for scripts; 1 is any other failure. */
enum {
	BACKTEST_EXIT_DONE = 0,
	BACKTEST_EXIT_USAGE = 2,
	BACKTEST_EXIT_DEFINITION = 3,
	BACKTEST_EXIT_CANDLES = 4, /* or the options of the run */
	BACKTEST_EXIT_REQUIREMENT = 5
};

/* As written; NULL: not there. */
struct backtest_words {
	const char *candles, *interval, *detail, *detail_interval;
	const char *cash, *fee, *fee_maker, *fee_taker, *fee_fixed;
	const char *spread, *slippage, *tick, *lot, *min_notional, *margin;
	const char *require;
	bool skip_faults, whole_units, long_only, fill_on_close, touch_fills;
	bool keep_open, json, csv, recursive, quiet;
};

/* "sharpe>=1": a member of struct backtest_stats, a comparison, a number. */
struct backtest_requirement {
	const struct stats_member *member; /* NULL: none, which holds */
	bool above, or_equal;
	double bound;
};
/* False when the text (NULL: none) is not of that form. */
bool backtest_requirement_parse(
	const char *text, struct backtest_requirement *out);
/* A figure that is not defined holds nothing. */
bool backtest_requirement_holds(const struct backtest_requirement *requirement,
	const struct backtest_stats *stats);

/* For people; for programs, all of it; the closed trades, a line each. */
void backtest_print_table(const struct program *program,
	const struct backtest_result *result,
	const struct stats_report *report);
void backtest_print_json(struct arena *arena, const struct candles *candles,
	const struct backtest_result *result,
	const struct stats_report *report);
/* How far each indicator's last value moves when the candles begin later. */
void backtest_print_recursive(const struct recursive_report *report);
void backtest_print_csv(
	struct arena *arena, const struct backtest_result *result);

#endif
