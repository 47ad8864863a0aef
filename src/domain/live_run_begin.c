/*
 * A strategy at an exchange from its start to its end: money out of the
 * account by hand and back, so that both together are what the exchange has;
 * and what it decides on a candle. Must never spend what was not given to it.
 */
#include "live_run_private.h"

#include "backtest_order_private.h"
#include "text.h"

static const char create_sql[] =
	"INSERT INTO run_sims (user_id, run_id, account, options, state, held,"
	" last_time, last_price, updated_at) VALUES (:owner, :run, :account,"
	" :options, '{}', '[]', 0, 0, 0)"; /* looked at soon */

static const struct book_name by_hand = {.venue = "binance"};
static const char given[] = "given_to_a_strategy";
static const char given_back[] = "given_back_by_a_strategy";

static const int64_t late_ms = INT64_C(60) * 1000;

enum {
	SLIPPAGE = LEDGER_ONE / 200 /* half a percent */
};

/* ---- may it begin? ---------------------------------------------------------------- */

static void costs_check(struct report *report, const struct backtest_new *costs)
{
	static const char words[] =
		"is for paper: live, what the exchange takes is what it costs";
	const struct {
		bool given;
		const char *pointer;
	} rows[] = {
		{costs->fee_maker, "/fee_maker"},
		{costs->fee_taker, "/fee_taker"},
		{costs->fee_fixed, "/fee_fixed"},
		{costs->spread, "/spread"},
		{costs->tick, "/tick"},
		{costs->lot, "/lot"},
		{costs->min_notional, "/min_notional"},
		{costs->margin, "/margin"},
		{costs->long_only, "/long_only"},
		{costs->touch_fills, "/touch_fills"},
		{costs->whole_units, "/whole_units"},
		{costs->fill_on_close, "/fill_on_close"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].given)
			report_fault(report, rows[i].pointer, "%s", words);
}

static void fraction_check(
	struct report *report, const char *pointer, const struct decimal *value)
{
	int64_t units;

	if (ledger_units(*value, &units) != ERR_OK || units < 0 ||
		units >= LEDGER_ONE / 10)
		report_fault(report, pointer,
			"must be from 0 to less than 0.1, with at most 8 "
			"digits behind the point");
}

static struct decimal *kept(struct scope *scope, int64_t units)
{
	struct decimal *value = arena_alloc(scope_arena(scope), sizeof(*value));

	*value = ledger_decimal(units);
	return value;
}

enum err live_run_check(struct scope *scope, const struct limits *limits,
	const struct program *program, struct backtest_new *costs)
{
	struct report *report = scope_report(scope);
	const size_t before = report->fault_count;
	int64_t cash;

	costs_check(report, costs);
	if (!costs->cash)
		report_fault(report, "/cash",
			"is needed: what of the account the strategy may use");
	else if (ledger_units(*costs->cash, &cash) != ERR_OK || cash <= 0)
		report_fault(report, "/cash",
			"must be above 0, with at most 8 digits behind the "
			"point");
	if (!costs->fee)
		costs->fee = kept(scope, limits->trade.fee_taker);
	if (!costs->slippage)
		costs->slippage = kept(scope, SLIPPAGE);
	fraction_check(report, "/fee", costs->fee);
	fraction_check(report, "/slippage", costs->slippage);
	(void)!advise_check(program, "/definition", report);
	return report->fault_count == before ? ERR_OK : ERR_BAD_INPUT;
}

/* What nothing that is open may still spend. */
static enum err free_of(
	struct scope *scope, const struct book *book, int64_t *out)
{
	const struct order *orders;
	int64_t left = book->cash;
	struct list open;
	enum err err = orders_open(scope, book->account, NULL, &open);

	if (err != ERR_OK)
		return err;
	orders = open.items;
	for (size_t i = 0; err == ERR_OK && i < open.count; i++) {
		int64_t value = 0;

		if (!orders[i].buys)
			continue;
		err = ledger_value(orders[i].quantity - orders[i].filled,
			orders[i].bound, &value);
		if (__builtin_sub_overflow(left, value, &left))
			return ERR_BAD_INPUT;
	}
	if (err == ERR_OK)
		*out = left;
	return err;
}

static enum err hand_open(
	struct scope *scope, const struct limits *limits, struct book *out)
{
	enum err err = book_open(scope, limits, &by_hand, out);

	if (err != ERR_NOT_FOUND)
		return err;
	report_detail(scope_report(scope),
		"The account at binance has not been read yet: try again in a "
		"moment.");
	return ERR_CONFLICT;
}

static enum err state_check(struct scope *scope, const struct limits *limits)
{
	struct risk_settings settings;
	enum err err = risk_load(scope, limits, &settings);

	if (err != ERR_OK ||
		(settings.state == RISK_ACTIVE && !settings.halted_all))
		return err;
	report_detail(scope_report(scope), "Trading is %s.",
		settings.halted_all ? "stopped for everybody"
				    : risk_states[settings.state]);
	return ERR_CONFLICT;
}

static enum err cash_check(
	struct scope *scope, const struct book *book, int64_t cash)
{
	int64_t left = 0;
	enum err err = free_of(scope, book, &left);

	if (err != ERR_OK || cash <= left)
		return err;
	report_fault(scope_report(scope), "/cash",
		"is more than is free in the account at binance: %s",
		decimal_format(scope_arena(scope),
			decimal_trim(ledger_decimal(left > 0 ? left : 0))));
	return ERR_BAD_INPUT;
}

/* ---- begun ------------------------------------------------------------------------- */

static enum err row_create(struct scope *scope, const struct run_ref *run,
	int64_t account, const struct backtest_new *costs)
{
	return scope_run(scope, create_sql,
		BINDS(bind_text(":run", run->id), bind_int(":account", account),
			bind_text(":options", request_write(scope_arena(scope),
						      &run_options_shape, costs)
						      .text)),
		NULL);
}

enum err live_run_begin(struct scope *scope, const struct limits *limits,
	const struct run_ref *run, const struct backtest_new *costs)
{
	const struct book_name name = {.venue = "binance", .run_id = run->id};
	struct book hand;
	int64_t cash = 0, account = 0;
	enum err err = live_ready(scope, limits, run->symbol);

	if (err == ERR_OK)
		err = hand_open(scope, limits, &hand);
	if (err == ERR_OK)
		err = state_check(scope, limits);
	if (err == ERR_OK)
		err = ledger_units(*costs->cash, &cash);
	if (err == ERR_OK)
		err = cash_check(scope, &hand, cash);
	if (err == ERR_OK)
		err = book_adjust(scope, &hand, given, -cash);
	if (err == ERR_OK)
		err = book_create(scope, &name, cash);
	if (err == ERR_OK)
		err = book_number(scope, &name, &account);
	return err == ERR_OK ? row_create(scope, run, account, costs) : err;
}

/* ---- over --------------------------------------------------------------------------- */

/* Less than is traded there stays the account's. */
static enum err dust_move(struct live_run *run, struct book *hand)
{
	const struct holding *left =
		book_holding(&run->book, scope_arena(run->scope), run->symbol);
	const struct book_move out = {
		run->symbol, -left->quantity, given_back, false};
	const struct book_move in = {
		run->symbol, left->quantity, given_back, false};
	bool moved = false;
	enum err err;

	if (left->quantity == 0)
		return ERR_OK;
	err = book_shift(run->scope, &run->book, &out, &moved);
	return err == ERR_OK && moved
		       ? book_shift(run->scope, hand, &in, &moved)
		       : err;
}

enum err live_run_return(struct live_run *run)
{
	struct book hand;
	enum err err = hand_open(run->scope, run->limits, &hand);

	if (err == ERR_OK)
		err = dust_move(run, &hand);
	/* without a price it cannot be moved: the book stays open */
	if (err == ERR_OK &&
		book_holding(&run->book, scope_arena(run->scope), run->symbol)
				->quantity != 0)
		return ERR_OK;
	if (err == ERR_OK)
		err = book_adjust(
			run->scope, &hand, given_back, run->book.cash);
	if (err == ERR_OK)
		err = book_adjust(
			run->scope, &run->book, given_back, -run->book.cash);
	if (err == ERR_OK)
		err = book_mark(run->scope, &hand);
	return err == ERR_OK ? book_close(run->scope, &run->book) : err;
}

enum err live_run_stop(struct scope *scope, const struct limits *limits,
	const struct run_ref *ref, bool close)
{
	struct live_run run = {.ended = false};
	enum err err = live_run_open(scope, limits, ref->id, &run);

	if (err != ERR_OK)
		return err;
	if (close && (run.memory.entry || live_run_tradable(&run) > 0))
		run.memory.closing = "stop";
	/* what may still be bought is protected first */
	run.memory.left = !close && !run.memory.entry;
	run.running = false;
	err = run_end(scope, ref->id, strategy_run_states[1], NULL);
	if (err == ERR_OK)
		err = live_run_step(&run);
	return err == ERR_OK ? live_run_write(&run) : err;
}

/* ---- a candle ------------------------------------------------------------------------ */

/* Bought is at the price of now: on a candle of long ago, not. */
static bool is_late(const struct live_run *run)
{
	return scope_now(run->scope) - run->last_time >
	       2 * run->interval_ms + late_ms;
}

static bool may_enter(const struct live_run *run)
{
	return run->running && run->open.count == 0 && !run->memory.entry &&
	       !run->memory.closing && live_run_tradable(run) == 0 &&
	       run->book.cash > 0;
}

static enum err enter(struct live_run *run, const struct program *program,
	const struct run_bars *bars)
{
	const struct advise_case in = {.program = program,
		.candles = bars->candles,
		.decisions = bars->decisions,
		.cash = run->book.cash,
		.fee = run->fee,
		.slippage = run->slippage,
		.step = run->rules.step ? run->rules.step : 1,
		.min_value = run->rules.value_min};
	struct advice advice = {0};
	enum err err = advise_entry(scope_arena(run->scope), &in,
		scope_report(run->scope), &advice);

	if (err != ERR_OK || !advice.wanted)
		return err;
	/* what the exchange takes is not known before it was asked */
	if (advice.blocked || is_late(run) || !run->rules.known ||
		!run->rules.trading ||
		live_ready(run->scope, run->limits, run->symbol) != ERR_OK) {
		run->blocked++;
		return ERR_OK;
	}
	if (advice.quantity < run->rules.lot_min || advice.quantity == 0) {
		run->refused++;
		return ERR_OK;
	}
	run->memory.stop_range = advice.stop_range;
	run->memory.target_range = advice.target_range;
	return live_run_enter(run, advice.quantity);
}

enum err live_run_bars(struct scope *scope, const struct limits *limits,
	const struct run_ref *ref, const struct program *program,
	const struct run_bars *bars)
{
	const struct candles *candles = bars->candles;
	struct live_run run = {.ended = false};
	enum err err = live_run_open(scope, limits, ref->id, &run);

	if (err != ERR_OK)
		return err;
	run.last_time = candles->time[candles->count - 1];
	run.last_price = bars->last_price;
	if (advise_leaves(bars->decisions, candles->count) &&
		(run.memory.entry || live_run_tradable(&run) > 0) &&
		!run.memory.closing)
		run.memory.closing = "signal";
	err = live_run_step(&run);
	/* what rested before this step is what is looked at: a position that
	   was just left is entered again at the next candle */
	if (err == ERR_OK && may_enter(&run))
		err = enter(&run, program, bars);
	return err == ERR_OK ? live_run_write(&run) : err;
}
