/*
 * Keys of creating calls. Must never let a second call with one key make
 * anything: a key is written with what it makes, or before it.
 */
#include "idempotency.h"

#include "text.h"

enum {
	CLEAN_ROWS = 5000
};

static const char find_sql[] =
	"SELECT route, body_hash, result, state, status, location"
	" FROM idempotency_keys"
	" WHERE user_id = :owner AND key = :key";
static const char keep_sql[] =
	"INSERT INTO idempotency_keys (user_id, key, route, body_hash,"
	" result, created_at) VALUES (:owner, :key, :route, :hash, :result,"
	" :now)";
static const char begin_sql[] =
	"INSERT INTO idempotency_keys (user_id, key, route, body_hash,"
	" result, created_at, state) VALUES (:owner, :key, :route, :hash, '',"
	" :now, 'begun')";
static const char settle_sql[] =
	"UPDATE idempotency_keys SET result = :result, state = :state,"
	" status = :status, location = :location"
	" WHERE user_id = :owner AND key = :key AND state = 'begun'";
static const char drop_sql[] =
	"DELETE FROM idempotency_keys WHERE user_id = :owner AND key = :key"
	" AND state = 'begun'";
static const char clean_sql[] =
	"DELETE FROM idempotency_keys WHERE (user_id, key) IN (SELECT user_id,"
	" key FROM idempotency_keys WHERE created_at < :before LIMIT :most)";

/* There is a key, and no answer to go with it. */
static enum err no_answer(
	struct scope *scope, const char *state, const char *location)
{
	if (text_equal(state, "begun"))
		report_detail(scope_report(scope),
			"The request with this Idempotency-Key still runs, or "
			"ended without an answer: look whether it was done.");
	else
		report_detail(scope_report(scope),
			"The request with this Idempotency-Key was done (%s); "
			"its answer is not given twice.",
			location ? location : "see the list");
	return ERR_CONFLICT;
}

enum err idempotency_find(struct scope *scope, struct idempotency *once)
{
	struct rows *rows;
	enum err err;

	if (!once)
		return ERR_OK;
	err = scope_one(
		scope, find_sql, BINDS(bind_text(":key", once->key)), &rows);
	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_OK : err;
	if (!text_equal(rows_text(rows, 0), once->route) ||
		!text_equal(rows_text(rows, 1), once->body_hash))
		err = ERR_KEY_REUSED;
	else if (!text_equal(rows_text(rows, 3), "kept"))
		err = no_answer(scope, rows_text(rows, 3), rows_text(rows, 5));
	if (err == ERR_OK) {
		once->stored = rows_text(rows, 2);
		once->status = rows_int(rows, 4);
		once->location = rows_text(rows, 5);
	}
	rows_end(rows);
	return err;
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

enum err idempotency_begin(struct scope *scope, struct idempotency *once)
{
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = idempotency_find(scope, once);
	if (err == ERR_OK && !once->stored)
		err = scope_run(scope, begin_sql,
			BINDS(bind_text(":key", once->key),
				bind_text(":route", once->route),
				bind_text(":hash", once->body_hash),
				bind_int(":now", scope_now(scope))),
			NULL);
	return scope_end(scope, err);
}

enum err idempotency_settle(
	struct scope *scope, const struct idempotency *once, const char *answer)
{
	return scope_run(scope, settle_sql,
		BINDS(bind_text(":key", once->key),
			bind_text(":result", answer ? answer : ""),
			bind_text(":state", answer ? "kept" : "done"),
			bind_int(":status", once->status),
			bind_text(":location", once->location)),
		NULL);
}

enum err idempotency_drop(struct scope *scope, const struct idempotency *once)
{
	return scope_run(
		scope, drop_sql, BINDS(bind_text(":key", once->key)), NULL);
}

enum err idempotency_clean(
	struct admin_scope *admin, int64_t before, int64_t *removed)
{
	return admin_run(admin, clean_sql,
		BINDS(bind_int(":before", before),
			bind_int(":most", CLEAN_ROWS)),
		removed);
}
