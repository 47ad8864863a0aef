/*
 * A user's risk limits: kept, shown, and held below the admin's ceilings. Must
 * never show or apply a limit above its ceiling, also when
 * the ceiling was lowered later.
 */
#include "risk_private.h"

#include "buf.h"
#include "events.h"
#include "symbol_private.h"
#include "text.h"

const char *const risk_states[] = {"active", "reducing", "halted", NULL};

static const char load_sql[] =
	"SELECT max_order_value, max_symbol_value, max_account_value,"
	" max_open_orders, max_positions, orders_per_minute, max_daily_loss,"
	" max_drawdown_pct, price_collar_pct, symbols, allow_short, state"
	" FROM risk_settings WHERE user_id = :owner";
/* The members of a change, in the order of load_sql's columns. */
static const char *const change_names[] = {"max_order_value",
	"max_symbol_value", "max_account_value", "max_open_orders",
	"max_positions", "orders_per_minute", "max_daily_loss",
	"max_drawdown_pct", "price_collar_pct", "symbols", "allow_short"};
enum {
	CHANGES = sizeof(change_names) / sizeof(change_names[0]),
	CHANGE_SYMBOLS = 9
};
static const char put_sql[] =
	"INSERT INTO risk_settings (user_id, max_order_value,"
	" max_symbol_value, max_account_value, max_open_orders,"
	" max_positions, orders_per_minute, max_daily_loss, max_drawdown_pct,"
	" price_collar_pct, symbols, allow_short, state, updated_at) VALUES"
	" (:owner, :order, :symbol, :account, :open, :positions, :rate,"
	" :loss, :drawdown, :collar, :symbols, :short, :state, :now)"
	" ON CONFLICT (user_id) DO UPDATE"
	" SET max_order_value = excluded.max_order_value,"
	" max_symbol_value = excluded.max_symbol_value,"
	" max_account_value = excluded.max_account_value,"
	" max_open_orders = excluded.max_open_orders,"
	" max_positions = excluded.max_positions,"
	" orders_per_minute = excluded.orders_per_minute,"
	" max_daily_loss = excluded.max_daily_loss,"
	" max_drawdown_pct = excluded.max_drawdown_pct,"
	" price_collar_pct = excluded.price_collar_pct,"
	" symbols = excluded.symbols, allow_short = excluded.allow_short,"
	" state = excluded.state, updated_at = excluded.updated_at";
static const char state_by_sql[] =
	"UPDATE risk_settings SET state_by = :by, state_at = :now"
	" WHERE user_id = :owner";
static const char halt_sql[] =
	"SELECT value FROM system_settings WHERE name = :name";
static const char recent_sql[] =
	"SELECT COUNT(*) FROM orders WHERE user_id = :owner"
	" AND source <> 'system'"
	" AND NOT (reduce_only = 1 AND type = 'market')"
	" AND coalesce(decided_at, created_at) > :since"
	" AND coalesce(decided_at, created_at) <= :until";

enum {
	OPEN_ORDERS = 50,
	POSITIONS = 20,
	PER_MINUTE = 30,
	COLLAR_PCT = 10,
	SYMBOLS_LIMIT = 4096,
	MINUTE_MS = 60 * 1000
};

/* The user's, or the default; never above the ceiling (0: there is none). */
static int64_t capped(
	const struct rows *rows, int column, int64_t otherwise, int64_t most)
{
	int64_t value = rows && !rows_is_null(rows, column)
				? rows_int(rows, column)
				: otherwise;

	if (most && (value == 0 || value > most))
		return most;
	return value;
}

static enum risk_state state_of(const char *name)
{
	for (unsigned i = 0; risk_states[i]; i++)
		if (text_equal(risk_states[i], name))
			return (enum risk_state)i;
	return RISK_HALTED;
}

/* rows NULL: the defaults. */
static struct risk_settings settings_of(
	const struct rows *rows, const struct risk_ceilings *most)
{
	return (struct risk_settings){
		.max_order_value = capped(rows, 0, 0, most->order_value),
		.max_symbol_value = capped(rows, 1, 0, most->symbol_value),
		.max_account_value = capped(rows, 2, 0, most->account_value),
		.max_open_orders =
			capped(rows, 3, OPEN_ORDERS, most->open_orders),
		.max_positions = capped(rows, 4, POSITIONS, most->positions),
		.orders_per_minute =
			capped(rows, 5, PER_MINUTE, most->orders_per_minute),
		.max_daily_loss = capped(rows, 6, 0, 0),
		.max_drawdown_pct = capped(rows, 7, 0, 0),
		.collar_pct = capped(rows, 8, COLLAR_PCT * (int64_t)LEDGER_ONE,
			most->collar_pct),
		.symbols = rows ? rows_text(rows, 9) : NULL,
		.allow_short = rows && rows_int(rows, 10),
		.state = rows ? state_of(rows_text(rows, 11)) : RISK_ACTIVE,
	};
}

/* In the order's own transaction: who stops everybody need not wait until
   each process has heard of it. */
static enum err halt_read(
	struct scope *scope, const struct limits *limits, bool *out)
{
	struct rows *rows;
	enum err err = scope_one(scope, halt_sql,
		BINDS(bind_text(":name", RISK_HALT_SETTING)), &rows);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	*out = limits->trade.halted;
	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	*out |= text_equal(rows_text(rows, 0), "true");
	rows_end(rows);
	return ERR_OK;
}

enum err risk_load(struct scope *scope, const struct limits *limits,
	struct risk_settings *out)
{
	struct risk_settings settings;
	struct rows *rows = NULL;
	enum err err = scope_one(scope, load_sql, NO_BINDS, &rows);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	settings =
		settings_of(err == ERR_OK ? rows : NULL, &limits->trade.most);
	if (err == ERR_OK)
		rows_end(rows);
	err = halt_read(scope, limits, &settings.halted_all);
	if (err == ERR_OK)
		*out = settings;
	return err;
}

/* ---- what a decision is made of ------------------------------------------------ */

/* What a run decides on old candles is a burst of then, not of now. */
static enum err recent_read(
	struct scope *scope, const struct order *order, int64_t *out)
{
	const int64_t at =
		order->decided_at ? order->decided_at : scope_now(scope);
	struct rows *rows;
	enum err err = scope_one(scope, recent_sql,
		BINDS(bind_int(":since", at - MINUTE_MS),
			bind_int(":until", order->decided_at ? at : INT64_MAX)),
		&rows);

	if (err != ERR_OK)
		return err;
	*out = rows_int(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

enum err risk_case_read(struct scope *scope, const struct order *order,
	const char *except, struct risk_case *out)
{
	struct list open;
	struct order *others;
	size_t count = 0;
	enum err err = orders_open(scope, 0, NULL, &open);

	if (err == ERR_OK)
		err = recent_read(scope, order, &out->recent);
	if (err != ERR_OK)
		return err;
	others = arena_array(scope_arena(scope), open.count, sizeof(*others));
	for (size_t i = 0; i < open.count; i++) {
		const struct order *one = (const struct order *)open.items + i;

		if (text_equal(one->venue, out->book->venue) &&
			!text_equal(one->id, except ? except : ""))
			others[count++] = *one;
	}
	out->open = others;
	out->open_count = count;
	out->holding =
		book_holding(out->book, scope_arena(scope), order->symbol);
	return ERR_OK;
}

/* ---- shown ------------------------------------------------------------------------ */

static struct decimal shown(int64_t units)
{
	return decimal_trim(ledger_decimal(units));
}

static const struct decimal *maybe(struct arena *arena, int64_t units)
{
	struct decimal *value = arena_alloc(arena, sizeof(*value));

	*value = shown(units);
	return units ? value : NULL;
}

static struct text_list words_of(struct arena *arena, const char *text)
{
	struct text_list list = {
		.items = arena_array(arena, SYMBOLS_LIMIT / 2, sizeof(char *))};

	while (text && *text && list.count < SYMBOLS_LIMIT / 2) {
		const size_t len = strcspn(text, " ");

		list.items[list.count++] = arena_copy(arena, text, len);
		text += len + (text[len] == ' ');
	}
	return list;
}

static struct risk_view view_of(
	struct arena *arena, const struct risk_settings *settings)
{
	return (struct risk_view){
		.state = risk_states[settings->state],
		.trading_halted = settings->halted_all,
		.allow_short = settings->allow_short,
		.max_order_value = maybe(arena, settings->max_order_value),
		.max_symbol_value = maybe(arena, settings->max_symbol_value),
		.max_account_value = maybe(arena, settings->max_account_value),
		.max_open_orders = settings->max_open_orders,
		.max_positions = settings->max_positions,
		.orders_per_minute = settings->orders_per_minute,
		.max_daily_loss = maybe(arena, settings->max_daily_loss),
		.max_drawdown_pct = maybe(arena, settings->max_drawdown_pct),
		.price_collar_pct = shown(settings->collar_pct),
		.symbols = words_of(arena, settings->symbols),
	};
}

static void now_add(const struct book *book, struct risk_view *view)
{
	const struct holding *items = book->holdings.items;
	int64_t fallen = book->peak - book->equity;

	if (fallen < 0)
		fallen = 0;
	view->equity = shown(book->equity);
	view->exposure = shown(book->exposure + book->others_exposure);
	view->day_change =
		shown(book->equity - book->day_start - book->others_loss);
	view->drawdown_pct =
		shown(book->peak > 0 && fallen <= book->peak
				? ledger_share(100 * (int64_t)LEDGER_ONE,
					  fallen, book->peak)
				: 0);
	view->open_positions = (int64_t)book->others.count;
	for (size_t i = 0; i < book->holdings.count; i++)
		view->open_positions += items[i].quantity != 0;
}

static enum err now_read(struct scope *scope, const struct limits *limits,
	struct risk_view *view)
{
	static const struct book_name by_hand = {0};
	struct list open = {0};
	struct book book;
	enum err err = book_look(scope, limits, &by_hand, &book);

	if (err == ERR_NOT_FOUND) {
		book_unopened(scope, limits, &book);
		err = ERR_OK;
	}
	if (err == ERR_OK)
		err = book_others(scope, &book);
	if (err == ERR_OK)
		err = orders_open(scope, 0, NULL, &open);
	if (err != ERR_OK)
		return err;
	now_add(&book, view);
	for (size_t i = 0; i < open.count; i++)
		view->open_orders +=
			text_equal(((const struct order *)open.items)[i].venue,
				book.venue);
	return ERR_OK;
}

enum err risk_get(
	struct scope *scope, const struct limits *limits, struct risk_view *out)
{
	struct risk_settings settings;
	struct risk_view view;
	bool begun = false;
	enum err err = scope_begin_read(scope, &begun);

	if (err == ERR_OK)
		err = risk_load(scope, limits, &settings);
	if (err == ERR_OK) {
		view = view_of(scope_arena(scope), &settings);
		err = now_read(scope, limits, &view);
	}
	if (begun)
		scope_rollback(scope);
	if (err == ERR_OK)
		*out = view;
	return err;
}

/* ---- changed ------------------------------------------------------------------------ */

struct risk_write {
	struct scope *scope;
	const struct risk_ceilings *most;
	const struct risk_change *in;
	struct bind stored[CHANGES]; /* their names are not set */
	bool failed;
};

/* As it was written, a limit above today's ceiling included. */
static enum err stored_read(struct risk_write *write)
{
	struct rows *rows;
	enum err err = scope_one(write->scope, load_sql, NO_BINDS, &rows);

	for (int i = 0; i < CHANGES; i++)
		write->stored[i] = bind_null(NULL);
	write->stored[CHANGES - 1] = bind_int(NULL, 0);
	if (err == ERR_NOT_FOUND)
		return ERR_OK;
	if (err != ERR_OK)
		return err;
	for (int i = 0; i < CHANGES; i++)
		if (i == CHANGE_SYMBOLS)
			write->stored[i] = bind_text(NULL, rows_text(rows, i));
		else if (!rows_is_null(rows, i))
			write->stored[i] = bind_int(NULL, rows_int(rows, i));
	rows_end(rows);
	return ERR_OK;
}

/* Does the member stay as it is? Then that is bound. */
static bool is_kept(const struct risk_write *write, const char *name,
	const char *pointer, struct bind *out)
{
	const struct text_list *given = &write->in->given;

	for (size_t i = 0; i < given->count; i++)
		if (text_equal(given->items[i], pointer + 1))
			return false;
	for (int i = 0; write->in->keeps && i < CHANGES; i++) {
		if (!text_equal(change_names[i], pointer + 1))
			continue;
		*out = write->stored[i];
		out->name = name;
		return true;
	}
	return false;
}

static struct bind amount(struct risk_write *write, const char *name,
	const char *pointer, const struct decimal *value, int64_t most)
{
	struct report *report = scope_report(write->scope);
	struct bind kept;
	int64_t units = 0;

	if (is_kept(write, name, pointer, &kept))
		return kept;
	if (!value)
		return bind_null(name);
	if (ledger_units(*value, &units) != ERR_OK || units <= 0) {
		report_fault(report, pointer,
			"must be above 0, with at most 8 digits behind the "
			"point");
		write->failed = true;
	} else if (most && units > most) {
		report_fault(report, pointer, "must be at most %s",
			decimal_format(scope_arena(write->scope), shown(most)));
		write->failed = true;
	}
	return bind_int(name, units);
}

static struct bind number(struct risk_write *write, const char *name,
	const char *pointer, int64_t value, int64_t most)
{
	struct bind kept;

	if (is_kept(write, name, pointer, &kept))
		return kept;
	if (value == 0)
		return bind_null(name);
	if (value < 0 || (most && value > most)) {
		report_fault(scope_report(write->scope), pointer,
			"must be 1 to %lld", (long long)most);
		write->failed = true;
	}
	return bind_int(name, value);
}

static struct bind symbols_bind(
	struct risk_write *write, const struct text_list *symbols)
{
	struct bind kept;
	struct buf text;

	if (is_kept(write, ":symbols", "/symbols", &kept))
		return kept;
	buf_init(&text, scope_arena(write->scope), SYMBOLS_LIMIT);
	for (size_t i = 0; i < symbols->count; i++) {
		if (!symbol_is_valid(symbols->items[i])) {
			report_fault(scope_report(write->scope), "/symbols",
				"each must be " SYMBOL_RULE);
			write->failed = true;
		}
		buf_text(&text, i > 0 ? " " : "");
		buf_text(&text, symbols->items[i]);
	}
	write->failed |= text.overflow;
	return bind_text(":symbols", symbols->count > 0 ? text.data : NULL);
}

static struct bind short_bind(const struct risk_write *write)
{
	struct bind kept;

	if (is_kept(write, ":short", "/allow_short", &kept))
		return kept;
	return bind_int(":short", write->in->allow_short);
}

static enum err put_write(struct scope *scope, const struct limits *limits,
	const struct risk_change *in, const char *state)
{
	struct risk_write write = {
		.scope = scope, .most = &limits->trade.most, .in = in};
	const struct risk_ceilings *most = write.most;
	const struct bind *binds;
	enum err err = stored_read(&write);

	if (err != ERR_OK)
		return err;
	binds = BINDS(amount(&write, ":order", "/max_order_value",
			      in->max_order_value, most->order_value),
		amount(&write, ":symbol", "/max_symbol_value",
			in->max_symbol_value, most->symbol_value),
		amount(&write, ":account", "/max_account_value",
			in->max_account_value, most->account_value),
		number(&write, ":open", "/max_open_orders", in->max_open_orders,
			most->open_orders),
		number(&write, ":positions", "/max_positions",
			in->max_positions, most->positions),
		number(&write, ":rate", "/orders_per_minute",
			in->orders_per_minute, most->orders_per_minute),
		amount(&write, ":loss", "/max_daily_loss", in->max_daily_loss,
			0),
		amount(&write, ":drawdown", "/max_drawdown_pct",
			in->max_drawdown_pct, 100 * (int64_t)LEDGER_ONE),
		amount(&write, ":collar", "/price_collar_pct",
			in->price_collar_pct, most->collar_pct),
		symbols_bind(&write, &in->symbols), short_bind(&write),
		bind_text(":state", state), bind_int(":now", scope_now(scope)));

	if (write.failed)
		return ERR_BAD_INPUT;
	return scope_run(scope, put_sql, binds, NULL);
}

static enum err by_write(
	struct scope *scope, const struct risk_change *in, const char *before)
{
	if (!in->state || text_equal(in->state, before))
		return ERR_OK;
	return scope_run(scope, state_by_sql,
		BINDS(bind_text(":by", in->by),
			bind_int(":now", scope_now(scope))),
		NULL);
}

static bool is_halting(
	const struct risk_settings *before, const struct risk_change *in)
{
	return in->state && text_equal(in->state, risk_states[RISK_HALTED]) &&
	       before->state != RISK_HALTED;
}

static enum err put_all(struct scope *scope, const struct limits *limits,
	const struct risk_change *in, struct risk_view *out)
{
	struct risk_settings before;
	enum err err = risk_load(scope, limits, &before);

	if (err == ERR_OK)
		err = put_write(scope, limits, in,
			in->state ? in->state : risk_states[before.state]);
	if (err == ERR_OK)
		err = by_write(scope, in, risk_states[before.state]);
	if (err == ERR_OK && is_halting(&before, in))
		err = event_note(scope, EVENT_HALTED, "%s", risk_halted_text);
	return err == ERR_OK ? risk_get(scope, limits, out) : err;
}

enum err risk_put(struct scope *scope, const struct limits *limits,
	const struct risk_change *in, struct risk_view *out)
{
	struct risk_view view;
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = put_all(scope, limits, in, &view);
	err = scope_end(scope, err);
	if (err != ERR_OK)
		return err;
	*out = view;
	return ERR_OK;
}
