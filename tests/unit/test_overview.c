/* The overview: counts, the newest backtests, symbols; one's own only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain_world.h"
#include "overview.h"

static void put(struct world *w, const char *script)
{
	assert_int_equal(db_script(w->db, script), ERR_OK);
}

static struct overview get(struct scope *scope)
{
	struct overview overview;

	assert_int_equal(overview_get(scope, &overview), ERR_OK);
	return overview;
}

static void nothing_is_there_yet(void **state)
{
	struct overview o = get(world_alice(*state));

	assert_int_equal(o.strategies, 0);
	assert_int_equal(o.backtests, 0);
	assert_int_equal(o.newest.count, 0);
	assert_int_equal(o.symbols.count, 0);
}

static void put_strategies(struct world *w)
{
	put(w, "INSERT INTO strategies VALUES"
	       " ('alice', 's1', 'Cross', 1, 1, 1, NULL),"
	       " ('alice', 's2', 'Gone', 1, 1, 1, 5),"
	       " ('bob', 's3', 'Bob''s', 1, 1, 1, NULL)");
}

static void put_backtest(
	struct world *w, const char *user, int number, const char *strategy)
{
	put(w, arena_format(w->arena,
		       "INSERT INTO backtests (user_id, id, strategy_id,"
		       " strategy_version, symbol, interval_ms, status, "
		       "request,"
		       " stats, equity, trades, created_at)"
		       " VALUES ('%s', '%s%d', %s, 1,"
		       " 'BTC-USD', 86400000, 'done', '{}',"
		       " '{\"return_pct\":%d.5,\"buy_hold_return_pct\":-2,"
		       "\"sharpe\":null,\"max_drawdown_pct\":-1.25,"
		       "\"trades\":7,\"win_rate_pct\":50,\"ruined\":false}',"
		       " '[]', '[]', %d)",
		       user, user, number, strategy, number, number));
}

static void counts_and_newest_are_ones_own(void **state)
{
	struct world *w = *state;
	const struct overview_backtest *items;
	struct overview o;

	put_strategies(w);
	assert_int_equal(get(world_alice(w)).strategies, 1);
	for (int i = 1; i <= 7; i++)
		put_backtest(w, "alice", i, i == 7 ? "'s2'" : "'s1'");
	put_backtest(w, "bob", 9, "NULL");
	o = get(world_alice(w));
	assert_int_equal(o.strategies, 1);
	assert_int_equal(o.backtests, 7);
	assert_int_equal(o.newest.count, OVERVIEW_BACKTESTS);
	items = o.newest.items;
	assert_string_equal(items[0].id, "alice7");
	assert_string_equal(items[0].strategy_name, "Gone");
	assert_string_equal(items[1].strategy_name, "Cross");
	assert_string_equal(items[4].id, "alice3");
	assert_string_equal(items[0].interval, "1d");
	o = get(world_bob(w));
	assert_int_equal(o.strategies, 1);
	assert_int_equal(o.backtests, 1);
	items = o.newest.items;
	assert_null(items[0].strategy_name);
}

static void assert_figure(const struct raw_json *figure, const char *text)
{
	assert_int_equal(figure->len, strlen(text));
	assert_memory_equal(figure->text, text, figure->len);
}

static void figures_are_those_of_the_stats(void **state)
{
	struct world *w = *state;
	const struct overview_backtest *item;

	put_backtest(w, "bob", 3, "NULL");
	item = get(world_bob(w)).newest.items;
	assert_figure(&item->return_pct, "3.5");
	assert_figure(&item->buy_hold_return_pct, "-2");
	assert_figure(&item->sharpe, "null");
	assert_figure(&item->max_drawdown_pct, "-1.25");
	assert_figure(&item->win_rate_pct, "50");
	assert_figure(&item->trades, "7");
	/* an older program may not have written one */
	put(w, "UPDATE backtests SET stats = '{\"trades\":2}'");
	item = get(world_bob(w)).newest.items;
	assert_null(item->return_pct.text);
	assert_figure(&item->trades, "2");
}

static void a_symbol_is_as_old_as_its_newest_candle(void **state)
{
	struct world *w = *state;
	const struct overview_symbol *items;
	struct overview o;

	put(w, arena_format(w->arena,
		       "INSERT INTO symbols (symbol, source, price_scale,"
		       " volume_scale, series, created_at) VALUES"
		       " ('BTC-USD', 'x', 2, 2,"
		       " '[[60000,2,1,%lld],[86400000,2,1,%lld]]', 1),"
		       " ('AAA', 'x', 2, 2, '[]', 1)",
		       (long long)world_now - 5000,
		       (long long)world_now - 90000));
	o = get(world_alice(w));
	assert_int_equal(o.symbols.count, 2);
	items = o.symbols.items;
	assert_string_equal(items[0].symbol, "AAA");
	assert_null(items[0].last);
	assert_true(items[1].last->ms == world_now - 5000);
	assert_int_equal(items[1].age_s, 5);
}

static void many_symbols_are_cut(void **state)
{
	struct world *w = *state;

	for (int i = 0; i < OVERVIEW_SYMBOLS + 3; i++)
		put(w, arena_format(w->arena,
			       "INSERT INTO symbols (symbol, source, "
			       "price_scale,"
			       " volume_scale, series, created_at) VALUES "
			       "('S%d', 'x', 2, 2,"
			       " '[]', 1)",
			       i));
	assert_int_equal(get(world_alice(w)).symbols.count, OVERVIEW_SYMBOLS);
}

int main(void)
{
#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, world_open, world_close)
	const struct CMUnitTest tests[] = {
		CASE(nothing_is_there_yet),
		CASE(counts_and_newest_are_ones_own),
		CASE(figures_are_those_of_the_stats),
		CASE(a_symbol_is_as_old_as_its_newest_candle),
		CASE(many_symbols_are_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
