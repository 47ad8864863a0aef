/*
 * Runners for the tests of the queue: a slice claimed, computed and given
 * back, at a clock that the test moves. For tests only.
 */
#ifndef RUN_HELP_H
#define RUN_HELP_H

#include "backtests.h"
#include "runs.h"
#include "searches.h"
#include "strategy_help.h"

/* Ten points a slice when a point takes 1 ms, as they cost here. */
static const struct run_pace slow_pace = {
	.slice_us = 10000, .least_us = 1, .lease_ms = 65000, .runners = 2};

struct bench_runner {
	struct world *w;
	struct arena *scratch;
	struct series_cache *series;
	const char *name;
	int64_t now;
	int64_t spent_us; /* what each slice is said to have taken */
	struct run_pace pace;
	bool hasty; /* every slice ends after its first point */
};

static inline struct bench_runner bench_open(struct world *w, const char *name)
{
	return (struct bench_runner){.w = w,
		.scratch = arena_open((size_t)512 << 20),
		.series = series_cache_open(w->arena, 1 << 24),
		.name = name,
		.now = world_now,
		.spent_us = 1000,
		.pace = slow_pace};
}

static inline void bench_close(struct bench_runner *r)
{
	series_cache_close(&r->series);
	arena_close(&r->scratch);
}

static inline struct scope *bench_scope(
	struct bench_runner *r, const char *user)
{
	return scope_mint(
		r->w->arena, r->w->db, world_report(r->w), user, r->now);
}

static inline struct admin_scope *bench_admin(struct bench_runner *r)
{
	return admin_scope_mint(
		r->w->arena, r->w->db, world_report(r->w), "operator", r->now);
}

static inline enum err bench_claim(
	struct bench_runner *r, struct run_claim *out)
{
	return runs_claim(bench_admin(r), &r->pace, r->name, out);
}

static inline bool bench_hasty(void *context)
{
	return ((const struct bench_runner *)context)->hasty;
}

/* Computes what was claimed, and does not give it back. */
static inline enum err bench_work(struct bench_runner *r,
	const struct run_claim *claim, struct run_output *out)
{
	const struct run_slice slice = {
		.scope = bench_scope(r, claim->user_id),
		.series = r->series,
		.claim = claim,
		.scratch = r->scratch,
		.enough = bench_hasty,
		.context = r,
	};

	return run_work(&slice, out);
}

static inline enum err bench_give(struct bench_runner *r,
	const struct run_claim *claim, const struct run_output *output)
{
	return run_give(
		bench_scope(r, claim->user_id), claim, output, r->spent_us);
}

/* One slice from claim to giving; ERR_NOT_FOUND: there was none. */
static inline enum err bench_slice(struct bench_runner *r)
{
	struct run_output output = {.points = 0};
	struct run_claim claim;
	enum err err = bench_claim(r, &claim);

	if (err != ERR_OK)
		return err;
	err = bench_work(r, &claim, &output);
	return err == ERR_OK ? bench_give(r, &claim, &output) : err;
}

/* All there is; how many slices it took. */
static inline size_t bench_drain(struct bench_runner *r)
{
	size_t slices = 0;
	enum err err;

	while ((err = bench_slice(r)) == ERR_OK)
		slices++;
	assert_int_equal(err, ERR_NOT_FOUND);
	return slices;
}

/* Two parameters, nine and three values: 27 points. */
static const char sweep_text[] =
	"{\"version\":1,\"name\":\"Sweep\",\"interval\":\"1d\",\"params\":{"
	"\"fast\":{\"default\":2,\"min\":2,\"max\":10,\"step\":1},"
	"\"slow\":{\"default\":8,\"min\":8,\"max\":24,\"step\":8},"
	"\"still\":{\"default\":1}},\"indicators\":{"
	"\"f\":{\"fn\":\"sma\",\"period\":{\"param\":\"fast\"}},"
	"\"s\":{\"fn\":\"sma\",\"period\":{\"param\":\"slow\"}}},"
	"\"entry\":{\"long\":{\"crosses_above\":[\"f\",\"s\"]}},"
	"\"exit\":{\"long\":{\"crosses_below\":[\"f\",\"s\"]}}}";

static inline struct search_new sweep_of(struct world *w)
{
	return (struct search_new){
		.run = {.definition = world_json(w, sweep_text),
			.symbol = "SAW",
			.finalize = true,
			.keep = true},
		.best = 5};
}

static inline struct search_view sweep_made(
	struct world *w, struct scope *scope, const struct search_new *in)
{
	struct search_view view = {0};
	enum err err = search_create(scope, RUN_SWEEP, &roomy, in, &view);

	if (err != ERR_OK && w->report->fault_count > 0)
		print_message("%s %s\n", w->report->faults[0].pointer,
			w->report->faults[0].message);
	assert_int_equal(err, ERR_OK);
	return view;
}

static inline struct search_view search_seen(
	struct scope *scope, enum run_kind_id kind, const char *id)
{
	struct search_view view = {0};

	assert_int_equal(search_get(scope, kind, id, &view), ERR_OK);
	return view;
}

#endif
