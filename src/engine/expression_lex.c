/*
 * Bytes of an expression to tokens, and its faults. Numbers are spelled as in
 * JSON, so that the tree could have been read from it. Looks one token ahead,
 * never further: a fault is told where the reader stands.
 */
#include <errno.h>
#include <math.h>

#include "expression_private.h"
#include "buf.h"
#include "text.h"

enum {
	NUMBER_LENGTH_LIMIT = 128, /* as in JSON */
	SHOWN = 40,		   /* bytes of the client's text in a fault */
	KNOWN_TEXT_LIMIT = 800
};

/* The byte so far behind the start, -1 behind the end. */
static int byte_at(const struct parser *parser, size_t at)
{
	return at < parser->len ? (unsigned char)parser->text[at] : -1;
}

static bool is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static size_t skip_space(const struct parser *parser, size_t at)
{
	for (;; at++) {
		int c = byte_at(parser, at);

		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			return at;
	}
}

/* ---- faults -------------------------------------------------------------- */

/* Characters are counted, not bytes; what is no character counts as one. */
static size_t character_of(const struct parser *parser, size_t at)
{
	size_t character = 1;

	for (size_t i = 0; i < at && i < parser->len; character++) {
		size_t step = text_utf8_step(parser->text + i, parser->len - i);

		i += step ? step : 1;
	}
	return character;
}

void expression_fault(struct parser *parser, size_t at, const char *message)
{
	if (parser->failed)
		return;
	parser->failed = true;
	report_fault(parser->report, parser->pointer, "character %zu: %s",
		character_of(parser, at), message);
}

/* One character in quotes, or what byte it is. */
static const char *shown_character(const struct parser *parser, size_t at)
{
	const char *text = parser->text + at;
	size_t step = text_utf8_step(text, parser->len - at);

	if (step == 0 || text_has_control(text, step))
		return arena_format(parser->arena, "the byte %02x",
			(unsigned)(unsigned char)*text);
	return arena_format(parser->arena, "\"%.*s\"", (int)step, text);
}

static int shown_length(size_t len)
{
	return (int)(len < SHOWN ? len : SHOWN);
}

void expression_expected(struct parser *parser, const char *what)
{
	const struct token *token = &parser->token;
	const char *found = "the end";

	if (token->kind != TOKEN_END)
		found = arena_format(parser->arena, "\"%.*s\"",
			shown_length(token->len), parser->text + token->at);
	expression_fault(parser, token->at,
		arena_format(
			parser->arena, "expected %s, not %s", what, found));
}

void expression_unknown(
	struct parser *parser, const char *kind, const char *const *names)
{
	size_t at = parser->token.at;
	const char *name = expression_spelled(parser);
	const char *near = text_suggest(name, names);
	struct buf known;

	if (near) {
		expression_fault(parser, at,
			arena_format(parser->arena,
				"unknown %s \"%.*s\": did you mean \"%s\"?",
				kind, SHOWN, name, near));
		return;
	}
	buf_init(&known, parser->arena, KNOWN_TEXT_LIMIT);
	for (size_t i = 0; names[i]; i++) {
		buf_text(&known, i ? ", " : "");
		buf_text(&known, names[i]);
	}
	expression_fault(parser, at,
		arena_format(parser->arena,
			"unknown %s \"%.*s\"; there are: %s", kind, SHOWN, name,
			known.data));
}

/* ---- tokens -------------------------------------------------------------- */

static void set_token(
	struct parser *parser, enum token_kind kind, size_t at, size_t end)
{
	parser->token = (struct token){.kind = kind, .at = at, .len = end - at};
	parser->next = end;
}

static void bad_token(struct parser *parser, size_t at, const char *message)
{
	expression_fault(parser, at, message);
	set_token(parser, TOKEN_BAD, at, at);
}

static size_t word_end(const struct parser *parser, size_t at)
{
	while (at < parser->len && expression_is_wordly(parser->text[at]))
		at++;
	return at;
}

/* Behind the digits; 0 when there are none. */
static size_t digits_end(const struct parser *parser, size_t at)
{
	size_t start = at;

	while (is_digit(byte_at(parser, at)))
		at++;
	return at > start ? at : 0;
}

/* Behind a number without a sign, 0 when it is not spelled as in JSON. */
static size_t number_end(const struct parser *parser, size_t at, bool *integer)
{
	size_t end =
		byte_at(parser, at) == '0' ? at + 1 : digits_end(parser, at);

	*integer = true;
	if (byte_at(parser, end) == '.') {
		*integer = false;
		end = digits_end(parser, end + 1);
	}
	if (end &&
		(byte_at(parser, end) == 'e' || byte_at(parser, end) == 'E')) {
		int sign = byte_at(parser, end + 1);

		*integer = false;
		end = digits_end(
			parser, end + (sign == '+' || sign == '-' ? 2 : 1));
	}
	if (end && (word_end(parser, end) > end || byte_at(parser, end) == '.'))
		return 0;
	return end;
}

/* What JSON takes: an integer within 64 bits, a finite value. */
static bool number_fits(const char *text, bool integer)
{
	errno = 0;
	if (integer)
		(void)strtoull(text, NULL, 10);
	return errno == 0 && isfinite(strtod(text, NULL));
}

static void lex_number(struct parser *parser, size_t at)
{
	bool integer;
	size_t end = number_end(parser, at, &integer);
	size_t run = at;

	if (end && end - at < NUMBER_LENGTH_LIMIT &&
		number_fits(
			arena_copy(parser->arena, parser->text + at, end - at),
			integer)) {
		set_token(parser, TOKEN_NUMBER, at, end);
		return;
	}
	while (byte_at(parser, run) == '.' || word_end(parser, run) > run)
		run = byte_at(parser, run) == '.' ? run + 1
						  : word_end(parser, run);
	bad_token(parser, at,
		arena_format(parser->arena, "\"%.*s\" is %s",
			shown_length(run - at), parser->text + at,
			end ? "too large a number" : "not a number"));
}

static void lex_param(struct parser *parser, size_t at)
{
	size_t end = word_end(parser, at + 1);

	if (end == at + 1 || is_digit(byte_at(parser, at + 1)))
		bad_token(parser, at + 1,
			"expected the name of a parameter behind \"$\"");
	else
		set_token(parser, TOKEN_PARAM, at, end);
}

static void lex_quoted(struct parser *parser, size_t at)
{
	size_t end = word_end(parser, at + 1);

	if (end == at + 1 || byte_at(parser, end) != '"')
		bad_token(parser, end,
			"expected letters or digits and a closing \"");
	else
		set_token(parser, TOKEN_QUOTED, at, end + 1);
}

static void lex_symbol(struct parser *parser, size_t at)
{
	static const struct {
		char found;
		const char *hint;
	} hints[] = {
		{'&', ": write \"and\""},
		{'|', ": write \"or\""},
		{'!', ": write \"not\""},
		{'\'', ": write double quotes"},
	};
	int c = byte_at(parser, at);
	const char *hint = "";

	if (byte_at(parser, at + 1) == '=' &&
		(c == '<' || c == '>' || c == '=')) {
		set_token(parser, TOKEN_SYMBOL, at, at + 2);
		return;
	}
	if (c != 0 && strchr("()[],.=+-*/<>", c)) {
		set_token(parser, TOKEN_SYMBOL, at, at + 1);
		return;
	}
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (hints[i].found == c)
			hint = hints[i].hint;
	bad_token(parser, at,
		arena_format(parser->arena, "unexpected %s%s",
			shown_character(parser, at), hint));
}

void expression_advance(struct parser *parser)
{
	size_t at = skip_space(parser, parser->next);
	int c = byte_at(parser, at);

	if (c < 0)
		set_token(parser, TOKEN_END, at, at);
	else if (is_digit(c))
		lex_number(parser, at);
	else if (expression_is_letter((char)c))
		set_token(parser, TOKEN_NAME, at, word_end(parser, at));
	else if (c == '$')
		lex_param(parser, at);
	else if (c == '"')
		lex_quoted(parser, at);
	else
		lex_symbol(parser, at);
}

void expression_advance_to_value(struct parser *parser)
{
	size_t at = skip_space(parser, parser->next);
	size_t end = word_end(parser, at);

	if (end > at)
		set_token(parser, TOKEN_NAME, at, end);
	else
		expression_advance(parser);
}

bool expression_followed_by(const struct parser *parser, char c)
{
	return byte_at(parser, skip_space(parser, parser->next)) == c;
}

bool expression_names_argument(const struct parser *parser)
{
	size_t at = skip_space(parser, parser->next);

	return parser->token.kind == TOKEN_NAME && byte_at(parser, at) == '=' &&
	       byte_at(parser, at + 1) != '=';
}

bool expression_at(const struct parser *parser, const char *symbol)
{
	const struct token *token = &parser->token;

	if (token->kind != TOKEN_SYMBOL && token->kind != TOKEN_NAME)
		return false;
	return strlen(symbol) == token->len &&
	       memcmp(symbol, parser->text + token->at, token->len) == 0;
}

bool expression_accept(struct parser *parser, const char *symbol)
{
	if (!expression_at(parser, symbol))
		return false;
	expression_advance(parser);
	return true;
}

const char *expression_spelled(const struct parser *parser)
{
	const struct token *token = &parser->token;
	size_t quote = token->kind == TOKEN_QUOTED ? 1 : 0;

	return arena_copy(parser->arena, parser->text + token->at + quote,
		token->len - 2 * quote);
}
