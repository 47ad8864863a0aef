/*
 * May a user's scope run this statement? A closed grammar of the statements
 * that cannot leave the owner's rows; scope.h shows it. A SELECT is a level,
 * in parentheses too, and each level is held to the same rule:
 *   the owner's condition stands first behind WHERE and ends there, OR
 *   stands in parentheses only, so nothing at the level can widen it
 *   a further owned table is joined on the first table's user_id
 * What the grammar does not name is refused: it must never be made to guess,
 * and never accept what one of the databases reads differently.
 */
#include <string.h>

#include "scope_private.h"
#include "sql_token.h"

enum {
	DEPTH_LIMIT = 16
};

/* Every table with a user_id column, except token_blacklist (auth's). */
static const char *const owned_tables[] = {"api_keys", "backtests",
	"bank_accounts", "bank_links", "cash_entries", "channels",
	"equity_snapshots", "errands", "exchange_keys", "fills",
	"hook_deliveries", "hooks", "idempotency_keys", "notifications",
	"order_log", "orders", "outbox", "position_lots", "positions",
	"risk_days", "risk_settings", "run_chunks", "run_service", "run_sims",
	"runs", "sessions", "signals", "strategies", "strategy_runs",
	"strategy_versions", "summaries", "trade_accounts", "user_secrets",
	"user_settings"};
/* Without owner; for reading only. */
static const char *const shared_tables[] = {"candle_blocks", "exchange_rules",
	"feeds", "quotes", "symbols", "system_settings"};

struct check {
	const char *at;
	struct token token;
	const char *fault;
	size_t depth; /* of parentheses */
	bool has_owner;
};

/* What an expression may hold at its own depth. */
enum place {
	PLACE_CLAUSE, /* neither comma nor OR */
	PLACE_LIST,   /* commas */
	PLACE_GROUP   /* within parentheses: commas and OR */
};

struct source {
	char name[WORD_ROOM]; /* its alias, else the table */
	bool owned;
};

static void take_select(struct check *c);

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
	if (c->token.kind == TOKEN_OWNER)
		c->has_owner = true;
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

static void want_symbol(struct check *c, char symbol, const char *why)
{
	if (!at_symbol(c, symbol))
		refuse(c, why);
	advance(c);
}

static void want_word(struct check *c, enum word word, const char *why)
{
	if (!at_word(c, word))
		refuse(c, why);
	advance(c);
}

static void want_owner(struct check *c, const char *why)
{
	if (c->token.kind != TOKEN_OWNER)
		refuse(c, why);
	advance(c);
}

static void want_name(struct check *c, const char *name, const char *why)
{
	if (c->token.kind != TOKEN_WORD || strcmp(c->token.text, name) != 0)
		refuse(c, why);
	advance(c);
}

/* Keeps the word, of any meaning; "" without one. */
static void take_name(struct check *c, char out[WORD_ROOM])
{
	out[0] = '\0';
	if (c->token.kind != TOKEN_WORD) {
		refuse(c, "a name is missing");
		return;
	}
	memcpy(out, c->token.text, c->token.len + 1);
	advance(c);
}

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

/* ---- expressions ------------------------------------------------------- */

/* All other keywords end an expression; who reads the clause decides. */
static bool in_expression(enum word word, enum place place)
{
	static const bool words[WORD_COUNT] = {
		[WORD_OTHER] = true,
		[WORD_AND] = true,
		[WORD_AS] = true,
		[WORD_CALL] = true,
		[WORD_DISTINCT] = true,
		[WORD_IN] = true,
		[WORD_IS] = true,
		[WORD_NOT] = true,
		[WORD_USER_ID] = true,
	};

	return words[word] || (word == WORD_OR && place == PLACE_GROUP);
}

/* Functions are a closed list: some databases run SQL given as a text. */
static void take_expression_word(struct check *c)
{
	const enum word word = c->token.word;

	advance(c);
	const bool open = at_symbol(c, '(');
	if (open && (word == WORD_OTHER || word == WORD_USER_ID))
		refuse(c, "a function that is not listed");
	if (!open && word == WORD_IN)
		refuse(c, "IN without parentheses");
}

static void take_expression(struct check *c, enum place place);

/* "(SELECT ...)", a level of its own; no table: or "(expression, ...)". */
static void take_group(struct check *c, bool is_table)
{
	if (c->depth == DEPTH_LIMIT) {
		refuse(c, "nested too deeply");
		return;
	}
	c->depth++;
	advance(c);
	if (at_word(c, WORD_SELECT))
		take_select(c);
	else if (is_table)
		refuse(c, "parentheses around tables");
	else
		take_expression(c, PLACE_GROUP);
	want_symbol(c, ')', "parentheses that hold no expression");
	c->depth--;
}

/* Up to the first token that belongs to no expression. */
static void take_expression(struct check *c, enum place place)
{
	for (;;) {
		if (c->token.kind == TOKEN_END || at_symbol(c, ')') ||
			at_symbol(c, ';'))
			return;
		if (at_symbol(c, ',') && place == PLACE_CLAUSE)
			return;
		if (at_symbol(c, '(')) {
			take_group(c, false);
		} else if (c->token.kind != TOKEN_WORD) {
			advance(c);
		} else if (in_expression(c->token.word, place)) {
			take_expression_word(c);
		} else {
			return;
		}
	}
}

/* ---- the owner's condition --------------------------------------------- */

/* The condition is a conjunct: what follows can only narrow. */
static void want_conjunct_end(struct check *c, bool of_join)
{
	static const bool ends[2][WORD_COUNT] = {
		{[WORD_AND] = true,
			[WORD_GROUP] = true,
			[WORD_ORDER] = true,
			[WORD_LIMIT] = true,
			[WORD_RETURNING] = true},
		{[WORD_AND] = true,
			[WORD_JOIN] = true,
			[WORD_LEFT] = true,
			[WORD_WHERE] = true},
	};
	const bool over = c->token.kind == TOKEN_END || at_symbol(c, ')') ||
			  at_symbol(c, ';');
	const bool word =
		c->token.kind == TOKEN_WORD && ends[of_join][c->token.word];

	if (!word && (of_join || !over))
		refuse(c, "more behind the owner's condition than AND");
	take_expression(c, PLACE_CLAUSE);
}

/* "WHERE [name.]user_id = :owner [AND ...]"; bare of one table only. */
static void take_owner_where(struct check *c, const char *name, bool bare)
{
	static const char why[] =
		"an owned table without user_id = :owner behind WHERE";

	want_word(c, WORD_WHERE, why);
	if (!bare || !at_word(c, WORD_USER_ID)) {
		want_name(c, name, why);
		want_symbol(c, '.', why);
	}
	want_word(c, WORD_USER_ID, why);
	want_symbol(c, '=', why);
	want_owner(c, why);
	want_conjunct_end(c, false);
}

/* "name.user_id = first.user_id [AND ...]", behind ON. */
static void take_owner_join(
	struct check *c, const char *name, const char *first)
{
	static const char why[] =
		"an owned table not joined on the first table's user_id";

	want_name(c, name, why);
	want_symbol(c, '.', why);
	want_word(c, WORD_USER_ID, why);
	want_symbol(c, '=', why);
	want_name(c, first, why);
	want_symbol(c, '.', why);
	want_word(c, WORD_USER_ID, why);
	want_conjunct_end(c, true);
}

/* ---- SELECT ------------------------------------------------------------ */

/* "table [[AS] alias]" or "(SELECT ...) [AS] alias". */
static void take_source(struct check *c, struct source *out)
{
	out->name[0] = '\0';
	out->owned = false;
	if (at_symbol(c, '(')) {
		take_group(c, true);
	} else {
		take_name(c, out->name);
		out->owned = is_owned(out->name);
		if (!out->owned && !is_shared(out->name))
			refuse(c, "a table that is neither owned nor shared");
	}
	if (at_word(c, WORD_AS))
		advance(c);
	if (at_word(c, WORD_OTHER))
		take_name(c, out->name);
}

/* "FROM source [LEFT] JOIN source ON ..."; the first table rules. */
static void take_from(struct check *c)
{
	struct source first, next;
	bool alone = true;

	advance(c);
	take_source(c, &first);
	while (at_word(c, WORD_LEFT) || at_word(c, WORD_JOIN)) {
		alone = false;
		if (at_word(c, WORD_LEFT))
			advance(c);
		want_word(c, WORD_JOIN, "LEFT without JOIN");
		take_source(c, &next);
		if (strcmp(next.name, first.name) == 0)
			refuse(c, "two tables of one name");
		want_word(c, WORD_ON, "JOIN without ON");
		if (next.owned && !first.owned)
			refuse(c, "an owned table that is not the first");
		if (next.owned)
			take_owner_join(c, next.name, first.name);
		else
			take_expression(c, PLACE_CLAUSE);
	}
	if (first.owned) {
		take_owner_where(c, first.name, alone);
	} else if (at_word(c, WORD_WHERE)) {
		advance(c);
		take_expression(c, PLACE_CLAUSE);
	}
}

static void take_select(struct check *c)
{
	advance(c);
	take_expression(c, PLACE_LIST);
	if (at_word(c, WORD_FROM))
		take_from(c);
	while (at_word(c, WORD_GROUP) || at_word(c, WORD_HAVING) ||
		at_word(c, WORD_ORDER) || at_word(c, WORD_LIMIT)) {
		advance(c);
		take_expression(c, PLACE_LIST);
	}
}

/* ---- INSERT, UPDATE, DELETE -------------------------------------------- */

static void take_written_table(struct check *c, char name[WORD_ROOM])
{
	take_name(c, name);
	if (!is_owned(name))
		refuse(c, "a write to a table that is not owned");
}

/* "SET column = ..., column = ..." */
static void take_set(struct check *c)
{
	char column[WORD_ROOM];

	want_word(c, WORD_SET, "SET is missing");
	for (;;) {
		if (at_word(c, WORD_USER_ID))
			refuse(c, "user_id must not be set");
		take_name(c, column);
		want_symbol(c, '=', "SET of something else than a column");
		take_expression(c, PLACE_CLAUSE);
		if (!at_symbol(c, ','))
			return;
		advance(c);
	}
}

static void take_returning(struct check *c)
{
	if (!at_word(c, WORD_RETURNING))
		return;
	advance(c);
	take_expression(c, PLACE_LIST);
}

/* The names up to ')'; how often user_id is among them. */
static size_t take_columns(struct check *c)
{
	char column[WORD_ROOM];
	size_t owners = 0;

	for (;;) {
		owners += at_word(c, WORD_USER_ID);
		take_name(c, column);
		if (!at_symbol(c, ','))
			break;
		advance(c);
	}
	want_symbol(c, ')', "a list of more than columns");
	return owners;
}

/* "(:owner, ...), (:owner, ...)" */
static void take_values(struct check *c)
{
	static const char why[] = "the first value of an INSERT is not :owner";

	for (;;) {
		want_symbol(c, '(', "VALUES without parentheses");
		want_owner(c, why);
		if (!at_symbol(c, ',') && !at_symbol(c, ')'))
			refuse(c, why);
		take_expression(c, PLACE_GROUP);
		want_symbol(c, ')', "VALUES of more than expressions");
		if (!at_symbol(c, ','))
			return;
		advance(c);
	}
}

/* "ON CONFLICT [(column, ...)] DO NOTHING", or "DO UPDATE SET ..." */
static void take_conflict(struct check *c)
{
	size_t owners = 0;

	advance(c);
	want_word(c, WORD_CONFLICT, "ON without CONFLICT");
	if (at_symbol(c, '(')) {
		advance(c);
		owners = take_columns(c);
	}
	want_word(c, WORD_DO, "a conflict target of more than columns");
	if (at_word(c, WORD_NOTHING)) {
		advance(c);
		return;
	}
	want_word(c, WORD_UPDATE, "DO without NOTHING or UPDATE");
	if (owners == 0)
		refuse(c, "DO UPDATE without user_id in its target");
	take_set(c);
}

static void take_insert(struct check *c)
{
	char table[WORD_ROOM];

	advance(c);
	want_word(c, WORD_INTO, "INSERT without INTO");
	take_written_table(c, table);
	want_symbol(c, '(', "INSERT without its columns");
	if (!at_word(c, WORD_USER_ID))
		refuse(c, "user_id is not the first column of an INSERT");
	if (take_columns(c) != 1)
		refuse(c, "user_id twice in an INSERT");
	want_word(c, WORD_VALUES, "INSERT without VALUES");
	take_values(c);
	if (at_word(c, WORD_ON))
		take_conflict(c);
	take_returning(c);
}

static void take_update(struct check *c)
{
	char table[WORD_ROOM];

	advance(c);
	take_written_table(c, table);
	take_set(c);
	take_owner_where(c, table, true);
	take_returning(c);
}

static void take_delete(struct check *c)
{
	char table[WORD_ROOM];

	advance(c);
	want_word(c, WORD_FROM, "DELETE without FROM");
	take_written_table(c, table);
	take_owner_where(c, table, true);
	take_returning(c);
}

void statement_check(const char *sql, struct verdict *out)
{
	/* without the token's text: this runs before each statement */
	struct check c;

	c.at = sql;
	c.fault = NULL;
	c.depth = 0;
	c.has_owner = false;
	c.token.kind = TOKEN_END;
	advance(&c);
	if (at_word(&c, WORD_SELECT))
		take_select(&c);
	else if (at_word(&c, WORD_INSERT))
		take_insert(&c);
	else if (at_word(&c, WORD_UPDATE))
		take_update(&c);
	else if (at_word(&c, WORD_DELETE))
		take_delete(&c);
	else
		refuse(&c, "not SELECT, INSERT, UPDATE or DELETE");
	if (at_symbol(&c, ';'))
		advance(&c);
	if (c.token.kind != TOKEN_END)
		refuse(&c, "more than the grammar of statements allows");
	out->fault = c.fault;
	out->has_owner = c.has_owner;
}
