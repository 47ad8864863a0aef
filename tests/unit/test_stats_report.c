/*
 * The long report: each part against a plain computation or an example by
 * hand; runs that have nothing to tell; the warnings; the JSON.
 */
#include "stats_help.h"

#include "backtest_report.h"

enum {
	DAYS = 400
};

static struct stats_case days_case(
	const double *equity, const double *close, size_t count)
{
	return (struct stats_case){.cash = 1000,
		.start = stats_monday,
		.step = help_day,
		.count = count,
		.equity = equity,
		.close = close};
}

static double by_size_at(const double *values, size_t count, size_t rank)
{
	for (size_t i = 0; i < count; i++) {
		size_t below = 0;

		for (size_t k = 0; k < count; k++)
			below += values[k] < values[i];
		if (below == rank)
			return values[i];
	}
	fail_msg("no value of rank %zu", rank);
	return NAN;
}

static void test_ratios(void **state)
{
	static double equity[DAYS], r[DAYS];
	struct help help = help_open();
	struct stats_case c = days_case(equity, equity, DAYS);
	struct stats_ratios is;
	long double mean = 0, m2 = 0, m3 = 0, m4 = 0, g1, g2, n = DAYS;
	double gains = 0, losses = 0, high = 1000, ulcer = 0, tail = 0;

	(void)state;
	stats_walk(equity, DAYS, 1000, 0.03, 17);
	for (size_t i = 0; i < DAYS; i++) {
		r[i] = equity[i] / (i ? equity[i - 1] : 1000) - 1;
		mean += r[i] / n;
		gains += r[i] > 0 ? r[i] : 0;
		losses += r[i] < 0 ? -r[i] : 0;
		high = fmax(high, equity[i]);
		ulcer += pow(100 * (1 - equity[i] / high), 2) / DAYS;
	}
	for (size_t i = 0; i < DAYS; i++) {
		m2 += powl(r[i] - mean, 2) / n;
		m3 += powl(r[i] - mean, 3) / n;
		m4 += powl(r[i] - mean, 4) / n;
	}
	for (size_t i = 0; i < DAYS / 20; i++)
		tail += by_size_at(r, DAYS, i) / (DAYS / 20.0);
	g1 = m3 / powl(m2, 1.5L);
	g2 = m4 / (m2 * m2) - 3;
	is = stats_report_of(&help, &c).ratios;
	help_near("omega", is.omega, gains / losses);
	help_near("ulcer", is.ulcer_index_pct, sqrt(ulcer));
	help_near("cvar", is.cvar_5_pct, tail * 100);
	help_near("skew", is.skew, (double)(g1 * sqrtl(n * (n - 1)) / (n - 2)));
	help_near("kurtosis", is.kurtosis,
		(double)((n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6)));
	arena_close(&help.arena);
}

/* 1000 1100 990 1200: the deepest fall is 110, the profit 200. A trade from
   day 1 to 3, and one within it from day 1 to 2: two of three days. Traded
   100 + 105 and 100 + 90; the mean equity is 1072.5. */
static void test_activity(void **state)
{
	static const double equity[] = {1000, 1100, 990, 1200};
	struct help help = help_open();
	struct stats_case c = days_case(equity, equity, 4);
	struct backtest_stats flat;
	struct stats_ratios is;

	(void)state;
	stats_trade(&c, 1, 2, -10, true);
	stats_trade(&c, 1, 3, 5, true);
	stats_make(&help, &c, 4, &flat);
	is = stats_report_of(&help, &c).ratios;
	help_near("recovery", is.recovery_factor, 200.0 / 110);
	help_near("time", is.time_in_market_pct, 200.0 / 3);
	help_near("turnover", is.turnover, 395 / 1072.5);
	help_near("of a year", is.turnover_ann, 395 / 1072.5 / (3 / 365.25));
	help_near("exposure", flat.exposure_pct, 75);
	arena_close(&help.arena);
}

static void test_trade_summary(void **state)
{
	static const int64_t profits[] = {3, 4, 0, 5, -2, -3, -1, 6};
	static double equity[30];
	struct help help = help_open();
	struct stats_case c = days_case(equity, equity, 30);
	struct stats_trade_summary is;
	double mean = 12.0 / 8, sd = 0;

	(void)state;
	for (size_t i = 0; i < 30; i++)
		equity[i] = 1000;
	for (size_t i = 0; i < 8; i++) {
		stats_trade(&c, i, i + 1 + i % 2, profits[i], true);
		sd += pow((double)profits[i] - mean, 2) / 7;
	}
	c.trades[0].commission = (struct decimal){25, 2};
	is = stats_report_of(&help, &c).trades;
	assert_int_equal(is.wins, 4);
	assert_int_equal(is.losses, 3);
	assert_int_equal(is.draws, 1);
	assert_int_equal(is.longest_win_streak, 2);
	assert_int_equal(is.longest_loss_streak, 3);
	help_near("gross profit", is.gross_profit, 18);
	help_near("gross loss", is.gross_loss, 6);
	help_near("net", is.net_profit, 12);
	help_near("fees", is.fees, 0.25);
	help_near("average win", is.average_win, 4.5);
	help_near("average loss", is.average_loss, 2);
	help_near("best", is.best, 6);
	help_near("worst", is.worst, -3);
	help_near("expectancy", is.expectancy, 1.5);
	help_near("payoff", is.payoff, 2.25);
	help_near("of a unit lost", is.expectancy_ratio, 3.25 * 0.5 - 1);
	help_near("profit factor", is.profit_factor_money, 3);
	help_near("sqn", is.sqn, sqrt(8) * mean / sqrt(sd));
	help_near("kelly", is.kelly, 0.5 - 0.5 / 2.25);
	/* days held: winners 1 2 2 2, losers 1 2 1, cut to whole ms */
	assert_int_equal(is.average_win_ms, 7 * help_day / 4);
	assert_int_equal(is.average_loss_ms, 4 * help_day / 3);
	arena_close(&help.arena);
}

/* Over days of which the first ten are before the base bar. */
static void test_benchmark(void **state)
{
	static double equity[DAYS], close[DAYS], r[DAYS], q[DAYS];
	struct help help = help_open();
	struct stats_case c = days_case(equity, close, DAYS);
	struct stats_benchmark is;
	double mr = 0, mq = 0, rq = 0, qq = 0, rr = 0, off = 0, high = 1;
	double fall = 0, beta, n = DAYS;

	(void)state;
	stats_walk(equity, DAYS, 1000, 0.02, 5);
	stats_walk(close, DAYS, 70, 0.04, 6);
	c.base_bar = 10;
	for (size_t i = 0; i < DAYS; i++) {
		double before = i > 10 ? close[i - 1] / close[10] : 1;
		double now = i > 10 ? close[i] / close[10] : 1;

		r[i] = equity[i] / (i ? equity[i - 1] : 1000) - 1;
		q[i] = now / before - 1;
		mr += r[i] / n;
		mq += q[i] / n;
		high = fmax(high, now);
		fall = fmax(fall, 1 - now / high);
	}
	for (size_t i = 0; i < DAYS; i++) {
		rq += (r[i] - mr) * (q[i] - mq);
		rr += pow(r[i] - mr, 2);
		qq += pow(q[i] - mq, 2);
		off += pow(r[i] - q[i] - (mr - mq), 2);
	}
	beta = rq / qq;
	is = stats_report_of(&help, &c).benchmark;
	help_near("return", is.return_pct,
		(close[DAYS - 1] / close[10] - 1) * 100);
	help_near("cagr", is.cagr_pct,
		(pow(close[DAYS - 1] / close[10], 365.25 / (DAYS - 1)) - 1) *
			100);
	help_near("drawdown", is.max_drawdown_pct, -fall * 100);
	help_near("sharpe", is.sharpe, mq / sqrt(qq / (n - 1)) * sqrt(365));
	help_near("beta", is.beta, beta);
	help_near("alpha", is.alpha_ann_pct, (mr - beta * mq) * 36500);
	help_near("correlation", is.correlation, rq / sqrt(rr * qq));
	help_near("tracking error", is.tracking_error_ann_pct,
		sqrt(off / (n - 1) * 365) * 100);
	help_near("information ratio", is.information_ratio,
		(mr - mq) / sqrt(off / (n - 1)) * sqrt(365));
	arena_close(&help.arena);
}

/* From 2023-12-30 on: 1100 at the year's end, 990 at the end of January,
   1210 on the last day, in March; nothing in February. */
static void test_months(void **state)
{
	static const double equity[] = {1000, 1100, 1050, 990, 1210};
	static const int64_t days[] = {19721, 19722, 19723, 19753, 19783};
	struct help help = help_open();
	struct help_columns columns = help_columns(&help, 5);
	struct candles candles = help_view(&columns, 5);
	struct stats *stats = stats_open(
		help.arena, &(const struct stats_setup){.cash = 1000});
	struct backtest_stats flat;
	struct stats_report report;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		columns.time[i] = days[i] * help_day;
		columns.close[i] = 10;
	}
	stats_block(stats, &candles, equity);
	stats_finish(stats,
		&(const struct stats_end){
			.base_time = columns.time[0], .base_close = 10},
		&flat);
	stats_report(help.arena, stats,
		&(const struct stats_order){.rounds = 1}, &report);
	assert_int_equal(report.year_count, 2);
	assert_int_equal(report.years[0].year, 2023);
	help_near("December", report.years[0].month_pct[11], 10);
	assert_true(isnan(report.years[0].month_pct[10]));
	help_near("2023", report.years[0].year_pct, 10);
	assert_int_equal(report.years[1].year, 2024);
	help_near("January", report.years[1].month_pct[0], -10);
	assert_true(isnan(report.years[1].month_pct[1]));
	help_near("March", report.years[1].month_pct[2],
		(1210.0 / 990 - 1) * 100);
	help_near("2024", report.years[1].year_pct, 10);
	arena_close(&help.arena);
}

/* Equity 1000 1200 900 1000 1300 1170: a fall of a quarter for three days,
   from day 1 to 4, and one of a tenth that is open at the end. */
static void test_drawdowns(void **state)
{
	static const double equity[] = {1000, 1200, 900, 1000, 1300, 1170};
	struct help help = help_open();
	struct stats_case c = days_case(equity, equity, 6);
	struct stats_report report = stats_report_of(&help, &c);
	const struct stats_drawdown *first = &report.drawdowns[0];
	const struct stats_drawdown *second = &report.drawdowns[1];

	(void)state;
	assert_int_equal(report.drawdown_count, 2);
	help_near("the deepest", first->depth_pct, 25);
	assert_int_equal(first->from, stats_monday + help_day);
	assert_int_equal(first->bottom, stats_monday + 2 * help_day);
	assert_int_equal(first->to, stats_monday + 4 * help_day);
	assert_true(first->recovered);
	help_near("the last", second->depth_pct, 10);
	assert_int_equal(second->from, stats_monday + 4 * help_day);
	assert_int_equal(second->to, stats_monday + 5 * help_day);
	assert_false(second->recovered);
	arena_close(&help.arena);
}

static int64_t bin_at(const struct stats_bin *bins, double value)
{
	while (!(value >= bins->from && value < bins->to))
		bins++;
	return bins->trades;
}

/* Monday 00:00, Monday 07:00, Tuesday 00:00; bars of an hour. */
static void test_distribution_and_groups(void **state)
{
	static double equity[100];
	struct help help = help_open();
	struct stats_case c = days_case(equity, equity, 100);
	struct stats_report report;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		equity[i] = 1000;
	c.step = 3600000;
	stats_trade(&c, 0, 1, 3, true);
	stats_trade(&c, 7, 11, -50, false);
	stats_trade(&c, 24, 24, 0, false);
	stats_trade(&c, 24, 60, 70, true);
	c.trades[1].exit_reason = "stop_loss";
	report = stats_report_of(&help, &c);
	assert_int_equal(bin_at(report.return_bins, 4), 1); /* 2 to 5 */
	assert_int_equal(bin_at(report.return_bins, -50), 1);
	assert_int_equal(bin_at(report.return_bins, -51), 0);
	assert_int_equal(bin_at(report.return_bins, 0), 1);
	assert_int_equal(bin_at(report.return_bins, 1e9), 1);
	assert_int_equal(bin_at(report.holding_bins, 0), 1);
	assert_int_equal(bin_at(report.holding_bins, 3600000), 1);
	assert_int_equal(bin_at(report.holding_bins, 4 * 3600000), 1);
	assert_int_equal(bin_at(report.holding_bins, 36 * 3600000), 1);
	assert_int_equal(report.weekdays[0].trades, 2);
	assert_int_equal(report.weekdays[1].trades, 2);
	help_near("Mondays", report.weekdays[0].profit, -47);
	assert_int_equal(report.hours[0].trades, 3);
	assert_int_equal(report.hours[7].trades, 1);
	assert_int_equal(report.months[0].trades, 4);
	assert_int_equal(report.sides[0].trades, 2);
	assert_int_equal(report.sides[0].wins, 2);
	help_near("shorts", report.sides[1].profit, -50);
	help_near("their returns", report.sides[1].returns, -0.5);
	assert_int_equal(report.reason_count, 2);
	assert_string_equal(report.reasons[0].label, "signal");
	assert_int_equal(report.reasons[0].trades, 3);
	assert_string_equal(report.reasons[1].label, "stop_loss");
	assert_string_equal(report.symbol.label, "AB-CD");
	help_near("all", report.symbol.profit, 23);
	arena_close(&help.arena);
}

static void test_many_reasons_share_the_last_group(void **state)
{
	static double equity[100];
	struct help help = help_open();
	struct stats_case c = days_case(equity, equity, 100);
	struct stats_report report;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		equity[i] = 1000;
	for (size_t i = 0; i < 40; i++) {
		stats_trade(&c, i, i + 1, 1, true);
		c.trades[i].exit_reason =
			arena_format(help.arena, "reason %zu", i);
	}
	report = stats_report_of(&help, &c);
	assert_int_equal(report.reason_count, STATS_REASONS);
	assert_string_equal(report.reasons[STATS_REASONS - 1].label, "other");
	assert_int_equal(report.reasons[STATS_REASONS - 1].trades, 25);
	arena_close(&help.arena);
}

/* ---- nothing to tell --------------------------------------------------- */

static void not_infinite(const void *values, size_t size)
{
	for (size_t at = 0; at < size; at += sizeof(double)) {
		double value;

		memcpy(&value, (const char *)values + at, sizeof(value));
		assert_true(isfinite(value) || isnan(value));
	}
}

static struct stats_report check_finite(
	struct help *help, const struct stats_case *c)
{
	struct stats_report report = stats_report_of(help, c);
	struct backtest_stats flat;

	stats_make(help, c, 3, &flat);
	for (const struct stats_member *m = stats_members; m->name; m++)
		if (m->kind == STATS_DOUBLE)
			not_infinite((const char *)&flat + m->offset,
				sizeof(double));
	for (size_t i = 0; i < STATS_VARIANTS; i++)
		not_infinite(&report.variants[i].sharpe, 5 * sizeof(double));
	not_infinite(&report.ratios, sizeof(report.ratios));
	not_infinite(&report.benchmark, sizeof(report.benchmark));
	not_infinite(&report.trades.gross_profit,
		offsetof(struct stats_trade_summary, average_win_ms) -
			offsetof(struct stats_trade_summary, gross_profit));
	not_infinite(
		&report.significance.order_drawdown_pct, 11 * sizeof(double));
	not_infinite(
		&report.significance.trade, sizeof(report.significance.trade));
	not_infinite(
		&report.significance.daily, sizeof(report.significance.daily));
	for (size_t i = 0; i < report.year_count; i++)
		not_infinite(report.years[i].month_pct, 13 * sizeof(double));
	return report;
}

static void test_degenerate_runs(void **state)
{
	static const double flat[] = {1000, 1000, 1000, 1000, 1000};
	static const double ruin[] = {1000, 1100, 0, 0, 0};
	static const double at_once[] = {0, 0, 0, 0, 0};
	static const double tenfold[] = {1000, 1e10, 1e5, 1e10, 1e12};
	static const double *const runs[] = {flat, ruin, at_once, tenfold};
	static const double close[] = {10, 10, 10, 10, 10};
	struct help help = help_open();
	struct stats_report report;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (size_t n = 1; n <= 5; n++) {
			struct stats_case c = days_case(runs[i], close, n);

			check_finite(&help, &c);
			c.step = 60000;
			check_finite(&help, &c);
			stats_trade(&c, 0, 0, 0, true);
			check_finite(&help, &c);
			stats_trade(&c, 0, n - 1, 5, false);
			check_finite(&help, &c);
		}
	}
	{
		struct stats_case c = days_case(flat, close, 1);

		report = check_finite(&help, &c);
		assert_true(isnan(report.ratios.omega));
		assert_true(isnan(report.ratios.cvar_5_pct));
		assert_true(isnan(report.ratios.recovery_factor));
		assert_true(isnan(report.trades.best));
		assert_true(isnan(report.trades.expectancy));
		assert_true(isnan(report.benchmark.beta));
		assert_true(isnan(report.significance.trade.p_value));
		assert_int_equal(report.drawdown_count, 0);
		assert_int_equal(report.year_count, 1);
	}
	arena_close(&help.arena);
}

/* ---- warnings ---------------------------------------------------------- */

static bool warns(const struct stats_report *report, const char *slug)
{
	for (size_t i = 0; i < report->warning_count; i++)
		if (strcmp(report->warnings[i].slug, slug) == 0)
			return true;
	return false;
}

static void test_warnings(void **state)
{
	static double equity[DAYS], close[DAYS];
	struct help help = help_open();
	struct stats_case c;
	struct stats_report report;

	(void)state;
	for (size_t i = 0; i < DAYS; i++) {
		equity[i] = 1000 + (double)i;
		close[i] = 10;
	}
	c = days_case(equity, close, DAYS);
	report = stats_report_of(&help, &c);
	assert_true(warns(&report, "no_trades"));
	assert_int_equal(report.warning_count, 1);

	/* sixty sound trades: nothing to say */
	for (size_t i = 0; i < 60; i++)
		stats_trade(&c, 6 * i, 6 * i + 2, i % 3 ? 4 : -2, i % 2);
	report = stats_report_of(&help, &c);
	assert_int_equal(report.warning_count, 0);

	/* the first of them made it all */
	c.trades[0].pnl.units = 10000;
	report = stats_report_of(&help, &c);
	assert_true(warns(&report, "one_trade"));
	assert_false(warns(&report, "one_month"));
	for (size_t i = 0; i < 60; i++)
		c.trades[i].pnl.units = c.trades[i].size.units > 0 ? 3 : -2;
	report = stats_report_of(&help, &c);
	assert_true(warns(&report, "one_side"));
	for (size_t i = 0; i < 60; i++)
		c.trades[i].pnl.units = i < 5 ? 20 : -1;
	report = stats_report_of(&help, &c);
	assert_true(warns(&report, "one_month"));
	c.trades[0].commission = (struct decimal){45, 0};
	report = stats_report_of(&help, &c);
	assert_true(warns(&report, "costs"));
	c.trade_count = 29;
	c.count = 200;
	c.ruined = c.limited = true;
	c.refused = 3;
	close[199] = 20;
	report = stats_report_of(&help, &c);
	assert_true(warns(&report, "few_trades"));
	assert_true(warns(&report, "short_period"));
	assert_true(warns(&report, "ruin"));
	assert_true(warns(&report, "trade_limit"));
	assert_true(warns(&report, "refused_entries"));
	assert_true(warns(&report, "below_market"));
	for (size_t i = 0; i < 29; i++)
		c.trades[i].return_pct = i % 2 ? 5 : -5;
	report = stats_report_of(&help, &c);
	assert_true(warns(&report, "not_significant"));
	arena_close(&help.arena);
}

/* ---- JSON -------------------------------------------------------------- */

static void test_json(void **state)
{
	static const char *const names[] = {"fingerprint", "warnings",
		"variants", "ratios", "trades", "benchmark", "monthly",
		"drawdowns", "distribution", "breakdowns", "significance"};
	static double equity[DAYS];
	struct help help = help_open();
	struct stats_case c = days_case(equity, equity, DAYS);
	struct stats_report report;
	const struct json *json, *first;

	(void)state;
	stats_walk(equity, DAYS, 1000, 0.03, 2);
	stats_trade(&c, 1, 2, 5, true);
	stats_trade(&c, 3, 9, -5, false);
	report = stats_report_of(&help, &c);
	json = help_json(&help, backtest_report_json(help.arena, &report).text);
	assert_int_equal(json->count, sizeof(names) / sizeof(names[0]));
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_non_null(json_member(json, names[i]));
	assert_int_equal(json_member(json, "variants")->count, STATS_VARIANTS);
	assert_int_equal(
		json_member(json, "drawdowns")->count, report.drawdown_count);
	assert_int_equal(json_member(json, "monthly")->count, 2);
	first = json_member(json, "distribution");
	first = json_member(first, "return_pct")->first;
	assert_int_equal(json_member(first, "from")->kind, JSON_NULL);
	first = json_member(json_member(json, "breakdowns"), "side")->first;
	assert_string_equal(json_member(first, "key")->text, "long");
	assert_int_equal(
		json_member(json_member(json, "breakdowns"), "hour")->count, 1);
	arena_close(&help.arena);
}

/* The worst that its lists can hold still fits. */
static void test_json_is_bounded(void **state)
{
	struct help help = help_open();
	size_t count = 300;
	struct help_columns columns = help_columns(&help, count);
	struct candles candles = help_view(&columns, count);
	double *equity = arena_array(help.arena, count, sizeof(*equity));
	struct stats *stats = stats_open(
		help.arena, &(const struct stats_setup){.cash = 1000});
	struct backtest_stats flat;
	struct stats_report report;
	struct raw_json json;

	(void)state;
	stats_walk(equity, count, 1000, 0.5, 1);
	for (size_t i = 0; i < count; i++) {
		columns.time[i] = (int64_t)i * 366 * help_day;
		columns.close[i] = 10;
	}
	stats_block(stats, &candles, equity);
	stats_finish(stats,
		&(const struct stats_end){
			.base_time = columns.time[0], .base_close = 10},
		&flat);
	stats_report(help.arena, stats,
		&(const struct stats_order){.rounds = 1}, &report);
	assert_int_equal(report.year_count, STATS_YEARS);
	json = backtest_report_json(help.arena, &report);
	assert_true(json.len < 64 * 1024);
	help_json(&help, json.text);
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ratios),
		cmocka_unit_test(test_activity),
		cmocka_unit_test(test_trade_summary),
		cmocka_unit_test(test_benchmark),
		cmocka_unit_test(test_months),
		cmocka_unit_test(test_drawdowns),
		cmocka_unit_test(test_distribution_and_groups),
		cmocka_unit_test(test_many_reasons_share_the_last_group),
		cmocka_unit_test(test_degenerate_runs),
		cmocka_unit_test(test_warnings),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_json_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
