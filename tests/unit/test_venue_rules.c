/*
 * The rules of a symbol before an order is sent: each at its boundary and
 * one step beyond, by the name that the exchange gives it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "text.h"
#include "venue_rules.h"

static struct decimal d(const char *text)
{
	struct decimal out;

	assert_int_equal(decimal_parse(text, strlen(text), &out), ERR_OK);
	return out;
}

static struct venue_symbol symbol_of(void)
{
	return (struct venue_symbol){.symbol = "BTC-USDT",
		.native = "BTCUSDT",
		.base = "BTC",
		.quote = "USDT",
		.trading = true,
		.oco = true,
		.trailing = true,
		.types = (1U << VENUE_TYPE_COUNT) - 1,
		.price = {d("0.01"), d("1000000.00"), d("0.01")},
		.lot = {d("0.00001"), d("9000"), d("0.00001")},
		.market_lot = {d("0"), d("150"), d("0")},
		.notional_min = d("5"),
		.notional_max = d("9000000"),
		.notional_min_market = true,
		.buy = {d("1.2"), d("0.5")},
		.sell = {d("2"), d("0.8")},
		.orders_max = 200,
		.algo_orders_max = 5,
		.order_lists_max = 20,
		.position_max = d("10"),
		.trailing_above_min = 10,
		.trailing_above_max = 2000,
		.trailing_below_min = 20,
		.trailing_below_max = 1000};
}

static struct venue_order limit_of(const struct venue_symbol *symbol)
{
	return (struct venue_order){.symbol = symbol,
		.client_id = "a",
		.side = VENUE_BUY,
		.type = VENUE_LIMIT,
		.quantity = d("1"),
		.price = d("50000.01")};
}

static struct venue_order market_of(const struct venue_symbol *symbol)
{
	return (struct venue_order){.symbol = symbol,
		.client_id = "a",
		.side = VENUE_BUY,
		.quantity = d("1")};
}

static void assert_breaks(const struct venue_order *order,
	const struct venue_known *known, const char *wanted)
{
	const char *why = NULL;
	const char *rule = venue_rule_broken(order, known, &why);

	if (wanted ? !rule || !text_equal(rule, wanted) : rule != NULL)
		fail_msg("%s instead of %s", rule ? rule : "none",
			wanted ? wanted : "none");
	assert_true(!rule || (why && why[0]));
}

static void ids_are_plain(void **state)
{
	const struct venue_symbol symbol = symbol_of();
	struct venue_order order = limit_of(&symbol);
	static const char *const bad[] = {"", "a b", "a&b", "ä", "a.b",
		"0123456789012345678901234567890123456"};

	(void)state;
	assert_breaks(&order, NULL, NULL);
	order.client_id = "012345678901234567890123456789-_Az56";
	assert_breaks(&order, NULL, NULL);
	order.client_id = NULL;
	assert_breaks(&order, NULL, "client_id");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		order.client_id = bad[i];
		assert_breaks(&order, NULL, "client_id");
	}
}

static void prices_are_ticks_in_a_range(void **state)
{
	struct venue_symbol symbol = symbol_of();
	struct venue_order order = limit_of(&symbol);

	(void)state;
	order.price = d("50000.0100");
	assert_breaks(&order, NULL, NULL);
	order.price = d("50000.011");
	assert_breaks(&order, NULL, "PRICE_FILTER");
	order.price = d("1000000.01");
	assert_breaks(&order, NULL, "PRICE_FILTER");
	order.type = VENUE_STOP_LOSS_LIMIT;
	order.price = d("50000");
	order.stop_price = d("50000.005");
	assert_breaks(&order, NULL, "PRICE_FILTER");
	symbol.price = (struct venue_range){0};
	assert_breaks(&order, NULL, NULL);
}

static void quantities_are_steps_in_a_range(void **state)
{
	const struct venue_symbol symbol = symbol_of();
	struct venue_order order = limit_of(&symbol);
	struct venue_order market = market_of(&symbol);

	(void)state;
	order.quantity = d("0.000011");
	assert_breaks(&order, NULL, "LOT_SIZE");
	order.quantity = d("9000.00001");
	assert_breaks(&order, NULL, "LOT_SIZE");
	market.quantity = d("150");
	assert_breaks(&market, NULL, NULL);
	market.quantity = d("150.00001");
	assert_breaks(&market, NULL, "MARKET_LOT_SIZE");
	order.quantity = d("151");
	assert_breaks(&order, NULL, NULL);
}

static void values_have_a_floor_and_a_ceiling(void **state)
{
	struct venue_symbol symbol = symbol_of();
	struct venue_order order = limit_of(&symbol);
	struct venue_order market = market_of(&symbol);
	struct venue_known known = {.price = d("50000"), .open_orders = -1};

	(void)state;
	order.price = d("50000");
	order.quantity = d("0.0001");
	assert_breaks(&order, NULL, NULL);
	order.quantity = d("0.00009");
	assert_breaks(&order, NULL, "NOTIONAL");
	order.quantity = d("180.00001");
	assert_breaks(&order, NULL, "NOTIONAL");
	market.quantity = d("0.00009");
	assert_breaks(&market, NULL, NULL); /* no price is known */
	assert_breaks(&market, &known, "NOTIONAL");
	market.quantity = (struct decimal){0};
	market.quote_quantity = d("4.99");
	assert_breaks(&market, NULL, "NOTIONAL");
	market.quote_quantity = d("5");
	assert_breaks(&market, NULL, NULL);
	symbol.notional_min_market = false;
	market.quote_quantity = d("4.99");
	assert_breaks(&market, NULL, NULL);
}

static void prices_stay_in_their_band(void **state)
{
	const struct venue_symbol symbol = symbol_of();
	struct venue_order order = limit_of(&symbol);
	struct venue_known known = {.price = d("50000")};

	(void)state;
	order.quantity = d("0.1");
	order.price = d("60000");
	assert_breaks(&order, &known, NULL);
	order.price = d("60000.01");
	assert_breaks(&order, NULL, NULL);
	assert_breaks(&order, &known, "PERCENT_PRICE_BY_SIDE");
	order.side = VENUE_SELL;
	assert_breaks(&order, &known, NULL);
	order.price = d("39999.99");
	assert_breaks(&order, &known, "PERCENT_PRICE_BY_SIDE");
	order.side = VENUE_BUY;
	assert_breaks(&order, &known, NULL);
}

static void counts_have_limits(void **state)
{
	const struct venue_symbol symbol = symbol_of();
	struct venue_order order = limit_of(&symbol);
	struct venue_known known = {.open_orders = 199, .open_algo_orders = 5};

	(void)state;
	assert_breaks(&order, &known, NULL);
	known.open_orders = 200;
	assert_breaks(&order, &known, "MAX_NUM_ORDERS");
	known.open_orders = -1;
	order.type = VENUE_STOP_LOSS_LIMIT;
	order.stop_price = d("50000");
	assert_breaks(&order, &known, "MAX_NUM_ALGO_ORDERS");
	known.open_algo_orders = 4;
	assert_breaks(&order, &known, NULL);
	known.held = d("9.1");
	assert_breaks(&order, &known, "MAX_POSITION");
	known.held = d("9");
	assert_breaks(&order, &known, NULL);
}

static void trailing_has_a_range_for_each_side(void **state)
{
	struct venue_symbol symbol = symbol_of();
	struct venue_order order = market_of(&symbol);

	(void)state;
	order.type = VENUE_STOP_LOSS;
	order.trailing_bips = 10;
	assert_breaks(&order, NULL, NULL);
	order.trailing_bips = 9;
	assert_breaks(&order, NULL, "TRAILING_DELTA");
	order.side = VENUE_SELL;
	order.trailing_bips = 19;
	assert_breaks(&order, NULL, "TRAILING_DELTA");
	order.type = VENUE_TAKE_PROFIT;
	assert_breaks(&order, NULL, NULL);
	order.trailing_bips = 2001;
	assert_breaks(&order, NULL, "TRAILING_DELTA");
	order.trailing_bips = 100;
	symbol.trailing = false;
	assert_breaks(&order, NULL, "TRAILING_DELTA");
}

/* Numbers that the type has no use for, or lacks. */
static void shapes_are_strict(void **state)
{
	struct venue_symbol symbol = symbol_of();
	struct venue_order order = limit_of(&symbol);
	struct venue_order market = market_of(&symbol);

	(void)state;
	order.price = (struct decimal){0};
	assert_breaks(&order, NULL, "shape");
	order = limit_of(&symbol);
	order.stop_price = d("1");
	assert_breaks(&order, NULL, "shape");
	order = limit_of(&symbol);
	order.quantity = d("-1");
	assert_breaks(&order, NULL, "shape");
	order.quantity = (struct decimal){0};
	order.quote_quantity = d("100");
	assert_breaks(&order, NULL, "shape");
	market.price = d("1");
	assert_breaks(&market, NULL, "shape");
	market = market_of(&symbol);
	market.quote_quantity = d("100");
	assert_breaks(&market, NULL, "shape");
	market = market_of(&symbol);
	market.type = VENUE_STOP_LOSS;
	assert_breaks(&market, NULL, "shape");
	market.type = VENUE_TYPE_COUNT;
	assert_breaks(&market, NULL, "type");
	market.type = VENUE_MARKET;
	symbol.types = 1U << VENUE_LIMIT;
	assert_breaks(&market, NULL, "type");
	symbol.trading = false;
	assert_breaks(&market, NULL, "trading");
}

/* The largest numbers that there are: refused, never wrapped. */
static void nothing_overflows(void **state)
{
	struct venue_symbol symbol = symbol_of();
	struct venue_order order = limit_of(&symbol);
	struct venue_known known = {
		.price = {INT64_MAX, 18}, .held = {INT64_MAX, 0}};

	(void)state;
	symbol.price = symbol.lot = (struct venue_range){0};
	order.price = (struct decimal){INT64_MAX, 0};
	order.quantity = (struct decimal){INT64_MAX, 0};
	symbol.notional_max = (struct decimal){INT64_MAX, 18};
	assert_breaks(&order, &known, "NOTIONAL");
	symbol.notional_max = (struct decimal){0};
	assert_breaks(&order, &known, "PERCENT_PRICE_BY_SIDE");
	known.price = (struct decimal){0};
	assert_breaks(&order, &known, "MAX_POSITION");
}

static struct venue_oco oco_of(const struct venue_symbol *symbol)
{
	struct venue_oco oco = {.client_id = "p",
		.take = limit_of(symbol),
		.stop = limit_of(symbol)};

	oco.take.client_id = "t";
	oco.take.type = VENUE_LIMIT_MAKER;
	oco.take.side = oco.stop.side = VENUE_SELL;
	oco.stop.client_id = "s";
	oco.stop.type = VENUE_STOP_LOSS;
	oco.stop.price = (struct decimal){0};
	oco.stop.stop_price = d("49000");
	return oco;
}

static void assert_pair(const struct venue_oco *oco,
	const struct venue_known *known, const char *wanted)
{
	const char *why = NULL;
	const char *rule = venue_oco_rule_broken(oco, known, &why);

	if (wanted)
		assert_string_equal(rule, wanted);
	else
		assert_null(rule);
}

static void pairs_suit_each_other(void **state)
{
	struct venue_symbol symbol = symbol_of();
	struct venue_oco oco = oco_of(&symbol);
	struct venue_known known = {.open_lists = 20};

	(void)state;
	assert_pair(&oco, NULL, NULL);
	assert_pair(&oco, &known, "MAX_NUM_ORDER_LISTS");
	oco.stop.client_id = "t";
	assert_pair(&oco, NULL, "client_id");
	oco = oco_of(&symbol);
	oco.stop.stop_price = oco.take.price;
	assert_pair(&oco, NULL, "shape");
	oco = oco_of(&symbol);
	oco.stop.side = VENUE_BUY;
	assert_pair(&oco, NULL, "shape");
	oco = oco_of(&symbol);
	oco.stop.quantity = d("2");
	assert_pair(&oco, NULL, "shape");
	oco = oco_of(&symbol);
	oco.take.type = VENUE_LIMIT;
	assert_pair(&oco, NULL, "shape");
	oco = oco_of(&symbol);
	oco.stop.stop_price = d("49000.001");
	assert_pair(&oco, NULL, "PRICE_FILTER");
	symbol.oco = false;
	oco = oco_of(&symbol);
	assert_pair(&oco, NULL, "type");
}

static void rounding_goes_down_to_steps(void **state)
{
	struct venue_symbol symbol = symbol_of();
	struct decimal out;

	(void)state;
	out = venue_round_quantity(&symbol, VENUE_LIMIT, d("1.234567"));
	assert_int_equal(decimal_compare(out, d("1.23456")), 0);
	out = venue_round_quantity(&symbol, VENUE_LIMIT, d("0.000009"));
	assert_int_equal(out.units, 0);
	out = venue_round_quantity(&symbol, VENUE_LIMIT, d("-1"));
	assert_int_equal(out.units, 0);
	symbol.market_lot.step = d("0.1");
	out = venue_round_quantity(&symbol, VENUE_MARKET, d("1.29"));
	assert_int_equal(decimal_compare(out, d("1.2")), 0);
	assert_int_equal(
		venue_round_price(&symbol, false, d("1.019"), &out), ERR_OK);
	assert_int_equal(decimal_compare(out, d("1.01")), 0);
	assert_int_equal(
		venue_round_price(&symbol, true, d("1.011"), &out), ERR_OK);
	assert_int_equal(decimal_compare(out, d("1.02")), 0);
	assert_int_equal(
		venue_round_price(&symbol, true, d("1.01"), &out), ERR_OK);
	assert_int_equal(decimal_compare(out, d("1.01")), 0);
	assert_int_equal(
		venue_round_price(&symbol, true, d("0"), &out), ERR_BAD_INPUT);
	symbol.price.step = (struct decimal){7, 0};
	assert_int_equal(venue_round_price(&symbol, true,
				 (struct decimal){INT64_MAX, 0}, &out),
		INT64_MAX % 7 ? ERR_BAD_INPUT : ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_plain),
		cmocka_unit_test(prices_are_ticks_in_a_range),
		cmocka_unit_test(quantities_are_steps_in_a_range),
		cmocka_unit_test(values_have_a_floor_and_a_ceiling),
		cmocka_unit_test(prices_stay_in_their_band),
		cmocka_unit_test(counts_have_limits),
		cmocka_unit_test(trailing_has_a_range_for_each_side),
		cmocka_unit_test(shapes_are_strict),
		cmocka_unit_test(nothing_overflows),
		cmocka_unit_test(pairs_suit_each_other),
		cmocka_unit_test(rounding_goes_down_to_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
