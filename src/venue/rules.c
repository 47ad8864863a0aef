/*
 * The filters of a symbol, as the exchange's documentation states them, each
 * a row of one table. Exact: decimals in 128 bits, no rounding. Never a
 * reason to believe that the venue will take the order: it has the last word.
 */
#include "venue_rules.h"

#include "text.h"

__extension__ typedef __int128 wide;

struct check {
	const struct venue_order *order;
	const struct venue_symbol *symbol;
	const struct venue_known *known;
	const char *why;
};

/* ---- arithmetic --------------------------------------------------------------- */

static bool is_set(struct decimal value)
{
	return value.units != 0;
}

static bool is_above(struct decimal a, struct decimal b)
{
	return decimal_compare(a, b) > 0;
}

static wide scaled(struct decimal value, int32_t scale)
{
	wide units = value.units;

	while (value.scale < scale) {
		units *= 10;
		scale--;
	}
	return units;
}

static bool is_multiple(struct decimal value, struct decimal step)
{
	int32_t scale = value.scale > step.scale ? value.scale : step.scale;

	return scaled(value, scale) % scaled(step, scale) == 0;
}

/* Whole steps at the step's own scale; up: the next when it is between. */
static enum err to_step(
	struct decimal value, struct decimal step, bool up, struct decimal *out)
{
	int32_t scale = value.scale > step.scale ? value.scale : step.scale;
	wide by = scaled(step, scale);
	wide steps = scaled(value, scale) / by;
	wide units;

	if (up && scaled(value, scale) % by != 0)
		steps++;
	units = steps * step.units;
	if (units > INT64_MAX || units < 0)
		return ERR_BAD_INPUT;
	*out = (struct decimal){.units = (int64_t)units, .scale = step.scale};
	return ERR_OK;
}

/* Whether a*b is above (or with `below`, below) c: exact in 128 bits when
   both factors drop their zeros, else taken for broken. */
static int compare_product(
	struct decimal a, struct decimal b, struct decimal c, bool *fits)
{
	wide product;
	wide other;
	int32_t scale;

	a = decimal_trim(a);
	b = decimal_trim(b);
	c = decimal_trim(c);
	product = (wide)a.units * b.units;
	scale = a.scale + b.scale;
	other = c.units;
	while (scale < c.scale && *fits) {
		*fits = !__builtin_mul_overflow(product, 10, &product);
		scale++;
	}
	for (int32_t at = c.scale; at < scale && *fits; at++)
		*fits = !__builtin_mul_overflow(other, 10, &other);
	return (product > other) - (product < other);
}

/* ---- kinds of orders ------------------------------------------------------------ */

static bool is_limit(enum venue_type type)
{
	return type == VENUE_LIMIT || type == VENUE_LIMIT_MAKER ||
	       type == VENUE_STOP_LOSS_LIMIT || type == VENUE_TAKE_PROFIT_LIMIT;
}

static bool is_triggered(enum venue_type type)
{
	return type == VENUE_STOP_LOSS || type == VENUE_STOP_LOSS_LIMIT ||
	       type == VENUE_TAKE_PROFIT || type == VENUE_TAKE_PROFIT_LIMIT;
}

static bool is_by_quote(const struct venue_order *order)
{
	return is_set(order->quote_quantity);
}

/* What bands and notionals are reckoned with; 0: not known. */
static struct decimal price_of(const struct check *check)
{
	if (is_limit(check->order->type))
		return check->order->price;
	return check->known ? check->known->price : (struct decimal){0};
}

/* ---- the rules: true when kept ---------------------------------------------------- */

static bool keeps_client_id(struct check *check)
{
	check->why = "The client order id must be 1 to 36 letters, digits, "
		     "'-' or '_'.";
	return venue_client_id_is_valid(check->order->client_id);
}

static bool keeps_trading(struct check *check)
{
	check->why = "The symbol is not open for trading.";
	return check->symbol->trading;
}

static bool keeps_type(struct check *check)
{
	check->why = "The symbol does not take orders of this type.";
	return (unsigned)check->order->type < VENUE_TYPE_COUNT &&
	       (check->symbol->types >> check->order->type & 1) != 0;
}

/* Each type's numbers are there, and no others. */
static bool keeps_shape(struct check *check)
{
	const struct venue_order *o = check->order;
	bool by_quote = is_by_quote(o);
	bool stop = is_set(o->stop_price);

	check->why = "Quantity, price and stop price do not suit the type.";
	if (o->quantity.units < 0 || o->quote_quantity.units < 0 ||
		o->price.units < 0 || o->stop_price.units < 0 ||
		o->trailing_bips < 0)
		return false;
	if (is_set(o->quantity) == by_quote ||
		(by_quote && o->type != VENUE_MARKET))
		return false;
	if (is_set(o->price) != is_limit(o->type))
		return false;
	if (!is_triggered(o->type))
		return !stop && o->trailing_bips == 0;
	return stop || o->trailing_bips > 0;
}

static bool keeps_range(struct decimal value, const struct venue_range *range)
{
	if (is_set(range->min) && is_above(range->min, value))
		return false;
	if (is_set(range->max) && is_above(value, range->max))
		return false;
	return !is_set(range->step) || is_multiple(value, range->step);
}

static bool keeps_price(struct check *check)
{
	const struct venue_order *order = check->order;

	check->why = "The price is outside the symbol's range or between its "
		     "ticks.";
	return (!is_set(order->price) ||
		       keeps_range(order->price, &check->symbol->price)) &&
	       (!is_set(order->stop_price) ||
		       keeps_range(order->stop_price, &check->symbol->price));
}

static bool keeps_lot(struct check *check)
{
	check->why = "The quantity is outside the symbol's range or between "
		     "its steps.";
	return is_by_quote(check->order) ||
	       keeps_range(check->order->quantity, &check->symbol->lot);
}

static bool keeps_market_lot(struct check *check)
{
	enum venue_type type = check->order->type;

	check->why = "The quantity is outside the symbol's range for orders "
		     "at the market.";
	return is_limit(type) || is_by_quote(check->order) ||
	       keeps_range(check->order->quantity, &check->symbol->market_lot);
}

static bool keeps_notional(struct check *check)
{
	const struct venue_symbol *symbol = check->symbol;
	const struct venue_order *order = check->order;
	bool market = !is_limit(order->type);
	bool min = is_set(symbol->notional_min) &&
		   (!market || symbol->notional_min_market);
	bool max = is_set(symbol->notional_max) &&
		   (!market || symbol->notional_max_market);
	struct decimal price = price_of(check);
	struct decimal quantity = order->quantity;
	bool fits = true;

	if (is_by_quote(order)) {
		price = (struct decimal){.units = 1};
		quantity = order->quote_quantity;
	}
	check->why = "The order's value is below or above what the symbol "
		     "takes.";
	if (!is_set(price))
		return true;
	if (min && compare_product(
			   price, quantity, symbol->notional_min, &fits) < 0)
		return false;
	if (max && compare_product(
			   price, quantity, symbol->notional_max, &fits) > 0)
		return false;
	return fits;
}

/* The price against the average times the factors. */
static bool keeps_band(struct check *check)
{
	const struct venue_band *band = check->order->side == VENUE_BUY
						? &check->symbol->buy
						: &check->symbol->sell;
	struct decimal price = check->order->price;
	bool fits = true;

	check->why = "The price is too far from the market's.";
	if (!check->known || !is_set(check->known->price) || !is_set(price))
		return true;
	if (is_set(band->up) && compare_product(check->known->price, band->up,
					price, &fits) < 0)
		return false;
	if (is_set(band->down) && compare_product(check->known->price,
					  band->down, price, &fits) > 0)
		return false;
	return fits;
}

static bool keeps_count(int64_t open, int64_t most)
{
	return most == 0 || open < 0 || open < most;
}

static bool keeps_orders(struct check *check)
{
	check->why = "There are too many open orders of the symbol.";
	return !check->known || check->order->type == VENUE_MARKET ||
	       keeps_count(
		       check->known->open_orders, check->symbol->orders_max);
}

static bool keeps_algo_orders(struct check *check)
{
	check->why = "There are too many open stop orders of the symbol.";
	return !check->known || !is_triggered(check->order->type) ||
	       keeps_count(check->known->open_algo_orders,
		       check->symbol->algo_orders_max);
}

static bool keeps_position(struct check *check)
{
	struct decimal most = check->symbol->position_max;
	struct decimal sum;

	check->why = "The position would be larger than the symbol allows.";
	if (!is_set(most) || !check->known || check->order->side != VENUE_BUY ||
		check->known->held.units < 0)
		return true;
	return decimal_add(check->known->held, check->order->quantity, &sum) ==
		       ERR_OK &&
	       !is_above(sum, most);
}

/* A stop below the market (sell) trails from above, and so on: which pair of
   limits holds is the documentation's table. */
static bool keeps_trailing(struct check *check)
{
	const struct venue_symbol *symbol = check->symbol;
	const struct venue_order *order = check->order;
	bool stop = order->type == VENUE_STOP_LOSS ||
		    order->type == VENUE_STOP_LOSS_LIMIT;
	bool above = stop == (order->side == VENUE_BUY);
	int64_t min =
		above ? symbol->trailing_above_min : symbol->trailing_below_min;
	int64_t max =
		above ? symbol->trailing_above_max : symbol->trailing_below_max;

	check->why = "The trailing distance is outside the symbol's range.";
	if (order->trailing_bips == 0)
		return true;
	return symbol->trailing && order->trailing_bips >= min &&
	       (max == 0 || order->trailing_bips <= max);
}

/* ---- the table --------------------------------------------------------------------- */

struct rule {
	const char *name;
	bool (*keeps)(struct check *check);
};

static const struct rule rules[] = {
	{"client_id", keeps_client_id},
	{"trading", keeps_trading},
	{"type", keeps_type},
	{"shape", keeps_shape},
	{"PRICE_FILTER", keeps_price},
	{"LOT_SIZE", keeps_lot},
	{"MARKET_LOT_SIZE", keeps_market_lot},
	{"NOTIONAL", keeps_notional},
	{"PERCENT_PRICE_BY_SIDE", keeps_band},
	{"TRAILING_DELTA", keeps_trailing},
	{"MAX_NUM_ORDERS", keeps_orders},
	{"MAX_NUM_ALGO_ORDERS", keeps_algo_orders},
	{"MAX_POSITION", keeps_position},
};

bool venue_client_id_is_valid(const char *client_id)
{
	size_t len;

	if (!client_id)
		return false;
	len = strspn(client_id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				"abcdefghijklmnopqrstuvwxyz0123456789-_");
	return len >= 1 && len <= VENUE_CLIENT_ID_LIMIT &&
	       client_id[len] == '\0';
}

const char *venue_rule_broken(const struct venue_order *order,
	const struct venue_known *known, const char **why)
{
	struct check check = {
		.order = order, .symbol = order->symbol, .known = known};

	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		if (rules[i].keeps(&check))
			continue;
		*why = check.why;
		return rules[i].name;
	}
	return NULL;
}

/* ---- a pair --------------------------------------------------------------------------- */

static bool pair_is_shaped(const struct venue_oco *oco)
{
	const struct venue_order *take = &oco->take;
	const struct venue_order *stop = &oco->stop;
	int order = decimal_compare(take->price, stop->stop_price);

	return take->symbol == stop->symbol && take->side == stop->side &&
	       take->type == VENUE_LIMIT_MAKER &&
	       (stop->type == VENUE_STOP_LOSS ||
		       stop->type == VENUE_STOP_LOSS_LIMIT) &&
	       decimal_compare(take->quantity, stop->quantity) == 0 &&
	       stop->trailing_bips == 0 &&
	       (take->side == VENUE_SELL ? order > 0 : order < 0);
}

/* One id for each leg and one for the pair, all different. */
static bool pair_has_ids(const struct venue_oco *oco)
{
	return venue_client_id_is_valid(oco->client_id) &&
	       venue_client_id_is_valid(oco->take.client_id) &&
	       venue_client_id_is_valid(oco->stop.client_id) &&
	       !text_equal(oco->client_id, oco->take.client_id) &&
	       !text_equal(oco->client_id, oco->stop.client_id) &&
	       !text_equal(oco->take.client_id, oco->stop.client_id);
}

const char *venue_oco_rule_broken(const struct venue_oco *oco,
	const struct venue_known *known, const char **why)
{
	const struct venue_symbol *symbol = oco->take.symbol;
	const char *rule;

	if (!pair_has_ids(oco)) {
		*why = "The pair and both of its orders need ids of their own.";
		return "client_id";
	}
	if (!pair_is_shaped(oco)) {
		*why = "The pair's orders do not suit each other.";
		return "shape";
	}
	if (!symbol->oco) {
		*why = "The symbol does not take pairs.";
		return "type";
	}
	if (known && !keeps_count(known->open_lists, symbol->order_lists_max)) {
		*why = "There are too many open pairs of the symbol.";
		return "MAX_NUM_ORDER_LISTS";
	}
	rule = venue_rule_broken(&oco->take, known, why);
	return rule ? rule : venue_rule_broken(&oco->stop, known, why);
}

/* ---- rounding --------------------------------------------------------------------------- */

struct decimal venue_round_quantity(const struct venue_symbol *symbol,
	enum venue_type type, struct decimal quantity)
{
	const struct venue_range *ranges[] = {
		&symbol->lot, is_limit(type) ? NULL : &symbol->market_lot};

	if (quantity.units <= 0)
		return (struct decimal){0};
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (ranges[i] && is_set(ranges[i]->step) &&
			to_step(quantity, ranges[i]->step, false, &quantity) !=
				ERR_OK)
			return (struct decimal){0};
	return quantity;
}

enum err venue_round_price(const struct venue_symbol *symbol, bool up,
	struct decimal price, struct decimal *out)
{
	if (price.units <= 0)
		return ERR_BAD_INPUT;
	if (!is_set(symbol->price.step)) {
		*out = price;
		return ERR_OK;
	}
	return to_step(price, symbol->price.step, up, out);
}
