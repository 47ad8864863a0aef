/*
 * Strategies that trade on paper: over recorded candles they make the trades
 * of their backtest to the last unit, whatever was restarted in between; risk
 * before each entry; books of their own; stopped, halted, failed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <time.h>

#include "orders.h"
#include "portfolio.h"
#include "risk.h"
#include "signal_runner.h"
#include "signals.h"
#include "strategy_help.h"
#include "strategy_runs.h"

#define ONE INT64_C(100000000)
#define MINUTE INT64_C(60000)

static const struct limits rules = {.strategies_per_user = 100,
	.backtests_per_user = 100,
	.backtest_bars = 100000,
	.runs_per_user = 100,
	.backtest_inline_work = 1000000000,
	.backtest_candle_bytes = 1 << 30,
	.backtest_runs_hour = 1000,
	.runs_at_once = 100,
	.run_seconds = 50,
	.trade = {.start_balance = 10000 * ONE,
		.most = {.open_orders = 200,
			.orders_per_minute = 1000000,
			.positions = 100}}};

static int64_t time_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static const struct signal_runner_options options = {.history_bars = 5000,
	.evaluators = 64,
	.memory = 64 << 20,
	.time_us = time_us};

/* ---- the world ---------------------------------------------------------------- */

struct recorded {
	const char *path, *symbol, *interval;
	int64_t interval_ms, first; /* open of the first candle */
};
static const struct recorded daily = {
	"data/GOOG-1d.csv", "GOOG", "1d", DAY, INT64_C(1092873600000)};
static const struct recorded minutes = {
	"data/BTC-USD-1m.csv", "BTC", "1m", MINUTE, INT64_C(1643088720000)};

/* The first so many candles of a file that ships with Kontor. */
static void put_recorded(
	struct world *w, const struct recorded *from, int count)
{
	const struct import_options import = {.symbol = from->symbol,
		.interval = from->interval,
		.source = "test"};
	struct import_report report;
	FILE *file = fopen(from->path, "r");
	char line[256];
	struct buf text;

	assert_non_null(file);
	buf_init(&text, w->arena, 1 << 20);
	for (int i = 0; i <= count; i++) {
		assert_non_null(fgets(line, sizeof(line), file));
		buf_text(&text, line);
	}
	(void)fclose(file);
	assert_int_equal(world_import(w, text.data, &import, &report), ERR_OK);
}

static struct scope *alice_at(struct world *w, int64_t now)
{
	return scope_mint(w->arena, w->db, world_report(w), "alice", now);
}

static const char *strategy_of(struct world *w, const char *text)
{
	const struct strategy_new in = {.definition = world_json(w, text)};
	struct strategy_view view = {0};
	enum err err = strategy_create(world_alice(w), &rules, &in, &view);

	if (err != ERR_OK)
		print_error("%s: %s %s\n", text, w->report->faults[0].pointer,
			w->report->faults[0].message);
	assert_int_equal(err, ERR_OK);
	return view.id;
}

static struct strategy_run_view start(struct world *w, const char *id,
	const struct recorded *on, const struct backtest_new *costs)
{
	const struct strategy_run_new in = {.strategy_id = id,
		.mode = "paper",
		.symbol = on->symbol,
		.interval = on->interval,
		.costs = *costs};
	struct strategy_run_view view = {0};
	enum err err = strategy_run_start(world_alice(w), &rules, &in, &view);

	if (err != ERR_OK && w->report->fault_count)
		print_error("%s %s\n", w->report->faults[0].pointer,
			w->report->faults[0].message);
	assert_int_equal(err, ERR_OK);
	return view;
}

/* All that are due at that time, to their end; how many failed. */
static int advance(struct world *w, struct signal_runner *runner,
	const struct limits *limits, int64_t now)
{
	struct arena *arena = arena_open((size_t)64 << 20);
	struct admin_scope *admin = admin_scope_mint(
		arena, w->db, report_open(arena), "operator", now);
	struct signal_due *due;
	struct list list;
	int failed = 0;

	assert_int_equal(signal_plan(admin, &list), ERR_OK);
	due = arena_array(arena, list.count, sizeof(*due));
	if (list.count > 0)
		memcpy(due, list.items, list.count * sizeof(*due));
	signal_runner_limits(runner, limits);
	for (size_t i = 0; i < list.count; i++)
		while (!due[i].done) {
			struct signal_step step;
			struct scope *scope = scope_mint(arena, w->db,
				report_open(arena), due[i].user_id, now);
			enum err err = signal_advance(runner, scope, &due[i],
				time_us() + 10000000, &step);

			assert_true(err == ERR_OK || err == ERR_CONFLICT);
			failed += step.failed;
		}
	arena_close(&arena);
	return failed;
}

static void allow(struct world *w, const struct risk_change *change)
{
	struct risk_change in = *change;
	struct risk_view view;

	in.orders_per_minute = 1000000;
	assert_int_equal(risk_put(world_alice(w), &rules, &in, &view), ERR_OK);
}

static struct strategy_run_view run_again(
	struct world *w, const char *strategy_id, int64_t now)
{
	struct page page;

	assert_int_equal(
		strategy_run_list(alice_at(w, now), &rules, strategy_id,
			&(struct page_query){.limit = 10}, &page),
		ERR_OK);
	assert_true(page.data.count > 0);
	return *(const struct strategy_run_view *)page.data.items;
}

static void assert_books_follow(struct world *w)
{
	int64_t accounts = 0;
	enum err err = portfolio_check(world_admin(w), &accounts);

	if (err != ERR_OK)
		print_error("%s\n", w->report->detail);
	assert_int_equal(err, ERR_OK);
}

/* ---- the same as its backtest ---------------------------------------------------- */

static const char *units_of(
	struct world *w, const struct json *trade, const char *member)
{
	struct decimal value, scaled;

	assert_int_equal(decimal_parse(json_member(trade, member)->text,
				 json_member(trade, member)->len, &value),
		ERR_OK);
	assert_int_equal(decimal_rescale(value, 8, &scaled), ERR_OK);
	return arena_format(w->arena, "%lld",
		(long long)(scaled.units < 0 ? -scaled.units : scaled.units));
}

/* quantity entry exit fee fee pnl reason, one line a trade, of a backtest. */
static const char *backtest_lines(struct world *w, const char *strategy_id,
	const struct recorded *on, const struct backtest_new *costs)
{
	struct backtest_new in = *costs;
	struct backtest_view view = {0};
	const struct json *trades;
	struct buf text;

	in.strategy_id = strategy_id;
	in.symbol = on->symbol;
	in.interval = on->interval;
	in.finalize = false;
	assert_int_equal(
		backtest_create(world_alice(w), &rules, &in, &view), ERR_OK);
	assert_null(view.trades_rest);
	trades = world_json(w, view.trades.text);
	buf_init(&text, w->arena, 1 << 20);
	for (const struct json *one = trades->first; one; one = one->next) {
		const char *pnl = json_member(one, "pnl")->text;

		buf_format(&text, "%s %s %s %s %s %s%s %s\n",
			units_of(w, one, "size"),
			units_of(w, one, "entry_price"),
			units_of(w, one, "exit_price"),
			units_of(w, one, "entry_fee"),
			units_of(w, one, "exit_fee"), pnl[0] == '-' ? "-" : "",
			units_of(w, one, "pnl"),
			json_member(one, "exit_reason")->text);
	}
	return text.data ? text.data : "";
}

/* The same of a run's book. */
static const char *book_lines(struct world *w, const char *run_id)
{
	static const char sql[] =
		"SELECT x.quantity, e.price, x.price, e.fee, x.fee,"
		" x.realised - e.fee - x.fee, o.reason FROM fills x"
		" JOIN fills e ON e.user_id = x.user_id"
		" AND e.account = x.account AND e.seq = x.closes"
		" JOIN orders o ON o.id = x.order_id WHERE o.run_id = :run"
		" AND x.quantity = e.quantity ORDER BY x.seq";
	struct rows *rows;
	struct buf text;
	bool more;

	buf_init(&text, w->arena, 1 << 20);
	assert_int_equal(db_query(w->db, w->arena, sql,
				 BINDS(bind_text(":run", run_id)), &rows),
		ERR_OK);
	while (rows_next(rows, &more) == ERR_OK && more)
		buf_format(&text, "%lld %lld %lld %lld %lld %lld %s\n",
			(long long)rows_int(rows, 0),
			(long long)rows_int(rows, 1),
			(long long)rows_int(rows, 2),
			(long long)rows_int(rows, 3),
			(long long)rows_int(rows, 4),
			(long long)rows_int(rows, 5), rows_text(rows, 6));
	rows_end(rows);
	return text.data ? text.data : "";
}

#define RULES(more)                                                     \
	"{\"version\":1,\"name\":\"N\",\"interval\":\"1d\",\"entry\":{" \
	"\"long\":\"crosses_above(ema(close, 3), ema(close, 8))\"},"    \
	"\"exit\":{\"long\":\"crosses_below(ema(close, 3), ema(close,"  \
	" 8))\"}" more "}"
#define BOTH(more)                                                      \
	"{\"version\":1,\"name\":\"N\",\"interval\":\"1d\",\"entry\":{" \
	"\"long\":\"close > sma(close, 5)\","                           \
	"\"short\":\"close < sma(close, 5)\"}" more "}"
#define OFTEN(more)                                                     \
	"{\"version\":1,\"name\":\"N\",\"interval\":\"1d\",\"entry\":{" \
	"\"long\":\"rsi(close, 4) < 45\"},"                             \
	"\"exit\":{\"long\":\"rsi(close, 4) > 70\"}" more "}"

static const struct decimal cash = {10000, 0}, fee = {123, 5}, maker = {2, 4},
			    taker = {55, 5}, fixed = {37, 2}, spread = {13, 5},
			    slippage = {21, 5}, tick = {5, 2}, lot = {125, 3},
			    half = {5, 1};

struct kind {
	const char *what, *text;
	struct backtest_new costs;
};
static const struct kind kinds[] = {
	{"signals", RULES(""), {.cash = &cash}},
	{"signals and fees", RULES(""),
		{.cash = &cash,
			.fee = &fee,
			.spread = &spread,
			.slippage = &slippage}},
	{"stops",
		OFTEN(",\"stops\":{\"stop_loss_pct\":\"2\","
		      "\"take_profit_pct\":\"3\"}"),
		{.cash = &cash, .fee_maker = &maker, .fee_taker = &taker}},
	{"trailing",
		OFTEN(",\"stops\":{\"trailing_pct\":\"2\","
		      "\"trailing_activation_pct\":\"1\","
		      "\"break_even\":{\"trigger_pct\":\"1\","
		      "\"offset_pct\":\"0.2\"}}"),
		{.cash = &cash, .fee = &fee, .fee_fixed = &fixed}},
	{"ranges",
		OFTEN(",\"stops\":{\"stop_loss_atr\":{\"period\":5,"
		      "\"multiple\":\"1.5\"},\"take_profit_atr\":{"
		      "\"period\":5,\"multiple\":\"2\"}},"
		      "\"sizing\":{\"mode\":\"risk_pct\",\"pct\":\"1\"}"),
		{.cash = &cash, .fee = &fee, .lot = &lot}},
	{"a table of minutes",
		OFTEN(",\"stops\":{\"roi\":[[0,\"4\"],[2880,\"2\"],"
		      "[5760,\"0.5\"]],\"max_bars\":9}"),
		{.cash = &cash, .tick = &tick}},
	{"both sides", BOTH(",\"stops\":{\"stop_loss_pct\":\"3\"}"),
		{.cash = &cash, .fee = &fee}},
	{"short, half borrowed",
		BOTH(",\"sizing\":{\"mode\":\"pct_equity\",\"pct\":\"40\"},"
		     "\"stops\":{\"trailing_pct\":\"4\"}"),
		{.cash = &cash, .fee = &fee, .margin = &half}},
	{"several at once",
		OFTEN(",\"limits\":{\"max_open\":4},\"sizing\":{"
		      "\"mode\":\"quote\",\"amount\":\"1500\"},"
		      "\"stops\":{\"stop_loss_pct\":\"2.5\","
		      "\"take_profit_pct\":\"2\"}"),
		{.cash = &cash, .fee = &fee, .slippage = &slippage}},
	{"limits",
		OFTEN(",\"limits\":{\"max_open\":2,\"cooldown_bars\":2,"
		      "\"max_trades_day\":2,\"max_daily_loss_pct\":\"1\","
		      "\"max_drawdown_pct\":\"30\"},\"sizing\":{"
		      "\"mode\":\"fixed\",\"quantity\":\"0.05\"},"
		      "\"stops\":{\"stop_loss_pct\":\"1.5\"}"),
		{.cash = &cash, .fee = &fee}},
	{"on the close, whole units",
		BOTH(",\"stops\":{\"stop_loss_pct\":\"3\"},\"session\":{"
		     "\"days\":[\"mon\",\"tue\",\"wed\",\"thu\"]}"),
		{.cash = &cash, .fill_on_close = true, .long_only = true}},
	{"as freqtrade fills",
		OFTEN(",\"stops\":{\"stop_loss_pct\":\"2\","
		      "\"trailing_pct\":\"3\",\"roi\":[[0,\"3\"]]}"),
		{.cash = &cash, .fee = &fee, .touch_fills = true}},
};
enum {
	KINDS = sizeof(kinds) / sizeof(kinds[0]),
	CANDLES = 150
};

static uint32_t roll(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return *seed >> 8;
}

/* A few candles at a time, mostly by a runner that never was before. */
static void walk(struct world *w, const struct recorded *on, int candles,
	uint32_t most, uint32_t seed)
{
	struct signal_runner *runner = signal_runner_open(w->arena, &options);
	int64_t now = on->first + on->interval_ms;
	int64_t end = on->first + candles * 3 / 2 * on->interval_ms;

	assert_int_equal(advance(w, runner, &rules, now), 0);
	while (now < end) {
		now += (1 + roll(&seed) % most) * on->interval_ms;
		if (roll(&seed) % 4 != 0) {
			signal_runner_close(&runner);
			runner = signal_runner_open(w->arena, &options);
		}
		assert_int_equal(advance(w, runner, &rules, now), 0);
	}
	signal_runner_close(&runner);
}

static void same_as_backtests(
	struct world *w, const struct recorded *on, int candles, uint32_t most)
{
	const char *ids[KINDS], *runs[KINDS];
	size_t lines = 0;

	put_recorded(w, on, candles);
	allow(w, &(struct risk_change){.allow_short = true});
	for (int i = 0; i < KINDS; i++) {
		ids[i] = strategy_of(w, kinds[i].text);
		runs[i] = start(w, ids[i], on, &kinds[i].costs).id;
	}
	walk(w, on, candles, most, 5);
	for (int i = 0; i < KINDS; i++) {
		const char *wanted =
			backtest_lines(w, ids[i], on, &kinds[i].costs);
		const char *made = book_lines(w, runs[i]);

		if (!text_equal(wanted, made))
			print_error("%s:\n%s\nnot\n%s\n", kinds[i].what, made,
				wanted);
		assert_string_equal(made, wanted);
		for (const char *at = made; *at; at++)
			lines += *at == '\n';
	}
	assert_true(lines > 8 * KINDS);
	assert_books_follow(w);
	assert_int_equal(world_number(w, "SELECT count(*) FROM orders"
					 " WHERE state <> 'filled'"),
		0);
}

static void test_days_as_their_backtests(void **state)
{
	same_as_backtests(*state, &daily, CANDLES, 40);
}

static void test_minutes_as_their_backtests(void **state)
{
	same_as_backtests(*state, &minutes, CANDLES, 60);
}

/* One candle after the other, each by a runner of its own. */
static void test_restarted_behind_every_candle(void **state)
{
	struct world *w = *state;
	const struct kind *kind = &kinds[8];
	const char *id = strategy_of(w, kind->text);
	const char *run;
	int64_t now = daily.first;

	put_recorded(w, &daily, 60);
	run = start(w, id, &daily, &kind->costs).id;
	while (now < daily.first + 100 * DAY) {
		struct signal_runner *runner =
			signal_runner_open(w->arena, &options);

		now += DAY;
		assert_int_equal(advance(w, runner, &rules, now), 0);
		signal_runner_close(&runner);
	}
	assert_string_equal(book_lines(w, run),
		backtest_lines(w, id, &daily, &kind->costs));
	assert_int_equal(run_again(w, id, now).trades > 3, true);
	assert_books_follow(w);
}

/* ---- risk ------------------------------------------------------------------------- */

static struct signal_runner *began(struct world *w, const char *text,
	const struct backtest_new *costs, const char **id)
{
	put_recorded(w, &daily, 120);
	*id = strategy_of(w, text);
	(void)start(w, *id, &daily, costs);
	return signal_runner_open(w->arena, &options);
}

static void test_denied_entries_are_orders(void **state)
{
	struct world *w = *state;
	const char *id;
	struct signal_runner *runner = began(w, BOTH(""), &kinds[0].costs, &id);
	struct strategy_run_view view;

	assert_int_equal(advance(w, runner, &rules, daily.first + DAY), 0);
	/* short is not allowed */
	assert_int_equal(advance(w, runner, &rules, daily.first + 40 * DAY), 0);
	assert_true(world_number(w, "SELECT count(*) FROM orders WHERE"
				    " state = 'denied' AND side = 'sell'"
				    " AND reason = 'short_not_allowed'"
				    " AND source = 'strategy'") > 0);
	assert_int_equal(world_number(w, "SELECT count(*) FROM positions"
					 " WHERE quantity < 0"),
		0);
	view = run_again(w, id, daily.first + 40 * DAY);
	assert_int_equal(
		view.denied, world_number(w, "SELECT count(*) FROM orders"
					     " WHERE state = 'denied'"));
	assert_true(world_number(w, "SELECT count(*) FROM fills") > 0);
	/* exits go on while nothing may be opened */
	allow(w, &(struct risk_change){.state = "reducing"});
	assert_int_equal(
		advance(w, runner, &rules, daily.first + 200 * DAY), 0);
	assert_int_equal(world_number(w, "SELECT count(*) FROM positions"
					 " WHERE quantity <> 0"),
		0);
	assert_true(world_number(w, "SELECT count(*) FROM orders"
				    " WHERE reason = 'reducing_only'") > 0);
	assert_string_equal(
		run_again(w, id, daily.first + 200 * DAY).state, "running");
	assert_books_follow(w);
	signal_runner_close(&runner);
}

/* Two runs and what is held by hand spend one limit. */
static void test_runs_share_the_limits_of_their_user(void **state)
{
	struct world *w = *state;
	const struct decimal most = {15000, 0};
	const char *id;
	struct signal_runner *runner =
		began(w, RULES(""), &kinds[0].costs, &id);
	const char *second = strategy_of(w, RULES(""));

	(void)start(w, second, &daily, &kinds[0].costs);
	allow(w, &(struct risk_change){.max_symbol_value = &most});
	assert_int_equal(advance(w, runner, &rules, daily.first + DAY), 0);
	assert_int_equal(advance(w, runner, &rules, daily.first + 60 * DAY), 0);
	assert_true(world_number(w, "SELECT count(*) FROM orders WHERE"
				    " reason = 'max_symbol_value'") > 0);
	assert_true(world_number(w, "SELECT count(*) FROM orders WHERE"
				    " state = 'filled'") > 0);
	assert_books_follow(w);
	signal_runner_close(&runner);
}

/* Forty days in one go are no burst of orders, for the run or by hand. */
static void test_catching_up_is_no_burst(void **state)
{
	struct world *w = *state;
	const struct risk_change two = {.orders_per_minute = 2};
	const int64_t now = daily.first + 120 * DAY;
	const struct decimal one = {1, 0};
	const struct order_new in = {.symbol = "GOOG",
		.side = "buy",
		.type = "market",
		.quantity = one};
	const struct order_from by_hand = {.source = ORDER_MANUAL};
	struct order_view order = {0};
	struct risk_view view;
	const char *id;
	struct signal_runner *runner =
		began(w, OFTEN(""), &kinds[0].costs, &id);

	assert_int_equal(risk_put(world_alice(w), &rules, &two, &view), ERR_OK);
	assert_int_equal(advance(w, runner, &rules, daily.first + DAY), 0);
	assert_int_equal(advance(w, runner, &rules, now), 0);
	assert_true(world_number(w, "SELECT count(*) FROM fills") > 4);
	assert_int_equal(world_number(w, "SELECT count(*) FROM orders"
					 " WHERE state = 'denied'"),
		0);
	assert_int_equal(
		order_place(alice_at(w, now), &rules, &in, &by_hand, &order),
		ERR_OK);
	if (order.reason)
		assert_string_not_equal(order.reason, "order_rate");
	signal_runner_close(&runner);
}

static void test_halt_stops_runs_that_trade(void **state)
{
	struct world *w = *state;
	const char *id;
	struct signal_runner *runner =
		began(w, OFTEN(""), &kinds[0].costs, &id);
	const struct strategy_run_new quiet = {
		.strategy_id = strategy_of(w, RULES("")),
		.mode = "signal",
		.symbol = "GOOG"};
	struct strategy_run_view view;
	struct risk_view risk;

	assert_int_equal(
		strategy_run_start(world_alice(w), &rules, &quiet, &view),
		ERR_OK);
	assert_int_equal(advance(w, runner, &rules, daily.first + 20 * DAY), 0);
	assert_int_equal(
		risk_halt(alice_at(w, daily.first + 20 * DAY), &rules,
			&(const struct risk_halting){.by = "manual"}, &risk),
		ERR_OK);
	view = run_again(w, id, daily.first + 20 * DAY);
	assert_string_equal(view.state, "stopped");
	assert_non_null(strstr(view.error, "/risk/halt"));
	view = run_again(w, quiet.strategy_id, daily.first + 20 * DAY);
	assert_string_equal(view.state, "running");
	signal_runner_close(&runner);
}

static void test_the_switch_for_everybody(void **state)
{
	struct world *w = *state;
	struct limits halted = rules;
	const char *id;
	struct signal_runner *runner =
		began(w, OFTEN(""), &kinds[0].costs, &id);
	struct strategy_run_view view;

	halted.trade.halted = true;
	assert_int_equal(advance(w, runner, &rules, daily.first + 20 * DAY), 0);
	view = run_again(w, id, daily.first + 20 * DAY);
	assert_int_equal(
		advance(w, runner, &halted, daily.first + 30 * DAY), 0);
	assert_int_equal(world_number(w, "SELECT last_time FROM run_sims"),
		view.last_candle->ms);
	view = run_again(w, id, daily.first + 30 * DAY);
	assert_string_equal(view.state, "stopped");
	assert_non_null(strstr(view.error, "TRADING_HALTED"));
	signal_runner_close(&runner);
}

/* ---- stopped, failed, closed by hand ------------------------------------------------- */

/* On until it holds something. */
static int64_t until_held(struct world *w, struct signal_runner *runner)
{
	int64_t now = daily.first;

	do {
		now += DAY;
		assert_true(now < daily.first + 160 * DAY);
		assert_int_equal(advance(w, runner, &rules, now), 0);
	} while (world_number(w, "SELECT count(*) FROM positions"
				 " WHERE quantity <> 0") == 0);
	return now;
}

static struct list stop(
	struct world *w, const char *id, bool close, int64_t now)
{
	struct list list;

	assert_int_equal(strategy_run_stop(alice_at(w, now), &rules,
				 &(struct strategy_run_stop){
					 .strategy_id = id, .close = close},
				 &list),
		ERR_OK);
	return list;
}

static void test_stopped_and_left(void **state)
{
	struct world *w = *state;
	const char *id;
	struct signal_runner *runner = began(w,
		OFTEN(",\"stops\":{\"stop_loss_pct\":\"9\","
		      "\"take_profit_pct\":\"12\"}"),
		&kinds[1].costs, &id);
	const int64_t now = until_held(w, runner);
	struct strategy_run_view view = run_again(w, id, now);
	const struct run_held_view *held = view.positions.items;
	struct portfolio_view book;
	struct list list;

	assert_int_equal(view.positions.count, 1);
	assert_string_equal(held->side, "long");
	assert_string_equal(held->stop_reason, "stop_loss");
	assert_true(decimal_double(*held->stop) <
		    decimal_double(held->entry_price));
	assert_true(decimal_double(*held->target) >
		    decimal_double(held->entry_price));
	assert_true(decimal_double(*view.cash) == 10000.0);
	assert_true(fabs(decimal_double(*view.equity) - 10000) < 2000);
	list = stop(w, id, true, now);
	assert_int_equal(list.count, 1);
	view = *(const struct strategy_run_view *)list.items;
	assert_string_equal(view.state, "stopped");
	assert_null(view.error);
	assert_int_equal(view.positions.count, 0);
	assert_int_equal(view.trades, 1);
	assert_int_equal(world_number(w, "SELECT count(*) FROM orders WHERE"
					 " reason = 'stop'"
					 " AND state = 'filled'"),
		1);
	assert_int_equal(
		portfolio_get(alice_at(w, now), &rules, view.account, &book),
		ERR_OK);
	assert_true(book.closed);
	assert_int_equal(book.positions.count, 0);
	assert_true(decimal_compare(book.cash, *view.equity) == 0);
	assert_int_equal(stop(w, id, true, now).count, 0);
	assert_books_follow(w);
	signal_runner_close(&runner);
}

static void test_stopped_and_kept(void **state)
{
	struct world *w = *state;
	const char *id;
	struct signal_runner *runner =
		began(w, OFTEN(""), &kinds[0].costs, &id);
	const int64_t now = until_held(w, runner);
	const struct strategy_run_view view = run_again(w, id, now);
	const struct position_name name = {"GOOG", view.account};
	const struct order_from by_hand = {.source = ORDER_MANUAL};
	struct portfolio_view book;
	struct order_view order;

	assert_int_equal(position_close(alice_at(w, now), &rules, &name,
				 &by_hand, &order),
		ERR_CONFLICT);
	(void)stop(w, id, false, now);
	assert_int_equal(
		portfolio_get(alice_at(w, now), &rules, view.account, &book),
		ERR_OK);
	assert_false(book.closed);
	assert_int_equal(book.positions.count, 1);
	assert_int_equal(position_close(alice_at(w, now), &rules, &name,
				 &by_hand, &order),
		ERR_OK);
	assert_string_equal(order.state, "filled");
	assert_int_equal(run_again(w, id, now).positions.count, 0);
	assert_int_equal(
		portfolio_get(alice_at(w, now), &rules, view.account, &book),
		ERR_OK);
	assert_true(book.closed);
	assert_books_follow(w);
	signal_runner_close(&runner);
}

/* Of a version that this program does not know: nothing is guessed. */
static void test_a_state_that_cannot_be_read(void **state)
{
	struct world *w = *state;
	const char *id;
	struct signal_runner *runner =
		began(w, OFTEN(""), &kinds[0].costs, &id);
	const int64_t now = until_held(w, runner);
	struct strategy_run_view view;

	assert_int_equal(db_run(w->db,
				 "UPDATE run_sims SET state ="
				 " replace(state, 'kontor-sim 1',"
				 " 'kontor-sim 9')",
				 NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(advance(w, runner, &rules, now + 5 * DAY), 1);
	view = run_again(w, id, now);
	assert_string_equal(view.state, "failed");
	assert_non_null(strstr(view.error, "another version"));
	assert_int_equal(world_number(w, "SELECT count(*) FROM positions p"
					 " JOIN trade_accounts a"
					 " ON a.account = p.account"
					 " AND a.closed_at IS NULL"
					 " WHERE p.quantity <> 0"),
		1);
	assert_books_follow(w);
	signal_runner_close(&runner);
}

/* What is past stays past when candles are replaced. */
static void test_replaced_candles(void **state)
{
	struct world *w = *state;
	const struct import_options import = {
		.symbol = "GOOG", .interval = "1d", .source = "test"};
	struct import_report report;
	const char *id;
	struct signal_runner *runner =
		began(w, OFTEN(""), &kinds[0].costs, &id);
	const int64_t now = until_held(w, runner);
	const int64_t fills = world_number(w, "SELECT count(*) FROM fills");

	assert_int_equal(world_import(w,
				 "time,open,high,low,close,volume\n"
				 "2004-08-19,50,60,40,55,1\n",
				 &import, &report),
		ERR_OK);
	assert_int_equal(advance(w, runner, &rules, now), 0);
	assert_int_equal(world_number(w, "SELECT count(*) FROM fills"), fills);
	assert_int_equal(advance(w, runner, &rules, now + 60 * DAY), 0);
	assert_string_equal(run_again(w, id, now + 60 * DAY).state, "running");
	assert_books_follow(w);
	signal_runner_close(&runner);
}

/* ---- asked for -------------------------------------------------------------------- */

static void test_what_is_asked_for_is_checked(void **state)
{
	struct world *w = *state;
	const struct decimal none = {0, 0}, much = {2, 1};
	struct strategy_run_new in = {.mode = "paper", .symbol = "GOOG"};
	struct strategy_run_view view = {0};

	put_recorded(w, &daily, 5);
	in.strategy_id = strategy_of(w, RULES(""));
	in.costs.cash = &none;
	in.costs.fee = &much;
	assert_int_equal(strategy_run_start(world_alice(w), &rules, &in, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/cash"));
	assert_true(world_fault_at(w, "/fee"));
	in.costs = (struct backtest_new){.fee = &none};
	in.mode = "signal";
	assert_int_equal(strategy_run_start(world_alice(w), &rules, &in, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/mode"));
	in.mode = "paper";
	assert_int_equal(
		strategy_run_start(world_alice(w), &rules, &in, &view), ERR_OK);
	assert_true(decimal_double(*view.cash) == 10000.0);
	assert_int_equal(view.positions.count, 0);
	assert_int_equal(world_number(w, "SELECT count(*) FROM trade_accounts"
					 " WHERE run_id IS NOT NULL"),
		1);
	/* never traded: its book goes with it, the row stays */
	(void)stop(w, in.strategy_id, true, world_now);
	assert_int_equal(world_number(w, "SELECT count(*) FROM trade_accounts"
					 " WHERE closed_at IS NOT NULL"),
		1);
}

/* An order says which signal it came from. */
static void test_orders_name_their_signal(void **state)
{
	struct world *w = *state;
	const char *id;
	struct signal_runner *runner =
		began(w, OFTEN(""), &kinds[0].costs, &id);
	const int64_t now = until_held(w, runner);
	struct order_view order, full;
	struct page page;

	assert_int_equal(order_list(alice_at(w, now),
				 &(struct order_query){.limit = 1}, &page),
		ERR_OK);
	order = *(const struct order_view *)page.data.items;
	assert_string_equal(order.source, "strategy");
	assert_int_equal(order_get(alice_at(w, now), order.id, &full), ERR_OK);
	assert_non_null(full.signal_id);
	assert_int_equal(
		world_number(w,
			arena_format(w->arena,
				"SELECT count(*) FROM signals WHERE id = '%s'"
				" AND kind = 'entry_long'",
				full.signal_id)),
		1);
	signal_runner_close(&runner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_days_as_their_backtests),
		WORLD_TEST(test_minutes_as_their_backtests),
		WORLD_TEST(test_restarted_behind_every_candle),
		WORLD_TEST(test_denied_entries_are_orders),
		WORLD_TEST(test_runs_share_the_limits_of_their_user),
		WORLD_TEST(test_catching_up_is_no_burst),
		WORLD_TEST(test_halt_stops_runs_that_trade),
		WORLD_TEST(test_the_switch_for_everybody),
		WORLD_TEST(test_stopped_and_left),
		WORLD_TEST(test_stopped_and_kept),
		WORLD_TEST(test_a_state_that_cannot_be_read),
		WORLD_TEST(test_replaced_candles),
		WORLD_TEST(test_what_is_asked_for_is_checked),
		WORLD_TEST(test_orders_name_their_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
