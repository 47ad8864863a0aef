/*
 * One order against one candle or a last price. Must never fill a limit order
 * at a worse price than its own, nor more than is left or the room lets
 * through, nor know what came first inside a candle.
 */
#include "match.h"

#include "ledger_private.h"

/* A price at which something may happen, if it happens. */
struct touch {
	bool hit;
	int64_t price;
};

static bool has_level(enum match_type type)
{
	return type != MATCH_MARKET && type != MATCH_LIMIT;
}

/* Triggered by a price that falls to the level, else by one that rises. */
static bool falls(const struct match_order *order)
{
	return (order->type == MATCH_TAKE_PROFIT) == order->buys;
}

static bool is_limited(const struct match_order *order)
{
	return order->type == MATCH_LIMIT || order->type == MATCH_STOP_LIMIT ||
	       (order->type == MATCH_TAKE_PROFIT && order->price > 0);
}

/* A level out of range is one that no price reaches. */
static int64_t level_of(const struct match_order *order, int64_t mark)
{
	int64_t level;

	if (order->type != MATCH_TRAILING)
		return order->stop;
	if (!order->buys)
		return mark - order->trail;
	return ledger_narrow((ledger_wide)mark + order->trail, &level) == ERR_OK
		       ? level
		       : INT64_MAX;
}

static struct touch level_touch(const struct match_order *order,
	const struct match_bar *bar, int64_t level)
{
	struct touch touch = {.price = level};

	if (falls(order)) {
		touch.hit = bar->low <= level;
		if (bar->open < level)
			touch.price = bar->open;
	} else {
		touch.hit = bar->high >= level;
		if (bar->open > level)
			touch.price = bar->open;
	}
	return touch;
}

/* The mark with what a candle showed. */
static int64_t mark_after(const struct match_order *order,
	const struct match_bar *bar, int64_t mark)
{
	if (order->buys)
		return bar->low < mark ? bar->low : mark;
	return bar->high > mark ? bar->high : mark;
}

static bool is_within(const struct match_order *order, int64_t price)
{
	return order->buys ? price <= order->price : price >= order->price;
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Takes at this price of the market, if a limit lets it. */
static enum err take(const struct ledger_costs *costs,
	const struct match_order *order, const struct match_bar *bar,
	int64_t market, struct match_fill *out)
{
	int64_t price;
	enum err err = ledger_fill(costs, market, order->buys, false, &price);

	if (err)
		return err;
	if (is_limited(order) && !is_within(order, price))
		return ERR_OK;
	out->quantity = least(order->left, bar->room);
	out->price = price;
	return ERR_OK;
}

/* Rests at its limit while the candle passes; better at the open. */
static enum err rest(const struct ledger_costs *costs,
	const struct match_order *order, const struct match_bar *bar,
	struct match_fill *out)
{
	int64_t at_open, at_best;
	enum err err =
		ledger_fill(costs, bar->open, order->buys, true, &at_open);

	if (err == ERR_OK)
		err = ledger_fill(costs, order->buys ? bar->low : bar->high,
			order->buys, true, &at_best);
	if (err != ERR_OK || !is_within(order, at_best))
		return err;
	out->quantity = least(order->left, bar->room);
	out->price = is_within(order, at_open) ? at_open : order->price;
	out->rests = true;
	return ERR_OK;
}

static struct match_fill nothing(const struct match_order *order)
{
	return (struct match_fill){
		.triggered = order->triggered, .mark = order->mark};
}

/* Not yet triggered: is it on this candle? */
static enum err trigger(const struct ledger_costs *costs,
	const struct match_order *order, const struct match_bar *bar,
	struct match_fill *out)
{
	const int64_t mark = order->mark ? order->mark : bar->open;
	const struct touch touch =
		level_touch(order, bar, level_of(order, mark));

	if (!touch.hit) {
		out->mark = mark_after(order, bar, mark);
		return ERR_OK;
	}
	out->mark = mark;
	out->triggered = true;
	return take(costs, order, bar, touch.price, out);
}

enum err match_candle(const struct ledger_costs *costs,
	const struct match_order *order, const struct match_bar *bar,
	struct match_fill *out)
{
	struct match_fill fill = nothing(order);
	enum err err;

	if (has_level(order->type) && !order->triggered)
		err = trigger(costs, order, bar, &fill);
	else if (is_limited(order))
		err = rest(costs, order, bar, &fill);
	else
		err = take(costs, order, bar, bar->open, &fill);
	if (err != ERR_OK)
		return err;
	*out = fill;
	return ERR_OK;
}

/* What becomes of an order that did not fill whole at once. */
static void settle(const struct match_order *order, struct match_fill *fill)
{
	bool waits = has_level(order->type) && !fill->triggered;

	if (order->post_only && fill->quantity > 0) {
		fill->quantity = 0;
		fill->end = MATCH_REFUSED;
		return;
	}
	if (waits || order->force == MATCH_GTC || fill->quantity == order->left)
		return;
	fill->end = MATCH_EXPIRES;
	if (order->force == MATCH_FOK)
		fill->quantity = 0;
}

static struct match_bar one_price(const struct match_bar *bar)
{
	return (struct match_bar){.open = bar->close,
		.high = bar->close,
		.low = bar->close,
		.close = bar->close,
		.room = bar->room};
}

enum err match_move(const struct ledger_costs *costs,
	const struct match_order *order, const struct match_bar *bar,
	struct match_fill *out)
{
	const struct match_bar now = one_price(bar);
	struct match_fill fill;
	enum err err = match_candle(costs, order, &now, &fill);

	if (err != ERR_OK)
		return err;
	if (fill.rests)
		fill.price = order->price;
	*out = fill;
	return ERR_OK;
}

enum err match_quote(const struct ledger_costs *costs,
	const struct match_order *order, const struct match_bar *bar,
	struct match_fill *out)
{
	const struct match_bar now = one_price(bar);
	struct match_fill fill = nothing(order);
	enum err err;

	if (has_level(order->type) && !order->triggered)
		err = trigger(costs, order, &now, &fill);
	else
		err = take(costs, order, &now, now.open, &fill);
	if (err != ERR_OK)
		return err;
	settle(order, &fill);
	if (fill.quantity == 0)
		fill.price = 0;
	*out = fill;
	return ERR_OK;
}

int64_t match_level(const struct match_order *order)
{
	return level_of(order, order->mark);
}

int match_rank(const struct match_order *order)
{
	static const int ranks[MATCH_TYPE_COUNT] = {
		[MATCH_MARKET] = 0,
		[MATCH_STOP] = 1,
		[MATCH_TRAILING] = 1,
		[MATCH_STOP_LIMIT] = 2,
		[MATCH_LIMIT] = 3,
		[MATCH_TAKE_PROFIT] = 4,
	};

	return ranks[order->type];
}

int64_t match_room(int64_t volume, int64_t share, int64_t used)
{
	int64_t room;

	if (share <= 0 || volume <= 0)
		return INT64_MAX;
	/* rounded down: never more than the share */
	if (ledger_narrow((ledger_wide)volume * share / LEDGER_ONE, &room) !=
		ERR_OK)
		return INT64_MAX;
	return used >= room ? 0 : room - used;
}

int64_t match_reduce(bool buys, int64_t left, int64_t position)
{
	const int64_t most = buys ? -position : position;

	if (most <= 0)
		return 0;
	return least(left, most);
}
