/*
 * The table of months and years: equity at the end of each against the end
 * of the one before that had candles, the first against the cash. UTC.
 */
#include "stats_private.h"

#include "clock.h"

static struct time_date date_at(const struct stats *stats, size_t i)
{
	return time_date(stats->days[i].day);
}

static double percent(double before, double now)
{
	return stats_defined((now / before - 1) * 100);
}

static size_t count_years(const struct stats *stats)
{
	int64_t year = 0;
	size_t count = 0;

	for (size_t i = 0; i < stats->day_count; i++) {
		int64_t next = date_at(stats, i).year;

		if (count == 0 || next != year)
			count++;
		year = next;
	}
	return count;
}

static void year_begin(struct stats_year *year, int64_t number)
{
	year->year = number;
	for (size_t i = 0; i < STATS_MONTHS; i++)
		year->month_pct[i] = NAN;
}

void stats_monthly(struct arena *arena, const struct stats *stats,
	struct stats_report *out)
{
	size_t count = count_years(stats), at = 0;
	struct stats_year *years = arena_array(arena, count, sizeof(*years));
	double month_before = stats->cash, year_before = stats->cash;
	struct time_date date = date_at(stats, 0);

	year_begin(&years[0], date.year);
	for (size_t i = 0; i < stats->day_count; i++) {
		double equity = stats->days[i].equity;
		bool last = i + 1 == stats->day_count;
		struct time_date next = last ? date : date_at(stats, i + 1);
		bool year_ends = last || next.year != date.year;

		if (year_ends || next.month != date.month) {
			years[at].month_pct[date.month - 1] =
				percent(month_before, equity);
			month_before = equity;
		}
		if (year_ends) {
			years[at].year_pct = percent(year_before, equity);
			year_before = equity;
		}
		if (year_ends && !last)
			year_begin(&years[++at], next.year);
		date = next;
	}
	at = count > STATS_YEARS ? count - STATS_YEARS : 0;
	out->years = &years[at];
	out->year_count = count - at;
}
