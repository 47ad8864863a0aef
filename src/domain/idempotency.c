/*
 * Keys of creating calls. Must never keep a key without what it made, nor
 * what was made without its key: both stand in the caller's transaction.
 */
#include "idempotency.h"

#include "text.h"

enum {
	CLEAN_ROWS = 5000
};

static const char find_sql[] =
	"SELECT route, body_hash, result FROM idempotency_keys"
	" WHERE user_id = :owner AND key = :key";
static const char keep_sql[] =
	"INSERT INTO idempotency_keys (user_id, key, route, body_hash,"
	" result, created_at) VALUES (:owner, :key, :route, :hash, :result,"
	" :now)";
static const char clean_sql[] =
	"DELETE FROM idempotency_keys WHERE (user_id, key) IN (SELECT user_id,"
	" key FROM idempotency_keys WHERE created_at < :before LIMIT :most)";

enum err idempotency_find(struct scope *scope, struct idempotency *once)
{
	struct rows *rows;
	bool same;
	enum err err;

	if (!once)
		return ERR_OK;
	err = scope_one(
		scope, find_sql, BINDS(bind_text(":key", once->key)), &rows);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	same = text_equal(rows_text(rows, 0), once->route) &&
	       text_equal(rows_text(rows, 1), once->body_hash);
	if (same)
		once->stored = rows_text(rows, 2);
	rows_end(rows);
	return same ? ERR_OK : ERR_KEY_REUSED;
}

enum err idempotency_keep(
	struct scope *scope, const struct idempotency *once, const void *view)
{
	const char *answer;

	if (!once)
		return ERR_OK;
	answer = once->print(scope_arena(scope), view);
	if (!answer)
		return ERR_INTERNAL;
	return scope_run(scope, keep_sql,
		BINDS(bind_text(":key", once->key),
			bind_text(":route", once->route),
			bind_text(":hash", once->body_hash),
			bind_text(":result", answer),
			bind_int(":now", scope_now(scope))),
		NULL);
}

enum err idempotency_clean(
	struct admin_scope *admin, int64_t before, int64_t *removed)
{
	return admin_run(admin, clean_sql,
		BINDS(bind_int(":before", before),
			bind_int(":most", CLEAN_ROWS)),
		removed);
}
