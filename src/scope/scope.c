/*
 * One user's rows: binds the owner, passes statements on to db. The owner is
 * bound here, last, from the scope; a caller that binds it is refused, and so
 * is a statement that could reach another user's rows (statement_check.c).
 * Must never run an unchecked statement for a user.
 */
#include <assert.h>

#include "scope.h"
#include "scope_mint.h"
#include "scope_private.h"
#include "text.h"

/* What a transaction will have counted when it is committed. */
struct tally {
	enum metric metric;
	size_t a;
	int64_t delta;
	struct tally *next;
};

struct scope {
	struct arena *arena;
	struct db *db;
	struct report *report;
	const char *user_id;
	int64_t now;
	struct metrics *metrics; /* or NULL */
	struct tally *tally;
};

struct admin_scope {
	struct arena *arena;
	struct db *db;
	struct report *report;
	const char *actor;
	int64_t now;
};

static const char owner_name[] = ":owner";

/* ---- one user ---------------------------------------------------------- */

struct scope *scope_mint(struct arena *arena, struct db *db,
	struct report *report, const char *user_id, int64_t now_ms)
{
	assert(user_id && user_id[0] != '\0');
	struct scope *scope = arena_alloc(arena, sizeof(*scope));
	scope->arena = arena;
	scope->db = db;
	scope->report = report;
	scope->user_id = arena_text(arena, user_id);
	scope->now = now_ms;
	return scope;
}

void scope_mint_metrics(struct scope *scope, struct metrics *metrics)
{
	scope->metrics = metrics;
}

struct arena *scope_arena(const struct scope *scope)
{
	return scope->arena;
}

struct report *scope_report(const struct scope *scope)
{
	return scope->report;
}

const char *scope_user(const struct scope *scope)
{
	return scope->user_id;
}

int64_t scope_now(const struct scope *scope)
{
	return scope->now;
}

const char *scope_statement_fault(const char *sql)
{
	struct verdict verdict;

	statement_check(sql, &verdict);
	return verdict.fault;
}

enum err scope_statement_check(const char *sql)
{
	return scope_statement_fault(sql) ? ERR_INTERNAL : ERR_OK;
}

/* The caller's values and, last, the owner; refuses what must not run. */
static enum err owner_bind(struct scope *scope, const char *sql,
	const struct bind *binds, const struct bind **out)
{
	struct verdict verdict;
	size_t count = 0;

	for (; binds[count].kind != BIND_END; count++)
		if (text_equal(binds[count].name, owner_name))
			return ERR_INTERNAL;
	statement_check(sql, &verdict);
	if (verdict.fault)
		return ERR_INTERNAL;
	if (!verdict.has_owner) {
		*out = binds;
		return ERR_OK;
	}
	struct bind *all = arena_array(scope->arena, count + 2, sizeof(*all));
	if (count > 0)
		memcpy(all, binds, count * sizeof(*all));
	all[count] = bind_text(owner_name, scope->user_id);
	all[count + 1] = (struct bind){.kind = BIND_END};
	*out = all;
	return ERR_OK;
}

enum err scope_query_in(struct scope *scope, struct arena *arena,
	const char *sql, const struct bind *binds, struct rows **out)
{
	const struct bind *all = NULL;
	enum err err = owner_bind(scope, sql, binds, &all);

	if (err != ERR_OK)
		return err;
	return db_query(scope->db, arena, sql, all, out);
}

enum err scope_query(struct scope *scope, const char *sql,
	const struct bind *binds, struct rows **out)
{
	return scope_query_in(scope, scope->arena, sql, binds, out);
}

enum err scope_run(struct scope *scope, const char *sql,
	const struct bind *binds, int64_t *changed)
{
	const struct bind *all = NULL;
	enum err err = owner_bind(scope, sql, binds, &all);

	if (err != ERR_OK)
		return err;
	return db_run(scope->db, sql, all, changed);
}

/* The rows on their first row, or ERR_NOT_FOUND. */
static enum err first_row(struct rows *rows, struct rows **out)
{
	bool more = false;
	enum err err = rows_next(rows, &more);

	if (err != ERR_OK)
		return err;
	if (!more)
		return ERR_NOT_FOUND;
	*out = rows;
	return ERR_OK;
}

enum err scope_one(struct scope *scope, const char *sql,
	const struct bind *binds, struct rows **out)
{
	struct rows *rows = NULL;
	enum err err = scope_query(scope, sql, binds, &rows);

	return err == ERR_OK ? first_row(rows, out) : err;
}

enum err scope_begin_read(struct scope *scope, bool *begun)
{
	const bool running = db_in_transaction(scope->db);
	enum err err = running ? ERR_OK : db_begin_read(scope->db);

	if (err == ERR_OK)
		*begun = !running;
	return err;
}

enum err scope_begin(struct scope *scope)
{
	return db_begin(scope->db);
}

void scope_count(
	struct scope *scope, enum metric metric, size_t a, int64_t delta)
{
	struct tally *tally;

	if (!scope->metrics)
		return;
	tally = arena_alloc(scope->arena, sizeof(*tally));
	*tally = (struct tally){metric, a, delta, scope->tally};
	scope->tally = tally;
}

enum err scope_commit(struct scope *scope)
{
	enum err err = db_commit(scope->db);

	if (err != ERR_OK)
		return err;
	for (const struct tally *at = scope->tally; at; at = at->next)
		metrics_add(scope->metrics, at->metric, at->a, 0, at->delta);
	scope->tally = NULL;
	return ERR_OK;
}

void scope_rollback(struct scope *scope)
{
	db_rollback(scope->db);
	scope->tally = NULL;
}

enum err scope_end(struct scope *scope, enum err err)
{
	if (err == ERR_OK)
		err = scope_commit(scope);
	if (err != ERR_OK)
		scope_rollback(scope);
	return err;
}

/* ---- the operator or an admin ------------------------------------------ */

struct admin_scope *admin_scope_mint(struct arena *arena, struct db *db,
	struct report *report, const char *actor, int64_t now_ms)
{
	assert(actor && actor[0] != '\0');
	struct admin_scope *admin = arena_alloc(arena, sizeof(*admin));
	admin->arena = arena;
	admin->db = db;
	admin->report = report;
	admin->actor = arena_text(arena, actor);
	admin->now = now_ms;
	return admin;
}

struct arena *admin_arena(const struct admin_scope *admin)
{
	return admin->arena;
}

struct report *admin_report(const struct admin_scope *admin)
{
	return admin->report;
}

const char *admin_actor(const struct admin_scope *admin)
{
	return admin->actor;
}

int64_t admin_now(const struct admin_scope *admin)
{
	return admin->now;
}

enum err admin_query_in(struct admin_scope *admin, struct arena *arena,
	const char *sql, const struct bind *binds, struct rows **out)
{
	return db_query(admin->db, arena, sql, binds, out);
}

enum err admin_query(struct admin_scope *admin, const char *sql,
	const struct bind *binds, struct rows **out)
{
	return admin_query_in(admin, admin->arena, sql, binds, out);
}

enum err admin_one(struct admin_scope *admin, const char *sql,
	const struct bind *binds, struct rows **out)
{
	struct rows *rows = NULL;
	enum err err = admin_query(admin, sql, binds, &rows);

	return err == ERR_OK ? first_row(rows, out) : err;
}

enum err admin_run(struct admin_scope *admin, const char *sql,
	const struct bind *binds, int64_t *changed)
{
	return db_run(admin->db, sql, binds, changed);
}

enum err admin_begin(struct admin_scope *admin)
{
	return db_begin(admin->db);
}

enum err admin_commit(struct admin_scope *admin)
{
	return db_commit(admin->db);
}

void admin_rollback(struct admin_scope *admin)
{
	db_rollback(admin->db);
}

enum err admin_end(struct admin_scope *admin, enum err err)
{
	if (err == ERR_OK)
		err = admin_commit(admin);
	if (err != ERR_OK)
		admin_rollback(admin);
	return err;
}
