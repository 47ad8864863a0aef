/*
 * The long report on one run: the same figures by other people's
 * definitions, the market beside it, months, drawdowns, how trades are
 * spread, what they depend on, luck, warnings. Read from statistics that are
 * finished; every list has a bound. NaN where undefined, never infinite.
 * Definitions and sources: docs/statistics.md.
 */
#ifndef ENGINE_STATS_REPORT_H
#define ENGINE_STATS_REPORT_H

#include "significance.h"
#include "stats.h"

enum {
	STATS_VARIANTS = 6,
	STATS_DRAWDOWNS = 10,
	STATS_YEARS = 200, /* the last ones */
	STATS_MONTHS = 12,
	STATS_RETURN_BINS = 16,
	STATS_HOLDING_BINS = 12,
	STATS_WEEKDAYS = 7,
	STATS_HOURS = 24,
	STATS_SIDES = 2,
	STATS_REASONS = 16, /* the last one: all others */
	STATS_WARNINGS = 16
};

struct stats_variant {
	const char *name;
	double sharpe, sortino, calmar, cagr_pct, max_drawdown_pct;
};

/* Of daily equity (weekly for weekly bars) and of the closed trades. */
struct stats_ratios {
	double omega, ulcer_index_pct, cvar_5_pct, skew, kurtosis;
	double recovery_factor;	   /* profit / deepest fall in money */
	double time_in_market_pct; /* by time, closed trades */
	double turnover, turnover_ann;
};

/* Money, but for counts, times and ratios. */
struct stats_trade_summary {
	int64_t wins, losses, draws, longest_win_streak, longest_loss_streak;
	double gross_profit, gross_loss, net_profit, fees;
	double average_win, average_loss; /* >= 0 both */
	double best, worst, expectancy;
	double payoff, expectancy_ratio, profit_factor_money, sqn, kelly;
	double traded_value;
	int64_t average_win_ms, average_loss_ms; /* held; 0 where undefined */
};

/* Buying at the base bar's close and holding. */
struct stats_benchmark {
	double return_pct, cagr_pct, max_drawdown_pct, sharpe;
	double alpha_ann_pct, beta, correlation; /* the run's against it */
	double tracking_error_ann_pct, information_ratio;
};

struct stats_year {
	int64_t year;
	double month_pct[STATS_MONTHS]; /* NaN: no candles */
	double year_pct;
};

struct stats_drawdown {
	int64_t from, bottom, to; /* to: the next high, or the end */
	bool recovered;
	double depth_pct; /* > 0 */
};

/* Trades from <= x < to; infinite at both ends. */
struct stats_bin {
	double from, to;
	int64_t trades;
};

/* key: 0 Monday, 0 to 23 o'clock UTC, 1 January; label for the others. */
struct stats_group {
	const char *label;
	int64_t key, trades, wins;
	double profit, returns; /* money; sum of fractions */
};

struct stats_warning {
	const char *slug, *text;
};

struct stats_report {
	const char *fingerprint; /* 64 hex digits (fingerprint.h) */
	struct stats_variant variants[STATS_VARIANTS];
	struct stats_ratios ratios;
	struct stats_trade_summary trades;
	struct stats_benchmark benchmark;
	const struct stats_year *years;
	size_t year_count;
	struct stats_drawdown drawdowns[STATS_DRAWDOWNS]; /* deepest first */
	size_t drawdown_count;
	struct stats_bin return_bins[STATS_RETURN_BINS];   /* percent */
	struct stats_bin holding_bins[STATS_HOLDING_BINS]; /* ms */
	struct stats_group symbol; /* label NULL: not told */
	struct stats_group weekdays[STATS_WEEKDAYS], hours[STATS_HOURS];
	struct stats_group months[STATS_MONTHS], sides[STATS_SIDES];
	struct stats_group reasons[STATS_REASONS];
	size_t reason_count;
	struct significance significance;
	struct stats_warning warnings[STATS_WARNINGS];
	size_t warning_count;
};

struct stats_order {
	const char *symbol; /* or NULL */
	int64_t seed;
	int64_t rounds; /* as of significance_setup */
};

/* After stats_finish(). What it points to lives in the arena. */
void stats_report(struct arena *arena, const struct stats *stats,
	const struct stats_order *order, struct stats_report *out);

#endif
