/* Symbols and candles: stored ones, and those built from smaller ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "block.h"
#include "candles.h"
#include "domain_world.h"
#include "market.h"

/* Friday 2024-03-01 to Tuesday 2024-03-12, a candle a day. */
static const int64_t march_1 = INT64_C(1709251200000);
enum {
	DAYS = 12
};

static void put_days(struct world *w)
{
	const struct import_options options = {
		.symbol = "BTC-USD", .interval = "1d", .source = "test"};
	struct import_report report;
	struct buf text;

	buf_init(&text, w->arena, 4096);
	for (int i = 1; i <= DAYS; i++)
		buf_format(&text, "2024-03-%02d,%d.5,%d,%d,%d.25,%d\n", i,
			10 * i, 10 * i + 5, 10 * i - 5, 10 * i + 1, i);
	assert_int_equal(world_import(w, text.data, &options, &report), ERR_OK);
}

static struct list candles(struct world *w, const struct candle_query *query)
{
	struct list list = {0};

	assert_int_equal(market_candles(world_alice(w), query, &list), ERR_OK);
	return list;
}

static void test_interval_names(void **state)
{
	(void)state;
	assert_int_equal(market_interval_ms("1m"), 60000);
	assert_int_equal(market_interval_ms("1w"), 7 * DAY);
	assert_int_equal(market_interval_ms("2w"), 0);
	assert_int_equal(market_interval_ms(""), 0);
	assert_null(market_interval_name(1));
	for (size_t i = 0; market_intervals[i]; i++)
		assert_string_equal(market_intervals[i],
			market_interval_name(
				market_interval_ms(market_intervals[i])));
}

static void test_symbols_tell_what_is_stored(void **state)
{
	const struct symbol_view *view;
	const struct symbol_series *series;
	struct world *w = *state;
	struct list list;

	assert_int_equal(market_symbols(world_alice(w), &list), ERR_OK);
	assert_int_equal(list.count, 0);
	put_days(w);
	assert_int_equal(market_symbols(world_alice(w), &list), ERR_OK);
	assert_int_equal(list.count, 1);
	view = list.items;
	assert_string_equal(view->symbol, "BTC-USD");
	assert_string_equal(view->source, "test");
	assert_int_equal(view->price_scale, 2);
	assert_int_equal(view->volume_scale, 0);
	assert_int_equal(view->series.count, 1);
	assert_int_equal(
		view->age_s, (world_now - march_1 - (DAYS - 1) * DAY) / 1000);
	series = view->series.items;
	assert_string_equal(series->interval, "1d");
	assert_int_equal(series->candles, DAYS);
	assert_int_equal(series->first.ms, march_1);
	assert_int_equal(series->last.ms, march_1 + (DAYS - 1) * DAY);
}

static void test_symbols_keep_their_series_apart(void **state)
{
	const struct import_options eth = {
		.symbol = "ETH-USD", .interval = "1h", .source = "x"};
	const struct import_options btc = {
		.symbol = "BTC-USD", .interval = "1h", .source = "x"};
	const struct symbol_view *views;
	const struct symbol_series *series;
	struct world *w = *state;
	struct import_report report;
	struct list list;

	put_days(w);
	assert_int_equal(
		world_import(w, "2024-03-01,1,1,1,1,1\n", &eth, &report),
		ERR_OK);
	assert_int_equal(
		world_import(w, "2024-03-01,1,1,1,1,1\n", &btc, &report),
		ERR_OK);
	assert_int_equal(market_symbols(world_alice(w), &list), ERR_OK);
	assert_int_equal(list.count, 2);
	views = list.items;
	assert_int_equal(views[0].series.count, 2);
	assert_int_equal(views[1].series.count, 1);
	series = views[0].series.items;
	assert_string_equal(series[0].interval, "1h");
	assert_string_equal(series[1].interval, "1d");
	assert_int_equal(views[0].age_s,
		(world_now - march_1 - (DAYS - 1) * DAY) / 1000);
}

static void test_newest_candles_come_in_order(void **state)
{
	const struct candle_query query = {
		.symbol = "BTC-USD", .interval = "1d", .limit = 3};
	const struct candle_view *views;
	struct world *w = *state;
	struct list list;

	put_days(w);
	list = candles(w, &query);
	assert_int_equal(list.count, 3);
	views = list.items;
	for (int i = 0; i < 3; i++)
		assert_int_equal(views[i].t.ms, march_1 + (9 + i) * DAY);
	assert_string_equal(decimal_format(w->arena, views[2].c), "121.25");
	assert_string_equal(decimal_format(w->arena, views[2].h), "125.00");
	assert_string_equal(decimal_format(w->arena, views[2].v), "12");
}

static void test_range_is_half_open(void **state)
{
	const struct timestamp from = {march_1 + DAY};
	const struct timestamp to = {march_1 + 3 * DAY};
	const struct candle_query query = {.symbol = "BTC-USD",
		.interval = "1d",
		.from = &from,
		.to = &to,
		.limit = 100};
	const struct candle_view *views;
	struct world *w = *state;
	struct list list;

	put_days(w);
	list = candles(w, &query);
	assert_int_equal(list.count, 2);
	views = list.items;
	assert_int_equal(views[0].t.ms, from.ms);
}

/* Weeks: 02-26 (1..3 March), 03-04 (4..10), 03-11 (11, 12). */
static void assert_weeks(struct world *w, const struct candle_view *views)
{
	assert_int_equal(views[0].t.ms, march_1 - 4 * DAY);
	assert_int_equal(views[1].t.ms, march_1 + 3 * DAY);
	assert_int_equal(views[2].t.ms, march_1 + 10 * DAY);
	assert_string_equal(decimal_format(w->arena, views[1].o), "40.50");
	assert_string_equal(decimal_format(w->arena, views[1].h), "105.00");
	assert_string_equal(decimal_format(w->arena, views[1].l), "35.00");
	assert_string_equal(decimal_format(w->arena, views[1].c), "101.25");
	assert_string_equal(decimal_format(w->arena, views[1].v), "49");
}

static void test_weeks_are_built_from_days(void **state)
{
	const struct candle_query query = {
		.symbol = "BTC-USD", .interval = "1w", .limit = 100};
	struct world *w = *state;
	struct list list;

	put_days(w);
	list = candles(w, &query);
	assert_int_equal(list.count, 3);
	assert_weeks(w, list.items);
}

static void test_ranges_never_cut_a_built_candle(void **state)
{
	const struct timestamp from = {march_1 + DAY};
	const struct timestamp to = {march_1 + 4 * DAY};
	const struct candle_query query = {.symbol = "BTC-USD",
		.interval = "1w",
		.from = &from,
		.to = &to,
		.limit = 100};
	const struct candle_view *views;
	struct world *w = *state;
	struct list list;

	put_days(w);
	list = candles(w, &query);
	assert_int_equal(list.count, 1);
	views = list.items;
	assert_int_equal(views[0].t.ms, march_1 + 3 * DAY);
	assert_string_equal(decimal_format(w->arena, views[0].v), "49");
}

static void test_the_largest_fitting_interval_is_used(void **state)
{
	const struct import_options hours = {
		.symbol = "BTC-USD", .interval = "1h", .source = "x"};
	const struct candle_query query = {
		.symbol = "BTC-USD", .interval = "1w", .limit = 100};
	struct world *w = *state;
	struct import_report report;

	put_days(w);
	assert_int_equal(
		world_import(w, "2024-03-20,1,1,1,1,1\n", &hours, &report),
		ERR_OK);
	assert_int_equal(candles(w, &query).count, 3);
}

static void test_smaller_intervals_are_not_invented(void **state)
{
	const struct candle_query query = {
		.symbol = "BTC-USD", .interval = "1h", .limit = 100};
	struct world *w = *state;

	put_days(w);
	assert_int_equal(candles(w, &query).count, 0);
}

static void test_unknown_and_bad_queries(void **state)
{
	const struct timestamp early = {march_1};
	const struct timestamp late = {march_1 + DAY};
	const struct candle_query unknown = {
		.symbol = "NO-SUCH", .interval = "1d", .limit = 1};
	const struct candle_query interval = {
		.symbol = "BTC-USD", .interval = "2d", .limit = 1};
	const struct candle_query turned = {.symbol = "BTC-USD",
		.interval = "1d",
		.from = &late,
		.to = &early,
		.limit = 1};
	struct world *w = *state;
	struct list list;

	assert_int_equal(
		market_candles(world_alice(w), &unknown, &list), ERR_NOT_FOUND);
	assert_int_equal(market_candles(world_alice(w), &interval, &list),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/interval"));
	assert_int_equal(
		market_candles(world_alice(w), &turned, &list), ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/to"));
}

static void test_columns_are_the_nearest_doubles(void **state)
{
	const struct candle_query query = {
		.symbol = "BTC-USD", .interval = "1d"};
	struct world *w = *state;
	struct candles columns;

	put_days(w);
	assert_int_equal(
		market_columns(world_alice(w), &query, 100, &columns), ERR_OK);
	assert_int_equal(columns.count, DAYS);
	assert_int_equal(columns.time[0], march_1);
	assert_true(columns.open[0] >= 10.5 && columns.open[0] <= 10.5);
	assert_true(columns.close[11] >= 121.25 && columns.close[11] <= 121.25);
	assert_true(columns.volume[11] >= 12 && columns.volume[11] <= 12);
}

static void test_columns_have_a_limit(void **state)
{
	const struct candle_query days = {
		.symbol = "BTC-USD", .interval = "1d"};
	const struct candle_query weeks = {
		.symbol = "BTC-USD", .interval = "1w"};
	struct world *w = *state;
	struct candles columns;

	put_days(w);
	assert_int_equal(
		market_columns(world_alice(w), &days, DAYS, &columns), ERR_OK);
	assert_int_equal(
		market_columns(world_alice(w), &days, DAYS - 1, &columns),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/from"));
	assert_int_equal(
		market_columns(world_alice(w), &weeks, 3, &columns), ERR_OK);
	assert_int_equal(columns.count, 3);
	assert_int_equal(market_columns(world_alice(w), &weeks, 2, &columns),
		ERR_BAD_INPUT);
}

static void test_columns_of_an_empty_range(void **state)
{
	const struct timestamp to = {march_1};
	const struct candle_query query = {
		.symbol = "BTC-USD", .interval = "1d", .to = &to};
	struct world *w = *state;
	struct candles columns;

	put_days(w);
	assert_int_equal(
		market_columns(world_alice(w), &query, 100, &columns), ERR_OK);
	assert_int_equal(columns.count, 0);
}

static void test_series_grow_by_what_is_new(void **state)
{
	static const char *const texts[] = {
		"2024-03-05,1,1,1,1,1\n2024-03-06,1,1,1,1,1\n",
		"2024-03-06,2,2,2,2,2\n2024-03-07,1,1,1,1,1\n",
		"2024-03-01,1,1,1,1,1\n",
	};
	static const int64_t counts[] = {2, 3, 4};
	const struct import_options options = {
		.symbol = "X", .interval = "1d", .source = "test"};
	struct world *w = *state;

	for (size_t i = 0; i < 3; i++) {
		const struct symbol_view *view;
		const struct symbol_series *series;
		struct import_report report;
		struct list list;

		assert_int_equal(
			world_import(w, texts[i], &options, &report), ERR_OK);
		assert_int_equal(market_symbols(world_alice(w), &list), ERR_OK);
		view = list.items;
		assert_int_equal(view->series.count, 1);
		series = view->series.items;
		assert_int_equal(series->candles, counts[i]);
		assert_int_equal(world_candles(w), counts[i]);
		assert_int_equal(
			series->first.ms, march_1 + (i == 2 ? 0 : 4 * DAY));
		assert_int_equal(series->last.ms,
			march_1 + (i == 0 ? 5 * DAY : 6 * DAY));
	}
}

/* Minutes over three blocks, with holes, of which nothing is stored twice. */
static const int64_t minute = 60000;
enum {
	MINUTES = 20000
};

static bool is_hole(int i)
{
	return i % 1000 == 17 || (i > 9000 && i < 9100);
}

static int put_minutes(struct world *w)
{
	const struct import_options options = {
		.symbol = "BTC-USD", .interval = "1m", .source = "test"};
	struct import_report report;
	struct buf text;
	int count = 0;

	buf_init(&text, w->arena, 1 << 20);
	for (int i = 0; i < MINUTES; i++) {
		if (is_hole(i))
			continue;
		buf_format(&text, "%lld,%d.25,%d,%d,%d.5,%d\n",
			(long long)(march_1 + i * minute) / 1000, 1000 + i % 50,
			1100 + i % 7, 900 - i % 5, 1000 + i % 40, i % 11);
		count++;
	}
	assert_int_equal(world_import(w, text.data, &options, &report), ERR_OK);
	assert_true(world_number(w, "SELECT count(*) FROM candle_blocks") > 2);
	return count;
}

/* From every side of every border. */
static void test_ranges_over_blocks(void **state)
{
	static const int edges[] = {0, 1, 17, 18, 2191, 2192, 2193, 9000, 9050,
		9100, 10383, 10384, 10385, MINUTES - 1, MINUTES};
	const int count = sizeof(edges) / sizeof(edges[0]);
	struct world *w = *state;

	put_minutes(w);
	for (int k = 0; k < count * count; k++) {
		const int a = edges[k / count];
		const int b = edges[k % count];
		const struct timestamp from = {march_1 + a * minute};
		const struct timestamp to = {march_1 + b * minute};
		const struct candle_query query = {.symbol = "BTC-USD",
			.interval = "1m",
			.from = &from,
			.to = &to,
			.limit = MINUTES};
		struct candles columns;
		struct list list;
		size_t at = 0;

		if (a >= b)
			continue;
		assert_int_equal(market_columns(world_alice(w), &query, MINUTES,
					 &columns),
			ERR_OK);
		list = candles(w, &query);
		assert_int_equal(list.count, columns.count);
		for (int i = a; i < b; i++) {
			const struct candle_view *views = list.items;

			if (is_hole(i))
				continue;
			assert_true(at < columns.count);
			assert_int_equal(
				columns.time[at], march_1 + i * minute);
			assert_int_equal(views[at].t.ms, march_1 + i * minute);
			assert_int_equal(
				views[at].o.units, (1000 + i % 50) * 100 + 25);
			at++;
		}
		assert_int_equal(at, columns.count);
	}
}

/* Built forwards and backwards, the bars are the same. */
static void test_built_bars_cross_blocks(void **state)
{
	static const char *const intervals[] = {"5m", "1h", "4h", "1d", "1w"};
	struct world *w = *state;

	put_minutes(w);
	for (size_t k = 0; k < sizeof(intervals) / sizeof(intervals[0]); k++) {
		const struct candle_query query = {.symbol = "BTC-USD",
			.interval = intervals[k],
			.limit = MINUTES};
		const int64_t length = market_interval_ms(intervals[k]);
		const struct candle_view *views;
		struct candles columns;
		struct list list;
		double volume = 0;

		assert_int_equal(market_columns(world_alice(w), &query, MINUTES,
					 &columns),
			ERR_OK);
		list = candles(w, &query);
		assert_int_equal(list.count, columns.count);
		views = list.items;
		for (size_t i = 0; i < list.count; i++) {
			const double open = decimal_double(views[i].o);
			const double close = decimal_double(views[i].c);

			assert_int_equal(views[i].t.ms, columns.time[i]);
			assert_int_equal(
				(views[i].t.ms - block_origin(length)) % length,
				0);
			assert_memory_equal(
				&open, &columns.open[i], sizeof(open));
			assert_memory_equal(
				&close, &columns.close[i], sizeof(close));
			volume += columns.volume[i];
		}
		double wanted = 0;
		for (int i = 0; i < MINUTES; i++)
			wanted += is_hole(i) ? 0 : i % 11;
		assert_memory_equal(&volume, &wanted, sizeof(volume));
	}
}

/* A damaged block disturbs only those who need it. */
static void test_newest_candles_read_the_newest_blocks(void **state)
{
	struct candle_query query = {
		.symbol = "BTC-USD", .interval = "1m", .limit = 100};
	struct world *w = *state;
	struct list list;

	put_minutes(w);
	assert_int_equal(
		db_script(w->db, "UPDATE candle_blocks SET data = x'00' WHERE"
				 " first < (SELECT max(first) FROM"
				 " candle_blocks)"),
		ERR_OK);
	assert_int_equal(candles(w, &query).count, 100);
	query.interval = "1h";
	query.limit = 10;
	assert_int_equal(candles(w, &query).count, 10);
	query.limit = MINUTES;
	assert_int_equal(
		market_candles(world_alice(w), &query, &list), ERR_INTERNAL);
}

/* Within a transaction of the caller there is a snapshot already. */
static void test_reads_inside_a_transaction(void **state)
{
	const struct candle_query query = {
		.symbol = "BTC-USD", .interval = "1d", .limit = 3};
	struct world *w = *state;

	put_days(w);
	assert_int_equal(db_begin(w->db), ERR_OK);
	assert_int_equal(candles(w, &query).count, 3);
	assert_true(db_in_transaction(w->db));
	assert_int_equal(db_commit(w->db), ERR_OK);
	assert_int_equal(candles(w, &query).count, 3);
	assert_false(db_in_transaction(w->db));
}

/* What the engine could not trust is found here, not there. */
static void test_columns_are_sound(void **state)
{
	const struct import_options options = {
		.symbol = "X", .interval = "1d", .source = "test"};
	const struct candle_query query = {.symbol = "X", .interval = "1d"};
	struct world *w = *state;
	struct import_report report;
	struct candles columns;

	assert_int_equal(world_import(w, "2024-03-01,1,92233720368,1,2,3\n",
				 &options, &report),
		ERR_OK);
	assert_int_equal(market_columns(world_alice(w), &query, 10, &columns),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, ""));
}

/* As if a century of minutes were stored. */
static void test_builds_of_too_many_candles_are_refused(void **state)
{
	const struct timestamp from = {march_1};
	struct candle_query query = {
		.symbol = "X", .interval = "1w", .limit = 5000};
	struct world *w = *state;
	struct candles columns;
	struct list list;

	assert_int_equal(
		db_script(w->db,
			"INSERT INTO symbols (symbol, source, price_scale,"
			" volume_scale, series, created_at) VALUES ('X', "
			"'test', 0,"
			" 0, '[[60000,50000000,"
			"-1290748800000,1709251140000]]', 1)"),
		ERR_OK);
	assert_int_equal(
		market_candles(world_alice(w), &query, &list), ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/interval"));
	assert_int_equal(
		market_columns(world_alice(w), &query, 100000, &columns),
		ERR_BAD_INPUT);
	assert_true(world_fault_at(w, "/interval"));
	query.limit = 992; /* weeks of 10080 minutes: just below */
	assert_int_equal(market_candles(world_alice(w), &query, &list), ERR_OK);
	query.limit = 5000;
	query.from = &from;
	assert_int_equal(market_candles(world_alice(w), &query, &list), ERR_OK);
	query.from = NULL;
	query.interval = "1m"; /* stored: read as it is */
	assert_int_equal(market_candles(world_alice(w), &query, &list), ERR_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_interval_names),
		WORLD_TEST(test_symbols_tell_what_is_stored),
		WORLD_TEST(test_symbols_keep_their_series_apart),
		WORLD_TEST(test_newest_candles_come_in_order),
		WORLD_TEST(test_range_is_half_open),
		WORLD_TEST(test_weeks_are_built_from_days),
		WORLD_TEST(test_ranges_never_cut_a_built_candle),
		WORLD_TEST(test_the_largest_fitting_interval_is_used),
		WORLD_TEST(test_smaller_intervals_are_not_invented),
		WORLD_TEST(test_unknown_and_bad_queries),
		WORLD_TEST(test_columns_are_the_nearest_doubles),
		WORLD_TEST(test_columns_have_a_limit),
		WORLD_TEST(test_columns_of_an_empty_range),
		WORLD_TEST(test_series_grow_by_what_is_new),
		WORLD_TEST(test_ranges_over_blocks),
		WORLD_TEST(test_built_bars_cross_blocks),
		WORLD_TEST(test_newest_candles_read_the_newest_blocks),
		WORLD_TEST(test_reads_inside_a_transaction),
		WORLD_TEST(test_columns_are_sound),
		WORLD_TEST(test_builds_of_too_many_candles_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
