/*
 * What a definition says beside its conditions: stops and sizes. Compiled by
 * compile_rules.c, read by the simulator.
 */
#ifndef ENGINE_RULES_PRIVATE_H
#define ENGINE_RULES_PRIVATE_H

#include <stdint.h>

enum sizing_mode {
	SIZING_ALL_IN,
	SIZING_FIXED,
	SIZING_PCT_EQUITY
};

/* Amounts are scaled by 1e-8 (LEDGER_ONE). Percentages too: 5 % is 5e8. */
struct rules {
	int64_t stop_loss_pct;	 /* 0: none */
	int64_t take_profit_pct; /* 0: none */
	enum sizing_mode sizing;
	int64_t amount; /* SIZING_FIXED: quantity; PCT_EQUITY: percent */
};

#endif
