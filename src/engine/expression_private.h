/*
 * What the reader and the printer of expressions share: the tables of
 * operators and functions, and the state of one parse. Nothing outside
 * expression_*.c includes this.
 */
#ifndef ENGINE_EXPRESSION_PRIVATE_H
#define ENGINE_EXPRESSION_PRIVATE_H

#include <stdbool.h>

#include "expression.h"
#include "indicator.h"
#include "json_build.h"

/* How tightly a form binds, loosest first. */
enum binding {
	BIND_OR = 1,
	BIND_AND,
	BIND_NOT,
	BIND_COMPARE, /* does not chain */
	BIND_SUM,
	BIND_PRODUCT,
	BIND_MINUS,  /* in front of its operand */
	BIND_PRIMARY /* words, calls, x[3], parentheses */
};

struct binary_row {
	const char *symbol; /* between its operands in the text */
	const char *name;   /* the member of the tree */
	enum binding binding;
};

/* Arguments in parentheses. */
struct function_row {
	const char *name;  /* in the text and in the tree */
	const char *usage; /* for faults */
	size_t arity;	   /* 0: one or more */
	bool bars;	   /* the last argument is a number of bars */
};

enum {
	EXPRESSION_FUNCTION_LIMIT = 16 /* rows of the table, its end too */
};

/* Both end with a row of NULL. */
extern const struct binary_row expression_binaries[];
extern const struct function_row
	expression_functions[EXPRESSION_FUNCTION_LIMIT];
const struct binary_row *expression_binary(const char *name);
const struct function_row *expression_function(const char *name);
/* Whether it reads the column of "source"; whether it reads candles. */
bool expression_reads(const struct indicator *indicator, bool source);
/* A number or {"param": name}: what may stand for an indicator's argument or
   a number of bars. */
bool expression_is_plain(const struct json *value);
/* Plain, and a number is whole and not below 0. */
bool expression_is_bars(const struct json *value);
extern const char expression_bars_wanted[]; /* the fault when it is not */
/* A number must be one that the parameter may have; {"param"} may be any. */
bool expression_in_range(
	const struct indicator_param *param, const struct json *value);
/* The tree as the reader would have made it: members in order, text within it
   parsed. ERR_BAD_INPUT with one fault at a pointer from the tree's root. */
MUST_CHECK enum err expression_normal(struct arena *arena,
	const struct json *tree, struct report *report,
	const struct json **out);

enum token_kind {
	TOKEN_END,
	TOKEN_NUMBER,
	TOKEN_NAME,
	TOKEN_PARAM,  /* $name */
	TOKEN_QUOTED, /* with its quotes */
	TOKEN_SYMBOL,
	TOKEN_BAD /* its fault was reported */
};

struct token {
	enum token_kind kind;
	size_t at, len; /* bytes */
};

struct parser {
	struct arena *arena;
	struct report *report;
	const char *pointer;
	const char *text;
	size_t len;
	size_t next; /* byte behind the token */
	struct token token;
	size_t expressions;
	int nest;
	bool failed; /* one fault was reported: no more */
};

/* A subtree; json NULL: it had a fault. */
struct term {
	struct json *json;
	int height; /* levels */
};

static const struct term no_term = {.json = NULL, .height = 0};

/* Words: letters, digits, underscores; a name does not begin with a digit. */
bool expression_is_letter(char c);
bool expression_is_wordly(char c);

/* The next token. */
void expression_advance(struct parser *parser);
/* The same where only "text" in quotes or a bare word may stand. */
void expression_advance_to_value(struct parser *parser);
/* What is the next byte behind the token that is no space. */
bool expression_followed_by(const struct parser *parser, char c);
/* A name with a single "=" behind it. */
bool expression_names_argument(const struct parser *parser);
/* A symbol or a word. */
bool expression_at(const struct parser *parser, const char *symbol);
/* Steps over it when it is there. */
bool expression_accept(struct parser *parser, const char *symbol);
/* A copy of the token's text, without quotes. */
const char *expression_spelled(const struct parser *parser);

/* Reports at a byte of the text, unless something was reported already. */
void expression_fault(struct parser *parser, size_t at, const char *message);
/* "expected %s, not %s" at the token. */
void expression_expected(struct parser *parser, const char *what);
/* "unknown KIND" of the token, with the nearest or all that there are. */
void expression_unknown(
	struct parser *parser, const char *kind, const char *const *names);

/* A leaf or a parent, counted and held to the limits. */
struct term expression_leaf(struct parser *parser, struct json *json);
struct term expression_parent(
	struct parser *parser, struct json *json, int height);
/* An expression within another: in parentheses, behind a sign. */
struct term expression_nested(struct parser *parser, enum binding binding);
/* name "(" ... : the token is the name. */
struct term expression_call(struct parser *parser);

#endif
