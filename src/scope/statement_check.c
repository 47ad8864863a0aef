/*
 * May a user's scope run this statement? One statement, of SELECT, INSERT,
 * UPDATE and DELETE; only owned tables, and shared ones for reading; bound
 * to the owner:
 *   what reads, updates or deletes owned rows says  user_id = :owner
 *   what inserts them lists user_id first, and :owner as its value
 *   what updates on conflict names user_id in the conflict target
 *   nothing sets user_id
 * What this reader does not understand is refused, so it must never become
 * more lenient than the databases are.
 */
#include <stddef.h>
#include <string.h>

#include "scope_private.h"
#include "sql_token.h"

enum {
	DEPTH_LIMIT = 32,
	NAMES_LIMIT = 8
};

/* Every table with a user_id column, except token_blacklist (auth's). */
static const char *const owned_tables[] = {"api_keys", "backtests", "sessions",
	"strategies", "strategy_versions", "user_secrets", "user_settings"};
/* Without owner; for reading only. */
static const char *const shared_tables[] = {"candles", "symbols"};

enum access {
	ACCESS_READ,
	ACCESS_INSERT,
	ACCESS_CHANGE
};

struct check {
	const char *at;
	struct token token;
	struct {
		enum token_kind kind;
		enum word word;
		char symbol;
	} before[2]; /* the last token but one, and but two */
	const char *fault;
	size_t depth;
	bool in_from[DEPTH_LIMIT]; /* a FROM clause stands at this depth */
	size_t name_count;
	size_t set_depth;    /* 1 + depth of SET; 0: none */
	size_t insert_depth; /* 1 + depth of INSERT INTO an owned table */
	bool in_values;	     /* of that INSERT */
	bool target_owned;   /* conflict target names user_id */
	bool has_owner, has_condition;
	bool needs_owner, needs_condition;
	/* of common table expressions; the last member, left unset */
	char names[NAMES_LIMIT][WORD_ROOM];
};

static void refuse(struct check *c, const char *why)
{
	if (!c->fault)
		c->fault = why;
	c->token.kind = TOKEN_END;
}

static void advance(struct check *c)
{
	if (c->fault)
		return;
	c->before[1] = c->before[0];
	c->before[0].kind = c->token.kind;
	c->before[0].word = c->token.word;
	c->before[0].symbol = c->token.symbol;
	token_read(&c->at, &c->token);
	if (c->token.kind == TOKEN_BAD)
		refuse(c, "not plain SQL (quotes, casts, comments)");
}

static bool at_symbol(const struct check *c, char symbol)
{
	return c->token.kind == TOKEN_SYMBOL && c->token.symbol == symbol;
}

static bool at_word(const struct check *c, enum word word)
{
	return c->token.kind == TOKEN_WORD && c->token.word == word;
}

static bool was_word(const struct check *c, size_t back, enum word word)
{
	return c->before[back].kind == TOKEN_WORD &&
	       c->before[back].word == word;
}

static bool was_symbol(const struct check *c, char symbol)
{
	return c->before[0].kind == TOKEN_SYMBOL &&
	       c->before[0].symbol == symbol;
}

/* ---- tables ------------------------------------------------------------ */

static bool is_listed(const char *name, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

static bool is_owned(const char *name)
{
	return is_listed(name, owned_tables,
		sizeof(owned_tables) / sizeof(owned_tables[0]));
}

static bool is_shared(const char *name)
{
	return is_listed(name, shared_tables,
		sizeof(shared_tables) / sizeof(shared_tables[0]));
}

static bool is_expression_name(const struct check *c, const char *name)
{
	for (size_t i = 0; i < c->name_count; i++)
		if (strcmp(c->names[i], name) == 0)
			return true;
	return false;
}

static void open_parenthesis(struct check *c)
{
	if (c->depth + 1 >= DEPTH_LIMIT) {
		refuse(c, "nested too deeply");
		return;
	}
	c->in_from[++c->depth] = false;
}

/* INSERT INTO an owned table: "(user_id, ...". */
static void insert_columns(struct check *c)
{
	if (c->insert_depth)
		refuse(c, "more than one INSERT");
	c->insert_depth = c->depth + 1;
	if (!at_symbol(c, '(')) {
		refuse(c, "INSERT without its columns");
		return;
	}
	open_parenthesis(c);
	advance(c);
	if (!at_word(c, WORD_USER_ID))
		refuse(c, "user_id is not the first column of an INSERT");
	advance(c);
}

/* The token is what stands in a table's place; moves behind it. */
static void take_table(struct check *c, enum access access)
{
	char name[WORD_ROOM];

	if (access == ACCESS_READ && at_symbol(c, '(')) {
		open_parenthesis(c);
		advance(c);
		if (!at_word(c, WORD_SELECT))
			refuse(c, "parentheses around tables");
		return;
	}
	if (c->token.kind != TOKEN_WORD) {
		refuse(c, "a table is missing");
		return;
	}
	memcpy(name, c->token.text, c->token.len + 1);
	advance(c);
	if (at_symbol(c, '.')) {
		refuse(c, "a table with its schema");
	} else if (is_owned(name)) {
		c->needs_owner = true;
		if (access == ACCESS_INSERT) {
			insert_columns(c);
			return;
		}
		c->needs_condition = true;
	} else if (access != ACCESS_READ) {
		refuse(c, "a write to a table that is not owned");
	} else if (!is_shared(name) && !is_expression_name(c, name)) {
		refuse(c, "a table that is neither owned nor shared");
	}
	if (at_symbol(c, '('))
		refuse(c, "a function in a table's place");
}

/* ---- common table expressions ------------------------------------------ */

static void keep_name(struct check *c, const char *name)
{
	if (c->name_count == NAMES_LIMIT) {
		refuse(c, "too many common table expressions");
		return;
	}
	memcpy(c->names[c->name_count++], name, strlen(name) + 1);
}

static void check_tokens(struct check *c, size_t floor);

static void skip_columns(struct check *c)
{
	advance(c);
	while (c->token.kind == TOKEN_WORD || at_symbol(c, ','))
		advance(c);
	if (!at_symbol(c, ')'))
		refuse(c, "a broken list of columns");
	advance(c);
}

/*
 * "name (columns) AS (SELECT ...)". The name counts from behind its body
 * (from its start when RECURSIVE), so that it hides no table elsewhere.
 */
static void take_expression(struct check *c, bool recursive)
{
	char name[WORD_ROOM];

	if (c->token.kind != TOKEN_WORD || is_owned(c->token.text) ||
		is_shared(c->token.text)) {
		refuse(c, "a bad name of a common table expression");
		return;
	}
	memcpy(name, c->token.text, c->token.len + 1);
	if (recursive)
		keep_name(c, name);
	advance(c);
	if (at_symbol(c, '('))
		skip_columns(c);
	if (!at_word(c, WORD_AS))
		refuse(c, "AS is missing");
	advance(c);
	if (at_word(c, WORD_NOT))
		advance(c);
	if (at_word(c, WORD_MATERIALIZED))
		advance(c);
	if (!at_symbol(c, '('))
		refuse(c, "a common table expression without its body");
	open_parenthesis(c);
	advance(c);
	if (!at_word(c, WORD_SELECT))
		refuse(c, "a common table expression that is no SELECT");
	check_tokens(c, c->depth);
	if (!recursive)
		keep_name(c, name);
}

static void take_expressions(struct check *c)
{
	bool recursive = false;

	advance(c);
	if (at_word(c, WORD_RECURSIVE)) {
		recursive = true;
		advance(c);
	}
	for (;;) {
		take_expression(c, recursive);
		if (!at_symbol(c, ','))
			return;
		advance(c);
	}
}

/* ---- the rest of a statement ------------------------------------------- */

/* "ON CONFLICT (user_id, id) DO UPDATE": behind the target. */
static void take_conflict(struct check *c)
{
	c->in_values = false;
	c->target_owned = false;
	advance(c);
	if (!at_symbol(c, '('))
		return;
	advance(c);
	while (c->token.kind == TOKEN_WORD || at_symbol(c, ',')) {
		if (at_word(c, WORD_USER_ID))
			c->target_owned = true;
		advance(c);
	}
	if (!at_symbol(c, ')'))
		refuse(c, "a conflict target that is more than columns");
	advance(c);
}

static void take_update(struct check *c)
{
	const bool on_conflict = was_word(c, 0, WORD_DO);

	if (was_word(c, 0, WORD_FOR))
		refuse(c, "FOR UPDATE");
	advance(c);
	if (!on_conflict)
		take_table(c, ACCESS_CHANGE);
	else if (!c->target_owned)
		refuse(c, "DO UPDATE without user_id in its target");
}

static void take_from(struct check *c)
{
	const enum access access =
		was_word(c, 0, WORD_DELETE) ? ACCESS_CHANGE : ACCESS_READ;

	/* IS [NOT] DISTINCT FROM compares */
	if (was_word(c, 0, WORD_DISTINCT) &&
		(was_word(c, 1, WORD_IS) || was_word(c, 1, WORD_NOT))) {
		advance(c);
		return;
	}
	c->in_from[c->depth] = true;
	advance(c);
	take_table(c, access);
}

static void take_user_id(struct check *c)
{
	const bool assigned = c->set_depth == c->depth + 1 &&
			      (was_word(c, 0, WORD_SET) || was_symbol(c, ','));

	if (assigned)
		refuse(c, "user_id must not be set");
	advance(c);
	if (!at_symbol(c, '='))
		return;
	advance(c);
	if (c->token.kind == TOKEN_OWNER)
		c->has_condition = true;
}

/* The first of the values that are inserted must be the owner. */
static void want_owner(struct check *c)
{
	advance(c);
	if (c->token.kind != TOKEN_OWNER)
		refuse(c, "the first value of an INSERT is not :owner");
}

static void take_select(struct check *c)
{
	const bool inserted = c->insert_depth == c->depth + 1 && !c->in_values;

	c->in_from[c->depth] = false;
	if (inserted)
		want_owner(c);
	else
		advance(c);
}

static void take_or(struct check *c)
{
	if (was_word(c, 0, WORD_INSERT) || was_word(c, 0, WORD_UPDATE))
		refuse(c, "OR REPLACE and the like");
	advance(c);
}

static void want_parenthesis(struct check *c)
{
	advance(c);
	if (!at_symbol(c, '('))
		refuse(c, "a table behind IN or USING");
}

static void take_set(struct check *c)
{
	c->set_depth = c->depth + 1;
	advance(c);
	if (at_symbol(c, '('))
		refuse(c, "SET with a list of columns");
}

static void take_clause(struct check *c)
{
	c->in_from[c->depth] = false;
	if (c->set_depth == c->depth + 1)
		c->set_depth = 0;
	if (c->insert_depth == c->depth + 1)
		c->in_values = false;
	advance(c);
}

static void take_join(struct check *c)
{
	advance(c);
	take_table(c, ACCESS_READ);
}

static void take_into(struct check *c)
{
	advance(c);
	take_table(c, ACCESS_INSERT);
}

static void take_values(struct check *c)
{
	c->in_values = c->insert_depth == c->depth + 1;
	advance(c);
}

static void take_forbidden(struct check *c)
{
	refuse(c, "TABLE, or WITH inside a statement");
}

/* What to do at a word; words without an entry mean nothing by themselves. */
static void (*const takers[WORD_COUNT])(struct check *) = {
	[WORD_FROM] = take_from,
	[WORD_JOIN] = take_join,
	[WORD_INTO] = take_into,
	[WORD_UPDATE] = take_update,
	[WORD_CONFLICT] = take_conflict,
	[WORD_SET] = take_set,
	[WORD_USER_ID] = take_user_id,
	[WORD_SELECT] = take_select,
	[WORD_VALUES] = take_values,
	[WORD_OR] = take_or,
	[WORD_IN] = want_parenthesis,
	[WORD_USING] = want_parenthesis,
	[WORD_TABLE] = take_forbidden,
	[WORD_WITH] = take_forbidden,
	/* the FROM clause ends here; only reserved words may be listed */
	[WORD_EXCEPT] = take_clause,
	[WORD_GROUP] = take_clause,
	[WORD_HAVING] = take_clause,
	[WORD_INTERSECT] = take_clause,
	[WORD_LIMIT] = take_clause,
	[WORD_ORDER] = take_clause,
	[WORD_RETURNING] = take_clause,
	[WORD_UNION] = take_clause,
	[WORD_WHERE] = take_clause,
};

static void take_word(struct check *c)
{
	void (*const take)(struct check *) = takers[c->token.word];

	if (take)
		take(c);
	else
		advance(c);
}

static void take_close(struct check *c)
{
	if (c->depth == 0) {
		refuse(c, "unbalanced parentheses");
		return;
	}
	c->depth--;
	if (c->set_depth > c->depth + 1)
		c->set_depth = 0;
	advance(c);
}

static void take_symbol(struct check *c)
{
	switch (c->token.symbol) {
	case '(':
		if (c->in_values && c->insert_depth == c->depth + 1) {
			open_parenthesis(c);
			want_owner(c);
			return;
		}
		open_parenthesis(c);
		advance(c);
		return;
	case ')':
		take_close(c);
		return;
	case ',':
		if (c->in_from[c->depth])
			refuse(c, "tables with commas: say JOIN");
		advance(c);
		return;
	case ';':
		advance(c);
		if (c->token.kind != TOKEN_END)
			refuse(c, "more than one statement");
		return;
	default:
		advance(c);
		return;
	}
}

/* To the end, or behind the ')' that leaves the depth `floor`. */
static void check_tokens(struct check *c, size_t floor)
{
	while (c->token.kind != TOKEN_END && c->depth >= floor) {
		switch (c->token.kind) {
		case TOKEN_WORD:
			take_word(c);
			break;
		case TOKEN_SYMBOL:
			take_symbol(c);
			break;
		case TOKEN_OWNER:
			c->has_owner = true;
			advance(c);
			break;
		case TOKEN_PARAM:
		case TOKEN_VALUE:
			advance(c);
			break;
		case TOKEN_BAD:
		case TOKEN_END:
			return;
		}
	}
}

static bool at_statement(const struct check *c)
{
	return at_word(c, WORD_SELECT) || at_word(c, WORD_INSERT) ||
	       at_word(c, WORD_UPDATE) || at_word(c, WORD_DELETE);
}

void statement_check(const char *sql, struct verdict *out)
{
	/* not zeroed as a whole: this runs before each statement */
	struct check c;

	memset(&c, 0, offsetof(struct check, names));
	c.at = sql;
	advance(&c);
	if (at_word(&c, WORD_WITH))
		take_expressions(&c);
	if (!at_statement(&c))
		refuse(&c, "not SELECT, INSERT, UPDATE or DELETE");
	check_tokens(&c, 0);
	if (c.depth != 0)
		refuse(&c, "unbalanced parentheses");
	if (c.needs_owner && !c.has_owner)
		refuse(&c, "an owned table without :owner");
	if (c.needs_condition && !c.has_condition)
		refuse(&c, "an owned table without user_id = :owner");
	out->fault = c.fault;
	out->has_owner = c.has_owner;
}
