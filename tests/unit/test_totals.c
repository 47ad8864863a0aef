/*
 * Totals in a user's currency: each way to a rate, which one is taken, how it
 * is rounded, and that where none is there is no number but a reason. Which
 * rates are fetched for all users.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain_world.h"
#include "desk.h"
#include "feeds.h"
#include "portfolio.h"

#define ONE INT64_C(100000000)
#define MINUTE INT64_C(60000)

static const struct limits rules = {
	.trade = {.start_balance = 10000 * ONE}, .live = {.quote = "USDT"}};
/* no part of a name counts */
static const struct limits near = {.trade = {.start_balance = 10000 * ONE},
	.money = {.equal = "USDT USDC USD1 TUSD"}};
static const struct limits equal = {.trade = {.start_balance = 10000 * ONE},
	.live = {.quote = "USDT"},
	.money = {.paper = "USD", .equal = "USD, USDT"}};

/* ---- the world ---------------------------------------------------------------- */

static void run(struct world *w, const char *sql)
{
	assert_int_equal(db_run(w->db, sql, NO_BINDS, NULL), ERR_OK);
}

static void choose(struct world *w, const char *user, const char *currency)
{
	assert_int_equal(
		db_run(w->db,
			"INSERT INTO user_settings (user_id, name, value,"
			" updated_at) VALUES (:user, 'currency', :value, 1)"
			" ON CONFLICT DO UPDATE SET value = excluded.value",
			BINDS(bind_text(":user", user),
				bind_text(":value", currency)),
			NULL),
		ERR_OK);
}

/* A price of a minute ago; stale: it should have been replaced. */
static void put_price(
	struct world *w, const char *symbol, int64_t price, bool stale)
{
	const struct quote_new quote = {.symbol = symbol,
		.source = "coingecko",
		.price = price,
		.at = world_now - MINUTE,
		.fresh_until = world_now + (stale ? -1 : MINUTE)};

	assert_int_equal(quotes_put(world_admin(w), &quote, 1), ERR_OK);
}

/* An open account with that cash, which traded `symbol` and holds none. */
static void put_account(struct world *w, int64_t account, const char *venue,
	const char *symbol, int64_t cash)
{
	assert_int_equal(
		db_run(w->db,
			"INSERT INTO trade_accounts (user_id, account, venue,"
			" run_id, start_balance, opened_at, peak_equity) VALUES"
			" ('alice', :account, :venue, 'run-' || :account,"
			" :cash, 1, :cash)",
			BINDS(bind_int(":account", account),
				bind_text(":venue", venue),
				bind_int(":cash", cash)),
			NULL),
		ERR_OK);
	assert_int_equal(
		db_run(w->db,
			"INSERT INTO cash_entries (user_id, account, seq, kind,"
			" amount, balance, created_at) VALUES ('alice',"
			" :account, 1, 'start', :cash, :cash, 1)",
			BINDS(bind_int(":account", account),
				bind_int(":cash", cash)),
			NULL),
		ERR_OK);
	assert_int_equal(
		db_run(w->db,
			"INSERT INTO positions (user_id, account, symbol,"
			" quantity, cost, realised, fees, last_seq, updated_at)"
			" VALUES ('alice', :account, :symbol, 0, 0, 300000000,"
			" 0, 1, 1)",
			BINDS(bind_int(":account", account),
				bind_text(":symbol", symbol)),
			NULL),
		ERR_OK);
}

static void assert_amount(const struct decimal *value, const char *text)
{
	char printed[64] = {0};

	assert_non_null(value);
	(void)decimal_print(decimal_trim(*value), printed, sizeof(printed));
	assert_string_equal(printed, text);
}

static struct list totals(struct world *w, const struct limits *limits)
{
	struct desk_overview page;
	struct portfolio_view view;
	const struct total_view *a, *b;

	assert_int_equal(
		desk_overview_get(world_alice(w), limits, &page), ERR_OK);
	/* the portfolio says the same */
	assert_int_equal(
		portfolio_get(world_alice(w), limits, 0, &view), ERR_OK);
	assert_int_equal(view.totals.count, page.totals.count);
	a = view.totals.items;
	b = page.totals.items;
	if (b->equity)
		assert_int_equal(decimal_compare(*a->equity, *b->equity), 0);
	else
		assert_string_equal(a->reason, b->reason);
	return page.totals;
}

static struct total_view total(struct world *w, const struct limits *limits)
{
	const struct list list = totals(w, limits);

	assert_int_equal(list.count, 1);
	return *(const struct total_view *)list.items;
}

static const struct rate_leg *leg_of(const struct total_view *view, size_t i)
{
	const struct total_asset *asset = view->assets.items;

	assert_true(i < asset->legs.count);
	return (const struct rate_leg *)asset->legs.items + i;
}

static void assert_no_total(const struct total_view *view, const char *reason)
{
	assert_null(view->equity);
	assert_null(view->cash);
	assert_null(view->realised);
	assert_null(view->unrealised);
	assert_string_equal(view->reason, reason);
	assert_non_null(view->detail);
}

/* ---- totals -------------------------------------------------------------------- */

static void test_the_same_asset_needs_no_rate(void **state)
{
	struct world *w = *state;
	struct total_view view = total(w, &rules);
	const struct total_asset *asset = view.assets.items;

	assert_string_equal(view.venue, "paper");
	assert_string_equal(view.currency, "USD");
	assert_amount(view.equity, "10000");
	assert_null(view.reason);
	assert_string_equal(asset->asset, "USD");
	assert_amount(asset->rate, "1");
	assert_null(asset->rate_at);
	assert_int_equal(asset->legs.count, 0);
	choose(w, "bob", "EUR");
	view = total(w, &rules);
	assert_string_equal(view.currency, "USD");
}

static void test_without_a_rate_there_is_no_total(void **state)
{
	struct world *w = *state;
	struct total_view view;
	const struct total_asset *asset;

	choose(w, "alice", "EUR");
	put_account(w, 1, "paper", "BTC-USDT", 100 * ONE);
	put_price(w, "USDC-EUR", ONE, false);
	view = total(w, &rules);
	assert_no_total(&view, "no_rate");
	assert_string_equal(view.detail, "No rate from USDT to EUR is stored.");
	asset = view.assets.items;
	assert_string_equal(asset->asset, "USDT");
	assert_amount(&asset->equity, "100");
	assert_null(asset->rate);
	/* one that has a rate does not make a total of it */
	put_account(w, 2, "paper", "ETH-USDC", 50 * ONE);
	view = total(w, &rules);
	assert_no_total(&view, "no_rate");
	assert_int_equal(view.books, 2);
	assert_int_equal(view.assets.count, 2);
	asset = view.assets.items;
	assert_amount(asset[1].rate, "1");
}

static void test_a_pairs_own_price(void **state)
{
	struct world *w = *state;
	struct total_view view;

	choose(w, "alice", "EUR");
	put_account(w, 1, "paper", "BTC-USDT", 100 * ONE);
	put_price(w, "USDT-EUR", 87654321, false);
	view = total(w, &rules);
	assert_amount(view.equity, "87.654321");
	assert_amount(view.cash, "87.654321");
	assert_amount(view.realised, "2.62962963");
	assert_amount(view.unrealised, "0");
	assert_false(view.stale);
	assert_string_equal(leg_of(&view, 0)->symbol, "USDT-EUR");
	assert_string_equal(leg_of(&view, 0)->source, "coingecko");
	assert_false(leg_of(&view, 0)->inverse);
	assert_int_equal(leg_of(&view, 0)->at->ms, world_now - MINUTE);
	put_price(w, "USDT-EUR", 87654321, true);
	view = total(w, &rules);
	assert_true(view.stale);
	assert_true(leg_of(&view, 0)->stale);
	assert_amount(view.equity, "87.654321");
}

static void test_the_other_way_round(void **state)
{
	struct world *w = *state;
	struct total_view view;

	choose(w, "alice", "EUR");
	put_account(w, 1, "paper", "BTC-USDT", 100 * ONE);
	put_price(w, "EUR-USDT", 3 * ONE, false);
	view = total(w, &rules);
	assert_true(leg_of(&view, 0)->inverse);
	assert_amount(&leg_of(&view, 0)->price, "3");
	assert_amount(((const struct total_asset *)view.assets.items)->rate,
		"0.3333333333333333");
	assert_amount(view.equity, "33.33333333");
	/* a fresh one before one that is stale */
	put_price(w, "EUR-USDT", 3 * ONE, true);
	put_price(w, "USDT-EUR", ONE / 2, false);
	view = total(w, &rules);
	assert_amount(view.equity, "50");
}

static void test_by_way_of_another(void **state)
{
	struct world *w = *state;
	struct total_view view;

	choose(w, "alice", "EUR");
	put_account(w, 1, "paper", "BTC-USD", 1000 * ONE);
	put_price(w, "USDT-USD", 99900000, false);
	put_price(w, "USDT-EUR", 86913000, false);
	view = total(w, &rules);
	/* 0.86913 / 0.999 = 0.87 */
	assert_amount(view.equity, "870");
	assert_string_equal(leg_of(&view, 0)->symbol, "USDT-USD");
	assert_true(leg_of(&view, 0)->inverse);
	assert_string_equal(leg_of(&view, 1)->symbol, "USDT-EUR");
	assert_false(leg_of(&view, 1)->inverse);
	/* its own price before that, once it is there; but not a stale one */
	put_price(w, "USD-EUR", ONE / 4, true);
	view = total(w, &rules);
	assert_amount(view.equity, "870");
	put_price(w, "USD-EUR", ONE / 4, false);
	view = total(w, &rules);
	assert_amount(view.equity, "250");
	/* all are stale: the nearest */
	put_price(w, "USDT-EUR", 86913000, true);
	put_price(w, "USD-EUR", ONE / 4, true);
	view = total(w, &rules);
	assert_amount(view.equity, "250");
	assert_true(view.stale);
}

static void test_closed_candles_are_prices_too(void **state)
{
	struct world *w = *state;
	const struct import_options options = {
		.symbol = "USDT-EUR", .interval = "1m", .source = "a file"};
	struct import_report report;
	struct total_view view;

	choose(w, "alice", "EUR");
	put_account(w, 1, "paper", "BTC-USDT", 100 * ONE);
	assert_int_equal(world_import(w,
				 arena_format(w->arena,
					 "time,open,high,low,close,volume\n"
					 "%lld,0.9,0.9,0.9,0.9,1\n",
					 (long long)(world_now - MINUTE)),
				 &options, &report),
		ERR_OK);
	view = total(w, &rules);
	assert_amount(view.equity, "90");
	assert_string_equal(leg_of(&view, 0)->source, "a file");
	assert_int_equal(leg_of(&view, 0)->at->ms, world_now);
	assert_false(view.stale);
}

static void test_the_setting_makes_them_equal(void **state)
{
	struct world *w = *state;
	struct total_view view;

	put_account(w, 1, "paper", "BTC-USDT", 100 * ONE);
	view = total(w, &rules);
	assert_no_total(&view, "no_rate");
	view = total(w, &equal);
	assert_amount(view.equity, "100");
	assert_string_equal(leg_of(&view, 0)->source, "setting");
	assert_string_equal(leg_of(&view, 0)->symbol, "USDT-USD");
	assert_null(leg_of(&view, 0)->at);
	/* and leads on to others */
	choose(w, "alice", "EUR");
	put_price(w, "EUR-USD", ONE + ONE / 4, false);
	view = total(w, &equal);
	assert_amount(view.equity, "80");
	assert_string_equal(leg_of(&view, 0)->source, "setting");
	assert_string_equal(leg_of(&view, 1)->symbol, "EUR-USD");
	view = total(w, &rules);
	assert_no_total(&view, "no_rate");
	choose(w, "alice", "USD");
	view = total(w, &near);
	assert_no_total(&view, "no_rate");
}

static void test_an_account_of_several_assets(void **state)
{
	struct world *w = *state;
	struct total_view view;
	struct portfolio_view book;

	put_account(w, 1, "paper", "BTC-USDT", 100 * ONE);
	assert_int_equal(
		portfolio_get(world_alice(w), &rules, 1, &book), ERR_OK);
	assert_string_equal(book.asset, "USDT");
	run(w, "INSERT INTO positions (user_id, account, symbol, quantity,"
	       " cost, realised, fees, last_seq, updated_at) VALUES ('alice',"
	       " 1, 'ETH-USD', 0, 0, 0, 0, 1, 1)");
	put_price(w, "USDT-USD", ONE, false);
	view = total(w, &rules);
	assert_no_total(&view, "mixed_assets");
	assert_null(((const struct total_asset *)view.assets.items)->asset);
	assert_amount(&((const struct total_asset *)view.assets.items)->equity,
		"100");
	assert_int_equal(
		portfolio_get(world_alice(w), &rules, 1, &book), ERR_OK);
	assert_null(book.asset);
	view = total(w, &equal);
	assert_amount(view.equity, "100");
	/* what names no asset counts as the setting says */
	run(w, "UPDATE positions SET symbol = 'GOOG' WHERE symbol ="
	       " 'BTC-USDT'");
	view = total(w, &rules);
	assert_amount(view.equity, "100");
}

static void test_paper_and_real_money_stay_apart(void **state)
{
	struct world *w = *state;
	const struct total_view *views;
	struct list list;

	put_account(w, 1, "paper", "BTC-USD", 100 * ONE);
	put_account(w, 2, "binance", "BTC-USD", 50 * ONE);
	put_account(w, 3, "paper", "ETH-USD", 7 * ONE);
	list = totals(w, &rules);
	views = list.items;
	assert_int_equal(list.count, 2);
	assert_string_equal(views[0].venue, "paper");
	assert_amount(views[0].equity, "107");
	assert_int_equal(views[0].books, 2);
	/* of an exchange the setting says the asset; one without a rate leaves
	   the other as it is */
	assert_string_equal(views[1].venue, "binance");
	assert_no_total(&views[1], "no_rate");
	put_price(w, "USDT-USD", ONE / 2, false);
	list = totals(w, &rules);
	views = list.items;
	assert_amount(views[1].equity, "25");
	assert_amount(views[0].equity, "107");
}

static void test_what_has_no_room(void **state)
{
	struct world *w = *state;
	struct total_view view;

	choose(w, "alice", "IDR");
	put_account(w, 1, "paper", "A-BTC", INT64_C(90000000000) * ONE);
	put_price(w, "BTC-IDR", INT64_C(1500000000) * ONE, false);
	view = total(w, &rules);
	assert_no_total(&view, "no_room");
	put_price(w, "BTC-IDR", ONE, false);
	view = total(w, &rules);
	assert_amount(view.equity, "90000000000");
}

/* ---- rounding -------------------------------------------------------------------- */

/* Of an account in BTC, as 1 / below. */
static void assert_rate(struct world *w, int64_t below, const char *text)
{
	struct total_view view;

	put_price(w, "USD-BTC", below, false);
	view = total(w, &rules);
	assert_amount(
		((const struct total_asset *)view.assets.items)->rate, text);
}

static void test_rates_are_rounded_half_to_even(void **state)
{
	struct world *w = *state;

	put_account(w, 1, "paper", "ETH-BTC", ONE);
	assert_rate(w, 8 * ONE, "0.125");
	assert_rate(w, 7 * ONE, "0.1428571428571429");
	assert_rate(w, 60000 * ONE, "0.000016666666666667");
	assert_rate(w, 1, "100000000");
	assert_rate(w, 3, "33333333.33333333");
	assert_rate(w, 131072 * ONE, "0.00000762939453125");
	/* 24414062.5 units of 10^-18 */
	assert_rate(w, INT64_C(40960000000) * ONE, "0.000000000024414062");
}

static void test_amounts_are_rounded_half_to_even(void **state)
{
	struct world *w = *state;
	struct total_view view;

	put_account(w, 1, "paper", "ETH-BTC", 5);
	put_price(w, "BTC-USD", ONE / 2, false);
	view = total(w, &rules);
	assert_amount(view.cash, "0.00000002");
	run(w, "UPDATE quotes SET price = 30000000");
	view = total(w, &rules);
	assert_amount(view.cash, "0.00000002");
	run(w, "UPDATE quotes SET price = 70000000");
	view = total(w, &rules);
	assert_amount(view.cash, "0.00000004");
}

/* ---- what is fetched ---------------------------------------------------------------- */

static void assert_rates(
	struct world *w, const struct limits *limits, const char *wanted)
{
	const struct feed *items;
	struct list list;
	char text[512] = "";

	assert_int_equal(feed_rates(world_admin(w), limits, &list), ERR_OK);
	items = list.items;
	for (size_t i = 0; i < list.count; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
			"%s=%s:%s ", items[i].symbol, items[i].native,
			items[i].currency);
	assert_string_equal(text, wanted);
}

static void test_what_is_needed_is_fetched(void **state)
{
	static const struct limits dollars = {
		.money = {.paper = "USD"}, .live = {.quote = "USDT"}};
	struct world *w = *state;

	assert_rates(w, &dollars, "");
	choose(w, "bob", "EUR");
	assert_rates(w, &dollars, "USDT-EUR=tether:eur USDT-USD=tether:usd ");
	/* a symbol's quotes move orders: they come from its own source alone */
	run(w, "INSERT INTO symbols (symbol, source, price_scale, volume_scale,"
	       " series, created_at) VALUES ('USDT-EUR', 'import', 8, 8, '[]',"
	       " 1)");
	assert_rates(w, &dollars, "USDT-USD=tether:usd ");
	run(w, "DELETE FROM symbols WHERE symbol = 'USDT-EUR'");
	run(w, "UPDATE users SET disabled = 1 WHERE id = 'bob'");
	assert_rates(w, &dollars, "");
	put_account(w, 1, "paper", "ETH-BTC", ONE);
	assert_rates(w, &dollars, "USDT-USD=tether:usd BTC-USD=bitcoin:usd ");
	run(w, "UPDATE trade_accounts SET closed_at = 5");
	assert_rates(w, &dollars, "");
	put_account(w, 2, "binance", "ETH-USDT", ONE);
	assert_rates(w, &dollars, "USDT-USD=tether:usd ");
	assert_rates(w, &equal, "");
	/* a name that is none goes nowhere */
	put_account(w, 3, "paper", "BRK-B", ONE);
	assert_rates(w, &dollars, "USDT-USD=tether:usd ");
}

static void test_one_call_has_room_for_all(void **state)
{
	static const struct limits dollars = {
		.money = {.paper = "USD"}, .live = {.quote = "USDT"}};
	static const char *const assets[] = {
		"USDT", "USDC", "BTC", "ETH", "BNB", "FDUSD", "XXXA", "XXXB"};
	struct world *w = *state;
	struct list list;

	for (int i = 0; i < 60; i++) {
		const char *name = arena_format(w->arena, "user-%d", i);

		world_user(w, name);
		choose(w, name,
			arena_format(
				w->arena, "A%c%c", 'A' + i / 26, 'A' + i % 26));
	}
	for (int i = 0; i < 8; i++)
		put_account(w, i + 1, "paper",
			arena_format(w->arena, "Q-%s", assets[i]), ONE);
	assert_int_equal(feed_rates(world_admin(w), &dollars, &list), ERR_OK);
	assert_true(list.count > 190 && list.count <= FEEDS_LIMIT);
}

int main(void)
{
#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, world_open, world_close)
	const struct CMUnitTest tests[] = {
		CASE(test_the_same_asset_needs_no_rate),
		CASE(test_without_a_rate_there_is_no_total),
		CASE(test_a_pairs_own_price),
		CASE(test_the_other_way_round),
		CASE(test_by_way_of_another),
		CASE(test_closed_candles_are_prices_too),
		CASE(test_the_setting_makes_them_equal),
		CASE(test_an_account_of_several_assets),
		CASE(test_paper_and_real_money_stay_apart),
		CASE(test_what_has_no_room),
		CASE(test_rates_are_rounded_half_to_even),
		CASE(test_amounts_are_rounded_half_to_even),
		CASE(test_what_is_needed_is_fetched),
		CASE(test_one_call_has_room_for_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
