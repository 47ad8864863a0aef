/*
 * The book of an account at an exchange against the balances there. The first
 * look begins it; later ones find what came, went or was traded elsewhere.
 * Each difference is an order and a fill of the system at the last price, or
 * an entry of money, with its reason. Must never adjust while an order is on
 * its way, nor for a fill that is not booked yet.
 */
#include "exchange.h"

#include "book_private.h"
#include "id.h"
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

static const char opening[] = "opening_balance";
static const char deposit[] = "came_from_elsewhere";
static const char withdrawal[] = "went_elsewhere";

enum {
	DUST = 100 /* 0.000001: what roundings leave is let be */
};

struct compare {
	struct scope *scope;
	const struct limits *limits;
	const struct list *balances;
	struct book book;
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

static enum err order_make(const struct compare *c, const char *symbol,
	int64_t delta, struct order *out)
{
	struct scope *scope = c->scope;
	struct order order = {
		.id = id_new(scope_arena(scope), scope_now(scope)),
		.account = c->book.account,
		.symbol = symbol,
		.venue = c->book.venue,
		.source = ORDER_BY_SYSTEM,
		.type = MATCH_MARKET,
		.buys = delta > 0,
		.quantity = delta > 0 ? delta : -delta,
		.seen_until = scope_now(scope)};
	enum err err;

	order.client_order_id = order.id;
	err = order_begin(scope, &order);
	if (err == ERR_OK)
		*out = order;
	return err;
}

/* As if it were bought or sold at the last price; whoever did not buy it has
   the money back. */
static enum err asset_adjust(struct compare *c, const char *symbol,
	int64_t delta, const char *reason)
{
	const struct book_trade trade = {.id = NULL};
	struct book_fill fill = {
		.quantity = delta > 0 ? delta : -delta, .trade = &trade};
	struct order order, next;
	int64_t value;
	enum err err = price_of(c, symbol, &fill.price);

	if (err == ERR_OK && fill.price == 0)
		return ERR_OK;
	if (err == ERR_OK)
		err = order_make(c, symbol, delta, &order);
	if (err != ERR_OK)
		return err;
	next = order;
	next.state = ORDER_ACCEPTED;
	next.reason = reason;
	fill.seen_until = order.seen_until;
	err = order_move(c->scope, &order, &next, CAUSE_VENUE);
	if (err == ERR_OK)
		err = book_fill(c->scope, &c->book, &order, &fill);
	if (err == ERR_OK)
		err = ledger_value(fill.quantity, fill.price, &value);
	if (err == ERR_OK && !text_equal(reason, opening))
		err = book_adjust(
			c->scope, &c->book, reason, delta > 0 ? value : -value);
	c->difference.count++;
	return err;
}

static enum err asset_compare(
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

static enum err cash_compare(struct compare *c)
{
	int64_t delta;

	if (__builtin_sub_overflow(cash_there(c), c->book.cash, &delta))
		return ERR_BAD_INPUT;
	if (delta <= DUST && delta >= -DUST)
		return ERR_OK;
	c->difference.count++;
	return book_adjust(
		c->scope, &c->book, delta > 0 ? deposit : withdrawal, delta);
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
		err = assets_there(c);
	if (err == ERR_OK)
		err = assets_gone(c);
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
