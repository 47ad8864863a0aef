/*
 * Money arithmetic: exact, or refused; rounding is half to even.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "arena.h"
#include "decimal.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static struct decimal of(const char *text)
{
	struct decimal value = {0};

	assert_int_equal(decimal_parse(text, strlen(text), &value), ERR_OK);
	return value;
}

static void assert_shows(struct decimal value, const char *text)
{
	char shown[48];
	size_t len = decimal_print(value, shown, sizeof(shown));

	assert_string_equal(shown, text);
	assert_int_equal(len, strlen(text));
}

static void plain_notation_is_parsed(void **state)
{
	static const struct {
		const char *text;
		int64_t units;
		int32_t scale;
	} rows[] = {
		{"0", 0, 0},
		{"-0", 0, 0},
		{"186.31", 18631, 2},
		{"-186.31", -18631, 2},
		{"0.00000001", 1, 8},
		{"1.500", 1500, 3},
		{"007", 7, 0},
		{"9223372036854775807", INT64_MAX, 0},
		{"-9223372036854775808", INT64_MIN, 0},
		{"9.223372036854775807", INT64_MAX, 18},
		{"-9.223372036854775808", INT64_MIN, 18},
		/* zeros at the end that find no room are no loss */
		{"123456789012.00000000", 1234567890120000000, 7},
		{"1.0000000000000000000000", 1000000000000000000, 18},
		{"9223372036854775807.000", INT64_MAX, 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct decimal value = of(rows[i].text);

		assert_true(value.units == rows[i].units);
		assert_int_equal(value.scale, rows[i].scale);
	}
}

static void everything_else_is_refused(void **state)
{
	static const char *const rows[] = {"", "-", "+1", ".5", "5.", "-.5",
		"1e3", "1E3", " 1", "1 ", "1,5", "1.2.3", "--1", "1-", "0x1",
		"NaN", "inf", "1.", "1.5x", "x", "\xd9\xa1",
		"9223372036854775808", "-9223372036854775809",
		"92233720368547758070", "0.0000000000000000001",
		"9.2233720368547758071", "9223372036854775807.1",
		"-9223372036854775808.5", "100000000000000000000000000"};
	struct decimal value = {42, 1};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (decimal_parse(rows[i], strlen(rows[i]), &value) !=
			ERR_BAD_INPUT)
			fail_msg("taken: %s", rows[i]);
	assert_int_equal(decimal_parse("1\0", 2, &value), ERR_BAD_INPUT);
	assert_true(value.units == 42 && value.scale == 1);
}

static void the_length_ends_the_text(void **state)
{
	struct decimal value;

	(void)state;
	assert_int_equal(decimal_parse("12.345", 4, &value), ERR_OK);
	assert_shows(value, "12.3");
	assert_int_equal(decimal_parse("12.345", 3, &value), ERR_BAD_INPUT);
}

static void printing_shows_each_digit(void **state)
{
	(void)state;
	assert_shows((struct decimal){0, 0}, "0");
	assert_shows((struct decimal){0, 2}, "0.00");
	assert_shows((struct decimal){5, 2}, "0.05");
	assert_shows((struct decimal){-5, 2}, "-0.05");
	assert_shows((struct decimal){100, 0}, "100");
	assert_shows((struct decimal){100, 2}, "1.00");
	assert_shows((struct decimal){INT64_MAX, 18}, "9.223372036854775807");
	assert_shows((struct decimal){INT64_MIN, 18}, "-9.223372036854775808");
	assert_shows((struct decimal){INT64_MIN, 0}, "-9223372036854775808");
	assert_shows((struct decimal){1, 18}, "0.000000000000000001");
}

/* Around every power of ten, with every number of digits behind the
   point: what is printed reads back, digit by digit. */
static void printing_reads_back(void **state)
{
	(void)state;
	for (int64_t power = 1; power < INT64_MAX / 10; power *= 10)
		for (int64_t step = -2; step <= 2; step++)
			for (int32_t scale = 0; scale <= 18; scale++) {
				const struct decimal value = {
					power + step, scale};
				char text[48];
				struct decimal back;

				assert_int_equal(
					decimal_parse(text,
						decimal_print(value, text,
							sizeof(text)),
						&back),
					ERR_OK);
				assert_int_equal(back.units, value.units);
				assert_int_equal(back.scale, value.scale);
			}
}

static void format_gives_a_text_of_the_arena(void **state)
{
	struct arena *arena = arena_open(4096);

	(void)state;
	assert_string_equal(
		decimal_format(arena, (struct decimal){18631, 2}), "186.31");
	arena_close(&arena);
}

static void sums_are_exact(void **state)
{
	static const struct {
		const char *a, *b, *sum, *difference;
	} rows[] = {
		{"0.1", "0.2", "0.3", "-0.1"},
		{"1", "0.00000001", "1.00000001", "0.99999999"},
		{"-5.5", "5.50", "0.00", "-11.00"},
		{"9223372036854775806", "1", "9223372036854775807",
			"9223372036854775805"},
		/* fits once the zeros go */
		{"9000000000000000000", "0.000", "9000000000000000000",
			"9000000000000000000"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct decimal out;

		assert_int_equal(
			decimal_add(of(rows[i].a), of(rows[i].b), &out),
			ERR_OK);
		assert_shows(out, rows[i].sum);
		assert_int_equal(
			decimal_sub(of(rows[i].a), of(rows[i].b), &out),
			ERR_OK);
		assert_shows(out, rows[i].difference);
	}
}

static void what_does_not_fit_is_refused_and_leaves_the_output(void **state)
{
	const struct decimal most = {INT64_MAX, 0};
	const struct decimal least = {INT64_MIN, 0};
	const struct decimal fine = {1, 18};
	const struct decimal one = {1, 0};
	struct decimal out = {42, 1};

	(void)state;
	assert_int_equal(decimal_add(most, one, &out), ERR_BAD_INPUT);
	assert_int_equal(decimal_add(most, most, &out), ERR_BAD_INPUT);
	assert_int_equal(decimal_add(most, fine, &out), ERR_BAD_INPUT);
	assert_int_equal(decimal_sub(least, one, &out), ERR_BAD_INPUT);
	assert_int_equal(decimal_sub(one, least, &out), ERR_BAD_INPUT);
	assert_int_equal(decimal_mul(most, most, 0, &out), ERR_BAD_INPUT);
	assert_int_equal(decimal_mul(least, least, 18, &out), ERR_BAD_INPUT);
	assert_int_equal(decimal_mul(least, least, 0, &out), ERR_BAD_INPUT);
	assert_int_equal(decimal_rescale(most, 1, &out), ERR_BAD_INPUT);
	assert_int_equal(decimal_rescale(one, 19, &out), ERR_BAD_INPUT);
	assert_int_equal(decimal_rescale(one, -1, &out), ERR_BAD_INPUT);
	assert_int_equal(decimal_mul(one, one, 19, &out), ERR_BAD_INPUT);
	assert_true(out.units == 42 && out.scale == 1);
}

static void products_round_half_to_even(void **state)
{
	static const struct {
		const char *a, *b;
		int32_t scale;
		const char *product;
	} rows[] = {
		{"0.1", "0.1", 2, "0.01"},
		{"186.31", "3", 2, "558.93"},
		{"0.5", "1", 0, "0"},
		{"1.5", "1", 0, "2"},
		{"2.5", "1", 0, "2"},
		{"-0.5", "1", 0, "0"},
		{"-1.5", "1", 0, "-2"},
		{"-2.5", "1", 0, "-2"},
		{"2.51", "1", 0, "3"},
		{"-2.51", "1", 0, "-3"},
		{"0.333", "3", 5, "0.99900"},
		{"0.000000000000000001", "0.000000000000000001", 18,
			"0.000000000000000000"},
		{"3037000499", "3037000499", 0, "9223372030926249001"},
		{"-9223372036854775808", "1", 0, "-9223372036854775808"},
		{"9.223372036854775807", "9.223372036854775807", 17,
			"85.07059173023461585"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct decimal out;

		assert_int_equal(decimal_mul(of(rows[i].a), of(rows[i].b),
					 rows[i].scale, &out),
			ERR_OK);
		assert_shows(out, rows[i].product);
		assert_int_equal(out.scale, rows[i].scale);
	}
}

static void rescaling_rounds_half_to_even(void **state)
{
	static const struct {
		const char *value;
		int32_t scale;
		const char *shows;
	} rows[] = {
		{"1.5", 4, "1.5000"},
		{"1.25", 1, "1.2"},
		{"1.35", 1, "1.4"},
		{"1.2500001", 1, "1.3"},
		{"-1.25", 1, "-1.2"},
		{"-1.35", 1, "-1.4"},
		{"0.999", 0, "1"},
		{"0.5", 0, "0"},
		{"0.000000000000000001", 0, "0"},
		{"9.223372036854775807", 0, "9"},
		{"7", 0, "7"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct decimal out;

		assert_int_equal(
			decimal_rescale(of(rows[i].value), rows[i].scale, &out),
			ERR_OK);
		assert_shows(out, rows[i].shows);
	}
}

static void trimming_drops_zeros_at_the_end(void **state)
{
	(void)state;
	assert_shows(decimal_trim(of("1.500")), "1.5");
	assert_shows(decimal_trim(of("100.00")), "100");
	assert_shows(decimal_trim(of("100")), "100");
	assert_shows(decimal_trim(of("-0.10")), "-0.1");
	assert_shows(decimal_trim((struct decimal){0, 18}), "0");
}

static void comparison_looks_at_the_value(void **state)
{
	static const struct {
		const char *a, *b;
		int order;
	} rows[] = {
		{"1", "1.00", 0},
		{"0", "-0", 0},
		{"1", "1.000000000000000001", -1},
		{"-1", "1", -1},
		{"-1.5", "-1.49", -1},
		{"9223372036854775807", "9.223372036854775807", 1},
		{"-9223372036854775808", "-9.223372036854775808", -1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct decimal a = of(rows[i].a);
		struct decimal b = of(rows[i].b);

		assert_int_equal(decimal_compare(a, b), rows[i].order);
		assert_int_equal(decimal_compare(b, a), -rows[i].order);
	}
}

static void doubles_are_the_nearest_ones(void **state)
{
	static const char *const rows[] = {"0.1", "186.31", "-0.00000001",
		"9007199254740991", "9007199254740993", "9.223372036854775807",
		"-9223372036854775808", "0.000000000000000001",
		"1234567890.12345678"};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_true(
			decimal_double(of(rows[i])) == strtod(rows[i], NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_notation_is_parsed),
		cmocka_unit_test(everything_else_is_refused),
		cmocka_unit_test(the_length_ends_the_text),
		cmocka_unit_test(printing_shows_each_digit),
		cmocka_unit_test(printing_reads_back),
		cmocka_unit_test(format_gives_a_text_of_the_arena),
		cmocka_unit_test(sums_are_exact),
		cmocka_unit_test(
			what_does_not_fit_is_refused_and_leaves_the_output),
		cmocka_unit_test(products_round_half_to_even),
		cmocka_unit_test(rescaling_rounds_half_to_even),
		cmocka_unit_test(trimming_drops_zeros_at_the_end),
		cmocka_unit_test(comparison_looks_at_the_value),
		cmocka_unit_test(doubles_are_the_nearest_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
