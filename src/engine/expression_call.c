/*
 * name(...): the functions of the language, and the indicators of the table
 * with positional and named arguments. What an argument may be is checked
 * here, because here a fault still knows its character.
 */
#include "expression_private.h"
#include "buf.h"
#include "interval.h"

enum {
	USAGE_LIMIT = 400
};

/* ---- functions ----------------------------------------------------------- */

/* The arity is right when the list may go on, or may end, here. */
static bool argument_fits(struct parser *parser, const struct function_row *row,
	const struct json_list *items)
{
	bool more = expression_at(parser, ",");

	if (row->arity == 0 || items->count == row->arity - (more ? 1 : 0) ||
		(more && items->count < row->arity))
		return true;
	expression_fault(parser, parser->token.at,
		arena_format(parser->arena, "expected %s", row->usage));
	return false;
}

static struct json *function_tree(struct parser *parser,
	const struct function_row *row, const struct json_list *items)
{
	struct json_list members = {0};

	json_list_add(&members, row->name,
		row->arity == 1 ? items->first
				: json_new_array(parser->arena, items));
	return json_new_object(parser->arena, &members);
}

/* One argument, `index` of the row's. */
static struct term function_argument(
	struct parser *parser, const struct function_row *row, size_t index)
{
	size_t at = parser->token.at;
	struct term term = expression_nested(parser, BIND_OR);

	if (term.json && row->bars && index + 1 == row->arity &&
		!expression_is_bars(term.json)) {
		expression_fault(parser, at, expression_bars_wanted);
		return no_term;
	}
	return term;
}

/* Behind the opening parenthesis. */
static struct term function_call(
	struct parser *parser, const struct function_row *row)
{
	struct json_list items = {0};
	int height = 0;

	do {
		struct term term = function_argument(parser, row, items.count);

		if (!term.json)
			return no_term;
		json_list_add(&items, NULL, term.json);
		if (term.height > height)
			height = term.height;
		if (!argument_fits(parser, row, &items))
			return no_term;
	} while (expression_accept(parser, ","));
	if (!expression_accept(parser, ")")) {
		expression_expected(parser, "an operator, \",\" or \")\"");
		return no_term;
	}
	return expression_parent(
		parser, function_tree(parser, row, &items), height);
}

/* ---- indicators ---------------------------------------------------------- */

struct call {
	const struct indicator *indicator;
	struct json *source;
	struct json *args[INDICATOR_PARAM_LIMIT];
	struct json *interval, *candles;
	size_t next; /* parameter that a positional argument sets */
	bool begun, named;
	int height; /* of the highest argument */
};

/* ema(source, period): what is optional in brackets. */
static const char *usage_of(
	struct parser *parser, const struct indicator *indicator)
{
	const char *comma = "";
	struct buf usage;

	buf_init(&usage, parser->arena, USAGE_LIMIT);
	buf_format(&usage, "%s(", indicator->name);
	if (expression_reads(indicator, true)) {
		buf_text(&usage, "[source]");
		comma = ", ";
	}
	for (size_t i = 0; i < indicator->param_count; i++) {
		const struct indicator_param *param = &indicator->params[i];

		buf_format(&usage, param->optional ? "%s[%s]" : "%s%s", comma,
			param->name);
		comma = ", ";
	}
	buf_text(&usage, ")");
	return usage.data;
}

/* Sets a slot of the call; false, with a fault, when it was set before. */
static bool set_slot(struct parser *parser, struct json **slot,
	struct json *value, const char *name, size_t at)
{
	if (*slot) {
		expression_fault(parser, at,
			arena_format(parser->arena, "%s is given twice", name));
		return false;
	}
	*slot = value;
	return true;
}

static bool set_arg(struct parser *parser, struct call *call, size_t index,
	struct json *value, size_t at)
{
	const struct indicator_param *param = &call->indicator->params[index];

	if (!expression_is_plain(value)) {
		expression_fault(parser, at,
			arena_format(parser->arena,
				"%s must be a number or a $parameter",
				param->name));
		return false;
	}
	if (!expression_in_range(param, value)) {
		expression_fault(parser, at,
			arena_format(parser->arena,
				"%s must be a %snumber from %.15g to %.15g",
				param->name, param->whole ? "whole " : "",
				param->min, param->max));
		return false;
	}
	return set_slot(parser, &call->args[index], value, param->name, at);
}

static bool positional(struct parser *parser, struct call *call)
{
	size_t at = parser->token.at;
	bool first = !call->begun;
	struct term term;

	if (call->named) {
		expression_expected(
			parser, "a named argument behind a named one");
		return false;
	}
	term = expression_nested(parser, BIND_OR);
	if (!term.json)
		return false;
	if (term.height > call->height)
		call->height = term.height;
	call->begun = true;
	if (first && expression_reads(call->indicator, true) &&
		!expression_is_plain(term.json)) {
		call->source = term.json;
		return true;
	}
	if (call->next < call->indicator->param_count)
		return set_arg(parser, call, call->next++, term.json, at);
	expression_fault(parser, at,
		arena_format(parser->arena, "one argument too many: %s",
			usage_of(parser, call->indicator)));
	return false;
}

/* interval="4h", interval=4h: behind the equals sign */
static bool named_word(
	struct parser *parser, struct json **slot, const char *name, size_t at)
{
	const struct token *token = &parser->token;
	const char *word;

	if (token->kind != TOKEN_NAME && token->kind != TOKEN_QUOTED) {
		expression_expected(parser, "a word in double quotes");
		return false;
	}
	word = expression_spelled(parser);
	if (strcmp(name, "interval") == 0 && interval_ms(word) == 0) {
		expression_unknown(parser, name, interval_names);
		return false;
	}
	expression_advance(parser);
	return set_slot(parser, slot,
		json_new_text(parser->arena, word, strlen(word)), name, at);
}

/* source=..., period=...: behind the equals sign */
static bool named_value(struct parser *parser, struct call *call,
	const char *name, size_t named_at)
{
	const struct indicator *indicator = call->indicator;
	size_t at = parser->token.at;
	struct term term = expression_nested(parser, BIND_OR);

	if (!term.json)
		return false;
	if (term.height > call->height)
		call->height = term.height;
	for (size_t i = 0; i < indicator->param_count; i++) {
		if (strcmp(indicator->params[i].name, name) != 0)
			continue;
		if (call->args[i])
			at = named_at;
		return set_arg(parser, call, i, term.json, at);
	}
	return set_slot(parser, &call->source, term.json, name, named_at);
}

/* NULL, with a fault, when the indicator takes no argument of that name. */
static const char *argument_name(
	struct parser *parser, const struct indicator *indicator)
{
	const char *names[INDICATOR_PARAM_LIMIT + 4];
	size_t count = 0;

	for (size_t i = 0; i < indicator->param_count; i++)
		names[count++] = indicator->params[i].name;
	if (expression_reads(indicator, true))
		names[count++] = "source";
	if (expression_reads(indicator, false))
		names[count++] = "candles";
	names[count++] = "interval";
	names[count] = NULL;
	for (size_t i = 0; i < count; i++)
		if (expression_at(parser, names[i]))
			return names[i];
	expression_unknown(parser, "argument", names);
	return NULL;
}

static bool argument(struct parser *parser, struct call *call)
{
	size_t at = parser->token.at;
	const char *name;

	if (!expression_names_argument(parser))
		return positional(parser, call);
	name = argument_name(parser, call->indicator);
	if (!name)
		return false;
	call->named = true;
	expression_advance(parser); /* to the equals sign */
	if (strcmp(name, "interval") == 0 || strcmp(name, "candles") == 0) {
		expression_advance_to_value(parser);
		return named_word(parser,
			name[0] == 'i' ? &call->interval : &call->candles, name,
			at);
	}
	expression_advance(parser);
	return named_value(parser, call, name, at);
}

static bool arguments(struct parser *parser, struct call *call)
{
	if (expression_at(parser, ")"))
		return true;
	do {
		if (!argument(parser, call))
			return false;
	} while (expression_accept(parser, ","));
	if (expression_at(parser, ")"))
		return true;
	expression_expected(parser, "an operator, \",\" or \")\"");
	return false;
}

static bool all_there(struct parser *parser, const struct call *call)
{
	const struct indicator *indicator = call->indicator;

	for (size_t i = 0; i < indicator->param_count; i++) {
		if (call->args[i] || indicator->params[i].optional)
			continue;
		expression_fault(parser, parser->token.at,
			arena_format(parser->arena, "%s is missing: %s",
				indicator->params[i].name,
				usage_of(parser, indicator)));
		return false;
	}
	return true;
}

static void add_given(
	struct json_list *members, const char *name, struct json *value)
{
	if (value)
		json_list_add(members, name, value);
}

/* .signal behind the call; *out stays NULL when there is none. */
static bool output(struct parser *parser, const struct indicator *indicator,
	struct json **out)
{
	if (!expression_accept(parser, "."))
		return true;
	if (parser->token.kind != TOKEN_NAME) {
		expression_expected(parser, "the name of an output");
		return false;
	}
	for (size_t i = 0; indicator->outputs[i]; i++) {
		const char *name = indicator->outputs[i];

		if (!expression_at(parser, name))
			continue;
		*out = json_new_text(parser->arena, name, strlen(name));
		expression_advance(parser);
		return true;
	}
	expression_unknown(parser, "output", indicator->outputs);
	return false;
}

/* Behind the opening parenthesis. */
static struct term indicator_call(
	struct parser *parser, const struct indicator *indicator)
{
	struct call call = {.indicator = indicator};
	struct json_list members = {0};
	struct json *chosen = NULL;

	if (!arguments(parser, &call) || !all_there(parser, &call))
		return no_term;
	expression_advance(parser);
	if (!output(parser, indicator, &chosen))
		return no_term;
	json_list_add(&members, "fn",
		json_new_text(parser->arena, indicator->name,
			strlen(indicator->name)));
	add_given(&members, "source", call.source);
	for (size_t i = 0; i < indicator->param_count; i++)
		add_given(&members, indicator->params[i].name, call.args[i]);
	add_given(&members, "interval", call.interval);
	add_given(&members, "candles", call.candles);
	add_given(&members, "output", chosen);
	return expression_parent(
		parser, json_new_object(parser->arena, &members), call.height);
}

/* ---- both ---------------------------------------------------------------- */

/* No such function: perhaps an operator by its name in the tree. */
static void unknown_function(struct parser *parser, const char *name)
{
	const struct binary_row *binary = expression_binary(name);
	const char **names;
	size_t count = 0;

	if (binary) {
		expression_fault(parser, parser->token.at,
			arena_format(parser->arena, "write \"a %s b\"",
				binary->symbol));
		return;
	}
	while (indicator_at(count))
		count++;
	names = arena_array(parser->arena,
		count + EXPRESSION_FUNCTION_LIMIT + 1, sizeof(*names));
	for (size_t i = 0; i < count; i++)
		names[i] = indicator_at(i)->name;
	for (size_t i = 0; expression_functions[i].name; i++)
		names[count++] = expression_functions[i].name;
	expression_unknown(parser, "function or indicator", names);
}

struct term expression_call(struct parser *parser)
{
	const char *name = expression_spelled(parser);
	const struct function_row *function = expression_function(name);
	const struct indicator *indicator =
		function ? NULL : indicator_find(name);

	if (!function && !indicator) {
		unknown_function(parser, name);
		return no_term;
	}
	expression_advance(parser); /* to the parenthesis */
	expression_advance(parser);
	return function ? function_call(parser, function)
			: indicator_call(parser, indicator);
}
