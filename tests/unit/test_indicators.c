/*
 * Indicators against published TA-Lib values, definitions computed the long
 * way, and the edges: too few bars, markets that stand, long series.
 */
#include "engine_help.h"

#include "indicator.h"

static double *compute(struct help *help, const char *name, double period,
	const double *source, size_t count)
{
	const struct indicator *indicator = indicator_find(name);
	struct candles candles = {.close = source, .count = count};
	struct indicator_call call = {
		.args = &period, .source = source, .candles = &candles};
	double *out = arena_array(help->arena, count + 1, sizeof(double));

	assert_non_null(indicator);
	out[count] = 4711; /* must stay */
	indicator->column(&call, out);
	assert_true(out[count] == 4711);
	for (size_t i = 0; i < count; i++)
		assert_true(isnan(out[i]) == (i < indicator->ready(&period)));
	return out;
}

static double number(const struct json *value)
{
	double out = NAN;

	assert_true(json_double(value, &out));
	return out;
}

static void test_published_values(void **state)
{
	struct help help = help_open();
	const struct json *file =
		help_json_file(&help, "tests/unit/data/talib_252.json");
	const struct json *closes = json_member(file, "close");
	double tolerance = number(json_member(file, "tolerance"));
	double *close = arena_array(help.arena, closes->count, sizeof(*close));
	size_t count = 0, points = 0;

	(void)state;
	for (const struct json *c = closes->first; c; c = c->next)
		close[count++] = number(c);
	for (const struct json *v = json_member(file, "vectors")->first; v;
		v = v->next) {
		const double *out = compute(&help, json_member(v, "fn")->text,
			number(json_member(v, "period")), close, count);

		for (const struct json *p = json_member(v, "points")->first; p;
			p = p->next, points++) {
			size_t bar = (size_t)number(p->first);

			assert_true(fabs(out[bar] - number(p->first->next)) <=
				    tolerance);
		}
	}
	assert_int_equal(points, 11);
	arena_close(&help.arena);
}

static const double zigzag[] = {3, 5, 4, 8, 1, 7, 7, 2, 9, 6};
enum {
	ZIGZAG = sizeof(zigzag) / sizeof(zigzag[0])
};

static void test_sma_is_the_mean(void **state)
{
	struct help help = help_open();

	(void)state;
	for (size_t n = 1; n <= ZIGZAG; n++) {
		const double *out =
			compute(&help, "sma", (double)n, zigzag, ZIGZAG);

		for (size_t i = n - 1; i < ZIGZAG; i++) {
			double sum = 0;

			for (size_t k = i + 1 - n; k <= i; k++)
				sum += zigzag[k];
			help_near("sma", out[i], sum / (double)n);
		}
	}
	arena_close(&help.arena);
}

static void test_ema_is_seeded_with_the_mean(void **state)
{
	struct help help = help_open();
	const double *out = compute(&help, "ema", 3, zigzag, ZIGZAG);

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
	const double *out = compute(&help, "rsi", 2, zigzag, ZIGZAG);

	(void)state;
	help_near("first", out[2], 100 * 1 / 1.5);
	help_near("next", out[3], 100 * 2.5 / 2.75);
	help_near("next", out[4], 100 * 1.25 / (1.25 + 3.625));
	arena_close(&help.arena);
}

static void test_rsi_bounds(void **state)
{
	static const double up[] = {1, 2, 3, 4}, down[] = {4, 3, 2, 1};
	static const double flat[] = {2, 2, 2, 2};
	struct help help = help_open();

	(void)state;
	help_near("up", compute(&help, "rsi", 2, up, 4)[3], 100);
	assert_true(compute(&help, "rsi", 2, down, 4)[3] == 0);
	assert_true(compute(&help, "rsi", 2, flat, 4)[3] == 0);
	arena_close(&help.arena);
}

static void test_fewer_bars_than_the_period(void **state)
{
	struct help help = help_open();

	(void)state;
	for (const char *const *name = indicator_names(); *name; name++)
		for (size_t count = 0; count <= ZIGZAG; count++)
			for (double n = 2; n <= ZIGZAG + 2; n++)
				compute(&help, *name, n, zigzag, count);
	arena_close(&help.arena);
}

/* After any past, a market that stands gives exactly its price: two
   averages of it must not cross by a rounding. */
static void test_standing_market_is_exact(void **state)
{
	enum {
		MOVING = 200,
		ALL = 400
	};
	struct help help = help_open();
	double *x = arena_array(help.arena, ALL, sizeof(*x));

	(void)state;
	for (size_t i = 0; i < ALL; i++)
		x[i] = i < MOVING ? 1e9 / (double)(i + 3) : 0.1;
	for (double n = 1; n <= 30; n++)
		assert_true(
			compute(&help, "sma", n, x, ALL)[MOVING + 30] == 0.1);
	arena_close(&help.arena);
}

/* The running sum of the last window equals the sum computed afresh, a
   million bars and twelve magnitudes later. */
static void test_sma_does_not_drift(void **state)
{
	enum {
		BARS = 1000000,
		PERIOD = 50
	};
	struct help help = help_open();
	double *x = arena_array(help.arena, BARS, sizeof(*x));
	uint64_t seed = 7;
	double sum = 0;

	(void)state;
	for (size_t i = 0; i < BARS; i++) {
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		x[i] = (double)(seed >> 40) / 0x1p24 + 0.01;
		if (i < BARS / 2 && i % 1000 == 0)
			x[i] = 1e12;
	}
	for (size_t i = BARS - PERIOD; i < BARS; i++)
		sum += x[i];
	assert_true(fabs(compute(&help, "sma", PERIOD, x, BARS)[BARS - 1] -
			    sum / PERIOD) < 1e-14);
	arena_close(&help.arena);
}

static void test_names_match_the_table(void **state)
{
	(void)state;
	for (const char *const *name = indicator_names(); *name; name++) {
		const struct indicator *row = indicator_find(*name);

		assert_non_null(row);
		assert_string_equal(row->name, *name);
		assert_true(row->param_count <= INDICATOR_PARAM_LIMIT);
		assert_non_null(row->outputs[0]);
	}
	assert_null(indicator_find("none"));
	assert_null(indicator_find(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_values),
		cmocka_unit_test(test_sma_is_the_mean),
		cmocka_unit_test(test_ema_is_seeded_with_the_mean),
		cmocka_unit_test(test_rsi_by_hand),
		cmocka_unit_test(test_rsi_bounds),
		cmocka_unit_test(test_fewer_bars_than_the_period),
		cmocka_unit_test(test_standing_market_is_exact),
		cmocka_unit_test(test_sma_does_not_drift),
		cmocka_unit_test(test_names_match_the_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
