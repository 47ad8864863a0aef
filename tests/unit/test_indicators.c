/*
 * What the indicators say: published TA-Lib values, each definition computed
 * the long way, markets that stand, windows after wild pasts. That blocks do
 * not matter is in test_indicator_blocks.c.
 */
#include "indicator_naive.h"

static const struct definition {
	const char *name;
	void (*fill)(struct naive *naive);
	double args[3][INDICATOR_PARAM_LIMIT]; /* beside the defaults; all 0:
						  no more */
} definitions[] = {
	{"sma", naive_sma, {{1}, {2}, {7}}},
	{"ema", naive_ema, {{1}, {2}, {7}}},
	{"wma", naive_wma, {{1}, {2}, {7}}},
	{"dema", naive_dema, {{1}, {2}, {7}}},
	{"tema", naive_tema, {{1}, {2}, {7}}},
	{"trima", naive_trima, {{1}, {2}, {7}}},
	{"hma", naive_hma, {{2}, {4}, {35}}},
	{"kama", naive_kama, {{2}, {3}, {10}}},
	{"vwma", naive_vwma, {{1}, {2}, {7}}},
	{"vwap", naive_vwap, {{0}}},
	{"rsi", naive_rsi, {{2}, {3}, {30}}},
	{"stoch_rsi", naive_stoch_rsi, {{14, 14, 1}, {2, 1, 1}, {3, 9, 4}}},
	{"stochastic", naive_stochastic, {{14, 3, 3}, {1, 1, 1}, {7, 1, 5}}},
	{"macd", naive_macd, {{1, 2, 1}, {3, 10, 16}}},
	{"ppo", naive_ppo, {{1, 2, 1}, {3, 10, 16}}},
	{"trix", naive_trix, {{1}, {2}, {15}}},
	{"roc", naive_roc, {{1}, {2}}},
	{"mom", naive_mom, {{1}, {2}}},
	{"cci", naive_cci, {{2}, {11}, {20}}},
	{"williams_r", naive_williams_r, {{2}, {3}}},
	{"ultimate", naive_ultimate, {{1, 1, 1}, {1, 2, 3}, {5, 5, 40}}},
	{"mfi", naive_mfi, {{2}, {3}}},
	{"obv", naive_obv, {{0}}},
	{"ad", naive_ad, {{0}}},
	{"cmf", naive_cmf, {{1}, {2}, {21}}},
	{"tr", naive_tr, {{0}}},
	{"atr", naive_atr, {{1}, {2}, {21}}},
	{"natr", naive_natr, {{1}, {2}, {21}}},
	{"choppiness", naive_choppiness, {{2}, {3}, {21}}},
	{"stddev", naive_stddev, {{2, 1}, {3, 2.5}, {50, 0}}},
	{"zscore", naive_zscore, {{2}, {3}, {50}}},
	{"bollinger", naive_bollinger, {{2, 1}, {5, 2.5}, {50, 0}}},
	{"keltner", naive_keltner, {{1, 1, 1}, {5, 30, 1.5}, {30, 5, 0}}},
	{"donchian", naive_donchian, {{1}, {2}, {55}}},
	{"highest", naive_highest, {{1}, {2}, {55}}},
	{"lowest", naive_lowest, {{1}, {2}, {55}}},
	{"linreg", naive_linreg, {{2}, {3}, {50}}},
	{"adx", naive_adx, {{2}, {3}, {30}}},
	{"aroon", naive_aroon, {{2}, {3}, {25}}},
	{"psar", naive_psar, {{0.02, 0.02}, {0.1, 1}, {0, 0.5}}},
	{"supertrend", naive_supertrend, {{1, 1}, {7, 2}, {14, 0}}},
	{"ichimoku", naive_ichimoku,
		{{1, 1, 1, 1}, {7, 22, 44, 22}, {9, 3, 5, 2}}},
};
enum {
	DEFINITIONS = sizeof(definitions) / sizeof(definitions[0])
};

static const struct json *published(struct help *help)
{
	return help_json_file(help, "tests/unit/data/talib_252.json");
}

static size_t output_named(const struct indicator *row, const char *name)
{
	for (size_t k = 0; row->outputs[k]; k++)
		if (strcmp(row->outputs[k], name) == 0)
			return k;
	fail_msg("%s has no output %s", row->name, name);
	return 0;
}

static struct naive naive_over(
	struct help *help, const struct bars *bars, const double *args)
{
	struct naive naive = {.bars = bars,
		.open = bars->col[INPUT_OPEN],
		.high = bars->col[INPUT_HIGH],
		.low = bars->col[INPUT_LOW],
		.close = bars->col[INPUT_CLOSE],
		.volume = bars->col[INPUT_VOLUME],
		.time = bars->col[INPUT_TIME],
		.args = args,
		.count = bars->count,
		.arena = help->arena};

	naive.out = arena_array(
		help->arena, INDICATOR_OUTPUT_LIMIT, sizeof(double *));
	for (size_t k = 0; k < INDICATOR_OUTPUT_LIMIT; k++)
		naive.out[k] = naive_column(&naive);
	return naive;
}

static const double *published_column(struct help *help,
	const struct bars *bars, const struct json *vector, const double *args)
{
	const char *name = json_member(vector, "fn")->text;
	const struct indicator *row;
	size_t output;

	/* The sum that minus_di is made of. */
	if (strcmp(name, "minus_dm") == 0) {
		struct naive naive = naive_over(help, bars, args);

		return wilder_sum(&naive, moves_of(&naive, false), 14);
	}
	row = indicator_find(name);
	assert_non_null(row);
	output = output_named(row, json_member(vector, "output")->text);
	return compute(help, bars, row, args, bars->count).out[output];
}

static void test_published_values(void **state)
{
	struct help help = help_open();
	const struct json *file = published(&help);
	struct bars bars = bars_published(file, &help);
	size_t points = 0;

	(void)state;
	for (const struct json *v = json_member(file, "vectors")->first; v;
		v = v->next) {
		double tolerance = help_number(json_member(v, "tolerance"));
		double args[INDICATOR_PARAM_LIMIT] = {0};
		const double *out;
		size_t k = 0;

		for (const struct json *a = json_member(v, "args")->first; a;
			a = a->next)
			args[k++] = help_number(a);
		out = published_column(&help, &bars, v, args);
		for (const struct json *p = json_member(v, "points")->first; p;
			p = p->next, points++) {
			size_t bar = (size_t)help_number(p->first);
			double should = help_number(p->first->next);

			if (!(fabs(out[bar] - should) <= tolerance))
				fail_msg("%s at %zu is %g, should be %g",
					json_member(v, "fn")->text, bar,
					out[bar], should);
		}
	}
	assert_int_equal(points, 52);
	arena_close(&help.arena);
}

/* ---- definitions ----------------------------------------------------- */

static void compare(struct help *help, const struct bars *bars,
	const struct definition *definition, const double *args)
{
	const struct indicator *row = indicator_find(definition->name);
	struct values is = compute(help, bars, row, args, 1000);
	struct naive should = naive_over(help, bars, args);

	definition->fill(&should);
	for (size_t k = 0; k < outputs_of(row); k++)
		for (size_t i = row->ready(args, k); i < bars->count; i++) {
			double a = is.out[k][i], b = should.out[k][i];

			if (!(fabs(a - b) <= 1e-9 * fmax(1, fabs(b))))
				fail_msg("%s.%s(%g, %g, %g, %g), bar %zu: "
					 "%.17g, should be %.17g",
					row->name, row->outputs[k], args[0],
					args[1], args[2], args[3], i, a, b);
		}
}

static void compare_all(const struct bars *bars)
{
	for (size_t d = 0; d < DEFINITIONS; d++) {
		const struct indicator *row =
			indicator_find(definitions[d].name);
		double args[INDICATOR_PARAM_LIMIT] = {0};
		struct help help = help_open();

		assert_non_null(row);
		defaults_of(row, args);
		compare(&help, bars, &definitions[d], args);
		for (size_t k = 0; k < 3; k++)
			if (definitions[d].args[k][0] != 0 ||
				definitions[d].args[k][1] != 0)
				compare(&help, bars, &definitions[d],
					definitions[d].args[k]);
		arena_close(&help.arena);
	}
}

static void test_definitions_on_the_published_series(void **state)
{
	struct help help = help_open();
	struct bars bars = bars_published(published(&help), &help);

	(void)state;
	compare_all(&bars);
	arena_close(&help.arena);
}

static void test_definitions_on_a_stock(void **state)
{
	struct help help = help_open();
	struct bars bars = bars_file(&help, "data/GOOG-1d.csv");

	(void)state;
	assert_int_equal(bars.count, 2148);
	compare_all(&bars);
	arena_close(&help.arena);
}

static void test_definitions_on_a_walk(void **state)
{
	struct help help = help_open();
	struct bars bars = bars_walk(&help, 4000);

	(void)state;
	compare_all(&bars);
	arena_close(&help.arena);
}

static void test_each_row_has_a_definition(void **state)
{
	size_t count = 0;

	(void)state;
	for (; indicator_at(count); count++)
		if (count < DEFINITIONS)
			assert_string_equal(indicator_at(count)->name,
				definitions[count].name);
	assert_int_equal(count, DEFINITIONS);
}

/* ---- by hand --------------------------------------------------------- */

static struct bars bars_of_closes(
	struct help *help, const double *closes, size_t count)
{
	struct bars bars = bars_new(help, count);

	for (size_t k = INPUT_OPEN; k <= INPUT_CLOSE; k++)
		memcpy(bars.col[k], closes, count * sizeof(double));
	return bars;
}

static const double zigzag[] = {3, 5, 4, 8, 1, 7, 7, 2, 9, 6};
enum {
	ZIGZAG = sizeof(zigzag) / sizeof(zigzag[0])
};

static void test_ema_is_seeded_with_the_mean(void **state)
{
	struct help help = help_open();
	struct bars bars = bars_of_closes(&help, zigzag, ZIGZAG);
	const double *out =
		compute_first(&help, &bars, "ema", (const double[]){3});

	(void)state;
	help_near("seed", out[2], 4);
	help_near("next", out[3], 6);
	help_near("next", out[4], 3.5);
	arena_close(&help.arena);
}

/* n = 2: changes 2 -1 4 -7; gain 1, loss 0.5; then (1 + 4) / 2, 0.5 / 2. */
static void test_rsi_by_hand(void **state)
{
	struct help help = help_open();
	struct bars bars = bars_of_closes(&help, zigzag, ZIGZAG);
	const double *out =
		compute_first(&help, &bars, "rsi", (const double[]){2});

	(void)state;
	help_near("first", out[2], 100 * 1 / 1.5);
	help_near("next", out[3], 100 * 2.5 / 2.75);
	help_near("next", out[4], 100 * 1.25 / (1.25 + 3.625));
	arena_close(&help.arena);
}

static void test_rsi_bounds(void **state)
{
	static const double up[] = {1, 2, 3, 4}, down[] = {4, 3, 2, 1};
	static const double period[] = {2};
	struct help help = help_open();
	struct bars rising = bars_of_closes(&help, up, 4);
	struct bars falling = bars_of_closes(&help, down, 4);

	(void)state;
	help_near("up", compute_first(&help, &rising, "rsi", period)[3], 100);
	assert_true(compute_first(&help, &falling, "rsi", period)[3] == 0);
	arena_close(&help.arena);
}

/* Two bars of each of two days; prices 2, 4 and 10, 20, volumes 1, 3. */
static void test_vwap_begins_anew_at_midnight(void **state)
{
	static const double prices[] = {2, 4, 10, 20, 20};
	static const double should[] = {2, 3.5, 10, 17.5, 20};
	static const double hours[] = {22, 23, 24, 25, 49};
	struct help help = help_open();
	struct bars bars = bars_of_closes(&help, prices, 5);
	const double *out;

	(void)state;
	for (int days = -2; days <= 0; days += 2) {
		for (size_t i = 0; i < 5; i++) {
			bars.col[INPUT_TIME][i] =
				(hours[i] + days * 24) * 3600000.0;
			bars.col[INPUT_VOLUME][i] = i % 2 ? 3 : 1;
		}
		bars.col[INPUT_VOLUME][4] = 0;
		out = compute_first(&help, &bars, "vwap", NULL);
		for (size_t i = 0; i < 5; i++)
			help_near("vwap", out[i], should[i]);
	}
	arena_close(&help.arena);
}

/* The middle band and the simple average are one: rules may mix them. */
static void test_bollinger_is_around_the_sma(void **state)
{
	struct help help = help_open();
	struct bars bars = bars_walk(&help, 3000);
	const double args[] = {20, 2};
	const double *sma = compute_first(&help, &bars, "sma", args);
	const double *middle = compute_first(&help, &bars, "bollinger", args);

	(void)state;
	assert_memory_equal(sma + 19, middle + 19, 2981 * sizeof(double));
	arena_close(&help.arena);
}

/* ---- markets that stand ---------------------------------------------- */

/* Outputs while all prices are p; -1: p itself, to the last bit. */
static const struct standing {
	const char *name;
	double value[INDICATOR_OUTPUT_LIMIT];
} standing[] = {
	{"sma", {-1}},
	{"ema", {-1}},
	{"wma", {-1}},
	{"dema", {-1}},
	{"tema", {-1}},
	{"trima", {-1}},
	{"hma", {-1}},
	{"kama", {-1}},
	{"vwma", {-1}},
	{"rsi", {0}},
	{"stoch_rsi", {0, 0}},
	{"stochastic", {0, 0}},
	{"macd", {0, 0, 0}},
	{"ppo", {0, 0, 0}},
	{"trix", {0}},
	{"roc", {0}},
	{"mom", {0}},
	{"cci", {0}},
	{"williams_r", {0}},
	{"ultimate", {0}},
	{"mfi", {0}},
	{"obv", {5}},
	{"ad", {0}},
	{"cmf", {0}},
	{"tr", {0}},
	{"atr", {0}},
	{"natr", {0}},
	{"choppiness", {0}},
	{"stddev", {0}},
	{"zscore", {0}},
	{"bollinger", {-1, -1, -1, 0, 0.5}},
	{"keltner", {-1, -1, -1}},
	{"donchian", {-1, -1, -1}},
	{"highest", {-1}},
	{"lowest", {-1}},
	{"linreg", {-1, 0}},
	{"adx", {0, 0, 0}},
	{"aroon", {100, 100, 0}},
	{"ichimoku", {-1, -1, -1, -1}},
};

static void stand(struct help *help, double price, double volume)
{
	struct bars bars = bars_standing(help, 300, price, volume);

	for (size_t s = 0; s < sizeof(standing) / sizeof(standing[0]); s++) {
		const struct indicator *row = indicator_find(standing[s].name);
		double args[INDICATOR_PARAM_LIMIT];
		struct values values;

		defaults_of(row, args);
		values = compute(help, &bars, row, args, 64);
		for (size_t k = 0; k < outputs_of(row); k++) {
			double should = standing[s].value[k];

			if (should == -1)
				should = price;
			if (should == 5)
				should = volume;
			for (size_t i = row->ready(args, k); i < 300; i++)
				if (!(values.out[k][i] == should))
					fail_msg("%s.%s: %.17g at %zu",
						row->name, row->outputs[k],
						values.out[k][i], i);
		}
	}
}

static void test_standing_market(void **state)
{
	struct help help = help_open();

	(void)state;
	stand(&help, 0.1, 7);
	stand(&help, 46123.45, 7);
	stand(&help, 46123.45, 0);
	stand(&help, 0, 7);
	stand(&help, 1e-9, 0.3);
	arena_close(&help.arena);
}

/* After any past, a market that stands gives exactly its price: two
   averages of it must not cross by a rounding. Bands meet, ranges are none. */
static void test_standing_market_after_a_wild_past(void **state)
{
	static const struct {
		const char *name;
		double value; /* -1: the price */
	} windows[] = {{"sma", -1}, {"wma", -1}, {"trima", -1}, {"hma", -1},
		{"vwma", -1}, {"stddev", 0}, {"zscore", 0}, {"bollinger", -1},
		{"linreg", -1}, {"cci", 0}, {"choppiness", 0}, {"mfi", 0},
		{"stochastic", 0}, {"williams_r", 0}, {"ultimate", 0},
		{"donchian", -1}, {"cmf", 0}};
	enum {
		MOVING = 200,
		ALL = 400
	};
	struct help help = help_open();
	struct bars bars = bars_standing(&help, ALL, 0.1, 0.3);

	(void)state;
	for (size_t k = INPUT_OPEN; k <= INPUT_CLOSE; k++)
		for (size_t i = 0; i < MOVING; i++)
			bars.col[k][i] = 1e9 / (double)(i + 3);
	for (size_t w = 0; w < sizeof(windows) / sizeof(windows[0]); w++) {
		const struct indicator *row = indicator_find(windows[w].name);
		double args[INDICATOR_PARAM_LIMIT];
		const double *out;

		defaults_of(row, args);
		out = compute(&help, &bars, row, args, ALL).out[0];
		for (size_t i = MOVING + 40; i < ALL; i++)
			if (out[i] != (windows[w].value < 0 ? 0.1 : 0))
				fail_msg("%s: %.17g at %zu", row->name, out[i],
					i);
	}
	arena_close(&help.arena);
}

/* ---- long pasts ------------------------------------------------------ */

/* What is left of a window is that of the same bars alone, a million bars
   and twelve magnitudes later. */
static void test_windows_do_not_drift(void **state)
{
	static const struct {
		const char *name;
		double args[2];
	} windows[] = {{"sma", {50}}, {"wma", {50}}, {"stddev", {50, 1}},
		{"linreg", {50}}, {"zscore", {50}}};
	enum {
		BARS = 1000000,
		TAIL = 60
	};
	struct help help = help_open();
	struct bars bars = bars_new(&help, BARS), tail;
	double *x = bars.col[INPUT_CLOSE];
	uint64_t seed = 7;

	(void)state;
	for (size_t i = 0; i < BARS; i++) {
		x[i] = help_random(&seed) + 0.01;
		if (i < BARS / 2 && i % 1000 == 0)
			x[i] = 1e12;
	}
	tail = bars_new(&help, TAIL);
	memcpy(tail.col[INPUT_CLOSE], x + BARS - TAIL, TAIL * sizeof(double));
	for (size_t w = 0; w < sizeof(windows) / sizeof(windows[0]); w++) {
		double all = compute_first(&help, &bars, windows[w].name,
			windows[w].args)[BARS - 1];
		double alone = compute_first(&help, &tail, windows[w].name,
			windows[w].args)[TAIL - 1];

		if (!(fabs(all - alone) < 1e-14))
			fail_msg("%s: %.17g, alone %.17g", windows[w].name, all,
				alone);
	}
	arena_close(&help.arena);
}

/* The square of the price is 12 digits longer than that of the deviation. */
static void test_deviation_of_a_cent_at_46000(void **state)
{
	static const double args[] = {20, 1};
	struct help help = help_open();
	struct bars bars = bars_new(&help, 5000);
	double *x = bars.col[INPUT_CLOSE];
	uint64_t seed = 3;
	const double *out;

	(void)state;
	for (size_t i = 0; i < bars.count; i++)
		x[i] = 46000 + round(help_random(&seed) * 4) / 100;
	out = compute_first(&help, &bars, "stddev", args);
	for (size_t i = 19; i < bars.count; i++)
		assert_true(fabs(out[i] - deviation_of(x, i, 20)) < 1e-11);
	arena_close(&help.arena);
}

/* ---- the table ------------------------------------------------------- */

static void check_params(const struct indicator *row)
{
	for (size_t k = 0; k < row->param_count; k++) {
		const struct indicator_param *param = &row->params[k];

		assert_true(param->optional);
		assert_true(param->min <= param->otherwise);
		assert_true(param->otherwise <= param->max);
		assert_true(!param->whole ||
			    param->otherwise == floor(param->otherwise));
	}
}

static void test_rows_are_sound(void **state)
{
	const char *const *names = indicator_names();
	size_t i;

	(void)state;
	for (i = 0; indicator_at(i); i++) {
		const struct indicator *row = indicator_at(i);
		double args[INDICATOR_PARAM_LIMIT] = {0};

		assert_string_equal(names[i], row->name);
		assert_ptr_equal(indicator_find(row->name), row);
		assert_true(row->param_count <= INDICATOR_PARAM_LIMIT);
		assert_true(row->input_count >= 1);
		assert_true(row->input_count <= INDICATOR_INPUT_LIMIT);
		assert_true(outputs_of(row) >= 1);
		assert_true(outputs_of(row) <= INDICATOR_OUTPUT_LIMIT);
		assert_true(strlen(row->summary) > 20);
		assert_null(strchr(row->summary, '|'));
		check_params(row);
		defaults_of(row, args);
		if (row->fault)
			assert_null(row->fault(args));
	}
	assert_null(names[i]);
	assert_null(indicator_at(i + 1));
	assert_null(indicator_find("none"));
	assert_null(indicator_find(""));
}

static void test_arguments_that_do_not_go_together(void **state)
{
	static const struct {
		const char *name;
		double args[INDICATOR_PARAM_LIMIT];
		const char *fault;
	} cases[] = {{"macd", {12, 12, 9}, "fast must be below slow"},
		{"ppo", {13, 12, 9}, "fast must be below slow"},
		{"psar", {0.3, 0.2}, "acceleration must not be above maximum"},
		{"ultimate", {7, 6, 28},
			"short must not be above medium, nor "
			"medium above long"},
		{"ultimate", {7, 29, 28},
			"short must not be above medium, nor "
			"medium above long"}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
			indicator_find(cases[i].name)->fault(cases[i].args),
			cases[i].fault);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_values),
		cmocka_unit_test(test_each_row_has_a_definition),
		cmocka_unit_test(test_definitions_on_the_published_series),
		cmocka_unit_test(test_definitions_on_a_stock),
		cmocka_unit_test(test_definitions_on_a_walk),
		cmocka_unit_test(test_ema_is_seeded_with_the_mean),
		cmocka_unit_test(test_rsi_by_hand),
		cmocka_unit_test(test_rsi_bounds),
		cmocka_unit_test(test_vwap_begins_anew_at_midnight),
		cmocka_unit_test(test_bollinger_is_around_the_sma),
		cmocka_unit_test(test_standing_market),
		cmocka_unit_test(test_standing_market_after_a_wild_past),
		cmocka_unit_test(test_windows_do_not_drift),
		cmocka_unit_test(test_deviation_of_a_cent_at_46000),
		cmocka_unit_test(test_rows_are_sound),
		cmocka_unit_test(test_arguments_that_do_not_go_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
