/*
 * Strategies at work: starting and stopping, every decision against a
 * backtest over the same candles, gaps, late and changed candles, failures,
 * whose turn it is, what is kept and for how long.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backtest.h"
#include "evaluate.h"
#include "market.h"
#include "signal_runner.h"
#include "signals.h"
#include "strategy_help.h"
#include "strategy_runs.h"

enum {
	BARS = 240,
	FIRST_BARS = 40 /* that are there when the run is started */
};

static const struct import_options daily = {
	.symbol = "AAA", .interval = "1d", .source = "test"};

/* What stands still unless a test lets it go on. */
static int64_t standing(void)
{
	return 0;
}

static const struct signal_runner_options plenty = {.history_bars = 500000,
	.evaluators = 16,
	.memory = 64 << 20,
	.time_us = standing};

/* ---- candles ------------------------------------------------------------ */

static int64_t day_of(int bar)
{
	return world_now / DAY * DAY + (bar - BARS) * DAY;
}

/* A walk that crosses itself often; the same for the same bar. */
static double close_of(int bar)
{
	uint32_t noise = (uint32_t)bar * UINT32_C(2654435761);

	return 100 + 20 * ((bar / 9) % 2 ? bar % 9 : 9 - bar % 9) / 9.0 +
	       (double)(noise >> 24) / 32;
}

static const char *row_of(struct world *w, int64_t time, double close)
{
	return arena_format(w->arena, "%lld,%.2f,%.2f,%.2f,%.2f,%d\n",
		(long long)time, close, close + 1.25, close - 1.5, close,
		1000 + (int)(time / DAY % 7));
}

static void put_text(
	struct world *w, const char *text, const struct import_options *options)
{
	struct import_report report;

	assert_int_equal(world_import(w, text, options, &report), ERR_OK);
}

/* Bars from..to-1 of the walk, as one file. */
static void put_bars(struct world *w, const char *symbol, int from, int to)
{
	struct import_options options = daily;
	struct buf text;

	options.symbol = symbol;
	buf_init(&text, w->arena, 1 << 20);
	for (int bar = from; bar < to; bar++)
		buf_text(&text, row_of(w, day_of(bar), close_of(bar)));
	put_text(w, text.data, &options);
}

/* ---- strategies and rounds ----------------------------------------------- */

static const char rich_text[] =
	"{\"version\":1,\"name\":\"Rich\",\"interval\":\"1d\","
	"\"indicators\":{\"e\":{\"fn\":\"ema\",\"period\":9},"
	"\"r\":{\"fn\":\"rsi\",\"period\":5},"
	"\"week\":{\"fn\":\"sma\",\"period\":2,\"interval\":\"1w\"}},"
	"\"entry\":{\"long\":\"crosses_above(close, e) and not r > 80\","
	"\"short\":\"close < e and r > 40 and close < week\"},"
	"\"exit\":{\"long\":\"r > 65\",\"short\":\"within(r < 35, 2)\"},"
	"\"sizing\":{\"mode\":\"all_in\"}}";

static const char *strategy_of(
	struct world *w, struct scope *scope, const char *text)
{
	const struct strategy_new in = {.definition = world_json(w, text)};
	struct strategy_view view = {0};

	assert_int_equal(strategy_create(scope, &roomy, &in, &view), ERR_OK);
	return view.id;
}

static struct strategy_run_new run_of(const char *strategy_id)
{
	return (struct strategy_run_new){
		.strategy_id = strategy_id, .mode = "signal", .symbol = "AAA"};
}

static struct strategy_run_view start(
	struct scope *scope, const struct strategy_run_new *in)
{
	struct strategy_run_view view = {0};

	assert_int_equal(strategy_run_start(scope, &roomy, in, &view), ERR_OK);
	return view;
}

static struct scope *owner_of(struct world *w, const struct signal_due *due)
{
	return scope_mint(
		w->arena, w->db, world_report(w), due->user_id, world_now);
}

static struct signal_due *plan(struct world *w, int64_t now, size_t *count)
{
	struct admin_scope *admin = admin_scope_mint(
		w->arena, w->db, world_report(w), "operator", now);
	struct signal_due *due;
	struct list list;

	assert_int_equal(signal_plan(admin, &list), ERR_OK);
	due = arena_array(w->arena, list.count, sizeof(*due));
	if (list.count > 0)
		memcpy(due, list.items, list.count * sizeof(*due));
	*count = list.count;
	return due;
}

/* All that are due, to their end; how many candles that were. */
static int64_t round_of(struct world *w, struct signal_runner *runner)
{
	int64_t evaluated = 0;
	size_t count;
	struct signal_due *due = plan(w, world_now, &count);

	for (size_t i = 0; i < count; i++)
		while (!due[i].done) {
			struct signal_step step;

			assert_int_equal(
				signal_advance(runner, owner_of(w, &due[i]),
					&due[i], 1, &step),
				ERR_OK);
			evaluated += step.evaluated;
		}
	return evaluated;
}

static struct signal_view latest(struct world *w)
{
	const struct text_list all = {.count = 0};
	struct list list;

	assert_int_equal(signals_latest(world_alice(w), &all, &list), ERR_OK);
	assert_int_equal(list.count, 1);
	return *(const struct signal_view *)list.items;
}

static struct list history(struct world *w, const char *strategy_id)
{
	const struct signal_history_query in = {
		.strategy_id = strategy_id, .limit = 500};
	struct page page;

	assert_int_equal(signals_history(world_alice(w), &in, &page), ERR_OK);
	assert_null(page.next_cursor);
	return page.data;
}

/* ---- starting and stopping ------------------------------------------------ */

static enum err refused(struct world *w, const struct strategy_run_new *in)
{
	struct strategy_run_view view;

	return strategy_run_start(world_alice(w), &roomy, in, &view);
}

static void test_what_cannot_run_is_not_started(void **state)
{
	struct world *w = *state;
	const char *id = strategy_of(w, world_alice(w), cross_text);
	struct strategy_run_new in = run_of(id);

	assert_int_equal(refused(w, &in), ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/symbol"));
	put_bars(w, "AAA", 0, 10);
	in.interval = "1h";
	assert_int_equal(refused(w, &in), ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/interval"));
	in.interval = NULL;
	in.params = world_json(w, "{\"fast\":99}");
	assert_int_equal(refused(w, &in), ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/params/fast"));
	in.params = NULL;
	in.strategy_id = "00000000000000000000000000";
	assert_int_equal(refused(w, &in), ERR_NOT_FOUND);
	in.strategy_id = strategy_of(w, world_bob(w), cross_text);
	assert_int_equal(refused(w, &in), ERR_NOT_FOUND);
	assert_int_equal(
		world_number(w, "SELECT count(*) FROM strategy_runs"), 0);
}

static void test_one_on_a_symbol_and_so_many_of_a_user(void **state)
{
	struct world *w = *state;
	const struct limits two = {.runs_per_user = 2};
	const char *id = strategy_of(w, world_alice(w), cross_text);
	struct strategy_run_new in = run_of(id);
	struct strategy_run_view view;

	put_bars(w, "AAA", 0, 10);
	put_bars(w, "BBB", 0, 10);
	put_bars(w, "CCC", 0, 10);
	in.params = world_json(w, "{\"fast\":3}");
	view = start(world_alice(w), &in);
	assert_string_equal(view.params.text, "{\"fast\":3}");
	assert_string_equal(view.interval, "1d");
	assert_int_equal(refused(w, &in), ERR_CONFLICT);
	assert_non_null(strstr(w->report->detail, "AAA"));
	in.symbol = "BBB";
	(void)start(world_alice(w), &in);
	in.symbol = "CCC";
	assert_int_equal(strategy_run_start(world_alice(w), &two, &in, &view),
		ERR_CONFLICT);
	assert_non_null(strstr(w->report->detail, "2 running strategies"));
}

static struct list runs(struct world *w, const char *id)
{
	const struct page_query in = {.limit = 50};
	struct page page;

	assert_int_equal(
		strategy_run_list(world_alice(w), &roomy, id, &in, &page),
		ERR_OK);
	return page.data;
}

static void test_a_run_keeps_its_version_until_it_is_stopped(void **state)
{
	struct world *w = *state;
	const char *id = strategy_of(w, world_alice(w), cross_text);
	const struct strategy_run_new in = run_of(id);
	const struct strategy_change change = {
		.id = id, .definition = world_json(w, rich_text)};
	const struct strategy_run_view *view;
	struct strategy_view saved;
	struct list list;

	put_bars(w, "AAA", 0, 10);
	(void)start(world_alice(w), &in);
	assert_int_equal(
		strategy_update(world_alice(w), &change, &saved), ERR_OK);
	view = runs(w, id).items;
	assert_int_equal(view->strategy_version, 1);
	assert_int_equal(view->newest_version, 2);
	assert_string_equal(view->state, "running");
	assert_int_equal(strategy_run_stop(world_bob(w), &roomy,
				 &(struct strategy_run_stop){
					 .strategy_id = id, .symbol = NULL},
				 &list),
		ERR_NOT_FOUND);
	assert_int_equal(strategy_run_stop(world_alice(w), &roomy,
				 &(struct strategy_run_stop){
					 .strategy_id = id, .symbol = "BBB"},
				 &list),
		ERR_OK);
	assert_int_equal(list.count, 0);
	assert_int_equal(strategy_run_stop(world_alice(w), &roomy,
				 &(struct strategy_run_stop){
					 .strategy_id = id, .symbol = NULL},
				 &list),
		ERR_OK);
	assert_int_equal(list.count, 1);
	view = list.items;
	assert_string_equal(view->state, "stopped");
	assert_true(view->stopped_at->ms == world_now);
	view = runs(w, id).items;
	assert_string_equal(view->state, "stopped");
	assert_int_equal(start(world_alice(w), &in).strategy_version, 2);
	assert_int_equal(runs(w, id).count, 2);
}

static void test_removal_stops_and_keeps_what_was_said(void **state)
{
	struct world *w = *state;
	struct signal_runner *runner = signal_runner_open(w->arena, &plenty);
	const char *id = strategy_of(w, world_alice(w), cross_text);
	const struct strategy_run_new in = run_of(id);
	int64_t removed;

	put_bars(w, "AAA", 0, FIRST_BARS);
	(void)start(world_alice(w), &in);
	assert_int_equal(round_of(w, runner), 1);
	assert_int_equal(strategy_remove(world_alice(w), id, 0), ERR_OK);
	put_bars(w, "AAA", FIRST_BARS, BARS);
	assert_int_equal(round_of(w, runner), 0);
	assert_int_equal(world_number(w, "SELECT count(*) FROM strategy_runs"
					 " WHERE state = 'stopped'"),
		1);
	assert_int_equal(world_number(w, "SELECT count(*) FROM signals"), 1);
	/* and the last of it goes with the signals' time */
	assert_int_equal(
		signals_clean(world_admin(w), world_now + 1, 100000, &removed),
		ERR_OK);
	assert_int_equal(removed, 2);
	assert_int_equal(world_number(w, "SELECT count(*) FROM strategies"), 0);
	signal_runner_close(&runner);
}

/* ---- every decision -------------------------------------------------------- */

/* Those of a backtest: the whole file at once, in blocks. */
static const uint8_t *decided(struct world *w, const char *text,
	struct candles *candles, struct program **program)
{
	const struct candle_query query = {.symbol = "AAA", .interval = "1d"};
	const struct program_source source = {
		.definition = world_json(w, text), .pointer = ""};
	uint8_t *bits = arena_alloc(w->arena, BARS);
	struct evaluator *evaluator;

	assert_int_equal(
		market_columns(world_alice(w), &query, BARS, candles), ERR_OK);
	assert_int_equal(
		program_compile(w->arena, &source, world_report(w), program),
		ERR_OK);
	evaluator = evaluator_open(w->arena, *program);
	for (size_t at = 0; at < candles->count; at += 100) {
		size_t count = candles->count - at;
		struct decisions decisions;

		count = count < 100 ? count : 100;
		evaluator_block(evaluator, candles, at, count, &decisions);
		memcpy(bits + at, decisions.bits, count);
	}
	return bits;
}

static int64_t bits_of(const struct signal_view *view)
{
	int64_t bits = 0;

	for (size_t i = 0; i < view->fired.count; i++)
		for (int kind = 0; kind < SIGNAL_COUNT; kind++)
			if (text_equal(
				    view->fired.items[i], signal_names[kind]))
				bits |= 1 << kind;
	return bits;
}

/* Each trade's entry and exit was said on the bar before. */
static void compare_trades(struct world *w, const struct program *program,
	const struct candles *candles, const uint8_t *told)
{
	const struct backtest_options options = {
		.cash = {1000000, 0}, .trade_limit = BARS};
	struct backtest_result result;

	assert_int_equal(
		backtest_run(w->arena,
			&(const struct backtest_input){.program = program,
				.candles = candles,
				.options = &options},
			world_report(w), &result),
		ERR_OK);
	assert_true(result.trade_count > 5);
	for (size_t i = 0; i < result.trade_count; i++) {
		const struct backtest_trade *trade = &result.trades[i];
		const bool is_short = trade->size.units < 0;
		const int entry =
			is_short ? DECIDE_ENTRY_SHORT : DECIDE_ENTRY_LONG;
		const int out = is_short
					? DECIDE_EXIT_SHORT | DECIDE_ENTRY_LONG
					: DECIDE_EXIT_LONG | DECIDE_ENTRY_SHORT;

		if (trade->entry_bar > FIRST_BARS)
			assert_true(told[trade->entry_bar - 1] & entry);
		if (trade->exit_bar > FIRST_BARS)
			assert_true(told[trade->exit_bar - 1] & out);
	}
}

/* Candle by candle as they come in; every `again` of them by a process that
   was just started. */
static void bar_by_bar(struct world *w, const char *text, int again)
{
	struct signal_runner *runner = signal_runner_open(w->arena, &plenty);
	const char *id = strategy_of(w, world_alice(w), text);
	const struct strategy_run_new in = run_of(id);
	uint8_t told[BARS] = {0};
	struct program *program;
	struct candles candles;
	const uint8_t *bits;

	put_bars(w, "AAA", 0, FIRST_BARS);
	(void)start(world_alice(w), &in);
	for (int bar = FIRST_BARS; bar <= BARS; bar++) {
		struct signal_view view;

		assert_int_equal(round_of(w, runner), 1);
		assert_int_equal(round_of(w, runner), 0);
		view = latest(w);
		assert_true(view.candle_time.ms == day_of(bar - 1));
		told[bar - 1] = (uint8_t)bits_of(&view);
		if (bar == BARS)
			break;
		put_bars(w, "AAA", bar, bar + 1);
		if (bar % again == 0) {
			signal_runner_close(&runner);
			runner = signal_runner_open(w->arena, &plenty);
		}
	}
	bits = decided(w, text, &candles, &program);
	assert_int_equal(candles.count, BARS);
	assert_memory_equal(told + FIRST_BARS - 1, bits + FIRST_BARS - 1,
		BARS - FIRST_BARS + 1);
	compare_trades(w, program, &candles, told);
	signal_runner_close(&runner);
}

static void test_decisions_are_those_of_a_backtest(void **state)
{
	bar_by_bar(*state, cross_text, BARS);
}

static void test_so_they_are_with_many_processes(void **state)
{
	bar_by_bar(*state, rich_text, 7);
}

static void test_many_candles_at_once_come_in_order(void **state)
{
	struct world *w = *state;
	struct signal_runner *runner = signal_runner_open(w->arena, &plenty);
	const char *id = strategy_of(w, world_alice(w), rich_text);
	const struct strategy_run_new in = run_of(id);
	const struct signal_view *views;
	struct program *program;
	struct candles candles;
	const uint8_t *bits;
	struct list list;
	size_t at = 0;

	put_bars(w, "AAA", 0, FIRST_BARS);
	(void)start(world_alice(w), &in);
	assert_int_equal(round_of(w, runner), 1);
	put_bars(w, "AAA", FIRST_BARS, BARS);
	assert_int_equal(round_of(w, runner), BARS - FIRST_BARS);
	bits = decided(w, rich_text, &candles, &program);
	list = history(w, id);
	views = list.items;
	for (int bar = BARS - 1; bar >= FIRST_BARS; bar--) {
		if (at == list.count ||
			views[at].candle_time.ms != day_of(bar)) {
			assert_true(
				(bits[bar] & (DECIDE_EXIT_LONG |
						     DECIDE_EXIT_SHORT)) == 0);
			continue;
		}
		assert_int_equal(bits_of(&views[at]), bits[bar]);
		at++;
	}
	assert_true(at > 20);
	/* what did not fire is not kept, but for the last */
	assert_true(world_number(w, "SELECT count(*) FROM signals"
				    " WHERE kind = 'none'") <= 1);
	assert_int_equal(history(w, "00000000000000000000000000").count, 0);
	signal_runner_close(&runner);
}

/* ---- what it says ------------------------------------------------------------ */

static const char always_text[] =
	"{\"version\":1,\"name\":\"Always\",\"interval\":\"1d\","
	"\"entry\":{\"long\":\"close > 1 and close > 2 and not close > 3\","
	"\"short\":\"close > 4 and close < 5\"}}";

static void test_strength_and_reason(void **state)
{
	struct world *w = *state;
	struct signal_runner *runner = signal_runner_open(w->arena, &plenty);
	const char *id = strategy_of(w, world_alice(w), always_text);
	const struct strategy_run_new in = run_of(id);
	struct signal_view view;

	put_bars(w, "AAA", BARS - 10, BARS);
	(void)start(world_alice(w), &in);
	assert_int_equal(round_of(w, runner), 1);
	view = latest(w);
	assert_string_equal(view.kind, "none");
	assert_string_equal(view.strategy_name, "Always");
	assert_int_equal(view.fired.count, 0);
	assert_true(view.strength.value == 2.0 / 3);
	assert_non_null(strstr(view.reason.text, "\"rule\":\"entry_long\""));
	assert_non_null(strstr(view.reason.text,
		"{\"text\":\"not close > 3\",\"held\":false,\"left\":"));
	assert_false(view.stale);
	assert_int_equal(view.age_s, (world_now - day_of(BARS)) / 1000);
	put_text(w, row_of(w, day_of(BARS) - 1 * DAY, 2.5), &daily);
	signal_runner_close(&runner);
}

static void test_it_grows_stale(void **state)
{
	struct world *w = *state;
	struct signal_runner *runner = signal_runner_open(w->arena, &plenty);
	const char *id = strategy_of(w, world_alice(w), cross_text);
	const struct strategy_run_new in = run_of(id);

	put_bars(w, "AAA", 0, BARS - 2);
	(void)start(world_alice(w), &in);
	assert_int_equal(round_of(w, runner), 1);
	assert_true(latest(w).stale);
	signal_runner_close(&runner);
}

static void test_symbols_narrow(void **state)
{
	struct world *w = *state;
	struct signal_runner *runner = signal_runner_open(w->arena, &plenty);
	const char *id = strategy_of(w, world_alice(w), cross_text);
	struct strategy_run_new in = run_of(id);
	const char *names[] = {"BBB", "ZZZ"};
	const struct text_list some = {.items = names, .count = 2};
	const struct signal_view *view;
	struct list list;

	put_bars(w, "AAA", 0, FIRST_BARS);
	put_bars(w, "BBB", 0, FIRST_BARS);
	(void)start(world_alice(w), &in);
	in.symbol = "BBB";
	(void)start(world_alice(w), &in);
	assert_int_equal(round_of(w, runner), 2);
	assert_int_equal(signals_latest(world_alice(w), &some, &list), ERR_OK);
	assert_int_equal(list.count, 1);
	view = list.items;
	assert_string_equal(view->symbol, "BBB");
	assert_int_equal(signals_latest(world_bob(w), &some, &list), ERR_OK);
	assert_int_equal(list.count, 0);
	signal_runner_close(&runner);
}

/* ---- candles that are late, open, or changed ----------------------------------- */

#define MINUTE_MS INT64_C(60000)

static size_t due_count(struct world *w, int64_t now)
{
	size_t count;

	(void)plan(w, now, &count);
	return count;
}

static void test_only_closed_bars_count(void **state)
{
	static const struct import_options minutes = {
		.symbol = "AAA", .interval = "1m", .source = "test"};
	struct world *w = *state;
	struct signal_runner *runner = signal_runner_open(w->arena, &plenty);
	const char *id = strategy_of(w, world_alice(w), cross_text);
	struct strategy_run_new in = run_of(id);
	int64_t open =
		world_now / (5 * MINUTE_MS) * (5 * MINUTE_MS) - 60 * MINUTE_MS;

	for (int i = 0; i < 14; i++)
		put_text(w, row_of(w, open + i * MINUTE_MS, 100 + i), &minutes);
	in.interval = "5m";
	(void)start(world_alice(w), &in);
	assert_int_equal(round_of(w, runner), 1);
	/* the third bar lacks its last minute, however late it is */
	assert_true(latest(w).candle_time.ms == open + 5 * MINUTE_MS);
	assert_int_equal(due_count(w, world_now), 0);
	put_text(w, row_of(w, open + 14 * MINUTE_MS, 120), &minutes);
	/* nor before its time is over */
	assert_int_equal(due_count(w, open + 15 * MINUTE_MS - 1), 0);
	assert_int_equal(due_count(w, open + 15 * MINUTE_MS), 1);
	assert_int_equal(round_of(w, runner), 1);
	assert_true(latest(w).candle_time.ms == open + 10 * MINUTE_MS);
	assert_int_equal(latest(w).price.units, 12000);
	signal_runner_close(&runner);
}

static void test_changed_candles_make_it_anew(void **state)
{
	struct world *w = *state;
	struct signal_runner *runner = signal_runner_open(w->arena, &plenty);
	const char *id = strategy_of(w, world_alice(w), cross_text);
	const struct strategy_run_new in = run_of(id);
	uint8_t told[BARS] = {0};
	struct program *program;
	struct candles candles;
	const uint8_t *bits;

	put_bars(w, "AAA", 0, FIRST_BARS);
	(void)start(world_alice(w), &in);
	assert_int_equal(round_of(w, runner), 1);
	for (int bar = FIRST_BARS; bar < BARS; bar++) {
		struct signal_view view;

		/* the one before was wrong */
		put_text(w, row_of(w, day_of(bar - 1), close_of(bar + 5)),
			&daily);
		assert_int_equal(round_of(w, runner), 0);
		put_bars(w, "AAA", bar, bar + 1);
		assert_int_equal(round_of(w, runner), 1);
		view = latest(w);
		told[bar] = (uint8_t)bits_of(&view);
		bits = decided(w, cross_text, &candles, &program);
		assert_int_equal(told[bar], bits[bar]);
	}
	signal_runner_close(&runner);
}

static void test_what_raises_the_revision(void **state)
{
	static const char sql[] = "SELECT revision FROM symbols";
	struct world *w = *state;

	put_bars(w, "AAA", 10, 20);
	put_bars(w, "AAA", 20, 21);
	put_bars(w, "AAA", 15, 25);
	assert_int_equal(world_number(w, sql), 0);
	put_bars(w, "AAA", 9, 12);
	assert_int_equal(world_number(w, sql), 1);
	put_text(w, row_of(w, day_of(12), 7), &daily);
	assert_int_equal(world_number(w, sql), 2);
}

static void test_changed_under_its_hands_writes_nothing(void **state)
{
	struct world *w = *state;
	struct signal_runner *runner = signal_runner_open(w->arena, &plenty);
	const char *id = strategy_of(w, world_alice(w), cross_text);
	const struct strategy_run_new in = run_of(id);
	struct signal_due *due;
	struct signal_step step;
	size_t count;

	put_bars(w, "AAA", 10, FIRST_BARS);
	(void)start(world_alice(w), &in);
	due = plan(w, world_now, &count);
	put_bars(w, "AAA", 0, 5);
	assert_int_equal(signal_advance(runner, world_alice(w), due, 1, &step),
		ERR_CONFLICT);
	assert_true(due->done);
	assert_int_equal(world_number(w, "SELECT count(*) FROM signals"), 0);
	assert_int_equal(round_of(w, runner), 1);
	signal_runner_close(&runner);
}

/* ---- twice, and not at all ---------------------------------------------------------- */

static void test_two_that_do_the_same_do_it_once(void **state)
{
	struct world *w = *state;
	struct signal_runner *one = signal_runner_open(w->arena, &plenty);
	struct signal_runner *two = signal_runner_open(w->arena, &plenty);
	const char *id = strategy_of(w, world_alice(w), rich_text);
	const struct strategy_run_new in = run_of(id);
	struct signal_due *mine, *theirs;
	struct signal_step step;
	int64_t before;
	size_t count;

	put_bars(w, "AAA", 0, FIRST_BARS);
	(void)start(world_alice(w), &in);
	assert_int_equal(round_of(w, one), 1);
	put_bars(w, "AAA", FIRST_BARS, BARS);
	mine = plan(w, world_now, &count);
	theirs = plan(w, world_now, &count);
	assert_int_equal(
		signal_advance(one, world_alice(w), mine, 1, &step), ERR_OK);
	while (!mine->done)
		assert_int_equal(
			signal_advance(one, world_alice(w), mine, 1, &step),
			ERR_OK);
	before = world_number(w, "SELECT count(*) FROM signals");
	assert_int_equal(signal_advance(two, world_alice(w), theirs, 1, &step),
		ERR_CONFLICT);
	assert_int_equal(
		world_number(w, "SELECT count(*) FROM signals"), before);
	/* another's scope reaches nothing, whatever it is told */
	mine->has_last = false;
	mine->done = false;
	assert_int_equal(signal_advance(two, world_bob(w), mine, 1, &step),
		ERR_CONFLICT);
	signal_runner_close(&one);
	signal_runner_close(&two);
}

/* ---- failures -------------------------------------------------------------------------- */

static void test_one_that_fails_says_why_and_others_go_on(void **state)
{
	struct world *w = *state;
	struct signal_runner *runner = signal_runner_open(w->arena, &plenty);
	const char *broken = strategy_of(w, world_alice(w), cross_text);
	const char *good = strategy_of(w, world_alice(w), rich_text);
	struct strategy_run_new in = run_of(broken);
	const struct strategy_run_view *view;
	struct list list;

	put_bars(w, "AAA", 0, FIRST_BARS);
	put_bars(w, "GONE", 0, FIRST_BARS);
	(void)start(world_alice(w), &in);
	in.strategy_id = good;
	(void)start(world_alice(w), &in);
	in.symbol = "GONE";
	(void)start(world_alice(w), &in);
	assert_int_equal(db_run(w->db,
				 "UPDATE strategy_versions SET definition ="
				 " '{\"version\":1}' WHERE strategy_id = :id",
				 BINDS(bind_text(":id", broken)), NULL),
		ERR_OK);
	assert_int_equal(db_run(w->db,
				 "UPDATE symbols SET series = '[]' WHERE "
				 "symbol = 'GONE'",
				 NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(round_of(w, runner), 1);
	view = runs(w, broken).items;
	assert_string_equal(view->state, "failed");
	assert_non_null(strstr(view->error, "/definition"));
	assert_int_equal(
		strategy_run_current(world_alice(w), &roomy, &list), ERR_OK);
	assert_int_equal(list.count, 3);
	view = list.items;
	while (!text_equal(view->symbol, "GONE"))
		view++;
	assert_string_equal(view->state, "failed");
	assert_non_null(strstr(view->error, "GONE"));
	assert_int_equal(due_count(w, world_now), 0);
	/* and can be started again */
	assert_string_equal(latest(w).strategy_id, good);
	signal_runner_close(&runner);
}

/* ---- whose turn it is ------------------------------------------------------------------- */

static void test_users_take_turns(void **state)
{
	struct world *w = *state;
	const char *id = strategy_of(w, world_alice(w), cross_text);
	struct strategy_run_new in = run_of(id);
	struct signal_due *due;
	size_t count;

	for (int i = 0; i < 3; i++) {
		in.symbol = arena_format(w->arena, "S%d", i);
		put_bars(w, in.symbol, 0, 10);
		(void)start(world_alice(w), &in);
	}
	in.strategy_id = strategy_of(w, world_bob(w), cross_text);
	(void)start(world_bob(w), &in);
	assert_int_equal(
		db_script(w->db, "UPDATE strategy_runs SET evaluated_at = 5,"
				 " last_candle = 5 WHERE user_id = 'bob';"
				 "UPDATE strategy_runs SET evaluated_at = 7,"
				 " last_candle = 7 WHERE symbol = 'S1'"),
		ERR_OK);
	due = plan(w, world_now, &count);
	assert_int_equal(count, 4);
	assert_string_equal(due[0].user_id, "alice");
	assert_string_equal(due[1].user_id, "bob");
	assert_string_equal(due[2].user_id, "alice");
	assert_string_equal(due[3].symbol, "S1");
	assert_int_equal(db_script(w->db, "UPDATE users SET disabled = 1"
					  " WHERE id = 'alice'"),
		ERR_OK);
	due = plan(w, world_now, &count);
	assert_int_equal(count, 1);
	assert_string_equal(due[0].user_id, "bob");
}

/* Time is over whenever somebody looks. */
static int64_t hurried(void)
{
	return INT64_MAX;
}

static void test_a_visit_ends_and_goes_on(void **state)
{
	struct signal_runner_options options = plenty;
	struct world *w = *state;
	struct signal_runner *runner;
	const char *id = strategy_of(w, world_alice(w), rich_text);
	const struct strategy_run_new in = run_of(id);
	struct signal_due *due;
	struct signal_step step;
	int64_t visits = 0;
	size_t count;

	options.time_us = hurried;
	runner = signal_runner_open(w->arena, &options);
	put_bars(w, "AAA", 0, FIRST_BARS);
	(void)start(world_alice(w), &in);
	due = plan(w, world_now, &count);
	/* the past first, then the bar */
	assert_int_equal(
		signal_advance(runner, world_alice(w), due, 1, &step), ERR_OK);
	assert_false(due->done);
	assert_int_equal(step.evaluated, 0);
	assert_int_equal(
		signal_advance(runner, world_alice(w), due, 1, &step), ERR_OK);
	assert_true(due->done);
	assert_int_equal(step.evaluated, 1);
	put_bars(w, "AAA", FIRST_BARS, BARS);
	due = plan(w, world_now, &count);
	for (; !due->done; visits++)
		assert_int_equal(
			signal_advance(runner, world_alice(w), due, 1, &step),
			ERR_OK);
	assert_true(visits > 2);
	assert_true(latest(w).candle_time.ms == day_of(BARS - 1));
	assert_int_equal(signal_runner_kept(runner), 1);
	signal_runner_close(&runner);
}

static void test_memory_is_bounded(void **state)
{
	struct signal_runner_options options = plenty;
	struct world *w = *state;
	struct signal_runner *runner;
	const char *id = strategy_of(w, world_alice(w), cross_text);
	struct strategy_run_new in = run_of(id);

	for (int i = 0; i < 5; i++) {
		in.symbol = arena_format(w->arena, "S%d", i);
		put_bars(w, in.symbol, 0, FIRST_BARS);
		(void)start(world_alice(w), &in);
	}
	options.evaluators = 3;
	runner = signal_runner_open(w->arena, &options);
	assert_int_equal(round_of(w, runner), 5);
	assert_int_equal(signal_runner_kept(runner), 3);
	signal_runner_close(&runner);
	options.memory = 1;
	runner = signal_runner_open(w->arena, &options);
	for (int i = 0; i < 5; i++)
		put_bars(w, arena_format(w->arena, "S%d", i), FIRST_BARS, BARS);
	assert_int_equal(round_of(w, runner), 5 * (BARS - FIRST_BARS));
	assert_int_equal(signal_runner_kept(runner), 1);
	signal_runner_close(&runner);
}

/* Bob's many evaluators do not send away alice's only one. */
static void test_memory_is_shared_fairly(void **state)
{
	struct signal_runner_options options = plenty;
	struct world *w = *state;
	struct signal_runner *runner = NULL;
	struct strategy_run_new in =
		run_of(strategy_of(w, world_alice(w), cross_text));
	struct signal_due *due;
	struct signal_step step;
	size_t count, kept = 0;

	put_bars(w, "AAA", 0, FIRST_BARS);
	(void)start(world_alice(w), &in);
	in.strategy_id = strategy_of(w, world_bob(w), cross_text);
	for (int i = 0; i < 5; i++) {
		in.symbol = arena_format(w->arena, "S%d", i);
		put_bars(w, in.symbol, 0, FIRST_BARS);
		(void)start(world_bob(w), &in);
	}
	options.time_us = hurried;
	/* room for three of them, however much that is */
	for (options.memory = 1 << 16; kept < 3; options.memory += 1 << 16) {
		signal_runner_close(&runner);
		assert_int_equal(db_run(w->db,
					 "UPDATE strategy_runs SET"
					 " last_candle = NULL,"
					 " evaluated_at = NULL",
					 NO_BINDS, NULL),
			ERR_OK);
		assert_int_equal(
			db_run(w->db, "DELETE FROM signals", NO_BINDS, NULL),
			ERR_OK);
		runner = signal_runner_open(w->arena, &options);
		assert_int_equal(round_of(w, runner), 6);
		kept = signal_runner_kept(runner);
	}
	assert_in_range(kept, 3, 5);
	put_bars(w, "AAA", FIRST_BARS, BARS);
	due = plan(w, world_now, &count);
	assert_int_equal(count, 1);
	/* one that was made anew would replay first */
	assert_int_equal(
		signal_advance(runner, owner_of(w, &due[0]), &due[0], 1, &step),
		ERR_OK);
	assert_true(step.evaluated > 0);
	signal_runner_close(&runner);
}

/* A strategy that looks back six bars knows enough with twenty. */
static void test_history_is_bounded(void **state)
{
	struct signal_runner_options options = plenty;
	struct world *w = *state;
	struct signal_runner *runner;
	const char *id = strategy_of(w, world_alice(w), cross_text);
	const struct strategy_run_new in = run_of(id);
	struct program *program;
	struct candles candles;
	const uint8_t *bits;
	struct signal_view view;

	options.history_bars = 20;
	for (int bar = BARS - 8; bar <= BARS; bar++) {
		put_bars(w, "AAA", 0, bar);
		if (bar == BARS - 8)
			(void)start(world_alice(w), &in);
		runner = signal_runner_open(w->arena, &options);
		assert_int_equal(round_of(w, runner), 1);
		signal_runner_close(&runner);
		view = latest(w);
		bits = decided(w, cross_text, &candles, &program);
		assert_int_equal(bits_of(&view), bits[bar - 1]);
	}
}

/* ---- how long ------------------------------------------------------------------------------ */

static void test_old_signals_go_but_for_the_last(void **state)
{
	struct world *w = *state;
	struct signal_runner *runner = signal_runner_open(w->arena, &plenty);
	const char *id = strategy_of(w, world_alice(w), rich_text);
	const struct strategy_run_new in = run_of(id);
	int64_t counts[3];
	int64_t removed;
	int64_t count;

	put_bars(w, "AAA", 0, FIRST_BARS);
	(void)start(world_alice(w), &in);
	assert_int_equal(round_of(w, runner), 1);
	put_bars(w, "AAA", FIRST_BARS, BARS);
	(void)round_of(w, runner);
	count = world_number(w, "SELECT count(*) FROM signals");
	assert_int_equal(
		signals_clean(world_admin(w), world_now, 100000, &removed),
		ERR_OK);
	assert_int_equal(removed, 0);
	assert_int_equal(
		signals_clean(world_admin(w), world_now, count - 2, &removed),
		ERR_OK);
	assert_int_equal(removed, 2);
	count -= 2;
	assert_true(latest(w).candle_time.ms == day_of(BARS - 1));
	assert_int_equal(
		signals_clean(world_admin(w), world_now + 1, 100000, &removed),
		ERR_OK);
	assert_int_equal(removed, count - 1);
	assert_true(latest(w).candle_time.ms == day_of(BARS - 1));
	assert_int_equal(signals_count(world_admin(w), counts), ERR_OK);
	assert_int_equal(counts[0], 1);
	assert_int_equal(counts[1] + counts[2], 0);
	signal_runner_close(&runner);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_what_cannot_run_is_not_started),
		WORLD_TEST(test_one_on_a_symbol_and_so_many_of_a_user),
		WORLD_TEST(test_a_run_keeps_its_version_until_it_is_stopped),
		WORLD_TEST(test_removal_stops_and_keeps_what_was_said),
		WORLD_TEST(test_decisions_are_those_of_a_backtest),
		WORLD_TEST(test_so_they_are_with_many_processes),
		WORLD_TEST(test_many_candles_at_once_come_in_order),
		WORLD_TEST(test_strength_and_reason),
		WORLD_TEST(test_it_grows_stale),
		WORLD_TEST(test_symbols_narrow),
		WORLD_TEST(test_only_closed_bars_count),
		WORLD_TEST(test_changed_candles_make_it_anew),
		WORLD_TEST(test_what_raises_the_revision),
		WORLD_TEST(test_changed_under_its_hands_writes_nothing),
		WORLD_TEST(test_two_that_do_the_same_do_it_once),
		WORLD_TEST(test_one_that_fails_says_why_and_others_go_on),
		WORLD_TEST(test_users_take_turns),
		WORLD_TEST(test_a_visit_ends_and_goes_on),
		WORLD_TEST(test_memory_is_bounded),
		WORLD_TEST(test_memory_is_shared_fairly),
		WORLD_TEST(test_history_is_bounded),
		WORLD_TEST(test_old_signals_go_but_for_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
