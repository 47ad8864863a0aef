/*
 * Days, weeks and years of a run, and the unit its durations are told in.
 * Must never read a clock: all it knows is the candles' times.
 */
#include "stats_private.h"

#include "clock.h"

enum {
	FRIDAY = 4,
	WEEK_YEAR = 52,
	TRADING_YEAR = 252,
	CALENDAR_YEAR = 365
};

/* Above this share of weekend bars the market has no closed weekends. */
static const double weekend_share = 2.0 / 7.0 * 0.6;

static int compare_int64(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int64_t stats_period(const struct stats *stats)
{
	int64_t steps[STATS_STEPS];
	size_t n = stats->count - 1;

	if (n > STATS_STEPS)
		n = STATS_STEPS;
	if (n == 0)
		return 0;
	memcpy(steps, stats->steps, n * sizeof(steps[0]));
	qsort(steps, n, sizeof(steps[0]), compare_int64);
	return n % 2 ? steps[n / 2] : (steps[n / 2 - 1] + steps[n / 2]) / 2;
}

int64_t stats_resolution(int64_t period)
{
	if (period % stats_day_ms == 0)
		return stats_day_ms;
	if (period % stats_hour_ms == 0)
		return stats_hour_ms;
	if (period % stats_minute_ms == 0)
		return stats_minute_ms;
	return period % stats_second_ms == 0 ? stats_second_ms : 1;
}

int64_t stats_round_up(int64_t total, int64_t count, int64_t resolution)
{
	int64_t unit = count * resolution;

	return (total + unit - 1) / unit * resolution;
}

void stats_set_calendar(struct stats *stats)
{
	double share = (double)stats->weekend_bars / (double)stats->count;

	stats->weekly = stats->period / stats_day_ms == WEEK_DAYS;
	if (stats->weekly)
		stats->periods = WEEK_YEAR;
	else
		stats->periods =
			share > weekend_share ? CALENDAR_YEAR : TRADING_YEAR;
}

/* Days end at midnight UTC, weeks on Sunday. */
static int64_t bin_of(const struct stats *stats, size_t i)
{
	int64_t day = stats->days[i].day;

	return stats->weekly ? stats_floor_div(day + STATS_MONDAY, WEEK_DAYS)
			     : day;
}

bool stats_bin_ends(const struct stats *stats, size_t i)
{
	return i + 1 == stats->day_count ||
	       bin_of(stats, i + 1) != bin_of(stats, i);
}

double stats_span_days(const struct stats *stats)
{
	return (double)(stats->last_time - stats->first_time) /
	       (double)stats_day_ms;
}

void stats_month_bounds(int64_t time, int64_t *from, int64_t *to)
{
	struct time_date date = time_date(stats_day_of(time));
	bool december = date.month == STATS_MONTHS;

	*from = time_days(date.year, date.month, 1) * stats_day_ms;
	*to = time_days(
		      date.year + december, december ? 1 : date.month + 1, 1) *
	      stats_day_ms;
}
