/*
 * One bar on which something may happen: what was decided before fills at
 * the open; then the stops; then the close marks the equity and decides. It
 * must never let a decision see a bar that has not closed.
 */
#include "simulate_state_private.h"

/* Bar `at` of the block. */
struct now {
	const struct sim_block *block;
	size_t at, index; /* in the block, in the candles */
	int64_t time;
	bool is_last; /* of the run */
};

static struct moment open_of(const struct sim *sim, const struct now *now)
{
	return (struct moment){.bar = sim->bar,
		.time = now->time,
		.price = now->block->candles->open[now->index]};
}

static struct moment close_of(const struct sim *sim, const struct now *now)
{
	return (struct moment){.bar = sim->bar,
		.time = now->time,
		.price = now->block->candles->close[now->index]};
}

/*
 * Both entries at once, or an entry beside its own side's exit, contradict
 * each other: no entry then. The opposite entry alone closes and reverses.
 */
static enum action decide(const struct sim *sim, uint8_t bits)
{
	uint8_t sides = bits & (DECIDE_ENTRY_LONG | DECIDE_ENTRY_SHORT);
	bool room = sim->held_count < sim->max_open;
	bool go_long = sides == DECIDE_ENTRY_LONG && (sim->size <= 0 || room) &&
		       !(bits & DECIDE_EXIT_LONG);
	bool go_short = sides == DECIDE_ENTRY_SHORT &&
			(sim->size >= 0 || room) && !(bits & DECIDE_EXIT_SHORT);

	if (go_long)
		return ACTION_GO_LONG;
	if (go_short)
		return ACTION_GO_SHORT;
	if ((sim->size > 0 && (bits & DECIDE_EXIT_LONG)) ||
		(sim->size < 0 && (bits & DECIDE_EXIT_SHORT)))
		return ACTION_CLOSE;
	return ACTION_NONE;
}

static struct order order_of(const struct sim *sim, const struct now *now)
{
	const struct decisions *decisions = now->block->decisions;
	struct order order = {
		.action = decide(sim, decisions->bits[now->at]),
		.reason = sim_signal,
		.bar = sim->bar,
		.time = now->time + sim->interval,
	};

	if (sim->is_halted) {
		order.action = sim->size != 0 ? ACTION_CLOSE : ACTION_NONE;
		order.reason = sim_drawdown;
	}
	for (int i = 0; i < LEVEL_COUNT; i++)
		if (decisions->levels[i])
			order.atr[i] = decisions->levels[i][now->at];
	return order;
}

static enum err leave_due(struct sim *sim, const struct moment *moment)
{
	struct fill fill = {.hit = true, .reason = sim_time};
	enum err err = ledger_price(moment->price, &fill.price);

	while (!err && sim->held_count && moment->bar >= sim->due)
		err = sim_leave(sim, 0, moment, &fill);
	return err;
}

static struct path path_of(const struct candles *candles, size_t i, double side)
{
	bool is_long = side > 0;

	return (struct path){
		.open = side * candles->open[i],
		.worst = side * (is_long ? candles->low[i] : candles->high[i]),
		.best = side * (is_long ? candles->high[i] : candles->low[i]),
		.time = candles->time[i],
	};
}

/* The finer candles from detail_at on that lie within the bar. */
static size_t detail_count(struct sim *sim, int64_t time)
{
	const struct candles *detail = sim->detail;
	size_t end;

	if (!detail)
		return 0;
	while (sim->detail_at < detail->count &&
		detail->time[sim->detail_at] < time)
		sim->detail_at++;
	for (end = sim->detail_at; end < detail->count; end++)
		if (detail->time[end] >= time + sim->interval)
			break;
	return end - sim->detail_at;
}

/* Along the finer candles where there are any, else along the bar. */
static enum err try_position(const struct sim *sim, struct position *position,
	const struct now *now, size_t finer, struct fill *fill)
{
	const struct candles *candles =
		finer ? sim->detail : now->block->candles;
	size_t from = finer ? sim->detail_at : now->index;
	enum err err = ERR_OK;

	for (size_t i = 0; !err && !fill->hit && i < (finer ? finer : 1); i++) {
		struct path path = path_of(candles, from + i, position->side);

		path.entered = i == 0 && position->bar == sim->bar;
		err = sim_path_try(sim, position, &path, fill);
	}
	return err;
}

static enum err try_stops(struct sim *sim, const struct now *now)
{
	size_t finer = detail_count(sim, now->time);
	const struct moment moment = open_of(sim, now);
	enum err err = ERR_OK;
	size_t i = 0;

	while (!err && i < sim->held_count) {
		struct fill fill = {.hit = false};

		err = try_position(sim, &sim->held[i], now, finer, &fill);
		if (!err && fill.hit)
			err = sim_leave(sim, i, &moment, &fill);
		else
			i++;
	}
	sim_sum_levels(sim);
	return err;
}

/* Finalising closes at the last bar's open, as an order of the bar before
   would; with fills on the close, at its close. */
static enum err at_open(struct sim *sim, const struct now *now)
{
	const struct moment moment = open_of(sim, now);
	enum err err = ERR_OK;

	if (sim->order.action != ACTION_NONE) {
		err = sim_perform(sim, &moment, &sim->order);
		sim->order.action = ACTION_NONE;
	}
	if (!err && sim->bar >= sim->due && !sim->fill_on_close)
		err = leave_due(sim, &moment);
	if (!err && sim->held_count && sim->has_levels)
		err = try_stops(sim, now);
	if (!err && now->is_last && sim->finalize && !sim->fill_on_close)
		err = sim_leave_all(sim, &moment, sim_end);
	return err;
}

/* What is left of an action when nothing may be opened. */
static enum action without_entry(const struct sim *sim, enum action action)
{
	bool closes = action == ACTION_CLOSE || sim_turns(sim, action);

	return closes ? ACTION_CLOSE : ACTION_NONE;
}

/* With fills on the close nothing is opened at the last one. */
static enum err decide_on_close(struct sim *sim, const struct now *now)
{
	const struct moment moment = close_of(sim, now);
	bool is_due = sim->fill_on_close && sim->bar >= sim->due;
	struct order order;
	enum err err = ERR_OK;

	if (!now->block->decisions->bits[now->at] && !sim->is_halted && !is_due)
		return ERR_OK;
	order = order_of(sim, now);
	if (!sim->fill_on_close) {
		sim->order = order;
		return ERR_OK;
	}
	if (now->is_last)
		order.action = without_entry(sim, order.action);
	if (order.action != ACTION_NONE)
		err = sim_perform(sim, &moment, &order);
	return err ? err : leave_due(sim, &moment);
}

/* Nothing is left for later bars. */
static enum err go_under(
	struct sim *sim, const struct now *now, const char *reason)
{
	const struct moment moment = close_of(sim, now);

	sim->ruined = true;
	now->block->equity[now->at] = 0;
	return sim_leave_all(sim, &moment, reason);
}

/* The equity of the bar; the run is over when nothing is left. */
static enum err mark(struct sim *sim, const struct now *now)
{
	const struct moment moment = close_of(sim, now);
	double equity = sim->base + sim->size * moment.price;

	if (equity <= 0)
		return go_under(sim, now, sim_ruin);
	now->block->equity[now->at] = equity;
	return ERR_OK;
}

static enum err watch(struct sim *sim, const struct now *now)
{
	const struct moment moment = close_of(sim, now);
	double equity = sim->base + sim->size * moment.price;
	enum err err = ERR_OK;

	if (sim_is_under_margin(sim, moment.price, equity))
		err = sim_leave_all(sim, &moment, sim_margin);
	if (!err)
		sim_watch(sim, now->time, sim->base + sim->size * moment.price);
	return err;
}

static enum err end_on_close(struct sim *sim, const struct now *now)
{
	const struct moment moment = close_of(sim, now);
	enum err err = sim_leave_all(sim, &moment, sim_end);

	return err ? err : mark(sim, now);
}

enum err sim_bar(struct sim *sim, const struct sim_block *block, size_t at)
{
	size_t index = block->from + at;
	const struct now now = {block, at, index, block->candles->time[index],
		sim->bar + 1 == sim->bars};
	bool ends = now.is_last && sim->finalize && sim->fill_on_close;
	enum err err = at_open(sim, &now);

	if (!err)
		err = mark(sim, &now);
	if (err || sim->ruined)
		return err;
	if (sim->watches)
		err = watch(sim, &now);
	if (!err)
		err = decide_on_close(sim, &now);
	if (!err && (sim->fill_on_close || sim->watches))
		err = mark(sim, &now);
	if (err || sim->ruined || !ends)
		return err;
	return end_on_close(sim, &now);
}
