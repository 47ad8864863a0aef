/*
 * Sweeps and walk-forward tests: what may be asked for, what comes out, and
 * nobody else's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "json_write.h"
#include "run_help.h"
#include "search.h"

static const char unknown_id[] = "01h00000000000000000000000";

static double number_of(const struct json *object, const char *name)
{
	double value = NAN;

	(void)!json_double(json_member(object, name), &value);
	return value;
}

static struct search_view drained(
	struct world *w, struct search_view view, enum run_kind_id kind)
{
	struct bench_runner r = bench_open(w, "r");

	(void)bench_drain(&r);
	bench_close(&r);
	return search_seen(world_alice(w), kind, view.id);
}

/* ---- sweeps -------------------------------------------------------------- */

static void test_a_sweep_tells_the_best_and_all(void **state)
{
	struct world *w = *state;
	struct search_new in = sweep_of(w);
	struct search_view view;
	const struct json *result, *best, *table;
	double before = INFINITY;

	put_saw(w, 300);
	view = sweep_made(w, world_alice(w), &in);
	assert_string_equal(view.status, "queued");
	assert_int_equal(view.points, 27);
	assert_null(view.result.text);
	assert_string_equal(view.interval, "1d");
	view = drained(w, view, RUN_SWEEP);
	assert_string_equal(view.status, "done");
	assert_non_null(view.started_at);
	assert_non_null(view.ended_at);
	result = world_json(w, view.result.text);
	assert_true(json_is_text(json_member(result, "metric"), "sharpe"));
	best = json_member(result, "best");
	assert_int_equal(best->count, 5);
	for (const struct json *one = best->first; one; one = one->next) {
		assert_true(number_of(one, "metric") <= before);
		before = number_of(one, "metric");
		assert_int_equal(json_member(one, "params")->count, 2);
		assert_true(
			number_of(one, "metric") == number_of(one, "sharpe"));
	}
	table = json_member(result, "table");
	assert_int_equal(json_member(table, "columns")->count, 9);
	assert_true(json_is_text(json_member(table, "columns")->first, "fast"));
	assert_int_equal(json_member(table, "rows")->count, 27);
	assert_int_equal(json_member(table, "rows")->first->count, 9);
}

/* A point of a sweep is what a backtest with those parameters is. */
static void test_a_point_is_a_backtest(void **state)
{
	struct world *w = *state;
	struct search_new in = sweep_of(w);
	struct backtest_new single = in.run;
	struct backtest_view alone;
	struct search_view view;
	const struct json *best, *stats;

	put_saw(w, 300);
	in.run.params = world_json(
		w, "{\"fast\":{\"values\":[3]},\"slow\":16,\"still\":1}");
	view = sweep_made(w, world_alice(w), &in);
	assert_int_equal(view.points, 1);
	view = drained(w, view, RUN_SWEEP);
	best = json_member(world_json(w, view.result.text), "best")->first;
	single.params = world_json(w, "{\"fast\":3,\"slow\":16}");
	assert_int_equal(
		backtest_create(world_alice(w), &roomy, &single, &alone),
		ERR_OK);
	stats = world_json(w, alone.stats.text);
	assert_true(number_of(best, "return_pct") ==
		    number_of(stats, "return_pct"));
	assert_true(number_of(best, "sharpe") == number_of(stats, "sharpe"));
	assert_true(number_of(best, "trades") == number_of(stats, "trades"));
}

/* With finer candles too, which every slice finds in the cache. */
static void test_a_point_sees_the_detail(void **state)
{
	struct world *w = *state;
	struct search_new in = sweep_of(w);
	struct backtest_new single = in.run;
	struct backtest_view alone;
	struct search_view view;
	const struct json *best, *stats;

	put_saw(w, 1500);
	in.run.interval = single.interval = "1w";
	in.run.detail_interval = single.detail_interval = "1d";
	in.run.params = world_json(
		w, "{\"fast\":{\"values\":[3]},\"slow\":16,\"still\":1}");
	view = sweep_made(w, world_alice(w), &in);
	view = drained(w, view, RUN_SWEEP);
	assert_string_equal(view.status, "done");
	best = json_member(world_json(w, view.result.text), "best")->first;
	single.params = world_json(w, "{\"fast\":3,\"slow\":16}");
	assert_int_equal(
		backtest_create(world_alice(w), &roomy, &single, &alone),
		ERR_OK);
	stats = world_json(w, alone.stats.text);
	assert_true(number_of(best, "return_pct") ==
		    number_of(stats, "return_pct"));
	assert_true(number_of(best, "trades") == number_of(stats, "trades"));
	assert_non_null(
		strstr(view.request.text, "\"detail_interval\":\"1d\""));
}

static void test_samples_are_drawn(void **state)
{
	struct world *w = *state;
	struct search_new in = sweep_of(w);
	struct search_view one, two, other;

	put_saw(w, 300);
	in.method = "random";
	in.samples = 8;
	in.seed = 3;
	one = sweep_made(w, world_alice(w), &in);
	assert_int_equal(one.points, 8);
	two = sweep_made(w, world_alice(w), &in);
	in.seed = 4;
	other = sweep_made(w, world_alice(w), &in);
	one = drained(w, one, RUN_SWEEP);
	two = search_seen(world_alice(w), RUN_SWEEP, two.id);
	other = search_seen(world_alice(w), RUN_SWEEP, other.id);
	assert_string_equal(one.result.text, two.result.text);
	assert_string_not_equal(one.result.text, other.result.text);
	/* more samples than there are points: all of them */
	in.samples = 28;
	assert_int_equal(sweep_made(w, world_alice(w), &in).points, 27);
	/* none said: 1000 */
	in.samples = 0;
	assert_int_equal(sweep_made(w, world_alice(w), &in).points, 27);
}

static void test_constraints_keep_points_from_the_best(void **state)
{
	struct world *w = *state;
	struct search_new in = sweep_of(w);
	struct search_view view;
	const struct json *result;

	put_saw(w, 300);
	in.constraints.min_trades = 1000;
	in.metric = "return_pct";
	view = sweep_made(w, world_alice(w), &in);
	view = drained(w, view, RUN_SWEEP);
	result = world_json(w, view.result.text);
	assert_int_equal(json_member(result, "best")->count, 0);
	assert_int_equal(
		json_member(json_member(result, "table"), "rows")->count, 27);
}

static void test_points_that_cannot_be_run_are_counted(void **state)
{
	static const char text[] =
		"{\"version\":1,\"name\":\"x\",\"interval\":\"1d\",\"params\":{"
		"\"n\":{\"default\":5}},\"indicators\":{\"m\":{\"fn\":\"sma\","
		"\"period\":{\"param\":\"n\"}}},"
		"\"entry\":{\"long\":{\"gt\":[\"close\",\"m\"]}}}";
	struct world *w = *state;
	struct search_new in = sweep_of(w);
	struct search_view view;
	const struct json *result;

	put_saw(w, 100);
	in.run.definition = world_json(w, text);
	/* a period of 0 and one of 2.5 are none */
	in.run.params = world_json(w, "{\"n\":{\"values\":[0,2.5,3,4]}}");
	view = sweep_made(w, world_alice(w), &in);
	view = drained(w, view, RUN_SWEEP);
	assert_string_equal(view.status, "done");
	result = world_json(w, view.result.text);
	assert_true(number_of(result, "failed") == 2);
	assert_int_equal(json_member(result, "best")->count, 2);
}

/* ---- what may be asked --------------------------------------------------- */

static void refuse(struct world *w, enum run_kind_id kind,
	const struct search_new *in, const char *pointer)
{
	struct search_view view;

	assert_int_equal(search_create(world_alice(w), kind, &roomy, in, &view),
		ERR_BAD_INPUT);
	if (!world_fault_at(w, pointer))
		fail_msg("no fault at %s but %s: %s", pointer,
			w->report->fault_count ? w->report->faults[0].pointer
					       : "none",
			w->report->fault_count ? w->report->faults[0].message
					       : "");
}

static void test_bad_ranges_are_refused(void **state)
{
	static const struct {
		const char *params, *pointer;
	} rows[] = {
		{"[]", "/params"},
		{"{}", "/params"},
		{"{\"none\":3}", "/params/none"},
		{"{\"fast\":\"3\"}", "/params/fast"},
		{"{\"fast\":1}", "/params/fast"},
		{"{\"fast\":{\"from\":2,\"to\":11}}", "/params/fast"},
		{"{\"fast\":{\"from\":5,\"to\":3}}", "/params/fast"},
		{"{\"fast\":{\"from\":3,\"to\":5,\"step\":0}}", "/params/fast"},
		{"{\"fast\":{\"from\":3}}", "/params/fast/to"},
		{"{\"fast\":{\"from\":3,\"to\":\"x\"}}", "/params/fast/to"},
		{"{\"fast\":{\"from\":3,\"to\":5,\"by\":1}}", "/params/fast"},
		{"{\"fast\":{\"values\":[]}}", "/params/fast/values"},
		{"{\"fast\":{\"values\":3}}", "/params/fast/values"},
		{"{\"fast\":{\"values\":[3,\"4\"]}}", "/params/fast/values/1"},
		{"{\"still\":{\"from\":0,\"to\":5000}}", "/params/still"},
		{"{\"fast\":{\"from\":2,\"to\":10},"
		 "\"still\":{\"from\":0,\"to\":999}}",
			NULL},
		{"{\"fast\":{\"from\":2,\"to\":10},"
		 "\"slow\":{\"from\":8,\"to\":24},"
		 "\"still\":{\"from\":0,\"to\":999}}",
			"/params"},
	};
	struct world *w = *state;
	struct search_new in = sweep_of(w);

	put_saw(w, 100);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		in.run.params = world_json(w, rows[i].params);
		if (rows[i].pointer)
			refuse(w, RUN_SWEEP, &in, rows[i].pointer);
		else
			(void)sweep_made(w, world_alice(w), &in);
	}
	in = sweep_of(w);
	in.run.definition = world_json(w,
		"{\"version\":1,\"name\":\"x\",\"interval\":\"1d\","
		"\"entry\":{\"long\":{\"gt\":[\"close\",1]}}}");
	refuse(w, RUN_SWEEP, &in, "/params");
}

/* Long names and numbers of many digits, as long as they may be. */
static const struct json *long_params(
	struct world *w, bool defined, size_t first_values, size_t values)
{
	struct buf text;

	buf_init(&text, w->arena, (size_t)1 << 20);
	buf_text(&text, "{");
	for (int i = 0; i < SEARCH_AXES_LIMIT; i++) {
		size_t count = i == 0 ? first_values : values;

		buf_format(&text, "%s\"name_of_thirty_two_characters__%c\":",
			i > 0 ? "," : "", 'a' + i);
		if (defined) {
			buf_text(&text, "{\"default\":1}");
			continue;
		}
		buf_text(&text, "{\"values\":[");
		for (size_t k = 0; k < count; k++)
			buf_format(&text, "%s-1.2345678901%06zue-100",
				k > 0 ? "," : "", 234567 + k * 2);
		buf_text(&text, "]}");
	}
	buf_text(&text, "}");
	return world_json(w, text.data);
}

static const struct json *long_definition(struct world *w)
{
	struct json_writer writer;
	struct buf text;

	buf_init(&text, w->arena, 8192);
	json_write_init(&writer, &text);
	json_object(&writer);
	json_member_int(&writer, "version", 1);
	json_member_text(&writer, "name", "Long");
	json_member_text(&writer, "interval", "1d");
	json_key(&writer, "params");
	json_put_value(&writer, long_params(w, true, 0, 0));
	json_key(&writer, "entry");
	json_put_value(&writer,
		world_json(w, "{\"long\":\"crosses_above(sma(2), sma(8))\"}"));
	json_key(&writer, "exit");
	json_put_value(&writer,
		world_json(w, "{\"long\":\"crosses_below(sma(2), sma(8))\"}"));
	json_object_end(&writer);
	return world_json(w, text.data);
}

/* What is kept of the request has its room, and so have they. */
static void test_ranges_have_a_length(void **state)
{
	struct world *w = *state;
	struct search_new in = sweep_of(w);

	put_saw(w, 100);
	in.run.definition = long_definition(w);
	in.method = "random";
	in.samples = 10;
	in.run.params = long_params(w, false, 900, 900);
	refuse(w, RUN_SWEEP, &in, "/params");
	in.run.params = long_params(w, false, 30, 30);
	(void)sweep_made(w, world_alice(w), &in);
}

static void test_the_longest_list_of_the_best(void **state)
{
	static const struct decimal fee = {123, 5};
	struct world *w = *state;
	struct search_new in = sweep_of(w);
	struct search_view view;

	put_saw(w, 300);
	in.run.definition = long_definition(w);
	in.run.params = long_params(w, false, 100, 1);
	in.best = 100;
	in.run.fee = &fee;
	view = sweep_made(w, world_alice(w), &in);
	view = drained(w, view, RUN_SWEEP);
	assert_string_equal(view.status, "done");
	assert_int_equal(
		json_member(world_json(w, view.result.text), "best")->count,
		100);
}

static void test_runs_faults_are_found_when_asked(void **state)
{
	const struct decimal nothing = {0, 0};
	struct world *w = *state;
	struct search_new in = sweep_of(w);

	put_saw(w, 100);
	in.run.cash = &nothing;
	refuse(w, RUN_SWEEP, &in, "/cash");
	in = sweep_of(w);
	in.run.symbol = "NONE";
	refuse(w, RUN_SWEEP, &in, "/symbol");
	in = sweep_of(w);
	in.run.definition = NULL;
	refuse(w, RUN_SWEEP, &in, "");
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM runs"), 0);
}

static void test_searches_are_limited(void **state)
{
	struct world *w = *state;
	struct search_new in = sweep_of(w);
	struct limits limits = roomy;
	struct search_view first, view;

	put_saw(w, 100);
	limits.search_points = 26;
	assert_int_equal(
		search_create(world_alice(w), RUN_SWEEP, &limits, &in, &view),
		ERR_BAD_INPUT);
	limits.search_points = 27;
	limits.searches_per_user = 1;
	assert_int_equal(
		search_create(world_alice(w), RUN_SWEEP, &limits, &in, &first),
		ERR_OK);
	assert_int_equal(
		search_create(world_alice(w), RUN_SWEEP, &limits, &in, &view),
		ERR_CONFLICT);
	/* cancelled, it still counts; removed, it does not */
	assert_int_equal(
		search_remove(world_alice(w), RUN_SWEEP, first.id), ERR_OK);
	assert_int_equal(
		search_create(world_alice(w), RUN_SWEEP, &limits, &in, &view),
		ERR_CONFLICT);
	assert_int_equal(
		search_remove(world_alice(w), RUN_SWEEP, first.id), ERR_OK);
	assert_int_equal(
		search_create(world_alice(w), RUN_SWEEP, &limits, &in, &view),
		ERR_OK);
}

/* ---- their life ---------------------------------------------------------- */

static void test_cancel_then_remove(void **state)
{
	struct world *w = *state;
	struct bench_runner r = bench_open(w, "r");
	struct search_new in = sweep_of(w);
	struct search_view view;
	struct run_claim claim;

	put_saw(w, 100);
	view = sweep_made(w, world_alice(w), &in);
	assert_int_equal(bench_slice(&r), ERR_OK);
	view = search_seen(world_alice(w), RUN_SWEEP, view.id);
	assert_string_equal(view.status, "running");
	assert_in_range(view.progress, 1, 99);
	assert_int_equal(
		search_remove(world_alice(w), RUN_SWEEP, view.id), ERR_OK);
	view = search_seen(world_alice(w), RUN_SWEEP, view.id);
	assert_string_equal(view.status, "cancelled");
	assert_non_null(view.ended_at);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM run_chunks"), 0);
	assert_int_equal(bench_claim(&r, &claim), ERR_NOT_FOUND);
	assert_int_equal(
		search_remove(world_alice(w), RUN_SWEEP, view.id), ERR_OK);
	assert_int_equal(search_get(world_alice(w), RUN_SWEEP, view.id, &view),
		ERR_NOT_FOUND);
	bench_close(&r);
}

static void test_others_find_nothing(void **state)
{
	const char *ids[] = {NULL, unknown_id, "", "x"};
	const struct page_query query = {.limit = 10};
	struct world *w = *state;
	struct search_new in = sweep_of(w);
	struct search_view view;
	struct page page;

	put_saw(w, 100);
	ids[0] = sweep_made(w, world_alice(w), &in).id;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		assert_int_equal(
			search_get(world_bob(w), RUN_SWEEP, ids[i], &view),
			ERR_NOT_FOUND);
		assert_int_equal(search_remove(world_bob(w), RUN_SWEEP, ids[i]),
			ERR_NOT_FOUND);
	}
	assert_int_equal(
		search_list(world_bob(w), RUN_SWEEP, &query, &page), ERR_OK);
	assert_int_equal(page.data.count, 0);
	/* nor is it a walk-forward test, or a backtest */
	assert_int_equal(
		search_get(world_alice(w), RUN_WALK_FORWARD, ids[0], &view),
		ERR_NOT_FOUND);
	assert_int_equal(
		search_remove(world_alice(w), RUN_WALK_FORWARD, ids[0]),
		ERR_NOT_FOUND);
	assert_int_equal(
		backtest_remove(world_alice(w), ids[0]), ERR_NOT_FOUND);
	assert_int_equal(
		search_list(world_alice(w), RUN_SWEEP, &query, &page), ERR_OK);
	assert_int_equal(page.data.count, 1);
	assert_string_equal(
		search_seen(world_alice(w), RUN_SWEEP, ids[0]).status,
		"queued");
}

static void test_a_strategy_stays_while_a_search_names_it(void **state)
{
	struct world *w = *state;
	const struct strategy_new made = {
		.definition = world_json(w, sweep_text)};
	struct strategy_view strategy;
	struct search_new in = sweep_of(w);
	struct search_view view;

	put_saw(w, 100);
	assert_int_equal(
		strategy_create(world_alice(w), &roomy, &made, &strategy),
		ERR_OK);
	in.run.definition = NULL;
	in.run.strategy_id = strategy.id;
	view = sweep_made(w, world_alice(w), &in);
	assert_string_equal(view.strategy_id, strategy.id);
	assert_int_equal(view.strategy_version, 1);
	assert_int_equal(
		search_create(world_bob(w), RUN_SWEEP, &roomy, &in, &view),
		ERR_NOT_FOUND);
	assert_int_equal(
		strategy_remove(world_alice(w), strategy.id, 0), ERR_OK);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM strategies"), 1);
	view = drained(w, view, RUN_SWEEP);
	assert_string_equal(view.status, "done");
	assert_int_equal(
		search_remove(world_alice(w), RUN_SWEEP, view.id), ERR_OK);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM strategies"), 0);
}

/* ---- walking forward ----------------------------------------------------- */

static struct search_new walk_of(struct world *w)
{
	struct search_new in = sweep_of(w);

	in.best = 0;
	in.metric = "return_pct";
	in.in_sample = "100d";
	in.out_of_sample = "50d";
	return in;
}

static struct search_view walk_made(
	struct world *w, const struct search_new *in)
{
	struct search_view view = {0};

	assert_int_equal(search_create(world_alice(w), RUN_WALK_FORWARD, &roomy,
				 in, &view),
		ERR_OK);
	return view;
}

static void test_windows_are_walked(void **state)
{
	struct world *w = *state;
	struct search_new in = walk_of(w);
	struct search_view view;
	const struct json *result, *windows, *stats;
	size_t tried = 0;

	put_saw(w, 400);
	view = walk_made(w, &in);
	/* 100+50, +50, ... of 400 days: six windows */
	assert_int_equal(view.points, 6 * 27);
	view = drained(w, view, RUN_WALK_FORWARD);
	assert_string_equal(view.status, "done");
	result = world_json(w, view.result.text);
	windows = json_member(result, "windows");
	assert_int_equal(windows->count, 6);
	for (const struct json *one = windows->first; one; one = one->next) {
		const struct json *out = json_member(one, "out_of_sample");

		assert_int_equal(json_member(one, "params")->count, 2);
		tried += out->kind == JSON_OBJECT;
	}
	assert_int_equal(tried, 6);
	assert_true(json_is_text(json_member(windows->first, "in_first"),
		"2020-01-01T00:00:00Z"));
	assert_true(json_is_text(json_member(windows->first, "out_first"),
		"2020-04-10T00:00:00Z"));
	assert_int_equal(json_member(result, "equity")->count, 300);
	stats = json_member(result, "stats");
	assert_true(json_is_text(
		json_member(stats, "start"), "2020-04-10T00:00:00Z"));
	assert_true(isfinite(number_of(result, "efficiency")));
	/* the money goes on from stretch to stretch */
	double whole = 1;
	for (const struct json *one = windows->first; one; one = one->next)
		whole *= 1 + number_of(json_member(one, "out_of_sample"),
				     "return_pct") /
				     100;
	assert_true(fabs(number_of(stats, "return_pct") - (whole - 1) * 100) <
		    1e-6);
}

static void test_no_choice_is_no_trade(void **state)
{
	struct world *w = *state;
	struct search_new in = walk_of(w);
	struct search_view view;
	const struct json *result, *one;

	put_saw(w, 400);
	in.constraints.min_trades = 1000;
	in.anchored = true;
	view = drained(w, walk_made(w, &in), RUN_WALK_FORWARD);
	result = world_json(w, view.result.text);
	one = json_member(result, "windows")->first;
	assert_int_equal(json_member(one, "params")->kind, JSON_NULL);
	assert_int_equal(json_member(one, "out_of_sample")->kind, JSON_NULL);
	assert_int_equal(json_member(result, "efficiency")->kind, JSON_NULL);
	assert_true(number_of(json_member(result, "stats"), "return_pct") == 0);
}

static void test_bad_windows_are_refused(void **state)
{
	static const struct {
		const char *in, *out, *step, *pointer;
	} rows[] = {
		{"100", "50d", NULL, "/in_sample"},
		{"d", "50d", NULL, "/in_sample"},
		{"0d", "50d", NULL, "/in_sample"},
		{"-5d", "50d", NULL, "/in_sample"},
		{"100w", "50d", NULL, "/in_sample"},
		{"100d", "50x", NULL, "/out_of_sample"},
		{"100d", "50b", NULL, "/out_of_sample"},
		{"100d", "50d", "49d", "/step"},
		{"100d", "50d", "60b", "/out_of_sample"},
		{"400d", "50d", NULL, "/in_sample"},
	};
	struct world *w = *state;
	struct search_new in = walk_of(w);

	put_saw(w, 400);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		in.in_sample = rows[i].in;
		in.out_of_sample = rows[i].out;
		in.step = rows[i].step;
		refuse(w, RUN_WALK_FORWARD, &in, rows[i].pointer);
	}
	in = walk_of(w);
	in.in_sample = "20b";
	in.out_of_sample = "1b";
	/* 380 windows of 27 points */
	refuse(w, RUN_WALK_FORWARD, &in, "/params");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_a_sweep_tells_the_best_and_all),
		WORLD_TEST(test_a_point_is_a_backtest),
		WORLD_TEST(test_a_point_sees_the_detail),
		WORLD_TEST(test_samples_are_drawn),
		WORLD_TEST(test_constraints_keep_points_from_the_best),
		WORLD_TEST(test_points_that_cannot_be_run_are_counted),
		WORLD_TEST(test_bad_ranges_are_refused),
		WORLD_TEST(test_ranges_have_a_length),
		WORLD_TEST(test_the_longest_list_of_the_best),
		WORLD_TEST(test_runs_faults_are_found_when_asked),
		WORLD_TEST(test_searches_are_limited),
		WORLD_TEST(test_cancel_then_remove),
		WORLD_TEST(test_others_find_nothing),
		WORLD_TEST(test_a_strategy_stays_while_a_search_names_it),
		WORLD_TEST(test_windows_are_walked),
		WORLD_TEST(test_no_choice_is_no_trade),
		WORLD_TEST(test_bad_windows_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
