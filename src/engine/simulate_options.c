/*
 * The options of a run into the ledger's scale, each checked. It must never
 * let a cost through that could help.
 */
#include "simulate_state_private.h"

enum {
	FEE_BELOW = LEDGER_ONE / 10, /* one tenth of the value */
	SLIPPAGE_BELOW = LEDGER_ONE / 2
};

struct option_row {
	const char *pointer;
	struct decimal value;
	int64_t below; /* 0: what the ledger holds */
	int64_t *out;
};

static enum err option_read(struct report *report, const struct option_row *row)
{
	int64_t units;

	if (ledger_units(row->value, &units) == ERR_OK && units >= 0 &&
		(!row->below || units < row->below)) {
		*row->out = units;
		return ERR_OK;
	}
	if (row->below)
		report_fault(report, row->pointer,
			"must be from 0 to less than %.15g, with at most 8 "
			"digits behind the point",
			(double)row->below / LEDGER_ONE);
	else
		report_fault(report, row->pointer,
			"must be 0 or more, below 92 billion, with at most 8 "
			"digits behind the point");
	return ERR_BAD_INPUT;
}

static enum err cash_read(
	struct decimal value, struct report *report, int64_t *out)
{
	int64_t units;

	if (ledger_units(value, &units) != ERR_OK || units <= 0) {
		report_fault(report, "/cash",
			"must be above 0, below 92 billion, and have at most "
			"8 digits behind the point");
		return ERR_BAD_INPUT;
	}
	*out = units;
	return ERR_OK;
}

/* Sets the margin and the step, where 0 stands for a default. */
static enum err defaults_set(const struct backtest_options *options,
	struct report *report, struct ledger_costs *costs)
{
	if (costs->margin == 0)
		costs->margin = LEDGER_ONE;
	if (options->whole_units && costs->step % LEDGER_ONE != 0) {
		report_fault(report, "/lot",
			"must be whole when quantities are whole");
		return ERR_BAD_INPUT;
	}
	if (costs->step == 0)
		costs->step = options->whole_units ? LEDGER_ONE : 1;
	if (costs->margin <= LEDGER_ONE)
		return ERR_OK;
	report_fault(report, "/margin", "must be above 0 and at most 1");
	return ERR_BAD_INPUT;
}

static enum err costs_read(const struct backtest_options *options,
	struct report *report, struct ledger_costs *costs)
{
	bool two = options->maker_and_taker;
	const struct decimal fee = options->commission;
	const struct option_row rows[] = {
		{two ? "/fee_maker" : "/fee", two ? options->fee_maker : fee,
			FEE_BELOW, &costs->fee_maker},
		{two ? "/fee_taker" : "/fee", two ? options->fee_taker : fee,
			FEE_BELOW, &costs->fee_taker},
		{"/fee_fixed", options->fee_fixed, 0, &costs->fee_fixed},
		{"/spread", options->spread, LEDGER_ONE, &costs->spread},
		{"/slippage", options->slippage, SLIPPAGE_BELOW,
			&costs->slippage},
		{"/tick", options->tick, 0, &costs->tick},
		{"/lot", options->lot, 0, &costs->step},
		{"/min_notional", options->min_notional, 0, &costs->min_value},
		{"/margin", options->margin, 0, &costs->margin},
	};
	enum err err = ERR_OK;

	/* One fee that is wrong is one fault. */
	for (size_t i = two ? 0 : 1; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (option_read(report, &rows[i]) != ERR_OK)
			err = ERR_BAD_INPUT;
	if (!two)
		costs->fee_maker = costs->fee_taker;
	return err ? err : defaults_set(options, report, costs);
}

enum err sim_options(struct sim *sim, const struct backtest_options *options,
	struct report *report)
{
	struct ledger_costs costs = {0};
	int64_t cash = 0;
	enum err err = cash_read(options->cash, report, &cash);
	enum err also = costs_read(options, report, &costs);

	if (err || also)
		return ERR_BAD_INPUT;
	ledger_begin(&sim->ledger, &costs, cash);
	sim->trade_limit = options->trade_limit;
	sim->fill_on_close = options->fill_on_close;
	sim->finalize = options->finalize;
	sim->touch_fills = options->touch_fills;
	sim->long_only = options->long_only;
	return ERR_OK;
}
