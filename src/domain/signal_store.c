/*
 * The transaction of the runner: a run's last candle and what was said on
 * the way there, and what it traded. Must never write the one without the
 * other.
 */
#include "signal_store_private.h"

#include "id.h"
#include "live_run_private.h"
#include "signals.h"

static const char revision_sql[] =
	"SELECT revision FROM symbols WHERE symbol = :symbol";
static const char advance_sql[] =
	"UPDATE strategy_runs SET last_candle = :last, evaluated_at = :now"
	" WHERE user_id = :owner AND id = :run AND state = 'running'"
	" AND coalesce(last_candle, :never) = :before";
/* Only what fired is history. */
static const char forget_sql[] =
	"DELETE FROM signals WHERE user_id = :owner AND run_id = :run"
	" AND candle_time = :before AND kind = 'none'";
static const char add_sql[] =
	"INSERT INTO signals (user_id, id, run_id, strategy_id, symbol,"
	" candle_time, price, price_scale, kind, decisions, held, conditions,"
	" reason, created_at) VALUES (:owner, :id, :run, :strategy, :symbol,"
	" :time, :price, :scale, :kind, :decisions, :held, :conditions,"
	" :reason, :now)";

/* No candle opens then. */
#define NEVER INT64_MIN

static int64_t before_of(const struct signal_due *due)
{
	return due->has_last ? due->last_candle : NEVER;
}

static enum err revision_check(
	struct scope *scope, const struct signal_due *due)
{
	struct rows *rows;
	int64_t revision;
	enum err err = scope_one(scope, revision_sql,
		BINDS(bind_text(":symbol", due->symbol)), &rows);

	if (err == ERR_NOT_FOUND)
		return ERR_CONFLICT;
	if (err != ERR_OK)
		return err;
	revision = rows_int(rows, 0);
	rows_end(rows);
	return revision == due->revision ? ERR_OK : ERR_CONFLICT;
}

static enum err advance(struct scope *scope, const struct signal_due *due,
	const struct signal_batch *batch)
{
	int64_t changed = 0;
	enum err err = scope_run(scope, advance_sql,
		BINDS(bind_int(":last", batch->last),
			bind_int(":now", scope_now(scope)),
			bind_text(":run", due->run_id),
			bind_int(":never", NEVER),
			bind_int(":before", before_of(due))),
		&changed);

	if (err == ERR_OK && changed != 1)
		return ERR_CONFLICT;
	if (err != ERR_OK || !due->has_last)
		return err;
	return scope_run(scope, forget_sql,
		BINDS(bind_text(":run", due->run_id),
			bind_int(":before", before_of(due))),
		NULL);
}

/* The id carries the time of the candle's close: lists sort by it. */
static enum err add(struct scope *scope, const struct signal_due *due,
	const struct signal_made *made)
{
	const char *id = id_new(
		scope_arena(scope), made->candle_time + due->interval_ms);

	return scope_run(scope, add_sql,
		BINDS(bind_text(":id", id), bind_text(":run", due->run_id),
			bind_text(":strategy", due->strategy_id),
			bind_text(":symbol", due->symbol),
			bind_int(":time", made->candle_time),
			bind_int(":price", made->price.units),
			bind_int(":scale", made->price.scale),
			bind_text(":kind", signal_names[made->kind]),
			bind_int(":decisions", made->decisions),
			bind_int(":held", made->held),
			bind_int(":conditions", made->conditions),
			bind_text(":reason", made->reason.text),
			bind_int(":now", scope_now(scope))),
		NULL);
}

static enum err store(struct scope *scope, const struct signal_due *due,
	const struct signal_batch *batch)
{
	const struct run_ref run = {due->run_id, due->symbol, due->interval_ms};
	enum err err = revision_check(scope, due);

	if (err == ERR_OK)
		err = advance(scope, due, batch);
	for (size_t i = 0; err == ERR_OK && i < batch->count; i++)
		err = add(scope, due, &batch->items[i]);
	if (err == ERR_OK && batch->program && batch->live)
		return live_run_bars(scope, batch->limits, &run, batch->program,
			&batch->bars);
	if (err == ERR_OK && batch->program)
		err = book_run_bars(scope, batch->limits, &run, batch->program,
			&batch->bars);
	return err;
}

enum err signal_store(struct scope *scope, const struct signal_due *due,
	const struct signal_batch *batch)
{
	const struct run_ref run = {due->run_id, due->symbol, due->interval_ms};
	bool over = false;
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	if (batch->program)
		err = book_run_switch(scope, batch->limits, &run, &over);
	if (err == ERR_OK && !over)
		err = store(scope, due, batch);
	err = scope_end(scope, err);
	return err == ERR_OK && over ? ERR_CONFLICT : err;
}

enum err signal_store_failure(
	struct scope *scope, const struct signal_due *due, const char *error)
{
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = run_end(scope, due->run_id, strategy_run_states[2], error);
	return scope_end(scope, err);
}
