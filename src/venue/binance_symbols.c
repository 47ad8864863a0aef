/*
 * exchangeInfo: symbols, their filters, the exchange's limits. A filter that
 * is there but not as documented makes the whole answer worthless; one that
 * this program does not know is the venue's own business.
 */
#include "binance_json.h"
#include "binance_read.h"
#include "text.h"

enum {
	LIMIT_MOST = 100000000
};

/* ---- filters: false when not as documented ------------------------------------------ */

static bool read_range(const struct json *json, const char *const names[3],
	struct venue_range *out)
{
	return binance_amount(json, names[0], &out->min) &&
	       binance_amount(json, names[1], &out->max) &&
	       binance_amount(json, names[2], &out->step);
}

static bool read_price(const struct json *json, struct venue_symbol *out)
{
	static const char *const names[] = {"minPrice", "maxPrice", "tickSize"};

	return read_range(json, names, &out->price);
}

static const char *const lot_names[] = {"minQty", "maxQty", "stepSize"};

static bool read_lot(const struct json *json, struct venue_symbol *out)
{
	return read_range(json, lot_names, &out->lot);
}

static bool read_market_lot(const struct json *json, struct venue_symbol *out)
{
	return read_range(json, lot_names, &out->market_lot);
}

static bool read_min_notional(const struct json *json, struct venue_symbol *out)
{
	return binance_amount(json, "minNotional", &out->notional_min) &&
	       binance_bool(json, "applyToMarket", &out->notional_min_market);
}

static bool read_notional(const struct json *json, struct venue_symbol *out)
{
	return binance_amount(json, "minNotional", &out->notional_min) &&
	       binance_amount(json, "maxNotional", &out->notional_max) &&
	       binance_bool(
		       json, "applyMinToMarket", &out->notional_min_market) &&
	       binance_bool(
		       json, "applyMaxToMarket", &out->notional_max_market);
}

static bool read_band(const struct json *json, struct venue_symbol *out)
{
	if (!binance_amount(json, "multiplierUp", &out->buy.up) ||
		!binance_amount(json, "multiplierDown", &out->buy.down))
		return false;
	out->sell = out->buy;
	return true;
}

static bool read_band_by_side(const struct json *json, struct venue_symbol *out)
{
	return binance_amount(json, "bidMultiplierUp", &out->buy.up) &&
	       binance_amount(json, "bidMultiplierDown", &out->buy.down) &&
	       binance_amount(json, "askMultiplierUp", &out->sell.up) &&
	       binance_amount(json, "askMultiplierDown", &out->sell.down);
}

static bool read_orders(const struct json *json, struct venue_symbol *out)
{
	return binance_int(json, "maxNumOrders", &out->orders_max);
}

static bool read_algo_orders(const struct json *json, struct venue_symbol *out)
{
	return binance_int(json, "maxNumAlgoOrders", &out->algo_orders_max);
}

static bool read_lists(const struct json *json, struct venue_symbol *out)
{
	return binance_int(json, "maxNumOrderLists", &out->order_lists_max);
}

static bool read_position(const struct json *json, struct venue_symbol *out)
{
	return binance_amount(json, "maxPosition", &out->position_max);
}

static bool read_trailing(const struct json *json, struct venue_symbol *out)
{
	return binance_int(json, "minTrailingAboveDelta",
		       &out->trailing_above_min) &&
	       binance_int(json, "maxTrailingAboveDelta",
		       &out->trailing_above_max) &&
	       binance_int(json, "minTrailingBelowDelta",
		       &out->trailing_below_min) &&
	       binance_int(
		       json, "maxTrailingBelowDelta", &out->trailing_below_max);
}

struct filter {
	const char *name;
	bool (*read)(const struct json *json, struct venue_symbol *out);
};

static const struct filter filters[] = {
	{"PRICE_FILTER", read_price},
	{"LOT_SIZE", read_lot},
	{"MARKET_LOT_SIZE", read_market_lot},
	{"MIN_NOTIONAL", read_min_notional},
	{"NOTIONAL", read_notional},
	{"PERCENT_PRICE", read_band},
	{"PERCENT_PRICE_BY_SIDE", read_band_by_side},
	{"MAX_NUM_ORDERS", read_orders},
	{"MAX_NUM_ALGO_ORDERS", read_algo_orders},
	{"MAX_NUM_ORDER_LISTS", read_lists},
	{"MAX_POSITION", read_position},
	{"TRAILING_DELTA", read_trailing},
};

static bool read_filter(const struct json *json, struct venue_symbol *out)
{
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++)
		if (binance_is(json, "filterType", filters[i].name))
			return filters[i].read(json, out);
	return true;
}

/* ---- symbols --------------------------------------------------------------------------- */

static uint32_t read_types(const struct json *array)
{
	uint32_t types = 0;

	if (!array || array->kind != JSON_ARRAY)
		return 0;
	for (const struct json *item = array->first; item; item = item->next)
		for (int i = 0; i < VENUE_TYPE_COUNT; i++)
			if (json_is_text(item, binance_types[i]))
				types |= 1U << i;
	return types;
}

static bool read_symbol(
	struct arena *arena, const struct json *json, struct venue_symbol *out)
{
	struct venue_symbol symbol = {0};
	const struct json *list = json_member(json, "filters");

	if (!binance_text(json, "symbol", &symbol.native) ||
		!binance_text(json, "baseAsset", &symbol.base) ||
		!binance_text(json, "quoteAsset", &symbol.quote) || !list ||
		list->kind != JSON_ARRAY)
		return false;
	symbol.symbol = arena_format(arena, "%s-%s", symbol.base, symbol.quote);
	symbol.trading = binance_is(json, "status", "TRADING");
	symbol.types = read_types(json_member(json, "orderTypes"));
	(void)binance_bool(json, "ocoAllowed", &symbol.oco);
	(void)binance_bool(json, "allowTrailingStop", &symbol.trailing);
	for (const struct json *item = list->first; item; item = item->next)
		if (!read_filter(item, &symbol))
			return false;
	*out = symbol;
	return true;
}

/* By base and quote, not by the name run together: "AB-CD" is not "ABC-D". */
static const struct json *find(const struct json *array, const char *name)
{
	size_t base = strcspn(name, "-");

	for (const struct json *item = array->first; item; item = item->next) {
		const struct json *asset = json_member(item, "baseAsset");

		if (asset && asset->kind == JSON_TEXT && asset->len == base &&
			memcmp(asset->text, name, base) == 0 &&
			binance_is(item, "quoteAsset", name + base + 1))
			return item;
	}
	return NULL;
}

struct venue_outcome binance_read_symbols(struct arena *arena,
	const struct json *json, const char *const *names,
	struct venue_symbol_list *out)
{
	const struct json *array = json_member(json, "symbols");
	struct venue_symbol *items =
		binance_room(arena, array, VENUE_SYMBOLS_LIMIT, sizeof(*items));
	size_t count = 0;

	if (!items)
		return binance_not_understood();
	for (; names[count] && count < array->count; count++) {
		const struct json *item = find(array, names[count]);

		if (!item || !read_symbol(arena, item, &items[count]))
			return binance_not_understood();
	}
	if (names[count])
		return binance_not_understood();
	*out = (struct venue_symbol_list){.items = items, .count = count};
	return venue_outcome_ok();
}

/* ---- limits ------------------------------------------------------------------------------ */

static bool is_limit(const struct json *json, const char *type,
	const char *interval, int64_t number)
{
	int64_t given;

	return binance_is(json, "rateLimitType", type) &&
	       binance_is(json, "interval", interval) &&
	       binance_int(json, "intervalNum", &given) && given == number;
}

struct binance_limits binance_read_limits(const struct json *json)
{
	const struct json *array = json_member(json, "rateLimits");
	struct binance_limits out = {0};
	int64_t limit;

	if (!array || array->kind != JSON_ARRAY)
		return out;
	for (const struct json *item = array->first; item; item = item->next) {
		if (!binance_int(item, "limit", &limit) || limit < 1 ||
			limit > LIMIT_MOST)
			continue;
		if (is_limit(item, "REQUEST_WEIGHT", "MINUTE", 1))
			out.weight_1m = limit;
		else if (is_limit(item, "ORDERS", "SECOND", 10))
			out.orders_10s = (int)limit;
		else if (is_limit(item, "ORDERS", "DAY", 1))
			out.orders_day = (int)limit;
	}
	return out;
}
