/*
 * Conformance under misbehaviour: every venue call meets every kind of
 * trouble. What must hold each time: the request goes out once, an order is
 * placed at most once, nothing but a whole and fitting answer counts as done,
 * and what may have been done is "unknown", never "refused".
 */
#include "venue_kit.h"

/* ---- the calls ---------------------------------------------------------------- */

struct act {
	const char *name, *method, *path;
	bool writes;
	bool needs_order;
	size_t orders; /* that it makes when it is carried out */
	struct venue_outcome (*run)(
		struct world *w, const struct venue_order *order);
};

static struct venue_outcome act_time(
	struct world *w, const struct venue_order *order)
{
	int64_t time;

	(void)order;
	return venue_server_time(w->venue, w->arena, &time);
}

static struct venue_outcome act_symbols(
	struct world *w, const struct venue_order *order)
{
	static const char *const names[] = {"BTC-USDT", NULL};
	struct venue_symbol_list list;

	(void)order;
	return venue_symbols(w->venue, w->arena, names, &list);
}

static struct venue_outcome act_candles(
	struct world *w, const struct venue_order *order)
{
	struct venue_candles_query query = {.symbol = &w->btc,
		.interval_ms = 60000,
		.from_ms = KIT_T0 / 60000 * 60000 - 6000000,
		.limit = 100};
	struct venue_candle_list list;

	(void)order;
	return venue_candles(w->venue, w->arena, &query, &list);
}

static struct venue_outcome act_quotes(
	struct world *w, const struct venue_order *order)
{
	struct venue_quote_list list;

	(void)order;
	return venue_quotes(w->venue, w->arena, &w->set, &list);
}

static struct venue_outcome act_prices(
	struct world *w, const struct venue_order *order)
{
	struct venue_price_list list;

	(void)order;
	return venue_prices(w->venue, w->arena, &w->set, &list);
}

static struct venue_outcome act_balances(
	struct world *w, const struct venue_order *order)
{
	struct venue_balance_list list;

	(void)order;
	return venue_balances(w->venue, w->arena, &list);
}

static struct venue_outcome act_key(
	struct world *w, const struct venue_order *order)
{
	struct venue_rights rights;

	(void)order;
	return venue_check_key(w->venue, w->arena, &rights);
}

static struct venue_outcome act_place(
	struct world *w, const struct venue_order *order)
{
	struct venue_order_state state;

	return venue_place(w->venue, w->arena, order, NULL, &state);
}

static struct venue_outcome act_test(
	struct world *w, const struct venue_order *order)
{
	return venue_test(w->venue, w->arena, order, NULL);
}

static struct venue_outcome act_oco(
	struct world *w, const struct venue_order *order)
{
	struct venue_oco oco = {
		.client_id = "pair", .take = *order, .stop = *order};
	struct venue_order_list list;

	oco.take.type = VENUE_LIMIT_MAKER;
	oco.stop.client_id = "stop";
	oco.stop.type = VENUE_STOP_LOSS;
	oco.stop.price = (struct decimal){0};
	oco.stop.stop_price = kit_decimal("51000");
	return venue_place_oco(w->venue, w->arena, &oco, NULL, &list);
}

static struct venue_outcome act_cancel(
	struct world *w, const struct venue_order *order)
{
	return venue_cancel(w->venue, w->arena, &w->btc, order->client_id);
}

static struct venue_outcome act_query(
	struct world *w, const struct venue_order *order)
{
	struct venue_order_state state;

	return venue_query(w->venue, w->arena, order, &state);
}

static struct venue_outcome act_open(
	struct world *w, const struct venue_order *order)
{
	struct venue_order_list list;

	(void)order;
	return venue_open_orders(w->venue, w->arena, &w->btc, &list);
}

static struct venue_outcome act_fills(
	struct world *w, const struct venue_order *order)
{
	struct venue_order_state state = {.client_id = order->client_id,
		.native = "BTCUSDT",
		.venue_id = "1"};
	struct venue_fill_list list;

	return venue_fills(w->venue, w->arena, &state, &list);
}

static const struct act acts[] = {
	{"time", "GET", "/api/v3/time", false, false, 0, act_time},
	{"symbols", "GET", "/api/v3/exchangeInfo", false, false, 0,
		act_symbols},
	{"candles", "GET", "/api/v3/klines", false, false, 0, act_candles},
	{"quotes", "GET", "/api/v3/ticker/bookTicker", false, false, 0,
		act_quotes},
	{"prices", "GET", "/api/v3/ticker/price", false, false, 0, act_prices},
	{"balances", "GET", "/api/v3/account", false, false, 0, act_balances},
	{"key", "GET", "/sapi/v1/account/apiRestrictions", false, false, 0,
		act_key},
	{"place", "POST", "/api/v3/order", true, false, 1, act_place},
	{"test", "POST", "/api/v3/order/test", false, false, 0, act_test},
	{"oco", "POST", "/api/v3/orderList/oco", true, false, 2, act_oco},
	{"cancel", "DELETE", "/api/v3/order", true, true, 0, act_cancel},
	{"query", "GET", "/api/v3/order", false, true, 0, act_query},
	{"open", "GET", "/api/v3/openOrders", false, true, 0, act_open},
	{"fills", "GET", "/api/v3/myTrades", false, true, 0, act_fills},
};

/* ---- the troubles ------------------------------------------------------------------ */

struct trouble {
	const char *name;
	const char *plan; /* members of the command */
	enum venue_result result;
	bool done;     /* the exchange carried it out all the same */
	bool may_pass; /* VENUE_OK is right too, where it does no harm */
};

static const struct trouble troubles[] = {
	{"dropped before", "\"do\":\"drop_before\"", VENUE_UNKNOWN, false,
		false},
	{"dropped after", "\"do\":\"drop_after\"", VENUE_UNKNOWN, true, false},
	{"500 after",
		"\"do\":\"answer_after\",\"status\":500,\"body\":\"<h1>\"",
		VENUE_UNKNOWN, true, false},
	{"502 before", "\"do\":\"answer_before\",\"status\":502", VENUE_UNKNOWN,
		false, false},
	{"503 after",
		"\"do\":\"answer_after\",\"status\":503,\"body\":"
		"\"{\\\"code\\\":-1008,\\\"msg\\\":\\\"x\\\"}\"",
		VENUE_UNKNOWN, true, false},
	{"504 after",
		"\"do\":\"answer_after\",\"status\":504,\"body\":"
		"\"{\\\"code\\\":-1007,\\\"msg\\\":\\\"Timeout\\\"}\"",
		VENUE_UNKNOWN, true, false},
	{"-1007 as 400",
		"\"do\":\"answer_after\",\"status\":400,\"body\":"
		"\"{\\\"code\\\":-1007,\\\"msg\\\":\\\"Timeout\\\"}\"",
		VENUE_UNKNOWN, true, false},
	{"-1006 as 400",
		"\"do\":\"answer_after\",\"status\":400,\"body\":"
		"\"{\\\"code\\\":-1006,\\\"msg\\\":\\\"x\\\"}\"",
		VENUE_UNKNOWN, true, false},
	{"400 without a code",
		"\"do\":\"answer_after\",\"status\":400,\"body\":\"{}\"",
		VENUE_UNKNOWN, true, false},
	{"408", "\"do\":\"answer_after\",\"status\":408,\"body\":\"late\"",
		VENUE_UNKNOWN, true, false},
	{"refused",
		"\"do\":\"answer_before\",\"status\":400,\"body\":"
		"\"{\\\"code\\\":-1100,\\\"msg\\\":\\\"no\\\"}\"",
		VENUE_REFUSED, false, false},
	{"half", "\"do\":\"half\"", VENUE_UNKNOWN, true, false},
	{"malformed", "\"do\":\"answer_after\",\"body\":\"{\\\"symbol\\\":\"",
		VENUE_UNKNOWN, true, false},
	{"empty", "\"do\":\"answer_after\"", VENUE_UNKNOWN, true, false},
	{"null", "\"do\":\"answer_after\",\"body\":\"null\"", VENUE_UNKNOWN,
		true, false},
	{"a number", "\"do\":\"answer_after\",\"body\":\"17\"", VENUE_UNKNOWN,
		true, false},
	{"a strange object",
		"\"do\":\"answer_after\",\"body\":\"{\\\"a\\\":[1]}\"",
		VENUE_UNKNOWN, true, true},
	{"201 with another body",
		"\"do\":\"answer_after\",\"status\":201,\"body\":\"{}\"",
		VENUE_UNKNOWN, true, false},
	{"huge", "\"do\":\"huge\",\"bytes\":3000000", VENUE_UNKNOWN, true,
		false},
	{"huge headers", "\"do\":\"huge_header\"", VENUE_UNKNOWN, true, false},
	{"redirect",
		"\"do\":\"answer_before\",\"status\":307,\"headers\":"
		"{\"Location\":\"/api/v3/elsewhere\"}",
		VENUE_UNKNOWN, false, false},
	{"429",
		"\"do\":\"answer_before\",\"status\":429,\"headers\":"
		"{\"Retry-After\":\"7\"},\"body\":\"{\\\"code\\\":-1003}\"",
		VENUE_LATER, false, false},
	{"418",
		"\"do\":\"answer_before\",\"status\":418,\"headers\":"
		"{\"Retry-After\":\"300\"}",
		VENUE_LATER, false, false},
	{"403", "\"do\":\"answer_before\",\"status\":403,\"body\":\"<html>\"",
		VENUE_LATER, false, false},
	{"twice", "\"do\":\"twice\"", VENUE_OK, true, true},
};

static void plan(struct world *w, const struct act *act, const char *members)
{
	(void)world_do(w,
		"{\"op\":\"plan\",\"method\":\"%s\",\"path\":\"%s\",%s}",
		act->method, act->path, members);
}

static void prepare(struct world *w, struct stand_in *stand_in,
	const struct act *act, struct venue_order *order)
{
	world_init(w, stand_in);
	world_learn(w);
	*order = world_order(w);
	if (act->run == act_key) {
		binance_close(&w->venue);
		outbound_close(&w->outbound);
		world_open_venue(w, KIT_PATIENT_MS, true);
	}
	if (act->needs_order)
		assert_outcome(act_place(w, order), VENUE_OK);
}

/* What became of it, by asking: the only way that there is. */
static void resolve(struct world *w, const struct act *act,
	const struct venue_order *order, bool done)
{
	struct venue_order as = *order;
	struct venue_order_state state = {0};
	struct venue_outcome outcome;

	if (act->run == act_oco)
		as.type = VENUE_LIMIT_MAKER;
	outcome = venue_query(w->venue, w->arena, &as, &state);
	if (act->run == act_cancel) {
		assert_outcome(outcome, VENUE_OK);
		assert_int_equal(state.status,
			done ? VENUE_STATUS_CANCELED : VENUE_STATUS_NEW);
		return;
	}
	assert_outcome(outcome, done ? VENUE_OK : VENUE_NOT_FOUND);
}

static void assert_as_told(const struct act *act, const struct trouble *trouble,
	struct venue_outcome outcome)
{
	bool passed = outcome.result == VENUE_OK && trouble->may_pass &&
		      (!act->writes || trouble->result == VENUE_OK);

	if (!passed && outcome.result != trouble->result)
		fail_msg("%s, %s: %s (%s)", act->name, trouble->name,
			venue_result_slug(outcome.result), outcome.text);
}

static void meet(struct stand_in *stand_in, const struct act *act,
	const struct trouble *trouble)
{
	struct world w;
	struct venue_order order;
	struct venue_outcome outcome;
	size_t placed;
	int64_t seen;

	prepare(&w, stand_in, act, &order);
	placed = world_count(&w);
	seen = world_seen(&w, act->method, act->path);
	plan(&w, act, trouble->plan);
	outcome = act->run(&w, &order);
	assert_as_told(act, trouble, outcome);
	/* once, and never again by itself */
	if (world_seen(&w, act->method, act->path) != seen + 1)
		fail_msg("%s, %s: sent %d times", act->name, trouble->name,
			(int)(world_seen(&w, act->method, act->path) - seen));
	assert_int_equal(
		world_count(&w), placed + (trouble->done ? act->orders : 0));
	if (outcome.result == VENUE_LATER)
		assert_true(outcome.retry_at_ms > w.now);
	if (act->writes && outcome.result == VENUE_UNKNOWN) {
		assert_true(outcome.final_at_ms > w.now + 5000);
		resolve(&w, act, &order, trouble->done);
	}
	world_release(&w);
}

static void every_call_meets_every_trouble(void **state)
{
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++)
		for (size_t j = 0; j < sizeof(troubles) / sizeof(troubles[0]);
			j++)
			meet(*state, &acts[i], &troubles[j]);
}

/* ---- the story of one order ----------------------------------------------------------- */

#define ORDER "\"method\":\"POST\",\"path\":\"/api/v3/order\""

static void a_dropped_answer_is_found_by_query(void **state)
{
	struct world w;
	struct venue_order order;
	struct venue_order_state found;

	prepare(&w, *state, &acts[0], &order);
	(void)world_do(&w, "{\"op\":\"plan\"," ORDER ",\"do\":\"drop_after\"}");
	assert_outcome(act_place(&w, &order), VENUE_UNKNOWN);
	assert_outcome(venue_query(w.venue, w.arena, &order, &found), VENUE_OK);
	assert_string_equal(found.client_id, order.client_id);
	assert_int_equal(found.status, VENUE_STATUS_NEW);
	assert_int_equal(world_count(&w), 1);
	world_release(&w);
}

static void a_dropped_request_may_be_placed_anew_by_decision(void **state)
{
	struct world w;
	struct venue_order order, again;
	struct venue_outcome outcome;

	prepare(&w, *state, &acts[0], &order);
	(void)world_do(
		&w, "{\"op\":\"plan\"," ORDER ",\"do\":\"drop_before\"}");
	outcome = act_place(&w, &order);
	assert_outcome(outcome, VENUE_UNKNOWN);
	assert_outcome(act_query(&w, &order), VENUE_NOT_FOUND);
	assert_int_equal(world_count(&w), 0);
	/* past the time at which that is final */
	w.now = outcome.final_at_ms;
	(void)world_do(&w, "{\"op\":\"clock\",\"now\":%lld}", (long long)w.now);
	assert_outcome(act_query(&w, &order), VENUE_NOT_FOUND);
	again = world_order(&w);
	assert_outcome(act_place(&w, &again), VENUE_OK);
	assert_int_equal(world_count(&w), 1);
	world_release(&w);
}

static void be_impatient(struct world *w)
{
	int64_t time;

	binance_close(&w->venue);
	outbound_close(&w->outbound);
	world_open_venue(w, KIT_IMPATIENT_MS, false);
	/* the clock is known before anything is late */
	while (venue_server_time(w->venue, w->arena, &time).result != VENUE_OK)
		continue;
}

/* "Not found" straight after a time-out is not the end of it: the request is
   still under way and arrives while its window is open. */
static void a_late_request_can_still_arrive(void **state)
{
	struct world w;
	struct venue_order order;
	struct venue_outcome outcome;

	prepare(&w, *state, &acts[0], &order);
	be_impatient(&w);
	(void)world_do(
		&w, "{\"op\":\"plan\"," ORDER ",\"do\":\"hold_before\"}");
	outcome = act_place(&w, &order);
	assert_outcome(outcome, VENUE_UNKNOWN);
	assert_outcome(act_query(&w, &order), VENUE_NOT_FOUND);
	(void)world_do(&w, "{\"op\":\"clock\",\"add\":4000}");
	w.now += 4000;
	assert_true(w.now < outcome.final_at_ms);
	(void)world_do(&w, "{\"op\":\"release\"}");
	assert_outcome(act_query(&w, &order), VENUE_OK);
	assert_int_equal(world_count(&w), 1);
	world_release(&w);
}

/* After final_at_ms it is too old: the exchange refuses it. */
static void a_later_one_cannot(void **state)
{
	struct world w;
	struct venue_order order;
	struct venue_outcome outcome;

	prepare(&w, *state, &acts[0], &order);
	be_impatient(&w);
	(void)world_do(
		&w, "{\"op\":\"plan\"," ORDER ",\"do\":\"hold_before\"}");
	outcome = act_place(&w, &order);
	assert_outcome(outcome, VENUE_UNKNOWN);
	w.now = outcome.final_at_ms;
	(void)world_do(&w, "{\"op\":\"clock\",\"now\":%lld}", (long long)w.now);
	(void)world_do(&w, "{\"op\":\"release\"}");
	assert_outcome(act_query(&w, &order), VENUE_NOT_FOUND);
	assert_int_equal(world_count(&w), 0);
	world_release(&w);
}

static void a_silent_exchange_times_out(void **state)
{
	struct world w;
	struct venue_order order;

	prepare(&w, *state, &acts[0], &order);
	be_impatient(&w);
	(void)world_do(&w, "{\"op\":\"plan\"," ORDER ",\"do\":\"hold_after\"}");
	assert_outcome(act_place(&w, &order), VENUE_UNKNOWN);
	assert_outcome(act_query(&w, &order), VENUE_OK);
	(void)world_do(&w, "{\"op\":\"plan\",\"method\":\"DELETE\","
			   "\"path\":\"/api/v3/order\",\"do\":\"drip\"}");
	assert_outcome(act_cancel(&w, &order), VENUE_UNKNOWN);
	assert_int_equal(world_count(&w), 1);
	world_release(&w);
}

/* libcurl sends a request again by itself when a connection that it kept is
   closed without an answer: the reason for the pre-request callback. */
static void a_kept_connection_that_breaks_is_not_tried_again(void **state)
{
	struct world w;
	struct venue_order order;
	int64_t before;

	prepare(&w, *state, &acts[0], &order);
	assert_outcome(act_prices(&w, &order), VENUE_OK);
	assert_outcome(act_balances(&w, &order), VENUE_OK);
	before = world_seen(&w, "POST", "/api/v3/order");
	(void)world_do(&w, "{\"op\":\"plan\"," ORDER
			   ",\"do\":\"drop_after\",\"times\":3}");
	assert_outcome(act_place(&w, &order), VENUE_UNKNOWN);
	assert_int_equal(world_seen(&w, "POST", "/api/v3/order"), before + 1);
	assert_int_equal(world_count(&w), 1);
	world_release(&w);
}

/* An answer that nobody asked for, and answers that came in another order,
   are not taken for the next request's. */
static void answers_are_not_mixed_up(void **state)
{
	struct world w;
	struct venue_order first, second;
	struct venue_order_state found;

	prepare(&w, *state, &acts[0], &first);
	second = world_order(&w);
	(void)world_do(&w, "{\"op\":\"plan\"," ORDER ",\"do\":\"twice\"}");
	assert_outcome(act_place(&w, &first), VENUE_OK);
	(void)world_do(&w, "{\"op\":\"plan\"," ORDER ",\"do\":\"swap\"}");
	assert_outcome(act_place(&w, &second), VENUE_UNKNOWN);
	assert_outcome(
		venue_query(w.venue, w.arena, &second, &found), VENUE_OK);
	assert_string_equal(found.client_id, second.client_id);
	(void)world_do(&w, "{\"op\":\"plan\",\"method\":\"GET\",\"path\":"
			   "\"/api/v3/order\",\"do\":\"swap\"}");
	assert_outcome(
		venue_query(w.venue, w.arena, &first, &found), VENUE_UNKNOWN);
	assert_int_equal(world_count(&w), 2);
	world_release(&w);
}

static void nobody_there_is_not_unknown(void **state)
{
	struct world w;
	struct venue_order order;
	struct venue_outcome outcome;

	prepare(&w, *state, &acts[0], &order);
	binance_close(&w.venue);
	outbound_close(&w.outbound);
	(void)snprintf(w.base, sizeof(w.base), "http://127.0.0.1:1");
	world_open_venue(&w, KIT_PATIENT_MS, false);
	outcome = act_place(&w, &order);
	assert_outcome(outcome, VENUE_LATER);
	assert_string_equal(outcome.rule, "connection");
	world_release(&w);
}

static int64_t errors(const struct world *w, enum metrics_venue_error error)
{
	return metrics_get(
		w->metrics, METRIC_VENUE_ERRORS, METRICS_BINANCE, error);
}

static int64_t took(const struct world *w, enum metrics_venue_kind kind)
{
	return metrics_get(
		w->metrics, METRIC_VENUE_SECONDS, METRICS_BINANCE, kind);
}

/* One that goes wrong so counts as that error, and as nothing else. */
static void count_one(struct world *w, const struct venue_order *order,
	const char *members, enum metrics_venue_error error)
{
	int64_t before[METRICS_VENUE_ERRORS];

	for (int i = 0; i < METRICS_VENUE_ERRORS; i++)
		before[i] = errors(w, (enum metrics_venue_error)i);
	(void)world_do(w,
		"{\"op\":\"plan\",\"method\":\"GET\",\"path\":"
		"\"/api/v3/ticker/price\",%s}",
		members);
	(void)act_prices(w, order);
	for (int i = 0; i < METRICS_VENUE_ERRORS; i++)
		assert_int_equal(errors(w, (enum metrics_venue_error)i),
			before[i] + (i == (int)error));
	w->now += 400000;
	(void)world_do(w, "{\"op\":\"clock\",\"add\":400000}");
}

/* What requests took, and what they went wrong by. */
static void what_went_wrong_is_counted(void **state)
{
	struct world w;
	struct venue_order order;

	prepare(&w, *state, &acts[0], &order);
	assert_int_equal(
		metrics_open(w.arena, &(struct metrics_options){0}, &w.metrics),
		ERR_OK);
	binance_close(&w.venue);
	outbound_close(&w.outbound);
	world_open_venue(&w, KIT_PATIENT_MS, false);
	assert_outcome(act_balances(&w, &order), VENUE_OK);
	assert_outcome(act_place(&w, &order), VENUE_OK);
	assert_int_equal(took(&w, METRICS_VENUE_MARKET), 0);
	assert_int_equal(took(&w, METRICS_VENUE_ACCOUNT), 1);
	/* and the clock was measured */
	assert_int_equal(took(&w, METRICS_VENUE_ORDER), 2);
	count_one(
		&w, &order, "\"do\":\"drop_after\"", METRICS_VENUE_CONNECTION);
	count_one(&w, &order, "\"do\":\"answer_before\",\"status\":502",
		METRICS_VENUE_5XX);
	count_one(&w, &order, "\"do\":\"answer_before\",\"status\":403",
		METRICS_VENUE_4XX);
	count_one(&w, &order,
		"\"do\":\"answer_before\",\"status\":400,\"body\":"
		"\"{\\\"code\\\":-1100,\\\"msg\\\":\\\"no\\\"}\"",
		METRICS_VENUE_REFUSED);
	count_one(&w, &order, "\"do\":\"answer_before\",\"body\":\"{\"",
		METRICS_VENUE_ANSWER);
	count_one(&w, &order, "\"do\":\"answer_before\",\"status\":429",
		METRICS_VENUE_429);
	count_one(&w, &order, "\"do\":\"answer_before\",\"status\":418",
		METRICS_VENUE_418);
	/* an order that is not there is an answer, no error */
	(void)act_query(&w,
		&(struct venue_order){.symbol = &w.btc, .client_id = "nobody"});
	assert_int_equal(errors(&w, METRICS_VENUE_REFUSED), 1);
	assert_int_equal(took(&w, METRICS_VENUE_MARKET), 7);
	be_impatient(&w);
	count_one(&w, &order, "\"do\":\"hold_after\"", METRICS_VENUE_TIMEOUT);
	metrics_close(&w.metrics);
	world_release(&w);
}

/* After a 429 nobody's request leaves, whosoever it is. */
static void a_stop_holds_for_all(void **state)
{
	struct world w;
	struct venue_order order;
	struct venue_outcome outcome;
	int64_t seen;

	prepare(&w, *state, &acts[0], &order);
	(void)world_do(&w, "{\"op\":\"plan\",\"method\":\"GET\",\"path\":"
			   "\"/api/v3/ticker/price\",\"do\":\"answer_before\","
			   "\"status\":429,\"headers\":{\"Retry-After\":"
			   "\"30\"}}");
	outcome = act_prices(&w, &order);
	assert_outcome(outcome, VENUE_LATER);
	assert_int_equal(outcome.retry_at_ms, w.now + 30000);
	seen = world_seen(&w, "GET", "/api/v3/time");
	outcome = act_place(&w, &order);
	assert_outcome(outcome, VENUE_LATER);
	assert_int_equal(outcome.retry_at_ms, w.now + 30000);
	assert_int_equal(world_seen(&w, "GET", "/api/v3/time"), seen);
	w.now += 30000;
	(void)world_do(&w, "{\"op\":\"clock\",\"add\":30000}");
	assert_outcome(act_place(&w, &order), VENUE_OK);
	world_release(&w);
}

/* Too many orders of one account: that one waits, the others go on. */
static void one_accounts_orders_stop_nobody_else(void **state)
{
	struct world w;
	struct venue_order order;
	struct venue_outcome outcome;

	prepare(&w, *state, &acts[0], &order);
	/* after the rules were read: we believe in 100 */
	(void)world_do(&w, "{\"op\":\"limits\",\"limits\":{\"tenSeconds\":1}}");
	assert_outcome(act_place(&w, &order), VENUE_OK);
	order = world_order(&w);
	outcome = act_place(&w, &order);
	assert_outcome(outcome, VENUE_LATER);
	assert_int_equal(outcome.code, -1015);
	assert_true(outcome.retry_at_ms > w.now &&
		    outcome.retry_at_ms <= w.now + 10000);
	assert_outcome(act_balances(&w, &order), VENUE_OK);
	/* told of the limit, we do not even ask */
	world_learn(&w);
	outcome = act_place(&w, &order);
	assert_outcome(outcome, VENUE_LATER);
	assert_string_equal(outcome.rule, "budget");
	w.now = outcome.retry_at_ms;
	(void)world_do(&w, "{\"op\":\"clock\",\"now\":%lld}", (long long)w.now);
	assert_outcome(act_place(&w, &order), VENUE_OK);
	world_release(&w);
}

/* The exchange counts what others use too; its word is believed. */
static void the_budget_is_the_exchanges(void **state)
{
	struct world w;
	struct venue_order order;
	int asked = 0;
	struct venue_outcome outcome;

	prepare(&w, *state, &acts[0], &order);
	(void)world_do(&w, "{\"op\":\"limits\",\"limits\":{\"weight\":200}}");
	w.now += 60000;
	(void)world_do(&w, "{\"op\":\"clock\",\"add\":60000}");
	world_learn(&w);
	do
		outcome = act_balances(&w, &order);
	while (outcome.result == VENUE_OK && ++asked < 100);
	assert_outcome(outcome, VENUE_LATER);
	assert_string_equal(outcome.rule, "budget");
	/* 20 for the rules, 1 for the clock, 20 each up to 80 of 100 */
	assert_int_equal(asked, 6);
	/* and there is room left for an order */
	assert_outcome(act_place(&w, &order), VENUE_OK);
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_meets_every_trouble),
		cmocka_unit_test(a_dropped_answer_is_found_by_query),
		cmocka_unit_test(
			a_dropped_request_may_be_placed_anew_by_decision),
		cmocka_unit_test(a_late_request_can_still_arrive),
		cmocka_unit_test(a_later_one_cannot),
		cmocka_unit_test(a_silent_exchange_times_out),
		cmocka_unit_test(
			a_kept_connection_that_breaks_is_not_tried_again),
		cmocka_unit_test(answers_are_not_mixed_up),
		cmocka_unit_test(nobody_there_is_not_unknown),
		cmocka_unit_test(what_went_wrong_is_counted),
		cmocka_unit_test(a_stop_holds_for_all),
		cmocka_unit_test(one_accounts_orders_stop_nobody_else),
		cmocka_unit_test(the_budget_is_the_exchanges),
	};

	return cmocka_run_group_tests(tests, stand_in_start, stand_in_end);
}
