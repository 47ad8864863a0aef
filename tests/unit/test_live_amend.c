/*
 * Orders that rest at an exchange, changed: cancelled there and given again,
 * whatever fills, fails or races in between. More than what was asked for last
 * never fills.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>

#include "live_world.h"
#include "risk.h"

static const struct outbox_fill quarter = {
	"7", ONE / 4, 95 * ONE, 0, "USDT", true};

static struct order_new limit_order(const char *side, int64_t cents)
{
	static const struct decimal low = {95, 0}, high = {105, 0};

	return (struct order_new){.symbol = "BTC-USDT",
		.side = side,
		.type = "limit",
		.venue = "binance",
		.quantity = {cents, 2},
		.price = side[0] == 'b' ? &low : &high};
}

static struct outbox_item next(struct world *w, enum outbox_state state)
{
	struct outbox_item item = {0};

	assert_non_null(due(w, world_now + SECOND, &item));
	assert_int_equal(item.state, state);
	return item;
}

/* The exchange says so of it; the fills are all of this generation. */
static enum err said(struct world *w, const struct outbox_item *item,
	enum outbox_fate fate, const struct outbox_fill *fill)
{
	const struct outbox_found what = {.fate = fate,
		.venue_order = "1",
		.filled = fill ? fill->quantity : 0,
		.fills = {(void *)(uintptr_t)fill, fill ? 1 : 0},
		.next_at = world_now + SECOND};
	int64_t booked;

	return outbox_found(
		at(w, world_now + SECOND), &rules, item, &what, &booked);
}

/* What is due is sent, and rests there. */
static struct outbox_item rest(struct world *w)
{
	struct outbox_item item = next(w, OUTBOX_QUEUED);

	assert_int_equal(leave(w, world_now + SECOND, &item), ERR_OK);
	assert_int_equal(said(w, &item, FATE_OPEN, NULL), ERR_OK);
	return item;
}

static enum err change(struct world *w, const char *id, int64_t cents,
	int64_t price, struct order_view *out)
{
	const struct decimal quantity = {cents, 2}, limit = {price, 0};

	return order_amend(at(w, world_now), &rules,
		&(const struct order_change){.id = id,
			.quantity = cents ? &quantity : NULL,
			.price = price ? &limit : NULL},
		0, out);
}

/* Resting, and to become 2 at 96; the cancellation was asked for. Out: what
   the exchange is to be asked about. */
static struct order_view amending(struct world *w, struct outbox_item *item)
{
	const struct order_new in = limit_order("buy", 100);
	const struct outbox_note note = {0, "cancelled"};
	struct order_view view = place(w, &in);
	struct outbox_item cancels;

	(void)rest(w);
	assert_int_equal(change(w, view.id, 200, 96, &view), ERR_OK);
	assert_string_equal(view.reason, "amending");
	assert_amount(view.price, "95");
	cancels = next(w, OUTBOX_QUEUED);
	assert_true(cancels.cancels);
	assert_string_equal(cancels.order.client_id, view.id);
	assert_int_equal(outbox_cancelled(at(w, world_now + SECOND), &cancels,
				 world_now + 9 * SECOND, &note),
		ERR_OK);
	*item = next(w, OUTBOX_RESTING);
	return view;
}

static void assert_nothing_due(struct world *w)
{
	struct outbox_item item;

	assert_null(due(w, INT64_MAX / 2, &item));
}

/* ---- given again ---------------------------------------------------------------- */

static void test_what_is_left_is_given_again(void **state)
{
	struct world *w = *state;
	const struct outbox_fill rest_of_it = {
		"8", 2 * ONE - ONE / 4, 96 * ONE, 0, "USDT", true};
	struct outbox_item item;
	struct order_view view = amending(w, &item);
	char *name = arena_format(w->arena, "%s-1", view.id);

	assert_int_equal(change(w, view.id, 0, 97, &view), ERR_CONFLICT);
	assert_int_equal(said(w, &item, FATE_CANCELLED, &quarter), ERR_OK);
	assert_order(w, view.id, "partially_filled", "amending");
	view = again(w, view.id);
	assert_amount(view.price, "96");
	assert_quantity(w, view.id, "2");
	/* who was late with the same answer does nothing */
	assert_int_equal(
		said(w, &item, FATE_CANCELLED, &quarter), ERR_CONFLICT);
	item = next(w, OUTBOX_QUEUED);
	assert_false(item.cancels);
	assert_string_equal(item.order.client_id, name);
	assert_int_equal(item.order.quantity, 2 * ONE - ONE / 4);
	assert_int_equal(item.order.filled, 0);
	assert_int_equal(item.base, ONE / 4);
	assert_int_equal(item.until_at, world_now + SECOND + 60000);
	(void)rest(w);
	assert_order(w, view.id, "partially_filled", NULL);
	item = next(w, OUTBOX_RESTING);
	assert_string_equal(item.order.client_id, name);
	assert_int_equal(said(w, &item, FATE_FILLED, &rest_of_it), ERR_OK);
	assert_order(w, view.id, "filled", NULL);
	assert_nothing_due(w);
	assert_books_follow(w);
}

static void test_changed_again_and_again(void **state)
{
	struct world *w = *state;
	const struct order_new in = limit_order("sell", 100);
	struct order_view view = place(w, &in);
	struct outbox_item item;

	(void)rest(w);
	for (int i = 1; i <= 3; i++) {
		assert_int_equal(
			change(w, view.id, 100 - i, 110 + i, &view), ERR_OK);
		assert_true(next(w, OUTBOX_QUEUED).cancels);
		assert_int_equal(db_run(w->db,
					 "UPDATE outbox SET next_at = 9e17"
					 " WHERE kind = 'cancel'",
					 NO_BINDS, NULL),
			ERR_OK);
		item = next(w, OUTBOX_RESTING);
		assert_int_equal(said(w, &item, FATE_CANCELLED, NULL), ERR_OK);
		item = rest(w);
		assert_string_equal(item.order.client_id,
			arena_format(w->arena, "%s-%d", view.id, i));
		assert_order(w, view.id, "accepted", NULL);
	}
	view = again(w, view.id);
	assert_amount(view.price, "113");
	assert_quantity(w, view.id, "0.97");
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM outbox"), 2);
}

/* ---- and not --------------------------------------------------------------------- */

static void test_filled_before_it_was_cancelled(void **state)
{
	struct world *w = *state;
	const struct outbox_fill whole = {"7", ONE, 95 * ONE, 0, "USDT", true};
	struct outbox_item item;
	const struct order_view view = amending(w, &item);

	assert_int_equal(said(w, &item, FATE_FILLED, &whole), ERR_OK);
	assert_order(w, view.id, "filled", "amend_too_late");
	assert_nothing_due(w);
	assert_books_follow(w);
}

static void test_more_filled_than_it_was_to_be(void **state)
{
	struct world *w = *state;
	const struct order_new in = limit_order("buy", 100);
	struct order_view view = place(w, &in);
	struct outbox_item item;

	(void)rest(w);
	assert_int_equal(change(w, view.id, 20, 0, &view), ERR_OK);
	assert_true(next(w, OUTBOX_QUEUED).cancels);
	item = next(w, OUTBOX_RESTING);
	assert_int_equal(said(w, &item, FATE_CANCELLED, &quarter), ERR_OK);
	assert_order(w, view.id, "cancelled", "amend_overtaken");
	assert_nothing_due(w);
	assert_books_follow(w);
}

/* Its fills are told later than its end: nothing is given before. */
static void test_not_before_all_fills_are_told(void **state)
{
	struct world *w = *state;
	struct outbox_found what = {.fate = FATE_CANCELLED,
		.filled = ONE / 4,
		.next_at = world_now + SECOND};
	struct outbox_item item;
	const struct order_view view = amending(w, &item);
	int64_t booked;

	assert_int_equal(outbox_found(at(w, world_now + SECOND), &rules, &item,
				 &what, &booked),
		ERR_OK);
	assert_order(w, view.id, "accepted", "amending");
	item = next(w, OUTBOX_RESTING);
	assert_int_equal(said(w, &item, FATE_CANCELLED, &quarter), ERR_OK);
	item = next(w, OUTBOX_QUEUED);
	assert_int_equal(item.order.quantity, 2 * ONE - ONE / 4);
}

static void test_cancelled_meanwhile(void **state)
{
	struct world *w = *state;
	struct outbox_item item;
	struct order_view view = amending(w, &item);

	assert_int_equal(
		order_cancel(at(w, world_now), view.id, &view), ERR_OK);
	assert_string_equal(view.reason, "cancelling");
	assert_int_equal(said(w, &item, FATE_CANCELLED, &quarter), ERR_OK);
	assert_order(w, view.id, "cancelled", NULL);
	assert_nothing_due(w);
	/* and one that is to be given again, but did not leave */
	view = amending(w, &item);
	assert_int_equal(said(w, &item, FATE_CANCELLED, NULL), ERR_OK);
	assert_int_equal(
		order_cancel(at(w, world_now), view.id, &view), ERR_OK);
	assert_string_equal(view.state, "cancelled");
	assert_nothing_due(w);
}

static void halt(struct world *w)
{
	const struct risk_change change = {.state = "halted"};
	struct risk_view risk;

	assert_int_equal(
		risk_put(at(w, world_now), &rules, &change, &risk), ERR_OK);
}

/* What takes the loss of a position is not lost on its way. */
static void test_what_protects_is_given_again_while_halted(void **state)
{
	struct world *w = *state;
	struct order_new in = limit_order("sell", 100);
	struct order_view view;
	struct outbox_item item;

	in.reduce_only = true;
	view = place(w, &in);
	(void)rest(w);
	assert_int_equal(change(w, view.id, 0, 110, &view), ERR_OK);
	assert_true(next(w, OUTBOX_QUEUED).cancels);
	item = next(w, OUTBOX_RESTING);
	halt(w);
	assert_int_equal(said(w, &item, FATE_CANCELLED, NULL), ERR_OK);
	/* the old one is gone: never too late */
	assert_int_equal(next(w, OUTBOX_QUEUED).until_at, INT64_MAX);
	(void)rest(w);
	assert_order(w, view.id, "accepted", NULL);
}

static void test_halted_meanwhile(void **state)
{
	struct world *w = *state;
	struct outbox_item item;
	const struct order_view view = amending(w, &item);

	halt(w);
	assert_int_equal(said(w, &item, FATE_CANCELLED, &quarter), ERR_OK);
	assert_order(w, view.id, "cancelled", "halted");
	assert_nothing_due(w);
}

/* Nobody knows whether it arrived: asked about by its own name, then over. */
static void test_the_new_one_is_unknown(void **state)
{
	struct world *w = *state;
	const struct outbox_note note = {-1007, "Timeout"};
	struct outbox_item item;
	const struct order_view view = amending(w, &item);

	assert_int_equal(said(w, &item, FATE_CANCELLED, &quarter), ERR_OK);
	item = next(w, OUTBOX_QUEUED);
	assert_int_equal(leave(w, world_now + SECOND, &item), ERR_OK);
	assert_int_equal(outbox_lost(at(w, world_now + SECOND), &item,
				 world_now + 2 * SECOND, &note),
		ERR_OK);
	assert_order(w, view.id, "unknown", "amending");
	item = next(w, OUTBOX_UNKNOWN);
	assert_string_equal(
		item.order.client_id, arena_format(w->arena, "%s-1", view.id));
	assert_int_equal(outbox_missing(at(w, world_now + 3 * SECOND), &item,
				 world_now + 3 * SECOND),
		ERR_OK);
	assert_order(w, view.id, "cancelled", "not_sent");
	assert_nothing_due(w);
	assert_books_follow(w);
}

/* A part filled before: so it was there, and is cancelled. */
static void test_the_new_one_is_rejected(void **state)
{
	struct world *w = *state;
	struct outbox_item item;
	const struct order_view view = amending(w, &item);

	assert_int_equal(said(w, &item, FATE_CANCELLED, &quarter), ERR_OK);
	item = next(w, OUTBOX_QUEUED);
	assert_int_equal(leave(w, world_now + SECOND, &item), ERR_OK);
	assert_int_equal(said(w, &item, FATE_REJECTED, NULL), ERR_OK);
	assert_order(w, view.id, "cancelled", "venue");
	assert_nothing_due(w);
	assert_books_follow(w);
}

/* ---- what may be asked for ------------------------------------------------------- */

static void put_rules(struct world *w)
{
	assert_int_equal(
		db_run(w->db,
			"INSERT INTO exchange_rules (venue, symbol, trading,"
			" tick, price_min, price_max, step, lot_min, lot_max,"
			" value_min, read_at) VALUES ('binance', 'BTC-USDT',"
			" 1, 100000000, 0, 0, 1000000, 10000000, 0,"
			" 2000000000, 1)",
			NO_BINDS, NULL),
		ERR_OK);
}

static void test_what_is_refused_leaves_it_alone(void **state)
{
	struct world *w = *state;
	const struct decimal half = {955, 1}, stop = {101, 0};
	struct order_new in = limit_order("buy", 100);
	struct order_view view = place(w, &in);
	struct order_change what = {.id = view.id, .price = &half};

	/* not there yet */
	assert_int_equal(change(w, view.id, 0, 96, &view), ERR_CONFLICT);
	(void)rest(w);
	put_rules(w);
	assert_int_equal(order_amend(at(w, world_now), &rules, &what, 0, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/price"));
	assert_int_equal(change(w, what.id, 20, 0, &view), ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/quantity"));
	assert_int_equal(change(w, what.id, 5000, 0, &view), ERR_BAD_INPUT);
	assert_order(w, what.id, "accepted", NULL);
	/* a stop that the price has passed would be refused there */
	in = limit_order("sell", 100);
	in.type = "stop";
	in.price = NULL;
	in.stop_price = &(const struct decimal){90, 0};
	view = place(w, &in);
	what = (struct order_change){.id = view.id, .stop_price = &stop};
	(void)rest(w);
	assert_int_equal(order_amend(at(w, world_now), &rules, &what, 0, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/stop_price"));
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM outbox"
					 " WHERE kind = 'cancel'"),
		0);
}

/* Or the old one would be gone, and the new one refused there. */
static void test_a_stop_needs_a_fresh_price(void **state)
{
	struct world *w = *state;
	const struct decimal lower = {89, 0};
	struct order_new in = limit_order("sell", 100);
	struct order_view view;
	struct order_change what = {.stop_price = &lower};

	in.type = "stop";
	in.price = NULL;
	in.stop_price = &(const struct decimal){90, 0};
	view = place(w, &in);
	what.id = view.id;
	(void)rest(w);
	put_rules(w);
	assert_int_equal(order_amend(at(w, world_now + 5 * MINUTE), &rules,
				 &what, 0, &view),
		ERR_CONFLICT);
	assert_non_null(strstr(w->report->detail, "no fresh price"));
	assert_order(w, what.id, "accepted", NULL);
	assert_int_equal(
		order_amend(at(w, world_now), &rules, &what, 0, &view), ERR_OK);
}

static void test_one_of_a_pair(void **state)
{
	struct world *w = *state;
	const struct decimal low = {90, 0};
	struct order_new in = limit_order("sell", 100);
	struct order_view take, stop;
	struct outbox_item item;

	in.oco = "pair";
	take = place(w, &in);
	in.type = "stop";
	in.price = NULL;
	in.stop_price = &low;
	stop = place(w, &in);
	item = next(w, OUTBOX_QUEUED);
	assert_int_equal(leave(w, world_now + SECOND, &item), ERR_OK);
	assert_int_equal(said(w, &item, FATE_OPEN, NULL), ERR_OK);
	item.order = *item.other;
	assert_int_equal(said(w, &item, FATE_OPEN, NULL), ERR_OK);
	assert_int_equal(change(w, take.id, 0, 110, &take), ERR_BAD_INPUT);
	assert_order(w, stop.id, "accepted", NULL);
}

/* ---- a race ------------------------------------------------------------------------- */

/* One changes what another finds filled: whoever is first, nothing more is
   sent. */
static void test_change_against_fill(void **state)
{
	enum {
		ORDERS = 15
	};
	struct world *w = *state;
	const struct order_new in = limit_order("buy", 10);
	const struct db_options options = {.busy_ms = 5000,
		.url = arena_format(w->arena, "sqlite:%s/world.db", w->folder)};
	struct outbox_item items[ORDERS];
	const char *ids[ORDERS];
	int status = 0;
	pid_t pid;

	for (int i = 0; i < ORDERS; i++) {
		ids[i] = place(w, &in).id;
		(void)rest(w);
	}
	for (int i = 0; i < ORDERS; i++)
		items[i] = next(w, OUTBOX_RESTING);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		const struct outbox_fill whole = {
			"7", ONE / 10, 95 * ONE, 0, "USDT", true};
		struct world own = {.arena = w->arena};

		if (db_open(own.arena, &options, &own.db) != ERR_OK)
			_exit(2);
		for (int i = 0; i < ORDERS; i++)
			if (said(&own, &items[i], FATE_FILLED, &whole))
				_exit(3);
		_exit(0);
	}
	for (int i = ORDERS - 1; i >= 0; i--) {
		struct order_view view;
		const enum err err = change(w, ids[i], 20, 96, &view);

		assert_true(err == ERR_OK || err == ERR_CONFLICT);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM orders"
					 " WHERE state = 'filled'"
					 " AND type = 'limit'"
					 " AND filled = 10000000"),
		ORDERS);
	assert_nothing_due(w);
	assert_books_follow(w);
}

#define AMEND_TEST(name) \
	cmocka_unit_test_setup_teardown(name, account_open, world_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AMEND_TEST(test_what_is_left_is_given_again),
		AMEND_TEST(test_changed_again_and_again),
		AMEND_TEST(test_filled_before_it_was_cancelled),
		AMEND_TEST(test_more_filled_than_it_was_to_be),
		AMEND_TEST(test_not_before_all_fills_are_told),
		AMEND_TEST(test_cancelled_meanwhile),
		AMEND_TEST(test_halted_meanwhile),
		AMEND_TEST(test_what_protects_is_given_again_while_halted),
		AMEND_TEST(test_the_new_one_is_unknown),
		AMEND_TEST(test_the_new_one_is_rejected),
		AMEND_TEST(test_what_is_refused_leaves_it_alone),
		AMEND_TEST(test_a_stop_needs_a_fresh_price),
		AMEND_TEST(test_one_of_a_pair),
		AMEND_TEST(test_change_against_fill),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
