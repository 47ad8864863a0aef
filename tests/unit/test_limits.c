/*
 * What keeps entries away, and several entries at once: by hand.
 */
#include "engine_help.h"

static const char always[] = "\"entry\":{\"long\":{\"gt\":[\"close\",0]}},"
			     "\"sizing\":{\"mode\":\"fixed\","
			     "\"quantity\":\"1\"}";

/* Hourly, from the midnight before Thursday 1970-01-01. */
static struct candles hours(
	struct help *help, const double *closes, size_t count)
{
	struct help_columns c = help_columns(help, count);

	for (size_t i = 0; i < count; i++) {
		c.time[i] = (int64_t)i * help_day / 24;
		c.open[i] = c.high[i] = c.low[i] = c.close[i] =
			closes ? closes[i] : 100;
	}
	return help_view(&c, count);
}

static struct backtest_result run_hours(struct help *help, const char *members,
	const double *closes, size_t count)
{
	return help_run(help,
		help_program(help, arena_format(help->arena,
					   "{\"version\":1,\"name\":\"t\","
					   "\"interval\":\"1h\",%s}",
					   members)),
		hours(help, closes, count), help_options("10000"));
}

/* "entry-exit reason" of each trade. */
static const char *trades_text(
	struct help *help, const struct backtest_result *r)
{
	const char *out = "";

	for (size_t i = 0; i < r->trade_count; i++)
		out = arena_format(help->arena, "%s%s%zu-%zu %s", out,
			i ? ", " : "", r->trades[i].entry_bar,
			r->trades[i].exit_bar, r->trades[i].exit_reason);
	return out;
}

static const double fall[28] = {100, 100, 100, 90, 90, 90, 90, 90, 90, 90, 90,
	90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90, 90};
static const double wave[] = {100, 100, 110, 120, 100, 100, 110, 120, 100, 100};

struct limit_row {
	const char *what, *members;
	const double *closes;
	size_t count, blocked;
	const char *expected;
};

/* clang-format off */
static const struct limit_row limit_rows[] = {
	{"one at a time", "", NULL, 4, 0, "1-3 end"},
	{"three at once, the oldest first", ",\"limits\":{\"max_open\":3}", NULL, 6, 0,
		"1-5 end, 2-5 end, 3-5 end"},
	{"a signal closes all", ",\"limits\":{\"max_open\":2},\"exit\":{\"long\":{\"gt\":[\"close\",115]}}",
		wave, 6, 0, "1-4 signal, 2-4 signal, 5-5 end"},
	{"each has its own time", ",\"limits\":{\"max_open\":2},\"stops\":{\"max_bars\":2}", NULL, 6, 0,
		"1-3 time, 2-4 time, 4-5 end, 5-5 end"},
	{"each has its own stop", ",\"limits\":{\"max_open\":2},\"stops\":{\"stop_loss_pct\":\"12\"}",
		(const double[]){100, 100, 110, 95, 87, 87, 87}, 4, 0, "2-3 stop_loss, 1-3 end"},
	{"a stop, then again", ",\"stops\":{\"stop_loss_pct\":\"5\"}", fall, 6, 0, "1-3 stop_loss, 4-5 end"},
	{"cool-down", ",\"stops\":{\"stop_loss_pct\":\"5\"},\"limits\":{\"cooldown_bars\":2}", fall, 8, 2,
		"1-3 stop_loss, 6-7 end"},
	{"entries a day", ",\"stops\":{\"max_bars\":1},\"limits\":{\"max_trades_day\":2}", NULL, 28, 19,
		"1-2 time, 3-4 time, 24-25 time, 26-27 time"},
	{"a day's loss", ",\"stops\":{\"stop_loss_pct\":\"5\"},\"limits\":{\"max_daily_loss_pct\":\"0.1\"}",
		fall, 8, 4, "1-3 stop_loss"},
	{"the next day", ",\"stops\":{\"stop_loss_pct\":\"5\"},\"limits\":{\"max_daily_loss_pct\":\"0.1\"}",
		fall, 28, 21, "1-3 stop_loss, 25-27 end"},
	{"a smaller loss", ",\"stops\":{\"stop_loss_pct\":\"5\"},\"limits\":{\"max_daily_loss_pct\":\"0.11\"}",
		fall, 6, 0, "1-3 stop_loss, 4-5 end"},
	{"drawdown closes and ends it", ",\"limits\":{\"max_drawdown_pct\":\"0.1\"}", fall, 8, 0, "1-4 drawdown"},
	{"a smaller drawdown", ",\"limits\":{\"max_drawdown_pct\":\"0.11\"}", fall, 8, 0, "1-7 end"},
};
/* clang-format on */

static void test_limits(void **state)
{
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(limit_rows) / sizeof(limit_rows[0]);
		i++) {
		const struct limit_row *row = &limit_rows[i];
		struct backtest_result r = run_hours(&help,
			arena_format(help.arena, "%s%s", always, row->members),
			row->closes, row->count);
		const char *is = trades_text(&help, &r);

		if (strcmp(is, row->expected) != 0 ||
			r.blocked_entries != row->blocked)
			fail_msg("%s: %s, %zu kept away", row->what, is,
				r.blocked_entries);
	}
	arena_close(&help.arena);
}

/* The opposite entry closes even where it may not enter. */
static void test_exits_are_always_taken(void **state)
{
	static const double closes[] = {20, 20, 10, 10, 10, 10};
	struct help help = help_open();
	struct backtest_result r = run_hours(&help,
		"\"entry\":{\"long\":{\"gt\":[\"close\",15]},"
		"\"short\":{\"lt\":[\"close\",15]}},"
		"\"limits\":{\"cooldown_bars\":1}",
		closes, 6);

	(void)state;
	assert_string_equal(trades_text(&help, &r), "1-3 signal, 5-5 end");
	assert_true(r.trades[1].size.units < 0);
	r = run_hours(&help,
		"\"entry\":{\"long\":{\"gt\":[\"close\",15]},"
		"\"short\":{\"lt\":[\"close\",15]}},"
		"\"session\":{\"from\":\"01:00\",\"to\":\"02:00\"}",
		closes, 6);
	assert_string_equal(trades_text(&help, &r), "1-3 signal");
	arena_close(&help.arena);
}

/* One more would be entered at the last close: that closes nothing. */
static void test_last_close_with_room(void **state)
{
	struct help help = help_open();
	struct backtest_options options = help_options("10000");
	struct backtest_result r;

	(void)state;
	options.fill_on_close = true;
	options.finalize = false;
	r = help_run(&help,
		help_rules(&help,
			arena_format(help.arena,
				"%s,\"limits\":{\"max_open\":9}", always)),
		hours(&help, NULL, 4), options);
	assert_int_equal(r.trade_count, 0);
	options.finalize = true;
	r = help_run(&help,
		help_rules(&help,
			arena_format(help.arena,
				"%s,\"limits\":{\"max_open\":9}", always)),
		hours(&help, NULL, 4), options);
	assert_string_equal(
		trades_text(&help, &r), "0-3 end, 1-3 end, 2-3 end");
	arena_close(&help.arena);
}

/* All in leaves nothing for a second entry. */
static void test_money_is_spent_once(void **state)
{
	struct help help = help_open();
	struct backtest_result r = run_hours(&help,
		"\"entry\":{\"long\":{\"gt\":[\"close\",0]}},"
		"\"sizing\":{\"mode\":\"all_in\"},\"limits\":{\"max_open\":2}",
		NULL, 4);

	(void)state;
	assert_string_equal(trades_text(&help, &r), "1-3 end");
	assert_int_equal(r.refused_entries, 2);
	r = run_hours(&help,
		"\"entry\":{\"short\":{\"gt\":[\"close\",0]}},"
		"\"sizing\":{\"mode\":\"pct_equity\",\"pct\":\"60\"},"
		"\"limits\":{\"max_open\":3}",
		NULL, 5);
	assert_string_equal(help_text(&help, r.trades[0].size), "-60");
	assert_string_equal(help_text(&help, r.trades[1].size), "-40");
	assert_int_equal(r.trade_count, 2);
	arena_close(&help.arena);
}

struct session_row {
	const char *session;
	size_t entry_bar; /* the first */
};

/* Bar i closes at i + 1 o'clock UTC; entered one bar later. */
static const struct session_row session_rows[] = {
	{"{}", 1},
	{"{\"days\":[\"thu\"]}", 1},
	{"{\"days\":[\"fri\",\"mon\"]}", 24},
	{"{\"from\":\"09:30\",\"to\":\"16:00\"}", 10},
	{"{\"from\":\"09:00\",\"to\":\"16:00\"}", 9},
	{"{\"from\":\"00:30\",\"to\":\"01:00\"}", 0},
	{"{\"from\":\"09:00\",\"to\":\"16:00\",\"utc_offset\":\"+01:00\"}", 8},
	{"{\"from\":\"09:00\",\"to\":\"16:00\",\"utc_offset\":\"-05:00\"}", 14},
	{"{\"from\":\"22:00\",\"to\":\"02:00\"}", 1},
	{"{\"from\":\"22:00\",\"to\":\"01:00\"}", 22},
	{"{\"from\":\"23:00\",\"to\":\"24:00\"}", 23},
	{"{\"days\":[\"sat\"],\"utc_offset\":\"+14:00\"}", 34},
	{"{\"days\":[\"wed\"],\"utc_offset\":\"-12:00\"}", 1},
};

static void test_session(void **state)
{
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(session_rows) / sizeof(session_rows[0]);
		i++) {
		const struct session_row *row = &session_rows[i];
		struct backtest_result r = run_hours(&help,
			arena_format(help.arena, "%s,\"session\":%s", always,
				row->session),
			NULL, 60);
		size_t is = r.trade_count ? r.trades[0].entry_bar : 0;

		if (is != row->entry_bar)
			fail_msg("%s: %zu, not %zu", row->session, is,
				row->entry_bar);
		assert_int_equal(
			r.blocked_entries, row->entry_bar ? is - 1 : 59);
	}
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_exits_are_always_taken),
		cmocka_unit_test(test_last_close_with_room),
		cmocka_unit_test(test_money_is_spent_once),
		cmocka_unit_test(test_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
