/*
 * Stops, sizes, limits and hours as they are written: every mistake is one
 * fault that says where and what.
 */
#include "engine_help.h"

struct rule_row {
	const char *members;
	const char *pointer, *message; /* NULL: it is good */
};

/* clang-format off */
#define STOPS(text) "\"stops\":{" text "}"
#define LIMITS(text) "\"limits\":{" text "}"
#define SESSION(text) "\"session\":{" text "}"
#define SIZING(text) "\"sizing\":{" text "}"
static const struct rule_row rule_rows[] = {
	{STOPS("\"stop_loss_pct\":\"5\",\"take_profit_pct\":\"10\",\"trailing_pct\":\"3\","
		"\"trailing_activation_pct\":\"0\",\"trailing_positive_pct\":\"1\","
		"\"trailing_positive_offset_pct\":\"2\","
		"\"break_even\":{\"trigger_pct\":\"2\",\"offset_pct\":\"0.1\"},"
		"\"max_bars\":10,\"roi\":[[0,\"10\"],[60,\"0\"],[120,\"-1\"]]"), NULL, NULL},
	{STOPS("\"stop_loss_pct\":null,\"stop_loss_atr\":null,\"take_profit_atr\":null,\"trailing_pct\":null,"
		"\"trailing_atr\":null,\"trailing_activation_pct\":null,\"trailing_positive_pct\":null,"
		"\"trailing_positive_offset_pct\":null,\"break_even\":null,\"max_bars\":null,\"roi\":null"), NULL, NULL},
	{STOPS("\"trailing_pct\":\"100\""), "/stops/trailing_pct", "below 100"},
	{STOPS("\"trailing_pct\":\"1\",\"trailing_activation_pct\":\"-1\""), "/stops/trailing_activation_pct", "0 or more"},
	{STOPS("\"trailing_activation_pct\":\"1\""), "/stops/trailing_activation_pct", "without trailing_pct"},
	{STOPS("\"trailing_positive_pct\":\"1\""), "/stops/trailing_positive_pct", "without trailing_pct"},
	{STOPS("\"trailing_pct\":\"1\",\"trailing_positive_offset_pct\":\"1\""),
		"/stops/trailing_positive_offset_pct", "without trailing_positive_pct"},
	{STOPS("\"stop_loss_pct\":\"5\",\"stop_loss_atr\":{\"period\":14,\"multiple\":\"2\"}"),
		"/stops/stop_loss_atr", "cannot stand together with stop_loss_pct"},
	{STOPS("\"take_profit_pct\":\"5\",\"take_profit_atr\":{}"), "/stops/take_profit_atr", "cannot stand together"},
	{STOPS("\"trailing_pct\":\"5\",\"trailing_atr\":{}"), "/stops/trailing_atr", "cannot stand together"},
	{STOPS("\"stop_loss_atr\":5"), "/stops/stop_loss_atr", "object"},
	{STOPS("\"trailing_atr\":{\"period\":0,\"multiple\":\"2\"}"), "/stops/trailing_atr/period", "whole number from 1 to 5000"},
	{STOPS("\"trailing_atr\":{\"period\":2.5,\"multiple\":\"2\"}"), "/stops/trailing_atr/period", "whole number"},
	{STOPS("\"break_even\":{}"), "/stops/break_even/trigger_pct", "required"},
	{STOPS("\"break_even\":{\"trigger_pct\":\"2\",\"offset_pct\":\"2\"}"), "/stops/break_even/offset_pct", "below trigger_pct"},
	{STOPS("\"break_even\":{\"trigger\":\"2\",\"trigger_pct\":\"2\"}"), "/stops/break_even/trigger", "unknown member"},
	{STOPS("\"max_bars\":0"), "/stops/max_bars", "whole number from 1"},
	{STOPS("\"max_bars\":\"5\""), "/stops/max_bars", "number"},
	{STOPS("\"roi\":[]"), "/stops/roi", "list"},
	{STOPS("\"roi\":{\"0\":\"1\"}"), "/stops/roi", "list"},
	{STOPS("\"roi\":[5]"), "/stops/roi/0", "[minutes"},
	{STOPS("\"roi\":[[0]]"), "/stops/roi/0", "[minutes"},
	{STOPS("\"roi\":[[-1,\"5\"]]"), "/stops/roi/0/0", "whole minutes"},
	{STOPS("\"roi\":[[0.5,\"5\"]]"), "/stops/roi/0/0", "whole minutes"},
	{STOPS("\"roi\":[[0,5]]"), "/stops/roi/0/1", "decimal in a string"},
	{STOPS("\"roi\":[[0,\"-2\"]]"), "/stops/roi/0/1", "0 or more"},
	{STOPS("\"roi\":[[60,\"5\"],[60,\"4\"]]"), "/stops/roi/1", "later than the step before"},
	{SIZING("\"mode\":\"quote\",\"amount\":\"1000\""), NULL, NULL},
	{SIZING("\"mode\":\"quote\",\"amount\":\"0\""), "/sizing/amount", "above 0"},
	{SIZING("\"mode\":\"quote\""), "/sizing/amount", "required"},
	{STOPS("\"stop_loss_pct\":\"5\"") "," SIZING("\"mode\":\"risk_pct\",\"pct\":\"1\""), NULL, NULL},
	{SIZING("\"mode\":\"risk_pct\",\"pct\":\"1\""), "/sizing/mode", "needs stop_loss_pct or stop_loss_atr"},
	{STOPS("\"stop_loss_pct\":\"5\"") "," SIZING("\"mode\":\"risk_pct\",\"pct\":\"100\""), "/sizing/pct", "below 100"},
	{LIMITS("\"max_open\":16,\"cooldown_bars\":5,\"max_trades_day\":3,\"max_daily_loss_pct\":\"3\","
		"\"max_drawdown_pct\":\"20\""), NULL, NULL},
	{LIMITS("\"max_open\":null,\"max_drawdown_pct\":null"), NULL, NULL},
	{"\"limits\":[]", "/limits", "object"},
	{LIMITS("\"max_open\":17"), "/limits/max_open", "from 1 to 16"},
	{LIMITS("\"max_open\":0"), "/limits/max_open", "from 1 to 16"},
	{LIMITS("\"cooldown_bars\":1.5"), "/limits/cooldown_bars", "whole number"},
	{LIMITS("\"max_trades_day\":\"3\""), "/limits/max_trades_day", "number"},
	{LIMITS("\"max_daily_loss_pct\":\"100\""), "/limits/max_daily_loss_pct", "below 100"},
	{LIMITS("\"max_opens\":5"), "/limits/max_opens", "did you mean \"max_open\""},
	{SESSION("\"days\":[\"mon\",\"sun\"],\"from\":\"09:30\",\"to\":\"24:00\",\"utc_offset\":\"-03:30\""), NULL, NULL},
	{"\"session\":null", NULL, NULL},
	{SESSION("\"days\":[]"), "/session/days", "list of days"},
	{SESSION("\"days\":\"mon\""), "/session/days", "list of days"},
	{SESSION("\"days\":[1]"), "/session/days/0", "text"},
	{SESSION("\"days\":[\"mon\",\"tues\"]"), "/session/days/1", "did you mean \"tue\""},
	{SESSION("\"days\":[\"mon\",\"mon\"]"), "/session/days/1", "twice"},
	{SESSION("\"from\":\"09:30\""), "/session/to", "go together"},
	{SESSION("\"to\":\"09:30\""), "/session/from", "go together"},
	{SESSION("\"from\":\"9:30\",\"to\":\"16:00\""), "/session/from", "time of day"},
	{SESSION("\"from\":\"24:00\",\"to\":\"16:00\""), "/session/from", "time of day"},
	{SESSION("\"from\":\"09:30\",\"to\":\"24:01\""), "/session/to", "time of day"},
	{SESSION("\"from\":\"09:60\",\"to\":\"16:00\""), "/session/from", "time of day"},
	{SESSION("\"from\":\"09:30\",\"to\":\"09:30\""), "/session/to", "differ"},
	{SESSION("\"utc_offset\":\"01:00\""), "/session/utc_offset", "offset from UTC"},
	{SESSION("\"utc_offset\":\"+14:01\""), "/session/utc_offset", "offset from UTC"},
	{SESSION("\"utc_offset\":\"-12:01\""), "/session/utc_offset", "offset from UTC"},
	{SESSION("\"utc_offset\":\"\""), "/session/utc_offset", "offset from UTC"},
	{SESSION("\"utc_offset\":1"), "/session/utc_offset", "offset from UTC"},
};
/* clang-format on */

static void test_rules(void **state)
{
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(rule_rows) / sizeof(rule_rows[0]); i++) {
		const struct rule_row *row = &rule_rows[i];
		struct report *report = report_open(help.arena);
		struct program *program = NULL;
		const struct program_source source = {
			.definition = help_json(&help,
				arena_format(help.arena,
					"{\"version\":1,\"name\":\"t\","
					"\"interval\":\"1d\",\"entry\":"
					"{\"long\":{\"gt\":[\"close\",0]}},%s}",
					row->members)),
			.pointer = ""};
		enum err err =
			program_compile(help.arena, &source, report, &program);
		const struct fault *fault = &report->faults[0];

		if ((err == ERR_OK) != (row->pointer == NULL))
			fail_msg("%s: %s", row->members,
				err ? fault->message : "good");
		if (!row->pointer)
			continue;
		assert_int_equal(report->fault_count, 1);
		if (strcmp(fault->pointer, row->pointer) != 0 ||
			!strstr(fault->message, row->message))
			fail_msg("%s: %s %s", row->members, fault->pointer,
				fault->message);
	}
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
