/*
 * A venue against the stand-in that behaves: every call, every kind of order,
 * the rules before sending, the clock, the keys.
 */
#include "venue_kit.h"

static int begin(void **state)
{
	return stand_in_start(state);
}

/* The group's stand-in, and a world for each test. */
static void with_world(void **state, void (*work)(struct world *world))
{
	struct world world;

	world_init(&world, *state);
	world_learn(&world);
	work(&world);
	world_release(&world);
}

#define TEST(name)                                \
	static void name##_work(struct world *w); \
	static void name(void **state)            \
	{                                         \
		with_world(state, name##_work);   \
	}                                         \
	static void name##_work(struct world *w)

static void assert_decimal(struct decimal value, const char *wanted)
{
	assert_int_equal(decimal_compare(value, kit_decimal(wanted)), 0);
}

TEST(symbols_come_with_their_rules)
{
	assert_string_equal(w->btc.symbol, "BTC-USDT");
	assert_string_equal(w->btc.native, "BTCUSDT");
	assert_true(w->btc.trading && w->btc.oco && w->btc.trailing);
	assert_decimal(w->btc.price.step, "0.01");
	assert_decimal(w->btc.lot.min, "0.00001");
	assert_decimal(w->btc.market_lot.max, "150");
	assert_decimal(w->btc.notional_min, "5");
	assert_decimal(w->btc.sell.down, "0.2");
	assert_int_equal(w->btc.algo_orders_max, 5);
	assert_int_equal(w->btc.trailing_below_max, 2000);
}

TEST(an_unknown_symbol_is_refused)
{
	static const char *const names[] = {"XYZ-USDT", NULL};
	static const char *const crooked[] = {"BTC\"-USDT", NULL};
	/* BTCUSDT is there, but it is not BTCU-SDT */
	static const char *const shifted[] = {"BTCU-SDT", NULL};
	struct venue_symbol_list list;
	struct venue_outcome outcome =
		venue_symbols(w->venue, w->arena, names, &list);

	assert_outcome(outcome, VENUE_REFUSED);
	assert_int_equal(outcome.code, -1121);
	assert_outcome(venue_symbols(w->venue, w->arena, crooked, &list),
		VENUE_DENIED);
	assert_outcome(venue_symbols(w->venue, w->arena, shifted, &list),
		VENUE_UNKNOWN);
}

TEST(the_market_can_be_read)
{
	struct venue_quote_list quotes;
	struct venue_price_list prices;
	int64_t time;
	struct venue_candle_list candles;
	struct venue_candles_query query = {.symbol = &w->btc,
		.interval_ms = 60000,
		.from_ms = KIT_T0 / 60000 * 60000 - 600000,
		.until_ms = KIT_T0 / 60000 * 60000,
		.limit = 1000};

	assert_outcome(venue_server_time(w->venue, w->arena, &time), VENUE_OK);
	assert_int_equal(time, w->now);
	assert_outcome(
		venue_quotes(w->venue, w->arena, &w->set, &quotes), VENUE_OK);
	assert_decimal(quotes.items[0].bid, "50000");
	assert_decimal(quotes.items[0].ask, "50001");
	assert_outcome(
		venue_prices(w->venue, w->arena, &w->set, &prices), VENUE_OK);
	assert_decimal(prices.items[0], "50000");
	w->set.count = 0;
	assert_outcome(venue_prices(w->venue, w->arena, &w->set, &prices),
		VENUE_DENIED);
	assert_outcome(
		venue_candles(w->venue, w->arena, &query, &candles), VENUE_OK);
	assert_int_equal(candles.count, 10);
	assert_int_equal(candles.items[0].open_ms, query.from_ms);
	assert_int_equal(candles.items[9].open_ms, query.until_ms - 60000);
	query.interval_ms = 61000;
	assert_outcome(venue_candles(w->venue, w->arena, &query, &candles),
		VENUE_DENIED);
	query.limit = 1001;
	assert_outcome(venue_candles(w->venue, w->arena, &query, &candles),
		VENUE_DENIED);
}

/* In the order asked for, whatever the answer's. */
TEST(several_symbols_are_one_call)
{
	struct venue_symbol eth = w->btc;
	const struct venue_symbol *two[] = {&eth, &w->btc};
	const struct venue_symbol_set set = {two, 2};
	struct venue_price_list prices;
	int64_t before;

	(void)world_do(w, "{\"op\":\"symbol\",\"base\":\"ETH\",\"quote\":"
			  "\"USDT\",\"filters\":[]}");
	(void)world_do(w, "{\"op\":\"price\",\"symbol\":\"ETHUSDT\",\"bid\":"
			  "\"2000\",\"ask\":\"2001\"}");
	eth.native = "ETHUSDT";
	before = world_seen(w, "GET", "/api/v3/ticker/price");
	assert_outcome(
		venue_prices(w->venue, w->arena, &set, &prices), VENUE_OK);
	assert_decimal(prices.items[0], "2000");
	assert_decimal(prices.items[1], "50000");
	assert_int_equal(
		world_seen(w, "GET", "/api/v3/ticker/price"), before + 1);
	(void)world_do(w,
		"{\"op\":\"plan\",\"method\":\"GET\",\"path\":"
		"\"/api/v3/ticker/price\",\"do\":\"answer_after\",\"body\":"
		"\"[{\\\"symbol\\\":\\\"BTCUSDT\\\",\\\"price\\\":"
		"\\\"1\\\"}]\"}");
	assert_outcome(
		venue_prices(w->venue, w->arena, &set, &prices), VENUE_UNKNOWN);
}

TEST(an_order_lives_and_dies)
{
	struct venue_order order = world_order(w);
	struct venue_order_state state;
	struct venue_order_list list;
	struct venue_fill_list fills;

	assert_outcome(venue_query(w->venue, w->arena, &order, &state),
		VENUE_NOT_FOUND);
	assert_outcome(venue_test(w->venue, w->arena, &order, NULL), VENUE_OK);
	assert_int_equal(world_count(w), 0);
	assert_outcome(venue_place(w->venue, w->arena, &order, NULL, &state),
		VENUE_OK);
	assert_int_equal(state.status, VENUE_STATUS_NEW);
	assert_outcome(venue_open_orders(w->venue, w->arena, &w->btc, &list),
		VENUE_OK);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.items[0].client_id, order.client_id);
	(void)world_do(w,
		"{\"op\":\"fill\",\"key\":\"%s\",\"clientId\":\"%s\","
		"\"quantity\":\"0.2\",\"price\":\"49000\"}",
		w->key, order.client_id);
	assert_outcome(
		venue_query(w->venue, w->arena, &order, &state), VENUE_OK);
	assert_int_equal(state.status, VENUE_STATUS_PARTIAL);
	assert_decimal(state.filled, "0.2");
	assert_decimal(state.filled_quote, "9800");
	assert_outcome(
		venue_fills(w->venue, w->arena, &state, &fills), VENUE_OK);
	assert_int_equal(fills.count, 1);
	assert_decimal(fills.items[0].fee, "0.0002");
	assert_string_equal(fills.items[0].fee_asset, "BTC");
	assert_true(fills.items[0].buy && fills.items[0].maker);
	assert_outcome(
		venue_cancel(w->venue, w->arena, &w->btc, order.client_id),
		VENUE_OK);
	assert_outcome(
		venue_query(w->venue, w->arena, &order, &state), VENUE_OK);
	assert_int_equal(state.status, VENUE_STATUS_CANCELED);
	assert_outcome(
		venue_cancel(w->venue, w->arena, &w->btc, order.client_id),
		VENUE_NOT_FOUND);
}

TEST(market_orders_fill_at_once)
{
	struct venue_order order = {.symbol = &w->btc,
		.client_id = "m1",
		.side = VENUE_BUY,
		.quantity = kit_decimal("0.1")};
	struct venue_order by_quote = {.symbol = &w->btc,
		.client_id = "m2",
		.side = VENUE_BUY,
		.quote_quantity = kit_decimal("1000")};
	struct venue_order_state state;
	struct venue_balance_list list;

	assert_outcome(venue_place(w->venue, w->arena, &order, NULL, &state),
		VENUE_OK);
	assert_int_equal(state.status, VENUE_STATUS_FILLED);
	assert_decimal(state.filled_quote, "5000.1");
	assert_outcome(venue_place(w->venue, w->arena, &by_quote, NULL, &state),
		VENUE_OK);
	assert_int_equal(state.status, VENUE_STATUS_FILLED);
	assert_decimal(state.filled, "0.01999");
	assert_outcome(venue_balances(w->venue, w->arena, &list), VENUE_OK);
	assert_int_equal(list.count, 2);
}

static void price_is(struct world *w, const char *last)
{
	(void)world_do(w,
		"{\"op\":\"price\",\"symbol\":\"BTCUSDT\",\"bid\":\"%s\","
		"\"ask\":\"%s\",\"last\":\"%s\"}",
		last, last, last);
}

static enum venue_status status_of(struct world *w, struct venue_order *order)
{
	struct venue_order_state state;

	assert_outcome(
		venue_query(w->venue, w->arena, order, &state), VENUE_OK);
	return state.status;
}

TEST(stops_fire)
{
	struct venue_order order = {.symbol = &w->btc,
		.client_id = "s1",
		.side = VENUE_SELL,
		.type = VENUE_STOP_LOSS,
		.quantity = kit_decimal("1"),
		.stop_price = kit_decimal("49500")};
	struct venue_order trailing = {.symbol = &w->btc,
		.client_id = "s2",
		.side = VENUE_SELL,
		.type = VENUE_STOP_LOSS,
		.quantity = kit_decimal("1"),
		.trailing_bips = 100};
	struct venue_order_state state;

	assert_outcome(venue_place(w->venue, w->arena, &order, NULL, &state),
		VENUE_OK);
	assert_outcome(venue_place(w->venue, w->arena, &trailing, NULL, &state),
		VENUE_OK);
	price_is(w, "51000");
	price_is(w, "50495");
	assert_int_equal(status_of(w, &order), VENUE_STATUS_NEW);
	assert_int_equal(status_of(w, &trailing), VENUE_STATUS_NEW);
	price_is(w, "50490");
	assert_int_equal(status_of(w, &trailing), VENUE_STATUS_FILLED);
	price_is(w, "49500");
	assert_int_equal(status_of(w, &order), VENUE_STATUS_FILLED);
}

static struct venue_oco oco_of(struct world *w)
{
	return (struct venue_oco){.client_id = "pair",
		.take = {.symbol = &w->btc,
			.client_id = "take",
			.side = VENUE_SELL,
			.type = VENUE_LIMIT_MAKER,
			.quantity = kit_decimal("1"),
			.price = kit_decimal("52000")},
		.stop = {.symbol = &w->btc,
			.client_id = "stop",
			.side = VENUE_SELL,
			.type = VENUE_STOP_LOSS_LIMIT,
			.quantity = kit_decimal("1"),
			.price = kit_decimal("48900"),
			.stop_price = kit_decimal("49000")}};
}

TEST(one_cancels_the_other)
{
	struct venue_oco oco = oco_of(w);
	struct venue_order_list list;

	assert_outcome(venue_place_oco(w->venue, w->arena, &oco, NULL, &list),
		VENUE_OK);
	assert_string_equal(list.items[0].client_id, "take");
	assert_string_equal(list.items[1].client_id, "stop");
	price_is(w, "52000");
	assert_int_equal(status_of(w, &oco.take), VENUE_STATUS_FILLED);
	assert_int_equal(status_of(w, &oco.stop), VENUE_STATUS_EXPIRED);
}

TEST(a_pair_is_cancelled_whole)
{
	struct venue_oco oco = oco_of(w);
	struct venue_order_list list;

	assert_outcome(venue_place_oco(w->venue, w->arena, &oco, NULL, &list),
		VENUE_OK);
	assert_outcome(
		venue_cancel(w->venue, w->arena, &w->btc, "stop"), VENUE_OK);
	assert_int_equal(status_of(w, &oco.take), VENUE_STATUS_CANCELED);
	assert_int_equal(status_of(w, &oco.stop), VENUE_STATUS_CANCELED);
}

TEST(the_exchange_says_no)
{
	struct venue_order order = world_order(w);
	struct venue_order_state state;
	struct venue_outcome outcome;

	order.quantity = kit_decimal("5");
	outcome = venue_place(w->venue, w->arena, &order, NULL, &state);
	assert_outcome(outcome, VENUE_REFUSED);
	assert_int_equal(outcome.code, -2010);
	order = world_order(w);
	assert_outcome(venue_place(w->venue, w->arena, &order, NULL, &state),
		VENUE_OK);
	outcome = venue_place(w->venue, w->arena, &order, NULL, &state);
	assert_outcome(outcome, VENUE_REFUSED);
	assert_string_equal(outcome.rule, "DUPLICATE");
	assert_int_equal(world_count(w), 1);
	/* a rule that we were not told of: the name comes through */
	w->btc.lot.step = (struct decimal){0};
	order = world_order(w);
	order.quantity = kit_decimal("0.1234567");
	outcome = venue_place(w->venue, w->arena, &order, NULL, &state);
	assert_outcome(outcome, VENUE_REFUSED);
	assert_string_equal(outcome.rule, "LOT_SIZE");
}

TEST(what_breaks_a_rule_is_not_sent)
{
	struct venue_order order = world_order(w);
	struct venue_order_state state;
	struct venue_outcome outcome;
	int64_t before = world_seen(w, "POST", "/api/v3/order");

	order.price = kit_decimal("49000.001");
	outcome = venue_place(w->venue, w->arena, &order, NULL, &state);
	assert_outcome(outcome, VENUE_DENIED);
	assert_string_equal(outcome.rule, "PRICE_FILTER");
	assert_int_equal(world_seen(w, "POST", "/api/v3/order"), before);
}

/* Half a minute off on either side: measured, and orders go through. A clock
   that jumps later is noticed at the next refusal. */
TEST(the_clock_is_measured)
{
	struct venue_order order = world_order(w);
	struct venue_order_state state;
	struct venue_outcome outcome;

	(void)world_do(w, "{\"op\":\"clock\",\"offset\":30000}");
	assert_outcome(venue_place(w->venue, w->arena, &order, NULL, &state),
		VENUE_OK);
	(void)world_do(w, "{\"op\":\"clock\",\"offset\":-30000}");
	order = world_order(w);
	outcome = venue_place(w->venue, w->arena, &order, NULL, &state);
	assert_outcome(outcome, VENUE_REFUSED);
	assert_int_equal(outcome.code, -1021);
	assert_outcome(venue_place(w->venue, w->arena, &order, NULL, &state),
		VENUE_OK);
}

TEST(an_unreadable_clock_sends_nothing)
{
	struct venue_order order = world_order(w);
	struct venue_order_state state;

	w->now = -1;
	assert_outcome(venue_place(w->venue, w->arena, &order, NULL, &state),
		VENUE_DENIED);
	assert_int_equal(world_count(w), 0);
}

static struct venue_outcome check_rights(
	struct world *w, const char *rights, struct venue_rights *out)
{
	binance_close(&w->venue);
	outbound_close(&w->outbound);
	(void)world_do(w,
		"{\"op\":\"account\",\"key\":\"%s\",\"secret\":\"" KIT_SECRET
		"\",\"balances\":{},\"rights\":%s}",
		w->key, rights);
	world_open_venue(w, KIT_PATIENT_MS, true);
	return venue_check_key(w->venue, w->arena, out);
}

TEST(a_key_that_may_withdraw_is_refused)
{
	struct venue_rights rights = {0};
	struct venue_outcome outcome;

	/* the test net: nobody can say */
	assert_outcome(venue_check_key(w->venue, w->arena, &rights), VENUE_OK);
	assert_false(rights.known);
	assert_outcome(check_rights(w, "{}", &rights), VENUE_OK);
	assert_true(rights.known && !rights.bound_to_address);
	outcome = check_rights(w, "{\"enableWithdrawals\":true}", &rights);
	assert_outcome(outcome, VENUE_DENIED);
	assert_string_equal(outcome.rule, "key_can_withdraw");
	outcome = check_rights(w, "{\"enableInternalTransfer\":true}", &rights);
	assert_string_equal(outcome.rule, "key_can_withdraw");
	outcome =
		check_rights(w, "{\"permitsUniversalTransfer\":true}", &rights);
	assert_string_equal(outcome.rule, "key_can_withdraw");
	outcome = check_rights(
		w, "{\"enableSpotAndMarginTrading\":false}", &rights);
	assert_string_equal(outcome.rule, "key_cannot_trade");
	/* an answer that leaves it out does not pass for "no" */
	assert_outcome(check_rights(w, "{\"enableWithdrawals\":null}", &rights),
		VENUE_UNKNOWN);
}

TEST(a_wrong_key_is_refused)
{
	struct venue_balance_list list;
	struct venue_outcome outcome;

	binance_close(&w->venue);
	outbound_close(&w->outbound);
	(void)snprintf(w->key, sizeof(w->key), "nobody");
	world_open_venue(w, KIT_PATIENT_MS, false);
	outcome = venue_balances(w->venue, w->arena, &list);
	assert_outcome(outcome, VENUE_REFUSED);
	assert_int_equal(outcome.code, -2015);
}

static enum err open_with(
	struct world *w, const char *url, const char *key, const char *secret)
{
	struct secret a = {0}, b = {0};
	struct venue *venue = NULL;
	struct binance_options options = {.base_url = url,
		.outbound = w->outbound,
		.governor = w->governor,
		.user = "x",
		.clock = {world_now, w},
		.api_key = key ? &a : NULL,
		.api_secret = secret ? &b : NULL};
	enum err err;

	if (key)
		assert_int_equal(secret_init(&a, key, strlen(key)), ERR_OK);
	if (secret)
		assert_int_equal(
			secret_init(&b, secret, strlen(secret)), ERR_OK);
	err = binance_open(w->arena, &options, report_open(w->arena), &venue);
	binance_close(&venue);
	secret_release(&a);
	secret_release(&b);
	return err;
}

TEST(crooked_options_do_not_open)
{
	assert_int_equal(open_with(w, w->base, "abc", "def"), ERR_OK);
	assert_int_equal(open_with(w, w->base, NULL, NULL), ERR_OK);
	assert_int_equal(open_with(w, w->base, "abc", NULL), ERR_BAD_INPUT);
	assert_int_equal(
		open_with(w, w->base, "a\r\nX: b", "def"), ERR_BAD_INPUT);
	assert_int_equal(
		open_with(w, "http://example.org", "a", "b"), ERR_BAD_INPUT);
	assert_int_equal(
		open_with(w, "https://example.org", "a", "b"), ERR_BAD_INPUT);
}

TEST(without_keys_only_the_market)
{
	struct venue_balance_list list;
	struct venue *venue = NULL;
	struct binance_options options = {.base_url = w->base,
		.outbound = w->outbound,
		.governor = w->governor,
		.user = "",
		.clock = {world_now, w}};
	struct venue_price_list prices;
	struct venue_outcome outcome;

	assert_int_equal(
		binance_open(w->arena, &options, report_open(w->arena), &venue),
		ERR_OK);
	assert_outcome(
		venue_prices(venue, w->arena, &w->set, &prices), VENUE_OK);
	outcome = venue_balances(venue, w->arena, &list);
	assert_outcome(outcome, VENUE_DENIED);
	assert_string_equal(outcome.rule, "keys");
	binance_close(&venue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(symbols_come_with_their_rules),
		cmocka_unit_test(an_unknown_symbol_is_refused),
		cmocka_unit_test(the_market_can_be_read),
		cmocka_unit_test(several_symbols_are_one_call),
		cmocka_unit_test(an_order_lives_and_dies),
		cmocka_unit_test(market_orders_fill_at_once),
		cmocka_unit_test(stops_fire),
		cmocka_unit_test(one_cancels_the_other),
		cmocka_unit_test(a_pair_is_cancelled_whole),
		cmocka_unit_test(the_exchange_says_no),
		cmocka_unit_test(what_breaks_a_rule_is_not_sent),
		cmocka_unit_test(the_clock_is_measured),
		cmocka_unit_test(an_unreadable_clock_sends_nothing),
		cmocka_unit_test(a_key_that_may_withdraw_is_refused),
		cmocka_unit_test(a_wrong_key_is_refused),
		cmocka_unit_test(crooked_options_do_not_open),
		cmocka_unit_test(without_keys_only_the_market),
	};

	return cmocka_run_group_tests(tests, begin, stand_in_end);
}
