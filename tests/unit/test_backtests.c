/* Backtests: run, kept, listed, and nobody else's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "backtests.h"
#include "domain_world.h"
#include "strategy_help.h"

static const char unknown_id[] = "01h00000000000000000000000";

static struct backtest_new cross(struct world *w)
{
	return (struct backtest_new){.definition = world_json(w, cross_text),
		.symbol = "SAW",
		.finalize = true,
		.keep = true};
}

static struct backtest_view run(struct world *w, const struct backtest_new *in)
{
	struct backtest_view view = {0};
	enum err err = backtest_create(world_alice(w), &roomy, in, &view);

	if (err != ERR_OK && w->report->fault_count > 0)
		print_message("%s %s\n", w->report->faults[0].pointer,
			w->report->faults[0].message);
	assert_int_equal(err, ERR_OK);
	return view;
}

static void test_a_run_is_kept_whole(void **state)
{
	struct world *w = *state;
	struct backtest_new in = cross(w);
	struct backtest_view made;
	struct backtest_view got;

	put_saw(w, 200);
	made = run(w, &in);
	assert_string_equal(made.status, "done");
	assert_int_equal(made.progress, 100);
	assert_string_equal(made.interval, "1d");
	assert_null(made.strategy_id);
	assert_int_equal(backtest_get(world_alice(w), made.id, &got), ERR_OK);
	assert_string_equal(got.stats.text, made.stats.text);
	assert_string_equal(got.equity.text, made.equity.text);
	assert_string_equal(got.trades.text, made.trades.text);
	assert_string_equal(got.request.text, made.request.text);
	assert_string_equal(got.symbol, "SAW");
	assert_string_equal(got.interval, "1d");
	assert_int_equal(got.strategy_version, 0);
	assert_int_equal(got.created_at.ms, world_now);
}

static void test_result_is_the_json_promised(void **state)
{
	struct world *w = *state;
	struct backtest_new in = cross(w);
	const struct json *stats;
	const struct json *trades;
	const struct json *equity;
	struct backtest_view made;
	int64_t count = 0;

	put_saw(w, 200);
	made = run(w, &in);
	stats = world_json(w, made.stats.text);
	trades = world_json(w, made.trades.text);
	equity = world_json(w, made.equity.text);
	assert_int_equal(stats->count, 36);
	assert_true(json_is_text(
		json_member(stats, "start"), "2020-01-01T00:00:00Z"));
	assert_true(json_integer(json_member(stats, "trades"), &count));
	assert_int_equal(trades->count, count);
	assert_true(count > 0);
	assert_int_equal(
		json_member(trades->first, "entry_price")->kind, JSON_TEXT);
	assert_int_equal(
		json_member(trades->first, "entry_time")->kind, JSON_TEXT);
	assert_int_equal(
		json_member(trades->first, "return_pct")->kind, JSON_NUMBER);
	assert_int_equal(equity->count, 200);
	assert_int_equal(equity->first->count, 2);
}

static void test_undefined_statistics_are_null(void **state)
{
	struct world *w = *state;
	struct backtest_new in = cross(w);
	const struct json *stats;

	put_saw(w, 3);
	stats = world_json(w, run(w, &in).stats.text);
	assert_int_equal(json_member(stats, "win_rate_pct")->kind, JSON_NULL);
}

static void test_long_curves_are_thinned(void **state)
{
	struct world *w = *state;
	struct backtest_new in = cross(w);
	const struct json *equity;
	int64_t last = -1;
	int64_t time = 0;

	put_saw(w, 2400);
	equity = world_json(w, run(w, &in).equity.text);
	assert_true(equity->count <= 2000 && equity->count > 1000);
	for (const struct json *point = equity->first; point;
		point = point->next) {
		assert_true(json_integer(point->first, &time));
		assert_true(time > last);
		last = time;
	}
	assert_int_equal(time, INT64_C(1577836800000) + 2399 * DAY);
}

/* In at each close, out a bar later: a trade every other bar. */
static void test_many_trades_are_in_two_parts(void **state)
{
	static const char busy[] =
		"{\"version\":1,\"name\":\"Busy\",\"interval\":\"1d\","
		"\"entry\":{\"long\":\"close > 0\"},"
		"\"stops\":{\"max_bars\":1}}";
	struct world *w = *state;
	struct backtest_new in = {.definition = world_json(w, busy),
		.symbol = "SAW",
		.finalize = true,
		.keep = true};
	struct backtest_part all;
	struct backtest_view made;
	struct backtest_view got;
	const struct json *trades;
	int64_t count = 0;

	put_saw(w, 1500);
	made = run(w, &in);
	assert_int_equal(backtest_get(world_alice(w), made.id, &got), ERR_OK);
	assert_int_equal(world_json(w, made.trades.text)->count, 500);
	assert_int_equal(world_json(w, got.trades.text)->count, 500);
	assert_int_equal(
		backtest_trades(world_alice(w), made.id, &all), ERR_OK);
	assert_int_equal(strlen(all.data.text), all.data.len);
	trades = world_json(w, all.data.text);
	assert_true(json_integer(
		json_member(world_json(w, got.stats.text), "trades"), &count));
	assert_int_equal(trades->count, count);
	assert_true(count > 600);
	assert_int_equal(
		backtest_trades(world_bob(w), made.id, &all), ERR_NOT_FOUND);
}

static void test_stored_strategy_is_run(void **state)
{
	struct world *w = *state;
	struct strategy_view strategy = strategy_made(w, "Kept");
	struct backtest_new in = {.strategy_id = strategy.id,
		.symbol = "SAW",
		.finalize = true,
		.keep = true};
	struct backtest_view made;
	struct backtest_view got;

	put_saw(w, 100);
	made = run(w, &in);
	assert_string_equal(made.strategy_id, strategy.id);
	assert_int_equal(made.strategy_version, 1);
	assert_int_equal(
		strategy_remove(world_alice(w), strategy.id, 0), ERR_OK);
	assert_int_equal(backtest_get(world_alice(w), made.id, &got), ERR_OK);
	assert_string_equal(got.strategy_id, strategy.id);
}

static void test_foreign_strategies_are_not_found(void **state)
{
	struct world *w = *state;
	struct strategy_view strategy = strategy_made(w, "Alice's");
	const struct backtest_new foreign = {
		.strategy_id = strategy.id, .symbol = "SAW", .keep = true};
	const struct backtest_new unknown = {
		.strategy_id = unknown_id, .symbol = "SAW", .keep = true};
	struct backtest_view view;

	put_saw(w, 100);
	assert_int_equal(backtest_create(world_bob(w), &roomy, &foreign, &view),
		ERR_NOT_FOUND);
	assert_int_equal(
		backtest_create(world_alice(w), &roomy, &unknown, &view),
		ERR_NOT_FOUND);
}

static void assert_refused(
	struct world *w, const struct backtest_new *in, const char *pointer)
{
	struct backtest_view view;

	assert_int_equal(backtest_create(world_alice(w), &roomy, in, &view),
		ERR_BAD_INPUT);
	if (!world_fault_at(w, pointer))
		fail_msg("no fault at %s but %s", pointer,
			w->report->fault_count ? w->report->faults[0].pointer
					       : "none");
}

static void test_bad_requests_are_refused(void **state)
{
	const struct timestamp from = {INT64_C(1577836800000) + 5 * DAY};
	const struct timestamp to = {INT64_C(1577836800000)};
	const struct timestamp past = {INT64_C(1477836800000)};
	struct world *w = *state;
	struct backtest_new in;

	put_saw(w, 100);
	in = cross(w);
	in.strategy_id = unknown_id;
	assert_refused(w, &in, "");
	in = cross(w);
	in.definition = NULL;
	assert_refused(w, &in, "");
	in = cross(w);
	in.symbol = "NONE";
	assert_refused(w, &in, "/symbol");
	in = cross(w);
	in.interval = "1h";
	assert_refused(w, &in, "/symbol");
	in = cross(w);
	in.interval = "7d";
	assert_refused(w, &in, "/interval");
	in = cross(w);
	in.from = &from;
	in.to = &to;
	assert_refused(w, &in, "/to");
	in = cross(w);
	in.to = &past;
	assert_refused(w, &in, "/symbol");
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM backtests"), 0);
}

static void test_bars_are_limited(void **state)
{
	struct limits few = roomy;
	struct world *w = *state;
	struct backtest_new in = cross(w);
	struct backtest_view view;

	put_saw(w, 100);
	few.backtest_bars = 99;
	assert_int_equal(backtest_create(world_alice(w), &few, &in, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/from"));
	few.backtest_bars = 100;
	few.backtest_candle_bytes = 99 * 48;
	assert_int_equal(backtest_create(world_alice(w), &few, &in, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/from"));
}

static void test_number_is_limited(void **state)
{
	struct limits one = roomy;
	struct world *w = *state;
	struct backtest_new in = cross(w);
	struct backtest_view view;

	put_saw(w, 100);
	one.backtests_per_user = 1;
	assert_int_equal(
		backtest_create(world_alice(w), &one, &in, &view), ERR_OK);
	assert_int_equal(backtest_create(world_alice(w), &one, &in, &view),
		ERR_CONFLICT);
	assert_int_equal(
		backtest_create(world_bob(w), &one, &in, &view), ERR_OK);
}

static void test_options_reach_the_run(void **state)
{
	const struct decimal cash = {50000, 0};
	const struct decimal fee = {1, 3};
	struct world *w = *state;
	struct backtest_new in = cross(w);
	const struct json *request;
	const struct json *stats;
	double peak = 0;
	double paid = 0;

	put_saw(w, 100);
	in.cash = &cash;
	in.fee = &fee;
	in.params = world_json(w, "{\"fast\":4}");
	struct backtest_view made = run(w, &in);
	request = world_json(w, made.request.text);
	stats = world_json(w, made.stats.text);
	assert_true(json_is_text(json_member(request, "cash"), "50000"));
	assert_true(json_is_text(json_member(request, "fee"), "0.001"));
	assert_int_equal(json_member(request, "params")->count, 1);
	assert_true(json_double(json_member(stats, "equity_peak"), &peak));
	assert_true(json_double(json_member(stats, "commissions"), &paid));
	assert_true(peak >= 50000);
	assert_true(paid > 0);
}

static void test_parts(void **state)
{
	struct world *w = *state;
	struct backtest_new in = cross(w);
	struct backtest_view made;
	struct backtest_part part;

	put_saw(w, 100);
	made = run(w, &in);
	assert_int_equal(
		backtest_trades(world_alice(w), made.id, &part), ERR_OK);
	assert_string_equal(part.data.text, made.trades.text);
	assert_int_equal(
		backtest_equity(world_alice(w), made.id, &part), ERR_OK);
	assert_string_equal(part.data.text, made.equity.text);
}

static void test_report_is_kept(void **state)
{
	struct world *w = *state;
	struct backtest_new in = cross(w);
	struct backtest_view made, other, got;
	struct backtest_part part;

	put_saw(w, 100);
	in.report = true;
	made = run(w, &in);
	assert_int_equal(strlen(made.fingerprint), 64);
	assert_true(json_is_text(
		json_member(world_json(w, made.report.text), "fingerprint"),
		made.fingerprint));
	assert_int_equal(backtest_get(world_alice(w), made.id, &got), ERR_OK);
	assert_string_equal(got.report.text, made.report.text);
	assert_string_equal(got.fingerprint, made.fingerprint);
	assert_int_equal(
		backtest_report_get(world_alice(w), made.id, &part), ERR_OK);
	assert_string_equal(part.data.text, made.report.text);
	/* only the samples depend on the seed */
	in.seed = 7;
	other = run(w, &in);
	assert_string_equal(other.fingerprint, made.fingerprint);
	assert_string_not_equal(other.report.text, made.report.text);
	assert_non_null(strstr(other.report.text, "\"seed\":7"));
}

/* Made by the first who reads it, of the candles that there were. */
static void test_report_comes_when_it_is_read(void **state)
{
	static const char gone[] =
		"UPDATE backtests SET report = NULL, fingerprint = 'other'";
	struct world *w = *state;
	struct backtest_new in = cross(w);
	struct backtest_view at_once, made, got;
	struct backtest_part part;

	put_saw(w, 100);
	made = run(w, &in);
	assert_null(made.report.text);
	assert_non_null(made.fingerprint);
	in.report = true;
	at_once = run(w, &in);
	put_saw(w, 200); /* candles behind it change nothing */
	assert_int_equal(
		backtest_report_get(world_alice(w), made.id, &part), ERR_OK);
	assert_string_equal(part.data.text, at_once.report.text);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM backtests"
					 " WHERE report IS NULL"),
		0);
	assert_int_equal(backtest_get(world_alice(w), made.id, &got), ERR_OK);
	assert_string_equal(got.report.text, at_once.report.text);
	/* what comes out is another result now */
	assert_int_equal(db_run(w->db, gone, NO_BINDS, NULL), ERR_OK);
	assert_int_equal(backtest_get(world_alice(w), made.id, &got), ERR_OK);
	assert_null(got.report.text);
	assert_int_equal(
		backtest_report_get(world_alice(w), made.id, &part), ERR_OK);
	assert_null(part.data.text);
}

/* No row, no quota, and nothing that would have to wait. */
static void test_what_is_not_to_be_kept_is_told_alone(void **state)
{
	struct world *w = *state;
	struct backtest_new in = cross(w);
	struct limits none = roomy;
	struct backtest_view kept, told;

	put_saw(w, 100);
	kept = run(w, &in);
	in.keep = false;
	none.backtests_per_user = 0;
	none.backtest_runs_hour = 0;
	assert_int_equal(
		backtest_create(world_alice(w), &none, &in, &told), ERR_OK);
	assert_null(told.id);
	assert_string_equal(told.status, "done");
	assert_string_equal(told.fingerprint, kept.fingerprint);
	assert_string_equal(told.stats.text, kept.stats.text);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM backtests"), 1);
	none.backtest_inline_work = 1;
	assert_int_equal(backtest_create(world_alice(w), &none, &in, &told),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/keep"));
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM runs"), 0);
}

/* Weeks in whose course days tell that the target came before the stop. */
static void test_detail_leads_through_a_candle(void **state)
{
	static const char text[] =
		"{\"version\":1,\"name\":\"Both\",\"interval\":\"1w\","
		"\"entry\":{\"long\":{\"gt\":[\"close\",0]}},"
		"\"stops\":{\"stop_loss_pct\":\"1\","
		"\"take_profit_pct\":\"1\"}}";
	struct world *w = *state;
	struct backtest_new in = cross(w);
	struct limits few = roomy;
	struct backtest_view coarse, fine;

	put_saw(w, 140);
	in.definition = world_json(w, text);
	coarse = run(w, &in);
	in.detail_interval = "1d";
	fine = run(w, &in);
	assert_string_not_equal(fine.fingerprint, coarse.fingerprint);
	assert_true(json_is_text(json_member(world_json(w, fine.request.text),
					 "detail_interval"),
		"1d"));
	in.detail_interval = "1w";
	assert_refused(w, &in, "/detail_interval");
	in.detail_interval = "1h";
	assert_refused(w, &in, "/detail_interval");
	in.detail_interval = "1d";
	few.backtest_candle_bytes = 100 * 48;
	assert_int_equal(backtest_create(world_alice(w), &few, &in, &fine),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/detail_interval"));
}

static void test_each_option_has_its_fault(void **state)
{
	const struct decimal bad = {-1, 0};
	struct world *w = *state;
	const struct backtest_new plain = cross(w);
	struct backtest_new in;
	const struct {
		const struct decimal **member;
		const char *pointer;
	} rows[] = {
		{&in.fee, "/fee"},
		{&in.fee_maker, "/fee_maker"},
		{&in.fee_taker, "/fee_taker"},
		{&in.fee_fixed, "/fee_fixed"},
		{&in.spread, "/spread"},
		{&in.slippage, "/slippage"},
		{&in.tick, "/tick"},
		{&in.lot, "/lot"},
		{&in.min_notional, "/min_notional"},
		{&in.margin, "/margin"},
	};

	put_saw(w, 100);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		in = plain;
		*rows[i].member = &bad;
		assert_refused(w, &in, rows[i].pointer);
	}
}

static void test_others_find_nothing(void **state)
{
	const char *ids[] = {NULL, unknown_id, "", "x"};
	const struct page_query query = {.limit = 10};
	struct world *w = *state;
	struct backtest_new in = cross(w);
	struct backtest_view view;
	struct backtest_part part;
	struct page page;

	put_saw(w, 100);
	ids[0] = run(w, &in).id;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		assert_int_equal(backtest_get(world_bob(w), ids[i], &view),
			ERR_NOT_FOUND);
		assert_int_equal(backtest_trades(world_bob(w), ids[i], &part),
			ERR_NOT_FOUND);
		assert_int_equal(backtest_equity(world_bob(w), ids[i], &part),
			ERR_NOT_FOUND);
		assert_int_equal(
			backtest_report_get(world_bob(w), ids[i], &part),
			ERR_NOT_FOUND);
		assert_int_equal(
			backtest_remove(world_bob(w), ids[i]), ERR_NOT_FOUND);
	}
	assert_int_equal(backtest_list(world_bob(w), &query, &page), ERR_OK);
	assert_int_equal(page.data.count, 0);
	assert_int_equal(backtest_get(world_alice(w), ids[0], &view), ERR_OK);
}

static void test_list_and_remove(void **state)
{
	struct page_query query = {.limit = 2};
	struct world *w = *state;
	struct backtest_new in = cross(w);
	const struct backtest_row *rows;
	struct page page;

	put_saw(w, 100);
	for (int i = 0; i < 3; i++)
		(void)run(w, &in);
	assert_int_equal(backtest_list(world_alice(w), &query, &page), ERR_OK);
	assert_int_equal(page.data.count, 2);
	rows = page.data.items;
	assert_string_equal(rows[0].interval, "1d");
	assert_true(strcmp(rows[0].id, rows[1].id) > 0);
	assert_int_equal(backtest_remove(world_alice(w), rows[0].id), ERR_OK);
	assert_int_equal(
		backtest_remove(world_alice(w), rows[0].id), ERR_NOT_FOUND);
	query.cursor = page.next_cursor;
	assert_int_equal(backtest_list(world_alice(w), &query, &page), ERR_OK);
	assert_int_equal(page.data.count, 1);
	assert_null(page.next_cursor);
}

/* Removed, a strategy keeps what its backtests refer to, and no longer. */
static void test_removed_strategies_go_with_their_backtests(void **state)
{
	struct world *w = *state;
	struct strategy_view made = strategy_made(w, NULL);
	const struct strategy_change change = {
		.id = made.id, .definition = world_json(w, cross_text)};
	const struct backtest_new in = {.strategy_id = made.id,
		.symbol = "SAW",
		.finalize = true,
		.keep = true};
	struct backtest_view first;
	struct backtest_view second;
	struct backtest_view got;

	put_saw(w, 100);
	first = run(w, &in);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			strategy_update(world_alice(w), &change, &made),
			ERR_OK);
	second = run(w, &in);
	assert_int_equal(strategy_remove(world_alice(w), change.id, 0), ERR_OK);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM strategies"), 1);
	assert_int_equal(
		world_number(w, "SELECT COUNT(*) FROM strategy_versions"), 2);
	assert_int_equal(
		world_number(w, "SELECT MAX(version) FROM strategy_versions"),
		3);
	assert_int_equal(backtest_create(world_alice(w), &roomy, &in, &got),
		ERR_NOT_FOUND);
	assert_int_equal(backtest_remove(world_alice(w), first.id), ERR_OK);
	assert_int_equal(
		world_number(w, "SELECT COUNT(*) FROM strategy_versions"), 1);
	assert_int_equal(backtest_get(world_alice(w), second.id, &got), ERR_OK);
	assert_string_equal(got.strategy_id, change.id);
	assert_int_equal(backtest_remove(world_alice(w), second.id), ERR_OK);
	assert_int_equal(world_number(w, "SELECT COUNT(*) FROM strategies"), 0);
	assert_int_equal(
		world_number(w, "SELECT COUNT(*) FROM strategy_versions"), 0);
}

/* A strategy that still stands loses nothing with its backtests. */
static void test_strategies_outlive_their_backtests(void **state)
{
	struct world *w = *state;
	struct strategy_view made = strategy_made(w, NULL);
	const struct backtest_new in = {.strategy_id = made.id,
		.symbol = "SAW",
		.finalize = true,
		.keep = true};
	struct backtest_view view;

	put_saw(w, 100);
	view = run(w, &in);
	assert_int_equal(backtest_remove(world_alice(w), view.id), ERR_OK);
	assert_int_equal(
		backtest_remove(world_alice(w), view.id), ERR_NOT_FOUND);
	assert_int_equal(strategy_get(world_alice(w), made.id, &made), ERR_OK);
}

static void test_faults_name_the_members_of_the_request(void **state)
{
	const struct decimal zero = {0, 0};
	const struct decimal half = {5, 1};
	struct world *w = *state;
	struct backtest_new in = cross(w);
	struct backtest_view view;

	put_saw(w, 100);
	in.fee = &half;
	assert_int_equal(backtest_create(world_alice(w), &roomy, &in, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/fee"));
	in.fee = NULL;
	in.cash = &zero;
	assert_int_equal(backtest_create(world_alice(w), &roomy, &in, &view),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/cash"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_a_run_is_kept_whole),
		WORLD_TEST(test_result_is_the_json_promised),
		WORLD_TEST(test_undefined_statistics_are_null),
		WORLD_TEST(test_long_curves_are_thinned),
		WORLD_TEST(test_many_trades_are_in_two_parts),
		WORLD_TEST(test_stored_strategy_is_run),
		WORLD_TEST(test_foreign_strategies_are_not_found),
		WORLD_TEST(test_bad_requests_are_refused),
		WORLD_TEST(test_bars_are_limited),
		WORLD_TEST(test_number_is_limited),
		WORLD_TEST(test_options_reach_the_run),
		WORLD_TEST(test_parts),
		WORLD_TEST(test_report_is_kept),
		WORLD_TEST(test_report_comes_when_it_is_read),
		WORLD_TEST(test_what_is_not_to_be_kept_is_told_alone),
		WORLD_TEST(test_detail_leads_through_a_candle),
		WORLD_TEST(test_each_option_has_its_fault),
		WORLD_TEST(test_others_find_nothing),
		WORLD_TEST(test_list_and_remove),
		WORLD_TEST(test_removed_strategies_go_with_their_backtests),
		WORLD_TEST(test_strategies_outlive_their_backtests),
		WORLD_TEST(test_faults_name_the_members_of_the_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
