/*
 * A book for its owner to read, the one by hand begun anew, and a position
 * closed. Must never show money that the fills do not say.
 */
#include "portfolio.h"

#include "book_private.h"
#include "live_private.h"
#include "page_private.h"
#include "totals_private.h"

static const char opened_sql[] =
	"SELECT opened_at FROM trade_accounts WHERE user_id = :owner"
	" AND account = :account";
static const char run_sql[] = "SELECT symbol FROM strategy_runs"
			      " WHERE user_id = :owner AND id = :run";
static const char history_sql[] =
	"SELECT e.at, e.cash, e.exposure, e.equity FROM equity_snapshots e"
	" WHERE e.user_id = :owner AND e.account = :account"
	" AND e.at >= :from AND e.at < :to"
	" ORDER BY e.at DESC LIMIT :limit";
/* One for each index that can lead, as with the orders. */
#define TRADES_BEGIN                                                    \
	"SELECT id, order_id, symbol, side, quantity, price, value,"    \
	" fee, realised, maker, candle_time, created_at, seq, account," \
	" venue_trade, fee_asset, fee_quantity FROM fills"              \
	" WHERE user_id = :owner AND id < :after"                       \
	" AND (account = :account OR :account = 0)"
#define TRADES_END " ORDER BY id DESC LIMIT :limit"
static const char trades_sql[] = TRADES_BEGIN TRADES_END;
static const char trades_symbol_sql[] =
	TRADES_BEGIN " AND symbol = :symbol" TRADES_END;
static const char trades_order_sql[] =
	TRADES_BEGIN " AND order_id = :order"
		     " AND symbol = coalesce(:symbol, symbol)" TRADES_END;
static const char trades_name[] = "trades";

static struct decimal shown(int64_t units)
{
	return decimal_trim(ledger_decimal(units));
}

/* ---- the account --------------------------------------------------------------- */

/* Of both signs: cost and quantity have the same. */
static int64_t average_of(const struct holding *holding)
{
	const int64_t sign = holding->quantity < 0 ? -1 : 1;

	if (holding->quantity == 0)
		return 0;
	return ledger_share(
		LEDGER_ONE, sign * holding->cost, sign * holding->quantity);
}

struct position_view position_view_of(
	struct arena *arena, const struct holding *holding)
{
	struct decimal *last = arena_alloc(arena, sizeof(*last));

	*last = shown(holding->quote.price);
	return (struct position_view){
		.symbol = holding->symbol,
		.side = holding->quantity > 0 ? "long" : "short",
		.quantity = shown(holding->quantity),
		.average_price = shown(average_of(holding)),
		.cost = shown(holding->cost),
		.value = shown(holding->value),
		.last_price = holding->quote.known ? last : NULL,
		.unrealised = shown(holding->value - holding->cost),
		.realised = shown(holding->realised),
		.fees = shown(holding->fees),
		.stale = holding->quote.stale || !holding->quote.known,
	};
}

static struct portfolio_view view_of(
	struct arena *arena, const struct book *book)
{
	const struct holding *items = book->holdings.items;
	struct position_view *positions =
		arena_array(arena, book->holdings.count, sizeof(*positions));
	int64_t realised = 0, unrealised = 0, fees = 0;
	size_t count = 0;

	for (size_t i = 0; i < book->holdings.count; i++) {
		realised += items[i].realised;
		fees += items[i].fees;
		unrealised += items[i].value - items[i].cost;
		if (items[i].quantity != 0)
			positions[count++] = position_view_of(arena, &items[i]);
	}
	return (struct portfolio_view){
		.venue = book->venue,
		.account = book->account,
		.run_id = book->run_id,
		.closed = book->closed,
		.start_balance = shown(book->start_balance),
		.cash = shown(book->cash),
		.exposure = shown(book->exposure),
		.equity = shown(book->equity),
		.realised = shown(realised),
		.unrealised = shown(unrealised),
		.fees = shown(fees),
		.day_change = shown(book->equity - book->day_start),
		.positions = {positions, count},
	};
}

static enum err opened_read(
	struct scope *scope, int64_t account, struct portfolio_view *view)
{
	struct rows *rows;
	enum err err = scope_one(
		scope, opened_sql, BINDS(bind_int(":account", account)), &rows);

	if (err != ERR_OK)
		return err;
	view->opened_at.ms = rows_int(rows, 0);
	rows_end(rows);
	return ERR_OK;
}

static enum err asset_read(struct scope *scope, const struct limits *limits,
	const struct book *book, const char **out)
{
	const char *symbol = NULL;
	struct rows *rows;
	enum err err = ERR_NOT_FOUND;

	if (book->run_id)
		err = scope_one(scope, run_sql,
			BINDS(bind_text(":run", book->run_id)), &rows);
	if (err == ERR_OK) {
		symbol = rows_text(rows, 0);
		rows_end(rows);
	}
	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	*out = totals_asset(book, symbol, limits);
	return ERR_OK;
}

/* An open one was read already: its prices are not looked up twice. */
static enum err book_of(struct scope *scope, const struct limits *limits,
	int64_t account, const struct list *open, struct book *out)
{
	const struct desk_open *items = open->items;

	for (size_t i = 0; i < open->count; i++) {
		const struct book *book = &items[i].book;

		if (account ? book->account == account
			    : !book->run_id && !live_is(book->venue)) {
			*out = *book;
			return ERR_OK;
		}
	}
	return book_look(scope, limits,
		&(const struct book_name){.account = account}, out);
}

static enum err view_read(struct scope *scope, const struct limits *limits,
	int64_t account, struct portfolio_view *out)
{
	struct portfolio_view view;
	struct book book;
	struct list open;
	enum err err = desk_open_read(scope, limits, &open);

	if (err == ERR_OK)
		err = book_of(scope, limits, account, &open, &book);
	if (err == ERR_NOT_FOUND && account == 0) {
		book_unopened(scope, limits, &book);
		err = ERR_OK;
	}
	if (err != ERR_OK)
		return err;
	view = view_of(scope_arena(scope), &book);
	view.opened_at.ms = scope_now(scope);
	if (book.account != 0)
		err = opened_read(scope, book.account, &view);
	if (err == ERR_OK)
		err = asset_read(scope, limits, &book, &view.asset);
	if (err == ERR_OK)
		err = totals_read(scope, limits, &open, &view.totals);
	if (err == ERR_OK)
		*out = view;
	return err;
}

enum err portfolio_get(struct scope *scope, const struct limits *limits,
	int64_t account, struct portfolio_view *out)
{
	bool begun = false;
	enum err err = scope_begin_read(scope, &begun);

	if (err == ERR_OK)
		err = view_read(scope, limits, account, out);
	if (begun)
		scope_rollback(scope);
	return err;
}

/* ---- lists ------------------------------------------------------------------------ */

enum err portfolio_history(
	struct scope *scope, const struct history_query *in, struct list *out)
{
	struct vector points;
	struct equity_view *items;
	struct rows *rows;
	int64_t account = 0;
	bool more;
	enum err err = book_number(scope,
		&(const struct book_name){.account = in->account}, &account);

	/* nothing was ever traded: an empty history */
	if (err == ERR_NOT_FOUND && in->account == 0)
		err = ERR_OK;
	if (err != ERR_OK)
		return err;
	err = scope_query(scope, history_sql,
		BINDS(bind_int(":account", account),
			bind_int(":from", in->from ? in->from->ms : 0),
			bind_int(":to", in->to ? in->to->ms : INT64_MAX),
			bind_int(":limit", in->limit)),
		&rows);

	if (err != ERR_OK)
		return err;
	vector_init(&points, scope_arena(scope), sizeof(struct equity_view));
	while ((err = rows_next(rows, &more)) == ERR_OK && more)
		*(struct equity_view *)vector_add(
			&points) = (struct equity_view){{rows_int(rows, 0)},
			shown(rows_int(rows, 1)), shown(rows_int(rows, 2)),
			shown(rows_int(rows, 3))};
	rows_end(rows);
	if (err != ERR_OK)
		return err;
	items = points.items;
	for (size_t i = 0; i < points.count / 2; i++) {
		const struct equity_view kept = items[i];

		items[i] = items[points.count - 1 - i];
		items[points.count - 1 - i] = kept;
	}
	*out = (struct list){points.items, points.count};
	return ERR_OK;
}

struct trade_item {
	struct trade_view view;
	struct timestamp candle_time;
	struct decimal fee_quantity;
	bool on_candle;
};

static const char *trade_read(const struct rows *rows, void *out, size_t *bytes)
{
	struct trade_item *item = out;

	*bytes += sizeof(*item);
	item->on_candle = !rows_is_null(rows, 10);
	item->candle_time.ms = rows_int(rows, 10);
	item->fee_quantity = shown(rows_int(rows, 16));
	item->view = (struct trade_view){
		.id = rows_text(rows, 0),
		.order_id = rows_text(rows, 1),
		.symbol = rows_text(rows, 2),
		.side = rows_text(rows, 3),
		.quantity = shown(rows_int(rows, 4)),
		.price = shown(rows_int(rows, 5)),
		.value = shown(rows_int(rows, 6)),
		.fee = shown(rows_int(rows, 7)),
		.realised = shown(rows_int(rows, 8)),
		.maker = rows_int(rows, 9),
		.time = {rows_int(rows, 11)},
		.seq = rows_int(rows, 12),
		.account = rows_int(rows, 13),
		.venue_trade_id = rows_text(rows, 14),
		.fee_asset = rows_text(rows, 15),
	};
	return item->view.id;
}

/* Pointers into the items only once these stay where they are. */
static void trades_show(struct arena *arena, struct page *page)
{
	const struct trade_item *items = page->data.items;
	struct trade_view *views =
		arena_array(arena, page->data.count, sizeof(*views));

	for (size_t i = 0; i < page->data.count; i++) {
		views[i] = items[i].view;
		if (items[i].on_candle)
			views[i].candle_time = &items[i].candle_time;
		if (views[i].fee_asset)
			views[i].fee_quantity = &items[i].fee_quantity;
	}
	page->data.items = views;
}

static enum err trades_query(struct scope *scope, const struct trade_query *in,
	const char *after, struct rows **out)
{
	const struct bind cursor = bind_text(":after", after);
	const struct bind account = bind_int(":account", in->account);
	const struct bind limit = bind_int(":limit", in->limit + 1);
	const struct bind symbol = bind_text(":symbol", in->symbol);

	if (in->order_id)
		return scope_query(scope, trades_order_sql,
			BINDS(cursor, account, limit, symbol,
				bind_text(":order", in->order_id)),
			out);
	if (in->symbol)
		return scope_query(scope, trades_symbol_sql,
			BINDS(cursor, account, limit, symbol), out);
	return scope_query(
		scope, trades_sql, BINDS(cursor, account, limit), out);
}

enum err trade_list(
	struct scope *scope, const struct trade_query *in, struct page *out)
{
	static const struct page_kind kind = {.list = trades_name,
		.size = sizeof(struct trade_item),
		.read = trade_read};
	const char *after = NULL;
	struct rows *rows;
	struct page page;
	enum err err = page_after_id(
		scope_report(scope), trades_name, in->cursor, &after);

	if (err == ERR_OK)
		err = trades_query(scope, in, after, &rows);
	if (err != ERR_OK)
		return err;
	err = page_read(scope_arena(scope), &kind, rows, in->limit, &page);
	if (err != ERR_OK)
		return err;
	trades_show(scope_arena(scope), &page);
	*out = page;
	return ERR_OK;
}

/* ---- begun anew -------------------------------------------------------------------- */

static enum err reset(
	struct scope *scope, const struct limits *limits, int64_t balance)
{
	static const struct book_name by_hand = {0};
	struct book book;
	struct list open;
	enum err err = book_open(scope, limits, &by_hand, &book);

	if (err == ERR_OK)
		err = orders_open(scope, book.account, NULL, &open);
	for (size_t i = 0; err == ERR_OK && i < open.count; i++) {
		struct order order = ((const struct order *)open.items)[i];

		err = order_end(
			scope, &order, ORDER_CANCELLED, CAUSE_RESET, "reset");
	}
	if (err == ERR_OK)
		err = book_close(scope, &book);
	return err == ERR_OK ? book_create(scope, &by_hand, balance) : err;
}

enum err portfolio_reset(struct scope *scope, const struct limits *limits,
	const struct decimal *balance, struct portfolio_view *out)
{
	struct portfolio_view view;
	int64_t units = limits->trade.start_balance;
	enum err err;

	if (balance &&
		(ledger_units(*balance, &units) != ERR_OK || units <= 0 ||
			units > PORTFOLIO_BALANCE_LIMIT *
					(int64_t)LEDGER_ONE)) {
		report_fault(scope_report(scope), "/balance",
			"must be above 0 and at most %d, with at most 8 digits "
			"behind the point",
			PORTFOLIO_BALANCE_LIMIT);
		return ERR_BAD_INPUT;
	}
	err = scope_begin(scope);
	if (err != ERR_OK)
		return err;
	err = reset(scope, limits, units);
	if (err == ERR_OK)
		err = view_read(scope, limits, 0, &view);
	err = scope_end(scope, err);
	if (err != ERR_OK)
		return err;
	*out = view;
	return ERR_OK;
}

enum err position_close(struct scope *scope, const struct limits *limits,
	const struct position_name *name, const struct order_from *from,
	struct order_view *out)
{
	struct book book;
	const struct holding *holding;
	int64_t quantity;
	struct order_new in = {.symbol = name->symbol,
		.type = order_types[MATCH_MARKET],
		.reduce_only = true};
	/* called again with its key there may be nothing left to close */
	enum err err = idempotency_find(scope, from->once);

	if (err != ERR_OK || (from->once && from->once->stored))
		return err;
	err = book_look(scope, limits,
		&(const struct book_name){.account = name->account}, &book);
	if (err != ERR_OK)
		return err;
	holding = book_holding(&book, scope_arena(scope), name->symbol);
	if (holding->quantity == 0)
		return ERR_NOT_FOUND;
	in.account = book.account;
	in.venue = book.venue;
	in.side = order_sides[holding->quantity > 0];
	quantity =
		holding->quantity > 0 ? holding->quantity : -holding->quantity;
	if (live_is(book.venue))
		err = live_round(scope, name->symbol, &quantity);
	if (err != ERR_OK)
		return err;
	in.quantity = ledger_decimal(quantity);
	/* changed meanwhile: reduce-only closes no more than there is */
	return order_place(scope, limits, &in, from, out);
}
