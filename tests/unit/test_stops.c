/*
 * Stop-loss and take-profit inside candles, by hand: the adverse side first,
 * gaps at the open, the entry bar itself, both directions.
 */
#include "engine_help.h"

enum {
	BARS = 4
};

/*
 * Decided on bar 0, entered at the open of bar 1, which is 100 unless said
 * otherwise; 10 units; stop-loss 5 %, take-profit 10 %.
 */
struct stop_row {
	const char *what;
	const char *side;
	double bars[BARS][4];
	size_t exit_bar;
	const char *exit_price, *reason;
};

/* clang-format off */
#define DECIDE {100, 100, 100, 100}
#define QUIET {100, 101, 99, 100}
static const struct stop_row stop_rows[] = {
	{"long: stop touched", "long",
		{DECIDE, QUIET, {98, 99, 95, 97}, QUIET}, 2, "95", "stop_loss"},
	{"long: stop missed by a cent", "long",
		{DECIDE, QUIET, {98, 99, 95.01, 97}, QUIET}, 3, "100", "end"},
	{"long: target touched", "long",
		{DECIDE, QUIET, {105, 110, 104, 106}, QUIET}, 2, "110", "take_profit"},
	{"long: target missed by a cent", "long",
		{DECIDE, QUIET, {105, 109.99, 104, 106}, QUIET}, 3, "100", "end"},
	{"long: both in one candle, the adverse first", "long",
		{DECIDE, QUIET, {100, 120, 90, 110}, QUIET}, 2, "95", "stop_loss"},
	{"long: gap through the stop fills at the open", "long",
		{DECIDE, QUIET, {90, 99, 88, 97}, QUIET}, 2, "90", "stop_loss"},
	{"long: open on the stop", "long",
		{DECIDE, QUIET, {95, 120, 95, 120}, QUIET}, 2, "95", "stop_loss"},
	{"long: gap through the target fills at the open", "long",
		{DECIDE, QUIET, {115, 116, 80, 85}, QUIET}, 2, "115", "take_profit"},
	{"long: stop on the entry bar", "long",
		{DECIDE, {100, 101, 94, 100}, QUIET, QUIET}, 1, "95", "stop_loss"},
	{"long: target on the entry bar", "long",
		{DECIDE, {100, 111, 99, 100}, QUIET, QUIET}, 1, "110", "take_profit"},
	{"long: stop on the last bar comes before its end", "long",
		{DECIDE, QUIET, QUIET, {100, 101, 90, 95}}, 3, "95", "stop_loss"},
	{"long: percent of the entry, not of the decision", "long",
		{DECIDE, {200, 201, 191, 195}, {195, 196, 190, 195}, {195, 196, 194, 195}},
		2, "190", "stop_loss"},
	{"short: stop touched", "short",
		{DECIDE, QUIET, {102, 105, 101, 103}, QUIET}, 2, "105", "stop_loss"},
	{"short: target touched", "short",
		{DECIDE, QUIET, {95, 96, 90, 94}, QUIET}, 2, "90", "take_profit"},
	{"short: both in one candle, the adverse first", "short",
		{DECIDE, QUIET, {100, 106, 80, 90}, QUIET}, 2, "105", "stop_loss"},
	{"short: gap through the stop", "short",
		{DECIDE, QUIET, {112, 113, 80, 90}, QUIET}, 2, "112", "stop_loss"},
	{"short: gap through the target", "short",
		{DECIDE, QUIET, {85, 120, 84, 100}, QUIET}, 2, "85", "take_profit"},
	{"short: stop on the entry bar", "short",
		{DECIDE, {100, 106, 99, 100}, QUIET, QUIET}, 1, "105", "stop_loss"},
	{"short: target on the last bar", "short",
		{DECIDE, QUIET, QUIET, {100, 101, 89, 95}}, 3, "90", "take_profit"},
};
/* clang-format on */

/* Enters once only: on the first bar, which alone closes at its high. */
static struct program *rules_of(
	struct help *help, const char *side, const char *stops)
{
	return help_rules(help,
		arena_format(help->arena,
			"\"entry\":{\"%s\":{\"eq\":[\"high\",\"low\"]}},"
			"\"sizing\":{\"mode\":\"fixed\",\"quantity\":\"10\"},"
			"\"stops\":{%s}",
			side, stops));
}

static void test_stops_inside_a_candle(void **state)
{
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(stop_rows) / sizeof(stop_rows[0]); i++) {
		const struct stop_row *row = &stop_rows[i];
		struct backtest_result r = help_run(&help,
			rules_of(&help, row->side,
				"\"stop_loss_pct\":\"5\","
				"\"take_profit_pct\":\"10\""),
			help_bars(&help, row->bars, BARS),
			help_options("10000"));
		const struct backtest_trade *trade = r.trades;

		if (r.trade_count != 1 || trade->exit_bar != row->exit_bar ||
			strcmp(trade->exit_reason, row->reason) != 0 ||
			strcmp(help_text(&help, trade->exit_price),
				row->exit_price) != 0)
			fail_msg("%s: %zu trades, %s at %s on bar %zu",
				row->what, r.trade_count, trade->exit_reason,
				help_text(&help, trade->exit_price),
				trade->exit_bar);
	}
	arena_close(&help.arena);
}

static void test_only_one_of_the_two(void **state)
{
	static const double bars[BARS][4] = {
		DECIDE, QUIET, {100, 130, 70, 100}, QUIET};
	struct help help = help_open();
	struct backtest_result r = help_run(&help,
		rules_of(&help, "long", "\"take_profit_pct\":\"10\""),
		help_bars(&help, bars, BARS), help_options("10000"));

	(void)state;
	assert_string_equal(r.trades[0].exit_reason, "take_profit");
	r = help_run(&help,
		rules_of(&help, "long",
			"\"stop_loss_pct\":\"5\",\"take_profit_pct\":null"),
		help_bars(&help, bars, BARS), help_options("10000"));
	assert_string_equal(r.trades[0].exit_reason, "stop_loss");
	r = help_run(&help, rules_of(&help, "long", ""),
		help_bars(&help, bars, BARS), help_options("10000"));
	assert_string_equal(r.trades[0].exit_reason, "end");
	arena_close(&help.arena);
}

/* What was decided on the close before fills at the open, before a stop
   that the open has passed too. */
static void test_signal_fills_before_a_gap_stop(void **state)
{
	static const double bars[BARS][4] = {
		DECIDE, {100, 101, 99, 99}, {80, 81, 79, 80}, QUIET};
	struct help help = help_open();
	struct backtest_result r = help_run(&help,
		help_rules(&help,
			"\"entry\":{\"long\":{\"eq\":[\"high\",\"low\"]}},"
			"\"exit\":{\"long\":{\"eq\":[\"close\",99]}},"
			"\"stops\":{\"stop_loss_pct\":\"5\"}"),
		help_bars(&help, bars, BARS), help_options("10000"));

	(void)state;
	assert_int_equal(r.trade_count, 1);
	assert_string_equal(r.trades[0].exit_reason, "signal");
	assert_string_equal(help_text(&help, r.trades[0].exit_price), "80");
	arena_close(&help.arena);
}

static void test_enters_again_after_a_stop(void **state)
{
	static const double bars[BARS][4] = {
		DECIDE, {100, 101, 90, 100}, {100, 101, 90, 100}, QUIET};
	struct help help = help_open();
	struct backtest_result r = help_run(&help,
		help_rules(&help,
			"\"entry\":{\"long\":{\"gt\":[\"close\",0]}},"
			"\"stops\":{\"stop_loss_pct\":\"5\"},"
			"\"sizing\":{\"mode\":\"fixed\",\"quantity\":\"1\"}"),
		help_bars(&help, bars, BARS), help_options("10000"));

	(void)state;
	assert_int_equal(r.trade_count, 3);
	assert_string_equal(r.trades[1].exit_reason, "stop_loss");
	assert_int_equal(r.trades[1].entry_bar, 2);
	assert_string_equal(r.trades[2].exit_reason, "end");
	arena_close(&help.arena);
}

/* Filled on the close: the candle's past must not stop it. */
static void test_fill_on_close_is_safe_on_its_own_bar(void **state)
{
	static const double bars[BARS][4] = {
		QUIET, {100, 120, 80, 120}, {118, 121, 117, 120}, QUIET};
	struct help help = help_open();
	struct backtest_options options = help_options("10000");
	struct backtest_result r;

	(void)state;
	options.fill_on_close = true;
	r = help_run(&help,
		help_rules(&help, "\"entry\":{\"long\":{\"eq\":[\"low\",80]}},"
				  "\"stops\":{\"stop_loss_pct\":\"5\"}"),
		help_bars(&help, bars, BARS), options);
	assert_int_equal(r.trade_count, 1);
	assert_int_equal(r.trades[0].entry_bar, 1);
	assert_int_equal(r.trades[0].exit_bar, 3);
	assert_string_equal(help_text(&help, r.trades[0].exit_price), "100");
	arena_close(&help.arena);
}

/* 33.33 - 5 % = 31.6635, and 1e-8 digits are rounded half to even. */
static void test_stop_price_is_decimal(void **state)
{
	static const double bars[BARS][4] = {{30, 30, 30, 30},
		{33.33, 34, 33, 33}, {33, 33, 30, 31}, {31, 31, 30, 31}};
	struct help help = help_open();
	struct backtest_result r = help_run(&help,
		rules_of(&help, "long", "\"stop_loss_pct\":\"5\""),
		help_bars(&help, bars, BARS), help_options("10000"));

	(void)state;
	assert_string_equal(
		help_text(&help, r.trades[0].exit_price), "31.6635");
	assert_string_equal(help_text(&help, r.trades[0].pnl), "-16.665");
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stops_inside_a_candle),
		cmocka_unit_test(test_only_one_of_the_two),
		cmocka_unit_test(test_signal_fills_before_a_gap_stop),
		cmocka_unit_test(test_enters_again_after_a_stop),
		cmocka_unit_test(test_fill_on_close_is_safe_on_its_own_bar),
		cmocka_unit_test(test_stop_price_is_decimal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
