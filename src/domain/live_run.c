/*
 * A strategy at an exchange, carried on: each step looks at what its book
 * holds and which of its orders are open, and does what follows, so that
 * killed anywhere the next look goes on. Must never decide while an order's
 * fate is not known, nor end an order that may be at the exchange.
 */
#include "live_run_private.h"

#include "backtest_order_private.h"
#include "book_run_desk_private.h"
#include "events.h"
#include "key_state.h"
#include "live_runs.h"
#include "strategy_program_private.h"
#include "text.h"

const char live_run_mode[] = "live";

static const char row_sql[] =
	"SELECT r.symbol, r.interval_ms, r.state, s.account, s.options,"
	" s.state, s.trades, s.refused, s.blocked, s.denied, s.last_time,"
	" s.last_price, r.stopped_at FROM run_sims s JOIN strategy_runs r"
	" ON r.user_id = s.user_id AND r.id = s.run_id"
	" WHERE s.user_id = :owner AND s.run_id = :run";
static const char write_sql[] =
	"UPDATE run_sims SET state = :state, held = :held, trades = :trades,"
	" refused = :refused, blocked = :blocked, denied = :denied,"
	" last_time = :time, last_price = :price, updated_at = :now"
	" WHERE user_id = :owner AND run_id = :run";
static const char plan_sql[] =
	"SELECT a.user_id, a.run_id, r.symbol, NOT EXISTS (SELECT 1"
	" FROM exchange_rules x WHERE x.venue = 'binance'"
	" AND x.symbol = r.symbol) AND r.state = 'running'"
	" FROM trade_accounts a JOIN users u ON u.id = a.user_id"
	" AND u.disabled = 0 JOIN strategy_runs r ON r.user_id = a.user_id"
	" AND r.id = a.run_id JOIN run_sims s ON s.user_id = a.user_id"
	" AND s.run_id = a.run_id WHERE a.venue = 'binance'"
	" AND a.run_id IS NOT NULL AND a.closed_at IS NULL"
	" AND (s.updated_at <= :before OR EXISTS (SELECT 1 FROM quotes q"
	" WHERE q.symbol = r.symbol AND q.fresh_until >= :now"
	" AND q.received_at > s.updated_at"
	" AND q.price <= json_extract(s.state, '$.stop')))"
	" ORDER BY s.updated_at";

static const char taken_sql[] =
	"SELECT EXISTS (SELECT 1 FROM orders WHERE user_id = :owner"
	" AND run_id = :run AND side = 'sell' AND state = 'cancelled'"
	" AND coalesce(reason, '') <> 'live_trading_off'"
	" AND updated_at >= :since)";

enum {
	TRIES = 20 /* orders of one position: then something is wrong */
};

static const struct field memory_fields[] = {
	FIELD(struct live_memory, entry, .nullable = true),
	FIELD(struct live_memory, last, .nullable = true),
	FIELD(struct live_memory, closing, .nullable = true),
	FIELD(struct live_memory, stop_range, .max = INT64_MAX),
	FIELD(struct live_memory, target_range, .max = INT64_MAX),
	FIELD(struct live_memory, stop, .max = INT64_MAX),
	FIELD(struct live_memory, target, .max = INT64_MAX),
	FIELD(struct live_memory, entry_price, .max = INT64_MAX),
	FIELD(struct live_memory, entered_at, .max = INT64_MAX),
	FIELD(struct live_memory, filled_at, .max = INT64_MAX),
	FIELD(struct live_memory, through_at, .max = INT64_MAX),
	FIELD(struct live_memory, tries, .max = INT64_MAX),
	FIELD(struct live_memory, held, .doc = "a position is counted"),
	FIELD(struct live_memory, left, .doc = "nobody's any more"),
};
static const struct shape memory_shape =
	SHAPE("live_memory", struct live_memory, memory_fields);

/* ---- read and written --------------------------------------------------------- */

static enum err row_read(struct live_run *run, int64_t *account)
{
	struct backtest_new costs = {0};
	struct rows *rows;
	enum err err = scope_one(
		run->scope, row_sql, BINDS(bind_text(":run", run->id)), &rows);

	if (err != ERR_OK)
		return err;
	run->symbol = rows_text(rows, 0);
	run->interval_ms = rows_int(rows, 1);
	run->running = text_equal(rows_text(rows, 2), strategy_run_states[0]);
	run->stopped = text_equal(rows_text(rows, 2), strategy_run_states[1]);
	*account = rows_int(rows, 3);
	run->trades = rows_int(rows, 6);
	run->refused = rows_int(rows, 7);
	run->blocked = rows_int(rows, 8);
	run->denied = rows_int(rows, 9);
	run->last_time = rows_int(rows, 10);
	run->last_price = rows_int(rows, 11);
	run->stopped_at = rows_int(rows, 12);
	err = request_read(
		run->scope, &run_options_shape, rows_text(rows, 4), &costs);
	if (err == ERR_OK)
		err = request_read(run->scope, &memory_shape,
			rows_text(rows, 5), &run->memory);
	rows_end(rows);
	if (err == ERR_OK)
		err = ledger_units(*costs.fee, &run->fee);
	if (err == ERR_OK)
		err = ledger_units(*costs.slippage, &run->slippage);
	return err;
}

/* A symbol that is gone has no price; its money still comes back. */
static enum err price_read(struct live_run *run)
{
	enum err err = quote_read(run->scope, run->symbol, &run->quote);

	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err live_run_open(struct scope *scope, const struct limits *limits,
	const char *run_id, struct live_run *out)
{
	struct live_run run = {.scope = scope, .limits = limits, .id = run_id};
	struct book_name name = {0};
	enum err err = row_read(&run, &name.account);

	if (err == ERR_OK)
		err = book_open(scope, limits, &name, &run.book);
	if (err == ERR_OK)
		err = book_others(scope, &run.book);
	if (err == ERR_OK)
		err = risk_load(scope, limits, &run.settings);
	if (err == ERR_OK)
		err = price_read(&run);
	if (err == ERR_OK)
		err = live_symbol_read(scope, run.symbol, &run.rules);
	if (err == ERR_OK)
		err = orders_open(
			scope, run.book.account, run.symbol, &run.open);
	if (err != ERR_OK)
		return err;
	live_desk(&run.settings, &run.quote);
	*out = run;
	return ERR_OK;
}

static struct trader_state shown_of(const struct live_run *run)
{
	const struct live_memory *memory = &run->memory;
	struct trader_state state = {.held_count = live_run_tradable(run) > 0};

	state.held[0] = (struct trader_held){.is_long = true,
		.quantity = live_run_tradable(run),
		.price = memory->entry_price,
		.time = memory->entered_at,
		.stop = memory->stop,
		.target = memory->target,
		.stop_reason = "stop_loss"};
	return state;
}

enum err live_run_write(struct live_run *run)
{
	struct arena *arena = scope_arena(run->scope);
	const struct trader_state state = shown_of(run);

	return scope_run(run->scope, write_sql,
		BINDS(bind_text(":state",
			      request_write(arena, &memory_shape, &run->memory)
				      .text),
			bind_text(":held", run_held_write(arena, &state)),
			bind_int(":trades", run->trades),
			bind_int(":refused", run->refused),
			bind_int(":blocked", run->blocked),
			bind_int(":denied", run->denied),
			bind_int(":time", run->last_time),
			bind_int(":price", run->last_price),
			bind_text(":run", run->id),
			bind_int(":now",
				run->again ? 0 : scope_now(run->scope))),
		NULL);
}

/* ---- what there is ------------------------------------------------------------- */

static int64_t held(const struct live_run *run)
{
	return book_holding(&run->book, scope_arena(run->scope), run->symbol)
		->quantity;
}

/* Worth less than is traded there, and nothing of it is: it cannot be sold. */
static bool is_dust(const struct live_run *run, int64_t quantity)
{
	int64_t value = 0;

	return run->open.count == 0 && run->quote.known &&
	       ledger_value(quantity, run->quote.price, &value) == ERR_OK &&
	       value < run->rules.value_min;
}

int64_t live_run_tradable(const struct live_run *run)
{
	const int64_t step = run->rules.step ? run->rules.step : 1;
	const int64_t quantity = held(run);
	const int64_t whole = quantity - quantity % step;

	return whole > 0 && whole >= run->rules.lot_min && !is_dust(run, whole)
		       ? whole
		       : 0;
}

enum err live_run_fail(struct live_run *run, const char *why)
{
	struct live_memory *memory = &run->memory;
	const bool closes = memory->closing;
	const bool minded = closes || (run->stopped && !memory->left);

	memory->closing = NULL;
	memory->left = true;
	run->ended = true;
	if (!run->running && minded)
		return event_note(run->scope, EVENT_RUN_FAILED,
			"What a stopped strategy holds of %s is not %s: %s",
			run->symbol, closes ? "sold" : "protected", why);
	if (!run->running)
		return ERR_OK;
	run->running = false;
	return run_end(run->scope, run->id, strategy_run_states[2], why);
}

/* ---- the entry ------------------------------------------------------------------- */

/* What was bought, and for how much: the levels follow from that. */
static enum err entry_filled(struct live_run *run, const struct order *order,
	const struct program *program)
{
	struct live_memory *memory = &run->memory;
	const struct advice advice = {.stop_range = memory->stop_range,
		.target_range = memory->target_range};
	enum err err;

	memory->entry_price =
		ledger_share(order->filled_value, LEDGER_ONE, order->filled);
	memory->entered_at = order->decided_at;
	memory->held = true;
	memory->filled_at = scope_now(run->scope);
	memory->through_at = 0;
	memory->tries = 0;
	memory->last = NULL;
	err = advise_levels(program, &advice, memory->entry_price,
		&memory->stop, &memory->target);
	if (err == ERR_BAD_INPUT)
		return live_run_fail(run,
			"where to leave what was bought cannot be reckoned; "
			"it is held without a stop");
	return err;
}

static enum err program_of(struct live_run *run, struct program **out)
{
	return strategy_program(
		run->scope, scope_arena(run->scope), run->id, out);
}

/* *waits: it may still fill, or fills of it may come. */
static enum err entry_step(struct live_run *run, bool *waits)
{
	struct program *program = NULL;
	struct order order;
	enum err err;

	*waits = false;
	if (!run->memory.entry)
		return ERR_OK;
	err = order_find(run->scope, run->memory.entry, &order);
	if (err != ERR_OK)
		return err;
	*waits = !order_is_over(order.state);
	if (*waits)
		return run->memory.closing ? live_run_cancel(run) : ERR_OK;
	run->memory.entry = NULL;
	if (order.filled == 0) {
		run->denied++;
		return ERR_OK;
	}
	err = program_of(run, &program);
	return err == ERR_OK ? entry_filled(run, &order, program) : err;
}

/* ---- what protects and what leaves ------------------------------------------------ */

static bool ended_by(const struct order *order, const char *reason)
{
	return order->reason && text_equal(order->reason, reason);
}

/* The exchange refuses a stop that is reached already: then it is left. */
static enum err refused(struct live_run *run, const struct order *order)
{
	const struct live_memory *memory = &run->memory;

	if (order->type == MATCH_MARKET)
		return live_run_fail(run,
			arena_format(scope_arena(run->scope),
				"the exchange did not sell what it holds: %s",
				order->reason ? order->reason : "refused"));
	run->memory.closing = memory->target && run->quote.known &&
					      run->quote.price >= memory->target
				      ? "take_profit"
				      : "stop_loss";
	return ERR_OK;
}

static enum err last_step(struct live_run *run)
{
	struct order order;
	enum err err;

	if (!run->memory.last)
		return ERR_OK;
	err = order_find(run->scope, run->memory.last, &order);
	if (err != ERR_OK || !order_is_over(order.state))
		return err;
	run->memory.last = NULL;
	if (order.state != ORDER_REJECTED || ended_by(&order, "keys"))
		return ERR_OK;
	if (!ended_by(&order, "not_sent"))
		return refused(run, &order);
	/* the exchange never had it: however long that lasts, it is no try */
	if (run->memory.tries > 0)
		run->memory.tries--;
	return ERR_OK;
}

static enum err flat_step(struct live_run *run)
{
	struct live_memory *memory = &run->memory;

	if (memory->held)
		run->trades++;
	memory->held = false;
	memory->closing = NULL;
	memory->stop = memory->target = 0;
	if (run->open.count > 0)
		return live_run_cancel(run);
	return run->running ? ERR_OK : live_run_return(run);
}

/* Of a stopped run: somebody cancelled what protected it, and does with the
   position what he wants. */
static enum err was_taken(struct live_run *run, bool *out)
{
	struct rows *rows;
	enum err err = scope_one(run->scope, taken_sql,
		BINDS(bind_text(":run", run->id),
			bind_int(":since", run->stopped_at)),
		&rows);

	if (err != ERR_OK)
		return err;
	*out = rows_int(rows, 0) != 0;
	rows_end(rows);
	return ERR_OK;
}

/* Is what it holds to be protected or left? Running it is; so is what a halt
   stopped, until somebody takes it over. */
static enum err minds(struct live_run *run, bool *out)
{
	struct live_memory *memory = &run->memory;
	bool taken = false;
	enum err err = ERR_OK;

	*out = run->running || memory->closing;
	if (*out || !run->stopped || memory->left)
		return ERR_OK;
	err = was_taken(run, &taken);
	memory->left = taken;
	*out = !taken;
	return err;
}

static enum err keys_usable(struct live_run *run, bool *out)
{
	struct key_view keys;
	enum err err = key_state_read(run->scope, &keys);

	if (err == ERR_OK)
		*out = text_equal(keys.state, key_states[KEY_USABLE]);
	return err;
}

/* Without keys nothing leaves: it goes on when there are some again. */
static enum err held_step(struct live_run *run)
{
	struct live_memory *memory = &run->memory;
	bool minded = false;
	bool usable = false;
	enum err err = minds(run, &minded);

	if (err != ERR_OK || !minded || !run->rules.known ||
		!run->limits->live.enabled)
		return err;
	if (!memory->closing && live_run_stop_missed(run))
		memory->closing = "stop_loss";
	if (run->open.count > 0)
		return memory->closing ? live_run_cancel(run) : ERR_OK;
	err = keys_usable(run, &usable);
	if (err != ERR_OK || !usable)
		return err;
	if (memory->tries >= TRIES)
		return live_run_fail(run,
			"its orders at the exchange ended again and again; "
			"the position is not protected");
	return memory->closing ? live_run_leave(run) : live_run_protect(run);
}

enum err live_run_step(struct live_run *run)
{
	bool waits = false;
	enum err err;

	if (held(run) < 0)
		return live_run_fail(
			run, "its book says that it sold more than it had");
	if (run->running && !run->limits->live.enabled)
		return live_run_fail(run,
			"live trading was switched off; position and orders "
			"stay as they are");
	err = entry_step(run, &waits);
	if (err != ERR_OK || waits)
		return err;
	err = last_step(run);
	if (err != ERR_OK)
		return err;
	return live_run_tradable(run) > 0 ? held_step(run) : flat_step(run);
}

/* ---- the background process's look ------------------------------------------------- */

enum err live_runs_plan(
	struct admin_scope *admin, int64_t before, struct list *out)
{
	struct vector dues;
	struct rows *rows;
	bool more;
	enum err err = admin_query(admin, plan_sql,
		BINDS(bind_int(":before", before),
			bind_int(":now", admin_now(admin))),
		&rows);

	if (err != ERR_OK)
		return err;
	vector_init(&dues, admin_arena(admin), sizeof(struct live_run_due));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(struct live_run_due *)vector_add(&dues) =
			(struct live_run_due){rows_text(rows, 0),
				rows_text(rows, 1), rows_text(rows, 2),
				rows_int(rows, 3)};
	rows_end(rows);
	if (err == ERR_OK)
		*out = (struct list){dues.items, dues.count};
	return err;
}

static enum err tick(struct live_run *run, struct scope *scope,
	const struct limits *limits, const char *run_id)
{
	enum err err = live_run_open(scope, limits, run_id, run);

	if (err == ERR_OK)
		err = live_run_step(run);
	return err == ERR_OK ? live_run_write(run) : err;
}

enum err live_run_refused(
	struct scope *scope, const char *run_id, const char *why)
{
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	return scope_end(
		scope, run_end(scope, run_id, strategy_run_states[2], why));
}

/* What cannot be carried on ends, and is told. */
static enum err stuck(struct scope *scope, const char *run_id, enum err why)
{
	const struct report *report = scope_report(scope);
	enum err err = live_run_refused(
		scope, run_id, report->detail ? report->detail : err_slug(why));

	return err == ERR_OK ? why : err;
}

enum err live_run_tick(struct scope *scope, const struct limits *limits,
	const char *run_id, bool *ended)
{
	struct live_run run = {.ended = false};
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = scope_end(scope, tick(&run, scope, limits, run_id));
	if (err == ERR_OK)
		*ended = run.ended;
	if (err == ERR_OK || err == ERR_CONFLICT || err == ERR_UNAVAILABLE)
		return err;
	return stuck(scope, run_id, err);
}
