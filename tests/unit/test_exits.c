/*
 * Exits that rules make by themselves, each row by hand: trailing stops,
 * break-even, time, the table of minutes, freqtrade's fills, finer candles.
 */
#include "engine_help.h"

enum {
	BARS = 5
};

/*
 * Decided on bar 0, entered at the open of bar 1, which is 100; 10 units.
 * Daily candles: a bar is 1440 minutes.
 */
struct exit_row {
	const char *what;
	bool is_short, touch_fills;
	const char *stops;
	double bars[BARS][4];
	size_t exit_bar;
	const char *exit_price, *reason;
};

/* clang-format off */
#define DECIDE {100, 100, 100, 100}
#define QUIET {100, 101, 99, 100}
#define TRAIL "\"trailing_pct\":\"5\""
#define LATE TRAIL ",\"trailing_activation_pct\":\"10\""
#define TIGHT "\"trailing_pct\":\"10\",\"trailing_positive_pct\":\"2\",\"trailing_positive_offset_pct\":\"5\""
#define EVEN "\"break_even\":{\"trigger_pct\":\"5\",\"offset_pct\":\"1\"}"
#define TABLE "\"roi\":[[0,\"10\"],[1440,\"5\"],[2880,\"-1\"]]"
#define BOTH "\"stop_loss_pct\":\"5\",\"take_profit_pct\":\"10\""
static const struct exit_row exit_rows[] = {
	{"trailing: the best of a candle, then its worst", 0, 0, TRAIL,
		{DECIDE, QUIET, {106, 110, 104, 105}, QUIET, QUIET}, 2, "104.5", "trailing_stop"},
	{"trailing: what stands already is tried first", 0, 0, TRAIL,
		{DECIDE, QUIET, {100, 120, 95.9, 110}, QUIET, QUIET}, 2, "95.95", "trailing_stop"},
	{"trailing: from the entry on", 0, 0, TRAIL,
		{DECIDE, {100, 100.5, 95, 96}, QUIET, QUIET, QUIET}, 1, "95", "trailing_stop"},
	{"trailing: a gap fills at the open", 0, 0, TRAIL,
		{DECIDE, QUIET, {110, 112, 109, 111}, {100, 103, 99, 102}, QUIET}, 3, "100", "trailing_stop"},
	{"trailing: never down", 0, 0, TRAIL,
		{DECIDE, QUIET, {116, 120, 116, 117}, {117, 118, 115, 116}, {116, 117, 113, 115}}, 4, "114", "trailing_stop"},
	{"trailing: not before it is active", 0, 0, LATE,
		{DECIDE, QUIET, {100, 109, 96, 100}, {100, 101, 90, 100}, QUIET}, 4, "100", "end"},
	{"trailing: active from the bar that reaches it", 0, 0, LATE,
		{DECIDE, QUIET, {106, 110, 105, 106}, {106, 107, 104, 105}, QUIET}, 3, "104.5", "trailing_stop"},
	{"trailing: the entry candle arms it, then falls", 0, 0, LATE,
		{DECIDE, {100, 120, 99, 100}, QUIET, QUIET, QUIET}, 1, "104.5", "trailing_stop"},
	{"trailing: the entry candle cannot fill below its low", 0, 0, TRAIL ",\"trailing_activation_pct\":\"2\"",
		{DECIDE, {100, 120, 98, 100}, QUIET, QUIET, QUIET}, 1, "98", "trailing_stop"},
	{"trailing: short", 1, 0, TRAIL,
		{DECIDE, QUIET, {99, 100, 90, 95}, QUIET, QUIET}, 2, "94.5", "trailing_stop"},
	{"trailing: below the fixed stop the fixed one counts", 0, 0, "\"stop_loss_pct\":\"2\"," TRAIL,
		{DECIDE, QUIET, {100, 101, 97, 98}, QUIET, QUIET}, 2, "98", "stop_loss"},
	{"positive: not on the offset", 0, 0, TIGHT,
		{DECIDE, QUIET, {100, 105, 100, 101}, {101, 104, 101, 102}, QUIET}, 4, "100", "end"},
	{"positive: above the offset", 0, 0, TIGHT,
		{DECIDE, QUIET, {102, 106, 101, 102}, QUIET, QUIET}, 2, "103.88", "trailing_stop"},
	{"break-even: armed, then touched", 0, 0, EVEN,
		{DECIDE, QUIET, {102, 105, 102, 103}, {103, 104, 100, 103}, QUIET}, 3, "101", "break_even"},
	{"break-even: within the candle", 0, 0, EVEN,
		{DECIDE, QUIET, {100, 105, 100, 103}, QUIET, QUIET}, 2, "101", "break_even"},
	{"break-even: not reached", 0, 0, EVEN,
		{DECIDE, QUIET, {100, 104.99, 90, 103}, QUIET, QUIET}, 4, "100", "end"},
	{"break-even: in the entry candle", 0, 0, EVEN,
		{DECIDE, {100, 106, 99, 103}, QUIET, QUIET, QUIET}, 1, "101", "break_even"},
	{"break-even: short", 1, 0, EVEN,
		{DECIDE, QUIET, {98, 98, 95, 97}, {97, 99.5, 96, 98}, QUIET}, 3, "99", "break_even"},
	{"time: two bars", 0, 0, "\"max_bars\":2",
		{DECIDE, QUIET, QUIET, {103, 104, 102, 103}, QUIET}, 3, "103", "time"},
	{"time: a stop comes first", 0, 0, "\"max_bars\":2,\"stop_loss_pct\":\"5\"",
		{DECIDE, QUIET, {100, 101, 94, 95}, QUIET, QUIET}, 2, "95", "stop_loss"},
	{"time: at the open, before that bar's stop", 0, 0, "\"max_bars\":1,\"stop_loss_pct\":\"5\"",
		{DECIDE, QUIET, {100, 101, 94, 95}, QUIET, QUIET}, 2, "100", "time"},
	{"roi: above its level, in the entry candle", 0, 0, TABLE,
		{DECIDE, {100, 110.5, 99, 100}, QUIET, QUIET, QUIET}, 1, "110", "roi"},
	{"roi: not on its level; the next step", 0, 0, TABLE,
		{DECIDE, {100, 110, 99, 100}, {100, 106, 99, 100}, QUIET, QUIET}, 2, "105", "roi"},
	{"roi: passed at the open", 0, 0, TABLE,
		{DECIDE, QUIET, {107, 120, 99, 100}, QUIET, QUIET}, 2, "107", "roi"},
	{"roi: at any profit", 0, 0, TABLE,
		{DECIDE, QUIET, QUIET, {93, 95, 92, 94}, QUIET}, 3, "93", "roi"},
	{"roi: short", 1, 0, TABLE,
		{DECIDE, QUIET, {100, 101, 94, 96}, QUIET, QUIET}, 2, "95", "roi"},
	{"roi: the nearer of roi and target", 0, 0, "\"take_profit_pct\":\"8\",\"roi\":[[0,\"5\"]]",
		{DECIDE, {100, 109, 99, 100}, QUIET, QUIET, QUIET}, 1, "105", "roi"},
	{"roi: the nearer of target and roi", 0, 0, "\"take_profit_pct\":\"5\",\"roi\":[[0,\"8\"]]",
		{DECIDE, {100, 109, 99, 100}, QUIET, QUIET, QUIET}, 1, "105", "take_profit"},
	{"roi: the stop first", 0, 0, "\"stop_loss_pct\":\"5\",\"roi\":[[0,\"5\"]]",
		{DECIDE, {100, 109, 94, 100}, QUIET, QUIET, QUIET}, 1, "95", "stop_loss"},
	{"touch: a stop inside the candle", 0, 1, BOTH,
		{DECIDE, QUIET, {90, 99, 88, 97}, QUIET, QUIET}, 2, "95", "stop_loss"},
	{"touch: a stop above the candle", 0, 1, BOTH,
		{DECIDE, QUIET, {90, 94, 88, 93}, QUIET, QUIET}, 2, "90", "stop_loss"},
	{"touch: a stop below a short's candle", 1, 1, BOTH,
		{DECIDE, QUIET, {112, 113, 106, 110}, QUIET, QUIET}, 2, "112", "stop_loss"},
	{"touch: a target inside the candle", 0, 1, BOTH,
		{DECIDE, QUIET, {115, 116, 99, 100}, QUIET, QUIET}, 2, "110", "take_profit"},
	{"touch: a target below the candle", 0, 1, BOTH,
		{DECIDE, QUIET, {115, 116, 112, 113}, QUIET, QUIET}, 2, "112", "take_profit"},
	{"touch: the table before a trailing stop", 0, 1, TRAIL ",\"roi\":[[0,\"10\"]]",
		{DECIDE, QUIET, {100, 111, 95, 100}, QUIET, QUIET}, 2, "110", "roi"},
};
/* clang-format on */

static struct program *rules_of(
	struct help *help, bool is_short, const char *stops)
{
	return help_rules(help,
		arena_format(help->arena,
			"\"entry\":{\"%s\":{\"eq\":[\"high\",\"low\"]}},"
			"\"sizing\":{\"mode\":\"fixed\",\"quantity\":\"10\"},"
			"\"stops\":{%s}",
			is_short ? "short" : "long", stops));
}

static void expect_exit(struct help *help, const char *what,
	const struct backtest_result *r, size_t bar, const char *expected)
{
	const struct backtest_trade *trade = r->trades;
	const char *is;

	if (r->trade_count != 1)
		fail_msg("%s: %zu trades", what, r->trade_count);
	is = arena_format(help->arena, "%s %s on %zu", trade->exit_reason,
		help_text(help, trade->exit_price), trade->exit_bar);
	if (trade->exit_bar != bar || strncmp(is, expected, strlen(expected)))
		fail_msg("%s: %s, not %s on %zu", what, is, expected, bar);
}

static void test_exits_inside_candles(void **state)
{
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(exit_rows) / sizeof(exit_rows[0]); i++) {
		const struct exit_row *row = &exit_rows[i];
		struct backtest_options options = help_options("10000");
		struct backtest_result r;

		options.touch_fills = row->touch_fills;
		r = help_run(&help, rules_of(&help, row->is_short, row->stops),
			help_bars(&help, row->bars, BARS), options);
		expect_exit(&help, row->what, &r, row->exit_bar,
			arena_format(help.arena, "%s %s on", row->reason,
				row->exit_price));
	}
	arena_close(&help.arena);
}

/* Entered at the close of bar 1, it is held for two whole bars. */
static void test_time_with_fills_on_the_close(void **state)
{
	static const double bars[BARS][4] = {
		QUIET, DECIDE, QUIET, {103, 104, 102, 103.5}, QUIET};
	struct help help = help_open();
	struct backtest_options options = help_options("10000");
	struct backtest_result r;

	(void)state;
	options.fill_on_close = true;
	r = help_run(&help, rules_of(&help, false, "\"max_bars\":2"),
		help_bars(&help, bars, BARS), options);
	expect_exit(&help, "time", &r, 3, "time 103.5 on");
	assert_int_equal(r.trades[0].entry_bar, 1);
	arena_close(&help.arena);
}

/* ---- finer candles ----------------------------------------------------- */

struct detail_row {
	const char *what;
	double finer[4][4]; /* of bar 2; a low of 0: there is none */
	const char *stops, *expected;
};

/* clang-format off */
static const struct detail_row detail_rows[] = {
	{"none: the adverse side first", {{0}}, BOTH, "stop_loss 95 on"},
	{"the target comes first on the path",
		{{100, 111, 100, 110}, {110, 110, 94, 95}}, BOTH, "take_profit 110 on"},
	{"the stop comes first on the path",
		{{100, 101, 94, 95}, {95, 112, 95, 110}}, BOTH, "stop_loss 95 on"},
	{"a gap between finer candles",
		{{100, 101, 96, 96}, {93, 112, 92, 110}}, BOTH, "stop_loss 93 on"},
	{"the trail follows the path",
		{{108, 112, 108, 109}, {109, 109, 94, 95}}, TRAIL, "trailing_stop 106.4 on"},
	{"the table counts minutes within the bar",
		{{100, 104, 100, 103}, {103, 104, 102, 103}, {103, 112, 102, 104}},
		"\"roi\":[[0,\"11\"],[2160,\"3\"]]", "roi 103 on"},
};
/* clang-format on */

static struct candles finer_of(
	struct help *help, const struct detail_row *row, int64_t from)
{
	struct help_columns c = help_columns(help, 4);
	size_t count = 0;

	while (count < 4 && row->finer[count][2] > 0) {
		const double *prices = row->finer[count];

		c.time[count] = from + (int64_t)count * help_day / 4;
		c.open[count] = prices[0];
		c.high[count] = prices[1];
		c.low[count] = prices[2];
		c.close[count] = prices[3];
		count++;
	}
	return help_view(&c, count);
}

static void test_finer_candles(void **state)
{
	static const double bars[BARS][4] = {
		DECIDE, QUIET, {100, 112, 94, 95}, QUIET, QUIET};
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(detail_rows) / sizeof(detail_rows[0]);
		i++) {
		const struct detail_row *row = &detail_rows[i];
		struct candles candles = help_bars(&help, bars, BARS);
		struct candles detail = finer_of(&help, row, 2 * help_day);
		struct backtest_options options = help_options("10000");
		const struct backtest_input input = {
			.program = rules_of(&help, false, row->stops),
			.candles = &candles,
			.options = &options,
			.detail = &detail};
		struct backtest_result r;

		options.finalize = true;
		assert_int_equal(
			backtest_run(help.arena, &input, help.report, &r),
			ERR_OK);
		expect_exit(&help, row->what, &r, 2, row->expected);
	}
	arena_close(&help.arena);
}

/* The range of each bar is 2, so is its average: 2 from the third bar on. */
static void test_average_range_of_the_program(void **state)
{
	static const double bars[6][4] = {QUIET, QUIET, QUIET,
		{100, 101, 99, 99.5}, {100, 101, 99, 100}, {98, 99, 96, 97}};
	struct help help = help_open();
	struct program *program = help_rules(&help,
		"\"entry\":{\"long\":{\"eq\":[\"close\",99.5]}},"
		"\"sizing\":{\"mode\":\"risk_pct\",\"pct\":\"1\"},"
		"\"stops\":{\"stop_loss_atr\":{\"period\":2,"
		"\"multiple\":\"1.5\"}}");
	struct backtest_result r = help_run(&help, program,
		help_bars(&help, bars, 6), help_options("3000"));

	(void)state;
	assert_true(program_warmup(program) >= 2);
	expect_exit(&help, "atr", &r, 5, "stop_loss 97 on");
	assert_string_equal(help_text(&help, r.trades[0].size), "10");
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exits_inside_candles),
		cmocka_unit_test(test_time_with_fills_on_the_close),
		cmocka_unit_test(test_finer_candles),
		cmocka_unit_test(test_average_range_of_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
