/*
 * Searches: which points there are, that none comes twice, which are best;
 * windows of walk-forward tests, and that nothing behind one is seen in it.
 */
#include "engine_help.h"
#include "search.h"
#include "walk.h"

static const double small[] = {1, 2, 3};
static const double pair[] = {10, 20};
static const struct search_axis axes[] = {{"a", small, 3}, {"b", pair, 2}};

static struct search_space grid(void)
{
	return (struct search_space){.axes = axes, .axis_count = 2};
}

/* ---- points -------------------------------------------------------------- */

static void test_a_grid_turns_the_last_axis_first(void **state)
{
	const struct search_space space = grid();
	const double wanted[6][2] = {
		{1, 10}, {1, 20}, {2, 10}, {2, 20}, {3, 10}, {3, 20}};
	double values[2];

	(void)state;
	assert_int_equal(search_combinations(&space), 6);
	for (size_t i = 0; i < 6; i++) {
		search_point(&space, i, values);
		assert_true(values[0] == wanted[i][0]);
		assert_true(values[1] == wanted[i][1]);
	}
}

static void test_random_points_never_come_twice(void **state)
{
	static double values[997];
	static bool seen[4][997];
	const struct search_axis axis = {"a", values, 997};
	struct search_space space = {
		.axes = &axis, .axis_count = 1, .random = true};
	size_t in_place = 0;

	(void)state;
	for (size_t i = 0; i < 997; i++)
		values[i] = (double)i;
	for (space.seed = 0; space.seed < 4; space.seed++) {
		for (uint64_t i = 0; i < 997; i++) {
			double value, again;

			search_point(&space, i, &value);
			search_point(&space, i, &again);
			assert_true(value == again);
			assert_false(seen[space.seed][(size_t)value]);
			seen[space.seed][(size_t)value] = true;
			in_place += (uint64_t)value == i;
		}
	}
	/* shuffled, not in order */
	assert_true(in_place < 40);
}

static void test_seeds_differ(void **state)
{
	struct search_space one = grid(), two = grid();
	double a[2], b[2];
	size_t same = 0;

	(void)state;
	one.random = two.random = true;
	two.seed = 7;
	for (uint64_t i = 0; i < 6; i++) {
		search_point(&one, i, a);
		search_point(&two, i, b);
		same += a[0] == b[0] && a[1] == b[1];
	}
	assert_true(same < 6);
}

static void test_few_combinations(void **state)
{
	const struct search_space none = {.axis_count = 0};
	const struct search_axis one = {"a", small, 1};
	struct search_space space = {
		.axes = &one, .axis_count = 1, .random = true};
	double value = 0;

	(void)state;
	assert_int_equal(search_combinations(&none), 1);
	search_point(&none, 0, NULL);
	search_point(&space, 0, &value);
	assert_true(value == 1);
}

static void test_many_combinations_are_not_counted_on(void **state)
{
	static double values[SEARCH_VALUES_LIMIT];
	struct search_axis many[SEARCH_AXES_LIMIT];
	struct search_space space = {.axes = many, .random = true};
	double point[SEARCH_AXES_LIMIT];

	(void)state;
	for (size_t i = 0; i < SEARCH_AXES_LIMIT; i++)
		many[i] =
			(struct search_axis){"a", values, SEARCH_VALUES_LIMIT};
	space.axis_count = 5;
	assert_int_equal(search_combinations(&space), 1000000000000000);
	space.axis_count = SEARCH_AXES_LIMIT;
	assert_true(search_combinations(&space) == SEARCH_COMBINATIONS_LIMIT);
	search_point(&space, 12345, point);
}

static void test_ranges(void **state)
{
	static const struct {
		double bounds[3];
		size_t count;
		double last;
	} rows[] = {
		{{5, 30, 5}, 6, 30},
		{{5, 29, 5}, 5, 25},
		{{0.1, 0.3, 0.1}, 3, 0.3},
		{{0, 1, 0.05}, 21, 1},
		{{7, 7, 1}, 1, 7},
		{{-2, 2, 2}, 3, 2},
		{{3, 2, 1}, 0, 0},
		{{1, 2, 0}, 0, 0},
		{{1, 2, -1}, 0, 0},
		{{1, INFINITY, 1}, 0, 0},
		{{1, 2, NAN}, 0, 0},
	};
	double values[32];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(search_range(rows[i].bounds, values, 32),
			rows[i].count);
		if (rows[i].count > 0)
			assert_true(values[rows[i].count - 1] == rows[i].last);
	}
	/* more than there is room for: said, not written */
	assert_true(search_range((const double[]){1, 100, 1}, values, 32) > 32);
	assert_true(search_range((const double[]){0, 1e300, 1e-300}, values,
			    32) > 32);
}

/* ---- the best ------------------------------------------------------------ */

static void test_metrics(void **state)
{
	const struct backtest_stats stats = {
		.sharpe = 1.5, .volatility_ann_pct = 9, .trades = 4};
	struct search_score score;

	(void)state;
	for (size_t i = 0; search_metric_names[i]; i++) {
		assert_non_null(search_metric_find(search_metric_names[i]));
		assert_string_equal(
			search_metric_find(search_metric_names[i])->name,
			search_metric_names[i]);
	}
	assert_null(search_metric_find("luck"));
	score = search_score_of(search_metric_find("sharpe"), &stats);
	assert_true(score.metric == 1.5 && score.trades == 4);
	assert_true(score.failed == 0);
	score = search_score_of(
		search_metric_find("volatility_ann_pct"), &stats);
	assert_true(score.metric == 9);
	assert_true(search_metric_find("volatility_ann_pct")->lower);
	assert_true(search_score_failed().failed == 1);
}

static void test_the_best_come_first(void **state)
{
	const struct search_score at[] = {
		{.metric = 1, .trades = 5},
		{.metric = 3, .trades = 1},
		{.metric = NAN, .trades = 9},
		{.metric = 2, .trades = 5},
		{.metric = 2, .trades = 6},
		{.metric = 9, .trades = 9, .failed = 1},
		{.metric = INFINITY, .trades = 9},
	};
	struct search_floor floor = {.min_trades = 0};
	struct search_scores scores = {
		at, 7, search_metric_find("sharpe"), &floor};
	size_t best[7];

	(void)state;
	assert_int_equal(search_best(&scores, best, 7), 4);
	assert_int_equal(best[0], 1);
	assert_int_equal(best[1], 3); /* of equals the earlier */
	assert_int_equal(best[2], 4);
	assert_int_equal(best[3], 0);
	assert_int_equal(search_best(&scores, best, 2), 2);
	assert_int_equal(best[1], 3);
	assert_int_equal(search_best(&scores, best, 0), 0);
	floor.min_trades = 2;
	assert_int_equal(search_best(&scores, best, 7), 3);
	assert_int_equal(best[0], 3);
	scores.metric = search_metric_find("volatility_ann_pct");
	assert_int_equal(search_best(&scores, best, 7), 3);
	assert_int_equal(best[0], 0);
}

static void test_floors(void **state)
{
	const struct search_score score = {.metric = 1,
		.trades = 10,
		.max_drawdown_pct = -20,
		.win_rate_pct = 55,
		.profit_factor = NAN};
	static const struct {
		struct search_floor floor;
		bool counts;
	} rows[] = {
		{{.min_trades = 10}, true}, {{.min_trades = 11}, false},
		{{.max_drawdown_pct = 20}, true},
		{{.max_drawdown_pct = 19}, false},
		{{.min_win_rate_pct = 55}, true},
		{{.min_win_rate_pct = 56}, false},
		{{.min_profit_factor = 0}, true},
		{{.min_profit_factor = 1}, false}, /* not known */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
			search_counts(&score, &rows[i].floor), rows[i].counts);
}

/* ---- windows ------------------------------------------------------------- */

static struct candles days(size_t count)
{
	static int64_t time[400];
	static double price[400];

	for (size_t i = 0; i < count; i++) {
		time[i] = (int64_t)i * help_day;
		price[i] = 100 + 10 * sin((double)i / 5);
	}
	return (struct candles){time, price, price, price, price, price, count};
}

static void test_windows_in_bars(void **state)
{
	const struct candles candles = days(100);
	struct walk_plan plan = {
		.in_sample = 40, .out_of_sample = 20, .step = 20};
	struct walk_window out[8];

	(void)state;
	assert_int_equal(walk_windows(&candles, &plan, out, 8), 3);
	assert_int_equal(out[0].in_from, 0);
	assert_int_equal(out[0].in_to, 40);
	assert_int_equal(out[0].out_to, 60);
	assert_int_equal(out[2].in_from, 40);
	assert_int_equal(out[2].out_to, 100);
	plan.anchored = true;
	assert_int_equal(walk_windows(&candles, &plan, out, 8), 3);
	assert_int_equal(out[2].in_from, 0);
	assert_int_equal(out[2].in_to, 80);
	/* more than there is room for is counted */
	assert_int_equal(walk_windows(&candles, &plan, out, 1), 3);
	plan.in_sample = 81;
	assert_int_equal(walk_windows(&candles, &plan, out, 8), 0);
}

static void test_windows_in_days(void **state)
{
	struct candles candles = days(100);
	const struct walk_plan plan = {
		.in_sample = 40, .out_of_sample = 20, .step = 20, .days = true};
	struct walk_window out[8];
	int64_t *time = (int64_t *)(uintptr_t)candles.time;

	(void)state;
	assert_int_equal(walk_windows(&candles, &plan, out, 8), 3);
	assert_int_equal(out[2].in_from, 40);
	assert_int_equal(out[2].out_to, 100);
	/* a gap of 45 days behind bar 39: the stretches in it are left out */
	for (size_t i = 40; i < 100; i++)
		time[i] += 45 * help_day;
	assert_true(walk_windows(&candles, &plan, out, 8) > 0);
	for (size_t i = 0; i < 8 && i < walk_windows(&candles, &plan, out, 8);
		i++) {
		assert_true(out[i].in_from < out[i].in_to);
		assert_true(out[i].in_to < out[i].out_to);
	}
}

/* ---- runs in windows ----------------------------------------------------- */

static const char cross[] =
	"\"indicators\":{\"f\":{\"fn\":\"sma\",\"period\":3},"
	"\"s\":{\"fn\":\"sma\",\"period\":8}},"
	"\"entry\":{\"long\":{\"crosses_above\":[\"f\",\"s\"]}},"
	"\"exit\":{\"long\":{\"crosses_below\":[\"f\",\"s\"]}}";

static struct backtest_result run(struct help *help,
	const struct candles *candles, size_t from, size_t to)
{
	static const struct backtest_options options = {
		.cash = {10000, 0}, .finalize = true};
	const struct walk_range range = {from, to};
	struct backtest_result result;

	assert_int_equal(walk_run(help->arena,
				 &(const struct backtest_input){
					 .program = help_rules(help, cross),
					 .candles = candles,
					 .options = &options},
				 &range, help->report, &result),
		ERR_OK);
	return result;
}

static void test_a_window_is_warm_from_its_first_bar(void **state)
{
	struct help help = help_open();
	const struct candles candles = days(200);
	struct backtest_result warm = run(&help, &candles, 100, 160);
	struct backtest_result whole = run(&help, &candles, 0, 160);

	(void)state;
	assert_true(warm.trade_count > 0);
	assert_true(warm.equity[0] == 10000);
	assert_int_equal(warm.stats.start, 100 * help_day);
	assert_int_equal(warm.stats.end, 159 * help_day);
	for (size_t i = 0; i < warm.trade_count; i++) {
		assert_true(warm.trades[i].exit_bar < 60);
		assert_true(warm.trades[i].entry_bar >= 1);
		assert_int_equal(warm.trades[i].entry_time,
			(int64_t)(100 + warm.trades[i].entry_bar) * help_day);
	}
	/* what is decided in it is what the whole run decides there */
	assert_int_equal(warm.trades[warm.trade_count - 1].entry_time,
		whole.trades[whole.trade_count - 1].entry_time);
	arena_close(&help.arena);
}

static void test_nothing_behind_a_window_is_seen(void **state)
{
	struct help help = help_open();
	struct candles candles = days(200);
	struct backtest_result before = run(&help, &candles, 50, 120);
	double last = before.equity[69];
	double *price = (double *)(uintptr_t)candles.close;

	(void)state;
	for (size_t i = 120; i < 200; i++)
		price[i] = 5;
	struct backtest_result after = run(&help, &candles, 50, 120);
	assert_true(after.equity[69] == last);
	assert_int_equal(after.trade_count, before.trade_count);
	arena_close(&help.arena);
}

static void test_parameters_and_cost_of_a_program(void **state)
{
	struct help help = help_open();
	struct program *program = help_program(&help,
		"{\"version\":1,\"name\":\"x\",\"interval\":\"1d\",\"params\":{"
		"\"a\":{\"default\":2,\"min\":1,\"max\":9,\"step\":0.5},"
		"\"b\":{\"default\":3}},\"entry\":{\"long\":"
		"{\"gt\":[\"close\",{\"param\":\"a\"}]}}}");
	size_t count;
	const struct program_param *params = program_params(program, &count);

	(void)state;
	assert_int_equal(count, 2);
	assert_string_equal(params[0].name, "a");
	assert_true(params[0].value == 2 && params[0].min == 1);
	assert_true(params[0].max == 9 && params[0].step == 0.5);
	assert_true(isinf(params[1].min) && isinf(params[1].max));
	assert_true(program_cost(program) > 0);
	/* one that looks at its whole window on each bar takes as much */
	program = help_program(&help,
		"{\"version\":1,\"name\":\"x\",\"interval\":\"1d\",\"entry\":{"
		"\"long\":\"cci(14) > 100\"}}");
	assert_true(program_cost(program) < 20);
	program = help_program(&help,
		"{\"version\":1,\"name\":\"x\",\"interval\":\"1d\",\"entry\":{"
		"\"long\":\"cci(5000) > 100\"}}");
	assert_true(program_cost(program) > 500);
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_grid_turns_the_last_axis_first),
		cmocka_unit_test(test_random_points_never_come_twice),
		cmocka_unit_test(test_seeds_differ),
		cmocka_unit_test(test_few_combinations),
		cmocka_unit_test(test_many_combinations_are_not_counted_on),
		cmocka_unit_test(test_ranges),
		cmocka_unit_test(test_metrics),
		cmocka_unit_test(test_the_best_come_first),
		cmocka_unit_test(test_floors),
		cmocka_unit_test(test_windows_in_bars),
		cmocka_unit_test(test_windows_in_days),
		cmocka_unit_test(test_a_window_is_warm_from_its_first_bar),
		cmocka_unit_test(test_nothing_behind_a_window_is_seen),
		cmocka_unit_test(test_parameters_and_cost_of_a_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
