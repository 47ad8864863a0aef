/*
 * The tokens of a SQL statement. Must accept nothing whose meaning depends
 * on the database that reads it.
 */
#include <stdbool.h>
#include <string.h>

#include "sql_token.h"

struct keyword {
	unsigned char len;
	const char *text;
	enum word word;
};

/* clang-format off */
static const struct keyword keywords[] = {
	{2, "as", WORD_AS}, {2, "do", WORD_DO}, {2, "in", WORD_IN},
	{2, "is", WORD_IS}, {2, "on", WORD_ON}, {2, "or", WORD_OR},
	{3, "and", WORD_AND}, {3, "for", WORD_REFUSED},
	{3, "max", WORD_CALL}, {3, "min", WORD_CALL}, {3, "not", WORD_NOT},
	{3, "set", WORD_SET}, {3, "sum", WORD_CALL},
	{4, "case", WORD_REFUSED}, {4, "from", WORD_FROM},
	{4, "full", WORD_REFUSED}, {4, "into", WORD_INTO},
	{4, "join", WORD_JOIN}, {4, "left", WORD_LEFT},
	{4, "with", WORD_REFUSED},
	{5, "count", WORD_CALL}, {5, "cross", WORD_REFUSED},
	{5, "group", WORD_GROUP}, {5, "inner", WORD_REFUSED},
	{5, "limit", WORD_LIMIT}, {5, "lower", WORD_CALL},
	{5, "order", WORD_ORDER}, {5, "right", WORD_REFUSED},
	{5, "table", WORD_REFUSED}, {5, "union", WORD_REFUSED},
	{5, "using", WORD_REFUSED}, {5, "where", WORD_WHERE},
	{6, "delete", WORD_DELETE}, {6, "except", WORD_REFUSED},
	{6, "exists", WORD_CALL}, {6, "having", WORD_HAVING},
	{6, "insert", WORD_INSERT}, {6, "select", WORD_SELECT},
	{6, "update", WORD_UPDATE}, {6, "values", WORD_VALUES},
	{7, "natural", WORD_REFUSED}, {7, "nothing", WORD_NOTHING},
	{7, "user_id", WORD_USER_ID},
	{8, "coalesce", WORD_CALL}, {8, "conflict", WORD_CONFLICT},
	{8, "distinct", WORD_DISTINCT},
	{9, "intersect", WORD_REFUSED}, {9, "returning", WORD_RETURNING},
};
/* clang-format on */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* False for a comment that one database may end elsewhere than another. */
static bool skip_blanks(const char **at)
{
	const char *p = *at;

	for (;;) {
		if (is_space(*p)) {
			p++;
		} else if (p[0] == '-' && p[1] == '-') {
			p += strcspn(p, "\n");
		} else if (p[0] == '/' && p[1] == '*') {
			const char *end = strstr(p + 2, "*/");
			const char *nested = strstr(p + 2, "/*");
			if (!end || (nested && nested < end))
				return false;
			p = end + 2;
		} else {
			*at = p;
			return true;
		}
	}
}

static enum word word_find(const char *text, size_t len)
{
	const size_t count = sizeof(keywords) / sizeof(keywords[0]);

	for (size_t i = 0; i < count; i++)
		if (keywords[i].len == len && keywords[i].text[0] == text[0] &&
			memcmp(keywords[i].text, text, len) == 0)
			return keywords[i].word;
	return WORD_OTHER;
}

static const char *read_word(const char *p, struct token *out)
{
	size_t len = 0;

	for (; is_letter(*p) || is_digit(*p); p++) {
		if (len + 1 >= WORD_ROOM)
			return p;
		const bool upper = *p >= 'A' && *p <= 'Z';
		out->text[len++] = (char)(upper ? *p - 'A' + 'a' : *p);
	}
	out->text[len] = '\0';
	out->len = len;
	/* x'00', e'\'' and the like */
	if (*p == '\'')
		return p;
	out->kind = TOKEN_WORD;
	out->word = word_find(out->text, len);
	return p;
}

/* SQLite takes ":a::b" and ":a(b)" for one parameter; both are bad. */
static const char *read_param(const char *p, struct token *out)
{
	const char *start = ++p;

	if (!is_letter(*p))
		return p;
	while (is_letter(*p) || is_digit(*p))
		p++;
	if (*p == ':' || *p == '(')
		return p;
	const bool owner = p - start == 5 && memcmp(start, "owner", 5) == 0;
	out->kind = owner ? TOKEN_OWNER : TOKEN_PARAM;
	return p;
}

static const char *read_text(const char *p, struct token *out)
{
	p++;
	for (;;) {
		p += strcspn(p, "'\\");
		if (*p != '\'')
			return p;
		if (p[1] != '\'')
			break;
		p += 2;
	}
	out->kind = TOKEN_VALUE;
	return p + 1;
}

static const char *read_number(const char *p, struct token *out)
{
	while (is_digit(*p) || *p == '.')
		p++;
	if (!is_letter(*p) && *p != '\'')
		out->kind = TOKEN_VALUE;
	return p;
}

void token_read(const char **at, struct token *out)
{
	const char *p = *at;

	out->kind = TOKEN_BAD;
	out->word = WORD_OTHER;
	out->symbol = '\0';
	out->len = 0;
	if (!skip_blanks(&p))
		return;
	if (*p == '\0') {
		out->kind = TOKEN_END;
	} else if (is_letter(*p)) {
		p = read_word(p, out);
	} else if (*p == ':') {
		p = read_param(p, out);
	} else if (*p == '\'') {
		p = read_text(p, out);
	} else if (is_digit(*p)) {
		p = read_number(p, out);
	} else if (strchr("(),.;=<>!+-*/%|&~", *p)) {
		out->kind = TOKEN_SYMBOL;
		out->symbol = *p++;
	}
	*at = p;
}
