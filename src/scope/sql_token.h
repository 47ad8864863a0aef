/*
 * Splits SQL into tokens, in the part of the language that SQLite and
 * PostgreSQL read alike. Whatever they might read differently (quoted
 * identifiers, backslashes, dollar quotes, nested comments, casts) is bad.
 */
#ifndef SQL_TOKEN_H
#define SQL_TOKEN_H

#include <stddef.h>

enum token_kind {
	TOKEN_END,
	TOKEN_BAD,
	TOKEN_WORD,   /* a keyword or an identifier */
	TOKEN_OWNER,  /* the parameter :owner */
	TOKEN_PARAM,  /* another parameter */
	TOKEN_VALUE,  /* a number or a text */
	TOKEN_SYMBOL, /* one character, in .symbol */
};

/* The words that matter to the check; all others are WORD_OTHER. */
enum word {
	WORD_OTHER,
	WORD_AND,
	WORD_AS,
	WORD_CALL, /* a function that may be called, and EXISTS */
	WORD_CONFLICT,
	WORD_DELETE,
	WORD_DISTINCT,
	WORD_DO,
	WORD_FROM,
	WORD_GROUP,
	WORD_HAVING,
	WORD_IN,
	WORD_INSERT,
	WORD_INTO,
	WORD_IS,
	WORD_JOIN,
	WORD_LEFT,
	WORD_LIMIT,
	WORD_NOT,
	WORD_NOTHING,
	WORD_ON,
	WORD_OR,
	WORD_ORDER,
	WORD_REFUSED, /* reserved, and in no statement: UNION, CASE, WITH */
	WORD_RETURNING,
	WORD_SELECT,
	WORD_SET,
	WORD_UPDATE,
	WORD_USER_ID,
	WORD_VALUES,
	WORD_WHERE,
	WORD_COUNT
};

enum {
	WORD_ROOM = 64
};

struct token {
	enum token_kind kind;
	enum word word;	      /* TOKEN_WORD */
	char symbol;	      /* TOKEN_SYMBOL */
	size_t len;	      /* of text */
	char text[WORD_ROOM]; /* TOKEN_WORD, in lower case */
};

/* Reads the token at *at and moves *at behind it. */
void token_read(const char **at, struct token *out);

#endif
