/*
 * What an exchange said of a user's keys, and when it is to be asked again.
 * Must never let a verdict on one pair of keys stand for another.
 */
#include "exchange.h"

#include "text.h"
#include "vector_private.h"

const char *const exchange_secrets[] = {
	"binance_api_key", "binance_secret", NULL};

static const char now_sql[] =
	"SELECT COUNT(*), coalesce(max(updated_at), 0) FROM user_secrets"
	" WHERE user_id = :owner"
	" AND name IN ('binance_api_key', 'binance_secret')";
static const char put_sql[] =
	"INSERT INTO exchange_keys (user_id, venue, secrets_at, state, reason,"
	" detail, known, can_trade, can_withdraw, bound, checked_at) VALUES"
	" (:owner, 'binance', :secrets, :state, :reason, :detail, :known,"
	" :trade, :withdraw, :bound, :now) ON CONFLICT (user_id, venue)"
	" DO UPDATE SET secrets_at = excluded.secrets_at,"
	" state = excluded.state, reason = excluded.reason,"
	" detail = excluded.detail, known = excluded.known,"
	" can_trade = excluded.can_trade,"
	" can_withdraw = excluded.can_withdraw, bound = excluded.bound,"
	" checked_at = excluded.checked_at";
static const char status_sql[] =
	"SELECT (SELECT COUNT(*) FROM user_secrets s WHERE s.user_id = u.id"
	" AND s.name IN ('binance_api_key', 'binance_secret')),"
	" (SELECT max(s.updated_at) FROM user_secrets s"
	" WHERE s.user_id = u.id"
	" AND s.name IN ('binance_api_key', 'binance_secret')),"
	" k.secrets_at, k.state, (SELECT COUNT(*) FROM trade_accounts a"
	" WHERE a.user_id = u.id AND a.venue = 'binance'"
	" AND a.closed_at IS NULL) FROM users u"
	" LEFT JOIN exchange_keys k ON k.user_id = u.id"
	" AND k.venue = 'binance' WHERE u.id = :user AND u.disabled = 0";
static const char plan_sql[] =
	"SELECT s.user_id, k.secrets_at = max(s.updated_at)"
	" AND k.checked_at > :checked FROM user_secrets s"
	" JOIN users u ON u.id = s.user_id AND u.disabled = 0"
	" LEFT JOIN exchange_keys k ON k.user_id = s.user_id"
	" AND k.venue = 'binance'"
	" WHERE s.name IN ('binance_api_key', 'binance_secret')"
	" GROUP BY s.user_id HAVING COUNT(*) = 2 AND (k.secrets_at IS NULL"
	" OR k.secrets_at <> max(s.updated_at) OR k.checked_at <= :checked"
	" OR (k.state = 'usable' AND k.compared_at <= :compared))"
	" ORDER BY coalesce(k.compared_at, 0)";

enum {
	KEYS = 2
};

static enum err are_those(struct scope *scope, int64_t secrets_at)
{
	struct rows *rows;
	bool same;
	enum err err = scope_one(scope, now_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	same = rows_int(rows, 0) == KEYS && rows_int(rows, 1) == secrets_at;
	rows_end(rows);
	return same ? ERR_OK : ERR_CONFLICT;
}

static enum err note_put(struct scope *scope, const struct exchange_verdict *in)
{
	return scope_run(scope, put_sql,
		BINDS(bind_int(":secrets", in->secrets_at),
			bind_text(":state", in->reason ? "refused" : "usable"),
			bind_text(":reason", in->reason),
			bind_text(":detail", in->detail),
			bind_int(":known", in->known),
			bind_int(":trade", in->can_trade),
			bind_int(":withdraw", in->can_withdraw),
			bind_int(":bound", in->bound),
			bind_int(":now", scope_now(scope))),
		NULL);
}

enum err exchange_keys_note(
	struct scope *scope, const struct exchange_verdict *in)
{
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = are_those(scope, in->secrets_at);
	if (err == ERR_OK)
		err = note_put(scope, in);
	return scope_end(scope, err);
}

enum err exchange_status(struct admin_scope *admin, const char *user_id,
	struct exchange_status *out)
{
	struct rows *rows;
	enum err err = admin_one(
		admin, status_sql, BINDS(bind_text(":user", user_id)), &rows);

	if (err != ERR_OK)
		return err;
	*out = (struct exchange_status){
		.set = rows_int(rows, 0) == KEYS,
		.secrets_at = rows_int(rows, 1),
		.checked = !rows_is_null(rows, 2) &&
			   rows_int(rows, 2) == rows_int(rows, 1),
		.usable = rows_text(rows, 3) &&
			  text_equal(rows_text(rows, 3), "usable"),
		.has_book = rows_int(rows, 4) > 0,
	};
	out->usable = out->usable && out->checked && out->set;
	rows_end(rows);
	return ERR_OK;
}

enum err exchange_plan(struct admin_scope *admin, int64_t checked_before,
	int64_t compared_before, struct list *out)
{
	struct vector dues;
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, plan_sql,
		BINDS(bind_int(":checked", checked_before),
			bind_int(":compared", compared_before)),
		&rows);

	if (err != ERR_OK)
		return err;
	vector_init(&dues, admin_arena(admin), sizeof(struct exchange_due));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(struct exchange_due *)vector_add(&dues) =
			(struct exchange_due){
				rows_text(rows, 0), rows_int(rows, 1)};
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){dues.items, dues.count};
	return err;
}
