/*
 * The end of a walk-forward test: in each window the best point is chosen by
 * what it did in sample, and tried on the stretch behind it with the money
 * that is left. Must never choose by anything behind the window.
 */
#include "run_search_private.h"

#include <assert.h>
#include <math.h>

#include "backtest_json_private.h"
#include "json_write.h"

enum {
	WINDOW_BYTES = 2048,
	RESULT_BYTES = 256 * 1024
};

static const double money_unit = 1e8;

/* One window's outcome. */
struct choice {
	int64_t point; /* -1: none kept the constraints */
	struct search_score in, out;
	bool tried; /* out says something */
};

struct walking {
	const struct search_run *search;
	const struct search_score *scores;
	struct choice *choices;
	struct walk_joined joined;
	double cash; /* what is left */
	/* room of the joined columns */
	int64_t *time;
	double *columns[6]; /* open high low close volume equity */
	struct backtest_trade *trades;
	size_t trade_room;
};

/* ---- joining ------------------------------------------------------------- */

static void room_make(struct walking *walking)
{
	const struct search_plan *plan = &walking->search->plan;
	struct arena *arena = scope_arena(walking->search->slice->scope);
	size_t bars = 0;

	for (size_t i = 0; i < plan->window_count; i++)
		bars += plan->windows[i].out_to - plan->windows[i].in_to;
	walking->time = arena_array(arena, bars, sizeof(int64_t));
	for (size_t i = 0; i < 6; i++)
		walking->columns[i] = arena_array(arena, bars, sizeof(double));
	walking->trade_room = BACKTEST_TRADES;
	walking->trades = arena_array(
		arena, walking->trade_room, sizeof(*walking->trades));
	walking->choices = arena_array(
		arena, plan->window_count, sizeof(*walking->choices));
	walking->cash = decimal_double(plan->order.options.cash);
}

/* The stretch's candles, with that equity, or with cash that lies. */
static void stretch_join(struct walking *walking,
	const struct walk_range *range, const double *equity)
{
	const struct candles all = walking->search->candles;
	const double *from[5] = {
		all.open, all.high, all.low, all.close, all.volume};
	const size_t at = walking->joined.candles.count;
	const size_t count = range->to - range->from;

	memcpy(walking->time + at, all.time + range->from,
		count * sizeof(int64_t));
	for (size_t i = 0; i < 5; i++)
		memcpy(walking->columns[i] + at, from[i] + range->from,
			count * sizeof(double));
	for (size_t i = 0; i < count; i++)
		walking->columns[5][at + i] =
			equity ? equity[i] : walking->cash;
	walking->joined.candles.count += count;
}

static void trades_join(
	struct walking *walking, const struct backtest_result *result)
{
	struct backtest_result *joined = &walking->joined.result;
	const size_t bar = walking->joined.candles.count;

	joined->refused_entries += result->refused_entries;
	joined->blocked_entries += result->blocked_entries;
	joined->limited |= result->limited;
	for (size_t i = 0; i < result->trade_count &&
			   joined->trade_count < walking->trade_room;
		i++) {
		struct backtest_trade *trade =
			&walking->trades[joined->trade_count++];

		*trade = result->trades[i];
		trade->entry_bar += bar;
		trade->exit_bar += bar;
		trade->exit_reason = "";
	}
}

/* ---- one window ---------------------------------------------------------- */

static int64_t best_of(const struct walking *walking, size_t window)
{
	const struct search_plan *plan = &walking->search->plan;
	const struct search_scores scores = {
		walking->scores + (int64_t)window * plan->points,
		(size_t)plan->points, plan->metric, &plan->floor};
	size_t best;

	return search_best(&scores, &best, 1) == 1 ? (int64_t)best : -1;
}

/* To 1e-8, as the ledger counts. */
static struct decimal money(double value)
{
	return (struct decimal){(int64_t)llround(value * money_unit), 8};
}

static bool try_choice(struct walking *walking, struct choice *choice,
	const struct walk_range *range)
{
	const struct search_plan *plan = &walking->search->plan;
	struct backtest_options options = plan->order.options;
	struct backtest_result result;

	options.cash = money(walking->cash);
	arena_reset(walking->search->slice->scratch);
	if (choice->point < 0 || options.cash.units <= 0 ||
		search_run_point(walking->search, choice->point, range,
			&options, &result) != ERR_OK)
		return false;
	choice->out = search_score_of(plan->metric, &result.stats);
	trades_join(walking, &result);
	stretch_join(walking, range, result.equity);
	walking->cash = result.equity[range->to - range->from - 1];
	return true;
}

static void window_run(struct walking *walking, size_t window)
{
	const struct search_plan *plan = &walking->search->plan;
	const struct walk_window *at = &plan->windows[window];
	const struct walk_range range = {at->in_to, at->out_to};
	struct choice *choice = &walking->choices[window];

	choice->point = best_of(walking, window);
	if (choice->point >= 0)
		choice->in = walking->scores[(int64_t)window * plan->points +
					     choice->point];
	choice->tried = try_choice(walking, choice, &range);
	if (!choice->tried)
		stretch_join(walking, &range, NULL);
}

static void walk(struct walking *walking)
{
	struct walk_joined *joined = &walking->joined;
	const struct search_plan *plan = &walking->search->plan;

	for (size_t i = 0; i < plan->window_count; i++)
		window_run(walking, i);
	joined->candles.time = walking->time;
	joined->candles.open = walking->columns[0];
	joined->candles.high = walking->columns[1];
	joined->candles.low = walking->columns[2];
	joined->candles.close = walking->columns[3];
	joined->candles.volume = walking->columns[4];
	joined->result.equity = walking->columns[5];
	joined->result.trades = walking->trades;
	joined->result.ruined = !(walking->cash > 0);
	walk_stats(scope_arena(walking->search->slice->scope), joined,
		decimal_double(plan->order.options.cash));
}

/* ---- as JSON ------------------------------------------------------------- */

/* Out of sample by in sample; undefined unless the latter is above 0. */
static double ratio_of(double out, double in)
{
	return in > 0 && isfinite(out) ? out / in : (double)NAN;
}

static double efficiency_of(const struct walking *walking)
{
	double in = 0, out = 0;

	for (size_t i = 0; i < walking->search->plan.window_count; i++) {
		const struct choice *choice = &walking->choices[i];

		if (!choice->tried || !isfinite(choice->out.metric))
			continue;
		in += choice->in.metric;
		out += choice->out.metric;
	}
	return ratio_of(out, in);
}

static void put_side(struct json_writer *writer, const char *name,
	const struct search_score *score, bool known)
{
	json_key(writer, name);
	if (!known) {
		json_put_null(writer);
		return;
	}
	json_object(writer);
	search_put_score(writer, score);
	json_object_end(writer);
}

static void put_bar(struct json_writer *writer, const char *name,
	const struct walking *walking, size_t bar)
{
	json_key(writer, name);
	json_put_time(writer, walking->search->candles.time[bar]);
}

static void put_window(struct json_writer *writer,
	const struct walking *walking, size_t window)
{
	const struct search_plan *plan = &walking->search->plan;
	const struct walk_window *at = &plan->windows[window];
	const struct choice *choice = &walking->choices[window];
	const bool chosen = choice->point >= 0;

	json_object(writer);
	put_bar(writer, "in_first", walking, at->in_from);
	put_bar(writer, "in_last", walking, at->in_to - 1);
	put_bar(writer, "out_first", walking, at->in_to);
	put_bar(writer, "out_last", walking, at->out_to - 1);
	json_key(writer, "params");
	if (chosen)
		search_put_params(writer, plan, choice->point);
	else
		json_put_null(writer);
	put_side(writer, "in_sample", &choice->in, chosen);
	put_side(writer, "out_of_sample", &choice->out, choice->tried);
	json_key(writer, "ratio");
	json_put_double(writer,
		choice->tried ? ratio_of(choice->out.metric, choice->in.metric)
			      : (double)NAN);
	json_object_end(writer);
}

static const char *result_write(
	const struct walking *walking, struct arena *arena)
{
	const struct search_plan *plan = &walking->search->plan;
	const struct walk_joined *joined = &walking->joined;
	const struct raw_json stats =
		backtest_stats_json(arena, &joined->result);
	const struct raw_json equity = backtest_equity_json(
		arena, &joined->candles, joined->result.equity);
	struct json_writer writer;
	struct buf buf;

	buf_init(&buf, arena, RESULT_BYTES + plan->window_count * WINDOW_BYTES);
	json_write_init(&writer, &buf);
	json_object(&writer);
	json_member_text(&writer, "metric", plan->metric->name);
	json_key(&writer, "efficiency");
	json_put_double(&writer, efficiency_of(walking));
	json_key(&writer, "windows");
	json_array(&writer);
	for (size_t i = 0; i < plan->window_count; i++)
		put_window(&writer, walking, i);
	json_array_end(&writer);
	json_key(&writer, "stats");
	json_put_raw(&writer, stats.text, stats.len);
	json_key(&writer, "equity");
	json_put_raw(&writer, equity.text, equity.len);
	json_object_end(&writer);
	assert(!buf.overflow);
	return buf.data;
}

enum err run_walk_finish(const struct run_slice *slice,
	const struct run_row *run, struct run_output *out)
{
	struct search_run search;
	struct walking walking = {.search = &search};
	enum err err = search_run_open(slice, run, &search);

	if (err == ERR_OK)
		err = search_run_scores(&search, run, &walking.scores);
	if (err != ERR_OK)
		return err;
	/* what is open at the end of a stretch is closed there */
	search.plan.order.options.finalize = true;
	room_make(&walking);
	walk(&walking);
	out->result = result_write(&walking, scope_arena(slice->scope));
	return ERR_OK;
}
