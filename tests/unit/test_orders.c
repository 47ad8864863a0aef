/*
 * Orders on the paper venue: the table of states, each step in the log, risk
 * and its reasons, fills against candles, lots and cash from the fills alone,
 * idempotency, pairs, several processes at one limit, kill -9 in the middle.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <signal.h>
#include <sys/wait.h>

#include "domain_world.h"
#include "orders.h"
#include "paper_runner.h"
#include "portfolio.h"
#include "risk.h"

#define ONE INT64_C(100000000)
#define MINUTE INT64_C(60000)

static const struct limits rules = {
	.trade = {.fee_maker = ONE / 1000,
		.fee_taker = ONE / 500,
		.spread = ONE / 1000,
		.slippage = ONE / 2000,
		.start_balance = 10000 * ONE,
		.volume_share = ONE / 10,
		.most = {.order_value = 50000 * ONE,
			.open_orders = 200,
			.orders_per_minute = 1000000,
			.positions = 100}}};
static const struct order_from by_hand = {.source = ORDER_MANUAL};

/* ---- the world ---------------------------------------------------------------- */

static struct scope *alice_at(struct world *w, int64_t now)
{
	return scope_mint(w->arena, w->db, world_report(w), "alice", now);
}

static void put_candle(
	struct world *w, const char *symbol, int64_t time, const char *prices)
{
	const struct import_options options = {
		.symbol = symbol, .interval = "1m", .source = "test"};
	struct import_report report;

	const char *path = folder_put(w->arena, w->folder, "import",
		arena_format(w->arena,
			"time,open,high,low,close,volume\n%lld,%s\n",
			(long long)time, prices));
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum err err;

	assert_true(fd >= 0);
	err = candles_import(admin_scope_mint(w->arena, w->db, world_report(w),
				     "operator", time + MINUTE),
		fd, &options, &report);
	close(fd);
	if (err != ERR_OK)
		print_error("%s\n", prices);
	assert_int_equal(err, ERR_OK);
}

/* The newest candle of AAA closed at world_now, at 100. */
static void put_market(struct world *w)
{
	put_candle(w, "AAA", world_now - MINUTE, "100,101,99.01,100,5000");
}

static struct order_new order_of(
	const char *side, const char *type, int64_t quantity)
{
	return (struct order_new){.symbol = "AAA",
		.side = side,
		.type = type,
		.quantity = {quantity, 0}};
}

static const struct decimal *price_of(struct world *w, int64_t cents)
{
	struct decimal *price = arena_alloc(w->arena, sizeof(*price));

	*price = (struct decimal){cents, 2};
	return price;
}

static struct order_view place(
	struct world *w, struct scope *scope, const struct order_new *in)
{
	struct order_view view = {0};
	enum err err = order_place(scope, &rules, in, &by_hand, &view);

	if (err != ERR_OK && w->report->fault_count > 0)
		print_error("%s %s\n", w->report->faults[0].pointer,
			w->report->faults[0].message);
	assert_int_equal(err, ERR_OK);
	return view;
}

static void assert_amount(struct decimal value, const char *text)
{
	char printed[64] = {0};

	(void)decimal_print(decimal_trim(value), printed, sizeof(printed));
	assert_string_equal(printed, text);
}

static void assert_state(
	const struct order_view *view, const char *state, const char *reason)
{
	if (!text_equal(view->state, state))
		print_error("%s (%s)\n", view->state,
			view->reason ? view->reason : "");
	assert_string_equal(view->state, state);
	if (reason)
		assert_string_equal(view->reason, reason);
}

static void advance(struct world *w, int64_t now)
{
	struct admin_scope *admin = admin_scope_mint(
		w->arena, w->db, world_report(w), "operator", now);
	struct list list;

	assert_int_equal(paper_plan(admin, &list), ERR_OK);
	for (size_t i = 0; i < list.count; i++) {
		struct paper_due due =
			((const struct paper_due *)list.items)[i];

		while (!due.done)
			assert_int_equal(
				paper_advance(scope_mint(w->arena, w->db,
						      world_report(w),
						      due.user_id, now),
					&rules, &due),
				ERR_OK);
	}
}

/* A candle that opens then, and the venue's round behind it. */
static void minute(struct world *w, int which, const char *prices)
{
	const int64_t time = world_now + which * MINUTE;

	put_candle(w, "AAA", time, prices);
	advance(w, time + MINUTE);
}

static struct order_view again(struct world *w, const char *id)
{
	struct order_view view = {0};

	assert_int_equal(order_get(world_alice(w), id, &view), ERR_OK);
	return view;
}

static void assert_books_follow(struct world *w)
{
	int64_t accounts = 0;
	enum err err = portfolio_check(world_admin(w), &accounts);

	if (err != ERR_OK)
		print_error("%s\n", w->report->detail);
	assert_int_equal(err, ERR_OK);
}

static struct portfolio_view portfolio(struct world *w)
{
	struct portfolio_view view = {0};

	assert_int_equal(
		portfolio_get(world_alice(w), &rules, 0, &view), ERR_OK);
	return view;
}

/* ---- states --------------------------------------------------------------------- */

static void test_states(void **state)
{
	(void)state;
	for (int i = 0; i < ORDER_STATE_COUNT; i++) {
		bool any = false;

		for (int k = 0; k < ORDER_STATE_COUNT; k++)
			any |= order_may(
				(enum order_state)i, (enum order_state)k);
		assert_int_equal(any, !order_is_over((enum order_state)i));
		assert_false(order_may((enum order_state)i, ORDER_NEW));
		assert_int_equal(order_may((enum order_state)i, ORDER_DENIED),
			i == ORDER_NEW);
	}
	assert_true(order_is_over(ORDER_FILLED));
	assert_false(order_is_over(ORDER_UNKNOWN));
}

static void test_log_is_kept(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 1);
	struct order_view view;

	put_market(w);
	view = place(w, world_alice(w), &in);
	assert_state(&view, "filled", NULL);
	view = again(w, view.id);
	assert_int_equal(view.log.count, 3);
	assert_string_equal(
		((const struct order_event *)view.log.items)[1].to, "accepted");
	assert_int_equal(db_run(w->db, "UPDATE order_log SET reason = 'x'",
				 NO_BINDS, NULL),
		ERR_BAD_INPUT);
	assert_int_equal(db_run(w->db, "DELETE FROM order_log", NO_BINDS, NULL),
		ERR_BAD_INPUT);
	assert_int_equal(db_run(w->db, "DELETE FROM orders", NO_BINDS, NULL),
		ERR_BAD_INPUT);
	assert_int_equal(
		db_run(w->db, "UPDATE orders SET fees = 0", NO_BINDS, NULL),
		ERR_BAD_INPUT);
	assert_int_equal(
		db_run(w->db, "UPDATE fills SET fee = 0", NO_BINDS, NULL),
		ERR_BAD_INPUT);
	/* with its owner all of it goes */
	assert_int_equal(db_run(w->db, "DELETE FROM users WHERE id = 'alice'",
				 NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(world_number(w, "SELECT count(*) FROM order_log"), 0);
	assert_int_equal(
		world_number(w, "SELECT count(*) FROM cash_entries"), 0);
}

/* ---- the venue -------------------------------------------------------------------- */

static void test_market_order(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 10);
	struct portfolio_view view;
	struct order_view order;

	put_market(w);
	order = place(w, world_alice(w), &in);
	assert_state(&order, "filled", NULL);
	/* 100 and half a spread of 0.1 %, and 0.05 %: 100.10, a cent up */
	assert_amount(*order.average_price, "100.1");
	assert_amount(order.fees, "2.002");
	view = portfolio(w);
	assert_amount(view.cash, "8996.998");
	assert_amount(view.equity, "9996.998");
	assert_amount(view.unrealised, "-1");
	in.side = "sell";
	order = place(w, world_alice(w), &in);
	assert_amount(*order.average_price, "99.9");
	view = portfolio(w);
	assert_amount(view.realised, "-2");
	assert_amount(view.fees, "4");
	assert_amount(view.cash, "9994");
	assert_amount(view.equity, "9994");
	assert_int_equal(view.positions.count, 0);
	assert_books_follow(w);
}

static void test_limit_waits_for_its_price(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 10);
	struct order_view view;

	put_market(w);
	in.price = price_of(w, 9850);
	view = place(w, world_alice(w), &in);
	assert_state(&view, "accepted", NULL);
	minute(w, 0, "100,101,98.60,99.00,5000");
	assert_state(
		&(struct order_view[]){again(w, view.id)}[0], "accepted", NULL);
	minute(w, 1, "99,99,98.00,98.10,5000");
	view = again(w, view.id);
	assert_state(&view, "filled", NULL);
	assert_amount(*view.average_price, "98.5");
	assert_amount(view.fees, "0.985");
	assert_books_follow(w);
}

static void test_candles_let_a_share_through(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 10);
	struct order_view view;

	put_market(w);
	in.price = price_of(w, 9900);
	view = place(w, world_alice(w), &in);
	minute(w, 0, "99,99,98.00,98.50,40");
	view = again(w, view.id);
	assert_state(&view, "partially_filled", NULL);
	assert_amount(view.filled, "4");
	advance(w, world_now + MINUTE); /* the same candle: nothing */
	assert_amount(again(w, view.id).filled, "4");
	minute(w, 1, "98,98.50,97.00,98.00,900");
	view = again(w, view.id);
	assert_state(&view, "filled", NULL);
	assert_int_equal(world_number(w, "SELECT count(*) FROM fills"), 2);
	assert_books_follow(w);
}

static void test_pair(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 10);
	struct order_view stop, target;

	put_market(w);
	(void)place(w, world_alice(w), &in);
	in = order_of("sell", "stop", 10);
	in.oco = "exit-1";
	in.stop_price = price_of(w, 9500);
	stop = place(w, world_alice(w), &in);
	in = order_of("sell", "limit", 10);
	in.oco = "exit-1";
	in.price = price_of(w, 10500);
	target = place(w, world_alice(w), &in);
	assert_state(&target, "accepted", NULL);
	/* one candle reaches both: the adverse one is first */
	minute(w, 0, "100,110,90,100,5000");
	stop = again(w, stop.id);
	target = again(w, target.id);
	assert_state(&stop, "filled", NULL);
	assert_state(&target, "cancelled", "oco");
	assert_int_equal(portfolio(w).positions.count, 0);
	in.client_order_id = "late";
	assert_int_equal(
		order_place(world_alice(w), &rules, &in, &by_hand, &target),
		ERR_CONFLICT);
	assert_books_follow(w);
}

/* The stop is looked at first and stays; what fills behind it on the same,
   newest candle ends it. */
static void test_pair_target(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 10);
	struct order_view stop, target;

	put_market(w);
	(void)place(w, world_alice(w), &in);
	in = order_of("sell", "stop", 10);
	in.oco = "exit-1";
	in.stop_price = price_of(w, 9500);
	stop = place(w, world_alice(w), &in);
	in = order_of("sell", "limit", 10);
	in.oco = "exit-1";
	in.price = price_of(w, 10500);
	target = place(w, world_alice(w), &in);
	minute(w, 0, "100,106,99,105,5000");
	stop = again(w, stop.id);
	target = again(w, target.id);
	assert_state(&target, "filled", NULL);
	assert_state(&stop, "cancelled", "oco");
	assert_books_follow(w);
}

static void test_trailing_stop(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 1);
	struct order_view view;

	put_market(w);
	(void)place(w, world_alice(w), &in);
	in = order_of("sell", "trailing_stop", 1);
	in.trail = price_of(w, 300);
	view = place(w, world_alice(w), &in);
	minute(w, 0, "101,106,100,105,5000");
	assert_state(
		&(struct order_view[]){again(w, view.id)}[0], "accepted", NULL);
	minute(w, 1, "105,105.50,102.00,104,5000");
	view = again(w, view.id);
	assert_state(&view, "filled", NULL);
	assert_true(decimal_compare(*view.average_price,
			    (struct decimal){10289, 2}) <= 0);
	assert_books_follow(w);
}

static void test_ioc_fok_post_only(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 10);
	struct order_view view;

	put_candle(w, "AAA", world_now - MINUTE, "100,101,99.01,100,40");
	in.price = price_of(w, 10100);
	in.time_in_force = "fok";
	view = place(w, world_alice(w), &in);
	assert_state(&view, "expired", "fok");
	assert_amount(view.filled, "0");
	in.time_in_force = "ioc";
	view = place(w, world_alice(w), &in);
	assert_state(&view, "expired", "ioc");
	assert_amount(view.filled, "4");
	in.time_in_force = "gtc";
	in.post_only = true;
	view = place(w, world_alice(w), &in);
	/* nothing of this candle is left to take: it may rest */
	assert_state(&view, "accepted", NULL);
	assert_books_follow(w);
}

/* ---- input -------------------------------------------------------------------------- */

static void test_faults(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 1);
	struct order_view view;

	put_market(w);
	in.venue = "binance";
	in.stop_price = price_of(w, 100);
	assert_int_equal(
		order_place(world_alice(w), &rules, &in, &by_hand, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/venue"));
	assert_true(world_fault_at(w, "/price"));
	assert_true(world_fault_at(w, "/stop_price"));
	in = order_of("buy", "market", 0);
	in.symbol = "AAA";
	assert_int_equal(
		order_place(world_alice(w), &rules, &in, &by_hand, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/quantity"));
	in.symbol = "ZZZ";
	assert_int_equal(
		order_place(world_alice(w), &rules, &in, &by_hand, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/symbol"));
	assert_int_equal(world_number(w, "SELECT count(*) FROM orders"), 0);
	/* nobody else's */
	in = order_of("buy", "market", 1);
	view = place(w, world_alice(w), &in);
	assert_int_equal(
		order_get(world_bob(w), view.id, &view), ERR_NOT_FOUND);
	assert_int_equal(
		order_cancel(world_bob(w), view.id, &view), ERR_NOT_FOUND);
}

static void test_cancel_and_amend(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 10);
	struct order_change change = {.price = price_of(w, 9700)};
	struct order_view view;
	int64_t count = 0;

	put_market(w);
	in.price = price_of(w, 9000);
	view = place(w, world_alice(w), &in);
	change.id = view.id;
	assert_int_equal(
		order_amend(world_alice(w), &rules, &change, 99, &view),
		ERR_PRECONDITION);
	assert_int_equal(order_amend(world_alice(w), &rules, &change,
				 view.version, &view),
		ERR_OK);
	assert_amount(*view.price, "97");
	/* past what there is to pay with */
	change.quantity = &(struct decimal){1000, 0};
	assert_int_equal(order_amend(world_alice(w), &rules, &change, 0, &view),
		ERR_BAD_INPUT);
	assert_int_equal(order_cancel(world_alice(w), view.id, &view), ERR_OK);
	assert_state(&view, "cancelled", NULL);
	assert_int_equal(
		order_cancel(world_alice(w), view.id, &view), ERR_CONFLICT);
	assert_int_equal(order_amend(world_alice(w), &rules, &change, 0, &view),
		ERR_CONFLICT);
	(void)place(w, world_alice(w), &in);
	(void)place(w, world_alice(w), &in);
	assert_int_equal(
		order_cancel_all(world_alice(w), NULL, &count), ERR_OK);
	assert_int_equal(count, 2);
}

/* A candle under way shows its low before it closes: who moves his limit there
   then must not be filled by it. */
static void test_amend_knows_no_better(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 10);
	struct order_change change = {.price = price_of(w, 9700)};
	struct order_view view;

	put_market(w);
	in.price = price_of(w, 9000);
	view = place(w, world_alice(w), &in);
	change.id = view.id;
	assert_int_equal(order_amend(alice_at(w, world_now + MINUTE - 1),
				 &rules, &change, 0, &view),
		ERR_OK);
	minute(w, 0, "100,101,95,100,5000");
	view = again(w, view.id);
	assert_state(&view, "accepted", NULL);
	minute(w, 1, "100,101,95,100,5000");
	view = again(w, view.id);
	assert_state(&view, "filled", NULL);
}

/* ---- risk ------------------------------------------------------------------------------ */

static struct risk_view risk_set(struct world *w, const struct risk_change *in)
{
	struct risk_view view = {0};

	assert_int_equal(risk_put(world_alice(w), &rules, in, &view), ERR_OK);
	return view;
}

static void assert_denied(
	struct world *w, const struct order_new *in, const char *reason)
{
	struct order_view view = place(w, world_alice(w), in);

	assert_state(&view, "denied", reason);
	assert_int_equal(again(w, view.id).log.count, 2);
}

/* PATCH: what is not named stays; null unsets; the state alone moves alone. */
static void test_limits_change_one_by_one(void **state)
{
	struct world *w = *state;
	const struct decimal hundred = {100, 0}, fifty = {50, 0};
	const char *symbols[] = {"AAA"}, *loss[] = {"max_daily_loss"},
		   *two[] = {"max_order_value", "max_open_orders"};
	struct risk_change change = {
		.keeps = true, .max_daily_loss = &fifty, .given = {loss, 1}};
	struct risk_view view;

	view = risk_set(w, &change); /* where there is no row yet */
	assert_amount(*view.max_daily_loss, "50");
	assert_null(view.max_drawdown_pct);
	assert_int_equal(view.max_open_orders, 50);
	change = (struct risk_change){.max_order_value = &hundred,
		.max_daily_loss = &fifty,
		.max_open_orders = 3,
		.allow_short = true,
		.symbols = {symbols, 1}};
	(void)risk_set(w, &change);
	change = (struct risk_change){.keeps = true, .state = "reducing"};
	view = risk_set(w, &change);
	assert_string_equal(view.state, "reducing");
	assert_amount(*view.max_order_value, "100");
	assert_amount(*view.max_daily_loss, "50");
	assert_int_equal(view.max_open_orders, 3);
	assert_true(view.allow_short);
	assert_int_equal(view.symbols.count, 1);
	change = (struct risk_change){.keeps = true, .given = {two, 2}};
	view = risk_set(w, &change);
	assert_string_equal(view.state, "reducing");
	/* the ceiling is shown then */
	assert_true(decimal_compare(*view.max_order_value, hundred) > 0);
	assert_int_equal(view.max_open_orders, 50);
	assert_amount(*view.max_daily_loss, "50");
	view = risk_set(w, &(struct risk_change){0});
	assert_null(view.max_daily_loss);
	assert_false(view.allow_short);
}

/* No number of orders keeps anybody from closing what he holds. */
static void test_closing_is_not_counted(void **state)
{
	struct world *w = *state;
	const struct order_new in = order_of("buy", "market", 1);
	struct order_new out = order_of("sell", "market", 1);
	struct order_view view;

	put_market(w);
	(void)place(w, world_alice(w), &in);
	(void)place(w, world_alice(w), &in);
	(void)risk_set(w, &(struct risk_change){.orders_per_minute = 2,
				  .max_open_orders = 1});
	assert_denied(w, &in, "order_rate");
	out.reduce_only = true;
	view = place(w, world_alice(w), &out);
	assert_string_equal(view.state, "filled");
	view = place(w, world_alice(w), &out);
	assert_string_equal(view.state, "filled");
	/* two buys and a denied one; the closings are no orders of it */
	(void)risk_set(w, &(struct risk_change){.orders_per_minute = 4});
	view = place(w, world_alice(w), &in);
	assert_string_equal(view.state, "filled");
}

/* Where no price comes it rests: then the next one is counted. */
static void test_closing_does_not_pile_up(void **state)
{
	struct world *w = *state;
	const struct order_new in = order_of("buy", "market", 1);
	struct order_new out = order_of("sell", "market", 1);
	struct order_view view;

	put_market(w);
	(void)place(w, world_alice(w), &in);
	(void)risk_set(w, &(struct risk_change){.max_open_orders = 1});
	out.reduce_only = true;
	for (int i = 0; i < 2; i++) {
		struct scope *later = scope_mint(w->arena, w->db,
			world_report(w), "alice", world_now + DAY);

		view = place(w, later, &out);
		assert_string_equal(view.state, i ? "denied" : "accepted");
	}
	assert_string_equal(view.reason, "max_open_orders");
}

static void test_reasons(void **state)
{
	struct world *w = *state;
	const struct decimal hundred = {100, 0}, thousand = {1000, 0};
	const char *names[] = {"BBB"};
	struct order_new in = order_of("sell", "market", 1);
	struct risk_change change = {0};

	put_market(w);
	assert_denied(w, &in, "short_not_allowed");
	in = order_of("buy", "market", 100);
	assert_denied(w, &in, "insufficient_funds");
	in.quantity.units = 1000;
	assert_denied(w, &in, "max_order_value");
	in = order_of("buy", "market", 2);
	in.reduce_only = true;
	assert_denied(w, &in, "reduce_only");
	in = order_of("buy", "limit", 2);
	in.price = price_of(w, 12000);
	assert_denied(w, &in, "price_collar");
	in = order_of("buy", "market", 2);
	change.max_order_value = &hundred;
	(void)risk_set(w, &change);
	assert_denied(w, &in, "max_order_value");
	change = (struct risk_change){.max_symbol_value = &hundred};
	(void)risk_set(w, &change);
	assert_denied(w, &in, "max_symbol_value");
	change = (struct risk_change){.max_account_value = &hundred};
	(void)risk_set(w, &change);
	assert_denied(w, &in, "max_account_value");
	change = (struct risk_change){.symbols = {names, 1}};
	(void)risk_set(w, &change);
	assert_denied(w, &in, "symbol_not_allowed");
	change = (struct risk_change){.max_open_orders = 1};
	(void)risk_set(w, &change);
	in = order_of("buy", "limit", 2);
	in.price = price_of(w, 9000);
	(void)place(w, world_alice(w), &in);
	assert_denied(w, &in, "max_open_orders");
	change = (struct risk_change){.orders_per_minute = 3};
	(void)risk_set(w, &change);
	assert_denied(w, &in, "order_rate");
	change = (struct risk_change){.max_daily_loss = &thousand};
	assert_amount(*risk_set(w, &change).max_daily_loss, "1000");
	assert_books_follow(w);
}

static void test_losses_stop_opening(void **state)
{
	struct world *w = *state;
	const struct decimal fifty = {50, 0};
	const struct risk_change change = {.max_daily_loss = &fifty};
	struct order_new in = order_of("buy", "market", 50);
	struct order_view waits;

	put_market(w);
	(void)risk_set(w, &change);
	(void)place(w, world_alice(w), &in);
	in = order_of("buy", "limit", 10);
	in.price = price_of(w, 9000);
	waits = place(w, world_alice(w), &in);
	assert_state(&waits, "accepted", NULL);
	/* the fall that would fill it is also the loss that stops it */
	minute(w, 0, "89,89,88,88,50000");
	waits = again(w, waits.id);
	assert_state(&waits, "cancelled", "daily_loss");
	in = order_of("buy", "market", 1);
	{
		struct order_view view = {0};

		assert_int_equal(order_place(alice_at(w, world_now + MINUTE),
					 &rules, &in, &by_hand, &view),
			ERR_OK);
		assert_state(&view, "denied", "daily_loss");
		in = order_of("sell", "market", 50);
		assert_int_equal(order_place(alice_at(w, world_now + MINUTE),
					 &rules, &in, &by_hand, &view),
			ERR_OK);
		assert_state(&view, "filled", NULL);
	}
	assert_books_follow(w);
}

static struct order_view stop_of(
	struct world *w, const char *symbol, const char *side, int64_t cents)
{
	struct order_new in = order_of(side, "stop", 10);

	in.symbol = symbol;
	in.stop_price = price_of(w, cents);
	return place(w, world_alice(w), &in);
}

/* What only takes away stays and does so; what opens goes, and all if asked. */
static void test_halt_leaves_what_protects(void **state)
{
	static const struct risk_halting by_default = {.by = "manual"};
	static const struct risk_halting all = {
		.by = "manual", .cancel = "all"};
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 10);
	struct order_view stop, entry, plain, pair[2];
	struct risk_view view;

	put_market(w);
	put_candle(w, "BBB", world_now - MINUTE, "100,101,99.01,100,5000");
	(void)risk_set(w, &(struct risk_change){.allow_short = true});
	(void)place(w, world_alice(w), &in);
	stop = stop_of(w, "AAA", "sell", 9500);
	entry = stop_of(w, "AAA", "buy", 10500);
	plain = stop_of(w, "BBB", "sell", 9500);
	for (int i = 0; i < 2; i++) {
		in = order_of("sell", i ? "limit" : "stop", 10);
		in.oco = "pair";
		*(i ? &in.price : &in.stop_price) =
			price_of(w, i ? 12000 : 9000);
		pair[i] = place(w, world_alice(w), &in);
	}
	assert_int_equal(
		risk_halt(world_alice(w), &rules, &by_default, &view), ERR_OK);
	assert_int_equal(view.open_orders, 3);
	stop = again(w, stop.id);
	assert_state(&stop, "accepted", NULL);
	entry = again(w, entry.id);
	assert_state(&entry, "cancelled", "halted");
	plain = again(w, plain.id);
	assert_state(&plain, "cancelled", "halted");
	/* reached while halted: it sells what there is, and no more than that */
	put_candle(w, "AAA", world_now, "97,97,94,94,5000");
	advance(w, world_now + MINUTE);
	stop = again(w, stop.id);
	assert_state(&stop, "filled", NULL);
	put_candle(w, "AAA", world_now + MINUTE, "94,94,89,89,5000");
	advance(w, world_now + 2 * MINUTE);
	pair[0] = again(w, pair[0].id);
	assert_state(&pair[0], "cancelled", "halted");
	assert_int_equal(
		world_number(w, "SELECT sum(quantity <> 0) FROM positions"), 0);
	pair[1] = again(w, pair[1].id);
	assert_state(&pair[1], "accepted", NULL);
	assert_int_equal(
		risk_halt(world_alice(w), &rules, &all, &view), ERR_OK);
	assert_int_equal(view.open_orders, 0);
	assert_books_follow(w);
}

static void test_halt_and_switch(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 1);
	struct risk_view view;
	struct order_view open;

	put_market(w);
	in.price = price_of(w, 9000);
	open = place(w, world_alice(w), &in);
	assert_int_equal(
		risk_halt(world_alice(w), &rules,
			&(const struct risk_halting){.by = "manual"}, &view),
		ERR_OK);
	assert_string_equal(view.state, "halted");
	open = again(w, open.id);
	assert_state(&open, "cancelled", "halted");
	assert_denied(w, &in, "halted");
	(void)risk_set(w, &(struct risk_change){.state = "active"});
	assert_int_equal(
		db_run(w->db,
			"INSERT INTO system_settings (name, value, updated_at,"
			" updated_by) VALUES ('TRADING_HALTED', 'true', 1, "
			"'x')",
			NO_BINDS, NULL),
		ERR_OK);
	assert_denied(w, &in, "trading_halted");
	assert_int_equal(
		db_run(w->db, "DELETE FROM system_settings", NO_BINDS, NULL),
		ERR_OK);
	(void)risk_set(w, &(struct risk_change){.state = "reducing"});
	assert_denied(w, &in, "reducing_only");
}

static void test_stale_price(void **state)
{
	struct world *w = *state;
	const int64_t later = world_now + 10 * MINUTE;
	struct order_new in = order_of("buy", "market", 1);
	struct order_view view = {0};

	put_market(w);
	(void)place(w, world_alice(w), &in);
	assert_int_equal(
		order_place(alice_at(w, later), &rules, &in, &by_hand, &view),
		ERR_OK);
	assert_state(&view, "denied", "stale_price");
	/* one that closes waits for the next candle */
	in.side = "sell";
	assert_int_equal(
		order_place(alice_at(w, later), &rules, &in, &by_hand, &view),
		ERR_OK);
	assert_state(&view, "accepted", NULL);
	minute(w, 10, "90,91,89,90,5000");
	view = again(w, view.id);
	assert_state(&view, "filled", NULL);
	assert_books_follow(w);
}

static void test_gap_never_overdraws(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "stop", 90);
	struct order_view view;

	put_market(w);
	in.stop_price = price_of(w, 10500);
	view = place(w, world_alice(w), &in);
	assert_state(&view, "accepted", NULL);
	minute(w, 0, "200,200,200,200,500000");
	view = again(w, view.id);
	assert_state(&view, "cancelled", "insufficient_funds");
	assert_true(decimal_compare(
			    portfolio(w).cash, (struct decimal){0, 0}) >= 0);
	assert_books_follow(w);
}

static void test_reset(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 1);
	struct portfolio_view view;
	struct order_view open;

	put_market(w);
	(void)place(w, world_alice(w), &in);
	in = order_of("buy", "limit", 1);
	in.price = price_of(w, 9000);
	open = place(w, world_alice(w), &in);
	assert_int_equal(portfolio_reset(world_alice(w), &rules,
				 &(struct decimal){500, 0}, &view),
		ERR_OK);
	assert_amount(view.cash, "500");
	assert_int_equal(view.positions.count, 0);
	assert_int_equal(view.account, 2);
	open = again(w, open.id);
	assert_state(&open, "cancelled", "reset");
	assert_books_follow(w);
}

/* ---- once ---------------------------------------------------------------------------------- */

static const char *print_id(struct arena *arena, const void *view)
{
	return arena_text(arena, ((const struct order_view *)view)->id);
}

static void test_idempotency(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "market", 1);
	struct idempotency once = {.key = "k1",
		.route = "POST /orders",
		.body_hash = "aa",
		.print = print_id};
	struct order_from from = {.source = ORDER_MANUAL, .once = &once};
	struct order_view first = {0}, second = {0};

	put_market(w);
	assert_int_equal(
		order_place(world_alice(w), &rules, &in, &from, &first),
		ERR_OK);
	assert_null(once.stored);
	assert_int_equal(
		order_place(world_alice(w), &rules, &in, &from, &second),
		ERR_OK);
	assert_string_equal(once.stored, first.id);
	once.stored = NULL;
	once.body_hash = "bb";
	assert_int_equal(
		order_place(world_alice(w), &rules, &in, &from, &second),
		ERR_KEY_REUSED);
	assert_int_equal(
		order_place(world_bob(w), &rules, &in, &from, &second), ERR_OK);
	assert_int_equal(world_number(w, "SELECT count(*) FROM orders"), 2);
	in.client_order_id = "c1";
	(void)place(w, world_alice(w), &in);
	assert_int_equal(
		order_place(world_alice(w), &rules, &in, &by_hand, &second),
		ERR_CONFLICT);
}

/* ---- at random, against a plain model --------------------------------------------------------- */

static uint32_t roll(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

static void random_order(struct world *w, struct scope *scope, uint32_t *seed)
{
	static const char *const types[] = {"market", "limit", "stop",
		"stop_limit", "take_profit", "trailing_stop"};
	const uint32_t type = roll(seed) % 6;
	struct order_new in = order_of(roll(seed) % 2 ? "buy" : "sell",
		types[type], 1 + roll(seed) % 30);
	struct order_view view;

	if (type == 1 || type == 3)
		in.price = price_of(w, 9000 + roll(seed) % 2000);
	if (type >= 2 && type <= 4)
		in.stop_price = price_of(w, 9000 + roll(seed) % 2000);
	if (type == 5)
		in.trail = price_of(w, 50 + roll(seed) % 300);
	in.reduce_only = roll(seed) % 4 == 0;
	assert_int_equal(
		order_place(scope, &rules, &in, &by_hand, &view), ERR_OK);
}

static void random_minute(struct world *w, int which, uint32_t *seed)
{
	const uint32_t open = 9000 + roll(seed) % 2000;
	const uint32_t close = 9000 + roll(seed) % 2000;
	const uint32_t high = (open > close ? open : close) + roll(seed) % 200;
	const uint32_t low = (open < close ? open : close) - roll(seed) % 200;

	minute(w, which,
		arena_format(w->arena, "%u.%02u,%u.%02u,%u.%02u,%u.%02u,%u",
			open / 100, open % 100, high / 100, high % 100,
			low / 100, low % 100, close / 100, close % 100,
			10 + roll(seed) % 500));
}

/* What must hold whatever happened. */
static void assert_sound(struct world *w, bool shorts)
{
	assert_int_equal(
		world_number(w,
			"SELECT count(*) FROM orders o WHERE o.filled <>"
			" (SELECT coalesce(sum(quantity), 0) FROM fills f"
			" WHERE f.order_id = o.id) OR o.version <>"
			" (SELECT count(*) FROM order_log l"
			" WHERE l.order_id = o.id)"),
		0);
	assert_int_equal(
		world_number(w,
			"SELECT count(*) FROM order_log l JOIN order_log n"
			" ON n.order_id = l.order_id"
			" AND n.version = l.version + 1"
			" WHERE n.from_state <> l.to_state"),
		0);
	if (!shorts) {
		assert_int_equal(
			world_number(w, "SELECT count(*) FROM positions"
					" WHERE quantity < 0"),
			0);
		assert_int_equal(
			world_number(w, "SELECT count(*) FROM cash_entries"
					" WHERE kind = 'trade'"
					" AND balance < 0"),
			0);
	}
	assert_books_follow(w);
}

static void run_random(struct world *w, uint32_t seed, bool shorts)
{
	struct risk_view view;

	put_market(w);
	assert_int_equal(
		risk_put(world_alice(w), &rules,
			&(struct risk_change){.allow_short = shorts}, &view),
		ERR_OK);
	for (int i = 0; i < 60; i++) {
		struct scope *scope = alice_at(w, world_now + i * MINUTE);
		struct list open;
		struct page page;

		for (uint32_t n = roll(&seed) % 5; n > 0; n--)
			random_order(w, scope, &seed);
		assert_int_equal(order_list(scope,
					 &(struct order_query){
						 .limit = 100, .state = "open"},
					 &page),
			ERR_OK);
		open = page.data;
		if (open.count > 0 && roll(&seed) % 2) {
			const struct order_view *one =
				(const struct order_view *)open.items +
				roll(&seed) % open.count;
			struct order_view out;

			assert_int_equal(
				order_cancel(scope, one->id, &out), ERR_OK);
		}
		random_minute(w, i, &seed);
	}
	assert_sound(w, shorts);
}

static void test_random_long_only(void **state)
{
	run_random(*state, 7, false);
}

static void test_random_both_ways(void **state)
{
	run_random(*state, 11, true);
}

/* ---- several at once ------------------------------------------------------------------------------ */

enum {
	PROCESSES = 8,
	EACH = 12,
	CANCELLED = 40
};

static struct db *db_again(struct world *w)
{
	const struct db_options options = {
		.url = arena_format(w->arena, "sqlite:%s/world.db", w->folder),
		.busy_ms = 60000};
	struct db *db = NULL;

	if (db_open(w->arena, &options, &db) != ERR_OK)
		_exit(3);
	return db;
}

static void buy_many(struct world *w, int count)
{
	struct db *db = db_again(w);
	struct order_new in = order_of("buy", "market", 1);

	for (int i = 0; i < count; i++) {
		struct order_view view;
		struct scope *scope = scope_mint(w->arena, db,
			report_open(w->arena), "alice", world_now);

		if (order_place(scope, &rules, &in, &by_hand, &view) != ERR_OK)
			_exit(2);
	}
	_exit(0);
}

/* Eight processes have room for ten units between them. */
static void test_processes_share_one_limit(void **state)
{
	struct world *w = *state;
	const struct decimal most = {1010, 0};
	pid_t pids[PROCESSES];

	put_market(w);
	(void)risk_set(w, &(struct risk_change){.max_symbol_value = &most,
				  .orders_per_minute = 1000000});
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		assert_true(pids[i] >= 0);
		if (pids[i] == 0)
			buy_many(w, EACH);
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status = 0;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(world_number(w, "SELECT count(*) FROM orders"),
		PROCESSES * EACH);
	assert_int_equal(world_number(w, "SELECT count(*) FROM orders"
					 " WHERE state = 'filled'"),
		10);
	assert_int_equal(world_number(w, "SELECT count(*) FROM orders"
					 " WHERE reason = 'max_symbol_value'"),
		PROCESSES * EACH - 10);
	assert_sound(w, false);
}

/* Killed wherever it is; the pipe tells which orders were answered. */
static void buy_until_killed(struct world *w, int out)
{
	struct db *db = db_again(w);

	for (int i = 0;; i++) {
		struct arena *arena = arena_open((size_t)64 << 20);
		struct order_new in =
			order_of(i % 2 ? "sell" : "buy", "market", 3);
		struct order_view view;
		struct scope *scope = scope_mint(
			arena, db, report_open(arena), "alice", world_now);

		if (order_place(scope, &rules, &in, &by_hand, &view) !=
				ERR_OK ||
			write(out, view.id, 26) != 26)
			_exit(2);
		arena_close(&arena);
	}
}

static void kill_one(struct world *w, int round)
{
	char id[27] = {0};
	int ends[2], answered = 0;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		buy_until_killed(w, ends[1]);
	close(ends[1]);
	while (answered < 3 + round && read(ends[0], id, 26) == 26)
		answered++;
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	do {
		struct order_view view = again(w, id);

		assert_state(&view, "filled", NULL);
	} while (read(ends[0], id, 26) == 26);
	close(ends[0]);
}

static void test_killed_in_the_middle(void **state)
{
	struct world *w = *state;

	put_market(w);
	(void)risk_set(w, &(struct risk_change){.orders_per_minute = 1000000});
	for (int round = 0; round < 12; round++) {
		kill_one(w, round);
		assert_sound(w, false);
	}
	assert_int_equal(world_number(w, "SELECT count(*) FROM orders WHERE"
					 " state NOT IN ('filled')"),
		0);
}

/* The venue fills what its owner cancels: one of them, never both. */
static void test_cancel_against_fill(void **state)
{
	struct world *w = *state;
	struct order_new in = order_of("buy", "limit", 1);
	const char *ids[CANCELLED];
	pid_t pid;
	int status = 0;

	put_market(w);
	(void)risk_set(w, &(struct risk_change){.orders_per_minute = 1000000});
	in.price = price_of(w, 9900);
	for (int i = 0; i < CANCELLED; i++)
		ids[i] = place(w, world_alice(w), &in).id;
	put_candle(w, "AAA", world_now, "99,99,98.00,98.50,50000");
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct paper_due due = {.user_id = "alice", .symbol = "AAA"};

		while (!due.done)
			if (paper_advance(scope_mint(w->arena, db_again(w),
						  report_open(w->arena),
						  "alice", world_now + MINUTE),
				    &rules, &due) != ERR_OK)
				_exit(2);
		_exit(0);
	}
	for (int i = 0; i < CANCELLED; i++) {
		struct order_view view;
		const enum err err = order_cancel(
			alice_at(w, world_now + MINUTE), ids[i], &view);

		assert_true(err == ERR_OK || err == ERR_CONFLICT);
		view = again(w, ids[i]);
		assert_string_equal(
			view.state, err == ERR_OK ? "cancelled" : "filled");
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_sound(w, false);
}

/* The account once more, in doubles, oldest first. */
/* The list is by id, in which fills of one millisecond stand anyhow. */
static int by_seq(const void *a, const void *b)
{
	const struct trade_view *x = a, *y = b;

	return (x->seq > y->seq) - (x->seq < y->seq);
}

static void test_figures_by_hand(void **state)
{
	struct world *w = *state;
	double held[256][2], cash = 10000, realised = 0;
	size_t from = 0, to = 0;
	struct trade_view *trades;
	struct portfolio_view view;
	struct page page;

	run_random(w, 23, false);
	assert_int_equal(trade_list(world_alice(w),
				 &(struct trade_query){.limit = 500}, &page),
		ERR_OK);
	assert_true(page.data.count > 20 && page.data.count < 256);
	trades = arena_array(w->arena, page.data.count, sizeof(*trades));
	memcpy(trades, page.data.items, page.data.count * sizeof(*trades));
	qsort(trades, page.data.count, sizeof(*trades), by_seq);
	for (size_t i = 0; i < page.data.count; i++) {
		const struct trade_view *trade = &trades[i];
		const double price = decimal_double(trade->price);
		double left = decimal_double(trade->quantity);
		const bool buys = text_equal(trade->side, "buy");

		cash += (buys ? -left : left) * price;
		cash -= decimal_double(trade->fee);
		if (buys) {
			held[to][0] = left;
			held[to++][1] = price;
		}
		while (!buys && left > 1e-9) {
			const double part =
				left < held[from][0] ? left : held[from][0];

			realised += part * (price - held[from][1]);
			held[from][0] -= part;
			left -= part;
			from += held[from][0] < 1e-9;
		}
	}
	view = portfolio(w);
	assert_true(fabs(cash - decimal_double(view.cash)) < 1e-4);
	assert_true(fabs(realised - decimal_double(view.realised)) < 1e-4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		WORLD_TEST(test_log_is_kept),
		WORLD_TEST(test_market_order),
		WORLD_TEST(test_limit_waits_for_its_price),
		WORLD_TEST(test_candles_let_a_share_through),
		WORLD_TEST(test_pair),
		WORLD_TEST(test_pair_target),
		WORLD_TEST(test_trailing_stop),
		WORLD_TEST(test_ioc_fok_post_only),
		WORLD_TEST(test_faults),
		WORLD_TEST(test_cancel_and_amend),
		WORLD_TEST(test_amend_knows_no_better),
		WORLD_TEST(test_limits_change_one_by_one),
		WORLD_TEST(test_closing_is_not_counted),
		WORLD_TEST(test_closing_does_not_pile_up),
		WORLD_TEST(test_reasons),
		WORLD_TEST(test_losses_stop_opening),
		WORLD_TEST(test_halt_leaves_what_protects),
		WORLD_TEST(test_halt_and_switch),
		WORLD_TEST(test_stale_price),
		WORLD_TEST(test_gap_never_overdraws),
		WORLD_TEST(test_reset),
		WORLD_TEST(test_idempotency),
		WORLD_TEST(test_random_long_only),
		WORLD_TEST(test_random_both_ways),
		WORLD_TEST(test_processes_share_one_limit),
		WORLD_TEST(test_killed_in_the_middle),
		WORLD_TEST(test_cancel_against_fill),
		WORLD_TEST(test_figures_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
