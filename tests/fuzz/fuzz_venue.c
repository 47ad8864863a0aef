/*
 * The exchange's answers. The first byte says which call it answers, the
 * second the status, the rest is the body. Promises: what is taken for done
 * is about what was asked for and sound in itself; words for people are plain;
 * and no failure of a request that may have been carried out is "refused".
 */
#include "fuzz.h"

#include "binance_read.h"

static const struct venue_symbol btc = {.symbol = "BTC-USDT",
	.native = "BTCUSDT",
	.base = "BTC",
	.quote = "USDT"};

static const struct venue_order order = {.symbol = &btc,
	.client_id = "order-1",
	.side = VENUE_BUY,
	.type = VENUE_LIMIT,
	.quantity = {.units = 5, .scale = 1}};

static const struct venue_oco oco = {.client_id = "pair",
	.take = {.symbol = &btc,
		.client_id = "take",
		.side = VENUE_SELL,
		.type = VENUE_LIMIT_MAKER,
		.quantity = {.units = 1}},
	.stop = {.symbol = &btc,
		.client_id = "stop",
		.side = VENUE_SELL,
		.type = VENUE_STOP_LOSS_LIMIT,
		.quantity = {.units = 1}}};

static void require_plain(const char *text)
{
	fuzz_require(text != NULL && strlen(text) <= 256);
	for (; *text; text++)
		fuzz_require(*text >= ' ' && *text <= '~');
}

static void require_state(const struct venue_order_state *state)
{
	fuzz_require(state->filled.units >= 0 && state->quantity.units >= 0);
	fuzz_require(decimal_compare(state->filled, state->quantity) <= 0);
	require_plain(state->client_id);
	require_plain(state->venue_id);
	require_plain(state->native);
}

/* ---- one call each; true when it was taken for done ------------------------- */

static bool try_time(struct arena *arena, const struct json *json)
{
	int64_t time = -1;

	(void)arena;
	if (binance_read_time(json, &time).result != VENUE_OK)
		return false;
	fuzz_require(time > 0);
	return true;
}

static bool try_symbols(struct arena *arena, const struct json *json)
{
	static const char *const names[] = {"BTC-USDT", NULL};
	struct venue_symbol_list list = {0};
	struct binance_limits limits = binance_read_limits(json);

	fuzz_require(limits.weight_1m >= 0 && limits.orders_10s >= 0);
	if (binance_read_symbols(arena, json, names, &list).result != VENUE_OK)
		return false;
	fuzz_require(list.count == 1 &&
		     text_equal(list.items[0].symbol, "BTC-USDT"));
	fuzz_require(list.items[0].price.step.units >= 0 &&
		     list.items[0].lot.step.units >= 0);
	return true;
}

static bool try_candles(struct arena *arena, const struct json *json)
{
	const struct venue_candles_query query = {.symbol = &btc,
		.interval_ms = 60000,
		.from_ms = 1000,
		.until_ms = 10000000,
		.limit = 5};
	struct venue_candle_list list = {0};

	if (binance_read_candles(arena, json, &query, &list).result != VENUE_OK)
		return false;
	fuzz_require(list.count <= query.limit);
	for (size_t i = 0; i < list.count; i++) {
		const struct venue_candle *c = &list.items[i];

		fuzz_require(c->open_ms >= query.from_ms &&
			     c->open_ms < query.until_ms);
		fuzz_require(i == 0 || c->open_ms > list.items[i - 1].open_ms);
		fuzz_require(c->low.units > 0 &&
			     decimal_compare(c->low, c->high) <= 0);
	}
	return true;
}

static bool try_quotes(struct arena *arena, const struct json *json)
{
	static const struct venue_symbol *const symbols[] = {&btc};
	static const struct venue_symbol_set set = {symbols, 1};
	struct venue_quote_list quotes = {0};
	struct venue_price_list prices = {0};

	if (binance_read_prices(arena, json, &set, &prices).result == VENUE_OK)
		fuzz_require(prices.count == 1 && prices.items[0].units > 0);
	if (binance_read_quotes(arena, json, &set, &quotes).result != VENUE_OK)
		return false;
	fuzz_require(quotes.count == 1 && quotes.items[0].bid.units >= 0);
	return true;
}

static bool try_account(struct arena *arena, const struct json *json)
{
	struct venue_balance_list list = {0};
	struct venue_rights rights = {0};

	if (binance_read_restrictions(json, &rights).result == VENUE_OK)
		fuzz_require(rights.known);
	(void)binance_read_account_rights(json, &rights);
	if (binance_read_balances(arena, json, &list).result != VENUE_OK)
		return false;
	for (size_t i = 0; i < list.count; i++)
		fuzz_require(list.items[i].free.units >= 0 &&
			     list.items[i].locked.units >= 0);
	return true;
}

static bool try_order(struct arena *arena, const struct json *json)
{
	struct venue_order_state state;

	(void)arena;
	if (binance_read_order(json, &order, &state).result != VENUE_OK)
		return false;
	require_state(&state);
	fuzz_require(text_equal(state.client_id, order.client_id) &&
		     text_equal(state.native, "BTCUSDT") &&
		     state.side == order.side && state.type == order.type);
	return true;
}

static bool try_oco(struct arena *arena, const struct json *json)
{
	struct venue_order_list list = {0};

	if (binance_read_oco(arena, json, &oco, &list).result != VENUE_OK)
		return false;
	fuzz_require(list.count == 2 &&
		     text_equal(list.items[0].client_id, "take") &&
		     text_equal(list.items[1].client_id, "stop"));
	return true;
}

static bool try_cancel(struct arena *arena, const struct json *json)
{
	(void)arena;
	return binance_read_cancel(json, &btc, "order-1").result == VENUE_OK;
}

static bool try_orders(struct arena *arena, const struct json *json)
{
	struct venue_order_list list = {0};

	if (binance_read_orders(arena, json, &btc, &list).result != VENUE_OK)
		return false;
	for (size_t i = 0; i < list.count; i++)
		require_state(&list.items[i]);
	return true;
}

static bool try_fills(struct arena *arena, const struct json *json)
{
	const struct venue_order_state of = {
		.native = "BTCUSDT", .venue_id = "1"};
	struct venue_fill_list list = {0};

	if (binance_read_fills(arena, json, &of, &list).result != VENUE_OK)
		return false;
	for (size_t i = 0; i < list.count; i++)
		fuzz_require(text_equal(list.items[i].order_id, "1") &&
			     list.items[i].quantity.units >= 0);
	return true;
}

static bool (*const tries[])(struct arena *, const struct json *) = {try_time,
	try_symbols, try_candles, try_quotes, try_account, try_order, try_oco,
	try_cancel, try_orders, try_fills};

static const int statuses[] = {
	200, 400, 401, 403, 404, 409, 418, 429, 500, 503, 302, 100};

static void check_failure(const struct venue_outcome *outcome, int status)
{
	require_plain(outcome->text);
	require_plain(outcome->rule);
	fuzz_require(
		outcome->result != VENUE_OK && outcome->result != VENUE_DENIED);
	if (outcome->result != VENUE_REFUSED &&
		outcome->result != VENUE_NOT_FOUND)
		return;
	fuzz_require(status >= 400 && status < 500 && outcome->code < 0);
	fuzz_require(outcome->code != -1000 && outcome->code != -1001 &&
		     outcome->code != -1006 && outcome->code != -1007);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct arena *arena = fuzz_arena();
	const struct json *json = NULL;
	struct venue_outcome outcome;
	int status;

	if (len < 2)
		return 0;
	status = statuses[bytes[1] % (sizeof(statuses) / sizeof(statuses[0]))];
	outcome = binance_read_answer(arena, status,
		(struct bytes){.data = bytes + 2, .len = len - 2}, &json);
	if (outcome.result != VENUE_OK) {
		check_failure(&outcome, status);
		return 0;
	}
	fuzz_require(status == 200 && json != NULL);
	(void)tries[bytes[0] % (sizeof(tries) / sizeof(tries[0]))](arena, json);
	return 0;
}
