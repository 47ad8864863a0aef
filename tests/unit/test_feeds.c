/*
 * What is fetched, written down: the setting that names it, quotes and their
 * order, how a feed goes, candles that come from memory, gaps and what a
 * correction raises, and what people are shown of all that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain_world.h"
#include "feeds.h"
#include "market.h"

#define ONE INT64_C(100000000)
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

static struct admin_scope *admin_at(struct world *w, int64_t now)
{
	return admin_scope_mint(
		w->arena, w->db, world_report(w), "operator", now);
}

static struct scope *scope_at(struct world *w, int64_t now)
{
	return scope_mint(w->arena, w->db, world_report(w), "alice", now);
}

/* ---- the setting ---------------------------------------------------------------- */

static enum err parse(struct world *w, const char *text, struct list *out)
{
	return feeds_parse(w->arena, text, world_report(w), out);
}

static void test_setting(void **state)
{
	struct world *w = *state;
	const struct feed *feeds;
	struct list list;

	assert_int_equal(parse(w, "", &list), ERR_OK);
	assert_int_equal(list.count, 0);
	assert_int_equal(parse(w,
				 " BTC-USDT=binance:BTCUSDT:1m, ETH-USD="
				 "coingecko:ethereum SOL-USDT=binance:SOLUSDT ",
				 &list),
		ERR_OK);
	assert_int_equal(list.count, 3);
	feeds = list.items;
	assert_string_equal(feeds[0].symbol, "BTC-USDT");
	assert_string_equal(feeds[0].native, "BTCUSDT");
	assert_int_equal(feeds[0].interval_ms, MINUTE);
	assert_int_equal(feeds[1].source, FEED_COINGECKO);
	assert_string_equal(feeds[1].native, "ethereum");
	assert_string_equal(feeds[1].currency, "usd");
	assert_int_equal(feeds[2].interval_ms, 0);
}

static void test_setting_names_what_is_wrong(void **state)
{
	static const char *const bad[] = {"BTC-USDT", "BTC-USDT=", "=",
		"BTC-USDT=binance", "BTC-USDT=binance:", "BTC-USDT=kraken:X",
		"btc=binance:BTCUSDT", "BTC-USDT=binance:btcusdt",
		"BTC-USDT=binance:BTCUSDT:2m",
		"BTC-USDT=binance:BTCUSDT:", "BTC-USDT=binance:BTC/USDT",
		"ETH-USD=coingecko:Ethereum", "ETH=coingecko:ethereum",
		"ETH-U=coingecko:ethereum", "ETH-USD=coingecko:eth&x=1",
		"ETH-USD=coingecko:ethereum:1m",
		"A-B=binance:AB A-B=binance:AC",
		"A-B=binance:AB C-D=binance:AB"};
	struct world *w = *state;
	struct list list;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (parse(w, bad[i], &list) == ERR_OK)
			print_error("%s\n", bad[i]);
		assert_int_equal(parse(w, bad[i], &list), ERR_BAD_INPUT);
		assert_true(world_fault_at(w, "MARKET_SYMBOLS"));
		assert_int_equal(w->report->fault_count, 1);
	}
	/* each entry for itself */
	assert_int_equal(parse(w, "X Y=binance:Y:1m Z", &list), ERR_BAD_INPUT);
	assert_int_equal(w->report->fault_count, 2);
}

static void test_setting_has_an_end(void **state)
{
	struct world *w = *state;
	char *text = arena_text(w->arena, "");
	struct list list;

	for (int i = 0; i < FEEDS_LIMIT; i++)
		text = arena_format(
			w->arena, "%s A%d-USDT=binance:A%dUSDT", text, i, i);
	assert_int_equal(parse(w, text, &list), ERR_OK);
	assert_int_equal(list.count, FEEDS_LIMIT);
	text = arena_format(w->arena, "%s B-USDT=binance:BUSDT", text);
	assert_int_equal(parse(w, text, &list), ERR_BAD_INPUT);
}

/* ---- feeds -------------------------------------------------------------------------- */

static void begin(struct world *w, const char *text)
{
	struct list list;

	assert_int_equal(parse(w, text, &list), ERR_OK);
	assert_int_equal(feeds_begin(admin_at(w, world_now), &list), ERR_OK);
}

static bool note(struct world *w, const char *error)
{
	const char *name = "ETH-USD";
	const struct text_list names = {&name, 1};
	bool turned = false;

	assert_int_equal(
		feeds_note(admin_at(w, world_now), &names, error, &turned),
		ERR_OK);
	return turned;
}

static void test_feeds_come_and_go(void **state)
{
	struct world *w = *state;

	begin(w, "ETH-USD=coingecko:ethereum BTC-USDT=binance:BTCUSDT:1m");
	/* with candles comes the symbol; a quote alone makes one */
	assert_int_equal(world_number(w, "SELECT count(*) FROM symbols"), 1);
	assert_int_equal(world_number(w, "SELECT count(*) FROM feeds"), 2);
	assert_true(note(w, NULL));
	assert_false(note(w, NULL));
	assert_true(note(w, "no answer"));
	assert_false(note(w, "no answer"));
	assert_int_equal(
		world_number(w, "SELECT failures FROM feeds WHERE symbol ="
				" 'ETH-USD'"),
		2);
	/* another start knows how it went */
	begin(w, "ETH-USD=coingecko:ethereum");
	assert_int_equal(world_number(w, "SELECT failures FROM feeds"), 2);
	assert_true(note(w, NULL));
	assert_int_equal(world_number(w, "SELECT failures FROM feeds"), 0);
	begin(w, "");
	assert_int_equal(world_number(w, "SELECT count(*) FROM feeds"), 0);
	assert_int_equal(world_number(w, "SELECT count(*) FROM symbols"), 1);
}

/* ---- quotes --------------------------------------------------------------------------- */

static void quote(struct world *w, int64_t now, int64_t at, int64_t price)
{
	const struct quote_new item = {.symbol = "ETH-USD",
		.source = "coingecko",
		.price = price * ONE,
		.at = at,
		.fresh_until = at + 3 * MINUTE};

	assert_int_equal(quotes_put(admin_at(w, now), &item, 1), ERR_OK);
}

static const struct quote_view *shown(struct world *w, int64_t now)
{
	const char *name = "ETH-USD";
	const struct quotes_query query = {.symbols = {&name, 1}};
	struct list list = {0};

	assert_int_equal(
		market_quotes(scope_at(w, now), &query, &list), ERR_OK);
	assert_int_equal(list.count, 1);
	return list.items;
}

static void assert_text(const struct decimal *value, const char *text)
{
	char printed[64] = "";

	assert_non_null(value);
	(void)decimal_print(*value, printed, sizeof(printed));
	assert_string_equal(printed, text);
}

static void test_quotes(void **state)
{
	struct world *w = *state;
	const int64_t day = world_now / DAY * DAY;
	const struct quote_view *view;

	begin(w, "ETH-USD=coingecko:ethereum");
	view = shown(w, world_now);
	assert_null(view->price);
	assert_true(view->stale);
	quote(w, day - MINUTE, day - MINUTE, 2000);
	view = shown(w, day - MINUTE + SECOND);
	assert_text(view->price, "2000");
	assert_null(view->previous);
	assert_false(view->stale);
	assert_int_equal(view->age_s, 1);
	assert_string_equal(view->source, "coingecko");
	quote(w, day + MINUTE, day + MINUTE, 1900);
	view = shown(w, day + MINUTE);
	assert_text(view->previous, "2000");
	assert_text(view->change, "-100");
	assert_text(view->change_pct, "-5.00");
	/* the day's later prices do not move the close of the day before */
	quote(w, day + 2 * MINUTE, day + 2 * MINUTE, 2100);
	assert_text(shown(w, day + 2 * MINUTE)->change_pct, "5.00");
	/* older than what is there */
	quote(w, day + 2 * MINUTE, day + MINUTE, 1);
	assert_text(shown(w, day + 2 * MINUTE)->price, "2100");
	assert_true(shown(w, day + 6 * MINUTE)->stale);
	/* two days on there is no close of the day before */
	quote(w, day + 2 * DAY, day + 2 * DAY, 2200);
	assert_null(shown(w, day + 2 * DAY)->previous);
}

static void test_a_clock_put_back_does_not_block(void **state)
{
	struct world *w = *state;

	begin(w, "ETH-USD=coingecko:ethereum");
	quote(w, world_now + DAY, world_now + DAY, 5);
	assert_true(shown(w, world_now)->stale);
	quote(w, world_now, world_now, 6);
	assert_text(shown(w, world_now)->price, "6");
	assert_false(shown(w, world_now)->stale);
}

/* ---- candles ------------------------------------------------------------------------------ */

static struct import_candle candle_of(int64_t time, int64_t close)
{
	return (struct import_candle){.time = time,
		.open = {close, 2},
		.high = {close, 2},
		.low = {close, 2},
		.close = {close, 2},
		.volume = {100000000, 8}};
}

/* Minutes from `from` on, of those prices. */
static struct import_report put(
	struct world *w, int from, int count, int64_t close)
{
	const struct import_options options = {
		.symbol = "BTC-USDT", .interval = "1m", .source = "binance"};
	struct import_candle *items =
		arena_array(w->arena, (size_t)count, sizeof(*items));
	struct import_report report = {0};

	for (int i = 0; i < count; i++)
		items[i] =
			candle_of(world_now - DAY + (from + i) * MINUTE, close);
	assert_int_equal(candles_put(admin_at(w, world_now), items,
				 (size_t)count, &options, &report),
		ERR_OK);
	return report;
}

static int64_t revision(struct world *w)
{
	return world_number(w, "SELECT revision FROM symbols");
}

static void test_candles_from_memory(void **state)
{
	struct world *w = *state;

	assert_int_equal(put(w, 0, 10, 10050).added, 10);
	assert_int_equal(world_candles(w), 10);
	assert_int_equal(revision(w), 0);
	/* zeros at the end are no digits */
	assert_int_equal(world_number(w, "SELECT price_scale FROM symbols"), 1);
	assert_int_equal(
		world_number(w, "SELECT volume_scale FROM symbols"), 0);
	/* again, and on: nothing is older than what was there */
	assert_int_equal(put(w, 8, 4, 10050).added, 2);
	assert_int_equal(revision(w), 0);
	/* the source corrected one */
	assert_int_equal(put(w, 11, 1, 10060).replaced, 1);
	assert_int_equal(revision(w), 1);
	/* and one comes between */
	(void)put(w, 20, 1, 10050);
	assert_int_equal(revision(w), 1);
	(void)put(w, 15, 1, 10050);
	assert_int_equal(revision(w), 2);
	assert_int_equal(world_candles(w), 14);
}

static void test_bad_candles_are_left_out(void **state)
{
	struct world *w = *state;
	const struct import_options options = {
		.symbol = "BTC-USDT", .interval = "1m", .source = "binance"};
	struct import_candle items[5];
	struct import_report report = {0};

	for (int i = 0; i < 5; i++)
		items[i] = candle_of(world_now - DAY + i * MINUTE, 100);
	items[0].low.units = 101;
	items[1].close = (struct decimal){1000000001, 9};
	items[2].time += 1;
	items[3].time = world_now + MINUTE;
	assert_int_equal(candles_put(admin_at(w, world_now), items, 5, &options,
				 &report),
		ERR_OK);
	assert_int_equal(report.refused, 4);
	assert_int_equal(report.added, 1);
	assert_int_equal(world_candles(w), 1);
	/* none of them good: nothing happens */
	assert_int_equal(candles_put(admin_at(w, world_now), items, 4, &options,
				 &report),
		ERR_OK);
	assert_int_equal(report.added, 0);
	assert_int_equal(candles_put(admin_at(w, world_now), items, 0, &options,
				 &report),
		ERR_OK);
}

static void assert_gap(struct world *w, int from, int to, int gap, int until)
{
	const int64_t base = world_now - DAY;
	const struct feed_window window = {
		"BTC-USDT", MINUTE, base + from * MINUTE, base + to * MINUTE};
	struct feed_window out = {0};
	enum err err = feed_gap(scope_at(w, world_now), &window, &out);

	assert_int_equal(err, gap < 0 ? ERR_NOT_FOUND : ERR_OK);
	if (gap < 0)
		return;
	assert_int_equal(out.from, base + gap * MINUTE);
	assert_int_equal(out.to, base + until * MINUTE);
}

static void test_gaps(void **state)
{
	struct world *w = *state;
	struct feed_span span;

	assert_int_equal(
		feed_stored(scope_at(w, world_now), "BTC-USDT", MINUTE, &span),
		ERR_NOT_FOUND);
	(void)put(w, 10, 10, 100);
	(void)put(w, 25, 5, 100);
	(void)put(w, 40, 1, 100);
	assert_int_equal(
		feed_stored(scope_at(w, world_now), "BTC-USDT", MINUTE, &span),
		ERR_OK);
	assert_int_equal(span.first, world_now - DAY + 10 * MINUTE);
	assert_int_equal(span.last, world_now - DAY + 40 * MINUTE);
	assert_gap(w, 0, 41, 0, 10);
	assert_gap(w, 10, 41, 20, 25);
	assert_gap(w, 22, 41, 22, 25);
	assert_gap(w, 25, 41, 30, 40);
	assert_gap(w, 40, 41, -1, 0);
	assert_gap(w, 40, 50, 41, 50);
	assert_gap(w, 10, 20, -1, 0);
	assert_gap(w, 45, 50, 45, 50);
	assert_gap(w, 50, 50, -1, 0);
}

/* ---- what people see ------------------------------------------------------------------------- */

static const struct symbol_view *symbol_of(
	struct world *w, int64_t now, const char *symbol)
{
	const struct symbol_view *views;
	struct list symbols, list;

	assert_int_equal(market_symbols(scope_at(w, now), &symbols), ERR_OK);
	assert_int_equal(
		market_feeds(scope_at(w, now), &symbols, &list), ERR_OK);
	views = list.items;
	for (size_t i = 0; i < list.count; i++)
		if (text_equal(views[i].symbol, symbol))
			return &views[i];
	fail();
	return NULL;
}

static void test_symbols_say_how_it_goes(void **state)
{
	struct world *w = *state;
	const struct symbol_view *view;

	begin(w, "ETH-USD=coingecko:ethereum BTC-USDT=binance:BTCUSDT:1m");
	/* nothing came of it yet, and it is there */
	view = symbol_of(w, world_now, "BTC-USDT");
	assert_true(view->stale);
	assert_null(view->fetched_at);
	(void)note(w, NULL);
	quote(w, world_now, world_now, 2000);
	view = symbol_of(w, world_now, "ETH-USD");
	assert_false(view->stale);
	assert_int_equal(view->fetched_at->ms, world_now);
	assert_null(view->last_error);
	(void)note(w, "There was no answer in time.");
	view = symbol_of(w, world_now + 10 * MINUTE, "ETH-USD");
	assert_true(view->stale);
	assert_string_equal(view->last_error, "There was no answer in time.");
	assert_int_equal(view->last_error_at->ms, world_now);
}

static void test_candles_alone_grow_stale(void **state)
{
	struct world *w = *state;
	const struct import_options options = {
		.symbol = "AAA", .interval = "1m", .source = "test"};
	const struct import_candle item = candle_of(world_now - MINUTE, 100);
	const char *names[] = {"AAA"};
	const struct quotes_query query = {.symbols = {names, 1}};
	const struct quote_view *view;
	struct import_report report;
	struct list list;

	assert_int_equal(candles_put(admin_at(w, world_now), &item, 1, &options,
				 &report),
		ERR_OK);
	assert_false(symbol_of(w, world_now, "AAA")->stale);
	assert_true(symbol_of(w, world_now + 3 * MINUTE, "AAA")->stale);
	assert_int_equal(
		market_quotes(scope_at(w, world_now), &query, &list), ERR_OK);
	view = list.items;
	assert_text(view->price, "1");
	assert_int_equal(view->at->ms, world_now);
	assert_string_equal(view->source, "test");
	names[0] = "NOPE";
	assert_int_equal(market_quotes(scope_at(w, world_now), &query, &list),
		ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_setting),
		WORLD_TEST(test_setting_names_what_is_wrong),
		WORLD_TEST(test_setting_has_an_end),
		WORLD_TEST(test_feeds_come_and_go),
		WORLD_TEST(test_quotes),
		WORLD_TEST(test_a_clock_put_back_does_not_block),
		WORLD_TEST(test_candles_from_memory),
		WORLD_TEST(test_bad_candles_are_left_out),
		WORLD_TEST(test_gaps),
		WORLD_TEST(test_symbols_say_how_it_goes),
		WORLD_TEST(test_candles_alone_grow_stale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
