/* What the kinds of runs are made of; a kind is a row in run_kinds.c. */
#ifndef DOMAIN_RUN_PRIVATE_H
#define DOMAIN_RUN_PRIVATE_H

#include "backtest_order_private.h"
#include "queue_private.h"

/* The run as it stands in its row. */
struct run_row {
	const char *id;
	const char *request; /* JSON */
	int64_t bars, points;
};

struct run_kind {
	/* Points claim->first on, into output->bytes and output->points; NULL
	   for kinds that have none. */
	enum err (*points)(const struct run_slice *slice,
		const struct run_row *run, struct run_output *out);
	/* When all points are done. */
	enum err (*finish)(const struct run_slice *slice,
		const struct run_row *run, struct run_output *out);
	/* Inside the transaction that keeps the end; NULL: the row alone. */
	enum err (*ended)(struct scope *scope, const char *id,
		const struct queue_end *end, const struct run_output *output);
};

/* By enum run_kind_id. */
extern const struct run_kind run_kinds[RUN_KIND_COUNT];

enum err run_backtest_finish(const struct run_slice *slice,
	const struct run_row *run, struct run_output *out);
enum err run_backtest_ended(struct scope *scope, const char *id,
	const struct queue_end *end, const struct run_output *output);
enum err run_sweep_points(const struct run_slice *slice,
	const struct run_row *run, struct run_output *out);
enum err run_sweep_finish(const struct run_slice *slice,
	const struct run_row *run, struct run_output *out);
enum err run_walk_points(const struct run_slice *slice,
	const struct run_row *run, struct run_output *out);
enum err run_walk_finish(const struct run_slice *slice,
	const struct run_row *run, struct run_output *out);

/*
 * The run's candles, from the cache of this process or into it. They stay
 * until the next call. ERR_BAD_INPUT, with a sentence, when they are not those
 * that the run began with (bars, with those of the detail; 0: any).
 */
MUST_CHECK enum err run_candles(const struct run_slice *slice,
	const struct backtest_new *in, int64_t bars,
	struct backtest_series *out);

#endif
