/*
 * Statistics where the reference runs do not reach: markets that stand, no
 * trades, calendars, durations, drawdowns by hand.
 */
#include "engine_help.h"

static const char always_long[] = "\"entry\":{\"long\":{\"gt\":[\"close\",0]}}";
static const char never[] = "\"entry\":{\"long\":{\"lt\":[\"close\",0]}}";

static struct backtest_stats stats_of(
	struct help *help, const char *rules, struct candles candles)
{
	return help_run(
		help, help_rules(help, rules), candles, help_options("1000"))
		.stats;
}

static void test_standing_market(void **state)
{
	static const double flat[] = {10, 10, 10, 10, 10, 10, 10, 10};
	static const char *const rules[] = {always_long, never};
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct backtest_stats s =
			stats_of(&help, rules[i], help_closes(&help, flat, 8));

		assert_true(s.return_pct == 0 && s.max_drawdown_pct == 0);
		assert_true(s.volatility_ann_pct == 0);
		assert_true(isnan(s.sharpe) && isnan(s.sortino));
		assert_true(isnan(s.calmar) && isnan(s.beta));
		assert_true(isnan(s.alpha_pct) && isnan(s.sqn));
		assert_true(isnan(s.profit_factor) && isnan(s.kelly));
		assert_true(isnan(s.avg_drawdown_pct));
		assert_int_equal(s.max_drawdown_duration_ms, 0);
		assert_int_equal(s.avg_drawdown_duration_ms, 0);
	}
	arena_close(&help.arena);
}

static void test_no_trades(void **state)
{
	static const double closes[] = {10, 12, 9, 15, 20};
	struct help help = help_open();
	struct backtest_stats s =
		stats_of(&help, never, help_closes(&help, closes, 5));

	(void)state;
	assert_int_equal(s.trades, 0);
	assert_true(s.exposure_pct == 0 && s.commissions == 0);
	assert_true(isnan(s.win_rate_pct) && isnan(s.best_trade_pct));
	assert_true(isnan(s.worst_trade_pct) && isnan(s.avg_trade_pct));
	assert_true(isnan(s.expectancy_pct));
	assert_int_equal(s.max_trade_duration_ms, 0);
	assert_true(s.beta == 0);
	help_near("buy and hold", s.buy_hold_return_pct, 100);
	arena_close(&help.arena);
}

/* 100 units from 10: equity 1000 1000 1200 900 1000 1300 1170. */
static void test_drawdowns_by_hand(void **state)
{
	static const double closes[] = {10, 10, 12, 9, 10, 13, 11.7};
	struct help help = help_open();
	struct backtest_options options = help_options("1000");
	struct backtest_stats s;

	(void)state;
	options.finalize = false;
	s = help_run(&help, help_rules(&help, always_long),
		help_closes(&help, closes, 7), options)
		    .stats;
	help_near("deepest", s.max_drawdown_pct, -25);
	/* A drawdown of one bar at the end has no length yet. */
	help_near("average", s.avg_drawdown_pct, -25);
	assert_int_equal(s.max_drawdown_duration_ms, 3 * help_day);
	assert_int_equal(s.avg_drawdown_duration_ms, 3 * help_day);
	help_near("peak", s.equity_peak, 1300);
	arena_close(&help.arena);
}

/* One unit each: 20 to 10, 12 to 11, 20 to 23. */
static void test_trades_by_hand(void **state)
{
	static const double closes[] = {10, 20, 10, 12, 11, 10, 20, 23, 23};
	struct help help = help_open();
	struct backtest_stats s = stats_of(&help,
		"\"entry\":{\"long\":{\"any\":[{\"eq\":[\"close\",10]}]}},"
		"\"exit\":{\"long\":{\"any\":[{\"eq\":[\"close\",20]},"
		"{\"eq\":[\"close\",12]}]}},"
		"\"sizing\":{\"mode\":\"fixed\",\"quantity\":\"1\"}",
		help_closes(&help, closes, 9));
	double r[] = {-0.5, 11.0 / 12 - 1, 23.0 / 20 - 1};
	double mean = -8.0 / 3;
	double sd = sqrt(
		(pow(-10 - mean, 2) + pow(-1 - mean, 2) + pow(3 - mean, 2)) /
		2);

	(void)state;
	assert_int_equal(s.trades, 3);
	help_near("win rate", s.win_rate_pct, 100.0 / 3);
	help_near("best", s.best_trade_pct, r[2] * 100);
	help_near("worst", s.worst_trade_pct, r[0] * 100);
	help_near("average", s.avg_trade_pct,
		(cbrt((1 + r[0]) * (1 + r[1]) * (1 + r[2])) - 1) * 100);
	help_near(
		"expectancy", s.expectancy_pct, (r[0] + r[1] + r[2]) / 3 * 100);
	help_near("profit factor", s.profit_factor, r[2] / -(r[0] + r[1]));
	help_near("sqn", s.sqn, sqrt(3) * mean / sd);
	help_near("kelly", s.kelly, 1.0 / 3 - (2.0 / 3) / (3 / 5.5));
	arena_close(&help.arena);
}

static struct candles at_step(
	struct help *help, const double *closes, size_t count, int64_t step)
{
	struct candles candles = help_closes(help, closes, count);
	int64_t *time = arena_array(help->arena, count, sizeof(*time));

	/* From Monday, 2024-01-01. */
	for (size_t i = 0; i < count; i++)
		time[i] = 19723 * help_day + (int64_t)i * step;
	candles.time = time;
	return candles;
}

static void test_durations_round_up_to_the_unit(void **state)
{
	static const double closes[] = {10, 20, 20, 12, 20, 20, 20};
	static const struct {
		int64_t step, unit;
	} rows[] = {
		{60000, 60000},
		{5 * 60000, 60000},
		{4 * 3600000, 3600000},
		{86400000, 86400000},
		{7 * 86400000LL, 86400000},
	};
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct backtest_stats s = stats_of(&help,
			"\"entry\":{\"long\":{\"gt\":[\"close\",15]}},"
			"\"exit\":{\"long\":{\"lt\":[\"close\",15]}}",
			at_step(&help, closes, 7, rows[i].step));
		int64_t mean = (2 * rows[i].step + rows[i].step) / 2;
		int64_t unit = rows[i].unit;

		/* bars 2 to 4 and 5 to 6 */
		assert_int_equal(s.trades, 2);
		assert_int_equal(s.max_trade_duration_ms, 2 * rows[i].step);
		assert_int_equal(s.avg_trade_duration_ms,
			(mean + unit - 1) / unit * unit);
	}
	arena_close(&help.arena);
}

/* The same equity a day: a market with weekends has 365 days, weeks are 52;
   finer bars are taken a day at a time. */
static void test_calendars(void **state)
{
	static const double closes[] = {
		10, 11, 12, 11, 13, 12, 14, 15, 14, 16, 17, 16, 18, 19};
	enum {
		DAYS = sizeof(closes) / sizeof(closes[0]),
		HOURS = DAYS * 24
	};
	struct help help = help_open();
	double *hourly = arena_array(help.arena, HOURS, sizeof(*hourly));
	struct backtest_options options = help_options("1000");
	struct program *program = help_rules(&help, always_long);
	struct backtest_stats daily, weekly, fine;
	double growth = 19.0 / 11;

	(void)state;
	options.finalize = false;
	for (size_t i = 0; i < HOURS; i++)
		hourly[i] = closes[i / 24];
	daily = help_run(
		&help, program, at_step(&help, closes, DAYS, help_day), options)
			.stats;
	weekly = help_run(&help, program,
		at_step(&help, closes, DAYS, 7 * help_day), options)
			 .stats;
	help_near("daily", daily.return_ann_pct,
		(pow(growth, 365.0 / (DAYS - 1)) - 1) * 100);
	help_near("weekly", weekly.return_ann_pct,
		(pow(growth, 52.0 / (DAYS - 1)) - 1) * 100);
	fine = help_run(&help, program,
		at_step(&help, hourly, HOURS, help_day / 24), options)
		       .stats;
	/* Entered an hour in, at 10, instead of a day later, at 11. */
	help_near("hourly", fine.return_ann_pct,
		(pow(1.9, 365.0 / (DAYS - 1)) - 1) * 100);
	help_near("days", (double)fine.duration_ms,
		(double)(HOURS - 1) * 3600000);
	arena_close(&help.arena);
}

/* Always in the market from the second bar: the equity is the close. */
static void test_beta_of_the_market_itself(void **state)
{
	static const double closes[] = {10, 10, 11, 9, 12, 13, 12};
	struct help help = help_open();
	struct backtest_options options = help_options("1000");
	struct backtest_stats s;

	(void)state;
	options.finalize = false;
	s = help_run(&help, help_rules(&help, always_long),
		help_closes(&help, closes, 7), options)
		    .stats;
	help_near("beta", s.beta, 1);
	assert_true(fabs(s.alpha_pct) < 1e-9);
	arena_close(&help.arena);
}

static void test_exposure_counts_a_bar_once(void **state)
{
	static const double closes[] = {10, 20, 10, 20, 10, 20};
	struct help help = help_open();
	struct backtest_stats s = stats_of(&help,
		"\"entry\":{\"long\":{\"gt\":[\"close\",15]},"
		"\"short\":{\"lt\":[\"close\",15]}}",
		help_closes(&help, closes, 6));

	(void)state;
	help_near("exposure", s.exposure_pct, 500.0 / 6);
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_standing_market),
		cmocka_unit_test(test_no_trades),
		cmocka_unit_test(test_drawdowns_by_hand),
		cmocka_unit_test(test_trades_by_hand),
		cmocka_unit_test(test_durations_round_up_to_the_unit),
		cmocka_unit_test(test_calendars),
		cmocka_unit_test(test_beta_of_the_market_itself),
		cmocka_unit_test(test_exposure_counts_a_bar_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
