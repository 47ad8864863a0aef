/*
 * The table of intervals. It must never guess a length that it does not name.
 */
#include "interval.h"

#include <stddef.h>
#include <string.h>

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define WEEK (7 * DAY)
/* 1970-01-05, the first Monday. */
#define MONDAY (4 * DAY)

const char *const interval_names[] = {
	"1m", "5m", "15m", "30m", "1h", "4h", "1d", "1w", NULL};
static const int64_t lengths[] = {MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE,
	HOUR, 4 * HOUR, DAY, WEEK};

int64_t interval_ms(const char *name)
{
	for (size_t i = 0; interval_names[i]; i++)
		if (strcmp(interval_names[i], name) == 0)
			return lengths[i];
	return 0;
}

const char *interval_name(int64_t ms)
{
	for (size_t i = 0; interval_names[i]; i++)
		if (lengths[i] == ms)
			return interval_names[i];
	return NULL;
}

int64_t interval_open(int64_t time, int64_t ms)
{
	int64_t start = ms == WEEK ? MONDAY : 0;
	int64_t into = (time - start) % ms;

	return time - (into < 0 ? into + ms : into);
}
