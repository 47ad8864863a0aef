/*
 * The text form of expressions: what each text is as a tree, that each tree
 * prints back with the fewest parentheses, and each fault with its character.
 */
#include "engine_help.h"

#include "expression.h"
#include "indicator.h"
#include "json_write.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

enum {
	TREE_LIMIT = 1 << 20,
	LONG_LIMIT = 3 * EXPRESSION_TEXT_LIMIT
};

static const char *tree_text(struct help *help, const struct json *tree)
{
	struct json_writer writer;
	struct buf out;

	buf_init(&out, help->arena, TREE_LIMIT);
	json_write_init(&writer, &out);
	json_put_value(&writer, tree);
	return out.data;
}

static enum err try_parse(struct help *help, const char *text, size_t len,
	const struct json **out)
{
	const struct expression_source source = {text, len, "/entry/long"};

	help->report = report_open(help->arena);
	return expression_parse(help->arena, &source, help->report, out);
}

static const struct json *parse(struct help *help, const char *text)
{
	const struct json *tree = NULL;

	if (try_parse(help, text, strlen(text), &tree) != ERR_OK)
		fail_msg("%s: %s", text, help->report->faults[0].message);
	return tree;
}

static const char *print(struct help *help, const struct json *tree)
{
	const char *text = NULL;

	help->report = report_open(help->arena);
	if (expression_print(help->arena, tree, help->report, &text) != ERR_OK)
		fail_msg("%s %s: %s", tree_text(help, tree),
			help->report->faults[0].pointer,
			help->report->faults[0].message);
	return text;
}

/* ---- text to tree and back ----------------------------------------------- */

struct form_row {
	const char *text;
	const char *tree;
	const char *print; /* NULL: as the text */
};

static void check_forms(const struct form_row *rows, size_t count)
{
	struct help help = help_open();

	for (size_t i = 0; i < count; i++) {
		const struct form_row *row = &rows[i];
		const char *should = row->print ? row->print : row->text;
		const struct json *tree = parse(&help, row->text);
		const char *is;

		if (strcmp(tree_text(&help, tree), row->tree) != 0)
			fail_msg("%s is %s, should be %s", row->text,
				tree_text(&help, tree), row->tree);
		is = print(&help, help_json(&help, row->tree));
		if (strcmp(is, should) != 0)
			fail_msg("%s prints %s, should print %s", row->tree, is,
				should);
		assert_string_equal(
			tree_text(&help, parse(&help, is)), row->tree);
	}
	arena_close(&help.arena);
}

static void operands_are_read(void **state)
{
	static const struct form_row rows[] = {
		{"close", "\"close\"", NULL},
		{" \tclose\r\n ", "\"close\"", "close"},
		{"_a1", "\"_a1\"", NULL},
		{"macd_1.signal", "\"macd_1.signal\"", NULL},
		{"macd_1 . signal", "\"macd_1.signal\"", "macd_1.signal"},
		{"android", "\"android\"", NULL},
		{"And", "\"And\"", NULL},
		{"0", "0", NULL},
		{"-0", "-0", NULL},
		{"70.50", "70.50", NULL},
		{"1e-3", "1e-3", NULL},
		{"1.5E+10", "1.5E+10", NULL},
		{"9223372036854775807", "9223372036854775807", NULL},
		{"-9223372036854775808", "-9223372036854775808", NULL},
		{"$fast", "{\"param\":\"fast\"}", NULL},
		{"$and", "{\"param\":\"and\"}", NULL},
		{"((close))", "\"close\"", "close"},
	};

	(void)state;
	check_forms(rows, COUNT(rows));
}

static void operators_bind_as_stated(void **state)
{
	static const struct form_row rows[] = {
		{"a > b", "{\"gt\":[\"a\",\"b\"]}", NULL},
		{"a>=b", "{\"ge\":[\"a\",\"b\"]}", "a >= b"},
		{"a < b", "{\"lt\":[\"a\",\"b\"]}", NULL},
		{"a <= b", "{\"le\":[\"a\",\"b\"]}", NULL},
		{"a == b", "{\"eq\":[\"a\",\"b\"]}", NULL},
		{"a + b * c", "{\"add\":[\"a\",{\"mul\":[\"b\",\"c\"]}]}",
			NULL},
		{"(a + b) * c", "{\"mul\":[{\"add\":[\"a\",\"b\"]},\"c\"]}",
			NULL},
		{"a - b - c", "{\"sub\":[{\"sub\":[\"a\",\"b\"]},\"c\"]}",
			NULL},
		{"a - (b - c)", "{\"sub\":[\"a\",{\"sub\":[\"b\",\"c\"]}]}",
			NULL},
		{"a - b + c", "{\"add\":[{\"sub\":[\"a\",\"b\"]},\"c\"]}",
			NULL},
		{"a / b / c", "{\"div\":[{\"div\":[\"a\",\"b\"]},\"c\"]}",
			NULL},
		{"a / (b * c)", "{\"div\":[\"a\",{\"mul\":[\"b\",\"c\"]}]}",
			NULL},
		{"(a * b) / c", "{\"div\":[{\"mul\":[\"a\",\"b\"]},\"c\"]}",
			"a * b / c"},
		{"a + b > c * d",
			"{\"gt\":[{\"add\":[\"a\",\"b\"]},"
			"{\"mul\":[\"c\",\"d\"]}]}",
			NULL},
		{"(a > b) == (c > d)",
			"{\"eq\":[{\"gt\":[\"a\",\"b\"]},"
			"{\"gt\":[\"c\",\"d\"]}]}",
			NULL},
		{"(a > b) + c", "{\"add\":[{\"gt\":[\"a\",\"b\"]},\"c\"]}",
			NULL},
		{"not a > b", "{\"not\":{\"gt\":[\"a\",\"b\"]}}", NULL},
		{"not (a > b)", "{\"not\":{\"gt\":[\"a\",\"b\"]}}",
			"not a > b"},
		{"(not a) > b", "{\"gt\":[{\"not\":\"a\"},\"b\"]}", NULL},
		{"not not a", "{\"not\":{\"not\":\"a\"}}", NULL},
		{"not a and b", "{\"all\":[{\"not\":\"a\"},\"b\"]}", NULL},
		{"not (a and b)", "{\"not\":{\"all\":[\"a\",\"b\"]}}", NULL},
		{"a and not b", "{\"all\":[\"a\",{\"not\":\"b\"}]}", NULL},
	};

	(void)state;
	check_forms(rows, COUNT(rows));
}

static void chains_are_one_list(void **state)
{
	static const struct form_row rows[] = {
		{"a and b and c", "{\"all\":[\"a\",\"b\",\"c\"]}", NULL},
		{"a or b or c", "{\"any\":[\"a\",\"b\",\"c\"]}", NULL},
		{"a or b and c or d",
			"{\"any\":[\"a\",{\"all\":[\"b\",\"c\"]},\"d\"]}",
			NULL},
		{"(a or b) and c", "{\"all\":[{\"any\":[\"a\",\"b\"]},\"c\"]}",
			NULL},
		{"(a and b) and c", "{\"all\":[{\"all\":[\"a\",\"b\"]},\"c\"]}",
			NULL},
		{"a or (b or c)", "{\"any\":[\"a\",{\"any\":[\"b\",\"c\"]}]}",
			NULL},
		{"(a and b) or c", "{\"any\":[{\"all\":[\"a\",\"b\"]},\"c\"]}",
			"a and b or c"},
		/* lists of one have no operator, so they are called */
		{"all(a)", "{\"all\":[\"a\"]}", NULL},
		{"any(a) and b", "{\"all\":[{\"any\":[\"a\"]},\"b\"]}", NULL},
		{"all(a, b, c)", "{\"all\":[\"a\",\"b\",\"c\"]}",
			"a and b and c"},
	};

	(void)state;
	check_forms(rows, COUNT(rows));
}

static void a_minus_is_a_sign_or_a_subtraction(void **state)
{
	static const struct form_row rows[] = {
		{"-5", "-5", NULL},
		{"- 5", "-5", "-5"},
		{"a - 5", "{\"sub\":[\"a\",5]}", NULL},
		{"a -5", "{\"sub\":[\"a\",5]}", "a - 5"},
		{"a - -5", "{\"sub\":[\"a\",-5]}", NULL},
		{"-a", "{\"sub\":[0,\"a\"]}", NULL},
		{"0 - a", "{\"sub\":[0,\"a\"]}", "-a"},
		{"0.0 - a", "{\"sub\":[0.0,\"a\"]}", NULL},
		{"--a", "{\"sub\":[0,{\"sub\":[0,\"a\"]}]}", NULL},
		{"-(5)", "{\"sub\":[0,5]}", "0 - 5"},
		{"--5", "{\"sub\":[0,-5]}", "0 - -5"},
		{"-a * b", "{\"mul\":[{\"sub\":[0,\"a\"]},\"b\"]}", NULL},
		{"a * -b", "{\"mul\":[\"a\",{\"sub\":[0,\"b\"]}]}", NULL},
		{"-(a * b)", "{\"sub\":[0,{\"mul\":[\"a\",\"b\"]}]}", NULL},
		{"(0 - 5) * a", "{\"mul\":[{\"sub\":[0,5]},\"a\"]}", NULL},
		{"-$p", "{\"sub\":[0,{\"param\":\"p\"}]}", NULL},
		{"-a[3]", "{\"sub\":[0,{\"shift\":[\"a\",3]}]}", NULL},
		{"(-a)[3]", "{\"shift\":[{\"sub\":[0,\"a\"]},3]}", NULL},
		{"-5[3]", "{\"sub\":[0,{\"shift\":[5,3]}]}", NULL},
		{"(-5)[3]", "{\"shift\":[-5,3]}", NULL},
	};

	(void)state;
	check_forms(rows, COUNT(rows));
}

static void functions_are_called(void **state)
{
	static const struct form_row rows[] = {
		{"abs(a - b)", "{\"abs\":{\"sub\":[\"a\",\"b\"]}}", NULL},
		{"min(a, b)", "{\"min\":[\"a\",\"b\"]}", NULL},
		{"max(a,b)*2", "{\"mul\":[{\"max\":[\"a\",\"b\"]},2]}",
			"max(a, b) * 2"},
		{"crosses_above(a, b)", "{\"crosses_above\":[\"a\",\"b\"]}",
			NULL},
		{"crosses_below(a, 30)", "{\"crosses_below\":[\"a\",30]}",
			NULL},
		{"between(a, -1, $hi)",
			"{\"between\":[\"a\",-1,{\"param\":\"hi\"}]}", NULL},
		{"rising(a, 3)", "{\"rising\":[\"a\",3]}", NULL},
		{"falling(a, $n)", "{\"falling\":[\"a\",{\"param\":\"n\"}]}",
			NULL},
		{"within(a > b or c, 5)",
			"{\"within\":[{\"any\":[{\"gt\":[\"a\",\"b\"]},"
			"\"c\"]},5]}",
			NULL},
		{"shift(a, 3)", "{\"shift\":[\"a\",3]}", "a[3]"},
		{"a[0]", "{\"shift\":[\"a\",0]}", NULL},
		{"a[3][2]", "{\"shift\":[{\"shift\":[\"a\",3]},2]}", NULL},
		{"a[$n]", "{\"shift\":[\"a\",{\"param\":\"n\"}]}", NULL},
		{"(a > b)[1]", "{\"shift\":[{\"gt\":[\"a\",\"b\"]},1]}", NULL},
		{"abs(a)[1]", "{\"shift\":[{\"abs\":\"a\"},1]}", NULL},
	};

	(void)state;
	check_forms(rows, COUNT(rows));
}

static void indicators_are_called(void **state)
{
	static const struct form_row rows[] = {
		{"ema(close, 10)",
			"{\"fn\":\"ema\",\"source\":\"close\",\"period\":10}",
			NULL},
		{"ema(10)", "{\"fn\":\"ema\",\"period\":10}", NULL},
		{"ema()", "{\"fn\":\"ema\"}", NULL},
		{"ema(high)", "{\"fn\":\"ema\",\"source\":\"high\"}", NULL},
		{"macd(slow=30)", "{\"fn\":\"macd\",\"slow\":30}", NULL},
		{"macd(5, signal=3, slow=30)",
			"{\"fn\":\"macd\",\"fast\":5,\"slow\":30,"
			"\"signal\":3}",
			"macd(5, 30, 3)"},
		{"macd(close, 12, 26, 9).signal",
			"{\"fn\":\"macd\",\"source\":\"close\",\"fast\":12,"
			"\"slow\":26,\"signal\":9,\"output\":\"signal\"}",
			NULL},
		{"ema($n)", "{\"fn\":\"ema\",\"period\":{\"param\":\"n\"}}",
			NULL},
		{"ema(close, period=10)",
			"{\"fn\":\"ema\",\"source\":\"close\",\"period\":10}",
			"ema(close, 10)"},
		{"ema(period=10, source=high)",
			"{\"fn\":\"ema\",\"source\":\"high\",\"period\":10}",
			"ema(high, 10)"},
		/* a plain first argument would be the period */
		{"ema(10, source=5)",
			"{\"fn\":\"ema\",\"source\":5,\"period\":10}", NULL},
		{"ema(10, source=$p)",
			"{\"fn\":\"ema\",\"source\":{\"param\":\"p\"},"
			"\"period\":10}",
			NULL},
		{"ema(-$p, 10)",
			"{\"fn\":\"ema\",\"source\":{\"sub\":[0,"
			"{\"param\":\"p\"}]},\"period\":10}",
			NULL},
		{"ema(rsi(14), 3)",
			"{\"fn\":\"ema\",\"source\":{\"fn\":\"rsi\","
			"\"period\":14},\"period\":3}",
			NULL},
		{"ema((high + low) / 2, 3)",
			"{\"fn\":\"ema\",\"source\":{\"div\":[{\"add\":["
			"\"high\",\"low\"]},2]},\"period\":3}",
			NULL},
		{"ema(10, interval=\"4h\")",
			"{\"fn\":\"ema\",\"period\":10,\"interval\":\"4h\"}",
			NULL},
		{"atr(10, candles = heikin_ashi, interval = 4h)",
			"{\"fn\":\"atr\",\"period\":10,\"interval\":\"4h\","
			"\"candles\":\"heikin_ashi\"}",
			"atr(10, interval=\"4h\", candles=\"heikin_ashi\")"},
		{"ema(10).value",
			"{\"fn\":\"ema\",\"period\":10,\"output\":\"value\"}",
			NULL},
		{"ema(10).value[2] > 1",
			"{\"gt\":[{\"shift\":[{\"fn\":\"ema\",\"period\":10,"
			"\"output\":\"value\"},2]},1]}",
			NULL},
		{"crosses_above(ema(close, 10), ema(close, 30)) and "
		 "rsi(14) < 70",
			"{\"all\":[{\"crosses_above\":[{\"fn\":\"ema\","
			"\"source\":\"close\",\"period\":10},{\"fn\":\"ema\","
			"\"source\":\"close\",\"period\":30}]},{\"lt\":[{"
			"\"fn\":\"rsi\",\"period\":14},70]}]}",
			NULL},
	};

	(void)state;
	check_forms(rows, COUNT(rows));
}

/* ---- every indicator of the table ---------------------------------------- */

static bool reads_source(const struct indicator *row)
{
	for (size_t i = 0; i < row->input_count; i++)
		if (row->inputs[i] == INPUT_SOURCE)
			return true;
	return false;
}

/* The call with its first `given` parameters at their least. */
static const char *call_of(struct help *help, const struct indicator *row,
	bool source, size_t given)
{
	struct buf text;

	buf_init(&text, help->arena, EXPRESSION_TEXT_LIMIT);
	buf_format(&text, "%s(%s", row->name, source ? "hl2" : "");
	for (size_t i = 0; i < given; i++)
		buf_format(&text, "%s%.15g", source || i ? ", " : "",
			row->params[i].min);
	buf_text(&text, ")");
	return text.data;
}

static size_t required_of(const struct indicator *row)
{
	size_t count = 0;

	while (count < row->param_count && !row->params[count].optional)
		count++;
	return count;
}

static void check_indicator(struct help *help, const struct indicator *row)
{
	for (size_t given = required_of(row); given <= row->param_count;
		given++) {
		const char *text = call_of(help, row, reads_source(row), given);

		assert_string_equal(print(help, parse(help, text)), text);
		text = call_of(help, row, false, given);
		assert_string_equal(print(help, parse(help, text)), text);
		assert_int_equal(parse(help, text)->count, given + 1);
	}
	for (size_t i = 0; row->outputs[i]; i++) {
		const char *text = arena_format(help->arena, "%s.%s",
			call_of(help, row, false, row->param_count),
			row->outputs[i]);
		const struct json *tree = parse(help, text);

		assert_string_equal(print(help, tree), text);
		assert_true(json_is_text(
			json_member(tree, "output"), row->outputs[i]));
	}
}

static void every_indicator_is_called_by_its_table(void **state)
{
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; indicator_at(i); i++)
		check_indicator(&help, indicator_at(i));
	arena_close(&help.arena);
}

/* ---- faults -------------------------------------------------------------- */

struct fault_row {
	const char *text;
	size_t character;
	const char *says;
};

static void each_fault_has_its_character(void **state)
{
	static const struct fault_row rows[] = {
		{"", 1, "expected a value, not the end"},
		{"   ", 4, "expected a value, not the end"},
		{"a +", 4, "expected a value, not the end"},
		{"a + )", 5, "expected a value, not \")\""},
		{"* a", 1, "expected a value, not \"*\""},
		{"and", 1, "expected a value, not \"and\""},
		{"not", 4, "expected a value, not the end"},
		{"a + not b", 5, "expected a value, not \"not\""},
		{"a > b c", 7, "unknown operator \"c\"; there are: and, or"},
		{"a AND b", 3, "did you mean \"and\"?"},
		{"a 5", 3, "expected an operator or the end, not \"5\""},
		{"a)", 2, "expected an operator or the end, not \")\""},
		{"(a", 3, "expected an operator or \")\", not the end"},
		{"(a b)", 4, "expected an operator or \")\", not \"b\""},
		{"a = b", 3, "write \"==\""},
		{"a < b < c", 7, "do not chain"},
		{"a == b != c", 8, "unexpected \"!\": write \"not\""},
		{"a && b", 3, "unexpected \"&\": write \"and\""},
		{"a || b", 3, "unexpected \"|\": write \"or\""},
		{"ema(10, interval='4h')", 18, "write double quotes"},
		{"a # b", 3, "unexpected \"#\""},
		{"a \xc3\xa9 b", 3, "unexpected \"\xc3\xa9\""},
		{"a \xff b", 3, "unexpected the byte ff"},
		{"a \x01 b", 3, "unexpected the byte 01"},
		/* numbers as in JSON */
		{"01", 1, "\"01\" is not a number"},
		{"a > 1.", 5, "\"1.\" is not a number"},
		{".5", 1, "expected a value, not \".\""},
		{"1e", 1, "\"1e\" is not a number"},
		{"5x", 1, "\"5x\" is not a number"},
		{"1.2.3", 1, "\"1.2.3\" is not a number"},
		{"0x10", 1, "\"0x10\" is not a number"},
		{"1e999", 1, "\"1e999\" is too large a number"},
		{"18446744073709551616", 1, "too large a number"},
		{"a * -9223372036854775809", 5, "too large a number"},
		/* words and parameters */
		{"$", 2, "the name of a parameter"},
		{"a > $5", 6, "the name of a parameter"},
		{"a.", 3, "expected the name of an output, not the end"},
		{"a.5", 3, "expected the name of an output, not \"5\""},
		{"a.b.c", 4, "expected an operator or the end, not \".\""},
		{"\"close\"", 1, "expected a value"},
		/* functions */
		{"abs()", 5, "expected a value, not \")\""},
		{"abs(a, b)", 6, "expected abs(x)"},
		{"min(a)", 6, "expected min(a, b)"},
		{"between(a, b)", 13, "expected between(x, low, high)"},
		{"between(a, b, c, d)", 16, "expected between(x, low, high)"},
		{"abs(a", 6, "expected an operator, \",\" or \")\""},
		{"abs(a b)", 7, "expected an operator, \",\" or \")\""},
		{"any(a", 6, "expected an operator, \",\" or \")\""},
		{"any(a,", 7, "expected a value, not the end"},
		{"rising(a, 1.5)", 11, "expected a whole number of bars"},
		{"falling(a, -1)", 12, "expected a whole number of bars"},
		{"within(a, b)", 11, "expected a whole number of bars"},
		{"a[b]", 3, "expected a whole number of bars"},
		{"a[-1]", 3, "expected a whole number of bars"},
		{"a[1", 4, "expected \"]\", not the end"},
		{"a[]", 3, "expected a value, not \"]\""},
		{"gt(a, b)", 1, "write \"a > b\""},
		{"croses_above(a, b)", 1, "did you mean \"crosses_above\"?"},
		/* indicators */
		{"emma(10)", 1, "did you mean \"ema\"?"},
		{"xyzzy(10)", 1,
			"unknown function or indicator \"xyzzy\"; "
			"there are: "},
		{"ema(close, 10, 20)", 16,
			"one argument too many: ema([source], [period])"},
		{"ema(close, high)", 12, "period must be a number or a $"},
		{"ema(10, high)", 9, "one argument too many"},
		{"ema(0)", 5, "period must be a whole number from 1 to 5000"},
		{"ema(2.5)", 5, "period must be a whole number"},
		{"ema(5001)", 5, "period must be a whole number"},
		{"ema(perod=10)", 5, "did you mean \"period\"?"},
		{"ema(nothing=10)", 5, "there are: period, source, interval"},
		{"ema(10, period=10)", 9, "period is given twice"},
		{"ema(a, 10, source=b)", 12, "source is given twice"},
		{"ema(10, interval=4h, interval=1d)", 22, "given twice"},
		{"ema(period=10, 5)", 16, "a named argument"},
		{"ema(10, interval=4hh)", 18,
			"unknown interval \"4hh\": did you mean \"4h\"?"},
		{"ema(10, interval=\"7h\")", 18, "did you mean"},
		{"ema(10, candles=heikin_ashi)", 9, "unknown argument"},
		{"atr(10, source=high)", 9, "unknown argument"},
		{"atr(close, 10)", 5, "period must be a number or a $"},
		{"ema(10, interval=)", 18, "a word in double quotes"},
		{"ema(10, interval=\"\")", 19, "a closing \""},
		{"ema(10, interval=\"4h)", 21, "a closing \""},
		{"ema(10 20)", 8, "expected an operator, \",\" or \")\""},
		{"ema(10", 7, "expected an operator, \",\" or \")\""},
		{"ema(10).vale", 9, "did you mean \"value\"?"},
		{"ema(10).", 9, "expected the name of an output"},
		{"ema(10) . value . value", 17, "expected an operator or"},
	};
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct fault_row *row = &rows[i];
		const struct json *tree = NULL;
		const char *head = arena_format(
			help.arena, "character %zu: ", row->character);
		const char *message;

		assert_int_equal(
			try_parse(&help, row->text, strlen(row->text), &tree),
			ERR_BAD_INPUT);
		assert_null(tree);
		assert_int_equal(help.report->fault_count, 1);
		assert_string_equal(
			help.report->faults[0].pointer, "/entry/long");
		message = help.report->faults[0].message;
		if (strncmp(message, head, strlen(head)) != 0 ||
			!strstr(message, row->says))
			fail_msg("%s: \"%s\", should be \"%s%s\"", row->text,
				message, head, row->says);
	}
	arena_close(&help.arena);
}

/* Text that is no C string. */
static void a_nul_is_a_byte_like_others(void **state)
{
	struct help help = help_open();
	const struct json *tree = NULL;

	(void)state;
	assert_int_equal(try_parse(&help, "a\0b", 3, &tree), ERR_BAD_INPUT);
	assert_string_equal(help.report->faults[0].message,
		"character 2: unexpected the byte 00");
	/* reads no further than it is told */
	assert_int_equal(try_parse(&help, "a > b!", 5, &tree), ERR_OK);
	arena_close(&help.arena);
}

/* ---- limits -------------------------------------------------------------- */

static const char *repeated(struct help *help, const char *before,
	const char *part, const char *middle, size_t count)
{
	struct buf text;

	buf_init(&text, help->arena, LONG_LIMIT);
	buf_text(&text, before);
	for (size_t i = 0; i < count; i++)
		buf_text(&text, part);
	buf_text(&text, middle);
	return text.data;
}

/* The text is good at `count`, and one more is refused for `says`. */
static void expect_limit(
	struct help *help, const char *part, size_t count, const char *says)
{
	const char *good = repeated(help, "", part, "a", count);
	const char *bad = repeated(help, "", part, "a", count + 1);
	const struct json *tree = NULL;

	tree = parse(help, good);
	assert_string_equal(print(help, tree), good);
	tree = NULL;
	assert_int_equal(
		try_parse(help, bad, strlen(bad), &tree), ERR_BAD_INPUT);
	assert_null(tree);
	assert_int_equal(help->report->fault_count, 1);
	if (!strstr(help->report->faults[0].message, says))
		fail_msg("%s", help->report->faults[0].message);
}

static void nesting_has_a_limit(void **state)
{
	struct help help = help_open();
	const struct json *tree;
	const char *text;

	(void)state;
	/* a itself is a level */
	expect_limit(&help, "not ", EXPRESSION_DEPTH_LIMIT - 1, "too deeply");
	expect_limit(&help, "-", EXPRESSION_DEPTH_LIMIT - 1, "too deeply");
	expect_limit(&help, "a - ", EXPRESSION_DEPTH_LIMIT - 1, "too deeply");
	/* parentheses are no levels, but not for nothing either */
	text = repeated(&help, "", "(", "a", 100000);
	assert_int_equal(try_parse(&help, text, EXPRESSION_TEXT_LIMIT, &tree),
		ERR_BAD_INPUT);
	assert_non_null(strstr(help.report->faults[0].message, "too deeply"));
	arena_close(&help.arena);
}

static void expressions_and_bytes_have_limits(void **state)
{
	struct help help = help_open();
	const struct json *tree;
	const char *text;

	(void)state;
	/* and the list itself is one */
	expect_limit(&help, "a and ", EXPRESSION_LIMIT - 2, "more than 256");
	text = repeated(&help, "a", " ", "", EXPRESSION_TEXT_LIMIT - 1);
	assert_int_equal(
		try_parse(&help, text, EXPRESSION_TEXT_LIMIT, &tree), ERR_OK);
	text = repeated(&help, "a", " ", "", EXPRESSION_TEXT_LIMIT);
	assert_int_equal(
		try_parse(&help, text, strlen(text), &tree), ERR_BAD_INPUT);
	assert_string_equal(
		help.report->faults[0].message, "is longer than 4096 bytes");
	arena_close(&help.arena);
}

/* ---- trees that were not made of text ------------------------------------ */

static void text_within_a_tree_becomes_part_of_it(void **state)
{
	static const struct {
		const char *tree, *print;
	} rows[] = {
		{"{\"all\":[\"a > b\",\"c or d\"]}", "a > b and (c or d)"},
		{"{\"mul\":[\"a + b\",\" c \"]}", "(a + b) * c"},
		{"{\"sub\":[0,\"5 \"]}", "0 - 5"},
		{"{\"fn\":\"ema\",\"period\":\" 5\",\"source\":\"high - low\"}",
			"ema(high - low, 5)"},
		/* members in any order */
		{"{\"output\":\"value\",\"interval\":\"4h\",\"period\":10,"
		 "\"fn\":\"ema\"}",
			"ema(10, interval=\"4h\").value"},
	};
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(
			print(&help, help_json(&help, rows[i].tree)),
			rows[i].print);
	arena_close(&help.arena);
}

static void a_tree_without_a_text_is_refused(void **state)
{
	static const struct {
		const char *tree, *pointer, *says;
	} rows[] = {
		{"null", "", "must be a finite number"},
		{"[1]", "", "must be a finite number"},
		{"{}", "", "must be a finite number"},
		{"1e999", "", "must be a finite number"},
		{"{\"gt\":[1,2],\"lt\":[1,2]}", "", "must be a finite number"},
		{"{\"gt\":[1,2,3]}", "/gt", "must be a list"},
		{"{\"gt\":5}", "/gt", "must be a list"},
		{"{\"all\":[]}", "/all", "must be a list"},
		{"{\"gt\":[1,true]}", "/gt/1", "must be a finite number"},
		{"{\"not\":{\"add\":[1,null]}}", "/not/add/1", "must be"},
		{"{\"gtt\":[1,2]}", "/gtt", "did you mean \"gt\"?"},
		{"{\"param\":\"a b\"}", "/param", "the name of a parameter"},
		{"{\"param\":5}", "/param", "the name of a parameter"},
		{"{\"shift\":[\"a\",-1]}", "/shift/1", "number of bars"},
		{"{\"shift\":[\"a\",\"b\"]}", "/shift/1", "number of bars"},
		{"{\"all\":[\"a\",\"b >\"]}", "/all/1", "character 4: "},
		{"\"and\"", "", "character 1: "},
		{"{\"fn\":\"nothing\"}", "/fn", "the name of an indicator"},
		{"{\"fn\":5}", "/fn", "the name of an indicator"},
		{"{\"fn\":\"ema\",\"period\":0}", "/period", "from 1 to 5000"},
		{"{\"fn\":\"ema\",\"period\":\"a\"}", "/period", "a number"},
		{"{\"fn\":\"atr\",\"period\":5,\"source\":\"high\"}", "/source",
			"unknown member"},
		{"{\"fn\":\"ema\",\"period\":5,\"x\":1}", "/x", "unknown"},
		{"{\"fn\":\"ema\",\"period\":5,\"output\":\"x\"}", "/output",
			"no output"},
		{"{\"fn\":\"ema\",\"period\":5,\"interval\":\"4 h\"}",
			"/interval", "must be a word"},
		{"{\"fn\":\"ema\",\"period\":5,\"interval\":\"7h\"}",
			"/interval", "is no interval"},
		{"{\"fn\":\"ema\",\"period\":5,\"interval\":4}", "/interval",
			"must be a word"},
	};
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct json *tree = help_json(&help, rows[i].tree);
		const char *text = NULL;

		help.report = report_open(help.arena);
		assert_int_equal(
			expression_print(help.arena, tree, help.report, &text),
			ERR_BAD_INPUT);
		assert_null(text);
		assert_int_equal(help.report->fault_count, 1);
		assert_string_equal(
			help.report->faults[0].pointer, rows[i].pointer);
		if (!strstr(help.report->faults[0].message, rows[i].says))
			fail_msg("%s: %s", rows[i].tree,
				help.report->faults[0].message);
	}
	arena_close(&help.arena);
}

/* Text in a tree does not lift the limits of the whole. */
static void nested_text_counts(void **state)
{
	struct help help = help_open();
	const char *deep = repeated(&help, "", "not ", "a", 31);
	const char *text = NULL;
	const struct json *tree = help_json(
		&help, arena_format(help.arena, "{\"not\":\"%s\"}", deep));

	(void)state;
	assert_int_equal(expression_print(help.arena, tree, help.report, &text),
		ERR_BAD_INPUT);
	assert_string_equal(
		help.report->faults[0].message, "is nested too deeply");
	deep = repeated(&help, "", "a and ", "b", 200);
	tree = help_json(
		&help, arena_format(help.arena, "{\"any\":[\"%s\",\"%s\"]}",
			       deep, deep));
	help.report = report_open(help.arena);
	assert_int_equal(expression_print(help.arena, tree, help.report, &text),
		ERR_BAD_INPUT);
	assert_non_null(
		strstr(help.report->faults[0].message, "more than 256"));
	arena_close(&help.arena);
}

/* Long words: few expressions, many bytes. */
static void a_tree_may_be_too_long_for_a_text(void **state)
{
	struct help help = help_open();
	const char *word = repeated(&help, "", "abcdefgh", "", 16);
	const char *out = NULL;
	struct buf text;

	(void)state;
	buf_init(&text, help.arena, LONG_LIMIT);
	buf_text(&text, "{\"any\":[\"a\"");
	for (size_t i = 0; i < 40; i++)
		buf_format(&text, ",\"%s\"", word);
	buf_text(&text, "]}");
	assert_int_equal(
		expression_print(help.arena, help_json(&help, text.data),
			help.report, &out),
		ERR_BAD_INPUT);
	assert_null(out);
	assert_string_equal(help.report->faults[0].message,
		"is longer than 4096 bytes as text");
	arena_close(&help.arena);
}

static void words_are_told_from_texts(void **state)
{
	static const struct {
		const char *text;
		bool word;
	} rows[] = {
		{"close", true},
		{"a.b", true},
		{"_1", true},
		{"", false},
		{"1a", false},
		{" a", false},
		{"a ", false},
		{"a.", false},
		{".a", false},
		{"a.b.c", false},
		{"a b", false},
		{"and", false},
		{"a.or", false},
		{"not", false},
		{"nota", true},
		{"a\xc3\xa9", false},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (expression_is_word(rows[i].text, strlen(rows[i].text)) !=
			rows[i].word)
			fail_msg("\"%s\"", rows[i].text);
	assert_true(expression_is_reserved("and", 3));
	assert_false(expression_is_reserved("android", 7));
	assert_true(expression_is_reserved("android", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operands_are_read),
		cmocka_unit_test(operators_bind_as_stated),
		cmocka_unit_test(chains_are_one_list),
		cmocka_unit_test(a_minus_is_a_sign_or_a_subtraction),
		cmocka_unit_test(functions_are_called),
		cmocka_unit_test(indicators_are_called),
		cmocka_unit_test(every_indicator_is_called_by_its_table),
		cmocka_unit_test(each_fault_has_its_character),
		cmocka_unit_test(a_nul_is_a_byte_like_others),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(expressions_and_bytes_have_limits),
		cmocka_unit_test(text_within_a_tree_becomes_part_of_it),
		cmocka_unit_test(a_tree_without_a_text_is_refused),
		cmocka_unit_test(nested_text_counts),
		cmocka_unit_test(a_tree_may_be_too_long_for_a_text),
		cmocka_unit_test(words_are_told_from_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
