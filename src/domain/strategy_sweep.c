/*
 * The rows of a removed strategy: kept only while a backtest, search or run
 * refers to them. Must never touch a strategy that is not removed.
 */
#include "strategy_sweep_private.h"

static const char versions_sql[] =
	"DELETE FROM strategy_versions"
	" WHERE user_id = :owner AND strategy_id = :id"
	" AND EXISTS (SELECT 1 FROM strategies"
	" WHERE user_id = :owner AND id = :id AND removed_at IS NOT NULL)"
	" AND version NOT IN (SELECT strategy_version FROM backtests"
	" WHERE user_id = :owner AND strategy_id = :id"
	" AND strategy_version IS NOT NULL)"
	" AND version NOT IN (SELECT strategy_version FROM strategy_runs"
	" WHERE user_id = :owner AND strategy_id = :id)"
	" AND version NOT IN (SELECT strategy_version FROM runs"
	" WHERE user_id = :owner AND strategy_id = :id"
	" AND strategy_version IS NOT NULL)";
static const char strategy_sql[] =
	"DELETE FROM strategies"
	" WHERE user_id = :owner AND id = :id AND removed_at IS NOT NULL"
	" AND NOT EXISTS (SELECT 1 FROM backtests"
	" WHERE user_id = :owner AND strategy_id = :id)"
	" AND NOT EXISTS (SELECT 1 FROM strategy_runs"
	" WHERE user_id = :owner AND strategy_id = :id)"
	" AND NOT EXISTS (SELECT 1 FROM runs"
	" WHERE user_id = :owner AND strategy_id = :id)";
static const char stands_sql[] =
	"SELECT 1 FROM strategies"
	" WHERE user_id = :owner AND id = :id AND removed_at IS NULL";

enum err strategy_sweep(struct scope *scope, const char *id)
{
	enum err err = scope_run(
		scope, versions_sql, BINDS(bind_text(":id", id)), NULL);

	if (err != ERR_OK)
		return err;
	return scope_run(
		scope, strategy_sql, BINDS(bind_text(":id", id)), NULL);
}

enum err strategy_stands(struct scope *scope, const char *id)
{
	struct rows *rows;
	enum err err = scope_one(
		scope, stands_sql, BINDS(bind_text(":id", id)), &rows);

	if (err == ERR_OK)
		rows_end(rows);
	return err;
}
