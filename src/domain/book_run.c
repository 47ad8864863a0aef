/*
 * The simulator of a run that trades: made from its row, fed, and written back
 * with what it did. Nothing of it is kept in memory from one transaction to
 * the next, so that killed anywhere it goes on from where the database stands.
 * Must never guess at a state that it cannot read.
 */
#include "book_run_private.h"

#include "backtest_order_private.h"
#include "book_run_desk_private.h"
#include "events.h"
#include "live_run_private.h"
#include "strategy_program_private.h"

static const char create_sql[] =
	"INSERT INTO run_sims (user_id, run_id, account, options, held,"
	" updated_at) VALUES (:owner, :run, :account, :options, '[]', :now)";
static const char read_sql[] =
	"SELECT account, options, state, last_time, last_price FROM run_sims"
	" WHERE user_id = :owner AND run_id = :run";
static const char write_sql[] =
	"UPDATE run_sims SET state = :state, held = :held, trades = :trades,"
	" refused = :refused, blocked = :blocked, denied = :denied,"
	" last_time = :time, last_price = :price, updated_at = :now"
	" WHERE user_id = :owner AND run_id = :run";
static const char end_sql[] =
	"UPDATE strategy_runs SET state = :state, stopped_at = :now,"
	" error = :error WHERE user_id = :owner AND id = :run"
	" AND state = 'running'";

static const char told_sql[] =
	"SELECT s.name, r.symbol FROM strategy_runs r JOIN strategies s"
	" ON s.user_id = r.user_id AND s.id = r.strategy_id"
	" WHERE r.user_id = :owner AND r.id = :run";

/* As it is kept: what a backtest takes, but for what only it has. */
static const struct field options_fields[] = {
	RUN_FIELD(struct backtest_new, , cash, .nullable = true,
		.doc = "to begin with"),
	COST_FIELDS(struct backtest_new, ),
};
const struct shape run_options_shape =
	SHAPE("run_options", struct backtest_new, options_fields);

/* A run's simulator within one transaction. */
struct run_sim {
	struct run_desk desk;
	struct backtest_options options;
	struct trader_listener listener;
	struct trader *trader;
	bool has_last;
	int64_t last_time, last_price;
};

static struct backtest_options options_of(const struct backtest_new *costs)
{
	struct backtest_options options = backtest_options_of(costs);

	options.finalize = false;
	options.trade_limit = 0;
	return options;
}

/* ---- begun -------------------------------------------------------------------- */

enum err book_run_check(struct scope *scope, const struct limits *limits,
	const struct program *program, struct backtest_new *costs)
{
	static const struct decimal nothing = {0, 0};
	struct decimal *cash = arena_alloc(scope_arena(scope), sizeof(*cash));
	struct backtest_options options;
	struct trader *trader;

	*cash = ledger_decimal(limits->trade.start_balance);
	if (!costs->cash)
		costs->cash = cash;
	if (!costs->fee)
		costs->fee = &nothing;
	options = options_of(costs);
	return trader_open(scope_arena(scope),
		&(const struct trader_setup){
			.program = program, .options = &options},
		scope_report(scope), &trader);
}

enum err book_run_begin(struct scope *scope, const char *run_id,
	const struct backtest_new *costs)
{
	const struct book_name name = {.run_id = run_id};
	int64_t cash = 0, account = 0;
	enum err err = ledger_units(*costs->cash, &cash);

	if (err == ERR_OK)
		err = book_create(scope, &name, cash);
	if (err == ERR_OK)
		err = book_number(scope, &name, &account);
	if (err != ERR_OK)
		return err;
	return scope_run(scope, create_sql,
		BINDS(bind_text(":run", run_id), bind_int(":account", account),
			bind_text(":options", request_write(scope_arena(scope),
						      &run_options_shape, costs)
						      .text),
			bind_int(":now", scope_now(scope))),
		NULL);
}

/* ---- read ---------------------------------------------------------------------- */

static enum err trader_make(
	struct run_sim *sim, const struct program *program, const char *state)
{
	struct scope *scope = sim->desk.scope;
	enum err err;

	sim->listener = run_desk_listener(&sim->desk);
	err = trader_open(scope_arena(scope),
		&(const struct trader_setup){.program = program,
			.options = &sim->options,
			.listener = &sim->listener},
		scope_report(scope), &sim->trader);
	if (err != ERR_OK)
		return err;
	sim->desk.book.costs = trader_costs(sim->trader);
	if (!state || trader_load(sim->trader, state) == ERR_OK)
		return ERR_OK;
	report_detail(scope_report(scope),
		"what this run did last was kept by another version of this "
		"program, or was changed: it cannot go on, and its position "
		"stays");
	return ERR_INTERNAL;
}

/* sim stays where it is: the trader points into it. */
static enum err sim_read(struct scope *scope, const struct limits *limits,
	const struct run_ref *run, const struct program *program,
	struct run_sim *sim)
{
	struct backtest_new costs = {0};
	const char *state;
	struct rows *rows;
	enum err err = scope_one(
		scope, read_sql, BINDS(bind_text(":run", run->id)), &rows);

	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_INTERNAL : err;
	err = book_run_desk_open(
		scope, limits, run, rows_int(rows, 0), &sim->desk);
	if (err == ERR_OK)
		err = request_read(
			scope, &run_options_shape, rows_text(rows, 1), &costs);
	state = rows_text(rows, 2);
	sim->has_last = !rows_is_null(rows, 3);
	sim->last_time = rows_int(rows, 3);
	sim->last_price = rows_int(rows, 4);
	rows_end(rows);
	if (err != ERR_OK)
		return err;
	sim->options = options_of(&costs);
	return trader_make(sim, program, state);
}

/* ---- written -------------------------------------------------------------------- */

static enum err sim_write(struct run_sim *sim)
{
	struct scope *scope = sim->desk.scope;
	struct arena *arena = scope_arena(scope);
	struct trader_state state;

	trader_look(sim->trader, &state);
	return scope_run(scope, write_sql,
		BINDS(bind_text(":state", trader_save(sim->trader, arena)),
			bind_text(":held", run_held_write(arena, &state)),
			bind_int(":trades", state.trades),
			bind_int(":refused", state.refused),
			bind_int(":blocked", state.blocked),
			bind_int(":denied", state.denied),
			bind_int(":time", sim->last_time),
			bind_int(":price", sim->last_price),
			bind_text(":run", sim->desk.run->id),
			bind_int(":now", scope_now(scope))),
		NULL);
}

static enum err sim_keep(struct run_sim *sim)
{
	struct run_desk *desk = &sim->desk;
	enum err err = sim_write(sim);

	if (err == ERR_OK)
		err = book_value(
			&desk->book, desk->run->symbol, sim->last_price);
	if (err == ERR_OK && desk->fills > 0)
		err = book_mark(desk->scope, &desk->book);
	return err;
}

enum err book_run_bars(struct scope *scope, const struct limits *limits,
	const struct run_ref *run, const struct program *program,
	const struct run_bars *bars)
{
	const struct candles *candles = bars->candles;
	struct run_sim sim = {.has_last = false};
	struct trader_state state;
	enum err err = sim_read(scope, limits, run, program, &sim);

	if (err == ERR_OK)
		err = trader_bars(sim.trader, candles, bars->decisions);
	if (err != ERR_OK)
		return err;
	sim.last_time = candles->time[candles->count - 1];
	sim.last_price = bars->last_price;
	err = sim_keep(&sim);
	trader_look(sim.trader, &state);
	if (err == ERR_OK && state.ruined)
		err = run_end(scope, run->id, strategy_run_states[1],
			"nothing is left of its money");
	return err;
}

/* ---- ended ----------------------------------------------------------------------- */

enum err book_run_leave(struct scope *scope, const struct limits *limits,
	const struct run_ref *run)
{
	struct run_sim sim = {.has_last = false};
	struct program *program = NULL;
	enum err err =
		strategy_program(scope, scope_arena(scope), run->id, &program);

	if (err == ERR_OK)
		err = sim_read(scope, limits, run, program, &sim);
	if (err != ERR_OK || !sim.has_last)
		return err;
	err = trader_leave(sim.trader, sim.last_time,
		(double)sim.last_price / LEDGER_ONE, "stop");
	return err == ERR_OK ? sim_keep(&sim) : err;
}

static enum err end_tell(
	struct scope *scope, const char *run_id, const char *error)
{
	struct rows *rows;
	enum err err = scope_one(
		scope, told_sql, BINDS(bind_text(":run", run_id)), &rows);

	if (err != ERR_OK)
		return err;
	err = event_note(scope, EVENT_RUN_FAILED,
		"The strategy %s on %s was stopped: %s", rows_text(rows, 0),
		rows_text(rows, 1), error);
	rows_end(rows);
	return err;
}

enum err run_end(struct scope *scope, const char *run_id, const char *state,
	const char *error)
{
	int64_t changed = 0;
	enum err err = scope_run(scope, end_sql,
		BINDS(bind_text(":state", state),
			bind_int(":now", scope_now(scope)),
			bind_text(":error", error), bind_text(":run", run_id)),
		&changed);

	/* without one its user stopped it, and knows */
	if (err == ERR_OK && changed > 0 && error)
		err = end_tell(scope, run_id, error);
	return err == ERR_OK ? book_settle(scope) : err;
}

enum err book_run_switch(struct scope *scope, const struct limits *limits,
	const struct run_ref *run, bool *over)
{
	struct risk_settings settings;
	enum err err = risk_load(scope, limits, &settings);

	if (err != ERR_OK)
		return err;
	*over = settings.halted_all;
	return *over ? run_end(scope, run->id, strategy_run_states[1],
			       "trading is stopped for everybody "
			       "(TRADING_HALTED)")
		     : ERR_OK;
}
