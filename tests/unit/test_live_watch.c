/*
 * Trailing stops for an exchange, watched here: what each quote does to them,
 * what leaves when the level is reached, and what is not sold twice.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>

#include "live_watch.h"
#include "live_world.h"
#include "risk.h"

static struct order_new trailing(const char *side, int64_t cents)
{
	static const struct decimal five = {5, 0};

	return (struct order_new){.symbol = "BTC-USDT",
		.side = side,
		.type = "trailing_stop",
		.venue = "binance",
		.quantity = {cents, 2},
		.trail = &five};
}

/* One pass of the watch; how many orders were released. */
static int64_t watch(struct world *w, int64_t now)
{
	const struct paper_due *items;
	struct list list;
	int64_t moved = 0;

	assert_int_equal(paper_watch_plan(admin_at(w, now), 0, &list), ERR_OK);
	items = list.items;
	for (size_t i = 0; i < list.count; i++) {
		struct paper_due due = items[i];

		assert_true(due.live);
		assert_int_equal(
			live_watch_advance(at(w, now), &rules, &due), ERR_OK);
		assert_true(due.done);
		moved += due.moved;
	}
	return moved;
}

/* A quote, a second after the one before, and what it does. */
static int64_t moves(struct world *w, int64_t second, int64_t cents)
{
	quote(w, world_now + second * SECOND, cents);
	return watch(w, world_now + second * SECOND);
}

static void filled(struct world *w, const struct outbox_item *item)
{
	const struct outbox_fill fill = {item->order.order_id,
		item->order.quantity, 102 * ONE, 0, "USDT", false};
	const struct outbox_found what = {.fate = FATE_FILLED,
		.venue_order = "1",
		.filled = fill.quantity,
		.fills = {(void *)(uintptr_t)&fill, 1}};
	int64_t booked = 0;

	assert_int_equal(outbox_found(at(w, world_now + 9 * SECOND), &rules,
				 item, &what, &booked),
		ERR_OK);
	assert_int_equal(booked, 1);
}

/* ---- followed, reached, sent ----------------------------------------------------- */

static void test_follows_and_leaves_once(void **state)
{
	struct world *w = *state;
	const struct order_new in = trailing("sell", 200);
	struct outbox_item item;
	struct order_view view = place(w, &in);

	assert_string_equal(view.state, "accepted");
	assert_string_equal(view.watched, "here");
	assert_amount(view.level, "95");
	/* tried once by whoever talks to the exchange, then let be */
	assert_string_equal(due(w, world_now, &item), view.id);
	assert_int_equal(item.state, OUTBOX_HELD);
	assert_int_equal(outbox_hold(at(w, world_now), &item), ERR_OK);
	assert_null(due(w, INT64_MAX / 2, &item));
	assert_int_equal(moves(w, 1, 10800), 0);
	assert_amount(again(w, view.id).level, "103");
	assert_int_equal(moves(w, 2, 10400), 0);
	assert_amount(again(w, view.id).level, "103");
	assert_null(due(w, INT64_MAX / 2, &item));
	/* past the level, in a gap */
	assert_int_equal(moves(w, 3, 9000), 1);
	assert_int_equal(moves(w, 4, 8900), 0);
	view = again(w, view.id);
	assert_true(view.triggered);
	assert_null(view.watched);
	assert_string_equal(view.state, "accepted");
	assert_string_equal(due(w, world_now + 3 * SECOND, &item), view.id);
	assert_int_equal(item.state, OUTBOX_QUEUED);
	assert_int_equal(item.until_at, INT64_MAX); /* never too late */
	assert_int_equal(item.order.quantity, 2 * ONE);
	assert_int_equal(leave(w, world_now + 3 * SECOND, &item), ERR_OK);
	filled(w, &item);
	view = again(w, view.id);
	assert_string_equal(view.state, "filled");
	assert_true(view.triggered);
	assert_null(due(w, INT64_MAX / 2, &item));
	assert_books_follow(w);
}

static void test_not_by_a_stale_price(void **state)
{
	struct world *w = *state;
	const struct order_new in = trailing("sell", 100);
	const struct order_view view = place(w, &in);
	struct order_view other;
	struct paper_due named = {
		.user_id = "alice", .symbol = "BTC-USDT", .account = 1};

	quote(w, world_now + SECOND, 9000);
	assert_int_equal(watch(w, world_now + 2 * MINUTE), 0);
	assert_int_equal(live_watch_advance(
				 at(w, world_now + 2 * MINUTE), &rules, &named),
		ERR_OK);
	assert_false(again(w, view.id).triggered);
	assert_int_equal(order_place(at(w, world_now + 2 * MINUTE), &rules, &in,
				 &by_hand, &other),
		ERR_CONFLICT);
	assert_non_null(strstr(w->report->detail, "no fresh price"));
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM outbox"), 1);
	assert_int_equal(moves(w, 200, 9400), 1);
}

/* While live trading is off it waits; what was reached then is not lost. */
static void test_off_for_a_while(void **state)
{
	struct world *w = *state;
	const struct order_new in = trailing("sell", 100);
	const struct order_view view = place(w, &in);
	struct limits off = rules;
	struct paper_due named = {
		.user_id = "alice", .symbol = "BTC-USDT", .account = 1};

	off.live.enabled = false;
	quote(w, world_now + SECOND, 9000);
	assert_int_equal(
		live_watch_advance(at(w, world_now + SECOND), &off, &named),
		ERR_OK);
	assert_false(again(w, view.id).triggered);
	assert_int_equal(watch(w, world_now + 2 * SECOND), 1);
}

static void test_what_is_no_order_of_it(void **state)
{
	struct world *w = *state;
	struct order_new in = trailing("sell", 100);
	const struct decimal stop = {90, 0};
	struct order_view view;

	in.oco = "pair";
	assert_int_equal(
		order_place(at(w, world_now), &rules, &in, &by_hand, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/oco"));
	in.oco = NULL;
	in.stop_price = &stop;
	assert_int_equal(
		order_place(at(w, world_now), &rules, &in, &by_hand, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/stop_price"));
	in.stop_price = NULL;
	in.trail = NULL;
	assert_int_equal(
		order_place(at(w, world_now), &rules, &in, &by_hand, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/trail"));
}

/* ---- cancelled and changed -------------------------------------------------------- */

static void test_cancelled_in_each_state(void **state)
{
	struct world *w = *state;
	const struct order_new in = trailing("sell", 100);
	struct order_view view = place(w, &in);
	struct outbox_item item;

	assert_int_equal(
		order_cancel(at(w, world_now), view.id, &view), ERR_OK);
	assert_string_equal(view.state, "cancelled");
	assert_null(view.watched);
	assert_int_equal(moves(w, 1, 9000), 0);
	assert_null(due(w, INT64_MAX / 2, &item));
	view = place(w, &in);
	assert_int_equal(moves(w, 2, 8000), 1);
	assert_int_equal(
		order_cancel(at(w, world_now), view.id, &view), ERR_OK);
	assert_string_equal(view.state, "cancelled");
	assert_null(due(w, INT64_MAX / 2, &item));
	/* on its way: what the exchange says of it counts */
	view = place(w, &in);
	assert_int_equal(moves(w, 3, 7000), 1);
	assert_string_equal(due(w, world_now + 3 * SECOND, &item), view.id);
	assert_int_equal(leave(w, world_now + 3 * SECOND, &item), ERR_OK);
	assert_int_equal(
		order_cancel(at(w, world_now), view.id, &view), ERR_OK);
	assert_string_equal(view.reason, "cancelling");
	filled(w, &item);
	assert_string_equal(again(w, view.id).state, "filled");
	assert_books_follow(w);
}

/* Of a cancel and a quote that race, one has it; never both, never none. */
static void test_cancel_against_the_watch(void **state)
{
	enum {
		ORDERS = 20
	};
	struct world *w = *state;
	const struct order_new in = trailing("sell", 5);
	const struct db_options options = {.busy_ms = 5000,
		.url = arena_format(w->arena, "sqlite:%s/world.db", w->folder)};
	const char *ids[ORDERS];
	int status = 0;
	pid_t pid;

	for (int i = 0; i < ORDERS; i++)
		ids[i] = place(w, &in).id;
	quote(w, world_now + SECOND, 9000);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct world own = {.arena = w->arena};
		struct paper_due named = {
			.user_id = "alice", .symbol = "BTC-USDT", .account = 1};

		if (db_open(own.arena, &options, &own.db) != ERR_OK)
			_exit(2);
		_exit(live_watch_advance(at(&own, world_now + SECOND), &rules,
			      &named) == ERR_OK
				? 0
				: 3);
	}
	for (int i = 0; i < ORDERS; i++) {
		struct order_view view;

		assert_int_equal(
			order_cancel(at(w, world_now), ids[i], &view), ERR_OK);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(
		world_number(w, "SELECT COUNT(*) FROM outbox b JOIN orders o"
				" ON o.id = b.order_id"
				" WHERE b.state = 'done'"
				" AND o.state = 'cancelled'"),
		ORDERS);
}

static enum err change(struct world *w, const char *id, int64_t cents,
	const struct decimal *trail, struct order_view *out)
{
	const struct decimal quantity = {cents, 2};

	return order_amend(at(w, world_now), &rules,
		&(const struct order_change){
			.id = id, .quantity = &quantity, .trail = trail},
		0, out);
}

static void test_changed_here_at_once(void **state)
{
	struct world *w = *state;
	const struct order_new in = trailing("sell", 100);
	const struct decimal two = {2, 0}, bad = {-1, 0};
	struct order_view view = place(w, &in);

	assert_int_equal(moves(w, 1, 11000), 0);
	assert_int_equal(change(w, view.id, 150, &two, &view), ERR_OK);
	assert_amount(view.level, "108");
	assert_amount(&view.quantity, "1.5");
	assert_string_equal(view.watched, "here");
	/* not more than is held, and not into nonsense */
	assert_int_equal(change(w, view.id, 250, &two, &view), ERR_BAD_INPUT);
	assert_int_equal(change(w, view.id, 100, &bad, &view), ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/trail"));
	assert_int_equal(moves(w, 2, 10800), 1);
	assert_int_equal(change(w, view.id, 100, &two, &view), ERR_CONFLICT);
	assert_quantity(w, view.id, "1.5");
}

/* ---- what is held ------------------------------------------------------------------- */

static void test_nothing_is_sold_twice(void **state)
{
	struct world *w = *state;
	const struct order_new in = trailing("sell", 150);
	struct order_new sale = {.symbol = "BTC-USDT",
		.side = "sell",
		.type = "market",
		.venue = "binance",
		.quantity = {100, 2}};
	struct outbox_item item;
	struct order_view view = place(w, &in);

	assert_string_equal(place(w, &sale).reason, "short_not_allowed");
	assert_string_equal(place(w, &in).reason, "short_not_allowed");
	sale.quantity.units = 50;
	assert_string_equal(place(w, &sale).state, "new");
	/* half of it went elsewhere; what is on its way is not sold again */
	assert_int_equal(due(w, world_now, &item)
				 ? outbox_begin(at(w, world_now), &rules, &item,
					   &(const struct outbox_window){
						   world_now, 0, 0})
				 : ERR_NOT_FOUND,
		ERR_OK);
	assert_int_equal(outbox_found(at(w, world_now), &rules, &item,
				 &(const struct outbox_found){.fate = FATE_OPEN,
					 .next_at = INT64_MAX},
				 &(int64_t){0}),
		ERR_OK);
	there(w, world_now, 100000, 100);
	assert_int_equal(moves(w, 1, 9400), 1);
	view = again(w, view.id);
	assert_amount(&view.quantity, "0.5");
	assert_string_equal(view.reason, "reduce_only");
	assert_true(view.triggered);
}

static void test_two_of_one_holding(void **state)
{
	struct world *w = *state;
	const struct order_new in = trailing("sell", 100);
	const struct order_view first = place(w, &in), second = place(w, &in);

	there(w, world_now, 100000, 150);
	assert_int_equal(moves(w, 1, 9400), 2);
	/* which of the two is first is their ids' to say */
	assert_int_equal(
		world_number(w, "SELECT sum(quantity) FROM orders o"
				" JOIN outbox b ON b.order_id = o.id"
				" WHERE b.state = 'queued' AND o.triggered"),
		150 * (ONE / 100));
	assert_false(!again(w, first.id).reason == !again(w, second.id).reason);
}

static void test_nothing_is_held_any_more(void **state)
{
	struct world *w = *state;
	const struct order_new in = trailing("sell", 100);
	const struct order_view view = place(w, &in);
	struct outbox_item item;

	there(w, world_now, 100000, 0);
	assert_int_equal(moves(w, 1, 9400), 0);
	assert_string_equal(again(w, view.id).state, "cancelled");
	assert_string_equal(again(w, view.id).reason, "reduce_only");
	assert_null(due(w, INT64_MAX / 2, &item));
}

static void test_cut_to_whole_steps(void **state)
{
	struct world *w = *state;
	const struct order_new in = trailing("sell", 100);
	const struct order_view view = place(w, &in);

	assert_int_equal(
		db_run(w->db,
			"INSERT INTO exchange_rules (venue, symbol, trading,"
			" tick, price_min, price_max, step, lot_min, lot_max,"
			" value_min, read_at) VALUES ('binance', 'BTC-USDT',"
			" 1, 1, 0, 0, 20000000, 20000000, 0, 0, 1)",
			NO_BINDS, NULL),
		ERR_OK);
	there(w, world_now, 100000, 75);
	assert_int_equal(moves(w, 1, 9400), 1);
	assert_quantity(w, view.id, "0.6");
}

/* ---- risk ------------------------------------------------------------------------------ */

static void set_state(struct world *w, const char *name)
{
	struct risk_view view;

	assert_int_equal(
		risk_put(at(w, world_now), &rules,
			&(const struct risk_change){.state = name}, &view),
		ERR_OK);
}

/* As a stop that rests at the exchange would: a halt does not keep it here. */
static void test_a_sale_leaves_while_halted(void **state)
{
	struct world *w = *state;
	const struct order_new in = trailing("sell", 100);
	const struct order_view view = place(w, &in);
	struct outbox_item item;

	set_state(w, "halted");
	assert_int_equal(moves(w, 1, 9400), 1);
	assert_string_equal(due(w, world_now + SECOND, &item), view.id);
	assert_int_equal(leave(w, world_now + SECOND, &item), ERR_OK);
	filled(w, &item);
	assert_string_equal(again(w, view.id).state, "filled");
}

static void test_a_purchase_is_held_to_the_limits(void **state)
{
	struct world *w = *state;
	const struct order_new in = trailing("buy", 100);
	struct order_view view = place(w, &in);
	struct outbox_item item;

	assert_amount(view.level, "105");
	assert_int_equal(moves(w, 1, 9000), 0);
	assert_amount(again(w, view.id).level, "95");
	/* the money is gone: what is left pays a part */
	there(w, world_now, 4800, 200);
	assert_int_equal(moves(w, 2, 9600), 1);
	view = again(w, view.id);
	assert_string_equal(view.reason, "insufficient_funds");
	assert_true(
		decimal_compare(view.quantity, (struct decimal){50, 2}) < 0);
	set_state(w, "halted");
	assert_string_equal(due(w, world_now + 2 * SECOND, &item), view.id);
	assert_int_equal(leave(w, world_now + 2 * SECOND, &item), ERR_CONFLICT);
	assert_string_equal(again(w, view.id).reason, "halted");
}

#define WATCH_TEST(name) \
	cmocka_unit_test_setup_teardown(name, account_open, world_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WATCH_TEST(test_follows_and_leaves_once),
		WATCH_TEST(test_not_by_a_stale_price),
		WATCH_TEST(test_off_for_a_while),
		WATCH_TEST(test_what_is_no_order_of_it),
		WATCH_TEST(test_cancelled_in_each_state),
		WATCH_TEST(test_cancel_against_the_watch),
		WATCH_TEST(test_changed_here_at_once),
		WATCH_TEST(test_nothing_is_sold_twice),
		WATCH_TEST(test_two_of_one_holding),
		WATCH_TEST(test_nothing_is_held_any_more),
		WATCH_TEST(test_cut_to_whole_steps),
		WATCH_TEST(test_a_sale_leaves_while_halted),
		WATCH_TEST(test_a_purchase_is_held_to_the_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
