/*
 * The time of day somewhere: what the system's time zone files (TZif, RFC
 * 9636) say of a moment. Days and minutes are all that is asked for here.
 */
#ifndef BASE_ZONE_H
#define BASE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"

/* Where the system keeps them. */
#define ZONE_FOLDER "/usr/share/zoneinfo"

struct zone_time {
	int64_t day;	/* since 1970-01-01, by the calendar there */
	int64_t minute; /* of that day */
};

/* zone: "Europe/Berlin". One that is not there, or whose file is broken,
   counts as UTC. */
struct zone_time zone_time(struct arena *arena, const char *folder,
	const char *zone, int64_t now_ms);
/* Is it one of the folder's? Where there is no folder, every name that could
   be one is. */
bool zone_is_known(const char *folder, const char *zone);

#endif
