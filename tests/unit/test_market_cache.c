/*
 * Market queries through the shared store: the same answers as without it,
 * dropped by whoever changes candles, kept warm, and never believed when
 * they cannot be read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain_world.h"
#include "market.h"
#include "store.h"

static const char csv[] = "time,open,high,low,close,volume\n"
			  "2026-01-01,100.5,110,99.25,105,12.5\n"
			  "2026-01-02,105,106,104,105.75,0\n"
			  "2026-01-03,105.75,120,105,119.5,3\n";
static const struct import_options daily = {
	.symbol = "BTC-USD", .interval = "1d", .source = "a: b"};
static const struct candle_query query = {
	.symbol = "BTC-USD", .interval = "1d", .limit = 500};

static void import(struct world *w, const char *text)
{
	struct import_report report = {0};

	assert_int_equal(world_import(w, text, &daily, &report), ERR_OK);
}

static struct list candles(struct world *w, struct store *store)
{
	struct list list;

	assert_int_equal(
		market_candles_shared(store, world_alice(w), &query, &list),
		ERR_OK);
	return list;
}

static void assert_same_candles(const struct list *a, const struct list *b)
{
	const struct candle_view *x = a->items;
	const struct candle_view *y = b->items;

	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_true(x[i].t.ms == y[i].t.ms);
		assert_int_equal(decimal_compare(x[i].o, y[i].o), 0);
		assert_int_equal(decimal_compare(x[i].h, y[i].h), 0);
		assert_int_equal(decimal_compare(x[i].l, y[i].l), 0);
		assert_int_equal(decimal_compare(x[i].c, y[i].c), 0);
		assert_int_equal(decimal_compare(x[i].v, y[i].v), 0);
		assert_int_equal(x[i].v.scale, y[i].v.scale);
	}
}

/* So that only the store can still know them. */
static void forget_candles(struct world *w)
{
	assert_int_equal(
		db_run(w->db, "DELETE FROM candle_blocks", NO_BINDS, NULL),
		ERR_OK);
}

static void drop(struct world *w, struct store *store)
{
	const struct store_tags tags = {.names = {MARKET_TAG}, .count = 1};

	(void)w;
	assert_int_equal(store_hold(store, world_now, &tags, 1000), ERR_OK);
	assert_int_equal(store_release(store, world_now, &tags), ERR_OK);
}

static void test_the_same_with_and_without(void **state)
{
	struct world *w = *state;
	struct store *store = store_open_memory(w->arena);
	struct list plain;
	struct list first;
	struct list kept;

	import(w, csv);
	assert_int_equal(
		market_candles(world_alice(w), &query, &plain), ERR_OK);
	assert_int_equal(plain.count, 3);
	first = candles(w, store);
	assert_same_candles(&plain, &first);
	forget_candles(w);
	kept = candles(w, store);
	assert_same_candles(&plain, &kept);
	/* everybody's */
	assert_int_equal(
		market_candles_shared(store, world_bob(w), &query, &kept),
		ERR_OK);
	assert_same_candles(&plain, &kept);
	/* another range is another question */
	struct candle_query two = query;
	two.limit = 2;
	assert_int_equal(
		market_candles_shared(store, world_alice(w), &two, &kept),
		ERR_OK);
	assert_int_equal(kept.count, 0);
	/* no store, and one that fails */
	kept = candles(w, NULL);
	assert_int_equal(kept.count, 0);
	struct store *broken = store_open_fail(w->arena);
	kept = candles(w, broken);
	assert_int_equal(kept.count, 0);
	store_close(&broken);
	store_close(&store);
}

static void test_symbols_age_with_the_clock(void **state)
{
	struct world *w = *state;
	struct store *store = store_open_memory(w->arena);
	const struct symbol_view *one;
	struct list list;

	import(w, csv);
	assert_int_equal(
		market_symbols_shared(store, world_alice(w), &list), ERR_OK);
	one = list.items;
	const int64_t age = one->age_s;
	assert_int_equal(
		db_run(w->db, "DELETE FROM candle_blocks", NO_BINDS, NULL),
		ERR_OK);
	assert_int_equal(
		db_run(w->db, "DELETE FROM symbols", NO_BINDS, NULL), ERR_OK);
	struct scope *later = scope_mint(
		w->arena, w->db, world_report(w), "bob", world_now + 60000);
	assert_int_equal(market_symbols_shared(store, later, &list), ERR_OK);
	assert_int_equal(list.count, 1);
	one = list.items;
	assert_string_equal(one->symbol, "BTC-USD");
	assert_string_equal(one->source, "a: b");
	assert_int_equal(one->age_s, age + 60);
	const struct symbol_series *series = one->series.items;
	assert_int_equal(one->series.count, 1);
	assert_string_equal(series->interval, "1d");
	assert_int_equal(series->candles, 3);
	store_close(&store);
}

static void test_a_change_drops_and_warming_brings_back(void **state)
{
	struct world *w = *state;
	struct store *store = store_open_memory(w->arena);
	struct list list;

	import(w, csv);
	list = candles(w, store);
	assert_int_equal(list.count, 3);
	import(w, "time,open,high,low,close,volume\n"
		  "2026-01-04,119.5,120,119,120,1\n");
	drop(w, store);
	/* what was asked is computed before anybody asks again */
	assert_int_equal(market_warm(store, world_alice(w)), ERR_OK);
	forget_candles(w);
	list = candles(w, store);
	assert_int_equal(list.count, 4);
	store_close(&store);
}

static void test_faults_are_not_kept(void **state)
{
	struct world *w = *state;
	struct store *store = store_open_memory(w->arena);
	struct list list;

	assert_int_equal(
		market_candles_shared(store, world_alice(w), &query, &list),
		ERR_NOT_FOUND);
	import(w, csv);
	list = candles(w, store);
	assert_int_equal(list.count, 3);
	/* a symbol that goes away does not stop the warming of the others */
	drop(w, store);
	forget_candles(w);
	assert_int_equal(
		db_run(w->db, "DELETE FROM symbols", NO_BINDS, NULL), ERR_OK);
	assert_int_equal(market_warm(store, world_alice(w)), ERR_OK);
	store_close(&store);
}

static void put_rubbish(struct store *store, const char *bytes, size_t len)
{
	const struct store_question question = {.key = "mq:1d:-:-:500:BTC-USD",
		.tags = {.names = {MARKET_TAG}, .count = 1},
		.claim_ms = 1000};
	const struct store_answer answer = {
		.bytes = bytes, .len = len, .life_ms = 60000};
	struct arena *arena = arena_open(1 << 20);
	struct store_look look;

	assert_int_equal(
		store_look(store, arena, world_now, &question, &look), ERR_OK);
	assert_true(look.claimed);
	assert_int_equal(store_keep(store, world_now, &look, &answer), ERR_OK);
	arena_close(&arena);
}

static void test_rubbish_is_computed_again(void **state)
{
	static const int64_t endless[] = {1, 2, 2, INT64_MAX, 5};
	static const int64_t negative[] = {1, 2, 2, -1};
	static const int64_t other[] = {9, 2, 2, 0};
	static const int64_t more[] = {1, 2, 2, 0, 7};
	/* printing such a number would run over */
	static const int64_t scale[] = {1, 1 << 30, 2, 1, 0, 1, 1, 1, 1, 1};
	static const int64_t below[] = {1, 2, -1, 1, 0, 1, 1, 1, 1, 1};
	const struct {
		const void *bytes;
		size_t len;
	} values[] = {
		{"", 0},
		{"{}", 2},
		{endless, sizeof(endless)},
		{negative, sizeof(negative)},
		{other, sizeof(other)},
		{more, sizeof(more)},
		{scale, sizeof(scale)},
		{below, sizeof(below)},
	};
	struct world *w = *state;

	import(w, csv);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct store *store = store_open_memory(w->arena);

		put_rubbish(store, values[i].bytes, values[i].len);
		assert_int_equal(candles(w, store).count, 3);
		store_close(&store);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_the_same_with_and_without),
		WORLD_TEST(test_symbols_age_with_the_clock),
		WORLD_TEST(test_a_change_drops_and_warming_brings_back),
		WORLD_TEST(test_faults_are_not_kept),
		WORLD_TEST(test_rubbish_is_computed_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
