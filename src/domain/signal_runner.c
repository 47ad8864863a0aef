/*
 * Evaluators in memory, one a run, and what they do with new candles. An
 * evaluator that got ahead of what is stored, or whose past was changed, is
 * made anew: it must never decide on anything but what the database holds.
 */
#include "signal_runner.h"

#include "program.h"
#include "strategy_program_private.h"
#include "signal_feed_private.h"
#include "quote_private.h"
#include "signal_store_private.h"
#include "text.h"

enum {
	SEAT_MEMORY = 128 << 20, /* most that compiling may take */
	BATCH = 64,		 /* candles of one transaction */
	VISIT = 1024		 /* candles of one visit: others wait */
};

static const char mode_sql[] =
	"SELECT mode FROM strategy_runs WHERE user_id = :owner AND id = :run"
	" AND state = 'running'";

/* One evaluator, with the arena that it lives in; empty without one. */
struct seat {
	struct arena *arena;
	const char *user_id, *run_id;
	struct program *program;
	struct evaluator *evaluator;
	bool trades, live;
	int64_t revision, stored_ms; /* of the candles that it was fed */
	bool has_fed;
	int64_t fed;   /* open of the last one */
	uint64_t used; /* the runner's count when it was */
};

struct signal_runner {
	struct signal_runner_options options;
	struct seat *seats; /* options.evaluators of them */
	uint64_t count;	    /* of visits */
	const struct limits *limits;
	struct signal_block block;
	/* of the block's first bars, as they were decided one by one */
	uint8_t bits[BATCH];
	double levels[LEVEL_COUNT][BATCH];
	struct decisions decisions;
};

/* ---- seats ------------------------------------------------------------- */

struct signal_runner *signal_runner_open(
	struct arena *arena, const struct signal_runner_options *options)
{
	struct signal_runner *runner = arena_alloc(arena, sizeof(*runner));

	runner->options = *options;
	runner->seats =
		arena_array(arena, options->evaluators, sizeof(*runner->seats));
	return runner;
}

static void seat_empty(struct seat *seat)
{
	arena_close(&seat->arena);
	*seat = (struct seat){.arena = NULL};
}

void signal_runner_limits(
	struct signal_runner *runner, const struct limits *limits)
{
	runner->limits = limits;
}

void signal_runner_close(struct signal_runner **runner)
{
	if (!*runner)
		return;
	for (size_t i = 0; i < (*runner)->options.evaluators; i++)
		seat_empty(&(*runner)->seats[i]);
	*runner = NULL;
}

size_t signal_runner_kept(const struct signal_runner *runner)
{
	size_t kept = 0;

	for (size_t i = 0; i < runner->options.evaluators; i++)
		kept += runner->seats[i].arena != NULL;
	return kept;
}

/* user_id NULL: of all. */
static size_t memory_used(
	const struct signal_runner *runner, const char *user_id)
{
	size_t bytes = 0;

	for (size_t i = 0; i < runner->options.evaluators; i++) {
		const struct seat *seat = &runner->seats[i];

		if (seat->arena &&
			(!user_id || text_equal(seat->user_id, user_id)))
			bytes += arena_used(seat->arena);
	}
	return bytes;
}

static struct seat *seat_find(struct signal_runner *runner, const char *run_id)
{
	for (size_t i = 0; i < runner->options.evaluators; i++)
		if (runner->seats[i].arena &&
			text_equal(runner->seats[i].run_id, run_id))
			return &runner->seats[i];
	return NULL;
}

/* The one that was used longest ago, but not `keep`; NULL: there is none.
   user_id: of his alone, or NULL. */
static struct seat *seat_oldest(struct signal_runner *runner,
	const struct seat *keep, const char *user_id)
{
	struct seat *oldest = NULL;

	for (size_t i = 0; i < runner->options.evaluators; i++) {
		struct seat *seat = &runner->seats[i];

		if (seat->arena && seat != keep &&
			(!user_id || text_equal(seat->user_id, user_id)) &&
			(!oldest || seat->used < oldest->used))
			oldest = seat;
	}
	return oldest;
}

static struct seat *seat_take(struct signal_runner *runner)
{
	struct seat *seat;

	for (size_t i = 0; i < runner->options.evaluators; i++)
		if (!runner->seats[i].arena)
			return &runner->seats[i];
	seat = seat_oldest(runner, NULL, NULL);
	seat_empty(seat);
	return seat;
}

/* Of the user who takes most, so that nobody's large strategies send away
   what another's need; `keep` stays. */
static struct seat *seat_unfair(
	struct signal_runner *runner, const struct seat *keep)
{
	const char *user_id = NULL;
	size_t most = 0;

	for (size_t i = 0; i < runner->options.evaluators; i++) {
		const struct seat *seat = &runner->seats[i];
		size_t bytes;

		if (!seat->arena || seat == keep)
			continue;
		bytes = memory_used(runner, seat->user_id);
		if (bytes > most) {
			most = bytes;
			user_id = seat->user_id;
		}
	}
	return user_id ? seat_oldest(runner, keep, user_id) : NULL;
}

static void memory_bound(struct signal_runner *runner, const struct seat *keep)
{
	struct seat *seat;

	while (memory_used(runner, NULL) > runner->options.memory &&
		(seat = seat_unfair(runner, keep)) != NULL)
		seat_empty(seat);
}

/* ---- an evaluator ------------------------------------------------------ */

/* What a visit needs to know of the run, while it runs. */
static enum err mode_read(struct scope *scope, const struct signal_due *due,
	bool *trades, bool *live)
{
	struct rows *rows;
	enum err err = scope_one(
		scope, mode_sql, BINDS(bind_text(":run", due->run_id)), &rows);

	/* it was stopped meanwhile */
	if (err == ERR_NOT_FOUND)
		return ERR_CONFLICT;
	if (err != ERR_OK)
		return err;
	*trades = strategy_run_trades(rows_text(rows, 0));
	*live = strategy_run_is_live(rows_text(rows, 0));
	rows_end(rows);
	return ERR_OK;
}

/* In the seat's arena, which the program and its definition stay in. */
static enum err seat_fill(
	struct seat *seat, struct scope *scope, const struct signal_due *due)
{
	bool trades = false, live = false;
	enum err err = mode_read(scope, due, &trades, &live);

	if (err != ERR_OK)
		return err;
	seat->arena = arena_open(SEAT_MEMORY);
	seat->user_id = arena_text(seat->arena, due->user_id);
	seat->run_id = arena_text(seat->arena, due->run_id);
	seat->revision = due->revision;
	seat->stored_ms = due->stored_ms;
	seat->trades = trades;
	seat->live = live;
	err = strategy_program(scope, seat->arena, due->run_id, &seat->program);
	if (err == ERR_OK)
		seat->evaluator = evaluator_open(seat->arena, seat->program);
	else
		seat_empty(seat);
	return err;
}

/* Does what it was fed stand in the database, just so? */
static bool is_good(const struct seat *seat, const struct signal_due *due)
{
	const int64_t most = due->has_last ? due->last_candle : due->newest - 1;

	return seat->revision == due->revision &&
	       seat->stored_ms == due->stored_ms &&
	       (!seat->has_fed || seat->fed <= most);
}

static enum err seat_for(struct signal_runner *runner, struct scope *scope,
	const struct signal_due *due, struct seat **out)
{
	struct seat *seat = seat_find(runner, due->run_id);
	enum err err = ERR_OK;

	if (seat && !is_good(seat, due))
		seat_empty(seat);
	if (!seat || !seat->arena) {
		seat = seat_take(runner);
		err = seat_fill(seat, scope, due);
	}
	if (err != ERR_OK)
		return err;
	seat->used = ++runner->count;
	memory_bound(runner, seat);
	*out = seat;
	return ERR_OK;
}

/* ---- its past ---------------------------------------------------------- */

/* One visit of one run. */
struct visit {
	struct signal_runner *runner;
	struct scope *scope;
	struct signal_due *due;
	struct seat *seat;
	int64_t until_us;
	struct signal_step step;
};

static bool is_over(const struct visit *visit)
{
	return visit->runner->options.time_us() >= visit->until_us;
}

/* count bars of the block, from `at`. */
static struct decisions feed(struct visit *visit, size_t at, size_t count)
{
	const struct signal_block *block = &visit->runner->block;
	const struct candles candles = signal_block_candles(block);
	struct decisions decisions;

	evaluator_block(
		visit->seat->evaluator, &candles, at, count, &decisions);
	visit->seat->has_fed = true;
	visit->seat->fed = block->time[at + count - 1];
	return decisions;
}

/* Replays what was there before the first bar that is to be told; *done is
   false when the time is over before. */
static enum err replay(struct visit *visit, bool *done)
{
	struct signal_block *block = &visit->runner->block;
	const struct signal_due *due = visit->due;
	const int64_t to = due->has_last ? due->last_candle + 1 : due->newest;
	int64_t from = visit->seat->fed + 1;
	struct bars_query query;
	struct bars bars;
	enum err err = ERR_OK;

	*done = true;
	if (!visit->seat->has_fed)
		err = signal_feed_start(visit->scope, due,
			visit->runner->options.history_bars, to, &from);
	if (err != ERR_OK || from >= to)
		return err;
	query = signal_feed_query(due, from, to);
	err = bars_start(visit->scope, &query, &bars);
	if (err != ERR_OK)
		return err;
	while ((err = signal_feed_next(&bars, EVALUATE_BLOCK, block)) ==
			ERR_OK &&
		block->count > 0) {
		(void)feed(visit, 0, block->count);
		*done = !is_over(visit);
		if (!*done)
			break;
	}
	bars_stop(&bars);
	return err;
}

/* ---- what is new ------------------------------------------------------- */

static enum err batch_read(struct visit *visit)
{
	const struct signal_due *due = visit->due;
	const int64_t from = due->has_last ? due->last_candle + 1 : due->newest;
	const struct bars_query query =
		signal_feed_query(due, from, due->newest + due->interval_ms);
	struct bars bars;
	enum err err;

	visit->runner->block.count = 0;
	if (from > due->newest)
		return ERR_OK;
	err = bars_start(visit->scope, &query, &bars);
	if (err != ERR_OK)
		return err;
	err = signal_feed_next(&bars, BATCH, &visit->runner->block);
	bars_stop(&bars);
	return err;
}

/* What was decided on the last bar, as the block's bar `at`. */
static uint8_t decision_keep(struct signal_runner *runner, size_t at,
	const struct decisions *decisions)
{
	runner->bits[at] = decisions->bits[0];
	runner->decisions.bits = runner->bits;
	for (int i = 0; i < LEVEL_COUNT; i++) {
		runner->decisions.levels[i] =
			decisions->levels[i] ? runner->levels[i] : NULL;
		if (decisions->levels[i])
			runner->levels[i][at] = decisions->levels[i][0];
	}
	return runner->bits[at];
}

/* Bar by bar: each is told as it was when it was the last. */
static void batch_evaluate(struct visit *visit, struct signal_batch *out)
{
	const struct signal_block *block = &visit->runner->block;
	struct arena *arena = scope_arena(visit->scope);
	struct signal_made *made =
		arena_array(arena, block->count, sizeof(*made));
	size_t count = 0;

	for (size_t i = 0; i < block->count; i++) {
		const struct decisions decisions = feed(visit, i, 1);
		const uint8_t bits =
			decision_keep(visit->runner, i, &decisions);

		if (signal_kind_of(bits) == SIGNAL_COUNT &&
			i + 1 < block->count)
			continue;
		made[count].candle_time = block->time[i];
		made[count].price = (struct decimal){
			block->close_units[i], block->price_scale};
		signal_explain(
			visit->seat->evaluator, arena, bits, &made[count++]);
	}
	*out = (struct signal_batch){.items = made,
		.count = count,
		.last = block->time[block->count - 1]};
}

/* For a run that trades. */
static enum err batch_trade(struct visit *visit, struct candles *candles,
	struct signal_batch *batch)
{
	const struct signal_block *block = &visit->runner->block;

	if (!visit->seat->trades)
		return ERR_OK;
	if (!visit->runner->limits)
		return ERR_INTERNAL;
	*candles = signal_block_candles(block);
	batch->program = visit->seat->program;
	batch->live = visit->seat->live;
	batch->limits = visit->runner->limits;
	batch->bars.candles = candles;
	batch->bars.decisions = &visit->runner->decisions;
	return quote_scale(block->close_units[block->count - 1],
		block->price_scale, &batch->bars.last_price);
}

/* Percent; as signals.c shows it. */
static int64_t strength_of(const struct signal_made *row)
{
	return row->conditions > 0 ? 100 * row->held / row->conditions : 0;
}

static void batch_count(struct visit *visit, const struct signal_batch *batch)
{
	const int64_t evaluated = (int64_t)visit->runner->block.count;
	int64_t *kinds = visit->step.kinds;

	visit->step.evaluated += evaluated;
	kinds[SIGNAL_COUNT] += evaluated;
	for (size_t i = 0; i < batch->count; i++) {
		kinds[SIGNAL_COUNT]--;
		kinds[batch->items[i].kind]++;
		visit->step.strength += strength_of(&batch->items[i]);
	}
	visit->due->has_last = true;
	visit->due->last_candle = batch->last;
}

static enum err tell(struct visit *visit, bool *done)
{
	struct signal_batch batch;
	struct candles candles;
	enum err err = ERR_OK;

	*done = false;
	while (visit->step.evaluated < VISIT) {
		err = batch_read(visit);
		if (err != ERR_OK)
			return err;
		*done = visit->runner->block.count == 0;
		if (*done)
			return ERR_OK;
		batch_evaluate(visit, &batch);
		err = batch_trade(visit, &candles, &batch);
		if (err == ERR_OK)
			err = signal_store(visit->scope, visit->due, &batch);
		if (err != ERR_OK)
			return err;
		batch_count(visit, &batch);
		if (is_over(visit))
			break;
	}
	*done = visit->due->last_candle >= visit->due->newest;
	return ERR_OK;
}

/* ---- one visit --------------------------------------------------------- */

static enum err visit_run(struct visit *visit)
{
	bool done = false;
	enum err err;

	if (visit->due->stored_ms == 0) {
		report_detail(scope_report(visit->scope),
			"there are no candles of %s to evaluate any more",
			visit->due->symbol);
		return ERR_NOT_FOUND;
	}
	err = seat_for(visit->runner, visit->scope, visit->due, &visit->seat);
	if (err == ERR_OK)
		err = replay(visit, &done);
	if (err == ERR_OK && done)
		err = tell(visit, &done);
	if (err == ERR_OK)
		visit->due->done = done;
	return err;
}

static const char *words_of(const struct report *report, enum err err)
{
	if (report->fault_count > 0)
		return arena_format(report->arena, "%s %s",
			report->faults[0].pointer, report->faults[0].message);
	return report->detail ? report->detail : err_slug(err);
}

enum err signal_advance(struct signal_runner *runner, struct scope *scope,
	struct signal_due *due, int64_t until_us, struct signal_step *out)
{
	struct visit visit = {.runner = runner,
		.scope = scope,
		.due = due,
		.until_us = until_us};
	enum err err = visit_run(&visit);

	/* it may be ahead of what is stored */
	if (err != ERR_OK && visit.seat)
		seat_empty(visit.seat);
	if (err != ERR_OK)
		due->done = true;
	if (err != ERR_OK && err != ERR_CONFLICT && err != ERR_UNAVAILABLE) {
		err = signal_store_failure(
			scope, due, words_of(scope_report(scope), err));
		visit.step.failed = err == ERR_OK;
	}
	*out = visit.step;
	return err;
}
