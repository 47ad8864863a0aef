/*
 * What a definition says beside its conditions: stops, sizes, limits, hours.
 * Compiled by compile_rules*.c, read by the simulator. Zero is "not asked
 * for" everywhere, so that rules of nothing are all zero.
 */
#ifndef ENGINE_RULES_PRIVATE_H
#define ENGINE_RULES_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "decisions.h"

enum sizing_mode {
	SIZING_ALL_IN,
	SIZING_FIXED,
	SIZING_PCT_EQUITY,
	SIZING_QUOTE,
	SIZING_RISK_PCT
};

enum {
	ROI_STEP_LIMIT = 32,
	OPEN_LIMIT = 16 /* entries held at once */
};

/* From so many minutes after the entry on. */
struct roi_step {
	int64_t minutes;
	int64_t pct;
	bool any; /* closes at any profit or loss; pct is not read */
};

/* Where a week's entries may be decided; of the local time, which is UTC
   plus the offset. from > to goes over midnight. */
struct session_rule {
	uint8_t days;	  /* bit 0: Monday; 0: no rule at all */
	int32_t from, to; /* minutes of the day, to not included */
	int32_t offset;	  /* minutes */
};

/* Amounts are scaled by 1e-8 (LEDGER_ONE). Percentages too: 5 % is 5e8. */
struct rules {
	int64_t stop_loss_pct;
	int64_t take_profit_pct;
	int64_t trailing_pct;
	int64_t trailing_activation_pct;
	int64_t trailing_positive_pct;
	int64_t trailing_positive_offset_pct;
	int64_t multiple[LEVEL_COUNT]; /* of the average true range */
	int64_t even_trigger_pct;
	int64_t even_offset_pct;
	size_t max_bars;
	struct roi_step roi[ROI_STEP_LIMIT]; /* minutes ascending */
	size_t roi_count;
	enum sizing_mode sizing;
	int64_t amount;	 /* quantity, money or percent, as the mode says */
	size_t max_open; /* 0: one */
	size_t cooldown_bars;
	size_t max_trades_day;
	int64_t max_daily_loss_pct;
	int64_t max_drawdown_pct;
	struct session_rule session;
};

#endif
