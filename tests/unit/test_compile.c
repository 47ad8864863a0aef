/*
 * The language: what compiles, what each operator means on small columns,
 * and each fault with its pointer.
 */
#include "engine_help.h"

/* ---- faults ------------------------------------------------------------ */

struct fault_row {
	const char *members; /* behind version, name and interval */
	const char *pointer; /* of the first fault, below "/d" */
	const char *words;   /* found in its message */
};

#define LONG(expression) "\"entry\":{\"long\":" expression "}"
#define GOOD LONG("{\"gt\":[\"close\",1]}")
#define INDICATOR(text) GOOD ",\"indicators\":{\"a\":" text "}"
#define PARAM(text) GOOD ",\"params\":{\"p\":" text "}"

/* clang-format off */
static const struct fault_row fault_rows[] = {
	/* the top level */
	{GOOD ",\"extra\":1", "/extra", "unknown member"},
	{GOOD ",\"exits\":{}", "/exits", "did you mean \"exit\""},
	{"\"exit\":{}", "/entry", "required"},
	{"\"entry\":{}", "/entry", "long or short"},
	{"\"entry\":[]", "/entry", "object"},
	{"\"entry\":null", "/entry", "object"},
	{"\"entry\":{\"lnog\":1,\"short\":{\"gt\":[1,2]}}", "/entry/lnog", "long"},
	{GOOD ",\"exit\":{\"long\":5}", "/exit/long", "condition"},
	{GOOD ",\"exit\":null", "/exit", "object"},
	/* expressions */
	{LONG("5"), "/entry/long", "condition"},
	{LONG("\"close\""), "/entry/long", "condition"},
	{LONG("true"), "/entry/long", "must be a number, a name"},
	{LONG("null"), "/entry/long", "must be a number, a name"},
	{LONG("[]"), "/entry/long", "must be a number, a name"},
	{LONG("{}"), "/entry/long", "one member"},
	{LONG("{\"gt\":[1,2],\"lt\":[1,2]}"), "/entry/long", "one member"},
	{LONG("{\"gr\":[1,2]}"), "/entry/long/gr", "did you mean \"gt\""},
	{LONG("{\"betwen\":[1,2,3]}"), "/entry/long/betwen",
		"did you mean \"between\"? There are: all, any, not, gt, ge, lt, "
		"le, eq, crosses_above, crosses_below, between, rising, falling, "
		"within, add, sub, mul, div, abs, min, max, shift, param"},
	{LONG("{\"crosses_abov\":[1,2]}"), "/entry/long/crosses_abov",
		"did you mean \"crosses_above\""},
	{LONG("{\"gt\":[1]}"), "/entry/long/gt", "list of 2"},
	{LONG("{\"gt\":[1,2,3]}"), "/entry/long/gt", "list of 2"},
	{LONG("{\"gt\":5}"), "/entry/long/gt", "list of 2"},
	{LONG("{\"gt\":{\"a\":1}}"), "/entry/long/gt", "list of 2"},
	{LONG("{\"all\":[]}"), "/entry/long/all", "one or more"},
	{LONG("{\"any\":{\"gt\":[1,2]}}"), "/entry/long/any", "one or more"},
	{LONG("{\"not\":5}"), "/entry/long/not", "condition"},
	{LONG("{\"not\":[{\"gt\":[1,2]}]}"), "/entry/long/not", "must be a number, a name"},
	{LONG("{\"all\":[{\"gt\":[1,2]},7]}"), "/entry/long/all/1", "condition"},
	{LONG("{\"gt\":[{\"lt\":[1,2]},7]}"), "/entry/long/gt/0", "not a condition"},
	{LONG("{\"gt\":[{\"add\":[{\"lt\":[1,2]},7]},7]}"), "/entry/long/gt/0/add/0", "not a condition"},
	{LONG("{\"gt\":[\"clsoe\",7]}"), "/entry/long/gt/0", "did you mean \"close\""},
	{LONG("{\"gt\":[\"\",7]}"), "/entry/long/gt/0", "expected a value"},
	{LONG("{\"gt\":[1e400,7]}"), "/entry/long/gt/0", "finite"},
	{LONG("{\"gt\":[\"a.x\",7]}") ",\"indicators\":{\"a\":{\"fn\":\"sma\",\"period\":2}}",
		"/entry/long/gt/0", "unknown output \"x\"; there are: value"},
	/* the text form */
	{LONG("\"close >\""), "/entry/long", "character 8"},
	{LONG("\"close > smma(close, 3)\""), "/entry/long", "did you mean \"sma\""},
	{LONG("\"close > sma(close, 0)\""), "/entry/long", "character 20"},
	{LONG("\"close + 1\""), "/entry/long", "must be a condition"},
	{GOOD ",\"indicators\":{\"and\":{\"fn\":\"sma\",\"period\":5}}", "/indicators/and", "has a meaning"},
	/* shift */
	{LONG("{\"gt\":[{\"shift\":[\"close\",-1]},7]}"), "/entry/long/gt/0/shift/1", "from 0"},
	{LONG("{\"gt\":[{\"shift\":[\"close\",1.5]},7]}"), "/entry/long/gt/0/shift/1", "whole"},
	{LONG("{\"gt\":[{\"shift\":[\"close\",5001]},7]}"), "/entry/long/gt/0/shift/1", "5000"},
	{LONG("{\"gt\":[{\"shift\":[\"close\",\"1\"]},7]}"), "/entry/long/gt/0/shift/1", "number"},
	{LONG("{\"gt\":[{\"shift\":[\"close\"]},7]}"), "/entry/long/gt/0/shift", "list"},
	{LONG("{\"gt\":[{\"shift\":\"close\"},7]}"), "/entry/long/gt/0/shift", "list"},
	/* indicators */
	{GOOD ",\"indicators\":[]", "/indicators", "object"},
	{INDICATOR("5"), "/indicators/a", "object"},
	{INDICATOR("{\"period\":5}"), "/indicators/a/fn", "required"},
	{INDICATOR("{\"fn\":5,\"period\":5}"), "/indicators/a/fn", "text"},
	{INDICATOR("{\"fn\":\"smaa\",\"period\":5}"), "/indicators/a/fn", "did you mean \"sma\""},
	{INDICATOR("{\"fn\":\"qqqqqqqqqq\",\"period\":5}"), "/indicators/a/fn", "there are: sma, ema"},
	{INDICATOR("{\"fn\":\"sma\",\"period\":5,\"output\":\"value\"}"), "/indicators/a/output", "a.NAME"},
	{INDICATOR("{\"fn\":\"sma\",\"period\":5,\"source\":\"a\"}"), "/indicators/a", "made of itself"},
	{INDICATOR("{\"fn\":\"sma\",\"period\":5,\"interval\":\"4h\"}"), "/indicators/a/interval", "multiple"},
	{INDICATOR("{\"fn\":\"sma\",\"period\":5,\"interval\":\"2d\"}"), "/indicators/a/interval", "unknown interval"},
	{INDICATOR("{\"fn\":\"sma\",\"period\":5,\"candles\":\"regular\"}"), "/indicators/a/candles", "unknown member"},
	{INDICATOR("{\"fn\":\"atr\",\"period\":5,\"candles\":\"renko\"}"), "/indicators/a/candles", "unknown candles"},
	{INDICATOR("{\"fn\":\"atr\",\"period\":5,\"source\":\"close\"}"), "/indicators/a/source", "unknown member"},
	{INDICATOR("{\"fn\":\"sma\",\"period\":5,\"source\":{\"gt\":[1,2]}}"), "/indicators/a/source", "not a condition"},
	{GOOD ",\"indicators\":{\"a\":{\"fn\":\"sma\",\"period\":2},\"b\":{\"fn\":\"sma\",\"period\":2,\"source\":\"a\",\"interval\":\"1w\"}}",
		"/indicators/b/source", "not of the interval"},
	{LONG("{\"gt\":[{\"fn\":\"sma\",\"period\":2,\"output\":\"x\"},7]}"), "/entry/long/gt/0/output", "unknown output"},
	{LONG("{\"rising\":[\"close\",0]}"), "/entry/long/rising/1", "from 1"},
	{LONG("{\"within\":[\"close\",3]}"), "/entry/long/within/0", "condition"},
	{LONG("{\"between\":[1,2]}"), "/entry/long/between", "list of 3"},
	{INDICATOR("{\"fn\":\"sma\",\"period\":0}"), "/indicators/a/period", "from 1 to 5000"},
	{INDICATOR("{\"fn\":\"rsi\",\"period\":1}"), "/indicators/a/period", "from 2 to 5000"},
	{INDICATOR("{\"fn\":\"sma\",\"period\":5001}"), "/indicators/a/period", "from 1 to 5000"},
	{INDICATOR("{\"fn\":\"sma\",\"period\":2.5}"), "/indicators/a/period", "whole"},
	{INDICATOR("{\"fn\":\"sma\",\"period\":\"5\"}"), "/indicators/a/period", "number"},
	{INDICATOR("{\"fn\":\"sma\",\"period\":5,\"seed\":1}"), "/indicators/a/seed", "unknown member"},
	{INDICATOR("{\"fn\":\"sma\",\"period\":5,\"source\":\"hlc5\"}"), "/indicators/a/source", "did you mean \"hlc3\""},
	{INDICATOR("{\"fn\":\"sma\",\"period\":5,\"source\":true}"), "/indicators/a/source", "a name"},
	{INDICATOR("{\"fn\":\"sma\",\"period\":{\"param\":\"x\"}}"), "/indicators/a/period/param", "no parameters"},
	{GOOD ",\"indicators\":{\"close\":{\"fn\":\"sma\",\"period\":5}}", "/indicators/close", "price column"},
	{GOOD ",\"indicators\":{\"1a\":{\"fn\":\"sma\",\"period\":5}}", "/indicators/1a", "letter"},
	{GOOD ",\"indicators\":{\"a/b\":{\"fn\":\"sma\",\"period\":5}}", "/indicators/a~1b", "letter"},
	/* parameters */
	{GOOD ",\"params\":5", "/params", "object"},
	{PARAM("5"), "/params/p", "object"},
	{PARAM("{}"), "/params/p/default", "required"},
	{PARAM("{\"default\":\"5\"}"), "/params/p/default", "number"},
	{PARAM("{\"default\":5,\"min\":6}"), "/params/p/default", "between"},
	{PARAM("{\"default\":5,\"max\":4}"), "/params/p/default", "between"},
	{PARAM("{\"default\":5,\"min\":9,\"max\":1}"), "/params/p/min", "above max"},
	{PARAM("{\"default\":5,\"step\":0}"), "/params/p/step", "above 0"},
	{PARAM("{\"default\":5,\"setp\":1}"), "/params/p/setp", "did you mean \"step\""},
	{LONG("{\"gt\":[\"close\",\"p\"]}") ",\"params\":{\"p\":{\"default\":5}}",
		"/entry/long/gt/1", "write {\"param\": \"p\"}"},
	{LONG("{\"gt\":[\"close\",{\"param\":\"fats\"}]}") ",\"params\":{\"fast\":{\"default\":5}}",
		"/entry/long/gt/1/param", "did you mean \"fast\""},
	{LONG("{\"gt\":[\"close\",{\"param\":7}]}"), "/entry/long/gt/1/param", "name"},
	/* stops and sizing */
	{GOOD ",\"stops\":5", "/stops", "object"},
	{GOOD ",\"stops\":{\"stop_loss_pct\":5}", "/stops/stop_loss_pct", "decimal in a string"},
	{GOOD ",\"stops\":{\"stop_loss_pct\":\"x\"}", "/stops/stop_loss_pct", "decimal in a string"},
	{GOOD ",\"stops\":{\"stop_loss_pct\":\"0\"}", "/stops/stop_loss_pct", "above 0"},
	{GOOD ",\"stops\":{\"stop_loss_pct\":\"-1\"}", "/stops/stop_loss_pct", "above 0"},
	{GOOD ",\"stops\":{\"stop_loss_pct\":\"100.1\"}", "/stops/stop_loss_pct", "at most 100"},
	{GOOD ",\"stops\":{\"stop_loss_pct\":\"100\"}", "/stops/stop_loss_pct", "below 100"},
	{GOOD ",\"stops\":{\"take_profit_pct\":\"100001\"}", "/stops/take_profit_pct", "at most 100000"},
	{GOOD ",\"stops\":{\"take_profit_pct\":\"0.000000001\"}", "/stops/take_profit_pct", "8 digits"},
	{GOOD ",\"stops\":{\"stop_pct\":\"5\"}", "/stops/stop_pct", "unknown member"},
	{GOOD ",\"sizing\":5", "/sizing", "object"},
	{GOOD ",\"sizing\":{}", "/sizing/mode", "required"},
	{GOOD ",\"sizing\":{\"mode\":1}", "/sizing/mode", "text"},
	{GOOD ",\"sizing\":{\"mode\":\"allin\"}", "/sizing/mode", "did you mean \"all_in\""},
	{GOOD ",\"sizing\":{\"mode\":\"all_in\",\"pct\":\"5\"}", "/sizing/pct", "unknown member"},
	{GOOD ",\"sizing\":{\"mode\":\"fixed\"}", "/sizing/quantity", "required"},
	{GOOD ",\"sizing\":{\"mode\":\"fixed\",\"quantity\":1}", "/sizing/quantity", "string"},
	{GOOD ",\"sizing\":{\"mode\":\"pct_equity\",\"pct\":\"101\"}", "/sizing/pct", "at most 100"},
	{GOOD ",\"sizing\":{\"mode\":\"pct_equity\",\"quantity\":\"1\",\"pct\":\"1\"}", "/sizing/quantity", "unknown member"},
};
/* clang-format on */

/* A definition that is the whole document, without overrides. */
static enum err compile_whole(struct help *help, const struct json *definition,
	struct report *report, struct program **out)
{
	const struct program_source source = {
		.definition = definition, .pointer = ""};

	return program_compile(help->arena, &source, report, out);
}

static void expect_fault(struct help *help, const char *definition,
	const char *params, const char *pointer, const char *words)
{
	struct report *report = report_open(help->arena);
	struct program *program = (struct program *)1;
	const struct program_source source = {
		.definition = help_json(help, definition),
		.pointer = "/d",
		.params = params ? help_json(help, params) : NULL};
	enum err err = program_compile(help->arena, &source, report, &program);

	if (err != ERR_BAD_INPUT || program != (struct program *)1 ||
		report->fault_count == 0)
		fail_msg("compiles: %s", definition);
	if (strcmp(report->faults[0].pointer, pointer) != 0 ||
		!strstr(report->faults[0].message, words))
		fail_msg("%s\n is at %s: %s\n should be at %s: %s", definition,
			report->faults[0].pointer, report->faults[0].message,
			pointer, words);
}

static const char *definition_of(struct help *help, const char *members)
{
	return arena_format(help->arena,
		"{\"version\":1,\"name\":\"t\",\"interval\":\"1d\",%s}",
		members);
}

static void test_each_fault_has_its_pointer(void **state)
{
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(fault_rows) / sizeof(fault_rows[0]); i++)
		expect_fault(&help, definition_of(&help, fault_rows[i].members),
			NULL,
			arena_format(help.arena, "/d%s", fault_rows[i].pointer),
			fault_rows[i].words);
	arena_close(&help.arena);
}

static void test_head_of_a_definition(void **state)
{
	static const struct {
		const char *head, *pointer;
	} rows[] = {
		{"\"name\":\"t\",\"interval\":\"1d\"", "/d/version"},
		{"\"version\":2,\"name\":\"t\",\"interval\":\"1d\"",
			"/d/version"},
		{"\"version\":\"1\",\"name\":\"t\",\"interval\":\"1d\"",
			"/d/version"},
		{"\"version\":1,\"interval\":\"1d\"", "/d/name"},
		{"\"version\":1,\"name\":\"\",\"interval\":\"1d\"", "/d/name"},
		{"\"version\":1,\"name\":\"a\\nb\",\"interval\":\"1d\"",
			"/d/name"},
		{"\"version\":1,\"name\":7,\"interval\":\"1d\"", "/d/name"},
		{"\"version\":1,\"name\":\"t\"", "/d/interval"},
		{"\"version\":1,\"name\":\"t\",\"interval\":\"2d\"",
			"/d/interval"},
		{"\"version\":1,\"name\":\"t\",\"interval\":1", "/d/interval"},
	};
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_fault(&help,
			arena_format(help.arena, "{%s,%s}", rows[i].head, GOOD),
			NULL, rows[i].pointer, "");
	expect_fault(&help, "[]", NULL, "/d", "object");
	arena_close(&help.arena);
}

static void test_name_counts_characters(void **state)
{
	struct help help = help_open();
	char name[2 * 81 + 1];

	(void)state;
	for (size_t i = 0; i < 81; i++)
		memcpy(name + 2 * i, "\xc3\xa9", 2);
	name[2 * 81] = '\0';
	expect_fault(&help,
		arena_format(help.arena,
			"{\"version\":1,\"name\":\"%s\",\"interval\":"
			"\"1d\"," GOOD "}",
			name),
		NULL, "/d/name", "80");
	name[2 * 80] = '\0';
	assert_string_equal(program_name(help_program(&help,
				    arena_format(help.arena,
					    "{\"version\":1,\"name\":\"%s\","
					    "\"interval\":\"4h\"," GOOD "}",
					    name))),
		name);
	arena_close(&help.arena);
}

static void test_all_faults_at_once(void **state)
{
	struct help help = help_open();
	struct report *report = report_open(help.arena);
	struct program *program;

	(void)state;
	assert_int_equal(
		compile_whole(&help,
			help_json(&help,
				"{\"version\":3,\"entry\":{\"long\":"
				"{\"all\":[{\"gt\":[\"x\",\"y\"]},5]}}}"),
			report, &program),
		ERR_BAD_INPUT);
	assert_int_equal(report->fault_count, 6);
	arena_close(&help.arena);
}

/* A bad declaration is one fault, not one more for each use. */
static void test_faults_do_not_cascade(void **state)
{
	struct help help = help_open();
	struct report *report = report_open(help.arena);
	struct program *program;

	(void)state;
	assert_int_equal(
		compile_whole(&help,
			help_json(&help, definition_of(&help,
						 LONG("{\"gt\":[\"a\",\"a\"]"
						      "}") ",\"indicators\":"
							   "{\"a\":{"
							   "\"fn\":\"no\"}"
							   "}")),
			report, &program),
		ERR_BAD_INPUT);
	assert_int_equal(report->fault_count, 1);
	arena_close(&help.arena);
}

static void test_overrides(void **state)
{
	static const struct {
		const char *params, *pointer;
	} bad[] = {
		{"5", "/params"},
		{"{\"n\":3}", "/params/n"},
		{"{\"p\":\"3\"}", "/params/p"},
		{"{\"p\":1}", "/params/p"},
		{"{\"p\":11}", "/params/p"},
		{"{\"p\":2.5}", "/d/indicators/a/period"},
	};
	struct help help = help_open();
	const char *text = definition_of(&help,
		LONG("{\"gt\":[\"close\",\"a\"]}") ",\"params\":{\"p\":{"
						   "\"default\":5,\"min\":2,"
						   "\"max\":10}},"
						   "\"indicators\":{\"a\":{"
						   "\"fn\":\"sma\",\"period\":"
						   "{\"param\":\"p\"}}}");
	struct program *program = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		expect_fault(&help, text, bad[i].params, bad[i].pointer, "");
	assert_int_equal(program_warmup(help_program(&help, text)), 5);
	assert_int_equal(
		program_compile(help.arena,
			&(const struct program_source){
				.definition = help_json(&help, text),
				.pointer = "",
				.params = help_json(&help, "{\"p\":9}")},
			help.report, &program),
		ERR_OK);
	assert_int_equal(program_warmup(program), 9);
	arena_close(&help.arena);
}

/* ---- limits ------------------------------------------------------------ */

/* all: [count comparisons of 3 expressions each] is 3 * count + 1. */
static const char *many_comparisons(struct help *help, size_t count)
{
	struct buf buf;

	buf_init(&buf, help->arena, 1 << 20);
	buf_text(&buf, "\"entry\":{\"long\":{\"all\":[");
	for (size_t i = 0; i < count; i++)
		buf_format(&buf, "%s{\"gt\":[\"close\",%zu]}", i ? "," : "", i);
	buf_text(&buf, "]}}");
	return definition_of(help, buf.data);
}

static void test_expression_limit(void **state)
{
	struct help help = help_open();

	(void)state;
	help_program(&help, many_comparisons(&help, 85));
	expect_fault(&help, many_comparisons(&help, 86), NULL,
		"/d/entry/long/all/85", "256");
	expect_fault(&help, many_comparisons(&help, 5000), NULL,
		"/d/entry/long/all/85", "256");
	arena_close(&help.arena);
}

static const char *many_indicators(struct help *help, size_t count)
{
	struct buf buf;

	buf_init(&buf, help->arena, 1 << 20);
	buf_text(&buf, GOOD ",\"indicators\":{");
	for (size_t i = 0; i < count; i++)
		buf_format(&buf, "%s\"i%zu\":{\"fn\":\"sma\",\"period\":2}",
			i ? "," : "", i);
	buf_text(&buf, "}");
	return definition_of(help, buf.data);
}

static void test_indicator_limit(void **state)
{
	struct help help = help_open();

	(void)state;
	help_program(&help, many_indicators(&help, 64));
	expect_fault(
		&help, many_indicators(&help, 65), NULL, "/d/indicators", "64");
	arena_close(&help.arena);
}

static const char *many_params(struct help *help, size_t count)
{
	struct buf buf;

	buf_init(&buf, help->arena, 1 << 20);
	buf_text(&buf, GOOD ",\"params\":{");
	for (size_t i = 0; i < count; i++)
		buf_format(&buf, "%s\"p%zu\":{\"default\":1}", i ? "," : "", i);
	buf_text(&buf, "}");
	return definition_of(help, buf.data);
}

static void test_param_limit(void **state)
{
	struct help help = help_open();

	(void)state;
	help_program(&help, many_params(&help, 64));
	expect_fault(&help, many_params(&help, 65), NULL, "/d/params", "64");
	arena_close(&help.arena);
}

/* A tree that no reader made: deeper than JSON may be. */
static void test_depth_limit(void **state)
{
	enum {
		DEPTH = 200
	};
	struct help help = help_open();
	const struct json *good = help_json(&help, definition_of(&help, GOOD));
	struct json *nest = arena_array(help.arena, DEPTH, 2 * sizeof(*nest));
	struct json rule = {.kind = JSON_OBJECT, .name = "long", .count = 1};
	struct json entry = {.kind = JSON_OBJECT, .name = "entry", .count = 1};
	struct json top = *good;
	struct json head[3];
	struct program *program;

	(void)state;
	for (size_t i = 0; i < DEPTH; i++)
		nest[i] = (struct json){.kind = JSON_OBJECT,
			.name = "not",
			.count = 1,
			.first = i + 1 < DEPTH ? &nest[i + 1] : NULL};
	rule.first = nest;
	entry.first = &rule;
	head[0] = *good->first;
	head[1] = *good->first->next;
	head[2] = *good->first->next->next;
	head[0].next = &head[1];
	head[1].next = &head[2];
	head[2].next = &entry;
	top.first = head;
	assert_int_equal(compile_whole(&help, &top, help.report, &program),
		ERR_BAD_INPUT);
	assert_string_equal(
		help.report->faults[0].message, "is nested too deeply");
	arena_close(&help.arena);
}

/* ---- what the operators mean ------------------------------------------- */

enum {
	BARS = 8
};

/* Closes of the operator rows; the entry fills one bar later. */
static const double closes[BARS] = {3, 1, 2, 3, 2, 2, 4, 5};

struct meaning_row {
	const char *expression;
	const char *bars; /* 1 where it is true */
};

static const struct meaning_row meaning_rows[] = {
	{"{\"gt\":[\"close\",2]}", "10010011"},
	{"{\"ge\":[\"close\",2]}", "10111111"},
	{"{\"lt\":[\"close\",2]}", "01000000"},
	{"{\"le\":[\"close\",2]}", "01101100"},
	{"{\"eq\":[\"close\",2]}", "00101100"},
	{"{\"gt\":[2,\"close\"]}", "01000000"},
	{"{\"not\":{\"eq\":[\"close\",2]}}", "11010011"},
	{"{\"all\":[{\"gt\":[\"close\",1]},{\"lt\":[\"close\",4]},"
	 "{\"not\":{\"eq\":[\"close\",2]}}]}",
		"10010000"},
	{"{\"any\":[{\"eq\":[\"close\",1]},{\"eq\":[\"close\",4]},"
	 "{\"eq\":[\"close\",5]}]}",
		"01000011"},
	{"{\"all\":[{\"gt\":[\"close\",2]}]}", "10010011"},
	/* strictly below before and strictly above now */
	{"{\"crosses_above\":[\"close\",2.5]}", "00010010"},
	{"{\"crosses_above\":[\"close\",2]}", "00000000"},
	{"{\"crosses_below\":[\"close\",2.5]}", "01001000"},
	{"{\"crosses_below\":[\"close\",2]}", "01000000"},
	{"{\"crosses_above\":[2.5,\"close\"]}", "01001000"},
	{"{\"gt\":[{\"add\":[\"close\",\"close\"]},5]}", "10010011"},
	{"{\"gt\":[{\"sub\":[5,\"close\"]},2]}", "01101100"},
	{"{\"gt\":[{\"mul\":[\"close\",2]},7]}", "00000011"},
	{"{\"ge\":[{\"div\":[6,\"close\"]},3]}", "01101100"},
	{"{\"eq\":[{\"add\":[1,2]},\"close\"]}", "10010000"},
	/* not finite is NaN, and NaN is false */
	{"{\"gt\":[{\"div\":[1,{\"sub\":[\"close\",2]}]},-9]}", "11010011"},
	{"{\"le\":[{\"div\":[0,{\"sub\":[\"close\",2]}]},9]}", "11010011"},
	{"{\"not\":{\"gt\":[{\"div\":[1,{\"sub\":[\"close\",2]}]},-9]}}",
		"00101100"},
	{"{\"eq\":[{\"div\":[0,0]},{\"div\":[0,0]}]}", "00000000"},
	/* before its first bar a shifted series is NaN, a condition false */
	{"{\"gt\":[\"close\",{\"shift\":[\"close\",1]}]}", "00110011"},
	{"{\"gt\":[{\"shift\":[\"close\",2]},0]}", "00111111"},
	{"{\"shift\":[{\"gt\":[\"close\",2]},1]}", "01001001"},
	{"{\"shift\":[{\"gt\":[\"close\",2]},0]}", "10010011"},
	{"{\"shift\":[{\"gt\":[\"close\",2]},100]}", "00000000"},
	{"{\"gt\":[{\"shift\":[7,3]},0]}", "00011111"},
	{"{\"gt\":[\"open\",2]}", "10010011"},
	{"{\"gt\":[\"high\",2]}", "10010011"},
	{"{\"gt\":[\"low\",2]}", "10010011"},
	{"{\"gt\":[\"volume\",0]}", "00000000"},
};

/*
 * Reads an expression off a run: with fills on the close, the position is
 * open at the end of bar i exactly when the expression is true there.
 */
static void read_bars(struct help *help, const char *expression,
	const char *prelude, char out[BARS + 1])
{
	struct backtest_options options = help_options("1000");
	struct program *program = help_rules(
		help, arena_format(help->arena,
			      "%s\"entry\":{\"long\":%s},\"exit\":{\"long\":"
			      "{\"not\":%s}},\"sizing\":{\"mode\":\"fixed\","
			      "\"quantity\":\"1\"}",
			      prelude, expression, expression));
	struct candles candles = help_closes(help, closes, BARS);
	struct backtest_result result;

	options.fill_on_close = true;
	options.finalize = false;
	for (size_t n = 1; n <= BARS; n++)
		out[n - 1] = '0';
	out[BARS] = '\0';
	result = help_run(help, program, candles, options);
	for (size_t i = 0; i < result.trade_count; i++)
		for (size_t bar = result.trades[i].entry_bar;
			bar < result.trades[i].exit_bar; bar++)
			out[bar] = '1';
}

static void test_meaning_of_operators(void **state)
{
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(meaning_rows) / sizeof(meaning_rows[0]);
		i++) {
		const struct meaning_row *row = &meaning_rows[i];
		char bars[BARS + 1];
		size_t same = 0;

		read_bars(&help, row->expression, "", bars);
		/* Before the warm-up nothing is decided, and what is open
		   at the end is no trade: compare what lies between. */
		while (same < BARS && row->bars[BARS - 1 - same] == '1')
			same++;
		if (memcmp(bars, row->bars, BARS - same) != 0)
			fail_msg("%s is %s, should be %s", row->expression,
				bars, row->bars);
	}
	arena_close(&help.arena);
}

static void test_warmup(void **state)
{
	static const struct {
		const char *expression;
		size_t warmup;
	} rows[] = {
		{"{\"gt\":[\"close\",1]}", 0},
		{"{\"crosses_above\":[\"close\",1]}", 1},
		{"{\"gt\":[\"a\",1]}", 5},
		{"{\"gt\":[\"a.value\",1]}", 5},
		{"{\"crosses_above\":[\"a\",1]}", 5},
		{"{\"gt\":[{\"shift\":[\"a\",3]},1]}", 7},
		{"{\"gt\":[\"r\",1]}", 8},
		{"{\"any\":[{\"gt\":[\"a\",1]},{\"gt\":[\"r\",1]}]}", 8},
	};
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
			program_warmup(help_rules(&help,
				arena_format(help.arena,
					"\"indicators\":{\"a\":{\"fn\":\"sma\","
					"\"period\":5},\"r\":{\"fn\":\"rsi\","
					"\"period\":7}},\"entry\":{\"long\":%"
					"s}",
					rows[i].expression))),
			rows[i].warmup);
	arena_close(&help.arena);
}

static void test_nulls_that_are_allowed(void **state)
{
	struct help help = help_open();

	(void)state;
	assert_string_equal(
		program_interval(help_rules(&help,
			GOOD ",\"stops\":{\"stop_loss_pct\":null,"
			     "\"take_profit_pct\":null,\"trailing_pct\":null},"
			     "\"params\":{},\"indicators\":{},\"exit\":{}")),
		"1d");
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_fault_has_its_pointer),
		cmocka_unit_test(test_head_of_a_definition),
		cmocka_unit_test(test_name_counts_characters),
		cmocka_unit_test(test_all_faults_at_once),
		cmocka_unit_test(test_faults_do_not_cascade),
		cmocka_unit_test(test_overrides),
		cmocka_unit_test(test_expression_limit),
		cmocka_unit_test(test_indicator_limit),
		cmocka_unit_test(test_param_limit),
		cmocka_unit_test(test_depth_limit),
		cmocka_unit_test(test_meaning_of_operators),
		cmocka_unit_test(test_warmup),
		cmocka_unit_test(test_nulls_that_are_allowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
