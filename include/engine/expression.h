/*
 * The text form of a strategy's expressions, to and from the JSON tree that
 * the compiler reads: "ema(close, 10) > ema(close, 30) and rsi(14) < 70".
 * docs/engine.md has the grammar. Knows the operators and the table of
 * indicators, not the parameters and indicators of one definition: whether a
 * word names something, and whether it is a number or a condition, is the
 * compiler's to say.
 */
#ifndef ENGINE_EXPRESSION_H
#define ENGINE_EXPRESSION_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"
#include "err.h"
#include "json.h"
#include "report.h"

enum {
	EXPRESSION_TEXT_LIMIT = 4096, /* bytes */
	EXPRESSION_DEPTH_LIMIT = 32,  /* levels, a lone word is one */
	EXPRESSION_LIMIT = 256	      /* operands and operators in one text */
};

struct expression_source {
	const char *text;
	size_t len;	     /* bytes */
	const char *pointer; /* where faults are reported */
};

/* "name" or "name.output": a string that the compiler looks up and that is
   not to be parsed. Never `and`, `or`, `not`. */
bool expression_is_word(const char *text, size_t len);
/* `and`, `or`, `not`: must not be the id of an indicator. */
bool expression_is_reserved(const char *word, size_t len);

/*
 * Text to tree; a lone word is JSON_TEXT, of which expression_is_word is
 * true. ERR_BAD_INPUT with exactly one fault, which says at which character
 * (from 1) what was expected.
 */
MUST_CHECK enum err expression_parse(struct arena *arena,
	const struct expression_source *source, struct report *report,
	const struct json **out);
/*
 * Tree to text, with the fewest parentheses; parsed again it is an equal
 * tree (members in any order). Strings within the tree that are no words are
 * parsed and become part of it. ERR_BAD_INPUT with one fault, its pointer
 * from the tree's root, when the tree is none that the text form can say.
 */
MUST_CHECK enum err expression_print(struct arena *arena,
	const struct json *tree, struct report *report, const char **out);

#endif
