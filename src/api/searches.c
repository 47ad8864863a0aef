/* One's own sweeps and walk-forward tests: the same calls for two kinds. */
#include "searches_api.h"

#include "replies_private.h"
#include "searches.h"

static const struct field search_view_fields[] = {
	FIELD(struct search_view, id, .doc = "the search's id"),
	FIELD(struct search_view, strategy_id, .nullable = true,
		.doc = "null when the definition was sent along"),
	FIELD(struct search_view, strategy_version,
		.doc = "of that strategy; 0 without one"),
	FIELD(struct search_view, symbol, .doc = "what was traded"),
	FIELD(struct search_view, interval, .doc = "of the candles"),
	FIELD(struct search_view, status, .one_of = run_state_names,
		.doc = "how far it is"),
	FIELD(struct search_view, progress, .doc = "percent"),
	FIELD(struct search_view, points, .doc = "runs that there are to do"),
	FIELD(struct search_view, points_done, .doc = "of those"),
	FIELD(struct search_view, error, .nullable = true,
		.doc = "why it failed"),
	FIELD(struct search_view, created_at, .doc = "when it was asked for"),
	FIELD(struct search_view, started_at, .nullable = true,
		.doc = "when its first point began"),
	FIELD(struct search_view, ended_at, .nullable = true,
		.doc = "when it was done, failed or cancelled"),
	FIELD(struct search_view, request,
		.doc = "what was asked for, the range as it was then"),
	FIELD(struct search_view, result,
		.doc = "of a sweep: metric, failed, best and table; of a "
		       "walk-forward test: metric, efficiency, windows, stats "
		       "and equity; null until it is done"),
};
const struct shape search_view_shape =
	SHAPE("search", struct search_view, search_view_fields);

static const struct field search_row_fields[] = {
	FIELD(struct search_row, id, .doc = "the search's id"),
	FIELD(struct search_row, strategy_id, .nullable = true,
		.doc = "null when the definition was sent along"),
	FIELD(struct search_row, strategy_version,
		.doc = "of that strategy; 0 without one"),
	FIELD(struct search_row, symbol, .doc = "what was traded"),
	FIELD(struct search_row, interval, .doc = "of the candles"),
	FIELD(struct search_row, status, .one_of = run_state_names,
		.doc = "how far it is"),
	FIELD(struct search_row, progress, .doc = "percent"),
	FIELD(struct search_row, points, .doc = "runs that there are to do"),
	FIELD(struct search_row, points_done, .doc = "of those"),
	FIELD(struct search_row, created_at, .doc = "when it was asked for"),
};
static const struct shape search_row_shape =
	SHAPE("search_row", struct search_row, search_row_fields);
static const struct field searches_fields[] = PAGE_FIELDS(search_row_shape);
const struct shape searches_shape =
	SHAPE("searches", struct page, searches_fields);

/* Where a kind's own stand. */
static const char *const folders[RUN_KIND_COUNT] = {
	[RUN_SWEEP] = "/backtests/sweeps",
	[RUN_WALK_FORWARD] = "/backtests/walk-forward",
};

static enum err create(struct call *call, struct scope *scope,
	enum run_kind_id kind, const struct search_new *in,
	struct search_view *out)
{
	enum err err =
		search_create(scope, kind, call->services->limits, in, out);

	if (err == ERR_OK)
		reply_created(call, folders[kind], out->id);
	return err;
}

enum err handle_sweeps(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct page_query *in = input;

	(void)call;
	return search_list(scope, RUN_SWEEP, in, out);
}

enum err handle_sweep_create(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct search_new *in = input;

	return create(call, scope, RUN_SWEEP, in, out);
}

enum err handle_sweep(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)call;
	return search_get(scope, RUN_SWEEP, in->id, out);
}

enum err handle_sweep_remove(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)call;
	(void)out;
	return search_remove(scope, RUN_SWEEP, in->id);
}

enum err handle_walks(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct page_query *in = input;

	(void)call;
	return search_list(scope, RUN_WALK_FORWARD, in, out);
}

enum err handle_walk_create(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct search_new *in = input;

	return create(call, scope, RUN_WALK_FORWARD, in, out);
}

enum err handle_walk(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)call;
	return search_get(scope, RUN_WALK_FORWARD, in->id, out);
}

enum err handle_walk_remove(
	struct call *call, struct scope *scope, const void *input, void *out)
{
	const struct by_id *in = input;

	(void)call;
	(void)out;
	return search_remove(scope, RUN_WALK_FORWARD, in->id);
}
