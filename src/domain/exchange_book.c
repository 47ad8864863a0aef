/*
 * The book of an account at an exchange against the balances there. The first
 * look begins it; later ones find what came, went or was traded elsewhere.
 * Each difference is an order and a fill of the system at the last price, or
 * an entry of money, with its reason. Must never adjust while an order is on
 * its way, nor for a fill that is not booked yet.
 */
#include "exchange.h"

#include "book_private.h"
#include "book_run_private.h"
#include "text.h"

static const char mark_sql[] =
	"SELECT (SELECT COUNT(*) FROM fills f WHERE f.user_id = :owner"
	" AND f.venue_trade IS NOT NULL), (SELECT COUNT(*) FROM outbox b"
	" WHERE b.user_id = :owner), (SELECT COUNT(*) FROM outbox c"
	" WHERE c.user_id = :owner AND c.state IN ('queued', 'sending',"
	" 'unknown'))";
static const char compared_sql[] =
	"UPDATE exchange_keys SET compared_at = :now WHERE user_id = :owner"
	" AND venue = 'binance'";

static const char shares_sql[] =
	"SELECT a.account, a.run_id, r.state, '', (SELECT c.balance"
	" FROM cash_entries c WHERE c.user_id = :owner"
	" AND c.account = a.account ORDER BY c.seq DESC LIMIT 1)"
	" FROM trade_accounts a JOIN strategy_runs r"
	" ON r.user_id = a.user_id AND r.id = a.run_id"
	" WHERE a.user_id = :owner AND a.venue = 'binance'"
	" AND a.closed_at IS NULL";
static const char held_sql[] =
	"SELECT a.account, a.run_id, r.state, p.symbol, p.quantity"
	" FROM trade_accounts a JOIN strategy_runs r"
	" ON r.user_id = a.user_id AND r.id = a.run_id JOIN positions p"
	" ON p.user_id = a.user_id AND p.account = a.account"
	" WHERE a.user_id = :owner AND a.venue = 'binance'"
	" AND a.closed_at IS NULL AND p.quantity <> 0";

static const char opening[] = "opening_balance";
static const char deposit[] = "came_from_elsewhere";
static const char withdrawal[] = "went_elsewhere";

enum {
	DUST = 100 /* 0.000001: what roundings leave is let be */
};

/* What a strategy's book holds; symbol NULL: its money. */
struct share {
	int64_t account;
	const char *run_id, *symbol;
	bool running;
	int64_t quantity;
};
struct compare {
	struct scope *scope;
	const struct limits *limits;
	const struct list *balances;
	struct book book;
	struct share *shares; /* of the strategies at work there */
	size_t share_count;
	struct exchange_difference difference;
};

enum err exchange_mark(struct scope *scope, struct exchange_mark *out)
{
	struct rows *rows;
	enum err err = scope_one(scope, mark_sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	*out = (struct exchange_mark){
		rows_int(rows, 0), rows_int(rows, 1), rows_int(rows, 2) > 0};
	rows_end(rows);
	return ERR_OK;
}

/* ---- what is there ------------------------------------------------------------- */

static const char *symbol_of(const struct compare *c, const char *asset)
{
	return arena_format(
		scope_arena(c->scope), "%s-%s", asset, c->limits->live.quote);
}

static bool is_cash(const struct compare *c, const char *asset)
{
	return text_equal(asset, c->limits->live.quote);
}

static int64_t cash_there(const struct compare *c)
{
	const struct exchange_balance *items = c->balances->items;
	int64_t cash = 0;

	for (size_t i = 0; i < c->balances->count; i++)
		if (is_cash(c, items[i].asset))
			cash = items[i].amount;
	return cash;
}

static enum err price_of(
	const struct compare *c, const char *symbol, int64_t *out)
{
	struct quote quote = {0};
	enum err err = quote_read(c->scope, symbol, &quote);

	if (err != ERR_OK && err != ERR_NOT_FOUND)
		return err;
	*out = err == ERR_OK && quote.known ? quote.price : 0;
	return ERR_OK;
}

/* ---- adjusting ------------------------------------------------------------------ */

static enum err asset_adjust(struct compare *c, const char *symbol,
	int64_t delta, const char *reason)
{
	const struct book_move move = {.symbol = symbol,
		.quantity = delta,
		.reason = reason,
		.began = text_equal(reason, opening)};
	bool moved = false;
	enum err err = book_shift(c->scope, &c->book, &move, &moved);

	c->difference.count += moved;
	return err;
}

/* ---- what strategies hold there ---------------------------------------------------- */

static enum err shares_add(
	struct compare *c, const char *sql, struct vector *shares)
{
	struct rows *rows;
	bool more;
	enum err err = scope_query(c->scope, sql, NO_BINDS, &rows);

	if (err != ERR_OK)
		return err;
	while ((err = rows_next(rows, &more)) == ERR_OK && more) {
		const char *symbol = rows_text(rows, 3);

		*(struct share *)vector_add(shares) =
			(struct share){.account = rows_int(rows, 0),
				.run_id = rows_text(rows, 1),
				.running = text_equal(rows_text(rows, 2),
					strategy_run_states[0]),
				.symbol = *symbol ? symbol : NULL,
				.quantity = rows_int(rows, 4)};
	}
	rows_end(rows);
	return err;
}

static enum err shares_read(struct compare *c)
{
	struct vector shares;
	enum err err;

	vector_init(&shares, scope_arena(c->scope), sizeof(struct share));
	err = shares_add(c, shares_sql, &shares);
	if (err == ERR_OK)
		err = shares_add(c, held_sql, &shares);
	c->shares = shares.items;
	c->share_count = shares.count;
	return err;
}

/* symbol NULL: money. */
static bool is_of(const struct share *share, const char *symbol)
{
	return symbol ? share->symbol && text_equal(share->symbol, symbol)
		      : !share->symbol;
}

static int64_t shares_sum(const struct compare *c, const char *symbol)
{
	const struct share *items = c->shares;
	int64_t sum = 0;

	for (size_t i = 0; i < c->share_count; i++)
		if (is_of(&items[i], symbol))
			sum += items[i].quantity;
	return sum;
}

static enum err share_take(
	struct compare *c, struct share *share, int64_t *missing)
{
	const int64_t taken =
		share->quantity < *missing ? share->quantity : *missing;
	const struct book_name name = {.account = share->account};
	const struct book_move move = {.symbol = share->symbol,
		.quantity = -taken,
		.reason = withdrawal};
	struct book book;
	bool moved = false;
	enum err err = book_open(c->scope, c->limits, &name, &book);

	if (err == ERR_OK)
		err = book_shift(c->scope, &book, &move, &moved);
	if (err == ERR_OK)
		err = book_mark(c->scope, &book);
	share->quantity -= taken;
	*missing -= taken;
	c->difference.count += moved;
	return err;
}

/*
 * Less is there than strategies believe to hold: those that run end, and are
 * told; what one that is over believes is brought to what is there.
 */
static enum err shares_lack(
	struct compare *c, const char *symbol, int64_t missing)
{
	struct share *items = c->shares;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < c->share_count; i++) {
		if (!is_of(&items[i], symbol) || items[i].quantity <= 0)
			continue;
		if (items[i].running)
			err = run_end(c->scope, items[i].run_id,
				strategy_run_states[2],
				arena_format(scope_arena(c->scope),
					"binance has less %s than it "
					"believes; position and orders stay "
					"as they are",
					symbol ? symbol
					       : c->limits->live.quote));
		else if (symbol && missing > 0)
			err = share_take(c, &items[i], &missing);
	}
	return err;
}

/* ---- one asset ---------------------------------------------------------------------- */

/* What is the account's own, of that much. */
static enum err own_compare(
	struct compare *c, const char *symbol, int64_t there)
{
	const struct holding *holding =
		book_holding(&c->book, scope_arena(c->scope), symbol);
	int64_t delta;

	if (__builtin_sub_overflow(there, holding->quantity, &delta))
		return ERR_BAD_INPUT;
	if (delta <= DUST && delta >= -DUST)
		return ERR_OK;
	if (c->difference.opened)
		return asset_adjust(c, symbol, delta, opening);
	return asset_adjust(c, symbol, delta, delta > 0 ? deposit : withdrawal);
}

static enum err asset_compare(
	struct compare *c, const char *symbol, int64_t there)
{
	const int64_t shared = shares_sum(c, symbol);
	enum err err = ERR_OK;

	if (there < shared - DUST)
		err = shares_lack(c, symbol, shared - there);
	return err ? err
		   : own_compare(
			     c, symbol, there > shared ? there - shared : 0);
}

static enum err cash_compare(struct compare *c)
{
	const int64_t shared = shares_sum(c, NULL);
	int64_t delta;
	enum err err = ERR_OK;

	if (__builtin_sub_overflow(cash_there(c), shared, &delta) ||
		__builtin_sub_overflow(delta, c->book.cash, &delta))
		return ERR_BAD_INPUT;
	if (delta > DUST || delta < -DUST) {
		c->difference.count++;
		err = book_adjust(c->scope, &c->book,
			delta > 0 ? deposit : withdrawal, delta);
	}
	return err == ERR_OK && c->book.cash < -DUST
		       ? shares_lack(c, NULL, -c->book.cash)
		       : err;
}

static enum err is_tracked(struct compare *c, const char *symbol, bool *out)
{
	int64_t price = 0;
	enum err err = price_of(c, symbol, &price);

	*out = price > 0;
	return err;
}

static enum err assets_there(struct compare *c)
{
	const struct exchange_balance *items = c->balances->items;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < c->balances->count; i++) {
		const char *symbol = symbol_of(c, items[i].asset);
		bool tracked = false;

		if (is_cash(c, items[i].asset))
			continue;
		err = is_tracked(c, symbol, &tracked);
		if (err == ERR_OK && tracked)
			err = asset_compare(c, symbol, items[i].amount);
		c->difference.untracked += !tracked;
	}
	return err;
}

/* What the book holds and the exchange does not name is gone. */
static enum err assets_gone(struct compare *c)
{
	const struct exchange_balance *there = c->balances->items;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < c->book.holdings.count; i++) {
		const struct holding *held =
			(const struct holding *)c->book.holdings.items + i;
		bool named = held->quantity == 0;

		for (size_t k = 0; k < c->balances->count; k++)
			named |= text_equal(
				held->symbol, symbol_of(c, there[k].asset));
		if (!named)
			err = asset_compare(c, held->symbol, 0);
	}
	return err;
}

/* The same of what only strategies hold. */
static enum err shares_gone(struct compare *c)
{
	const struct exchange_balance *there = c->balances->items;
	const struct share *items = c->shares;
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < c->share_count; i++) {
		bool named = !items[i].symbol || items[i].quantity <= 0;

		for (size_t k = 0; !named && k < c->balances->count; k++)
			named = text_equal(
				items[i].symbol, symbol_of(c, there[k].asset));
		if (!named)
			err = asset_compare(c, items[i].symbol, 0);
	}
	return err;
}

/* ---- the first look -------------------------------------------------------------- */

static enum err total_there(const struct compare *c, int64_t *out)
{
	const struct exchange_balance *items = c->balances->items;
	int64_t total = cash_there(c);
	enum err err = ERR_OK;

	for (size_t i = 0; err == ERR_OK && i < c->balances->count; i++) {
		int64_t price = 0, value = 0;

		if (is_cash(c, items[i].asset) || items[i].amount <= DUST)
			continue;
		err = price_of(c, symbol_of(c, items[i].asset), &price);
		if (err == ERR_OK && price > 0)
			err = ledger_value(items[i].amount, price, &value);
		if (__builtin_add_overflow(total, value, &total))
			return ERR_BAD_INPUT;
	}
	if (err == ERR_OK)
		*out = total;
	return err;
}

static enum err book_begin(struct compare *c, const struct book_name *name)
{
	int64_t total = 0;
	enum err err = total_there(c, &total);

	if (err == ERR_OK)
		err = book_create(c->scope, name, total);
	if (err == ERR_OK)
		err = book_open(c->scope, c->limits, name, &c->book);
	c->difference.opened = err == ERR_OK;
	return err;
}

static enum err unmoved(struct scope *scope, const struct exchange_mark *before)
{
	struct exchange_mark now;
	enum err err = exchange_mark(scope, &now);

	if (err != ERR_OK)
		return err;
	return now.busy || now.fills != before->fills ||
			       now.orders != before->orders
		       ? ERR_CONFLICT
		       : ERR_OK;
}

static enum err compare(struct compare *c, const struct exchange_mark *mark)
{
	static const struct book_name name = {.venue = "binance"};
	enum err err = unmoved(c->scope, mark);

	if (err != ERR_OK)
		return err;
	err = book_open(c->scope, c->limits, &name, &c->book);
	if (err == ERR_NOT_FOUND)
		err = book_begin(c, &name);
	if (err == ERR_OK)
		err = shares_read(c);
	if (err == ERR_OK)
		err = assets_there(c);
	if (err == ERR_OK)
		err = assets_gone(c);
	if (err == ERR_OK)
		err = shares_gone(c);
	if (err == ERR_OK)
		err = cash_compare(c);
	if (err == ERR_OK && c->difference.count > 0)
		err = book_mark(c->scope, &c->book);
	if (err != ERR_OK)
		return err;
	return scope_run(c->scope, compared_sql,
		BINDS(bind_int(":now", scope_now(c->scope))), NULL);
}

enum err exchange_compare(struct scope *scope, const struct limits *limits,
	const struct exchange_mark *mark, const struct list *balances,
	struct exchange_difference *out)
{
	struct compare c = {
		.scope = scope, .limits = limits, .balances = balances};
	enum err err = scope_begin(scope);

	if (err != ERR_OK)
		return err;
	err = compare(&c, mark);
	err = scope_end(scope, err);
	if (err != ERR_OK)
		return err;
	*out = c.difference;
	return ERR_OK;
}
