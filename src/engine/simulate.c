/*
 * The bar loop. Per bar: what was decided on the bar before fills at the
 * open; then the stops, adverse side first; then the close marks the equity
 * and decides. At most one position. It must never let a decision see a bar
 * that has not closed.
 */
#include "simulate_private.h"

#include <math.h>

#include "decisions.h"
#include "program_private.h"

static const char reason_signal[] = "signal";
static const char reason_stop_loss[] = "stop_loss";
static const char reason_take_profit[] = "take_profit";
static const char reason_end[] = "end";
static const char reason_ruin[] = "ruin";

enum {
	FIRST_TRADES = 64
};

/* GO_LONG and GO_SHORT close an opposite position first. */
enum action {
	ACTION_NONE,
	ACTION_CLOSE,
	ACTION_GO_LONG,
	ACTION_GO_SHORT
};

struct run {
	struct arena *arena;
	const struct rules *rules;
	const struct candles *candles;
	const struct backtest_options *options;
	struct ledger ledger;
	size_t entry_bar;
	/* Of the open position, for the bar loop. Stops are never reached
	   when they are infinite. Equity = base + size * close. */
	double size, base;
	double stop, target;
	int64_t stop_units, target_units;
	double *equity;
	struct backtest_trade *trades;
	size_t trade_count, trade_room;
	size_t refused_entries;
	bool ruined, limited;
};

static void trade_add(struct run *run, const struct backtest_trade *trade)
{
	if (run->trade_count == run->trade_room) {
		size_t room =
			run->trade_room ? 2 * run->trade_room : FIRST_TRADES;
		struct backtest_trade *wider =
			arena_array(run->arena, room, sizeof(*wider));

		if (run->trade_count)
			memcpy(wider, run->trades,
				run->trade_count * sizeof(*wider));
		run->trades = wider;
		run->trade_room = room;
	}
	run->trades[run->trade_count++] = *trade;
}

/* In percent of the entry value, after commission. */
static double return_of(const struct ledger_close *closed)
{
	double size = ledger_double(closed->quantity);
	double entry = ledger_double(closed->entry_price);
	double gross = ledger_double(closed->exit_price) / entry - 1;

	if (size < 0)
		gross = -gross;
	return 100 * (gross - ledger_double(closed->commission) /
				      (fabs(size) * entry));
}

static void set_flat(struct run *run)
{
	run->size = 0;
	run->base = ledger_double(run->ledger.cash);
}

static enum err close_position(
	struct run *run, size_t bar, int64_t price, const char *reason)
{
	struct ledger_close closed;
	struct backtest_trade trade;
	enum err err = ledger_close(&run->ledger, price, &closed);

	if (err)
		return err;
	trade = (struct backtest_trade){
		.size = ledger_decimal(closed.quantity),
		.entry_bar = run->entry_bar,
		.exit_bar = bar,
		.entry_time = run->candles->time[run->entry_bar],
		.exit_time = run->candles->time[bar],
		.entry_price = ledger_decimal(closed.entry_price),
		.exit_price = ledger_decimal(closed.exit_price),
		.commission = ledger_decimal(closed.commission),
		.pnl = ledger_decimal(closed.profit),
		.return_pct = return_of(&closed),
		.exit_reason = reason,
	};
	trade_add(run, &trade);
	set_flat(run);
	return ERR_OK;
}

static enum err close_at(
	struct run *run, size_t bar, double price, const char *reason)
{
	int64_t units;
	enum err err = ledger_price(price, &units);

	return err ? err : close_position(run, bar, units, reason);
}

/* percent 0: a level that no price reaches. */
static enum err level(const struct run *run, int64_t percent, double never,
	int64_t *units, double *out)
{
	enum err err;

	*out = never;
	if (percent == 0)
		return ERR_OK;
	err = ledger_move(run->ledger.entry_price, percent, units);
	if (!err)
		*out = ledger_double(*units);
	return err;
}

static enum err set_stops(struct run *run)
{
	int64_t loss = run->rules->stop_loss_pct;
	int64_t profit = run->rules->take_profit_pct;
	double side = run->size > 0 ? 1 : -1;
	enum err err = level(run, side > 0 ? -loss : loss,
		-side * (double)INFINITY, &run->stop_units, &run->stop);

	if (!err)
		err = level(run, side > 0 ? profit : -profit,
			side * (double)INFINITY, &run->target_units,
			&run->target);
	return err;
}

static enum err open_position(
	struct run *run, size_t bar, double price, bool is_long)
{
	size_t limit = run->options->trade_limit;
	int64_t units, quantity;
	enum err err = ledger_price(price, &units);

	if (err)
		return err;
	if (limit && run->trade_count >= limit) {
		run->limited = true;
		return ERR_OK;
	}
	err = ledger_quantity(&run->ledger, run->rules, units, &quantity);
	if (err)
		return err;
	if (quantity == 0) {
		run->refused_entries++;
		return ERR_OK;
	}
	err = ledger_open(&run->ledger, is_long ? quantity : -quantity, units);
	if (err)
		return err;
	run->entry_bar = bar;
	run->size = ledger_double(run->ledger.quantity);
	run->base = ledger_double(run->ledger.cash) -
		    run->size * ledger_double(units);
	return set_stops(run);
}

static enum err perform(
	struct run *run, size_t bar, double price, enum action action)
{
	enum err err = ERR_OK;

	if (run->size != 0)
		err = close_at(run, bar, price, reason_signal);
	if (!err && (action == ACTION_GO_LONG || action == ACTION_GO_SHORT))
		err = open_position(run, bar, price, action == ACTION_GO_LONG);
	return err;
}

/*
 * Both entries at once, or an entry beside its own side's exit, contradict
 * each other: no entry then. The opposite entry alone closes and reverses.
 */
static enum action decide(const struct run *run, uint8_t bits)
{
	uint8_t sides = bits & (DECIDE_ENTRY_LONG | DECIDE_ENTRY_SHORT);
	bool go_long = sides == DECIDE_ENTRY_LONG && run->size <= 0 &&
		       !(bits & DECIDE_EXIT_LONG);
	bool go_short = sides == DECIDE_ENTRY_SHORT && run->size >= 0 &&
			!(bits & DECIDE_EXIT_SHORT);

	if (go_long)
		return ACTION_GO_LONG;
	if (go_short)
		return ACTION_GO_SHORT;
	if ((run->size > 0 && (bits & DECIDE_EXIT_LONG)) ||
		(run->size < 0 && (bits & DECIDE_EXIT_SHORT)))
		return ACTION_CLOSE;
	return ACTION_NONE;
}

/* A level already passed at the open fills at the open; else the adverse
   side counts as touched first. */
static enum err check_stops(struct run *run, size_t bar)
{
	const struct candles *candles = run->candles;
	double open = candles->open[bar];
	bool is_long = run->size > 0;
	double adverse = is_long ? candles->low[bar] : candles->high[bar];
	double good = is_long ? candles->high[bar] : candles->low[bar];
	double side = is_long ? 1 : -1;

	if (side * open <= side * run->stop)
		return close_at(run, bar, open, reason_stop_loss);
	if (side * open >= side * run->target)
		return close_at(run, bar, open, reason_take_profit);
	if (side * adverse <= side * run->stop)
		return close_position(
			run, bar, run->stop_units, reason_stop_loss);
	if (side * good >= side * run->target)
		return close_position(
			run, bar, run->target_units, reason_take_profit);
	return ERR_OK;
}

/* The position is closed at the close; nothing is left for later bars. */
static enum err go_under(struct run *run, size_t bar)
{
	run->ruined = true;
	for (size_t i = bar; i < run->candles->count; i++)
		run->equity[i] = 0;
	if (run->size == 0)
		return ERR_OK;
	return close_at(run, bar, run->candles->close[bar], reason_ruin);
}

/* With fills on the close nothing is opened at the last one. */
static enum err decide_on_close(
	struct run *run, size_t bar, uint8_t bits, enum action *pending)
{
	bool last = bar + 1 == run->candles->count;
	enum action action = decide(run, bits);

	if (!run->options->fill_on_close) {
		*pending = action;
		return ERR_OK;
	}
	if (action == ACTION_NONE)
		return ERR_OK;
	if (last && action != ACTION_CLOSE) {
		if (run->size == 0)
			return ERR_OK;
		action = ACTION_CLOSE;
	}
	return perform(run, bar, run->candles->close[bar], action);
}

/* Finalising closes at the last bar's open, as an order of the bar before
   would; with fills on the close, at its close. */
static enum err finalize(struct run *run, size_t bar)
{
	double price = run->options->fill_on_close ? run->candles->close[bar]
						   : run->candles->open[bar];

	return close_at(run, bar, price, reason_end);
}

static enum err at_open(struct run *run, size_t bar, enum action *pending)
{
	bool last = bar + 1 == run->candles->count;
	enum err err = ERR_OK;

	if (*pending != ACTION_NONE) {
		err = perform(run, bar, run->candles->open[bar], *pending);
		*pending = ACTION_NONE;
	}
	if (!err && run->size != 0)
		err = check_stops(run, bar);
	if (!err && last && run->size != 0 && run->options->finalize &&
		!run->options->fill_on_close)
		err = finalize(run, bar);
	return err;
}

static enum err bar_loop(
	struct run *run, const uint8_t *decisions, size_t warmup)
{
	const double *close = run->candles->close;
	size_t count = run->candles->count;
	bool has_stops = run->rules->stop_loss_pct != 0 ||
			 run->rules->take_profit_pct != 0;
	enum action pending = ACTION_NONE;
	enum err err = ERR_OK;

	for (size_t i = 0; i < count; i++) {
		if (pending != ACTION_NONE || i + 1 == count ||
			(has_stops && run->size != 0))
			err = at_open(run, i, &pending);
		if (!err && decisions[i] && i >= warmup)
			err = decide_on_close(run, i, decisions[i], &pending);
		if (err)
			return err;
		run->equity[i] = run->base + run->size * close[i];
		if (run->equity[i] <= 0)
			return go_under(run, i);
	}
	if (run->size == 0 || !run->options->finalize)
		return ERR_OK;
	err = finalize(run, count - 1);
	run->equity[count - 1] = run->base;
	if (!err && run->base <= 0)
		return go_under(run, count - 1);
	return err;
}

enum err simulate(struct arena *arena, const struct backtest_input *input,
	const uint8_t *decisions, struct backtest_result *out)
{
	const struct backtest_options *options = input->options;
	struct run run = {
		.arena = arena,
		.rules = &input->program->rules,
		.candles = input->candles,
		.options = options,
		.ledger = {.whole_units = options->whole_units},
		.equity = arena_array(
			arena, input->candles->count, sizeof(double)),
	};
	enum err err = ledger_units(options->cash, &run.ledger.cash);

	if (!err)
		err = ledger_units(
			options->commission, &run.ledger.commission_rate);
	if (err)
		return err;
	set_flat(&run);
	err = bar_loop(&run, decisions, input->program->warmup);
	if (err)
		return err;
	out->equity = run.equity;
	out->trades = run.trades;
	out->trade_count = run.trade_count;
	out->refused_entries = run.refused_entries;
	out->ruined = run.ruined;
	out->limited = run.limited;
	return ERR_OK;
}
