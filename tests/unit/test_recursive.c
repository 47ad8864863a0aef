/*
 * What an indicator's last value owes to where the candles begin: nothing
 * for a window, ever less for an average of its own past.
 */
#include "engine_help.h"

#include "recursive.h"

enum {
	BARS = 400
};

static struct candles wave(struct help *help, size_t count)
{
	double *closes = arena_array(help->arena, count, sizeof(*closes));

	for (size_t i = 0; i < count; i++)
		closes[i] = 100 + (double)(i * i % 37) + (double)i / 10;
	return help_closes(help, closes, count);
}

static void test_windows_forget_and_averages_do_not(void **state)
{
	struct help help = help_open();
	struct candles candles = wave(&help, BARS);
	struct program *program = help_rules(&help,
		"\"entry\":{\"long\":\"sma(close, 20) > ema(close, 20) or "
		"rsi(14) > 50\"}");
	struct recursive_report out;

	(void)state;
	assert_int_equal(recursive_report(help.arena, program, &candles,
				 help.report, &out),
		ERR_OK);
	assert_int_equal(out.count, 3);
	assert_string_equal(out.rows[0].text, "sma(close, 20)");
	assert_string_equal(out.rows[1].text, "ema(close, 20)");
	assert_string_equal(out.rows[2].text, "rsi(14)");
	assert_int_equal(out.bars[0], 21);
	assert_int_equal(out.bars[4], 336);
	for (size_t i = 0; i < RECURSIVE_STARTS; i++)
		assert_true(fabs(out.rows[0].moved_pct[i]) < 1e-12);
	for (size_t row = 1; row < 3; row++) {
		assert_true(fabs(out.rows[row].moved_pct[0]) > 0.01);
		assert_true(fabs(out.rows[row].moved_pct[4]) < 1e-6);
	}
	arena_close(&help.arena);
}

static void test_too_few_candles(void **state)
{
	struct help help = help_open();
	struct candles candles = wave(&help, 30);
	struct program *program = help_rules(
		&help, "\"entry\":{\"long\":\"close > sma(close, 20)\"}");
	struct recursive_report out;

	(void)state;
	assert_int_equal(recursive_report(help.arena, program, &candles,
				 help.report, &out),
		ERR_OK);
	assert_int_equal(out.bars[1], 0);
	assert_true(out.rows[0].moved_pct[1] != out.rows[0].moved_pct[1]);
	candles.count = 20;
	assert_int_equal(recursive_report(help.arena, program, &candles,
				 help.report, &out),
		ERR_BAD_INPUT);
	arena_close(&help.arena);
}

static void test_larger_intervals_count(void **state)
{
	struct help help = help_open();
	struct candles candles = wave(&help, BARS);
	struct program *program = help_rules(&help,
		"\"entry\":{\"long\":\"close > ema(close, 3, interval=1w)\"}");
	struct recursive_report out;

	(void)state;
	assert_int_equal(recursive_report(help.arena, program, &candles,
				 help.report, &out),
		ERR_OK);
	assert_int_equal(out.count, 1);
	assert_true(out.rows[0].value > 0);
	assert_true(fabs(out.rows[0].moved_pct[4]) <
		    fabs(out.rows[0].moved_pct[1]));
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_windows_forget_and_averages_do_not),
		cmocka_unit_test(test_too_few_candles),
		cmocka_unit_test(test_larger_intervals_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
