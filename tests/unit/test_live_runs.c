/*
 * Strategies at an exchange that is a script: what is decided with a candle,
 * sent, filled, protected, left and given back; what is late, unknown, missing
 * or refused. Books are made anew from their fills and compared.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain_world.h"
#include "exchange.h"
#include "live_runs.h"
#include "orders.h"
#include "outbox.h"
#include "portfolio.h"
#include "risk.h"
#include "signal_runner.h"
#include "strategies.h"
#include "strategy_runs.h"

#define ONE INT64_C(100000000)
#define MINUTE INT64_C(60000)
#define CENT (ONE / 100)

static const struct limits rules = {.strategies_per_user = 100,
	.runs_per_user = 100,
	.trade = {.fee_maker = ONE / 1000,
		.fee_taker = ONE / 1000,
		.start_balance = 10000 * ONE,
		.most = {.open_orders = 200,
			.orders_per_minute = 1000000,
			.positions = 100}},
	.live = {.enabled = true,
		.quote = "USDT",
		.send_ms = 60000,
		.poll_ms = 5000}};

#define DEFINITION(stops)                                       \
	"{\"version\":1,\"name\":\"Live\",\"interval\":\"1m\"," \
	"\"entry\":{\"long\":\"close > open\"},"                \
	"\"exit\":{\"long\":\"close < 90\"}" stops "}"
#define BOTH_STOPS \
	",\"stops\":{\"stop_loss_pct\":\"5\",\"take_profit_pct\":\"10\"}"
#define ONE_STOP ",\"stops\":{\"stop_loss_pct\":\"5\"}"

/* ---- the world ---------------------------------------------------------------- */

/* One run, its user and the time. */
struct desk {
	struct world *w;
	int64_t first, now; /* open of the first candle */
	const char *strategy, *run;
	int64_t trade; /* the exchange's last number */
};

static struct scope *scope_at(struct desk *d)
{
	return scope_mint(
		d->w->arena, d->w->db, world_report(d->w), "alice", d->now);
}

static struct admin_scope *admin_at(struct desk *d)
{
	return admin_scope_mint(
		d->w->arena, d->w->db, world_report(d->w), "operator", d->now);
}

/* Candle k closes, and it is a moment later. */
static void candle(struct desk *d, int k, const char *open, const char *close)
{
	const struct import_options options = {
		.symbol = "BTC-USDT", .interval = "1m", .source = "test"};
	const int64_t at = d->first + k * MINUTE;
	struct import_report report;
	const char *path = folder_put(d->w->arena, d->w->folder, "import",
		arena_format(d->w->arena,
			"time,open,high,low,close,volume\n%lld,%s,200,1,%s,9\n",
			(long long)at, open, close));

	d->now = at + MINUTE + 1000;
	assert_int_equal(
		world_import_file(d->w, path, &options, &report), ERR_OK);
}

static int64_t time_us(void)
{
	return 0;
}

/* Decides on what closed. */
static int decide(struct desk *d)
{
	static const struct signal_runner_options options = {
		.history_bars = 100,
		.evaluators = 4,
		.memory = 8 << 20,
		.time_us = time_us};
	struct signal_runner *runner =
		signal_runner_open(d->w->arena, &options);
	struct signal_due *due;
	struct list list;
	int failed = 0;

	assert_int_equal(signal_plan(admin_at(d), &list), ERR_OK);
	due = arena_array(d->w->arena, list.count, sizeof(*due));
	if (list.count > 0)
		memcpy(due, list.items, list.count * sizeof(*due));
	signal_runner_limits(runner, &rules);
	for (size_t i = 0; i < list.count; i++)
		while (!due[i].done) {
			struct signal_step step;
			enum err err = signal_advance(
				runner, scope_at(d), &due[i], 1, &step);

			assert_true(err == ERR_OK || err == ERR_CONFLICT);
			failed += step.failed;
		}
	signal_runner_close(&runner);
	return failed;
}

/* Carries on what moved; how many runs were looked at. */
static size_t tick(struct desk *d)
{
	struct list list;
	bool ended;

	d->now += 10;
	assert_int_equal(
		live_runs_plan(admin_at(d), d->now - 5000, &list), ERR_OK);
	for (size_t i = 0; i < list.count; i++) {
		const struct live_run_due *due =
			(const struct live_run_due *)list.items + i;
		enum err err =
			live_run_tick(scope_at(d), &rules, due->run_id, &ended);

		if (err != ERR_OK && d->w->report->detail)
			print_error("%s\n", d->w->report->detail);
		assert_int_equal(err, ERR_OK);
	}
	return list.count;
}

static void put_secret(struct desk *d, const char *name)
{
	assert_int_equal(db_run(d->w->db,
				 "INSERT INTO user_secrets (user_id, name,"
				 " sealed, key_id, hint, updated_at) VALUES"
				 " ('alice', :name, x'00', 'k', '', 5)",
				 BINDS(bind_text(":name", name)), NULL),
		ERR_OK);
}

/* The account there against all books; what differed. */
static int64_t compared(struct desk *d, int64_t usdt, int64_t btc)
{
	const struct exchange_balance items[] = {{"USDT", usdt}, {"BTC", btc}};
	const struct list balances = {items, 2};
	struct exchange_difference difference;
	struct exchange_mark mark;

	d->now += 10;
	assert_int_equal(exchange_mark(scope_at(d), &mark), ERR_OK);
	assert_false(mark.busy);
	assert_int_equal(exchange_compare(scope_at(d), &rules, &mark, &balances,
				 &difference),
		ERR_OK);
	return difference.count;
}

static void put_rules(struct desk *d)
{
	assert_int_equal(
		exchange_rules_put(admin_at(d),
			&(const struct exchange_rules){.symbol = "BTC-USDT",
				.trading = true,
				.tick = CENT,
				.step = ONE / 1000,
				.lot_min = ONE / 1000,
				.value_min = 5 * ONE}),
		ERR_OK);
}

/* 1000 USDT there, and a price of 100. */
static struct desk desk_open(struct world *w)
{
	struct desk d = {.w = w, .first = world_now - 100 * MINUTE};

	d.first -= d.first % MINUTE;
	candle(&d, 0, "100", "100");
	put_secret(&d, exchange_secrets[0]);
	put_secret(&d, exchange_secrets[1]);
	assert_int_equal(
		exchange_keys_note(scope_at(&d),
			&(const struct exchange_verdict){.secrets_at = 5,
				.known = true,
				.can_trade = true}),
		ERR_OK);
	(void)compared(&d, 1000 * ONE, 0);
	put_rules(&d);
	return d;
}

static enum err try_start(struct desk *d, const char *text, const char *cash)
{
	const struct strategy_new new = {.definition = world_json(d->w, text)};
	struct strategy_run_new in = {.mode = "live", .symbol = "BTC-USDT"};
	struct decimal money;
	struct strategy_view strategy = {0};
	struct strategy_run_view view = {0};
	enum err err;

	assert_int_equal(
		strategy_create(scope_at(d), &rules, &new, &strategy), ERR_OK);
	assert_int_equal(decimal_parse(cash, strlen(cash), &money), ERR_OK);
	in.strategy_id = d->strategy = strategy.id;
	in.costs.cash = &money;
	err = strategy_run_start(scope_at(d), &rules, &in, &view);
	if (err == ERR_OK)
		d->run = view.id;
	return err;
}

static void start(struct desk *d, const char *text)
{
	enum err err = try_start(d, text, "500");

	if (err != ERR_OK && d->w->report->fault_count)
		print_error("%s %s\n", d->w->report->faults[0].pointer,
			d->w->report->faults[0].message);
	assert_int_equal(err, ERR_OK);
}

static struct strategy_run_view seen(struct desk *d)
{
	struct page page;

	assert_int_equal(strategy_run_list(scope_at(d), &rules, d->strategy,
				 &(struct page_query){.limit = 10}, &page),
		ERR_OK);
	return *(const struct strategy_run_view *)page.data.items;
}

static void assert_books_follow(struct desk *d)
{
	int64_t accounts = 0;
	enum err err = portfolio_check(admin_at(d), &accounts);

	if (err != ERR_OK)
		print_error("%s\n", d->w->report->detail);
	assert_int_equal(err, ERR_OK);
}

static int64_t number(struct desk *d, const char *sql)
{
	return world_number(d->w, sql);
}

/* ---- the exchange -------------------------------------------------------------- */

static struct outbox_item next(struct desk *d)
{
	struct outbox_item item = {0};

	d->now += 10;
	assert_int_equal(outbox_next(scope_at(d), &item), ERR_OK);
	return item;
}

static struct outbox_item sent(struct desk *d)
{
	struct outbox_item item = next(d);
	const struct outbox_window window = {
		d->now, d->now + 500, d->now + 9000};

	assert_int_equal(item.state, OUTBOX_QUEUED);
	assert_false(item.cancels);
	assert_int_equal(
		outbox_begin(scope_at(d), &rules, &item, &window), ERR_OK);
	return item;
}

/* What it says of an order: of it was filled so far, now, at that price. */
struct word {
	enum outbox_fate fate;
	int64_t before, now, price; /* quantities */
	const char *fee_asset;	    /* NULL: a thousandth of what comes */
	int64_t fee;
};

static void tells(
	struct desk *d, const struct outbox_item *item, const struct word *word)
{
	struct outbox_fill fill = {.trade = arena_format(d->w->arena, "%lld",
					   (long long)++d->trade),
		.quantity = word->now,
		.price = word->price,
		.fee = word->fee,
		.fee_asset = word->fee_asset};
	struct outbox_found what = {.fate = word->fate,
		.filled = word->before + word->now,
		.venue_order = "1",
		.next_at = d->now + 1};
	int64_t booked;

	if (!word->fee_asset && item->order.buys) {
		fill.fee = word->now / 1000;
		fill.fee_asset = "BTC";
	} else if (!word->fee_asset) {
		fill.fee = word->now / 1000 * (word->price / ONE);
		fill.fee_asset = "USDT";
	}
	if (word->now)
		what.fills = (struct list){&fill, 1};
	d->now += 10;
	assert_int_equal(
		outbox_found(scope_at(d), &rules, item, &what, &booked),
		ERR_OK);
}

/* The same of all of it, or (price 0) of none. */
static void says(struct desk *d, const struct outbox_item *item,
	enum outbox_fate fate, int64_t price)
{
	tells(d, item,
		&(const struct word){.fate = fate,
			.now = price ? item->order.quantity : 0,
			.price = price});
}

static struct outbox_order enter(struct desk *d, int k)
{
	struct outbox_item item;

	candle(d, k, "99", "100");
	assert_int_equal(decide(d), 0);
	item = sent(d);
	assert_true(item.order.buys);
	assert_int_equal(item.order.type, MATCH_MARKET);
	says(d, &item, FATE_FILLED, 100 * ONE);
	return item.order;
}

/* The pair that protects, resting there: [0] takes, [1] stops. */
static void protect(struct desk *d, struct outbox_item out[2])
{
	struct outbox_item item;

	assert_int_equal(tick(d), 1);
	item = sent(d);
	assert_non_null(item.other);
	assert_false(item.order.buys);
	out[0] = out[1] = item;
	out[item.order.type == MATCH_LIMIT].order = *item.other;
	assert_int_equal(out[0].order.type, MATCH_LIMIT);
	assert_int_equal(out[1].order.type, MATCH_STOP);
	for (int i = 0; i < 2; i++) {
		says(d, &out[i], FATE_OPEN, 0);
		out[i].state = OUTBOX_RESTING;
	}
	(void)tick(d);
	assert_int_equal(tick(d), 0);
}

/* ---- begun -------------------------------------------------------------------- */

static void test_money_goes_out_of_the_account(void **state)
{
	struct desk d = desk_open(*state);
	struct strategy_run_view view;

	start(&d, DEFINITION(BOTH_STOPS));
	view = seen(&d);
	assert_true(decimal_double(*view.cash) == 500.0);
	assert_true(decimal_double(*view.equity) == 500.0);
	assert_int_equal(number(&d, "SELECT sum(c.balance) FROM cash_entries c"
				    " WHERE c.seq = (SELECT max(seq) FROM"
				    " cash_entries m WHERE m.account ="
				    " c.account) AND c.account IN (SELECT"
				    " account FROM trade_accounts WHERE"
				    " venue = 'binance')"),
		1000 * ONE);
	/* both together are what is there */
	assert_int_equal(compared(&d, 1000 * ONE, 0), 0);
	/* a day's loss is none of it */
	assert_int_equal(number(&d, "SELECT max(start_equity - last_equity)"
				    " FROM risk_days"),
		0);
	assert_int_equal(try_start(&d, DEFINITION(""), "501"), ERR_BAD_INPUT);
	assert_true(world_fault_at(d.w, "/cash"));
	assert_int_equal(number(&d, "SELECT count(*) FROM strategy_runs"), 1);
	assert_books_follow(&d);
}

static void refused(struct desk *d, const char *text, const char *pointer)
{
	assert_int_equal(try_start(d, text, "100"), ERR_BAD_INPUT);
	assert_true(world_fault_at(d->w, pointer));
}

static void test_what_cannot_be_done_there_is_refused(void **state)
{
	struct desk d = desk_open(*state);

	refused(&d, DEFINITION(",\"stops\":{\"trailing_pct\":\"5\"}"),
		"/definition/stops/trailing_pct");
	refused(&d,
		DEFINITION(",\"stops\":{\"break_even\":{\"trigger_pct\":"
			   "\"2\",\"offset_pct\":\"1\"}}"),
		"/definition/stops/break_even");
	refused(&d, DEFINITION(",\"stops\":{\"max_bars\":5}"),
		"/definition/stops/max_bars");
	refused(&d, DEFINITION(",\"limits\":{\"max_open\":2}"),
		"/definition/limits/max_open");
	refused(&d, DEFINITION(",\"limits\":{\"cooldown_bars\":2}"),
		"/definition/limits/cooldown_bars");
	refused(&d,
		"{\"version\":1,\"name\":\"S\",\"interval\":\"1m\","
		"\"entry\":{\"short\":\"close > open\"},"
		"\"exit\":{\"short\":\"close < open\"}}",
		"/definition/entry/short");
	assert_int_equal(try_start(&d, DEFINITION(""), "0"), ERR_BAD_INPUT);
	assert_true(world_fault_at(d.w, "/cash"));
	assert_int_equal(number(&d, "SELECT count(*) FROM strategy_runs"), 0);
}

/* Nothing is decided before the exchange was asked about the symbol. */
static void test_waits_for_the_rules(void **state)
{
	struct desk d = desk_open(*state);

	assert_int_equal(
		db_run(d.w->db, "DELETE FROM exchange_rules", NO_BINDS, NULL),
		ERR_OK);
	start(&d, DEFINITION(BOTH_STOPS));
	candle(&d, 1, "99", "100");
	assert_int_equal(decide(&d), 0);
	assert_int_equal(number(&d, "SELECT count(*) FROM signals"), 0);
	put_rules(&d);
	assert_int_equal(decide(&d), 0);
	assert_int_equal(number(&d, "SELECT count(*) FROM signals"), 1);
	assert_int_equal(number(&d, "SELECT count(*) FROM outbox"), 1);
}

static void test_the_exchange_has_no_such_symbol(void **state)
{
	struct desk d = desk_open(*state);

	start(&d, DEFINITION(BOTH_STOPS));
	assert_int_equal(live_run_refused(scope_at(&d), d.run, "no"), ERR_OK);
	(void)tick(&d);
	assert_string_equal(seen(&d).state, "failed");
	assert_string_equal(seen(&d).error, "no");
	assert_int_equal(number(&d, "SELECT count(*) FROM trade_accounts"
				    " WHERE run_id IS NOT NULL"
				    " AND closed_at IS NULL"),
		0);
	assert_int_equal(compared(&d, 1000 * ONE, 0), 0);
}

/* ---- a position ------------------------------------------------------------------ */

static void test_bought_protected_and_stopped_out(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item pair[2];
	struct outbox_order bought;
	struct strategy_run_view view;

	start(&d, DEFINITION(BOTH_STOPS));
	bought = enter(&d, 1);
	/* 500 at 100.5 with the fee, in whole steps */
	assert_int_equal(bought.quantity, 4970 * ONE / 1000);
	protect(&d, pair);
	assert_int_equal(pair[0].order.price, 110 * ONE);
	assert_int_equal(pair[1].order.stop, 95 * ONE);
	/* the fee was taken from what was bought; whole steps of the rest */
	assert_int_equal(pair[1].order.quantity, 4965 * ONE / 1000);
	view = seen(&d);
	assert_int_equal(view.positions.count, 1);
	/* nothing more is bought, and what rests is let be */
	candle(&d, 2, "99", "101");
	assert_int_equal(decide(&d), 0);
	assert_int_equal(number(&d, "SELECT count(*) FROM orders WHERE"
				    " source = 'strategy'"),
		3);
	says(&d, &pair[1], FATE_FILLED, 95 * ONE);
	says(&d, &pair[0], FATE_EXPIRED, 0);
	assert_int_equal(tick(&d), 1);
	view = seen(&d);
	assert_int_equal(view.trades, 1);
	assert_int_equal(view.positions.count, 0);
	assert_string_equal(view.state, "running");
	assert_int_equal(number(&d, "SELECT count(*) FROM orders WHERE"
				    " type = 'stop' AND state = 'filled' AND"
				    " reason = 'stop_loss'"),
		1);
	/* 1000 - 497 + 4.965 * 95 - fee; dust of 0.00003 BTC */
	assert_int_equal(compared(&d,
				 1000 * ONE - 497 * ONE + 471675 * ONE / 1000 -
					 471675 * ONE / 1000000,
				 3000),
		0);
	assert_books_follow(&d);
	/* and is bought again */
	(void)enter(&d, 3);
	assert_books_follow(&d);
}

static void test_target_reached(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item pair[2];

	start(&d, DEFINITION(BOTH_STOPS));
	(void)enter(&d, 1);
	protect(&d, pair);
	says(&d, &pair[0], FATE_FILLED, 110 * ONE);
	says(&d, &pair[1], FATE_EXPIRED, 0);
	assert_int_equal(tick(&d), 1);
	assert_int_equal(seen(&d).trades, 1);
	assert_int_equal(number(&d, "SELECT count(*) FROM orders WHERE"
				    " type = 'limit' AND state = 'filled' AND"
				    " reason = 'take_profit'"),
		1);
	assert_books_follow(&d);
}

/* Takes the cancellations of so many orders that rest, in any order. */
static void cancelled(struct desk *d, struct outbox_item *rests, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct outbox_item item = next(d);
		size_t at = 0;

		assert_true(item.cancels);
		while (at < count && !text_equal(rests[at].order.order_id,
					     item.order.order_id))
			at++;
		assert_true(at < count);
		assert_int_equal(outbox_cancelled(scope_at(d), &item,
					 d->now + 5000, NULL),
			ERR_OK);
		says(d, &rests[at], FATE_CANCELLED, 0);
	}
}

static void test_left_by_a_signal(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item stop, sale;

	start(&d, DEFINITION(ONE_STOP));
	(void)enter(&d, 1);
	assert_int_equal(tick(&d), 1);
	stop = sent(&d);
	assert_int_equal(stop.order.stop, 95 * ONE);
	says(&d, &stop, FATE_OPEN, 0);
	stop.state = OUTBOX_RESTING;
	(void)tick(&d);
	/* however late it is seen */
	candle(&d, 2, "99", "89");
	d.now += 100 * MINUTE;
	assert_int_equal(decide(&d), 0);
	cancelled(&d, &stop, 1);
	assert_int_equal(tick(&d), 1);
	sale = sent(&d);
	assert_int_equal(sale.order.type, MATCH_MARKET);
	assert_false(sale.order.buys);
	says(&d, &sale, FATE_FILLED, 89 * ONE);
	assert_int_equal(tick(&d), 1);
	assert_int_equal(seen(&d).trades, 1);
	assert_int_equal(number(&d, "SELECT count(*) FROM orders WHERE"
				    " side = 'sell' AND type = 'market' AND"
				    " reason = 'signal'"),
		1);
	assert_books_follow(&d);
}

static void test_late_candles_buy_nothing(void **state)
{
	struct desk d = desk_open(*state);

	start(&d, DEFINITION(BOTH_STOPS));
	candle(&d, 1, "99", "100");
	d.now += 2 * MINUTE;
	assert_int_equal(decide(&d), 0);
	assert_int_equal(number(&d, "SELECT count(*) FROM orders WHERE"
				    " source = 'strategy'"),
		0);
	assert_int_equal(seen(&d).blocked, 1);
}

static void test_what_is_not_known_is_waited_for(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item item;

	start(&d, DEFINITION(BOTH_STOPS));
	candle(&d, 1, "99", "100");
	assert_int_equal(decide(&d), 0);
	item = sent(&d);
	assert_int_equal(
		outbox_lost(scope_at(&d), &item, d.now + 90000, NULL), ERR_OK);
	item.state = OUTBOX_UNKNOWN;
	candle(&d, 2, "99", "100");
	assert_int_equal(decide(&d), 0);
	(void)tick(&d);
	assert_int_equal(number(&d, "SELECT count(*) FROM orders WHERE"
				    " source = 'strategy'"),
		1);
	says(&d, &item, FATE_FILLED, 100 * ONE);
	assert_int_equal(tick(&d), 1);
	assert_int_equal(number(&d, "SELECT count(*) FROM orders WHERE"
				    " source = 'strategy'"),
		3);
	assert_books_follow(&d);
}

static void test_decided_once_a_candle(void **state)
{
	struct desk d = desk_open(*state);

	start(&d, DEFINITION(BOTH_STOPS));
	candle(&d, 1, "99", "100");
	for (int i = 0; i < 3; i++) {
		assert_int_equal(decide(&d), 0);
		(void)tick(&d);
	}
	assert_int_equal(number(&d, "SELECT count(*) FROM orders WHERE"
				    " source = 'strategy'"),
		1);
}

/* The stop was reached before it could rest: it is left at the market. */
static void test_a_refused_stop_is_left_at_once(void **state)
{
	static const struct outbox_note note = {-2010, "would trigger"};
	struct desk d = desk_open(*state);
	struct outbox_item stop, sale;

	start(&d, DEFINITION(ONE_STOP));
	(void)enter(&d, 1);
	(void)tick(&d);
	stop = sent(&d);
	assert_int_equal(
		outbox_refused(scope_at(&d), &stop, "venue", &note), ERR_OK);
	(void)tick(&d);
	sale = sent(&d);
	assert_int_equal(sale.order.type, MATCH_MARKET);
	/* and if that is refused as well, it says so and touches nothing */
	assert_int_equal(
		outbox_refused(scope_at(&d), &sale, "venue", &note), ERR_OK);
	(void)tick(&d);
	assert_string_equal(seen(&d).state, "failed");
	assert_non_null(strstr(seen(&d).error, "did not sell"));
	assert_int_equal(seen(&d).positions.count, 1);
	assert_books_follow(&d);
}

/* However long the exchange is away, the position is protected afterwards. */
static void test_an_outage_is_no_try(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item item;

	start(&d, DEFINITION(ONE_STOP));
	(void)enter(&d, 1);
	for (int i = 0; i < 25; i++) {
		(void)tick(&d);
		item = next(&d);
		d.now = item.until_at;
		assert_int_equal(
			outbox_wait(scope_at(&d), &item, d.now, NULL), ERR_OK);
	}
	assert_int_equal(number(&d, "SELECT count(*) FROM orders WHERE"
				    " reason = 'not_sent'"),
		25);
	(void)tick(&d);
	assert_string_equal(seen(&d).state, "running");
	item = sent(&d);
	assert_int_equal(item.order.type, MATCH_STOP);
	says(&d, &item, FATE_OPEN, 0);
	assert_books_follow(&d);
}

/* Keys that are gone are no price that was reached: it waits for others. */
static void test_without_keys_it_waits(void **state)
{
	static const char orders[] = "SELECT count(*) FROM orders WHERE"
				     " source = 'strategy'";
	static const struct outbox_note note = {0, "there are no keys"};
	struct desk d = desk_open(*state);
	struct outbox_item item;

	start(&d, DEFINITION(ONE_STOP));
	(void)enter(&d, 1);
	(void)tick(&d);
	item = next(&d);
	assert_int_equal(
		db_run(d.w->db, "DELETE FROM user_secrets", NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(
		outbox_refused(scope_at(&d), &item, "keys", &note), ERR_OK);
	for (int i = 0; i < 3; i++)
		(void)tick(&d);
	assert_int_equal(number(&d, orders), 2);
	assert_string_equal(seen(&d).state, "running");
	for (size_t i = 0; i < 2; i++)
		put_secret(&d, exchange_secrets[i]);
	d.now += 5000;
	(void)tick(&d);
	item = sent(&d);
	assert_int_equal(item.order.type, MATCH_STOP);
	assert_int_equal(number(&d, orders), 3);
	assert_books_follow(&d);
}

/* ---- over -------------------------------------------------------------------------- */

static void stop(struct desk *d, bool close)
{
	struct list list;

	assert_int_equal(
		strategy_run_stop(scope_at(d), &rules,
			&(const struct strategy_run_stop){
				.strategy_id = d->strategy, .close = close},
			&list),
		ERR_OK);
	assert_int_equal(list.count, 1);
}

static void assert_given_back(struct desk *d)
{
	assert_int_equal(number(d, "SELECT count(*) FROM trade_accounts WHERE"
				   " run_id IS NOT NULL AND closed_at IS NULL"),
		0);
	assert_int_equal(number(d, "SELECT count(*) FROM positions p JOIN"
				   " trade_accounts a ON a.account = p.account"
				   " AND a.run_id IS NOT NULL WHERE"
				   " p.quantity <> 0"),
		0);
	assert_books_follow(d);
}

static void test_stopped_and_sold(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item pair[2], sale;
	const int64_t left = 1000 * ONE - 497 * ONE + 4965 * 96 * ONE / 1000 -
			     4965 * 96 * (ONE / 1000000);

	start(&d, DEFINITION(BOTH_STOPS));
	(void)enter(&d, 1);
	protect(&d, pair);
	stop(&d, true);
	assert_string_equal(seen(&d).state, "stopped");
	cancelled(&d, pair, 2);
	(void)tick(&d);
	sale = sent(&d);
	says(&d, &sale, FATE_FILLED, 96 * ONE);
	(void)tick(&d);
	assert_given_back(&d);
	assert_int_equal(seen(&d).trades, 1);
	assert_true(decimal_double(*seen(&d).equity) < 500.0);
	assert_true(decimal_double(*seen(&d).equity) > 470.0);
	assert_int_equal(compared(&d, left, 3000), 0);
	assert_int_equal(tick(&d), 0);
}

static void test_stopped_before_it_bought(void **state)
{
	struct desk d = desk_open(*state);

	start(&d, DEFINITION(BOTH_STOPS));
	stop(&d, true);
	(void)tick(&d);
	assert_given_back(&d);
	assert_int_equal(compared(&d, 1000 * ONE, 0), 0);
	start(&d, DEFINITION(BOTH_STOPS));
	/* given, and not sent yet: it never is */
	candle(&d, 1, "99", "100");
	assert_int_equal(decide(&d), 0);
	stop(&d, true);
	(void)tick(&d);
	assert_given_back(&d);
	assert_int_equal(compared(&d, 1000 * ONE, 0), 0);
}

static void halt(struct desk *d, const char *cancel)
{
	const struct risk_halting in = {.by = "manual", .cancel = cancel};
	struct risk_view view;

	assert_int_equal(risk_halt(scope_at(d), &rules, &in, &view), ERR_OK);
	assert_string_equal(view.state, "halted");
}

static int64_t on_their_way(struct desk *d)
{
	return number(d, "SELECT count(*) FROM outbox WHERE state <> 'done'");
}

/* What protects stays, and what it comes to is booked as ever. */
static void test_halted(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item pair[2];

	start(&d, DEFINITION(BOTH_STOPS));
	(void)enter(&d, 1);
	protect(&d, pair);
	halt(&d, NULL);
	assert_string_equal(seen(&d).state, "stopped");
	d.now += 6000;
	assert_int_equal(tick(&d), 1);
	assert_int_equal(on_their_way(&d), 2);
	/* decides nothing any more */
	candle(&d, 2, "99", "80");
	assert_int_equal(decide(&d), 0);
	assert_int_equal(on_their_way(&d), 2);
	says(&d, &pair[1], FATE_FILLED, 95 * ONE);
	says(&d, &pair[0], FATE_EXPIRED, 0);
	(void)tick(&d);
	assert_int_equal(seen(&d).trades, 1);
	assert_given_back(&d);
}

static void test_halted_with_all(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item pair[2];

	start(&d, DEFINITION(BOTH_STOPS));
	(void)enter(&d, 1);
	protect(&d, pair);
	halt(&d, "all");
	cancelled(&d, pair, 2);
	for (int i = 0; i < 2; i++) {
		d.now += 6000;
		assert_int_equal(tick(&d), 1);
	}
	/* held, by nobody's hand */
	assert_int_equal(seen(&d).positions.count, 1);
	assert_int_equal(on_their_way(&d), 0);
	assert_books_follow(&d);
}

/* It was on its way: what it bought is protected, halted or not. */
static void test_bought_in_spite_of_a_halt(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item bought, pair[2];

	start(&d, DEFINITION(BOTH_STOPS));
	candle(&d, 1, "99", "100");
	assert_int_equal(decide(&d), 0);
	bought = sent(&d);
	halt(&d, NULL);
	says(&d, &bought, FATE_FILLED, 100 * ONE);
	protect(&d, pair);
	assert_int_equal(pair[1].order.stop, 95 * ONE);
	assert_string_equal(seen(&d).state, "stopped");
	assert_books_follow(&d);
}

/* Nor does its strategy's removal take the protection away. */
static void test_bought_by_a_strategy_that_is_gone(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item bought, pair[2];

	start(&d, DEFINITION(BOTH_STOPS));
	candle(&d, 1, "99", "100");
	assert_int_equal(decide(&d), 0);
	bought = sent(&d);
	assert_int_equal(strategy_remove(scope_at(&d), d.strategy, 0), ERR_OK);
	says(&d, &bought, FATE_FILLED, 100 * ONE);
	protect(&d, pair);
	says(&d, &pair[0], FATE_FILLED, 110 * ONE);
	says(&d, &pair[1], FATE_EXPIRED, 0);
	(void)tick(&d);
	assert_given_back(&d);
}

static void test_not_bought_because_of_a_halt(void **state)
{
	struct desk d = desk_open(*state);

	start(&d, DEFINITION(BOTH_STOPS));
	candle(&d, 1, "99", "100");
	assert_int_equal(decide(&d), 0);
	halt(&d, NULL);
	(void)tick(&d);
	assert_int_equal(on_their_way(&d), 0);
	assert_given_back(&d);
}

static void order_taken_back(struct desk *d, const struct outbox_item *item)
{
	struct order_view view;

	assert_int_equal(
		order_cancel(scope_at(d), item->order.order_id, &view), ERR_OK);
}

/* A stop that is gone is given again; one that its owner took back is his. */
static void test_protected_while_halted(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item stop;

	start(&d, DEFINITION(ONE_STOP));
	(void)enter(&d, 1);
	halt(&d, NULL);
	for (int i = 0; i < 2; i++) {
		(void)tick(&d);
		stop = sent(&d);
		assert_int_equal(stop.order.stop, 95 * ONE);
		says(&d, &stop, i ? FATE_OPEN : FATE_EXPIRED, 0);
	}
	stop.state = OUTBOX_RESTING;
	order_taken_back(&d, &stop);
	cancelled(&d, &stop, 1);
	(void)tick(&d);
	assert_int_equal(on_their_way(&d), 0);
	assert_int_equal(seen(&d).positions.count, 1);
	assert_books_follow(&d);
}

/* For everybody: it ends with its next candle, and what it holds is protected
   before and after. */
static void test_halted_for_everybody(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item stop;

	start(&d, DEFINITION(ONE_STOP));
	(void)enter(&d, 1);
	assert_int_equal(db_run(d.w->db,
				 "INSERT INTO system_settings (name, value,"
				 " updated_at, updated_by) VALUES"
				 " ('TRADING_HALTED', 'true', 1, 'x')",
				 NO_BINDS, NULL),
		ERR_OK);
	(void)tick(&d);
	stop = sent(&d);
	says(&d, &stop, FATE_EXPIRED, 0);
	candle(&d, 2, "99", "89");
	assert_int_equal(decide(&d), 0);
	assert_string_equal(seen(&d).state, "stopped");
	(void)tick(&d);
	stop = sent(&d);
	assert_int_equal(stop.order.type, MATCH_STOP);
	says(&d, &stop, FATE_FILLED, 95 * ONE);
	(void)tick(&d);
	assert_given_back(&d);
}

/* ---- the second line ------------------------------------------------------------ */

static void quote(struct desk *d, const char *price)
{
	assert_int_equal(
		db_run(d->w->db,
			"INSERT INTO quotes (symbol, source, price, at,"
			" received_at, fresh_until, day, seq) VALUES"
			" ('BTC-USDT', 'binance', :price * 100000000, :now,"
			" :now, :now + 10000, 0, 1) ON CONFLICT (symbol)"
			" DO UPDATE SET price = excluded.price,"
			" at = excluded.at, received_at = excluded.received_at,"
			" fresh_until = excluded.fresh_until,"
			" seq = quotes.seq + 1",
			BINDS(bind_int(":price", strtoll(price, NULL, 10)),
				bind_int(":now", d->now)),
			NULL),
		ERR_OK);
}

static void sold_at_the_market(
	struct desk *d, struct outbox_item *rests, size_t count)
{
	struct outbox_item sale;

	assert_int_equal(tick(d), 1);
	cancelled(d, rests, count);
	assert_int_equal(tick(d), 1);
	sale = sent(d);
	assert_int_equal(sale.order.type, MATCH_MARKET);
	assert_false(sale.order.buys);
	says(d, &sale, FATE_FILLED, 94 * ONE);
	(void)tick(d);
	assert_int_equal(seen(d).trades, 1);
	assert_int_equal(on_their_way(d), 0);
	assert_books_follow(d);
}

/* Filled in part, its pair is gone there. */
static void test_a_stop_that_is_gone_is_watched_here(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item pair[2];

	start(&d, DEFINITION(BOTH_STOPS));
	(void)enter(&d, 1);
	protect(&d, pair);
	tells(&d, &pair[0],
		&(const struct word){.now = ONE, .price = 110 * ONE});
	says(&d, &pair[1], FATE_EXPIRED, 0);
	(void)tick(&d);
	assert_int_equal(on_their_way(&d), 1);
	d.now += 100;
	quote(&d, "96");
	assert_int_equal(tick(&d), 0);
	d.now += 100;
	quote(&d, "95");
	pair[0].order.quantity = 0; /* nothing more of it */
	assert_int_equal(tick(&d), 1);
	{
		struct outbox_item item = next(&d), sale;

		assert_true(item.cancels);
		assert_int_equal(outbox_cancelled(scope_at(&d), &item,
					 d.now + 5000, NULL),
			ERR_OK);
		tells(&d, &pair[0],
			&(const struct word){
				.fate = FATE_CANCELLED, .before = ONE});
		assert_int_equal(tick(&d), 1);
		sale = sent(&d);
		assert_int_equal(sale.order.type, MATCH_MARKET);
		assert_int_equal(sale.order.quantity, 3965 * ONE / 1000);
		says(&d, &sale, FATE_FILLED, 95 * ONE);
	}
	(void)tick(&d);
	assert_int_equal(seen(&d).trades, 1);
	assert_int_equal(number(&d, "SELECT count(*) FROM orders WHERE"
				    " type = 'market' AND reason ="
				    " 'stop_loss'"),
		1);
	assert_books_follow(&d);
}

/* It rests, the price is through it, and the exchange does nothing. */
static void test_a_stop_that_does_nothing_is_watched_here(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item pair[2];

	start(&d, DEFINITION(BOTH_STOPS));
	(void)enter(&d, 1);
	protect(&d, pair);
	/* 94.9 would be within what two prices may differ by */
	for (int i = 0; i < 2; i++) {
		d.now += 100;
		quote(&d, "94");
		assert_int_equal(tick(&d), 1);
		d.now += 4000;
		assert_int_equal(on_their_way(&d), 2);
		if (i == 0) {
			quote(&d, "96");
			d.now += 2000;
			assert_int_equal(tick(&d), 1);
		}
	}
	d.now += 1500;
	quote(&d, "94");
	sold_at_the_market(&d, pair, 2);
}

/* A halt keeps neither of the two lines away. */
static void test_watched_here_while_halted(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item pair[2];

	start(&d, DEFINITION(BOTH_STOPS));
	(void)enter(&d, 1);
	protect(&d, pair);
	halt(&d, NULL);
	says(&d, &pair[1], FATE_EXPIRED, 0);
	(void)tick(&d);
	assert_int_equal(on_their_way(&d), 1);
	d.now += 100;
	quote(&d, "94");
	sold_at_the_market(&d, pair, 1);
	assert_given_back(&d);
}

/* What was quoted before it was bought, or long ago, sells nothing. */
static void test_old_quotes_sell_nothing(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item stop;

	start(&d, DEFINITION(ONE_STOP));
	candle(&d, 1, "99", "100");
	quote(&d, "90");
	d.now += 100;
	assert_int_equal(decide(&d), 0);
	stop = sent(&d);
	says(&d, &stop, FATE_FILLED, 100 * ONE);
	assert_int_equal(tick(&d), 1);
	stop = sent(&d);
	assert_int_equal(stop.order.type, MATCH_STOP);
	says(&d, &stop, FATE_EXPIRED, 0);
	quote(&d, "90");
	d.now += 11000;
	assert_int_equal(tick(&d), 1);
	assert_int_equal(sent(&d).order.type, MATCH_STOP);
}

/* What a target left is worth too little to be sold: an asset of the account. */
static void test_a_rest_that_cannot_be_sold(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item pair[2], item;
	struct word word = {.now = 4925 * ONE / 1000, .price = 110 * ONE};

	start(&d, DEFINITION(BOTH_STOPS));
	(void)enter(&d, 1);
	protect(&d, pair);
	tells(&d, &pair[0], &word);
	says(&d, &pair[1], FATE_EXPIRED, 0);
	(void)tick(&d);
	/* as long as it rests it may still be sold there */
	assert_int_equal(on_their_way(&d), 1);
	assert_int_equal(seen(&d).trades, 0);
	stop(&d, true);
	item = next(&d);
	assert_true(item.cancels);
	assert_int_equal(
		outbox_cancelled(scope_at(&d), &item, d.now + 5000, NULL),
		ERR_OK);
	tells(&d, &pair[0],
		&(const struct word){
			.fate = FATE_CANCELLED, .before = word.now});
	(void)tick(&d);
	assert_int_equal(on_their_way(&d), 0);
	assert_string_equal(seen(&d).state, "stopped");
	assert_int_equal(seen(&d).trades, 1);
	assert_given_back(&d);
	/* 0.04, and what was no whole step before */
	assert_int_equal(number(&d, "SELECT sum(quantity) FROM positions"),
		4 * ONE / 100 + 3000);
}

/* Taken in another asset it is nobody's of the two: size and money are whole. */
static void test_fees_in_another_asset(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item item, pair[2];
	struct word word = {.fate = FATE_FILLED,
		.price = 100 * ONE,
		.fee_asset = "BNB",
		.fee = ONE / 1000};
	int64_t quantity;

	start(&d, DEFINITION(BOTH_STOPS));
	candle(&d, 1, "99", "100");
	assert_int_equal(decide(&d), 0);
	item = sent(&d);
	word.now = quantity = item.order.quantity;
	tells(&d, &item, &word);
	protect(&d, pair);
	assert_int_equal(pair[1].order.quantity, quantity);
	assert_int_equal(pair[1].order.stop, 95 * ONE);
	assert_int_equal(
		compared(&d, 1000 * ONE - 100 * quantity, quantity), 0);
	word.price = 110 * ONE;
	tells(&d, &pair[0], &word);
	says(&d, &pair[1], FATE_EXPIRED, 0);
	(void)tick(&d);
	assert_int_equal(seen(&d).trades, 1);
	assert_int_equal(compared(&d, 1000 * ONE + 10 * quantity, 0), 0);
	stop(&d, true);
	(void)tick(&d);
	assert_given_back(&d);
	assert_int_equal(compared(&d, 1000 * ONE + 10 * quantity, 0), 0);
}

static void test_less_is_there_than_it_believes(void **state)
{
	struct desk d = desk_open(*state);
	struct outbox_item pair[2];

	start(&d, DEFINITION(BOTH_STOPS));
	(void)enter(&d, 1);
	protect(&d, pair);
	assert_int_equal(compared(&d, 503 * ONE, ONE), 0);
	assert_string_equal(seen(&d).state, "failed");
	assert_non_null(strstr(seen(&d).error, "less BTC-USDT"));
	assert_int_equal(seen(&d).positions.count, 1);
	assert_int_equal(number(&d, "SELECT count(*) FROM orders WHERE"
				    " state = 'accepted'"),
		2);
	/* over, its book is brought to what is there */
	assert_int_equal(compared(&d, 503 * ONE, ONE), 1);
	assert_int_equal(
		number(&d, "SELECT sum(quantity) FROM positions"), ONE);
	assert_int_equal(compared(&d, 503 * ONE, ONE), 0);
	assert_books_follow(&d);
}

static void test_money_that_went_elsewhere(void **state)
{
	struct desk d = desk_open(*state);

	start(&d, DEFINITION(BOTH_STOPS));
	assert_int_equal(compared(&d, 600 * ONE, 0), 1);
	assert_string_equal(seen(&d).state, "running");
	assert_int_equal(compared(&d, 400 * ONE, 0), 1);
	assert_string_equal(seen(&d).state, "failed");
	(void)tick(&d);
	assert_given_back(&d);
	assert_int_equal(compared(&d, 400 * ONE, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_money_goes_out_of_the_account),
		WORLD_TEST(test_what_cannot_be_done_there_is_refused),
		WORLD_TEST(test_waits_for_the_rules),
		WORLD_TEST(test_the_exchange_has_no_such_symbol),
		WORLD_TEST(test_bought_protected_and_stopped_out),
		WORLD_TEST(test_target_reached),
		WORLD_TEST(test_left_by_a_signal),
		WORLD_TEST(test_late_candles_buy_nothing),
		WORLD_TEST(test_what_is_not_known_is_waited_for),
		WORLD_TEST(test_decided_once_a_candle),
		WORLD_TEST(test_a_refused_stop_is_left_at_once),
		WORLD_TEST(test_an_outage_is_no_try),
		WORLD_TEST(test_without_keys_it_waits),
		WORLD_TEST(test_stopped_and_sold),
		WORLD_TEST(test_stopped_before_it_bought),
		WORLD_TEST(test_halted),
		WORLD_TEST(test_halted_with_all),
		WORLD_TEST(test_bought_in_spite_of_a_halt),
		WORLD_TEST(test_bought_by_a_strategy_that_is_gone),
		WORLD_TEST(test_not_bought_because_of_a_halt),
		WORLD_TEST(test_protected_while_halted),
		WORLD_TEST(test_halted_for_everybody),
		WORLD_TEST(test_a_stop_that_is_gone_is_watched_here),
		WORLD_TEST(test_a_stop_that_does_nothing_is_watched_here),
		WORLD_TEST(test_watched_here_while_halted),
		WORLD_TEST(test_old_quotes_sell_nothing),
		WORLD_TEST(test_a_rest_that_cannot_be_sold),
		WORLD_TEST(test_fees_in_another_asset),
		WORLD_TEST(test_less_is_there_than_it_believes),
		WORLD_TEST(test_money_that_went_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
