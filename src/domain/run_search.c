/*
 * The points of a search, one after the other, and the sweep that is made of
 * them. Must never give a point another score in one slice than in another.
 */
#include "run_search_private.h"

#include <assert.h>

#include "json_write.h"

enum {
	HEAD_BYTES = 1024
};

static const char chunks_sql[] =
	"SELECT first_point, points, result FROM run_chunks"
	" WHERE user_id = :owner AND run_id = :id AND points > 0"
	" ORDER BY first_point";

enum err search_run_open(const struct run_slice *slice,
	const struct run_row *run, struct search_run *out)
{
	struct search_run search = {.slice = slice};
	struct backtest_series series;
	enum err err = search_plan_again(
		slice->scope, slice->claim->kind, run->request, &search.plan);

	if (err == ERR_OK)
		err = run_candles(
			slice, &search.plan.in.run, run->bars, &series);
	if (err != ERR_OK)
		return err;
	search.candles = series.bars;
	search.detail = series.detail;
	if (slice->claim->kind == RUN_WALK_FORWARD)
		err = search_plan_windows(
			slice->scope, &search.candles, &search.plan);
	if (err == ERR_OK)
		*out = search;
	return err;
}

/* ---- one point ----------------------------------------------------------- */

enum err search_run_point(const struct search_run *search, int64_t point,
	const struct walk_range *range, const struct backtest_options *options,
	struct backtest_result *out)
{
	struct arena *arena = search->slice->scratch;
	/* of its own: a point that cannot be run is no fault of the run */
	struct report *report = report_open(arena);
	struct backtest_input input = {.candles = &search->candles,
		.options = options,
		.detail = search->detail.count > 0 ? &search->detail : NULL};
	struct program *program;
	enum err err =
		search_compile(&search->plan, point, arena, report, &program);

	if (err != ERR_OK)
		return err;
	input.program = program;
	return walk_run(arena, &input, range, report, out);
}

/* index: of the point, in the window that it belongs to. */
static struct search_score score(const struct search_run *search, int64_t index)
{
	const struct search_plan *plan = &search->plan;
	struct walk_range range = {0, search->candles.count};
	struct backtest_result result;

	if (plan->windows) {
		const struct walk_window *window =
			&plan->windows[index / plan->points];

		range = (struct walk_range){window->in_from, window->in_to};
	}
	arena_reset(search->slice->scratch);
	if (search_run_point(search, index % plan->points, &range,
		    &plan->order.options, &result) != ERR_OK)
		return search_score_failed();
	return search_score_of(plan->metric, &result.stats);
}

static enum err points_run(const struct run_slice *slice,
	const struct run_row *run, struct run_output *out)
{
	const struct run_claim *claim = slice->claim;
	struct search_score *scores;
	struct search_run search;
	int64_t done = 0;
	enum err err = search_run_open(slice, run, &search);

	if (err != ERR_OK)
		return err;
	scores = arena_array(scope_arena(slice->scope), (size_t)claim->points,
		sizeof(*scores));
	do
		scores[done] = score(&search, claim->first + done);
	while (++done < claim->points &&
		!(slice->enough && slice->enough(slice->context)));
	out->points = done;
	out->bytes = scores;
	out->len = (size_t)done * sizeof(*scores);
	return ERR_OK;
}

enum err run_sweep_points(const struct run_slice *slice,
	const struct run_row *run, struct run_output *out)
{
	return points_run(slice, run, out);
}

enum err run_walk_points(const struct run_slice *slice,
	const struct run_row *run, struct run_output *out)
{
	return points_run(slice, run, out);
}

/* ---- all of them --------------------------------------------------------- */

static bool chunk_take(const struct rows *rows, struct search_score *scores,
	int64_t *done, int64_t most)
{
	const int64_t points = rows_int(rows, 1);
	size_t len = 0;
	const void *bytes = rows_blob(rows, 2, &len);

	if (rows_int(rows, 0) != *done || points > most - *done ||
		len != (size_t)points * sizeof(*scores))
		return false;
	memcpy(scores + *done, bytes, len);
	*done += points;
	return true;
}

enum err search_run_scores(const struct search_run *search,
	const struct run_row *run, const struct search_score **out)
{
	struct scope *scope = search->slice->scope;
	struct search_score *scores = arena_array(
		scope_arena(scope), (size_t)run->points, sizeof(*scores));
	int64_t done = 0;
	struct rows *rows;
	bool more;
	enum err err = scope_query(
		scope, chunks_sql, BINDS(bind_text(":id", run->id)), &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		if (!chunk_take(rows, scores, &done, run->points)) {
			err = ERR_INTERNAL;
			break;
		}
	rows_end(rows);
	if (err == ERR_OK && done != run->points)
		err = ERR_INTERNAL;
	if (err == ERR_OK)
		*out = scores;
	return err;
}

/* ---- a sweep's end ------------------------------------------------------- */

static int64_t failed_count(const struct search_score *scores, int64_t points)
{
	int64_t failed = 0;

	for (int64_t i = 0; i < points; i++)
		failed += scores[i].failed != 0;
	return failed;
}

static void put_best(struct json_writer *writer, const struct search_plan *plan,
	const struct search_score *scores)
{
	const struct search_scores all = {
		scores, (size_t)plan->points, plan->metric, &plan->floor};
	size_t *best = arena_array(
		writer->out->arena, (size_t)plan->in.best + 1, sizeof(*best));
	size_t count = search_best(&all, best, (size_t)plan->in.best);

	json_array(writer);
	for (size_t i = 0; i < count; i++) {
		json_object(writer);
		json_key(writer, "params");
		search_put_params(writer, plan, (int64_t)best[i]);
		search_put_score(writer, &scores[best[i]]);
		json_object_end(writer);
	}
	json_array_end(writer);
}

enum err run_sweep_finish(const struct run_slice *slice,
	const struct run_row *run, struct run_output *out)
{
	const struct search_score *scores = NULL;
	struct json_writer writer;
	struct search_run search;
	struct buf buf;
	enum err err = search_run_open(slice, run, &search);

	if (err == ERR_OK)
		err = search_run_scores(&search, run, &scores);
	if (err != ERR_OK)
		return err;
	buf_init(&buf, scope_arena(slice->scope),
		search_table_bytes(&search.plan) +
			search_best_bytes(&search.plan) + HEAD_BYTES);
	json_write_init(&writer, &buf);
	json_object(&writer);
	json_member_text(&writer, "metric", search.plan.metric->name);
	json_member_int(&writer, "failed", failed_count(scores, run->points));
	json_key(&writer, "best");
	put_best(&writer, &search.plan, scores);
	json_key(&writer, "table");
	search_put_table(&writer, &search.plan, scores);
	json_object_end(&writer);
	assert(!buf.overflow);
	out->result = buf.data;
	return ERR_OK;
}
