/*
 * What holds for every indicator whatever it says: blocks of any size give
 * the same bits, the future does not matter, doubled prices double prices
 * and leave ratios alone, the longest periods work.
 */
#include "indicator_help.h"

static void same_bits(const struct indicator *row, const struct values *a,
	const struct values *b, size_t count, size_t block)
{
	for (size_t k = 0; k < outputs_of(row); k++)
		for (size_t i = 0; i < count; i++)
			if (memcmp(&a->out[k][i], &b->out[k][i],
				    sizeof(double)) != 0 &&
				!isnan(a->out[k][i]))
				fail_msg("%s.%s, bar %zu, blocks of %zu: "
					 "%.17g, not %.17g",
					row->name, row->outputs[k], i, block,
					b->out[k][i], a->out[k][i]);
}

static void check_blocks(const struct bars *bars)
{
	static const size_t blocks[] = {1, 2, 7, 1024};

	for (size_t r = 0; indicator_at(r); r++) {
		const struct indicator *row = indicator_at(r);
		struct help help = help_open();
		double args[INDICATOR_PARAM_LIMIT] = {0};
		struct values whole;

		defaults_of(row, args);
		whole = compute(&help, bars, row, args, bars->count);
		for (size_t b = 0; b < sizeof(blocks) / sizeof(blocks[0]);
			b++) {
			struct values parts =
				compute(&help, bars, row, args, blocks[b]);

			same_bits(row, &whole, &parts, bars->count, blocks[b]);
		}
		arena_close(&help.arena);
	}
}

static void test_blocks_of_the_published_series(void **state)
{
	struct help help = help_open();
	struct bars bars = bars_published(
		help_json_file(&help, "tests/unit/data/talib_252.json"), &help);

	(void)state;
	check_blocks(&bars);
	arena_close(&help.arena);
}

static void test_blocks_of_shipped_files(void **state)
{
	static const char *const files[] = {"data/GOOG-1d.csv",
		"data/BTC-USD-1d.csv", "data/BTC-USD-1m.csv"};
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct bars bars = bars_file(&help, files[i]);

		check_blocks(&bars);
	}
	arena_close(&help.arena);
}

static void test_blocks_of_a_walk(void **state)
{
	struct help help = help_open();
	struct bars bars = bars_walk(&help, 20000);

	(void)state;
	check_blocks(&bars);
	arena_close(&help.arena);
}

static void test_fewer_bars_than_needed(void **state)
{
	struct help help = help_open();
	struct bars bars = bars_walk(&help, 200);

	(void)state;
	for (size_t r = 0; indicator_at(r); r++) {
		double args[INDICATOR_PARAM_LIMIT] = {0};
		const struct indicator *row = indicator_at(r);

		defaults_of(row, args);
		for (size_t count = 1; count <= 120; count++) {
			struct bars head = bars_head(bars, count);

			compute(&help, &head, row, args, count);
		}
	}
	arena_close(&help.arena);
}

/* The driver hands over no bar behind the block (ASan looks); and what comes
   later does not change what was said. */
static void test_the_future_does_not_matter(void **state)
{
	static const size_t cuts[] = {1, 2, 30, 53, 100, 777, 1999};
	struct help help = help_open();
	struct bars bars = bars_walk(&help, 2000);

	(void)state;
	for (size_t r = 0; indicator_at(r); r++) {
		const struct indicator *row = indicator_at(r);
		double args[INDICATOR_PARAM_LIMIT] = {0};
		struct values whole;

		defaults_of(row, args);
		whole = compute(&help, &bars, row, args, 2000);
		for (size_t c = 0; c < sizeof(cuts) / sizeof(cuts[0]); c++) {
			struct bars head = bars_head(bars, cuts[c]);
			struct values part =
				compute(&help, &head, row, args, cuts[c]);

			same_bits(row, &whole, &part, cuts[c], cuts[c]);
		}
	}
	arena_close(&help.arena);
}

/* ---- scale ----------------------------------------------------------- */

/* P: an output in the unit of the price; all others have none, or that of
   the volume. */
static const struct unit {
	const char *name, *outputs;
} units[] = {{"sma", "P"}, {"ema", "P"}, {"wma", "P"}, {"dema", "P"},
	{"tema", "P"}, {"trima", "P"}, {"hma", "P"}, {"kama", "P"},
	{"vwma", "P"}, {"vwap", "P"}, {"macd", "PPP"}, {"mom", "P"},
	{"tr", "P"}, {"atr", "P"}, {"stddev", "P"}, {"bollinger", "PPP--"},
	{"keltner", "PPP"}, {"donchian", "PPP"}, {"highest", "P"},
	{"lowest", "P"}, {"linreg", "PP"}, {"psar", "P-"}, {"supertrend", "P-"},
	{"ichimoku", "PPPP"}};

static bool is_price(const char *name, size_t output)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcmp(units[i].name, name) == 0)
			return units[i].outputs[output] == 'P';
	return false;
}

/* A power of two moves no bit of a mantissa. */
static void test_doubled_prices(void **state)
{
	struct help help = help_open();
	struct bars bars = bars_walk(&help, 3000);
	struct bars twice = bars_walk(&help, 3000);

	(void)state;
	for (size_t k = INPUT_OPEN; k <= INPUT_CLOSE; k++)
		for (size_t i = 0; i < twice.count; i++)
			twice.col[k][i] *= 2;
	for (size_t r = 0; indicator_at(r); r++) {
		const struct indicator *row = indicator_at(r);
		double args[INDICATOR_PARAM_LIMIT] = {0};
		struct values once, doubled;

		defaults_of(row, args);
		once = compute(&help, &bars, row, args, 1000);
		doubled = compute(&help, &twice, row, args, 1000);
		for (size_t k = 0; k < outputs_of(row); k++)
			for (size_t i = 0;
				is_price(row->name, k) && i < bars.count; i++)
				once.out[k][i] *= 2;
		same_bits(row, &once, &doubled, bars.count, 1000);
	}
	arena_close(&help.arena);
}

/* ---- limits ---------------------------------------------------------- */

/* Every parameter at its largest; where one must be below the next, less by
   one. */
static void largest(const struct indicator *row, double *args)
{
	for (size_t k = 0; k < row->param_count; k++)
		args[k] = row->params[k].max;
	if (row->fault && row->fault(args))
		args[0]--;
	if (row->fault)
		assert_null(row->fault(args));
}

static void test_largest_parameters(void **state)
{
	struct help help = help_open();
	struct bars bars = bars_walk(&help, 20000);

	(void)state;
	for (size_t r = 0; indicator_at(r); r++) {
		const struct indicator *row = indicator_at(r);
		double args[INDICATOR_PARAM_LIMIT] = {0};
		struct values whole, parts;
		struct bars some = bars;

		largest(row, args);
		/* Its definition costs period steps a bar. */
		if (strcmp(row->name, "cci") == 0)
			some.count = 6000;
		assert_true(row->ready(args, 0) < some.count);
		whole = compute(&help, &some, row, args, some.count);
		parts = compute(&help, &some, row, args, 1024);
		same_bits(row, &whole, &parts, some.count, 1024);
	}
	arena_close(&help.arena);
}

static void test_smallest_parameters(void **state)
{
	struct help help = help_open();
	struct bars bars = bars_walk(&help, 1000);

	(void)state;
	for (size_t r = 0; indicator_at(r); r++) {
		const struct indicator *row = indicator_at(r);
		double args[INDICATOR_PARAM_LIMIT] = {0};
		struct values whole, parts;

		for (size_t k = 0; k < row->param_count; k++)
			args[k] = row->params[k].min;
		if (row->fault)
			assert_null(row->fault(args));
		whole = compute(&help, &bars, row, args, 1000);
		parts = compute(&help, &bars, row, args, 3);
		same_bits(row, &whole, &parts, 1000, 3);
	}
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_of_the_published_series),
		cmocka_unit_test(test_blocks_of_shipped_files),
		cmocka_unit_test(test_blocks_of_a_walk),
		cmocka_unit_test(test_fewer_bars_than_needed),
		cmocka_unit_test(test_the_future_does_not_matter),
		cmocka_unit_test(test_doubled_prices),
		cmocka_unit_test(test_largest_parameters),
		cmocka_unit_test(test_smallest_parameters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
