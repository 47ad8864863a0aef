/*
 * Whole runs: the published reference runs, when orders fill, sizing, ends
 * of runs, options and candles that are refused.
 */
#include "engine_help.h"

static const char sma_cross[] =
	"{\"version\":1,\"name\":\"SMA cross\",\"interval\":\"1d\","
	"\"params\":{\"fast\":{\"default\":10,\"min\":5,\"max\":30,\"step\":5},"
	"\"slow\":{\"default\":30,\"min\":20,\"max\":100,\"step\":10}},"
	"\"indicators\":{\"f\":{\"fn\":\"sma\",\"period\":{\"param\":\"fast\"}}"
	","
	"\"s\":{\"fn\":\"sma\",\"period\":{\"param\":\"slow\"}}},"
	"\"entry\":{\"long\":{\"crosses_above\":[\"f\",\"s\"]},"
	"\"short\":{\"crosses_below\":[\"f\",\"s\"]}},"
	"\"exit\":{\"long\":{\"crosses_below\":[\"f\",\"s\"]},"
	"\"short\":{\"crosses_above\":[\"f\",\"s\"]}},"
	"\"sizing\":{\"mode\":\"all_in\"}}";

struct expected_stat {
	const char *name;
	double (*get)(const struct backtest_stats *stats);
};

#define STAT(member)                                                   \
	static double get_##member(const struct backtest_stats *stats) \
	{                                                              \
		return (double)stats->member;                          \
	}
#define DAYS(name, member)                                           \
	static double get_##name(const struct backtest_stats *stats) \
	{                                                            \
		return (double)stats->member / (double)help_day;     \
	}
/* clang-format off */
STAT(exposure_pct) STAT(equity_final) STAT(equity_peak) STAT(commissions)
STAT(return_pct) STAT(buy_hold_return_pct) STAT(return_ann_pct)
STAT(volatility_ann_pct) STAT(cagr_pct) STAT(sharpe) STAT(sortino)
STAT(calmar) STAT(alpha_pct) STAT(beta) STAT(max_drawdown_pct)
STAT(avg_drawdown_pct) STAT(trades) STAT(win_rate_pct) STAT(best_trade_pct)
STAT(worst_trade_pct) STAT(avg_trade_pct) STAT(profit_factor)
STAT(expectancy_pct) STAT(sqn) STAT(kelly)
DAYS(duration_days, duration_ms)
DAYS(max_drawdown_days, max_drawdown_duration_ms)
DAYS(avg_drawdown_days, avg_drawdown_duration_ms)
DAYS(max_trade_days, max_trade_duration_ms)
DAYS(avg_trade_days, avg_trade_duration_ms)
#define ROW(member) { #member, get_##member }
static const struct expected_stat expected_stats[] = {
	ROW(exposure_pct), ROW(equity_final), ROW(equity_peak),
	ROW(commissions), ROW(return_pct), ROW(buy_hold_return_pct),
	ROW(return_ann_pct), ROW(volatility_ann_pct), ROW(cagr_pct),
	ROW(sharpe), ROW(sortino), ROW(calmar), ROW(alpha_pct), ROW(beta),
	ROW(max_drawdown_pct), ROW(avg_drawdown_pct), ROW(trades),
	ROW(win_rate_pct), ROW(best_trade_pct), ROW(worst_trade_pct),
	ROW(avg_trade_pct), ROW(profit_factor), ROW(expectancy_pct),
	ROW(sqn), ROW(kelly), ROW(duration_days), ROW(max_drawdown_days),
	ROW(avg_drawdown_days), ROW(max_trade_days), ROW(avg_trade_days),
};
/* clang-format on */

static void check_stats(
	const struct json *expected, const struct backtest_stats *stats)
{
	size_t checked = 0;
	int64_t day;

	assert_int_equal(
		time_parse(json_member(expected, "start")->text, &day), ERR_OK);
	assert_int_equal(stats->start, day);
	assert_int_equal(
		time_parse(json_member(expected, "end")->text, &day), ERR_OK);
	assert_int_equal(stats->end, day);
	for (size_t i = 0;
		i < sizeof(expected_stats) / sizeof(expected_stats[0]); i++) {
		const struct expected_stat *row = &expected_stats[i];
		double value;

		if (!json_double(json_member(expected, row->name), &value))
			continue;
		help_near(row->name, row->get(stats), value);
		checked++;
	}
	assert_int_equal(checked + 2, expected->count);
}

static void check_trade(
	const struct json *expected, const struct backtest_trade *trade)
{
	const double is[] = {decimal_double(trade->size),
		(double)trade->entry_bar, (double)trade->exit_bar,
		decimal_double(trade->entry_price),
		decimal_double(trade->exit_price), decimal_double(trade->pnl)};
	const struct json *value = expected->first;

	for (size_t i = 0; i < 6; i++, value = value->next) {
		double should = NAN;

		assert_true(json_double(value, &should));
		help_near("a trade's value", is[i], should);
	}
	assert_null(value);
}

/* Where they are not complete: the first and the last three. */
static void check_trades(
	const struct json *item, const struct backtest_result *result)
{
	const struct json *trades = json_member(item, "trades");
	bool complete = json_member(item, "trades_complete")->truth;
	size_t index = 0;

	if (complete)
		assert_int_equal(trades->count, result->trade_count);
	for (const struct json *t = trades->first; t; t = t->next) {
		size_t back = trades->count - index;

		check_trade(t,
			&result->trades[complete || index < trades->count / 2
						? index
						: result->trade_count - back]);
		index++;
	}
}

static void test_reference_runs(void **state)
{
	struct help help = help_open();
	struct candles goog = help_goog(&help);
	const struct json *file =
		help_json_file(&help, "tests/unit/data/sma_goog.json");
	size_t cases = 0;

	(void)state;
	assert_int_equal(goog.count, 2148);
	for (const struct json *c = json_member(file, "cases")->first; c;
		c = c->next, cases++) {
		struct backtest_options options =
			help_options(json_member(c, "cash")->text);
		const char *params =
			arena_format(help.arena, "{\"fast\":%s,\"slow\":%s}",
				json_member(c, "fast")->text,
				json_member(c, "slow")->text);
		struct program *program = NULL;
		struct backtest_result result;

		options.commission =
			help_decimal(json_member(c, "commission")->text);
		options.whole_units = true;
		assert_int_equal(
			program_compile(help.arena,
				&(const struct program_source){
					.definition =
						help_json(&help, sma_cross),
					.pointer = "",
					.params = help_json(&help, params)},
				help.report, &program),
			ERR_OK);
		result = help_run(&help, program, goog, options);
		check_stats(json_member(c, "stats"), &result.stats);
		check_trades(c, &result);
	}
	assert_int_equal(cases, 2);
	arena_close(&help.arena);
}

/* Money of whole units at cent prices must come out to the cent. */
static void test_money_is_exact(void **state)
{
	struct help help = help_open();
	struct backtest_options options = help_options("10000");
	struct backtest_result result;
	struct decimal sum = help_decimal("10000");

	(void)state;
	options.whole_units = true;
	result = help_run(&help, help_program(&help, sma_cross),
		help_goog(&help), options);
	for (size_t i = 0; i < result.trade_count; i++)
		assert_int_equal(
			decimal_add(sum, result.trades[i].pnl, &sum), ERR_OK);
	assert_string_equal(help_text(&help, sum), "51422.99");
	arena_close(&help.arena);
}

static const char hold_from_first[] =
	"\"entry\":{\"long\":{\"gt\":[\"close\",0]}}";
static const double ramp[] = {10, 11, 12, 13, 14};

static void test_fills_at_next_open(void **state)
{
	struct help help = help_open();
	static const double bars[][4] = {
		{10, 11, 9, 10.5}, {20, 21, 19, 20.5}, {30, 31, 29, 30.5}};
	struct backtest_result r =
		help_run(&help, help_rules(&help, hold_from_first),
			help_bars(&help, bars, 3), help_options("100"));

	(void)state;
	assert_int_equal(r.trade_count, 1);
	assert_int_equal(r.trades[0].entry_bar, 1);
	assert_string_equal(help_text(&help, r.trades[0].entry_price), "20");
	assert_int_equal(r.trades[0].exit_bar, 2);
	assert_string_equal(help_text(&help, r.trades[0].exit_price), "30");
	assert_string_equal(help_text(&help, r.trades[0].pnl), "50");
	assert_string_equal(r.trades[0].exit_reason, "end");
	assert_int_equal(r.trades[0].exit_time, 2 * help_day);
	help_near("equity", r.equity[1], 102.5);
	arena_close(&help.arena);
}

static void test_fills_on_close(void **state)
{
	struct help help = help_open();
	static const double bars[][4] = {
		{10, 11, 9, 10}, {20, 21, 19, 20.5}, {30, 31, 24, 25}};
	struct backtest_options options = help_options("100");
	struct backtest_result r;

	(void)state;
	options.fill_on_close = true;
	r = help_run(&help, help_rules(&help, hold_from_first),
		help_bars(&help, bars, 3), options);
	assert_int_equal(r.trade_count, 1);
	assert_int_equal(r.trades[0].entry_bar, 0);
	assert_string_equal(help_text(&help, r.trades[0].entry_price), "10");
	assert_string_equal(help_text(&help, r.trades[0].exit_price), "25");
	help_near("equity", r.stats.equity_final, 250);
	arena_close(&help.arena);
}

static void test_without_finalize_stays_open(void **state)
{
	struct help help = help_open();
	struct backtest_options options = help_options("110");
	struct backtest_result r;

	(void)state;
	options.finalize = false;
	r = help_run(&help, help_rules(&help, hold_from_first),
		help_closes(&help, ramp, 5), options);
	assert_int_equal(r.trade_count, 0);
	help_near("equity", r.stats.equity_final, 140);
	assert_true(isnan(r.stats.win_rate_pct));
	arena_close(&help.arena);
}

/* The opposite entry closes and reverses at one open. */
static void test_reverses(void **state)
{
	struct help help = help_open();
	static const double closes[] = {10, 20, 10, 20, 10, 10};
	struct backtest_result r = help_run(&help,
		help_rules(&help, "\"entry\":{\"long\":{\"gt\":[\"close\",15]},"
				  "\"short\":{\"lt\":[\"close\",15]}}"),
		help_closes(&help, closes, 6), help_options("100"));

	(void)state;
	assert_int_equal(r.trade_count, 5);
	for (size_t i = 1; i < 5; i++) {
		assert_int_equal(
			r.trades[i].entry_bar, r.trades[i - 1].exit_bar);
		assert_true((r.trades[i].size.units > 0) !=
			    (r.trades[i - 1].size.units > 0));
		assert_string_equal(r.trades[i - 1].exit_reason, "signal");
	}
	arena_close(&help.arena);
}

static void test_contradicting_entries_do_nothing(void **state)
{
	static const char *const rules[] = {
		"\"entry\":{\"long\":{\"gt\":[\"close\",0]},"
		"\"short\":{\"gt\":[\"close\",0]}}",
		"\"entry\":{\"long\":{\"gt\":[\"close\",0]}},"
		"\"exit\":{\"long\":{\"gt\":[\"close\",0]}}",
	};
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct backtest_result r = help_run(&help,
			help_rules(&help, rules[i]),
			help_closes(&help, ramp, 5), help_options("100"));

		assert_int_equal(r.trade_count, 0);
	}
	arena_close(&help.arena);
}

struct sizing_row {
	const char *sizing, *cash, *commission;
	bool whole;
	const char *size; /* NULL: refused */
};

/* Bought at 11. */
static const struct sizing_row sizing_rows[] = {
	{"{\"mode\":\"all_in\"}", "110", "0", true, "10"},
	{"{\"mode\":\"all_in\"}", "109.99", "0", true, "9"},
	{"{\"mode\":\"all_in\"}", "10.99", "0", true, NULL},
	{"{\"mode\":\"all_in\"}", "100", "0", false, "9.09090909"},
	{"{\"mode\":\"all_in\"}", "111.1", "0.01", true, "10"},
	{"{\"mode\":\"all_in\"}", "111.09999999", "0.01", true, "9"},
	{"{\"mode\":\"fixed\",\"quantity\":\"1.5\"}", "100", "0", false, "1.5"},
	{"{\"mode\":\"fixed\",\"quantity\":\"1.5\"}", "100", "0", true, "1"},
	{"{\"mode\":\"fixed\",\"quantity\":\"0.5\"}", "100", "0", true, NULL},
	{"{\"mode\":\"fixed\",\"quantity\":\"10\"}", "109", "0", false, NULL},
	{"{\"mode\":\"pct_equity\",\"pct\":\"25\"}", "440", "0", true, "10"},
	{"{\"mode\":\"pct_equity\",\"pct\":\"25\"}", "100", "0", false,
		"2.27272727"},
	{"{\"mode\":\"pct_equity\",\"pct\":\"100\"}", "110", "0", true, "10"},
};

static void test_sizing(void **state)
{
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(sizing_rows) / sizeof(sizing_rows[0]);
		i++) {
		const struct sizing_row *row = &sizing_rows[i];
		struct backtest_options options = help_options(row->cash);
		struct backtest_result r;

		options.commission = help_decimal(row->commission);
		options.whole_units = row->whole;
		r = help_run(&help,
			help_rules(&help,
				arena_format(help.arena, "%s,\"sizing\":%s",
					hold_from_first, row->sizing)),
			help_closes(&help, ramp, 5), options);
		assert_int_equal(r.trade_count, row->size ? 1 : 0);
		if (row->size)
			assert_string_equal(
				help_text(&help, r.trades[0].size), row->size);
		else
			assert_true(r.refused_entries > 0);
	}
	arena_close(&help.arena);
}

static void test_commission_on_both_sides(void **state)
{
	struct help help = help_open();
	struct backtest_options options = help_options("1000");
	struct backtest_result r;

	(void)state;
	options.commission = help_decimal("0.01");
	r = help_run(&help,
		help_rules(&help,
			"\"entry\":{\"short\":{\"gt\":[\"close\",0]}},"
			"\"sizing\":{\"mode\":\"fixed\",\"quantity\":\"10\"}"),
		help_closes(&help, ramp, 5), options);
	assert_int_equal(r.trade_count, 1);
	assert_string_equal(help_text(&help, r.trades[0].size), "-10");
	assert_string_equal(help_text(&help, r.trades[0].commission), "2.5");
	assert_string_equal(help_text(&help, r.trades[0].pnl), "-32.5");
	help_near("return", r.trades[0].return_pct, -3250.0 / 110);
	help_near("equity", r.stats.equity_final, 967.5);
	help_near("equity while open", r.equity[1], 998.9);
	arena_close(&help.arena);
}

static void test_ruin_ends_the_run(void **state)
{
	struct help help = help_open();
	static const double closes[] = {10, 10, 12, 25, 5, 1};
	struct backtest_result r = help_run(&help,
		help_rules(
			&help, "\"entry\":{\"short\":{\"gt\":[\"close\",0]}}"),
		help_closes(&help, closes, 6), help_options("100"));

	(void)state;
	assert_true(r.ruined);
	assert_int_equal(r.trade_count, 1);
	assert_int_equal(r.trades[0].exit_bar, 3);
	assert_string_equal(r.trades[0].exit_reason, "ruin");
	assert_string_equal(help_text(&help, r.trades[0].pnl), "-150");
	for (size_t i = 3; i < 6; i++)
		assert_true(r.equity[i] == 0);
	help_near("return", r.stats.return_pct, -100);
	help_near("annual return", r.stats.return_ann_pct, -100);
	help_near("drawdown", r.stats.max_drawdown_pct, -100);
	arena_close(&help.arena);
}

static void test_trade_limit(void **state)
{
	struct help help = help_open();
	struct backtest_options options = help_options("10000");
	struct backtest_result r;

	(void)state;
	options.trade_limit = 5;
	r = help_run(&help, help_program(&help, sma_cross), help_goog(&help),
		options);
	assert_int_equal(r.trade_count, 5);
	assert_true(r.limited);
	help_near("equity stays", r.stats.equity_final,
		r.equity[r.trades[4].exit_bar]);
	arena_close(&help.arena);
}

static void test_warmup_waits(void **state)
{
	struct help help = help_open();
	struct program *program = help_rules(&help,
		"\"indicators\":{\"a\":{\"fn\":\"sma\",\"period\":3}},"
		"\"entry\":{\"long\":{\"gt\":[\"close\",\"a\"]}}");
	struct backtest_result r = help_run(&help, program,
		help_closes(&help, ramp, 5), help_options("100"));

	(void)state;
	assert_int_equal(program_warmup(program), 3);
	assert_int_equal(r.trade_count, 1);
	assert_int_equal(r.trades[0].entry_bar, 4);
	arena_close(&help.arena);
}

static void test_one_bar(void **state)
{
	struct help help = help_open();
	struct backtest_options options = help_options("100");

	(void)state;
	for (int on_close = 0; on_close < 2; on_close++) {
		struct backtest_result r;

		options.fill_on_close = on_close;
		r = help_run(&help, help_rules(&help, hold_from_first),
			help_closes(&help, ramp, 1), options);
		assert_int_equal(r.trade_count, 0);
		help_near("equity", r.equity[0], 100);
		assert_true(isnan(r.stats.sharpe));
		assert_true(isnan(r.stats.cagr_pct));
		assert_true(isnan(r.stats.beta));
	}
	arena_close(&help.arena);
}

static void expect_refused(struct help *help, struct candles candles,
	struct backtest_options options, const char *pointer)
{
	struct report *report = report_open(help->arena);
	struct backtest_result out = {.trade_count = 77};

	const struct backtest_input input = {
		.program = help_rules(help, hold_from_first),
		.candles = &candles,
		.options = &options};

	assert_int_equal(
		backtest_run(help->arena, &input, report, &out), ERR_BAD_INPUT);
	assert_int_equal(report->fault_count, 1);
	assert_string_equal(report->faults[0].pointer, pointer);
	assert_int_equal(out.trade_count, 77);
}

static void test_bad_options(void **state)
{
	static const char *const cash[] = {
		"0", "-1", "0.000000001", "92233720369"};
	static const char *const fee[] = {"-0.1", "0.1", "0.000000001"};
	struct help help = help_open();
	struct candles candles = help_closes(&help, ramp, 5);

	(void)state;
	for (size_t i = 0; i < 4; i++)
		expect_refused(&help, candles, help_options(cash[i]), "/cash");
	for (size_t i = 0; i < 3; i++) {
		struct backtest_options options = help_options("100");

		options.commission = help_decimal(fee[i]);
		expect_refused(&help, candles, options, "/fee");
	}
	arena_close(&help.arena);
}

static void expect_unsound(struct help *help, struct candles candles)
{
	struct report *report = report_open(help->arena);

	assert_int_equal(candles_check(&candles, report), ERR_BAD_INPUT);
	assert_int_equal(report->fault_count, 1);
	assert_string_equal(report->faults[0].pointer, "");
}

static void test_bad_candles(void **state)
{
	static const double bad[][4] = {{NAN, 2, 1, 1}, {1, 2, 0, 1},
		{1, INFINITY, 1, 1}, {3, 2, 1, 1}, {1, 2, 1, NAN},
		{1, 2, -1, 1}, {1, 1e11, 1, 1}};
	struct help help = help_open();
	struct help_columns c = help_columns(&help, 2);

	(void)state;
	expect_unsound(&help, help_closes(&help, ramp, 0));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_unsound(&help, help_bars(&help, &bad[i], 1));
	for (size_t i = 0; i < 2; i++) {
		c.open[i] = c.high[i] = c.low[i] = c.close[i] = 1;
		c.time[i] = 5;
	}
	expect_unsound(&help, help_view(&c, 2));
	arena_close(&help.arena);
}

/* 92 billion doubled: refused, not wrapped. */
static void test_overflow_is_a_fault(void **state)
{
	static const double closes[] = {10, 10, 20, 30, 30};
	struct help help = help_open();

	(void)state;
	expect_refused(&help, help_closes(&help, closes, 5),
		help_options("92000000000"), "/cash");
	arena_close(&help.arena);
}

/* 1e-8 is the smallest price: the quantity would not fit. */
static void test_tiny_price_with_huge_cash(void **state)
{
	static const double closes[] = {1e-8, 1e-8, 1e-8};
	struct help help = help_open();

	(void)state;
	expect_refused(&help, help_closes(&help, closes, 3),
		help_options("92000000000"), "/cash");
	arena_close(&help.arena);
}

static void test_hundred_thousand_bars(void **state)
{
	enum {
		BARS = 100000
	};
	struct help help = help_open();
	double *closes = arena_array(help.arena, BARS, sizeof(double));
	uint64_t seed = 1;
	struct backtest_result r;

	(void)state;
	closes[0] = 100;
	for (size_t i = 1; i < BARS; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		closes[i] = round(closes[i - 1] * 100 *
				    (1 + ((double)(seed >> 40) / 0x1p24 - .5) *
						    .01)) /
			    100;
	}
	r = help_run(&help, help_program(&help, sma_cross),
		help_closes(&help, closes, BARS), help_options("100000"));
	assert_true(r.trade_count > 1000);
	assert_true(isfinite(r.stats.sharpe));
	arena_close(&help.arena);
}

/* ---- how far it is -------------------------------------------------------- */

struct told {
	size_t calls, last, end_at;
};

static bool tell(void *thing, size_t bars)
{
	struct told *told = thing;

	assert_true(told->calls == 0 ? bars == 0 : bars > told->last);
	told->calls++;
	told->last = bars;
	return bars < told->end_at;
}

static void test_a_long_run_tells_and_can_be_ended(void **state)
{
	enum {
		BARS = 200000
	};
	struct help help = help_open();
	double *closes = arena_array(help.arena, BARS, sizeof(*closes));
	struct program *program =
		help_rules(&help, "\"entry\":{\"long\":\"close > 5\"}");
	struct backtest_options options = help_options("10000");
	struct told told = {.end_at = BARS};
	struct backtest_result result = {0};
	struct backtest_input input = {.program = program,
		.options = &options,
		.tell = tell,
		.thing = &told};
	struct candles candles;

	(void)state;
	for (size_t i = 0; i < BARS; i++)
		closes[i] = 4 + (double)(i % 3);
	candles = help_closes(&help, closes, BARS);
	input.candles = &candles;
	assert_int_equal(
		backtest_run(help.arena, &input, help.report, &result), ERR_OK);
	assert_true(told.calls >= 4);
	told = (struct told){.end_at = 1};
	assert_int_equal(backtest_run(help.arena, &input, help.report, &result),
		ERR_CONFLICT);
	assert_int_equal(told.calls, 2);
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_long_run_tells_and_can_be_ended),
		cmocka_unit_test(test_reference_runs),
		cmocka_unit_test(test_money_is_exact),
		cmocka_unit_test(test_fills_at_next_open),
		cmocka_unit_test(test_fills_on_close),
		cmocka_unit_test(test_without_finalize_stays_open),
		cmocka_unit_test(test_reverses),
		cmocka_unit_test(test_contradicting_entries_do_nothing),
		cmocka_unit_test(test_sizing),
		cmocka_unit_test(test_commission_on_both_sides),
		cmocka_unit_test(test_ruin_ends_the_run),
		cmocka_unit_test(test_trade_limit),
		cmocka_unit_test(test_warmup_waits),
		cmocka_unit_test(test_one_bar),
		cmocka_unit_test(test_bad_options),
		cmocka_unit_test(test_bad_candles),
		cmocka_unit_test(test_overflow_is_a_fault),
		cmocka_unit_test(test_tiny_price_with_huge_cash),
		cmocka_unit_test(test_hundred_thousand_bars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
