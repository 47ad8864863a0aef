/*
 * What must hold for any rules over any candles: seeded, so that each run of
 * this test is the same. And the levels that come from an indicator.
 */
#include "sim_help.h"

enum {
	WORLDS = 300,
	BARS = 400,
	SAVED_WORLDS = 60
};

/* pct_of(seed, 40): 0.1 % to 4 % */
static int64_t pct_of(uint64_t *seed, int64_t tenths)
{
	return (1 + sim_below(seed, tenths)) * SIM_ONE / 10;
}

static bool coin(uint64_t *seed)
{
	return sim_below(seed, 2) == 0;
}

static void stops_draw(uint64_t *seed, bool with_atr, struct rules *rules)
{
	if (with_atr && sim_below(seed, 4) == 0)
		rules->multiple[LEVEL_STOP] = pct_of(seed, 40);
	else if (coin(seed))
		rules->stop_loss_pct = pct_of(seed, 40);
	if (with_atr && sim_below(seed, 4) == 0)
		rules->multiple[LEVEL_TARGET] = pct_of(seed, 40);
	else if (coin(seed))
		rules->take_profit_pct = pct_of(seed, 40);
	if (with_atr && sim_below(seed, 6) == 0)
		rules->multiple[LEVEL_TRAILING] = pct_of(seed, 40);
	else if (sim_below(seed, 3) == 0)
		rules->trailing_pct = pct_of(seed, 30);
	if (coin(seed))
		rules->trailing_activation_pct = pct_of(seed, 30);
	if (coin(seed)) {
		rules->trailing_positive_pct = pct_of(seed, 10);
		rules->trailing_positive_offset_pct = pct_of(seed, 30);
	}
	if (sim_below(seed, 3) == 0) {
		rules->even_trigger_pct = pct_of(seed, 30);
		rules->even_offset_pct = rules->even_trigger_pct / 2;
	}
	if (sim_below(seed, 3) == 0)
		rules->max_bars = 1 + (size_t)sim_below(seed, 30);
	if (sim_below(seed, 3) == 0) {
		rules->roi_count = 3;
		rules->roi[0] = (struct roi_step){0, pct_of(seed, 50), false};
		rules->roi[1] = (struct roi_step){120, pct_of(seed, 20), false};
		rules->roi[2] = (struct roi_step){
			130 + 10 * sim_below(seed, 60), 0, true};
	}
}

static void limits_draw(uint64_t *seed, struct rules *rules)
{
	rules->max_open = 1 + (size_t)sim_below(seed, 4);
	rules->cooldown_bars = (size_t)sim_below(seed, 4);
	if (sim_below(seed, 4) == 0)
		rules->max_trades_day = 1 + (size_t)sim_below(seed, 3);
	if (sim_below(seed, 4) == 0)
		rules->max_daily_loss_pct = pct_of(seed, 30);
	if (sim_below(seed, 6) == 0)
		rules->max_drawdown_pct = pct_of(seed, 300);
	if (sim_below(seed, 4) == 0)
		rules->session = (struct session_rule){
			.days = 0x5f, .from = 540, .to = 120, .offset = 90};
}

static void sizing_draw(uint64_t *seed, struct rules *rules)
{
	static const int64_t amounts[] = {[SIZING_FIXED] = 3LL * SIM_ONE,
		[SIZING_PCT_EQUITY] = 40LL * SIM_ONE,
		[SIZING_QUOTE] = 1500LL * SIM_ONE,
		[SIZING_RISK_PCT] = 2LL * SIM_ONE};

	rules->sizing = (enum sizing_mode)sim_below(seed, 5);
	if (rules->sizing == SIZING_RISK_PCT && !rules->stop_loss_pct &&
		!rules->multiple[LEVEL_STOP])
		rules->sizing = SIZING_ALL_IN;
	rules->amount = amounts[rules->sizing];
}

static void costs_draw(uint64_t *seed, struct backtest_options *options)
{
	if (coin(seed))
		options->commission = help_decimal("0.00123457");
	if (sim_below(seed, 4) == 0) {
		options->maker_and_taker = true;
		options->fee_maker = help_decimal("0.0002");
		options->fee_taker = help_decimal("0.00055");
	}
	if (coin(seed))
		options->fee_fixed = help_decimal("0.37");
	if (coin(seed))
		options->spread = help_decimal("0.00013");
	if (coin(seed))
		options->slippage = help_decimal("0.00021");
	if (coin(seed))
		options->tick = help_decimal("0.05");
	if (sim_below(seed, 3) == 0)
		options->lot = help_decimal("0.125");
	if (sim_below(seed, 3) == 0)
		options->margin = help_decimal("0.2");
}

static struct sim_case case_draw(uint64_t seed, bool with_atr, bool with_costs)
{
	struct sim_case drawn = {.bars = BARS,
		.options = {.cash = help_decimal("10000"), .finalize = true}};

	sim_random(&seed);
	stops_draw(&seed, with_atr, &drawn.rules);
	limits_draw(&seed, &drawn.rules);
	sizing_draw(&seed, &drawn.rules);
	if (with_costs)
		costs_draw(&seed, &drawn.options);
	drawn.options.fill_on_close = sim_below(&seed, 4) == 0;
	drawn.options.touch_fills = sim_below(&seed, 4) == 0;
	drawn.options.long_only = sim_below(&seed, 4) == 0;
	return drawn;
}

static void expect_same_trade(uint64_t seed, const struct backtest_trade *a,
	const struct backtest_trade *b)
{
	if (a->size.units != b->size.units || a->entry_bar != b->entry_bar ||
		a->exit_bar != b->exit_bar ||
		a->entry_price.units != b->entry_price.units ||
		a->exit_price.units != b->exit_price.units ||
		a->pnl.units != b->pnl.units ||
		a->commission.units != b->commission.units ||
		strcmp(a->exit_reason, b->exit_reason) != 0)
		fail_msg("world %d: a trade of bar %zu differs", (int)seed,
			a->entry_bar);
}

static void test_blocks_do_not_matter(void **state)
{
	static const size_t sizes[] = {1, 3, 7, 64};

	(void)state;
	for (uint64_t seed = 0; seed < WORLDS; seed++) {
		struct help help = help_open();
		struct sim_world world = sim_world(&help, seed, BARS, 1);
		struct sim_case drawn = case_draw(seed, true, true);
		struct sim_run whole = sim_run(&help, &world, &drawn);

		for (size_t k = 0; k < 4; k++) {
			struct sim_run cut;

			drawn.block = sizes[k];
			drawn.is_bar_alone = k % 2 == 0;
			cut = sim_run(&help, &world, &drawn);
			assert_memory_equal(cut.equity, whole.equity,
				BARS * sizeof(double));
			assert_int_equal(cut.result.trade_count,
				whole.result.trade_count);
			for (size_t i = 0; i < cut.result.trade_count; i++)
				expect_same_trade(seed, &cut.result.trades[i],
					&whole.result.trades[i]);
		}
		arena_close(&help.arena);
	}
}

/* Finer candles, of which there are none, have every bar looked at. */
static void test_stretches_change_nothing(void **state)
{
	static const struct candles none = {.count = 0};

	(void)state;
	for (uint64_t seed = 0; seed < WORLDS; seed++) {
		struct help help = help_open();
		struct sim_world world = sim_world(&help, seed, BARS, 1);
		struct sim_case drawn = case_draw(seed, true, true);
		struct sim_run passed = sim_run(&help, &world, &drawn);
		struct sim_run walked;

		drawn.detail = &none;
		walked = sim_run(&help, &world, &drawn);
		assert_memory_equal(
			walked.equity, passed.equity, BARS * sizeof(double));
		assert_int_equal(
			walked.result.trade_count, passed.result.trade_count);
		for (size_t i = 0; i < walked.result.trade_count; i++)
			expect_same_trade(seed, &walked.result.trades[i],
				&passed.result.trades[i]);
		arena_close(&help.arena);
	}
}

static double equity_by_trades(const struct sim_world *world,
	const struct backtest_result *r, size_t bar)
{
	double equity = 10000;

	for (size_t i = 0; i < r->trade_count; i++) {
		const struct backtest_trade *t = &r->trades[i];

		if (t->exit_bar <= bar)
			equity += decimal_double(t->pnl);
		else if (t->entry_bar <= bar)
			equity += decimal_double(t->size) *
					  (world->candles.close[bar] -
						  decimal_double(
							  t->entry_price)) -
				  decimal_double(t->entry_fee);
	}
	return equity;
}

/* At every bar the equity is cash and what is held; at the end the trades
   come to the cash, to the last unit. */
static void test_money_adds_up(void **state)
{
	size_t trades = 0;

	(void)state;
	for (uint64_t seed = 0; seed < WORLDS; seed++) {
		struct help help = help_open();
		struct sim_world world = sim_world(&help, seed, BARS, 1);
		struct sim_case drawn = case_draw(seed, true, true);
		struct sim_run run = sim_run(&help, &world, &drawn);
		int64_t cash = INT64_C(10000) * SIM_ONE;
		size_t bar;

		for (bar = 0; bar < BARS && run.equity[bar] > 0; bar++)
			if (fabs(run.equity[bar] - equity_by_trades(&world,
							   &run.result, bar)) >
				1e-6)
				fail_msg("world %d, bar %zu: %.9f", (int)seed,
					bar, run.equity[bar]);
		assert_int_equal(bar < BARS, run.result.ruined);
		for (size_t i = 0; i < run.result.trade_count; i++) {
			const struct backtest_trade *t = &run.result.trades[i];

			assert_int_equal(t->commission.units,
				t->entry_fee.units + t->exit_fee.units);
			cash += t->pnl.units;
		}
		if (!run.result.ruined)
			assert_true(
				run.equity[BARS - 1] == (double)cash / SIM_ONE);
		trades += run.result.trade_count;
		arena_close(&help.arena);
	}
	assert_true(trades > 5 * (size_t)WORLDS);
}

/* The simulator is not told how many bars there are. */
static void test_the_future_changes_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < WORLDS; seed++) {
		struct help help = help_open();
		struct sim_world world = sim_world(&help, seed, BARS, 1);
		struct sim_case drawn = case_draw(seed, true, true);
		struct sim_run whole, part;
		size_t cut = 1 + (size_t)(seed * 7 % (BARS - 1));

		drawn.is_endless = true;
		whole = sim_run(&help, &world, &drawn);
		drawn.bars = cut;
		part = sim_run(&help, &world, &drawn);
		assert_memory_equal(
			part.equity, whole.equity, cut * sizeof(double));
		for (size_t i = 0; i < part.result.trade_count; i++)
			expect_same_trade(seed, &part.result.trades[i],
				&whole.result.trades[i]);
		assert_true(
			part.result.trade_count == whole.result.trade_count ||
			whole.result.trades[part.result.trade_count].exit_bar >=
				cut);
		arena_close(&help.arena);
	}
}

/* Ten times the prices and the cash: ten times the profit. Whole units, so
   that nothing is rounded differently. */
static void test_scale_of_prices(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < WORLDS; seed++) {
		struct help help = help_open();
		struct sim_world small = sim_world(&help, seed, BARS, 1);
		struct sim_world large = sim_world(&help, seed, BARS, 10);
		struct sim_case drawn = case_draw(seed, false, false);
		struct sim_run a, b;

		drawn.options.whole_units = true;
		a = sim_run(&help, &small, &drawn);
		drawn.options.cash = help_decimal("100000");
		if (drawn.rules.sizing == SIZING_QUOTE)
			drawn.rules.amount *= 10;
		b = sim_run(&help, &large, &drawn);
		assert_int_equal(a.result.trade_count, b.result.trade_count);
		for (size_t i = 0; i < a.result.trade_count; i++) {
			struct backtest_trade t = a.result.trades[i];

			t.entry_price.units *= 10;
			t.exit_price.units *= 10;
			t.pnl.units *= 10;
			expect_same_trade(seed, &t, &b.result.trades[i]);
		}
		arena_close(&help.arena);
	}
}

/* A fixed quantity and exits that no cost can move. */
static void test_costs_never_help(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < WORLDS; seed++) {
		struct help help = help_open();
		struct sim_world world = sim_world(&help, seed, BARS, 1);
		struct sim_case drawn = {.bars = BARS,
			.rules = {.sizing = SIZING_FIXED,
				.amount = SIM_ONE,
				.max_open = 1 + seed % 3,
				.max_bars = seed % 20},
			.options = {.cash = help_decimal("100000"),
				.finalize = true}};
		struct sim_run cheap = sim_run(&help, &world, &drawn);
		uint64_t draw = seed;
		struct sim_run dear;

		costs_draw(&draw, &drawn.options);
		drawn.options.lot = help_decimal("0");
		dear = sim_run(&help, &world, &drawn);
		assert_int_equal(
			cheap.result.trade_count, dear.result.trade_count);
		for (size_t i = 0; i < cheap.result.trade_count; i++)
			assert_true(dear.result.trades[i].pnl.units <=
				    cheap.result.trades[i].pnl.units);
		arena_close(&help.arena);
	}
}

static void test_nan_never_reaches_money(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < WORLDS; seed++) {
		struct help help = help_open();
		struct sim_world world = sim_world(&help, seed, BARS, 1);
		struct sim_case drawn = case_draw(seed, true, true);
		struct sim_run run;

		for (size_t i = 0; i < BARS; i++)
			world.range[i] = i % 3 == 0   ? NAN
					 : i % 3 == 1 ? INFINITY
						      : -1;
		run = sim_run(&help, &world, &drawn);
		for (size_t i = 0; i < BARS; i++)
			assert_true(isfinite(run.equity[i]));
		if (drawn.rules.multiple[LEVEL_STOP])
			assert_int_equal(run.result.trade_count, 0);
		arena_close(&help.arena);
	}
}

/* ---- levels from the average true range -------------------------------- */

struct level_row {
	const char *what;
	enum level level;
	bool is_short;
	double range;
	double bar[4]; /* the one behind the entry bar */
	const char *expected;
};

/* Entered at 100; twice the range of the bar that decided. */
static const struct level_row level_rows[] = {
	{"stop", LEVEL_STOP, false, 2.5, {98, 99, 95, 97}, "stop_loss 95"},
	{"stop missed", LEVEL_STOP, false, 2.5, {98, 99, 95.01, 97}, "end 100"},
	{"short stop", LEVEL_STOP, true, 2.5, {98, 105, 95, 97},
		"stop_loss 105"},
	{"target", LEVEL_TARGET, false, 2.5, {98, 105, 97, 97},
		"take_profit 105"},
	{"short target", LEVEL_TARGET, true, 2.5, {98, 99, 95, 97},
		"take_profit 95"},
	{"trailing", LEVEL_TRAILING, false, 2.5, {106, 110, 105, 106},
		"trailing_stop 105"},
	{"short trailing", LEVEL_TRAILING, true, 2.5, {94, 95, 90, 93},
		"trailing_stop 95"},
	{"below nothing", LEVEL_STOP, false, 80, {50, 60, 1, 50}, "end 100"},
	{"not known", LEVEL_STOP, false, NAN, {50, 60, 1, 50}, NULL},
	{"nothing", LEVEL_TARGET, false, 0, {50, 60, 1, 50}, NULL},
};

static void test_levels_from_a_range(void **state)
{
	struct help help = help_open();

	(void)state;
	for (size_t i = 0; i < sizeof(level_rows) / sizeof(level_rows[0]);
		i++) {
		const struct level_row *row = &level_rows[i];
		const double bars[][4] = {{100, 100, 100, 100},
			{100, 101, 99, 100},
			{row->bar[0], row->bar[1], row->bar[2], row->bar[3]},
			{100, 101, 99, 100}};
		uint8_t bits[4] = {
			row->is_short ? DECIDE_ENTRY_SHORT : DECIDE_ENTRY_LONG};
		double range[4] = {row->range, 1, 1, 1};
		struct sim_world world = {
			help_bars(&help, bars, 4), bits, range};
		struct sim_case with = {.bars = 4,
			.options = {.cash = help_decimal("1000"),
				.finalize = true}};
		struct sim_run run;

		with.rules.multiple[row->level] = INT64_C(2) * SIM_ONE;
		run = sim_run(&help, &world, &with);
		assert_int_equal(run.result.trade_count, row->expected ? 1 : 0);
		if (!row->expected) {
			assert_int_equal(run.result.refused_entries, 1);
			continue;
		}
		assert_string_equal(
			arena_format(help.arena, "%s %s",
				run.result.trades[0].exit_reason,
				help_text(&help,
					run.result.trades[0].exit_price)),
			row->expected);
	}
	arena_close(&help.arena);
}

/* ---- saved and loaded ---------------------------------------------------------- */

enum {
	EXITS = 4096
};

/* A listener that keeps what it hears, and lets in as many as it is told. */
struct heard {
	struct trader_exit exits[EXITS];
	int64_t fees[EXITS]; /* of the entry, by its name */
	size_t exit_count;
	int64_t names, denied;
	int64_t every; /* one of so many is denied; 0: none */
};

static enum err hear_entry(
	void *thing, const struct trader_entry *entry, int64_t *name)
{
	struct heard *heard = thing;

	assert_true(entry->quantity > 0 && entry->price > 0);
	assert_true(heard->names + 1 < EXITS);
	if (heard->every &&
		(heard->names + heard->denied) % heard->every == 0) {
		heard->denied++;
		*name = 0;
		return ERR_OK;
	}
	*name = ++heard->names;
	heard->fees[*name] = entry->fee;
	return ERR_OK;
}

static enum err hear_exit(void *thing, const struct trader_exit *left)
{
	struct heard *heard = thing;

	heard->exits[heard->exit_count++] = *left;
	return ERR_OK;
}

static struct sim *sim_heard(struct help *help, const struct sim_case *drawn,
	const struct trader_listener *listener)
{
	const struct sim_setup setup = {.rules = &drawn->rules,
		.options = &drawn->options,
		.interval = SIM_HOUR,
		.listener = listener};
	struct sim *sim = NULL;

	assert_int_equal(
		sim_open(help->arena, &setup, help->report, &sim), ERR_OK);
	return sim;
}

static void one_bar(struct sim *sim, const struct sim_world *world, size_t bar)
{
	const struct decisions decisions = {.bits = world->bits + bar,
		.levels = {world->range + bar, world->range + bar,
			world->range + bar}};
	double equity;

	assert_int_equal(
		sim_block(sim,
			&(const struct sim_block){.candles = &world->candles,
				.from = bar,
				.count = 1,
				.decisions = &decisions,
				.equity = &equity}),
		ERR_OK);
}

static void expect_heard(uint64_t seed, const struct heard *heard,
	const struct backtest_result *result)
{
	assert_int_equal(heard->exit_count, result->trade_count);
	for (size_t i = 0; i < heard->exit_count; i++) {
		const struct trader_exit *left = &heard->exits[i];
		const struct backtest_trade *trade = &result->trades[i];
		const int64_t sign = left->was_long ? 1 : -1;

		if (sign * left->quantity != trade->size.units ||
			left->price != trade->exit_price.units ||
			left->fee != trade->exit_fee.units ||
			heard->fees[left->entry] != trade->entry_fee.units ||
			left->gross - left->fee - heard->fees[left->entry] !=
				trade->pnl.units ||
			left->time != trade->exit_time ||
			strcmp(left->reason, trade->exit_reason) != 0)
			fail_msg("world %d: trade %zu differs", (int)seed, i);
	}
}

static struct sim_case case_endless(uint64_t seed)
{
	struct sim_case drawn = case_draw(seed, true, true);

	drawn.is_endless = true;
	drawn.options.finalize = false;
	return drawn;
}

/* A new simulator after each bar says to the last bit what one that was never
   interrupted says, and its trades are a backtest's. */
static void test_saved_and_loaded_after_every_bar(void **state)
{
	size_t trades = 0;

	(void)state;
	for (uint64_t seed = 0; seed < SAVED_WORLDS; seed++) {
		struct help help = help_open();
		struct sim_world world = sim_world(&help, seed, BARS, 1);
		struct sim_case drawn = case_endless(seed);
		struct sim_run whole = sim_run(&help, &world, &drawn);
		struct heard *first = arena_alloc(help.arena, sizeof(*first));
		struct heard *second = arena_alloc(help.arena, sizeof(*second));
		const struct trader_listener a = {hear_entry, hear_exit, first};
		const struct trader_listener b = {
			hear_entry, hear_exit, second};
		struct sim *sim = sim_heard(&help, &drawn, &a);
		const char *text = sim_save(sim, help.arena);

		for (size_t bar = 0; bar < BARS; bar++) {
			struct sim *again = sim_heard(&help, &drawn, &b);

			assert_int_equal(sim_load(again, text), ERR_OK);
			one_bar(sim, &world, bar);
			one_bar(again, &world, bar);
			text = sim_save(again, help.arena);
			assert_string_equal(text, sim_save(sim, help.arena));
		}
		expect_heard(seed, first, &whole.result);
		expect_heard(seed, second, &whole.result);
		trades += second->exit_count;
		arena_close(&help.arena);
	}
	assert_true(trades > 5 * (size_t)SAVED_WORLDS);
}

/* What may not be entered is not, and all goes on without it. */
static void test_denied_entries(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < SAVED_WORLDS; seed++) {
		struct help help = help_open();
		struct sim_world world = sim_world(&help, seed, BARS, 1);
		struct sim_case drawn = case_endless(seed);
		struct heard *heard = arena_alloc(help.arena, sizeof(*heard));
		const struct trader_listener a = {hear_entry, hear_exit, heard};
		struct sim *sim = sim_heard(&help, &drawn, &a);
		struct backtest_result result;

		heard->every = 1;
		for (size_t bar = 0; bar < BARS; bar++)
			one_bar(sim, &world, bar);
		sim_finish(sim, &result);
		assert_int_equal(result.trade_count, 0);
		assert_int_equal(heard->names, 0);
		assert_non_null(strstr(sim_save(sim, help.arena),
			arena_format(help.arena, "denied %lld\n",
				(long long)heard->denied)));
		heard->every = 2;
		heard->denied = 0;
		sim = sim_heard(&help, &drawn, &a);
		for (size_t bar = 0; bar < BARS; bar++)
			one_bar(sim, &world, bar);
		assert_true(heard->exit_count <= (size_t)heard->names);
		arena_close(&help.arena);
	}
}

/* Whatever byte is changed, and whatever is missing. */
static void test_what_was_changed_is_not_loaded(void **state)
{
	struct help help = help_open();
	struct sim_world world = sim_world(&help, 3, BARS, 1);
	struct sim_case drawn = case_endless(3);
	struct heard *heard = arena_alloc(help.arena, sizeof(*heard));
	const struct trader_listener a = {hear_entry, hear_exit, heard};
	struct sim *sim = sim_heard(&help, &drawn, &a);
	size_t len;
	char *text;

	(void)state;
	for (size_t bar = 0; bar < BARS; bar++)
		one_bar(sim, &world, bar);
	text = arena_text(help.arena, sim_save(sim, help.arena));
	len = strlen(text);
	sim = sim_heard(&help, &drawn, &a);
	for (size_t i = 0; i < len; i++) {
		const char was = text[i];

		text[i] = was == '1' ? '2' : '1';
		assert_int_equal(sim_load(sim, text), ERR_BAD_INPUT);
		text[i] = '\0';
		assert_int_equal(sim_load(sim, text), ERR_BAD_INPUT);
		text[i] = was;
	}
	assert_int_equal(sim_load(sim, text), ERR_OK);
	arena_close(&help.arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_do_not_matter),
		cmocka_unit_test(test_saved_and_loaded_after_every_bar),
		cmocka_unit_test(test_denied_entries),
		cmocka_unit_test(test_what_was_changed_is_not_loaded),
		cmocka_unit_test(test_stretches_change_nothing),
		cmocka_unit_test(test_money_adds_up),
		cmocka_unit_test(test_the_future_changes_nothing),
		cmocka_unit_test(test_scale_of_prices),
		cmocka_unit_test(test_costs_never_help),
		cmocka_unit_test(test_nan_never_reaches_money),
		cmocka_unit_test(test_levels_from_a_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
