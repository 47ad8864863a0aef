/*
 * The lengths of candles: their names, milliseconds, and where in time a
 * candle of that length begins.
 */
#ifndef ENGINE_INTERVAL_H
#define ENGINE_INTERVAL_H

#include <stdint.h>

/* "1m 5m 15m 30m 1h 4h 1d 1w", NULL-terminated, ascending. */
extern const char *const interval_names[];
/* 0 for an unknown name. */
int64_t interval_ms(const char *name);
/* NULL when no interval is so long. */
const char *interval_name(int64_t ms);
/* The open of the candle of that length in which this time lies. Days begin
   at midnight UTC, weeks on Monday (ISO 8601). */
int64_t interval_open(int64_t time, int64_t ms);

#endif
