/*
 * Levels at which a position closes inside a candle, and in which order a
 * candle reaches them. Prices are compared as side * price: larger is better
 * for us. It must never use more of a candle than the path that is worst for
 * us allows; docs/engine.md states the order and where touch_fills differs.
 */
#include "simulate_state_private.h"

#include <math.h>

static const int64_t minute_ms = INT64_C(60) * 1000;
static const double never = (double)INFINITY;

/* ---- where the levels are ---------------------------------------------- */

static struct level_price level_at(double side, int64_t price)
{
	return (struct level_price){side * ledger_double(price), price};
}

/* A price beyond the ledger's range is beyond all candles too. */
static struct level_price level_moved(
	const struct position *position, int64_t percent, double if_not)
{
	int64_t by = position->side > 0 ? percent : -percent;
	int64_t price;

	if (ledger_move(position->lot.price, by, &price) != ERR_OK)
		return (struct level_price){if_not, 0};
	return level_at(position->side, price);
}

static struct level_price level_away(
	double side, int64_t price, int64_t distance, double if_not)
{
	if (__builtin_add_overflow(
		    price, side > 0 ? distance : -distance, &price))
		return (struct level_price){if_not, 0};
	return level_at(side, price);
}

/* multiple * range; false when the range is not known or is nothing. */
static bool atr_distance(const struct sim *sim, const struct order *order,
	enum level level, int64_t *out)
{
	int64_t range, distance;

	if (!sim->rules->multiple[level])
		return true;
	if (ledger_price(order->atr[level], &range) != ERR_OK ||
		ledger_times(sim->rules->multiple[level], range, &distance) !=
			ERR_OK ||
		distance <= 0)
		return false;
	*out = distance;
	return true;
}

/* Where the trailing stop stands when the best price is this one. */
static struct level_price trail_of(const struct sim *sim,
	const struct position *position, double best, bool tight)
{
	int64_t percent = tight ? sim->rules->trailing_positive_pct
				: sim->rules->trailing_pct;
	double side = position->side;
	int64_t price;

	if (ledger_price(side * best, &price) != ERR_OK)
		return (struct level_price){-never, 0};
	if (!tight && position->trail_distance)
		return level_away(
			side, price, -position->trail_distance, -never);
	if (ledger_move(price, side > 0 ? -percent : percent, &price) != ERR_OK)
		return (struct level_price){-never, 0};
	return level_at(side, price);
}

static void raise_stop(
	struct position *position, struct level_price level, const char *reason)
{
	if (!(level.at > position->stop.at))
		return;
	position->stop = level;
	position->stop_reason = reason;
}

static void trail_set(const struct sim *sim, struct position *position)
{
	const struct rules *rules = sim->rules;

	position->trail_from = position->tight_above = position->even_from =
		never;
	position->best = level_at(position->side, position->lot.price).at;
	if (rules->trailing_pct || position->trail_distance)
		position->trail_from = level_moved(
			position, rules->trailing_activation_pct, never)
					       .at;
	if (rules->trailing_positive_pct)
		position->tight_above = level_moved(
			position, rules->trailing_positive_offset_pct, never)
						.at;
	if (rules->even_trigger_pct) {
		position->even_from =
			level_moved(position, rules->even_trigger_pct, never)
				.at;
		position->even =
			level_moved(position, rules->even_offset_pct, -never);
	}
	if (position->trail_from <= position->best)
		raise_stop(position,
			trail_of(sim, position, position->best, false),
			sim_trailing_stop);
}

bool sim_levels_set(const struct sim *sim, const struct order *order,
	struct position *position, int64_t *distance)
{
	const struct rules *rules = sim->rules;
	int64_t stop = 0, target = 0, trail = 0;

	if (!atr_distance(sim, order, LEVEL_STOP, &stop) ||
		!atr_distance(sim, order, LEVEL_TARGET, &target) ||
		!atr_distance(sim, order, LEVEL_TRAILING, &trail))
		return false;
	position->stop = (struct level_price){-never, 0};
	position->target = (struct level_price){never, 0};
	position->roi = (struct level_price){never, 0};
	position->stop_reason = sim_stop_loss;
	if (rules->stop_loss_pct)
		position->stop =
			level_moved(position, -rules->stop_loss_pct, -never);
	if (stop)
		position->stop = level_away(
			position->side, position->lot.price, -stop, -never);
	if (rules->take_profit_pct)
		position->target =
			level_moved(position, rules->take_profit_pct, never);
	if (target)
		position->target = level_away(
			position->side, position->lot.price, target, never);
	if (rules->stop_loss_pct)
		stop = llabs(position->lot.price - position->stop.price);
	*distance = stop;
	position->trail_distance = trail;
	trail_set(sim, position);
	return true;
}

/* ---- what a candle does ------------------------------------------------ */

static enum err fill_price_at(
	const struct position *position, double at, struct fill *out)
{
	return ledger_price(position->side * at, &out->price);
}

static enum err fill_at_open(const struct position *position,
	const struct path *path, const char *reason, struct fill *out)
{
	out->hit = true;
	out->reason = reason;
	return fill_price_at(position, path->open, out);
}

static void fill_at_level(
	struct level_price level, const char *reason, struct fill *out)
{
	out->hit = true;
	out->reason = reason;
	out->price = level.price;
	out->rests = reason == sim_take_profit;
}

int64_t sim_next_step(const struct sim *sim, const struct position *position)
{
	if (position->roi_step >= sim->rules->roi_count)
		return INT64_MAX;
	return position->since +
	       sim->rules->roi[position->roi_step].minutes * minute_ms;
}

/* The table's step that holds when this candle opens. */
static void roi_advance(const struct sim *sim, struct position *position,
	const struct path *path)
{
	int64_t begins = sim_next_step(sim, position);

	while (path->time >= begins) {
		const struct roi_step *step =
			&sim->rules->roi[position->roi_step++];

		position->roi_from = begins;
		begins = sim_next_step(sim, position);
		position->roi =
			step->any ? (struct level_price){-never, 0}
				  : level_moved(position, step->pct, never);
	}
}

/* Raises the stop to where the best price puts it; `at` tells whether rules
   that begin exactly there have begun. */
static void stop_arm(const struct sim *sim, struct position *position,
	double best, bool at, double highest)
{
	bool trail =
		at ? position->trail_from <= best : position->trail_from < best;
	bool tight = position->tight_above < best ||
		     (at && position->tight_above <= best &&
			     position->tight_above < highest);
	bool even =
		at ? position->even_from <= best : position->even_from < best;

	if (even)
		raise_stop(position, position->even, sim_break_even);
	if (trail)
		raise_stop(position, trail_of(sim, position, best, tight),
			sim_trailing_stop);
}

/* The least point of the three above `from`, at most `most`. */
static double next_point(
	const struct position *position, double from, double most)
{
	const double points[] = {position->trail_from, position->tight_above,
		position->even_from};
	double least = most;

	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
		if (points[i] > from && points[i] < least)
			least = points[i];
	return least;
}

/*
 * In the candle of the entry the worst path is: up until a stop has just
 * come within the candle's range, then down to it.
 */
static enum err follow_from_entry(const struct sim *sim,
	struct position *position, const struct path *path, struct fill *out)
{
	double best = position->best;

	for (;;) {
		stop_arm(sim, position, best, false, path->best);
		if (path->worst <= position->stop.at) {
			out->hit = true;
			out->reason = position->stop_reason;
			return fill_price_at(position, path->worst, out);
		}
		stop_arm(sim, position, best, true, path->best);
		if (path->worst <= position->stop.at) {
			fill_at_level(
				position->stop, position->stop_reason, out);
			return ERR_OK;
		}
		if (best >= path->best)
			break;
		best = next_point(position, best, path->best);
	}
	position->best = best;
	return ERR_OK;
}

/* Stops that follow the price: the best of the candle, then its worst. */
static enum err follow(const struct sim *sim, struct position *position,
	const struct path *path, struct fill *out)
{
	if (!(path->best > position->best))
		return ERR_OK;
	if (path->entered)
		return follow_from_entry(sim, position, path, out);
	position->best = path->best;
	stop_arm(sim, position, path->best, true, path->best);
	if (path->worst <= position->stop.at)
		fill_at_level(position->stop, position->stop_reason, out);
	return ERR_OK;
}

/* The nearer of both comes first on the way up. */
static void try_gains(const struct position *position, const struct path *path,
	struct fill *out)
{
	bool target = path->best >= position->target.at;
	bool roi = path->best > position->roi.at;

	if (target && !(roi && position->roi.at < position->target.at))
		fill_at_level(position->target, sim_take_profit, out);
	else if (roi)
		fill_at_level(position->roi, sim_roi, out);
}

static enum err try_path(const struct sim *sim, struct position *position,
	const struct path *path, struct fill *out)
{
	if (path->open <= position->stop.at)
		return fill_at_open(position, path, position->stop_reason, out);
	if (path->open >= position->target.at)
		return fill_at_open(position, path, sim_take_profit, out);
	if (path->open > position->roi.at)
		return fill_at_open(position, path, sim_roi, out);
	if (path->worst <= position->stop.at) {
		fill_at_level(position->stop, position->stop_reason, out);
		return ERR_OK;
	}
	try_gains(position, path, out);
	return out->hit ? ERR_OK : follow(sim, position, path, out);
}

/* ---- the same as freqtrade does it (touch_fills) ----------------------- */

static enum err touch_stop(const struct position *position,
	const struct path *path, struct fill *out)
{
	if (position->stop.at > path->best)
		return fill_at_open(position, path, position->stop_reason, out);
	fill_at_level(position->stop, position->stop_reason, out);
	return ERR_OK;
}

/* The level, or the end of the candle that is nearest to it. */
static enum err touch_gain(const struct position *position,
	const struct path *path, struct fill *out)
{
	double level;

	try_gains(position, path, out);
	if (!out->hit)
		return ERR_OK;
	if (out->reason == sim_roi && position->roi_from == path->time &&
		path->open > position->roi.at)
		return fill_at_open(position, path, sim_roi, out);
	level = out->reason == sim_roi ? position->roi.at : position->target.at;
	return level < path->worst ? fill_price_at(position, path->worst, out)
				   : ERR_OK;
}

static enum err touch_path(const struct sim *sim, struct position *position,
	const struct path *path, struct fill *out)
{
	bool touched = path->worst <= position->stop.at;
	enum err err;

	if (touched && position->stop_reason == sim_stop_loss)
		return touch_stop(position, path, out);
	err = touch_gain(position, path, out);
	if (err || out->hit)
		return err;
	if (touched)
		return touch_stop(position, path, out);
	return follow(sim, position, path, out);
}

enum err sim_path_try(const struct sim *sim, struct position *position,
	const struct path *path, struct fill *out)
{
	struct fill fill = {.hit = false};
	enum err err;

	roi_advance(sim, position, path);
	err = sim->touch_fills ? touch_path(sim, position, path, &fill)
			       : try_path(sim, position, path, &fill);
	if (!err)
		*out = fill;
	return err;
}
