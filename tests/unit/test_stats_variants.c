/*
 * The same figures by other people's definitions, against numbers worked out
 * by hand (stated where they stand) and two that an origin publishes in its
 * own tests.
 */
#include "stats_help.h"

static const struct stats_variant *variant_of(
	struct help *help, const struct stats_case *c, const char *name)
{
	struct stats_report report = stats_report_of(help, c);

	for (size_t i = 0; i < STATS_VARIANTS; i++) {
		struct stats_variant *out =
			arena_alloc(help->arena, sizeof(*out));

		*out = report.variants[i];
		if (strcmp(out->name, name) == 0)
			return out;
	}
	fail_msg("no variant %s", name);
	return NULL;
}

/* Daily bars from a Monday on: 252 days a year. */
static struct stats_case days_case(const double *equity, size_t count)
{
	return (struct stats_case){.cash = 100,
		.start = stats_monday,
		.step = help_day,
		.count = count,
		.equity = equity,
		.close = equity};
}

/* Of 100: +1 %, -2 %, +1.5 %, -0.5 %, +2.5 %. Mean 0.005; the squared
   distances from it add up to 0.00125, the squared losses to 0.000425. */
static const double rising[] = {
	101, 98.98, 100.4647, 99.9623765, 102.4614359125};
/* -1 %, +2 %, -1.5 %, +0.5 %, -2 %: mean -0.004, losses 0.000725. */
static const double falling[] = {99, 100.98, 99.4653, 99.9626265, 97.96337397};

static void test_nautilus(void **state)
{
	struct help help = help_open();
	struct stats_case up = days_case(rising, 5);
	struct stats_case down = days_case(falling, 5);
	const struct stats_variant *v = variant_of(&help, &up, "nautilus");

	(void)state;
	/* both published in tests of nautilus_trader, crates/analysis */
	help_near("sharpe", v->sharpe, 4.48998886412873);
	help_near("sortino", variant_of(&help, &down, "nautilus")->sortino,
		-5.273224492824493);
	help_near("sortino", v->sortino, 0.005 / sqrt(0.000085) * sqrt(252));
	help_near("cagr", v->cagr_pct,
		(pow(1.024614359125, 252.0 / 5) - 1) * 100);
	help_near("drawdown", v->max_drawdown_pct, -2);
	help_near("calmar", v->calmar, v->cagr_pct / 2);
	/* the cash is a high: 100 to 97.96337397 */
	help_near("from the cash on",
		variant_of(&help, &down, "nautilus")->max_drawdown_pct,
		-(1 - 97.96337397 / 100.98) * 100);
	arena_close(&help.arena);
}

static void test_jesse(void **state)
{
	struct help help = help_open();
	struct stats_case up = days_case(rising, 5);
	const struct stats_variant *v = variant_of(&help, &up, "jesse");

	(void)state;
	help_near("sharpe", v->sharpe, 0.005 / sqrt(0.0003125) * sqrt(365));
	help_near(
		"sortino", v->sortino, 0.005 / sqrt(0.000425 / 6) * sqrt(365));
	help_near("cagr", v->cagr_pct,
		(pow(1.024614359125, 365.0 / 5) - 1) * 100);
	help_near("drawdown", v->max_drawdown_pct, -2);
	help_near("calmar", v->calmar, v->cagr_pct / 2);
	arena_close(&help.arena);
}

static void test_daily(void **state)
{
	struct help help = help_open();
	struct stats_case up = days_case(rising, 5);
	const struct stats_variant *v = variant_of(&help, &up, "daily");
	double factor = 0.005 / sqrt(0.0003125);

	(void)state;
	help_near("252 days", v->sharpe, factor * sqrt(252));
	help_near("sortino", v->sortino, 0.005 / sqrt(0.000085) * sqrt(252));
	/* from the first bar's open to the last's: four days */
	help_near("cagr", v->cagr_pct,
		(pow(1.024614359125, 365.25 / 4) - 1) * 100);
	help_near("calmar", v->calmar, v->cagr_pct / 2);
	up.start += 3 * help_day; /* Thursday to Monday */
	v = variant_of(&help, &up, "daily");
	help_near("365 days", v->sharpe, factor * sqrt(365));
	up.step *= 7;
	v = variant_of(&help, &up, "daily");
	help_near("52 weeks", v->sharpe, factor * sqrt(52));
	arena_close(&help.arena);
}

/* The last value of each day counts, however many bars it has. */
static void test_days_of_finer_bars(void **state)
{
	struct help help = help_open();
	double fine[5 * 4];
	struct stats_case c = days_case(fine, 20);
	const struct stats_variant *v;

	(void)state;
	for (size_t i = 0; i < 20; i++)
		fine[i] = i % 4 == 3 ? rising[i / 4] : 90 + (double)i;
	c.step = help_day / 4;
	v = variant_of(&help, &c, "daily");
	help_near("sharpe", v->sharpe, 0.005 / sqrt(0.0003125) * sqrt(252));
	help_near("nautilus", variant_of(&help, &c, "nautilus")->sharpe,
		4.48998886412873);
	arena_close(&help.arena);
}

/*
 * Profits 10, -5, 20, -15 of 1000 in ten and a half days, which count as ten:
 * of a day 0.001. Parts 0.01 -0.005 0.02 -0.015: mean 0.0025, variance (n)
 * 0.00018125; of the losses the deviation is 0.005. Balances 1010 1005 1025
 * 1010: the worst fall is 15 of 1025.
 */
static void test_freqtrade(void **state)
{
	static const int64_t profits[] = {10, -5, 20, -15};
	double equity[22];
	struct help help = help_open();
	struct stats_case c = days_case(equity, 22);
	const struct stats_variant *v;

	(void)state;
	for (size_t i = 0; i < 22; i++)
		equity[i] = 1000 + (double)i;
	c.cash = 1000;
	c.step = help_day / 2;
	for (size_t i = 0; i < 4; i++)
		stats_trade(&c, i, i + 1, profits[i], true);
	v = variant_of(&help, &c, "freqtrade");
	help_near("sharpe", v->sharpe, 0.001 / sqrt(0.00018125) * sqrt(365));
	help_near("sortino", v->sortino, 0.001 / 0.005 * sqrt(365));
	help_near("drawdown", v->max_drawdown_pct, -100 * 15.0 / 1025);
	help_near("calmar", v->calmar, 0.1 / (15.0 / 1025) * sqrt(365));
	help_near("cagr", v->cagr_pct, (pow(1.01, 36.5) - 1) * 100);
	arena_close(&help.arena);
}

/* Bar by bar of 100: +1 %, -2 %, +1.5 %, -0.5 %, +2.5 %, a year of 365 days
   of four bars; highs are those of bars. */
static void test_vectorbt(void **state)
{
	struct help help = help_open();
	struct stats_case c = days_case(rising, 5);
	const struct stats_variant *v;

	(void)state;
	c.step = help_day / 4;
	v = variant_of(&help, &c, "vectorbt");
	help_near("sharpe", v->sharpe, 0.005 / sqrt(0.0003125) * sqrt(1460));
	help_near("sortino", v->sortino,
		0.005 * 1460 / (sqrt(0.000085) * sqrt(1460)));
	help_near("cagr", v->cagr_pct,
		(pow(1.024614359125, 1460.0 / 5) - 1) * 100);
	help_near("drawdown", v->max_drawdown_pct, -2);
	help_near("calmar", v->calmar, v->cagr_pct / 2);
	arena_close(&help.arena);
}

static void test_backtesting_py_is_the_default(void **state)
{
	struct help help = help_open();
	struct stats_case c = days_case(rising, 5);
	const struct stats_variant *v = variant_of(&help, &c, "backtesting_py");
	struct backtest_stats flat;

	(void)state;
	stats_make(&help, &c, 2, &flat);
	help_near("sharpe", v->sharpe, flat.sharpe);
	help_near("sortino", v->sortino, flat.sortino);
	help_near("calmar", v->calmar, flat.calmar);
	help_near("cagr", v->cagr_pct, flat.cagr_pct);
	help_near("drawdown", v->max_drawdown_pct, flat.max_drawdown_pct);
	arena_close(&help.arena);
}

/* A growth that never varies has no deviation: rounding is no risk. */
static void test_constant_growth_has_no_sharpe(void **state)
{
	double equity[300];
	struct help help = help_open();
	struct stats_case c = days_case(equity, 300);
	struct backtest_stats flat;
	struct stats_report report;

	(void)state;
	for (size_t i = 0; i < 300; i++)
		equity[i] = 100 * pow(1.001, (double)i + 1);
	report = stats_report_of(&help, &c);
	for (size_t i = 0; i < STATS_VARIANTS; i++)
		if (strcmp(report.variants[i].name, "backtesting_py") != 0)
			assert_true(isnan(report.variants[i].sharpe));
	stats_make(&help, &c, 300, &flat);
	assert_true(isnan(flat.beta));
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nautilus),
		cmocka_unit_test(test_jesse),
		cmocka_unit_test(test_daily),
		cmocka_unit_test(test_days_of_finer_bars),
		cmocka_unit_test(test_freqtrade),
		cmocka_unit_test(test_vectorbt),
		cmocka_unit_test(test_backtesting_py_is_the_default),
		cmocka_unit_test(test_constant_growth_has_no_sharpe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
