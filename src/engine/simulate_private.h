/*
 * The bar loop: decisions in, trades and equity out.
 */
#ifndef ENGINE_SIMULATE_PRIVATE_H
#define ENGINE_SIMULATE_PRIVATE_H

#include "backtest.h"
#include "ledger_private.h"

/*
 * decisions: one byte a bar (evaluate_private.h). Sets everything in *out but
 * the statistics. ERR_BAD_INPUT: an amount left the ledger's range.
 */
MUST_CHECK enum err simulate(struct arena *arena,
	const struct backtest_input *input, const uint8_t *decisions,
	struct backtest_result *out);

#endif
