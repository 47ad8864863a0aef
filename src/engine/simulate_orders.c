/*
 * Entries and exits: what a fill does to the ledger, to what is held and to
 * the list of trades. It must never enter beside what limits and money allow.
 */
#include "simulate_state_private.h"

#include <math.h>

enum {
	FIRST_TRADES = 32,
	MOST_TRADES = 16384, /* in one chunk: more than a huge page */
	HUNDRED = 100
};

/* Room for one more. */
static struct backtest_trade *trade_add(struct sim *sim)
{
	struct trades *chunk = sim->trades;

	if (!chunk || chunk->count == chunk->room) {
		size_t room = chunk ? 2 * chunk->room : FIRST_TRADES;

		room = room < MOST_TRADES ? room : MOST_TRADES;
		chunk = arena_alloc(sim->arena, sizeof(*chunk));
		chunk->list =
			arena_column(sim->arena, room, sizeof(chunk->list[0]));
		chunk->before = sim->trades;
		chunk->room = room;
		sim->trades = chunk;
	}
	sim->trade_count++;
	return &chunk->list[chunk->count++];
}

const struct backtest_trade *sim_trades(const struct sim *sim)
{
	struct backtest_trade *all;
	size_t end = sim->trade_count;

	if (!sim->trades || !sim->trades->before)
		return sim->trades ? sim->trades->list : NULL;
	all = arena_column(sim->arena, end, sizeof(*all));
	for (const struct trades *chunk = sim->trades; chunk;
		chunk = chunk->before) {
		end -= chunk->count;
		memcpy(all + end, chunk->list, chunk->count * sizeof(all[0]));
	}
	return all;
}

/* In percent of the entry value, after fees. */
static double return_of(const struct ledger_close *closed)
{
	double size = ledger_double(closed->quantity);
	double entry = ledger_double(closed->entry_price);
	double gross = ledger_double(closed->exit_price) / entry - 1;

	if (size < 0)
		gross = -gross;
	return HUNDRED *
	       (gross - ledger_double(closed->fees) / (fabs(size) * entry));
}

static double lesser(double a, double b)
{
	return a < b ? a : b;
}

void sim_sum_levels(struct sim *sim)
{
	sim->stop = -(double)INFINITY;
	sim->gain = (double)INFINITY;
	sim->step = INT64_MAX;
	if (!sim->has_levels)
		return;
	for (size_t i = 0; i < sim->held_count; i++) {
		const struct position *held = &sim->held[i];
		int64_t step = sim_next_step(sim, held);
		double gain = lesser(held->target.at, held->roi.at);

		if (sim->follows)
			gain = lesser(gain, held->best);
		sim->stop =
			held->stop.at > sim->stop ? held->stop.at : sim->stop;
		sim->gain = lesser(sim->gain, gain);
		sim->step = step < sim->step ? step : sim->step;
	}
}

void sim_sum(struct sim *sim)
{
	sim_sum_levels(sim);
	sim->due = sim->held_count && sim->rules->max_bars
			   ? sim->held[0].bar + sim->rules->max_bars
			   : SIZE_MAX;
	sim->size = ledger_double(sim->ledger.quantity);
	sim->base = ledger_base(&sim->ledger);
}

static void trade_keep(struct sim *sim, const struct position *held,
	const struct moment *moment, const struct ledger_close *closed,
	const char *reason)
{
	*trade_add(sim) = (struct backtest_trade){
		.size = ledger_decimal(closed->quantity),
		.entry_bar = held->bar,
		.exit_bar = moment->bar,
		.entry_time = held->time,
		.exit_time = moment->time,
		.entry_price = ledger_decimal(closed->entry_price),
		.exit_price = ledger_decimal(closed->exit_price),
		.entry_fee = ledger_decimal(closed->entry_fee),
		.exit_fee = ledger_decimal(closed->exit_fee),
		.commission = ledger_decimal(closed->fees),
		.pnl = ledger_decimal(closed->profit),
		.return_pct = return_of(closed),
		.exit_reason = reason,
	};
}

static int64_t decided_at(const struct sim *sim, const struct moment *moment)
{
	return moment->decided ? moment->decided : moment->time + sim->interval;
}

static enum err left_tell(struct sim *sim, const struct position *held,
	const struct moment *moment, const struct ledger_close *closed,
	const struct fill *fill)
{
	const struct trader_exit left = {
		.entry = held->name,
		.was_long = held->side > 0,
		.rests = fill->rests,
		.quantity = closed->quantity < 0 ? -closed->quantity
						 : closed->quantity,
		.price = closed->exit_price,
		.mark = fill->price,
		.fee = closed->exit_fee,
		.gross = closed->profit + closed->fees,
		.time = moment->time,
		.decided = decided_at(sim, moment),
		.reason = fill->reason,
	};

	sim->trade_count++;
	return sim->listener->leave(sim->listener->thing, &left);
}

enum err sim_leave(struct sim *sim, size_t index, const struct moment *moment,
	const struct fill *fill)
{
	struct position *held = &sim->held[index];
	struct ledger_close closed;
	int64_t price;
	enum err err = ledger_fill(&sim->ledger.costs, fill->price,
		held->side < 0, fill->rests, &price);

	if (!err)
		err = ledger_leave(
			&sim->ledger, &held->lot, price, fill->rests, &closed);
	if (!err && sim->listener)
		err = left_tell(sim, held, moment, &closed, fill);
	if (err)
		return err;
	if (!sim->listener)
		trade_keep(sim, held, moment, &closed, fill->reason);
	sim->held_count--;
	memmove(held, held + 1, (sim->held_count - index) * sizeof(*held));
	sim->has_exit = true;
	sim->exit_bar = moment->bar;
	sim_sum(sim);
	return ERR_OK;
}

enum err sim_leave_all(
	struct sim *sim, const struct moment *moment, const char *reason)
{
	struct fill fill = {.hit = true, .reason = reason};
	enum err err = ledger_price(moment->price, &fill.price);

	while (!err && sim->held_count)
		err = sim_leave(sim, 0, moment, &fill);
	return err;
}

/* quantity 0: the entry is refused. */
static enum err entry_size(const struct sim *sim, const struct order *order,
	int64_t mark, struct position *position, int64_t *quantity)
{
	struct ledger_order wanted = {.mark = mark};
	enum err err = ledger_fill(&sim->ledger.costs, mark, position->side > 0,
		false, &wanted.price);

	if (err)
		return err;
	position->lot.price = wanted.price;
	*quantity = 0;
	if (!sim_levels_set(sim, order, position, &wanted.distance))
		return ERR_OK;
	return ledger_quantity(&sim->ledger, sim->rules, &wanted, quantity);
}

/* May it be entered? Its name is 0 when not. */
static enum err entry_ask(const struct sim *sim, const struct moment *moment,
	int64_t mark, int64_t quantity, struct position *position)
{
	struct trader_entry entry = {
		.is_long = position->side > 0,
		.quantity = quantity,
		.price = position->lot.price,
		.mark = mark,
		.time = moment->time,
		.decided = decided_at(sim, moment),
	};
	enum err err = ledger_charge(
		&sim->ledger.costs, quantity, entry.price, false, &entry.fee);

	return err ? err
		   : sim->listener->enter(
			     sim->listener->thing, &entry, &position->name);
}

static enum err enter(
	struct sim *sim, const struct moment *moment, const struct order *order)
{
	struct position position = {
		.side = order->action == ACTION_GO_LONG ? 1 : -1,
		.bar = moment->bar,
		.time = moment->time,
		.since =
			moment->time + (sim->fill_on_close ? sim->interval : 0),
	};
	int64_t mark, quantity;
	enum err err = ledger_price(moment->price, &mark);

	if (!err)
		err = entry_size(sim, order, mark, &position, &quantity);
	if (err)
		return err;
	if (quantity == 0) {
		sim->refused++;
		return ERR_OK;
	}
	if (sim->listener) {
		err = entry_ask(sim, moment, mark, quantity, &position);
		if (err)
			return err;
		if (!position.name) {
			sim->denied++;
			return ERR_OK;
		}
	}
	err = ledger_enter(&sim->ledger,
		position.side > 0 ? quantity : -quantity, position.lot.price,
		&position.lot);
	if (err)
		return err;
	sim->held[sim->held_count++] = position;
	sim_entered(sim, moment->time);
	sim_sum(sim);
	return ERR_OK;
}

bool sim_turns(const struct sim *sim, enum action action)
{
	return (action == ACTION_GO_LONG && sim->size < 0) ||
	       (action == ACTION_GO_SHORT && sim->size > 0);
}

enum err sim_perform(
	struct sim *sim, const struct moment *then, const struct order *order)
{
	struct moment at = *then;
	const struct moment *moment = &at;
	enum err err = ERR_OK;

	at.decided = order->time;
	if (order->action == ACTION_CLOSE || sim_turns(sim, order->action))
		err = sim_leave_all(sim, moment, order->reason);
	if (err || order->action == ACTION_CLOSE)
		return err;
	if (!sim_may_enter(sim, moment, order)) {
		sim->blocked++;
		return ERR_OK;
	}
	if (sim->trade_limit &&
		sim->trade_count + sim->held_count >= sim->trade_limit) {
		sim->limited = true;
		return ERR_OK;
	}
	return enter(sim, moment, order);
}
