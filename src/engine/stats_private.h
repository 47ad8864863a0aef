/*
 * What the parts of the statistics share: the sums of a run as stats_block()
 * collects them, the calendar, and small numeric rules. Nothing outside
 * stats*.c includes this.
 */
#ifndef ENGINE_STATS_PRIVATE_H
#define ENGINE_STATS_PRIVATE_H

#include <math.h>

#include "backtest.h"
#include "stats_report.h"
#include "text.h"

enum {
	STATS_STEPS = 99, /* distances of bars that tell the interval */
	STATS_MONDAY = 3, /* day 0, 1970-01-01, was a Thursday */
	WEEK_DAYS = 7
};

static const int64_t stats_second_ms = 1000;
static const int64_t stats_minute_ms = INT64_C(60) * 1000;
static const int64_t stats_hour_ms = INT64_C(60) * 60 * 1000;
static const int64_t stats_day_ms = INT64_C(24) * 60 * 60 * 1000;

/* The last bar of one UTC day. */
struct stats_day {
	int64_t day; /* since 1970-01-01 */
	double equity, close;
};

/* Two bars side by side: what a machine adds or divides at once. The sum of
   the even bars and that of the odd ones. */
typedef double stats_lanes __attribute__((vector_size(16)));

/*
 * x: half the log returns of the equity, y: of the close, bar by bar; their
 * own sums are those of the first bar and the last. simple: returns of the
 * equity, the first against the cash; downside: squares of the negative ones.
 */
struct stats_sums {
	stats_lanes xy, yy;
	stats_lanes simple, squares, downside;
};

/* Equity under its high. Money until a drawdown ends, then fractions. */
struct stats_drawdowns {
	double high, low; /* low: since the high */
	size_t high_bar;
	int64_t high_time, low_time;
	double deepest, depths, money; /* largest, sum, largest in money */
	int64_t longest, total, count; /* of those of more than one step */
	struct stats_drawdown list[STATS_DRAWDOWNS]; /* deepest first */
	size_t listed;
};

struct stats {
	struct arena *arena;
	double cash;
	size_t count; /* bars so far */
	int64_t first_time, last_time;
	double first_equity, first_close;
	double last_equity, last_close;
	int64_t steps[STATS_STEPS]; /* last distances, a ring */
	struct stats_sums sums;
	struct stats_drawdowns down;
	int64_t midnight; /* that ends the last day */
	bool weekend;	  /* is that day */
	size_t weekend_bars;
	struct stats_day *days;
	size_t day_count, day_room;
	/* from stats_finish() on: */
	struct stats_end end;
	struct backtest_stats flat;
	int64_t period; /* median distance of bars, ms; 0: one bar */
	bool weekly;	/* returns are of weeks, not days */
	double periods; /* days, or weeks, in a year */
};

/* NaN instead of an infinity. */
static inline double stats_defined(double value)
{
	return isfinite(value) ? value : (double)NAN;
}

static inline double stats_ratio(double a, double b)
{
	return stats_defined(a / b);
}

static inline int64_t stats_floor_div(int64_t value, int64_t by)
{
	return value / by - (value % by < 0);
}

static inline int64_t stats_day_of(int64_t time)
{
	return stats_floor_div(time, stats_day_ms);
}

/* 0: Monday. */
static inline int stats_weekday(int64_t day)
{
	int64_t monday = day + STATS_MONDAY;

	return (int)(monday - stats_floor_div(monday, WEEK_DAYS) * WEEK_DAYS);
}

/* ---- stats_calendar.c */
/* The median of the last distances; 0 when there is only one bar. */
int64_t stats_period(const struct stats *stats);
/* Durations are rounded up to this: whole days of daily bars, and so on. */
int64_t stats_resolution(int64_t period);
/* The mean of `count` durations, rounded up; count > 0. */
int64_t stats_round_up(int64_t total, int64_t count, int64_t resolution);
/* Sets weekly and periods. */
void stats_set_calendar(struct stats *stats);
/* Whether row `i` of the days is the last of its bin (day or week). */
bool stats_bin_ends(const struct stats *stats, size_t i);
/* From the first bar's open to the last's, in days. */
double stats_span_days(const struct stats *stats);

/* The month, UTC, that a time falls in: from <= time < to. */
void stats_month_bounds(int64_t time, int64_t *from, int64_t *to);

/* ---- stats_block.c */
/* Ends the drawdown that is open, if any. */
void stats_drawdown_end(struct stats *stats);

/* ---- stats_trades.c */
void stats_trades(const struct stats *stats, struct backtest_stats *out);
void stats_trade_summary(
	const struct stats *stats, struct stats_trade_summary *out);

/* ---- parts of stats_report() */
/* Returns of the equity at the ends of days or bins, the first against the
   cash; what follows a ruin is left out. */
struct stats_returns {
	const double *value;
	size_t count;
	double mean, deviation; /* n - 1 */
	double downside;	/* sum of squares of the negative ones */
};
struct stats_returns stats_returns_of(
	struct arena *arena, const double *values, size_t count, double first);
/* Values at the ends of bins: what (of a day) is offsetof its member. */
double *stats_bins(struct arena *arena, const struct stats *stats, size_t what,
	size_t *count);
/* NaN when the deviation is rounding only. */
double stats_sharpe(const struct stats_returns *returns, double periods);
double stats_sortino(const struct stats_returns *returns, double periods);
/* (last / first)^(1 / years) - 1, in percent. */
double stats_cagr_pct(double first, double last, double years);
/* Deepest fall of the values from their high so far, first being one too,
   as a fraction. */
double stats_max_drawdown(const double *values, size_t count, double first);

void stats_variants(struct arena *arena, const struct stats *stats,
	struct stats_report *out);
void stats_benchmark(struct arena *arena, const struct stats *stats,
	struct stats_benchmark *out);
void stats_ratios(struct arena *arena, const struct stats *stats,
	struct stats_ratios *out);
void stats_monthly(struct arena *arena, const struct stats *stats,
	struct stats_report *out);
void stats_distribution(const struct stats *stats, struct stats_report *out);
void stats_breakdowns(const struct stats *stats, const char *symbol,
	struct stats_report *out);
void stats_warnings(struct arena *arena, const struct stats *stats,
	struct stats_report *out);

#endif
