/*
 * The operators and functions of the text form, and small questions about
 * words and values that the reader and the printer must answer alike.
 */
#include <math.h>

#include "expression_private.h"

const struct binary_row expression_binaries[] = {
	{"or", "any", BIND_OR},
	{"and", "all", BIND_AND},
	{">", "gt", BIND_COMPARE},
	{">=", "ge", BIND_COMPARE},
	{"<", "lt", BIND_COMPARE},
	{"<=", "le", BIND_COMPARE},
	{"==", "eq", BIND_COMPARE},
	{"+", "add", BIND_SUM},
	{"-", "sub", BIND_SUM},
	{"*", "mul", BIND_PRODUCT},
	{"/", "div", BIND_PRODUCT},
	{0},
};

/* `all` and `any` are here for lists of one, which have no operator. */
const struct function_row expression_functions[EXPRESSION_FUNCTION_LIMIT] = {
	{"abs", "abs(x)", 1, false},
	{"min", "min(a, b)", 2, false},
	{"max", "max(a, b)", 2, false},
	{"crosses_above", "crosses_above(a, b)", 2, false},
	{"crosses_below", "crosses_below(a, b)", 2, false},
	{"between", "between(x, low, high)", 3, false},
	{"rising", "rising(x, bars)", 2, true},
	{"falling", "falling(x, bars)", 2, true},
	{"within", "within(condition, bars)", 2, true},
	{"shift", "shift(x, bars)", 2, true},
	{"all", "all(condition, ...)", 0, false},
	{"any", "any(condition, ...)", 0, false},
	{0},
};

const struct binary_row *expression_binary(const char *name)
{
	for (const struct binary_row *row = expression_binaries; row->name;
		row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

const struct function_row *expression_function(const char *name)
{
	for (const struct function_row *row = expression_functions; row->name;
		row++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

bool expression_reads(const struct indicator *indicator, bool source)
{
	for (size_t i = 0; i < indicator->input_count; i++)
		if ((indicator->inputs[i] == INPUT_SOURCE) == source)
			return true;
	return false;
}

bool expression_is_plain(const struct json *value)
{
	if (value->kind == JSON_NUMBER)
		return true;
	return value->kind == JSON_OBJECT && value->count == 1 &&
	       strcmp(value->first->name, "param") == 0;
}

bool expression_is_bars(const struct json *value)
{
	double bars;

	if (value->kind != JSON_NUMBER)
		return expression_is_plain(value);
	return json_double(value, &bars) && bars >= 0 && bars == floor(bars);
}

bool expression_in_range(
	const struct indicator_param *param, const struct json *value)
{
	double number;

	if (value->kind != JSON_NUMBER)
		return true; /* a parameter: known when compiled */
	return json_double(value, &number) && number >= param->min &&
	       number <= param->max &&
	       (!param->whole || number == floor(number));
}

const char expression_bars_wanted[] =
	"expected a whole number of bars or a $parameter";

bool expression_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool expression_is_wordly(char c)
{
	return expression_is_letter(c) || (c >= '0' && c <= '9');
}

bool expression_is_reserved(const char *word, size_t len)
{
	static const char *const words[] = {"and", "or", "not", NULL};

	for (size_t i = 0; words[i]; i++)
		if (strlen(words[i]) == len && memcmp(words[i], word, len) == 0)
			return true;
	return false;
}

/* Bytes of the name at the front, 0 when there is none. */
static size_t name_length(const char *text, size_t len)
{
	size_t size = 0;

	if (len == 0 || !expression_is_letter(text[0]))
		return 0;
	while (size < len && expression_is_wordly(text[size]))
		size++;
	return expression_is_reserved(text, size) ? 0 : size;
}

bool expression_is_word(const char *text, size_t len)
{
	size_t size = name_length(text, len);

	if (size == 0 || size == len)
		return size > 0;
	if (text[size] != '.')
		return false;
	text += size + 1;
	len -= size + 1;
	size = name_length(text, len);
	return size > 0 && size == len;
}
