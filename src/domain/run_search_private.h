/* What sweeps and walk-forward tests share when they are run. */
#ifndef DOMAIN_RUN_SEARCH_PRIVATE_H
#define DOMAIN_RUN_SEARCH_PRIVATE_H

#include "run_private.h"
#include "search_plan_private.h"

struct json_writer;

/* A plan and its candles, as each slice of it sees them. */
struct search_run {
	const struct run_slice *slice;
	struct search_plan plan;
	struct candles candles, detail; /* detail: of count 0 without any */
};
MUST_CHECK enum err search_run_open(const struct run_slice *slice,
	const struct run_row *run, struct search_run *out);
/* One run of a point over a range; memory is the arena's. ERR_BAD_INPUT when
   these parameters cannot be run. */
MUST_CHECK enum err search_run_point(const struct search_run *search,
	int64_t point, const struct walk_range *range,
	const struct backtest_options *options, struct backtest_result *out);
/* The scores of all points in their order, from the chunks. */
MUST_CHECK enum err search_run_scores(const struct search_run *search,
	const struct run_row *run, const struct search_score **out);

/* ---- as JSON ------------------------------------------------------------- */

/* {"fast": 5, "slow": 30} */
void search_put_params(struct json_writer *writer,
	const struct search_plan *plan, int64_t point);
/* The members of an object, of an object that is open. */
void search_put_score(
	struct json_writer *writer, const struct search_score *score);
/* {"columns": [...], "rows": [[...], ...]} */
void search_put_table(struct json_writer *writer,
	const struct search_plan *plan, const struct search_score *scores);
/* Bytes that the table, and the list of the best, take at most. */
size_t search_table_bytes(const struct search_plan *plan);
size_t search_best_bytes(const struct search_plan *plan);

#endif
