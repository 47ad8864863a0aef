/*
 * Binance spot: each call a row of words, weight and rank, asked through
 * binance_ask and read by binance_read.h. Never looks at an answer itself.
 */
#include "binance_private.h"

#include "binance_read.h"
#include "text.h"
#include "venue_query.h"

enum {
	RECV_WINDOW_MS = 5000,
	RECV_WINDOW_MAX_MS = 60000,
	/* of one call */
	WEIGHT_RIGHTS = 1,
	WEIGHT_SYMBOLS = 20,
	WEIGHT_CANDLES = 2,
	WEIGHT_TICKERS = 4, /* of a list, however long */
	WEIGHT_ACCOUNT = 20,
	WEIGHT_ORDER = 1,
	WEIGHT_QUERY = 4,
	WEIGHT_OPEN = 6,
	WEIGHT_FILLS = 5
};

/* ---- the market -------------------------------------------------------------------------- */

static struct venue_outcome server_time(
	struct venue *venue, struct arena *arena, int64_t *out)
{
	return binance_measure(binance_of(venue), arena, out);
}

/* ["BTCUSDT","ETHUSDT"]: letters and digits only, as the front has seen to. */
static const char *name_list(struct arena *arena, const char *const *names)
{
	struct buf list;

	buf_init(&list, arena, VENUE_QUERY_LIMIT);
	buf_char(&list, '[');
	for (size_t i = 0; names[i]; i++) {
		size_t base = strcspn(names[i], "-");

		buf_text(&list, i ? ",\"" : "\"");
		buf_add(&list, names[i], base);
		buf_text(&list, names[i] + base + 1);
		buf_char(&list, '"');
	}
	buf_char(&list, ']');
	return list.data;
}

static struct venue_outcome symbols(struct venue *venue, struct arena *arena,
	const char *const *names, struct venue_symbol_list *out)
{
	struct binance *binance = binance_of(venue);
	struct binance_call call = binance_call_of(arena, "GET",
		"/api/v3/exchangeInfo", GOVERN_MARKET, WEIGHT_SYMBOLS);
	const struct json *json = NULL;
	struct binance_limits limits;
	struct venue_outcome outcome;

	venue_query_text(&call.params, "symbols", name_list(arena, names));
	venue_query_text(&call.params, "showPermissionSets", "false");
	outcome = binance_ask(binance, arena, &call, &json);
	if (outcome.result != VENUE_OK)
		return outcome;
	limits = binance_read_limits(json);
	governor_set(binance->options.governor, limits.weight_1m,
		limits.orders_10s, limits.orders_day);
	return binance_read_symbols(arena, json, names, out);
}

struct interval {
	int64_t ms;
	const char *name;
};

static const struct interval intervals[] = {{1000, "1s"}, {60000, "1m"},
	{180000, "3m"}, {300000, "5m"}, {900000, "15m"}, {1800000, "30m"},
	{3600000, "1h"}, {7200000, "2h"}, {14400000, "4h"}, {21600000, "6h"},
	{28800000, "8h"}, {43200000, "12h"}, {86400000, "1d"},
	{259200000, "3d"}, {604800000, "1w"}};

static const char *interval_of(int64_t ms)
{
	for (size_t i = 0; i < sizeof(intervals) / sizeof(intervals[0]); i++)
		if (intervals[i].ms == ms)
			return intervals[i].name;
	return NULL;
}

static struct venue_outcome candles(struct venue *venue, struct arena *arena,
	const struct venue_candles_query *query, struct venue_candle_list *out)
{
	struct binance_call call = binance_call_of(
		arena, "GET", "/api/v3/klines", GOVERN_MARKET, WEIGHT_CANDLES);
	const char *interval = interval_of(query->interval_ms);
	const struct json *json = NULL;
	struct venue_outcome outcome;

	if (!interval)
		return venue_outcome_of(VENUE_DENIED, "interval",
			"The exchange has no candles of that length.");
	venue_query_text(&call.params, "symbol", query->symbol->native);
	venue_query_text(&call.params, "interval", interval);
	venue_query_int(&call.params, "startTime", query->from_ms);
	if (query->until_ms)
		venue_query_int(&call.params, "endTime", query->until_ms - 1);
	venue_query_int(&call.params, "limit", (int64_t)query->limit);
	outcome = binance_ask(binance_of(venue), arena, &call, &json);
	if (outcome.result != VENUE_OK)
		return outcome;
	return binance_read_candles(arena, json, query, out);
}

static struct venue_outcome ask_about(struct venue *venue, struct arena *arena,
	const char *path, const struct venue_symbol_set *set,
	const struct json **out)
{
	struct binance_call call = binance_call_of(
		arena, "GET", path, GOVERN_MARKET, WEIGHT_TICKERS);
	struct buf list;

	buf_init(&list, arena, VENUE_QUERY_LIMIT);
	for (size_t i = 0; i < set->count; i++) {
		buf_text(&list, i ? ",\"" : "[\"");
		buf_text(&list, set->items[i]->native);
		buf_char(&list, '"');
	}
	buf_char(&list, ']');
	venue_query_text(&call.params, "symbols", list.data);
	return binance_ask(binance_of(venue), arena, &call, out);
}

static struct venue_outcome quotes(struct venue *venue, struct arena *arena,
	const struct venue_symbol_set *set, struct venue_quote_list *out)
{
	const struct json *json = NULL;
	struct venue_outcome outcome = ask_about(
		venue, arena, "/api/v3/ticker/bookTicker", set, &json);

	if (outcome.result != VENUE_OK)
		return outcome;
	return binance_read_quotes(arena, json, set, out);
}

static struct venue_outcome prices(struct venue *venue, struct arena *arena,
	const struct venue_symbol_set *set, struct venue_price_list *out)
{
	const struct json *json = NULL;
	struct venue_outcome outcome =
		ask_about(venue, arena, "/api/v3/ticker/price", set, &json);

	if (outcome.result != VENUE_OK)
		return outcome;
	return binance_read_prices(arena, json, set, out);
}

/* ---- the account --------------------------------------------------------------------------- */

static struct venue_outcome ask_account(
	struct venue *venue, struct arena *arena, const struct json **out)
{
	struct binance_call call = binance_signed_call(arena, "GET",
		"/api/v3/account", GOVERN_ACCOUNT, WEIGHT_ACCOUNT);

	venue_query_text(&call.params, "omitZeroBalances", "true");
	return binance_ask(binance_of(venue), arena, &call, out);
}

static struct venue_outcome balances(struct venue *venue, struct arena *arena,
	struct venue_balance_list *out)
{
	const struct json *json = NULL;
	struct venue_outcome outcome = ask_account(venue, arena, &json);

	if (outcome.result != VENUE_OK)
		return outcome;
	return binance_read_balances(arena, json, out);
}

static struct venue_outcome rights(
	struct venue *venue, struct arena *arena, struct venue_rights *out)
{
	struct binance *binance = binance_of(venue);
	struct binance_call call = binance_signed_call(arena, "GET",
		"/sapi/v1/account/apiRestrictions", GOVERN_ACCOUNT,
		WEIGHT_RIGHTS);
	const struct json *json = NULL;
	struct venue_outcome outcome;

	if (!binance->options.asks_rights) {
		outcome = ask_account(venue, arena, &json);
		if (outcome.result != VENUE_OK)
			return outcome;
		return binance_read_account_rights(json, out);
	}
	outcome = binance_ask(binance, arena, &call, &json);
	if (outcome.result != VENUE_OK)
		return outcome;
	return binance_read_restrictions(json, out);
}

static struct venue_outcome fills(struct venue *venue, struct arena *arena,
	const struct venue_order_state *order, struct venue_fill_list *out)
{
	struct binance_call call = binance_signed_call(
		arena, "GET", "/api/v3/myTrades", GOVERN_ORDER, WEIGHT_FILLS);
	const struct json *json = NULL;
	struct venue_outcome outcome;

	venue_query_text(&call.params, "symbol", order->native);
	venue_query_text(&call.params, "orderId", order->venue_id);
	venue_query_int(&call.params, "limit", VENUE_FILLS_LIMIT);
	outcome = binance_ask(binance_of(venue), arena, &call, &json);
	if (outcome.result != VENUE_OK)
		return outcome;
	return binance_read_fills(arena, json, order, out);
}

/* ---- orders ---------------------------------------------------------------------------------- */

static void add_decimal(
	struct buf *params, const char *name, struct decimal value)
{
	if (value.units != 0)
		venue_query_decimal(params, name, value);
}

static bool has_life(enum venue_type type)
{
	return type == VENUE_LIMIT || type == VENUE_STOP_LOSS_LIMIT ||
	       type == VENUE_TAKE_PROFIT_LIMIT;
}

static const char *life_of(const struct venue_order *order)
{
	static const char *const words[] = {
		[VENUE_GTC] = "GTC", [VENUE_IOC] = "IOC", [VENUE_FOK] = "FOK"};

	return words[order->life];
}

static void add_order(struct buf *params, const struct venue_order *order)
{
	venue_query_text(params, "symbol", order->symbol->native);
	venue_query_text(params, "side", binance_sides[order->side]);
	venue_query_text(params, "type", binance_types[order->type]);
	if (has_life(order->type))
		venue_query_text(params, "timeInForce", life_of(order));
	add_decimal(params, "quantity", order->quantity);
	add_decimal(params, "quoteOrderQty", order->quote_quantity);
	add_decimal(params, "price", order->price);
	add_decimal(params, "stopPrice", order->stop_price);
	if (order->trailing_bips)
		venue_query_int(params, "trailingDelta", order->trailing_bips);
	venue_query_text(params, "newClientOrderId", order->client_id);
	venue_query_text(params, "newOrderRespType", "RESULT");
}

static struct venue_outcome place(struct venue *venue, struct arena *arena,
	const struct venue_order *order, struct venue_order_state *out)
{
	struct binance *binance = binance_of(venue);
	struct binance_call call = binance_signed_call(
		arena, "POST", "/api/v3/order", GOVERN_ORDER, WEIGHT_ORDER);
	const struct json *json = NULL;
	struct venue_outcome outcome;

	call.order = true;
	add_order(&call.params, order);
	outcome = binance_ask(binance, arena, &call, &json);
	if (outcome.result == VENUE_OK)
		outcome = binance_read_order(json, order, out);
	return binance_settle(binance, outcome);
}

static struct venue_outcome test(struct venue *venue, struct arena *arena,
	const struct venue_order *order)
{
	struct binance_call call = binance_signed_call(arena, "POST",
		"/api/v3/order/test", GOVERN_ORDER, WEIGHT_ORDER);
	const struct json *json = NULL;
	struct venue_outcome outcome;

	add_order(&call.params, order);
	outcome = binance_ask(binance_of(venue), arena, &call, &json);
	if (outcome.result == VENUE_OK && json->kind != JSON_OBJECT)
		outcome = venue_outcome_of(VENUE_UNKNOWN, "answer",
			"The exchange's answer was not understood.");
	return outcome;
}

/* One leg's words, with "above" or "below" before each. */
struct leg_names {
	const char *type, *id, *price, *stop, *life;
};

static void add_leg(struct buf *params, const struct leg_names *names,
	const struct venue_order *leg)
{
	venue_query_text(params, names->type, binance_types[leg->type]);
	venue_query_text(params, names->id, leg->client_id);
	add_decimal(params, names->price, leg->price);
	add_decimal(params, names->stop, leg->stop_price);
	if (has_life(leg->type))
		venue_query_text(params, names->life, life_of(leg));
}

static void add_oco(struct buf *params, const struct venue_oco *oco)
{
	static const struct leg_names above = {"aboveType",
		"aboveClientOrderId", "abovePrice", "aboveStopPrice",
		"aboveTimeInForce"};
	static const struct leg_names below = {"belowType",
		"belowClientOrderId", "belowPrice", "belowStopPrice",
		"belowTimeInForce"};
	bool sells = oco->take.side == VENUE_SELL;

	venue_query_text(params, "symbol", oco->take.symbol->native);
	venue_query_text(params, "side", binance_sides[oco->take.side]);
	venue_query_decimal(params, "quantity", oco->take.quantity);
	venue_query_text(params, "listClientOrderId", oco->client_id);
	add_leg(params, &above, sells ? &oco->take : &oco->stop);
	add_leg(params, &below, sells ? &oco->stop : &oco->take);
	venue_query_text(params, "newOrderRespType", "RESULT");
}

static struct venue_outcome place_oco(struct venue *venue, struct arena *arena,
	const struct venue_oco *oco, struct venue_order_list *out)
{
	struct binance *binance = binance_of(venue);
	struct binance_call call = binance_signed_call(arena, "POST",
		"/api/v3/orderList/oco", GOVERN_ORDER, WEIGHT_ORDER);
	const struct json *json = NULL;
	struct venue_outcome outcome;

	call.order = true;
	add_oco(&call.params, oco);
	outcome = binance_ask(binance, arena, &call, &json);
	if (outcome.result == VENUE_OK)
		outcome = binance_read_oco(arena, json, oco, out);
	return binance_settle(binance, outcome);
}

static struct venue_outcome cancel(struct venue *venue, struct arena *arena,
	const struct venue_symbol *symbol, const char *client_id)
{
	struct binance *binance = binance_of(venue);
	struct binance_call call = binance_signed_call(
		arena, "DELETE", "/api/v3/order", GOVERN_ORDER, WEIGHT_ORDER);
	const struct json *json = NULL;
	struct venue_outcome outcome;

	venue_query_text(&call.params, "symbol", symbol->native);
	venue_query_text(&call.params, "origClientOrderId", client_id);
	outcome = binance_ask(binance, arena, &call, &json);
	if (outcome.result == VENUE_OK)
		outcome = binance_read_cancel(json, symbol, client_id);
	return binance_settle(binance, outcome);
}

static struct venue_outcome query(struct venue *venue, struct arena *arena,
	const struct venue_order *order, struct venue_order_state *out)
{
	struct binance_call call = binance_signed_call(
		arena, "GET", "/api/v3/order", GOVERN_ORDER, WEIGHT_QUERY);
	const struct json *json = NULL;
	struct venue_outcome outcome;

	venue_query_text(&call.params, "symbol", order->symbol->native);
	venue_query_text(&call.params, "origClientOrderId", order->client_id);
	outcome = binance_ask(binance_of(venue), arena, &call, &json);
	if (outcome.result != VENUE_OK)
		return outcome;
	return binance_read_order(json, order, out);
}

static struct venue_outcome open_orders(struct venue *venue,
	struct arena *arena, const struct venue_symbol *symbol,
	struct venue_order_list *out)
{
	struct binance_call call = binance_signed_call(arena, "GET",
		"/api/v3/openOrders", GOVERN_ACCOUNT, WEIGHT_OPEN);
	const struct json *json = NULL;
	struct venue_outcome outcome;

	venue_query_text(&call.params, "symbol", symbol->native);
	outcome = binance_ask(binance_of(venue), arena, &call, &json);
	if (outcome.result != VENUE_OK)
		return outcome;
	return binance_read_orders(arena, json, symbol, out);
}

/* ---- opening -------------------------------------------------------------------------------- */

static const struct venue_calls calls = {.server_time = server_time,
	.symbols = symbols,
	.candles = candles,
	.quotes = quotes,
	.prices = prices,
	.balances = balances,
	.rights = rights,
	.place = place,
	.test = test,
	.place_oco = place_oco,
	.cancel = cancel,
	.query = query,
	.open_orders = open_orders,
	.fills = fills};

const char *const binance_hosts[] = {"api.binance.com", "api1.binance.com",
	"api2.binance.com", "api3.binance.com", "api4.binance.com",
	"api-gcp.binance.com", "data-api.binance.vision",
	"testnet.binance.vision", NULL};

enum err binance_open(struct arena *arena,
	const struct binance_options *options, struct report *report,
	struct venue **out)
{
	struct binance *binance = arena_alloc(arena, sizeof(*binance));
	enum err err;

	binance->venue = (struct venue){.calls = &calls, .name = "binance"};
	binance->options = *options;
	if (!options->recv_window_ms)
		binance->options.recv_window_ms = RECV_WINDOW_MS;
	if (binance->options.recv_window_ms < 1 ||
		binance->options.recv_window_ms > RECV_WINDOW_MAX_MS) {
		report_detail(report, "recvWindow must be 1 to 60000 ms.");
		return ERR_BAD_INPUT;
	}
	err = outbound_base_parse(arena, options->outbound, options->base_url,
		report, &binance->base);
	if (err == ERR_OK)
		err = binance_take_keys(binance, report);
	if (err == ERR_OK)
		*out = &binance->venue;
	return err;
}

void binance_close(struct venue **venue)
{
	struct binance *binance;

	if (!*venue)
		return;
	binance = binance_of(*venue);
	secret_release(&binance->header);
	secret_release(&binance->secret);
	*venue = NULL;
}
