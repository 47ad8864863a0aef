/*
 * Resting paper orders against quotes: each type, what a quote and a candle of
 * the same moment may do together, what came first after a gap, freshness, and
 * that the plan of the watch names whom a price reaches and nobody else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain_world.h"
#include "feeds.h"
#include "market.h"
#include "orders.h"
#include "paper_runner.h"
#include "portfolio.h"
#include "risk.h"

#define ONE INT64_C(100000000)
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

/* Without costs, so that prices are what they are. */
static const struct limits rules = {
	.trade = {.start_balance = 10000 * ONE,
		.volume_share = ONE / 10,
		.most = {.order_value = 50000 * ONE,
			.open_orders = 1000,
			.orders_per_minute = 1000000,
			.positions = 100}}};
static const struct order_from by_hand = {.source = ORDER_MANUAL};

/* ---- the world ---------------------------------------------------------------- */

static struct scope *user_at(struct world *w, const char *user, int64_t now)
{
	return scope_mint(w->arena, w->db, world_report(w), user, now);
}

static struct admin_scope *admin_at(struct world *w, int64_t now)
{
	return admin_scope_mint(
		w->arena, w->db, world_report(w), "operator", now);
}

/* A minute that opens then: all four prices, volume 5000. */
static void candle(
	struct world *w, int64_t time, int open, int high, int low, int close)
{
	const struct import_options options = {
		.symbol = "AAA", .interval = "1m", .source = "test"};
	const struct import_candle item = {.time = time,
		.open = {open, 0},
		.high = {high, 0},
		.low = {low, 0},
		.close = {close, 0},
		.volume = {5000, 0}};
	struct import_report report;

	assert_int_equal(candles_put(admin_at(w, time + MINUTE), &item, 1,
				 &options, &report),
		ERR_OK);
	assert_int_equal(report.refused, 0);
}

static void quote(struct world *w, int64_t at, int64_t cents)
{
	const struct quote_new item = {.symbol = "AAA",
		.source = "test",
		.price = cents * (ONE / 100),
		.at = at,
		.fresh_until = at + MINUTE};

	assert_int_equal(quotes_put(admin_at(w, at), &item, 1), ERR_OK);
}

static int market_open(void **state)
{
	assert_int_equal(world_open(state), 0);
	/* the second closes at world_now, at 100 as well */
	candle(*state, world_now - 2 * MINUTE, 100, 101, 99, 100);
	candle(*state, world_now - MINUTE, 100, 101, 99, 100);
	return 0;
}

static struct order_new order_of(
	const char *side, const char *type, int64_t quantity)
{
	return (struct order_new){.symbol = "AAA",
		.side = side,
		.type = type,
		.quantity = {quantity, 0}};
}

static const struct decimal *price_of(struct world *w, int64_t price)
{
	struct decimal *out = arena_alloc(w->arena, sizeof(*out));

	*out = (struct decimal){price, 0};
	return out;
}

static struct order_view place_at(
	struct world *w, int64_t now, const struct order_new *in)
{
	struct order_view view = {0};

	assert_int_equal(order_place(user_at(w, "alice", now), &rules, in,
				 &by_hand, &view),
		ERR_OK);
	return view;
}

/* Ten bought at 100, a moment before world_now. */
static void hold_ten(struct world *w)
{
	const struct order_new in = order_of("buy", "market", 10);

	assert_string_equal(place_at(w, world_now - 2, &in).state, "filled");
}

static struct order_view again(struct world *w, const char *id)
{
	struct order_view view = {0};

	assert_int_equal(order_get(world_alice(w), id, &view), ERR_OK);
	return view;
}

static void assert_state(
	struct world *w, const char *id, const char *state, const char *price)
{
	const struct order_view view = again(w, id);
	char printed[64] = "";

	if (!text_equal(view.state, state))
		print_error("%s (%s)\n", view.state,
			view.reason ? view.reason : "");
	assert_string_equal(view.state, state);
	if (!price)
		return;
	assert_non_null(view.average_price);
	(void)decimal_print(
		decimal_trim(*view.average_price), printed, sizeof(printed));
	assert_string_equal(printed, price);
}

static size_t names(struct world *w, int64_t now, int64_t since)
{
	struct list list;

	assert_int_equal(
		paper_watch_plan(admin_at(w, now), since, &list), ERR_OK);
	return list.count;
}

/* What the watch does at that time; how many orders it filled. */
static int64_t watch(struct world *w, int64_t now)
{
	struct list list;
	int64_t moved = 0;

	assert_int_equal(paper_watch_plan(admin_at(w, now), 0, &list), ERR_OK);
	for (size_t i = 0; i < list.count; i++) {
		struct paper_due due =
			((const struct paper_due *)list.items)[i];

		while (!due.done) {
			assert_int_equal(
				paper_advance(user_at(w, due.user_id, now),
					&rules, &due),
				ERR_OK);
			moved += due.moved;
		}
	}
	return moved;
}

/* What the orders job does: candles, and then the quote as well. */
static void orders(struct world *w, int64_t now)
{
	struct list list;

	assert_int_equal(paper_plan(admin_at(w, now), &list), ERR_OK);
	for (size_t i = 0; i < list.count; i++) {
		struct paper_due due =
			((const struct paper_due *)list.items)[i];

		while (!due.done)
			assert_int_equal(
				paper_advance(user_at(w, due.user_id, now),
					&rules, &due),
				ERR_OK);
	}
}

static void assert_sound(struct world *w)
{
	int64_t accounts = 0;
	enum err err = portfolio_check(world_admin(w), &accounts);

	if (err != ERR_OK)
		print_error("%s\n", w->report->detail);
	assert_int_equal(err, ERR_OK);
	assert_int_equal(
		world_number(w, "SELECT count(*) FROM orders"
				" WHERE filled > quantity OR filled <>"
				" (SELECT coalesce(sum(f.quantity), 0)"
				" FROM fills f WHERE f.order_id = orders.id)"),
		0);
}

/* ---- each type -------------------------------------------------------------------- */

static void test_stop(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("sell", "stop", 10);
	struct order_view view;

	hold_ten(w);
	in.stop_price = price_of(w, 95);
	view = place_at(w, world_now, &in);
	quote(w, world_now + SECOND, 9600);
	assert_int_equal(names(w, world_now + SECOND, 0), 0);
	quote(w, world_now + 3 * SECOND, 9400);
	assert_int_equal(names(w, world_now + 3 * SECOND, 0), 1);
	assert_int_equal(watch(w, world_now + 3 * SECOND), 1);
	/* the market's price then, as a stop is a market order */
	assert_state(w, view.id, "filled", "94");
	assert_int_equal(watch(w, world_now + 4 * SECOND), 0);
	assert_sound(w);
}

static void test_limit_fills_at_itself(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 2);
	struct order_view view, maker;

	in.price = price_of(w, 98);
	view = place_at(w, world_now, &in);
	in.post_only = true;
	maker = place_at(w, world_now, &in);
	quote(w, world_now + SECOND, 9801);
	assert_int_equal(names(w, world_now + SECOND, 0), 0);
	quote(w, world_now + 2 * SECOND, 9000);
	assert_int_equal(watch(w, world_now + 2 * SECOND), 2);
	assert_state(w, view.id, "filled", "98");
	/* it rests: nothing it takes now would be refused */
	assert_state(w, maker.id, "filled", "98");
	assert_sound(w);
}

static void test_take_profit_and_pair(void **state)
{
	struct world *w = *state;
	struct order_new take = order_of("sell", "take_profit", 10);
	struct order_new stop = order_of("sell", "stop", 10);
	struct order_view up, down;

	hold_ten(w);
	take.stop_price = price_of(w, 110);
	stop.stop_price = price_of(w, 90);
	take.oco = stop.oco = "pair";
	up = place_at(w, world_now, &take);
	down = place_at(w, world_now, &stop);
	quote(w, world_now + SECOND, 11100);
	assert_int_equal(watch(w, world_now + SECOND), 1);
	assert_state(w, up.id, "filled", "111");
	assert_state(w, down.id, "cancelled", NULL);
	quote(w, world_now + 2 * SECOND, 8000);
	assert_int_equal(watch(w, world_now + 2 * SECOND), 0);
	assert_sound(w);
}

static void test_stop_limit(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("sell", "stop_limit", 10);
	struct order_view view;

	hold_ten(w);
	in.stop_price = price_of(w, 95);
	in.price = price_of(w, 94);
	view = place_at(w, world_now, &in);
	/* through both: triggered, and waits for its price */
	quote(w, world_now + SECOND, 9300);
	assert_int_equal(watch(w, world_now + SECOND), 0);
	assert_state(w, view.id, "accepted", NULL);
	assert_int_equal(
		world_number(w, "SELECT count(*) FROM orders WHERE triggered"),
		1);
	quote(w, world_now + 2 * SECOND, 9350);
	assert_int_equal(names(w, world_now + 2 * SECOND, 0), 0);
	quote(w, world_now + 3 * SECOND, 9450);
	assert_int_equal(watch(w, world_now + 3 * SECOND), 1);
	assert_state(w, view.id, "filled", "94");
	assert_sound(w);
}

static void test_trailing_stop(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("sell", "trailing_stop", 10);
	struct order_view view;

	hold_ten(w);
	in.trail = price_of(w, 5);
	view = place_at(w, world_now, &in);
	quote(w, world_now + SECOND, 10800);
	assert_int_equal(watch(w, world_now + SECOND), 0);
	quote(w, world_now + 2 * SECOND, 10400);
	/* five below 108 is not reached: nobody has to look */
	assert_int_equal(names(w, world_now + 2 * SECOND, 0), 0);
	quote(w, world_now + 3 * SECOND, 10300);
	assert_int_equal(watch(w, world_now + 3 * SECOND), 1);
	assert_state(w, view.id, "filled", "103");
	assert_sound(w);
}

/* The low came before the high that a quote showed: the candle that has both
   must not trigger the level that followed the high. */
static void test_trailing_stop_and_its_candle(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("sell", "trailing_stop", 10);
	struct order_view view;

	hold_ten(w);
	in.trail = price_of(w, 5);
	view = place_at(w, world_now - 1, &in);
	quote(w, world_now + 30 * SECOND, 10800);
	assert_int_equal(watch(w, world_now + 30 * SECOND), 0);
	candle(w, world_now, 100, 108, 99, 108);
	orders(w, world_now + MINUTE);
	assert_state(w, view.id, "accepted", NULL);
	candle(w, world_now + MINUTE, 108, 108, 102, 104);
	orders(w, world_now + 2 * MINUTE);
	assert_state(w, view.id, "filled", "103");
	assert_sound(w);
}

/* ---- quotes and candles ------------------------------------------------------------- */

static void test_a_quote_of_before_is_not_its(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("sell", "stop", 10);
	struct order_view view;

	hold_ten(w);
	quote(w, world_now + SECOND, 9000);
	in.stop_price = price_of(w, 95);
	/* placed above the price: at once, as an order that comes in */
	view = place_at(w, world_now + SECOND, &in);
	assert_state(w, view.id, "filled", "90");
	hold_ten(w);
	in.stop_price = price_of(w, 85);
	view = place_at(w, world_now + 2 * SECOND, &in);
	quote(w, world_now + 3 * SECOND, 8000);
	in.client_order_id = "later";
	view = place_at(w, world_now + 3 * SECOND, &in);
	assert_int_equal(watch(w, world_now + 3 * SECOND), 1);
	assert_sound(w);
}

/* Between quotes the price was at the level: the candle knows. */
static void test_candle_fills_what_quotes_missed(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("sell", "stop", 10);
	struct order_view view;

	hold_ten(w);
	in.stop_price = price_of(w, 95);
	view = place_at(w, world_now - 1, &in);
	for (int i = 1; i < 4; i++) {
		quote(w, world_now + 15 * i * SECOND, 9600);
		assert_int_equal(watch(w, world_now + 15 * i * SECOND), 0);
	}
	candle(w, world_now, 100, 100, 94, 96);
	orders(w, world_now + MINUTE);
	assert_state(w, view.id, "filled", "95");
	assert_int_equal(watch(w, world_now + MINUTE), 0);
	assert_sound(w);
}

/* What a quote filled in part has had its candle. */
static void test_no_fill_twice_for_one_moment(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("sell", "stop", 10);
	struct order_view view;

	hold_ten(w);
	in.stop_price = price_of(w, 95);
	view = place_at(w, world_now - 1, &in);
	quote(w, world_now + 20 * SECOND, 9400);
	assert_int_equal(watch(w, world_now + 20 * SECOND), 1);
	assert_state(w, view.id, "filled", "94");
	candle(w, world_now, 100, 100, 94, 96);
	orders(w, world_now + MINUTE);
	assert_int_equal(world_number(w, "SELECT count(*) FROM fills"), 2);
	assert_sound(w);
}

static void test_share_of_volume(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 60);
	const struct limits narrow = {.trade = {.start_balance = 1000000 * ONE,
					      .volume_share = ONE / 100,
					      .most = rules.trade.most}};
	struct order_view view = {0};
	struct paper_due due = {.user_id = "alice", .symbol = "AAA"};

	in.price = price_of(w, 95);
	assert_int_equal(order_place(user_at(w, "alice", world_now - 1),
				 &narrow, &in, &by_hand, &view),
		ERR_OK);
	/* one in a hundred of 5000, until a candle closes */
	for (int i = 1; i <= 3; i++) {
		quote(w, world_now + i * SECOND, 9400 - i);
		assert_int_equal(paper_advance(user_at(w, "alice",
						       world_now + i * SECOND),
					 &narrow, &due),
			ERR_OK);
		assert_int_equal(
			world_number(w, "SELECT sum(quantity) FROM fills"),
			50 * ONE);
	}
	/* its own candle counts what quotes filled in it */
	candle(w, world_now, 96, 96, 94, 94);
	orders(w, world_now + MINUTE);
	assert_int_equal(
		world_number(w, "SELECT sum(quantity) FROM fills"), 50 * ONE);
	candle(w, world_now + MINUTE, 94, 94, 94, 94);
	assert_int_equal(
		paper_advance(user_at(w, "alice", world_now + 2 * MINUTE),
			&narrow, &due),
		ERR_OK);
	assert_state(w, view.id, "filled", NULL);
	assert_sound(w);
}

/* Nobody watched for ten minutes; candles of it are there now, and a quote. */
static void test_after_a_gap_candles_come_first(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("sell", "stop", 10);
	const int64_t later = world_now + 10 * MINUTE;
	struct order_view view;

	hold_ten(w);
	in.stop_price = price_of(w, 95);
	view = place_at(w, world_now - 1, &in);
	for (int i = 0; i < 10; i++)
		candle(w, world_now + i * MINUTE, 100, 100, i == 7 ? 93 : 99,
			100);
	quote(w, later + SECOND, 5000);
	assert_int_equal(watch(w, later + SECOND), 0);
	assert_state(w, view.id, "filled", "95");
	assert_int_equal(
		world_number(w, "SELECT candle_time FROM fills WHERE side ="
				" 'sell'"),
		world_now + 7 * MINUTE);
	assert_sound(w);
}

static void test_a_market_order_waits_for_a_price(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("sell", "market", 10);
	const int64_t later = world_now + 60 * MINUTE;
	struct order_view view;

	hold_ten(w);
	view = place_at(w, later, &in);
	assert_state(w, view.id, "accepted", NULL);
	quote(w, later + SECOND, 9700);
	assert_int_equal(watch(w, later + SECOND), 1);
	assert_state(w, view.id, "filled", "97");
	assert_sound(w);
}

/* ---- freshness ------------------------------------------------------------------------ */

static void test_fresh_quotes_open_and_stale_ones_do_not(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 1);
	const int64_t later = world_now + 60 * MINUTE;
	struct order_view view;

	/* the candle alone is stale by then */
	view = place_at(w, later, &in);
	assert_string_equal(view.state, "denied");
	assert_string_equal(view.reason, "stale_price");
	quote(w, later, 12000);
	view = place_at(w, later + SECOND, &in);
	assert_state(w, view.id, "filled", "120");
	view = place_at(w, later + MINUTE + 1, &in);
	assert_string_equal(view.reason, "stale_price");
	/* a stop that rests is not tried at a stale one */
	in = order_of("sell", "stop", 1);
	in.stop_price = price_of(w, 110);
	view = place_at(w, later + MINUTE + 1, &in);
	assert_state(w, view.id, "accepted", NULL);
	quote(w, later + MINUTE + 2, 10000);
	assert_int_equal(names(w, later + 3 * MINUTE, 0), 0);
	assert_int_equal(watch(w, later + 3 * MINUTE), 0);
	/* a quote of a clock that ran ahead is none */
	quote(w, later + 10 * MINUTE, 10000);
	in = order_of("buy", "market", 1);
	view = place_at(w, later + 4 * MINUTE, &in);
	assert_string_equal(view.reason, "stale_price");
	assert_sound(w);
}

/* A candle that closed later than the quote was made is the later word. */
static void test_the_later_of_two_fresh_ones(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 1);
	struct order_view view;

	quote(w, world_now + 30 * SECOND, 12000);
	candle(w, world_now, 100, 130, 100, 130);
	view = place_at(w, world_now + MINUTE, &in);
	assert_state(w, view.id, "filled", "130");
	quote(w, world_now + MINUTE, 12100);
	view = place_at(w, world_now + MINUTE + 1, &in);
	assert_state(w, view.id, "filled", "121");
}

/* ---- who is named ---------------------------------------------------------------------- */

static void test_only_new_prices_are_news(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 1);
	int64_t seq = 0, next = 0;
	bool wanted = false;

	in.price = price_of(w, 95);
	(void)place_at(w, world_now - 1, &in);
	quote(w, world_now + SECOND, 9600);
	assert_int_equal(
		paper_watch_look(admin_at(w, world_now), &seq, &wanted),
		ERR_OK);
	quote(w, world_now + 2 * SECOND, 9600);
	assert_int_equal(
		paper_watch_look(admin_at(w, world_now), &next, &wanted),
		ERR_OK);
	assert_int_equal(next, seq);
	quote(w, world_now + 3 * SECOND, 9400);
	assert_int_equal(
		paper_watch_look(admin_at(w, world_now), &next, &wanted),
		ERR_OK);
	assert_true(next > seq);
	assert_int_equal(names(w, world_now + 3 * SECOND, seq), 1);
	assert_int_equal(names(w, world_now + 3 * SECOND, next), 0);
	/* the same price after it had gone stale is news */
	quote(w, world_now + 10 * MINUTE, 9400);
	assert_int_equal(names(w, world_now + 10 * MINUTE, next), 1);
}

/* ---- at random ------------------------------------------------------------------------- */

static uint32_t roll(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

static void random_order(struct world *w, int64_t now, uint32_t *seed)
{
	static const char *const types[] = {"limit", "stop", "stop_limit",
		"take_profit", "trailing_stop", "market"};
	struct order_new in = order_of(roll(seed) % 2 ? "buy" : "sell",
		types[roll(seed) % 6], 1 + roll(seed) % 5);
	struct order_view view;

	if (text_equal(in.type, "limit") || text_equal(in.type, "stop_limit"))
		in.price = price_of(w, 90 + roll(seed) % 20);
	if (text_equal(in.type, "stop") || text_equal(in.type, "stop_limit") ||
		text_equal(in.type, "take_profit"))
		in.stop_price = price_of(w, 90 + roll(seed) % 20);
	if (text_equal(in.type, "trailing_stop"))
		in.trail = price_of(w, 1 + roll(seed) % 5);
	(void)!order_place(
		user_at(w, "alice", now), &rules, &in, &by_hand, &view);
}

/* Whom the plan leaves out, a visit does nothing to. */
static void assert_named(struct world *w, int64_t now)
{
	struct paper_due due = {.user_id = "alice", .symbol = "AAA"};
	const int64_t before =
		world_number(w, "SELECT count(*) FROM order_log");

	orders(w, now);
	if (names(w, now, 0) == 0) {
		const int64_t log =
			world_number(w, "SELECT count(*) FROM order_log");

		assert_int_equal(
			paper_advance(user_at(w, "alice", now), &rules, &due),
			ERR_OK);
		assert_int_equal(
			world_number(w, "SELECT count(*) FROM order_log"), log);
	}
	(void)watch(w, now);
	assert_true(
		world_number(w, "SELECT count(*) FROM order_log") >= before);
}

static void test_random(void **state)
{
	struct world *w = *state;
	uint32_t seed = 7;
	int price = 100;

	for (int i = 0; i < 14; i++) {
		const int64_t open = world_now + i * MINUTE;

		for (int k = 1; k <= 3; k++) {
			price += (int)(roll(&seed) % 7) - 3;
			price = price < 90 ? 90 : price > 110 ? 110 : price;
			random_order(w, open + k * SECOND, &seed);
			if (roll(&seed) % 4)
				quote(w, open + 20 * k * SECOND - 1,
					100 * price);
			assert_named(w, open + 20 * k * SECOND - 1);
		}
		candle(w, open, price, price + 2, price - 2, price);
		assert_sound(w);
	}
	assert_true(world_number(w, "SELECT count(*) FROM fills") > 8);
	/* of one order, no two at one candle's or quote's time */
	assert_int_equal(
		world_number(w, "SELECT count(*) FROM (SELECT 1 FROM fills"
				" GROUP BY order_id, candle_time"
				" HAVING count(*) > 1)"),
		0);
}

#define WATCH_TEST(name) \
	cmocka_unit_test_setup_teardown(name, market_open, world_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCH_TEST(test_stop),
		WATCH_TEST(test_limit_fills_at_itself),
		WATCH_TEST(test_take_profit_and_pair),
		WATCH_TEST(test_stop_limit),
		WATCH_TEST(test_trailing_stop),
		WATCH_TEST(test_trailing_stop_and_its_candle),
		WATCH_TEST(test_a_quote_of_before_is_not_its),
		WATCH_TEST(test_candle_fills_what_quotes_missed),
		WATCH_TEST(test_no_fill_twice_for_one_moment),
		WATCH_TEST(test_share_of_volume),
		WATCH_TEST(test_after_a_gap_candles_come_first),
		WATCH_TEST(test_a_market_order_waits_for_a_price),
		WATCH_TEST(test_fresh_quotes_open_and_stale_ones_do_not),
		WATCH_TEST(test_the_later_of_two_fresh_ones),
		WATCH_TEST(test_only_new_prices_are_news),
		WATCH_TEST(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
