/*
 * The sums of each bar: any cut into blocks gives the same bits, and what
 * was made fast is what a plain computation gives.
 */
#include "stats_help.h"

enum {
	BARS = 5000
};

static const int64_t bars_step = INT64_C(3600000);

static struct stats_case walk_case(
	double *equity, double *close, double by, uint64_t seed)
{
	struct stats_case c = {.cash = 1000,
		.start = stats_monday,
		.step = bars_step,
		.count = BARS,
		.equity = equity,
		.close = close,
		.base_bar = 7};

	stats_walk(equity, BARS, 1000, by, seed);
	stats_walk(close, BARS, 50, by, seed + 1);
	for (size_t i = 0; i < 60; i++)
		stats_trade(&c, 3 * i, 3 * i + 2, (int64_t)(i % 7) - 3, i % 2);
	return c;
}

static bool same_bits(const void *a, const void *b, size_t size)
{
	return memcmp(a, b, size) == 0;
}

/* Of a report, all that is not a pointer into memory of its own. */
static void check_same(
	const struct stats_report *a, const struct stats_report *b)
{
	for (size_t i = 0; i < STATS_VARIANTS; i++)
		assert_true(same_bits(&a->variants[i].sharpe,
			&b->variants[i].sharpe, 5 * sizeof(double)));
	assert_true(same_bits(&a->ratios, &b->ratios, sizeof(a->ratios)));
	assert_true(
		same_bits(&a->benchmark, &b->benchmark, sizeof(a->benchmark)));
	assert_int_equal(a->drawdown_count, b->drawdown_count);
	for (size_t i = 0; i < a->drawdown_count; i++) {
		assert_int_equal(a->drawdowns[i].from, b->drawdowns[i].from);
		assert_int_equal(
			a->drawdowns[i].bottom, b->drawdowns[i].bottom);
		assert_int_equal(a->drawdowns[i].to, b->drawdowns[i].to);
	}
	assert_int_equal(a->year_count, b->year_count);
	assert_true(same_bits(
		a->years, b->years, a->year_count * sizeof(*a->years)));
	assert_string_equal(a->fingerprint, b->fingerprint);
}

static void test_any_cut_gives_the_same_bits(void **state)
{
	static const size_t cuts[] = {1, 2, 3, 7, 8, 64, 999, 1024, 1025, BARS};
	static const double steps[] = {0.0005, 0.02, 0.3};
	static double equity[BARS], close[BARS];
	const struct stats_order order = {.seed = 5, .rounds = 10};

	(void)state;
	for (size_t k = 0; k < 3; k++) {
		struct help help = help_open();
		struct stats_case c =
			walk_case(equity, close, steps[k], 40 + k);
		struct backtest_stats first = {0}, flat = {0};
		struct stats_report whole, cut;

		stats_report(help.arena, stats_make(&help, &c, BARS, &first),
			&order, &whole);
		for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
			struct stats *stats =
				stats_make(&help, &c, cuts[i], &flat);

			assert_true(same_bits(&first, &flat, sizeof(flat)));
			stats_report(help.arena, stats, &order, &cut);
			check_same(&whole, &cut);
		}
		arena_close(&help.arena);
	}
}

/* Covariance by variance of plain logarithms, in two passes. */
static double plain_beta(const struct stats_case *c)
{
	long double mx = 0, my = 0, xy = 0, yy = 0;
	size_t n = c->count - 1;

	for (size_t i = 1; i < c->count; i++) {
		mx += logl((long double)c->equity[i] / c->equity[i - 1]) / n;
		my += logl((long double)c->close[i] / c->close[i - 1]) / n;
	}
	for (size_t i = 1; i < c->count; i++) {
		long double x =
			logl((long double)c->equity[i] / c->equity[i - 1]) - mx;
		long double y =
			logl((long double)c->close[i] / c->close[i - 1]) - my;

		xy += x * y;
		yy += y * y;
	}
	return (double)(xy / yy);
}

static void plain_vectorbt(
	const struct stats_case *c, struct stats_variant *out)
{
	double a = 365.0 * 86400000 / (double)c->step, n = (double)c->count;
	double before = c->cash, sum = 0, squares = 0, down = 0, high = 0;
	double fall = 0;

	for (size_t i = 0; i < c->count; before = c->equity[i++])
		sum += c->equity[i] / before - 1;
	before = c->cash;
	for (size_t i = 0; i < c->count; before = c->equity[i++]) {
		double r = c->equity[i] / before - 1;

		squares += pow(r - sum / n, 2);
		down += r < 0 ? r * r : 0;
		high = fmax(high, c->equity[i]);
		fall = fmax(fall, 1 - c->equity[i] / high);
	}
	out->sharpe = sum / n / sqrt(squares / (n - 1)) * sqrt(a);
	out->sortino = sum / n * a / (sqrt(down / n) * sqrt(a));
	out->cagr_pct =
		(pow(c->equity[c->count - 1] / c->cash, a / n) - 1) * 100;
	out->max_drawdown_pct = -fall * 100;
	out->calmar = out->cagr_pct / (fall * 100);
}

static const struct stats_variant *variant_of(
	const struct stats_report *report, const char *name)
{
	for (size_t i = 0; i < STATS_VARIANTS; i++)
		if (strcmp(report->variants[i].name, name) == 0)
			return &report->variants[i];
	fail_msg("no variant %s", name);
	return NULL;
}

/* Small steps are summed by the series, large ones by the logarithm. */
static void test_fast_sums_are_the_plain_ones(void **state)
{
	static const double steps[] = {0.0005, 0.009, 0.02, 0.3};
	static double equity[BARS], close[BARS];

	(void)state;
	for (size_t k = 0; k < 4; k++) {
		struct help help = help_open();
		struct stats_case c =
			walk_case(equity, close, steps[k], 90 + k);
		struct stats_variant plain = {0};
		struct backtest_stats flat;
		struct stats_report report;
		const struct stats_variant *is;

		stats_make(&help, &c, 1024, &flat);
		help_near("beta", flat.beta, plain_beta(&c));
		plain_vectorbt(&c, &plain);
		report = stats_report_of(&help, &c);
		is = variant_of(&report, "vectorbt");
		help_near("sharpe", is->sharpe, plain.sharpe);
		help_near("sortino", is->sortino, plain.sortino);
		help_near("cagr", is->cagr_pct, plain.cagr_pct);
		help_near("drawdown", is->max_drawdown_pct,
			plain.max_drawdown_pct);
		help_near("calmar", is->calmar, plain.calmar);
		help_near("the default's drawdown", flat.max_drawdown_pct,
			plain.max_drawdown_pct);
		arena_close(&help.arena);
	}
}

/* Depths of all drawdowns, found the long way, deepest first. */
static size_t plain_depths(const struct stats_case *c, double *out)
{
	double high = c->equity[0], low = high;
	size_t n = 0;

	for (size_t i = 0; i <= c->count; i++) {
		bool ends = i == c->count || c->equity[i] >= high;

		if (ends && low < high)
			out[n++] = 100 * (1 - low / high);
		if (i == c->count)
			break;
		if (ends)
			high = low = c->equity[i];
		low = fmin(low, c->equity[i]);
	}
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && out[k - 1] < out[k]; k--) {
			double other = out[k];

			out[k] = out[k - 1];
			out[k - 1] = other;
		}
	return n;
}

static void test_the_ten_deepest(void **state)
{
	static double equity[BARS], close[BARS], depths[BARS];
	struct help help = help_open();
	struct stats_case c = walk_case(equity, close, 0.01, 3);
	struct stats_report report = stats_report_of(&help, &c);
	size_t n = plain_depths(&c, depths);

	(void)state;
	assert_true(n > STATS_DRAWDOWNS);
	assert_int_equal(report.drawdown_count, STATS_DRAWDOWNS);
	for (size_t i = 0; i < STATS_DRAWDOWNS; i++) {
		const struct stats_drawdown *is = &report.drawdowns[i];

		help_near("depth", is->depth_pct, depths[i]);
		assert_true(is->from < is->bottom);
		assert_true(is->recovered ? is->bottom < is->to
					  : is->bottom <= is->to);
	}
	arena_close(&help.arena);
}

static void test_a_ruin_in_the_middle(void **state)
{
	static double equity[BARS], close[BARS];
	struct help help = help_open();
	struct stats_case c = walk_case(equity, close, 0.001, 8);
	struct backtest_stats flat = {0}, odd = {0};

	(void)state;
	for (size_t i = 1500; i < BARS; i++)
		equity[i] = 0;
	stats_make(&help, &c, 1024, &flat);
	stats_make(&help, &c, 13, &odd);
	assert_true(same_bits(&flat, &odd, sizeof(flat)));
	help_near("annual", flat.return_ann_pct, -100);
	help_near("cagr", flat.cagr_pct, -100);
	help_near("drawdown", flat.max_drawdown_pct, -100);
	assert_true(isnan(flat.beta) && isnan(flat.alpha_pct));
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_cut_gives_the_same_bits),
		cmocka_unit_test(test_fast_sums_are_the_plain_ones),
		cmocka_unit_test(test_the_ten_deepest),
		cmocka_unit_test(test_a_ruin_in_the_middle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
