/*
 * "One user's rows." Domain functions take a scope and cannot name another
 * user: the owner is bound here, never by the caller, and a statement that
 * is not shown to stay within the owner's rows is refused before it runs.
 * Only auth can make a scope (include/mint is on auth's include path alone).
 *
 * struct scope        one user: owned tables through :owner, shared tables
 *                     (symbols, candle_blocks, exchange_rules, quotes, feeds,
 *                     system_settings) for reading only
 * struct admin_scope  the operator or an admin: any table, any user
 */
#ifndef SCOPE_SCOPE_H
#define SCOPE_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "err.h"
#include "metrics.h"
#include "report.h"
#include "sql.h"

struct scope;
struct admin_scope;

struct arena *scope_arena(const struct scope *scope);
struct report *scope_report(const struct scope *scope);
const char *scope_user(const struct scope *scope);
/* The request's one reading of the clock, ms. */
int64_t scope_now(const struct scope *scope);

/* As db_query and db_run; binding ":owner" oneself is ERR_INTERNAL. */
MUST_CHECK enum err scope_query(struct scope *scope, const char *sql,
	const struct bind *binds, struct rows **out);
MUST_CHECK enum err scope_run(struct scope *scope, const char *sql,
	const struct bind *binds, int64_t *changed);
/* ERR_NOT_FOUND unless the query has a row; the rows stand on it. */
MUST_CHECK enum err scope_one(struct scope *scope, const char *sql,
	const struct bind *binds, struct rows **out);
/* As scope_query, with the rows in another arena: to read much, a part at a
   time, and give the memory of each part back. */
MUST_CHECK enum err scope_query_in(struct scope *scope, struct arena *arena,
	const char *sql, const struct bind *binds, struct rows **out);
/* One snapshot for all that is read until scope_rollback. *begun is false,
   and nothing is to be ended, when a transaction runs already: it is one. */
MUST_CHECK enum err scope_begin_read(struct scope *scope, bool *begun);
MUST_CHECK enum err scope_begin(struct scope *scope);
/* metrics_add() of what the transaction does: when it is committed, and not
   when it is rolled back. */
void scope_count(
	struct scope *scope, enum metric metric, size_t a, int64_t delta);
MUST_CHECK enum err scope_commit(struct scope *scope);
void scope_rollback(struct scope *scope);
/* Commits what went well, rolls back what did not or does not commit; err as
   it was, or the commit's. */
MUST_CHECK enum err scope_end(struct scope *scope, enum err err);

struct arena *admin_arena(const struct admin_scope *admin);
struct report *admin_report(const struct admin_scope *admin);
/* Who acts: an admin's user id, or "operator" for the command line. */
const char *admin_actor(const struct admin_scope *admin);
int64_t admin_now(const struct admin_scope *admin);
MUST_CHECK enum err admin_query(struct admin_scope *admin, const char *sql,
	const struct bind *binds, struct rows **out);
/* As scope_query_in. */
MUST_CHECK enum err admin_query_in(struct admin_scope *admin,
	struct arena *arena, const char *sql, const struct bind *binds,
	struct rows **out);
MUST_CHECK enum err admin_one(struct admin_scope *admin, const char *sql,
	const struct bind *binds, struct rows **out);
MUST_CHECK enum err admin_run(struct admin_scope *admin, const char *sql,
	const struct bind *binds, int64_t *changed);
MUST_CHECK enum err admin_begin(struct admin_scope *admin);
MUST_CHECK enum err admin_commit(struct admin_scope *admin);
void admin_rollback(struct admin_scope *admin);
MUST_CHECK enum err admin_end(struct admin_scope *admin, enum err err);

/*
 * The rule itself, for tests: may a user's scope run this statement? One
 * statement of the grammar below, on owned tables (O), and on shared ones
 * (S) for reading. An x is an expression: OR in it only within parentheses,
 * a SELECT in parentheses is held to the same grammar, few functions.
 *   SELECT x [FROM O [o] {[LEFT] JOIN O p ON p.user_id = o.user_id [AND x]
 *     | [LEFT] JOIN S s ON x} WHERE o.user_id = :owner [AND x]] [GROUP ...]
 *   SELECT x [FROM S [s] {[LEFT] JOIN S t ON x} [WHERE x]] [GROUP ...]
 *   UPDATE O SET column = x, ... WHERE user_id = :owner [AND x]
 *   DELETE FROM O WHERE user_id = :owner [AND x]
 *   INSERT INTO O (user_id, ...) VALUES (:owner, x), ... [ON CONFLICT
 *     (user_id, ...) DO UPDATE SET ... | ON CONFLICT ... DO NOTHING]
 * with RETURNING; nothing sets user_id; (SELECT ...) stands where S does.
 * ERR_INTERNAL otherwise; scope_statement_fault says why (NULL: allowed).
 */
MUST_CHECK enum err scope_statement_check(const char *sql);
const char *scope_statement_fault(const char *sql);

#endif
