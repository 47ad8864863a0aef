/*
 * Statements over a whole copy of the database, for backup and restore. Must
 * never run on the database that is in use.
 */
#include "copy.h"

#include "text.h"
#include "vector_private.h"

/* A copy may be of before migration 8, when candles had a row each. */
static const char blocks_sql[] =
	"SELECT count(*) FROM schema_migrations WHERE version = 8";
#define ROWS_SQL(candles)                                                \
	"SELECT 'users', count(*) FROM users"                            \
	" UNION ALL SELECT 'sessions', count(*) FROM sessions"           \
	" UNION ALL SELECT 'api_keys', count(*) FROM api_keys"           \
	" UNION ALL SELECT 'user_settings', count(*) FROM user_settings" \
	" UNION ALL SELECT 'user_secrets', count(*) FROM user_secrets"   \
	" UNION ALL SELECT 'strategies', count(*) FROM strategies"       \
	" UNION ALL SELECT 'strategy_versions', count(*)"                \
	" FROM strategy_versions"                                        \
	" UNION ALL SELECT 'backtests', count(*) FROM backtests"         \
	" UNION ALL SELECT 'symbols', count(*) FROM symbols"             \
	" UNION ALL SELECT 'candles', " candles                          \
	" UNION ALL SELECT 'audit_log', count(*) FROM audit_log"
static const char rows_sql[] =
	ROWS_SQL("coalesce(sum(candles), 0) FROM candle_blocks");
static const char old_rows_sql[] = ROWS_SQL("count(*) FROM candles");
static const char vault_keys_sql[] =
	"SELECT DISTINCT key_id FROM user_secrets ORDER BY key_id";
static const char integrity_sql[] = "PRAGMA integrity_check(1)";
static const char references_sql[] = "PRAGMA foreign_key_check";

static const char sessions_sql[] =
	"UPDATE sessions SET ended_at = :now, end_reason = 'restored',"
	" successor = NULL WHERE ended_at IS NULL";
static const char api_keys_sql[] = "DELETE FROM api_keys";
static const char hooks_sql[] = "UPDATE hooks SET enabled = 0";
/* They went out long ago, or are of things that are undone. */
static const char messages_sql[] =
	"UPDATE notifications SET state = 'failed', ended_at = :now,"
	" error = 'A backup was restored.' WHERE state = 'queued'";
static const char setup_sql[] = "DELETE FROM setup_tokens";
static const char leases_sql[] =
	"UPDATE jobs SET lease_owner = NULL, lease_until = NULL, run_now = 0";
static const char slices_sql[] =
	"UPDATE run_chunks SET lease_until = 0 WHERE lease_owner IS NOT NULL";

static enum err rows_query(struct admin_scope *admin, struct rows **out)
{
	struct rows *rows;
	bool has_blocks;
	enum err err = admin_one(admin, blocks_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	has_blocks = rows_int(rows, 0) > 0;
	rows_end(rows);
	return admin_query(
		admin, has_blocks ? rows_sql : old_rows_sql, NO_BINDS, out);
}

enum err copy_rows(struct admin_scope *admin, struct list *out)
{
	struct vector tables;
	struct rows *rows;
	bool more;
	enum err err = rows_query(admin, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&tables, admin_arena(admin), sizeof(struct table_rows));
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		struct table_rows *table = vector_add(&tables);

		table->table = rows_text(rows, 0);
		table->rows = rows_int(rows, 1);
	}
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){tables.items, tables.count};
	return err;
}

enum err copy_vault_keys(struct admin_scope *admin, struct text_list *out)
{
	struct vector ids;
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, vault_keys_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	vector_init(&ids, admin_arena(admin), sizeof(const char *));
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		const char **id = vector_add(&ids);

		*id = rows_text(rows, 0);
	}
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct text_list){ids.items, ids.count};
	return err;
}

enum err copy_check(struct admin_scope *admin, const char **out)
{
	const char *found;
	struct rows *rows;
	bool broken = false;
	enum err err = admin_one(admin, integrity_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	found = rows_text(rows, 0);
	rows_end(rows);
	err = admin_query(admin, references_sql, NO_BINDS, &rows);
	if (err != ERR_OK)
		return err;
	err = rows_next(rows, &broken);
	rows_end(rows);
	if (err != ERR_OK)
		return err;
	*out = broken && text_equal(found, "ok") ? "a reference leads nowhere"
						 : found;
	return ERR_OK;
}

static enum err settle_locked(struct admin_scope *admin, bool keep_api_keys,
	struct copy_settled *settled)
{
	enum err err = admin_run(admin, sessions_sql,
		BINDS(bind_int(":now", admin_now(admin))), &settled->sessions);

	if (err == ERR_OK && !keep_api_keys)
		err = admin_run(
			admin, api_keys_sql, NO_BINDS, &settled->api_keys);
	if (err == ERR_OK && !keep_api_keys)
		err = admin_run(admin, hooks_sql, NO_BINDS, NULL);
	if (err == ERR_OK)
		err = admin_run(admin, messages_sql,
			BINDS(bind_int(":now", admin_now(admin))), NULL);
	if (err == ERR_OK)
		err = admin_run(admin, setup_sql, NO_BINDS, NULL);
	if (err == ERR_OK)
		err = admin_run(admin, leases_sql, NO_BINDS, NULL);
	if (err == ERR_OK)
		err = admin_run(admin, slices_sql, NO_BINDS, NULL);
	return err;
}

enum err copy_settle(
	struct admin_scope *admin, bool keep_api_keys, struct copy_settled *out)
{
	struct copy_settled settled = {0};
	enum err err = admin_begin(admin);

	if (err != ERR_OK)
		return err;
	err = settle_locked(admin, keep_api_keys, &settled);
	err = admin_end(admin, err);
	if (err != ERR_OK)
		return err;
	*out = settled;
	return ERR_OK;
}
