/*
 * The errands' table. Must never begin one twice, and never keep its secret
 * beyond its end.
 */
#include "errands.h"

#include "id.h"
#include "owned_private.h"
#include "text.h"
#include "vault.h"

enum {
	CLEAN_ROWS = 5000
};

const char *const errand_kinds[ERRAND_KIND_COUNT + 1] = {
	[ERRAND_TEST_BINANCE] = "test_binance",
	[ERRAND_TEST_TELEGRAM] = "test_telegram",
	[ERRAND_TEST_CHANNEL] = "test_channel",
	[ERRAND_BANK_LINK_TOKEN] = "bank_link_token",
	[ERRAND_BANK_EXCHANGE] = "bank_exchange",
	[ERRAND_BANK_REFRESH] = "bank_refresh",
	[ERRAND_BANK_UNLINK] = "bank_unlink",
};
const char *const errand_states[] = {
	"queued", "running", "done", "failed", NULL};

static const char was_cut[] =
	"it was cut short; whether it was carried out is not known";
static const char unheard[] =
	"the background process did not take it in time; is it running?";

static const char open_sql[] =
	"SELECT count(*) FROM errands WHERE user_id = :owner"
	" AND (state = 'running' OR (state = 'queued' AND created_at > :late))";
static const char put_sql[] =
	"INSERT INTO errands (user_id, id, kind, state, input, sealed,"
	" created_at) VALUES (:owner, :id, :kind, 'queued', :input, :sealed,"
	" :now)";
static const char get_sql[] =
	"SELECT id, kind, state, result, error, created_at, ended_at"
	" FROM errands WHERE user_id = :owner AND id = :id";
/* Of each user the one that is oldest; nobody's many keep another's
   waiting, for one is running of each at most. */
static const char pick_sql[] =
	"SELECT user_id, id, kind, input, sealed FROM errands e"
	" WHERE state = 'queued' AND created_at > :late AND NOT EXISTS"
	" (SELECT 1 FROM errands r WHERE r.user_id = e.user_id"
	" AND r.state = 'running') ORDER BY id LIMIT 1";
static const char begin_sql[] =
	"UPDATE errands SET state = 'running', lease_owner = :lease,"
	" lease_until = :until WHERE user_id = :user AND id = :id"
	" AND state = 'queued'";
static const char finish_sql[] =
	"UPDATE errands SET state = :state, result = :result, error = :error,"
	" sealed = NULL, lease_owner = NULL, lease_until = NULL,"
	" ended_at = :now WHERE user_id = :user AND id = :id"
	" AND state = 'running' AND lease_owner = :lease";
/* A clock that was put back must not keep one running for ever. */
static const char cut_sql[] =
	"UPDATE errands SET state = 'failed', sealed = NULL,"
	" lease_owner = NULL, lease_until = NULL, ended_at = :now,"
	" error = CASE state WHEN 'running' THEN :cut ELSE :unheard END"
	" WHERE (state = 'running' AND (lease_until <= :now"
	" OR lease_until > :now + :far))"
	" OR (state = 'queued' AND created_at <= :late)";
static const char clean_sql[] =
	"DELETE FROM errands WHERE (user_id, id) IN (SELECT user_id, id"
	" FROM errands WHERE ended_at < :before LIMIT :most)";

/* ---- for its owner ------------------------------------------------------- */

enum err errand_get(
	struct scope *scope, const char *id, struct errand_view *out)
{
	struct errand_view view;
	struct rows *rows;
	enum err err =
		scope_one(scope, get_sql, BINDS(bind_text(":id", id)), &rows);

	if (err != ERR_OK)
		return err;
	view = (struct errand_view){
		.id = rows_text(rows, 0),
		.kind = rows_text(rows, 1),
		.state = rows_text(rows, 2),
		.result = owned_json(rows, 3),
		.error = rows_text(rows, 4),
		.created_at = {rows_int(rows, 5)},
		.ended_at = rows_time(scope_arena(scope), rows, 6),
	};
	rows_end(rows);
	/* it has failed, also while nobody is there to write it down */
	if (text_equal(view.state, "queued") &&
		view.created_at.ms <= scope_now(scope) - ERRAND_WAIT_MS) {
		view.state = "failed";
		view.error = unheard;
	}
	*out = view;
	return ERR_OK;
}

/* Here one cannot make room, as owned_quota_check() would say: one waits. */
static enum err quota_check(struct scope *scope, int64_t limit)
{
	struct rows *rows;
	int64_t count;
	enum err err = scope_one(scope, open_sql,
		BINDS(bind_int(":late", scope_now(scope) - ERRAND_WAIT_MS)),
		&rows);

	if (err != ERR_OK)
		return err;
	count = rows_int(rows, 0);
	rows_end(rows);
	if (count < limit)
		return ERR_OK;
	report_detail(scope_report(scope),
		"%lld of these are on the way already; try again when one is "
		"done.",
		(long long)limit);
	return ERR_CONFLICT;
}

static enum err seal(struct scope *scope, struct vault *vault, const char *id,
	const char *secret, struct bytes *out)
{
	const struct vault_place place = {.user_id = scope_user(scope),
		.table = "errands",
		.column = "sealed",
		.row_id = id};

	*out = (struct bytes){.len = 0};
	if (!secret)
		return ERR_OK;
	return vault_seal(vault, scope_arena(scope), &place, secret, out);
}

static enum err put(struct scope *scope, const char *id,
	const struct errand_new *in, struct bytes sealed)
{
	const bool has = sealed.len > 0;

	return scope_run(scope, put_sql,
		BINDS(bind_text(":id", id),
			bind_text(":kind", errand_kinds[in->kind]),
			bind_text(":input", in->input),
			has ? bind_blob(":sealed", sealed.data, sealed.len)
			    : bind_null(":sealed"),
			bind_int(":now", scope_now(scope))),
		NULL);
}

enum err errand_put(struct scope *scope, const struct limits *limits,
	struct vault *vault, const struct errand_new *in,
	struct errand_view *out)
{
	const char *id = id_new(scope_arena(scope), scope_now(scope));
	struct bytes sealed;
	struct errand_view view;
	enum err err = seal(scope, vault, id, in->secret, &sealed);

	if (err == ERR_OK)
		err = scope_begin(scope);
	if (err != ERR_OK)
		return err;
	err = quota_check(scope, limits->errands_at_once);
	if (err == ERR_OK)
		err = put(scope, id, in, sealed);
	if (err == ERR_OK)
		err = errand_get(scope, id, &view);
	err = scope_end(scope, err);
	if (err != ERR_OK)
		return err;
	*out = view;
	return ERR_OK;
}

/* ---- for the background process ------------------------------------------ */

static enum err kind_of(const char *name, enum errand_kind *out)
{
	for (size_t i = 0; i < ERRAND_KIND_COUNT; i++)
		if (text_equal(errand_kinds[i], name)) {
			*out = (enum errand_kind)i;
			return ERR_OK;
		}
	return ERR_INTERNAL;
}

static enum err pick(struct admin_scope *admin, struct errand_claim *out)
{
	struct rows *rows;
	enum err err = admin_one(admin, pick_sql,
		BINDS(bind_int(":late", admin_now(admin) - ERRAND_WAIT_MS)),
		&rows);

	if (err != ERR_OK)
		return err;
	out->user_id = rows_text(rows, 0);
	out->id = rows_text(rows, 1);
	out->input = rows_text(rows, 3);
	out->sealed.data = rows_blob(rows, 4, &out->sealed.len);
	err = kind_of(rows_text(rows, 2), &out->kind);
	rows_end(rows);
	return err;
}

static enum err begin(struct admin_scope *admin,
	const struct errand_claim *claim, int64_t lease_ms)
{
	return admin_run(admin, begin_sql,
		BINDS(bind_text(":lease", claim->owner),
			bind_int(":until", admin_now(admin) + lease_ms),
			bind_text(":user", claim->user_id),
			bind_text(":id", claim->id)),
		NULL);
}

enum err errand_claim(struct admin_scope *admin, const char *owner,
	int64_t lease_ms, struct errand_claim *out)
{
	struct errand_claim claim = {
		.owner = arena_text(admin_arena(admin), owner)};
	/* mostly there is none: no need to lock for that */
	enum err err = pick(admin, &claim);

	if (err == ERR_OK)
		err = admin_begin(admin);
	if (err != ERR_OK)
		return err;
	err = pick(admin, &claim);
	if (err == ERR_OK)
		err = begin(admin, &claim, lease_ms);
	err = admin_end(admin, err);
	if (err != ERR_OK)
		return err;
	*out = claim;
	return ERR_OK;
}

enum err errand_finish(struct admin_scope *admin,
	const struct errand_claim *claim, const char *result, const char *error)
{
	int64_t changed = 0;
	enum err err = admin_run(admin, finish_sql,
		BINDS(bind_text(":state", result ? "done" : "failed"),
			bind_text(":result", result),
			bind_text(":error", result ? NULL : error),
			bind_int(":now", admin_now(admin)),
			bind_text(":user", claim->user_id),
			bind_text(":id", claim->id),
			bind_text(":lease", claim->owner)),
		&changed);

	return err == ERR_OK && changed != 1 ? ERR_CONFLICT : err;
}

enum err errands_clean(struct admin_scope *admin, int64_t *removed)
{
	const int64_t now = admin_now(admin);
	enum err err = admin_run(admin, cut_sql,
		BINDS(bind_int(":now", now), bind_text(":cut", was_cut),
			bind_text(":unheard", unheard),
			bind_int(":far", ERRAND_KEEP_MS),
			bind_int(":late", now - ERRAND_WAIT_MS)),
		NULL);

	if (err != ERR_OK)
		return err;
	return admin_run(admin, clean_sql,
		BINDS(bind_int(":before", now - ERRAND_KEEP_MS),
			bind_int(":most", CLEAN_ROWS)),
		removed);
}
