/*
 * The published candle cases of freqtrade: 30 of 34 come out the same by our
 * own rules, all of them with touch_fills. docs/engine.md says which four
 * differ and why.
 */
#include "engine_help.h"

enum {
	HOUR_MS = 3600000,
	ROWS = 16
};

/* Signals ride on the volume: a digit each for entries and exits. */
static const char rules_text[] =
	"{\"version\":1,\"name\":\"t\",\"interval\":\"1h\","
	"\"entry\":{\"long\":{\"eq\":[\"volume\",1]},"
	"\"short\":{\"eq\":[\"volume\",3]}},"
	"\"exit\":{\"long\":{\"eq\":[\"volume\",2]},"
	"\"short\":{\"eq\":[\"volume\",4]}},"
	"\"sizing\":{\"mode\":\"quote\",\"amount\":\"1000\"},"
	"\"stops\":{%s}}";

static double number(const struct json *object, const char *name)
{
	double out = 0;

	return json_double(json_member(object, name), &out) ? out : 0;
}

/* As a decimal of percent. */
static const char *percent(struct help *help, double ratio)
{
	return arena_format(help->arena, "%.6f", fabs(ratio) * 100);
}

static const char *roi_text(struct help *help, const struct json *roi)
{
	const char *out = "";

	for (const struct json *m = roi->first; m; m = m->next) {
		double ratio = NAN;

		assert_true(json_double(m, &ratio));
		out = arena_format(help->arena, "%s%s[%s,\"%s\"]", out,
			*out ? "," : "", m->name,
			ratio == -1 ? "-1" : percent(help, ratio));
	}
	return out;
}

/* Without a positive distance freqtrade trails by the stop-loss. */
static const char *trailing_text(struct help *help, const struct json *params)
{
	const struct json *only =
		json_member(params, "trailing_only_offset_is_reached");
	double positive = number(params, "trailing_stop_positive");
	double offset = number(params, "trailing_stop_positive_offset");
	const char *out = arena_format(help->arena, ",\"trailing_pct\":\"%s\"",
		percent(help, number(params, "stop_loss")));

	if (!json_member(params, "trailing_stop"))
		return "";
	if (only && only->truth)
		out = arena_format(help->arena,
			"%s,\"trailing_activation_pct\":\"%s\"", out,
			percent(help, offset));
	if (positive > 0)
		out = arena_format(help->arena,
			"%s,\"trailing_positive_pct\":\"%s\","
			"\"trailing_positive_offset_pct\":\"%s\"",
			out, percent(help, positive), percent(help, offset));
	return out;
}

static struct program *program_of(struct help *help, const struct json *params)
{
	const char *stops = arena_format(help->arena,
		"\"stop_loss_pct\":\"%s\",\"roi\":[%s]%s",
		percent(help, number(params, "stop_loss")),
		roi_text(help, json_member(params, "roi")),
		trailing_text(help, params));

	return help_program(help, arena_format(help->arena, rules_text, stops));
}

static struct candles candles_of(struct help *help, const struct json *rows)
{
	struct help_columns c = help_columns(help, rows->count);
	size_t i = 0;

	for (const struct json *row = rows->first; row; row = row->next, i++) {
		double values[10] = {0};
		size_t k = 0;

		for (const struct json *v = row->first; v; v = v->next)
			assert_true(json_double(v, &values[k++]));
		c.time[i] = (int64_t)values[0] * HOUR_MS;
		c.open[i] = values[1];
		c.high[i] = values[2];
		c.low[i] = values[3];
		c.close[i] = values[4];
		for (size_t s = 0; s < 4; s++)
			if (values[6 + s] > 0)
				c.volume[i] = (double)(s + 1);
	}
	return help_view(&c, rows->count);
}

static const char *reason_of(const char *theirs)
{
	static const char *const names[][2] = {{"exit_signal", "signal"},
		{"stop_loss", "stop_loss"}, {"roi", "roi"},
		{"trailing_stop_loss", "trailing_stop"}};

	for (size_t i = 0; i < 4; i++)
		if (strcmp(names[i][0], theirs) == 0)
			return names[i][1];
	fail_msg("no such reason: %s", theirs);
	return NULL;
}

static bool trade_is(
	const struct json *expected, const struct backtest_trade *trade)
{
	return number(expected, "open") == (double)trade->entry_bar &&
	       number(expected, "close") == (double)trade->exit_bar &&
	       json_member(expected, "short")->truth ==
		       (trade->size.units < 0) &&
	       strcmp(reason_of(json_member(expected, "reason")->text),
		       trade->exit_reason) == 0;
}

static bool case_passes(
	struct help *help, const struct json *item, bool touch_fills)
{
	struct backtest_options options = help_options("1000000");
	const struct json *trade = json_member(item, "trades")->first;
	struct backtest_result r;
	double sum = 0;

	options.touch_fills = touch_fills;
	r = help_run(help, program_of(help, json_member(item, "params")),
		candles_of(help, json_member(item, "rows")), options);
	for (size_t i = 0; i < r.trade_count; i++, trade = trade->next) {
		if (!trade || !trade_is(trade, &r.trades[i]))
			return false;
		sum += r.trades[i].return_pct / 100;
	}
	return !trade && round(sum * 1000) ==
				 round(number(item, "sum_profit_ratio") * 1000);
}

static bool differs_by_default(const char *id)
{
	static const char *const ids[] = {"tc11", "tc16", "tc20", "tc24"};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (strcmp(ids[i], id) == 0)
			return true;
	return false;
}

static void test_published_cases(void **state)
{
	struct help help = help_open();
	const struct json *file =
		help_json_file(&help, "tests/unit/data/freqtrade_stops.json");
	size_t cases = 0;

	(void)state;
	for (const struct json *c = json_member(file, "cases")->first; c;
		c = c->next, cases++) {
		const char *id = json_member(c, "id")->text;

		if (!case_passes(&help, c, true))
			fail_msg("%s with touch_fills", id);
		if (case_passes(&help, c, false) == differs_by_default(id))
			fail_msg("%s by our own rules", id);
	}
	assert_int_equal(cases, 34);
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_published_cases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
