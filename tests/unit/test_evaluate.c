/*
 * A program over growing candles: what the size of the blocks must not
 * change, what each operator says, which candles of a larger interval are
 * visible when.
 */
#include "engine_help.h"

#include "evaluate.h"

enum {
	BARS = 5000
};
static const int64_t minute = 60000;

struct series {
	int64_t time[BARS];
	double open[BARS], high[BARS], low[BARS], close[BARS], volume[BARS];
	struct candles candles;
};

/* Prices that walk, with gaps in time; the same on every run. */
static struct series *walk(struct help *help, int64_t start)
{
	struct series *s = arena_alloc(help->arena, sizeof(*s));
	uint64_t seed = 88172645463325252U;
	double price = 1000;

	for (size_t i = 0; i < BARS; i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		s->time[i] = i == 0 ? start
				    : s->time[i - 1] +
					      minute * (seed % 97 == 0 ? 7 : 1);
		s->open[i] = price;
		price += (double)((int64_t)(seed % 2001) - 1000) / 100;
		s->close[i] = price;
		s->high[i] = fmax(s->open[i], price) + (double)(seed % 7);
		s->low[i] = fmin(s->open[i], price) - (double)(seed % 5);
		s->volume[i] = (double)(seed % 1000);
	}
	s->candles = (struct candles){
		s->time, s->open, s->high, s->low, s->close, s->volume, BARS};
	return s;
}

static uint8_t *bits_in_blocks(struct help *help, const struct program *program,
	const struct candles *candles, size_t block)
{
	struct evaluator *evaluator = evaluator_open(help->arena, program);
	uint8_t *bits = arena_array(help->arena, candles->count, 1);
	struct decisions decisions;

	for (size_t at = 0; at < candles->count; at += block) {
		size_t count = candles->count - at < block ? candles->count - at
							   : block;

		evaluator_block(evaluator, candles, at, count, &decisions);
		memcpy(bits + at, decisions.bits, count);
	}
	assert_int_equal(evaluator_bars(evaluator), candles->count);
	return bits;
}

static struct program *minute_rules(struct help *help, const char *members)
{
	return help_program(help,
		arena_format(help->arena,
			"{\"version\":1,\"name\":\"t\",\"interval\":\"1m\",%s}",
			members));
}

/* Everything that keeps state, in one definition. */
static const char everything[] =
	"\"indicators\":{"
	"\"f\":{\"fn\":\"sma\",\"period\":7},"
	"\"nested\":{\"fn\":\"ema\",\"period\":5,\"source\":{\"fn\":\"rsi\","
	"\"period\":9}},"
	"\"holes\":{\"fn\":\"sma\",\"period\":3,\"source\":{\"div\":[1,{"
	"\"sub\":"
	"[\"volume\",\"volume\"]}]}},"
	"\"big\":{\"fn\":\"ema\",\"period\":4,\"interval\":\"15m\"},"
	"\"smooth\":{\"fn\":\"atr\",\"period\":5,\"candles\":\"heikin_ashi\","
	"\"interval\":\"5m\"}},"
	"\"entry\":{\"long\":{\"any\":[{\"crosses_above\":[\"close\",\"big\"]},"
	"{\"all\":[{\"rising\":[\"f\",3]},{\"within\":[{\"gt\":[\"nested\",55]}"
	",4]},"
	"{\"between\":[\"smooth\",1,{\"max\":[{\"abs\":{\"sub\":[\"hl2\","
	"\"ohlc4\"]}},9]"
	"}]}]}]},"
	"\"short\":{\"all\":[{\"falling\":[\"ha_close\",2]},{\"not\":{"
	"\"shift\":[{"
	"\"gt\":[\"close\",{\"shift\":[\"open\",30]}]},2]}}]}},"
	"\"exit\":{\"long\":{\"lt\":[\"close\",{\"min\":[\"f\",\"big\"]}]},"
	"\"short\":{\"gt\":[\"hlc3\",\"big\"]}}";

static void test_blocks_change_nothing(void **state)
{
	static const size_t blocks[] = {1, 2, 7, 63, 1000};
	struct help help = help_open();
	struct series *s = walk(&help, 0);
	struct program *program = minute_rules(&help, everything);
	uint8_t *whole =
		bits_in_blocks(&help, program, &s->candles, EVALUATE_BLOCK);
	size_t kinds[16] = {0};

	(void)state;
	for (size_t b = 0; b < sizeof(blocks) / sizeof(blocks[0]); b++)
		assert_memory_equal(whole,
			bits_in_blocks(&help, program, &s->candles, blocks[b]),
			BARS);
	for (size_t i = 0; i < BARS; i++)
		kinds[whole[i]]++;
	assert_true(kinds[0] > 0 && kinds[0] < BARS / 2);
	arena_close(&help.arena);
}

static void test_the_future_changes_nothing(void **state)
{
	struct help help = help_open();
	struct series *s = walk(&help, 0);
	struct program *program = minute_rules(&help, everything);
	uint8_t *whole =
		bits_in_blocks(&help, program, &s->candles, EVALUATE_BLOCK);

	(void)state;
	for (size_t count = 1; count < BARS; count += 611) {
		struct candles less = candles_slice(&s->candles, 0, count);

		assert_memory_equal(whole,
			bits_in_blocks(&help, program, &less, EVALUATE_BLOCK),
			count);
	}
	arena_close(&help.arena);
}

/* ---- operators -------------------------------------------------------------- */

/* entry.long of a definition over closes, as a text of 0 and 1. */
static void expect_bars(struct help *help, const char *condition,
	const double *closes, const char *expected)
{
	size_t count = strlen(expected);
	struct candles candles = help_closes(help, closes, count);
	struct program *program =
		help_rules(help, arena_format(help->arena,
					 "\"entry\":{\"long\":%s}", condition));
	uint8_t *bits = bits_in_blocks(help, program, &candles, 2);
	char *text = arena_copy(help->arena, expected, count);

	for (size_t i = 0; i < count; i++)
		text[i] = bits[i] & DECIDE_ENTRY_LONG ? '1' : '0';
	if (strcmp(text, expected) != 0)
		fail_msg("%s: %s, not %s", condition, text, expected);
}

static void test_operators(void **state)
{
	static const double closes[] = {5, 6, 7, 7, 8, 9, 4, 3, 2, 9};
	static const struct {
		const char *condition, *bars;
	} rows[] = {
		{"{\"rising\":[\"close\",1]}", "0110110001"},
		{"{\"rising\":[\"close\",2]}", "0010010000"},
		{"{\"falling\":[\"close\",3]}", "0000000010"},
		{"{\"within\":[{\"gt\":[\"close\",8]},3]}", "0000011101"},
		{"{\"within\":[{\"gt\":[\"close\",8]},1]}", "0000010001"},
		{"{\"between\":[\"close\",4,7]}", "1111001000"},
		{"{\"crosses_above\":[\"close\",6.5]}", "0010000001"},
		{"{\"crosses_below\":[\"close\",7]}", "0000001000"},
		{"{\"crosses_above\":[6.5,\"close\"]}", "0000001000"},
		{"{\"gt\":[{\"abs\":{\"sub\":[\"close\",5]}},3]}",
			"0000010001"},
		{"{\"eq\":[{\"min\":[\"close\",6]},6]}", "0111110001"},
		{"{\"eq\":[{\"max\":[\"close\",6]},6]}", "1100001110"},
		{"{\"lt\":[{\"div\":[1,{\"sub\":[\"close\",7]}]},0]}",
			"1100001110"},
		{"{\"not\":{\"lt\":[\"close\",7]}}", "0011110001"},
		{"{\"gt\":[\"close\",{\"shift\":[\"close\",2]}]}",
			"0011110001"},
		{"{\"shift\":[{\"gt\":[\"close\",8]},2]}", "0000000100"},
		{"{\"gt\":[{\"fn\":\"sma\",\"period\":2},7.4]}", "0000110000"},
		/* the bar behind the first value is the first that decides */
		{"{\"gt\":[{\"fn\":\"sma\",\"period\":2},0]}", "0011111111"},
	};
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_bars(&help, rows[i].condition, closes, rows[i].bars);
	arena_close(&help.arena);
}

/* ---- larger intervals --------------------------------------------------------- */

static void expect_large(const int64_t *minutes, const char *expected)
{
	struct help help = help_open();
	size_t count = strlen(expected);
	struct series *s = walk(&help, 0);
	struct program *program = minute_rules(&help,
		"\"entry\":{\"long\":{\"gt\":[{\"fn\":\"sma\",\"period\":1,"
		"\"interval\":\"5m\"},0]}}");
	uint8_t *bits;

	for (size_t i = 0; i < count; i++)
		s->time[i] = minutes[i] * minute;
	s->candles.count = count;
	bits = bits_in_blocks(&help, program, &s->candles, 3);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(bits[i], expected[i] == '1');
	arena_close(&help.arena);
}

/* Decisions begin on the bar behind the first closed candle. */
static void test_only_closed_candles_are_visible(void **state)
{
	static const int64_t whole[] = {0, 1, 2, 3, 4, 5, 6};
	static const int64_t begun[] = {2, 3, 4, 5, 6, 7, 8, 9, 10};
	static const int64_t gap[] = {0, 1, 2, 7, 8, 9};
	static const int64_t long_gap[] = {3, 25, 26, 27};

	(void)state;
	expect_large(whole, "0000011");
	expect_large(begun, "000000001");
	expect_large(gap, "000011");
	expect_large(long_gap, "0000");
}

/* The last closed candle's value, by a second way: building them first. */
static void test_larger_values(void **state)
{
	struct help help = help_open();
	struct series *s = walk(&help, 0);
	struct program *program =
		minute_rules(&help, "\"entry\":{\"long\":{\"gt\":[\"close\",{"
				    "\"fn\":\"sma\",\"period\":1,"
				    "\"interval\":\"15m\"}]}}");
	uint8_t *bits =
		bits_in_blocks(&help, program, &s->candles, EVALUATE_BLOCK);
	int64_t length = 15 * minute;
	double shown = NAN, last = NAN;
	int64_t bucket = 0;

	(void)state;
	for (size_t i = 0; i < BARS; i++) {
		int64_t now = s->time[i] / length;

		if (now != bucket)
			shown = last;
		if ((s->time[i] + minute) / length != now)
			shown = s->close[i];
		if (i > 15)
			assert_int_equal(bits[i], s->close[i] > shown);
		last = s->close[i];
		bucket = now;
	}
	arena_close(&help.arena);
}

static void test_another_interval_to_run_on(void **state)
{
	struct help help = help_open();
	const struct program_source source = {.pointer = "",
		.definition = help_json(&help,
			"{\"version\":1,\"name\":\"t\",\"interval\":\"1h\","
			"\"indicators\":{\"a\":{\"fn\":\"sma\",\"period\":2,"
			"\"interval\":\"4h\"}},"
			"\"entry\":{\"long\":{\"gt\":[\"a\",1]}}}"),
		.interval = "1d"};
	struct program_source finer = source;
	struct program *program;

	(void)state;
	assert_int_equal(
		program_compile(help.arena, &source, help.report, &program),
		ERR_BAD_INPUT);
	assert_string_equal(
		help.report->faults[0].pointer, "/indicators/a/interval");
	finer.interval = "5m";
	assert_int_equal(
		program_compile(help.arena, &finer, help.report, &program),
		ERR_OK);
	assert_string_equal(program_interval(program), "5m");
	assert_int_equal(program_warmup(program), 96);
	arena_close(&help.arena);
}

static void test_heikin_ashi(void **state)
{
	static const double closes[] = {10, 12, 11};
	struct help help = help_open();

	(void)state;
	/* open = high = low = close in these candles: closes are the same;
	   opens 10, 10, 11; nothing is decided on the first */
	expect_bars(&help, "{\"eq\":[\"ha_close\",\"close\"]}", closes, "011");
	expect_bars(&help, "{\"eq\":[\"ha_open\",10]}", closes, "010");
	expect_bars(&help, "{\"eq\":[\"ha_open\",11]}", closes, "001");
	arena_close(&help.arena);
}

/* ---- why ------------------------------------------------------------------------ */

static void test_reasons(void **state)
{
	static const double closes[] = {5, 6, 7, 8};
	struct help help = help_open();
	struct candles candles = help_closes(&help, closes, 4);
	struct program *program = help_rules(&help,
		"\"entry\":{\"long\":\"close > 7 and (open < 3 or not "
		"between(close, 1, 2))\"}");
	struct evaluator *evaluator = evaluator_open(help.arena, program);
	struct decisions decisions;
	struct explanation why;

	(void)state;
	evaluator_block(evaluator, &candles, 0, 4, &decisions);
	evaluator_explain(evaluator, help.arena, SIGNAL_ENTRY_LONG, &why);
	assert_true(why.fired);
	assert_int_equal(why.count, 3);
	assert_int_equal(why.held, 2);
	assert_string_equal(why.conditions[0].text, "close > 7");
	assert_true(why.conditions[0].held);
	assert_true(why.conditions[0].left == 8);
	assert_true(why.conditions[0].right == 7);
	assert_string_equal(why.conditions[1].text, "open < 3");
	assert_false(why.conditions[1].held);
	assert_string_equal(why.conditions[2].text, "not between(close, 1, 2)");
	assert_true(why.conditions[2].held);
	assert_true(isnan(why.conditions[2].left));
	evaluator_explain(evaluator, help.arena, SIGNAL_EXIT_LONG, &why);
	assert_int_equal(why.count, 0);
	assert_false(why.fired);
	arena_close(&help.arena);
}

static void test_text_is_the_same_rule(void **state)
{
	static const char tree[] =
		"\"entry\":{\"long\":{\"all\":[{\"crosses_above\":[{\"fn\":"
		"\"ema\",\"source\":\"close\",\"period\":3},{\"fn\":\"ema\","
		"\"source\":\"close\",\"period\":8}]},{\"lt\":[{\"fn\":\"rsi\","
		"\"period\":5},70]}]}}";
	static const char text[] =
		"\"entry\":{\"long\":\"crosses_above(ema(close, 3), ema(close, "
		"8)) and rsi(5) < 70\"}";
	struct help help = help_open();
	struct series *s = walk(&help, 0);

	(void)state;
	assert_memory_equal(bits_in_blocks(&help, minute_rules(&help, tree),
				    &s->candles, EVALUATE_BLOCK),
		bits_in_blocks(&help, minute_rules(&help, text), &s->candles,
			EVALUATE_BLOCK),
		BARS);
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_change_nothing),
		cmocka_unit_test(test_the_future_changes_nothing),
		cmocka_unit_test(test_operators),
		cmocka_unit_test(test_only_closed_candles_are_visible),
		cmocka_unit_test(test_larger_values),
		cmocka_unit_test(test_another_interval_to_run_on),
		cmocka_unit_test(test_heikin_ashi),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_text_is_the_same_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
