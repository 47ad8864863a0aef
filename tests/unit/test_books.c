/*
 * Several books of one user: which one is meant, that limits of the user hold
 * over all of one venue together, and that paper and real money are not
 * added up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "strategy_help.h"
#include "orders.h"
#include "portfolio.h"
#include "risk.h"

#define ONE INT64_C(100000000)

static const struct limits rules = {
	.trade = {.start_balance = 10000 * ONE,
		.most = {.open_orders = 200,
			.orders_per_minute = 1000000,
			.positions = 100}}};
static const struct order_from by_hand = {.source = ORDER_MANUAL};

static void put_market(struct world *w)
{
	const struct import_options options = {
		.symbol = "AAA", .interval = "1m", .source = "test"};
	struct import_report report;

	assert_int_equal(
		world_import(w,
			arena_format(w->arena,
				"time,open,high,low,close,volume\n"
				"%lld,100.00,101.00,99.00,100.00,5000\n",
				(long long)(world_now - 60000)),
			&options, &report),
		ERR_OK);
}

static void run(struct world *w, const char *sql)
{
	assert_int_equal(db_run(w->db, sql, NO_BINDS, NULL), ERR_OK);
}

/* Account 2: 1000 of cash of 2000, and 10 AAA that cost 100 each. */
static void put_other(struct world *w, const char *venue)
{
	run(w, "INSERT INTO trade_accounts (user_id, account, venue,"
	       " start_balance, opened_at, peak_equity) VALUES ('alice', 1,"
	       " 'paper', 1000000000000, 1, 1000000000000)");
	run(w, "INSERT INTO cash_entries (user_id, account, seq, kind, amount,"
	       " balance, created_at) VALUES ('alice', 1, 1, 'start',"
	       " 1000000000000, 1000000000000, 1)");
	assert_int_equal(
		db_run(w->db,
			"INSERT INTO trade_accounts (user_id, account, venue,"
			" run_id, start_balance, opened_at, peak_equity) VALUES"
			" ('alice', 2, :venue, 'run-2', 200000000000, 1,"
			" 200000000000)",
			BINDS(bind_text(":venue", venue)), NULL),
		ERR_OK);
	run(w, "INSERT INTO cash_entries (user_id, account, seq, kind, amount,"
	       " balance, created_at) VALUES ('alice', 2, 1, 'start',"
	       " 100000000000, 100000000000, 1)");
	run(w, "INSERT INTO positions (user_id, account, symbol, quantity,"
	       " cost, realised, fees, last_seq, updated_at) VALUES ('alice',"
	       " 2, 'AAA', 1000000000, 100000000000, 0, 0, 1, 1)");
	run(w, "INSERT INTO position_lots (user_id, account, symbol, seq,"
	       " quantity, cost, opened_at) VALUES ('alice', 2, 'AAA', 1,"
	       " 1000000000, 100000000000, 1)");
}

static struct order_view buy(
	struct world *w, int64_t quantity, const struct risk_change *limits)
{
	struct order_new in = {.symbol = "AAA",
		.side = "buy",
		.type = "market",
		.quantity = {quantity, 0}};
	struct order_view view = {0};
	struct risk_view risk;

	if (limits)
		assert_int_equal(
			risk_put(world_alice(w), &rules, limits, &risk),
			ERR_OK);
	assert_int_equal(
		order_place(world_alice(w), &rules, &in, &by_hand, &view),
		ERR_OK);
	return view;
}

static void assert_reason(const struct order_view *view, const char *reason)
{
	if (!reason) {
		assert_string_equal(view->state, "filled");
		return;
	}
	assert_string_equal(view->state, "denied");
	assert_string_equal(view->reason, reason);
}

static const struct decimal thousand = {1000, 0}, more = {1500, 0};

static void test_one_limit_for_all_books(void **state)
{
	struct world *w = *state;
	struct order_view view;

	put_market(w);
	put_other(w, "paper");
	view = buy(w, 1, &(struct risk_change){.max_symbol_value = &thousand});
	assert_reason(&view, "max_symbol_value");
	view = buy(w, 1, &(struct risk_change){.max_account_value = &thousand});
	assert_reason(&view, "max_account_value");
	view = buy(w, 1, &(struct risk_change){.max_positions = 1});
	assert_reason(&view, "max_positions");
	view = buy(w, 5,
		&(struct risk_change){.max_symbol_value = &more,
			.max_account_value = &more,
			.max_positions = 2});
	assert_reason(&view, NULL);
	view = buy(w, 1, NULL);
	assert_reason(&view, "max_symbol_value");
}

static void test_open_orders_of_all_books(void **state)
{
	struct world *w = *state;
	struct order_view view;
	struct risk_view risk;

	put_market(w);
	put_other(w, "paper");
	run(w, "INSERT INTO orders (user_id, id, account, client_order_id,"
	       " source, symbol, side, type, time_in_force, post_only,"
	       " reduce_only, quantity, price, bound, state, seen_until,"
	       " created_at, updated_at) VALUES ('alice',"
	       " '01m8eb0emhwcpfzse75j2d8317', 2, 'o2',"
	       " 'manual', 'AAA', 'buy', 'limit', 'gtc', 0, 0, 100000000,"
	       " 100, 100, 'accepted', 1, 1, 1)");
	view = buy(w, 1, &(struct risk_change){.max_open_orders = 1});
	assert_reason(&view, "max_open_orders");
	assert_int_equal(risk_get(world_alice(w), &rules, &risk), ERR_OK);
	assert_int_equal(risk.open_orders, 1);
	assert_int_equal(risk.open_positions, 1);
	view = buy(w, 1, &(struct risk_change){.max_open_orders = 2});
	assert_reason(&view, NULL);
	assert_int_equal(
		risk_halt(world_alice(w), &rules,
			&(const struct risk_halting){.by = "manual"}, &risk),
		ERR_OK);
	assert_int_equal(risk.open_orders, 0);
}

/* The other book fell by 200 today, and an ended one by 50. */
static void test_losses_of_all_books(void **state)
{
	struct world *w = *state;
	const struct decimal most = {250, 0}, above = {251, 0};
	struct order_view view;

	put_market(w);
	put_other(w, "paper");
	run(w, "INSERT INTO trade_accounts (user_id, account, venue, run_id,"
	       " start_balance, opened_at, closed_at, peak_equity) VALUES"
	       " ('alice', 3, 'paper', 'run-3', 1, 1, 2, 1)");
	assert_int_equal(
		db_run(w->db,
			"INSERT INTO risk_days (user_id, account, day,"
			" start_equity, low_equity, last_equity) VALUES"
			" ('alice', 2, :day, 220000000000, 1, 1),"
			" ('alice', 3, :day, 15000000000, 1, 10000000000)",
			BINDS(bind_int(":day", world_now / DAY * DAY)), NULL),
		ERR_OK);
	view = buy(w, 1, &(struct risk_change){.max_daily_loss = &most});
	assert_reason(&view, "daily_loss");
	view = buy(w, 1, &(struct risk_change){.max_daily_loss = &above});
	assert_reason(&view, NULL);
}

static void test_paper_spends_no_real_limit(void **state)
{
	struct world *w = *state;
	const struct order_view *view;
	struct order_view bought;

	put_market(w);
	put_other(w, "binance");
	bought = buy(w, 10,
		&(struct risk_change){.max_symbol_value = &thousand,
			.max_account_value = &thousand,
			.max_positions = 1});
	view = &bought;
	assert_reason(view, NULL);
}

static void test_each_by_its_number(void **state)
{
	struct world *w = *state;
	struct portfolio_view view;
	const struct account_view *all;
	struct list history;
	struct page page;

	put_market(w);
	put_other(w, "paper");
	assert_int_equal(
		portfolio_get(world_alice(w), &rules, 0, &view), ERR_OK);
	assert_int_equal(view.account, 1);
	assert_null(view.run_id);
	assert_int_equal(
		portfolio_get(world_alice(w), &rules, 2, &view), ERR_OK);
	assert_int_equal(view.account, 2);
	assert_string_equal(view.run_id, "run-2");
	assert_int_equal(view.positions.count, 1);
	assert_int_equal(
		portfolio_get(world_alice(w), &rules, 3, &view), ERR_NOT_FOUND);
	assert_int_equal(
		portfolio_get(world_bob(w), &rules, 2, &view), ERR_NOT_FOUND);
	assert_int_equal(
		portfolio_history(world_bob(w),
			&(struct history_query){.limit = 10, .account = 2},
			&history),
		ERR_NOT_FOUND);
	assert_int_equal(
		portfolio_history(world_bob(w),
			&(struct history_query){.limit = 10}, &history),
		ERR_OK);
	assert_int_equal(history.count, 0);
	assert_int_equal(portfolio_accounts(world_alice(w), &rules,
				 &(struct account_query){.limit = 1}, &page),
		ERR_OK);
	assert_int_equal(page.data.count, 1);
	all = page.data.items;
	assert_int_equal(all->account, 2);
	assert_int_equal(all->positions, 1);
	assert_true(decimal_double(all->equity) == 2000.0);
	assert_int_equal(portfolio_accounts(world_alice(w), &rules,
				 &(struct account_query){.limit = 1,
					 .cursor = page.next_cursor,
					 .state = "open"},
				 &page),
		ERR_OK);
	assert_int_equal(page.data.count, 1);
	assert_int_equal(
		((const struct account_view *)page.data.items)->account, 1);
	assert_null(page.next_cursor);
}

/* What a run left is closed by hand, and its book with it. */
static void test_close_what_a_run_left(void **state)
{
	struct world *w = *state;
	const struct position_name name = {"AAA", 2};
	struct order_view view;
	struct portfolio_view book;

	put_market(w);
	put_other(w, "paper");
	(void)strategy_made(w, "mine");
	run(w, "INSERT INTO strategy_runs (user_id, id, strategy_id,"
	       " strategy_version, symbol, interval_ms, mode, state,"
	       " started_at) SELECT 'alice', 'run-2', id, 1, 'AAA', 60000,"
	       " 'paper', 'running', 1 FROM strategies");
	assert_int_equal(
		position_close(world_alice(w), &rules, &name, &by_hand, &view),
		ERR_CONFLICT);
	assert_int_equal(
		position_close(world_bob(w), &rules, &name, &by_hand, &view),
		ERR_NOT_FOUND);
	run(w, "UPDATE strategy_runs SET state = 'failed', stopped_at = 2");
	assert_int_equal(
		position_close(world_alice(w), &rules, &name, &by_hand, &view),
		ERR_OK);
	assert_string_equal(view.state, "filled");
	assert_int_equal(view.account, 2);
	assert_int_equal(
		portfolio_get(world_alice(w), &rules, 2, &book), ERR_OK);
	assert_true(book.closed);
	assert_int_equal(book.positions.count, 0);
	assert_int_equal(
		portfolio_get(world_alice(w), &rules, 0, &book), ERR_OK);
	assert_int_equal(book.account, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_one_limit_for_all_books),
		WORLD_TEST(test_open_orders_of_all_books),
		WORLD_TEST(test_losses_of_all_books),
		WORLD_TEST(test_paper_spends_no_real_limit),
		WORLD_TEST(test_each_by_its_number),
		WORLD_TEST(test_close_what_a_run_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
