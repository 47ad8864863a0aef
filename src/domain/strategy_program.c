/*
 * Compiles what a run runs. Must never take another version than the one that
 * the run was started with.
 */
#include "strategy_program_private.h"

#include "interval.h"
#include "json.h"

static const char run_sql[] =
	"SELECT v.definition, r.params, r.interval_ms FROM strategy_runs r"
	" JOIN strategy_versions v ON v.user_id = r.user_id"
	" AND v.strategy_id = r.strategy_id AND v.version = r.strategy_version"
	" WHERE r.user_id = :owner AND r.id = :run";

/* Behind the text the rows may go. */
static enum err parse(struct arena *arena, const char *column,
	struct report *report, const struct json **out)
{
	const char *text = column ? arena_text(arena, column) : NULL;

	*out = NULL;
	if (!text)
		return ERR_OK;
	return json_parse(arena, text, strlen(text), report, out);
}

static enum err compile(struct arena *arena, const struct rows *rows,
	struct report *report, struct program **out)
{
	struct program_source source = {.pointer = "/definition",
		.interval = interval_name(rows_int(rows, 2))};
	enum err err =
		parse(arena, rows_text(rows, 0), report, &source.definition);

	if (err == ERR_OK)
		err = parse(arena, rows_text(rows, 1), report, &source.params);
	return err == ERR_OK ? program_compile(arena, &source, report, out)
			     : err;
}

enum err strategy_program(struct scope *scope, struct arena *arena,
	const char *run_id, struct program **out)
{
	struct rows *rows;
	enum err err = scope_one(
		scope, run_sql, BINDS(bind_text(":run", run_id)), &rows);

	if (err != ERR_OK)
		return err;
	err = compile(arena, rows, scope_report(scope), out);
	rows_end(rows);
	return err;
}
