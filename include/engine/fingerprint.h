/*
 * One line that two runs share only when all of their trades and default
 * statistics are the same bits: SHA-256 of a canonical form of them
 * (docs/statistics.md), in hex. For comparing runs, not for secrets.
 */
#ifndef ENGINE_FINGERPRINT_H
#define ENGINE_FINGERPRINT_H

#include <stddef.h>

#include "stats.h"

NEVER_NULL const char *fingerprint(struct arena *arena,
	const struct backtest_trade *trades, size_t trade_count,
	const struct backtest_stats *stats);

#endif
