/*
 * What fills cost, what an entry buys, what is borrowed: each row by hand.
 */
#include "engine_help.h"

enum {
	BARS = 4
};

#define FIXED "\"sizing\":{\"mode\":\"fixed\",\"quantity\":\"10\"}"

/* NULL: the default. Decided on bar 0, entered at 100, out at 110 unless a
   stop or a target says otherwise. */
struct cost_row {
	const char *what, *rules;
	bool is_short;
	const char *fee, *maker, *taker, *fixed, *spread, *slippage, *tick,
		*lot, *least, *margin;
	const char *expected; /* size entry exit commission pnl; NULL: none */
};

/* clang-format off */
static const struct cost_row cost_rows[] = {
	{.what = "none", .rules = FIXED, .expected = "10 100 110 0 100"},
	{.what = "fee", .rules = FIXED, .fee = "0.001", .expected = "10 100 110 2.1 97.9"},
	{.what = "fee a fill", .rules = FIXED, .fixed = "0.5", .expected = "10 100 110 1 99"},
	{.what = "taker", .rules = FIXED, .fee = "0.05", .maker = "0.001", .taker = "0.002",
		.expected = "10 100 110 4.2 95.8"},
	{.what = "maker at the target", .rules = FIXED ",\"stops\":{\"take_profit_pct\":\"5\"}",
		.maker = "0.001", .taker = "0.002", .expected = "10 100 105 3.05 46.95"},
	{.what = "spread", .rules = FIXED, .spread = "0.01", .expected = "10 100.5 109.45 0 89.5"},
	{.what = "slippage", .rules = FIXED, .slippage = "0.01", .expected = "10 101 108.9 0 79"},
	{.what = "both", .rules = FIXED, .spread = "0.01", .slippage = "0.01",
		.expected = "10 101.5 108.35 0 68.5"},
	{.what = "both, short", .rules = FIXED, .is_short = true, .spread = "0.01", .slippage = "0.01",
		.expected = "-10 98.5 111.65 0 -131.5"},
	{.what = "a target does not slip", .rules = FIXED ",\"stops\":{\"take_profit_pct\":\"5\"}",
		.slippage = "0.01", .expected = "10 101 106.05 0 50.5"},
	{.what = "a target has a spread", .rules = FIXED ",\"stops\":{\"take_profit_pct\":\"5\"}",
		.spread = "0.01", .expected = "10 100.5 104.997375 0 44.97375"},
	{.what = "a stop slips", .rules = FIXED ",\"stops\":{\"stop_loss_pct\":\"1\"}",
		.slippage = "0.01", .expected = "10 101 98.9901 0 -20.099"},
	{.what = "roi slips", .rules = FIXED ",\"stops\":{\"roi\":[[0,\"5\"]]}",
		.slippage = "0.01", .expected = "10 101 104.9895 0 39.895"},
	{.what = "tick", .rules = FIXED, .tick = "0.3", .expected = "10 100.2 109.8 0 96"},
	{.what = "tick, short", .rules = FIXED, .is_short = true, .tick = "0.3",
		.expected = "-10 99.9 110.1 0 -102"},
	{.what = "tick that fits", .rules = FIXED, .tick = "0.5", .expected = "10 100 110 0 100"},
	{.what = "lot", .rules = FIXED, .lot = "4", .expected = "8 100 110 0 80"},
	{.what = "lot above the quantity", .rules = FIXED, .lot = "11"},
	{.what = "least value", .rules = FIXED, .least = "1000", .expected = "10 100 110 0 100"},
	{.what = "below the least value", .rules = FIXED, .least = "1000.01"},
	{.what = "all in", .rules = "\"stops\":{}", .fee = "0.001", .lot = "0.01",
		.expected = "99.9 100 110 20.979 978.021"},
	{.what = "all in, a fee a fill", .rules = "\"stops\":{}", .fixed = "100", .expected = "99 100 110 200 790"},
	{.what = "half is borrowed", .rules = "\"stops\":{}", .margin = "0.5", .expected = "200 100 110 0 2000"},
	{.what = "a margin of one", .rules = "\"stops\":{}", .margin = "1", .expected = "100 100 110 0 1000"},
	{.what = "a quarter, half of it borrowed", .rules = "\"sizing\":{\"mode\":\"pct_equity\",\"pct\":\"25\"}",
		.margin = "0.5", .expected = "50 100 110 0 500"},
	{.what = "money's worth", .rules = "\"sizing\":{\"mode\":\"quote\",\"amount\":\"1250\"}",
		.expected = "12.5 100 110 0 125"},
	{.what = "money's worth that is not there", .rules = "\"sizing\":{\"mode\":\"quote\",\"amount\":\"10000.01\"}"},
	{.what = "risk", .rules = "\"sizing\":{\"mode\":\"risk_pct\",\"pct\":\"1\"},\"stops\":{\"stop_loss_pct\":\"5\"}",
		.expected = "20 100 110 0 200"},
	{.what = "risk of a short", .is_short = true,
		.rules = "\"sizing\":{\"mode\":\"risk_pct\",\"pct\":\"1\"},\"stops\":{\"stop_loss_pct\":\"20\"}",
		.expected = "-5 100 110 0 -50"},
	{.what = "risk of more than there is",
		.rules = "\"sizing\":{\"mode\":\"risk_pct\",\"pct\":\"50\"},\"stops\":{\"stop_loss_pct\":\"5\"}",
		.expected = "100 100 110 0 1000"},
};
/* clang-format on */

static struct decimal or_zero(const char *text)
{
	return help_decimal(text ? text : "0");
}

static struct backtest_options options_of(const struct cost_row *row)
{
	struct backtest_options options = help_options("10000");

	options.commission = or_zero(row->fee);
	options.maker_and_taker = row->maker != NULL;
	options.fee_maker = or_zero(row->maker);
	options.fee_taker = or_zero(row->taker);
	options.fee_fixed = or_zero(row->fixed);
	options.spread = or_zero(row->spread);
	options.slippage = or_zero(row->slippage);
	options.tick = or_zero(row->tick);
	options.lot = or_zero(row->lot);
	options.min_notional = or_zero(row->least);
	options.margin = or_zero(row->margin);
	return options;
}

static const char *trade_text(
	struct help *help, const struct backtest_trade *trade)
{
	return arena_format(help->arena, "%s %s %s %s %s",
		help_text(help, trade->size),
		help_text(help, trade->entry_price),
		help_text(help, trade->exit_price),
		help_text(help, trade->commission),
		help_text(help, trade->pnl));
}

static void test_costs(void **state)
{
	static const double bars[BARS][4] = {{100, 100, 100, 100},
		{100, 103, 99.75, 102}, {102, 107, 101, 106},
		{110, 111, 109, 110}};
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(cost_rows) / sizeof(cost_rows[0]); i++) {
		const struct cost_row *row = &cost_rows[i];
		struct program *program = help_rules(&help,
			arena_format(help.arena,
				"\"entry\":{\"%s\":{\"eq\":[\"high\",\"low\"]}}"
				",%s",
				row->is_short ? "short" : "long", row->rules));
		struct backtest_result r = help_run(&help, program,
			help_bars(&help, bars, BARS), options_of(row));
		const char *is =
			r.trade_count ? trade_text(&help, r.trades) : "nothing";

		if (strcmp(is, row->expected ? row->expected : "nothing") != 0)
			fail_msg(
				"%s: %s, not %s", row->what, is, row->expected);
		assert_int_equal(r.refused_entries, row->expected ? 0 : 1);
	}
	arena_close(&help.arena);
}

/* 200 held with half of it borrowed: below a quarter of the value at 66. */
static void test_margin_is_called_at_the_close(void **state)
{
	static const double bars[][4] = {{100, 100, 100, 100},
		{100, 101, 60, 67}, {67, 68, 65, 66}, {70, 71, 69, 70}};
	struct help help = help_open();
	struct backtest_options options = help_options("10000");
	struct backtest_result r;

	(void)state;
	options.margin = help_decimal("0.5");
	r = help_run(&help,
		help_rules(&help,
			"\"entry\":{\"long\":{\"eq\":[\"high\",\"low\"]}}"),
		help_bars(&help, bars, BARS), options);
	assert_int_equal(r.trade_count, 1);
	assert_string_equal(r.trades[0].exit_reason, "margin");
	assert_int_equal(r.trades[0].exit_bar, 2);
	assert_string_equal(trade_text(&help, r.trades), "200 100 66 0 -6800");
	assert_false(r.ruined);
	help_near("equity", r.equity[3], 3200);
	arena_close(&help.arena);
}

static void test_long_only(void **state)
{
	static const double closes[] = {20, 20, 10, 10, 20, 20};
	struct help help = help_open();
	struct backtest_options options = help_options("100");
	struct backtest_result r;

	(void)state;
	options.long_only = true;
	r = help_run(&help,
		help_rules(&help, "\"entry\":{\"long\":{\"gt\":[\"close\",15]},"
				  "\"short\":{\"lt\":[\"close\",15]}}"),
		help_closes(&help, closes, 6), options);
	assert_int_equal(r.trade_count, 2);
	assert_string_equal(r.trades[0].exit_reason, "signal");
	assert_int_equal(r.trades[0].exit_bar, 3);
	assert_int_equal(r.trades[1].entry_bar, 5);
	assert_true(r.trades[1].size.units > 0);
	assert_int_equal(r.blocked_entries, 2);
	arena_close(&help.arena);
}

struct fault_row {
	const char *pointer;
	struct cost_row options;
};

static const struct fault_row fault_rows[] = {
	{"/fee", {.fee = "0.1"}},
	{"/fee_maker", {.maker = "-0.001", .taker = "0"}},
	{"/fee_taker", {.maker = "0", .taker = "0.1"}},
	{"/fee_fixed", {.fixed = "-1"}},
	{"/spread", {.spread = "1"}},
	{"/slippage", {.slippage = "0.5"}},
	{"/tick", {.tick = "0.000000001"}},
	{"/lot", {.lot = "-1"}},
	{"/min_notional", {.least = "92233720369"}},
	{"/margin", {.margin = "1.01"}},
};

static const char *fault_of(struct help *help, struct backtest_options options)
{
	static const double closes[] = {10, 11};
	struct candles candles = help_closes(help, closes, 2);
	struct report *report = report_open(help->arena);
	struct backtest_result r;
	const struct backtest_input input = {
		.program = help_rules(
			help, "\"entry\":{\"long\":{\"gt\":[\"close\",0]}}"),
		.candles = &candles,
		.options = &options};

	assert_int_equal(
		backtest_run(help->arena, &input, report, &r), ERR_BAD_INPUT);
	assert_int_equal(report->fault_count, 1);
	return report->faults[0].pointer;
}

static void test_options_that_cannot_be(void **state)
{
	struct help help = help_open();
	struct backtest_options options = help_options("100");

	(void)state;
	for (size_t i = 0; i < sizeof(fault_rows) / sizeof(fault_rows[0]); i++)
		assert_string_equal(
			fault_of(&help, options_of(&fault_rows[i].options)),
			fault_rows[i].pointer);
	options.whole_units = true;
	options.lot = help_decimal("0.5");
	assert_string_equal(fault_of(&help, options), "/lot");
	/* Nothing is left of the price of a sale. */
	options = help_options("100");
	options.tick = help_decimal("100");
	assert_string_equal(fault_of(&help, options), "/cash");
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_costs),
		cmocka_unit_test(test_margin_is_called_at_the_close),
		cmocka_unit_test(test_long_only),
		cmocka_unit_test(test_options_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
