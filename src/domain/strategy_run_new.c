/*
 * What is asked of a run: the strategy's own members, and for one that trades
 * the cash and the costs of a backtest, from the same table.
 */
#include "strategy_runs.h"

#include "backtest_order_private.h"
#include "market.h"

static const struct field run_new_fields[] = {
	{.name = "id",
		.kind = SHAPE_TEXT,
		.offset = offsetof(struct strategy_run_new, strategy_id),
		.required = true,
		.from = FROM_PATH,
		.doc = "the strategy's id"},
	FIELD(struct strategy_run_new, mode, .required = true,
		.one_of = strategy_run_modes,
		.doc = "signal: say what the rules say, trade nothing; paper: "
		       "trade with play money in an account of its own; live: "
		       "trade at Binance with what of the account there is "
		       "given to it"),
	FIELD(struct strategy_run_new, symbol, .required = true, .min = 1,
		.max = 32, .doc = "such as BTC-USD"),
	FIELD(struct strategy_run_new, interval, .nullable = true,
		.one_of = market_intervals, .doc = "absent: the definition's"),
	FIELD(struct strategy_run_new, params, .nullable = true,
		.doc = "an object of parameters in place of their defaults"),
	RUN_FIELD(struct strategy_run_new, costs., cash, .nullable = true,
		.doc = "to begin with; on paper absent: PAPER_BALANCE. The "
		       "costs below are those of a backtest; live, fee and "
		       "slippage are what sizes are reckoned with (absent: "
		       "the fee of this server, 0.005), the others refused"),
	COST_FIELDS(struct strategy_run_new, costs.),
};
const struct shape run_new_shape =
	SHAPE("run_new", struct strategy_run_new, run_new_fields);
