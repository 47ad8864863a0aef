/*
 * Opens a book for one transaction and values it. The first statement raises
 * the version of the user's first book, whichever is opened: of two
 * transactions the second waits there, and then reads what the first one left,
 * so that no limit of the user is spent in two books at once. Must never value
 * what is held at a price that is not stored.
 */
#include "book_private.h"

#include "text.h"

static const int64_t day_ms = INT64_C(24) * 60 * 60 * 1000;
static const int64_t minute_ms = INT64_C(60) * 1000;

static const char lock_sql[] = "UPDATE trade_accounts SET version = version + 1"
			       " WHERE user_id = :owner AND account = 1";
static const char look_sql[] =
	"SELECT account, start_balance, peak_equity, venue, run_id, closed_at"
	" FROM trade_accounts WHERE user_id = :owner AND account = :account";
static const char find_sql[] =
	"SELECT account, start_balance, peak_equity, venue, run_id, closed_at"
	" FROM trade_accounts WHERE user_id = :owner AND venue = :venue"
	" AND coalesce(run_id, '') = :run AND closed_at IS NULL";
static const char newest_sql[] =
	"SELECT coalesce(max(account), 0) FROM trade_accounts"
	" WHERE user_id = :owner";
static const char close_sql[] =
	"UPDATE trade_accounts SET closed_at = :now"
	" WHERE user_id = :owner AND account = :account";
static const char settle_sql[] =
	"UPDATE trade_accounts SET closed_at = :now"
	" WHERE user_id = :owner AND run_id IS NOT NULL AND venue = 'paper'"
	" AND closed_at IS NULL AND run_id NOT IN (SELECT r.id"
	" FROM strategy_runs r WHERE r.user_id = :owner"
	" AND r.state = 'running')"
	" AND NOT EXISTS (SELECT 1 FROM positions p"
	" WHERE p.user_id = :owner AND p.account = trade_accounts.account"
	" AND p.quantity <> 0)"
	" AND NOT EXISTS (SELECT 1 FROM orders o"
	" WHERE o.user_id = :owner AND o.account = trade_accounts.account"
	" AND o.state IN ('new', 'accepted', 'partially_filled', 'unknown'))";
static const char create_sql[] =
	"INSERT INTO trade_accounts (user_id, account, venue, run_id,"
	" start_balance, opened_at, peak_equity) VALUES (:owner, :account,"
	" :venue, :run, :balance, :now, :balance)";
static const char start_sql[] =
	"INSERT INTO cash_entries (user_id, account, seq, kind, amount,"
	" balance, created_at) VALUES (:owner, :account, 1, 'start',"
	" :balance, :balance, :now)";
static const char cash_sql[] =
	"SELECT seq, balance FROM cash_entries WHERE user_id = :owner"
	" AND account = :account ORDER BY seq DESC LIMIT 1";
static const char fills_sql[] =
	"SELECT coalesce(max(seq), 0) FROM fills WHERE user_id = :owner"
	" AND account = :account";
static const char holdings_sql[] =
	"SELECT symbol, quantity, cost, realised, fees, last_seq"
	" FROM positions WHERE user_id = :owner AND account = :account"
	" ORDER BY symbol";
static const char day_put_sql[] =
	"INSERT INTO risk_days (user_id, account, day, start_equity,"
	" low_equity, last_equity, orders, denied) VALUES (:owner, :account,"
	" :day, :equity, :equity, :equity, :orders, :denied)"
	" ON CONFLICT (user_id, account, day) DO UPDATE"
	" SET low_equity = min(low_equity, excluded.low_equity),"
	" last_equity = excluded.last_equity,"
	" orders = orders + excluded.orders,"
	" denied = denied + excluded.denied RETURNING start_equity";
static const char day_sql[] =
	"SELECT start_equity FROM risk_days WHERE user_id = :owner"
	" AND account = :account AND day = :day";
static const char peak_sql[] = "UPDATE trade_accounts SET peak_equity = :peak"
			       " WHERE user_id = :owner AND account = :account";
static const char snapshot_sql[] =
	"INSERT INTO equity_snapshots (user_id, account, at, cash, equity,"
	" exposure) VALUES (:owner, :account, :at, :cash, :equity, :exposure)"
	" ON CONFLICT (user_id, account, at) DO UPDATE"
	" SET cash = excluded.cash, equity = excluded.equity,"
	" exposure = excluded.exposure";

int64_t book_day(const struct scope *scope)
{
	return scope_now(scope) / day_ms * day_ms;
}

/* ---- the account ----------------------------------------------------------- */

static const char *venue_of(const struct book_name *name)
{
	return name->venue ? name->venue : order_venues[0];
}

enum err book_create(
	struct scope *scope, const struct book_name *name, int64_t balance)
{
	struct rows *rows;
	int64_t account;
	enum err err = scope_one(scope, newest_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	account = rows_int(rows, 0) + 1;
	rows_end(rows);
	err = scope_run(scope, create_sql,
		BINDS(bind_int(":account", account),
			bind_text(":venue", venue_of(name)),
			bind_text(":run", name->run_id),
			bind_int(":balance", balance),
			bind_int(":now", scope_now(scope))),
		NULL);
	if (err != ERR_OK)
		return err;
	return scope_run(scope, start_sql,
		BINDS(bind_int(":account", account),
			bind_int(":balance", balance),
			bind_int(":now", scope_now(scope))),
		NULL);
}

static enum err account_read(
	struct scope *scope, const struct book_name *name, struct book *book)
{
	struct rows *rows;
	enum err err =
		name->account
			? scope_one(scope, look_sql,
				  BINDS(bind_int(":account", name->account)),
				  &rows)
			: scope_one(scope, find_sql,
				  BINDS(bind_text(":venue", venue_of(name)),
					  bind_text(":run",
						  name->run_id ? name->run_id
							       : "")),
				  &rows);

	if (err != ERR_OK)
		return err;
	book->account = rows_int(rows, 0);
	book->start_balance = rows_int(rows, 1);
	book->peak = rows_int(rows, 2);
	book->venue = rows_text(rows, 3);
	book->run_id = rows_text(rows, 4);
	book->closed = !rows_is_null(rows, 5);
	rows_end(rows);
	return ERR_OK;
}

enum err book_number(
	struct scope *scope, const struct book_name *name, int64_t *out)
{
	struct book book = {0};
	enum err err = account_read(scope, name, &book);

	if (err == ERR_OK)
		*out = book.account;
	return err;
}

static enum err numbers_read(struct scope *scope, struct book *book)
{
	struct rows *rows;
	enum err err = scope_one(scope, cash_sql,
		BINDS(bind_int(":account", book->account)), &rows);

	if (err != ERR_OK)
		return err == ERR_NOT_FOUND ? ERR_INTERNAL : err;
	book->cash_seq = rows_int(rows, 0);
	book->cash = rows_int(rows, 1);
	rows_end(rows);
	err = scope_one(scope, fills_sql,
		BINDS(bind_int(":account", book->account)), &rows);
	if (err != ERR_OK)
		return err;
	book->fill_seq = rows_int(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

static enum err holdings_list(struct scope *scope, struct book *book)
{
	struct rows *rows;
	bool more;
	enum err err = scope_query(scope, holdings_sql,
		BINDS(bind_int(":account", book->account)), &rows);

	if (err != ERR_OK)
		return err;
	vector_init(
		&book->holdings, scope_arena(scope), sizeof(struct holding));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(struct holding *)vector_add(&book->holdings) =
			(struct holding){
				.symbol = rows_text(rows, 0),
				.quantity = rows_int(rows, 1),
				.cost = rows_int(rows, 2),
				.realised = rows_int(rows, 3),
				.fees = rows_int(rows, 4),
				.last_seq = rows_int(rows, 5),
			};
	rows_end(rows);
	return err;
}

/* A symbol that is gone keeps what was paid. */
static enum err quotes_read(struct scope *scope, struct book *book)
{
	struct holding *items = book->holdings.items;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < book->holdings.count; i++) {
		if (items[i].quantity == 0)
			continue;
		err = quote_read(scope, items[i].symbol, &items[i].quote);
		if (err == ERR_NOT_FOUND)
			err = ERR_OK;
	}
	return err;
}

static enum err holding_value(struct holding *holding)
{
	if (holding->quantity != 0 && holding->quote.known)
		return ledger_value(holding->quantity, holding->quote.price,
			&holding->value);
	holding->value = holding->quantity != 0 ? holding->cost : 0;
	return ERR_OK;
}

enum err book_value(struct book *book, const char *symbol, int64_t price)
{
	struct holding *items = book->holdings.items;
	int64_t equity = book->cash, exposure = 0;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < book->holdings.count; i++) {
		struct holding *holding = &items[i];

		if (price && text_equal(holding->symbol, symbol)) {
			holding->quote.known = true;
			holding->quote.price = price;
		}
		err = holding_value(holding);
		if (__builtin_add_overflow(equity, holding->value, &equity) ||
			__builtin_add_overflow(exposure,
				holding->value < 0 ? -holding->value
						   : holding->value,
				&exposure))
			return ERR_BAD_INPUT;
	}
	if (err != ERR_OK)
		return err;
	book->equity = equity;
	book->exposure = exposure;
	return ERR_OK;
}

static enum err book_fill_in(
	struct scope *scope, const struct limits *limits, struct book *book)
{
	enum err err = numbers_read(scope, book);

	book->rules = &limits->trade;
	book->costs = (struct ledger_costs){
		.fee_maker = limits->trade.fee_maker,
		.fee_taker = limits->trade.fee_taker,
		.spread = limits->trade.spread,
		.slippage = limits->trade.slippage,
		.step = 1,
	};
	if (err == ERR_OK)
		err = holdings_list(scope, book);
	if (err == ERR_OK)
		err = quotes_read(scope, book);
	return err == ERR_OK ? book_value(book, NULL, 0) : err;
}

enum err book_look(struct scope *scope, const struct limits *limits,
	const struct book_name *name, struct book *out)
{
	struct book book = {0};
	struct rows *rows;
	enum err err = account_read(scope, name, &book);

	if (err == ERR_OK)
		err = book_fill_in(scope, limits, &book);
	if (err != ERR_OK)
		return err;
	book.day_start = book.equity;
	err = scope_one(scope, day_sql,
		BINDS(bind_int(":account", book.account),
			bind_int(":day", book_day(scope))),
		&rows);
	if (err == ERR_OK) {
		book.day_start = rows_int(rows, 0);
		rows_end(rows);
	}
	if (err == ERR_OK || err == ERR_NOT_FOUND)
		*out = book;
	return err == ERR_NOT_FOUND ? ERR_OK : err;
}

void book_unopened(
	struct scope *scope, const struct limits *limits, struct book *out)
{
	const int64_t balance = limits->trade.start_balance;

	*out = (struct book){.rules = &limits->trade,
		.venue = order_venues[0],
		.start_balance = balance,
		.peak = balance,
		.cash = balance,
		.equity = balance,
		.day_start = balance};
	vector_init(&out->holdings, scope_arena(scope), sizeof(struct holding));
}

static enum err day_put(
	struct scope *scope, struct book *book, int64_t orders, int64_t denied)
{
	struct rows *rows;
	enum err err = scope_one(scope, day_put_sql,
		BINDS(bind_int(":account", book->account),
			bind_int(":day", book_day(scope)),
			bind_int(":equity", book->equity),
			bind_int(":orders", orders),
			bind_int(":denied", denied)),
		&rows);

	if (err != ERR_OK)
		return err;
	book->day_start = rows_int(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

/* What everybody has from the start. */
static bool is_first(const struct book_name *name)
{
	return !name->account && !name->run_id &&
	       text_equal(venue_of(name), order_venues[0]);
}

enum err book_open(struct scope *scope, const struct limits *limits,
	const struct book_name *name, struct book *out)
{
	struct book book = {0};
	enum err err = scope_run(scope, lock_sql, NO_BINDS, NULL);

	if (err == ERR_OK)
		err = account_read(scope, name, &book);
	if (err == ERR_NOT_FOUND && is_first(name)) {
		err = book_create(scope, name, limits->trade.start_balance);
		if (err == ERR_OK)
			err = account_read(scope, name, &book);
	}
	if (err == ERR_OK && book.closed) {
		report_detail(scope_report(scope), "This account is closed.");
		return ERR_CONFLICT;
	}
	if (err == ERR_OK)
		err = book_fill_in(scope, limits, &book);
	if (err == ERR_OK)
		err = day_put(scope, &book, 0, 0);
	if (err == ERR_OK)
		*out = book;
	return err;
}

enum err book_close(struct scope *scope, const struct book *book)
{
	return scope_run(scope, close_sql,
		BINDS(bind_int(":now", scope_now(scope)),
			bind_int(":account", book->account)),
		NULL);
}

enum err book_settle(struct scope *scope)
{
	return scope_run(scope, settle_sql,
		BINDS(bind_int(":now", scope_now(scope))), NULL);
}

enum err book_count(struct scope *scope, struct book *book, bool denied)
{
	return day_put(scope, book, 1, denied);
}

enum err book_mark(struct scope *scope, struct book *book)
{
	enum err err = day_put(scope, book, 0, 0);

	if (book->equity > book->peak)
		book->peak = book->equity;
	if (err == ERR_OK)
		err = scope_run(scope, peak_sql,
			BINDS(bind_int(":peak", book->peak),
				bind_int(":account", book->account)),
			NULL);
	if (err != ERR_OK)
		return err;
	return scope_run(scope, snapshot_sql,
		BINDS(bind_int(":account", book->account),
			bind_int(":at",
				scope_now(scope) / minute_ms * minute_ms),
			bind_int(":cash", book->cash),
			bind_int(":equity", book->equity),
			bind_int(":exposure", book->exposure)),
		NULL);
}

const struct holding *book_holding(
	const struct book *book, struct arena *arena, const char *symbol)
{
	const struct holding *items = book->holdings.items;
	struct holding *none;

	for (size_t i = 0; i < book->holdings.count; i++)
		if (text_equal(items[i].symbol, symbol))
			return &items[i];
	none = arena_alloc(arena, sizeof(*none));
	none->symbol = symbol;
	return none;
}
