/*
 * The desk's pages: sums by venue, every book by its name, statistics of the
 * calendar, an equity curve that stays short, limits and how much of each is
 * used, denials; and that denied orders may go, and nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "strategy_help.h"
#include "clock.h"
#include "desk.h"
#include "desk_figures.h"
#include "metrics.h"
#include "orders_clean.h"
#include "orders.h"
#include "portfolio.h"
#include "risk.h"

#define ONE INT64_C(100000000)
#define MINUTE INT64_C(60000)

static const struct limits rules = {
	.trade = {.fee_taker = ONE / 1000,
		.start_balance = 10000 * ONE,
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

/* The newest candle closed at `now` at that price. */
static void put_price(struct world *w, int64_t now, const char *price)
{
	const struct import_options options = {
		.symbol = "AAA", .interval = "1m", .source = "test"};
	struct import_report report;

	assert_int_equal(world_import(w,
				 arena_format(w->arena,
					 "time,open,high,low,close,volume\n"
					 "%lld,%s,%s,%s,%s,5000\n",
					 (long long)(now - MINUTE), price,
					 price, price, price),
				 &options, &report),
		ERR_OK);
}

static void run(struct world *w, const char *sql)
{
	assert_int_equal(db_run(w->db, sql, NO_BINDS, NULL), ERR_OK);
}

static struct order_view place_at(
	struct world *w, int64_t now, const char *side, int64_t quantity)
{
	const struct order_new in = {.symbol = "AAA",
		.side = side,
		.type = "market",
		.quantity = {quantity, 0}};
	struct order_view view = {0};

	assert_int_equal(
		order_place(alice_at(w, now), &rules, &in, &by_hand, &view),
		ERR_OK);
	return view;
}

static void assert_amount(struct decimal value, const char *text)
{
	char printed[64] = {0};

	(void)decimal_print(decimal_trim(value), printed, sizeof(printed));
	assert_string_equal(printed, text);
}

static struct desk_trading trading_at(struct world *w, int64_t now)
{
	struct desk_trading page;

	assert_int_equal(
		desk_trading_get(alice_at(w, now), &rules, &page), ERR_OK);
	return page;
}

static struct desk_risk risk_at(struct world *w, int64_t now)
{
	struct desk_risk page;

	assert_int_equal(
		desk_risk_get(alice_at(w, now), &rules, &page), ERR_OK);
	return page;
}

static const struct desk_limit *limit_of(
	const struct desk_risk *page, const char *name)
{
	const struct desk_limit *items = page->limits.items;

	for (size_t i = 0; i < page->limits.count; i++)
		if (text_equal(items[i].name, name))
			return &items[i];
	fail();
	return NULL;
}

/* ---- pages ---------------------------------------------------------------------- */

static void test_before_the_first_order(void **state)
{
	struct world *w = *state;
	const struct desk_trading page = trading_at(w, world_now);
	const struct desk_venue *venue = page.venues.items;
	const struct desk_period *periods = page.periods.items;
	const struct desk_curve *curve = page.curves.items;

	assert_int_equal(page.venues.count, 1);
	assert_string_equal(venue->venue, "paper");
	assert_amount(venue->sums.equity, "10000");
	assert_int_equal(page.books.count, 1);
	assert_int_equal(
		((const struct desk_book *)page.books.items)->account, 0);
	assert_int_equal(page.periods.count, 4);
	for (size_t i = 0; i < 4; i++) {
		assert_string_equal(periods[i].period, desk_periods[i]);
		assert_int_equal(periods[i].fills, 0);
		assert_null(periods[i].win_rate_pct);
		assert_null(periods[i].average_loss);
	}
	assert_int_equal(curve->points.count, 1);
	assert_int_equal(
		world_number(w, "SELECT COUNT(*) FROM trade_accounts"), 0);
	assert_null(risk_at(w, world_now).state_by);
}

/* 10 bought at 100, 4 sold at 110, 6 sold at 95; a fee of 1/1000 each. */
static void trade(struct world *w)
{
	const int64_t start = world_now - 2 * MINUTE;

	put_price(w, start, "100.00");
	assert_string_equal(place_at(w, start, "buy", 10).state, "filled");
	put_price(w, start + MINUTE, "110.00");
	assert_string_equal(
		place_at(w, start + MINUTE, "sell", 4).state, "filled");
	put_price(w, world_now, "95.00");
}

static void test_what_was_traded(void **state)
{
	const int64_t now = world_now;
	struct world *w = *state;
	struct desk_trading page;
	const struct desk_period *day;
	const struct desk_position *held;

	trade(w);
	page = trading_at(w, now);
	held = page.positions.items;
	assert_int_equal(page.positions.count, 1);
	assert_amount(held->view.quantity, "6");
	assert_amount(held->view.unrealised, "-30");
	assert_null(held->strategy_name);
	assert_string_equal(place_at(w, now, "sell", 6).state, "filled");
	page = trading_at(w, now);
	day = page.periods.items;
	assert_int_equal(day->fills, 3);
	assert_int_equal(day->wins, 1);
	assert_int_equal(day->losses, 1);
	assert_amount(*day->win_rate_pct, "50");
	assert_amount(*day->average_win, "40");
	assert_amount(*day->average_loss, "-30");
	assert_amount(day->realised, "10");
	assert_amount(day->volume, "2010");
	assert_amount(day->fees, "2.01");
	assert_amount(day->net, "7.99");
	assert_int_equal(day[3].fills, 3);
	assert_int_equal(page.trades.count, 3);
	assert_int_equal(page.orders.count, 0);
	assert_amount(
		((const struct desk_venue *)page.venues.items)->sums.equity,
		"10007.99");
}

static void check(struct world *w, enum err wanted)
{
	int64_t accounts;

	assert_int_equal(portfolio_check(world_admin(w), &accounts), wanted);
}

static void test_days_follow_from_the_fills(void **state)
{
	struct world *w = *state;

	trade(w);
	check(w, ERR_OK);
	run(w, "UPDATE risk_days SET wins = 2");
	check(w, ERR_INTERNAL);
	run(w, "UPDATE risk_days SET wins = 1");
	check(w, ERR_OK);
	run(w, "UPDATE risk_days SET day = day + 86400000");
	check(w, ERR_INTERNAL);
}

static void put_day(struct world *w, const char *date, int64_t won)
{
	int64_t day;

	assert_int_equal(time_parse(date, &day), ERR_OK);
	assert_int_equal(
		db_run(w->db,
			"INSERT INTO risk_days (user_id, account, day,"
			" start_equity, low_equity, last_equity, fills, wins,"
			" won) VALUES ('alice', 1, :day, 1, 1, 1, 1, 1, :won)",
			BINDS(bind_int(":day", day),
				bind_int(":won", won * ONE)),
			NULL),
		ERR_OK);
}

/* 2027-01-15 is a Friday. */
static void test_periods_of_the_calendar(void **state)
{
	struct world *w = *state;
	struct desk_trading page;
	const struct desk_period *periods;

	put_price(w, world_now, "100.00");
	(void)place_at(w, world_now, "buy", 1);
	put_day(w, "2027-01-11", 2);
	put_day(w, "2027-01-10", 4);
	put_day(w, "2027-01-01", 8);
	put_day(w, "2026-12-31", 16);
	page = trading_at(w, world_now);
	periods = page.periods.items;
	assert_amount(periods[0].realised, "0");
	assert_amount(periods[1].realised, "2");
	assert_amount(periods[2].realised, "14");
	assert_amount(periods[3].realised, "30");
	assert_int_equal(periods[3].fills, 5);
	assert_true(periods[1].since.ms == INT64_C(1799625600000));
	assert_true(periods[2].since.ms == INT64_C(1798761600000));
	assert_true(periods[3].since.ms == INT64_C(1798675200000));
}

/* Account 2, of a run: 1000 of cash of 2000, and 10 AAA that cost 100 each. */
static void put_other(struct world *w, const char *venue)
{
	assert_int_equal(
		db_run(w->db,
			"INSERT INTO trade_accounts (user_id, account, venue,"
			" run_id, start_balance, opened_at, peak_equity) VALUES"
			" ('alice', 2, :venue, 'run-2', 200000000000, 1,"
			" 250000000000)",
			BINDS(bind_text(":venue", venue)), NULL),
		ERR_OK);
	run(w, "INSERT INTO cash_entries (user_id, account, seq, kind, amount,"
	       " balance, created_at) VALUES ('alice', 2, 1, 'start',"
	       " 100000000000, 100000000000, 1)");
	run(w, "INSERT INTO positions (user_id, account, symbol, quantity,"
	       " cost, realised, fees, last_seq, updated_at) VALUES ('alice',"
	       " 2, 'AAA', 1000000000, 100000000000, 0, 0, 1, 1)");
}

static void test_books_and_venues(void **state)
{
	struct world *w = *state;
	const struct desk_exposure *exposure;
	const struct desk_venue *venues;
	const struct desk_book *books;
	struct desk_overview page;
	struct desk_risk risk;

	put_price(w, world_now, "100.00");
	(void)place_at(w, world_now, "buy", 10);
	put_other(w, "paper");
	assert_int_equal(
		desk_overview_get(world_alice(w), &rules, &page), ERR_OK);
	venues = page.venues.items;
	books = page.books.items;
	assert_int_equal(page.venues.count, 1);
	assert_int_equal(venues->books, 2);
	assert_amount(venues->sums.equity, "11999");
	assert_amount(venues->sums.exposure, "2000");
	assert_int_equal(venues->sums.positions, 2);
	assert_null(books[0].run_id);
	assert_string_equal(books[1].run_id, "run-2");
	assert_amount(books[1].drawdown_pct, "20");
	risk = risk_at(w, world_now);
	exposure = risk.exposure.items;
	assert_int_equal(risk.exposure.count, 1);
	assert_amount(exposure->size, "2000");
	assert_amount(exposure->equity_pct, "16.66");
	assert_int_equal(exposure->books, 2);
	assert_amount(limit_of(&risk, "max_positions")->used, "2");
	assert_amount(limit_of(&risk, "max_drawdown_pct")->used, "20");
	assert_null(limit_of(&risk, "max_drawdown_pct")->limit);
}

static void test_paper_and_real_money_stay_apart(void **state)
{
	struct world *w = *state;
	const struct desk_venue *venues;
	struct desk_overview page;

	put_price(w, world_now, "100.00");
	(void)place_at(w, world_now, "buy", 10);
	put_other(w, "binance");
	assert_int_equal(
		desk_overview_get(world_alice(w), &rules, &page), ERR_OK);
	venues = page.venues.items;
	assert_int_equal(page.venues.count, 2);
	assert_string_equal(venues[0].venue, "paper");
	assert_amount(venues[0].sums.equity, "9999");
	assert_string_equal(venues[1].venue, "binance");
	assert_amount(venues[1].sums.equity, "2000");
	assert_int_equal(trading_at(w, world_now).curves.count, 2);
	assert_int_equal(risk_at(w, world_now).limits.count, 16);
}

/* ---- the curve -------------------------------------------------------------------- */

static void test_a_curve_stays_short(void **state)
{
	const int64_t now = world_now + 40 * DAY;
	struct world *w = *state;
	const struct desk_point *points;
	struct desk_trading page;
	const struct desk_curve *curve;

	put_price(w, world_now, "100.00");
	(void)place_at(w, world_now, "buy", 1);
	run(w, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
	       " WHERE i < 3000) INSERT INTO equity_snapshots (user_id,"
	       " account, at, cash, equity, exposure) SELECT 'alice', 1,"
	       " 1800000000000 + i * 900000, 0, i * 100000000, 0 FROM n");
	page = trading_at(w, now);
	curve = page.curves.items;
	points = curve->points.items;
	assert_in_range(curve->points.count, 100, DESK_POINTS);
	for (size_t i = 1; i < curve->points.count; i++)
		assert_true(points[i].at.ms > points[i - 1].at.ms);
	assert_true(points[0].at.ms == world_now);
	assert_true(points[curve->points.count - 1].at.ms == now);
	/* the snapshot before it, not the one behind */
	assert_amount(points[1].equity,
		arena_format(w->arena, "%lld",
			(long long)((points[1].at.ms - world_now) / 900000)));
	assert_amount(points[curve->points.count - 1].equity, "9999.9");
}

/* ---- risk -------------------------------------------------------------------------- */

static void test_limits_and_their_use(void **state)
{
	static const struct decimal most = {4000, 0}, loss = {100, 0};
	const struct risk_change change = {.state = "reducing",
		.by = "key",
		.max_symbol_value = &most,
		.max_daily_loss = &loss,
		.max_open_orders = 4};
	struct world *w = *state;
	static const struct decimal ninety = {90, 0};
	const struct order_new limit = {.symbol = "AAA",
		.side = "buy",
		.type = "limit",
		.price = &ninety,
		.quantity = {10, 0}};
	struct order_view order;
	struct risk_view view;
	struct desk_risk page;

	put_price(w, world_now, "100.00");
	(void)place_at(w, world_now, "buy", 10);
	put_price(w, world_now + MINUTE, "95.00");
	assert_int_equal(order_place(alice_at(w, world_now + MINUTE), &rules,
				 &limit, &by_hand, &order),
		ERR_OK);
	assert_string_equal(order.state, "accepted");
	page = risk_at(w, world_now + MINUTE);
	assert_amount(limit_of(&page, "max_symbol_value")->used, "1850");
	assert_null(limit_of(&page, "max_symbol_value")->limit);
	assert_amount(limit_of(&page, "max_order_value")->used, "900");
	assert_amount(*limit_of(&page, "max_order_value")->used_pct, "1.8");
	assert_amount(limit_of(&page, "orders_per_minute")->used, "1");
	/* what nobody gave counts no more here than in risk.c */
	run(w, "UPDATE orders SET source = 'system' WHERE state = 'accepted'");
	page = risk_at(w, world_now + MINUTE);
	assert_amount(limit_of(&page, "orders_per_minute")->used, "0");
	run(w, "UPDATE orders SET source = 'manual' WHERE state = 'accepted'");
	assert_int_equal(risk_put(alice_at(w, world_now + MINUTE), &rules,
				 &change, &view),
		ERR_OK);
	page = risk_at(w, world_now + MINUTE);
	assert_string_equal(page.state, "reducing");
	assert_string_equal(page.state_by, "key");
	assert_true(page.state_at->ms == world_now + MINUTE);
	/* while reducing, an order opens nothing */
	assert_amount(limit_of(&page, "max_symbol_value")->used, "950");
	assert_amount(*limit_of(&page, "max_symbol_value")->used_pct, "23.75");
	assert_amount(limit_of(&page, "max_daily_loss")->used, "51");
	assert_amount(*limit_of(&page, "max_daily_loss")->used_pct, "51");
	assert_amount(*limit_of(&page, "max_open_orders")->used_pct, "25");
	assert_int_equal(
		risk_halt(alice_at(w, world_now + 2 * MINUTE), &rules,
			&(const struct risk_halting){.by = "system"}, &view),
		ERR_OK);
	page = risk_at(w, world_now + 2 * MINUTE);
	assert_string_equal(page.state, "halted");
	assert_string_equal(page.state_by, "system");
	assert_amount(limit_of(&page, "max_open_orders")->used, "0");
}

static void test_who_set_the_state_stays(void **state)
{
	const struct risk_change halt = {.state = "halted", .by = "key"};
	const struct risk_change other = {.by = "manual", .allow_short = true};
	struct world *w = *state;
	struct risk_view view;

	assert_int_equal(
		risk_put(world_alice(w), &rules, &halt, &view), ERR_OK);
	assert_int_equal(
		risk_put(world_alice(w), &rules, &other, &view), ERR_OK);
	assert_string_equal(risk_at(w, world_now).state, "halted");
	assert_string_equal(risk_at(w, world_now).state_by, "key");
}

static void test_denials_of_today(void **state)
{
	struct world *w = *state;
	const struct desk_denial *denials;
	struct desk_risk page;

	put_price(w, world_now, "100.00");
	assert_string_equal(
		place_at(w, world_now, "sell", 1).reason, "short_not_allowed");
	for (int i = 0; i < 2; i++)
		assert_string_equal(place_at(w, world_now, "buy", 1000).reason,
			"max_order_value");
	page = risk_at(w, world_now);
	denials = page.denials.items;
	assert_int_equal(page.denials.count, 2);
	assert_string_equal(denials[0].reason, "max_order_value");
	assert_int_equal(denials[0].count, 2);
	assert_int_equal(page.orders_today, 3);
	assert_int_equal(page.denied_today, 3);
	page = risk_at(w, world_now + DAY);
	assert_int_equal(page.denials.count, 0);
	assert_int_equal(page.denied_today, 0);
}

/* ---- denied orders go ---------------------------------------------------------------- */

static void test_denied_orders_go_and_no_others(void **state)
{
	struct world *w = *state;
	int64_t removed = 0;

	put_price(w, world_now, "100.00");
	(void)place_at(w, world_now, "buy", 1);
	(void)place_at(w, world_now, "buy", 1000);
	(void)place_at(w, world_now + 1, "buy", 1000);
	assert_int_equal(
		orders_clean(world_admin(w), world_now + 1, &removed), ERR_OK);
	assert_int_equal(removed, 1);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM orders"), 2);
	assert_int_equal(
		world_number(w,
			"SELECT COUNT(*) FROM order_log"
			" WHERE order_id NOT IN (SELECT id FROM orders)"),
		0);
	/* nor do the others, by whoever asks */
	assert_int_not_equal(
		db_run(w->db, "DELETE FROM orders WHERE state = 'filled'",
			NO_BINDS, NULL),
		ERR_OK);
	assert_int_not_equal(
		db_run(w->db, "DELETE FROM order_log WHERE to_state = 'denied'",
			NO_BINDS, NULL),
		ERR_OK);
	check(w, ERR_OK);
	run(w, "DELETE FROM users WHERE id = 'alice'");
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM orders"), 0);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM order_log"), 0);
}

/* ---- figures -------------------------------------------------------------------------- */

static void test_figures_of_all_users(void **state)
{
	struct world *w = *state;
	struct desk_figures figures;

	put_price(w, world_now, "100.00");
	(void)place_at(w, world_now, "buy", 10);
	put_other(w, "binance");
	run(w, "INSERT INTO equity_snapshots (user_id, account, at, cash,"
	       " equity, exposure) VALUES ('alice', 2, 1, 1, 1, 1),"
	       " ('alice', 2, 2, 1, 190000000000, 1)");
	run(w, "INSERT INTO system_settings VALUES ('TRADING_HALTED', 'true',"
	       " 1, 'x')");
	assert_int_equal(desk_figures_read(world_admin(w), &figures), ERR_OK);
	assert_int_equal(figures.equity[0], 9999);
	assert_int_equal(figures.profit[0], -1);
	assert_int_equal(figures.equity[1], 1900);
	assert_int_equal(figures.profit[1], -100);
	assert_int_equal(figures.positions[0], 1);
	assert_int_equal(figures.positions[1], 1);
	assert_int_equal(figures.open[ORDER_ACCEPTED], 0);
	assert_true(figures.halted);
}

static int64_t counted(struct metrics *metrics, enum metric metric, size_t a)
{
	return metrics_get(metrics, metric, a, 0);
}

static void test_steps_are_counted_when_they_are_committed(void **state)
{
	struct world *w = *state;
	const struct metrics_options options = {
		.labels = {.venues = order_venues,
			.order_states = order_states,
			.risk_reasons = risk_reasons}};
	const struct order_new in = {.symbol = "AAA",
		.side = "buy",
		.type = "market",
		.quantity = {1, 0},
		.client_order_id = "once"};
	struct order_view view;
	struct metrics *metrics;
	struct scope *scope;

	assert_int_equal(metrics_open(w->arena, &options, &metrics), ERR_OK);
	put_price(w, world_now, "100.00");
	scope = world_alice(w);
	scope_mint_metrics(scope, metrics);
	assert_int_equal(
		order_place(scope, &rules, &in, &by_hand, &view), ERR_OK);
	assert_int_equal(counted(metrics, METRIC_ORDERS, ORDER_NEW), 1);
	assert_int_equal(counted(metrics, METRIC_ORDERS, ORDER_ACCEPTED), 1);
	assert_int_equal(counted(metrics, METRIC_ORDERS, ORDER_FILLED), 1);
	assert_int_equal(counted(metrics, METRIC_FILLS, 0), 1);
	/* rolled back: nothing of it */
	assert_int_equal(scope_begin(scope), ERR_OK);
	scope_count(scope, METRIC_FILLS, 0, 5);
	scope_rollback(scope);
	assert_int_equal(order_place(scope, &rules,
				 &(const struct order_new){.symbol = "AAA",
					 .side = "sell",
					 .type = "market",
					 .quantity = {9, 0}},
				 &by_hand, &view),
		ERR_OK);
	assert_int_equal(counted(metrics, METRIC_FILLS, 0), 1);
	assert_int_equal(counted(metrics, METRIC_ORDERS, ORDER_DENIED), 1);
	for (size_t i = 0; risk_reasons[i]; i++)
		assert_int_equal(counted(metrics, METRIC_DENIALS, i),
			text_equal(risk_reasons[i], view.reason));
	metrics_close(&metrics);
}

/* ---- plans ---------------------------------------------------------------------------- */

#define OPEN "state IN ('new', 'accepted', 'partially_filled', 'unknown')"

/* What order_private.h and order_list.c say, beside many orders that ended. */
static void test_many_orders_that_ended_are_not_read(void **state)
{
	static const struct {
		const char *sql, *plan;
	} statements[] = {
		{"SELECT id, price FROM orders WHERE user_id = 'a' AND " OPEN
		 " AND (" OPEN ") = 1 AND id > '' ORDER BY id",
			"orders_mine_open"},
		{"SELECT id, price FROM orders WHERE user_id = 'a' AND id < 'z'"
		 " AND symbol = coalesce('AAA', symbol) AND " OPEN " AND (" OPEN
		 ") = 1 ORDER BY id DESC LIMIT 9",
			"orders_mine_open"},
		{"SELECT id, price FROM orders WHERE user_id = 'a' AND id < 'z'"
		 " AND state = 'rejected' ORDER BY id DESC LIMIT 9",
			"orders_state"},
		{"SELECT id, price FROM orders WHERE user_id = 'a' AND id < 'z'"
		 " AND symbol = 'AAA' ORDER BY id DESC LIMIT 9",
			"orders_symbol"},
		{"SELECT id, price FROM fills WHERE user_id = 'a' AND id < 'z'"
		 " AND (account = 0 OR 0 = 0) AND symbol = 'AAA'"
		 " ORDER BY id DESC LIMIT 9",
			"fills_listed"},
		{"SELECT id, price FROM fills WHERE user_id = 'a' AND id < 'z'"
		 " AND (account = 1 OR 1 = 0) AND order_id = 'o'"
		 " AND symbol = coalesce(NULL, symbol)"
		 " ORDER BY id DESC LIMIT 9",
			"fills_order"},
		{"SELECT reason, COUNT(*) FROM orders WHERE user_id = 'a'"
		 " AND state = 'denied' AND created_at >= 5 GROUP BY reason",
			"COVERING INDEX orders_denied"},
		{"SELECT user_id, id FROM orders WHERE state = 'denied'"
		 " AND created_at < 5 ORDER BY created_at LIMIT 9",
			"orders_denied_age"},
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]);
		i++) {
		struct rows *rows;
		bool more = false;

		assert_int_equal(
			db_query(w->db, w->arena,
				arena_format(w->arena, "EXPLAIN QUERY PLAN %s",
					statements[i].sql),
				NO_BINDS, &rows),
			ERR_OK);
		assert_int_equal(rows_next(rows, &more), ERR_OK);
		if (!strstr(rows_text(rows, 3), statements[i].plan))
			print_error("%s: %s\n", statements[i].sql,
				rows_text(rows, 3));
		assert_non_null(strstr(rows_text(rows, 3), statements[i].plan));
		rows_end(rows);
	}
}

int main(void)
{
#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, world_open, world_close)
	const struct CMUnitTest tests[] = {
		CASE(test_before_the_first_order),
		CASE(test_what_was_traded),
		CASE(test_days_follow_from_the_fills),
		CASE(test_periods_of_the_calendar),
		CASE(test_books_and_venues),
		CASE(test_paper_and_real_money_stay_apart),
		CASE(test_a_curve_stays_short),
		CASE(test_limits_and_their_use),
		CASE(test_who_set_the_state_stays),
		CASE(test_denials_of_today),
		CASE(test_denied_orders_go_and_no_others),
		CASE(test_figures_of_all_users),
		CASE(test_steps_are_counted_when_they_are_committed),
		CASE(test_many_orders_that_ended_are_not_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
