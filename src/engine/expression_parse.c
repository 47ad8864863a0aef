/*
 * Text to tree, by precedence climbing: one loop for all operators between
 * two operands. Recursion is counted, so that no text can exhaust the stack.
 * Calls are in expression_call.c.
 */
#include <errno.h>

#include "expression_private.h"

enum {
	/* A level of the tree takes at most two of these: its own
	   parentheses, and what it puts around its operand. */
	NEST_LIMIT = 2 * EXPRESSION_DEPTH_LIMIT,
	NUMBER_LENGTH_LIMIT = 128
};

static const char too_deep[] = "is nested too deeply";

static struct term parse_level(struct parser *parser, enum binding binding);

struct term expression_leaf(struct parser *parser, struct json *json)
{
	return expression_parent(parser, json, 0);
}

struct term expression_parent(
	struct parser *parser, struct json *json, int height)
{
	if (++parser->expressions > EXPRESSION_LIMIT) {
		expression_fault(parser, parser->token.at,
			arena_format(parser->arena,
				"there are more than %d operands and operators",
				EXPRESSION_LIMIT));
		return no_term;
	}
	if (height >= EXPRESSION_DEPTH_LIMIT) {
		expression_fault(parser, parser->token.at, too_deep);
		return no_term;
	}
	return (struct term){.json = json, .height = height + 1};
}

struct term expression_nested(struct parser *parser, enum binding binding)
{
	struct term term;

	if (parser->nest >= NEST_LIMIT) {
		expression_fault(parser, parser->token.at, too_deep);
		return no_term;
	}
	parser->nest++;
	term = parse_level(parser, binding);
	parser->nest--;
	return term;
}

/* {"name": value} */
static struct json *object_of(
	struct parser *parser, const char *name, struct json *value)
{
	struct json_list members = {0};

	json_list_add(&members, name, value);
	return json_new_object(parser->arena, &members);
}

static int higher(int a, int b)
{
	return a > b ? a : b;
}

/* {"name": [a, b]} */
static struct term pair(
	struct parser *parser, const char *name, struct term a, struct term b)
{
	struct json_list items = {0};

	if (!a.json || !b.json)
		return no_term;
	json_list_add(&items, NULL, a.json);
	json_list_add(&items, NULL, b.json);
	return expression_parent(parser,
		object_of(parser, name, json_new_array(parser->arena, &items)),
		higher(a.height, b.height));
}

/* ---- operands ------------------------------------------------------------ */

static struct term parse_number(struct parser *parser)
{
	const struct token *token = &parser->token;
	struct json *json = json_new_number(
		parser->arena, parser->text + token->at, token->len);

	expression_advance(parser);
	return expression_leaf(parser, json);
}

static struct term parse_param(struct parser *parser)
{
	const struct token *token = &parser->token;
	struct json *name = json_new_text(
		parser->arena, parser->text + token->at + 1, token->len - 1);

	expression_advance(parser);
	return expression_leaf(parser, object_of(parser, "param", name));
}

/* id or id.output, the space around the point left out */
static struct term parse_word(struct parser *parser)
{
	const char *word = expression_spelled(parser);

	expression_advance(parser);
	if (expression_accept(parser, ".")) {
		const char *output = expression_spelled(parser);

		if (parser->token.kind != TOKEN_NAME ||
			expression_is_reserved(output, strlen(output))) {
			expression_expected(parser, "the name of an output");
			return no_term;
		}
		word = arena_format(parser->arena, "%s.%s", word, output);
		expression_advance(parser);
	}
	return expression_leaf(
		parser, json_new_text(parser->arena, word, strlen(word)));
}

static struct term parse_parentheses(struct parser *parser)
{
	struct term term;

	expression_advance(parser);
	term = expression_nested(parser, BIND_OR);
	if (!term.json)
		return no_term;
	if (!expression_accept(parser, ")")) {
		expression_expected(parser, "an operator or \")\"");
		return no_term;
	}
	return term;
}

static struct term parse_primary(struct parser *parser)
{
	const struct token *token = &parser->token;

	if (token->kind == TOKEN_NUMBER)
		return parse_number(parser);
	if (token->kind == TOKEN_PARAM)
		return parse_param(parser);
	if (expression_at(parser, "("))
		return parse_parentheses(parser);
	if (token->kind != TOKEN_NAME ||
		expression_is_reserved(parser->text + token->at, token->len)) {
		expression_expected(parser, "a value");
		return no_term;
	}
	return expression_followed_by(parser, '(') ? expression_call(parser)
						   : parse_word(parser);
}

/* x[3], as often as it stands there */
static struct term parse_shifted(struct parser *parser)
{
	struct term term = parse_primary(parser);

	while (term.json && expression_accept(parser, "[")) {
		size_t at = parser->token.at;
		struct term bars = expression_nested(parser, BIND_SUM);

		if (!bars.json)
			return no_term;
		if (!expression_is_bars(bars.json)) {
			expression_fault(parser, at, expression_bars_wanted);
			return no_term;
		}
		if (!expression_at(parser, "]")) {
			expression_expected(parser, "\"]\"");
			return no_term;
		}
		expression_advance(parser);
		term = pair(parser, "shift", term, bars);
	}
	return term;
}

/* The number with a minus, when JSON can still say it. */
static struct term negative(struct parser *parser, size_t at, struct term term)
{
	const char *text = arena_format(parser->arena, "-%s", term.json->text);

	errno = 0;
	if (!strpbrk(text, ".eE"))
		(void)strtoll(text, NULL, 10);
	if (errno != 0 || strlen(text) > NUMBER_LENGTH_LIMIT) {
		expression_fault(parser, at, "too large a number");
		return no_term;
	}
	term.json = json_new_number(parser->arena, text, strlen(text));
	return term;
}

/* -5 is a number; any other -x is 0 - x, and so is -(5). */
static struct term parse_minus(struct parser *parser)
{
	size_t at = parser->token.at;
	struct term zero, term;
	bool number;

	expression_advance(parser);
	number = parser->token.kind == TOKEN_NUMBER;
	term = expression_nested(parser, BIND_MINUS);
	if (!term.json)
		return no_term;
	if (number && term.json->kind == JSON_NUMBER)
		return negative(parser, at, term);
	zero = expression_leaf(parser, json_new_number(parser->arena, "0", 1));
	return pair(parser, "sub", zero, term);
}

static struct term parse_not(struct parser *parser)
{
	struct term term;

	expression_advance(parser);
	term = expression_nested(parser, BIND_NOT);
	if (!term.json)
		return no_term;
	return expression_parent(
		parser, object_of(parser, "not", term.json), term.height);
}

/* ---- operators between operands ------------------------------------------ */

static const struct binary_row *operator_here(
	const struct parser *parser, enum binding least)
{
	for (const struct binary_row *row = expression_binaries; row->name;
		row++)
		if (row->binding >= least && expression_at(parser, row->symbol))
			return row;
	return NULL;
}

/* a and b and c: one list */
static struct term parse_chain(
	struct parser *parser, const struct binary_row *row, struct term first)
{
	struct json_list items = {0};
	int height = first.height;

	json_list_add(&items, NULL, first.json);
	while (expression_accept(parser, row->symbol)) {
		struct term term = parse_level(parser, row->binding + 1);

		if (!term.json)
			return no_term;
		json_list_add(&items, NULL, term.json);
		height = higher(height, term.height);
	}
	return expression_parent(parser,
		object_of(parser, row->name,
			json_new_array(parser->arena, &items)),
		height);
}

static struct term parse_binary(
	struct parser *parser, const struct binary_row *row, struct term left)
{
	struct term term;

	expression_advance(parser);
	term = pair(
		parser, row->name, left, parse_level(parser, row->binding + 1));
	if (!term.json || row->binding != BIND_COMPARE ||
		!operator_here(parser, BIND_COMPARE))
		return term;
	expression_fault(parser, parser->token.at,
		"comparisons do not chain: write \"a < b and b < c\"");
	return no_term;
}

static struct term parse_level(struct parser *parser, enum binding least)
{
	const struct binary_row *row;
	struct term term;

	if (expression_at(parser, "-"))
		term = parse_minus(parser);
	else if (least <= BIND_NOT && expression_at(parser, "not"))
		term = parse_not(parser);
	else
		term = parse_shifted(parser);
	while (term.json && (row = operator_here(parser, least)) != NULL)
		term = row->binding <= BIND_AND
			       ? parse_chain(parser, row, term)
			       : parse_binary(parser, row, term);
	return term;
}

/* Something stands where an operator or the end should. */
static void fault_behind(struct parser *parser)
{
	static const char *const words[] = {"and", "or", NULL};

	if (parser->token.kind == TOKEN_NAME)
		expression_unknown(parser, "operator", words);
	else if (expression_at(parser, "="))
		expression_fault(
			parser, parser->token.at, "write \"==\" to compare");
	else
		expression_expected(parser, "an operator or the end");
}

enum err expression_parse(struct arena *arena,
	const struct expression_source *source, struct report *report,
	const struct json **out)
{
	struct parser parser = {
		.arena = arena,
		.report = report,
		.pointer = source->pointer,
		.text = source->text,
		.len = source->len,
	};
	struct term term;

	if (source->len > EXPRESSION_TEXT_LIMIT) {
		report_fault(report, source->pointer, "is longer than %d bytes",
			EXPRESSION_TEXT_LIMIT);
		return ERR_BAD_INPUT;
	}
	expression_advance(&parser);
	term = expression_nested(&parser, BIND_OR);
	if (term.json && parser.token.kind != TOKEN_END)
		fault_behind(&parser);
	if (!term.json || parser.failed)
		return ERR_BAD_INPUT;
	*out = term.json;
	return ERR_OK;
}
