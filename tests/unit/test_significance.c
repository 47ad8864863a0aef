/*
 * Luck: the random numbers against published ones, resampling against what
 * can be known without it, and the same numbers for the same seed.
 */
#include "stats_help.h"

enum {
	TRADES = 200,
	DAYS = 500
};

static void test_published_sequences(void **state)
{
	/* SplitMix64 from 1234567; xoshiro256** from 1 2 3 4 */
	static const uint64_t split[] = {UINT64_C(6457827717110365317),
		UINT64_C(3203168211198807973), UINT64_C(9817491932198370423),
		UINT64_C(4593380528125082431), UINT64_C(16408922859458223821)};
	static const uint64_t xoshiro[] = {11520, 0, 1509978240,
		UINT64_C(1215971899390074240), UINT64_C(1216172134540287360),
		UINT64_C(607988272756665600)};
	struct random random = {{1, 2, 3, 4}};
	uint64_t seed = 1234567;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_true(random_seed_next(&seed) == split[i]);
	for (size_t i = 0; i < 6; i++)
		assert_true(random_next(&random) == xoshiro[i]);
}

static void test_below(void **state)
{
	struct random random = random_of(9);
	size_t seen[6] = {0};

	(void)state;
	for (size_t i = 0; i < 60000; i++) {
		uint64_t value = random_below(&random, 6);

		assert_true(value < 6);
		seen[value]++;
	}
	for (size_t i = 0; i < 6; i++)
		assert_true(seen[i] > 9600 && seen[i] < 10400);
	assert_true(random_below(&random, 1) == 0);
	for (size_t i = 0; i < 100; i++)
		assert_true(random_below(&random, UINT64_MAX) < UINT64_MAX);
}

struct sample {
	double profits[TRADES], returns[TRADES], daily[DAYS];
};

/* Steps of at most `by` about `mean`. */
static struct significance_setup sample_of(
	struct sample *s, double mean, double by, size_t count)
{
	struct random random = random_of(77);
	double money = 1000;

	for (size_t i = 0; i < TRADES; i++) {
		double u = (double)(random_next(&random) >> 11) * 0x1p-53;

		s->returns[i] = mean + (u - 0.5) * 2 * by;
		s->profits[i] = money * s->returns[i];
		money += s->profits[i];
	}
	for (size_t i = 0; i < DAYS; i++)
		s->daily[i] = s->returns[i % TRADES];
	return (struct significance_setup){.cash = 1000,
		.profits = s->profits,
		.returns = s->returns,
		.trade_count = count,
		.daily = s->daily,
		.daily_count = count ? DAYS : 0,
		.seed = 42,
		.rounds = 1000};
}

static struct significance compute(const struct significance_setup *setup)
{
	struct arena *arena = arena_open(HELP_ARENA);
	struct significance out;

	significance_compute(arena, setup, &out);
	arena_close(&arena);
	return out;
}

static void test_one_seed_one_result(void **state)
{
	static struct sample s;
	struct significance_setup setup = sample_of(&s, 0.001, 0.05, TRADES);
	struct significance a = compute(&setup), b = compute(&setup);

	(void)state;
	assert_memory_equal(&a, &b, sizeof(a));
	setup.seed = 43;
	b = compute(&setup);
	assert_true(a.drawn_equity.p50 != b.drawn_equity.p50);
	/* days do not depend on the trades */
	setup.trade_count = 10;
	a = compute(&setup);
	assert_true(a.daily.p_value == b.daily.p_value);
	assert_true(a.daily_sharpe_low == b.daily_sharpe_low);
}

/* In any order the same trades of one sign fall by nothing, or by all. */
static void test_order_of_equal_trades(void **state)
{
	double profits[10], returns[10];
	struct significance_setup setup = {.cash = 1000,
		.profits = profits,
		.returns = returns,
		.trade_count = 10,
		.seed = 1,
		.rounds = 50};
	struct significance is;
	double money = 1000;

	(void)state;
	for (size_t i = 0; i < 10; i++) {
		returns[i] = -0.1;
		profits[i] = -0.1 * money;
		money *= 0.9;
	}
	is = compute(&setup);
	help_near("p5", is.order_drawdown_pct.p5, (1 - pow(0.9, 10)) * 100);
	help_near("p95", is.order_drawdown_pct.p95, (1 - pow(0.9, 10)) * 100);
	help_near("end", is.drawn_equity.p50, 1000 * pow(0.9, 10));
	assert_true(is.drawn_loss_share == 1 && is.drawn_ruin_share == 0);
	assert_true(is.trade.p_value == 1);
	help_near("mean", is.trade.mean_pct, -10);
	assert_true(isnan(is.daily.p_value));
	for (size_t i = 0; i < 10; i++)
		profits[i] = 10;
	is = compute(&setup);
	assert_true(is.order_drawdown_pct.p95 == 0);
	assert_true(is.drawn_loss_share == 0);
}

/* Two trades, one that wins a tenth and one that loses a fifth: drawn with
   replacement they are 1.21, 0.88, 0.88 or 0.64 of the cash. */
static void test_two_trades(void **state)
{
	static const double profits[] = {100, -220};
	static const double returns[] = {0.1, -0.2};
	const struct significance_setup setup = {.cash = 1000,
		.profits = profits,
		.returns = returns,
		.trade_count = 2,
		.seed = 3,
		.rounds = 4000};
	struct significance is = compute(&setup);

	(void)state;
	help_near("order", is.order_drawdown_pct.p50, 20);
	help_near("worst", is.drawn_equity.p5, 640);
	help_near("middle", is.drawn_equity.p50, 880);
	help_near("best", is.drawn_equity.p95, 1210);
	assert_true(fabs(is.drawn_loss_share - 0.75) < 0.03);
	/* the mean of -0.05 is reached, moved to 0, by 3 of 4 samples */
	assert_true(fabs(is.trade.p_value - 0.75) < 0.03);
	help_near("low", is.trade.low_pct, -20);
	help_near("high", is.trade.high_pct, 10);
}

/* A trade that loses it all ruins each sample that draws it: of two trades,
   three of four. */
static void test_ruin(void **state)
{
	static const double profits[] = {100, -1100, 50};
	static const double returns[] = {0.1, -1, 0.1};
	const struct significance_setup setup = {.cash = 1000,
		.profits = profits,
		.returns = returns,
		.trade_count = 3, /* the third is after the ruin */
		.seed = 3,
		.rounds = 4000};
	struct significance is = compute(&setup);

	(void)state;
	assert_true(fabs(is.drawn_ruin_share - 0.75) < 0.03);
	help_near("all lost", is.order_drawdown_pct.p5, 100);
	assert_true(is.drawn_equity.p5 == 0);
}

/* The bounds against those of the normal distribution, which means of many
   draws are close to: mean -+ 1.96 deviations by the root of n. */
static void test_bounds(void **state)
{
	static struct sample s;
	struct significance_setup setup = sample_of(&s, 0.004, 0.05, TRADES);
	struct significance is;
	double mean = 0, variance = 0, wide;

	(void)state;
	setup.rounds = 10000;
	is = compute(&setup);
	for (size_t i = 0; i < TRADES; i++)
		mean += s.returns[i] / TRADES;
	for (size_t i = 0; i < TRADES; i++)
		variance += pow(s.returns[i] - mean, 2) / TRADES;
	wide = 1.96 * sqrt(variance / TRADES) * 100;
	help_near("mean", is.trade.mean_pct, mean * 100);
	assert_true(fabs(is.trade.low_pct - (mean * 100 - wide)) < 0.1 * wide);
	assert_true(fabs(is.trade.high_pct - (mean * 100 + wide)) < 0.1 * wide);
	assert_true(fabs(is.trade.p_value -
			    0.5 * erfc(mean / sqrt(variance / TRADES) /
					  sqrt(2))) < 0.02);
	help_near("stretch", is.daily_stretch, 8); /* 500^(1/3) */
	assert_true(is.daily.low_pct < is.daily.mean_pct);
	assert_true(is.daily.mean_pct < is.daily.high_pct);
	assert_true(is.daily_sharpe_low < is.daily_sharpe_high);
}

static void test_skill_and_none(void **state)
{
	static struct sample s;
	struct significance_setup good = sample_of(&s, 0.02, 0.05, TRADES);

	(void)state;
	assert_true(compute(&good).trade.p_value < 0.01);
	assert_true(compute(&good).daily.p_value < 0.01);
	good = sample_of(&s, -0.02, 0.05, TRADES);
	assert_true(compute(&good).trade.p_value > 0.9);
}

static void test_nothing_to_judge(void **state)
{
	static struct sample s;
	struct significance_setup setup = sample_of(&s, 0, 0.1, 0);
	struct significance is = compute(&setup);

	(void)state;
	assert_true(isnan(is.trade.p_value) && isnan(is.daily.p_value));
	assert_true(isnan(is.drawn_equity.p50));
	assert_true(isnan(is.order_drawdown_pct.p5));
	assert_int_equal(is.rounds, 0);
	setup.trade_count = 1;
	assert_true(isnan(compute(&setup).trade.low_pct));
}

static void test_work_is_bounded(void **state)
{
	enum {
		MANY = 100000
	};
	static double profits[MANY], returns[MANY];
	const struct significance_setup setup = {.cash = 1000,
		.profits = profits,
		.returns = returns,
		.trade_count = MANY,
		.seed = 1,
		.rounds = SIGNIFICANCE_ROUNDS_LIMIT};

	(void)state;
	assert_int_equal(compute(&setup).rounds, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_sequences),
		cmocka_unit_test(test_below),
		cmocka_unit_test(test_one_seed_one_result),
		cmocka_unit_test(test_order_of_equal_trades),
		cmocka_unit_test(test_two_trades),
		cmocka_unit_test(test_ruin),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_skill_and_none),
		cmocka_unit_test(test_nothing_to_judge),
		cmocka_unit_test(test_work_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
