/*
 * The kinds of runs, and what all of them share: finding the row, keeping
 * what a slice gave, ending. Must never keep anything of a slice whose lease
 * was lost, and nothing twice.
 */
#include "run_private.h"

const struct run_kind run_kinds[RUN_KIND_COUNT] = {
	[RUN_BACKTEST] = {NULL, run_backtest_finish, run_backtest_ended},
	[RUN_SWEEP] = {run_sweep_points, run_sweep_finish, NULL},
	[RUN_WALK_FORWARD] = {run_walk_points, run_walk_finish, NULL},
};

static const char row_sql[] =
	"SELECT request, bars, points FROM runs"
	" WHERE user_id = :owner AND id = :id AND state = 'running'";
static const char keep_sql[] =
	"UPDATE run_chunks SET points = :points, result = :result,"
	" lease_owner = NULL, lease_until = NULL"
	" WHERE user_id = :owner AND run_id = :id AND first_point = :first";
static const char rest_sql[] =
	"INSERT INTO run_chunks (user_id, run_id, first_point, points,"
	" attempts, lease_until, charged_us)"
	" VALUES (:owner, :id, :first, :points, 0, 0, 0)";
static const char progress_sql[] =
	"UPDATE runs SET done_points = done_points + :points,"
	" spent_us = spent_us + :spent WHERE user_id = :owner AND id = :id";
static const char charge_sql[] =
	"UPDATE run_service SET service_us = max(service_us + :more, 0)"
	" WHERE user_id = :owner";

/* ---- computing ----------------------------------------------------------- */

static enum err row_read(
	struct scope *scope, const struct run_claim *claim, struct run_row *out)
{
	struct rows *rows;
	enum err err = scope_one(
		scope, row_sql, BINDS(bind_text(":id", claim->run_id)), &rows);

	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_CONFLICT : err;
	*out = (struct run_row){
		.id = claim->run_id,
		.request = rows_text(rows, 0),
		.bars = rows_int(rows, 1),
		.points = rows_int(rows, 2),
	};
	rows_end(rows);
	return ERR_OK;
}

enum err run_work(const struct run_slice *slice, struct run_output *out)
{
	const struct run_kind *kind = &run_kinds[slice->claim->kind];
	struct run_output output = {.points = slice->claim->points};
	struct run_row run;
	enum err err = row_read(slice->scope, slice->claim, &run);

	if (err != ERR_OK)
		return err;
	err = slice->claim->points > 0 ? kind->points(slice, &run, &output)
				       : kind->finish(slice, &run, &output);
	if (err == ERR_OK)
		*out = output;
	return err;
}

/* ---- keeping ------------------------------------------------------------- */

static enum err points_keep(struct scope *scope, const struct run_claim *claim,
	const struct run_output *output, int64_t spent_us)
{
	const int64_t rest = claim->points - output->points;
	enum err err = scope_run(scope, keep_sql,
		BINDS(bind_text(":id", claim->run_id),
			bind_int(":first", claim->first),
			bind_int(":points", output->points),
			bind_blob(":result", output->bytes, output->len)),
		NULL);

	if (err == ERR_OK && rest > 0)
		err = scope_run(scope, rest_sql,
			BINDS(bind_text(":id", claim->run_id),
				bind_int(":first",
					claim->first + output->points),
				bind_int(":points", rest)),
			NULL);
	return err == ERR_OK
		       ? scope_run(scope, progress_sql,
				 BINDS(bind_text(":id", claim->run_id),
					 bind_int(":points", output->points),
					 bind_int(":spent", spent_us)),
				 NULL)
		       : err;
}

static enum err end_keep(struct scope *scope, const struct run_claim *claim,
	const struct queue_end *end, const struct run_output *output)
{
	const struct run_kind *kind = &run_kinds[claim->kind];
	enum err err = queue_end(scope, claim->run_id, end);

	if (err == ERR_NOT_FOUND)
		return ERR_CONFLICT;
	if (err == ERR_OK && kind->ended)
		err = kind->ended(scope, claim->run_id, end, output);
	return err;
}

static enum err give_locked(struct scope *scope, const struct run_claim *claim,
	const struct run_output *output, int64_t spent_us)
{
	const struct queue_end done = {
		.state = "done", .result = output->result};
	enum err err = queue_holds(scope, claim);

	if (err != ERR_OK)
		return err;
	err = claim->points > 0 ? points_keep(scope, claim, output, spent_us)
				: end_keep(scope, claim, &done, output);
	return err == ERR_OK ? scope_run(scope, charge_sql,
				       BINDS(bind_int(":more",
					       spent_us - claim->charged_us)),
				       NULL)
			     : err;
}

enum err run_give(struct scope *scope, const struct run_claim *claim,
	const struct run_output *output, int64_t spent_us)
{
	enum err err = scope_begin(scope);

	return err == ERR_OK ? scope_end(scope, give_locked(scope, claim,
							output, spent_us))
			     : err;
}

static enum err fail_locked(
	struct scope *scope, const struct run_claim *claim, const char *why)
{
	const struct queue_end failed = {.state = "failed", .error = why};
	enum err err = queue_holds(scope, claim);

	return err == ERR_OK ? end_keep(scope, claim, &failed, NULL) : err;
}

enum err run_fail(
	struct scope *scope, const struct run_claim *claim, const char *why)
{
	enum err err = scope_begin(scope);

	return err == ERR_OK ? scope_end(scope, fail_locked(scope, claim, why))
			     : err;
}
